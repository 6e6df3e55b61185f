"""Deals through the SDK, on the real desk: proposed, funded, paid, enforced, sold in shares."""

from fractions import Fraction
from math import ceil
from pathlib import Path
from types import SimpleNamespace

import ape
import pytest

from integrations.credit_model.auction import AuctionTerms
from integrations.credit_model.terms import Debt, apply, tokenisation_fee
from integrations.deals import load_deal, summary
from integrations.protocol import AddressBook, Protocol, RevertedError
from integrations.protocol.collateral import issue, report, report_facts
from integrations.protocol.config import Credit as CreditConfig
from integrations.protocol.config import Gates
from integrations.protocol.core import CREDIT
from integrations.protocol.credit import Credit, DealError, Stage, Status
from integrations.protocol.deployment import Deployment
from integrations.protocol.errors import NotDeployedError
from integrations.protocol.local_credit import stake_to_lend
from integrations.protocol.offering import Offering, SaleStatus
from tests.aid.gateway_setup import AFTER_THE_INSTALLATION
from tests.conftest import DAY, WAD

pytestmark = AFTER_THE_INSTALLATION

DEALS = Path(__file__).parents[2] / "deals"
LOAN = load_deal(DEALS / "h100-debt.yaml").deal
REVENUE = load_deal(DEALS / "network-revenue.yaml").deal
PILOT = load_deal(DEALS / "pilot-offering.yaml").deal
USDC = 10**6


@pytest.fixture(scope="module")
def credited(protocol, module_isolation, alice, bob, tmp_path_factory):
    """The installation: treasurer is the officer, alice has staked, bob will borrow. Its book is its own."""
    source = protocol.book
    path = tmp_path_factory.mktemp("credit") / "local.json"
    book = AddressBook(path, source.chain_id, source.genesis, dict(source.contracts))
    credited = Protocol(protocol.config, book)
    stake_to_lend(credited, alice)
    for user in (alice, bob):
        credited.gateway.mint(credited.coin("USDC").token, 900_000 * USDC, 0, sender=user)
    return credited


@pytest.fixture
def act(credited):
    """The credit side as an account uses it."""
    return lambda account: Credit(credited, account)


@pytest.fixture
def ready(credited, act, treasurer, bob):
    """Bob's deal from a file, with receipt and facts on record, approved unless it is sold in shares."""

    def ready(deal, approve=True):
        receipt = issue(credited, deal.collateral, bob.address, treasurer)
        number, _ = act(bob).propose(deal, receipt)
        report_facts(credited, deal, number, receipt, [treasurer], treasurer)
        act(bob).stand_in(number)
        if approve:
            act(treasurer).approve(number)
        return number

    return ready


@pytest.fixture
def loan(ready, act, treasurer):
    """The H100 loan, funded by the vault."""
    number = ready(LOAN)
    act(treasurer).fund(number)
    return number


@pytest.fixture
def pilot(credited, ready, act, treasurer, bob):
    """The pilot, approved and for sale."""
    number = ready(PILOT, approve=False)
    offering = Offering.make(credited, number, 60_000 * WAD, 14, bob)
    act(treasurer).approve(number, offering.contract.address)
    return number


def travel(days):
    """Let days pass; prices are fresh afterwards."""
    ape.chain.pending_timestamp += days * DAY
    ape.chain.mine()


def fresh(protocol):
    for coin in protocol.coins():
        coin.feed.set_price(10**8, sender=ape.accounts.test_accounts[0])


def default(credited, act, number, anyone, days=71):
    """Let a deal's first instalment pass its grace (by a month, of monthly ones), and say so."""
    travel(days)
    fresh(credited)
    act(anyone).declare_default(number)


# installing


def test_install__wires_the_credit_side_and_protects_what_holds_aid(credited):
    names = {name: credited.contract(name) for name in CREDIT}
    parts = SimpleNamespace(**names)
    desk = parts.deal_desk
    assert (parts.deals.desk(), parts.deal_ledger.desk(), parts.compute_receipt.desk()) == (desk,) * 3
    assert desk.auction() == parts.collateral_auction
    assert credited.staked_aid.portfolio() == desk
    assert credited.aid.is_protected(desk)
    assert credited.aid.is_protected(parts.collateral_auction)
    assert set(CREDIT) <= set(credited.names())


def test_install__beside_an_installation_without_it__adds_what_is_missing(protocol, governor, tmp_path):
    left = {name: entry for name, entry in protocol.book.contracts.items() if name not in CREDIT}
    book = AddressBook(tmp_path / "b.json", protocol.book.chain_id, "", left)
    done = []
    found = Deployment(protocol.config, book, governor).execute(done.append)
    sent = [step.name for step in done if step.transaction]
    assert sent[: len(CREDIT)] == [f"deploy {name}" for name in CREDIT]
    assert found.staked_aid.portfolio() == found.contract("deal_desk") != protocol.contract("deal_desk")
    done.clear()
    Deployment(protocol.config, book, governor).execute(done.append)
    assert [step.name for step in done if step.transaction] == []


def test_install__gates_and_signatures__are_as_configured(protocol, governor, tmp_path):
    gates = Gates(max_ltv_bps=6_000, min_coverage_bps=15_000, deal_cap_bps=1_000, borrower_cap_bps=2_000)
    wanted = CreditConfig(attestor_threshold=2, fee_receiver=governor.address, gates=gates)
    left = {name: entry for name, entry in protocol.book.contracts.items() if name not in CREDIT}
    book = AddressBook(tmp_path / "b.json", protocol.book.chain_id, "", left)
    config = protocol.config.model_copy(update={"credit": wanted})
    found = Deployment(config, book, governor).execute()
    limits = found.contract("deals").limits()
    assert {name: getattr(limits, name) for name in gates.model_dump()} == gates.model_dump()
    assert found.contract("attestor").threshold() == 2
    assert found.contract("deal_desk").fee_receiver() == governor


def test_install__by_someone_without_governor__is_refused(protocol, tmp_path, mallory):
    left = {name: entry for name, entry in protocol.book.contracts.items() if name not in CREDIT}
    book = AddressBook(tmp_path / "b.json", protocol.book.chain_id, "", left)
    with pytest.raises(RevertedError, match="not governor"):
        Deployment(protocol.config, book, mallory).execute()


# from proposal to funding


def test_propose__from_a_file__says_the_same_on_chain(credited, act, ready, bob):
    number = ready(LOAN, approve=False)
    deal = act(None).deal(number)
    assert (deal.stage, deal.status, deal.borrower) == (Stage.PROPOSED, Status.UNFUNDED, bob.address)
    assert deal.terms == LOAN.terms
    assert (deal.funding, deal.reserve, deal.first_loss) == (
        6_000_000 * WAD,
        300_000 * WAD,
        300_000 * WAD,
    )
    assert deal.coin == credited.coin("USDC").token
    assert (deal.start, deal.gross, deal.owed) == (0, 0, 0)
    lot = credited.contract("compute_receipt").lot(deal.receipt)
    assert (lot.model, lot.units, lot.fingerprint) == ("H100 SXM 80GB", 256, LOAN.collateral.fingerprint)


def test_refusal__names_the_first_gate_that_is_closed(credited, act, treasurer, bob):
    receipt = issue(credited, LOAN.collateral, bob.address, treasurer)
    number, _ = act(bob).propose(LOAN, receipt)
    credit = act(treasurer)
    assert credit.refusal(number) == "not approved"
    credit.approve(number)
    assert credit.refusal(number) == "appraisal stale"
    report(credited, "APPRAISAL", receipt, 7_999_999 * WAD, [treasurer], bob)
    assert credit.refusal(number) == "ltv"
    travel(1)
    report(credited, "APPRAISAL", receipt, 8_000_000 * WAD, [treasurer], bob)
    assert credit.refusal(number) == "coverage stale"
    report(credited, "DSCR", number, 13_500, [treasurer], bob)
    assert credit.refusal(number) == "telemetry stale"
    report(credited, "TELEMETRY", receipt, 9_990, [treasurer], bob)
    assert credit.refusal(number) == ""


def test_fund__pays_the_borrower_what_the_summary_says(credited, act, ready, treasurer, bob):
    usdc = credited.coin("USDC").token
    number = ready(LOAN)
    before, idle = usdc.balanceOf(bob), credited.staked_aid.balanceOf(treasurer)
    outcome = act(treasurer).fund(number)
    expected = summary(LOAN.terms, 300_000 * WAD)
    assert (outcome.given, outcome.received) == (6_000_000 * WAD, expected.to_borrower // 10**12)
    assert usdc.balanceOf(bob) - before == outcome.received
    deal = act(None).deal(number)
    assert (deal.stage, deal.status, deal.principal) == (Stage.FUNDED, Status.PERFORMING, 6_000_000 * WAD)
    assert credited.contract("deal_desk").fees() == tokenisation_fee(LOAN.terms)
    assert idle == credited.staked_aid.balanceOf(treasurer)


def test_calls__that_are_refused__are_typed(credited, act, ready, treasurer, bob):
    with pytest.raises(DealError, match="there is no deal 1"):
        act(bob).deal(1)
    number = ready(LOAN, approve=False)
    with pytest.raises(RevertedError, match="not credit"):
        act(bob).approve(number)
    with pytest.raises(RevertedError, match="not approved"):
        act(treasurer).fund(number)
    with pytest.raises(DealError, match="not for sale"):
        act(bob).sale(number)
    with pytest.raises(DealError, match="no account"):
        act(None).cancel(number)
    act(bob).cancel(number)
    assert act(None).deal(number).stage is Stage.CANCELLED


# paying


@pytest.mark.parametrize("symbol", ["USDC", "AID"])
def test_pay__uses_cash_as_the_model_does(credited, act, loan, bob, symbol):
    funded = int(ape.chain.blocks.head.timestamp)
    travel(20)
    fresh(credited)
    amount = 300_000
    outcome = act(bob).pay(loan, symbol, amount * (USDC if symbol == "USDC" else WAD))
    seconds = int(ape.chain.blocks.head.timestamp) - funded
    accrued = Fraction(6_000_000 * WAD * seconds, 365 * DAY) * LOAN.terms.net_rate
    applied, after = apply(LOAN.terms, Debt(6_000_000 * WAD, accrued), amount * WAD)
    deal = act(None).deal(loan)
    assert outcome.received == amount * WAD == deal.paid
    # the book accrues in 2^-40ths of a wei a second, rounded down
    assert abs(deal.principal - after.principal) <= 2
    assert abs(credited.contract("deal_desk").fees() - tokenisation_fee(LOAN.terms) - applied.fee) <= 2


def pay_off(credited, act, number, payer):
    """Have `payer` mint what a deal owes, and pay it."""
    usdc = credited.coin("USDC").token
    usdc.mint(payer, 7_000_000 * USDC, sender=payer)
    usdc.approve(credited.gateway, 2**256 - 1, sender=payer)
    credited.gateway.mint(usdc, 7_000_000 * USDC, 0, sender=payer)
    credited.aid.approve(credited.contract("deal_desk"), 2**256 - 1, sender=payer)
    return act(payer).pay(number, "AID", 2**256 - 1)


def test_pay__everything_in_aid__takes_no_more_than_is_owed(credited, act, loan, alice):
    owed = act(None).deal(loan).owed
    outcome = pay_off(credited, act, loan, alice)
    # a few seconds of interest: 6 M at 14.5 % earn 0.028 a second
    assert 0 <= outcome.given - owed < WAD
    deal = act(None).deal(loan)
    assert (deal.stage, deal.principal, deal.gross) == (Stage.CLOSED, 0, 0)


def test_claim__of_the_borrower__returns_reserve_and_first_loss(credited, act, loan, alice, bob):
    pay_off(credited, act, loan, alice)
    assert act(bob).claim().received == 600_000 * WAD


def test_pay__while_the_price_is_stale__waits(credited, act, loan, bob):
    travel(2)
    outcome = act(bob).pay(loan, "USDC", 1_000 * USDC)
    assert (outcome.given, outcome.received) == (1_000 * USDC, 0)


def test_pay__for_a_revenue_share__is_a_receipt(credited, act, ready, treasurer, bob):
    number = ready(REVENUE)
    act(treasurer).fund(number)
    travel(10)
    fresh(credited)
    act(bob).pay(number, "USDT", 400_000 * USDC)
    assert act(None).deal(number).received == 400_000 * WAD


# enforcing


def test_default__before_grace_is_over__is_refused(credited, act, loan, alice):
    travel(30)
    fresh(credited)
    with pytest.raises(RevertedError, match="not late"):
        act(alice).declare_default(loan)


def test_c7__an_auction_of_collateral__sells_at_the_models_price_and_gives_the_surplus_to_the_borrower(
    credited, act, loan, treasurer, alice, bob
):
    default(credited, act, loan, alice)
    owed = act(None).deal(loan).owed
    act(treasurer).liquidate(loan)
    sale = act(None).sale(loan)
    start, lowest = AuctionTerms().bounds(8_500_000 * WAD, owed)
    assert (sale.start, sale.lowest, sale.price) == (start, lowest, start)
    usdc = credited.coin("USDC").token
    usdc.mint(alice, 20_000_000 * USDC, sender=alice)
    outcome = act(alice).bid(loan, "USDC")
    assert outcome.given == ceil(Fraction(start, 10**12))
    assert credited.contract("compute_receipt").ownerOf(outcome.received) == alice
    deal = act(None).deal(loan)
    assert (deal.stage, deal.gross, deal.impairment) == (Stage.CLOSED, 0, 0)
    # all that came in but what was owed, and reserve and first loss, is the borrower's
    surplus = outcome.given * 10**12 - owed + 600_000 * WAD
    assert abs(act(bob).claim().received - surplus) < 100 * WAD
    with pytest.raises(DealError, match="not for sale"):
        act(None).sale(loan)


def test_c7__an_auction_without_a_buyer__ends_at_nothing_and_the_lot_is_offered_again(
    credited, act, loan, treasurer, alice, bob
):
    default(credited, act, loan, alice)
    act(treasurer).liquidate(loan)
    exit_assets = credited.staked_aid.totalAssets()
    travel(7)
    assert act(None).sale(loan).price is None
    with pytest.raises(RevertedError, match="auction not over"):
        act(alice).expire(loan)
    travel(3)
    act(alice).expire(loan)
    receipt = credited.contract("collateral_auction").unsold(loan)
    deal = act(None).deal(loan)
    assert (deal.stage, deal.gross) == (Stage.CLOSED, 0)
    left = credited.staked_aid.totalAssets()
    assert left < exit_assets
    act(bob).offer_again(loan)
    sale = act(None).sale(loan)
    travel(8)
    assert (sale.round, act(None).sale(loan).price) == (5, 0)
    assert act(bob).bid(loan, "AID").given == 0
    assert credited.contract("compute_receipt").ownerOf(receipt) == bob
    assert credited.staked_aid.totalAssets() == left


def test_c7__an_auction_restarted__sells_in_its_second_round(credited, act, loan, treasurer, alice):
    default(credited, act, loan, alice)
    act(treasurer).liquidate(loan)
    lowest = act(None).sale(loan).lowest
    travel(8)
    fresh(credited)
    act(treasurer).restart(loan, lowest, 1_000 * WAD)
    sale = act(None).sale(loan)
    assert (sale.round, sale.start, sale.price) == (2, lowest, lowest)
    credited.coin("USDC").token.mint(alice, 20_000_000 * USDC, sender=alice)
    assert act(alice).bid(loan, "USDC").given == ceil(Fraction(lowest, 10**12))


def test_step_in__turns_the_deal_into_a_revenue_share(credited, act, loan, treasurer, alice):
    default(credited, act, loan, alice)
    receipt = act(None).deal(loan).receipt
    report(credited, "APPRAISAL", receipt, 8_500_000 * WAD, [treasurer], alice)
    act(treasurer).announce_step_in(loan, 12, 30)
    with pytest.raises(RevertedError, match="too early"):
        act(treasurer).step_in(loan)
    travel(7)
    act(treasurer).step_in(loan)
    deal = act(None).deal(loan)
    assert (deal.status, deal.principal, deal.terms.principal) == (Status.PERFORMING, 0, 0)
    assert deal.terms.share_instalments == 12
    assert deal.terms.share_minimum == ceil(Fraction(deal.terms.share_cost, 12))
    assert 0 <= deal.terms.share_cost - deal.gross < deal.terms.share_cost // 1_000


# sold in shares


def test_offering__sold_out__funds_its_deal_and_passes_payments_on(
    credited, act, pilot, treasurer, alice, bob
):
    for buyer, amount in ((alice, 75_000), (bob, 25_000)):
        outcome = Offering(credited, pilot, buyer).buy(amount * WAD)
        assert (outcome.given, outcome.received) == (amount * WAD, amount * WAD)
    with pytest.raises(RevertedError, match="not selling"):
        Offering(credited, pilot, alice).buy(WAD)
    Offering(credited, pilot, alice).close()
    state = Offering(credited, pilot, alice).state()
    assert (state.status, state.sold, state.held) == (SaleStatus.FUNDED, 100_000 * WAD, 75_000 * WAD)
    assert act(None).deal(pilot).status is Status.PERFORMING
    travel(30)
    fresh(credited)
    act(bob).pay(pilot, "USDC", 1_300 * USDC)
    received = Offering(credited, pilot).state().received
    # interest is net of the protocol's part
    interest = Fraction(1_300 * WAD) * PILOT.terms.net_part
    assert 0 <= received - interest < 200 * WAD
    for buyer, part in ((alice, Fraction(3, 4)), (bob, Fraction(1, 4))):
        claimed = Offering(credited, pilot, buyer).claim().received
        assert 0 <= received * part - claimed <= 5_422


def test_offering__that_misses_its_minimum__refunds(credited, act, pilot, alice):
    before = credited.aid.balanceOf(alice)
    offering = Offering(credited, pilot, alice)
    offering.buy(59_999 * WAD)
    travel(15)
    assert offering.state().status is SaleStatus.FAILED
    assert offering.refund().given == 59_999 * WAD
    assert credited.aid.balanceOf(alice) == before


def test_offering__of_a_deal_that_passes_no_gate__cannot_close(credited, pilot, alice):
    Offering(credited, pilot, alice).buy(100_000 * WAD)
    travel(10)
    with pytest.raises(RevertedError, match="telemetry stale"):
        Offering(credited, pilot, alice).close()


def test_c11__an_offering_that_loses_everything__costs_the_vault_nothing(
    credited, act, pilot, treasurer, alice, bob
):
    """A deal that is sold in shares is no part of the vault's book, nor is its loss."""
    Offering(credited, pilot, alice).buy(100_000 * WAD)
    Offering(credited, pilot, alice).close()
    vault = credited.staked_aid
    assets, insured = vault.totalAssets(), credited.aid.balanceOf(credited.insurance)
    # its reserve covers four monthly instalments of interest
    default(credited, act, pilot, bob, days=162)
    act(treasurer).liquidate(pilot)
    travel(10)
    act(bob).expire(pilot)
    assert (vault.totalAssets(), credited.aid.balanceOf(credited.insurance)) == (assets, insured)
    # reserve and first loss are all that is left
    claimed = Offering(credited, pilot, alice).claim().received
    assert 10_000 * WAD - 5_422 <= claimed <= 10_000 * WAD


def test_offering__that_was_never_made__is_typed(credited):
    with pytest.raises(NotDeployedError, match=r"offering\.99 is not deployed"):
        Offering(credited, 99)


def test_terms__of_the_chain__are_the_models(act, loan):
    assert act(None).deal(loan).terms == LOAN.terms
