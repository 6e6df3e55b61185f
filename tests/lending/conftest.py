from __future__ import annotations

from types import SimpleNamespace

import ape
import pytest

from tests.conftest import DAY, MILLION, WAD

MAX_AGE = DAY
PERIOD = DAY
MAX_RISE = WAD // 100
FEED_UNIT = 10**8
USD = 10**6


def go(time):
    ape.chain.pending_timestamp = time
    ape.chain.mine()


def travel(seconds):
    go(now() + seconds)


def now():
    return int(ape.chain.blocks.head.timestamp)


@pytest.fixture(scope="module")
def coins(project, governor, carol):
    """Mock AID and USDC, two million of each with carol."""
    made = SimpleNamespace(
        aid=governor.deploy(project.Stablecoin, "Mock AID", "AID", 18),
        usdc=governor.deploy(project.Stablecoin, "Mock USDC", "USDC", 6),
    )
    made.aid.mint(carol, 20 * MILLION * WAD, sender=carol)
    made.usdc.mint(carol, 20 * MILLION * USD, sender=carol)
    return made


@pytest.fixture(scope="module")
def feed(project, governor):
    return governor.deploy(project.PriceFeed, 8, FEED_UNIT)


@pytest.fixture(scope="module")
def pools(protocol, coins, governor, carol):
    """A pool of a million each, by which of its coins AID is."""
    factory = protocol.pool_factory
    made = []
    for order in ([coins.aid, coins.usdc], [coins.usdc, coins.aid]):
        factory.deploy_pool(
            "Pool", "LP", order, [False, False], 500, 4 * 10**6, 2 * 10**10, 866, sender=governor
        )
        from integrations.protocol.artifacts import contract_at

        pool = contract_at("StableSwap", factory.pool_list(factory.pool_count() - 1))
        for coin in order:
            coin.approve(pool, 2**256 - 1, sender=carol)
        pool.add_liquidity([MILLION * 10 ** coin.decimals() for coin in order], 0, sender=carol)
        made.append(pool)
    return made


@pytest.fixture(scope="module")
def pool(pools):
    return pools[0]


@pytest.fixture(scope="module")
def shares(project, governor, coins):
    """A vault whose price anyone sets at any moment: 1.05 AID a share at the start."""
    return governor.deploy(project.VaultShare, coins.aid, 18, 105 * WAD // 100)


@pytest.fixture(scope="module")
def make_oracle(project, governor, coins, feed, pool, shares):
    def make(
        vault=shares, loan=coins.usdc, pool=pool, feed=feed, max_age=MAX_AGE, period=PERIOD, rise=MAX_RISE
    ):
        return governor.deploy(project.VaultOracle, vault, loan, pool, feed, max_age, period, rise)

    return make


@pytest.fixture(scope="module")
def oracle(make_oracle):
    """Lends USDC against the shares."""
    return make_oracle()


def dump(pool, coin, units, holder):
    """Sell so many units of a coin to a pool."""
    at = 0 if pool.coins(0) == coin.address else 1
    pool.exchange(at, 1 - at, units, 0, sender=holder)
