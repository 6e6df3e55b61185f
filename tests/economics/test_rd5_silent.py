"""RD5: whatever waits for a role has a date after which anyone may take the default path."""

import pytest

from tests.economics import speech
from tests.economics.terms import LOAN
from tests.economics.world import DAY, WAD


@pytest.fixture
def defaulted(world):
    """A loan of a million of which nothing has been paid, in default; the committee is silent from now on."""
    deal = world.fund(LOAN)
    world.wait(41 * DAY)
    world.act("stranger", speech.declare(world, deal))
    return deal


def test_rd5c__the_committee_is_silent__anyone_has_the_lot_sold_14_days_after_default(world, defaulted):
    # given
    world.give("buyer", "usdc", 3_000_000)
    # when
    world.wait(14 * DAY + 60)
    reason = world.attempt("stranger", speech.liquidate(world, defaulted))
    # then
    assert reason is None, f"the lot waits for ever: {reason}"
    world.act("buyer", speech.bid(world, defaulted, "usdc"))
    assert world.view(world.receipts.ownerOf(1)) == world.addresses["buyer"].lower()


def test_rd5d__nobody_takes_the_lot__it_is_offered_again_down_to_nothing(world, defaulted):
    # given: a first sale without a buyer, and nobody who restarts it or awards the lot
    world.wait(14 * DAY + 60)
    reason = world.attempt("stranger", speech.liquidate(world, defaulted))
    if reason is not None:  # of before: only the committee starts a sale
        world.act("committee", speech.liquidate(world, defaulted))
    world.wait(11 * DAY)
    world.attempt("stranger", world.house.expire(defaulted))
    if speech.has(world.house, "offer_again"):
        world.attempt("stranger", world.house.offer_again(defaulted))
    # when: years later, somebody who has a little
    world.mint("friend", 100_000)
    for _ in range(120):
        world.wait(DAY)
        if world.attempt("friend", speech.bid(world, defaulted, "aid", 90_000 * WAD)) is None:
            break
    # then
    assert world.view(world.receipts.ownerOf(1)) == world.addresses["friend"].lower()


def test_rd5d__a_lot_that_expired__is_no_longer_the_committees_to_give_away(world, defaulted):
    # given
    world.act("committee", speech.liquidate(world, defaulted))
    world.wait(11 * DAY)
    world.attempt("stranger", world.house.expire(defaulted))
    # when
    given = None
    if speech.has(world.house, "award"):
        given = world.attempt("committee", world.house.award(defaulted, world.addresses["friend"]))
    # then
    assert given is not None or not speech.has(world.house, "award"), "a lot of 2,000,000 awarded for nothing"
