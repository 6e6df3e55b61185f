"""Deals in scenarios, on the world in memory; the numbers are worked out here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from typing_extensions import override

from integrations.scenario.credit import DeskState
from integrations.scenario.deal_tables import (
    BRIEF_PORTFOLIO,
    PORTFOLIO,
    brief,
    losses,
    portfolio,
    yields,
)
from integrations.scenario.invariants import _tests as registered
from integrations.scenario.loader import ScenarioError, parse_scenario
from integrations.scenario.report import EventRecord, InvariantRecord, Report, to_dict
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, WAD

from .fake import FakeWorld
from .fake_credit import FakeDesk

YEAR = 365 * DAY
START = 1_767_225_600  # 2026-01-01

HEAD = """\
name: Deals
description: One deal after the other.
start: 2026-01-01
days: 200
stablecoins:
  USDC: {decimals: 6}
portfolio: {kind: deals, deal_cap_bps: 3_000, borrower_cap_bps: 4_000}
actors:
  alice: {kyc: true, balances: {USDC: 1_000_000}}
  bob: {kyc: true, balances: {USDC: 300_000}}
  lab: {kyc: true, balances: {USDC: 200_000}}
  host: {balances: {USDC: 50_000}}
deals:
  loan:
    borrower: lab
    structure: debt
    collateral: {model: H100, units: 64, site: Oslo}
    coin: USDC
    principal: 120_000
    rate_bps: 1_200
    instalments: 4
    interval: 30
    reserve: 6_000
    first_loss: 2_000
    pays: {coin: USDC}
timeline:
  - {day: 0, time: 01:00, do: mint, who: alice, coin: USDC, amount: 600_000}
  - {day: 0, time: 02:00, do: deposit, who: alice, amount: 500_000}
  - {day: 0, time: 03:00, do: mint, who: lab, coin: USDC, amount: 40_000}
  - {day: 0, time: 04:00, do: mint, who: bob, coin: USDC, amount: 150_000}
"""
AGREED = """\
  - {day: 1, do: propose, deal: loan}
  - {day: 1, time: 01:00, do: attest, deal: loan, appraisal: 170_000, coverage: 15_000, telemetry: 9_900}
  - {day: 1, time: 02:00, do: approve, deal: loan}
"""
FUNDED = AGREED + "  - {day: 2, do: fund, deal: loan}\n"


def text(*events: str, agreed: str = FUNDED, head: str = HEAD) -> str:
    return head + agreed + "".join(f"  - {{{event}}}\n" for event in events)


def report_of(source: str, world: Callable[..., FakeWorld] = FakeWorld) -> Report:
    loaded = parse_scenario(source, "deals.yaml")
    return play(loaded, world(loaded))


def event(report: Report, do: str, nth: int = 0) -> EventRecord:
    return [one for one in report.events if one.do == do][nth]


def broken(report: Report) -> list[str]:
    return [one.name for one in report.invariants if one.violated]


def failures(report: Report) -> list[str]:
    return [one.text for one in report.events if one.result == "failed"]


def interest(principal: int, bps: int, seconds: int) -> Fraction:
    return Fraction(principal * bps * seconds, 10_000 * YEAR)


@pytest.fixture(scope="module")
def paid() -> Report:
    """The loan, paid on its due days."""
    return report_of(text())


@pytest.fixture(scope="module")
def sold() -> Report:
    """The loan, of which one instalment is paid; then the lot is sold for less than is carried."""
    return report_of(
        text(
            "day: 80, do: draw_reserve, deal: loan",
            "day: 81, do: declare_default, deal: loan",
            "day: 85, do: contribute, who: alice, amount: 3_000",
            "day: 86, do: liquidate, deal: loan",
            "day: 92, do: bid, who: bob, deal: loan, token: USDC, most: 80_000",
            head=HEAD.replace("pays: {coin: USDC}", "pays: {coin: USDC, until: 1}"),
        )
    )


# -- what the file may say


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("structure: debt", "structure: hybrid", "deals.loan: expected `share` in a hybrid"),
        ("structure: debt", "structure: loan", "deals.loan.structure: expected 'debt', 'revenue share'"),
        ("    rate_bps: 1_200\n", "", "deals.loan: expected `rate_bps`, which a debt needs"),
        (
            "principal: 120_000",
            "principal: 999",
            'deals.loan.principal: expected 1000 to 1000000000, got "999"',
        ),
        (
            "instalments: 4",
            "instalments: 2",
            'deals.loan.instalments: expected instalments × interval of 90 to 1095 days, got "60"',
        ),
        ("reserve: 6_000", "reserve: 60_001", "deals.loan.reserve: expected at most half of what is funded"),
        ("borrower: lab", "borrower: lap", 'deals.loan.borrower: unknown actor "lap", did you mean "lab"?'),
        ("model: H100", f"model: {33 * 'H'}", "deals.loan.collateral.model: expected at most 32 characters"),
        (
            "kind: deals",
            "kind: deals, telemetry_age: 36h",
            "portfolio.telemetry_age: expected whole days, 1d to 400d, got 1d 12:00",
        ),
        ("kind: deals", "kind: mock", "deals: expected `portfolio: {kind: deals}`"),
        ("deal: loan, appraisal", "deal: laon, appraisal", 'timeline[5].deal: unknown deal "laon"'),
        (
            "do: approve",
            "do: buy, who: bob, amount: 1",
            "timeline[6].deal: expected a deal with an `offering`",
        ),
        ("appraisal: 170_000, coverage: 15_000, telemetry: 9_900", "note: none", "timeline[5].do: expected"),
        (
            "do: fund, deal: loan",
            "do: pay, who: lab, deal: loan, token: USDC, amount: some",
            'timeline[7].amount: expected a positive decimal or "due" or "all", got "some"',
        ),
        (
            "do: fund, deal: loan",
            "do: lend, to: lab, coin: USDC, amount: 1",
            'timeline[7].do: expected `portfolio: {kind: mock}` for "lend"',
        ),
    ],
)
def test_what_is_wrong_with_a_deal_is_said_by_line(was: str, now: str, said: str) -> None:
    source = text()
    assert was in source
    changed = source.replace(was, now, 1)
    with pytest.raises(ScenarioError) as error:
        parse_scenario(changed, "deals.yaml")
    assert said in str(error.value)
    assert all(line.startswith("deals.yaml:") for line in str(error.value).splitlines())


# -- gates


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"appraisal: 170_000": "appraisal: 159_999"}, "ltv"),
        ({"coverage: 15_000": "coverage: 13_499"}, "coverage"),
        ({"day: 2, do: fund": "day: 4, time: 01:00:01, do: fund"}, "telemetry stale"),
        ({"  - {day: 1, time: 02:00, do: approve, deal: loan}\n": ""}, "not approved"),
        ({"deal_cap_bps: 3_000": "deal_cap_bps: 2_000"}, "deal cap"),
        ({"borrower_cap_bps: 4_000": "borrower_cap_bps: 2_000"}, "borrower cap"),
        (
            {
                "cap_bps: 3_000, borrower_cap_bps: 4_000": "cap_bps: 5_000, borrower_cap_bps: 5_000",
                "do: deposit, who: alice, amount: 500_000": "do: deposit, who: alice, amount: 170_000",
                "principal: 120_000": "principal: 85_000",
                "day: 2, do: fund": "day: 2, do: request, who: alice, amount: 80_000}\n  - {day: 2, do: fund",
            },
            "reserve floor",
        ),
    ],
)
def test_a_deal_that_does_not_pass_a_gate_is_not_funded(changes: dict[str, str], reason: str) -> None:
    source = text()
    for was, now in changes.items():
        assert was in source
        source = source.replace(was, now)
    source = source.replace("do: fund, deal: loan}", f"do: fund, deal: loan, expect: {{revert: {reason}}}}}")
    report = report_of(source)
    assert [one.result for one in report.events if one.do == "fund"] == ["refused"], report.events[-1]
    assert [one.status for one in report.deals] == ["not funded"]
    assert report.samples[-1].staking.gross == 0


# -- a deal that is paid


def test_every_invariant_holds_and_was_looked_at(paid: Report) -> None:
    assert broken(paid) == []
    unasked = {one.name for one in paid.invariants if not one.checked}
    assert unasked == {
        "no AID is minted for coins in deficit mode",
        "every pool holds what it owes",
        "the value of a pool's share falls only with sAID's",
        "pools and venues pay what they have quoted",
        "what a deal has lost was borne, to the wei",
        "losses fall on reserve, first loss, unvested profit, insurance and NAV, in this order",
    }


def test_funding_pays_the_borrower_what_fee_and_reserve_leave(paid: Report) -> None:
    fee = -(-120_000 * WAD * 120 // (365 * 100))
    assert event(paid, "fund").flows == {
        "lent": 114_000 * WAD - fee,
        "deal fees kept": fee,
        "from the vault": 120_000 * WAD,
    }
    after = next(one for one in paid.samples if one.staking.gross)
    assert (after.staking.idle, after.staking.gross) == (380_000 * WAD, 120_000 * WAD)


def test_a_borrower_pays_by_itself_on_due_days(paid: Report) -> None:
    payments = [one for one in paid.events if one.do == "pay"]
    assert {one.by for one in payments} == {"schedule"}
    assert [one.time - START for one in payments] == [(2 + 30 * k) * DAY + 9 * 3_600 for k in (1, 2, 3, 4)]
    first = payments[0]
    accrued = interest(120_000 * WAD, 1_200, 30 * DAY + 9 * 3_600)
    due = 30_000 * WAD + interest(120_000 * WAD, 1_200, 30 * DAY)
    units = -(-due // 10**12) * 10**12
    assert abs(first.flows["repaid"] - (units - accrued)) <= 1
    net = accrued * (1_200 * 85 - 25 * 100) / (1_200 * 100)
    assert abs(first.flows["income"] - net) <= 1
    assert first.flows["repaid"] + first.flows["income"] + first.flows["deal fees"] == units


def test_the_last_payment_closes_the_deal_and_the_borrower_takes_the_rest_back() -> None:
    report = report_of(text("day: 123, do: take_back, who: lab"))
    assert broken(report) == []
    assert event(report, "take_back").text.startswith("8,000.00 AID")
    (deal,) = report.deals
    assert (deal.status, deal.principal, deal.carrying, deal.next_due) == ("repaid", 0, 0, None)
    assert deal.income == deal.paid - 120_000 * WAD > 2_400 * WAD


def test_who_paid_on_time_leaves_nav_as_it_is(paid: Report) -> None:
    assert paid.performing
    assert all(one.actual == one.performing for one in paid.performing)


def test_the_yield_of_deals_is_what_came_back_beyond_what_was_lent(paid: Report) -> None:
    sources = {one.source: one.amount for one in paid.yields}
    assert sources == {"deals": paid.deals[0].paid - 120_000 * WAD}


# -- one that is late


def test_a_late_payer_is_impaired_and_cures_in_a_week() -> None:
    report = report_of(
        text(
            "day: 90, do: pay, who: lab, deal: loan, token: AID, amount: due",
            head=HEAD.replace("pays: {coin: USDC}", "pays: {coin: USDC, misses: [2]}").replace(
                "    reserve: 6_000\n    first_loss: 2_000\n", ""
            ),
        )
    )
    assert broken(report) == []
    impaired = {(one.time - START) // DAY: one.staking.impairment for one in report.samples}
    # due on day 62, grace until 72; a quarter after 30 more days; of what is carried then
    carried = 90_000 * WAD + interest(90_000 * WAD, 1_200, 39 * DAY + 15 * 3_600) * Fraction(995, 1200)
    late = next(one for one in report.samples if one.time == START + 85 * DAY)
    assert abs(late.staking.impairment - late.staking.gross * Fraction(13, 30) / 4) <= 2
    assert late.staking.gross < carried + 100 * WAD
    assert impaired[95] > 0
    assert impaired[100] == 0
    (deal,) = report.deals
    assert deal.status == "repaid"
    last = report.performing[-1]
    assert last.performing != last.actual


# -- one that fails


def test_a_loss_falls_on_reserve_first_loss_insurance_and_nav(sold: Report) -> None:
    assert broken(sold) == []
    (loss,) = sold.losses
    asked = 170_000 * WAD
    price = asked * 13 // 10 - asked * (6 * DAY // 1_800) // 335
    assert abs(loss.recovered - price) <= 10**12
    # 20 days into the ramp: a sixth, less the first loss; what came in beyond that was a gain until then
    net = loss.carried - Fraction(loss.carried, 6) + 2_000 * WAD
    assert abs(loss.unvested - (loss.recovered + 2_000 * WAD - net)) <= 2
    assert (loss.reserve, loss.first_loss, loss.insurance) == (0, 2_000 * WAD, 3_000 * WAD)
    assert loss.nav == loss.carried - loss.recovered - 5_000 * WAD - loss.unvested > 0
    assert loss.missing == 0
    assert sold.samples[-1].insurance == 0


def test_had_everybody_paid_nav_would_be_higher_by_the_loss_and_the_interest(sold: Report) -> None:
    last = sold.performing[-1]
    shares = sold.samples[-1].staking.shares
    missing = (last.performing - last.actual) * shares // WAD
    (loss,) = sold.losses
    lost = loss.unvested + loss.insurance + loss.nav
    assert lost < missing + loss.insurance < lost + 3_000 * WAD


def test_sources_add_up_to_what_stakers_have_gained(sold: Report) -> None:
    staking = sold.samples[-1].staking
    gained = staking.idle + staking.gross - staking.impairment - 500_000 * WAD
    assert abs(sum(one.amount for one in sold.yields) - gained) <= 10
    assert {one.source for one in sold.yields} == {"deals", "losses of deals", "insurance"}


def test_a_hosting_partner_goes_on_at_the_impaired_value() -> None:
    report = report_of(
        text(
            "day: 81, do: declare_default, deal: loan",
            "day: 82, do: attest, deal: loan, appraisal: 150_000",
            "day: 83, do: announce_step_in, deal: loan, instalments: 9, interval: 30",
            "day: 90, do: step_in, deal: loan, host: host, coin: USDC, receipts: 9_000, "
            "instalments: 9, interval: 30",
            head=HEAD.replace("pays: {coin: USDC}", "pays: {coin: USDC, until: 1}"),
        )
    )
    assert broken(report) == []
    (loss,) = report.losses
    assert loss.how == "step-in"
    assert 5_750 * WAD < loss.reserve < 6_000 * WAD
    assert loss.carried == loss.recovered + loss.reserve + loss.nav
    receipts = [one for one in report.events if one.do == "pay" and one.who == "host"]
    assert [(one.time - START) // DAY for one in receipts] == [120, 150, 180]
    (deal,) = report.deals
    assert (deal.status, deal.principal) == ("performing, stepped in", 0)
    # carried at cost, straight down over 270 days
    left = Fraction(loss.recovered * (360 - 200), 270)
    assert abs(deal.carrying - left) <= 2


# -- one that is sold in shares


def test_an_offering_funds_its_deal_and_its_holders_have_what_it_pays() -> None:
    head = HEAD.replace(
        "first_loss: 2_000", "first_loss: 2_000\n    offering: {minimum: 60_000, open_for: 2d}"
    )
    agreed = AGREED.replace(
        "time: 02:00, do: approve",
        "time: 02:00, do: open_offering, deal: loan}\n  - {day: 1, time: 02:05, do: approve",
    )
    report = report_of(
        text(
            "day: 1, time: 02:06, do: buy, who: host, deal: loan, amount: 1, expect: {revert: kyc required}",
            "day: 1, time: 02:07, do: buy, who: bob, deal: loan, amount: 90_000",
            "day: 1, time: 02:09, do: buy, who: alice, deal: loan, amount: all",
            "day: 1, time: 02:10, do: fund, deal: loan",
            "day: 190, do: collect, who: bob, deal: loan",
            agreed=agreed,
            head=head,
        )
    )
    assert broken(report) == []
    assert event(report, "buy", 2).flows == {"sold in shares": 30_000 * WAD}
    assert all(one.staking.gross == 0 for one in report.samples)
    (deal,) = report.deals
    assert (deal.funder, deal.status) == ("offering", "repaid")
    bob = next(one for one in report.actors if one.name == "bob")
    assert abs(bob.last.aid - (149_850 * WAD - 90_000 * WAD + deal.paid * 3 // 4)) <= 4
    assert report.yields == ()


# -- worlds that are wrong are found out


class Generous(FakeDesk):
    """Books a thousandth of an AID too much."""

    @override
    def book(self, at: int) -> tuple[int, int]:
        gross, impairment = super().book(at)
        return (gross + WAD // 1_000, impairment) if gross else (gross, impairment)


class Careless(FakeDesk):
    """Takes a deal's reserve for its own."""

    @override
    def state(self) -> DeskState:
        state = super().state()
        deals = {name: replace(deal, reserve=0) for name, deal in state.deals.items()}
        return replace(state, deals=deals)


class Forgetful(FakeDesk):
    """Spares the insurance fund."""

    @override
    def _bear(self, loss: int, deal: Any) -> Any:
        kept, self.world.insurance = self.world.insurance, 0
        borne = super()._bear(loss, deal)
        self.world.insurance = kept
        return borne


def world_with(desk: type[FakeDesk]) -> Callable[..., FakeWorld]:
    def make(loaded: Any) -> FakeWorld:
        world = FakeWorld(loaded)
        world.credit = desk(world)
        return world

    return make


def test_a_book_that_is_not_the_sum_of_its_deals_is_found_out() -> None:
    report = report_of(text(), world_with(Generous))
    assert "the book is the sum of its deals, each reckoned by itself" in broken(report)
    assert "every deal is what its terms and payments make it" not in broken(report)


def test_a_desk_that_touches_a_reserve_is_found_out() -> None:
    found = broken(report_of(text(), world_with(Careless)))
    assert "every deal is what its terms and payments make it" in found
    assert "the desk holds each deal's reserve and first loss, fees and claims, and nothing else" in found


def test_a_loss_that_spares_the_insurance_is_found_out(sold: Report) -> None:
    source = text(
        "day: 81, do: declare_default, deal: loan",
        "day: 85, do: contribute, who: alice, amount: 3_000",
        "day: 86, do: liquidate, deal: loan",
        "day: 92, do: bid, who: bob, deal: loan, token: USDC, most: 80_000",
        head=HEAD.replace("pays: {coin: USDC}", "pays: {coin: USDC, until: 1}"),
    )
    found = broken(report_of(source, world_with(Forgetful)))
    assert found == ["losses fall on reserve, first loss, unvested profit, insurance and NAV, in this order"]
    assert sold.losses[0].insurance == 3_000 * WAD


# -- how it is told


def test_deals_stand_in_the_json_with_amounts_as_strings(sold: Report) -> None:
    data = to_dict(sold)
    (deal,) = data["deals"]
    assert (deal["name"], deal["status"], deal["funded"]) == ("loan", "resolved", START + 2 * DAY)
    assert data["losses"][0]["insurance"] == str(3_000 * WAD)
    assert {one["source"] for one in data["yields"]} == {"deals", "losses of deals", "insurance"}
    assert data["performing"][-1]["time"] == START + 200 * DAY


def test_tables_say_what_the_records_say(sold: Report) -> None:
    (row,) = portfolio(sold)
    assert row[:4] == ["loan", "debt", "resolved", "120,000"]
    columns, ((name, status, *_),) = brief(PORTFOLIO, [row], BRIEF_PORTFOLIO)
    assert (columns[:2], name, status) == (("deal", "status"), "loan", "resolved")
    (loss,) = losses(sold)
    assert loss[:3] == ["loan", "auction", "92"]
    assert loss[6:9] == ["2,000", "3,861", "3,000"]
    *_, net = yields(sold)
    assert net[0] == "net"
    assert net[1].startswith("−")


def test_no_invariant_of_deals_is_asked_of_the_mock() -> None:
    records: list[InvariantRecord] = list(
        report_of(
            "name: Mock\ndescription: None.\nstart: 2026-01-01\ndays: 2\n"
            "stablecoins:\n  USDC: {decimals: 6}\n"
            "actors:\n  alice: {kyc: true, balances: {USDC: 10}}\ntimeline:\n"
            "  - {day: 0, do: mint, who: alice, coin: USDC, amount: 10}\n"
        ).invariants
    )
    names = {one.name for one in records}
    assert {name for name, (_, _, kind) in registered.items() if kind == "deals"} & names == set()
    assert "stakers have what came in less what went out" in names
