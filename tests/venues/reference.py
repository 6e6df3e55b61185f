"""The pool's invariant solved in decimals, by bisection: slow, and written from the equation alone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

HALVINGS = 200


def _root(holds: Callable[[Decimal], bool], low: Decimal, high: Decimal) -> Decimal:
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def invariant(x: Decimal, y: Decimal, a: int) -> Decimal:
    """D with 2A·(x + y) + D = 2A·D + D³/(4xy)."""
    return _root(lambda d: 2 * a * d + d**3 / (4 * x * y) <= 2 * a * (x + y) + d, Decimal(0), 2 * (x + y))


def other(x: Decimal, d: Decimal, a: int) -> Decimal:
    """The y for which D is that of (x, y)."""
    return _root(lambda y: 2 * a * (x + y) + d < 2 * a * d + d**3 / (4 * x * y), Decimal(1) / 10**18, 4 * d)


def fee_rate(u: Decimal, v: Decimal, fee: Decimal, multiplier: Decimal) -> Decimal:
    return multiplier * fee / ((multiplier - 1) * 4 * u * v / (u + v) ** 2 + 1)


def bought(x: Decimal, y: Decimal, dx: Decimal, a: int, fee: Decimal, multiplier: Decimal) -> Decimal:
    """What selling `dx` to a pool with balances x, y pays, after the fee."""
    with localcontext() as context:
        context.prec = 60
        after = other(x + dx, invariant(x, y, a), a)
        rate = fee_rate((2 * x + dx) / 2, (y + after) / 2, fee, multiplier)
        return (y - after) * (1 - rate)


def price(x: Decimal, y: Decimal, a: int) -> Decimal:
    """What the coin of x is worth in the coin of y, for a vanishing amount and without a fee."""
    with localcontext() as context:
        context.prec = 60
        step = x / 10**12
        d = invariant(x, y, a)
        return (other(x - step, d, a) - other(x + step, d, a)) / (2 * step)


def range_liquidity(amount: Decimal, lowest: Decimal, highest: Decimal) -> Decimal:
    """Liquidity that so much of each coin gives at a price of one, in a range of prices around it."""
    with localcontext() as context:
        context.prec = 60
        return min(amount / (1 - 1 / highest.sqrt()), amount / (1 - lowest.sqrt()))


def price_in_range(liquidity: Decimal, sold: Decimal, fee: Decimal) -> Decimal:
    """Price, from one on, after a range has been sold so much of the coin that it is told in."""
    with localcontext() as context:
        context.prec = 60
        return (1 + sold * (1 - fee) / liquidity) ** 2


def bought_in_range(liquidity: Decimal, sold: Decimal, fee: Decimal) -> Decimal:
    """What that pays."""
    with localcontext() as context:
        context.prec = 60
        return liquidity * (1 - 1 / price_in_range(liquidity, sold, fee).sqrt())
