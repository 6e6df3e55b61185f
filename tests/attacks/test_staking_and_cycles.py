"""Attacks S1–S8 of the catalogue: inflation, donations, sandwiches and the timing of requests."""

import pytest
from ape import reverts

from tests.staking.driver import Stage
from tests.staking.staking_model import CYCLE, DAY, VIRTUAL, WAD, WINDOW, StakingModel, fill

USDC = 10**6
K = 1_000 * WAD


@pytest.fixture(scope="module")
def stage(chain, project, protocol, people, governor, compliance, alice, bob, carol, dave, mallory):
    """Nobody has staked; alice, bob and mallory each have AID."""
    stage = Stage.build(chain, project, protocol, people, "alice bob carol", 900_000 * USDC)
    stage.send(people.carol, stage.aid.transfer, people.mallory, 800_000 * WAD)
    for spender in (stage.vault, stage.portfolio):
        stage.send(people.mallory, stage.aid.approve, spender, 2**256 - 1)
    return stage


@pytest.fixture
def staked(stage, alice):
    """alice has staked 100,000 at a price of 1, at the start of a cycle."""
    stage.next_cycle(3_600)
    stage.deposit(alice, 100 * K)
    return stage


@pytest.fixture
def lent(staked):
    """60,000 of the 100,000 are lent out."""
    staked.fund(60 * K)
    return staked


def price(stage) -> tuple[int, int]:
    """What an exit and a deposit of a million shares is worth."""
    vault = stage.vault
    return stage.worth(10**6 * WAD), stage.read(vault.previewMint, 10**6 * WAD)[0]


def test_s1__donation_onto_a_first_wei__takes_nothing_from_the_next(stage, alice, mallory):
    stage.deposit(mallory, 1)
    stage.donate(mallory, 10 * K)
    stage.deposit(alice, 10 * K)
    assert stage.shares(alice) == 10 * K
    assert stage.worth(stage.shares(alice)) == 10 * K
    assert stage.worth(stage.shares(mallory)) == 1


def test_s1__gain_reported_onto_a_first_wei__goes_to_the_insurance_and_leaves_the_price_at_1(
    stage, alice, mallory
):
    stage.deposit(mallory, 1)
    stage.repay(mallory, 10 * K, 0, 10 * K)
    stage.next_cycle()
    assert stage.insurance.available() == 10 * K
    assert stage.summary().exit_assets == 1
    stage.deposit(alice, 1_000 * WAD + 7)
    assert stage.shares(alice) == 1_000 * WAD + 7


@pytest.mark.parametrize("gain", [1, 10**6, 10 * K])
def test_s1__gain_onto_one_whole_share__costs_the_next_less_than_its_rounding(stage, alice, mallory, gain):
    # the least supply that gains reach: an attacker inflates at his own expense
    stage.deposit(mallory, WAD)
    stage.repay(mallory, gain, 0, gain)
    stage.next_cycle()
    stage.deposit(alice, 10 * K)
    one_share_wei = (WAD + gain + VIRTUAL) // (WAD + VIRTUAL) + 1
    assert 10 * K - one_share_wei <= stage.worth(stage.shares(alice)) <= 10 * K
    assert stage.worth(stage.shares(mallory)) <= WAD + gain


@pytest.mark.parametrize("before", [True, False])
def test_s2__donation_to_vault_or_insurance__moves_no_price_and_no_total(stage, alice, mallory, before):
    if not before:
        stage.deposit(alice, 100 * K)
    prices, summary = price(stage), stage.summary()
    stage.donate(mallory, 50 * K)
    stage.donate(mallory, 50 * K, to=stage.insurance)
    assert (price(stage), stage.summary()) == (prices, summary)
    assert stage.insurance.available() == 0
    if before:
        stage.deposit(alice, 100 * K)
        assert stage.shares(alice) == 100 * K
    # who leaves is not paid from it either
    stage.request(alice, 100 * K)
    stage.next_cycle()
    assert stage.position(alice).claim_assets == 100 * K


def test_s3__deposit_then_report_then_look_at_the_exit__earns_nothing(staked, mallory):
    stage = staked
    t = stage.now + 60
    stage.deposit(mallory, 100 * K, at=t)
    stage.repay(mallory, 10 * K, 0, 10 * K, at=t + 1)
    assert stage.worth(stage.shares(mallory)) <= 100 * K


def test_s3__exit_at_the_first_settlement__earns_what_every_share_earned_and_not_more(staked, mallory):
    stage = staked
    stage.deposit(mallory, 100 * K)
    shares = stage.shares(mallory)
    stage.request(mallory, shares)
    stage.repay(mallory, 10 * K, 0, 10 * K)
    stage.next_cycle()
    # it took a stake at risk from the window to the end of the cycle to get half
    _, paid = fill(100 * K, 200 * K + 10 * K, 200 * K + 10 * K, 200 * K)
    stage.claim(mallory)
    assert stage.balance(mallory) == 800 * K - 110 * K + paid
    assert 105 * K - VIRTUAL < paid < 105 * K
    assert 105 * K - VIRTUAL < stage.worth(100 * K) < 105 * K


def test_s3__deposit_before_a_report_and_request_outside_the_window__cannot_leave_at_its_end(staked, mallory):
    stage = staked
    stage.deposit(mallory, 100 * K, at=stage.start(stage.cycle) + WINDOW)
    stage.repay(mallory, 10 * K, 0, 10 * K)
    stage.request(mallory, stage.shares(mallory))
    stage.next_cycle()
    assert stage.position(mallory).claim_assets == 0


def test_s3__sandwich_of_a_repayment_already_accrued__finds_no_jump(lent, mallory):
    stage = lent
    stage.send(mallory, stage.portfolio.set_slope, 10**15)
    t = stage.start(stage.cycle) + 5 * DAY
    stage.go(t)
    before, due = stage.summary(), stage.portfolio.book().gross - 60 * K
    stage.repay(mallory, due, due, 0, at=t + 1)
    after = stage.summary()
    assert after.deposit_assets - before.deposit_assets == 10**15
    assert after.exit_assets - before.exit_assets == 10**15


def test_s4__new_gain_while_the_last_vests__neither_jumps_nor_is_lost(staked, mallory):
    stage = staked
    t = stage.start(stage.cycle) + DAY
    stage.repay(mallory, 7 * K, 0, 7 * K, at=t)
    t += 3 * DAY
    stage.go(t - 1)
    before = stage.summary()
    stage.repay(mallory, 14 * K, 0, 14 * K, at=t)
    after = stage.summary()
    # 7,000 over 7 days are 1,000 a day: one second of it and one wei of rounding
    second = K // DAY
    assert before.unvested == 4 * K + second + 1
    assert after.unvested == 4 * K + 14 * K
    assert second <= after.exit_assets - before.exit_assets <= second + 1
    # 4,000 with 4 days left and 14,000 with 7: 114,000 AID days over 18,000
    end = t + 114_000 * DAY // 18_000
    stage.go(end - 1)
    assert 0 < stage.summary().unvested <= 18 * K * 2 // (end - t) + 1
    stage.go(end + 1)
    assert stage.summary().exit_assets == 121 * K


def test_s4__dust_gains__do_not_stretch_the_stream(staked, mallory):
    stage = staked
    t = stage.start(stage.cycle) + DAY
    stage.repay(mallory, 7 * K, 0, 7 * K, at=t)
    for day in range(1, 7):
        stage.repay(mallory, 1, 0, 1, at=t + day * DAY)
    stage.go(t + 7 * DAY + 1)
    assert stage.summary().unvested == 0
    assert stage.summary().exit_assets == 107 * K + 6


def test_s5__request_ahead_of_a_markdown__is_paid_the_marked_price(lent, bob, mallory):
    stage = lent
    stage.deposit(mallory, 100 * K)
    stage.request(mallory, 100 * K)
    stage.impair(30 * K)
    stage.next_cycle()
    filled, paid = fill(100 * K, 140 * K, 170 * K, 200 * K)
    assert filled == 100 * K
    assert 85 * K <= paid < 85 * K + VIRTUAL  # 85 %, but for what the virtual assets carry of the loss
    assert stage.position(mallory)[4:] == (filled, paid)
    # who stayed has no less
    assert paid <= stage.worth(100 * K) < 85 * K + VIRTUAL


def test_s5__upcoming_request_ahead_of_a_markdown__bears_it_too(lent, mallory):
    stage = lent
    stage.deposit(mallory, 100 * K)
    stage.request(mallory, 100 * K, at=stage.start(stage.cycle) + WINDOW)
    stage.next_cycle()
    stage.impair(30 * K)
    stage.next_cycle()
    assert stage.position(mallory).claim_assets == fill(100 * K, 140 * K, 170 * K, 200 * K)[1]


@pytest.mark.parametrize("late", [0, 12 * DAY, CYCLE + DAY])
def test_s6__exit_while_a_default_ramps__is_priced_at_the_cycles_end_whoever_comes_when(lent, mallory, late):
    stage = lent
    stage.deposit(mallory, 100 * K)
    stage.request(mallory, 100 * K)
    end = stage.start(stage.cycle + 1)
    slope = 60 * K // (90 * DAY)
    since = stage.impair(0, slope, at=end - 20 * DAY)
    stage.go(end + late)
    exit_assets = 200 * K - slope * (end - since)
    assert stage.position(mallory)[4:] == fill(100 * K, 140 * K, exit_assets, 200 * K)
    stage.sync()
    stage.impair(0)  # a cure afterwards is the holders' who stayed
    assert stage.position(mallory).claim_assets == fill(100 * K, 140 * K, exit_assets, 200 * K)[1] < 94 * K


def test_s6__cancel_once_the_default_is_settled__does_not_undo_the_loss(lent, alice, mallory):
    stage = lent
    stage.deposit(mallory, 100 * K)
    stage.request(mallory, 100 * K)
    stage.impair(30 * K)
    stage.next_cycle(60)
    with reverts("nothing to cancel"):
        stage.vault.cancel_request(mallory, mallory, sender=mallory)


def test_s7__deposit_into_a_markdown_then_reversal__earns_nothing(lent, mallory):
    stage = lent
    stage.impair(30 * K)
    stage.deposit(mallory, 100 * K)
    # the book is sold before impairment: 100,000 buy 100,000 shares, worth 170/200 until it is reversed
    assert stage.shares(mallory) == 100 * K
    assert 85 * K <= stage.worth(100 * K) < 85 * K + VIRTUAL
    stage.impair(0)
    assert stage.worth(100 * K) == 100 * K


def test_s7__deposit_into_a_markdown_then_recovery_above_carrying_value__earns_nothing(lent, mallory):
    stage = lent
    stage.impair(30 * K)
    stage.deposit(mallory, 100 * K)
    stage.send(mallory, stage.portfolio.default_and_resolve, 60 * K)
    # 30,000 above carrying value vest: now nothing, in the end what was paid
    assert stage.worth(100 * K) < 85 * K + VIRTUAL
    stage.next_cycle()
    assert stage.worth(100 * K) == 100 * K


def test_s7__deposit_next_to_the_last_share_of_an_impaired_vault__is_refused(staked, alice, mallory):
    """All but one share leave at 30 % of the price that a deposit would pay; the next 1,000 AID would be
    worth 14.09: the last share carries the whole markdown.
    """
    stage = staked
    stage.fund(70 * K)
    stage.impair(70 * K)
    stage.request(alice, 100 * K - WAD)
    stage.next_cycle()
    stage.claim(alice)
    summary = stage.summary()
    assert summary.supply == WAD
    assert summary.deposit_assets == pytest.approx(70 * K + 3 * WAD // 10, abs=VIRTUAL)
    shares = K * (WAD + VIRTUAL) // (summary.deposit_assets + VIRTUAL)
    worth = shares * (summary.exit_assets + K) // (WAD + shares)
    assert worth == pytest.approx(14.09 * WAD, rel=1e-3)

    with reverts("vault impaired"):
        stage.vault.deposit(K, mallory, sender=mallory)


def test_s8__request_on_the_last_second_of_the_window__joins_one_second_later_waits(staked, alice):
    stage = staked
    start = stage.start(stage.cycle)
    stage.request(alice, 10 * K, at=start + WINDOW - 1)
    stage.request(alice, 20 * K, at=start + WINDOW)
    stage.request(alice, 30 * K, at=start + CYCLE - 1)
    assert stage.position(alice)[:4] == (10 * K, stage.cycle, 50 * K, stage.cycle + 1)
    stage.request(alice, 40 * K, at=start + CYCLE)  # the first second of the next: settled, then joined
    assert stage.position(alice) == (90 * K, stage.cycle, 0, stage.cycle + 1, 10 * K, 10 * K)


def test_s8__cancel_on_the_last_second_of_the_window__frees_one_second_later_does_not(staked, alice):
    stage = staked
    start = stage.start(stage.cycle)
    stage.request(alice, 10 * K)
    stage.cancel(alice, at=start + WINDOW - 1)
    assert stage.shares(alice) == 100 * K - 9 * WAD
    stage.next_cycle()
    stage.request(alice, 10 * K)
    stage.go(start + CYCLE + WINDOW)
    with reverts("nothing to cancel"):
        stage.vault.cancel_request(alice, alice, sender=alice)


def test_s8__deposit_on_the_second_a_cycle_ends__does_not_fund_its_settlement(lent, alice, mallory):
    stage = lent
    stage.request(alice, 100 * K)
    stage.deposit(mallory, 100 * K, at=stage.start(stage.cycle + 1))
    model = StakingModel(stage.start(0), idle=40 * K, supply=100 * K, active=100 * K)
    model.book.gross = 60 * K
    model.cycle = stage.cycle - 1
    model.line("alice").active += 100 * K
    model.sync(stage.now)
    assert stage.position(alice).claim_assets == model.claimable == 40 * K
    assert stage.summary().idle == 100 * K
