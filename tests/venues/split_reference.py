"""The market of PT and SY in decimals, out of its formulas (docs/split.md) alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

DIGITS = 50
HALVINGS = 160
YEAR = Decimal(365 * 86_400)


@dataclass(frozen=True)
class Curve:
    """A market: PT and SY in whole units, the logarithm of the implied yield, years left, terms."""

    pt: Decimal
    sy: Decimal
    index: Decimal
    ln_rate: Decimal
    years: Decimal
    root: Decimal
    ln_fee: Decimal
    reserve: Decimal

    @property
    def asset(self) -> Decimal:
        return self.sy * self.index

    def logit(self, pt: Decimal) -> Decimal:
        p = pt / (self.pt + self.asset)
        return (p / (1 - p)).ln()

    def rate(self, leaving: Decimal) -> Decimal:
        """PT per asset if so many PT leave."""
        scalar = self.root / self.years
        anchor = (self.ln_rate * self.years).exp() - self.logit(self.pt) / scalar
        return self.logit(self.pt - leaving) / scalar + anchor

    def paid(self, leaving: Decimal) -> Decimal:
        """SY that come in for PT that leave; negative the other way round."""
        factor = (self.ln_fee * self.years).exp()
        asset = leaving / self.rate(leaving)
        return asset * (factor if leaving > 0 else 1 / factor) / self.index

    def after(self, leaving: Decimal) -> Curve:
        """The market after a trade."""
        paid = self.paid(leaving)
        fee = paid - leaving / self.rate(leaving) / self.index
        moved = replace(self, pt=self.pt - leaving, sy=self.sy + paid - fee * self.reserve)
        scalar = self.root / self.years
        anchor = (self.ln_rate * self.years).exp() - self.logit(self.pt) / scalar
        rate = moved.logit(moved.pt) / scalar + anchor
        return replace(moved, ln_rate=rate.ln() / self.years)

    def pt_for(self, sy: Decimal) -> Decimal:
        return _most(self.paid, sy)

    def yt_for(self, sy: Decimal) -> Decimal:
        return _most(lambda yt: yt / self.index + self.paid(-yt), sy)

    def sy_for_yt(self, yt: Decimal) -> Decimal:
        return yt / self.index - self.paid(yt)


def precise(compute: Callable[[], Decimal]) -> Decimal:
    """A result with many digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return +compute()


def first_ln_rate(pt: Decimal, asset: Decimal, years: Decimal, root: Decimal, anchor: Decimal) -> Decimal:
    """At which implied yield the first liquidity is priced."""
    p = pt / (pt + asset)
    return ((p / (1 - p)).ln() * years / root + anchor).ln() / years


def _most(cost: Callable[[Decimal], Decimal], budget: Decimal) -> Decimal:
    low, high = Decimal(0), budget
    while cost(high) < budget:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(middle) <= budget else (low, middle)
    return low
