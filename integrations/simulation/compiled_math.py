"""The invariant on 64-bit limbs, compiled: the same integers as `stableswap_math`, inside a domain.

The domain keeps every intermediate within what the code below reserves for it: `x + y < 2^96` in the common
18-decimal unit (79 billion), `A ≤ 10^6`, and an imbalance such that `D²/(4·min)` and `100·⌊…·D/max⌋` have two limbs.
Every result comes with a flag: where it is `False` the state is outside, and the caller has to ask Python.
"""

from __future__ import annotations

from math import floor, sqrt
from typing import Any

import numpy as np
from numba import njit

from .limbs import (
    ONE,
    TOP_BIT,
    ZERO,
    add128,
    divide256,
    divisor,
    from_float,
    funnel,
    less128,
    mul128,
    mul128_low,
    signed_to_float,
    sub128,
    to_float,
)

TWO = np.uint64(2)
HUNDRED = np.uint64(100)
#: High limbs above this overflow when multiplied by 100.
_HUNDRED_FITS = np.uint64((1 << 57) - 1)
#: Bits of the high limb of a balance or an invariant inside the domain.
_HIGH_FITS = np.uint64((1 << 32) - 1)
_STEPS = 12


@njit
def times4(a1: Any, a0: Any) -> Any:
    """`4·a`, which must fit."""
    return funnel(a1, a0, TWO), a0 << TWO


@njit
def _product(d1: Any, d0: Any, low4: Any, high: Any, low41: Any, low40: Any, high1: Any, high0: Any) -> Any:
    """`⌊⌊D²/4·min⌋·D/max⌋` by prepared divisors; whether it and what precedes it have two limbs."""
    u3, u2, u1, u0 = mul128(d1, d0, d1, d0)
    if not less128(u3, u2, low41, low40):
        return ZERO, ZERO, False
    q1, q0 = divide256(u3, u2, u1, u0, low4[0], low4[1], low4[2], low4[3])
    u3, u2, u1, u0 = mul128(q1, q0, d1, d0)
    if not less128(u3, u2, high1, high0):
        return ZERO, ZERO, False
    q1, q0 = divide256(u3, u2, u1, u0, high[0], high[1], high[2], high[3])
    return q1, q0, q1 <= _HUNDRED_FITS


@njit
def _surplus(p1: Any, p0: Any, linear: Any, d1: Any, d0: Any, t1: Any, t0: Any) -> Any:
    """`target − 100·product − linear·D` in two's complement."""
    a1, a0 = mul128_low(p1, p0, ZERO, HUNDRED)
    b1, b0 = mul128_low(d1, d0, ZERO, linear)
    t1, t0 = sub128(t1, t0, a1, a0)
    return sub128(t1, t0, b1, b0)


@njit
def _moved(a1: Any, a0: Any, step: Any) -> Any:
    """`a + step` for a step that is a whole double."""
    if step < 0.0:
        s1, s0 = from_float(-step)
        return sub128(a1, a0, s1, s0)
    s1, s0 = from_float(step)
    return add128(a1, a0, s1, s0)


@njit
def invariant(x1: Any, x0: Any, y1: Any, y0: Any, ann: Any, seed: Any) -> Any:
    """The largest `D` with `g(D; x, y) ≤ ann·(x + y)`; see `stableswap_math.invariant`.

    Returns:
        High and low limb, and whether the state is inside the domain.
    """
    s1, s0 = add128(x1, x0, y1, y0)
    if x1 > _HIGH_FITS or y1 > _HIGH_FITS or s1 > _HIGH_FITS or (x1 | x0) == ZERO or (y1 | y0) == ZERO:
        return ZERO, ZERO, False
    if less128(y1, y0, x1, x0):
        x1, x0, y1, y0 = y1, y0, x1, x0
    low41, low40 = times4(x1, x0)
    low4 = divisor(low41, low40)
    high = divisor(y1, y0)
    linear = ann - HUNDRED
    linear_float = np.float64(linear)
    t1, t0 = mul128_low(s1, s0, ZERO, ann)
    d1, d0 = from_float(_float_d(to_float(x1, x0), to_float(y1, y0), np.float64(ann), seed))
    for _ in range(_STEPS):
        p1, p0, fits = _product(d1, d0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, False
        r1, r0 = _surplus(p1, p0, linear, d1, d0, t1, t0)
        if r1 == ZERO and r0 < linear:
            # one more unit of D raises g by `linear` or more
            return d1, d0, True
        slope = linear_float + 300.0 * to_float(p1, p0) / to_float(d1, d0)
        step = np.floor(signed_to_float(r1, r0) / slope)
        if step == 0.0:
            break
        d1, d0 = _moved(d1, d0, step)
    for _ in range(_STEPS):
        p1, p0, fits = _product(d1, d0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, False
        r1, r0 = _surplus(p1, p0, linear, d1, d0, t1, t0)
        if not r1 & TOP_BIT:
            break
        d1, d0 = sub128(d1, d0, ZERO, ONE)
    else:
        return ZERO, ZERO, False
    for _ in range(_STEPS):
        n1, n0 = add128(d1, d0, ZERO, ONE)
        p1, p0, fits = _product(n1, n0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, False
        r1, r0 = _surplus(p1, p0, linear, n1, n0, t1, t0)
        if r1 & TOP_BIT:
            return d1, d0, True
        d1, d0 = n1, n0
    return ZERO, ZERO, False


@njit
def _y_surplus(
    x1: Any, x0: Any, x4: Any, x: Any, y1: Any, y0: Any, d1: Any, d0: Any, b1: Any, b0: Any, ann: Any
) -> Any:
    """`ann·y − 100·product − base` in two's complement, the product, and whether all of it fits."""
    y41, y40 = times4(y1, y0)
    y = divisor(y1, y0)
    if less128(x1, x0, y1, y0):
        x41, x40 = times4(x1, x0)
        p1, p0, fits = _product(d1, d0, x4, y, x41, x40, y1, y0)
    else:
        p1, p0, fits = _product(d1, d0, divisor(y41, y40), x, y41, y40, x1, x0)
    t1, t0 = mul128_low(y1, y0, ZERO, ann)
    a1, a0 = mul128_low(p1, p0, ZERO, HUNDRED)
    t1, t0 = sub128(t1, t0, a1, a0)
    r1, r0 = sub128(t1, t0, b1, b0)
    return r1, r0, p1, p0, fits


@njit
def other_value(x1: Any, x0: Any, d1: Any, d0: Any, ann: Any) -> Any:
    """The least `y` with `g(D; x, y) ≤ ann·(x + y)`; see `stableswap_math.other_value`.

    Returns:
        High and low limb, and whether the state is inside the domain.
    """
    if x1 > _HIGH_FITS or d1 > _HIGH_FITS or (x1 | x0) == ZERO or (d1 | d0) == ZERO:
        return ZERO, ZERO, False
    b1, b0 = mul128_low(d1, d0, ZERO, ann - HUNDRED)
    a1, a0 = mul128_low(x1, x0, ZERO, ann)
    b1, b0 = sub128(b1, b0, a1, a0)
    x = divisor(x1, x0)
    x4 = divisor(*times4(x1, x0))
    ann_float = np.float64(ann)
    guess = _float_y(to_float(x1, x0), to_float(d1, d0), ann_float)
    if guess >= 7.9e28:
        return ZERO, ZERO, False
    y1, y0 = from_float(max(guess, 1.0))
    for _ in range(_STEPS):
        r1, r0, p1, p0, fits = _y_surplus(x1, x0, x4, x, y1, y0, d1, d0, b1, b0, ann)
        if not fits:
            return ZERO, ZERO, False
        if r1 == ZERO and r0 < ann:
            # one unit of y less lowers the right-hand side by `ann`, and g not at all
            return y1, y0, y1 <= _HIGH_FITS
        slope = ann_float + 100.0 * to_float(p1, p0) / to_float(y1, y0)
        step = -np.floor(signed_to_float(r1, r0) / slope)
        if step == 0.0:
            break
        if step <= -to_float(y1, y0):
            y1, y0 = ZERO, ONE
        else:
            y1, y0 = _moved(y1, y0, step)
    for _ in range(_STEPS):
        r1, r0, p1, p0, fits = _y_surplus(x1, x0, x4, x, y1, y0, d1, d0, b1, b0, ann)
        if not fits:
            return ZERO, ZERO, False
        if not r1 & TOP_BIT:
            break
        y1, y0 = add128(y1, y0, ZERO, ONE)
    else:
        return ZERO, ZERO, False
    for _ in range(_STEPS):
        if y1 == ZERO and y0 == ONE:
            return y1, y0, True
        n1, n0 = sub128(y1, y0, ZERO, ONE)
        r1, r0, p1, p0, fits = _y_surplus(x1, x0, x4, x, n1, n0, d1, d0, b1, b0, ann)
        if not fits or r1 & TOP_BIT:
            return y1, y0, fits and y1 <= _HIGH_FITS
        y1, y0 = n1, n0
    return ZERO, ZERO, False


@njit
def _float_d(x: Any, y: Any, ann: Any, seed: Any) -> Any:
    """As in `stableswap_math`."""
    total = x + y
    d = seed if 0.0 < seed < total else total
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


@njit
def _float_y(x: Any, d: Any, ann: Any) -> Any:
    """As in `stableswap_math`."""
    half = 0.5 * (x + 100.0 * d / ann - d)
    c = 25.0 * d * d * d / (x * ann)
    root = sqrt(half * half + c)
    return c / (half + root) if half > 0.0 else root - half
