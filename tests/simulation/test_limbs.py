"""Arithmetic on 64-bit limbs, against Python's integers: at random and where carries happen."""

from __future__ import annotations

import random
from itertools import product

import pytest
from numba import njit

from integrations.simulation import compiled_math, limbs, stableswap_math
from integrations.simulation.stableswap_math import LN2, fee_rate, price, weight

from .numbers import CORNERS, WORD, joined, spread, wide, word
from .numbers import limbs as split

PAIRS = [joined(pair) for pair in product(CORNERS, CORNERS)]


@pytest.fixture
def rng() -> random.Random:
    return random.Random(6)


# What numba hands back to Python are signed integers where they fit, and intrinsics exist only inside it.


@njit
def _quotient(u3, u2, u1, u0, d1, d0):
    n1, n0, shift, v = limbs.divisor(d1, d0)
    return limbs.divide256(u3, u2, u1, u0, n1, n0, shift, v)


@njit
def add128(a1, a0, b1, b0):
    return limbs.add128(a1, a0, b1, b0)


@njit
def sub128(a1, a0, b1, b0):
    return limbs.sub128(a1, a0, b1, b0)


@njit
def mul128(a1, a0, b1, b0):
    return limbs.mul128(a1, a0, b1, b0)


@njit
def mul128_low(a1, a0, b1, b0):
    return limbs.mul128_low(a1, a0, b1, b0)


@njit
def mul64(a, b):
    return limbs.mul64(a, b)


@njit
def leading_zeros(a):
    return limbs.leading_zeros(a)


@njit
def funnel(a, b, bits):
    return limbs.funnel(a, b, bits)


def quotient(dividend: int, divisor: int) -> int:
    return joined(_quotient(*split(dividend, 4), *split(divisor)))


def test_sums_differences_and_products__of_all_pairs_of_corners__wrap_as_integers_do() -> None:
    for a, b in product(PAIRS[::3], PAIRS):
        args = (*split(a), *split(b))
        assert joined(add128(*args)) == (a + b) % WORD**2
        assert joined(sub128(*args)) == (a - b) % WORD**2
        assert joined(mul128(*args)) == a * b
        assert joined(mul128_low(*args)) == a * b % WORD**2
        assert limbs.less128(*args) == (a < b)


def test_products_of_words__have_both_limbs(rng) -> None:
    for a, b in [*product(CORNERS, CORNERS), *((word(rng), word(rng)) for _ in range(1_000))]:
        assert joined(mul64(*split(a, 1), *split(b, 1))) == a * b


def test_the_reciprocal_of_a_word__is_the_definitions(rng) -> None:
    for d in (c | 1 << 63 for c in (*CORNERS, *(word(rng) for _ in range(5_000)))):
        assert limbs.reciprocal64(*split(d, 1)) == (WORD**2 - 1) // d - WORD


def test_the_reciprocal_of_two_words__is_the_definitions(rng) -> None:
    for d in (c | 1 << 127 for c in (*PAIRS, *(wide(rng, 2) for _ in range(5_000)))):
        assert limbs.reciprocal128(*split(d)) == (WORD**3 - 1) // d - WORD


def test_division__at_the_edges_of_each_quotient__is_exact() -> None:
    for divisor, q in product(PAIRS, (0, 1, WORD - 1, WORD, WORD**2 - WORD, WORD**2 - 1)):
        for rest in (0, 1, divisor // 2, divisor - 1):
            if 0 <= rest < divisor:
                assert quotient(q * divisor + rest, divisor) == q


def test_division__of_random_words__is_exact(rng) -> None:
    for _ in range(20_000):
        divisor = wide(rng, rng.randint(1, 2)) or 1
        dividend = wide(rng, 4) % (divisor << 128)
        assert quotient(dividend, divisor) == dividend // divisor


def test_leading_zeros_and_funnel_shifts__at_every_distance(rng) -> None:
    assert leading_zeros(*split(0, 1)) == 64
    for bits in range(64):
        a, b = word(rng), word(rng)
        assert leading_zeros(*split(1 << bits | a & (1 << bits) - 1, 1)) == 63 - bits
        assert funnel(*split(a, 1), *split(b, 1), *split(bits, 1)) == (a << 64 | b) << bits >> 64 & WORD - 1


def test_doubles__keep_the_integer_to_their_precision(rng) -> None:
    for _ in range(5_000):
        value = wide(rng, 2) >> 1
        assert abs(limbs.to_float(*split(value)) - value) <= value * 2.0**-51
        assert limbs.signed_to_float(*split(-value % WORD**2)) == -limbs.to_float(*split(value))
        whole = float(spread(rng, 0, 38))
        assert joined(limbs.from_float(whole)) == int(whole)


def test_the_weight_of_an_average__for_any_times__is_pythons(rng) -> None:
    edges = [
        (LN2 * k * period // 10**18 + off, period)
        for k in range(62)
        for period in (866, 62_324)
        for off in (0, 1)
    ]
    cases = [(0, 1), (1, 1), (2**32 - 1, 1), (2**40 - 1, 1), *edges]
    for elapsed, period in [*cases, *((spread(rng, 0, 8), spread(rng, 0, 6)) for _ in range(5_000))]:
        assert compiled_math.weight(*split(elapsed, 1), *split(period, 1)) == weight(elapsed, period)


def test_the_fees_rate__for_any_values__is_pythons(rng) -> None:
    for _ in range(10_000):
        u, v = spread(rng, 0, 28.8), spread(rng, 0, 28.8)
        v = rng.choice((u, u + 1, v))
        fee, multiplier, extra = (
            spread(rng, 0, 8),
            rng.choice((0, 10**10, 10**10 + 1, 2**40 - 1)),
            rng.choice((0, 10**9)),
        )
        args = (*split(u), *split(v), *split(fee, 1), *split(multiplier, 1), *split(extra, 1))
        assert compiled_math.fee_rate(*args) == fee_rate(u, v, fee, multiplier, extra)


def test_the_price__inside_the_domain__is_pythons_up_to_its_cap(rng) -> None:
    inside = 0
    for _ in range(10_000):
        x, y, ann = spread(rng, 10, 28), spread(rng, 10, 28), 2 * spread(rng, 2, 8)
        *d, p1, p0, fits = compiled_math.invariant(*split(x), *split(y), *split(ann, 1), 0.0)
        if fits:
            p = joined((p1, p0))
            assert p == stableswap_math.product(joined(d), x, y)
            found, fits = compiled_math.price(*split(p), *split(x), *split(y), *split(ann, 1))
            assert not fits or found == min(2 * 10**18, price(joined(d), x, y, ann))
            inside += fits
    assert inside > 3_000
