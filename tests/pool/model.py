"""The pool's formulas by their definitions (docs/pool.md), in plain integers: slow, and without a solver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp

WAD = 10**18
ONE = 10**10
MAX_IMBALANCE = 10**9


def product(d: int, x: int, y: int) -> int:
    low, high = sorted((x, y))
    return (d * d // (4 * low)) * d // high


def holds(d: int, x: int, y: int, ann: int) -> bool:
    return 100 * product(d, x, y) + (ann - 100) * d <= ann * (x + y)


def invariant(x: int, y: int, ann: int) -> int:
    """The largest D that holds, by bisection."""
    low, high = 0, x + y + 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle, x, y, ann) else (low, middle)
    return low


def other_value(x: int, d: int, ann: int) -> int:
    """The least y that holds, by bisection."""
    low, high = 0, 1
    while not holds(d, x, high, ann):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(d, x, middle, ann) else (middle, high)
    return high


def price(d: int, x: int, y: int, ann: int) -> int:
    p = product(d, x, y)
    return (ann * x + 100 * (p * x // y)) * WAD // (ann * x + 100 * p)


def fee_rate(u: int, v: int, fee: int, multiplier: int, extra: int) -> int:
    if multiplier > ONE:
        fee = multiplier * fee // ((multiplier - ONE) * 4 * u * v // (u + v) ** 2 + ONE)
    return min(fee + extra, ONE // 2)


def up(a: int, b: int) -> int:
    return -(-a // b)


def weight(seconds: float, period: float) -> float:
    return exp(-seconds / period)


class RefusedError(Exception):
    """The pool refuses, with this reason."""


@dataclass(frozen=True)
class Pool:
    """Balances and what belongs to them; operations return what they pay and the pool afterwards."""

    balances: tuple[int, int]
    rates: tuple[int, int]
    supply: int = 0
    ann: int = 200_000
    fee: int = 4 * 10**6
    multiplier: int = 2 * ONE
    surcharge: int = 0
    admin: tuple[int, int] = (0, 0)

    @property
    def values(self) -> tuple[int, int]:
        return self._values(self.balances)

    @property
    def d(self) -> int:
        return invariant(*self.values, self.ann)

    def _values(self, balances: tuple[int, int]) -> tuple[int, int]:
        x, y = (b * r // WAD for b, r in zip(balances, self.rates, strict=True))
        return x, y

    def _rate(self, u: int, v: int) -> int:
        return fee_rate(u, v, self.fee, self.multiplier, 10_000 * self.surcharge)

    def _admin(self, j: int, fee: int) -> int:
        return min(fee * WAD // (2 * self.rates[j]), 2**88 - 1 - self.admin[j])

    def _moved(self, j: int, balances: list[int], admin: int, supply: int | None = None) -> Pool:
        kept = list(self.admin)
        kept[j] += admin
        balances[j] -= admin
        return replace(
            self,
            balances=(balances[0], balances[1]),
            admin=(kept[0], kept[1]),
            supply=self.supply if supply is None else supply,
        )

    def _check(self, x: int, y: int, before: tuple[int, int]) -> None:
        if max(x, y) > MAX_IMBALANCE * min(x, y) and max(x, y) * min(before) >= max(before) * min(x, y):
            raise RefusedError("imbalance")

    def swap(self, i: int, dx: int, out: int | None = None) -> tuple[int, Pool]:
        """What a swap of dx pays, or that it pays `out`."""
        j = 1 - i
        x0, y0 = self.values[i], self.values[j]
        x = (self.balances[i] + dx) * self.rates[i] // WAD
        y = other_value(x, self.d, self.ann)
        self._check(x, y, self.values)
        gross = y0 - y
        fee = up(gross * self._rate((x0 + x) // 2, (y0 + y) // 2), ONE)
        dy = (gross - fee) * WAD // self.rates[j]
        if out is not None:
            assert out <= dy
            dy = out
        balances = list(self.balances)
        balances[i] += dx
        balances[j] -= dy
        return dy, self._moved(j, balances, self._admin(j, fee))

    def _change(self, amounts: tuple[int, int]) -> tuple[int, int, int, int, int, list[int]]:
        """D0, D2, D3, the short coin, its admin fee and the balances without that."""
        old, balances = self.values, [b + a for b, a in zip(self.balances, amounts, strict=True)]
        new = list(self._values((balances[0], balances[1])))
        self._check(new[0], new[1], old)
        d0, d1 = self.d, invariant(*new, self.ann)
        ideal = [v * d1 // d0 for v in old]
        j = 0 if new[0] * old[1] < new[1] * old[0] else 1
        short = max(0, ideal[j] - new[j])
        rate = self._rate((ideal[0] + new[0]) // 2, (ideal[1] + new[1]) // 2)
        fee = up(short * rate, ONE - rate)
        if fee == 0:
            return d0, d1, d1, j, 0, balances
        if fee >= new[j]:
            raise RefusedError("imbalance")
        new[j] -= fee
        self._check(new[0], new[1], old)
        admin = self._admin(j, fee)
        left = list(balances)
        left[j] -= admin
        d3 = invariant(*self._values((left[0], left[1])), self.ann)
        return d0, invariant(*new, self.ann), d3, j, admin, balances

    def add(self, amounts: tuple[int, int]) -> tuple[int, Pool]:
        """LP minted by a deposit, not the first one."""
        d0, d2, d3, j, admin, balances = self._change(amounts)
        minted = self.supply * (d2 - d0) // (d0 + d3 - d2)
        return minted, self._moved(j, balances, admin, self.supply + minted)

    def remove_imbalance(self, amounts: tuple[int, int]) -> tuple[int, Pool]:
        """LP burned by a withdrawal of given amounts."""
        d0, d2, _, j, admin, balances = self._change((-amounts[0], -amounts[1]))
        burned = up(self.supply * (d0 - d2), d0)
        return burned, self._moved(j, balances, admin, self.supply - burned)

    def remove_one(self, i: int, burn: int) -> tuple[int, Pool]:
        """What burning pays in one coin."""
        j, kept = 1 - i, self.supply - burn
        x, other = self.values[i], self.values[j]
        y = other_value(other, up(self.d * kept, self.supply), self.ann)
        self._check(other, y, (other, x))
        ideal = [up(x * kept, self.supply), up(other * kept, self.supply)]
        gross = max(0, ideal[0] - y)
        fee = up(gross * self._rate((ideal[0] + y) // 2, (ideal[1] + other) // 2), ONE)
        dy = max(0, x - y - fee) * WAD // self.rates[i]
        balances = list(self.balances)
        balances[i] -= dy
        return dy, self._moved(i, balances, self._admin(i, fee), kept)

    def remove(self, burn: int) -> tuple[list[int], Pool]:
        """A balanced withdrawal."""
        paid = [b * burn // self.supply for b in self.balances]
        balances = [b - p for b, p in zip(self.balances, paid, strict=True)]
        return paid, self._moved(0, balances, 0, self.supply - burn)
