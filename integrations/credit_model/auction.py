"""A Dutch auction of collateral, in exact fractions: its price at any second.

Amounts are AID wei (18 decimals), times Unix seconds. Source: contracts/credit/CollateralAuction.vy.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from .legs import BPS


@dataclass(frozen=True)
class AuctionTerms:
    """How auctions run; the fields and their order are those of CollateralAuction.Terms.

    Attributes:
        start_bps: First price, of the greater of appraisal and debt.
        lowest_bps: Last price, of the same.
        step: Seconds in which the price stands still.
        steps: Number of prices, the first and the last included.
    """

    start_bps: int = 13_000
    lowest_bps: int = 3_000
    step: int = 1_800
    steps: int = 336

    @property
    def duration(self) -> int:
        """Seconds of a round."""
        return self.step * self.steps

    def bounds(self, appraisal: int, owed: int) -> tuple[int, int]:
        """First and last price of a first round, wei, rounded up."""
        reference = Fraction(max(appraisal, owed), BPS)
        return ceil(reference * self.start_bps), ceil(reference * self.lowest_bps)


@dataclass(frozen=True)
class Round:
    """One round of an auction.

    Attributes:
        started_at: Unix second.
        start: First price, wei.
        lowest: Last price, wei.
        terms: Whose steps it takes.
    """

    started_at: int
    start: int
    lowest: int
    terms: AuctionTerms = AuctionTerms()

    @property
    def ends_at(self) -> int:
        """First second without a price."""
        return self.started_at + self.terms.duration

    def price(self, t: int) -> int:
        """Price at `t`, wei, rounded up.

        Raises:
            ValueError: The round does not run at `t`.
        """
        if not self.started_at <= t < self.ends_at:
            raise ValueError(f"no price at {t}: the round runs from {self.started_at} to {self.ends_at}")
        gone = Fraction((t - self.started_at) // self.terms.step, self.terms.steps - 1)
        return ceil(self.start - (self.start - self.lowest) * gone)


def units_for(price: int, decimals: int, coin_price: Fraction | int = 1) -> int:
    """Least units of a coin for which the Gateway mints `price` of AID.

    Args:
        price: AID wei.
        decimals: Of the coin.
        coin_price: In dollars; above one it counts as one.
    """
    return ceil(price * Fraction(10**decimals, 10**18) / min(Fraction(coin_price), Fraction(1)))
