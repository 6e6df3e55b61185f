"""Deals as rows to show: the portfolio, who bore each loss, and where the yield of sAID comes from.

Console and page show the same rows. Amounts are whole AID, rounded towards zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from .books import dollars, ratio, signed
from .deal_book import LossRecord
from .report import DealRecord, Report, YieldRecord
from .units import WAD

PORTFOLIO = (
    "deal",
    "structure",
    "status",
    "funded",
    "principal",
    "carried",
    "impaired",
    "next due",
    "paid",
    "gain",
)
LOSSES = (
    "deal",
    "end",
    "day",
    "carried",
    "recovered",
    "reserve",
    "first loss",
    "unvested",
    "insurance",
    "NAV",
)
BRIEF_PORTFOLIO = ("deal", "status", "funded", "carried", "impaired", "next due", "paid", "gain")
BRIEF_LOSSES = tuple(name for name in LOSSES if name != "end")
"""What a terminal has room for."""
YIELDS = ("source", "AID", "a year")


def portfolio(report: Report) -> list[list[str]]:
    """Return every deal; those that were sold in shares are no part of sAID."""
    return [_deal(one) for one in report.deals]


def brief(
    columns: Sequence[str], rows: list[list[str]], wanted: Sequence[str]
) -> tuple[Sequence[str], list[list[str]]]:
    """Return the wanted columns of a table, and their rows."""
    places = [columns.index(name) for name in wanted]
    return wanted, [[row[at] for at in places] for row in rows]


def _deal(one: DealRecord) -> list[str]:
    due = "–" if one.next_due is None else f"{_day(one.next_due)}: {dollars(one.next_amount)}"
    sold = "" if one.funder == "vault" else ", in shares"
    return [
        one.name,
        one.structure + sold,
        one.status,
        dollars(one.amount) if one.funded is not None else "–",
        dollars(one.principal),
        dollars(one.carrying),
        dollars(one.impairment),
        due,
        dollars(one.paid),
        signed(one.income),
    ]


def losses(report: Report) -> list[list[str]]:
    """Return every realised loss of the vault's deals, from the first to bear it to the last."""
    return [_loss(one, report.scenario.start_time) for one in report.losses]


def _loss(one: LossRecord, start: int) -> list[str]:
    amounts = (one.carried, one.recovered, one.reserve, one.first_loss, one.unvested, one.insurance, one.nav)
    return [one.deal, one.how, str((one.time - start) // 86_400), *map(dollars, amounts)]


def yields(report: Report) -> list[list[str]]:
    """Return what each source has brought, and their sum; a year on staked assets."""
    if not report.yields:
        return []
    rows = [[one.source, signed(one.amount), _rate(one)] for one in report.yields]
    total = YieldRecord(
        "net", sum(one.amount for one in report.yields), sum(one.rate for one in report.yields)
    )
    return [*rows, [total.source, signed(total.amount), _rate(total)]]


def _rate(one: YieldRecord) -> str:
    """Return a rate as `6.60 %`; a true minus sign for what is below zero."""
    return f"−{ratio(-one.rate, WAD)}" if one.rate < 0 else ratio(one.rate, WAD)


def behind(report: Report) -> str:
    """Return by how much NAV per share is below that of everybody paying on time, e.g. `5.29 %`."""
    if not report.performing:
        return ""
    last = report.performing[-1]
    return ratio(last.performing - last.actual, last.performing)


def _day(time: int) -> str:
    return datetime.fromtimestamp(time, timezone.utc).strftime("%e %b").strip()
