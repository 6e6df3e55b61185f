"""Gas of the oracles that lending markets ask (benchmarks/gas.md)."""

from __future__ import annotations

import os

import ape
import pytest

from tests.conftest import DAY, WAD
from tests.credit.stage import LOAN, build
from tests.gas import lending_table, table
from tests.gas.table import execution
from tests.support.isolation import isolated

UPDATE = os.environ.get("AID_BENCH") == "update"
COIN = 10**6
FOREVER = 2**256 - 1
#: Asset for one principal token, half a year before it expires.
AVERAGE = 96 * WAD // 100


@pytest.fixture(scope="module")
def busy(protocol, project, people, usdc, usdc_feed, usdt_feed):
    """A loan on the book, and a pool of AID and USDC that has traded."""
    stage = build(project, protocol, people, usdc, [usdc_feed, usdt_feed])
    stage.funded(LOAN)
    pool = protocol.contract(f"pool.{protocol.config.pools[0].name}")
    for coin in (protocol.aid, usdc):
        coin.approve(pool, FOREVER, sender=people.alice)
    pool.add_liquidity([10**6 * WAD, 10**6 * COIN], 0, sender=people.alice)
    pool.exchange(0, 1, 10**4 * WAD, 0, sender=people.alice)
    return pool


@pytest.fixture(scope="module")
def measured(busy, protocol, project, governor, bob, vault, aid, usdc, usdc_feed):
    """Every action once, each from the same state: an hour after the last poke and the last trade."""
    loan = (usdc, busy, usdc_feed, DAY)
    staked = governor.deploy(project.VaultOracle, vault, *loan, DAY, WAD // 100)
    expiry = ape.chain.blocks.head.timestamp + 182 * DAY
    market = governor.deploy(project.PrincipalMarket, aid, 18, expiry, AVERAGE)
    principal = governor.deploy(project.PTOracle, market, market, 900, 15 * WAD // 100, *loan)
    staked.poke(sender=bob)
    ape.chain.pending_timestamp += 3_600

    figures: dict[str, int] = {}
    for name, oracle in (("vault", staked), ("pt", principal)):
        with isolated():
            figures[f"lending.{name}_price"] = execution(oracle.price.transact(sender=bob))
    with isolated():
        figures["lending.vault_poke"] = staked.poke(sender=bob).gas_used
    return figures


@pytest.fixture(scope="module", autouse=True)
def updated(measured):
    if UPDATE:
        table.update(measured)
    for name, gas in sorted(measured.items()):
        print(f"{name:32} {gas:>9,}")


def test_every_action__costs_what_the_table_says(measured):
    recorded = table.recorded()
    assert sorted(measured) == sorted(name for name in recorded if lending_table.is_lending(name))
    grown = {n: (g, recorded[n]) for n, g in measured.items() if g > recorded[n] * (1 + table.TOLERANCE)}
    assert not grown, f"grown by more than 1 %, run `make bench` if that is meant: {grown}"
