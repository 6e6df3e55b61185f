"""vesting: one linear stream, against exact fractions; then the vault's share price under gains."""

from fractions import Fraction

import pytest
from ape import reverts
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.isolation import isolated

from .staking_model import DAY, TICKS, VIRTUAL, WAD, Stream

K = 1_000 * WAD
WEEK = 7 * DAY


@pytest.fixture(scope="module")
def deployed(stage, project, accounts):
    return accounts[0].deploy(project.VestingHarness)


@pytest.fixture
def stream(deployed, stage, alice):
    """A stream that is driven at given seconds: top_up(t, gain, period), absorb(t, loss), unvested(t)."""

    class Driven:
        end = property(lambda _: deployed.end())

        def top_up(self, t, gain, period=WEEK):
            stage.send(alice, deployed.top_up, gain, period, at=t)

        def absorb(self, t, loss):
            stage.at(t)
            return deployed.absorb(loss, sender=alice).return_value

        def unvested(self, t):
            return deployed.unvested_up(t)

    return Driven()


@pytest.fixture
def now(stage):
    return stage.now + 100


def test_unvested__without_a_stream__is_zero(stream, now):
    assert stream.unvested(now) == 0


def test_unvested__falls_linearly_rounded_up(stream, now):
    stream.top_up(now, 10 * WAD + 1)
    for t in (0, 1, 77_777, WEEK - 1):
        exact = (10 * WAD + 1) * Fraction(WEEK - t, WEEK)
        assert exact <= stream.unvested(now + t) < exact + 1
    assert stream.unvested(now + WEEK) == stream.unvested(now + 10 * WEEK) == 0


def test_top_up__while_the_last_vests__keeps_the_centre_of_mass(stream, now):
    stream.top_up(now, 6 * WAD)
    stream.top_up(now + 3 * DAY, 12 * WAD, 10 * DAY)
    left = 6 * WAD * Fraction(4, 7)
    assert left + 12 * WAD <= stream.unvested(now + 3 * DAY) <= left + 12 * WAD + 1
    rest = Fraction(4 * DAY * left + 10 * DAY * 12 * WAD, left + 12 * WAD)
    end = (now + 3 * DAY + rest) * TICKS
    assert end - 2 <= stream.end <= end


def test_top_up__of_nothing__changes_nothing(stream, now):
    stream.top_up(now, 7 * WAD)
    before = stream.end, stream.unvested(now + 5 * DAY)
    stream.top_up(now + DAY, 0)
    assert (stream.end, stream.unvested(now + 5 * DAY)) == before


def test_top_up__in_every_second_of_an_hour__rounds_the_end_by_less_than_a_millisecond(
    stream, deployed, stage, now, alice
):
    stream.top_up(now, 7 * WAD)
    # a thousand gains of a wei: each moves the end by a dust, and rounds by less than 2^-24 s
    stage.send(alice, deployed.top_up_often, 1, WEEK, 1_000, at=now + DAY)
    assert (now + WEEK) * TICKS - 1_000 <= stream.end <= (now + WEEK) * TICKS + TICKS // 1_000


def test_top_up__beyond_128_bits__reverts(deployed, alice):
    with reverts("vesting overflow"):
        deployed.top_up(2**128, WEEK, sender=alice)


def test_absorb__part__leaves_the_rest_with_the_same_end(stream, now):
    stream.top_up(now, 7 * WAD)
    end = stream.end
    assert stream.absorb(now + 2 * DAY, 3 * WAD) == 3 * WAD
    assert stream.end == end
    assert stream.unvested(now + 2 * DAY) == 2 * WAD
    assert stream.unvested(now + 2 * DAY + 60 * 60 * 60) == WAD  # halfway through the five days left


def test_absorb__more_than_there_is__empties_the_stream(stream, now):
    stream.top_up(now, 7 * WAD)
    assert stream.absorb(now + 2 * DAY, 9 * WAD) == 5 * WAD
    assert stream.unvested(now + 2 * DAY) == 0
    assert stream.absorb(now + 3 * DAY, WAD) == 0


def test_clear__forgets_the_stream(stream, deployed, now, alice):
    stream.top_up(now, 7 * WAD)
    deployed.clear(sender=alice)
    assert stream.unvested(now + 1) == 0


steps = st.lists(
    st.tuples(
        st.integers(1, 20 * DAY),
        st.sampled_from(["top_up", "absorb"]),
        st.integers(0, 90).flatmap(lambda bits: st.integers(0, 2**bits)),
        st.integers(DAY, 90 * DAY),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(steps)
def test_stream__any_gains_and_losses__is_the_models_and_loses_nothing(chain, stage, deployed, alice, steps):
    model, t = Stream(), stage.now + 100
    put = taken = 0
    with isolated():
        for wait, act, amount, period in steps:
            t += wait
            before = model.unvested(t)
            if act == "top_up":
                stage.send(alice, deployed.top_up, amount, period, at=t)
                model.top_up(t, amount, period)
                put += amount
                assert model.unvested(t) == before + amount
            else:
                stage.send(alice, deployed.absorb, amount, at=t)
                taken += model.absorb(t, amount)
            for later in (0, 1, wait):
                assert stage.read(deployed.unvested_up, t + later)[0] == model.unvested(t + later)
            assert model.unvested(t) <= put - taken + 1
        # the stream ends no later than the longest period after the last change
        assert model.unvested(t + 90 * DAY) == 0


# in the vault


def test_vault__gain__reaches_the_price_over_the_vesting_period(stage, alice):
    stage.deposit(alice, 100 * K)
    t = stage.repay(alice, 7 * K, 0, 7 * K)
    for days in (0, 1, 6, 7, 8):
        stage.go(t + days * DAY)
        summary = stage.summary()
        vested = min(days, 7) * K
        assert summary.unvested == 7 * K - vested
        assert summary.exit_assets == 100 * K + vested
        assert summary.deposit_assets == 107 * K


def test_vault__period_changed__applies_to_later_gains_only(stage, alice, governor):
    stage.deposit(alice, 100 * K)
    t = stage.repay(alice, 7 * K, 0, 7 * K)
    tx = stage.vault.set_vesting_period(DAY, sender=governor)
    assert tx.events == [stage.vault.VestingPeriodSet(period=DAY)]
    stage.go(t + 6 * DAY)
    assert stage.summary().unvested == K
    t = stage.repay(alice, 99 * K, 0, 99 * K, at=t + 6 * DAY)
    stage.go(t + 2 * DAY)
    assert stage.summary().unvested == 0
    # the virtual shares have their part of the gain
    assert stage.worth(100 * K) == 100 * K * (206 * K + VIRTUAL) // (100 * K + VIRTUAL)


@pytest.mark.parametrize("period", [DAY - 1, 90 * DAY + 1])
def test_vault__period_out_of_bounds__reverts(vault, governor, period):
    with reverts("period out of bounds"):
        vault.set_vesting_period(period, sender=governor)


@pytest.mark.parametrize("period", [DAY, 90 * DAY])
def test_vault__period_at_a_bound__is_accepted(vault, governor, period):
    vault.set_vesting_period(period, sender=governor)
    assert vault.vesting_period() == period


def test_vault__period_by_anyone_else__reverts(vault, guardian):
    with reverts("not governor"):
        vault.set_vesting_period(DAY, sender=guardian)
