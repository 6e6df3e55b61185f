"""What the oracles should tell, in exact fractions and floats: written from docs/lending.md alone."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp, floor

YEAR = 365 * 86_400


def aid_in_loan(average, coin_usd):
    """Coins for one AID: its price at the pool, not above one, nor above a dollar's worth."""
    aid_usd = min(Fraction(1), average * coin_usd)
    return min(Fraction(1), aid_usd / coin_usd)


def market_price(value, in_loan, loan_decimals, collateral_decimals):
    """Loan units for one collateral unit, 1e36, before rounding."""
    return value * in_loan * Fraction(10) ** (36 + loan_decimals - collateral_decimals)


def linear_discount(rate, seconds_left):
    """What a principal token may count for at most."""
    return 1 - Fraction(rate) * max(0, seconds_left) / YEAR


@dataclass
class SlowRise:
    """A value that falls at once and rises slowly, in floats and with the true exponential.

    Attributes:
        average: Of what pokes have recorded.
        record: By the last poke.
        time: Of the last poke.
        period: Seconds.
        rise: How far above the average a record may be.
        floor: What the rise is a part of at least: a tenth of the NAV at deployment.
    """

    average: float
    record: float
    time: int
    period: int
    rise: float
    floor: float

    def value(self, nav, now):
        weight = exp(-(now - self.time) / self.period)
        return min(nav, self.average * weight + min(self.record, nav) * (1 - weight))

    def poke(self, nav, now):
        self.average = self.value(nav, now)
        self.record = min(nav, self.average + self.rise * max(self.average, self.floor))
        self.time = now
        return self.average


def rounded_down(value):
    return floor(value)
