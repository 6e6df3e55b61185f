"""Attacks C3, C6 to C8 of the catalogue on what counts as paid: reserves, escrows, early receipts."""

from fractions import Fraction
from math import ceil

import pytest

from integrations.credit_model import Status
from integrations.credit_model.legs import BPS
from integrations.credit_model.terms import YEAR
from tests.conftest import DAY, WAD
from tests.support.credit_world import USDC
from tests.support.deal_terms import HYBRID, LOAN, MILLION, SHARE

#: Wei of AID in a unit of USDC.
UNIT = WAD // USDC
ESCROW = 1


def share_stop(credit, deal):
    """The second in which grace of a share's first missing minimum is over, by the model."""
    return credit.models[deal].share.stop * DAY


def pay_unpriced(credit, deal, units, t, price=10**8, to_share=False):
    """Bob pays a day and more after the feed's last answer, `price`: the coin waits at that."""
    credit.publish(t - 2 * DAY, price)
    call = credit.desk.pay(deal, credit.usdc.address, units, to_share)
    assert credit.node.send(credit.addresses["bob"], call, t) is None
    counted = units * UNIT * min(price, 10**8) // 10**8
    return counted, credit.models[deal].wait(t, counted, to_share)


# a hybrid's reserve


@pytest.fixture
def hybrid(credit):
    """Debt of a million and a share of 300,000, with a reserve of half a million, which is the debt's."""
    return credit.funded(HYBRID, reserve=500_000 * WAD)


@pytest.mark.parametrize("left", [0, 100_000 * WAD, 480_000 * WAD])
def test_c3__debt_within_its_reserve__keeps_the_share_from_no_default(credit, hybrid, left):
    t = credit.midnight(1)
    credit.pay(hybrid, credit.models[hybrid].owed_on_debt(t) - left, at=t)
    t = share_stop(credit, hybrid)
    assert credit.refusal("mallory", credit.desk.declare_default(hybrid), t - 1) == "not late"
    credit.default(hybrid, t)
    credit.check(hybrid, t)
    credit.pay(hybrid, HYBRID.share_minimum, at=t + 1, to_share=True)
    assert credit.models[hybrid].status is Status.PERFORMING
    credit.check(hybrid, t + 1)


def test_c8__step_in_whose_reserve_pays_the_debt_off__leaves_no_leg_of_it_in_the_book(credit, hybrid):
    t = credit.midnight(1)
    credit.pay(hybrid, credit.models[hybrid].owed_on_debt(t) - 400_000 * WAD, at=t)
    t = share_stop(credit, hybrid) + DAY
    credit.default(hybrid, t)
    before, fees = credit.summary(), credit.fees()
    t = credit.send("carol", credit.workout.step_in(hybrid, 10, 30))
    outcome = credit.models[hybrid].step_in(t, 10, 30)
    assert 400_000 * WAD < outcome.used < 500_000 * WAD
    credit.check(hybrid, t)
    assert credit.view(credit.desk.leg(2 * hybrid)).since == 0
    book, legs = credit.view(credit.desk.reconcile([2 * hybrid + 1]))
    assert vars(book) == vars(legs)
    after = credit.summary()
    # what the funder had was carried before; the loss is the share's
    assert after.idle - before.idle == outcome.to_funder
    assert abs(after.deposit_assets - before.deposit_assets + outcome.loss) <= MILLION // YEAR
    assert abs(credit.fees() - fees - outcome.fee) <= 2
    model = credit.models[hybrid]
    credit.pay(hybrid, model.missing(t + DAY), at=t + DAY)
    end = model.share.end * DAY
    credit.send("mallory", credit.desk.close(hybrid), end)
    assert credit.view(credit.desk.value_at(end)) == (0, 0)
    attach = credit.vault.set_portfolio(credit.desk.address)
    assert credit.refusal("governor", attach, end) == ""


# payments that wait


def test_c3__coin_that_failed_unseen__shields_a_deal_until_anyone_has_it_recounted(credit):
    deal = credit.funded(LOAN)
    model = credit.models[deal]
    t = credit.midnight(3)
    counted, _ = pay_unpriced(credit, deal, ceil(model.owed(t) * 6 // 5 / UNIT), t)
    assert credit.refusal("mallory", credit.desk.recount(ESCROW), t + 60) == "stale price"
    t = (model.start + 300) * DAY
    credit.publish(t, 5 * 10**6)
    for call, reason in (
        (credit.desk.settle_escrow(ESCROW), "price out of band"),
        (credit.desk.declare_default(deal), "not late"),
        (credit.desk.recount(ESCROW + 1), "unknown escrow"),
    ):
        assert credit.refusal("mallory", call, t + 1) == reason
    assert credit.state(deal, t).impairment == 0
    credit.send("mallory", credit.desk.recount(ESCROW), t + 1)
    now_counted = counted * 5 // 100
    model.recount(t + 1, counted - now_counted)
    credit.check(deal, t + 1)
    assert credit.state(deal).waiting == now_counted
    # a twentieth of what is owed covers no instalment: the first is late by more than the whole ramp
    assert model.debt.stop == model.start + 40
    gross, impairment = credit.view(credit.desk.value_at(t + 1))
    assert 0 < gross - impairment <= now_counted
    assert credit.refusal("mallory", credit.desk.recount(ESCROW), t + 2) == "nothing to recount"
    credit.default(deal, t + 2)
    assert credit.refusal("carol", credit.workout.liquidate(deal), t + 3) == ""
    credit.check(deal, t + 2)


def test_c3__recount_just_before_a_conversion__takes_nothing_from_who_paid_in_time(credit):
    deal = credit.funded(LOAN)
    model = credit.models[deal]
    t = credit.midnight(3)
    first = model.arrears((model.start + 41) * DAY)
    counted, _ = pay_unpriced(credit, deal, ceil(Fraction(first, UNIT)), t)
    stop = model.debt.stop
    assert stop == model.start + 60 + 10
    credit.publish(t + DAY, 99_800_000)
    credit.send("mallory", credit.desk.recount(ESCROW), t + DAY + 1)
    minted = counted * 998 // 1_000
    model.recount(t + DAY + 1, counted - minted)
    assert model.debt.stop == stop - 30
    credit.check(deal, t + DAY + 1)
    credit.send("bob", credit.desk.settle_escrow(ESCROW), t + DAY + 2)
    model.settle(t + DAY + 2, minted, minted, at_payment=counted)
    assert model.debt.stop == credit.state(deal).stop == stop
    credit.check(deal, t + DAY + 2)


def test_c3__coin_whose_feed_says_nothing__is_refused_and_stays_with_its_payer(credit):
    deal = credit.funded(LOAN)
    t = credit.midnight(3)
    credit.publish(t, 0)
    held = credit.balance("bob", "usdc")
    assert (
        credit.attempt("bob", credit.desk.pay(deal, credit.usdc.address, 10**5 * USDC), t + 1) == "no price"
    )
    assert credit.balance("bob", "usdc") == held
    credit.pay(deal, 10**5 * WAD, at=t + 2)
    credit.check(deal, t + 2)


def test_c3__escrow_of_a_share_that_came_to_less__is_no_arrears_and_owed_at_the_end(credit):
    deal = credit.funded(SHARE)
    model = credit.models[deal]
    t = credit.midnight(3)
    counted, to_share = pay_unpriced(credit, deal, 600_000 * USDC, t)
    assert (counted, to_share) == (600_000 * WAD, True)
    credit.publish(t + 60, 99_800_000)
    credit.send("mallory", credit.desk.settle_escrow(ESCROW), t + 61)
    model.settle(t + 61, 598_800 * WAD, counted, True)
    credit.check(deal, t + 61)
    end = (model.start + 300) * DAY
    assert credit.state(deal).share_stop == model.share.stop == model.start + 300 + 10
    assert credit.refusal("bob", credit.desk.close(deal), end) == "still open"
    assert credit.view(credit.desk.owed(deal), end) == 1_200 * WAD
    assert credit.refusal("mallory", credit.desk.declare_default(deal), end + 10 * DAY - 1) == "not late"
    credit.default(deal, end + 10 * DAY)
    credit.pay(deal, 1_200 * WAD, at=end + 10 * DAY + 1)
    assert model.status is Status.CLOSED
    assert credit.state(deal).status == Status.CLOSED.value


# fees of a share


def test_c8__capital_that_comes_back_early__is_no_earnings(credit):
    deal = credit.funded(SHARE)
    t = credit.midnight(2)
    start, before = credit.models[deal].since, credit.fees()
    credit.pay(deal, 600_000 * WAD, at=t)
    management = ceil(Fraction(600_000 * WAD * 25 * (t - start), BPS * YEAR))
    assert credit.fees() - before == management
    credit.check(deal, t)
    # what comes on top is
    later = t + 10 * DAY
    carried = int(credit.models[deal].share.gross(t))
    credit.pay(deal, 10_000 * WAD, at=later)
    management += ceil(Fraction(carried * 25 * 10 * DAY, BPS * YEAR))
    assert abs(credit.fees() - before - management - 1_500 * WAD) <= 2


def test_c8__wei_paid_before_each_receipt__forgives_no_management_fee(credit):
    deal = credit.funded(SHARE)
    model = credit.models[deal]
    start, before = model.since, credit.fees()
    carried = [600_000 * WAD]
    for k in (1, 2, 3):
        t = start + k * 25 * DAY
        for second in range(3):
            credit.pay(deal, 1, who="mallory", at=t + second - 3, to_share=False)
        credit.pay(deal, 30_000 * WAD, at=t)
        carried.append(int(model.share.gross(t)))
        credit.check(deal, t)
    management = sum(Fraction(value * 25 * 25 * DAY, BPS * YEAR) for value in carried[:3])
    # nothing was earned: half of each minimum came in, and the wei
    assert 0 <= credit.fees() - before - management <= 3 + 9


# marks and sales


def test_c6__mark_of_a_hybrid__can_be_lifted_after_its_share_has_run_out(credit):
    deal = credit.funded(HYBRID)
    model = credit.models[deal]
    t = credit.midnight(1)
    credit.pay(deal, 300_000 * WAD, at=t, to_share=True)
    credit.pay(deal, 950_000 * WAD, at=t + 1)
    t = (model.start + 311) * DAY
    assert share_stop(credit, deal) < t < credit.stop(deal)
    credit.send("carol", credit.workout.mark(deal, 2_000), t)
    model.mark(t, 2_000)
    t = credit.send("carol", credit.workout.propose_mark_up(deal, 0)) + 3 * DAY
    credit.send("carol", credit.workout.mark_up(deal), t)
    model.mark(t, 0)
    credit.check(deal, t)
    t += 9 * DAY
    assert credit.state(deal, t).impairment == 0


def test_c7__lot_that_is_being_sold__cannot_be_retired_until_it_is_sold(credit):
    deal = credit.funded(LOAN)
    credit.default(deal, credit.stop(deal))
    sale = credit.liquidate(deal, 2 * MILLION)
    receipt = credit.view(credit.deals.receipt_of(deal))
    retire = credit.receipts.retire(receipt)
    assert credit.attempt("dave", retire) == "receipt for sale"
    credit.send("mallory", credit.house.expire(deal), sale.ends_at + 3 * DAY)
    assert credit.attempt("dave", retire) == "receipt for sale"
    t = credit.send("mallory", credit.house.offer_again(deal))
    assert credit.attempt("dave", retire, t + 5) == "receipt for sale"
    credit.go(t + 8 * DAY)
    credit.send("dave", credit.house.bid(deal, credit.aid.address, 0))
    credit.send("dave", retire)
    assert credit.view(credit.receipts.totalSupply()) == 0
