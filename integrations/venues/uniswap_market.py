"""A Uniswap v3 pool at one moment: swaps across ticks without a chain, to the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.protocol.errors import RevertedError
from integrations.venues.errors import index_of
from integrations.venues.swap import BPS, WAD, Coin, rate_of
from integrations.venues.uniswap_math import LEAST_ROOT, LEAST_TICK, MOST_ROOT, MOST_TICK, Q96, root_at, step

#: Ticks of one word of a pool's bitmap, in its spacing.
WORD = 256


@dataclass(frozen=True)
class Swapped:
    """What a swap does.

    Attributes:
        amount_in: Paid, fee included.
        amount_out: Received.
        fee: Part of what is paid.
        root: Of the price afterwards.
        crossed: Initialised ticks on the way.
    """

    amount_in: int
    amount_out: int
    fee: int
    root: int
    crossed: int


@dataclass(frozen=True)
class ConcentratedMarket:
    """Implements `Market`.

    Args:
        coins: Token 0 and token 1.
        root: Root of the price, 64.96.
        tick: The pool's, which at a crossed tick tells on which side it is.
        liquidity: In range.
        fee: In millionths.
        spacing: Of the ticks.
        bitmap: Words of initialised ticks by their position; what is not here, swaps cannot reach.
        nets: Liquidity that comes into range at each initialised tick when the price rises.
    """

    coins: Sequence[Coin]
    root: int
    tick: int
    liquidity: int
    fee: int
    spacing: int
    bitmap: Mapping[int, int]
    nets: Mapping[int, int]

    def price(self, sell: str, buy: str) -> int:
        """See `Market`."""
        i, j = self._pair(sell, buy)
        whole_in, whole_out = 10 ** self.coins[i].decimals, 10 ** self.coins[j].decimals
        top, bottom = (self.root**2, Q96**2) if i == 0 else (Q96**2, self.root**2)
        return int(top * whole_in * WAD // (bottom * whole_out))

    def sell(self, sell: str, buy: str, amount: int) -> int:
        """See `Market`."""
        return self.swap(sell, buy, amount).amount_out

    def buy(self, sell: str, buy: str, amount: int) -> int:
        """What buying exactly `amount` takes.

        Raises:
            RevertedError: There is less.
        """
        return self.swap(sell, buy, -amount).amount_in

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `Market`. Smaller trades are better ones, so this bisects."""
        i, j = self._pair(sell, buy)
        at_price = self.price(sell, buy)
        worst = at_price * (BPS - impact_bps) // BPS
        unit_in, unit_out = self.coins[i].decimals, self.coins[j].decimals

        def good(amount: int) -> bool:
            try:
                got = self.sell(sell, buy, amount)
            except RevertedError:
                return False
            return rate_of(amount, unit_in, got, unit_out) >= worst

        low, high = 0, 10**unit_in
        while good(high):
            low, high = high, 2 * high
        # to a millionth: a unit more or less says nothing
        while high - low > max(1, low // 10**6):
            middle = (low + high) // 2
            low, high = (middle, high) if good(middle) else (low, middle)
        return low

    def swap(self, sell: str, buy: str, amount: int) -> Swapped:
        """What a swap of `amount` does; negative: of what is bought.

        Raises:
            RevertedError: `zero amount`; `out too large`: the liquidity that this snapshot knows is used up.
        """
        i, _ = self._pair(sell, buy)
        if not amount:
            raise RevertedError("zero amount")
        zero_for_one = i == 0
        limit = LEAST_ROOT + 1 if zero_for_one else MOST_ROOT - 1
        root, tick, liquidity = self.root, self.tick, self.liquidity
        remaining, paid, got, fees, crossed = amount, 0, 0, 0, 0
        while remaining:
            following, initialised = self._next(tick, zero_for_one)
            edge = root_at(following)
            target = max(edge, limit) if zero_for_one else min(edge, limit)
            root, came, went, fee = step(root, target, liquidity, remaining, self.fee)
            paid, got, fees = paid + came + fee, got + went, fees + fee
            remaining = remaining - came - fee if amount > 0 else remaining + went
            if root == edge:
                if initialised:
                    net = self.nets[following]
                    liquidity += -net if zero_for_one else net
                    crossed += 1
                tick = following - 1 if zero_for_one else following
            if root == limit and remaining:
                raise RevertedError("out too large")
        return Swapped(paid, got, fees, root, crossed)

    def _next(self, tick: int, down: bool) -> tuple[int, bool]:
        """The next initialised tick of the bitmap's word, or where the word ends: swaps stop at both."""
        compressed = tick // self.spacing
        at = compressed if down else compressed + 1
        word, bit = divmod(at, WORD)
        if word not in self.bitmap:
            raise RevertedError("out too large")
        if down:
            found = self.bitmap[word] & ((2 << bit) - 1)
            following = at - bit + (found.bit_length() - 1 if found else 0)
        else:
            found = self.bitmap[word] >> bit
            following = at + ((found & -found).bit_length() - 1 if found else WORD - 1 - bit)
        return min(max(following * self.spacing, LEAST_TICK), MOST_TICK), bool(found)

    def _pair(self, sell: str, buy: str) -> tuple[int, int]:
        return index_of(self.coins, sell), index_of(self.coins, buy, other_than=sell)
