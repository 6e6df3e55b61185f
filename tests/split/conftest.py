"""SY over the installation's vault: alice and bob have AID and shares, carol has seeded the sAID/AID pool."""

from __future__ import annotations

import pytest

from tests.conftest import DAY, WAD
from tests.staking.driver import Stage

K = 1_000 * WAD
UNLIMITED = 2**256 - 1
USDC = 10**6
#: AID and shares of alice and bob.
EACH = 100 * K
#: Of both coins in the pool.
SEED = 200 * K


@pytest.fixture(scope="session")
def everybody(
    governor, guardian, compliance, alice, bob, carol, dave, mallory, vault, aid, gateway, insurance
):
    """What the tests ask for by name: fixtures of the session must not come after those of a module."""


@pytest.fixture(scope="module")
def sy(protocol, everybody):
    return protocol.sy


@pytest.fixture(scope="module")
def pool(protocol, sy):
    return protocol.contract(f"pool.{protocol.config.exit_pool.name}")


@pytest.fixture(scope="module")
def stage(chain, project, protocol, people, sy, pool):
    """A vault at a price of one with a book that is worth nothing yet."""
    stage = Stage.build(chain, project, protocol, people, "alice bob carol", 800_000 * USDC)
    for who, shares in ((people.alice, EACH), (people.bob, EACH), (people.carol, SEED)):
        stage.deposit(who, shares)
        for token in (protocol.aid, protocol.staked_aid):
            stage.send(who, token.approve, sy, UNLIMITED)
            stage.send(who, token.approve, pool, UNLIMITED)
    stage.send(people.carol, pool.add_liquidity, [SEED, SEED], 0)
    return stage


@pytest.fixture
def wrapped(stage, sy, vault, alice):
    """Alice has 50,000 SY of her shares."""
    stage.send(alice, sy.deposit, alice, vault, 50 * K, 0)
    return stage


@pytest.fixture
def grown(wrapped):
    """The vault's price has risen from 1 to 1.05: a book of half its assets has earned a tenth."""
    wrapped.fund(200 * K, slope=20 * K // DAY)
    start = wrapped.now
    wrapped.send(wrapped.people.dave, wrapped.portfolio.set_slope, 0, at=start + DAY)
    return wrapped
