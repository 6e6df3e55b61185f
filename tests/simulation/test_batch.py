"""Compiled swaps: the same as one by one in Python, wherever the compiled domain ends."""

from __future__ import annotations

import random
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest

from integrations.simulation import (
    Orders,
    PoolError,
    PoolParameters,
    StableSwapModel,
    from_limbs,
    run_pools,
    run_swaps,
    to_limbs,
)
from tests.conftest import LONG

from .numbers import spread

WAD = 10**18
DAY = 86_400
NOW = 1_700_000_000
POOLS = 400 if LONG else 40
SWAPS = 300


def random_pool(rng: random.Random, largest: float = 28) -> StableSwapModel:
    """Any decimals, amplification, fees, a vault or none, from dust to billions, up to 1e7 : 1."""
    vaults = (rng.random() < 0.3, rng.random() < 0.3)
    parameters = PoolParameters(
        decimals=(rng.choice((6, 8, 18)), rng.choice((6, 8, 18))),
        vaults=vaults,
        amplification=spread(rng, 0, 6),
        fee=rng.choice((0, 1, spread(rng, 0, 8))),
        offpeg_multiplier=rng.choice((0, 10**10, 2 * 10**10, spread(rng, 10, 11.6))),
        ma_exp_time=spread(rng, 0, 6),
        assets=tuple(spread(rng, 17, 19) if vault else WAD for vault in vaults),
    )
    made = StableSwapModel(parameters, NOW)
    rates = made.stored_rates()
    value = spread(rng, 20, largest)
    values = (value, max(10**16, int(value / 10 ** rng.uniform(0, 7))))
    amounts = [1 + v * WAD // rate for v, rate in zip(values[:: rng.choice((1, -1))], rates, strict=True)]
    made.add_liquidity(amounts)
    if rng.random() < 0.5:
        target = max(1, min(10**6, int(parameters.amplification * rng.uniform(0.2, 5))))
        made.ramp_A(target, NOW + rng.randrange(DAY, 9 * DAY))
    return made


def random_orders(rng: random.Random, made: StableSwapModel, count: int) -> Orders:
    """Swaps from a unit to several times the pool, at times, while shares' prices move."""
    rates = made.stored_rates()
    largest = max(made.terms().values)
    sold, amounts, times, assets = [], [], [], []
    now, prices = NOW, list(made.assets)
    for _ in range(count):
        i = rng.randrange(2)
        sold.append(i)
        amounts.append(
            0 if rng.random() < 0.02 else 1 + int(largest * 10 ** rng.uniform(-12, 0.3)) * WAD // rates[i]
        )
        now += rng.choice((0, 0, 1, 12, 12, int(10 ** rng.uniform(0, 6))))
        for k in (0, 1):
            if made.parameters.vaults[k] and rng.random() < 0.2:
                prices[k] = int(prices[k] * rng.choice((1.0000001, 1.001, 0.97)))
        times.append(now)
        assets.append(tuple(prices))
    return Orders(sold, amounts, times, assets)


def one_by_one(
    made: StableSwapModel, orders: Orders
) -> tuple[list[int], list[int], list[int], dict[int, str]]:
    """The same through the model in Python."""
    bought, fees, cuts, refused = [], [], [], {}
    for k, (i, dx, now, prices) in enumerate(
        zip(orders.sold, orders.amounts, orders.times, orders.assets, strict=True)
    ):
        made.time, made.assets = now, list(prices)
        try:
            result = made.exchange(i, 1 - i, dx)
            row = (result.dy, result.fee, result.protocol_fee)
        except PoolError as error:
            refused[k] = error.reason
            row = (0, 0, 0)
        for column, value in zip((bought, fees, cuts), row, strict=True):
            column.append(value)
    return bought, fees, cuts, refused


def assert_equal(made: StableSwapModel, orders: Orders) -> int:
    """Run both; how many swaps were outside the compiled domain."""
    other = deepcopy(made)
    batch = run_swaps(made, orders.sold, orders.amounts, orders.times, orders.assets)
    assert (batch.bought, batch.fees, batch.protocol_fees, batch.refused) == one_by_one(other, orders)
    assert made.state == other.state
    assert (made.time, made.assets) == (other.time, other.assets)
    return batch.in_python


def test_compiled_swaps__of_12_000_in_pools_of_any_kind__equal_pythons() -> None:
    rng = random.Random(7)
    outside = 0
    for _ in range(POOLS):
        made = random_pool(rng)
        outside += assert_equal(made, random_orders(rng, made, SWAPS))
    # the compiled part has done most of them, and Python some
    assert 0 < outside < 0.35 * POOLS * SWAPS


def test_compiled_swaps__of_a_pool_that_grows_out_of_the_domain__go_on_in_python() -> None:
    made = StableSwapModel(PoolParameters(), NOW)
    made.add_liquidity([39 * 10**27, 39 * 10**27])
    amounts = [10**27, 45 * 10**27, 10**27, 46 * 10**27, 10**26]
    orders = Orders([0, 0, 0, 1, 1], amounts, [NOW + k for k in range(5)], [(WAD, WAD)] * 5)
    assert 0 < assert_equal(made, orders) < 5


def test_compiled_swaps__at_an_imbalance_beyond_theirs__go_on_in_python() -> None:
    made = StableSwapModel(PoolParameters(amplification=1), NOW)
    made.add_liquidity([10**24, 10**24])
    sold, amounts = [0, 1, 0, 0, 1, 1], [4 * 10**28, 10**10, 10**28, 10**28, 10**20, 10**24]
    orders = Orders(sold, amounts, [NOW + 12 * k for k in range(6)], [(WAD, WAD)] * 6)
    assert 0 < assert_equal(made, orders) < 6


def test_a_share_whose_price_does_not_fit_a_limb__is_left_to_python() -> None:
    made = StableSwapModel(PoolParameters(vaults=(False, True), assets=(WAD, 20 * WAD)), NOW)
    made.add_liquidity([10**24, 5 * 10**22])
    other = deepcopy(made)
    batch = run_swaps(made, [0, 1], [10**21, 10**20])
    assert batch.in_python == 2
    assert batch.bought == [other.exchange(0, 1, 10**21).dy, other.exchange(1, 0, 10**20).dy]


def test_a_refused_swap__is_named_and_changes_nothing() -> None:
    made = StableSwapModel(PoolParameters(), NOW)
    made.add_liquidity([10**24, 10**24])
    before = deepcopy(made.state)
    batch = run_swaps(made, [0, 1, 0], [0, 2**112, 10**35])
    assert batch.refused == {0: "zero amount", 1: "balance cap", 2: "balance cap"}
    assert batch.bought == [0, 0, 0]
    assert made.state == before


def test_many_pools_on_two_threads__equal_each_alone() -> None:
    rng = random.Random(9)
    pools = [random_pool(rng) for _ in range(6)]
    orders = [random_orders(rng, made, 200) for made in pools]
    alone = deepcopy(pools)
    batches = run_pools(pools, orders, threads=2)
    for made, other, order, batch in zip(pools, alone, orders, batches, strict=True):
        assert batch.bought == one_by_one(other, order)[0]
        assert made.state == other.state


def test_an_empty_batch__changes_nothing() -> None:
    made = StableSwapModel(PoolParameters(), NOW)
    made.add_liquidity([10**24, 10**24])
    before = deepcopy(made.state)
    assert run_swaps(made, [], []).bought == []
    assert made.state == before


@pytest.mark.parametrize(
    ("sold", "amounts", "times"),
    [([0], [1, 2], None), ([2], [1], None), ([0, 0], [1, 1], [NOW + 2, NOW + 1]), ([0], [1], [NOW - 1])],
)
def test_a_batch_that_makes_no_sense__is_refused_as_a_whole(sold, amounts, times) -> None:
    made = StableSwapModel(PoolParameters(), NOW)
    made.add_liquidity([10**24, 10**24])
    with pytest.raises(ValueError, match=r"needed|coins|backwards"):
        run_swaps(made, sold, amounts, times)


def test_limbs__of_any_128_bits__come_back() -> None:
    values = [0, 1, 2**64 - 1, 2**64, 2**128 - 1]
    assert from_limbs(to_limbs(values)) == values
    assert to_limbs([]).shape == (0, 2)
    assert to_limbs(values).dtype == np.uint64
    for value in (-1, 2**128):
        with pytest.raises(OverflowError):
            to_limbs([value])


def test_importing_the_model__does_not_import_numba() -> None:
    code = "import sys, integrations.simulation; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
