from __future__ import annotations

from pathlib import Path

import pytest

from integrations.scenario.loader import ScenarioError, parse_scenario
from integrations.scenario.prices import PricePath, PricePoint, Quote, published, resolve
from integrations.scenario.units import HOUR, WAD

from .conftest import small

CENT = WAD // 100

FILE = """\
timestamp,open,close
2023-03-10T23:45:00Z,1,1.5
2023-03-11T00:00:00Z,1,0.99
2023-03-11T02:00:00Z,1,0.900000000000000001
2023-03-11T04:00:00Z,1,1.01
"""


def with_file(text: str, folder: Path) -> str:
    (folder / "closes.csv").write_text(text)
    source = "source: {file: closes.csv, since: 2023-03-11T00:00:00Z, until: 2023-03-11T03:00:00Z}"
    return small("day: 1, do: sync").replace("  dip:\n", f"  dip:\n    {source}\n")


def path(deviation_bps: int, **more: int) -> PricePath:
    return PricePath(points=[PricePoint(at="0h", price=1)], deviation_bps=deviation_bps, **more)  # type: ignore[arg-type]


def test_inline_points_are_reported_as_written() -> None:
    resolved = parse_scenario(small("day: 1, do: sync")).paths["dip"]
    assert resolved.source == "inline"
    assert resolved.reports == (Quote(0, 99 * CENT), Quote(2 * HOUR, 90 * CENT), Quote(6 * HOUR, WAD))


def test_a_file_is_used_exactly_where_it_is_there(tmp_path: Path) -> None:
    resolved = parse_scenario(with_file(FILE, tmp_path), root=tmp_path).paths["dip"]
    assert resolved.source == "closes.csv"
    assert resolved.reports == (Quote(0, 99 * CENT), Quote(2 * HOUR, 90 * CENT + 1))


def test_points_stand_in_for_a_file_that_is_absent(tmp_path: Path) -> None:
    text = with_file(FILE, tmp_path)
    resolved = parse_scenario(text, root=tmp_path / "elsewhere").paths["dip"]
    assert (resolved.source, len(resolved.reports)) == ("fallback", 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,close\n", "closes.csv:1: expected a column `timestamp`"),
        ("timestamp,close\nyesterday,1\n", "closes.csv:2: expected a UTC time"),
        ("timestamp,close\n2023-03-11T00:00:00Z,-1\n", "closes.csv:2: expected a decimal"),
        ("timestamp,close\n2023-03-11T00:00:00Z,0\n", "closes.csv:2: expected a positive close"),
        ("timestamp,close\n2023-03-11T00:00:00Z\n", "closes.csv:2: expected a decimal"),
        (
            "timestamp,close\n2024-03-11T00:00:00Z,1\n",
            "expected closes between `since` and `until`, got none",
        ),
        ("", "closes.csv:1: expected a column"),
    ],
)
def test_a_bad_file_is_told_with_both_lines(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"price_paths\.dip\.source\.file") as error:
        parse_scenario(with_file(text, tmp_path), "small.yaml", tmp_path)
    assert str(error.value).startswith("small.yaml:16: ")
    assert said in str(error.value)


def test_a_feed_reports_deviations_heartbeats_and_the_last_point() -> None:
    quotes = [
        Quote(hour * HOUR, price)
        for hour, price in enumerate([WAD, WAD + 1, WAD + CENT, WAD + CENT, WAD + CENT + 1])
    ]
    assert [quote.offset // HOUR for quote in published(quotes, path(50))] == [0, 2, 4]
    beating = path(50, heartbeat="1h")  # type: ignore[arg-type]
    assert len(published(quotes, beating)) == 5


def test_a_path_without_source_needs_no_folder() -> None:
    assert resolve(path(0), Path("/nonexistent")).source == "inline"
