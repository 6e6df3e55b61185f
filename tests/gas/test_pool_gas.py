"""Gas of the stable pool, in the scenario in which StableSwap-NG was measured (benchmarks/gas.md)."""

from __future__ import annotations

import os
from types import SimpleNamespace

import ape
import pytest

from tests.gas import pool_table, table
from tests.support.isolation import isolated
from tests.support.pools import PoolStage

UPDATE = os.environ.get("AID_BENCH") == "update"
WAD = 10**18
FINITE = 10**40
SEED = 10_000_000
TRADE = 100_000
STEP = 12


def _next_block() -> None:
    ape.chain.pending_timestamp += STEP
    # mined with the transaction that follows


@pytest.fixture(scope="module")
def stage(project, protocol, people):
    return PoolStage(project, people.governor, protocol.roles, people.treasurer)


def _pool(stage, people, coins, vaults):
    """Seeded by one LP, every slot that an action touches warm to non-zero by earlier traffic."""
    lp, trader = people.alice, people.bob
    pool = stage.pool(coins, vaults=vaults)
    units = [10**36 // rate for rate in pool.stored_rates()]
    for user in (lp, trader):
        for coin in coins:
            coin.mint(user, 10**9 * 10 ** coin.decimals(), sender=user)
            coin.approve(pool, FINITE, sender=user)
    with isolated():
        _next_block()
        first = pool.add_liquidity([SEED * unit for unit in units], 0, sender=lp).gas_used
    pool.add_liquidity([SEED * unit for unit in units], 0, sender=lp)
    amounts = [TRADE * unit for unit in units]
    for i in (0, 1, 0, 1):
        _next_block()
        pool.exchange(i, 1 - i, amounts[i], 0, sender=trader)
    _next_block()
    pool.add_liquidity(amounts, 0, sender=trader)
    _next_block()
    pool.remove_liquidity(TRADE * WAD // 10, [0, 0], trader, False, sender=trader)
    return SimpleNamespace(pool=pool, coins=coins, amounts=amounts, lp=lp, trader=trader, first=first)


@pytest.fixture(scope="module", params=["pool", "pool4626"])
def measured(request, stage, people):
    """Each action once, each from the same state."""
    if request.param == "pool":
        coins, vaults = (stage.token(18), stage.token(6)), (False, False)
    else:
        coins, vaults = (stage.vault(), stage.token(18)), (True, False)
    s = _pool(stage, people, coins, vaults)
    pool, amounts, lp, trader = s.pool, s.amounts, s.lp, s.trader
    figures = {"add_first": s.first}

    def measure(name, *steps):
        with isolated():
            _next_block()
            for step in steps:
                receipt = step()
            figures[name] = receipt.gas_used

    measure("exchange_0_1", lambda: pool.exchange(0, 1, amounts[0], 0, sender=trader))
    measure("exchange_1_0", lambda: pool.exchange(1, 0, amounts[1], 0, sender=trader))
    measure(
        "exchange_received",
        lambda: coins[0].transfer(pool, amounts[0], sender=trader),
        lambda: pool.exchange_received(0, 1, amounts[0], 0, sender=trader),
    )
    out = pool.get_dy(0, 1, amounts[0])
    measure("exchange_exact_out", lambda: pool.exchange_exact_out(0, 1, out, 2**255, sender=trader))
    measure("add_balanced", lambda: pool.add_liquidity(amounts, 0, sender=lp))
    measure("add_one_sided", lambda: pool.add_liquidity([amounts[0], 0], 0, sender=lp))
    burn = 2 * TRADE * WAD
    measure("remove", lambda: pool.remove_liquidity(burn, [0, 0], lp, False, sender=lp))
    measure("remove_one_coin", lambda: pool.remove_liquidity_one_coin(burn // 2, 0, 0, sender=lp))
    uneven = [amounts[0], amounts[1] // 2]
    measure("remove_imbalance", lambda: pool.remove_liquidity_imbalance(uneven, 2**255, sender=lp))
    measure("get_dy", lambda: pool.get_dy.transact(0, 1, amounts[0], sender=trader))
    receipt = stage.factory.deploy_pool(
        "Pool", "LP", [c.address for c in coins], list(vaults), 1_000, 4 * 10**6, 2 * 10**10, 866, sender=lp
    )
    figures["deploy"] = receipt.gas_used
    return {f"{request.param}.{name}": gas for name, gas in figures.items()}


@pytest.fixture(scope="module", autouse=True)
def updated(measured):
    if UPDATE:
        table.update(measured)
        for name, gas in sorted(measured.items()):
            print(f"{name:32} {gas:>9,}")


def test_every_action__is_in_the_table(measured):
    assert set(measured) <= set(table.recorded())


def test_every_action__costs_what_the_table_says(measured):
    recorded = table.recorded()
    grown = {n: (g, recorded[n]) for n, g in measured.items() if g > recorded[n] * (1 + table.TOLERANCE)}
    assert not grown, f"grown by more than 1 %, run `make bench` if that is meant: {grown}"


def test_every_action__stays_below_its_target(measured):
    above = {n: (g, pool_table.target(n)) for n, g in measured.items() if g > (pool_table.target(n) or g)}
    assert not above
