"""RD4: no swap through the Gateway gains at true prices inside the feeds' deviations."""

import pytest

from tests.economics.leaving import redeem_most, write_asset
from tests.economics.say import no_more
from tests.economics.world import COINS, USDC, WAD

#: As shipped for mainnet: 13 bps each way, feeds that move at 25.
MAINNET = {"mint_fee_bps": 13, "redeem_fee_bps": 13, "deviation_bps": 25}


@pytest.fixture
def mainnet(reserve):
    """A reserve of 100 million, half of it in each coin, under the terms of mainnet."""
    world = reserve
    for coin in COINS:
        # in the order that works today: fees first
        write_asset(world, coin, mint_fee_bps=13, redeem_fee_bps=13)
    for coin in COINS:
        assert write_asset(world, coin, **MAINNET) is None
    for coin in COINS:
        world.mint("holder", 50_000_000, coin)
    world.wait(3 * 86_400)
    return world


def test_rd4a__both_feeds_are_late_in_opposite_directions__a_swap_costs_at_most_a_basis_point(mainnet):
    # given: one coin is worth 0.9976 and the other 1.0024, while both feeds say 1
    world = mainnet
    units = 39_900_000 * USDC
    world.give("friend", "usdc", 39_900_000)
    before = world.balance("friend")
    # when
    world.act("friend", world.gateway.mint(world.usdc.address, units, 0))
    minted = world.balance("friend") - before
    burnt, got = redeem_most(world, "friend", "usdt", minted)
    # then: what was swapped gains no more than a basis point of the reserve
    gain = int(got * 10**12 * 1.0024) - units * 10**12 * 9_976 // 10_000 * burnt // minted
    no_more("gain of a swap", gain, 100_000_000 * WAD // 10_000)


def test_rd4b__terms_of_two_coins_are_set_in_the_obvious_order__works(reserve):
    # given: terms as the configuration of a local chain has them
    world = reserve
    # when
    reasons = [write_asset(world, coin, **MAINNET) for coin in COINS]
    # then
    assert reasons == [None, None]
