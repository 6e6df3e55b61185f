"""A StableSwap pool at one moment, in Python integers: quotes without a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.protocol.errors import RevertedError
from integrations.simulation import pricing
from integrations.simulation.errors import PoolError
from integrations.simulation.pricing import Terms
from integrations.simulation.stableswap_math import invariant
from integrations.simulation.stableswap_math import price as spot
from integrations.venues.errors import index_of
from integrations.venues.swap import BPS, WAD, Coin, rate_of


@dataclass(frozen=True)
class StableMarket:
    """Implements `Market`: exact for this project's pool, to a few units for Curve's.

    Args:
        coins: Both coins.
        terms: Balances, rates, amplification and fees.
        d: The invariant of these.
    """

    coins: Sequence[Coin]
    terms: Terms
    d: int

    @classmethod
    def of(cls, coins: Sequence[Coin], terms: Terms) -> StableMarket:
        """The market of a pool; an empty one has no prices.

        Raises:
            RevertedError: The pool is empty, or too far out of balance.
        """
        try:
            return cls(coins, terms, invariant(*terms.values, terms.ann))
        except PoolError as error:
            raise RevertedError(error.reason) from None

    @property
    def share_value(self) -> int:
        """What one LP token is worth at the peg, 1e18."""
        return self.d * WAD // self.terms.supply if self.terms.supply else 0

    def price(self, sell: str, buy: str) -> int:
        """See `Market`."""
        i, j = index_of(self.coins, sell), index_of(self.coins, buy, other_than=sell)
        values, rates = self.terms.values, self.terms.rates
        of_value = spot(self.d, values[j], values[i], self.terms.ann)
        return (of_value * self._whole(i, rates)) // self._whole(j, rates)

    def sell(self, sell: str, buy: str, amount: int) -> int:
        """See `Market`."""
        i = index_of(self.coins, sell)
        index_of(self.coins, buy, other_than=sell)
        if amount <= 0:
            raise RevertedError("zero amount")
        try:
            return pricing.swap(self.terms, i, amount, self.d).dy
        except PoolError as error:
            raise RevertedError(error.reason) from None

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `Market`. Fees that fall with size aside, smaller trades are better ones, so this bisects."""
        i, j = index_of(self.coins, sell), index_of(self.coins, buy, other_than=sell)
        worst = self.price(sell, buy) * (BPS - impact_bps) // BPS
        unit_in, unit_out = self.coins[i].decimals, self.coins[j].decimals

        def good(amount: int) -> bool:
            try:
                got = self.sell(sell, buy, amount)
            except RevertedError:
                return False
            return rate_of(amount, unit_in, got, unit_out) >= worst

        low, high = 0, 4 * sum(self.terms.values) * WAD // self.terms.rates[i]
        # to a millionth: a unit more or less says nothing
        while high - low > max(1, low // 10**6):
            middle = (low + high) // 2
            low, high = (middle, high) if good(middle) else (low, middle)
        return low

    def _whole(self, i: int, rates: Sequence[int]) -> int:
        """Value of one whole coin, 1e18."""
        return int(rates[i]) * int(10 ** self.coins[i].decimals)
