"""Fixtures of tests on pools; a folder's conftest imports them.

The pools of all kinds are deployed once. A module that asks for them after another has undone the blocks they
were deployed in gets new ones.
"""

from types import SimpleNamespace

import ape
import pytest

from tests.support.fast import Node
from tests.support.pool_bench import KINDS, Benches
from tests.support.pools import PoolStage


def _deploy(project, protocol, people):
    stage = PoolStage(project, people.governor, protocol.roles, people.treasurer)
    benches = Benches(stage, people, Node(str(ape.chain.provider.web3.provider.endpoint_uri)))
    return SimpleNamespace(
        benches=benches, pools={name: benches.make(kinds) for name, kinds in KINDS.items()}
    )


@pytest.fixture(scope="session")
def pool_world(project, protocol, people):
    """What is deployed, kept for the session."""
    return _deploy(project, protocol, people)


@pytest.fixture(scope="module")
def world(pool_world, project, protocol, people):
    """What is deployed and still there."""
    there = pool_world.benches.node.rpc("eth_getCode", pool_world.benches.factory.address, "latest")
    if there == "0x":
        vars(pool_world).update(vars(_deploy(project, protocol, people)))
    return pool_world


@pytest.fixture
def benches(world) -> Benches:
    """Makes further pools: `benches.make(kinds, seed, A=…, fee=…)`."""
    return world.benches


@pytest.fixture(params=KINDS)
def bench(request, world):
    """A pool of each kind of coins, with a million of value on each side."""
    return world.pools[request.param]


@pytest.fixture
def plain(world):
    """A pool of two plain 18-decimal coins."""
    return world.pools["18-18"]


@pytest.fixture
def rated(world):
    """A pool of a 6-decimal coin and a vault's share, which is worth 1.05."""
    return world.pools["6-share"]
