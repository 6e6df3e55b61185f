"""Pools of every kind on the test chain, each with its twins at the same time."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import ape
import pytest

from integrations.protocol.artifacts import layout_of
from integrations.simulation import PoolParameters, StableSwapModel
from integrations.simulation.state import PoolState
from tests.support.fast import Node, fast
from tests.support.pools import PoolStage

from .driver import Driver, PoolOnChain

ROOT = Path(__file__).parents[2]
WORDS = ("_balances", "_upkeep", "_parameters", "_supply", "_virtual")
SUPPLY = 2**120


@pytest.fixture(scope="session")
def stage(project, protocol, people) -> PoolStage:
    return PoolStage(project, people.governor, protocol.roles, people.treasurer)


@pytest.fixture(scope="session")
def node() -> Node:
    return Node(ape.chain.provider.uri)


@pytest.fixture(scope="session")
def slots() -> tuple[int, ...]:
    """Where the pool stores its words."""
    layout = layout_of(ROOT, "StableSwap")["storage_layout"]["pool_state"]
    return tuple(layout[word]["slot"] for word in WORDS)


@pytest.fixture
def make_driver(stage, node, slots, people, project):
    """`make_driver(parameters, seed, counts)`: a new pool and its twins, ready to run."""

    def make(parameters: PoolParameters, seed: int, counts: Counter[str]) -> Driver:
        coins = [
            stage.deployer.deploy(project.VaultShare, stage.token(18), decimals, price)
            if is_vault
            else stage.token(decimals)
            for decimals, is_vault, price in zip(
                parameters.decimals, parameters.vaults, parameters.assets, strict=True
            )
        ]
        pool = stage.pool(
            coins,
            vaults=parameters.vaults,
            A=parameters.amplification,
            fee=parameters.fee,
            offpeg=parameters.offpeg_multiplier,
            ma_time=parameters.ma_exp_time,
        )
        holder = people.alice
        for coin in coins:
            coin.mint(holder, SUPPLY, sender=holder)
            coin.approve(pool, 2**256 - 1, sender=holder)
        senders = {"holder": holder, "governor": people.governor, "keeper": people.bob}
        addresses = {name: str(account.address) for name, account in senders.items()}
        chain = PoolOnChain(node, fast(pool), (fast(coins[0]), fast(coins[1])), slots, addresses)
        model, compiled = (StableSwapModel(parameters, node.time + 1) for _ in range(2))
        assert PoolState.from_words(chain.words()) == model.state
        return Driver(chain, model, compiled, random.Random(seed), counts)

    # the accounts that send are unlocked at the node
    for account in (people.alice, people.governor, people.bob):
        node.rpc("anvil_impersonateAccount", str(account.address))
    return make
