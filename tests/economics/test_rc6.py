"""RC6: an auction waits while nobody can bid."""

from dataclasses import replace

import pytest

from tests.economics import speech
from tests.economics.say import no_less
from tests.economics.terms import LOAN
from tests.economics.world import DAY, MILLION, WAD


@pytest.fixture
def on_sale(world):
    """A lot of four million for a debt of three: from 5.2 million down."""
    deal = world.fund(replace(LOAN, principal=3 * MILLION), worth=4 * MILLION)
    world.go(world.midnight(31) + 10 * DAY)
    speech.default_and_liquidate(world, deal)
    world.mint("buyer", 6_000_000)
    return deal


def test_rc6a__aid_is_paused_for_a_week__the_price_has_not_fallen(world, on_sale):
    # given
    start = world.view(world.house.price(on_sale))
    world.act("guardian", world.aid.pause())
    world.go(world.now + 7 * DAY - 1_800)
    # when: the pause ends, and the first to come bids
    world.act("governor", world.aid.unpause())
    before = world.balance("buyer")
    world.act("buyer", speech.bid(world, on_sale))
    # then: at the price of a step later at most
    no_less("paid for the lot", before - world.balance("buyer"), start * 99 // 100)


def test_rc6b__a_pause_runs_out_by_itself__the_price_has_not_fallen(world, on_sale):
    # given: three days of bidding, then a pause of fourteen days that nobody ends
    world.wait(3 * DAY)
    price = world.view(world.house.price(on_sale))
    world.act("guardian", world.aid.pause())
    world.go(world.now + 14 * DAY + 60)
    # when
    before = world.balance("buyer")
    reason = world.attempt("buyer", speech.bid(world, on_sale))
    # then
    assert reason is None, f"nobody could bid, and now: {reason}"
    no_less("paid for the lot", before - world.balance("buyer"), price * 99 // 100)


def test_rc6c__only_coins_are_closed__the_price_goes_on_falling(world, on_sale):
    # given: AID is always a way to bid
    start = world.view(world.house.price(on_sale))
    for coin in ("usdc", "usdt"):
        world.act("guardian", world.configurator.pause_asset(world.contracts[coin].address, True, True))
    # when
    world.wait(4 * DAY)
    before = world.balance("buyer")
    world.act("buyer", speech.bid(world, on_sale))
    # then
    paid = before - world.balance("buyer")
    assert paid < start * 8 // 10, f"paid {paid / WAD:,.0f}"


def test_rc6d__a_pause_in_the_sale__makes_no_leaver_richer(world, on_sale):
    # given: what leavers would have at the end of a sale without a pause
    world.wait(2 * DAY)
    price = world.exit_price()
    world.act("guardian", world.aid.pause())
    # when
    world.go(world.now + 6 * DAY)
    # then: a pause may leave the line too low, never too high
    assert world.exit_price() <= price
