"""RD7: standing in line is not free; no number of the vault is older than another; who asks for himself is
heard.
"""

from pathlib import Path

import pytest

from tests.economics.say import no_more
from tests.economics.terms import LOAN
from tests.economics.world import DAY, MILLION, WAD


@pytest.fixture
def two_holders(world):
    """Twenty million each."""
    world.mint("leaver", 20_100_000)
    world.stake("leaver", 20 * MILLION)
    return world


def test_rd7a__asking_and_cancelling_for_a_year__costs_who_does_it(two_holders):
    # given: half of the vault, which stands in line and steps back each cycle, and keeps all from being lent
    world = two_holders
    shares = world.balance("leaver", "vault")
    # when
    for _ in range(12):
        world.line_up("leaver")
        world.wait(60)
        me = world.addresses["leaver"]
        world.act("leaver", world.vault.cancel_request(me, me))
        world.go(world.cycle_end() + DAY)
    # then: some basis points each time, which those who stay have
    no_more("shares that are left", world.balance("leaver", "vault"), shares * (10_000 - 12) // 10_000)
    no_more("worth of all shares above what holders have", world.exit_assets(), 40 * MILLION)


def test_rd7b__cancelling_after_a_fall__is_free(two_holders):
    # given: in line within the window of a cycle, in which a late loan loses value
    world = two_holders
    world.fund(LOAN)
    world.go(world.cycle_end() + 12 * DAY)  # the first due day is over by the time of the next window
    world.go(world.cycle_end() + DAY)
    shares, price = world.balance("leaver", "vault"), world.exit_price()
    world.line_up("leaver")
    world.wait(5 * DAY)
    assert world.exit_price() < price
    # when
    me = world.addresses["leaver"]
    world.act("leaver", world.vault.cancel_request(me, me))
    # then
    assert world.balance("leaver", "vault") == shares


def test_rd7c__owner_with_an_allowance_to_himself__may_ask(two_holders):
    # given: ERC-7540's owner, who asks for himself by way of an allowance
    world = two_holders
    me = world.addresses["leaver"]
    world.act("leaver", world.vault.approve(world.addresses["friend"], MILLION))
    # when: the friend asks in his own name, for shares he may spend
    reason = world.attempt("friend", world.vault.requestRedeem(1_000 * WAD, world.addresses["friend"], me))
    # then: it works, or the docs say why not
    docs = Path("docs/staking.md").read_text()
    assert reason is None or "allowance" in docs


def test_rd7d__a_cycle_has_ended_and_nobody_called__supply_and_assets_are_of_one_second(two_holders):
    # given: half of the vault in line
    world = two_holders
    world.line_up("leaver")
    world.go(world.cycle_end() + 1)
    # when: views before and after somebody calls
    supply, assets = world.view(world.vault.totalSupply()), world.exit_assets()
    world.act("stranger", world.vault.sync())
    # then
    assert assets - world.exit_assets() <= 10 * WAD
    no_more("shares that were shown but are gone", supply - world.view(world.vault.totalSupply()), WAD)
