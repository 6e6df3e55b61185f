"""How much to trade between a pool and a price elsewhere: the most profitable amount, and no more.

A round trip gives an amount of a coin and brings back `proceeds(amount)` of the same coin (or of its
worth). Each further unit brings back less than the one before, for the pool moves; the best amount is where
a further unit would bring back just what it costs. There the pool's price is the other price, less all fees
of the trip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from integrations.protocol.errors import RevertedError
from integrations.venues.swap import BPS, WAD, Market

#: The search ends when the best amount is known to this part of the most that may be spent.
RESOLUTION = 10**7
#: So few amounts are all tried: among fewer, rounding would hide the slope.
FEW = 32


@dataclass(frozen=True)
class Trip:
    """A profitable round trip.

    Attributes:
        route: Which one.
        amount: What it takes, token units.
        proceeds: What it brings back, in the same units.
    """

    route: str
    amount: int
    proceeds: int

    @property
    def profit(self) -> int:
        """Token units."""
        return self.proceeds - self.amount


@dataclass(frozen=True)
class Route:
    """A way round.

    Attributes:
        name: Of the route.
        most: The most that may be spent, token units.
        proceeds: What an amount brings back; raises `RevertedError` where the trip is not possible.
    """

    name: str
    most: int
    proceeds: Callable[[int], int]


def best_amount(proceeds: Callable[[int], int], most: int) -> int:
    """The amount up to `most` for which `proceeds(amount) − amount` is largest; zero if nothing gains.

    Rounding can hide the last two units of profit: two inner points may differ by less than the unit that
    rounding takes, and what lies beyond them then gains less than twice that.

    Args:
        proceeds: Concave but for rounding down; where it raises `RevertedError`, it counts as nothing.
        most: Upper bound.
    """
    if most <= 0:
        return 0

    def profit(amount: int) -> int:
        try:
            return (proceeds(amount) if amount else 0) - amount
        except RevertedError:
            return -amount

    # golden section: the better of two inner points tells which outer part cannot hold the best one
    low, high = 0, most
    least = max(FEW, most // RESOLUTION)
    left, right = _inner(low, high)
    at_left, at_right = profit(left), profit(right)
    while high - low > least:
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = _inner(low, high)[0]
            at_left = profit(left)
        else:
            low, left, at_left = left, right, at_right
            right = _inner(low, high)[1]
            at_right = profit(right)
    best = max(range(low, high + 1) if high - low <= FEW else (low, left, right, high), key=profit)
    return best if profit(best) > 0 else 0


def best_trip(routes: Iterable[Route], least_profit: int = 1) -> Trip | None:
    """The most profitable of several routes, each at its best amount; None if none brings `least_profit`.

    Amounts up to `least_profit` are left alone: nothing less than doubles them, and where that much loses, so
    does more.
    """
    found = []
    for route in routes:
        if _loses(route, least_profit):
            continue
        amount = best_amount(route.proceeds, route.most)
        if amount:
            found.append(Trip(route.name, amount, route.proceeds(amount)))
    best = max(found, key=lambda trip: trip.profit, default=None)
    return best if best is not None and best.profit >= least_profit else None


def _loses(route: Route, amount: int) -> bool:
    """Whether a route brings back less than an amount, by more than rounding takes."""
    if amount > route.most:
        return True
    try:
        return route.proceeds(amount) + FEW < amount
    except RevertedError:
        return False


def less_fee(amount: int, fee_bps: int) -> int:
    """An amount less a fee that is rounded up."""
    return amount + -amount * fee_bps // BPS


@dataclass(frozen=True)
class Counter:
    """Where a token can be had and handed in at a price: the Gateway for AID, the vault for sAID.

    Attributes:
        coin: Symbol of what is paid.
        token: Symbol of what is had for it.
        buy: Token units for an amount of the coin.
        most_bought: The most of the coin that it takes.
        redeem: Coin units for an amount of the token; what is not coin counts at what it is worth in it.
        most_redeemed: The most of the token that it takes back.
    """

    coin: str
    token: str
    buy: Callable[[int], int]
    most_bought: int
    redeem: Callable[[int], int]
    most_redeemed: int


def routes(market: Market, counter: Counter, funds: int) -> list[Route]:
    """Both ways between a pool and a counter, for somebody with `funds` units of the coin.

    `buy, then sell`: get the token at the counter and sell it to the pool, where the pool is dearer.
    `pool, then redeem`: buy the token from the pool and hand it in at the counter, where the pool is cheaper.
    """
    coin, token = counter.coin, counter.token

    def dear(amount: int) -> int:
        return market.sell(token, coin, counter.buy(amount))

    def cheap(amount: int) -> int:
        got = market.sell(coin, token, amount)
        if got > counter.most_redeemed:
            raise RevertedError("redeem limit")
        return counter.redeem(got)

    return [
        Route("buy, then sell", min(funds, counter.most_bought), dear),
        Route("pool, then redeem", funds if counter.most_redeemed else 0, cheap),
    ]


def _inner(low: int, high: int) -> tuple[int, int]:
    """Points that divide an interval in the golden ratio, from either end."""
    part = (high - low) * 618_033_988_749_894_848 // WAD
    return high - part, low + part
