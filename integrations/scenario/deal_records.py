"""What a report says of deals at the end, and of the share price had everybody paid on time."""

from __future__ import annotations

from collections.abc import Sequence

from .deal_book import DealBook, Entry
from .model import Scenario
from .report import DealRecord, NavRecord
from .units import DAY, WAD
from .world import Snapshot

VIRTUAL = 10**6


def deal_records(book: DealBook, scenario: Scenario, now: int) -> tuple[DealRecord, ...]:
    """Return every deal of the scenario, in its order; one that was never funded is `not funded`."""
    return tuple(_record(name, book.entries.get(name), scenario, now) for name in scenario.deals)


def _record(name: str, entry: Entry | None, scenario: Scenario, now: int) -> DealRecord:
    terms = scenario.deals[name]
    funder = "offering" if terms.offering else "vault"
    parties = {"name": name, "borrower": terms.borrower, "structure": terms.structure, "funder": funder}
    if entry is None:
        zeros = dict.fromkeys(("principal", "carrying", "impairment", "paid", "fees", "income"), 0)
        amount = int(terms.amount * WAD)
        none = {"funded": None, "next_due": None, "next_amount": 0}
        return DealRecord(**parties, status="not funded", amount=amount, **none, **zeros)  # type: ignore[arg-type]
    model = entry.model
    due = model.next_due()
    return DealRecord(
        **parties,
        status=_status(entry, now),
        funded=model.funded,
        amount=entry.cost,
        principal=model.debt.principal,
        carrying=int(model.gross(now)),
        impairment=int(model.impairment(now)),
        next_due=due[0] * DAY if due else None,
        next_amount=due[1] if due else 0,
        paid=entry.takings.cash,
        fees=model.fees,
        income=entry.takings.cash + entry.net(now) - entry.cost,
    )


def _status(entry: Entry, now: int) -> str:
    """Return where a deal stands, in the words of the report."""
    model = entry.model
    if model.status == "closed":
        return "resolved" if entry.ended == "auction" else "repaid"
    if model.status == "performing" and not model.is_current(now):
        return "late"
    return f"{model.status}, stepped in" if entry.ended == "step-in" else model.status


def performing(book: DealBook, samples: Sequence[Snapshot]) -> tuple[NavRecord, ...]:
    """Return exit NAV per share at each sample, as it was and with everybody paying on time.

    What more there would be is spread, as it arises, over the shares that there are then: who comes later
    would have paid for it, who has left would have taken it along.
    """
    if not book.entries:
        return ()
    more, last, gap = book.differences(), 0, 0
    found: list[NavRecord] = []
    for one in {sample.time: sample for sample in samples}.values():
        if one.staking.shares:
            now = more[one.time]
            gap += WAD * (now - last) // (one.staking.shares + VIRTUAL)
            last, price = now, one.staking.price_exit
            found.append(NavRecord(one.time, price, price + gap))
    return tuple(found)
