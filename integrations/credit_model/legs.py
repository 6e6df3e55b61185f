"""What a leg of a deal is worth at a time, straight from the definitions in docs/credit.md.

No slopes, no running totals: each value is computed from the terms for its own time, in exact fractions.
Amounts are AID wei (18 decimals), times Unix seconds, days Unix days.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TypeVar

DAY = 86_400
BPS = 10_000


@dataclass(frozen=True)
class Schedule:
    """How impairment grows with the days since accrual stopped.

    Attributes:
        days: Three rising numbers of days.
        bps: Impairment at the first two, of carrying value; at the third it is all of it.
    """

    days: tuple[int, int, int] = (30, 60, 90)
    bps: tuple[int, int] = (2_500, 5_000)

    def points(self) -> list[tuple[int, Fraction]]:
        """Days since the stop and the part impaired, from (0, 0) to (last, 1)."""
        parts = (0, *self.bps, BPS)
        return [(day, Fraction(part, BPS)) for day, part in zip((0, *self.days), parts, strict=True)]


@dataclass(frozen=True)
class Cure:
    """An impairment that a payment has ended, on its way back to zero in a straight line."""

    excess: Fraction = Fraction(0)
    since: int = 0
    end: int = 1

    def left(self, t: int) -> Fraction:
        """What is left of it at `t`."""
        return self.excess * max(self.end - t, 0) / (self.end - self.since)


@dataclass(frozen=True)
class Leg(ABC):
    """One leg: what debt and revenue share have in common.

    Attributes:
        stop: Day from which the ramp runs: grace of the first instalment not covered is over.
        schedule: The ramp.
        reserve: Carrying value that held-back cash would retire; debt only.
        first_loss: What others lose first.
        floor_bps: Least impairment, of gross value: the committee's mark.
        cure: What a cure has left.
    """

    stop: int
    schedule: Schedule = field(default_factory=Schedule, kw_only=True)
    reserve: int = field(default=0, kw_only=True)
    first_loss: int = field(default=0, kw_only=True)
    floor_bps: int = field(default=0, kw_only=True)
    cure: Cure = field(default_factory=Cure, kw_only=True)

    @abstractmethod
    def gross(self, t: int) -> Fraction:
        """Carrying value at `t`."""

    def ramp_days(self) -> list[tuple[int, Fraction]]:
        """Days on which the ramp is defined, and the part impaired there."""
        return [(self.stop + day, part) for day, part in self.schedule.points()]

    def impairment(self, t: int) -> Fraction:
        """Net impairment at `t`."""
        return self.gross(t) * self.floor_bps / BPS + self.above(t) + self.cure.left(t)

    def above(self, t: int) -> Fraction:
        """What the ramp has above first loss and floor, at least 0: linear from one midnight to the next."""
        day, seconds = divmod(t, DAY)
        today, tomorrow = (max(self.ramp(d) - self.first_loss, Fraction(0)) for d in (day, day + 1))
        return today + (tomorrow - today) * Fraction(seconds, DAY)

    def ramp(self, day: int) -> Fraction:
        """The ramp less the floor at the start of `day`, in a straight line between the ramp's days."""
        points = self.ramp_days()
        if not points or day <= points[0][0]:
            return Fraction(0)
        for (a, low), (b, high) in pairwise(points):
            if day <= b:
                start, end = self._ramp_on(a, low), self._ramp_on(b, high)
                return start + (end - start) * Fraction(day - a, b - a)
        return self._ramp_on(day, Fraction(1))

    def _ramp_on(self, day: int, part: Fraction) -> Fraction:
        gross = self.gross(day * DAY)
        return part * max(gross - self.reserve, Fraction(0)) - gross * self.floor_bps / BPS


@dataclass(frozen=True)
class DebtLeg(Leg):
    """Principal with interest, net of fees.

    Attributes:
        value: Carrying value at `since`.
        accrual: Of carrying value, wei a second.
        since: Second of the last payment.
    """

    value: Fraction
    accrual: Fraction
    since: int

    def gross(self, t: int) -> Fraction:
        """Accrues from `since` to the stop, then stands still."""
        return self.value + self.accrual * max(min(t, self.stop * DAY) - self.since, 0)


@dataclass(frozen=True)
class ShareLeg(Leg):
    """A share of revenue, carried at cost and written down to zero in a straight line.

    Attributes:
        cost: What was paid for it.
        start: Second of purchase.
        end: Day on which it has no value left.
    """

    cost: int
    start: int
    end: int

    def gross(self, t: int) -> Fraction:
        """Falls linearly from `cost` to zero at `end`."""
        return Fraction(self.cost * max(self.end * DAY - t, 0), self.end * DAY - self.start)

    def ramp_days(self) -> list[tuple[int, Fraction]]:
        """The ramp's days up to the end, and the end, where there is nothing left to impair."""
        if self.stop >= self.end:
            return []
        days = [(day, part) for day, part in super().ramp_days() if day < self.end]
        return [*days, (self.end, Fraction(1))]


#: Debt or share.
AnyLeg = TypeVar("AnyLeg", bound=Leg)


def cured(leg: AnyLeg, mark: Fraction, t: int, days: int) -> AnyLeg:
    """A leg with a later stop than before, whose former impairment ramps back.

    Args:
        leg: With its new stop, without a cure.
        mark: Impairment before, in proportion to the carrying value that is left.
        t: Now.
        days: How long it takes from the next midnight on.
    """
    end = min(ceil(Fraction(t, DAY)) + days, leg.stop + leg.schedule.days[-1])
    if isinstance(leg, ShareLeg):
        end = min(end, leg.end)
    if end * DAY <= t:
        return leg
    gross = leg.gross(t)
    most = max(gross - leg.reserve - leg.first_loss, gross * leg.floor_bps / BPS, Fraction(0))
    excess = min(mark, most) - leg.impairment(t)
    for day, _ in leg.ramp_days():
        if t < day * DAY < end * DAY:
            room = max(leg.gross(day * DAY) - leg.impairment(day * DAY), Fraction(0))
            excess = min(excess, room * (end * DAY - t) / ((end - day) * DAY))
    if excess <= 0:
        return leg
    return replace(leg, cure=Cure(excess, t, end * DAY))
