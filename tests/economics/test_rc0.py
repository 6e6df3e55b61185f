"""RC0: who deposits pays for what is coming."""

import pytest

from tests.economics import speech
from tests.economics.say import no_more
from tests.economics.terms import Terms
from tests.economics.world import DAY, MILLION, WAD

#: A loan of three million that a vault of twenty makes.
LARGE = Terms(principal=3 * MILLION, rate_bps=1_500, instalments=12, interval=30, amortising=True)


def stake_and_wait(world, who, amount, days):
    """Deposit, wait, and see what the shares have gained, by a leaver's price; wei."""
    shares = world.stake(who, amount)
    world.wait(days * DAY)
    return int(world.view(world.vault.convertToAssets(shares))) - amount


def test_rc0a__a_recovery_above_its_mark__is_not_the_next_depositors(world):
    # given: three of twenty million are written off; then the lot is sold for more than is owed
    world.act("governor", world.vault.set_deposit_limits(10**9, False))
    deal = world.fund(LARGE)
    world.wait(140 * DAY)
    speech.default_and_liquidate(world, deal)
    world.mint("buyer", 9_000_000)
    world.mint("friend", 17_000_000)
    world.act("buyer", speech.bid(world, deal))
    # when: a stranger comes in the next block and stays for a week
    gain = stake_and_wait(world, "friend", 16 * MILLION, 7)
    # then: he has nothing of it
    no_more("gain of the depositor", gain, 1_000 * WAD)


@pytest.mark.parametrize("days", [1, 3, 7])
def test_rc0c__a_deposit_next_to_unvested_profit__gains_no_part_of_it(world, days):
    # given: a harvest of a year's income has just begun to vest
    held = world.balance("gateway", "usdc")
    world.act("treasurer", speech.allocate(world, held * 79 // 100))
    for _ in range(9):
        world.wait(7 * DAY)
        world.act("stranger", world.treasury.report())
    world.mint("friend", 10_100_000)
    world.act("stranger", world.gateway.harvest())
    # when
    gain = stake_and_wait(world, "friend", 10 * MILLION, days)
    # then
    no_more("gain of the depositor", gain, 10 * WAD)
