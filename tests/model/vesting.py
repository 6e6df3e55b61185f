"""One linear stream of unvested profit; times in 2^-24 s, as documented."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

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
        return ceil(self.amount * Fraction(self.end - t * TICKS, self.end - self.start))

    def top_up(self, now: int, gain: int, period: int) -> None:
        """The centre of mass is kept: rem' = (L·rem + g·V) / (L + g)."""
        if gain == 0:
            return
        left = self.left(now)
        total = left + gain
        remaining = self.end - now * TICKS if left else 0
        remaining = (left * remaining + gain * period * TICKS) // total
        self._restart(now, total, now * TICKS + remaining)

    def absorb(self, now: int, loss: int) -> int:
        left = self.left(now)
        taken = min(left, loss)
        if taken:
            self._restart(now, left - taken, self.end)
        return taken

    def _restart(self, now: int, amount: int, end: int) -> None:
        self.amount, self.start, self.end = amount, now * TICKS, end
