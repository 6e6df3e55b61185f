"""Offering: a sale that funds its deal or gives everything back, and payments for whoever holds then."""

import os
import random

import pytest
from ape import reverts

from tests.aid.gateway_setup import AFTER_THE_INSTALLATION, FOREVER, ZERO
from tests.conftest import DAY, WAD
from tests.support.isolation import isolated
from tests.support.permit import sign_permit

from .clock import at, go_to
from .ledger import Ledger

pytestmark = AFTER_THE_INSTALLATION

DEAL = 7
CAP = 100_000 * WAD
MINIMUM = 40_000 * WAD
PROPOSED, APPROVED, CANCELLED = 1, 2, 16  # IDeals.Stage
SELLING, SOLD, FUNDED, FAILED = 1, 2, 4, 8  # Offering.Status


@pytest.fixture(scope="module")
def make(protocol, project, governor, desk, chain):
    """Offers a deal that needs CAP."""

    def make(deal=DEAL, minimum=MINIMUM, deadline=None, funding=CAP):
        desk.set_deal(deal, PROPOSED, ZERO, funding, sender=governor)
        parts = (protocol.roles, protocol.allowlist, protocol.aid, desk, desk)
        deadline = deadline or chain.pending_timestamp + 30 * DAY
        return governor.deploy(project.Offering, *parts, deal, minimum, deadline)

    return make


@pytest.fixture(scope="module")
def offering(make, desk, governor, rich, chain):
    """An approved offering of 100,000 AID, which alice, bob and carol have approved for all they have."""
    deadline = chain.pending_timestamp + 30 * DAY
    offering = make(deadline=deadline)
    desk.set_deal(DEAL, APPROVED, offering, CAP, sender=governor)
    return offering


@pytest.fixture(scope="module", autouse=True)
def approvals(offering, desk, aid, rich, governor):
    for user in rich:
        aid.approve(offering, FOREVER, sender=user)
        aid.approve(desk, FOREVER, sender=user)


@pytest.fixture
def funded(offering, alice, bob, carol):
    """Sold out and closed: alice has 50,000, bob 30,000, carol 20,000."""
    for user, amount in ((alice, 50_000), (bob, 30_000), (carol, 20_000)):
        offering.buy(amount * WAD, amount * WAD, sender=user)
    offering.close(sender=alice)
    return offering


@pytest.fixture
def pay(offering, desk, carol):
    """Has the desk pay the deal's holders with AID of carol's."""
    return lambda amount: desk.pay(offering, DEAL, amount, sender=carol)


# the sale


def test_offer__takes_its_cap_from_the_deal(offering, desk, aid, chain):
    assert (offering.CAP(), offering.MINIMUM(), offering.DEAL()) == (CAP, MINIMUM, DEAL)
    assert (offering.DEALS(), offering.DESK(), offering.AID()) == (desk, desk, aid)
    assert (offering.status(), offering.available(), offering.totalSupply()) == (SELLING, CAP, 0)
    assert (offering.name(), offering.symbol(), offering.decimals()) == (
        "AID deal 7 participation",
        "DEAL-7",
        18,
    )


def test_buy__gives_one_participation_for_one_aid(offering, aid, alice, bob):
    before = aid.balanceOf(alice)
    tx = offering.buy(12_345 * WAD, 12_345 * WAD, bob, sender=alice)
    assert tx.return_value == 12_345 * WAD
    assert offering.Bought(buyer=alice, receiver=bob, amount=12_345 * WAD) in tx.events
    assert (offering.balanceOf(alice), offering.balanceOf(bob)) == (0, 12_345 * WAD)
    assert (aid.balanceOf(alice), aid.balanceOf(offering)) == (before - 12_345 * WAD, 12_345 * WAD)
    assert offering.available() == CAP - 12_345 * WAD


def test_buy__of_more_than_is_left__takes_the_rest(offering, aid, alice, bob):
    offering.buy(CAP - 5 * WAD, 0, sender=alice)
    before = aid.balanceOf(bob)
    assert offering.buy(1_000 * WAD, 5 * WAD, sender=bob).return_value == 5 * WAD
    assert aid.balanceOf(bob) == before - 5 * WAD
    assert (offering.totalSupply(), offering.status()) == (CAP, SOLD)


def test_c10__racing_for_the_cap__sells_no_more_than_it_and_the_loser_keeps_everything(
    offering, aid, alice, bob, carol
):
    offering.buy(CAP - 10 * WAD, 0, sender=alice)
    offering.buy(6 * WAD, 6 * WAD, sender=bob)
    before = aid.balanceOf(carol)
    with reverts("sold out"):
        offering.buy(6 * WAD, 6 * WAD, sender=carol)
    assert aid.balanceOf(carol) == before
    offering.buy(6 * WAD, 4 * WAD, sender=carol)
    assert offering.balanceOf(carol) == 4 * WAD
    with reverts("not selling"):
        offering.buy(1, 0, sender=bob)
    assert offering.totalSupply() == CAP == aid.balanceOf(offering)


def test_buy__without_kyc_or_money__reverts(offering, aid, alice, dave):
    aid.transfer(dave, 100 * WAD, sender=alice)
    aid.approve(offering, FOREVER, sender=dave)
    with reverts("kyc required"):
        offering.buy(WAD, WAD, sender=dave)
    with reverts("zero amount"):
        offering.buy(0, 0, sender=alice)
    aid.transfer(dave, aid.balanceOf(alice), sender=alice)
    with reverts("erc20: transfer amount exceeds balance"):
        offering.buy(WAD, WAD, sender=alice)


def test_buy__for_someone_without_kyc__works_as_any_transfer_would(offering, alice, mallory):
    offering.buy(WAD, WAD, mallory, sender=alice)
    assert offering.balanceOf(mallory) == WAD


def test_buy__by_or_for_the_denied__reverts(offering, aid, compliance, alice, bob):
    aid.deny(bob, sender=compliance)
    for buyer, receiver in ((bob, alice), (alice, bob)):
        with reverts("denied"):
            offering.buy(WAD, WAD, receiver, sender=buyer)
    with reverts("receiver is offering"):
        offering.buy(WAD, WAD, offering, sender=alice)


def test_buy__of_a_deal_that_is_not_approved_for_this_offering__reverts(offering, desk, governor, alice):
    for stage, funder in ((PROPOSED, offering), (APPROVED, alice), (4, offering)):
        desk.set_deal(DEAL, stage, funder, CAP, sender=governor)
        with reverts("not approved"):
            offering.buy(WAD, WAD, sender=alice)


def test_deploy__out_of_bounds__reverts(make, project, protocol, desk, governor, alice, chain):
    for funding in (0, 10**21 - 1):
        with reverts("cap out of bounds"):
            make(funding=funding, minimum=1)
    for minimum in (0, CAP + 1):
        with reverts("minimum out of bounds"):
            make(minimum=minimum)
    now = chain.pending_timestamp
    for deadline in (now, now + 91 * DAY):
        with reverts("deadline out of bounds"):
            make(deadline=deadline)
    parts = [
        protocol.roles.address,
        protocol.allowlist.address,
        protocol.aid.address,
        desk.address,
        desk.address,
    ]
    for i in range(5):
        with reverts("no code"):
            governor.deploy(
                project.Offering, *parts[:i], alice.address, *parts[i + 1 :], DEAL, MINIMUM, now + DAY
            )


# closing


def test_close__of_a_sale_that_is_sold_out__funds_the_deal(offering, desk, aid, alice, mallory):
    offering.buy(CAP, CAP, sender=alice)
    at(offering.DEADLINE() - 5 * DAY)
    tx = offering.close(sender=mallory)
    assert offering.Closed(deal=DEAL, amount=CAP) in tx.events
    assert (aid.balanceOf(offering), aid.balanceOf(desk)) == (0, CAP)
    assert (offering.status(), offering.closed_at()) == (FUNDED, tx.timestamp)
    with reverts("not sold"):
        offering.close(sender=mallory)
    with reverts("not failed"):
        offering.refund(sender=alice)
    with reverts("not selling"):
        offering.buy(WAD, 0, sender=alice)


def test_close__before_everything_is_sold__reverts(offering, alice):
    offering.buy(CAP - 1, 0, sender=alice)
    with reverts("not sold"):
        offering.close(sender=alice)


def test_close__of_which_the_desk_takes_less__reverts(offering, desk, governor, alice):
    offering.buy(CAP, CAP, sender=alice)
    desk.set_shortfall(1, sender=governor)
    with reverts("not taken"):
        offering.close(sender=alice)


def test_deadline__with_the_minimum_reached__lets_the_sale_go_on_until_it_is_sold_out(offering, alice, bob):
    offering.buy(MINIMUM, MINIMUM, sender=alice)
    go_to(offering.DEADLINE() + 14 * DAY - 5)
    assert (offering.status(), offering.available()) == (SELLING, CAP - MINIMUM)
    offering.buy(CAP, CAP - MINIMUM, sender=bob)
    offering.close(sender=bob)
    assert offering.status() == FUNDED


def test_deadline__with_the_minimum_missed_by_a_wei__opens_refunds_at_once(offering, aid, alice, bob):
    alices, bobs = aid.balanceOf(alice), aid.balanceOf(bob)
    offering.buy(MINIMUM - 2 * WAD, 0, sender=alice)
    offering.buy(2 * WAD - 1, 0, sender=bob)
    go_to(offering.DEADLINE())
    assert offering.status() == SELLING
    go_to(offering.DEADLINE() + 1)
    assert (offering.status(), offering.available()) == (FAILED, 0)
    with reverts("not selling"):
        offering.buy(WAD, 0, sender=alice)
    tx = offering.refund(sender=alice)
    assert offering.Refunded(owner=alice, receiver=alice, amount=MINIMUM - 2 * WAD) in tx.events
    assert offering.refund(sender=bob).return_value == 2 * WAD - 1
    assert (aid.balanceOf(alice), aid.balanceOf(bob)) == (alices, bobs)
    assert (aid.balanceOf(offering), offering.totalSupply(), offering.status()) == (0, 0, FAILED)
    with reverts("nothing to refund"):
        offering.refund(sender=alice)


def test_extension__passing_without_funding__opens_refunds_even_if_sold_out(offering, aid, alice):
    offering.buy(CAP, CAP, sender=alice)
    go_to(offering.DEADLINE() + 14 * DAY)
    assert offering.status() == SOLD
    go_to(offering.DEADLINE() + 14 * DAY + 1)
    assert offering.status() == FAILED
    with reverts("not sold"):
        offering.close(sender=alice)
    offering.refund(sender=alice)
    assert aid.balanceOf(offering) == 0


def test_cancel__by_credit_or_guardian__opens_refunds(offering, aid, committee, guardian, alice, chain):
    before = aid.balanceOf(alice)
    offering.buy(MINIMUM, 0, sender=alice)
    for who in (committee, guardian):
        with isolated():
            tx = offering.cancel(sender=who)
            assert tx.events == [offering.Cancelled(by=who)]
            assert (offering.status(), offering.cancelled()) == (FAILED, True)
            offering.refund(sender=alice)
            assert aid.balanceOf(alice) == before
            with reverts("not open"):
                offering.cancel(sender=who)


def test_cancel__by_others_or_once_funded__reverts(offering, governor, committee, alice):
    for who in (governor, alice):
        with reverts("not credit or guardian"):
            offering.cancel(sender=who)
    offering.buy(CAP, CAP, sender=alice)
    offering.close(sender=alice)
    with reverts("not open"):
        offering.cancel(sender=committee)


def test_deal__being_cancelled__opens_refunds(offering, desk, governor, alice):
    offering.buy(MINIMUM, 0, sender=alice)
    desk.set_deal(DEAL, CANCELLED, offering, CAP, sender=governor)
    assert offering.status() == FAILED
    assert offering.refund(sender=alice).return_value == MINIMUM


def test_c10__refund_of_a_participation_that_was_sold_on__pays_who_holds_it(
    offering, aid, committee, alice, mallory
):
    offering.buy(MINIMUM, 0, sender=alice)
    offering.transfer(mallory, 7 * WAD, sender=alice)
    offering.cancel(sender=committee)
    assert offering.refund(sender=mallory).return_value == 7 * WAD
    assert offering.refund(mallory, sender=alice).return_value == MINIMUM - 7 * WAD
    assert aid.balanceOf(mallory) == MINIMUM


def test_refund__by_or_to_the_denied__waits(offering, aid, committee, compliance, governor, alice, bob):
    offering.buy(MINIMUM, 0, sender=alice)
    offering.cancel(sender=committee)
    aid.deny(alice, sender=compliance)
    with reverts("denied"):
        offering.refund(bob, sender=alice)
    aid.allow(alice, sender=compliance)
    aid.deny(bob, sender=compliance)
    with reverts("denied"):
        offering.refund(bob, sender=alice)
    assert offering.refund(sender=alice).return_value == MINIMUM


# payments


def test_on_payment__is_split_in_proportion(funded, pay, aid, alice, bob, carol):
    tx = pay(10_000 * WAD)
    assert funded.Paid(deal=DEAL, amount=10_000 * WAD) in tx.events
    for user, part in ((alice, 5_000), (bob, 3_000), (carol, 2_000)):
        assert part * WAD - 2_711 <= funded.claimable(user) <= part * WAD
        before, claimable = aid.balanceOf(user), funded.claimable(user)
        tx = funded.claim(sender=user)
        assert funded.Claimed(owner=user, receiver=user, amount=claimable) in tx.events
        assert aid.balanceOf(user) == before + claimable
    assert 0 <= aid.balanceOf(funded) <= 5_421
    assert funded.received() == 10_000 * WAD


def test_on_payment__too_small_to_divide__is_not_lost(funded, pay, alice):
    """100,000 AID in participations divide by 5,421 wei at least; smaller payments add up."""
    for _ in range(12):
        pay(1_000)
    assert 6_000 - 2_711 <= funded.claimable(alice) <= 6_000


def test_on_payment__by_others_or_for_another_deal__reverts(funded, desk, governor, alice):
    for who in (governor, alice):
        with reverts("not desk"):
            funded.on_payment(DEAL, WAD, sender=who)
    with reverts("wrong deal"):
        desk.forward(funded, funded.on_payment.encode_input(DEAL + 1, WAD), sender=alice)
    with reverts("payments out of bounds"):
        desk.forward(funded, funded.on_payment.encode_input(DEAL, 2**96), sender=alice)


def test_on_payment__before_funding__reverts(offering, pay):
    with reverts("not funded"):
        pay(WAD)


def test_claim__of_nothing__reverts(funded, pay, alice, mallory):
    with reverts("nothing to claim"):
        funded.claim(sender=alice)
    pay(WAD)
    funded.claim(sender=alice)
    for who in (alice, mallory):
        with reverts("nothing to claim"):
            funded.claim(sender=who)


def test_claim__to_someone_else__pays_them(funded, pay, aid, alice, mallory):
    pay(1_000 * WAD)
    claimable = funded.claimable(alice)
    funded.claim(mallory, sender=alice)
    assert aid.balanceOf(mallory) == claimable
    assert 500 * WAD - 2_711 <= claimable <= 500 * WAD


def test_claim__by_or_to_the_denied__waits(funded, pay, aid, compliance, alice, bob):
    pay(1_000 * WAD)
    claimable = funded.claimable(alice)
    aid.deny(alice, sender=compliance)
    with reverts("denied"):
        funded.claim(bob, sender=alice)
    pay(1_000 * WAD)
    aid.allow(alice, sender=compliance)
    aid.deny(bob, sender=compliance)
    with reverts("denied"):
        funded.claim(bob, sender=alice)
    with reverts("receiver is offering"):
        funded.claim(funded, sender=alice)
    assert 2 * claimable <= funded.claim(sender=alice).return_value <= 1_000 * WAD


def test_claim__while_aid_is_paused__waits(funded, pay, aid, guardian, governor, alice):
    pay(1_000 * WAD)
    aid.pause(sender=guardian)
    with reverts("paused"):
        funded.claim(sender=alice)
    aid.unpause(sender=governor)
    funded.claim(sender=alice)


# the token


def test_c10__buying_just_before_a_payment_and_selling_after__gets_that_payment_only(
    funded, pay, alice, bob, mallory
):
    pay(10_000 * WAD)
    funded.transfer(mallory, 50_000 * WAD, sender=alice)
    assert funded.claimable(mallory) == 0
    pay(2_000 * WAD)
    funded.transfer(alice, 50_000 * WAD, sender=mallory)
    pay(4_000 * WAD)
    assert 1_000 * WAD - 5_421 <= funded.claimable(mallory) <= 1_000 * WAD
    assert 7_000 * WAD - 5_421 <= funded.claimable(alice) <= 7_000 * WAD
    assert 4_800 * WAD - 5_421 <= funded.claimable(bob) <= 4_800 * WAD


def test_transfer__to_oneself__changes_nothing(funded, pay, alice):
    pay(10_000 * WAD)
    claimable = funded.claimable(alice)
    for amount in (0, WAD, 50_000 * WAD):
        funded.transfer(alice, amount, sender=alice)
    funded.approve(alice, 50_000 * WAD, sender=alice)
    funded.transferFrom(alice, alice, 50_000 * WAD, sender=alice)
    assert (funded.balanceOf(alice), funded.claimable(alice)) == (50_000 * WAD, claimable)
    pay(10_000 * WAD)
    assert 2 * claimable <= funded.claimable(alice) <= 10_000 * WAD


def test_transfer__by_or_to_the_denied__reverts(funded, aid, compliance, alice, bob, carol):
    funded.approve(bob, FOREVER, sender=alice)
    aid.deny(bob, sender=compliance)
    for call in (
        lambda: funded.transfer(carol, WAD, sender=bob),
        lambda: funded.transfer(bob, WAD, sender=alice),
        lambda: funded.transferFrom(alice, carol, WAD, sender=bob),
    ):
        with reverts("denied"):
            call()
    with reverts("receiver is offering"):
        funded.transfer(funded, WAD, sender=alice)


def test_transfer_from__spends_the_allowance(funded, alice, bob, mallory):
    funded.approve(bob, 5 * WAD, sender=alice)
    funded.transferFrom(alice, mallory, 3 * WAD, sender=bob)
    assert (funded.allowance(alice, bob), funded.balanceOf(mallory)) == (2 * WAD, 3 * WAD)
    with reverts("erc20: insufficient allowance"):
        funded.transferFrom(alice, mallory, 3 * WAD, sender=bob)
    funded.approve(bob, 2**256 - 1, sender=alice)
    funded.transferFrom(alice, mallory, 3 * WAD, sender=bob)
    assert funded.allowance(alice, bob) == 2**256 - 1


def test_permit__allows_by_signature(funded, alice, bob, chain):
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(funded, alice, bob, 5 * WAD, deadline)
    funded.permit(alice, bob, 5 * WAD, deadline, *signature, sender=bob)
    assert funded.allowance(alice, bob) == 5 * WAD


def test_token_module__lets_nobody_mint_or_burn(offering):
    names = {method.name for method in offering.contract_type.mutable_methods}
    assert names == {
        *("approve", "permit", "transfer", "transferFrom"),
        *("buy", "refund", "claim", "on_payment", "close", "cancel"),
    }


# rounding, C10


@pytest.mark.parametrize("seed", range(30 if os.environ.get("AID_FUZZ") == "long" else 3))
def test_c10__payments_among_many_holders_who_trade__are_never_overpaid_and_never_lost(
    offering, aid, desk, rich, dave, mallory, carol, seed
):
    chance = random.Random(seed)
    ledger = Ledger()
    holders = [*rich, dave, mallory]
    for user, amount in zip(rich, (CAP - 7 * WAD - 1, 1, 7 * WAD), strict=True):
        offering.buy(amount, amount, sender=user)
        ledger.buy(user.address, amount)
    offering.close(sender=mallory)
    for _ in range(40):
        who, other = chance.choice(holders), chance.choice(holders)
        action = chance.choice(("pay", "transfer", "transfer", "claim"))
        if action == "pay":
            amount = chance.choice((1, chance.randrange(10**4), chance.randrange(10**21)))
            desk.pay(offering, DEAL, amount, sender=carol)
            ledger.pay(amount)
        elif action == "transfer":
            balance = ledger.balances[who.address]
            amount = chance.choice((0, balance, balance // 3, min(balance, 1)))
            offering.transfer(other, amount, sender=who)
            ledger.transfer(who.address, other.address, amount)
        elif offering.claimable(who):
            assert ledger.owes(who.address, offering.claimable(who))
            ledger.claim(who.address, offering.claim(sender=who).return_value)
    for user in holders:
        assert offering.balanceOf(user) == ledger.balances[user.address]
        claimable = offering.claimable(user)
        assert ledger.owes(user.address, claimable)
        if claimable:
            ledger.claim(user.address, offering.claim(sender=user).return_value)
    assert aid.balanceOf(offering) == ledger.received - ledger.claimed
    assert 0 <= ledger.received - ledger.claimed <= CAP // 2**64 + len(holders)


# attacks


def test_c10__reentering_while_the_deal_is_funded__fails(offering, desk, governor, committee, alice):
    offering.buy(CAP, CAP, sender=alice)
    for call in (
        offering.buy.encode_input(WAD, 0),
        offering.refund.encode_input(),
        offering.claim.encode_input(),
        offering.close.encode_input(),
        offering.on_payment.encode_input(DEAL, WAD),
    ):
        desk.arm(offering, call, sender=governor)
        with reverts():
            offering.close(sender=alice)
    assert offering.status() == SOLD


def test_c10__cancelling_while_the_deal_is_funded__fails(offering, desk, protocol, governor, alice):
    protocol.roles.grantRole(protocol.roles.CREDIT(), desk, sender=governor)
    offering.buy(CAP, CAP, sender=alice)
    desk.arm(offering, offering.cancel.encode_input(), sender=governor)
    with reverts("not open"):
        offering.close(sender=alice)


def test_c10__aid_sent_to_the_offering__is_nobodys_and_changes_nothing(offering, aid, committee, alice, bob):
    offering.buy(MINIMUM, 0, sender=alice)
    aid.transfer(offering, 1_000 * WAD, sender=bob)
    assert offering.available() == CAP - MINIMUM
    offering.cancel(sender=committee)
    assert offering.refund(sender=alice).return_value == MINIMUM
    assert aid.balanceOf(offering) == 1_000 * WAD


def test_c11__of_two_offerings__one_deals_payment_reaches_its_own_holders_only(
    funded, make, desk, aid, governor, alice, carol
):
    other = make(deal=DEAL + 1)
    desk.set_deal(DEAL + 1, APPROVED, other, CAP, sender=governor)
    aid.approve(other, FOREVER, sender=alice)
    other.buy(CAP, CAP, sender=alice)
    other.close(sender=alice)
    desk.pay(other, DEAL + 1, 1_000 * WAD, sender=carol)
    assert (funded.claimable(alice), funded.received()) == (0, 0)
    assert 1_000 * WAD - 5_421 <= other.claimable(alice) <= 1_000 * WAD
    with reverts("wrong deal"):
        desk.pay(funded, DEAL + 1, WAD, sender=carol)
