from __future__ import annotations

import ape
import pytest

from integrations.fork import uniswap
from integrations.fork.deployer import Deployer
from integrations.venues.uniswap_v3 import UniswapV3
from tests.conftest import MILLION
from tests.venues.implementations import IMPLEMENTATIONS, SEED
from tests.venues.lending_implementations import LENDING_IMPLEMENTATIONS, coins_and_oracle


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
def uniswap_addresses(project, governor):
    """Uniswap v3's own bytecode, by the names of the local mainnet."""
    weth = governor.deploy(project.WrappedEther)
    return uniswap.deploy(Deployer(ape.chain.provider.web3, governor.address), weth.address)


@pytest.fixture(scope="module")
def chain_setting(protocol, tokens, uniswap_addresses, governor, alice, bob, carol):
    """Deploys a pool of the mocks: (address, factory, accounts, tokens); `uniswap()`: where that is."""
    factory = protocol.pool_factory

    def make(a, fee, multiplier):
        coins = list(tokens.values())
        factory.deploy_pool("Pool", "LP", coins, [False, False], a, fee, multiplier, 866, sender=governor)
        pool = factory.pool_list(factory.pool_count() - 1)
        return pool, factory, (carol, alice, bob), tokens

    make.uniswap = lambda: (UniswapV3(uniswap_addresses), (carol, alice, bob), tokens)
    return make


@pytest.fixture(scope="module", params=LENDING_IMPLEMENTATIONS, ids=lambda one: one.__name__)
def lending(request, project, governor, alice, bob, carol, dave):
    """An empty market, and users with a million of both coins."""
    accounts = (alice, bob, carol, dave)
    return request.param(project, governor, accounts, coins_and_oracle(project, governor, accounts))
