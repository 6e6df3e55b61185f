"""Deals on the contracts, against the same deals on the world in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.scenario.chain import ChainWorld
from integrations.scenario.loader import parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play
from integrations.scenario.units import WAD

from .fake import FakeWorld
from .test_deals import AGREED, HEAD, text

SALE = "offering: {minimum: 60_000, open_for: 2d}"
SOLD = text(
    "day: 3, do: pay, who: alice, deal: loan, token: sAID, amount: 1, expect: {revert: unknown asset}",
    "day: 70, do: declare_default, deal: loan, expect: {revert: not late}",
    "day: 80, do: draw_reserve, deal: loan",
    "day: 81, do: declare_default, deal: loan",
    "day: 82, do: mark_down, deal: loan, bps: 9_000, expect: {revert: below appraisal}",
    "day: 85, do: contribute, who: alice, amount: 3_000",
    "day: 86, do: liquidate, deal: loan",
    "day: 92, do: bid, who: bob, deal: loan, token: USDC, most: 80_000",
    head=HEAD.replace("pays: {coin: USDC}", "pays: {coin: USDC, until: 1}"),
)
SHARED = text(
    "day: 1, time: 02:07, do: buy, who: bob, deal: loan, amount: 90_000",
    "day: 1, time: 02:09, do: buy, who: alice, deal: loan, amount: all",
    "day: 1, time: 02:10, do: fund, deal: loan",
    "day: 190, do: collect, who: bob, deal: loan",
    "day: 191, do: take_back, who: lab",
    agreed=AGREED.replace(
        "time: 02:00, do: approve",
        "time: 02:00, do: open_offering, deal: loan}\n  - {day: 1, time: 02:05, do: approve",
    ),
    head=HEAD.replace("first_loss: 2_000", f"first_loss: 2_000\n    {SALE}"),
)


@pytest.fixture(scope="module", params=[SOLD, SHARED], ids=["sold at auction", "sold in shares"])
def reports(request: pytest.FixtureRequest) -> Iterator[tuple[Report, Report]]:
    loaded = parse_scenario(request.param)
    world = ChainWorld(loaded)
    yield play(loaded, world), play(loaded, FakeWorld(loaded))
    world.close()


def test_every_invariant_holds(reports: tuple[Report, Report]) -> None:
    report, _ = reports
    assert report.passed, [(one.name, one.details) for one in report.invariants if one.violated]


def test_events_do_what_they_do_in_memory(reports: tuple[Report, Report]) -> None:
    chain, memory = reports
    assert [(one.do, one.result, one.time) for one in chain.events] == [
        (one.do, one.result, one.time) for one in memory.events
    ]
    for one, other in zip(chain.events, memory.events, strict=True):
        assert one.flows.keys() == other.flows.keys()
        gaps = {name: abs(one.flows[name] - other.flows[name]) for name in one.flows}
        assert max(gaps.values(), default=0) <= 10, (one.do, gaps)


def test_deals_and_losses_end_as_in_memory(reports: tuple[Report, Report]) -> None:
    chain, memory = reports
    (deal,), (other,) = chain.deals, memory.deals
    assert (deal.status, deal.funder) == (other.status, other.funder)
    assert abs(deal.paid - other.paid) <= 10
    assert len(chain.losses) == len(memory.losses)
    for loss, expected in zip(chain.losses, memory.losses, strict=True):
        assert abs(loss.unvested - expected.unvested) <= 10
        assert abs(loss.nav - expected.nav) <= 10
        assert loss.nav > WAD
