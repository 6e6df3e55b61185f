"""Gas targets of the protocol's own actions, and their part of the table."""

from __future__ import annotations

from tests.gas.credit_table import is_credit
from tests.gas.lending_table import is_lending

#: Whole-transaction gas that an action must not exceed.
TARGETS = {
    "aid.mint": 127_500,
    "aid.redeem": 127_500,
    "aid.redeem_basket": 175_000,
    "aid.transfer": 42_000,
    "said.claim": 75_000,
    "said.deposit": 96_900,
    "said.request_redeem": 85_000,
}
#: What comparable actions cost at the peers whose figures are known.
PEERS = {"aid.transfer": (33_849, "plain ERC-20, no deny list, no pause")}

INTRODUCTION = """## Protocol

A portfolio attached, two stablecoins and one T-bill vault in the reserve.

| action | gas | target | peer |
|---|---:|---:|---|
"""


def is_protocol(name: str) -> bool:
    """Whether a figure is one of the protocol's own actions."""
    return not (name.startswith("pool") or is_credit(name) or is_lending(name))


def section(figures: dict[str, int]) -> str:
    """The table of the protocol's own actions."""
    rows = []
    for name, gas in figures.items():
        if not is_protocol(name):
            continue
        target = f"{TARGETS[name]:,}" if name in TARGETS else ""
        peer = "{:,} ({})".format(*PEERS[name]) if name in PEERS else ""
        rows.append(f"| `{name}` | {gas:,} | {target} | {peer} |\n")
    return INTRODUCTION + "".join(rows)
