from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from integrations.scenario.console import ConsoleAccount
from integrations.scenario.demo import PASSED, UNUSABLE, VIOLATED, run
from integrations.scenario.loader import load_scenario
from integrations.scenario.runner import play

from .conftest import FIRST_YEAR, ROOT, small
from .fake import FakeWorld


def account(encoding: str = "utf-8", *, terminal: bool = False) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(file=stream, width=100, force_terminal=terminal, highlight=False)
    loaded = load_scenario(FIRST_YEAR, root=ROOT / "scenarios")
    play(loaded, FakeWorld(loaded), ConsoleAccount(console))
    stream.seek(0)
    return stream.read()


@pytest.fixture(scope="module")
def plain() -> str:
    return account()


def test_a_pipe_gets_100_columns_without_escapes(plain: str) -> None:
    assert "\x1b" not in plain
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= 100


def test_nothing_of_a_book_is_cut_off(plain: str) -> None:
    assert "…" not in plain


def test_the_story_is_told_in_order(plain: str) -> None:
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
    flowing = " ".join(plain.split())
    places = [flowing.index(part) for part in parts]
    assert places == sorted(places)


def test_a_narrow_character_set_is_enough() -> None:
    text = account("ascii")
    assert "+ 3,000,000 USDC > 2,997,000.00 AID" in text
    assert text.isascii()


def test_a_terminal_gets_colours_and_a_live_bar() -> None:
    text = account(terminal=True)
    assert "\x1b[" in text
    assert "month 1 · 31 January 2026 · 8 %" in text


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
