"""Default, marks, liquidation, hosting partners: who decides, and who bears what, to the wei."""

from dataclasses import replace

import pytest
from ape import reverts

from integrations.credit_model import Deal
from tests.conftest import DAY, WAD
from tests.credit.test_deal_desk import (
    CLOSED,
    DEFAULTED,
    DUST,
    FIRST_LOSS,
    LIQUIDATING,
    PERFORMING,
    RESERVE,
    USDC,
    agrees,
    twin,
)
from tests.support.deal_terms import FOREVER, HYBRID, LOAN, MILLION, SHARE


@pytest.fixture
def loan(stage):
    return stage.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)


@pytest.fixture
def model(stage, loan):
    return twin(stage, loan, LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)


def default(stage, deal, model, days):
    """Declare a default so many days after the start."""
    stage.at((model.start + days) * DAY + 5)
    stage.desk.declare_default(deal, sender=stage.people.mallory)


# default


def test_default__a_second_around_the_end_of_grace(stage, loan, model, mallory):
    end = (model.start + 40) * DAY
    stage.at(end - 1)
    with reverts("not late"):
        stage.desk.declare_default(loan, sender=mallory)
    stage.to(end)
    stage.desk.declare_default(loan, sender=mallory)
    assert stage.desk.status(loan) == DEFAULTED
    with reverts("in default"):
        stage.desk.declare_default(loan, sender=mallory)


def test_default__accrues_nothing_in_the_book_without_a_poke(stage, loan, model):
    stage.travel((model.start + 40) * DAY - stage.now)
    stopped = stage.desk.value_at((model.start + 40) * DAY)[0]
    assert stage.desk.value_at((model.start + 400) * DAY)[0] == stopped


def test_payment__that_covers_the_instalment__cures_a_default(stage, loan, model, alice):
    default(stage, loan, model, 90)
    stage.desk.pay_aid(loan, 100_000 * WAD, sender=alice)
    assert stage.desk.status(loan) == DEFAULTED
    stage.desk.pay_aid(loan, 150_000 * WAD, sender=alice)
    assert stage.desk.status(loan) == PERFORMING
    impairment = stage.state(loan).impairment
    assert impairment > 0
    stage.travel(8 * DAY)
    assert stage.state(loan).impairment == 0
    stage.check()


# marks


def test_mark__down_at_once_up_after_a_delay_and_over_the_days_of_a_cure(stage, loan, model, carol, alice):
    stage.workout.mark(loan, 3_000, sender=carol)
    model.mark(stage.now, 3_000)
    agrees(stage, loan, model)
    assert stage.desk.value_at(stage.now)[1] == stage.state(loan).gross * 3 // 10
    with reverts("not a markdown"):
        stage.workout.mark(loan, 3_000, sender=carol)
    with reverts("mark out of bounds"):
        stage.workout.mark(loan, 10_001, sender=carol)
    for call in (stage.workout.mark, stage.workout.propose_mark_up):
        with reverts("not credit"):
            call(loan, 1_000, sender=alice)
    with reverts("not a mark-up"):
        stage.workout.propose_mark_up(loan, 3_000, sender=carol)

    with reverts("nothing proposed"):
        stage.workout.mark_up(loan, sender=carol)
    stage.workout.propose_mark_up(loan, 1_000, sender=carol)
    proposed = stage.now
    stage.at(proposed + 3 * DAY - 1)
    with reverts("too early"):
        stage.workout.mark_up(loan, sender=carol)
    stage.to(proposed + 3 * DAY)
    stage.workout.mark_up(loan, sender=carol)
    model.mark(stage.now, 1_000)
    agrees(stage, loan, model)
    assert stage.state(loan).mark_bps == 1_000
    for days in (2, 5, 9):
        stage.travel(days * DAY)
        agrees(stage, loan, model)


def test_mark_up__after_a_markdown_or_of_a_late_deal__reverts(stage, loan, model, carol):
    stage.workout.mark(loan, 2_000, sender=carol)
    stage.workout.propose_mark_up(loan, 0, sender=carol)
    stage.workout.mark(loan, 2_500, sender=carol)
    stage.at(stage.now + 4 * DAY)
    with reverts("nothing proposed"):
        stage.workout.mark_up(loan, sender=carol)
    stage.workout.propose_mark_up(loan, 0, sender=carol)
    stage.at((model.start + 40) * DAY)
    with reverts("deal late"):
        stage.workout.mark_up(loan, sender=carol)


def test_mark__of_what_is_not_open__reverts(stage, loan, carol, alice):
    with reverts("not open"):
        stage.workout.mark(7, 100, sender=carol)
    stage.desk.pay_aid(loan, FOREVER, sender=alice)
    with reverts("not open"):
        stage.workout.mark(loan, 100, sender=carol)


def test_mark__of_a_hybrid__is_on_both_legs(stage, carol):
    deal = stage.funded(HYBRID, worth=3 * MILLION)
    model = twin(stage, deal, HYBRID)
    stage.at(stage.now + 10 * DAY)
    stage.workout.mark(deal, 4_000, sender=carol)
    model.mark(stage.now, 4_000)
    agrees(stage, deal, model)


# liquidation


def liquidated(stage, deal, model, days=75):
    default(stage, deal, model, days)
    stage.workout.liquidate(deal, sender=stage.people.carol)


def test_liquidate__of_a_deal_in_default__hands_the_receipt_to_the_auction(stage, loan, model, carol, alice):
    with reverts("not in default"):
        stage.workout.liquidate(loan, sender=carol)
    default(stage, loan, model, 60)
    with reverts("not credit"):
        stage.workout.liquidate(loan, sender=alice)
    stage.workout.liquidate(loan, sender=carol)
    sale = stage.counterparty.sale()
    assert (sale.deal, sale.receipt) == (loan, stage.deals.receipt_of(loan))
    assert abs(sale.owed - model.owed(stage.now)) <= DUST
    assert stage.receipts.ownerOf(sale.receipt) == stage.counterparty
    assert stage.desk.status(loan) == LIQUIDATING
    for call in (stage.desk.pay_aid, lambda *args, **kw: stage.desk.pay(args[0], stage.coin, USDC, **kw)):
        with reverts("in liquidation"):
            call(loan, WAD, sender=alice)
    with reverts("in liquidation"):
        stage.desk.draw_reserve(loan, sender=alice)


@pytest.mark.parametrize("coin", ["aid", "usdc"])
@pytest.mark.parametrize("brought", [0, 1, 400_000, 870_000, 955_000, 1_050_000, 1_500_000])
def test_resolve__with_any_proceeds__conserves_every_wei(
    stage, vault, aid, insurance, alice, bob, loan, model, brought, coin
):
    aid.approve(insurance, FOREVER, sender=alice)
    insurance.contribute(30_000 * WAD, sender=alice)
    liquidated(stage, loan, model)
    token, unit = (aid, WAD) if coin == "aid" else (stage.coin, USDC)
    if brought:
        token.transfer(stage.counterparty, brought * unit, sender=alice)
    before = vault.summary()
    fees, claim = stage.desk.fees(), stage.desk.claimable(bob)
    stage.at((model.start + 80) * DAY)
    tx = stage.counterparty.resolve(stage.desk, loan, token, brought * unit, sender=alice)
    done = model.resolve(stage.now, brought * WAD)

    after = vault.summary()
    (resolved,) = [log for log in tx.events if log.event_name == "Resolved"]
    (borne,) = [log for log in tx.events if log.event_name == "LossRealised"] or [None]
    covered = borne.from_insurance if borne else 0
    assert abs(resolved.loss - done.loss) <= DUST
    assert abs(resolved.to_funder - done.to_funder) <= DUST
    assert abs(resolved.to_borrower - done.to_borrower) <= DUST
    # to the wei: what came in and was held is with vault, protocol and borrower
    fee = stage.desk.fees() - fees
    assert abs(fee - done.fee) <= DUST
    assert resolved.to_funder + fee + resolved.to_borrower == brought * WAD + RESERVE + FIRST_LOSS
    assert after.idle - before.idle == resolved.to_funder + covered
    assert stage.desk.claimable(bob) - claim == resolved.to_borrower
    if borne:
        assert borne.loss == resolved.loss
        assert covered == min(30_000 * WAD, borne.loss - borne.from_vesting)
    assert stage.desk.status(loan) == CLOSED
    assert stage.desk.value_at(stage.now) == (0, 0)
    assert stage.state(loan).shortfall == resolved.loss
    stage.check()


def test_resolve__by_others_or_twice__reverts(stage, aid, loan, model, mallory):
    liquidated(stage, loan, model)
    with reverts("not auction"):
        stage.desk.resolve(loan, aid, 0, sender=mallory)
    stage.counterparty.resolve(stage.desk, loan, aid, 0, sender=mallory)
    with reverts("not in liquidation"):
        stage.counterparty.resolve(stage.desk, loan, aid, 0, sender=mallory)


def test_resolve__in_a_coin_without_a_price__reverts(stage, loan, model, alice):
    liquidated(stage, loan, model)
    stage.coin.transfer(stage.counterparty, USDC, sender=alice)
    stage.to(stage.now + 3 * DAY)
    with reverts("not convertible"):
        stage.counterparty.resolve(stage.desk, loan, stage.coin, USDC, sender=alice)


def test_recovery__after_the_end__makes_good_what_it_has_cost(stage, vault, aid, loan, model, alice, bob):
    liquidated(stage, loan, model)
    stage.counterparty.resolve(stage.desk, loan, aid, 0, sender=alice)
    missing = stage.state(loan).shortfall
    unvested = vault.summary().unvested
    stage.desk.pay_aid(loan, 1_000 * WAD, sender=alice)
    assert stage.state(loan).shortfall == missing - 1_000 * WAD
    assert abs(vault.summary().unvested - unvested - 1_000 * WAD) <= WAD
    claim = stage.desk.claimable(bob)
    stage.desk.pay(loan, stage.coin, missing // 10**12 + USDC, sender=alice)
    assert stage.state(loan).shortfall == 0
    assert 1_000 * WAD <= stage.desk.claimable(bob) - claim <= 1_001 * WAD
    with reverts("deal closed"):
        stage.desk.pay_aid(loan, WAD, sender=alice)
    stage.check()


def test_escrow__of_a_deal_in_liquidation__joins_the_reserve(stage, loan, model, alice):
    stage.to((model.start + 41) * DAY)
    stage.desk.pay(loan, stage.coin, 1_000 * USDC, sender=alice)
    default(stage, loan, model, 60)
    stage.workout.liquidate(loan, sender=stage.people.carol)
    stage.desk.settle_escrow(1, sender=alice)
    assert stage.state(loan).reserve == RESERVE + 1_000 * WAD
    stage.check()


def test_loss_of_an_offering__is_its_own(stage, vault, insurance, aid, alice):
    aid.approve(insurance, FOREVER, sender=alice)
    insurance.contribute(30_000 * WAD, sender=alice)
    deal = stage.offered(LOAN, first_loss=FIRST_LOSS)
    model = twin(stage, deal, LOAN, first_loss=FIRST_LOSS)
    assets, idle = vault.totalAssets(), vault.summary().idle
    liquidated(stage, deal, model)
    aid.transfer(stage.counterparty, 200_000 * WAD, sender=alice)
    stage.counterparty.resolve(stage.desk, deal, aid, 200_000 * WAD, sender=alice)
    assert aid.balanceOf(stage.counterparty) == stage.counterparty.paid(deal) == 200_000 * WAD + FIRST_LOSS
    assert (vault.totalAssets(), vault.summary().idle) == (assets, idle)
    assert insurance.available() == 30_000 * WAD
    stage.check()


def test_ring_fence__one_deals_reserve_and_first_loss_never_pay_for_another(stage, aid, loan, model, alice):
    other = stage.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)
    liquidated(stage, loan, model)
    held = stage.state(other)
    stage.counterparty.resolve(stage.desk, loan, aid, 0, sender=alice)
    after = stage.state(other)
    assert (after.reserve, after.first_loss) == (held.reserve, held.first_loss) == (RESERVE, FIRST_LOSS)
    stage.check()


# hosting partners


@pytest.mark.parametrize("terms", [LOAN, SHARE, HYBRID], ids=["loan", "share", "hybrid"])
def test_step_in__goes_on_as_a_share_at_the_impaired_value(stage, vault, carol, alice, terms):
    deal = stage.funded(terms, reserve=30_000 * WAD, first_loss=40_000 * WAD, worth=3 * MILLION)
    model = twin(stage, deal, terms, reserve=30_000 * WAD, first_loss=40_000 * WAD)
    stage.at((model.start + 85) * DAY)
    stage.desk.declare_default(deal, sender=alice)
    stage.at((model.start + 88) * DAY + 40_000)
    exit_before = stage.state(deal).gross - stage.state(deal).impairment
    with reverts("not credit"):
        stage.workout.step_in(deal, 10, 30, sender=alice)
    stage.at((model.start + 88) * DAY + 50_000)
    tx = stage.workout.step_in(deal, 10, 30, sender=carol)
    done = model.step_in(stage.now, 10, 30)

    (stepped,) = [log for log in tx.events if log.event_name == "SteppedIn"]
    assert abs(stepped.loss - done.loss) <= DUST
    assert abs(stepped.carried - model.terms.share_cost) <= DUST
    assert exit_before > 0
    agrees(stage, deal, model)
    for days, amount in ((20, 50_000), (30, 300_000), (40, 500_000)):
        stage.at(stage.now + days * DAY)
        fees = stage.desk.fees()
        stage.desk.pay_aid(deal, amount * WAD, sender=alice)
        received = model.pay(stage.now, amount * WAD)
        assert abs(stage.desk.fees() - fees - received.fee) <= 2 * DUST
        agrees(stage, deal, model)


def test_step_in__out_of_bounds__names_the_bound(stage, loan, model, carol):
    with reverts("not in default"):
        stage.workout.step_in(loan, 10, 30, sender=carol)
    default(stage, loan, model, 60)
    for instalments, interval, reason in (
        (10, 32, "interval out of bounds"),
        (2, 30, "term out of bounds"),
        (0, 30, "term out of bounds"),
    ):
        with reverts(reason):
            stage.workout.step_in(loan, instalments, interval, sender=carol)
    stage.workout.mark(loan, 10_000, sender=carol)
    with reverts("no leg"):
        stage.workout.step_in(loan, 10, 30, sender=carol)


def test_step_in__counts_the_new_cost_towards_the_borrowers_cap(stage, loan, model, carol, bob):
    default(stage, loan, model, 100)
    stage.workout.step_in(loan, 12, 30, sender=carol)
    assert stage.deals.exposure(bob) == stage.deals.funding_of(loan) == stage.deals.terms(loan).share_cost
    stage.at(stage.now + 60 * DAY)
    stage.desk.declare_default(loan, sender=bob)
    stage.workout.liquidate(loan, sender=carol)
    stage.counterparty.resolve(stage.desk, loan, stage.protocol.aid, 0, sender=bob)
    assert stage.deals.exposure(bob) == 0
    stage.check()


def test_schedule_of_instalments__as_bullet__is_due_with_its_interest(stage, alice):
    terms = replace(LOAN, amortising=False, instalments=4)
    deal = stage.funded(terms)
    model = Deal(terms, stage.now)
    for k in range(1, 5):
        stage.at((model.start + 30 * k) * DAY - 60)
        if k < 4:
            due = MILLION * 15 * 30 // (100 * 365) + WAD
            stage.desk.pay_aid(deal, due, sender=alice)
            model.pay(stage.now, due)
            agrees(stage, deal, model)
        else:
            stage.desk.pay_aid(deal, FOREVER, sender=alice)
    assert stage.desk.status(deal) == CLOSED


def test_escrow__from_before_a_partner_stepped_in__is_a_receipt_of_the_share(
    stage, loan, model, carol, alice
):
    stage.to((model.start + 41) * DAY)
    stage.desk.pay(loan, stage.coin, 1_000 * USDC, sender=alice)
    default(stage, loan, model, 75)
    stage.workout.step_in(loan, 10, 30, sender=carol)
    claim = stage.desk.claimable(stage.people.bob)
    stage.desk.settle_escrow(1, sender=alice)
    assert stage.state(loan).received == 1_000 * WAD
    assert stage.desk.claimable(stage.people.bob) == claim
    stage.check()


def test_reserve__of_a_hybrid_whose_debt_is_paid__is_not_its_shares(stage, alice, mallory):
    deal = stage.funded(HYBRID, reserve=RESERVE, worth=3 * MILLION)
    stage.desk.pay_aid(deal, FOREVER, sender=alice)
    stage.at(stage.now + 200 * DAY)
    with reverts("nothing to draw"):
        stage.desk.draw_reserve(deal, sender=mallory)
    assert stage.state(deal).reserve == RESERVE
