"""Exit NAV has no steps: what one transaction moves it by, for each way to act on the vault (RC5, RC0).

A price here is what 1,000 shares are worth, seen in the same second by a call on the state before and after.
"""

from fractions import Fraction

import pytest

from .staking_model import DAY, VIRTUAL, WAD

K = 1_000 * WAD
BP = Fraction(1, 10_000)
#: Of the exit price, by one transaction of an account without a role.
LIMIT = 10 * BP


@pytest.fixture
def full(stage, alice, bob, carol):
    """100,000 shares, a book of 40,000 marked to 35,000; 700 of profit, 900 of releases, 3,000 of insurance.

    Everything stands still but the streams, and those for a second move less than a thousandth of a bp.
    """
    stage.next_cycle(3_600)
    stage.deposit(alice, 60 * K)
    stage.deposit(bob, 40 * K)
    stage.fund(50 * K)
    stage.impair(5_900 * WAD)
    stage.send(alice, stage.insurance.contribute, 3 * K)
    stage.send(alice, stage.portfolio.pay_releasing, 10_700 * WAD, 10 * K, 700 * WAD, 900 * WAD, 10 * DAY)
    return stage


def price(stage):
    """Exit price of a share, exact."""
    summary = stage.summary()
    return Fraction(summary.exit_assets + VIRTUAL, summary.supply + VIRTUAL)


def step_of(stage, act):
    """By what part of itself the exit price moves while `act` happens."""
    before = price(stage)
    act()
    return price(stage) / before - 1


#: What a second or two of vesting moves, at most.
DRIFT = Fraction(1, 10**7)


def test_rc5__whatever_a_stranger_does__moves_the_exit_price_by_less_than_10_bp(full, alice, bob, mallory):
    """Requests, cancellations, claims, transfers, gifts, insurance, settlements."""
    stage, vault = full, full.vault
    acts = {
        "request": lambda: stage.request(alice, 50 * K),
        "request more": lambda: stage.request(bob, 39 * K),
        "cancel": lambda: stage.cancel(alice),
        "request again": lambda: stage.request(alice, 30 * K),
        "transfer": lambda: stage.send(bob, vault.transfer, alice, K),
        "gift": lambda: stage.donate(alice, 50 * K),
        "insure": lambda: stage.send(alice, stage.insurance.contribute, 50 * K),
        "sync": stage.sync,
        "settle": lambda: stage.next_cycle() and stage.sync(),
        "claim": lambda: stage.claim(bob),
        "claim more": lambda: stage.claim(alice),
    }
    moved = {}
    for name, act in acts.items():
        if name == "settle":  # to the second before, so that only the settlement is seen
            stage.go(stage.start(stage.cycle + 1) - 1)
        moved[name] = step_of(stage, act)
    # 50,000 of 100,000 shares: 9 bp of half
    assert moved.pop("cancel") == pytest.approx(float(BP * 45 / 10), rel=1e-3)
    assert {name: float(step) for name, step in moved.items() if abs(step) > DRIFT} == {}
    assert Fraction(9, 10_000 - 9) < LIMIT


@pytest.mark.parametrize("amount", [K, 100 * K, 700 * K])
def test_rc0__deposit__lifts_the_exit_price_by_the_entry_fee_and_nothing_else(full, alice, amount):
    """D = 100,700 to buy, E = 94,100 to sell: (1 + A/E) / (1 + A/D) - 1, whoever comes."""
    summary = full.summary()
    buys, sells = summary.deposit_assets, summary.exit_assets
    assert buys == 100_700 * WAD
    assert sells == pytest.approx(94_100 * WAD, rel=1e-6)  # less 5,000, 700 and 900
    moved = step_of(full, lambda: full.deposit(alice, amount))
    expected = (1 + Fraction(amount, sells)) / (1 + Fraction(amount, buys)) - 1
    assert float(moved) == pytest.approx(float(expected), abs=float(2 * DRIFT))


def test_rc0__deposit_after_a_gain__earns_nothing_of_it(full, mallory, alice):
    """All that is on its way when he comes is in what he pays: he has his money back when it has come."""
    full.send(alice, full.aid.transfer, mallory, 100 * K)
    full.send(mallory, full.aid.approve, full.vault, 100 * K)
    full.deposit(mallory, 100 * K)
    assert full.worth(full.shares(mallory)) < 97_500 * WAD
    full.impair(0)
    full.go(full.now + 40 * DAY)
    assert full.worth(full.shares(mallory)) <= 100 * K


def test_rc5__payment_that_cures__lifts_nothing_at_once(full, alice):
    """A buyer of cheap shares who pays off the late deal himself waits for the cure days like all."""
    pay = full.portfolio.pay_releasing
    moved = step_of(full, lambda: full.send(alice, pay, 20 * K, 20 * K, 0, 5 * K, 10 * DAY))
    assert abs(moved) <= DRIFT


def test_rc5__resolution_with_cover__lifts_nothing_at_once(full, people):
    """40,000 marked to 35,000 bring 36,000: profit and insurance bear 3,700 of the loss of 4,000.

    300 are lost, which were in the price.
    """
    moved = step_of(full, lambda: full.send(people.alice, full.portfolio.default_and_resolve, 36 * K))
    assert abs(moved) <= DRIFT
    assert full.summary().releasing == pytest.approx((900 + 1_000 + 700 + 3_000) * WAD, rel=1e-4)
    full.go(full.now + 40 * DAY)
    # what is there: 50,000 + 10,700 + 36,000 of AID and 3,000 of insurance
    assert full.summary().exit_assets == 99_700 * WAD


def test_rc5__late_recovery__lifts_nothing_before_the_cycles_end(full, alice):
    moved = step_of(full, lambda: full.send(alice, full.portfolio.recover, 50 * K, 0))
    assert abs(moved) <= DRIFT


def test_rc5__leavers_and_stayers__get_the_same_price_at_a_settlement(full, alice, bob):
    """What vests stays with those who stay; the price is the same to a wei a share on both sides of it."""
    full.request(bob, 40 * K)
    full.next_cycle()
    paid = full.position(bob).claim_assets
    assert Fraction(paid, 40 * K) <= price(full) <= Fraction(paid + 1, 40 * K) + Fraction(1, 10**9)
