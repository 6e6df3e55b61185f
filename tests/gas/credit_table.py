"""Gas targets of the credit side, and its part of the table."""

from __future__ import annotations

#: Whole-transaction gas that an action must not exceed.
TARGETS = {
    "credit.fund": 420_000,
    "credit.pay": 260_000,
    "said.deposit_1_deal": 100_000,
    "said.deposit_120_deals": 100_000,
    "credit.book_value_1_day": 12_000,
    "credit.book_value_30_days": 80_000,
}

#: Targets that are not reached, and why.
MISSED = {
    "credit.fund": "three contracts store what they know of a deal, and the coin passes the Gateway",
    "credit.pay": "48k of it are the coin's way through desk and Gateway; `pay_aid` is below the target",
}


def is_credit(name: str) -> bool:
    """Whether a figure is measured with deals."""
    return name.startswith("credit.") or name.endswith(("_deal", "_deals"))


INTRODUCTION = """## Credit

Loans of a year in twelve instalments, without buffers, funded on one day; those measured share the days on
which they bend with others. `pay` is an instalment on time, in a coin. `book_value` is execution alone, what
it takes to ask the book for its value, one day and 30 days after its last change, with 120 deals, some of
which bend on each of those days.

| action | gas | target |
|---|---:|---:|
"""


def section(figures: dict[str, int]) -> str:
    """The table of the credit side."""
    rows = [
        f"| `{name}` | {gas:,} | {f'{TARGETS[name]:,}' if name in TARGETS else ''} |\n"
        for name, gas in figures.items()
        if is_credit(name)
    ]
    missed = "".join(f"\n`{name}` misses its target: {reason}.\n" for name, reason in MISSED.items())
    return INTRODUCTION + "".join(rows) + missed
