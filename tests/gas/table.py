"""The committed gas figures: one JSON file that the suite checks, and a table for people."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2] / "benchmarks"
FIGURES = ROOT / "gas.json"
TABLE = ROOT / "gas.md"
TOLERANCE = 0.01

HEADER = """# Gas

Whole transactions (`gasUsed`), measured on anvil (prague) by `make bench`: touched slots non-zero by earlier
traffic, finite allowances, minimal ERC-20 stablecoins whose plain transfer costs 33.8k. `make test` fails
when a figure grows by more than 1 % or beyond its target.
"""


def recorded() -> dict[str, int]:
    """The committed figures."""
    return json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}


def update(figures: dict[str, int]) -> None:
    """Put figures into the JSON file, sorted by name, and write the table for people anew from all of it."""
    from tests.gas import credit_table, pool_table, protocol_table

    figures = dict(sorted({**recorded(), **figures}.items()))
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    TABLE.write_text(
        "\n".join([HEADER, *(part.section(figures) for part in (protocol_table, credit_table, pool_table))])
    )
