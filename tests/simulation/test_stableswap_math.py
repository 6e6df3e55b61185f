"""D and y, against their definitions; limbs against Python, inside the domain and at its edge."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.simulation import DomainError, compiled_math
from integrations.simulation.stableswap_math import fee_rate, invariant, other_value
from tests.conftest import LONG

from .definitions import d_of, keeps, y_of
from .numbers import joined, limbs, spread

SAMPLES = 100_000 if LONG else 10_000
LIMIT = 10**33
DOMAIN = 2**96


def is_d(d: int, x: int, y: int, ann: int) -> bool:
    return keeps(d, x, y, ann) and not keeps(d + 1, x, y, ann)


def is_y(y: int, x: int, d: int, ann: int) -> bool:
    return keeps(d, x, y, ann) and (y == 1 or not keeps(d, x, y - 1, ann))


def states(count: int, largest: float, imbalance: float):
    """Balances from dust to `10^largest`, up to `10^imbalance` to one, amplifications from 1 to a million."""
    rng = random.Random(count)
    for _ in range(count):
        x = spread(rng, 0, largest)
        y = max(1, min(int(10**largest), int(x * 10 ** rng.uniform(-imbalance, imbalance))))
        ann = 2 * spread(rng, 2, 8)
        moved = max(1, int(x * rng.choice((1.0000001, 1.01, 0.99, 3.0, 0.1, rng.uniform(0, 2)))))
        if (x + y) ** 2 <= moved * 5 * 10**41:
            yield x, y, moved, ann


def test_d_and_y__for_imbalance_to_a_billion_and_any_amplification__are_as_defined() -> None:
    for x, y, moved, ann in states(SAMPLES, 33, 9):
        d = invariant(x, y, ann)
        assert is_d(d, x, y, ann)
        assert is_y(other_value(moved, d, ann), moved, d, ann)


@settings(deadline=None, max_examples=2_000 if LONG else 200)
@given(st.integers(1, LIMIT), st.integers(1, LIMIT), st.integers(100, 10**8))
@example(1, 1, 100)
@example(1, 2, 10**8)
@example(LIMIT, LIMIT, 100)
@example(LIMIT, LIMIT // 10**9, 10**8)
@example(LIMIT, LIMIT // 10**9 - 1, 10**8)
@example(1, 10**21, 10**8)
@example(1, 10**21 + 1, 10**8)
def test_d__of_any_two_values__is_the_largest_that_holds_or_refused(x: int, y: int, a: int) -> None:
    if max(x, y) ** 2 // min(x, y) > 10**42:
        with pytest.raises(DomainError):
            invariant(x, y, 2 * a)
    else:
        assert is_d(invariant(x, y, 2 * a), x, y, 2 * a)


def test_d_and_y__by_bisection__are_those_found() -> None:
    for x, y, moved, ann in states(SAMPLES // 50, 33, 9):
        d = d_of(x, y, ann)
        assert invariant(x, y, ann) == d
        assert other_value(moved, d, ann) == y_of(moved, d, ann)


@pytest.mark.parametrize(("x", "y"), [(0, 5), (5, 0), (LIMIT + 1, LIMIT), (LIMIT, 1)])
def test_d__outside_its_domain__is_refused(x: int, y: int) -> None:
    with pytest.raises(DomainError):
        invariant(x, y, 2_000)


@pytest.mark.parametrize(("x", "d"), [(0, 5), (1, 10**21), (10**3, 10**24)])
def test_y__outside_its_domain__is_refused(x: int, d: int) -> None:
    with pytest.raises(DomainError):
        other_value(x, d, 2_000)


def test_the_fees_rate__of_values_above_3e32_together__is_refused_unless_it_is_constant() -> None:
    half = 15 * 10**31
    assert fee_rate(half, half, 4 * 10**6, 2 * 10**10) == 4 * 10**6
    assert fee_rate(half, half + 1, 4 * 10**6, 10**10) == 4 * 10**6
    with pytest.raises(DomainError):
        fee_rate(half, half + 1, 4 * 10**6, 2 * 10**10)


def test_d__of_equal_values__is_their_sum() -> None:
    for x in (1, 7, 10**6, 10**24 + 1, LIMIT):
        assert invariant(x, x, 2_000) == 2 * x


def test_y__at_the_other_balance__is_at_most_the_balance_that_gave_d() -> None:
    for x, y, _, ann in states(SAMPLES // 10, 30, 6):
        assert other_value(x, invariant(x, y, ann), ann) <= y


def test_a_swap_without_fee__never_lowers_d() -> None:
    for x, y, moved, ann in states(SAMPLES // 10, 30, 6):
        d = invariant(x, y, ann)
        assert invariant(moved, other_value(moved, d, ann), ann) >= d


def test_compiled_d_and_y__inside_the_domain__equal_pythons() -> None:
    inside = 0
    for x, y, moved, ann in states(SAMPLES, 28.8, 9):
        d = invariant(x, y, ann)
        *parts, _, _, fits = compiled_math.invariant(*limbs(x), *limbs(y), limbs(ann, 1)[0], 0.0)
        mild = max(x, y) <= 10**7 * min(x, y)
        assert fits or x + y >= DOMAIN or not mild
        assert not fits or joined(parts) == d
        inside += fits
        expected = other_value(moved, d, ann)
        *parts, fits = compiled_math.other_value(*limbs(moved), *limbs(d), limbs(ann, 1)[0])
        mild = max(moved, expected) <= 10**7 * min(moved, expected)
        assert fits or max(moved, d, expected) >= DOMAIN // 2 or not mild
        assert not fits or joined(parts) == expected
        inside += fits
    assert inside > 1.5 * SAMPLES


def test_compiled_d__from_any_seed__is_the_same() -> None:
    x, y, ann = 3 * 10**24 + 1, 10**23 + 7, 2_000
    expected = invariant(x, y, ann)
    for seed in (0.0, 1.0, 1e10, float(expected), 3.0e24, 3.1e24, 1e30):
        *parts, _, _, fits = compiled_math.invariant(*limbs(x), *limbs(y), limbs(ann, 1)[0], seed)
        assert fits
        assert joined(parts) == expected


@pytest.mark.parametrize(
    ("x", "y"),
    [(DOMAIN, 10**24), (10**24, DOMAIN), (DOMAIN // 2, DOMAIN // 2), (2**120, 2**120), (0, 5), (10**27, 1)],
)
def test_compiled_d__outside_the_domain__says_so(x: int, y: int) -> None:
    assert not compiled_math.invariant(*limbs(x), *limbs(y), limbs(2_000, 1)[0], 0.0)[4]


def test_compiled_d__on_the_last_state_inside__is_exact() -> None:
    x, y, ann = DOMAIN // 2, DOMAIN // 2 - 1, 2 * 10**8
    *parts, _, _, fits = compiled_math.invariant(*limbs(x), *limbs(y), limbs(ann, 1)[0], 0.0)
    assert fits
    assert joined(parts) == invariant(x, y, ann)
