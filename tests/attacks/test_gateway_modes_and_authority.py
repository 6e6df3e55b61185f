"""Attacks G9 to G13 of the catalogue: surplus and deficit, who pauses, roles, reach, removal."""

import pytest
from ape import chain, project, reverts
from eth_utils import keccak

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD, YEAR
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    MINTED,
    PAR,
    STAKE,
    SUPPLY,
    USDC,
    at,
    excess,
    list_coin,
    quote,
    terms,
)

pytestmark = AFTER_THE_INSTALLATION


# G9: surplus and deficit


def test_g9__an_overstated_vault__cannot_be_harvested(invested, aid, tbill, usdc_feed, usdt_feed, mallory):
    """The vault says 600,000 instead of 60,000: in a year 3,600 of that are believed, and not a wei more."""
    tbill.overstate(90_000, sender=mallory)
    start = invested.vault_words(0)[0] >> 168 & (2**40 - 1)
    assert invested.surplus() == 0
    at(start + YEAR, usdc_feed, usdt_feed)

    invested.harvest(sender=mallory)

    assert aid.totalSupply() == SUPPLY + model.surplus(PAR + 3_600 * WAD, SUPPLY)
    with reverts("nothing to harvest"):
        invested.harvest(sender=mallory)


def test_g9__a_donation_to_the_reserve__cannot_be_harvested(stocked, usdc, mallory):
    usdc.transfer(stocked, 50_000 * USDC, sender=mallory)

    with reverts("nothing to harvest"):
        stocked.harvest(sender=mallory)
    assert excess(stocked) == (100 * WAD, 100 * WAD)


def test_g9__a_price_above_one__cannot_be_harvested(stocked, usdc_feed, mallory):
    quote(usdc_feed, 1_009)

    with reverts("nothing to harvest"):
        stocked.harvest(sender=mallory)


def test_g9__an_overstated_price__neither_hides_a_deficit_beyond_the_book(invested, tbill, alice, usdc):
    """A vault that says ten times its worth counts its book; a loss that it admits counts at once."""
    tbill.overstate(90_000, sender=alice)
    assert invested.backing().backing_par <= PAR + WAD
    tbill.overstate(0, sender=alice)
    tbill.lose(500, sender=alice)

    state = invested.backing()
    assert state.backing_par == pytest.approx(197_000 * WAD, abs=WAD)
    assert state.deficit
    with reverts("deficit"):
        invested.redeem(usdc, WAD, 0, sender=alice)


@pytest.mark.parametrize("order", [("alice", "bob"), ("bob", "alice")])
def test_g9__in_deficit__nobody_gains_by_being_first(request, invested, usdc, usdt, usdt_feed, tbill, order):
    """Half the reserve at 0.90. Both leave with a tenth of the supply, in either order, and get the same."""
    quote(usdt_feed, 900)
    amount = SUPPLY // 10
    got = []
    for name in order:
        user = request.getfixturevalue(name)
        held = [token.balanceOf(user) for token in (usdc, usdt, tbill)]
        invested.redeem_basket(amount, [], sender=user)
        after = [token.balanceOf(user) for token in (usdc, usdt, tbill)]
        got.append([new - old for new, old in zip(after, held, strict=True)])

    # a second of interest on the T-bills moves B_par, and with it a leg, by less than 1e-8
    first, second = got
    assert first[:2] == pytest.approx(
        [model.part(amount, held, SUPPLY, PAR) for held in (40_000 * USDC, STAKE)], rel=1e-8
    )
    assert second == pytest.approx(first, rel=1e-7)


def test_g9__in_deficit__the_good_coin_cannot_be_picked(stocked, usdc, usdt, usdt_feed, alice):
    """At 0.90 a dollar of AID is worth 0.95; by the good coin it would be 0.9995."""
    quote(usdt_feed, 900)

    for coin in (usdc, usdt):
        with reverts("deficit"):
            stocked.redeem(coin, 1_000 * WAD, 0, sender=alice)
    before = usdc.balanceOf(alice), usdt.balanceOf(alice)
    stocked.redeem_basket(1_000 * WAD, [], sender=alice)

    worth = (usdc.balanceOf(alice) - before[0]) + (usdt.balanceOf(alice) - before[1]) * 9 // 10
    assert worth == 950 * USDC


def test_g9__after_the_re_peg__those_who_stayed_are_whole(
    invested, usdc, usdt, usdt_feed, configurator, alice, bob
):
    quote(usdt_feed, 900)
    before = excess(invested)
    for user, amount in ((alice, 70_000 * WAD), (bob, 33_333 * WAD + 1), (alice, 7)):
        invested.redeem_basket(amount, [], sender=user)
        after = excess(invested)
        assert after[0] >= before[0]
        assert after[1] >= before[1]
        before = after

    quote(usdt_feed, 1_000)

    state = invested.backing()
    assert (state.deficit, state.stale) == (False, False)
    assert state.backing >= state.supply == SUPPLY - 70_000 * WAD - 33_333 * WAD - 8
    held = usdt.balanceOf(bob)
    invested.redeem(usdt, 10_000 * WAD, 0, sender=bob)
    assert usdt.balanceOf(bob) == held + model.redeem_out(10_000 * WAD)[0]


def test_g9__the_last_to_leave__gets_everything_that_is_left_but_the_surplus(
    stocked, aid, usdc, usdt, usdt_feed, alice, bob
):
    quote(usdt_feed, 900)
    stocked.redeem_basket(MINTED, [], sender=alice)
    held = usdc.balanceOf(bob)

    stocked.redeem_basket(MINTED, [], sender=bob)

    assert aid.totalSupply() == 0
    # 100 AID of surplus were in it, half in each coin; a leaver has no claim to it
    assert stocked.units_of(usdc) == pytest.approx(50 * USDC, abs=2)
    assert usdc.balanceOf(bob) - held == pytest.approx(49_975 * USDC, abs=2)


# G10: who may pause, and for how long


def test_g10__the_guardian__can_only_tighten(protocol, stocked, configurator, guardian, usdc, usdc_feed):
    configurator.pause_mint(sender=guardian)
    configurator.pause_redeem(sender=guardian)
    configurator.pause_asset(usdc, True, True, sender=guardian)
    configurator.lower_cap(usdc, 5, sender=guardian)
    protocol.aid.pause(sender=guardian)

    for reason, method, arguments in (
        ("not governor", configurator.unpause_mint, ()),
        ("not governor", configurator.unpause_redeem, ()),
        ("not governor", protocol.aid.unpause, ()),
        ("guardian may only tighten", configurator.pause_asset, (usdc, True, False)),
        ("guardian may only tighten", configurator.pause_asset, (usdc, False, True)),
        ("cap not lower", configurator.lower_cap, (usdc, 6)),
        ("not governor", configurator.set_asset, (usdc, terms(usdc_feed))),
        ("not governor", configurator.start_wind_down, ()),
    ):
        with reverts(reason):
            method(*arguments, sender=guardian)

    assert configurator.mint_paused()
    assert tuple(configurator.asset_paused(usdc)) == (True, True)
    assert configurator.asset_params(usdc).cap == 5


def test_g10__both_pauses_by_turns__hold_nobody_for_more_than_28_days(
    protocol, stocked, configurator, usdc, usdc_feed, usdt_feed, guardian, alice
):
    """A captured guardian stops redemption, then AID itself, then would stop redemption again."""
    start = chain.pending_timestamp + 60
    chain.pending_timestamp = start
    configurator.pause_redeem(sender=guardian)
    chain.pending_timestamp = start + 14 * DAY
    protocol.aid.pause(sender=guardian)
    at(start + 28 * DAY - 4, usdc_feed, usdt_feed)
    chain.pending_timestamp = start + 28 * DAY - 1
    with reverts("pause cooldown"):
        configurator.pause_redeem(sender=guardian)

    chain.pending_timestamp = start + 28 * DAY
    with reverts("pause cooldown"):
        configurator.pause_redeem(sender=guardian)
    stocked.redeem(usdc, 10_000 * WAD, 0, sender=alice)

    assert stocked.units_of(usdc) == STAKE - model.redeem_out(10_000 * WAD)[0]


@pytest.mark.parametrize("left_open", [0, 1, 9_000 * USDC])
def test_g10__coins_paused_but_for_a_little_of_one__lock_nobody_in(
    protocol, stocked, configurator, project, governor, guardian, usdc, usdt, alice, mallory, left_open
):
    """The guardian closes both coins; a unit of a third, given by anybody, does not keep the basket shut."""
    third = governor.deploy(project.Stablecoin, "Third", "THD", 6)
    list_coin(protocol, governor, third, [mallory])
    for coin in (usdc, usdt):
        configurator.pause_asset(coin, True, True, sender=guardian)
    if left_open:
        stocked.recapitalise(third, left_open, sender=mallory)

    stocked.redeem_basket(50_000 * WAD, [], sender=alice)

    par = PAR + left_open * 10**12
    assert stocked.units_of(usdc) == STAKE - model.part(50_000 * WAD, STAKE, SUPPLY, par)


def test_g10__one_of_two_coins_paused__leaves_the_other_and_no_basket(
    stocked, configurator, guardian, usdc, usdt, alice
):
    configurator.pause_asset(usdc, True, True, sender=guardian)

    with reverts("not deficit"):
        stocked.redeem_basket(WAD, [], sender=alice)
    stocked.redeem(usdt, 50_000 * WAD, 0, sender=alice)

    assert stocked.units_of(usdt) == STAKE - model.redeem_out(50_000 * WAD)[0]


# G11: roles


def test_g11__handing_the_governor_over__takes_two_steps_and_leaves_one(
    protocol, configurator, governor, bob, mallory
):
    protocol.roles.begin_handover(bob, sender=governor)
    with reverts("not governor"):
        configurator.set_buffer_bps(20, sender=bob)
    with reverts("not pending governor"):
        protocol.roles.accept_handover(sender=mallory)
    configurator.set_buffer_bps(30, sender=governor)
    protocol.roles.accept_handover(sender=bob)

    with reverts("not governor"):
        configurator.set_buffer_bps(40, sender=governor)
    configurator.set_buffer_bps(50, sender=bob)

    assert configurator.parameters().buffer_bps == 50
    assert protocol.roles.governor() == bob


def test_g11__the_governor__cannot_orphan_the_protocol(protocol, governor, mallory):
    everyone = bytes(32)
    with reverts():
        protocol.roles.renounceRole(everyone, governor, sender=governor)
    with reverts("governor moves by handover"):
        protocol.roles.revokeRole(everyone, governor, sender=governor)
    with reverts("governor moves by handover"):
        protocol.roles.grantRole(everyone, mallory, sender=governor)

    assert protocol.roles.governor() == governor


@pytest.mark.parametrize(
    ("role", "holder", "attempt"),
    [
        ("GUARDIAN", "guardian", lambda p, who, _: p.configurator.pause_mint(sender=who)),
        ("TREASURER", "treasurer", lambda p, who, vault: p.treasury.allocate(vault, 1, sender=who)),
        ("COMPLIANCE", "compliance", lambda p, who, vault: p.aid.deny(vault, sender=who)),
    ],
)
def test_g11__a_removed_holder__has_no_power_left(
    request, protocol, governor, tbill, alice, role, holder, attempt
):
    holder = request.getfixturevalue(holder)
    # a guardian is replaced
    protocol.roles.grantRole(keccak(text=role), alice, sender=governor)
    protocol.roles.revokeRole(keccak(text=role), holder, sender=governor)

    with reverts(f"not {role.lower()}"):
        attempt(protocol, holder, tbill)


# G12: reach


def test_g12__the_treasurer__reaches_listed_vaults_and_nothing_else(
    invested, configurator, governor, treasury, treasurer, usdc, mallory
):
    own = governor.deploy(project.TBillVault, usdc, 0)
    with reverts("unknown vault"):
        treasury.allocate(own, USDC, sender=treasurer)
    with reverts("unknown vault"):
        treasury.deallocate(own, WAD, sender=treasurer)
    for name, arguments in (("write_policy", (0,)), ("delist_vault", (0,)), ("set_staked_aid", (own,))):
        with reverts():
            getattr(invested, name)(*arguments, sender=treasurer)

    assert usdc.balanceOf(invested) == invested.units_of(usdc) == 40_000 * USDC


def test_g12__no_function__sends_to_an_address_of_the_callers_choice_without_burning(stocked):
    """Whoever is paid has burned AID or is owed: no sweep, rescue, execute, migrate, approve or upgrade."""
    receivers = {
        method.name
        for method in stocked.contract_type.mutable_methods
        if any(argument.name in ("_receiver", "_to", "_beneficiary") for argument in method.inputs)
    }

    assert receivers == {
        *("mint", "redeem", "redeem_basket", "claim_owed", "credit_redeem", "credit_repay"),
        "credit_repay_or_wait",
    }
    assert not [m.name for m in stocked.contract_type.mutable_methods if m.is_payable]


# G13: removal


def test_g13__a_coin_that_is_owed__can_be_removed_and_claimed_afterwards(
    protocol, stocked, configurator, governor, usdt_feed, alice, bob, carol
):
    """Every unit has left the reserve, but for a leg that waits for alice."""
    tether = governor.deploy(project.TetherLike)
    feed = list_coin(protocol, governor, tether, [carol])
    stocked.mint(tether, 1_000 * USDC, 0, sender=carol)
    quote(usdt_feed, 700)
    tether.set_blacklisted(alice, True, sender=alice)
    stocked.redeem_basket(50_000 * WAD, [], sender=alice)
    tether.set_blacklisted(alice, False, sender=alice)
    quote(usdt_feed, 1_000)
    owed = stocked.owed(alice, tether)
    assert owed == model.part(50_000 * WAD, 1_000 * USDC, SUPPLY + 9_995 * WAD // 10, PAR + 1_000 * WAD)
    left = stocked.units_of(tether)
    stocked.redeem(tether, -(-left * 10**12 * 10_000 // 9_995), 0, sender=bob)
    assert stocked.units_of(tether) == 0
    feed.set_reverting(True, sender=bob)

    configurator.remove_asset(tether, sender=governor)

    assert tether not in stocked.assets()
    stocked.claim_owed(tether, alice, sender=alice)
    assert (tether.balanceOf(alice), tether.balanceOf(stocked), stocked.reserved(tether)) == (owed, 0, 0)


def test_g13__a_vault_whose_shares_are_owed__can_be_removed_and_they_claimed_afterwards(
    invested, configurator, governor, treasury, treasurer, usdt_feed, tbill, alice
):
    quote(usdt_feed, 700)
    code = chain.provider.get_code(tbill.address)
    chain.provider.set_code(tbill.address, "0x60006000fd")  # reverts, whatever is asked
    invested.redeem_basket(50_000 * WAD, [], sender=alice)
    chain.provider.set_code(tbill.address, code)
    owed = invested.owed(alice, tbill)
    treasury.deallocate(tbill, configurator.vault_position(tbill)[0], sender=treasurer)

    configurator.remove_vault(tbill, sender=governor)

    assert list(invested.vaults()) == []
    invested.claim_owed(tbill, alice, sender=alice)
    assert (tbill.balanceOf(alice), tbill.balanceOf(invested)) == (owed, 0)
    assert owed > 0
