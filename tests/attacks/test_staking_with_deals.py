"""Attacks S3 to S7, S16 and S17 again, on a vault whose book are real deals and not a mock."""

from fractions import Fraction

import pytest

from integrations.credit_model.legs import BPS
from integrations.credit_model.terms import YEAR, table
from tests.conftest import CYCLE, DAY, WAD
from tests.model.cycles import VIRTUAL, fill
from tests.support.deal_terms import LOAN, MILLION, SHARE

STAKED = 20 * MILLION
VESTING = 7 * DAY
FIRST = table(LOAN)[0].due


@pytest.fixture
def lent(credit):
    """Of alice's twenty million one is lent, and 600,000 buy a revenue share; mallory has four million."""
    t = credit.now + 60
    credit.funded(LOAN, at=t)
    credit.funded(SHARE, at=t, borrower="dave")
    return credit


def position(credit, who="mallory"):
    return credit.view(credit.vault.position(credit.addresses[who]))


def worth(credit, who="mallory", at=None):
    """What somebody's shares are worth in an exit."""
    shares = credit.balance(who, "vault")
    return int(credit.view(credit.vault.convertToAssets(shares), at))


def deposit(credit, amount, at=None, who="mallory"):
    return credit.send(who, credit.vault.deposit(amount, credit.addresses[who]), at)


def request(credit, at=None, who="mallory"):
    address = credit.addresses[who]
    call = credit.vault.requestRedeem(credit.balance(who, "vault"), address, address)
    return credit.send(who, call, at)


def start(credit, ahead=0):
    """When a cycle begins: the running one, or a later one."""
    return int(credit.view(credit.vault.cycle_start(credit.summary().cycle + ahead)))


# S3: yield sandwiches


def test_s3__deposit_before_a_receipt_of_a_share__earns_nothing_at_once(lent):
    credit = lent
    t = credit.midnight(20)
    credit.publish(t)
    before = credit.price(t)
    deposit(credit, MILLION, t)
    outcome = credit.pay(2, 200_000 * WAD, who="dave", at=t)
    assert credit.summary().unvested == outcome.gain > 150_000 * WAD
    assert credit.price() == before
    assert worth(credit) <= MILLION


def test_s3__deposit_before_an_instalment_that_has_accrued__finds_no_jump(lent):
    credit = lent
    t = credit.midnight(31)
    credit.publish(t - 1)
    before = credit.summary(t - 1)
    deposit(credit, MILLION, t)
    credit.pay(1, FIRST, at=t)
    after = credit.summary()
    # a second of a million at 12.5 % net and of 600,000 going down over 300 days
    second = MILLION * LOAN.net_rate / YEAR - Fraction(600_000 * WAD, 300 * DAY)
    assert abs(after.deposit_assets - MILLION - before.deposit_assets - second) <= 600_000 * WAD // (
        300 * DAY
    )
    assert worth(credit) <= MILLION


def test_s3__deposit_before_late_interest_is_paid__is_too_late_for_it(lent):
    credit = lent
    t = credit.stop(1) + 5 * DAY
    credit.publish(t)
    deposit(credit, MILLION, t)
    cost = worth(credit)
    outcome = credit.pay(1, 2 * MILLION, who="alice", at=t)
    assert outcome.gain > 1_000 * WAD
    # what the mark-down of five days was goes back to all at once, the late interest vests
    assert worth(credit) - cost <= MILLION * 5 // 100 * MILLION // STAKED
    assert worth(credit) <= MILLION
    assert credit.summary().unvested >= outcome.gain


# S4: gains while others vest


def test_s4__receipts_in_a_row__neither_jump_nor_get_lost(lent):
    credit = lent
    t = credit.midnight(10)
    gains = []
    for days in (0, 3, 4):
        second = t + days * DAY
        credit.go(second - 1)
        before = credit.summary(second).exit_assets
        gains.append(credit.pay(2, (50_000 + days) * WAD, who="dave", at=second).gain)
        assert abs(credit.summary().exit_assets - before) <= 1
    end = t + 4 * DAY + VESTING
    assert credit.summary(end).unvested == 0
    model = credit.models
    want = STAKED - 1_600_000 * WAD + sum(gains) + model[1].gross(end) + model[2].gross(end)
    assert abs(credit.summary(end).exit_assets - want) <= 4


def test_s4__dust_receipts__do_not_stretch_the_stream(lent):
    credit = lent
    t = credit.midnight(10)
    credit.pay(2, 70_000 * WAD, who="dave", at=t)
    for day in range(1, 7):
        # the fee takes a wei; the rest of a few gains
        credit.pay(2, 10**15, who="dave", at=t + day * DAY)
    assert credit.summary(t + VESTING + 60).unvested <= 10**15


# S5: out before the mark


@pytest.mark.parametrize("how", ["mark", "ramp"])
def test_s5__request_ahead_of_a_markdown__is_paid_the_marked_price(lent, how):
    credit = lent
    deposit(credit, MILLION)
    request(credit)
    end = start(credit, 1)
    if how == "mark":
        credit.send("carol", credit.workout.mark(1, 8_000), end - DAY)
        credit.models[1].mark(end - DAY, 8_000)
    else:
        # both deals fall silent, and the request comes in the last cycle before the settlement
        mallory = credit.addresses["mallory"]
        credit.send("mallory", credit.vault.cancel_request(mallory, mallory))
        end = start(credit, 3)
        request(credit, end - CYCLE + DAY)
    gross = sum(model.gross(end) for model in credit.models.values())
    impaired = sum(model.impairment(end) for model in credit.models.values())
    assert impaired > 100_000 * WAD
    shares = position(credit).active or position(credit).upcoming
    supply = credit.summary().supply
    idle = credit.summary().idle
    credit.go(end)
    shown = position(credit)
    price = (idle + gross - impaired + VIRTUAL) / Fraction(supply + VIRTUAL)
    assert abs(shown.claim_assets - shares * price) <= 10
    assert shown.claim_assets < MILLION
    # who stays has no less for it
    assert abs(credit.price(end) - MILLION * price) <= 10


# S6: out while a default ramps


@pytest.mark.parametrize("late", [0, 9 * DAY, CYCLE + DAY])
def test_s6__exit_while_a_default_ramps__is_priced_at_the_cycles_end_whoever_comes_when(lent, late):
    credit = lent
    deposit(credit, MILLION)
    t = start(credit, 2) + DAY
    request(credit, t)
    end = start(credit, 1)
    summary = credit.summary()
    gross = sum(model.gross(end) for model in credit.models.values())
    impaired = sum(model.impairment(end) for model in credit.models.values())
    assert impaired > 0
    exit_assets = int(summary.idle + gross - impaired)
    want = fill(position(credit).active, summary.idle, exit_assets, summary.supply)
    credit.go(end + late)
    assert position(credit).claim_shares == want[0]
    assert abs(position(credit).claim_assets - want[1]) <= 6
    # the whole debt is paid now: the recovery is theirs who stayed
    credit.pay(1, 2 * MILLION, who="alice", at=end + late + 60)
    assert abs(position(credit).claim_assets - want[1]) <= 6


@pytest.mark.parametrize("act", ["checkpoint", "pay_aid", "mark", "fund"])
def test_s6__cycle_that_ended_before_anybody_came__is_settled_before_the_book_changes(lent, act):
    """Without the settlement first, the book would have moved on, and nobody could say what the price was."""
    credit = lent
    deposit(credit, MILLION)
    request(credit)
    end = start(credit, 1)
    summary = credit.summary()
    gross = sum(model.gross(end) for model in credit.models.values())
    want = fill(position(credit).active, summary.idle, int(summary.idle + gross), summary.supply)
    t = end + 8 * DAY
    other = credit.approved(LOAN, at=t)
    who, call = {
        "checkpoint": ("mallory", credit.desk.checkpoint()),
        "pay_aid": ("alice", credit.desk.pay_aid(1, WAD)),
        "mark": ("carol", credit.workout.mark(1, 5_000)),
        "fund": ("carol", credit.desk.fund(other)),
    }[act]
    credit.send(who, call, t)
    assert abs(position(credit).claim_assets - want[1]) <= 4


# S7: in at the mark, out at the reversal


def test_s7__deposit_into_a_ramp_then_cure__earns_nothing(lent):
    credit = lent
    t = credit.stop(1) + 60 * DAY
    credit.go(t)
    impaired = sum(model.impairment(t) for model in credit.models.values())
    assert impaired > 500_000 * WAD
    deposit(credit, MILLION, t)
    paid = worth(credit)
    assert paid < MILLION * 98 // 100
    outcome = credit.pay(1, 2 * MILLION, who="alice", at=t)
    # the loan is whole, late interest vests: the shares are worth what they cost, until it has
    assert outcome.gain > 0
    assert paid < worth(credit) <= MILLION


def test_s7__deposit_into_a_sale_then_recovery_above_carrying_value__earns_nothing_at_once(lent):
    credit = lent
    t = credit.stop(1) + 60 * DAY
    credit.default(1, t)
    sale = credit.liquidate(1, 2 * MILLION, t)
    deposit(credit, MILLION, t)
    paid = worth(credit)
    assert paid < MILLION * 98 // 100
    _, _, outcome = credit.bid(1, sale, 3 * MILLION)
    assert (outcome.loss, outcome.gain > 500_000 * WAD) == (0, True)
    # above what it was marked at, all of it vests
    assert abs(worth(credit) - paid) <= 2
    assert worth(credit, at=t + VESTING + 60) <= MILLION


# S16: a loss larger than every buffer


def test_s16__loss_beyond_every_buffer__takes_them_in_order_and_the_rest_from_the_price(lent):
    credit = lent
    credit.send("alice", credit.insurance_fund.contribute(20_000 * WAD))
    t = credit.stop(1) + 95 * DAY
    credit.default(1, t)
    sale = credit.liquidate(1, 2 * MILLION, t)
    end = sale.ends_at + 3 * DAY
    income = credit.pay(2, 70_000 * WAD, who="dave", at=end - DAY)
    credit.go(end - 1)
    unvested = credit.summary(end).unvested
    assert abs(unvested - income.gain * 6 // 7) <= 1
    idle = credit.summary().idle
    credit.send("mallory", credit.house.expire(1), end)
    outcome = credit.models[1].resolve(end, 0)
    assert outcome.loss > MILLION
    summary = credit.summary()
    assert (summary.idle, summary.unvested, credit.insurance()) == (idle + 20_000 * WAD, 0, 0)
    share = credit.models[2]
    assert abs(summary.exit_assets - (summary.idle + share.gross(end) - share.impairment(end))) <= 2
    assert abs(credit.price() - MILLION * Fraction(summary.exit_assets + VIRTUAL, STAKED + VIRTUAL)) <= 1


# S17: what is the protocol's


def test_s17__fees_on_interest__are_never_in_the_price(lent):
    credit = lent
    since = credit.models[1].since
    t = credit.midnight(25)
    credit.publish(t)
    gross = Fraction(MILLION * 1_500 * (t - since), BPS * YEAR)
    net = gross * (Fraction(85, 100) - Fraction(25, 1_500))
    assert abs(credit.models[1].gross(t) - MILLION - net) < 1
    before, fees = credit.summary(t).exit_assets, credit.fees()
    credit.pay(1, FIRST, at=t)
    assert abs(credit.summary().exit_assets - before) <= 2
    assert abs(credit.fees() - fees - (gross - net)) <= 2
    # nor are they when they lie at the desk, or are taken
    credit.send("mallory", credit.desk.claim_fees(), t)
    assert abs(credit.summary(t).exit_assets - before) <= 2
    assert credit.fees() == 0


def test_s17__reserves_first_losses_and_overpayments__are_at_the_desk_and_in_nobodys_price(credit):
    before = credit.price()
    t = credit.now + 60
    deal = credit.funded(LOAN, at=t, reserve=50_000 * WAD, first_loss=100_000 * WAD)
    assert credit.price() == before
    assert credit.summary().deposit_assets == STAKED
    assert credit.balance("desk") == 150_000 * WAD + credit.fees()
    credit.publish(t)
    credit.send("bob", credit.desk.pay(deal, credit.usdc.address, 1_500_000 * 10**6), t)
    # closed in the second of its funding: a fee of 1 %, and nothing else, has been paid
    assert credit.price() == before
    assert credit.summary().idle == STAKED
    assert credit.claimable() == 650_000 * WAD
