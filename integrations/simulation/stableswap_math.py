"""Invariant, prices and fees of the two-coin StableSwap, in Python integers: what `stableswap_math.vy` computes.

With `x`, `y` the balances in a common 18-decimal unit, `S = x + y`, and `ann = 2·A·100`:

    g(D; x, y) = 100·⌊⌊D² / (4·min)⌋·D / max⌋ + (ann − 100)·D        D(x, y) = max {D : g(D; x, y) ≤ ann·S}
                                                                    y(x, D) = min {y : g(D; x, y) ≤ ann·S}

`g` rises with `D` and falls with `x` and `y`, so both are unique: they do not depend on where a search starts
or how it proceeds. Below, floating point only proposes; exact residuals decide. The invariant is that of Curve's
StableSwap paper (2019); its equation in `y` is quadratic for two coins.
"""

from __future__ import annotations

from math import floor, sqrt

A_PRECISION = 100
FEE_DENOMINATOR = 10**10
WAD = 10**18

#: Newton steps on exact residuals before the walk by single units; two suffice but for amplifications near the limit.
_STEPS = 12


def solve_d(x: int, y: int, ann: int) -> int:
    """The invariant: the largest `D` with `g(D; x, y) ≤ ann·(x + y)`.

    Args:
        x: Balance in the common unit, at least 1.
        y: The other balance.
        ann: `2·A`, scaled by 100.
    """
    low, high = (x, y) if x < y else (y, x)
    low4 = 4 * low
    linear = ann - A_PRECISION
    target = ann * (x + y)
    d = round(_float_d(float(x), float(y), float(ann)))
    for _ in range(_STEPS):
        product = d * d // low4 * d // high
        left = target - A_PRECISION * product - linear * d
        if 0 <= left < linear:
            # one more unit of D raises g by `linear` or more
            return d
        step = floor(left / (linear + 300.0 * product / d))
        if not step:
            break
        d += step
    while A_PRECISION * (d * d // low4 * d // high) + linear * d > target:
        d -= 1
    while A_PRECISION * ((d + 1) * (d + 1) // low4 * (d + 1) // high) + linear * (d + 1) <= target:
        d += 1
    return d


def solve_y(x: int, d: int, ann: int) -> int:
    """The least balance of a coin that keeps the invariant: the least `y` with `g(d; x, y) ≤ ann·(x + y)`.

    Args:
        x: The other coin's balance in the common unit, at least 1.
        d: The invariant, at least 1.
        ann: `2·A`, scaled by 100.
    """
    linear = ann - A_PRECISION
    base = linear * d - ann * x
    square = d * d
    y = floor(_float_y(float(x), float(d), float(ann))) or 1
    for _ in range(_STEPS):
        product = square // (4 * x) * d // y if x < y else square // (4 * y) * d // x
        left = ann * y - A_PRECISION * product - base
        if 0 <= left < ann:
            # one unit of y less lowers the right-hand side by `ann`, and g not at all
            return y
        step = -floor(left / (ann + 100.0 * product / y))
        if not step:
            break
        y = y + step if y + step > 0 else 1
    while _short(x, y, d, base, ann):
        y += 1
    while y > 1 and not _short(x, y - 1, d, base, ann):
        y -= 1
    return y


def _short(x: int, y: int, d: int, base: int, ann: int) -> bool:
    """Whether `y` is too little to keep `d`."""
    low, high = (x, y) if x < y else (y, x)
    return A_PRECISION * (d * d // (4 * low) * d // high) + base > ann * y


def _float_d(x: float, y: float, ann: float) -> float:
    """Newton's method on `ann·S + 100·D = ann·D + 100·D³/(4xy)`, from above: the function is convex."""
    d = total = x + y
    cubic = 25.0 / (x * y)
    linear = ann - 100.0
    target = ann * total
    for _ in range(255):
        product = cubic * d * d
        step = (target - (product + linear) * d) / (3.0 * product + linear)
        d += step
        if -1e-13 * d < step < 1e-13 * d:
            break
    return d


def _float_y(x: float, d: float, ann: float) -> float:
    """The positive root of `y² + (x + 100·D/ann − D)·y = 100·D³/(4·x·ann)`, without cancellation."""
    half = 0.5 * (x + 100.0 * d / ann - d)
    c = 25.0 * d * d * d / (x * ann)
    root = sqrt(half * half + c)
    return c / (half + root) if half > 0.0 else root - half
