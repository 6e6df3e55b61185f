"""The modules of this folder share a fork of the local mainnet, on which the users have coins."""

from __future__ import annotations

import pytest

from integrations.fork.session import load_protocol
from integrations.venues.uniswap_v3 import UniswapV3
from tests.conftest import MILLION, welcome
from tests.fork.conftest import fork
from tests.support.isolation import isolated
from tests.venues.implementations import IMPLEMENTATIONS, SEED
from tests.venues.lending_implementations import LENDING_IMPLEMENTATIONS, coins_and_oracle

__all__ = ["fork"]


@pytest.fixture(scope="package")
def protocol(fork, mainnet, people):
    """The protocol as it stands on the fork; it takes the place of the bare chain's installation."""
    # the fork may be that of the whole run
    with isolated():
        yield welcome(load_protocol(mainnet), people)


@pytest.fixture(scope="package")
def aid(protocol):
    return protocol.aid


@pytest.fixture(scope="package")
def usdc(protocol):
    return protocol.coin("USDC").token


@pytest.fixture(scope="package")
def usdt(protocol):
    return protocol.coin("USDT").token


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda one: one.__name__)
def setting(request, chain_setting):
    return request.param(chain_setting)


@pytest.fixture
def seeded(setting):
    """Ten million of each coin in the pool."""
    setting.seed()
    return setting


@pytest.fixture(scope="module")
def tokens(project, governor, alice, bob, carol):
    """Mock AID and USDC: ten million of each for the liquidity provider, a million for users."""
    made = {
        symbol: governor.deploy(project.Stablecoin, f"Mock {symbol}", symbol, decimals)
        for symbol, decimals in (("AID", 18), ("USDC", 6))
    }
    for token in made.values():
        unit = MILLION * 10 ** token.decimals()
        for user, millions in ((carol, SEED // MILLION), (alice, 1), (bob, 1)):
            token.mint(user, millions * unit, sender=user)
    return made


@pytest.fixture(scope="module")
def chain_setting(protocol, tokens, mainnet, governor, alice, bob, carol):
    """Deploys a pool of the mocks: (address, factory, accounts, tokens); `uniswap()`: where that is."""
    factory = protocol.pool_factory

    def make(a, fee, multiplier):
        coins = list(tokens.values())
        factory.deploy_pool("Pool", "LP", coins, [False, False], a, fee, multiplier, 866, sender=governor)
        pool = factory.pool_list(factory.pool_count() - 1)
        return pool, factory, (carol, alice, bob), tokens

    make.uniswap = lambda: (UniswapV3(mainnet.venues), (carol, alice, bob), tokens)
    return make


@pytest.fixture(scope="module", params=LENDING_IMPLEMENTATIONS, ids=lambda one: one.__name__)
def lending(request, protocol, mainnet, project, governor, alice, bob, carol, dave):
    """An empty market, and users with a million of both coins."""
    accounts = (alice, bob, carol, dave)
    return request.param(mainnet.venues, governor, accounts, coins_and_oracle(project, governor, accounts))
