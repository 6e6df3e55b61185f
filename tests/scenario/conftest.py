from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.scenario.loader import LoadedScenario, parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play

from .fake import FakeWorld

ROOT = Path(__file__).parents[2]
FIRST_YEAR = ROOT / "scenarios" / "first-year.yaml"

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


@pytest.fixture(scope="session")
def first_year() -> Report:
    """The whole year on the fake, with the prices that every checkout has."""
    from integrations.scenario.loader import load_scenario

    loaded = load_scenario(FIRST_YEAR, root=ROOT / "scenarios")
    return play(loaded, FakeWorld(loaded))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds and say nothing of the text around them."""
    monkeypatch.setattr("integrations.scenario.page.charts", lambda _: {})
