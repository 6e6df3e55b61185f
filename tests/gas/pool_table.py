"""The committed gas figures of the stable pool, beside those of Curve's StableSwap-NG."""

from __future__ import annotations

import json

from tests.gas.table import ROOT, TOLERANCE

FIGURES = ROOT / "pool_gas.json"
TABLE = ROOT / "pool_gas.md"

#: What an ERC-4626 coin may add to each action.
VAULT_EXTRA = 7_000
#: Whole-transaction gas that an action of a pool of plain coins must not exceed.
TARGETS = {
    "exchange_0_1": 82_000,
    "exchange_1_0": 82_000,
    "exchange_received": 68_000,
    "add_balanced": 115_000,
    "add_one_sided": 105_000,
    "remove": 80_000,
    "remove_one_coin": 90_000,
    "remove_imbalance": 112_000,
    "get_dy": 38_000,
    "deploy": 5_000_000,
}
#: StableSwap-NG in the same scenario, plain and with an ERC-4626 coin.
PEER = {
    "exchange_0_1": (137_114, 142_693),
    "exchange_1_0": (137_066, 142_646),
    "exchange_received": (121_003, 126_559),
    "add_balanced": (167_539, 173_166),
    "add_one_sided": (145_119, 153_198),
    "add_first": (266_407, 272_034),
    "remove": (106_299, 106_299),
    "remove_one_coin": (130_960, 138_992),
    "remove_imbalance": (159_262, 164_866),
    "get_dy": (69_527, 80_083),
    "deploy": (5_373_741, 5_377_828),
}

HEADER = """# Gas of the stable pool

Whole transactions (`gasUsed`), measured on anvil (prague) by `make bench`. A = 1,000, fee 0.04 %, off-peg
multiplier 2, price average over 866 s; 10M/10M seeded by one LP, trades of 100k, every touched slot non-zero
by earlier traffic, a block every 12 s, finite allowances, minimal ERC-20s whose plain transfer costs 33.8k;
each action from the same state. `pool` has coins of 18 and 6 decimals, `pool4626` an ERC-4626 share and a
coin of 18. `exchange_received` leaves out the transfer before it. The peer is Curve's StableSwap-NG on its
real bytecode. `make test` fails when a figure grows by more than 1 % or beyond its target.

| action | gas | target | StableSwap-NG | saved |
|---|---:|---:|---:|---:|
"""

__all__ = ["TOLERANCE", "recorded", "target", "update"]


def recorded() -> dict[str, int]:
    """The committed figures."""
    return json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}


def target(name: str) -> int | None:
    """What `name` ("pool.remove") must not exceed, if anything is set."""
    pool, action = name.split(".")
    limit = TARGETS.get(action)
    return limit + VAULT_EXTRA if limit is not None and pool == "pool4626" else limit


def update(figures: dict[str, int]) -> None:
    """Put `figures` into both files, sorted by name."""
    figures = dict(sorted({**recorded(), **figures}.items()))
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    rows = []
    for name, gas in figures.items():
        pool, action = name.split(".")
        limit = target(name)
        peer = PEER[action][pool == "pool4626"] if action in PEER else None
        rows.append(
            f"| `{name}` | {gas:,} | {'' if limit is None else f'{limit:,}'} "
            f"| {'' if peer is None else f'{peer:,}'} | {'' if peer is None else f'{1 - gas / peer:.0%}'} |\n"
        )
    TABLE.write_text(HEADER + "".join(rows))
