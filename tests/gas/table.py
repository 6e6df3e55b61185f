"""The committed gas figures: one JSON file that the suite checks, and a table for people."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2] / "benchmarks"
FIGURES = ROOT / "gas.json"
TABLE = ROOT / "gas.md"
TOLERANCE = 0.01

#: Whole-transaction gas that an action must not exceed.
TARGETS = {
    "aid.mint": 125_000,
    "aid.redeem": 125_000,
    "aid.transfer": 42_000,
    "said.claim": 75_000,
    "said.deposit": 95_000,
    "said.request_redeem": 85_000,
}
#: What comparable actions cost at the peers whose figures are known.
PEERS = {"aid.transfer": (33_849, "plain ERC-20, no deny list, no pause")}

HEADER = """# Gas

Whole transactions (`gasUsed`), measured on anvil (prague) by `make bench`: a portfolio attached, two
stablecoins and one T-bill vault in the reserve, touched slots non-zero by earlier traffic, minimal
ERC-20 stablecoins whose plain transfer costs 33.8k, finite allowances. `make test` fails when a figure
grows by more than 1 %.

| action | gas | target | peer |
|---|---:|---:|---|
"""


def recorded() -> dict[str, int]:
    """The committed figures."""
    return json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}


def write(figures: dict[str, int]) -> None:
    """Write both files, sorted by name."""
    figures = dict(sorted(figures.items()))
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    rows = []
    for name, gas in figures.items():
        target = f"{TARGETS[name]:,}" if name in TARGETS else ""
        peer = "{:,} ({})".format(*PEERS[name]) if name in PEERS else ""
        rows.append(f"| `{name}` | {gas:,} | {target} | {peer} |\n")
    TABLE.write_text(HEADER + "".join(rows))
