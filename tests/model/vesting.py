"""Linear streams of what is unvested; times in 2^-24 s, as documented."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

TICKS = 2**24  # in a second


@dataclass
class Stream:
    amount: int = 0
    start: int = 0  # ticks
    end: int = 0

    def left(self, t: int) -> int:
        """Unvested at `t` (seconds), rounded up."""
        if self.amount == 0 or t * TICKS >= self.end:
            return 0
        at = max(self.start, t * TICKS)
        return ceil(self.amount * Fraction(self.end - at, self.end - self.start))

    def top_up(self, now: int, gain: int, period: int | Fraction) -> None:
        """The centre of mass is kept: rem' = (L·rem + g·V) / (L + g)."""
        if gain == 0:
            return
        left = self.left(now)
        total = left + gain
        remaining = self.end - now * TICKS if left else 0
        remaining = floor((left * remaining + gain * period * TICKS) / Fraction(total))
        self._restart(now, total, now * TICKS + remaining)

    def absorb(self, now: int, loss: int) -> int:
        left = self.left(now)
        taken = min(left, loss)
        if taken:
            start = max(self.start, now * TICKS)
            self.amount, self.start = left - taken, start
        return taken

    def _restart(self, now: int, amount: int, end: int) -> None:
        self.amount, self.start, self.end = amount, now * TICKS, end


@dataclass
class Releases:
    """What is unvested of impairment lifted, and of late money for losses, which waits for a cycle's end."""

    running: Stream = field(default_factory=Stream)
    late: Stream = field(default_factory=Stream)

    def left(self, t: int) -> int:
        return self.running.left(t) + self.late.left(t)

    def add(self, now: int, amount: int, period: int) -> None:
        self.running.top_up(now, amount, period)

    def add_late(self, now: int, amount: int, start: int, period: int) -> None:
        """What came in earlier cycles and vests already joins the running stream as it is."""
        waiting = self.late.left(now)
        if self.late.start != start * TICKS:
            if waiting:
                rest = Fraction(self.late.end, TICKS) - now
                self.running.top_up(now, waiting, rest)
            waiting = 0
        self.late = Stream(waiting + amount, start * TICKS, (start + period) * TICKS)

    def absorb(self, now: int, loss: int) -> int:
        taken = self.running.absorb(now, loss)
        return taken + self.late.absorb(now, loss - taken)
