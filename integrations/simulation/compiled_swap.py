"""A swap of the pool on 64-bit limbs, and a loop over many: the kernels behind `batch`.

A pool is a row of `WIDTH` words (`uint64`): what the contract stores and what it is deployed with, wide
values as high and low limb. `swap` may be called from other compiled functions, such as a strategy that
decides on the state before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from .compiled_math import (
    WAD,
    average,
    fee_of,
    fee_rate,
    invariant,
    other_value,
    price,
    scaled,
    weight,
)
from .limbs import ONE, ZERO, add128, divide256, divisor, funnel, less128, mul64, mul128, sub128, to_float

BALANCE = 0  # of coin 0 in words 0 and 1, of coin 1 in words 2 and 3; the same below
ADMIN = 4
RATE = 8
MULTIPLIER = 12
PRICE_TIME = 16
EMA_PRICE = 17
SURCHARGE = 18
RATIO = 19
INITIAL_A = 20
FUTURE_A = 21
INITIAL_A_TIME = 22
FUTURE_A_TIME = 23
FEE = 24
OFFPEG = 25
MA_EXP_TIME = 26
RATED = 27
SHIFT = 28
ASSETS = 29
NEW_RATIO = 31  # of the prices as they are now
WIDTH = 32

#: What `swap` says first: done, refused as the contract would, or outside the domain and nothing done.
DONE = 0
ZERO_AMOUNT = 1
OUTSIDE = 2

#: Nearer to the contract's limit of 1e9 than this, Python decides.
_IMBALANCE = 9.0e8
_MAX_BALANCE_HIGH = np.uint64((1 << 48) - 1)
_MAX_ADMIN_HIGH = np.uint64((1 << 24) - 1)
_ALL = np.uint64(2**64 - 1)
_MAX_SURCHARGE = np.uint64(2**18 - 1)
_MAX_RATIO = np.uint64(2**45 - 1)
_FREE_DRIFT = np.uint64(10**8)
_DECAY = np.uint64(3)
_HUNDRED = np.uint64(100)
_PPM_IN_FEE = np.uint64(10_000)
_TWO = np.uint64(2)
_REFUSED = (ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, 0.0)


@njit
def amplification(pool: Any, now: Any) -> Any:
    """A·100 at a time."""
    if now >= pool[FUTURE_A_TIME]:
        return pool[FUTURE_A]
    elapsed = now - pool[INITIAL_A_TIME]
    period = pool[FUTURE_A_TIME] - pool[INITIAL_A_TIME]
    if pool[FUTURE_A] >= pool[INITIAL_A]:
        return pool[INITIAL_A] + (pool[FUTURE_A] - pool[INITIAL_A]) * elapsed // period
    return pool[INITIAL_A] - (pool[INITIAL_A] - pool[FUTURE_A]) * elapsed // period


@njit
def surcharge(pool: Any, elapsed: Any) -> Any:
    """The surcharge now, ppm."""
    decay = _DECAY * elapsed
    left = pool[SURCHARGE] - min(pool[SURCHARGE], decay)
    now, last = pool[NEW_RATIO], pool[RATIO]
    if now == last:
        return left
    low = min(now, last)
    if low == ZERO:
        return _MAX_SURCHARGE
    m1, m0 = mul64(max(now, last) - low, _FREE_DRIFT)
    by = divisor(ZERO, low)
    c1, change = divide256(ZERO, ZERO, m1, m0, by[0], by[1], by[2], by[3])
    if c1 != ZERO:
        return _MAX_SURCHARGE
    jump = (change - min(change, elapsed)) // _HUNDRED
    return min(_MAX_SURCHARGE, left + min(jump, _MAX_SURCHARGE))


@njit
def set_assets(pool: Any, assets_0: Any, assets_1: Any) -> Any:
    """Move the coins' prices (assets of a share, 1e18, at least 1); whether all is inside the domain."""
    for coin in range(2):
        at = 2 * coin
        assets = assets_1 if coin else assets_0
        r1, r0, fits = scaled(pool[MULTIPLIER + at], pool[MULTIPLIER + at + 1], ZERO, assets)
        if not fits or (r1 | r0) == ZERO:
            return False
        pool[RATE + at] = r1
        pool[RATE + at + 1] = r0
        pool[ASSETS + coin] = assets
    u1, u0 = mul64(assets_1, WAD)
    by = divisor(ZERO, assets_0)
    q1, q0 = divide256(ZERO, ZERO, u1, u0, by[0], by[1], by[2], by[3])
    if q1 != ZERO:
        return False
    pool[NEW_RATIO] = min(q0 >> pool[SHIFT], _MAX_RATIO)
    return True


@njit
def swap(pool: Any, sold: Any, dx1: Any, dx0: Any, now: Any, seed: Any) -> Any:
    """Sell `dx` of coin `sold` at the time `now`, not before the pool's last operation.

    Args:
        pool: A row of words; changed only if the result is `DONE`.
        sold: 0 or 1.
        dx1: High limb of the amount.
        dx0: Its low limb.
        now: Unix time.
        seed: The invariant as a double, if it is about known; it does not change the result.

    Returns:
        What happened; high and low limb of the amount bought, of the fee (a value in the coin bought) and of
        the protocol's part (token units); a seed for the next swap.
    """
    i = 2 * sold
    j = 2 - i
    if (dx1 | dx0) == ZERO:
        return ZERO_AMOUNT, *_REFUSED
    b1, b0 = add128(pool[BALANCE + i], pool[BALANCE + i + 1], dx1, dx0)
    if dx1 > _MAX_BALANCE_HIGH or b1 > _MAX_BALANCE_HIGH:
        return OUTSIDE, *_REFUSED
    in1, in0 = pool[RATE + i], pool[RATE + i + 1]
    out1, out0 = pool[RATE + j], pool[RATE + j + 1]
    x1, x0, fits_x = scaled(pool[BALANCE + i], pool[BALANCE + i + 1], in1, in0)
    y1, y0, fits_y = scaled(pool[BALANCE + j], pool[BALANCE + j + 1], out1, out0)
    n1, n0, fits_n = scaled(b1, b0, in1, in0)
    if not (fits_x and fits_y and fits_n):
        return OUTSIDE, *_REFUSED
    ann = _TWO * amplification(pool, now)
    d1, d0, p1, p0, fits = invariant(x1, x0, y1, y0, ann, seed)
    if not fits:
        return OUTSIDE, *_REFUSED
    z1, z0, fits = other_value(n1, n0, d1, d0, ann)
    if not fits:
        return OUTSIDE, *_REFUSED
    after_in, after_out = to_float(n1, n0), to_float(z1, z0)
    if after_in > _IMBALANCE * after_out or after_out > _IMBALANCE * after_in:
        return OUTSIDE, *_REFUSED

    elapsed = now - pool[PRICE_TIME]
    extra = ZERO
    charged = ZERO
    if pool[RATED]:
        charged = surcharge(pool, elapsed)
        extra = charged * _PPM_IN_FEE
    u1, u0 = add128(x1, x0, n1, n0)
    v1, v0 = add128(y1, y0, z1, z0)
    rate = fee_rate(
        _half(u1), _half_low(u1, u0), _half(v1), _half_low(v1, v0), pool[FEE], pool[OFFPEG], extra
    )
    g1, g0 = sub128(y1, y0, z1, z0)
    f1, f0 = fee_of(g1, g0, rate)
    g1, g0 = sub128(g1, g0, f1, f0)
    by = divisor(out1, out0)
    u3, u2, u1, u0 = mul128(g1, g0, ZERO, WAD)
    if not less128(u3, u2, out1, out0):
        return OUTSIDE, *_REFUSED
    dy1, dy0 = divide256(u3, u2, u1, u0, by[0], by[1], by[2], by[3])
    u3, u2, u1, u0 = mul128(f1, f0, ZERO, WAD)
    if not less128(u3, u2, out1, out0):
        return OUTSIDE, *_REFUSED
    # ⌊⌊a / b⌋ / 2⌋ = ⌊a / 2b⌋
    c1, c0 = divide256(u3, u2, u1, u0, by[0], by[1], by[2], by[3])
    c1, c0 = _half(c1), _half_low(c1, c0)
    room1, room0 = sub128(_MAX_ADMIN_HIGH, _ALL, pool[ADMIN + j], pool[ADMIN + j + 1])
    if less128(room1, room0, c1, c0):
        c1, c0 = room1, room0

    if elapsed:
        if sold:
            spot, fits = price(p1, p0, y1, y0, x1, x0, ann)
        else:
            spot, fits = price(p1, p0, x1, x0, y1, y0, ann)
        if not fits:
            return OUTSIDE, *_REFUSED
        pool[EMA_PRICE] = average(pool[EMA_PRICE], spot, weight(elapsed, pool[MA_EXP_TIME]))
        pool[PRICE_TIME] = now
    if pool[RATED]:
        pool[SURCHARGE] = charged
        pool[RATIO] = pool[NEW_RATIO]
    pool[BALANCE + i], pool[BALANCE + i + 1] = b1, b0
    b1, b0 = sub128(pool[BALANCE + j], pool[BALANCE + j + 1], dy1, dy0)
    pool[BALANCE + j], pool[BALANCE + j + 1] = sub128(b1, b0, c1, c0)
    pool[ADMIN + j], pool[ADMIN + j + 1] = add128(pool[ADMIN + j], pool[ADMIN + j + 1], c1, c0)
    return DONE, dy1, dy0, f1, f0, c1, c0, to_float(d1, d0)


@njit
def _half(a1: Any) -> Any:
    """High limb of `⌊a / 2⌋`."""
    return a1 >> ONE


@njit
def _half_low(a1: Any, a0: Any) -> Any:
    """Low limb of `⌊a / 2⌋`."""
    return funnel(a1, a0, np.uint64(63))


def run(
    pool: Any, sold: Any, amounts: Any, times: Any, assets: Any, start: Any, amounts_out: Any, status: Any
) -> Any:
    """Swaps `start` and later ones of a batch, until one is outside the domain; `batch` compiles it.

    Args:
        pool: A row of words, changed.
        sold: Coin sold by each swap.
        amounts: High and low limb of each amount.
        times: Unix time of each, never falling; empty for no passage of time.
        assets: Assets of a share of each coin at each swap, 1e18; empty for constant prices.
        start: The first to do.
        amounts_out: Filled with the high and low limbs of amounts bought, fees and the protocol's part.
        status: Filled with what `swap` says.

    Returns:
        How many are done; less than all if the next is outside.
    """
    seed = 0.0
    now = pool[PRICE_TIME]
    for k in range(start, len(sold)):
        if len(times):
            now = times[k]
        moved = len(assets) and (assets[k, 0] != pool[ASSETS] or assets[k, 1] != pool[ASSETS + 1])
        if moved and not set_assets(pool, assets[k, 0], assets[k, 1]):
            return k
        code, dy1, dy0, f1, f0, c1, c0, d = swap(pool, sold[k], amounts[k, 0], amounts[k, 1], now, seed)
        if code == OUTSIDE:
            return k
        if code == DONE:
            seed = d
        status[k] = code
        amounts_out[k, 0] = dy1
        amounts_out[k, 1] = dy0
        amounts_out[k, 2] = f1
        amounts_out[k, 3] = f0
        amounts_out[k, 4] = c1
        amounts_out[k, 5] = c0
    return len(sold)
