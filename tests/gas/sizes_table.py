"""The committed table of code sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrations.protocol.artifacts import SHIPPED, compiled_without_venom, shipped, uses_venom

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "benchmarks" / "sizes.md"
#: Bytes of code that the EVM takes (EIP-170).
LIMIT = 24_576
#: Bytes that every contract keeps free.
ROOM = 1_000

HEADER = f"""# Code sizes

Bytes of the code as deployed, immutables included, of at most {LIMIT:,} (EIP-170), written by `make sizes`.
`make test` fails when a contract has fewer than {ROOM:,} free, or when a figure here is off by more than 1 %
of the limit. *Default* is what the compiler's default pipeline makes of a contract that is built by Venom:
what `make test-legacy` runs on, whether it would fit or not.

| contract | used | free | pipeline | default |
|---|---:|---:|---|---:|
"""


def by_venom() -> list[str]:
    """The contracts that are built by the compiler's newer pipeline."""
    return [name for name in SHIPPED if uses_venom(next((ROOT / "contracts").rglob(f"{name}.vy")))]


def deployed(name: str, runtime: str) -> int:
    """Bytes that a contract occupies on chain.

    Args:
        name: One of `SHIPPED`.
        runtime: What runs, in hex; the immutables stand behind it.
    """
    return len(runtime.removeprefix("0x")) // 2 + _length(shipped(name)["layout"].get("code_layout", {}))


def recorded() -> dict[str, int]:
    """Bytes used by contract, as the table has them."""
    rows = (line.split("|") for line in TABLE.read_text().splitlines())
    return {
        row[1].strip(): int(row[2].replace(",", ""))
        for row in rows
        if len(row) > 2 and row[1].strip() in SHIPPED
    }


def update(used: dict[str, int]) -> None:
    """Write the table anew.

    Args:
        used: Bytes by contract.
    """
    newer = by_venom()
    rows = [
        f"| {name} | {used[name]:,} | {LIMIT - used[name]:,} | "
        + (f"Venom | {_by_default(name):,} |\n" if name in newer else "default | |\n")
        for name in SHIPPED
    ]
    TABLE.write_text(HEADER + "".join(rows))


def _by_default(name: str) -> int:
    return deployed(name, compiled_without_venom(ROOT, name)["bytecode_runtime"])


def _length(layout: dict[str, Any]) -> int:
    """Bytes of the immutables in a layout, modules included."""
    own = [part["length"] for part in layout.values() if isinstance(part.get("length"), int)]
    return sum(own) + sum(
        _length(part) for part in layout.values() if not isinstance(part.get("length"), int)
    )
