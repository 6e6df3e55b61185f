"""A pool factory, coins of any decimals and vault shares; `make_pool` deploys, and seeds if asked to."""

import pytest

from tests.support.pool_fixtures import bench, benches, plain, pool_world, rated, world  # noqa: F401
from tests.support.pools import PoolStage


@pytest.fixture(scope="session")
def fee_receiver(people):
    return people.treasurer


@pytest.fixture(scope="session")
def pools(project, protocol, people, fee_receiver):
    """Deploys coins and pools; `pools.factory` is the factory, governed by the protocol's governor."""
    return PoolStage(project, people.governor, protocol.roles, fee_receiver)


@pytest.fixture(scope="session")
def pool_factory(pools):
    return pools.factory


@pytest.fixture(scope="session")
def make_token(pools):
    """`make_token(decimals=18)`: a plain ERC-20."""
    return pools.token


@pytest.fixture(scope="session")
def make_vault(pools):
    """`make_vault(price, decimals=18, asset_decimals=18)`: ERC-4626 shares at a settable price."""
    return pools.vault


@pytest.fixture(scope="session")
def make_pool(pools):
    """`make_pool(coins=None, *, vaults, A, fee, offpeg, ma_time, seed, owner, traders)`: PoolStage.pool."""
    return pools.pool


@pytest.fixture(scope="session", autouse=True)
def _deployed_before_modules(pool_world):  # noqa: F811
    """Pools are deployed before a module's first snapshot, so that they outlive it."""
