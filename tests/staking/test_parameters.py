"""Terms of cycles (module and vault), deposit limits, and who may set them."""

import pytest
from ape import reverts
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.isolation import isolated

from .staking_model import CYCLE, DAY, WAD

TERMS = (7 * DAY, WAD, 3_000)
BOUNDS = [
    ((DAY - 1, WAD, 3_000), "window out of bounds"),
    ((15 * DAY + 1, WAD, 3_000), "window out of bounds"),
    ((7 * DAY, 10_000 * WAD + 1, 3_000), "minimum out of bounds"),
    ((7 * DAY, WAD, 9_001), "floor out of bounds"),
]
terms = st.tuples(st.integers(DAY, 15 * DAY), st.integers(0, 10_000 * WAD), st.integers(0, 9_000))


@pytest.fixture(scope="module")
def module(stage, project, accounts):
    """cycle_terms on its own, with the vault's first terms."""
    return accounts[0].deploy(project.CycleTermsHarness, TERMS)


def read(module, cycle):
    found = module.terms_of(cycle)
    return found.window, found.minimum, found.reserve_floor_bps


def stored(terms):
    """As stored: the minimum in units of 1e9 share wei, down."""
    window, minimum, floor = terms
    return window, minimum // 10**9 * 10**9, floor


def test_terms__from_the_start__hold_in_any_cycle(module):
    assert read(module, 0) == read(module, 10**6) == TERMS


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), terms), min_size=1, max_size=5))
def test_schedule__any_sequence__binds_two_cycles_later_and_replaces_what_is_not_yet_in_force(
    chain, stage, module, alice, changes
):
    cycle, current, due, following = 0, TERMS, None, TERMS
    with isolated():
        for wait, scheduled in changes:
            cycle += wait
            if due is not None and cycle >= due:
                current = following
            stage.send(alice, module.schedule, scheduled, cycle)
            due, following = cycle + 2, stored(scheduled)
            for ahead in range(4):
                assert read(module, cycle + ahead) == (current if ahead < 2 else following)


def test_schedule__at_the_bounds_and_a_late_cycle__is_kept(module, alice):
    widest = (15 * DAY, 10_000 * WAD, 9_000)
    module.schedule(widest, 2**24 - 3, sender=alice)
    assert read(module, 2**24 - 2) == TERMS
    assert read(module, 2**24 - 1) == widest


@pytest.mark.parametrize(("wrong", "reason"), BOUNDS)
def test_schedule__out_of_bounds__reverts(vault, governor, wrong, reason):
    with reverts(reason):
        vault.schedule_parameters(*wrong, sender=governor)


def test_schedule__in_the_vault__counts_from_the_running_cycle(stage, governor):
    vault = stage.vault
    stage.next_cycle(CYCLE + DAY)  # two cycles that nobody has settled
    cycle = stage.cycle
    tx = vault.schedule_parameters(2 * DAY, 5 * WAD + 10**9 - 1, 100, sender=governor)
    assert vault.ParametersScheduled(
        from_cycle=cycle + 2, window=2 * DAY, minimum=5 * WAD, reserve_floor_bps=100
    ) in list(tx.events)
    assert tuple(vault.parameters(cycle + 1)) == TERMS
    assert tuple(vault.parameters(cycle + 2)) == (2 * DAY, 5 * WAD, 100)


def test_schedule__by_anyone_else__reverts(vault, guardian):
    with reverts("not governor"):
        vault.schedule_parameters(*TERMS, sender=guardian)


def test_cycles__start_at_the_midnight_of_deployment(vault, stage):
    assert vault.cycle_start(0) % DAY == 0
    assert 0 <= stage.now - vault.cycle_start(0) < CYCLE
    assert vault.cycle_start(7) - vault.cycle_start(0) == 7 * CYCLE
    assert vault.summary().cycle == 0


# deposit limits


def test_deposit_limits__set_by_governor__both_ways(vault, governor):
    for cap, paused in ((5, True), (2**48 - 1, False), (0, False)):
        tx = vault.set_deposit_limits(cap, paused, sender=governor)
        assert tx.events == [vault.DepositLimitsSet(cap=cap, paused=paused)]
        assert tuple(vault.deposit_limits()) == (cap, paused)


def test_deposit_limits__leave_the_portfolio_attached(vault, stage, governor):
    vault.set_deposit_limits(2**48 - 1, True, sender=governor)
    assert vault.portfolio() == stage.portfolio


@pytest.mark.parametrize("change", [(99, False), (100, True), (0, True)])
def test_deposit_limits__tightened_by_guardian(vault, governor, guardian, change):
    vault.set_deposit_limits(100, False, sender=governor)
    vault.set_deposit_limits(*change, sender=guardian)
    assert tuple(vault.deposit_limits()) == change


@pytest.mark.parametrize("change", [(101, True), (100, False), (50, False)])
def test_deposit_limits__loosened_by_guardian__reverts(vault, governor, guardian, change):
    vault.set_deposit_limits(100, True, sender=governor)
    with reverts("guardian may only tighten"):
        vault.set_deposit_limits(*change, sender=guardian)


def test_deposit_limits__by_anyone_else__reverts(vault, compliance):
    with reverts("not guardian"):
        vault.set_deposit_limits(0, True, sender=compliance)
