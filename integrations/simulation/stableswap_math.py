"""Invariant, price, fee and averages of the two-coin StableSwap, in Python integers: see docs/pool.md.

With `x`, `y` the values of the coins at 18 decimals and `ann = 2·A·100`:

    P(D; x, y) = ⌊⌊D² / (4·min)⌋·D / max⌋            holds(D; x, y):  100·P + (ann − 100)·D ≤ ann·(x + y)

D is the largest integer that holds at (x, y), y the least that holds at (x, D). The left side rises with D,
the right side minus the left with x and y, so both are unique, and it does not matter where a search starts
or how it proceeds: floating point proposes, exact residuals decide. The invariant is that of Curve's
StableSwap paper (Egorov, 2019); its equation in y is quadratic for two coins.
"""

from __future__ import annotations

from functools import lru_cache
from math import asinh, floor, sinh, sqrt

from .errors import DomainError

A_PRECISION = 100
FEE_DENOMINATOR = 10**10
MAX_FEE = 5 * 10**9
WAD = 10**18
#: ln 2, 1e18.
LN2 = 693_147_180_559_945_309

# where D is defined, and how small x may be beside D²
MAX_VALUE = 10**33
MAX_SKEW = 10**42
MAX_CURVATURE = 5 * 10**41
# the largest sum of values of which a dynamic fee is defined
MAX_FEE_SUM = 3 * 10**32

# Where a search ends without a second exact residual: the one at a guess near the root, less the step to the
# root times the slope, is the residual there up to what roundings of P (below 3 each), of doubles and the
# curvature amount to.
_FLOORS = 500.0
_ROUNDING = 1e-14
#: Steps on exact residuals before the walk by single units; one suffices but for amplifications near the
#: limits.
_STEPS = 12


def invariant(x: int, y: int, ann: int) -> int:
    """D: the largest integer that holds at `x`, `y`.

    Args:
        x: Value of one coin.
        y: Value of the other.
        ann: `2·A`, scaled by 100.

    Raises:
        DomainError: A value is zero, above 1e33, or too small beside the other.
    """
    low, high = (x, y) if x < y else (y, x)
    # where high < 2^29·low, the second bound holds by the first
    if high > MAX_VALUE or (high >> 29 >= low and high * high >= low * (MAX_SKEW + 1)):
        raise DomainError("out of domain")
    linear = ann - A_PRECISION
    target = ann * (x + y)

    # the real root of linear·D + 100·D³/(4xy) = target, by the hyperbolic form of the cubic's solution
    third = sqrt(float(low) * float(high) * linear / 75.0)
    guess = 2.0 * third * sinh(asinh(1.5 * target / (linear * third)) / 3.0)

    low4 = 4 * low
    d = int(guess) or 1
    for _ in range(_STEPS):
        p = d * d // low4 * d // high
        surplus = target - linear * d - A_PRECISION * p
        slope = linear + 300.0 * p / d
        step = floor(surplus / slope)
        rest = surplus - step * slope
        unsure = _FLOORS + _ROUNDING * abs(surplus) + slope * step / d * step
        # one more unit of D raises the left side by `linear` or more
        if unsure <= rest < linear - unsure or (not step and surplus < linear):
            return d + step
        if not step:
            break
        d += step
    while A_PRECISION * product(d, x, y) + linear * d > target:
        d -= 1
    while A_PRECISION * product(d + 1, x, y) + linear * (d + 1) <= target:
        d += 1
    return d


def other_value(x: int, d: int, ann: int) -> int:
    """y: the least integer, at least 1, that holds at `x` for the invariant `d`.

    Args:
        x: Value of the coin that is known.
        d: The invariant to keep.
        ann: `2·A`, scaled by 100.

    Raises:
        DomainError: `x` is zero or too small beside `d`.
    """
    square = d * d
    if square >= x * (MAX_CURVATURE + 1):
        raise DomainError("out of domain")
    base = (ann - A_PRECISION) * d - ann * x

    # the positive root of y² + (x + 100·D/ann − D)·y = 100·D³/(4·x·ann), without cancellation
    known, kept = float(x), float(d)
    half = 0.5 * (known + 100.0 * kept / ann - kept)
    c = 25.0 * kept * kept * kept / (known * ann)
    root = sqrt(half * half + c)
    guess = c / (half + root) if half > 0.0 else root - half

    x4 = 4 * x
    y = int(guess) or 1
    for _ in range(_STEPS):
        p = square // x4 * d // y if x < y else square // (4 * y) * d // x
        surplus = ann * y - base - A_PRECISION * p
        slope = ann + 100.0 * p / y
        step = floor(surplus / slope)
        rest = surplus - step * slope
        unsure = _FLOORS + _ROUNDING * abs(surplus) + 2.0 * slope * step / y * step
        # one unit of y less takes `ann` from the right side, and nothing from the left
        if step < y and (unsure <= rest < ann - unsure or (not step and surplus < ann)):
            return y - step
        if not step:
            break
        y = max(1, y - step)
    while A_PRECISION * product(d, x, y) + base > ann * y:
        y += 1
    while y > 1 and A_PRECISION * product(d, x, y - 1) + base <= ann * (y - 1):
        y -= 1
    return y


def product(d: int, x: int, y: int) -> int:
    """`P = ⌊⌊D²/(4·min)⌋·D/max⌋`, which is D in a balanced pool."""
    low, high = (x, y) if x < y else (y, x)
    return d * d // (4 * low) * d // high


def price(d: int, x: int, y: int, ann: int) -> int:
    """Price of coin 1 in coin 0, both by value, 1e18 (down): what the invariant gives for a vanishing amount.

    Args:
        d: The invariant.
        x: Value of coin 0.
        y: Value of coin 1.
        ann: `2·A`, scaled by 100.
    """
    p = product(d, x, y)
    return (ann * x + A_PRECISION * (p * x // y)) * WAD // (ann * x + A_PRECISION * p)


def fee_rate(u: int, v: int, fee: int, multiplier: int, extra: int = 0) -> int:
    """The dynamic fee at values `u`, `v`, 1e10 (down): `fee` at the peg, towards `multiplier·fee` off it.

    Args:
        u: Mean value of a coin before and after.
        v: That of the other.
        fee: Fee at the peg, 1e10.
        multiplier: Off-peg multiplier, 1e10; up to 1e10 the fee is constant.
        extra: Added to the result, which is at most a half.

    Raises:
        DomainError: The values are above 3e32 together, and the fee is not constant.
    """
    if multiplier > FEE_DENOMINATOR:
        total = u + v
        if total > MAX_FEE_SUM:
            raise DomainError("out of domain")
        scale = (multiplier - FEE_DENOMINATOR) * 4 * u * v // (total * total)
        fee = multiplier * fee // (scale + FEE_DENOMINATOR)
    return min(fee + extra, MAX_FEE)


@lru_cache(maxsize=4_096)
def weight(elapsed: int, period: int) -> int:
    """`e^(−elapsed/period)`, 1e18: the weight of the past in a moving average.

    Powers of two are taken out, the rest is the [5/5] Padé approximant (error below 3e-12), rounded as the
    contract does.

    Args:
        elapsed: Seconds.
        period: Seconds, at least 1.
    """
    halvings, r = divmod(elapsed * WAD // period, LN2)
    q = r * r // WAD
    q2 = q * q // WAD
    even = 30_240 * WAD + 3_360 * q + 30 * q2
    odd = r * (15_120 * WAD + 420 * q + q2) // WAD
    return ((even - odd) * WAD // (even + odd)) >> halvings


def average(old: int, value: int, kept: int) -> int:
    """`old` with the weight `kept` (1e18) and `value` with the rest (down)."""
    return (old * kept + value * (WAD - kept)) // WAD
