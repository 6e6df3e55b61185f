# ruff: noqa: ARG001 (numba types intrinsics by the names of their arguments)
"""Fixed-width integer arithmetic for numba: 128- and 256-bit values as 64-bit limbs.

A value is passed as `uint64` limbs, the highest first. Everything wraps unless it says otherwise. numba has
no integers wider than a word, so carries come from LLVM's wide integers, through intrinsics. Division is by a
precomputed reciprocal (Möller and Granlund, "Improved Division by Invariant Integers", IEEE Transactions on
Computers, 2011, algorithms 4 to 6), for LLVM would call a routine that is not linked.

numba turns `uint64` with a signed operand into a float: every constant here is a typed `uint64`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

ZERO = np.uint64(0)
ONE = np.uint64(1)
WORD_BITS = np.uint64(64)
HALF_BITS = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)
TOP_BIT = np.uint64(1 << 63)

_Build = Callable[[Any, Any, Any], Any]


def _wide(inputs: int, outputs: int, bits: int, build: _Build) -> Callable[[Any, list[Any]], Any]:
    """LLVM code of `build(a, b)` on two integers of `inputs` limbs each, computed in `bits` bits."""
    word = ir.IntType(64)
    wide = ir.IntType(bits)

    def join(builder: Any, limbs: list[Any]) -> Any:
        value = builder.zext(limbs[0], wide)
        for limb in limbs[1:]:
            value = builder.or_(builder.shl(value, ir.Constant(wide, 64)), builder.zext(limb, wide))
        return value

    def emit(builder: Any, args: list[Any]) -> list[Any]:
        value = build(builder, join(builder, args[:inputs]), join(builder, args[inputs:]))
        limbs = []
        for i in reversed(range(outputs)):
            part = builder.lshr(value, ir.Constant(wide, 64 * i)) if i else value
            limbs.append(builder.trunc(part, word))
        return limbs

    return emit


def _tuple_codegen(emit: Callable[[Any, list[Any]], list[Any]]) -> Callable[..., Any]:
    def codegen(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
        packed = cgutils.get_null_value(_context.get_value_type(signature.return_type))
        for i, limb in enumerate(emit(builder, list(args))):
            packed = builder.insert_value(packed, limb, i)
        return packed

    return codegen


_MUL_64 = _tuple_codegen(_wide(1, 2, 128, lambda b, x, y: b.mul(x, y)))
_MUL_128 = _tuple_codegen(_wide(2, 4, 256, lambda b, x, y: b.mul(x, y)))
_ADD_128 = _tuple_codegen(_wide(2, 2, 128, lambda b, x, y: b.add(x, y)))
_SUB_128 = _tuple_codegen(_wide(2, 2, 128, lambda b, x, y: b.sub(x, y)))
_PRODUCT_256 = _wide(4, 4, 256, lambda b, x, y: b.mul(x, y))
_LOW_128 = _tuple_codegen(_wide(2, 2, 128, lambda b, x, y: b.mul(x, y)))

_U64 = types.uint64
_U64x4 = types.UniTuple(_U64, 4)


@intrinsic
def mul64(typing_context: Any, a: Any, b: Any) -> Any:
    """`a·b` in full: high limb, low limb."""
    return types.UniTuple(_U64, 2)(_U64, _U64), _MUL_64


@intrinsic
def mul128(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`a·b` in full: four limbs, the highest first."""
    return types.UniTuple(_U64, 4)(_U64, _U64, _U64, _U64), _MUL_128


@intrinsic
def mul128_low(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`a·b` modulo 2^128."""
    return types.UniTuple(_U64, 2)(_U64, _U64, _U64, _U64), _LOW_128


@intrinsic
def add128(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`a + b` modulo 2^128."""
    return types.UniTuple(_U64, 2)(_U64, _U64, _U64, _U64), _ADD_128


@intrinsic
def sub128(typing_context: Any, a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """`a − b` modulo 2^128."""
    return types.UniTuple(_U64, 2)(_U64, _U64, _U64, _U64), _SUB_128


@intrinsic
def leading_zeros(typing_context: Any, a: Any) -> Any:
    """Zero bits above the highest one bit; 64 for zero."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return _U64(_U64), codegen


@intrinsic
def funnel(typing_context: Any, high: Any, low: Any, bits: Any) -> Any:
    """High limb of `(high·2^64 + low) << bits`, for `bits` below 64."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word, word, word])
        shift = builder.module.declare_intrinsic("llvm.fshl", [word], kind)
        return builder.call(shift, args)

    return _U64(_U64, _U64, _U64), codegen


@intrinsic
def mul256_64(typing_context: Any, a3: Any, a2: Any, a1: Any, a0: Any, b: Any) -> Any:
    """`a·b` modulo 2^256: four limbs."""

    def emit(builder: Any, args: list[Any]) -> list[Any]:
        zero = ir.Constant(ir.IntType(64), 0)
        limbs: list[Any] = _PRODUCT_256(builder, [*args[:4], zero, zero, zero, args[4]])
        return limbs

    return _U64x4(_U64, _U64, _U64, _U64, _U64), _tuple_codegen(emit)


@njit
def less256(a: Any, b: Any) -> Any:
    """Whether `a < b`, for tuples of four limbs."""
    if a[0] != b[0] or a[1] != b[1]:
        return less128(a[0], a[1], b[0], b[1])
    return less128(a[2], a[3], b[2], b[3])


@njit
def less128(a1: Any, a0: Any, b1: Any, b0: Any) -> Any:
    """Whether `a < b`."""
    return a1 < b1 or (a1 == b1 and a0 < b0)


@njit
def to_float(a1: Any, a0: Any) -> Any:
    """The nearest double, but for a last bit."""
    return np.float64(a1) * 18446744073709551616.0 + np.float64(a0)


@njit
def from_float(value: Any) -> Any:
    """Integer part of a double in [0, 2^127)."""
    high = np.uint64(value * 5.421010862427522e-20)
    return high, np.uint64(value - np.float64(high) * 18446744073709551616.0)


@njit
def signed_to_float(a1: Any, a0: Any) -> Any:
    """The nearest double to a two's complement value, but for a last bit."""
    if a1 & TOP_BIT:
        n1, n0 = sub128(ZERO, ZERO, a1, a0)
        return -to_float(n1, n0)
    return to_float(a1, a0)


@njit
def reciprocal64(d: Any) -> Any:
    """`⌊(2^128 − 1) / d⌋ − 2^64` of a `d` with its top bit set, by two schoolbook digits of 32 bits."""
    d1 = d >> HALF_BITS
    d0 = d & LOW_HALF
    # the dividend is ~d·2^64 + 2^64 − 1; each estimated digit is at most two too large
    rest = ~d
    q1 = rest // d1
    r = rest - q1 * d1
    while q1 > LOW_HALF or q1 * d0 > ((r << HALF_BITS) | LOW_HALF):
        q1 -= ONE
        r += d1
        if r > LOW_HALF:
            break
    rest = ((rest << HALF_BITS) | LOW_HALF) - q1 * d
    q0 = rest // d1
    r = rest - q0 * d1
    while q0 > LOW_HALF or q0 * d0 > ((r << HALF_BITS) | LOW_HALF):
        q0 -= ONE
        r += d1
        if r > LOW_HALF:
            break
    return (q1 << HALF_BITS) + q0


@njit
def reciprocal128(d1: Any, d0: Any) -> Any:
    """`⌊(2^192 − 1) / d⌋ − 2^64` of a 128-bit `d` with its top bit set."""
    v = reciprocal64(d1)
    p = d1 * v + d0
    if p < d0:
        v -= ONE
        if p >= d1:
            v -= ONE
            p -= d1
        p -= d1
    t1, t0 = mul64(v, d0)
    p += t1
    if p < t1:
        v -= ONE
        if p > d1 or (p == d1 and t0 >= d0):
            v -= ONE
    return v


@njit
def divide_step(u2: Any, u1: Any, u0: Any, d1: Any, d0: Any, v: Any) -> Any:
    """One limb of a quotient: `⌊u / d⌋` and the remainder, for `u2·2^64 + u1 < d`, `d` normalised."""
    p1, p0 = mul64(v, u2)
    q, low = add128(p1, p0, u2, u1)
    r1 = u1 - q * d1
    t1, t0 = mul64(d0, q)
    r1, r0 = sub128(r1, u0, t1, t0)
    r1, r0 = sub128(r1, r0, d1, d0)
    q += ONE
    if r1 >= low:
        q -= ONE
        r1, r0 = add128(r1, r0, d1, d0)
    if r1 > d1 or (r1 == d1 and r0 >= d0):
        q += ONE
        r1, r0 = sub128(r1, r0, d1, d0)
    return q, r1, r0


@njit
def divisor(d1: Any, d0: Any) -> Any:
    """A divisor `d > 0` prepared: shifted until its top bit is set (two limbs), the shift, the reciprocal."""
    if d1 == ZERO:
        zeros = leading_zeros(d0)
        n1 = d0 << zeros
        return n1, ZERO, zeros + WORD_BITS, reciprocal128(n1, ZERO)
    zeros = leading_zeros(d1)
    n1 = funnel(d1, d0, zeros)
    n0 = d0 << zeros
    return n1, n0, zeros, reciprocal128(n1, n0)


@njit
def divide256(u3: Any, u2: Any, u1: Any, u0: Any, n1: Any, n0: Any, shift: Any, v: Any) -> Any:
    """`⌊u / d⌋` of four limbs by a prepared divisor, for `⌊u / 2^128⌋ < d`: then it has two limbs."""
    if shift >= WORD_BITS:
        # d has one limb, so u has three
        u3, u2, u1, u0 = u2, u1, u0, ZERO
        shift -= WORD_BITS
    u3 = funnel(u3, u2, shift)
    u2 = funnel(u2, u1, shift)
    u1 = funnel(u1, u0, shift)
    u0 = u0 << shift
    q1, r1, r0 = divide_step(u3, u2, u1, n1, n0, v)
    q0, r1, r0 = divide_step(r1, r0, u0, n1, n0, v)
    return q1, q0


def constant_divisor(value: int) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """What `divisor` gives, for a constant below 2^128."""
    shift = 128 - value.bit_length()
    normalised = value << shift
    limbs = normalised >> 64, normalised % 2**64, shift, (2**192 - 1) // normalised - 2**64
    return np.uint64(limbs[0]), np.uint64(limbs[1]), np.uint64(limbs[2]), np.uint64(limbs[3])
