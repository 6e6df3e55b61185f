"""The worlds of this folder's cases."""

import pytest

from tests.economics.world import MILLION, build, deploy, opened


@pytest.fixture(scope="module")
def opened_reserve(project, protocol, people):
    """Nobody has anything yet."""
    with opened(build(project, protocol, people)) as world:
        yield world


@pytest.fixture(scope="module")
def opened_world(opened_reserve):
    """Twenty million staked, by a staker who keeps one."""
    world = opened_reserve.fresh()
    world.mint("staker", 21_100_000)
    world.stake("staker", 20 * MILLION)
    return world


@pytest.fixture
def world(opened_world):
    return opened_world.fresh()


@pytest.fixture
def reserve(opened_reserve):
    """A Gateway that has nothing yet: for modules that do not use `world`."""
    return opened_reserve.fresh()


@pytest.fixture
def frozen_coin(reserve, project):
    """The same with a third coin, `susd`, whose issuer can freeze accounts."""
    deploy(reserve, "susd", project.TetherLike)
    deploy(reserve, "susd_feed", project.PriceFeed, 8, 10**8)
    like = vars(reserve.view(reserve.configurator.asset_params(reserve.usdc.address)))
    params = tuple({**like, "feed": reserve.susd_feed.address}.values())
    reserve.act("governor", reserve.configurator.add_asset(reserve.susd.address, params))
    return reserve
