"""Withdrawal cycles as a ledger of fractions: every settlement visits every position.

The contract instead remembers a product P and a sum S and rounds them down, so it may give a position
less, and never more. How much less is bounded here:

- P is an integer of at least 1e18. Each partial fill floors it once, which lowers it by a relative
  1 / P; these add up in `drift` (in 1e-36). What is left of a position is off by that part, and by
  one wei for each of two divisions.
- S grows by P·A/Q, floored: a position of s shares that joined at P_u loses s / P_u wei by the floor,
  and by the drift of P the same part of what it earns. Where P is scaled up, S is divided by the
  scale once more and loses as much again.
- What comes more than one rescaling (a fall of P by 1e18) after a position joined is not paid.

The contract's own P is below the exact one by less than half, so twice 1 / P covers both.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

ONE = 10**36
SCALE = 10**18
VIRTUAL = 10**6  # virtual assets and shares
KEPT = 10**9  # a partial fill leaves at least 1 / KEPT of the shares
FLOORS = 4  # two divisions for each of a position's two slots


@dataclass(frozen=True)
class Seen:
    """A position in whole wei, as the contract shows it when it books what was earned."""

    active: int
    upcoming: int
    claim_shares: int
    claim_assets: int


@dataclass
class Pool:
    """P without its rounding: only the error bounds above depend on it."""

    product: Fraction = Fraction(ONE)
    scale: int = 0

    def fold(self, kept: Fraction) -> None:
        self.product *= kept
        if self.product < SCALE:
            self.product *= SCALE
            self.scale += 1


@dataclass
class Position:
    active: Fraction = Fraction(0)
    upcoming: int = 0
    claim_shares: Fraction = Fraction(0)
    claim_assets: Fraction = Fraction(0)
    scale: int = 0  # of the pool when it joined
    drift: int = 0  # relative error of P since, 1e-36
    short_assets: int = 0  # what the contract may owe less
    dropped: bool = False  # joined more than one rescaling ago
    settled: bool = False
    price: int = 0  # lowest exit price at a request in line, coarse

    @property
    def short_shares(self) -> int:
        """How much less the contract may have in line."""
        if self.dropped:
            return ceil(self.active)
        return ceil(self.active * self.drift / ONE) + (FLOORS if self.settled else 0)

    def agrees(self, seen: Seen) -> bool:
        """Whether what the contract shows lies within the bounds, and never above what is due."""
        off = self.short_shares
        owed = floor(self.claim_assets)
        return (
            seen.upcoming == self.upcoming
            and floor(self.active) - off <= seen.active <= self.active
            and self.claim_shares <= seen.claim_shares <= ceil(self.claim_shares) + off
            and owed - self.short_assets <= seen.claim_assets <= self.claim_assets
        )

    def settle(self, pool: Pool, kept: Fraction, paid_per_share: Fraction) -> None:
        """Take part in a settlement; `pool` is as before it."""
        if self.active == 0:
            return
        earned = self.active * paid_per_share
        lost = 4 * self.active / pool.product + earned * self.drift / ONE
        self.short_assets += ceil(earned if self.dropped else lost) + FLOORS
        self.claim_assets += earned
        self.claim_shares += self.active * (1 - kept)
        self.active *= kept
        self.settled = True
        if kept == 0:
            self.drift, self.dropped, self.settled = 0, False, False

    def note_fold(self, pool: Pool) -> None:
        """Count what the contract's P may have lost by a partial fill; `pool` is as after it."""
        if self.active:
            self.drift += ceil(2 * ONE / pool.product)
            self.dropped = self.dropped or pool.scale > self.scale + 1

    def start_cycle(self, pool: Pool) -> None:
        """Join the line with what waited for it."""
        if self.upcoming:
            self.scale = pool.scale if self.active == 0 else min(self.scale, pool.scale)
            self.active += self.upcoming
            self.upcoming = 0

    def crystallise(self, seen: Seen, pool: Pool) -> None:
        """Go on with what the contract has booked, which must lie within the bounds."""
        assert self.agrees(seen), f"out of bounds: {seen} for {self}"
        self.active, self.upcoming = Fraction(seen.active), seen.upcoming
        self.claim_shares, self.claim_assets = Fraction(seen.claim_shares), Fraction(seen.claim_assets)
        self.scale, self.drift, self.short_assets = pool.scale, 0, 0
        self.dropped = self.settled = False


def fill(pending: int, idle: int, exit_assets: int, supply: int) -> tuple[int, int]:
    """Shares filled and assets paid by one settlement; rounded against those who leave."""
    if pending == 0 or idle == 0 or exit_assets * 10**6 < supply:
        return 0, 0
    price = Fraction(exit_assets + VIRTUAL, supply + VIRTUAL)
    # the virtual assets promise more than there is to all holders together of a vault below par
    due = min(floor(pending * price), exit_assets)
    if due == 0:
        return 0, 0
    if due <= idle:
        return pending, due
    filled = ceil(idle / price)
    most = pending - ceil(Fraction(pending, KEPT))
    if filled <= most:
        return filled, idle
    return most, floor(most * price)
