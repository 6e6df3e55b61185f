"""Attacks C1, C2, C9 and C12 of the catalogue: pledges, gates, attestations, and borrowers in the way."""

from dataclasses import replace

import pytest

from integrations.credit_model.terms import tokenisation_fee
from integrations.protocol.reports import Report, sign_report
from integrations.protocol.roles import Role
from tests.conftest import DAY, WAD
from tests.support.deal_terms import APPRAISAL, BULLET, COVERAGE, FOREVER, LOAN, MILLION, TELEMETRY

STAKED = 20 * MILLION


def paid_out(terms, reserve=0):
    """Units of USDC that the borrower of a deal is paid."""
    return (terms.principal + terms.share_cost - tokenisation_fee(terms) - reserve) // 10**12


# C1: one lot, one deal


def test_c1__same_receipt_in_two_deals__is_lent_against_once(credit):
    first = credit.approved(LOAN)
    receipt = credit.view(credit.deals.receipt_of(first))
    credit.send("bob", credit.proposal(BULLET, receipt))
    second = credit.approve(credit.view(credit.deals.count()))
    before = credit.balance("bob", "usdc")
    credit.send("carol", credit.desk.fund(first))
    assert credit.refusal("carol", credit.desk.fund(second)) == "receipt locked"
    assert credit.balance("bob", "usdc") - before == paid_out(LOAN)
    assert credit.summary().idle == STAKED - LOAN.principal


@pytest.mark.parametrize("how", ["transfer", "approved", "retire"])
def test_c1__receipt_taken_away_from_under_a_loan__stays_and_is_seized_in_the_end(credit, how):
    deal = credit.approved(LOAN)
    receipt = credit.view(credit.deals.receipt_of(deal))
    bob, mallory = credit.addresses["bob"], credit.addresses["mallory"]
    credit.send("bob", credit.receipts.approve(mallory, receipt))
    credit.send("carol", credit.desk.fund(deal))
    move = credit.receipts.transferFrom(bob, mallory, receipt)
    call = {"transfer": ("bob", move), "approved": ("mallory", move)}.get(how)
    assert credit.refusal(*(call or ("dave", credit.receipts.retire(receipt)))) == "receipt locked"
    t = credit.midnight(41)
    credit.send("mallory", credit.desk.declare_default(deal), t)
    credit.send("carol", credit.workout.liquidate(deal), t)
    assert credit.view(credit.receipts.ownerOf(receipt)) == credit.house.address.lower()
    # the approval from before does not outlive the sale
    assert credit.refusal(
        "mallory", credit.receipts.transferFrom(credit.house.address, mallory, receipt)
    ) == ("not owner or approved")


def test_c1__receipt_sold_between_approval_and_funding__is_not_lent_against(credit):
    deal = credit.approved(LOAN)
    receipt = credit.view(credit.deals.receipt_of(deal))
    call = credit.receipts.transferFrom(credit.addresses["bob"], credit.addresses["mallory"], receipt)
    credit.send("bob", call)
    assert credit.refusal("carol", credit.desk.fund(deal)) == "not receipt owner"
    assert credit.summary().idle == STAKED


def test_c1__second_receipt_of_the_same_lot__is_not_issued(credit):
    credit.funded(LOAN)
    again = ("another name", 64, "elsewhere", credit.fingerprint(1))
    assert credit.refusal("dave", credit.receipts.issue(credit.addresses["bob"], again)) == "lot exists"
    assert credit.view(credit.receipts.totalSupply()) == 1


def test_c1__receipt_of_a_deal_that_is_repaid__can_be_pledged_again(credit):
    first = credit.funded(LOAN)
    receipt = credit.view(credit.deals.receipt_of(first))
    credit.send("bob", credit.proposal(BULLET, receipt))
    second = credit.approve(credit.view(credit.deals.count()))
    credit.pay(first, 2 * MILLION)
    t = credit.send("carol", credit.desk.fund(second))
    assert credit.view(credit.receipts.is_locked(receipt))
    assert credit.state(second, t).gross == BULLET.principal


# C2: gates, a wei on either side


def test_c2__loan_to_value_a_wei_above_the_gate__is_refused(credit):
    # 1,000,000 at 75 % asks for 1,333,333.33...
    least = -(-MILLION * 10_000 // 7_500)
    above, at = credit.approved(LOAN, worth=least - 1), credit.approved(LOAN, worth=least)
    assert credit.refusal("carol", credit.desk.fund(above)) == "ltv"
    credit.send("carol", credit.desk.fund(at))
    assert credit.summary().idle == STAKED - MILLION


def test_c2__appraisal_that_falls_after_approval__stops_the_deal(credit):
    deal = credit.approved(LOAN)
    credit.attest(APPRAISAL, credit.view(credit.deals.receipt_of(deal)), MILLION)
    assert credit.refusal("carol", credit.desk.fund(deal)) == "ltv"


def test_c2__coverage_a_basis_point_below_1_35__is_refused(credit):
    low, enough = credit.proposed(LOAN), credit.proposed(LOAN)
    credit.approve(low, coverage=13_499)
    credit.approve(enough, coverage=13_500)
    assert credit.refusal("carol", credit.desk.fund(low)) == "coverage"
    credit.send("carol", credit.desk.fund(enough))


def test_c2__deal_a_wei_above_15_percent_of_the_vault__is_refused(credit):
    t = credit.now + 60
    most = replace(LOAN, principal=STAKED * 15 // 100)
    above = credit.approved(replace(most, principal=most.principal + 1), at=t)
    at = credit.approved(most, at=t)
    assert credit.refusal("carol", credit.desk.fund(above), t) == "deal cap"
    credit.send("carol", credit.desk.fund(at), t)
    assert credit.summary().idle == STAKED - most.principal


def test_c2__borrower_above_25_percent_in_several_deals__is_refused_until_one_is_repaid(credit):
    t = credit.now + 60
    half = replace(LOAN, principal=STAKED * 125 // 1_000)
    first, _ = (credit.funded(half, at=t) for _ in range(2))
    third = credit.approved(replace(LOAN, principal=1_000 * WAD), at=t)
    assert credit.refusal("carol", credit.desk.fund(third), t) == "borrower cap"
    others = credit.approved(replace(LOAN, principal=1_000 * WAD), at=t, borrower="mallory")
    assert credit.refusal("carol", credit.desk.fund(others), t) == ""
    credit.send("alice", credit.desk.pay_aid(first, 3 * MILLION), t)
    assert credit.refusal("carol", credit.desk.fund(third), t) == ""


@pytest.mark.parametrize("pending", [0, 3 * MILLION])
def test_c2__deals_that_leave_less_than_the_floor_and_the_leavers_need__are_refused(credit, pending):
    t = credit.now + 60
    credit.send("governor", credit.deals.set_limits((7_500, 13_500, 5_000, 5_000, False)), t)
    alice = credit.addresses["alice"]
    if pending:
        credit.send("alice", credit.vault.requestRedeem(pending, alice, alice), t)
    credit.funded(replace(LOAN, principal=10 * MILLION), at=t)
    left = STAKED - 10 * MILLION - STAKED * 30 // 100 - pending
    above = credit.approved(replace(LOAN, principal=left + 1), at=t, borrower="mallory")
    at = credit.approved(replace(LOAN, principal=left), at=t, borrower="mallory")
    assert credit.refusal("carol", credit.desk.fund(above), t) == "reserve floor"
    credit.send("carol", credit.desk.fund(at), t)
    assert credit.summary().idle == STAKED * 30 // 100 + pending


def test_c2__facts_from_before_the_approval__expire_on_the_second(credit):
    t = credit.now + 60
    deal = credit.approved(LOAN, at=t)
    receipt = credit.view(credit.deals.receipt_of(deal))
    end = t + 30 * DAY
    credit.go(end - 10)
    assert credit.refusal("carol", credit.desk.fund(deal), end) == ""
    for reason, kind, subject, value in (
        ("appraisal stale", APPRAISAL, receipt, 2 * MILLION),
        ("coverage stale", COVERAGE, deal, 14_000),
        ("telemetry stale", TELEMETRY, receipt, 9_950),
    ):
        assert credit.refusal("carol", credit.desk.fund(deal), end + 1) == reason
        credit.attest(kind, subject, value, end)
    assert credit.refusal("carol", credit.desk.fund(deal), end + 1) == ""
    # the committee's own word holds for 60 days
    for kind, subject, value in ((APPRAISAL, receipt, 2 * MILLION), (TELEMETRY, receipt, 9_950)):
        credit.attest(kind, subject, value, t + 60 * DAY)
    credit.attest(COVERAGE, deal, 14_000, t + 60 * DAY)
    assert credit.refusal("carol", credit.desk.fund(deal), t + 60 * DAY) == ""
    assert credit.refusal("carol", credit.desk.fund(deal), t + 60 * DAY + 1) == "approval expired"


# C9: who says what a lot is worth


@pytest.fixture
def overvalued(credit, people):
    """A deal that needs 1,333,333 of collateral with 1,300,000 of it; two of three attestors must sign."""
    deal = credit.approved(LOAN, worth=1_300_000 * WAD)
    for who in ("alice", "bob"):
        credit.send("governor", credit.roles.grantRole(Role.ATTESTOR.value, credit.addresses[who]))
    credit.send("governor", credit.attestor.set_threshold(2))
    credit.send("governor", credit.attestor.set_kind(APPRAISAL, 30 * DAY, 2_000, 4_000))
    return deal


def reports(credit, people, **changes):
    """A report of 1.5 million on the first receipt, and who may sign it, in the Attestor's order."""
    t = credit.now + 10
    report = replace(Report(APPRAISAL, 1, 1_500_000 * WAD, t, 0, t + DAY), **changes)
    signers = sorted((people.alice, people.bob, people.dave), key=lambda account: int(account.address, 16))
    return report, signers, t


def submitted(credit, report, signers):
    signed = sign_report(credit.attestor.address, credit.chain_id, report, signers)
    return credit.attestor.submit(signed.report, signed.signers, signed.signatures)


def test_c9__one_signer_twice_or_signers_unsorted__raise_no_value(credit, people, overvalued):
    report, (first, second, _), t = reports(credit, people)
    signed = sign_report(credit.attestor.address, credit.chain_id, report, [first, second])
    twice = credit.attestor.submit(signed.report, signed.signers[:1] * 2, signed.signatures[:1] * 2)
    unsorted = credit.attestor.submit(signed.report, signed.signers[::-1], signed.signatures[::-1])
    for call in (twice, unsorted):
        assert credit.refusal("mallory", call, t) == "signers not ascending"
    assert credit.refusal("mallory", submitted(credit, report, [first]), t) == "too few signers"
    assert credit.refusal("carol", credit.desk.fund(overvalued), t) == "ltv"
    assert credit.view(credit.attestor.latest(APPRAISAL, 1))[0] == 1_300_000 * WAD
    credit.send("mallory", submitted(credit, report, [first, second]), t)
    assert credit.refusal("carol", credit.desk.fund(overvalued), t) == ""


def test_c9__report_signed_by_one_who_was_removed_since__raises_no_value(credit, people, overvalued):
    report, signers, t = reports(credit, people)
    call = submitted(credit, report, signers[:2])
    credit.send("governor", credit.roles.revokeRole(Role.ATTESTOR.value, signers[1].address))
    assert credit.refusal("mallory", call, t) == "not attestor"
    # nor do more signatures make up for it
    assert credit.refusal("mallory", submitted(credit, report, signers), t) == "not attestor"
    assert credit.refusal("carol", credit.desk.fund(overvalued), t) == "ltv"


def test_c9__report_kept_back_until_a_key_was_lost__dies_with_the_epoch(credit, people, overvalued):
    report, signers, t = reports(credit, people)
    call = submitted(credit, report, signers[:2])
    credit.send("guardian", credit.attestor.advance_epoch())
    assert credit.refusal("mallory", call, t) == "wrong epoch"
    assert credit.refusal("carol", credit.desk.fund(overvalued), t) == "ltv"


def test_c9__value_pushed_in_steps__moves_by_the_bound_only_and_forward_in_time(credit, people, overvalued):
    report, signers, t = reports(credit, people)
    most = 1_300_000 * WAD * 12_000 // 10_000
    for value, reason in ((most + 1, "step too large"), (1_300_000 * WAD * 6 // 10 - 1, "step too large")):
        call = submitted(credit, replace(report, value=value), signers[:2])
        assert credit.refusal("mallory", call, t) == reason
    credit.send("mallory", submitted(credit, replace(report, value=most), signers[:2]), t)
    again = submitted(credit, replace(report, value=most * 12 // 10), signers[:2])
    assert credit.refusal("mallory", again, t + 1) == "not newer"
    ahead = submitted(credit, replace(report, observed_at=t + 100), signers[:2])
    assert credit.refusal("mallory", ahead, t + 1) == "observed in future"
    assert credit.view(credit.attestor.latest(APPRAISAL, 1))[:2] == (most, t)


def test_c9__good_report_brought_after_its_deadline_or_age__funds_nothing(credit, people, overvalued):
    report, signers, t = reports(credit, people)
    call = submitted(credit, report, signers[:2])
    assert credit.refusal("mallory", call, report.deadline + 1) == "report expired"
    credit.send("mallory", call, report.deadline)
    credit.go(t + 30 * DAY)
    # brought a day late, it is no fresher: it counts from the observation
    assert credit.refusal("carol", credit.desk.fund(overvalued), t + 30 * DAY + 1) == "appraisal stale"


# C12: a borrower who stands in the way


@pytest.fixture
def contracts_deal(credit):
    """A loan to a contract that refuses every call, with reserve and first loss; governor speaks for it."""
    credit.addresses["borrower"] = credit.caller.address
    receipt = credit.receipt("borrower")

    def speak(call):
        data = bytes.fromhex(call.data[2:])
        return credit.send("governor", credit.caller.forward(call.to, data))

    credit.send("alice", credit.aid.transfer(credit.caller.address, 100_000 * WAD))
    speak(credit.aid.approve(credit.desk.address, FOREVER))
    speak(credit.proposal(LOAN, receipt, 50_000 * WAD, 100_000 * WAD))
    deal = credit.approve(credit.view(credit.deals.count()))
    credit.send("carol", credit.desk.fund(deal))
    return deal, speak


def test_c12__contract_without_a_way_to_be_called__is_paid_repaid_and_released(credit, contracts_deal):
    deal, speak = contracts_deal
    assert credit.balance("caller", "usdc") == paid_out(LOAN, 50_000 * WAD)
    owed = credit.view(credit.desk.owed(deal), credit.now + 1)
    credit.send("bob", credit.desk.pay(deal, credit.usdc.address, 1_200_000 * 10**6))
    # all that was too much, reserve and first loss wait for it
    assert credit.claimable("borrower") == 1_200_000 * WAD - owed + 150_000 * WAD
    assert not credit.view(credit.receipts.is_locked(1))
    speak(credit.desk.claim(credit.addresses["carol"]))
    assert credit.balance("carol") == 1_350_000 * WAD - owed
    assert credit.balance("desk") == credit.fees()


def test_c12__contract_in_default__cannot_stop_the_sale_of_its_collateral(credit, contracts_deal):
    deal, _ = contracts_deal
    # the reserve covers no instalment of 95,662
    t = credit.midnight(41)
    credit.send("mallory", credit.desk.declare_default(deal), t)
    credit.send("carol", credit.workout.liquidate(deal), t)
    owed = credit.view(credit.desk.owed(deal), t)
    price = credit.view(credit.house.price(deal), t)
    credit.send("mallory", credit.house.bid(deal, credit.aid.address, price), t)
    assert credit.view(credit.receipts.ownerOf(1)) == credit.addresses["mallory"].lower()
    assert price == 2 * MILLION * 13 // 10
    assert credit.claimable("borrower") == price + 150_000 * WAD - owed


def test_c12__borrower_denied_before_funding__is_not_paid(credit):
    deal = credit.approved(LOAN)
    credit.send("compliance", credit.aid.deny(credit.addresses["bob"]))
    assert credit.refusal("carol", credit.desk.fund(deal)) == "denied"
    assert credit.summary().idle == STAKED


@pytest.mark.parametrize("end", ["repaid", "sold"])
def test_c12__borrower_denied_while_he_owes__blocks_nobody_and_finds_his_money_later(credit, end):
    deal = credit.funded(LOAN, reserve=50_000 * WAD, first_loss=100_000 * WAD)
    credit.send("compliance", credit.aid.deny(credit.addresses["bob"]))
    if end == "repaid":
        outcome = credit.pay(deal, 2 * MILLION, who="alice")
        due = outcome.to_borrower
        assert due == 150_000 * WAD
    else:
        t = credit.stop(deal) + DAY
        credit.default(deal, t)
        sale = credit.liquidate(deal, 2 * MILLION, t)
        _, price, outcome = credit.bid(deal, sale, 3 * MILLION)
        due = price + 150_000 * WAD - outcome.used
        assert outcome.loss == 0
    assert abs(credit.claimable() - due) <= 2
    for receiver in ("bob", "carol"):
        assert credit.refusal("bob", credit.desk.claim(credit.addresses[receiver])) == "denied"
    credit.send("compliance", credit.aid.allow(credit.addresses["bob"]))
    before = credit.balance("bob")
    credit.send("bob", credit.desk.claim(credit.addresses["bob"]))
    assert abs(credit.balance("bob") - before - due) <= 2
    assert credit.balance("desk") == credit.fees()
