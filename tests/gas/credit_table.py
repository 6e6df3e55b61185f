"""Gas targets of the credit side, and its part of the table."""

from __future__ import annotations

#: Whole-transaction gas that an action must not exceed.
TARGETS = {
    "credit.fund": 453_000,
    "credit.pay": 281_000,
    "credit.bid": 502_000,
    "said.deposit_1_deal": 100_000,
    "said.deposit_120_deals": 100_000,
    "credit.book_value_1_day": 13_000,
    "credit.book_value_30_days": 88_000,
}


def is_credit(name: str) -> bool:
    """Whether a figure is measured with deals."""
    return name.startswith("credit.") or name.endswith(("_deal", "_deals"))


INTRODUCTION = """## Credit

Loans of a year in twelve instalments, without buffers but for `_buffered`, funded on one day. The loan that
is funded is the first to bend on its days, which costs it three new words; payments move their loans to
days on which others bend. `pay` is an instalment on time, in a coin. `bid`, in a coin or in AID, and `expire`
end an auction and resolve its deal; `buy_shares`, `fund_offering`, `pay_offering` and `claim` are an
offering's. `book_value` is execution alone, what it takes to ask the book for its value, one day and 30 days
after its last change, with 120 deals, some of which bend on each of those days.

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
    return INTRODUCTION + "".join(rows)
