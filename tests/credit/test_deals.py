"""Deals: what may be proposed, who approves it, and the gates in front of the money."""

from dataclasses import replace

import pytest
from ape import chain, reverts

from integrations.credit_model.terms import tokenisation_fee
from tests.conftest import DAY, WAD
from tests.support.deal_terms import APPRAISAL, COVERAGE, HYBRID, LOAN, MILLION, SHARE, TELEMETRY

PROPOSED, APPROVED, FUNDED, CLOSED, CANCELLED = 1, 2, 4, 8, 16
LIMITS = (7_500, 13_500, 1_500, 2_500, False)
STANDARDS = ([30, 60, 90], [2_500, 5_000], 10, 7, 25, 1_500, 25, 100, 60)
TERMS = ("principal", "rate_bps", "instalments", "interval", "amortising", "share_cost", "share_minimum")
ZERO = "0x" + 40 * "0"


@pytest.fixture
def approved(stage):
    """The loan, approved for the vault, with every fact fresh."""
    return stage.approved(LOAN)


# proposing


@pytest.mark.parametrize("terms", [LOAN, SHARE, HYBRID], ids=["loan", "share", "hybrid"])
def test_propose__within_bounds__is_kept_word_for_word(stage, bob, terms):
    deal = stage.proposed(terms, reserve=50_000 * WAD, first_loss=70_000 * WAD)

    agreed = stage.deals.terms(deal)
    assert [getattr(agreed, name) for name in TERMS] == [getattr(terms, name) for name in TERMS]
    assert (agreed.share_instalments, agreed.share_interval) == (
        terms.share_instalments,
        terms.share_interval,
    )
    assert (agreed.grace, agreed.cure, agreed.management_bps, agreed.performance_bps) == (10, 7, 25, 1_500)
    parties = stage.deals.parties(deal)
    assert (parties.borrower, parties.receipt, parties.coin) == (bob, stage.issued, stage.coin)
    assert (parties.reserve, parties.first_loss) == (50_000 * WAD, 70_000 * WAD)
    assert stage.deals.stage(deal) == PROPOSED
    assert stage.deals.funding_of(deal) == terms.principal + terms.share_cost


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (replace(LOAN, principal=0), "no leg"),
        (replace(LOAN, principal=1_000 * WAD - 1), "principal out of bounds"),
        (replace(LOAN, principal=10**27 + 1), "principal out of bounds"),
        (replace(LOAN, rate_bps=99), "rate out of bounds"),
        (replace(LOAN, rate_bps=5_001), "rate out of bounds"),
        (replace(LOAN, interval=6, instalments=20), "interval out of bounds"),
        (replace(LOAN, interval=93), "interval out of bounds"),
        (replace(LOAN, instalments=2), "term out of bounds"),
        (replace(LOAN, instalments=37), "term out of bounds"),
        (replace(SHARE, share_interval=32), "interval out of bounds"),
        (replace(SHARE, share_minimum=60_000 * WAD - 1), "share minimum"),
    ],
)
def test_propose__out_of_bounds__names_the_bound(stage, bob, terms, reason):
    receipt = stage.receipt(bob)
    with reverts(reason):
        stage.deals.propose(stage.proposal(terms, receipt), sender=bob)


def test_propose__of_odd_parties__reverts(stage, bob, mallory):
    receipt = stage.receipt(bob)
    whole = stage.proposal(LOAN, receipt, reserve=MILLION // 2, first_loss=MILLION)
    with reverts("not receipt owner"):
        stage.deals.propose(whole, sender=mallory)
    with reverts("zero coin"):
        stage.deals.propose((*whole[:-1], ZERO), sender=bob)
    with reverts("reserve out of bounds"):
        stage.deals.propose(stage.proposal(LOAN, receipt, reserve=MILLION // 2 + 1), sender=bob)
    with reverts("first loss out of bounds"):
        stage.deals.propose(stage.proposal(LOAN, receipt, first_loss=MILLION + 1), sender=bob)
    stage.deals.propose(whole, sender=bob)


def test_propose__under_new_standards__leaves_earlier_deals_alone(stage, governor):
    old = stage.proposed(LOAN)
    stage.deals.set_standards(([20, 40, 50], [3_000, 7_000], 3, 4, 50, 3_000, 0, 0, 10), sender=governor)
    # higher fees ask for a higher default rate: 0.15² / (0.15 * 0.7 - 0.005) = 22.5 %
    with reverts("default rate"):
        stage.proposed(replace(LOAN, default_bps=2_249))
    new = stage.proposed(replace(LOAN, default_bps=2_250))

    assert [(d.grace, d.cure, d.performance_bps) for d in map(stage.deals.terms, (old, new))] == [
        (10, 7, 1_500),
        (3, 4, 3_000),
    ]
    assert [stage.deals.parties(deal).yearly_bps for deal in (old, new)] == [100, 0]


# the committee


def test_approve__by_the_committee__gives_the_funder_a_title_that_cannot_move(stage, vault, carol, alice):
    deal = stage.proposed(LOAN)
    stage.deals.approve_deal(deal, vault, sender=carol)

    assert stage.deals.ownerOf(deal) == vault
    assert stage.deals.locked(deal)
    assert stage.deals.approved_until(deal) == chain.blocks.head.timestamp + 60 * DAY
    assert stage.deals.stage(deal) == APPROVED
    for args in ((vault, alice, deal), (vault, alice, deal, b"")):
        with reverts("title is bound"):
            (stage.deals.transferFrom if len(args) == 3 else stage.deals.safeTransferFrom)(
                *args, sender=alice
            )
    for interface in ("0x01ffc9a7", "0x80ac58cd", "0xb45a3c0e"):
        assert stage.deals.supportsInterface(interface)


def test_approve__again__prolongs_it_for_the_same_funder_only(stage, vault, carol):
    deal = stage.proposed(LOAN)
    stage.deals.approve_deal(deal, vault, sender=carol)
    stage.travel(50 * DAY)
    with reverts("other funder"):
        stage.deals.approve_deal(deal, stage.counterparty, sender=carol)
    stage.deals.approve_deal(deal, vault, sender=carol)
    assert stage.deals.approved_until(deal) == chain.blocks.head.timestamp + 60 * DAY


def test_approve__of_what_is_not_proposed__reverts(stage, vault, carol, alice, bob):
    with reverts("not proposed"):
        stage.deals.approve_deal(77, vault, sender=carol)
    deal = stage.proposed(LOAN)
    with reverts("not credit"):
        stage.deals.approve_deal(deal, vault, sender=bob)
    with reverts("no code"):
        stage.deals.approve_deal(deal, alice, sender=carol)
    stage.deals.cancel(deal, sender=bob)
    with reverts("not proposed"):
        stage.deals.approve_deal(deal, vault, sender=carol)


def test_cancel__before_funding__burns_the_title(stage, approved, bob, carol, mallory):
    with reverts("not credit"):
        stage.deals.cancel(approved, sender=mallory)
    stage.deals.cancel(approved, sender=carol)
    assert stage.deals.stage(approved) == CANCELLED
    assert stage.deals.totalSupply() == 0
    with reverts("not proposed"):
        stage.deals.cancel(approved, sender=bob)
    with reverts("not approved"):
        stage.desk.fund(approved, sender=carol)


def test_cancel__of_a_funded_deal__reverts(stage, carol):
    deal = stage.funded(LOAN)
    with reverts("not proposed"):
        stage.deals.cancel(deal, sender=carol)


# gates


def test_fund__of_an_approved_deal__passes_all_gates(stage, approved, bob, carol):
    stage.deals.check_funding(approved)
    stage.desk.fund(approved, sender=carol)
    assert stage.deals.stage(approved) == FUNDED
    assert stage.deals.open_deals() == 1
    assert stage.deals.exposure(bob) == MILLION


def test_fund__after_the_approval_has_lapsed__reverts(stage, approved, carol):
    stage.at(stage.deals.approved_until(approved) + 1)
    with reverts("approval expired"):
        stage.desk.fund(approved, sender=carol)


def test_fund__at_an_ltv_of_75_percent__passes_and_above__reverts(stage, carol):
    deal = stage.approved(LOAN, worth=MILLION * 4 // 3)
    with reverts("ltv"):
        stage.desk.fund(deal, sender=carol)
    stage.attest(APPRAISAL, stage.issued, MILLION * 4 // 3 + 1)
    stage.desk.fund(deal, sender=carol)


def test_fund__at_a_coverage_of_1_35__passes_and_below__reverts(stage, approved, carol):
    stage.attest(COVERAGE, approved, 13_499)
    with reverts("coverage"):
        stage.desk.fund(approved, sender=carol)
    stage.attest(COVERAGE, approved, 13_500)
    stage.desk.fund(approved, sender=carol)


def test_fund__with_a_stale_report__names_it(stage, approved, carol):
    stage.at(stage.now + 31 * DAY)
    for reason, name, subject, value in (
        ("appraisal stale", APPRAISAL, stage.issued, 2 * MILLION),
        ("coverage stale", COVERAGE, approved, 14_000),
        ("telemetry stale", TELEMETRY, stage.issued, 9_000),
    ):
        with reverts(reason):
            stage.desk.fund(approved, sender=carol)
        stage.attest(name, subject, value)
    stage.at(stage.now + 10)
    stage.desk.fund(approved, sender=carol)


def test_fund__beyond_a_concentration_cap__reverts(stage, vault, governor, carol):
    deal = stage.approved(LOAN)
    assets = vault.totalAssets()
    part = MILLION * 10_000 // assets
    stage.deals.set_limits((7_500, 13_500, part - 1, 2_500, False), sender=governor)
    with reverts("deal cap"):
        stage.desk.fund(deal, sender=carol)
    stage.deals.set_limits((7_500, 13_500, part, part * 2 - 1, False), sender=governor)
    stage.desk.fund(deal, sender=carol)
    second = stage.approved(LOAN)
    with reverts("borrower cap"):
        stage.desk.fund(second, sender=carol)


def test_fund__of_an_offerings_deal__asks_for_facts_but_not_for_the_vaults_caps(stage, governor, alice):
    stage.deals.set_limits((7_500, 13_500, 0, 0, False), sender=governor)
    deal = stage.offered(LOAN)
    assert stage.deals.stage(deal) == FUNDED
    assert stage.deals.exposure(stage.people.bob) == 0


def test_fund__below_the_vaults_floor__reverts_and_leaves_no_trace(stage, vault, alice, governor, carol):
    stage.deals.set_limits((7_500, 13_500, 5_000, 5_000, False), sender=governor)
    deal = stage.approved(replace(LOAN, principal=9 * MILLION), worth=20 * MILLION)
    vault.requestRedeem(10 * MILLION, alice, alice, sender=alice)
    with reverts("reserve floor"):
        stage.desk.fund(deal, sender=carol)
    assert stage.deals.stage(deal) == APPROVED
    assert stage.deals.exposure(stage.people.bob) == 0


def test_fund__of_a_receipt_that_secures_another_deal__reverts(stage, bob, vault, carol):
    first = stage.funded(LOAN)
    receipt = stage.deals.receipt_of(first)
    stage.deals.propose(stage.proposal(LOAN, receipt), sender=bob)
    second = stage.deals.count()
    stage.deals.approve_deal(second, vault, sender=carol)
    stage.attest(COVERAGE, second, 14_000)
    with reverts("receipt locked"):
        stage.desk.fund(second, sender=carol)


# standards and limits


def test_limits__by_the_guardian__may_only_tighten(stage, governor, guardian, mallory, approved, carol):
    with reverts("not guardian"):
        stage.deals.set_limits(LIMITS, sender=mallory)
    stage.deals.set_limits((7_000, 14_000, 1_400, 2_400, True), sender=guardian)
    with reverts("funding paused"):
        stage.desk.fund(approved, sender=carol)
    for looser in (
        (7_001, 14_000, 1_400, 2_400, True),
        (7_000, 13_999, 1_400, 2_400, True),
        (7_000, 14_000, 1_401, 2_400, True),
        (7_000, 14_000, 1_400, 2_401, True),
        (7_000, 14_000, 1_400, 2_400, False),
    ):
        with reverts("guardian may only tighten"):
            stage.deals.set_limits(looser, sender=guardian)
    stage.deals.set_limits(LIMITS, sender=governor)
    assert tuple(stage.deals.limits()) == LIMITS


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ((7_501, 13_500, 1_500, 2_500, False), "ltv out of bounds"),
        ((7_500, 13_499, 1_500, 2_500, False), "coverage out of bounds"),
        ((7_500, 60_001, 1_500, 2_500, False), "coverage out of bounds"),
        ((7_500, 13_500, 5_001, 2_500, False), "caps out of bounds"),
        ((7_500, 13_500, 1_500, 5_001, False), "caps out of bounds"),
    ],
)
def test_limits__out_of_bounds__revert(stage, governor, limits, reason):
    with reverts(reason):
        stage.deals.set_limits(limits, sender=governor)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (0, [30, 30, 90], "schedule days"),
        (1, [2_500, 2_000], "schedule bps"),
        (1, [5_000, 6_000], "schedule flattens"),
        (2, 31, "grace out of bounds"),
        (3, 0, "cure out of bounds"),
        (3, 31, "cure out of bounds"),
        (4, 51, "fees out of bounds"),
        (5, 3_001, "fees out of bounds"),
        (6, 501, "fees out of bounds"),
        (7, 501, "fees out of bounds"),
        (8, 0, "approval out of bounds"),
        (8, 181, "approval out of bounds"),
    ],
)
def test_standards__out_of_bounds__revert(stage, governor, guardian, field, value, reason):
    standards = [*STANDARDS[:field], value, *STANDARDS[field + 1 :]]
    with reverts(reason):
        stage.deals.set_standards(standards, sender=governor)
    with reverts("not governor"):
        stage.deals.set_standards(STANDARDS, sender=guardian)


def test_standards__as_set__are_read_back(stage, governor):
    assert [list(v) if isinstance(v, list) else v for v in stage.deals.standards_now()] == list(STANDARDS)
    limit = ([1, 2, 1_023], [0, 5], 30, 30, 50, 3_000, 500, 500, 180)
    stage.deals.set_standards(limit, sender=governor)
    assert tuple(stage.deals.standards_now()) == limit


def test_fee__of_a_deal__is_what_its_proposal_promised(stage, governor, carol):
    deal = stage.approved(HYBRID, worth=3 * MILLION)
    stage.deals.set_standards((*STANDARDS[:6], 500, 500, 60), sender=governor)
    before = stage.desk.fees()
    stage.desk.fund(deal, sender=carol)
    assert stage.desk.fees() - before == tokenisation_fee(HYBRID)


# wiring


def test_desk_functions__by_others__revert(stage, governor, carol):
    deal = stage.approved(LOAN)
    for call, args in ((stage.deals.open, (deal,)), (stage.deals.close, (deal,))):
        for who in (governor, carol):
            with reverts("not desk"):
                call(*args, sender=who)
    with reverts("not ledger"):
        stage.deals.restructure(deal, MILLION, 10, 30, sender=governor)
    for method in ("pay", "wait"):
        with reverts("not desk"):
            getattr(stage.ledger, method)(deal, False, 1, sender=governor)
    with reverts("not desk"):
        stage.ledger.open(deal, False, 0, 0, sender=governor)
    with reverts("not desk"):
        stage.ledger.step_in(deal, 10, 30, sender=governor)
    with reverts("not desk"):
        stage.ledger.resolve(deal, 0, sender=governor)


def test_desk__is_named_once(stage, governor, mallory):
    for contract, args in (
        (stage.deals, (stage.counterparty, stage.counterparty)),
        (stage.ledger, (stage.counterparty,)),
    ):
        with reverts("not governor"):
            contract.set_desk(*args, sender=mallory)
        with reverts("desk set"):
            contract.set_desk(*args, sender=governor)
    with reverts("auction set"):
        stage.desk.set_auction(stage.counterparty, sender=governor)
