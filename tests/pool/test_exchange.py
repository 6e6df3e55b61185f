"""Swaps of given and of received amounts: what they pay, move, charge and refuse."""

import pytest

from tests.support.pool_bench import WAIT, Reverted

WAYS = pytest.mark.parametrize("i", [0, 1], ids=["0 to 1", "1 to 0"])
SIZES = pytest.mark.parametrize("size", [1, 10**21, 9 * 10**23], ids=["one wei", "a thousand", "most"])


@WAYS
@SIZES
def test_exchange__of_any_size__pays_what_the_model_says_and_moves_just_that(bench, i, size):
    dx = max(1, bench.units(i, size))
    expected = bench.twin().exchange(i, 1 - i, dx)
    before = bench.held("alice")

    assert bench.do("alice", bench.pool.exchange(i, 1 - i, dx, 0)) == expected.dy

    moved = [after - was for after, was in zip(bench.held("alice"), before, strict=True)]
    assert (moved[i], moved[1 - i], moved[2]) == (-dx, expected.dy, 0)
    assert bench.unaccounted() == (0, 0)
