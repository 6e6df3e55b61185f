"""Gateway.redeem, redeem_basket and claim_owed: what AID is paid with, and when it is not."""

from fractions import Fraction
from math import ceil

import pytest
from ape import chain, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    MINTED,
    PAR,
    STAKE,
    SUPPLY,
    USDC,
    excess,
    list_coin,
    logged,
    quote,
    terms,
    travel,
)

pytestmark = AFTER_THE_INSTALLATION

ODD = 1_234_567_891_234_567_891_234  # AID wei
DEPEG = 900  # thousandths of a dollar: with half the reserve at it, B is 5 % below the supply


@pytest.fixture
def in_deficit(stocked, usdt_feed):
    """As stocked, with USDT at 0.90."""
    quote(usdt_feed, DEPEG)
    return stocked


@pytest.fixture
def wound_down(stocked, aid, configurator, governor, alice, dave):
    """As stocked, in the second in which the wind-down's delay ends; dave, unknown, has some AID."""
    aid.transfer(dave, ODD, sender=alice)
    configurator.start_wind_down(sender=governor)
    chain.pending_timestamp = chain.blocks.head.timestamp + 14 * DAY
    return stocked


# coin by coin


@pytest.mark.parametrize("millis", [1_000, 1_009.99, 996], ids=lambda price: f"at_{price}")
@pytest.mark.parametrize("amount", [ODD, 2 * 10**12], ids=str)
def test_redeem__at_a_price__pays_at_the_greater_of_price_and_par(
    stocked, aid, usdc, usdc_feed, alice, millis, amount
):
    quote(usdc_feed, millis)
    units, fee = model.redeem_out(amount, price=round(millis * 10**15))
    held = usdc.balanceOf(alice)

    tx = stocked.redeem(usdc, amount, units, sender=alice)

    assert logged(stocked, tx) == [
        stocked.Redeemed(caller=alice, receiver=alice, asset=usdc, units=units, aid=amount, fee=fee)
    ]
    assert usdc.balanceOf(alice) == held + units
    assert (aid.balanceOf(alice), aid.totalSupply()) == (MINTED - amount, SUPPLY - amount)
    assert stocked.units_of(usdc) == usdc.balanceOf(stocked) == STAKE - units


def test_redeem__quoted__is_the_quote_to_the_unit(stocked, usdc, usdc_feed, alice):
    quote(usdc_feed, 1_003.7)
    expected = model.redeem_out(ODD, price=1_003_700 * 10**12)[0]
    held = usdc.balanceOf(alice)

    assert stocked.quote_redeem(usdc, ODD) == expected
    stocked.redeem(usdc, ODD, 0, sender=alice)

    assert usdc.balanceOf(alice) == held + expected


def test_redeem__keeps_the_fee_in_the_reserve(stocked, configurator, usdc, alice):
    mint_fee = model.mint_out(STAKE)[1]
    stocked.redeem(usdc, ODD, 0, sender=alice)

    assert configurator.fees_of(usdc) == mint_fee + model.redeem_out(ODD)[1]


def test_redeem__never_lowers_backing_above_supply(stocked, usdc, usdc_feed, alice):
    quote(usdc_feed, 1_008)
    units, _ = model.redeem_out(ODD, price=1_008 * 10**15)

    stocked.redeem(usdc, ODD, 0, sender=alice)

    left = 2 * STAKE - units
    expected = left * 10**12 - (SUPPLY - ODD)
    assert excess(stocked) == (expected, expected)
    assert expected > PAR - SUPPLY


def test_redeem__for_a_receiver__pays_them(stocked, usdc, alice, carol):
    held = usdc.balanceOf(carol)

    stocked.redeem(usdc, ODD, 0, carol, sender=alice)

    assert usdc.balanceOf(carol) == held + model.redeem_out(ODD)[0]


def test_redeem__with_a_shortfall_within_the_delta__pays_at_par(stocked, usdc, usdt_feed, alice):
    # 100,000 + 99,000 against 199,900: 0.4502 % short, 0.5 % are allowed
    quote(usdt_feed, 990)
    held = usdc.balanceOf(alice)

    stocked.redeem(usdc, ODD, 0, sender=alice)

    assert usdc.balanceOf(alice) == held + model.redeem_out(ODD)[0]


def test_redeem__with_a_shortfall_beyond_the_delta__reverts(stocked, usdc, usdt_feed, alice):
    # 0.5 % of 199,900 are 999.5: 198,900.5 is the least that will do
    quote(usdt_feed, 989.005)
    assert stocked.backing().deficit is False

    quote(usdt_feed, 989.004)
    with reverts("deficit"):
        stocked.redeem(usdc, ODD, 0, sender=alice)


def test_redeem__with_another_price_stale__reverts(stocked, usdc, usdc_feed, alice):
    travel(26 * 3_600)
    quote(usdc_feed, 1_000)

    with reverts("deficit"):
        stocked.redeem(usdc, ODD, 0, sender=alice)


@pytest.mark.parametrize(
    ("held", "mode"), [(2, "normal"), (1_105 * USDC, "normal"), (1_106 * USDC, "deficit")]
)
def test_redeem__with_a_dead_coin_in_the_reserve__goes_on_while_the_rest_covers_all_but_the_delta(
    protocol, stocked, project, governor, usdc, alice, bob, held, mode
):
    """Minted with, then given up by its feed: 200,000 of the rest against 199,900 and what was minted."""
    third = governor.deploy(project.Stablecoin, "Third", "THD", 6)
    feed = list_coin(protocol, governor, third, [bob])
    stocked.mint(third, held, 0, sender=bob)
    feed.set_reverting(True, sender=bob)
    supply = SUPPLY + model.mint_out(held)[0]
    assert stocked.backing().stale
    assert stocked.backing().deficit == (supply * 9_950 > PAR * 10_000) == (mode == "deficit")

    with reverts("stale price" if mode == "normal" else "deficit"):
        stocked.redeem(third, 100 * WAD, 0, sender=alice)
    if mode == "normal":
        units = model.redeem_out(ODD)[0]
        stocked.redeem(usdc, ODD, units, sender=alice)
        assert stocked.units_of(usdc) == STAKE - units


@pytest.mark.parametrize("amount", [0, 10**12], ids=["nothing", "less_than_a_unit"])
def test_redeem__for_nothing__reverts(stocked, usdc, alice, amount):
    with reverts("zero amount"):
        stocked.redeem(usdc, amount, 0, sender=alice)


def test_redeem__a_second_late__reverts(stocked, usdc, alice):
    deadline = chain.pending_timestamp + 100
    chain.pending_timestamp = deadline + 1

    with reverts("deadline passed"):
        stocked.redeem(usdc, ODD, 0, alice, deadline, sender=alice)


def test_redeem__without_kyc__reverts(stocked, aid, usdc, alice, dave):
    aid.transfer(dave, ODD, sender=alice)

    with reverts("kyc required"):
        stocked.redeem(usdc, ODD, 0, sender=dave)
    with reverts("kyc required"):
        stocked.redeem(usdc, ODD, 0, dave, sender=alice)


@pytest.mark.parametrize("denied", ["alice", "bob"])
def test_redeem__denied_caller_or_receiver__reverts(
    request, stocked, aid, compliance, usdc, alice, bob, denied
):
    aid.deny(request.getfixturevalue(denied), sender=compliance)

    with reverts("denied"):
        stocked.redeem(usdc, ODD, 0, bob, sender=alice)


def test_redeem__unknown_coin__reverts(stocked, tbill, alice):
    with reverts("unknown asset"):
        stocked.redeem(tbill, ODD, 0, sender=alice)


def test_redeem__less_than_asked_for__reverts(stocked, usdc, alice):
    with reverts("min out"):
        stocked.redeem(usdc, ODD, model.redeem_out(ODD)[0] + 1, sender=alice)


def test_redeem__more_than_the_reserve_has_of_the_coin__reverts(stocked, aid, usdc, alice, bob):
    aid.transfer(alice, MINTED, sender=bob)
    # pays a unit more than 100,000 USDC
    amount = (STAKE + 1) * 10**12 * 10_000 // 9_995 + 1

    with reverts("insufficient units"):
        stocked.redeem(usdc, amount, 0, sender=alice)


def test_redeem__paused__reverts_until_it_ends_by_itself(
    stocked, configurator, guardian, usdc, usdc_feed, usdt_feed, alice
):
    configurator.pause_redeem(sender=guardian)
    until = chain.blocks.head.timestamp + 14 * DAY
    chain.pending_timestamp = until - 10
    for feed in (usdc_feed, usdt_feed):
        quote(feed, 1_000)

    chain.pending_timestamp = until - 1
    with reverts("redeem paused"):
        stocked.redeem(usdc, ODD, 0, sender=alice)
    chain.pending_timestamp = until
    stocked.redeem(usdc, ODD, 0, sender=alice)

    assert stocked.units_of(usdc) == STAKE - model.redeem_out(ODD)[0]


def test_redeem__coin_paused__reverts_for_that_coin_only(stocked, configurator, guardian, usdc, usdt, alice):
    configurator.pause_asset(usdc, False, True, sender=guardian)

    with reverts("redeem paused"):
        stocked.redeem(usdc, ODD, 0, sender=alice)
    stocked.redeem(usdt, ODD, 0, sender=alice)

    assert stocked.units_of(usdt) == STAKE - model.redeem_out(ODD)[0]


def test_redeem__beyond_the_limit__reverts_until_it_refills(
    stocked, configurator, governor, usdc, usdc_feed, alice
):
    configurator.set_asset(usdc, terms(usdc_feed, redeem_capacity=1_000), sender=governor)
    stocked.redeem(usdc, 900 * WAD, 0, sender=alice)
    drawn_at = chain.blocks.head.timestamp

    # a minute gives 1,000 / 1,440 AID, rounded down to a micro-dollar
    room = model.refilled(100 * WAD, 1_000, 60)
    assert room == 100_694_444 * 10**12
    chain.pending_timestamp = drawn_at + 60
    with reverts("redeem limit"):
        stocked.redeem(usdc, room + 1, 0, sender=alice)
    chain.pending_timestamp = drawn_at + 60
    stocked.redeem(usdc, room, 0, sender=alice)

    assert configurator.available(usdc)[1] == 0


def test_redeem__gives_minting_its_room_back(stocked, configurator, governor, usdc, usdc_feed, alice):
    configurator.set_asset(usdc, terms(usdc_feed, mint_capacity=1_000), sender=governor)
    out = model.mint_out(800 * USDC)[0]
    stocked.mint(usdc, 800 * USDC, 0, sender=alice)
    chain.pending_timestamp = chain.blocks.head.timestamp + 1
    stocked.redeem(usdc, 500 * WAD, 0, sender=alice)

    level = model.refilled(1_000 * WAD - out, 1_000, 1) + 500 * WAD
    assert configurator.available(usdc)[0] == level


def test_redeem__during_a_wind_down__works_and_once_wound_down_reverts(
    stocked, configurator, governor, usdc, usdc_feed, usdt_feed, alice
):
    configurator.start_wind_down(sender=governor)
    stocked.redeem(usdc, ODD, 0, sender=alice)
    assert stocked.units_of(usdc) == STAKE - model.redeem_out(ODD)[0]

    chain.pending_timestamp = configurator.wind_down_at()
    with reverts("winding down"):
        stocked.redeem(usdc, ODD, 0, sender=alice)


# basket


def test_redeem_basket__in_deficit__pays_every_coin_pro_rata(in_deficit, aid, usdc, usdt, alice):
    leg = model.part(ODD, STAKE, SUPPLY, PAR)
    held = usdc.balanceOf(alice), usdt.balanceOf(alice)

    tx = in_deficit.redeem_basket(ODD, [leg, leg, 0], sender=alice)

    assert logged(in_deficit, tx) == [in_deficit.BasketRedeemed(caller=alice, receiver=alice, aid=ODD)]
    assert (usdc.balanceOf(alice), usdt.balanceOf(alice)) == (held[0] + leg, held[1] + leg)
    assert in_deficit.units_of(usdc) == in_deficit.units_of(usdt) == STAKE - leg
    assert aid.totalSupply() == SUPPLY - ODD


def test_redeem_basket__below_par__divides_by_what_vaults_are_booked_at(
    in_deficit, treasury, treasurer, usdc, tbill, alice
):
    """T-bills have lost half: a basket is a part of what was paid for them, hardly less than the supply."""
    treasury.allocate(tbill, 80_000 * USDC, sender=treasurer)
    chain.mine()
    tbill.lose(5_000, sender=alice)
    value = tbill.convertToAssets(tbill.balanceOf(in_deficit))
    assert value == pytest.approx(40_000 * USDC, abs=1_000)
    held = usdc.balanceOf(alice)

    in_deficit.redeem_basket(ODD, [], sender=alice)

    # its fastest growth since is in it too
    leg = model.part(ODD, 20_000 * USDC, SUPPLY, PAR)
    assert usdc.balanceOf(alice) - held == pytest.approx(leg, rel=1e-5)


def test_redeem_basket__with_t_bills__pays_shares_but_those_of_two_units(
    invested, usdt_feed, usdc, tbill, configurator, alice
):
    quote(usdt_feed, DEPEG)
    shares, book, _ = configurator.vault_position(tbill)
    chain.mine()
    allocated_at = invested.vault_words(0)[0] >> 168 & (2**40 - 1)
    at = chain.blocks.head.timestamp + 5
    chain.pending_timestamp = at
    chain.mine()
    report = tbill.convertToAssets(shares)
    # the denominator counts the book at its fastest growth, whatever the vault reports
    par = PAR + (model.grown(book, at - allocated_at) - 60_000 * USDC) * 10**12
    expected = model.share_part(ODD, shares, report, SUPPLY, par)
    assert list(invested.quote_basket(ODD)) == [
        model.part(ODD, 40_000 * USDC, SUPPLY, par),
        model.part(ODD, STAKE, SUPPLY, par),
        expected,
    ]

    chain.pending_timestamp = at + 5
    invested.redeem_basket(ODD, [], sender=alice)

    # five seconds of interest on 60,000 USDC move the denominator by less than a cent in 200,000
    assert expected * (1 - 1e-7) < tbill.balanceOf(alice) <= expected
    left, left_book, _ = configurator.vault_position(tbill)
    assert left == shares - tbill.balanceOf(alice) == tbill.balanceOf(invested)
    assert left_book == book - book * tbill.balanceOf(alice) // shares


def test_redeem_basket__never_lowers_backing_above_supply(invested, usdt_feed, tbill, alice):
    quote(usdt_feed, DEPEG)
    before = excess(invested)

    invested.redeem_basket(50_000 * WAD, [], sender=alice)

    after = excess(invested)
    assert after[0] >= before[0] + 50_000 * WAD * 499 // 10_000  # they bore their part of the loss
    assert after[1] >= before[1]


def test_redeem_basket__needs_no_price_at_all(stocked, usdc_feed, usdt_feed, usdc, alice):
    for feed in (usdc_feed, usdt_feed):
        feed.set_reverting(True, sender=alice)
    held = usdc.balanceOf(alice)

    stocked.redeem_basket(ODD, [], sender=alice)

    assert usdc.balanceOf(alice) == held + model.part(ODD, STAKE, SUPPLY, PAR)


FEE_BPS = 16  # both feeds may be late by 10 bps, minting takes 5: (20 - 5) / (1 - 5 bps), up


def test_redeem_basket__in_normal_mode__takes_a_fee_of_both_deviations_less_the_mint_fee(
    stocked, configurator, usdc, usdt, alice
):
    """RD2: an exit that no price, no operator and no other coin can close."""
    net = ODD - ceil(Fraction(ODD * FEE_BPS, 10_000))
    leg = model.part(net, STAKE, SUPPLY, PAR + 1)
    before, held = excess(stocked), (usdc.balanceOf(alice), usdt.balanceOf(alice))
    assert tuple(configurator.exit_terms()) == (FEE_BPS, 500)
    assert list(stocked.quote_basket(ODD)) == [leg, leg, 0]

    stocked.redeem_basket(ODD, [leg, leg, 0], sender=alice)

    assert (usdc.balanceOf(alice), usdt.balanceOf(alice)) == (held[0] + leg, held[1] + leg)
    kept = ODD - 2 * leg * 10**12
    assert excess(stocked) == (before[0] + kept, before[1] + kept)


@pytest.mark.parametrize("cause", ["a price of 1.5", "a price of a million", "coins closed", "one unit left"])
def test_redeem_basket__whatever_closes_redemption__is_open(
    stocked,
    configurator,
    guardian,
    treasury,
    treasurer,
    tbill,
    usdc,
    usdt,
    usdc_feed,
    usdt_feed,
    alice,
    bob,
    cause,
):
    """RD2 (b) and (c)."""
    if cause == "coins closed":
        configurator.pause_asset(usdc, True, True, sender=guardian)
        configurator.pause_asset(usdt, True, True, sender=guardian)
    elif cause == "one unit left":
        treasury.allocate(tbill, 80_000 * USDC, sender=treasurer)
        for coin, held in ((usdt, STAKE), (usdc, 20_000 * USDC)):
            amount = -(-(held - 1) * 10**12 * 10_000 // 9_995)
            stocked.redeem(coin, min(amount, 99_000 * WAD), 0, sender=bob if coin == usdt else alice)
    else:
        for feed in (usdc_feed, usdt_feed):
            quote(feed, 1_500 if cause == "a price of 1.5" else 10**9)
        for coin in (usdc, usdt):
            with reverts("price out of band"):
                stocked.redeem(coin, ODD, 0, sender=alice)
    amount = 1_000 * WAD
    expected = stocked.quote_basket(amount)
    held = usdc.balanceOf(alice)

    stocked.redeem_basket(amount, [0] * 3, sender=alice)

    assert usdc.balanceOf(alice) == held + expected[0]
    state = stocked.backing()
    worth = expected[0] * 10**12 + expected[1] * 10**12 + tbill.balanceOf(alice)
    # all but the fee, and what the surplus adds to the denominator
    assert worth >= amount * (10_000 - FEE_BPS - 7) // 10_000
    assert state.backing_par >= state.supply


def test_redeem_basket__with_a_coin_above_par__gives_no_more_than_was_burned(
    stocked, usdc, usdt, usdt_feed, alice
):
    """In by USDC at one dollar and out by a basket with USDT at 1.01 must not gain half a per cent."""
    quote(usdt_feed, 1_010)
    held = usdc.balanceOf(alice), usdt.balanceOf(alice)

    stocked.redeem_basket(ODD, [], sender=alice)

    got = (usdc.balanceOf(alice) - held[0]) * 100 + (usdt.balanceOf(alice) - held[1]) * 101
    assert got * 10**10 <= ODD * (10_000 - FEE_BPS) // 10_000


def test_redeem_basket__a_leg_below_its_minimum__reverts(in_deficit, alice):
    leg = model.part(ODD, STAKE, SUPPLY, PAR)

    with reverts("min out"):
        in_deficit.redeem_basket(ODD, [leg, leg + 1, 0], sender=alice)


@pytest.mark.parametrize("listed", [1, 2, 4])
def test_redeem_basket__with_minima_for_some_legs_or_for_more__reverts(in_deficit, alice, listed):
    # two coins and a vault
    with reverts("min outs"):
        in_deficit.redeem_basket(ODD, [0] * listed, sender=alice)


def test_redeem_basket__nothing_or_late_or_unknown__reverts(in_deficit, aid, alice, dave):
    aid.transfer(dave, ODD, sender=alice)
    with reverts("zero amount"):
        in_deficit.redeem_basket(0, [], sender=alice)
    with reverts("kyc required"):
        in_deficit.redeem_basket(ODD, [], sender=dave)
    with reverts("kyc required"):
        in_deficit.redeem_basket(ODD, [], dave, sender=alice)
    with reverts("deadline passed"):
        in_deficit.redeem_basket(ODD, [], alice, chain.pending_timestamp - 1, sender=alice)


@pytest.mark.parametrize("denied", ["alice", "bob"])
def test_redeem_basket__denied_caller_or_receiver__reverts(
    request, in_deficit, aid, compliance, alice, bob, denied
):
    aid.deny(request.getfixturevalue(denied), sender=compliance)

    with reverts("denied"):
        in_deficit.redeem_basket(ODD, [], bob, sender=alice)


def test_redeem_basket__paused__reverts(in_deficit, configurator, guardian, alice):
    configurator.pause_redeem(sender=guardian)

    with reverts("redeem paused"):
        in_deficit.redeem_basket(ODD, [], sender=alice)


def test_redeem_basket__wound_down__is_open_to_everyone(wound_down, usdc, dave):
    held = usdc.balanceOf(dave)

    wound_down.redeem_basket(ODD, [], sender=dave)

    # RD5: a part of the supply, so that all of the reserve is somebody's
    assert wound_down.wound_down()
    assert usdc.balanceOf(dave) == held + ODD * STAKE // SUPPLY


def test_redeem_basket__a_second_before_wound_down__is_for_known_users_only(
    stocked, aid, configurator, governor, alice, dave
):
    aid.transfer(dave, ODD, sender=alice)
    configurator.start_wind_down(sender=governor)
    at = chain.blocks.head.timestamp + 14 * DAY

    chain.pending_timestamp = at - 1
    with reverts("kyc required"):
        stocked.redeem_basket(ODD, [], sender=dave)
    assert not stocked.wound_down()
    chain.pending_timestamp = at
    stocked.redeem_basket(ODD, [], sender=dave)

    assert stocked.backing().supply == SUPPLY - ODD


def test_wound_down__everybody_leaves__nothing_stays_but_dust(
    invested, treasury, treasurer, aid, configurator, governor, usdc, usdt, tbill, alice, bob
):
    """RD5: what the reserve has beyond the supply goes to who holds AID, to the unit."""
    configurator.start_wind_down(sender=governor)
    chain.pending_timestamp = chain.blocks.head.timestamp + 14 * DAY

    for holder in (alice, bob):
        invested.redeem_basket(aid.balanceOf(holder), [], sender=holder)

    assert aid.totalSupply() == 0
    assert (invested.units_of(usdc), invested.units_of(usdt)) == (0, 0)
    # of the T-bills the shares of two units for each basket, which the first leaves to the second
    assert tbill.balanceOf(invested) <= 4 * 10**12


@pytest.mark.parametrize("denied", ["dave", "mallory"])
def test_redeem_basket__wound_down_and_denied__reverts(
    request, wound_down, aid, compliance, dave, mallory, denied
):
    aid.deny(request.getfixturevalue(denied), sender=compliance)

    with reverts("denied"):
        wound_down.redeem_basket(ODD, [], mallory, sender=dave)


# legs that cannot be delivered


@pytest.fixture
def with_tether(protocol, stocked, project, governor, carol):
    """As stocked, with 100,000 of a coin that blacklists, brought by carol."""
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [carol])
    stocked.mint(tether, STAKE, 0, sender=carol)
    return tether


@pytest.fixture
def kept(stocked, with_tether, usdt_feed, alice):
    """A basket of alice's whose leg of that coin could not be delivered; the amount of it."""
    quote(usdt_feed, 700)
    with_tether.set_blacklisted(alice, True, sender=alice)
    stocked.redeem_basket(ODD, [], sender=alice)
    return model.part(ODD, STAKE, 3 * MINTED, 300_000 * WAD)


def test_redeem_basket__undeliverable_leg__is_kept_for_the_caller(
    stocked, with_tether, usdt_feed, usdc, alice, bob
):
    quote(usdt_feed, 700)
    with_tether.set_blacklisted(bob, True, sender=bob)
    leg = model.part(ODD, STAKE, 3 * MINTED, 300_000 * WAD)
    held = usdc.balanceOf(bob)

    tx = stocked.redeem_basket(ODD, [leg] * 3 + [0], bob, sender=alice)

    assert logged(stocked, tx) == [
        stocked.BasketRedeemed(caller=alice, receiver=bob, aid=ODD),
        stocked.LegKept(account=alice, token=with_tether, amount=leg),
    ]
    assert usdc.balanceOf(bob) == held + leg
    assert (stocked.owed(alice, with_tether), stocked.owed(bob, with_tether)) == (leg, 0)
    assert stocked.reserved(with_tether) == leg
    assert stocked.units_of(with_tether) == STAKE - leg
    assert with_tether.balanceOf(stocked) == STAKE


def test_claim_owed__pays_once(stocked, with_tether, kept, alice, bob):
    tx = stocked.claim_owed(with_tether, bob, sender=alice)

    assert logged(stocked, tx) == [
        stocked.OwedClaimed(account=alice, token=with_tether, receiver=bob, amount=kept)
    ]
    assert with_tether.balanceOf(bob) == kept
    assert (stocked.owed(alice, with_tether), stocked.reserved(with_tether)) == (0, 0)
    assert stocked.units_of(with_tether) == with_tether.balanceOf(stocked) == STAKE - kept
    with reverts("nothing owed"):
        stocked.claim_owed(with_tether, bob, sender=alice)


def test_claim_owed__to_who_cannot_receive__reverts_and_stays_owed(stocked, with_tether, kept, alice):
    with reverts("transfer failed"):
        stocked.claim_owed(with_tether, alice, sender=alice)

    assert stocked.owed(alice, with_tether) == kept


def test_claim_owed__denied_or_unknown__reverts(
    protocol, stocked, aid, with_tether, kept, compliance, alice, bob, dave
):
    with reverts("kyc required"):
        stocked.claim_owed(with_tether, dave, sender=alice)
    aid.deny(alice, sender=compliance)
    with reverts("denied"):
        stocked.claim_owed(with_tether, bob, sender=alice)
    aid.allow(alice, sender=compliance)
    aid.deny(bob, sender=compliance)
    with reverts("denied"):
        stocked.claim_owed(with_tether, bob, sender=alice)
    protocol.allowlist.set_kyc(alice, 0, sender=compliance)
    with reverts("kyc required"):
        stocked.claim_owed(with_tether, alice, sender=alice)


def test_claim_owed__of_a_vault_share__pays_it(invested, configurator, usdt_feed, tbill, alice, bob):
    """A share that cannot move is kept like a coin: here the vault is out of order for a while."""
    quote(usdt_feed, DEPEG)
    shares = configurator.vault_position(tbill)[0]
    code = chain.provider.get_code(tbill.address)
    chain.provider.set_code(tbill.address, "0x60006000fd")  # reverts, whatever is asked
    invested.redeem_basket(ODD, [], sender=alice)
    chain.provider.set_code(tbill.address, code)
    amount = invested.owed(alice, tbill)

    invested.claim_owed(tbill, bob, sender=alice)

    # unreadable, so nothing is held back, and the denominator counts the book
    whole = model.part(ODD, shares, SUPPLY, PAR)
    assert tbill.balanceOf(bob) == amount == pytest.approx(whole, rel=1e-8)
