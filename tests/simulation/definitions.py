"""The pool's formulas (docs/pool.md) taken literally: bisection and fractions, no floating point."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

WAD = 10**18


def keeps(d: int, x: int, y: int, ann: int) -> bool:
    """The invariant's inequality."""
    inner = d**2 // (4 * min(x, y))
    return 100 * (inner * d // max(x, y)) + (ann - 100) * d <= ann * (x + y)


def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least of `low`..`high` that holds, if all after it do."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def d_of(x: int, y: int, ann: int) -> int:
    return first(0, x + y + 1, lambda d: not keeps(d, x, y, ann)) - 1


def y_of(x: int, d: int, ann: int) -> int:
    return first(1, 10**40, lambda y: keeps(d, x, y, ann))


def fee_at(u: int, v: int, fee: int, multiplier: int) -> int:
    if multiplier <= 10**10:
        return fee
    near = (multiplier - 10**10) * Fraction(4 * u * v, (u + v) ** 2)
    return int(Fraction(multiplier * fee, int(near) + 10**10))


def swap(
    balances: tuple[int, int], rates: tuple[int, int], i: int, dx: int, ann: int, fee: int, multiplier: int
) -> tuple[int, int]:
    """What is bought, and the protocol's part of the fee."""
    j = 1 - i
    values = [balance * rate // WAD for balance, rate in zip(balances, rates, strict=True)]
    x = (balances[i] + dx) * rates[i] // WAD
    y = y_of(x, d_of(*values, ann), ann)
    rate = fee_at((values[i] + x) // 2, (values[j] + y) // 2, fee, multiplier)
    charged = -((y - values[j]) * rate // 10**10)
    return (values[j] - y - charged) * WAD // rates[j], charged * WAD // (2 * rates[j])
