"""`exponential.wad_exp` of non-positive exponents on 64-bit limbs, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from .exponential import DENOMINATOR, LN2_96, LOWEST, NUMERATOR, SCALE
from .limbs import ZERO, add128, divide256, divisor, funnel, mul128_low, sub128, tuple_codegen

_U64 = types.uint64
_WORD = 2**64


def _limbs(value: int) -> tuple[np.uint64, np.uint64]:
    """A signed constant as two limbs."""
    return np.uint64((value >> 64) % _WORD), np.uint64(value % _WORD)


_N0, _N1, _N2, _N3, _N4 = map(_limbs, NUMERATOR)
_Q0, _Q1, _Q2, _Q3, _Q4, _Q5 = map(_limbs, DENOMINATOR)
_LN2 = _limbs(LN2_96)
_HALF = _limbs(2**95 - 1)
_MAGNITUDE = _limbs(-LOWEST)
_BASE = np.uint64(5**18)
_14 = np.uint64(14)
_32 = np.uint64(32)
_WIDE = ir.IntType(256)


def _signed(builder: Any, high: Any, low: Any) -> Any:
    """A two's complement 128-bit value as 256 bits."""
    word = ir.Constant(_WIDE, 64)
    return builder.or_(builder.shl(builder.sext(high, _WIDE), word), builder.zext(low, _WIDE))


def _shifted_product(builder: Any, args: list[Any]) -> list[Any]:
    product = builder.mul(_signed(builder, *args[:2]), _signed(builder, *args[2:]))
    word = ir.IntType(64)
    return [builder.trunc(builder.ashr(product, ir.Constant(_WIDE, bits)), word) for bits in (160, 96)]


def _ratio_numerator(builder: Any, args: list[Any]) -> list[Any]:
    product = builder.mul(_signed(builder, *args[:2]), _signed(builder, *args[2:]))
    total = builder.add(product, ir.Constant(_WIDE, NUMERATOR[4] << 96))
    word = ir.IntType(64)
    return [builder.trunc(builder.lshr(total, ir.Constant(_WIDE, 64 * i)), word) for i in (3, 2, 1, 0)]


@intrinsic
def _mul96(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`⌊a·b / 2^96⌋` of two's complement values, when it has 128 bits."""
    return types.UniTuple(_U64, 2)(_U64, _U64, _U64, _U64), tuple_codegen(_shifted_product)


@intrinsic
def _numerator(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`a·b` plus the constant term of the numerator: four limbs."""
    return types.UniTuple(_U64, 4)(_U64, _U64, _U64, _U64), tuple_codegen(_ratio_numerator)


@intrinsic
def _scaled(typing_context: Any, r1: Any, r0: Any, shift: Any) -> Any:
    """`r·SCALE >> (195 + shift)`, which has one limb for a non-negative `shift`."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        r = builder.or_(builder.shl(builder.zext(args[0], _WIDE), ir.Constant(_WIDE, 64)), builder.zext(args[1], _WIDE))
        product = builder.mul(r, ir.Constant(_WIDE, SCALE))
        top = builder.lshr(product, ir.Constant(_WIDE, 195))
        return builder.lshr(builder.trunc(top, ir.IntType(64)), args[2])

    return _U64(_U64, _U64, _U64), codegen


@njit
def exp_of_minus(x1: Any, x0: Any) -> Any:
    """`e^(−x/1e18)·1e18` for `x ≥ 0` of two limbs: one limb."""
    if x1 > _MAGNITUDE[0] or (x1 == _MAGNITUDE[0] and x0 > _MAGNITUDE[1]):
        return ZERO
    # the contract divides towards zero, so magnitudes are divided; x·2^78 has three limbs
    base = divisor(ZERO, _BASE)
    u2 = funnel(x1, x0, _14)
    m1, m0 = divide256(ZERO, u2, x0 << _14, ZERO, base[0], base[1], base[2], base[3])
    # and k is −⌊(m·2^96/ln 2 + 2^95 − 1) / 2^96⌋
    log = divisor(_LN2[0], _LN2[1])
    q1, q0 = divide256(m1 >> _32, funnel(m1, m0, _32), m0 << _32, ZERO, log[0], log[1], log[2], log[3])
    q1, q0 = add128(q1, q0, _HALF[0], _HALF[1])
    halvings = q1 >> _32
    t1, t0 = mul128_low(_LN2[0], _LN2[1], ZERO, halvings)
    x1, x0 = sub128(t1, t0, m1, m0)

    t1, t0 = add128(x1, x0, _N0[0], _N0[1])
    t1, t0 = _mul96(t1, t0, x1, x0)
    y1, y0 = add128(t1, t0, _N1[0], _N1[1])
    t1, t0 = add128(y1, y0, x1, x0)
    t1, t0 = sub128(t1, t0, _N2[0], _N2[1])
    t1, t0 = _mul96(t1, t0, y1, y0)
    t1, t0 = add128(t1, t0, _N3[0], _N3[1])
    p3, p2, p1, p0 = _numerator(t1, t0, x1, x0)

    q1, q0 = add128(x1, x0, _Q0[0], _Q0[1])
    q1, q0 = _mul96(q1, q0, x1, x0)
    q1, q0 = add128(q1, q0, _Q1[0], _Q1[1])
    q1, q0 = _mul96(q1, q0, x1, x0)
    q1, q0 = add128(q1, q0, _Q2[0], _Q2[1])
    q1, q0 = _mul96(q1, q0, x1, x0)
    q1, q0 = add128(q1, q0, _Q3[0], _Q3[1])
    q1, q0 = _mul96(q1, q0, x1, x0)
    q1, q0 = add128(q1, q0, _Q4[0], _Q4[1])
    q1, q0 = _mul96(q1, q0, x1, x0)
    q1, q0 = add128(q1, q0, _Q5[0], _Q5[1])
    q = divisor(q1, q0)
    r1, r0 = divide256(p3, p2, p1, p0, q[0], q[1], q[2], q[3])
    return _scaled(r1, r0, halvings)
