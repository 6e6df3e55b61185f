"""The moving average against e^-t in floats."""

from __future__ import annotations

import random
from itertools import pairwise
from math import exp

import ape
import pytest

from tests.support.fast import Node, fast

WAD = 10**18


@pytest.fixture(scope="module")
def call(project, governor):
    harness = fast(governor.deploy(project.StableswapMathHarness))
    node = Node(ape.chain.provider.uri)
    return lambda name, *args: node.view(getattr(harness, name)(*args))


def test_weight__of_any_time__is_e_to_the_minus_t(call):
    rng = random.Random(1)
    times = [
        (rng.randrange(1, 20 * period), period) for period in (1, 866, 62_324, 2**20 - 1) for _ in range(150)
    ]
    for dt, period in times:
        assert call("weight", dt, period) / WAD == pytest.approx(exp(-dt / period), rel=5e-12, abs=3e-18)


def test_weight__of_no_time__is_one(call):
    assert call("weight", 0, 866) == WAD


@pytest.mark.parametrize(("dt", "period"), [(42 * 866, 866), (2**32 - 1, 1), (2**32 - 1, 866)])
def test_weight__of_a_long_time__is_zero(call, dt, period):
    assert call("weight", dt, period) == 0


def test_weight__as_time_passes__never_rises(call):
    weights = [call("weight", dt, 866) for dt in range(560, 1_300)]  # over the first two halvings
    assert all(a > b for a, b in pairwise(weights))


def test_weight__of_two_spans__is_that_of_both(call):
    for first, second in [(12, 12), (600, 601), (5_000, 7)]:
        both = call("weight", first, 866) * call("weight", second, 866) / WAD**2
        assert both == pytest.approx(call("weight", first + second, 866) / WAD, rel=1e-11)


def test_average__of_two_values__is_weighted_and_rounded_down(call):
    assert call("average", 10**18, 2 * 10**18, WAD // 4) == 175 * 10**16
    assert call("average", 1, 2, WAD // 2) == 1
    assert call("average", 7, 9, WAD) == 7
    assert call("average", 7, 9, 0) == 9
