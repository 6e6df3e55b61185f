"""Deal terms: schedules as tables, fees, and what a payment does, in exact fractions.

Amounts are AID wei (18 decimals), rates bps a year of 365 days, days Unix days. Source: docs/credit.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from math import ceil

from .legs import BPS, DAY, Schedule

YEAR = 365 * DAY
#: Rates at which default interest may run, bps a year; of a debt the least depends on its terms.
MIN_DEFAULT, MAX_DEFAULT = 100, 10_000
USUAL_SHARE_DEFAULT = 2_000


@dataclass(frozen=True)
class Terms:
    """What a deal promises; the fields and their order are those of deal_terms.Terms."""

    principal: int = 0
    rate_bps: int = 0
    instalments: int = 0
    interval: int = 0
    amortising: bool = False
    share_cost: int = 0
    share_minimum: int = 0
    share_instalments: int = 0
    share_interval: int = 0
    grace: int = 10
    cure: int = 7
    management_bps: int = 25
    performance_bps: int = 1_500
    schedule: Schedule = field(default_factory=Schedule)
    default_bps: int = 0
    share_default_bps: int = 0

    def __post_init__(self) -> None:
        """A default rate that is left out is the usual one of the leg, if there is one."""
        if self.principal and not self.default_bps:
            object.__setattr__(self, "default_bps", usual_default(self))
        if self.share_cost and not self.share_default_bps:
            object.__setattr__(self, "share_default_bps", USUAL_SHARE_DEFAULT)

    @property
    def net_rate(self) -> Fraction:
        """What the book accrues a year, a part of principal."""
        interest = Fraction(self.rate_bps, BPS) * (1 - Fraction(self.performance_bps, BPS))
        return interest - Fraction(self.management_bps, BPS)

    @property
    def net_part(self) -> Fraction:
        """Of gross interest, the part that is the vault's."""
        return self.net_rate / Fraction(self.rate_bps, BPS)

    @property
    def term(self) -> int:
        """Days from start to the last due day of either leg."""
        debt = self.instalments * self.interval if self.principal else 0
        return max(debt, self.share_instalments * self.share_interval if self.share_cost else 0)


def least_default(rate_bps: int, net_rate: Fraction) -> int:
    """Default rate below which delay would pay, bps a year: the funder has of it what it has of interest."""
    return ceil(Fraction(rate_bps, BPS) ** 2 / net_rate * BPS)


def usual_default(terms: Terms) -> int:
    """Default rate of a debt that is proposed without one: the least, in whole percents, rounded up."""
    least = least_default(terms.rate_bps, terms.net_rate) if terms.net_rate > 0 else MAX_DEFAULT
    return min(-(-least // 100) * 100, MAX_DEFAULT)


@dataclass(frozen=True)
class Instalment:
    """One line of a debt's schedule.

    Attributes:
        number: From 1.
        day: Due, days after start.
        interest: On the principal outstanding in the interval before, wei, exact.
        principal: Repaid with it, wei, exact.
        outstanding: Principal left afterwards.
        due: All cash that must have come in by then: principal rounded down, interest up.
    """

    number: int
    day: int
    interest: Fraction
    principal: Fraction
    outstanding: Fraction
    due: int


@cache
def table(terms: Terms) -> tuple[Instalment, ...]:
    """Walk through a debt's schedule, interval by interval."""
    outstanding = Fraction(terms.principal)
    lines: list[Instalment] = []
    interest_so_far = Fraction(0)
    for k in range(1, terms.instalments + 1):
        interest = outstanding * terms.rate_bps * terms.interval / (BPS * 365)
        interest_so_far += interest
        repaid = Fraction(0)
        if terms.amortising:
            repaid = Fraction(terms.principal, terms.instalments)
        elif k == terms.instalments:
            repaid = outstanding
        outstanding -= repaid
        due = int(terms.principal - outstanding) + ceil(interest_so_far)
        lines.append(Instalment(k, k * terms.interval, interest, repaid, outstanding, due))
    return tuple(lines)


def debt_anchor(terms: Terms, start: int, covered: int, charged: int = 0, due: int = 0) -> int:
    """Due day of the first instalment that `covered` does not reach, or of the last.

    Args:
        terms: Of the deal.
        start: Day from which due days count.
        covered: Cash, and what counts as cash.
        charged: Default interest that has fallen due; the last instalment due asks for it, and all to come.
        due: How many due days have begun.
    """
    lines = table(terms)
    asked = (line.due + (charged if line.number >= due else 0) for line in lines)
    first = next((line for line, need in zip(lines, asked, strict=True) if need > covered), lines[-1])
    return start + first.day


def share_anchor(terms: Terms, start: int, covered: int, charged: int = 0, due: int = 0) -> int:
    """Due day of the first minimum that `covered` does not reach, or the last day; as `debt_anchor`."""
    for k in range(1, terms.share_instalments):
        if covered < k * terms.share_minimum + (charged if k >= due else 0):
            return start + k * terms.share_interval
    return start + terms.share_instalments * terms.share_interval


@dataclass(frozen=True)
class Debt:
    """What a borrower owes, wei.

    Attributes:
        principal: Outstanding.
        accrued: Interest in the book, net of fees, exact.
        late: All other interest that is owed, which the book never carried.
        paid: All cash so far.
        charged: Default interest that has fallen due so far, paid or not.
        running: The same since the last due day.
    """

    principal: int
    accrued: Fraction = Fraction(0)
    late: int = 0
    paid: int = 0
    charged: int = 0
    running: int = 0


@dataclass(frozen=True)
class Applied:
    """The parts of a payment, wei; all but `fee` are the vault's."""

    used: int
    fee: int
    interest: int
    principal: int
    gain: int


def owed(terms: Terms, debt: Debt) -> int:
    """What pays a debt off."""
    return ceil(debt.accrued / terms.net_part) + debt.principal + debt.late


def apply(terms: Terms, debt: Debt, amount: int, undue: int = 0) -> tuple[Applied, Debt]:
    """Use cash for the book's interest, then principal due, other interest, principal that is not due.

    Args:
        terms: Of the deal.
        debt: As of now.
        amount: Cash.
        undue: Principal that is not due yet.

    Returns:
        Its parts, and the debt afterwards. What is not used is no part of them.
    """
    gross = ceil(debt.accrued / terms.net_part)
    for_interest = min(amount, gross)
    interest = min(int(for_interest * terms.net_part), int(debt.accrued))
    accrued = debt.accrued - interest
    if for_interest == gross:
        interest, accrued = int(debt.accrued), Fraction(0)
    due = min(amount - for_interest, debt.principal - undue)
    late = min(amount - for_interest - due, debt.late)
    early = min(amount - for_interest - due - late, undue)
    principal = due + early
    gain = int(late * terms.net_part)
    used = for_interest + principal + late
    after = replace(
        debt,
        principal=debt.principal - principal,
        accrued=accrued,
        late=debt.late - late,
        paid=debt.paid + used,
    )
    return Applied(used, used - interest - principal - gain, interest, principal, gain), after


def tokenisation_fee(terms: Terms, minimum_bps: int = 25, yearly_bps: int = 100) -> int:
    """What the borrower pays for tokenisation, wei, rounded up."""
    part = max(Fraction(minimum_bps, BPS), Fraction(yearly_bps * terms.term, BPS * 365))
    return ceil((terms.principal + terms.share_cost) * part)


@dataclass(frozen=True)
class Earnings:
    """A revenue share's history: receipts, depreciation, and the most by which they exceeded it."""

    received: int = 0
    depreciated: int = 0
    high_water: int = 0


def depreciated(terms: Terms, basis: int, value: int, received: int) -> int:
    """What receipts must exceed before the protocol earns, rounded up.

    Args:
        terms: Of the deal.
        basis: What they must bring back in all.
        value: What time has left of the cost.
        received: So far: each minimum that it reaches, early or not, was to bring back its part of the cost.
    """
    reached = min(received // terms.share_minimum, terms.share_instalments)
    left = terms.share_cost - Fraction(terms.share_cost * reached, terms.share_instalments)
    return max(basis - value, ceil(basis - left))


def share_fee(
    terms: Terms, earnings: Earnings, amount: int, carried: int, seconds: int
) -> tuple[int, int, Earnings]:
    """The protocol's part of a receipt, rounded up; for how long it pays management; the history afterwards.

    Args:
        terms: Of the deal.
        earnings: Before the receipt, with depreciation as of it.
        amount: The receipt.
        carried: Carrying value at the receipt before.
        seconds: Since then.
    """
    received = earnings.received + amount
    above = max(received - earnings.depreciated, earnings.high_water)
    performance = min(ceil(Fraction((above - earnings.high_water) * terms.performance_bps, BPS)), amount)
    due = ceil(Fraction(carried * terms.management_bps * seconds, BPS * YEAR))
    management = min(due, amount - performance)
    paid_for = seconds if management == due else int(Fraction(seconds * management, due))
    return performance + management, paid_for, Earnings(received, earnings.depreciated, above)
