"""Invariant, price, fee and averages on 64-bit limbs: the integers of `stableswap_math`, inside a domain.

The domain keeps every intermediate within what the code reserves for it: values with `x + y < 2^96` at 18
decimals (79 billion), `max²/min < 10^38`, and an amplification of at most a million. Where a state or an
intermediate is outside, the last result is `False`, and the caller has to ask Python.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numba import njit

from .limbs import (
    ONE,
    TOP_BIT,
    ZERO,
    add128,
    constant_divisor,
    divide256,
    divisor,
    from_float,
    funnel,
    less128,
    less256,
    mul128,
    mul128_low,
    mul256_64,
    signed_to_float,
    sub128,
    to_float,
)
from .stableswap_math import LN2, MAX_FEE

TWO = np.uint64(2)
HUNDRED = np.uint64(100)
WAD = np.uint64(10**18)
FEE_ONE = np.uint64(10**10)
BY_WAD = constant_divisor(10**18)
BY_FEE_ONE = constant_divisor(10**10)
_MAX_FEE = np.uint64(MAX_FEE)
_LN2 = np.uint64(LN2)
#: High limbs above this overflow when multiplied by 100.
_HUNDRED_FITS = np.uint64((1 << 57) - 1)
#: The largest high limb of a value or an invariant inside the domain.
_HIGH_FITS = np.uint64((1 << 32) - 1)
_MAX_SKEW = 1e38
_PRICE_CAP = np.uint64(2 * 10**18)
_STEPS = 12

# Coefficients of the Padé approximant; those above a limb are 30240e18 and 15120e18.
_EVEN = (np.uint64((30_240 * 10**18) >> 64), np.uint64((30_240 * 10**18) % 2**64))
_ODD = (np.uint64((15_120 * 10**18) >> 64), np.uint64((15_120 * 10**18) % 2**64))
_3360 = np.uint64(3_360)
_420 = np.uint64(420)
_30 = np.uint64(30)


@njit
def times4(a1: Any, a0: Any) -> Any:
    """`4·a`, which must fit."""
    return funnel(a1, a0, TWO), a0 << TWO


@njit
def scaled(a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`⌊a·b / 1e18⌋`."""
    u3, u2, u1, u0 = mul128(a1, a0, b1, b0)
    if not less128(u3, u2, ZERO, WAD):
        return ZERO, ZERO, False
    q1, q0 = divide256(u3, u2, u1, u0, BY_WAD[0], BY_WAD[1], BY_WAD[2], BY_WAD[3])
    return q1, q0, True


@njit
def _product(d1: Any, d0: Any, low4: Any, high: Any, low41: Any, low40: Any, high1: Any, high0: Any) -> Any:
    """`⌊⌊D²/4·min⌋·D/max⌋`, the divisors given prepared and plain."""
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
    """D, and P at D.

    Args:
        x1: High limb of one value.
        x0: Its low limb.
        y1: High limb of the other.
        y0: Its low limb.
        ann: `2·A`, scaled by 100.
        seed: A guess as a double, or zero; the result does not depend on it.

    Returns:
        High and low limb of D, those of P, and whether all is inside the domain.
    """
    s1, s0 = add128(x1, x0, y1, y0)
    if x1 > _HIGH_FITS or y1 > _HIGH_FITS or s1 > _HIGH_FITS:
        return ZERO, ZERO, ZERO, ZERO, False
    if less128(y1, y0, x1, x0):
        x1, x0, y1, y0 = y1, y0, x1, x0
    low = to_float(x1, x0)
    largest = to_float(y1, y0)
    if largest * largest >= _MAX_SKEW * low:
        return ZERO, ZERO, ZERO, ZERO, False
    low41, low40 = times4(x1, x0)
    low4 = divisor(low41, low40)
    high = divisor(y1, y0)
    linear = ann - HUNDRED
    t1, t0 = mul128_low(s1, s0, ZERO, ann)
    guess, slope = _float_invariant(low, largest, np.float64(ann), seed)
    d1, d0 = from_float(guess)
    for _ in range(_STEPS):
        p1, p0, fits = _product(d1, d0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, ZERO, ZERO, False
        r1, r0 = _surplus(p1, p0, linear, d1, d0, t1, t0)
        if r1 == ZERO and r0 < linear:
            # one more unit of D raises the left side by `linear` or more
            return d1, d0, p1, p0, True
        step = np.floor(signed_to_float(r1, r0) / slope)
        if step == 0.0:
            break
        d1, d0 = _moved(d1, d0, step)
    for _ in range(_STEPS):
        p1, p0, fits = _product(d1, d0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, ZERO, ZERO, False
        r1, r0 = _surplus(p1, p0, linear, d1, d0, t1, t0)
        if not r1 & TOP_BIT:
            break
        d1, d0 = sub128(d1, d0, ZERO, ONE)
    else:
        return ZERO, ZERO, ZERO, ZERO, False
    for _ in range(_STEPS):
        n1, n0 = add128(d1, d0, ZERO, ONE)
        q1, q0, fits = _product(n1, n0, low4, high, low41, low40, y1, y0)
        if not fits:
            return ZERO, ZERO, ZERO, ZERO, False
        r1, r0 = _surplus(q1, q0, linear, n1, n0, t1, t0)
        if r1 & TOP_BIT:
            return d1, d0, p1, p0, True
        d1, d0, p1, p0 = n1, n0, q1, q0
    return ZERO, ZERO, ZERO, ZERO, False


@njit
def _y_surplus(x: Any, by_x4: Any, by_x: Any, y1: Any, y0: Any, d1: Any, d0: Any, base: Any, ann: Any) -> Any:
    """`ann·y − base − 100·P` in two's complement, and whether all of it fits."""
    by_y = divisor(y1, y0)
    if less128(x[0], x[1], y1, y0):
        x41, x40 = times4(x[0], x[1])
        p1, p0, fits = _product(d1, d0, by_x4, by_y, x41, x40, y1, y0)
    else:
        y41, y40 = times4(y1, y0)
        p1, p0, fits = _product(d1, d0, divisor(y41, y40), by_x, y41, y40, x[0], x[1])
    r1, r0 = _surplus(p1, p0, ZERO, ZERO, ZERO, *mul128_low(y1, y0, ZERO, ann))
    r1, r0 = sub128(r1, r0, base[0], base[1])
    return r1, r0, fits


@njit
def other_value(x1: Any, x0: Any, d1: Any, d0: Any, ann: Any) -> Any:
    """y, the least that holds at `x` for `D`.

    Returns:
        High and low limb, and whether all is inside the domain.
    """
    if x1 > _HIGH_FITS or d1 > _HIGH_FITS or (d1 | d0) == ZERO:
        return ZERO, ZERO, False
    x_float = to_float(x1, x0)
    d_float = to_float(d1, d0)
    if d_float * d_float >= _MAX_SKEW * x_float:
        return ZERO, ZERO, False
    b1, b0 = mul128_low(d1, d0, ZERO, ann - HUNDRED)
    a1, a0 = mul128_low(x1, x0, ZERO, ann)
    base = sub128(b1, b0, a1, a0)
    x = (x1, x0)
    by_x = divisor(x1, x0)
    x41, x40 = times4(x1, x0)
    by_x4 = divisor(x41, x40)
    guess, slope = _float_other_value(x_float, d_float, np.float64(ann))
    if guess >= 7.9e28:
        return ZERO, ZERO, False
    y1, y0 = from_float(max(guess, 1.0))
    for _ in range(_STEPS):
        r1, r0, fits = _y_surplus(x, by_x4, by_x, y1, y0, d1, d0, base, ann)
        if not fits:
            return ZERO, ZERO, False
        if r1 == ZERO and r0 < ann:
            # one unit of y less takes `ann` from the right side, and nothing from the left
            return y1, y0, y1 <= _HIGH_FITS
        step = -np.floor(signed_to_float(r1, r0) / slope)
        if step == 0.0:
            break
        if step <= -to_float(y1, y0):
            y1, y0 = ZERO, ONE
        else:
            y1, y0 = _moved(y1, y0, step)
    for _ in range(_STEPS):
        r1, r0, fits = _y_surplus(x, by_x4, by_x, y1, y0, d1, d0, base, ann)
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
        r1, r0, fits = _y_surplus(x, by_x4, by_x, n1, n0, d1, d0, base, ann)
        if not fits or r1 & TOP_BIT:
            return y1, y0, fits and y1 <= _HIGH_FITS
        y1, y0 = n1, n0
    return ZERO, ZERO, False


@njit
def price(p1: Any, p0: Any, x1: Any, x0: Any, y1: Any, y0: Any, ann: Any) -> Any:
    """Price of the coin behind `y`, 1e18, at most 2e18: one limb, and whether all is inside the domain."""
    u3, u2, u1, u0 = mul128(p1, p0, x1, x0)
    if not less128(u3, u2, y1, y0):
        return ZERO, False
    by_y = divisor(y1, y0)
    q1, q0 = divide256(u3, u2, u1, u0, by_y[0], by_y[1], by_y[2], by_y[3])
    if q1 > _HUNDRED_FITS >> ONE:
        return ZERO, False
    # each term below 2^127
    near1, near0 = mul128_low(x1, x0, ZERO, ann)
    a1, a0 = mul128_low(q1, q0, ZERO, HUNDRED)
    a1, a0 = add128(a1, a0, near1, near0)
    b1, b0 = mul128_low(p1, p0, ZERO, HUNDRED)
    b1, b0 = add128(b1, b0, near1, near0)
    u3, u2, u1, u0 = mul128(a1, a0, ZERO, WAD)
    if not less128(u3, u2, b1, b0):
        return _PRICE_CAP, True
    by_b = divisor(b1, b0)
    q1, q0 = divide256(u3, u2, u1, u0, by_b[0], by_b[1], by_b[2], by_b[3])
    if q1 != ZERO or q0 > _PRICE_CAP:
        return _PRICE_CAP, True
    return q0, True


@njit
def fee_rate(u1: Any, u0: Any, v1: Any, v0: Any, fee: Any, multiplier: Any, extra: Any) -> Any:
    """The dynamic fee at values `u` and `v` below 2^96, not both zero: one limb, 1e10."""
    rate = fee
    if multiplier > FEE_ONE:
        off = multiplier - FEE_ONE
        s1, s0 = add128(u1, u0, v1, v0)
        # (u + v)² < 2^194, and ⌊off·4uv/(u + v)²⌋ ≤ off < 2^40: a double is at most one off
        square = mul128(s1, s0, s1, s0)
        w1, w0 = times4(u1, u0)
        dividend = mul256_64(*mul128(w1, w0, v1, v0), off)
        total = to_float(s1, s0)
        share = (to_float(w1, w0) / total) * (to_float(v1, v0) / total)
        scale = np.uint64(np.float64(off) * share)
        while less256(dividend, mul256_64(square[0], square[1], square[2], square[3], scale)):
            scale -= ONE
        while not less256(dividend, mul256_64(square[0], square[1], square[2], square[3], scale + ONE)):
            scale += ONE
        m1, m0 = mul128_low(ZERO, multiplier, ZERO, fee)
        by = divisor(ZERO, scale + FEE_ONE)
        rate = divide256(ZERO, ZERO, m1, m0, by[0], by[1], by[2], by[3])[1]
    return min(rate + extra, _MAX_FEE)


@njit
def fee_of(gross1: Any, gross0: Any, rate: Any) -> Any:
    """`⌈gross·rate / 1e10⌉` of a value below 2^96."""
    u3, u2, u1, u0 = mul128(gross1, gross0, ZERO, rate)
    q1, q0 = divide256(u3, u2, u1, u0, BY_FEE_ONE[0], BY_FEE_ONE[1], BY_FEE_ONE[2], BY_FEE_ONE[3])
    if mul128_low(q1, q0, ZERO, FEE_ONE) != (u1, u0):
        return add128(q1, q0, ZERO, ONE)
    return q1, q0


@njit
def weight(elapsed: Any, period: Any) -> Any:
    """`e^(−elapsed/period)`, 1e18, of times below 2^40: one limb."""
    u1, u0 = mul128_low(ZERO, elapsed, ZERO, WAD)
    by = divisor(ZERO, period)
    t1, t0 = divide256(ZERO, ZERO, u1, u0, by[0], by[1], by[2], by[3])
    if t1 >= np.uint64(64):
        return ZERO
    # the remainder is below 2^60, so low limbs suffice; a double is at most one off
    halvings = np.uint64(to_float(t1, t0) / np.float64(_LN2))
    r = t0 - halvings * _LN2
    if r & TOP_BIT:
        halvings -= ONE
        r += _LN2
    elif r >= _LN2:
        halvings += ONE
        r -= _LN2
    if halvings >= np.uint64(60):
        return ZERO
    q = scaled(ZERO, r, ZERO, r)[1]
    q2 = scaled(ZERO, q, ZERO, q)[1]
    e1, e0 = add128(_EVEN[0], _EVEN[1], *mul128_low(ZERO, q, ZERO, _3360))
    e1, e0 = add128(e1, e0, *mul128_low(ZERO, q2, ZERO, _30))
    o1, o0 = add128(_ODD[0], _ODD[1], *mul128_low(ZERO, q, ZERO, _420))
    o1, o0 = add128(o1, o0, ZERO, q2)
    o1, o0, _ = scaled(o1, o0, ZERO, r)
    n1, n0 = sub128(e1, e0, o1, o0)
    m1, m0 = add128(e1, e0, o1, o0)
    by_m = divisor(m1, m0)
    u3, u2, u1, u0 = mul128(n1, n0, ZERO, WAD)
    return divide256(u3, u2, u1, u0, by_m[0], by_m[1], by_m[2], by_m[3])[1] >> halvings


@njit
def average(old: Any, value: Any, kept: Any) -> Any:
    """`old` with the weight `kept` and `value` with the rest, of values below 2^62: one limb."""
    a1, a0 = mul128_low(ZERO, old, ZERO, kept)
    b1, b0 = mul128_low(ZERO, value, ZERO, WAD - kept)
    a1, a0 = add128(a1, a0, b1, b0)
    return divide256(ZERO, ZERO, a1, a0, BY_WAD[0], BY_WAD[1], BY_WAD[2], BY_WAD[3])[1]


@njit
def _float_invariant(x: Any, y: Any, ann: Any, seed: Any) -> Any:
    """As in `stableswap_math`, from a seed; from below, the first step leads above."""
    total = x + y
    d = seed if 0.0 < seed < total else total
    cubic = 25.0 / (x * y)
    linear = ann - 100.0
    target = ann * total
    slope = linear
    for _ in range(255):
        p = cubic * d * d
        slope = 3.0 * p + linear
        step = ((p + linear) * d - target) / slope
        d -= step
        if -1e-12 * d < step < 1e-12 * d:
            break
    return d, slope


@njit
def _float_other_value(x: Any, d: Any, ann: Any) -> Any:
    """As in `stableswap_math`."""
    half = 0.5 * (x + 100.0 * d / ann - d)
    c = 25.0 * d * d * d / (x * ann)
    root = sqrt(half * half + c)
    y = c / (half + root) if half > 0.0 else root - half
    return y, ann * (1.0 + c / (y * y))
