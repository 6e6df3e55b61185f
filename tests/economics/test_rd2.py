"""RD2: every holder with KYC has an exit that needs no operator; being first is worth at most δ."""

import pytest

from tests.economics import speech
from tests.economics.leaving import leave, probe
from tests.economics.say import no_less
from tests.economics.terms import Terms
from tests.economics.world import MILLION, USDC, WAD

#: What being first may be worth: δ, 50 bps as shipped.
DELTA_BPS = 50


def test_rd2a__an_issuer_freezes_the_gateway__the_last_gets_what_the_first_got(frozen_coin):
    # given: half of the reserve is a good coin, half one whose issuer freezes it in the Gateway
    world = frozen_coin
    world.mint("holder", 1_000_000, "usdc")
    world.mint("friend", 1_000_000, "susd")
    world.act("governor", world.susd.set_blacklisted(world.gateway.address, True))
    # when: anyone finds out, and both leave, one after the other
    probe(world, "susd")
    amount = 900_000 * WAD
    first = leave(world, "holder", amount, ("usdc",), frozen=("susd",))
    last = leave(world, "friend", amount, ("usdc",), frozen=("susd",))
    # then
    no_less("what the last got", last.worth, first.worth - amount * DELTA_BPS // 10_000)


def test_rd2a__an_issuer_freezes_the_gateway__nobody_mints_into_that(frozen_coin):
    # given
    world = frozen_coin
    world.mint("holder", 1_000_000, "usdc")
    world.mint("friend", 1_000_000, "susd")
    world.act("governor", world.susd.set_blacklisted(world.gateway.address, True))
    probe(world, "susd")
    # when: somebody who knows nothing mints with the good coin, and leaves again
    world.give("buyer", "usdc", 100_000)
    reason = world.attempt("buyer", world.gateway.mint(world.usdc.address, 100_000 * USDC, 0))
    # then
    assert reason == "deficit", (
        f"minted {world.balance('buyer') / WAD:,.0f} AID into a reserve that is half frozen"
    )


@pytest.mark.parametrize("price", [15 * 10**7, 10**14], ids=["1.5", "1e6"])
def test_rd2b__a_feed_reads_too_much__a_dollar_is_still_a_dollar(reserve, price):
    # given
    world = reserve
    world.mint("holder", 1_000_000, "usdc")
    world.price("usdc", price)
    # when
    paid = leave(world, "holder", 1_000 * WAD, ("usdc",))
    # then
    no_less(f"paid for 1,000 ({paid.how})", paid.worth, 1_000 * WAD * (10_000 - DELTA_BPS) // 10_000)


def test_rd2c__one_unit_of_the_open_coin_is_left__the_basket_serves(reserve):
    # given: 80 % in T-bills, and all but one unit of the coin redeemed
    world = reserve
    world.mint("holder", 1_000_000, "usdc")
    world.act("treasurer", speech.allocate(world, 800_000 * USDC))
    price, low, high = world.contracts["gateway"], 0, 300_000 * WAD
    left = world.balance("gateway", "usdc")
    while low < high:  # the most AID whose redemption leaves one unit
        middle = (low + high + 1) // 2
        asked = world.view(price.quote_redeem(world.usdc.address, middle))
        low, high = (middle, high) if asked <= left - 1 else (low, middle - 1)
    world.act("holder", world.gateway.redeem(world.usdc.address, low, 0))
    assert world.balance("gateway", "usdc") == 1
    # when
    paid = leave(world, "holder", 1_000 * WAD, ("usdc",))
    # then
    no_less(f"paid for 1,000 ({paid.how})", paid.worth, 1_000 * WAD * (10_000 - DELTA_BPS) // 10_000)


def test_rd2d__a_deal_is_funded__the_liquid_floor_stays(reserve):
    # given: 20 of 21 million staked, and as much of the reserve in T-bills as its floor lets be
    world = reserve
    world.mint("staker", 21_100_000)
    world.stake("staker", 20 * MILLION)
    held = world.balance("gateway", "usdc")
    world.act("treasurer", speech.allocate(world, held * 79 // 100))
    # when: the committee funds the largest deal that the caps allow
    loan = Terms(principal=2_900_000 * WAD, rate_bps=1_500, instalments=12, interval=30, amortising=True)
    receipt = world.lot(2 * loan.funding)
    world.propose(loan, receipt)
    world.act("committee", world.deals.approve_deal(1, world.addresses["vault"]))
    world.attest("DSCR", 1, 14_000)
    world.attempt("committee", world.desk.fund(1))
    # then: a fifth of the reserve can be had at once
    liquid = world.balance("gateway", "usdc") * 10**12
    no_less("liquid reserve", liquid, world.supply * 1_990 // 10_000)
