from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from integrations.scenario.books import annual_return, dollars, held, ratio, signed
from integrations.scenario.page import to_html
from integrations.scenario.report import InvariantRecord, Report, aid_value, to_json, wealth, write
from integrations.scenario.units import WAD
from integrations.scenario.world import Holdings


@pytest.fixture(scope="module")
def data(first_year: Report) -> dict[str, Any]:
    decoded = json.loads(to_json(first_year))
    assert isinstance(decoded, dict)
    return decoded


@pytest.fixture(scope="module")
def html(first_year: Report) -> str:
    return to_html(first_year)


def test_json_has_what_readers_rely_on(data: dict[str, Any]) -> None:
    assert {"network", "scenario", "events", "months", "actors", "invariants"} <= set(data)
    assert len(data["months"]) == 12
    for one in data["invariants"]:
        assert {"name", "checked", "violated"} <= set(one)
        assert (one["checked"] > 0, one["violated"]) == (True, 0)


def test_json_amounts_are_strings_and_times_numbers(data: dict[str, Any]) -> None:
    month = data["months"][0]
    assert month["snapshot"]["backing"]["supply"].isdecimal()
    assert isinstance(month["snapshot"]["time"], int)
    assert data["events"][0]["flows"]["minted"] == str(2_997_000 * WAD)
    assert '"time": "' not in json.dumps(data)

    def walk(value: Any) -> None:
        assert not isinstance(value, float)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    walk(data)


def test_the_page_stands_alone(html: str) -> None:
    assert "<script" not in html
    assert not re.search(r"""(src|href)=["'](?!#)""", html)
    assert "@import" not in html
    assert "url(http" not in html
    assert html.count("<svg") == 15
    for heading in (
        "NAV per share",
        "Withdrawal cycles",
        "Invariants",
        "Who ended with what",
        "Pool prices",
        "Liquidity in pools",
        "Portfolio",
        "Who bore each loss",
        "Yield by source",
        "Timeline",
    ):
        assert heading in html


def test_the_page_escapes_what_the_scenario_says(first_year: Report, undrawn: None) -> None:
    scenario = first_year.scenario.model_copy(update={"name": "<b>&"})
    page = to_html(dataclasses.replace(first_year, scenario=scenario))
    assert "<b>&<" not in page
    assert "&lt;b&gt;&amp;" in page


def test_the_page_says_what_failed(first_year: Report, undrawn: None) -> None:
    bad = (InvariantRecord("water is wet", 3, 1, ("1d 00:00: it was dry",)),)
    page = to_html(dataclasses.replace(first_year, invariants=bad))
    assert "1 of 1 invariants violated" in page
    assert "it was dry" in page


def test_both_files_are_written(first_year: Report, undrawn: None, tmp_path: Path) -> None:
    files = write(first_year, tmp_path / "build" / "demo")
    assert [file.name for file in files] == ["report.json", "report.html"]
    assert all(file.stat().st_size > 10_000 for file in files)


def test_wealth_counts_everything_once(first_year: Report) -> None:
    last = first_year.samples[-1]
    holdings = Holdings(
        coins={"USDC": 10**6},
        aid=2 * WAD,
        shares=WAD,
        pending_shares=WAD,
        claimable_aid=3 * WAD,
        vault_shares={"TBILL": WAD},
        debt=WAD,
    )
    staked = 2 * last.staking.price_exit
    bills = last.vaults["TBILL"].rate * 10**12
    assert wealth(holdings, last, first_year.scenario) == (1 + 2 + 3 - 1) * WAD + staked + bills


def test_debt_is_said_in_words(first_year: Report) -> None:
    holdings = Holdings(
        coins={"USDC": 5 * 10**6},
        aid=0,
        shares=0,
        pending_shares=0,
        claimable_aid=0,
        vault_shares={},
        debt=585_000 * WAD,
    )
    assert held(holdings, first_year.scenario) == ["5 USDC", "owes 585,000 AID"]


def test_aid_is_worth_a_dollar_but_for_deficit_mode(first_year: Report) -> None:
    deficits = [one for one in first_year.samples if one.backing.deficit and not one.backing.stale]
    assert deficits
    assert all(85 * WAD // 100 < aid_value(one) < WAD for one in deficits)
    assert aid_value(first_year.samples[-1]) == WAD


def test_numbers_read_well() -> None:
    assert dollars(-1_234_567 * WAD) == "−1,234,567"
    assert (signed(5 * WAD), signed(0), signed(-WAD), signed(1)) == ("+5", "0", "−1", "0")
    assert (ratio(2, 3), ratio(1, 0)) == ("66.66 %", "–")


def test_the_return_is_a_years(first_year: Report) -> None:
    assert re.fullmatch(r"\d+\.\d\d %", annual_return(first_year))
