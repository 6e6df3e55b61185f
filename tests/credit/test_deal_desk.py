"""DealDesk: funding, payments in coins and AID, escrow, reserves, claims; against the model."""

from dataclasses import replace
from fractions import Fraction

import pytest
from ape import reverts

from integrations.credit_model import Deal
from tests.conftest import DAY, WAD
from tests.support.deal_terms import FOREVER, HYBRID, LOAN, MILLION, SHARE

PERFORMING, DEFAULTED, LIQUIDATING, CLOSED = 1, 2, 4, 8
RESERVE, FIRST_LOSS = 50_000 * WAD, 100_000 * WAD
USDC = 10**6
#: Rounding of slopes and of one payment, wei.
DUST = 2


def twin(stage, deal, terms, **kwargs):
    """The model of a deal that the last transaction has funded."""
    return Deal(terms, stage.now, **kwargs)


def agrees(stage, deal, model, t=None):
    """Chain and model say the same of a deal, to a few wei, and the books balance."""
    t = stage.now if t is None else t
    state = stage.state(deal)
    assert abs(state.gross - model.gross(t)) <= DUST
    assert abs(state.impairment - model.impairment(t)) <= DUST
    assert abs(state.principal - model.account.principal) <= DUST
    assert (state.status, state.reserve) == (model.status.value, model.reserve)
    assert abs(stage.desk.owed(deal) - model.owed(t)) <= DUST
    for leg, stop in ((model.debt, state.stop), (model.share, state.share_stop)):
        assert stop == (leg.stop if leg else 0)
    stage.check()


# funding


@pytest.mark.parametrize("terms", [LOAN, SHARE, HYBRID], ids=["loan", "share", "hybrid"])
def test_fund__of_a_deal__pays_the_borrower_all_but_fee_and_reserve(stage, vault, aid, bob, terms):
    deal = stage.approved(terms, reserve=RESERVE, first_loss=FIRST_LOSS, worth=3 * MILLION)
    amount = terms.principal + terms.share_cost
    coins, dollars, idle = stage.coin.balanceOf(bob), aid.balanceOf(bob), vault.summary().idle
    assets, supply = vault.totalAssets(), aid.totalSupply()

    stage.desk.fund(deal, sender=stage.people.carol)

    model = twin(stage, deal, terms, reserve=RESERVE, first_loss=FIRST_LOSS)
    paid = amount - model.fee - RESERVE
    assert stage.coin.balanceOf(bob) - coins == paid // 10**12
    assert dollars - aid.balanceOf(bob) == FIRST_LOSS
    assert supply - aid.totalSupply() == paid
    assert idle - vault.summary().idle == amount
    assert vault.totalAssets() == assets
    assert stage.desk.fees() == model.fee
    assert stage.receipts.is_locked(stage.deals.receipt_of(deal))
    assert stage.desk.value_at(stage.now) == (amount, 0)
    agrees(stage, deal, model)


def test_fund__by_others_or_of_anothers_deal__reverts(stage, alice):
    deal = stage.approved(LOAN)
    with reverts("not credit"):
        stage.desk.fund(deal, sender=alice)
    with reverts("other funder"):
        stage.desk.fund_offering(deal, sender=alice)
    offered = stage.approved(LOAN, funder=stage.counterparty)
    with reverts("other funder"):
        stage.desk.fund(offered, sender=stage.people.carol)


def test_fund__without_the_first_loss__reverts(stage, aid, bob, carol):
    deal = stage.approved(LOAN, first_loss=FIRST_LOSS)
    aid.approve(stage.desk, FIRST_LOSS - 1, sender=bob)
    with reverts("erc20: insufficient allowance"):
        stage.desk.fund(deal, sender=carol)
    aid.approve(stage.desk, FIRST_LOSS, sender=bob)
    stage.desk.fund(deal, sender=carol)


# payments


@pytest.fixture
def loan(stage):
    return stage.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)


@pytest.fixture
def loan_twin(stage, loan):
    return twin(stage, loan, LOAN, reserve=RESERVE, first_loss=FIRST_LOSS)


@pytest.mark.parametrize("days", [0, 15, 29, 30, 39, 40, 41, 55, 80, 150], ids=lambda days: f"day {days}")
def test_pay__at_any_time__splits_as_the_model_says(stage, vault, loan, loan_twin, alice, days):
    stage.at((loan_twin.start + days) * DAY + 7)
    idle, fees = vault.summary().idle, stage.desk.fees()
    tx = stage.desk.pay(loan, stage.coin, 100_000 * USDC, sender=alice)

    done = loan_twin.pay(stage.now, 100_000 * WAD)
    (paid,) = [log for log in tx.events if log.event_name == "Paid"]
    assert (paid.deal, paid.leg, paid.used) == (loan, 2 * loan, done.used)
    assert abs(paid.fee - done.fee) <= DUST
    assert abs(paid.gain - done.gain) <= DUST
    assert abs(vault.summary().idle - idle - done.to_funder) <= DUST
    assert abs(stage.desk.fees() - fees - done.fee) <= DUST
    assert vault.summary().idle - idle + stage.desk.fees() - fees == done.used
    agrees(stage, loan, loan_twin)


def test_pay__in_a_coin__moves_it_straight_from_the_payer_to_the_gateway(stage, gateway, loan, alice):
    coin, units = stage.coin, 100_000 * USDC
    payer, held = coin.balanceOf(alice), coin.balanceOf(gateway)
    tx = stage.desk.pay(loan, coin, units, sender=alice)
    moves = [(log.sender, log.receiver, log.value) for log in coin.Transfer.from_receipt(tx)]
    assert moves == [(alice, gateway, units)]
    assert (coin.balanceOf(alice), coin.balanceOf(gateway)) == (payer - units, held + units)
    assert coin.balanceOf(stage.desk) == coin.allowance(stage.desk, gateway) == 0


def test_bring__by_others_than_the_gateway__reverts(stage, alice, carol, mallory):
    # alice has approved the desk
    for caller in (mallory, alice, carol):
        with reverts("not gateway"):
            stage.desk.bring(stage.coin, USDC, alice, sender=caller)


def test_pay__of_a_wei__moves_neither_anchor_nor_impairment(stage, loan, loan_twin, alice):
    stage.at((loan_twin.start + 120) * DAY)
    before = stage.state(loan)
    stage.desk.pay_aid(loan, 1, sender=alice)
    after = stage.state(loan)
    assert after.stop == before.stop
    assert after.impairment >= before.impairment > 0


def test_pay__in_aid__takes_no_more_than_is_owed_and_closes(stage, aid, loan, alice, bob):
    stage.at(stage.now + 45 * DAY)
    owed = stage.desk.owed(loan)
    before = aid.balanceOf(alice)
    tx = stage.desk.pay_aid(loan, FOREVER, sender=alice)

    taken = before - aid.balanceOf(alice)
    # interest of the second between the view and the payment
    assert 0 <= taken - owed <= MILLION * 15 // (100 * 365 * DAY) * 60
    assert tx.return_value == taken
    assert stage.desk.status(loan) == CLOSED
    assert stage.desk.claimable(bob) == RESERVE + FIRST_LOSS
    assert not stage.receipts.is_locked(1)
    assert (stage.deals.open_deals(), stage.deals.exposure(bob), stage.deals.totalSupply()) == (0, 0, 0)
    assert stage.desk.value_at(stage.now) == (0, 0)
    stage.check()


def test_pay__too_much_in_a_coin__is_the_borrowers_to_claim(stage, aid, loan, alice, bob):
    owed = stage.desk.owed(loan)
    stage.desk.pay(loan, stage.coin, owed // 10**12 + 5_000 * USDC, sender=alice)
    claim = stage.desk.claimable(bob) - RESERVE - FIRST_LOSS
    assert 4_999 * WAD < claim <= 5_000 * WAD
    before = aid.balanceOf(alice)
    stage.desk.claim(alice, sender=bob)
    assert aid.balanceOf(alice) - before == claim + RESERVE + FIRST_LOSS
    with reverts("nothing to claim"):
        stage.desk.claim(bob, sender=bob)
    stage.check()


def test_pay__of_nothing_or_in_a_coin_the_gateway_does_not_take__reverts_and_takes_nothing(
    stage, project, loan, alice
):
    strange = alice.deploy(project.Stablecoin, "Strange", "STR", 6)
    strange.mint(alice, USDC, sender=alice)
    strange.approve(stage.desk, USDC, sender=alice)
    with reverts("unknown asset"):
        stage.desk.pay(loan, strange, USDC, sender=alice)
    assert strange.balanceOf(alice) == USDC
    before = stage.coin.balanceOf(alice)
    with reverts("zero amount"):
        stage.desk.pay(loan, stage.coin, 0, sender=alice)
    with reverts("not funded"):
        stage.desk.pay_aid(99, WAD, sender=alice)
    assert stage.coin.balanceOf(alice) == before
    assert stage.state(loan).paid == 0


def test_pay__for_a_deal_that_is_not_there_or_over__reverts(stage, loan, alice):
    with reverts("not funded"):
        stage.desk.pay(99, stage.coin, USDC, sender=alice)
    with reverts("no such leg"):
        stage.desk.pay_aid(loan, WAD, True, sender=alice)
    with reverts("zero amount"):
        stage.desk.pay_aid(loan, 0, sender=alice)
    stage.desk.pay_aid(loan, FOREVER, sender=alice)
    with reverts("deal closed"):
        stage.desk.pay_aid(loan, WAD, sender=alice)


def test_claim__of_a_denied_borrower__waits_and_blocks_nobody(stage, aid, loan, alice, bob, compliance):
    aid.deny(bob, sender=compliance)
    stage.desk.pay_aid(loan, FOREVER, sender=alice)
    assert stage.desk.status(loan) == CLOSED
    with reverts("denied"):
        stage.desk.claim(bob, sender=bob)
    aid.allow(bob, sender=compliance)
    stage.desk.claim(bob, sender=bob)


def test_fees__go_to_their_receiver_whoever_asks(stage, aid, loan, governor, mallory):
    fees = stage.desk.fees()
    before = aid.balanceOf(stage.people.treasurer)
    stage.desk.claim_fees(sender=mallory)
    assert aid.balanceOf(stage.people.treasurer) - before == fees
    with reverts("nothing to claim"):
        stage.desk.claim_fees(sender=mallory)
    with reverts("not governor"):
        stage.desk.set_fee_receiver(mallory, sender=mallory)
    stage.desk.set_fee_receiver("0x" + 40 * "0", sender=governor)
    with reverts("no fee receiver"):
        stage.desk.claim_fees(sender=mallory)


# revenue shares and hybrids


def test_receipt__of_a_share__is_income_less_the_fee_on_earnings(stage, vault, alice):
    deal = stage.funded(SHARE)
    model = twin(stage, deal, SHARE)
    total = 0
    for day, amount in ((10, 50_000), (31, 90_000), (70, 30_000), (95, 200_000)):
        stage.at((model.start + day) * DAY + 3)
        fees = stage.desk.fees()
        stage.desk.pay_aid(deal, amount * WAD, sender=alice)
        done = model.pay(stage.now, amount * WAD)
        assert abs(stage.desk.fees() - fees - done.fee) <= DUST
        total += amount * WAD
        agrees(stage, deal, model)
    assert stage.state(deal).received == total


def test_share__that_has_run_out_with_its_minimums__can_be_closed(stage, alice, bob):
    deal = stage.funded(SHARE, first_loss=FIRST_LOSS)
    stage.desk.pay_aid(deal, SHARE.share_minimum * 10 - 1, sender=alice)
    stage.at(stage.now + 302 * DAY)
    with reverts("still open"):
        stage.desk.close(deal, sender=alice)
    # a wei that was missing for two days bears another one
    stage.desk.pay_aid(deal, 1, sender=alice)
    assert stage.desk.status(deal) == PERFORMING
    stage.desk.pay_aid(deal, 1, sender=alice)
    assert stage.desk.status(deal) == CLOSED
    assert stage.desk.claimable(bob) == FIRST_LOSS
    stage.check()


def test_share__with_all_minimums_early__is_closed_by_anyone_at_its_end(stage, alice, mallory):
    deal = stage.funded(SHARE)
    stage.desk.pay_aid(deal, SHARE.share_minimum * 10, sender=alice)
    with reverts("still open"):
        stage.desk.close(deal, sender=mallory)
    stage.at(stage.now + 320 * DAY)
    with reverts("not late"):
        stage.desk.declare_default(deal, sender=mallory)
    stage.desk.close(deal, sender=mallory)
    assert stage.desk.status(deal) == CLOSED


def test_hybrid__has_two_clocks__and_ends_with_the_later(stage, alice):
    deal = stage.funded(HYBRID, reserve=RESERVE, worth=3 * MILLION)
    model = twin(stage, deal, HYBRID, reserve=RESERVE)
    stage.at((model.start + 20) * DAY)
    stage.desk.pay_aid(deal, 40_000 * WAD, True, sender=alice)
    model.pay(stage.now, 40_000 * WAD, to_share=True)
    agrees(stage, deal, model)
    stage.at((model.start + 25) * DAY)
    stage.desk.pay_aid(deal, FOREVER, sender=alice)
    model.pay(stage.now, model.owed_on_debt(stage.now))
    agrees(stage, deal, model)
    assert stage.desk.status(deal) == PERFORMING
    stage.desk.pay_aid(deal, 260_000 * WAD, sender=alice)
    stage.at((model.start + 300) * DAY)
    stage.desk.close(deal, sender=alice)
    assert stage.desk.status(deal) == CLOSED
    stage.check()


# the reserve


def test_reserve__counts_before_it_is_drawn__and_pays_what_is_overdue(stage, vault, loan, loan_twin, mallory):
    # with 50,000 of reserve the first instalment of 95,000 is not covered
    assert stage.state(loan).stop == loan_twin.start + 40
    with reverts("nothing to draw"):
        stage.desk.draw_reserve(loan, sender=mallory)
    stage.at((loan_twin.start + 40) * DAY)
    fees, idle = stage.desk.fees(), vault.summary().idle
    stage.desk.draw_reserve(loan, sender=mallory)

    done = loan_twin.draw(stage.now)
    assert done.used == RESERVE
    assert abs(stage.desk.fees() - fees - done.fee) <= DUST
    assert abs(vault.summary().idle - idle - done.to_funder) <= DUST
    agrees(stage, loan, loan_twin)


def test_reserve__of_a_share__pays_its_minimums(stage, alice, mallory):
    deal = stage.funded(SHARE, reserve=100_000 * WAD)
    model = twin(stage, deal, SHARE, reserve=100_000 * WAD)
    assert stage.state(deal).share_stop == model.start + 70
    stage.at((model.start + 40) * DAY)
    stage.desk.draw_reserve(deal, sender=mallory)
    model.draw(stage.now)
    assert stage.state(deal).reserve == 40_000 * WAD
    agrees(stage, deal, model)


# escrow


def test_escrowed_payment__counts_in_time__and_is_used_when_converted(stage, vault, loan, loan_twin, alice):
    stage.to((loan_twin.start + 35) * DAY)
    stop = stage.state(loan).stop
    tx = stage.desk.pay(loan, stage.coin, 100_000 * USDC, sender=alice)
    assert tx.return_value == 0
    state = stage.state(loan)
    assert (state.stop, state.principal, state.waiting) == (stop + 30, MILLION, 100_000 * WAD)
    stage.check()

    stage.at((loan_twin.start + 50) * DAY)
    with reverts("not late"):
        stage.desk.declare_default(loan, sender=alice)
    stage.at((loan_twin.start + 50) * DAY + 10)
    stage.desk.settle_escrow(1, sender=alice)
    state = stage.state(loan)
    assert (state.stop, state.waiting, state.paid) == (stop + 30, 0, 100_000 * WAD)
    # interest ran until the conversion, at the deal's rate; default interest of the five days before the
    # payment comes after principal that is due
    interest = Fraction(MILLION * 15 * (stage.now - loan_twin.since), 100 * 365 * DAY)
    assert abs(MILLION - state.principal - (100_000 * WAD - interest)) <= 10**6
    stage.check()
    with reverts("unknown escrow"):
        stage.desk.settle_escrow(1, sender=alice)


def test_escrow_that_a_stranger_converted__is_still_its_deals(stage, gateway, loan, alice, mallory):
    stage.to(stage.now + 30 * DAY)
    stage.desk.pay(loan, stage.coin, 60_000 * USDC, sender=alice)
    stage.at(stage.now + DAY)
    gateway.convert_escrow(1, sender=mallory)
    stage.desk.settle_escrow(1, sender=mallory)
    assert stage.state(loan).paid == 60_000 * WAD
    stage.check()


def test_escrow_of_a_coin_below_par__counts_at_its_last_price(stage, usdc_feed, loan, alice, governor):
    usdc_feed.set_price(50 * 10**6, sender=governor)
    stage.desk.pay(loan, stage.coin, 100_000 * USDC, sender=alice)
    assert stage.state(loan).waiting == 50_000 * WAD
    usdc_feed.set_price(991 * 10**5, sender=governor)
    stage.desk.settle_escrow(1, sender=alice)
    assert stage.state(loan).paid == 99_100 * WAD
    stage.check()


def test_escrow_converted_below_what_it_counted__does_not_pull_the_anchor_back(
    stage, usdc_feed, loan, loan_twin, alice, governor
):
    stage.to((loan_twin.start + 35) * DAY)
    # 95,000 less the reserve, to the dollar
    stage.desk.pay(loan, stage.coin, 46_000 * USDC, sender=alice)
    stop = stage.state(loan).stop
    assert stop == loan_twin.start + 70
    stage.at(stage.now + 100)
    usdc_feed.set_price(99 * 10**6, sender=governor)
    stage.desk.settle_escrow(1, sender=alice)
    state = stage.state(loan)
    assert (state.stop, state.paid) == (stop, 46_000 * WAD)
    stage.check()


def test_last_instalment_in_escrow__keeps_the_deal_from_default(stage, alice):
    terms = replace(LOAN, amortising=False, instalments=3)
    deal = stage.funded(terms)
    stage.to(stage.now + 85 * DAY)
    stage.desk.pay(deal, stage.coin, 1_100_000 * USDC, sender=alice)
    stage.at(stage.now + 60 * DAY)
    with reverts("not late"):
        stage.desk.declare_default(deal, sender=alice)
    assert stage.state(deal).impairment == 0
    stage.at(stage.now + 10)
    stage.desk.settle_escrow(1, sender=alice)
    assert stage.desk.status(deal) == CLOSED
    stage.check()


# offerings


def test_offering__is_no_part_of_the_book__and_is_paid_itself(stage, vault, aid, alice):
    assets = vault.totalAssets()
    deal = stage.offered(LOAN, reserve=RESERVE)
    model = twin(stage, deal, LOAN, reserve=RESERVE)
    assert stage.desk.value_at(stage.now) == (0, 0)
    stage.at((model.start + 28) * DAY)
    stage.desk.pay(deal, stage.coin, 100_000 * USDC, sender=alice)
    done = model.pay(stage.now, 100_000 * WAD)
    paid = aid.balanceOf(stage.counterparty)
    assert abs(paid - done.to_funder) <= DUST
    assert stage.counterparty.paid(deal) == paid
    assert vault.totalAssets() == assets
    agrees(stage, deal, model)


# the book


def test_checkpoint__by_anyone__changes_no_value(stage, loan, mallory):
    stage.at(stage.now + 50 * DAY)
    stage.desk.checkpoint(sender=mallory)
    t = stage.now + 90 * DAY
    before = stage.desk.value_at(t)
    stage.at(stage.now + 60 * DAY)
    stage.desk.checkpoint(sender=mallory)
    assert stage.desk.value_at(t) == before
    with reverts("before last change"):
        stage.desk.value_at(stage.now - 1)


def test_cycle_that_ended_in_the_past__is_settled_before_the_book_changes(stage, vault, loan, alice):
    vault.requestRedeem(MILLION, alice, alice, sender=alice)
    end = vault.cycle_start(vault.summary().cycle + 1)
    if vault.summary().upcoming:
        end += 30 * DAY
    gross, impairment = stage.desk.value_at(end)
    idle, supply = vault.summary().idle, vault.summary().supply
    stage.at(end + 3 * DAY)
    stage.desk.pay_aid(loan, 100_000 * WAD, sender=alice)
    price = Fraction(idle + gross - impairment + 10**6, supply + 10**6)
    assert abs(vault.claimableRedeemRequest(0, alice) - MILLION) == 0
    assert abs(vault.maxWithdraw(alice) - int(MILLION * price)) <= 10**6
