"""Gas targets of the credit side, and its part of the table."""

from __future__ import annotations

#: Whole-transaction gas that an action must not exceed.
TARGETS = {
    "credit.fund": 420_000,
    "credit.pay": 295_000,
    "credit.deposit_with_1_deal": 100_000,
    "credit.deposit_with_120_deals": 100_000,
    "credit.book_value": 12_000,
    "credit.book_value_after_30_days": 80_000,
}

INTRODUCTION = """## Credit

Loans of a year in twelve instalments, without buffers, funded on one day; those measured share the days on
which they bend with others. `pay` is an instalment on time, in a coin. `book_value` is execution alone, what
it takes to ask the book for its value: on the day of its last change, and with 120 deals due on many days
after 30 days without any.

| action | gas | target |
|---|---:|---:|
"""


def section(figures: dict[str, int]) -> str:
    """The table of the credit side."""
    rows = [
        f"| `{name}` | {gas:,} | {f'{TARGETS[name]:,}' if name in TARGETS else ''} |\n"
        for name, gas in figures.items()
        if name.startswith("credit")
    ]
    return INTRODUCTION + "".join(rows)
