from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from integrations.scenario.console import ConsoleAccount
from integrations.scenario.loader import LoadedScenario, load_scenario, parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import Observer, play
from integrations.scenario.venues import has_ranges
from integrations.scenario.vocabulary import lending, ranges, splits

from .fake import FakeWorld

ROOT = Path(__file__).parents[2]
FIRST_YEAR = ROOT / "scenarios" / "first-year.yaml"
#: Of a pipe, of a narrow one, and of a terminal.
ENCODINGS = ("utf-8", "ascii", "utf-8")

HEAD = """\
name: Small
description: A small scenario.
start: 2026-01-01
days: 60
stablecoins:
  USDC: {decimals: 6}
  USDT: {decimals: 6}
reserve:
  vaults:
    TBILL: {coin: USDC}
actors:
  alice: {kyc: true, balances: {USDC: 1_000_000, USDT: 1_000}}
  bob: {balances: {USDC: 1_000}}
price_paths:
  dip:
    points: [{at: 0h, price: 0.99}, {at: 2h, price: 0.9}, {at: 6h, price: 1}]
timeline:
"""


def small(*events: str) -> str:
    """A scenario of these events, one flow mapping (without braces) each; the first is on line 19."""
    return HEAD + "".join(f"  - {{{event}}}\n" for event in events)


@pytest.fixture
def load() -> Callable[..., LoadedScenario]:
    return lambda *events: parse_scenario(small(*events), "small.yaml")


@pytest.fixture
def play_events(load: Callable[..., LoadedScenario]) -> Callable[..., Report]:
    def run(*events: str) -> Report:
        loaded = load(*events)
        return play(loaded, FakeWorld(loaded))

    return run


class Audience(Observer):
    """Several observers of one run."""

    def __init__(self, *observers: Observer) -> None:
        for name in (name for name in vars(Observer) if not name.startswith("_")):
            setattr(self, name, lambda *what, name=name: [getattr(one, name)(*what) for one in observers])


@dataclass(frozen=True)
class Year:
    """The whole year on the fake, with the prices that every checkout has.

    Attributes:
        report: The account of it.
        piped: What the console prints into a pipe.
        ascii: The same where only ASCII can be printed.
        terminal: What it prints on a terminal.
    """

    report: Report
    piped: str
    ascii: str
    terminal: str


def without_venues(loaded: LoadedScenario) -> LoadedScenario:
    """A scenario without what happens at Uniswap, Pendle and Morpho: the fake has no such venues."""
    scenario, elsewhere = loaded.scenario, {ranges.__name__, splits.__name__, lending.__name__}
    agents = scenario.agents
    kept = {
        "timeline": [
            event
            for event in scenario.timeline
            if type(event).__module__ not in elsewhere and not has_ranges(getattr(event, "pool", ""))
        ],
        "agents": agents.model_copy(
            update={
                "arbitrageurs": [
                    one.model_copy(update={"pools": [name for name in one.pools if not has_ranges(name)]})
                    for one in agents.arbitrageurs
                ],
                "traders": [one for one in agents.traders if not has_ranges(one.pool)],
            }
        ),
    }
    return replace(loaded, scenario=scenario.model_copy(update=kept))


@pytest.fixture(scope="session")
def year() -> Year:
    loaded = without_venues(load_scenario(FIRST_YEAR, root=ROOT / "scenarios"))
    streams = [io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for encoding in ENCODINGS]
    consoles = [
        ConsoleAccount(Console(file=stream, width=100, force_terminal=terminal, highlight=False))
        for stream, terminal in zip(streams, (False, False, True), strict=True)
    ]
    report = play(loaded, FakeWorld(loaded), Audience(*consoles))
    for stream in streams:
        stream.seek(0)
    return Year(report, *(stream.read() for stream in streams))


@pytest.fixture(scope="session")
def first_year(year: Year) -> Report:
    return year.report


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds and say nothing of the text around them."""
    monkeypatch.setattr("integrations.scenario.page.charts", lambda _: {})
