from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.scenario.units import (
    DAY,
    format_elapsed,
    format_units,
    month_ends,
    parse_clock,
    parse_decimal,
    parse_duration,
    parse_instant,
    to_units,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250_000", "250000"),
        ("0.5", "0.5"),
        (7, "7"),
        (Decimal("0.000001"), "0.000001"),
        ("1_0.2_5", "10.25"),
    ],
)
def test_decimals_are_read_exactly(text: object, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["-5", "1e6", "nan", "", "1,000", ".5", "5.", True, 0.5, None, Decimal("-1")]
)
def test_anything_else_is_no_decimal(text: object) -> None:
    with pytest.raises(ValueError, match="expected a decimal"):
        parse_decimal(text)


def test_a_decimal_becomes_token_units_exactly() -> None:
    assert (
        to_units(Decimal("123456789012345678901234567890.000001"), 6) == 123456789012345678901234567890000001
    )
    with pytest.raises(ValueError, match="at most 6 decimals"):
        to_units(Decimal("0.0000001"), 6)


@given(st.integers(0, 10**40), st.sampled_from([0, 6, 8, 18]))
def test_units_survive_the_way_there_and_back(units: int, decimals: int) -> None:
    shown = format_units(units, decimals, decimals).replace(",", "")
    assert to_units(parse_decimal(shown), decimals) == units


@pytest.mark.parametrize(
    ("units", "shown"),
    [(1_999_999, "1.99"), (-1_999_999, "-1.99"), (-1, "0.00"), (1_234_567_000_000, "1,234,567.00")],
)
def test_amounts_are_shown_rounded_towards_zero(units: int, shown: str) -> None:
    assert format_units(units, 6) == shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12d 6h", 12 * DAY + 6 * 3_600),
        ("36d 23:59:59", 37 * DAY - 1),
        ("36d 23h 59m 59s", 37 * DAY - 1),
        ("90m", 5_400),
        ("0h", 0),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "12", "6h 12d", "1w", "1d 24:00", None, 5])
def test_bad_durations(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_duration(text)


def test_clocks_and_instants() -> None:
    assert parse_clock("23:59:59") == DAY - 1
    assert parse_instant("1970-01-02T00:00:00Z") == parse_instant("1970-01-02") == DAY
    for wrong in ("24:00", "9", "09:60"):
        with pytest.raises(ValueError, match="expected a time of day"):
            parse_clock(wrong)


def test_a_year_has_twelve_months_and_a_short_run_one() -> None:
    ends = month_ends(date(2026, 1, 1), 365)
    assert [end // DAY for end in ends] == [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]
    assert month_ends(date(2026, 1, 1), 10) == [10 * DAY]
    assert [end // DAY for end in month_ends(date(2026, 12, 15), 40)] == [31, 40]


def test_elapsed_shows_seconds_only_where_they_matter() -> None:
    assert format_elapsed(37 * DAY - 1) == "36d 23:59:59"
    assert format_elapsed(9 * 3_600) == "0d 09:00"
