from __future__ import annotations

import pytest

from integrations.scenario.events import vocabulary
from integrations.scenario.loader import load_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, WAD

from .conftest import FIRST_YEAR, ROOT, without_venues
from .fake import FakeWorld

DATA = ROOT.parent / "shared" / "data" / "usdc_svb_2023-03_15min.csv"


def test_every_invariant_holds(first_year: Report) -> None:
    assert first_year.path_sources == {"svb-weekend": "fallback"}
    assert first_year.passed, [one for one in first_year.invariants if one.violated]
    assert all(one.checked for one in first_year.invariants)


@pytest.mark.skipif(not DATA.exists(), reason="the market's own prices of the weekend are not here")
def test_every_invariant_holds_with_the_markets_own_prices() -> None:
    loaded = without_venues(load_scenario(FIRST_YEAR, root=ROOT))
    report = play(loaded, FakeWorld(loaded))
    assert report.path_sources == {"svb-weekend": DATA.name}
    assert report.passed, [one for one in report.invariants if one.violated]


def test_nearly_every_kind_of_event_is_played(first_year: Report) -> None:
    played = {event.do for event in first_year.events}
    kinds = {kind for kind in vocabulary() if not kind.startswith("test_")}
    told = {event.do for event in load_scenario(FIRST_YEAR, root=ROOT).scenario.timeline}
    assert kinds - played - told == {"note", "revoke_kyc", "lend", "repay", "write_off"}


def test_one_cycle_is_short_of_liquidity_and_the_next_pays_the_rest(first_year: Report) -> None:
    cycles = {one.cycle: one for one in first_year.cycles}
    assert [cycle for cycle, one in cycles.items() if one.filled < one.requested] == [4]
    assert cycles[5].filled == cycles[5].requested


def test_the_depeg_brings_deficit_mode_and_the_peg_ends_it(first_year: Report) -> None:
    days = [
        (mode.time - first_year.scenario.start_time) // DAY for mode in first_year.modes if not mode.stale
    ]
    assert first_year.modes[0].deficit
    assert not first_year.modes[-1].deficit
    assert min(days) == 69
    worst = min(
        one.backing.backing * WAD // one.backing.supply for one in first_year.samples if one.backing.supply
    )
    assert worst < 95 * WAD // 100


def test_the_last_second_of_a_window_counts_and_the_next_does_not(first_year: Report) -> None:
    says = {event.note: event.text for event in first_year.events if event.note}
    assert says["the last second of the window"].endswith("cycle 1")
    assert says["a few seconds late"].endswith("cycle 2")


def test_savers_gain_and_borrowers_pay(first_year: Report) -> None:
    profit = {actor.name: actor.profit for actor in first_year.actors}
    assert all(profit[name] > 0 for name in ("meridian", "chen", "alice", "bob", "dana", "mallory"))
    assert all(profit[name] < 0 for name in ("gpu-cloud", "north-dc", "erin"))


def test_one_deal_cures_one_is_sold_and_one_changes_hands(first_year: Report) -> None:
    assert {one.name: one.status for one in first_year.deals} == {
        "atlas-h100": "repaid",
        "aurora-gb200": "performing",
        "mesh-depin": "performing",
        "nimbus-h200": "performing",
        "borealis-h100": "resolved",
        "zephyr-a100": "performing, stepped in",
        "atlas-second": "performing",
        "pilot": "repaid",
    }
    assert [(one.deal, one.how, one.missing) for one in first_year.losses] == [
        ("borealis-h100", "auction", 0),
        ("zephyr-a100", "step-in", 0),
    ]


def test_deals_earn_more_than_they_lose_and_less_than_had_everybody_paid(first_year: Report) -> None:
    brought = {one.source: one.amount for one in first_year.yields}
    assert brought["deals"] > -brought["losses of deals"] > 0
    assert min(brought[name] for name in ("T-bills", "fees", "insurance")) > 0
    last = first_year.performing[-1]
    assert last.performing > last.actual == first_year.samples[-1].staking.price_exit


def test_the_pilot_is_sold_within_minutes(first_year: Report) -> None:
    sale = [one for one in first_year.events if one.do in {"open_offering", "buy", "fund"}]
    pilot = [one for one in sale if "pilot" in one.given["deal"] and one.result == "done"]
    assert pilot[-1].time - pilot[0].time == 22 * 60
    assert sum(one.flows.get("sold in shares", 0) for one in pilot) == 100_000 * WAD
