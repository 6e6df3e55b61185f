"""The account of positions: what is recorded, and what the rows of the report say."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

from integrations.scenario.console import ConsoleAccount
from integrations.scenario.page import to_html
from integrations.scenario.position_tables import COLUMNS, row
from integrations.scenario.positions import Position, PositionBook
from integrations.scenario.report import EventRecord, NavRecord, Report, to_dict
from integrations.scenario.units import DAY, WAD

YEAR = 365 * DAY


def position(report: Report, **changes) -> Position:
    start = report.scenario.start_time
    given = {
        "who": "alice",
        "kind": "YT",
        "place": "market",
        "venue": "Pendle V2, YT",
        "what": "1,000 YT",
        "opened": start + 10 * DAY,
        "until": start + 83 * DAY,
        "invested": 1_000 * WAD,
        "predicted": 50 * WAD,
        "nav": WAD,
        "expected_nav": 102 * WAD // 100,
        "value": lambda: 1_010 * WAD,
        "expected": {"interest": 60 * WAD},
        "came": {"interest": 30 * WAD},
    }
    return Position(**{**given, **changes})


def at(report: Report, day: int, price_exit: int = WAD):
    last = report.samples[-1]
    staking = dataclasses.replace(last.staking, price_exit=price_exit)
    return dataclasses.replace(last, time=report.scenario.start_time + day * DAY, staking=staking)


def test_a_closed_position__has_what_came_out_and_was_taken_before(first_year: Report) -> None:
    book = PositionBook()
    one = position(first_year, taken=5 * WAD)
    book.open(one)
    assert book.find("alice", "YT", "market") is one
    book.close(one, at(first_year, 83), 965 * WAD)
    assert book.find("alice", "YT", "market") is None
    (record,) = book.records(at(first_year, 365), (), ())
    assert (record.realised, record.difference) == (-30 * WAD, -80 * WAD)
    # over 73 days, a fifth of a year
    assert record.predicted_rate == 25 * WAD // 100
    assert record.realised_rate == -15 * WAD // 100


def test_an_open_position__is_valued_at_the_end(first_year: Report) -> None:
    book = PositionBook()
    book.open(position(first_year))
    (record,) = book.records(at(first_year, 83), (), ())
    assert (record.closed, record.realised) == (None, 10 * WAD)


def test_why__splits_the_growth_of_said_into_lateness_and_the_rest(first_year: Report) -> None:
    """Expected 2 % in a fifth of a year, came 0.5 %; everybody on time, it would have been 1.7 %."""
    book, start = PositionBook(), first_year.scenario.start_time
    one = position(first_year)
    book.open(one)
    book.close(one, at(first_year, 83, 1_005 * WAD // 1_000), 1_010 * WAD)
    navs = [
        NavRecord(start + 9 * DAY, WAD, 1_001 * WAD // 1_000),
        NavRecord(start + 83 * DAY, 1_005 * WAD // 1_000, 1_018 * WAD // 1_000),
    ]
    (record,) = book.records(at(first_year, 365), navs, ())
    assert record.why == (
        "sAID grew 2.50 % a year, expected 10.00 %: −6.00 % because deals paid late or not at all, "
        "−1.50 % because other sums were staked, lent and harvested than at the opening; interest 30, "
        "expected 60"
    )


@pytest.mark.parametrize(
    ("realised", "day", "why"),
    [
        (1_050, 90, "fixed: a PT pays one AID"),
        (1_049, 90, "below its highest NAV"),
        (1_020, 40, "not expired yet"),
    ],
)
def test_why__of_pt__tells_a_loss_from_a_fixed_yield(
    first_year: Report, realised: int, day: int, why: str
) -> None:
    book = PositionBook()
    one = position(first_year, kind="PT", expected={}, came={})
    book.open(one)
    book.close(one, at(first_year, day), realised * WAD)
    (record,) = book.records(at(first_year, 365), (), ())
    assert why in record.why


def test_why__of_a_range__counts_what_was_swapped_meanwhile(first_year: Report) -> None:
    book, start = PositionBook(), first_year.scenario.start_time
    fees = {"fees": 12 * WAD, "volume": 120_000 * WAD}
    one = position(first_year, kind="range", place="AID/USDC v3", expected=fees, came={"fees": 9 * WAD})
    book.open(one)
    book.close(one, at(first_year, 83), 1_005 * WAD)

    def swap(day: int, by: str, dollars: int, pool: str = "AID/USDC v3") -> EventRecord:
        given, flows = {"pool": pool}, {"swapped": dollars * WAD}
        return EventRecord(
            -1, start + day * DAY, day, "swap", "bob", "done", "", None, None, flows, given, by
        )

    events = [
        swap(5, "traffic", 1),  # before
        swap(20, "traffic", 50_000),
        swap(30, "timeline", 10_000),
        swap(31, "arbitrageur", 30_000),
        swap(32, "traffic", 2, "AID/USDC"),  # elsewhere
        swap(90, "traffic", 4),  # after
    ]
    (record,) = book.records(at(first_year, 365), (), events)
    assert record.why == (
        "fees 9, expected 12: traffic swapped 60,000, expected 120,000; arbitrage, not reckoned with, "
        "30,000; what lies in the range has been bought and sold on the way: −4"
    )


@pytest.fixture(scope="module")
def with_positions(first_year: Report) -> Report:
    book = PositionBook()
    for changes in ({}, {"who": "bob", "kind": "PT", "venue": "Pendle V2, PT", "what": "900 PT"}):
        one = position(first_year, **changes)
        book.open(one)
        book.close(one, at(first_year, 83), 985 * WAD)
    records = book.records(at(first_year, 365), (), ())
    return dataclasses.replace(first_year, positions=records)


def test_a_row__has_amounts_and_percent_a_year(with_positions: Report) -> None:
    told = row(with_positions.positions[0], with_positions)
    assert len(told) == len(COLUMNS)
    assert told == ["alice", "Pendle V2, YT", "10–83", "1,000", "+50", "−15", "−65", "25.0 → −7.5"]


def test_json__has_positions_with_their_difference(with_positions: Report) -> None:
    found = json.loads(json.dumps(to_dict(with_positions)["positions"]))
    assert [one["who"] for one in found] == ["alice", "bob"]
    assert (found[0]["predicted"], found[0]["realised"]) == (str(50 * WAD), str(-15 * WAD))
    assert found[0]["difference"] == str(-65 * WAD)
    assert isinstance(found[0]["closed"], int)


def test_console_and_page__tell_each_position_and_why(with_positions: Report) -> None:
    stream = io.StringIO()
    ConsoleAccount(Console(file=stream, width=100, highlight=False)).finished(with_positions)
    printed = " ".join(stream.getvalue().split())
    page = to_html(with_positions)
    for one in with_positions.positions:
        for text in (one.what, one.why, *row(one, with_positions)):
            assert text in printed
            assert text.replace("'", "&#39;") in page
    assert page.count("<svg") == to_html(dataclasses.replace(with_positions, positions=())).count("<svg") + 1
