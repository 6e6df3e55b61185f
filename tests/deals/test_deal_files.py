"""Deal files: read exactly, refused with line, field and what was expected."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from eth_utils import keccak

from integrations.deals import DealFileError, cash_flows, load_deal, parse_deal, summary

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deals").glob("*.yaml"))
WAD = 10**18

DEBT = """\
name: Two racks
description: a loan
coin: USDC
collateral:
  model: H100
  units: 16
  site: Turin
  serials: [B, A]
debt:
  principal: 1_200_000
  rate_bps: 1_000
  instalments: 12
  interval: 30d
  repayment: level
  default_bps: 1_300
reserve: 100_000
first_loss: 50_000.5
facts:
  appraisal: 2_000_000
  coverage: 1.5
"""
SHARE = """\
revenue_share:
  price: 300_000
  minimum: 25_000
  instalments: 13
  interval: 28d
  default_bps: 2_000
"""


def refusals(text):
    with pytest.raises(DealFileError) as error:
        parse_deal(text, "deal.yaml")
    return error.value.message.splitlines()


def test_a_valid_deal__is_read_exactly():
    deal = parse_deal(DEBT + SHARE).deal
    terms = deal.terms
    assert (deal.structure, deal.funding, deal.first_loss) == ("hybrid", 1_500_000, Decimal("50000.5"))
    assert (terms.principal, terms.rate_bps, terms.instalments) == (1_200_000 * WAD, 1_000, 12)
    assert (terms.interval, terms.amortising, terms.share_cost) == (30, True, 300_000 * WAD)
    assert (terms.share_minimum, terms.share_instalments, terms.share_interval) == (25_000 * WAD, 13, 28)
    assert deal.collateral.fingerprint == keccak(text="A\nB")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "principal: 1_200_000",
            "principal: -5",
            '10: debt.principal: expected a positive decimal, got "-5"',
        ),
        ("  principal: 1_200_000\n", "", "9: debt.principal: expected a value, the field is missing"),
        (
            "principal: 1_200_000",
            "principal: 999",
            '10: debt.principal: expected 1,000 to 1,000,000,000 AID, got "999"',
        ),
        (
            "rate_bps: 1_000",
            "rate_bps: 99",
            '11: debt.rate_bps: expected an integer from 100 to 5000, got "99"',
        ),
        ("rate_bps", "rate_bbs", '11: debt.rate_bbs: unknown field, did you mean "rate_bps"?'),
        (
            "instalments: 12",
            "instalments: 37",
            "12: debt.instalments: expected a term of 90 to 1095 days, got 37 × 30 days = 1110",
        ),
        (
            "instalments: 12",
            "instalments: 2",
            "12: debt.instalments: expected a term of 90 to 1095 days, got 2 × 30 days = 60",
        ),
        (
            "interval: 30d",
            "interval: 30d 1h",
            '13: debt.interval: expected whole days from 7 to 92, such as "30d", got "30d 1h"',
        ),
        (
            "interval: 30d",
            "interval: 93d",
            '13: debt.interval: expected whole days from 7 to 92, such as "30d", got "93d"',
        ),
        (
            "repayment: level",
            "repayment: annuity",
            "14: debt.repayment: expected 'level' or 'bullet', got \"annuity\"",
        ),
        (
            "  default_bps: 1_300\n",
            "",
            "9: debt.default_bps: expected a value, the field is missing; the usual one would be 1_300",
        ),
        (
            "default_bps: 1_300",
            "default_bps: 1_212",
            '15: debt.default_bps: expected at least 1_213, or delay would pay, got "1212"',
        ),
        (
            "reserve: 100_000",
            "reserve: 600_001",
            '16: reserve: expected at most half of the funding of 1200000, got "600001"',
        ),
        (
            "first_loss: 50_000.5",
            "first_loss: 1_200_001",
            '17: first_loss: expected at most the funding of 1200000, got "1200001"',
        ),
        (
            "first_loss: 50_000.5",
            "first_loss: 0.0000000000000000001",
            '17: first_loss: expected at most 18 decimals, got "1E-19"',
        ),
        (
            "appraisal: 2_000_000",
            "appraisal: 1_599_999",
            "19: facts.appraisal: expected a loan to value of at most 75 %, got 75.00 %",
        ),
        (
            "coverage: 1.5",
            "coverage: 1.34",
            '20: facts.coverage: expected a coverage of at least 1.35, got "1.34"',
        ),
        ("serials: [B, A]", "serials: []", "8: collateral.serials: expected a list of at least 1, got 0"),
        ("site: Turin", f"site: {65 * 'x'}", "7: collateral.site: expected at most 64 characters, got 65"),
        ("coin: USDC\n", "", "1: coin: expected a value, the field is missing"),
        ("name: Two racks", "name: [", "not valid YAML"),
    ],
)
def test_a_faulty_deal__is_refused_by_line_and_field(old, new, said):
    lines = refusals(DEBT.replace(old, new, 1))
    assert any(said in line for line in lines)
    assert all(line.startswith("deal.yaml:") for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "minimum: 25_000",
            "minimum: 23_076",
            "23: revenue_share.minimum: expected minimums that add up to the price at least, got 299988",
        ),
        (
            "interval: 28d",
            "interval: 32d",
            '25: revenue_share.interval: expected whole days from 7 to 31, such as "30d", got "32d"',
        ),
    ],
)
def test_a_faulty_share__is_refused_by_line_and_field(old, new, said):
    assert refusals(DEBT + SHARE.replace(old, new)) == [f"deal.yaml:{said}"]


def test_several_faults__are_all_said_in_order():
    text = DEBT.replace("coverage: 1.5", "coverage: 1").replace("reserve: 100_000", "reserve: 700_000")
    assert [line.split(":")[1] for line in refusals(text)] == ["16", "20"]


def test_no_leg__is_refused():
    text = DEBT[: DEBT.index("debt:")] + DEBT[DEBT.index("reserve:") :]
    assert refusals(text) == ["deal.yaml:1: expected `debt`, `revenue_share` or both, got neither"]


def test_an_offering_above_the_funding__is_refused():
    text = DEBT + "offering: {minimum: 1_200_001, days: 14}\n"
    said = 'offering.minimum: expected at most the funding of 1200000, got "1200001"'
    assert refusals(text) == [f"deal.yaml:21: {said}"]


def test_files_that_cannot_be_read__say_so(tmp_path):
    with pytest.raises(DealFileError, match=r"none\.yaml:1: expected a deal file, got: no such file"):
        load_deal(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    with pytest.raises(DealFileError, match=r"empty\.yaml:1: expected a deal, got an empty file"):
        load_deal(tmp_path / "empty.yaml")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_shipped_deals__are_valid(file):
    deal = load_deal(file).deal
    assert summary(deal.terms).due > deal.funding * WAD
    assert deal.funding / deal.facts.appraisal <= Decimal("0.75")


def test_shipped_deals__cover_every_structure():
    assert {load_deal(file).deal.structure for file in FILES} == {"debt", "hybrid", "revenue share"}
    pilot = load_deal(ROOT / "deals" / "pilot-offering.yaml").deal
    assert pilot.offering is not None
    assert (pilot.funding, pilot.offering.minimum) == (100_000, 60_000)


# schedules


def test_cash_flows__of_a_level_loan__fall_by_the_interest_of_what_is_repaid():
    flows = cash_flows(parse_deal(DEBT).deal.terms, 20_000)
    assert len(flows) == 12
    assert [flow.day for flow in flows] == [20_000 + 30 * k for k in range(1, 13)]
    assert {flow.principal for flow in flows} == {100_000 * WAD}
    for k, flow in enumerate(flows):
        exact = Fraction(100_000 * (12 - k) * WAD, 10) * 30 / 365
        assert abs(flow.interest - exact) < 1
    total = Fraction(100_000 * 78 * WAD, 10) * 30 / 365
    assert 0 <= sum(flow.interest for flow in flows) - total < 1
    assert [flow.outstanding for flow in flows[::6]] == [1_100_000 * WAD, 500_000 * WAD]
    assert flows[-1].outstanding == 0
    assert flows[0].date == date(1970, 1, 1).fromordinal(719_163 + 20_030)


def test_cash_flows__of_a_bullet_loan__end_with_the_principal():
    flows = cash_flows(parse_deal(DEBT.replace("level", "bullet")).deal.terms, 0)
    assert [flow.principal for flow in flows] == [0] * 11 + [1_200_000 * WAD]
    assert all(abs(flow.interest - Fraction(120_000 * WAD * 30, 365)) < 1 for flow in flows)


def test_cash_flows__of_a_hybrid__interleave_both_legs():
    flows = cash_flows(parse_deal(DEBT + SHARE).deal.terms, 0)
    assert [flow.day for flow in flows[:4]] == [28, 30, 56, 60]
    assert [flow.share for flow in flows[:4]] == [25_000 * WAD, 0, 25_000 * WAD, 0]
    assert (flows[0].due, flows[0].outstanding) == (25_000 * WAD, 1_200_000 * WAD)
    assert sum(flow.share for flow in flows) == 325_000 * WAD
    assert len(flows) == 25


def test_summary__adds_up():
    deal = parse_deal(DEBT).deal
    found = summary(deal.terms, 100_000 * WAD)
    assert found.funding == 1_200_000 * WAD
    # 1 % a year for 360 days
    assert 0 <= found.fee - Fraction(12_000 * WAD * 360, 365) < 1
    assert found.to_borrower == 1_100_000 * WAD - found.fee
    assert found.due == found.funding + found.interest
    assert found.life == 195
    assert found.net_rate == Fraction(825, 10_000)
