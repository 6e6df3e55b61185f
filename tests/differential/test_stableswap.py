"""The pool on a chain and both its twins, driven with the same random operations: no word differs."""

from __future__ import annotations

from collections import Counter

import pytest

from integrations.simulation import PoolParameters
from tests.conftest import LONG

WAD = 10**18
BPS = 10**6
#: Operations on each pool; there are eight.
OPERATIONS = 2_600 if LONG else 130

POOLS = {
    "dollars, 18 and 6 decimals": PoolParameters(decimals=(18, 6)),
    "low A, steep fee": PoolParameters(amplification=100, fee=BPS, offpeg_multiplier=5 * 10**10),
    "constant fee, 6 decimals": PoolParameters(
        decimals=(6, 6), amplification=5_000, fee=4 * BPS, offpeg_multiplier=10**10
    ),
    "short average, 8 and 18 decimals": PoolParameters(decimals=(8, 18), amplification=20, ma_exp_time=60),
    "dollar and share": PoolParameters(vaults=(False, True), assets=(WAD, 105 * WAD // 100)),
    "6 decimals and share": PoolParameters(
        decimals=(6, 18), vaults=(False, True), assets=(WAD, 13 * WAD // 10), amplification=300
    ),
    "share below par, highest A and fee": PoolParameters(
        decimals=(18, 6),
        vaults=(True, False),
        assets=(99 * WAD // 100, WAD),
        amplification=10**6,
        fee=100 * BPS,
    ),
    "two shares, lowest A": PoolParameters(
        decimals=(8, 6), vaults=(True, True), assets=(2 * WAD, 105 * WAD // 100), amplification=1
    ),
}


@pytest.fixture(scope="module")
def counts():
    """Of operations by name and outcome, over all pools."""
    return Counter()


@pytest.mark.parametrize("kind", POOLS)
def test_random_operations__on_a_pool_and_its_twins__give_the_same(
    kind: str, make_driver, node, counts
) -> None:
    driver = make_driver(POOLS[kind], list(POOLS).index(kind), counts)
    with node.manual_mining():
        driver.run(OPERATIONS)


def test_the_random_operations__were_of_every_kind_and_mostly_possible(counts) -> None:
    if not counts:
        pytest.skip("runs after the others")
    done = Counter({name: count for name, count in counts.items() if " refused" not in name})
    assert done.total() > 0.75 * counts.total()
    wanted = {
        "exchange",
        "exchange_received",
        "exchange_exact_out",
        "add_liquidity",
        "remove_liquidity",
        "remove_liquidity_one_coin",
        "remove_liquidity_imbalance",
        "ramp_A",
        "stop_ramp_A",
        "set_new_fee",
        "set_ma_exp_time",
        "withdraw_admin_fees",
        "set_price",
    }
    assert wanted <= set(done)
