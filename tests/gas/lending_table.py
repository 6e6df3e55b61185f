"""The oracles' part of the table of gas."""

from __future__ import annotations

INTRODUCTION = """## Oracles for lending

Of staked AID and of a principal token, in USDC, with a deal on the book. `price` is execution alone: what a
lending market pays for it whenever it looks at a borrower's health. The market of the principal token is a
mock: what splitter and averages cost at Pendle is not in it.

| action | gas |
|---|---:|
"""


def is_lending(name: str) -> bool:
    """Whether a figure is an oracle's."""
    return name.startswith("lending.")


def section(figures: dict[str, int]) -> str:
    """The table of the oracles."""
    rows = [f"| `{name}` | {gas:,} |\n" for name, gas in figures.items() if is_lending(name)]
    return INTRODUCTION + "".join(rows)
