"""RD3: what heals by itself is not made permanent by a bystander; what was overstated once is not paid
out.
"""

import pytest

from tests.economics import speech
from tests.economics.leaving import leave
from tests.economics.say import no_less, no_more
from tests.economics.world import DAY, MILLION, USDC, WAD, YEAR


@pytest.fixture
def invested(reserve):
    """A million outside, half of it staked; 800,000 of the reserve in T-bills that earn 4.5 %."""
    world = reserve
    world.mint("holder", 1_000_000)
    world.stake("holder", MILLION // 2)
    world.act("treasurer", speech.allocate(world, 800_000 * USDC))
    world.wait(8 * DAY)
    world.attempt("stranger", world.gateway.harvest())
    return world


def report_less(world, bps):
    world.act("governor", world.tbill.lose(bps))


def heal(world, bps, seconds=60):
    """Let the report rise to what it was, within a minute."""
    rate = bps * 10_000 * YEAR // (10_000 - bps) // seconds
    world.act("governor", world.tbill.set_rate(rate))
    world.go(world.now + seconds - 1)
    world.act("governor", world.tbill.set_rate(450))


def test_rd3a__a_setting_is_written_while_a_vault_reports_less__redemption_comes_back_with_the_report(
    invested,
):
    # given: a report that is 2 % low for a minute, in which the guardian pauses minting, as the runbook says
    world = invested
    report_less(world, 200)
    world.act("guardian", world.configurator.pause_mint())
    # when
    heal(world, 200)
    paid = leave(world, "holder", 1_000 * WAD, ("usdc",))
    # then: at par again, at once
    assert paid.how == "usdc", f"still {paid.refusals['usdc']}"
    no_less("paid for 1,000", paid.worth, 999 * WAD)


def test_rd3a__a_stranger_does_what_he_can_meanwhile__redemption_comes_back_with_the_report(invested):
    # given
    world = invested
    report_less(world, 200)
    world.give("stranger", "usdc", 1)
    world.attempt("stranger", world.gateway.recapitalise(world.usdc.address, 1))
    world.attempt("stranger", world.gateway.harvest())
    # when
    heal(world, 200)
    paid = leave(world, "holder", 1_000 * WAD, ("usdc",))
    # then
    assert paid.how == "usdc", f"still {paid.refusals['usdc']}"


def test_rd3b__a_report_is_too_high_for_one_block__nothing_of_it_is_paid_out(invested):
    # given: thirty days of honest income
    world = invested
    world.wait(30 * DAY)
    snapshot = world.node.rpc("evm_snapshot")
    before = world.balance("vault")
    world.attempt("stranger", world.gateway.harvest())
    honest = world.balance("vault") - before
    world.node.rpc("evm_revert", snapshot)
    # when
    world.act("governor", world.tbill.overstate(500))
    world.attempt("stranger", world.gateway.harvest())
    # then
    no_more("harvested", world.balance("vault") - before, honest + WAD)


def test_rd3c__a_gift_to_the_reserve__stays_there(invested):
    # given
    world = invested
    before = world.balance("vault")
    world.give("donor", "usdc", 100_000)
    # when
    world.act("donor", world.gateway.recapitalise(world.usdc.address, 100_000 * USDC))
    world.attempt("stranger", world.gateway.harvest())
    # then: at most the income of a minute
    no_more("harvested", world.balance("vault") - before, 10 * WAD)
