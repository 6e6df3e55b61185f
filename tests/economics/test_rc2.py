"""RC2: the committee cannot give the vault's money away, alone or with a borrower."""

from dataclasses import replace

import pytest

from tests.economics import speech
from tests.economics.say import no_less
from tests.economics.terms import LOAN
from tests.economics.world import DAY, MILLION, WAD

#: Three million and two buffers, on a lot appraised at six.
LARGE = replace(LOAN, principal=3 * MILLION, reserve=150_000 * WAD, first_loss=200_000 * WAD)


@pytest.fixture
def late(world):
    """In the second after grace of the first instalment."""
    world.mint("friend", 1_000_000)
    world.act("friend", world.aid.transfer(world.addresses["borrower"], 900_000 * WAD))
    deal = world.fund(LARGE, worth=6 * MILLION)
    world.go(world.midnight(31) + 10 * DAY)
    world.act("stranger", speech.declare(world, deal))
    return deal


def test_rc2a__marked_to_nothing_and_stepped_in__the_borrower_cannot_pay_a_thousandth(world, late):
    # given: 3 million owed, a lot worth 6
    deal, owed, had = late, world.owed(late), world.balance("vault")
    # when: committee and borrower do at once what they can, then the borrower pays what the share asks
    world.attempt("committee", speech.mark(world, deal, 9_990))
    if speech.step_in(world, deal, 13, 7) is None:
        minimum = world.owed(deal) // 13 + WAD
        for _ in range(14):
            world.wait(7 * DAY)
            world.attempt("borrower", speech.pay_aid(world, deal, minimum, to_share=True))
        world.attempt("stranger", world.desk.close(deal))
    # then: the lot is free, if at all, for what was owed
    free = world.view(world.receipts.ownerOf(1)) == world.addresses["borrower"].lower() and (
        world.view(world.deals.stage(deal)) == 8
    )
    paid = world.balance("vault") - had
    assert not free or paid >= owed * 9 // 10, (
        f"the lot of 6,000,000 is free for {paid / WAD:,.0f} of {owed / WAD:,.0f}"
    )


def test_rc2b__marked_down_a_day_before_a_cycles_end__leavers_are_paid_no_less_than_the_lot_is_worth(world):
    # given: a deal that pays, and a holder in line
    deal = world.fund(replace(LARGE, reserve=0, first_loss=0), worth=6 * MILLION)
    world.mint("leaver", 1_100_000)
    world.stake("leaver", MILLION)
    world.line_up("leaver")
    end = world.cycle_end()
    world.go(end - DAY)
    fair = world.exit_price()
    # when: marked down for a day, then up again
    world.attempt("committee", speech.mark(world, deal, 9_990))
    world.go(end + 1)
    world.act("stranger", world.vault.sync())
    got = world.claim("leaver")
    # then: 3 million on a lot of 6 lose nothing at once but what ramps in in a day
    no_less("paid to the leaver", got, fair * 98 // 100)


def test_rc2c__a_step_in__waits_for_a_week_and_the_guardian(world, late):
    # given
    world.appraise(late)
    # when
    reason = world.attempt("committee", speech.step_in_call(world, late, 13, 30))
    # then
    assert reason is not None, "stepped in at once"


def test_rc2d__announcing_and_withdrawing__does_not_stop_the_default_path_twice(world, late):
    # given: a committee that announces, withdraws, and announces again
    desk = speech.officer(world, "step_in")
    for _ in range(4):
        if speech.has(desk, "announce_step_in"):
            world.attempt("committee", desk.announce_step_in(late, 13, 30))
            world.wait(6 * DAY)
            world.attempt("committee", desk.withdraw_step_in(late))
    world.wait(22 * DAY)
    # when
    reason = world.attempt("stranger", speech.liquidate(world, late))
    # then
    assert reason is None, f"46 days after default: {reason}"
