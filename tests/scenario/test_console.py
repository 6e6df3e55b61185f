from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from integrations.scenario.demo import PASSED, UNUSABLE, VIOLATED, run

from .conftest import Year, small
from .fake import FakeWorld


def test_a_pipe_gets_100_columns_without_escapes(year: Year) -> None:
    assert "\x1b" not in year.piped
    assert max(len(line.rstrip()) for line in year.piped.splitlines()) <= 100


def test_nothing_of_a_book_is_cut_off(year: Year) -> None:
    assert "…" not in year.piped


def test_the_story_is_told_in_order(year: Year) -> None:
    parts = [
        "First year",
        "refused: kyc required",
        "month 1 · 31 January 2026",
        "the last second of the window",
        "deficit mode: covered 9",
        "normal mode again",
        "month 12 · 31 December 2026",
        "who ended with what",
        "every AID has a known holder",
        "every invariant held",
    ]
    flowing = " ".join(year.piped.split())
    places = [flowing.index(part) for part in parts]
    assert places == sorted(places)


def test_a_narrow_character_set_is_enough(year: Year) -> None:
    assert "+ 3,000,000 USDC > 2,997,000.00 AID" in year.ascii
    assert year.ascii.isascii()


def test_a_terminal_gets_colours_and_a_live_bar(year: Year) -> None:
    assert "\x1b[" in year.terminal
    assert "month 1 · 31 January 2026 · 8 %" in year.terminal


def output(text: str, tmp_path: Path) -> tuple[int, str]:
    file = tmp_path / "small.yaml"
    file.write_text(text)
    stream = io.StringIO()
    status = run(file, FakeWorld, tmp_path / "out", Console(file=stream, width=100))
    return status, stream.getvalue()


def test_a_run_that_holds_ends_with_0_and_both_reports(undrawn: None, tmp_path: Path) -> None:
    status, text = output(small("day: 1, do: mint, who: alice, coin: USDC, amount: 5"), tmp_path)
    assert status == PASSED
    assert (tmp_path / "out" / "report.json").exists()
    assert "report.html" in text


def test_a_run_that_does_not_hold_ends_with_1_and_says_why(undrawn: None, tmp_path: Path) -> None:
    status, text = output(small("day: 1, do: mint, who: bob, coin: USDC, amount: 5"), tmp_path)
    assert status == VIOLATED
    assert 'mint was refused: "kyc required"' in text
    assert "NOT every invariant held" in text


def test_a_file_that_cannot_be_used_ends_with_2_and_its_problems(tmp_path: Path) -> None:
    status, text = output(small("day: 1, do: mint, who: carol, coin: USDC, amount: 5"), tmp_path)
    assert status == UNUSABLE
    assert text.replace("\n", "").endswith(
        'timeline[0].who: unknown actor "carol", expected one of alice, bob'
    )
    assert not (tmp_path / "out").exists()
