"""What is overdue of a deal, and what it bears: walked through from due day to due day, in exact fractions.

Amounts are AID wei (18 decimals), times Unix seconds, days Unix days. Source: docs/credit.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil

from .legs import BPS, DAY
from .terms import YEAR, Debt, Terms, owed, table


def due_days(start: int, interval: int, count: int, t: int) -> int:
    """How many of a schedule's due days have begun at `t`."""
    return sum(1 for k in range(1, count + 1) if (start + k * interval) * DAY <= t)


def _stretches(days: list[int], since: int, t: int) -> Iterator[tuple[int, int, bool]]:
    """The time from `since` to `t`, cut at due days: from, to, and whether a due day begins at its end."""
    inner = [day * DAY for day in days if since < day * DAY <= t]
    marks = sorted({since, *inner, t})
    for a, b in pairwise(marks):
        yield a, b, b in inner


def _interest(amount: Fraction | int, rate_bps: int, seconds: int) -> int:
    return ceil(Fraction(amount * rate_bps * seconds, BPS * YEAR))


def undue(terms: Terms, k: int, principal: int, waiting: int = 0) -> int:
    """Principal that is not due once `k` due days have begun, or that payments are waiting for."""
    scheduled = int(terms.principal - table(terms)[k - 1].outstanding) if k else 0
    return min(principal, terms.principal - scheduled + waiting)


def debt_at(terms: Terms, start: int, debt: Debt, before: Fraction, waiting: int, since: int, t: int) -> Debt:
    """A debt with the interest that the book does not carry up to date.

    Args:
        terms: Of the deal.
        start: Day from which due days count.
        debt: Accrued interest as of `t`, all else as of `since`.
        before: Interest in the book as of `since`, net of fees.
        waiting: Payments that wait count as paid.
        since: Second of the debt's last change.
        t: Now.
    """
    lines = table(terms)
    cash = debt.paid + waiting
    past = [line for line in lines if (start + line.day) * DAY <= t]
    clean = debt.charged + debt.running == 0
    if not past or (clean and len(past) < len(lines) and past[-1].due <= cash):
        return debt
    balance = owed(terms, replace(debt, accrued=before))
    charged, running = debt.charged, debt.running
    for a, b, falls_due in _stretches([start + line.day for line in lines], since, t):
        k = due_days(start, terms.interval, terms.instalments, a)
        if k == terms.instalments:
            late, rest = max(balance - running - waiting, 0), min(debt.principal, waiting)
        else:
            asked = (lines[k - 1].due if k else 0) + charged
            late = min(max(asked - cash, 0), balance)
            rest = min(undue(terms, k, debt.principal, waiting), balance - late)
        charge = _interest(late, terms.default_bps, b - a)
        running += charge
        balance += charge + _interest(rest, terms.rate_bps, b - a)
        if falls_due:
            charged, running = charged + running, 0
    carried = owed(terms, replace(debt, late=0))
    return replace(debt, late=max(balance - carried, 0), charged=charged, running=running)


def share_at(
    terms: Terms, start: int, charged: int, running: int, cash: int, since: int, t: int
) -> tuple[int, int]:
    """Default interest on minimums that are missing: what has fallen due by `t`, and what runs.

    Args:
        terms: Of the deal.
        start: Day from which due days count.
        charged: What had fallen due by `since`.
        running: The same since the last due day before.
        cash: Receipts so far, and what counts as received.
        since: Second up to which it was charged; receipts have not changed since.
        t: Now.
    """
    days = [start + k * terms.share_interval for k in range(1, terms.share_instalments + 1)]
    for a, b, falls_due in _stretches(days, since, t):
        k = due_days(start, terms.share_interval, terms.share_instalments, a)
        missing = max(k * terms.share_minimum + charged - cash, 0)
        running += _interest(missing, terms.share_default_bps, b - a)
        if falls_due:
            charged, running = charged + running, 0
    return charged, running
