"""The committed gas figures: one JSON file that the suite checks, and a table for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2] / "benchmarks"
FIGURES = ROOT / "gas.json"
TABLE = ROOT / "gas.md"
TOLERANCE = 0.01

HEADER = """# Gas

Whole transactions (`gasUsed`), measured on anvil (prague) by `make bench`: touched slots non-zero by earlier
traffic, finite allowances, minimal ERC-20 stablecoins whose plain transfer costs 33.8k. `make test` fails
when a figure grows by more than 1 % or beyond its target.
"""


def execution(receipt: Any) -> int:
    """Gas of a call without the transaction around it."""
    data = bytes(receipt.data)
    return int(receipt.gas_used) - 21_000 - sum(16 if byte else 4 for byte in data)


def recorded() -> dict[str, int]:
    """The committed figures."""
    return json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}


def update(figures: dict[str, int]) -> None:
    """Put figures into the JSON file, sorted by name, and write the table for people anew from all of it."""
    from tests.gas import credit_table, lending_table, pool_table, protocol_table

    figures = dict(sorted({**recorded(), **figures}.items()))
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    parts = (protocol_table, credit_table, lending_table, pool_table)
    TABLE.write_text("\n".join([HEADER, *(part.section(figures) for part in parts)]))
