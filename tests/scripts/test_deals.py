"""`ape run deals …`: a deal from its file to its end, sold in shares or auctioned."""

import re
from fractions import Fraction
from math import ceil
from pathlib import Path

import ape
import pytest

from integrations.protocol.credit import Credit
from integrations.protocol.deal_state import Stage, Status
from integrations.protocol.local_credit import STAKE
from tests.aid.gateway_setup import AFTER_THE_INSTALLATION
from tests.conftest import DAY, WAD
from tests.scripts.conftest import commands, flat, succeeding, with_book

pytestmark = AFTER_THE_INSTALLATION

DEALS = Path(__file__).parents[2] / "deals"
LOAN, REVENUE, HYBRID, PILOT = (
    str(DEALS / f"{name}.yaml") for name in ("h100-debt", "network-revenue", "gb200-hybrid", "pilot-offering")
)
USD = 10**6
#: The loan: six million at 14.5 % in 24 instalments of 30 days, for 1 % a year to the protocol.
FUNDING = 6_000_000
FEE = Fraction(FUNDING * 720, 100 * 365)
TO_BORROWER = FUNDING - FEE - 300_000
INTEREST = Fraction(FUNDING * 1_450 * 30, 10_000 * 365)  # of the first 30 days


@pytest.fixture
def lender(staked, tmp_path):
    """The installation with 45 million staked by alice; what is offered goes into the test's own book."""
    return with_book(staked, tmp_path / "local.json")


@pytest.fixture
def run(lender):
    return commands(lender)


@pytest.fixture
def done(run):
    return succeeding(run)


@pytest.fixture
def deal(lender):
    """Deal 1 as the SDK reads it."""
    return lambda number=1: Credit(lender).deal(number)


@pytest.fixture
def approved(done):
    done(f"deals propose {LOAN}")
    return done("deals approve 1")


@pytest.fixture
def funded(approved, done):
    return done("deals fund 1")


@pytest.fixture
def defaulted(funded, done, lender):
    """A month after the grace of the second instalment; the reserve covers less than the first one."""
    travel(lender, 71)
    return done("deals default 1")


@pytest.fixture
def pilot(done, lender):
    """The pilot, for sale; what the command has printed."""
    output = done(f"deals propose {PILOT}")
    done("deals approve 1")
    return output


def travel(lender, days):
    """Let days pass, with fresh prices in the end."""
    ape.chain.pending_timestamp += days * DAY
    ape.chain.mine()
    for coin in lender.coins():
        coin.feed.set_price(10**8, sender=ape.accounts.test_accounts[0])


def shown(output, what):
    """The value beside a name in a table."""
    found = re.search(rf"│ {re.escape(what)} +│ +(.*?) +│", output)
    assert found, f"no {what} in {output}"
    return found[1]


def money(amount):
    """Whole AID as tables show it: cut to cents."""
    cents = int(Fraction(amount) * 100)
    return f"{cents // 100:,}.{cents % 100:02d}"


# without a chain


def test_schedule__lays_out_every_due_day(run):
    output = run(f"deals schedule {LOAN}").output
    lines = [line.split("│")[1:-1] for line in output.splitlines() if re.match(r"│ 20\d\d-", line)]
    assert len(lines) == 24
    first = [cell.strip() for cell in lines[0]]
    # interest is rounded up to a wei, which cents do not show
    assert first[1:] == [money(INTEREST), "250,000.00", "0.00", money(250_000 + INTEREST), "5,750,000.00"]
    assert lines[-1][-1].strip() == "0.00"
    # half of all instalments' interest, and of one more: the debt falls in a straight line
    assert shown(output, "all") == money(INTEREST * 25 / 2)
    for amount in (FEE, 300_000, TO_BORROWER):
        assert money(amount) in output


def test_schedule__of_a_faulty_file__names_line_field_and_expectation(run, tmp_path):
    text = Path(LOAN).read_text().replace("rate_bps: 1_450", "rate_bps: 9_000").replace("24", "2")
    file = tmp_path / "faulty.yaml"
    file.write_text(text)
    result = run(f"deals schedule {file}")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    for line, field, wanted in ((17, "debt.rate_bps", 'expected an integer from 100 to 5000, got "9000"'),):
        assert f"faulty.yaml:{line}: {field}: " in result.output
        assert wanted in result.output
    file.write_text(text.replace("9_000", "900"))
    assert "expected a term of 90 to 1095 days, got 2 × 30 days = 60" in run(f"deals schedule {file}").output


# a loan


def test_list__of_nothing__is_an_empty_table(run, lender):
    output = run("deals list").output
    assert "carrying value" in output
    assert len(output.splitlines()) == 5


def test_propose__issues_the_receipt_reports_the_facts_and_lets_the_first_loss_be_pulled(
    done, deal, lender, alice
):
    output = done(f"deals propose {LOAN}")
    assert "propose: debt of 6,000,000 AID on receipt 1, paid in USDC" in output
    assert (shown(output, "stage"), shown(output, "borrower")) == ("proposed", alice.address)
    found = deal()
    assert (found.stage, found.borrower, found.funding) == (Stage.PROPOSED, alice.address, FUNDING * WAD)
    assert lender.contract("compute_receipt").ownerOf(1) == alice
    assert lender.contract("compute_receipt").appraisal(1)[0] == 8_500_000 * WAD
    assert lender.aid.allowance(alice, lender.contract("deal_desk")) == 300_000 * WAD


def test_approve__shows_until_when_and_whether_it_could_be_funded(approved, deal):
    assert (shown(approved, "stage"), shown(approved, "funder")) == ("approved", "staked AID")
    assert shown(approved, "could be funded") == "yes"
    assert deal().stage is Stage.APPROVED


def test_attest__renews_what_has_become_stale(approved, done, lender):
    travel(lender, 8)
    assert shown(done("deals show 1"), "could be funded") == "telemetry stale"
    output = done("deals attest 1 --telemetry 99.5 --coverage 1.5 --appraisal 8,100,000")
    assert "attest: APPRAISAL 8,100,000 AID, DSCR 1.5, TELEMETRY 99.5 %" in output
    assert shown(output, "could be funded") == "yes"
    assert lender.contract("compute_receipt").appraisal(1)[0] == 8_100_000 * WAD
    # below 8,000,000 the loan is more than 75 %
    ape.chain.mine(60)
    assert shown(done("deals attest 1 --appraisal 7999999"), "could be funded") == "ltv"


def test_fund__pays_the_borrower_all_but_fee_and_reserve(approved, done, deal, lender, alice):
    usdc = lender.coin("USDC").token
    before = usdc.balanceOf(alice)
    output = done("deals fund 1")
    assert usdc.balanceOf(alice) - before == int(TO_BORROWER * USD)
    assert (shown(output, "stage"), shown(output, "carrying value")) == ("performing", "6,000,000.00")
    assert deal().status is Status.PERFORMING
    assert lender.staked_aid.summary().idle == (STAKE - FUNDING) * WAD


@pytest.mark.parametrize(("coin", "unit"), [("usdc", USD), ("AID", WAD)])
def test_pay__takes_the_coin_and_shows_what_is_left(funded, done, deal, lender, alice, coin, unit):
    travel(lender, 20)
    token = lender.token(coin)
    before = token.balanceOf(alice)
    output = done(f"deals pay 1 {coin} 300,000")
    assert before - token.balanceOf(alice) == 300_000 * unit
    assert shown(output, "paid on the debt") == "300,000.00"
    # 20 days of interest come first: 47,671 and a second or two
    left = FUNDING - 300_000 + INTEREST * 20 / 30
    assert abs(deal().principal - left * WAD) < WAD
    assert shown(output, "principal outstanding") == money(Fraction(deal().principal, WAD))


def test_pay__while_a_coin_has_no_price__waits_until_it_is_settled(funded, done, deal, lender, governor):
    lender.coin("USDC").feed.set_price(98 * USD, sender=governor)
    output = done("deals pay 1 USDC 50000")
    assert "the payment counts as paid in time, and waits for `ape run deals settle 1`" in flat(output)
    assert shown(output, "waiting for a price") == "49,000.00"
    lender.coin("USDC").feed.set_price(100 * USD, sender=governor)
    output = done("deals settle 1")
    assert (shown(output, "waiting for a price"), shown(output, "paid on the debt")) == ("0.00", "50,000.00")
    assert deal().paid == 50_000 * WAD


def test_pay__everything__ends_the_deal_and_claim_returns_what_was_held(funded, done, deal, lender, alice):
    lender.coin("USDC").token.mint(alice, 7_000_000 * USD, sender=alice)
    owed = deal().owed
    output = done("deals pay 1 USDC 7000000")
    assert shown(output, "stage") == "closed"
    before = lender.aid.balanceOf(alice)
    output = done("deals claim")
    claimed = lender.aid.balanceOf(alice) - before
    # a second or two of interest are 0.03 each
    assert 0 <= (7_000_000 + 600_000) * WAD - owed - claimed < WAD
    assert f"{money(Fraction(claimed, WAD))} AID to {alice.address}" in flat(output)


def appraise(done, *steps):
    """Have the lot appraised lower and lower: a report moves by a third at most."""
    for worth in steps:
        done(f"deals attest 1 --appraisal {worth}")


def test_mark__impairs_at_once_what_the_collateral_lacks(funded, done, run, deal):
    assert "below appraisal" in run("deals mark 1 40").output
    appraise(done, 6_000_000, 4_300_000, 3_700_000)
    output = done("deals mark 1 40")
    # the first loss of 300,000 bears the first part of a ramp, not of a mark
    assert abs(deal().impairment - FUNDING * WAD * 4 // 10) < WAD
    assert shown(output, "impairment") == money(Fraction(deal().impairment, WAD))


def test_cancel__drops_what_is_not_funded(approved, done, deal):
    assert shown(done("deals cancel 1"), "stage") == "cancelled"
    assert deal().stage is Stage.CANCELLED


def test_draw__pays_what_is_past_its_grace(funded, done, deal, lender):
    travel(lender, 41)
    output = done("deals draw 1")
    assert shown(output, "cash reserve") == "0.00"
    assert deal().paid == 300_000 * WAD


# a default


def test_default__is_open_to_anyone_after_grace(funded, run, done, deal, lender):
    travel(lender, 40)
    assert "not late" in run("deals default 1 --account TEST::8").output
    travel(lender, 31)
    assert shown(done("deals default 1 --account TEST::8"), "stage") == "defaulted"
    assert deal().status is Status.DEFAULTED


def test_auction__starts_at_130_percent_and_sells_to_the_first_bid(defaulted, done, deal, lender, alice):
    output = done("deals auction 1")
    start, lowest = Fraction(8_500_000 * 13, 10), Fraction(8_500_000 * 3, 10)
    assert (shown(output, "stage"), shown(output, "round")) == ("liquidating", "1 of 4")
    assert shown(output, "collateral costs now") == money(start)
    assert shown(output, "lowest price").startswith(f"{money(lowest)} until 20")
    travel(lender, 2)
    usdc = lender.coin("USDC").token
    usdc.mint(alice, 20_000_000 * USD, sender=alice)
    before = usdc.balanceOf(alice)
    # 96 steps of half an hour, of 335
    price = ceil((start - (start - lowest) * 96 / 335) * USD)
    output = done("deals auction 1 --bid USDC")
    assert before - usdc.balanceOf(alice) == price
    assert f"bid: receipt 1 for {money(Fraction(price, USD))} AID, paid in USDC" in output
    assert shown(output, "stage") == "closed"
    assert lender.contract("compute_receipt").ownerOf(1) == alice


def test_auction__without_a_buyer__is_restarted_expires_and_its_lot_is_offered_again(
    defaulted, done, deal, lender, alice
):
    done("deals auction 1")
    travel(lender, 7)
    assert shown(done("deals show 1"), "collateral costs now") == "the round is over"
    output = done("deals auction 1 --restart 2_550_000 1_000_000")
    assert (shown(output, "round"), shown(output, "collateral costs now")) == ("2 of 4", "2,550,000.00")
    travel(lender, 10)
    assert shown(done("deals auction 1 --expire"), "stage") == "closed"
    # reserve and first loss are all that came back
    assert lender.staked_aid.summary().idle == (STAKE - FUNDING + 600_000) * WAD
    output = done("deals auction 1 --again --account TEST::8")
    assert shown(output, "collateral costs now") == "1,000,000.00"
    travel(lender, 8)
    assert shown(done("deals show 1"), "collateral costs now") == "0.00"
    done("deals auction 1 --bid AID")
    assert lender.contract("compute_receipt").ownerOf(1) == alice


def test_mark__is_lowered_three_days_after_it_was_announced(funded, done, run, deal, lender):
    appraise(done, 6_000_000, 4_300_000, 3_700_000)
    done("deals mark 1 40")
    done("deals mark 1 10 --up")
    assert "too early" in run("deals mark 1 --carry-out").output
    travel(lender, 3)
    done("deals mark 1 --carry-out")
    travel(lender, 9)
    assert abs(deal().impairment - deal().gross // 10) < WAD


def test_auction__of_a_silent_committee__is_begun_by_anyone_after_14_days(defaulted, run, done, lender):
    travel(lender, 13)
    assert "not credit" in run("deals auction 1 --account TEST::8").output
    travel(lender, 1)
    assert shown(done("deals auction 1 --account TEST::8"), "stage") == "liquidating"


def test_step_in__goes_on_as_a_revenue_share(defaulted, done, run, deal, lender):
    done("deals attest 1 --appraisal 8500000")
    done("deals step-in 1 --announce --instalments 12")
    assert "step-in pending" in run("deals auction 1").output
    travel(lender, 7)
    output = done("deals step-in 1")
    assert (shown(output, "stage"), shown(output, "structure")) == ("performing", "revenue share")
    terms = deal().terms
    assert (terms.principal, terms.share_instalments, terms.share_interval) == (0, 12, 30)


# other structures


def test_a_revenue_share__is_paid_in_its_coin_until_it_has_run_out_and_closes(done, deal, lender, alice):
    done(f"deals propose {REVENUE}")
    done("deals approve 1")
    done("deals fund 1")
    usdt = lender.coin("USDT").token
    usdt.mint(alice, 7_000_000 * USD, sender=alice)
    travel(lender, 30)
    output = done("deals pay 1 USDT 340000")
    assert (shown(output, "revenue received"), shown(output, "structure")) == ("340,000.00", "revenue share")
    done("deals pay 1 USDT 6000000")
    travel(lender, 511)
    assert shown(done("deals close 1"), "stage") == "closed"
    assert deal().gross == 0


def test_list__shows_each_deal_with_its_structure_and_stage(funded, done):
    done(f"deals propose {HYBRID}")
    done(f"deals propose {PILOT}")
    done("deals cancel 3")
    rows = [
        re.findall(r"[^│┃]+", line) for line in done("deals list").splitlines() if re.match(r"│ +\d", line)
    ]
    seen = [[cell.strip() for cell in row[:4]] for row in rows]
    assert seen == [
        ["1", "performing", "debt", "6,000,000.00"],
        ["2", "proposed", "hybrid", "40,000,000.00"],
        ["3", "cancelled", "debt", "100,000.00"],
    ]


def test_a_deal_above_the_caps__says_so_before_and_when_it_is_funded(done, run):
    done(f"deals propose {HYBRID}")
    assert shown(done("deals approve 1"), "could be funded") == "deal cap"
    result = run("deals fund 1")
    assert result.exit_code == 1
    assert "deal cap (the deal is too large for what is staked" in flat(result.output)


# sold in shares


def test_a_deal_sold_in_shares__is_bought_funded_and_pays_its_holders(pilot, done, deal, lender, alice, bob):
    assert re.search(r"offered in shares: 0x[0-9a-fA-F]{40}", pilot)
    output = done("deals buy 1 100000")
    assert (shown(output, "sale"), shown(output, "sold")) == ("sold", "100,000.00 of 100,000.00")
    done("deals fund 1")
    assert deal().funder == lender.contract("offering.1").address
    travel(lender, 30)
    done("deals pay 1 USDC 1500")
    output = done("deals show 1")
    # of a month's interest of 1,232.88 the protocol keeps 15 % and 25 bps a year
    assert (shown(output, "sale"), shown(output, "the account holds")) == ("funded", "0.00")
    before = lender.aid.balanceOf(alice)
    output = done("deals claim 1")
    interest = Fraction(100_000 * 1_500 * 30, 10_000 * 365) * (Fraction(85, 100) - Fraction(25, 1_500))
    principal = 1_500 - Fraction(100_000 * 1_500 * 30, 10_000 * 365)
    assert abs(lender.aid.balanceOf(alice) - before - (interest + principal) * WAD) < WAD // 10
    assert shown(output, "and can claim") == "0.00"


def test_a_sale_that_misses_its_minimum__is_refunded(pilot, done, lender, alice):
    before = lender.aid.balanceOf(alice)
    done("deals buy 1 59999")
    travel(lender, 15)
    output = done("deals claim 1")
    assert "refund: deal 1" in output
    assert (shown(output, "sale"), shown(output, "the account holds")) == ("failed", "0.00")
    assert lender.aid.balanceOf(alice) == before
