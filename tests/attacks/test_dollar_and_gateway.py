"""Attacks G1 and G3 to G6 of the catalogue: depegs, odd tokens, limits, feeds, deny list."""

import pytest
from ape import chain, project, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    FOREVER,
    MINTED,
    PAR,
    STAKE,
    SUPPLY,
    USDC,
    attach_desk,
    excess,
    list_coin,
    quote,
    terms,
)

pytestmark = AFTER_THE_INSTALLATION


@pytest.fixture
def tether(protocol, stocked, governor, alice, bob, carol):
    """A coin without return values, with a fee and a blacklist to arm; the reserve has 100,000, by carol."""
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [alice, bob, carol])
    stocked.mint(tether, STAKE, 0, sender=carol)
    return tether


@pytest.fixture
def hostile(protocol, stocked, governor, alice, carol):
    """A coin with every bad habit to arm; the reserve has 100,000, by carol."""
    hostile = governor.deploy(project.HostileToken, 6)
    list_coin(protocol, governor, hostile, [alice, carol])
    stocked.mint(hostile, STAKE, 0, sender=carol)
    return hostile


# G1: mint at a depegged stable


def test_g1__mint_at_a_depegged_stable__gives_nothing(stocked, aid, usdt, usdt_feed, bob):
    """Bought at 0.92, each USDT would become a dollar."""
    quote(usdt_feed, 920)

    with reverts("price out of band"):
        stocked.mint(usdt, STAKE, 0, sender=bob)

    assert aid.totalSupply() == SUPPLY
    assert excess(stocked) == (192_000 * WAD - SUPPLY, PAR - SUPPLY)


def test_g1__leave_by_the_good_coin_at_a_depeg__is_closed(stocked, usdc, usdt, usdt_feed, alice, bob):
    """USDT at 0.92: nobody gets a whole dollar out, everybody the same basket of 0.96."""
    quote(usdt_feed, 920)
    with reverts("deficit"):
        stocked.redeem(usdc, 10_000 * WAD, 0, sender=bob)
    held = usdc.balanceOf(bob), usdt.balanceOf(bob)

    stocked.redeem_basket(10_000 * WAD, [], sender=bob)

    leg = model.part(10_000 * WAD, STAKE, SUPPLY, PAR)
    assert leg == 5_000 * USDC
    assert (usdc.balanceOf(bob) - held[0], usdt.balanceOf(bob) - held[1]) == (leg, leg)


@pytest.mark.parametrize("millis", [990, 995, 1_005, 1_010])
def test_g1__in_by_the_weak_coin_and_out_by_the_other__loses_both_fees(
    stocked, aid, usdc, usdt, usdt_feed, bob, millis
):
    quote(usdt_feed, millis)
    price = millis * 10**15
    brought = 10_000 * USDC
    minted = model.mint_out(brought, price=price)[0]
    held = usdc.balanceOf(bob)

    stocked.mint(usdt, brought, 0, sender=bob)
    stocked.redeem(usdc, minted, 0, sender=bob)

    paid = usdc.balanceOf(bob) - held
    assert paid == model.redeem_out(minted)[0]
    # ten thousand at the lesser of price and par, less 5 bps twice
    assert paid <= min(brought * min(millis, 1_000) // 1_000 * 9_990_003 // 10**7, brought)


def test_g1__a_price_late_by_the_whole_deviation__pays_nothing_worth_the_gas(stocked, aid, usdc, usdt, bob):
    """The feed still says 1 while USDT trades at 0.999, the most it may be late."""
    brought = 100_000 * USDC
    held = usdc.balanceOf(bob)

    stocked.mint(usdt, brought, 0, sender=bob)
    stocked.redeem(usdc, aid.balanceOf(bob) - MINTED, 0, sender=bob)

    # two fees of 5 bps are 2.5e-7 less than 10 bps: 0.025 USDC of 100,000
    gain = usdc.balanceOf(bob) - held - brought * 999 // 1_000
    assert gain == 25_000


# G3: odd tokens


def test_g3__fee_on_transfer__only_what_arrives_counts(stocked, aid, tether, alice):
    tether.set_fee(100, sender=alice)
    held, before = aid.balanceOf(alice), excess(stocked)

    stocked.mint(tether, 1_000 * USDC, 0, sender=alice)

    assert aid.balanceOf(alice) - held == model.mint_out(990 * USDC)[0]
    assert stocked.units_of(tether) == tether.balanceOf(stocked) == STAKE + 990 * USDC
    assert excess(stocked) == tuple(e + 495 * 10**15 for e in before)  # the fee of 5 bps


def test_g3__fee_on_transfer__is_the_leavers_own(stocked, tether, alice):
    tether.set_fee(100, sender=alice)
    held = tether.balanceOf(alice)

    stocked.redeem(tether, 1_000 * WAD, 0, sender=alice)

    units = model.redeem_out(1_000 * WAD)[0]
    assert tether.balanceOf(alice) - held == units - units * 100 // 10_000
    assert stocked.units_of(tether) == tether.balanceOf(stocked) == STAKE - units


def test_g3__no_return_value__works_both_ways(stocked, aid, tether, alice):
    held = aid.balanceOf(alice), tether.balanceOf(alice)
    minted = model.mint_out(1_000 * USDC)[0]

    stocked.mint(tether, 1_000 * USDC, minted, sender=alice)
    stocked.redeem(tether, minted, 0, sender=alice)

    lost = 1_000 * USDC - model.redeem_out(minted)[0]
    assert (aid.balanceOf(alice), tether.balanceOf(alice)) == (held[0], held[1] - lost)


def test_g3__false_return__neither_mints_nor_burns(stocked, aid, hostile, alice):
    hostile.set_returns_false(True, sender=alice)
    supply = aid.totalSupply()

    for attempt in (
        lambda: stocked.mint(hostile, USDC, 0, sender=alice),
        lambda: stocked.redeem(hostile, WAD, 0, sender=alice),
        lambda: stocked.recapitalise(hostile, USDC, sender=alice),
    ):
        with reverts("transfer failed"):
            attempt()

    assert (aid.totalSupply(), stocked.units_of(hostile)) == (supply, STAKE)


@pytest.mark.parametrize("habit", ["returns_false", "reverts", "blacklisted"])
def test_g3__a_leg_that_cannot_be_delivered__neither_blocks_nor_is_lost(
    stocked, usdc, usdt_feed, hostile, alice, bob, habit
):
    quote(usdt_feed, 700)
    leg = model.part(30_000 * WAD, STAKE, 3 * MINTED, 3 * PAR // 2)
    arm = {
        "returns_false": lambda on: hostile.set_returns_false(on, sender=bob),
        "reverts": lambda on: hostile.set_reverts(on, sender=bob),
        "blacklisted": lambda on: hostile.set_blacklisted(stocked, on, sender=bob),
    }[habit]
    arm(True)
    held = usdc.balanceOf(alice), hostile.balanceOf(alice)

    stocked.redeem_basket(30_000 * WAD, [], sender=alice)

    assert usdc.balanceOf(alice) == held[0] + leg
    assert stocked.owed(alice, hostile) == leg
    arm(False)
    stocked.claim_owed(hostile, alice, sender=alice)
    assert hostile.balanceOf(alice) == held[1] + leg


def test_g3__rebase_upwards__changes_nothing(stocked, hostile, alice):
    before = stocked.backing()

    hostile.set_balance(stocked, 10 * STAKE, sender=alice)

    assert stocked.backing() == before
    assert stocked.units_of(hostile) == STAKE
    with reverts("nothing to harvest"):
        stocked.harvest(sender=alice)


def test_g3__rebase_downwards__never_costs_another_coin(stocked, usdc, hostile, alice):
    """The books still say 100,000 of it; who comes for more than is there gets nothing else instead."""
    hostile.set_balance(stocked, 500 * USDC, sender=alice)
    held = usdc.balanceOf(stocked)

    with reverts("transfer failed"):
        stocked.redeem(hostile, 1_000 * WAD, 0, sender=alice)
    stocked.redeem(hostile, 500 * WAD, 0, sender=alice)

    assert usdc.balanceOf(stocked) == held
    assert hostile.balanceOf(stocked) == 500 * USDC - model.redeem_out(500 * WAD)[0]


# G4: limits


@pytest.fixture
def limited(stocked, configurator, governor, usdc, usdc_feed):
    """As stocked, with USDC limits of 1,000 AID a day, both full."""
    configurator.set_asset(
        usdc, terms(usdc_feed, mint_capacity=1_000, redeem_capacity=1_000), sender=governor
    )
    return stocked


def test_g4__going_in_circles__takes_no_more_than_the_first_turn(limited, configurator, usdc, alice, bob):
    """What a turn brings in counts for redemption only as far as there was room to refill: one turn of x may
    take x from others, at the price of both fees, but any number of turns no more than that.
    """
    minted = model.mint_out(900 * USDC)[0]
    for _ in range(4):
        limited.mint(usdc, 900 * USDC, 0, sender=bob)
        limited.redeem(usdc, minted, 0, sender=bob)

    mint_level, redeem_level = configurator.available(usdc)
    # rounding takes a micro-dollar a turn at most
    assert mint_level >= 1_000 * WAD - 4 * 10**12
    assert redeem_level >= 1_000 * WAD - minted - 4 * 10**12
    limited.redeem(usdc, 100 * WAD, 0, sender=alice)


def test_g4__dust__does_not_hold_the_refill_back(limited, configurator, usdc, alice, bob):
    limited.redeem(usdc, 1_000 * WAD, 0, sender=alice)
    start = chain.blocks.head.timestamp
    dust = 2 * 10**12 + 1
    for second in (1, 2, 3, 5, 8):
        chain.pending_timestamp = start + second
        limited.redeem(usdc, dust, 0, sender=bob)
    chain.pending_timestamp = start + 3_600
    chain.mine()

    # five calls lose less than a micro-dollar each, besides what they draw (three, rounded up)
    undisturbed = model.refilled(0, 1_000, 3_600)
    assert undisturbed - 5 * (1 + 3) * 10**12 <= configurator.available(usdc)[1] < undisturbed


def test_g4__one_coin_exhausted__leaves_the_other(limited, usdc, usdt, alice):
    limited.redeem(usdc, 1_000 * WAD, 0, sender=alice)

    with reverts("redeem limit"):
        limited.redeem(usdc, WAD, 0, sender=alice)
    limited.redeem(usdt, 1_000 * WAD, 0, sender=alice)

    assert limited.units_of(usdt) == STAKE - model.redeem_out(1_000 * WAD)[0]


def test_g4__a_full_coin_and_a_full_supply__take_nothing_more(
    stocked, aid, configurator, governor, guardian, usdc, usdt, alice
):
    configurator.lower_cap(usdc, 100_000, sender=guardian)
    with reverts("asset cap"):
        stocked.mint(usdc, 2, 0, sender=alice)
    configurator.set_total_cap(199_900, sender=governor)
    with reverts("total cap"):
        stocked.mint(usdt, 2, 0, sender=alice)

    assert aid.totalSupply() == SUPPLY


# G5: broken feeds

BROKEN = {
    "stale": lambda feed, now: feed.set_round(9, 10**8, 0, now - 26 * 3_600, 9, sender=_anyone()),
    "zero": lambda feed, now: feed.set_round(9, 0, 0, now, 9, sender=_anyone()),
    "negative": lambda feed, now: feed.set_round(9, -(10**8), 0, now, 9, sender=_anyone()),
    "least": lambda feed, now: feed.set_round(9, -(2**255), 0, now, 9, sender=_anyone()),
    "most": lambda feed, now: feed.set_round(9, 2**255 - 1, 0, now, 9, sender=_anyone()),
    "incomplete round": lambda feed, now: feed.set_round(9, 10**8, 0, now, 8, sender=_anyone()),
    "never updated": lambda feed, _: feed.set_round(9, 10**8, 0, 0, 9, sender=_anyone()),
    "from the future": lambda feed, now: feed.set_round(9, 10**8, 0, now + 10**6, 9, sender=_anyone()),
    "reverting": lambda feed, _: feed.set_reverting(True, sender=_anyone()),
    "gone": lambda feed, _: chain.provider.set_code(feed.address, "0x"),
    "cut short": lambda feed, _: chain.provider.set_code(feed.address, "0x60206000f3"),
}


def _anyone():
    return chain.account_manager.test_accounts[8]


@pytest.mark.parametrize("fault", BROKEN)
def test_g5__a_broken_feed__closes_the_coin_and_opens_the_basket(
    stocked, aid, usdc, usdt, usdt_feed, alice, fault
):
    BROKEN[fault](usdt_feed, chain.blocks.head.timestamp)

    with reverts("stale price"):
        stocked.mint(usdt, USDC, 0, sender=alice)
    with reverts("deficit"):
        stocked.redeem(usdc, WAD, 0, sender=alice)
    held = usdc.balanceOf(alice)
    stocked.redeem_basket(1_000 * WAD, [], sender=alice)

    assert usdc.balanceOf(alice) == held + model.part(1_000 * WAD, STAKE, SUPPLY, PAR)
    assert stocked.backing().stale


@pytest.mark.parametrize("gift", [1, 500_000 * USDC])
def test_g5__a_gift_of_a_coin_whose_feed_is_dead__changes_the_mode_for_nobody(
    protocol, stocked, aid, governor, usdc, alice, mallory, gift
):
    third = governor.deploy(project.Stablecoin, "Third", "THD", 6)
    list_coin(protocol, governor, third, [mallory]).set_reverting(True, sender=governor)

    stocked.recapitalise(third, gift, sender=mallory)

    state = stocked.backing()
    assert (state.backing, state.deficit, state.stale) == (PAR, False, True)
    with reverts("stale price"):
        stocked.redeem(third, WAD, 0, sender=alice)
    stocked.mint(usdc, 1_000 * USDC, model.mint_out(1_000 * USDC)[0], sender=alice)
    stocked.redeem(usdc, 500 * WAD, model.redeem_out(500 * WAD)[0], sender=alice)
    # nothing of what has no price is harvested, and no gift is
    stocked.recapitalise(usdc, 1_000 * USDC, sender=mallory)
    assert stocked.surplus() == 0


def test_g5__a_dead_feed_while_the_other_coin_is_closed__locks_nobody_in(
    protocol, stocked, governor, guardian, usdc, usdt, usdt_feed, alice, mallory
):
    """So much is given that USDC alone covers the supply: the mode is normal, and no coin can be redeemed."""
    stocked.recapitalise(usdc, 100_000 * USDC, sender=mallory)
    protocol.configurator.pause_asset(usdc, False, True, sender=guardian)
    usdt_feed.set_reverting(True, sender=governor)
    assert not stocked.backing().deficit

    stocked.redeem_basket(1_000 * WAD, [], sender=alice)

    # 16 bps stay, for the mode is normal
    leg = model.part(9_984 * WAD // 10, STAKE, SUPPLY, PAR + 100_000 * WAD + 1)
    assert stocked.units_of(usdt) == STAKE - leg


def test_g5__round_ids_wider_than_the_standard__are_read(stocked, usdt, usdt_feed, alice):
    wide = 2**256 - 1
    usdt_feed.set_round(wide, 10**8, wide, chain.blocks.head.timestamp, wide, sender=alice)

    assert tuple(stocked.price_of(usdt)) == (WAD, True)
    assert not stocked.backing().stale


# G6: the deny list


def test_g6__the_vault_and_the_insurance__cannot_be_denied(aid, vault, insurance, compliance):
    """A captured COMPLIANCE would freeze everybody's stake at once."""
    for contract in (vault, insurance):
        with reverts("cannot deny"):
            aid.deny(contract, sender=compliance)
        assert (aid.is_denied(contract), aid.is_protected(contract)) == (False, True)


def test_g6__denied_with_valid_kyc__can_do_nothing(
    protocol, stocked, aid, compliance, usdc, usdt_feed, alice, bob
):
    aid.deny(alice, sender=compliance)
    assert protocol.allowlist.is_allowed(alice)
    attempts = [
        lambda: stocked.mint(usdc, USDC, 0, sender=alice),
        lambda: stocked.mint(usdc, USDC, 0, bob, sender=alice),
        lambda: stocked.mint_with_permit(usdc, USDC, 0, FOREVER, 27, bytes(32), bytes(32), sender=alice),
        lambda: stocked.redeem(usdc, WAD, 0, sender=alice),
        lambda: stocked.redeem(usdc, WAD, 0, bob, sender=alice),
        lambda: stocked.redeem(usdc, WAD, 0, alice, sender=bob),
        lambda: stocked.claim_owed(usdc, alice, sender=alice),
    ]
    for attempt in attempts:
        with reverts("denied"):
            attempt()
    quote(usdt_feed, 700)
    for receiver in (alice, bob):
        with reverts("denied"):
            stocked.redeem_basket(WAD, [], receiver, sender=alice)

    assert (aid.balanceOf(alice), aid.totalSupply()) == (MINTED, SUPPLY)


def test_g6__denied_owner_spender_or_receiver__moves_no_aid(stocked, aid, compliance, alice, bob, dave):
    aid.approve(dave, FOREVER, sender=alice)
    for denied in (alice, bob, dave):
        aid.deny(denied, sender=compliance)
        with reverts("denied"):
            aid.transferFrom(alice, bob, WAD, sender=dave)
        aid.allow(denied, sender=compliance)

    assert (aid.balanceOf(alice), aid.balanceOf(bob)) == (MINTED, MINTED)


def test_g6__denied_after_a_basket_left_something_owed__waits_for_it(
    stocked, aid, compliance, usdt_feed, tether, alice, bob
):
    quote(usdt_feed, 700)
    tether.set_blacklisted(alice, True, sender=alice)
    stocked.redeem_basket(30_000 * WAD, [], sender=alice)
    owed = model.part(30_000 * WAD, STAKE, 3 * MINTED, 3 * PAR // 2)
    aid.deny(alice, sender=compliance)

    with reverts("denied"):
        stocked.claim_owed(tether, bob, sender=alice)
    assert stocked.owed(alice, tether) == owed
    aid.allow(alice, sender=compliance)
    held = tether.balanceOf(bob)
    stocked.claim_owed(tether, bob, sender=alice)

    assert tether.balanceOf(bob) == held + owed


def test_g6__desk_denied_after_a_payment__leaves_it_in_escrow(
    protocol, stocked, aid, compliance, governor, usdt, usdt_feed, bob
):
    desk = attach_desk(protocol, governor)
    usdt.approve(desk, FOREVER, sender=bob)
    quote(usdt_feed, 950)
    desk.pay(usdt, 1_000 * USDC, 0, 0, sender=bob)
    quote(usdt_feed, 1_000)
    aid.deny(desk, sender=compliance)

    with reverts("denied"):
        stocked.convert_escrow(1, sender=bob)

    assert (stocked.escrow(1)[1], stocked.reserved(usdt)) == (1_000 * USDC, 1_000 * USDC)
    assert aid.totalSupply() == SUPPLY
