"""Gateway.mint: what a coin gives, and when it is turned away."""

import pytest
from ape import chain, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    FOREVER,
    MINTED,
    STAKE,
    USDC,
    excess,
    list_coin,
    logged,
    quote,
    terms,
    travel,
)
from tests.support.permit import sign_permit

pytestmark = AFTER_THE_INSTALLATION

ODD = 1_234_567_891  # 1,234.567891 USDC


@pytest.fixture
def supplied(gateway, usdc, usdt, alice, bob):
    """The Gateway with 100,000 of each coin and 199,900 AID outside."""
    gateway.mint(usdc, STAKE, 0, sender=alice)
    gateway.mint(usdt, STAKE, 0, sender=bob)
    return gateway


@pytest.fixture
def limited(supplied, configurator, governor, usdc, usdc_feed):
    """As supplied, with USDC capacities of 1,000 AID a day, both full."""
    configurator.set_asset(
        usdc, terms(usdc_feed, mint_capacity=1_000, redeem_capacity=1_000), sender=governor
    )
    return supplied


@pytest.fixture
def permit_coin(protocol, project, governor, alice):
    """An accepted coin with permits, of which alice has a million and has approved nothing."""
    token = governor.deploy(project.PermitStablecoin, "Permit USD", "PUSD", 6)
    list_coin(protocol, governor, token)
    token.mint(alice, 10**12, sender=governor)
    return token


# what it gives


@pytest.mark.parametrize("millis", [1_000, 1_009.99, 999.5, 990], ids=lambda price: f"at_{price}")
@pytest.mark.parametrize("units", [ODD, 2, 7 * 10**11], ids=str)
def test_mint__at_a_price__gives_the_lesser_of_price_and_par(
    gateway, aid, usdc, usdc_feed, alice, millis, units
):
    quote(usdc_feed, millis)
    out, fee = model.mint_out(units, price=round(millis * 10**15))

    tx = gateway.mint(usdc, units, out, sender=alice)

    assert logged(gateway, tx) == [
        gateway.Minted(caller=alice, receiver=alice, asset=usdc, units=units, aid=out, fee=fee)
    ]
    assert (aid.balanceOf(alice), aid.totalSupply()) == (out, out)
    assert (gateway.units_of(usdc), usdc.balanceOf(gateway)) == (units, units)


def test_mint__quoted__is_the_quote_to_the_wei(supplied, aid, usdc, usdc_feed, alice):
    quote(usdc_feed, 997.123)
    expected = model.mint_out(ODD, price=997_123 * 10**12)[0]

    assert supplied.quote_mint(usdc, ODD) == expected
    supplied.mint(usdc, ODD, 0, sender=alice)

    assert aid.balanceOf(alice) == MINTED + expected


def test_mint__for_a_receiver__needs_no_kyc_of_theirs(gateway, aid, usdc, alice, dave):
    gateway.mint(usdc, 1_000 * USDC, 0, dave, sender=alice)

    assert aid.balanceOf(dave) == model.mint_out(1_000 * USDC)[0]
    assert aid.balanceOf(alice) == 0


def test_mint__twice__adds_up_units_and_fees(gateway, configurator, usdc, alice, bob):
    fees = model.mint_out(ODD)[1] + model.mint_out(3)[1]
    gateway.mint(usdc, ODD, 0, sender=alice)
    gateway.mint(usdc, 3, 0, sender=bob)

    assert gateway.units_of(usdc) == ODD + 3
    assert configurator.fees_of(usdc) == fees


def test_mint__never_lowers_backing_above_supply(supplied, usdc, usdc_feed, alice):
    quote(usdc_feed, 993.7)
    b, b_par = excess(supplied)
    out, _ = model.mint_out(ODD, price=993_700 * 10**12)

    supplied.mint(usdc, ODD, 0, sender=alice)

    # 200,000 coins of which half at 0.9937, then 1,234.567891 more, less what was minted for them
    before, par_before = model.backing((STAKE, 6, 993_700 * 10**12), (STAKE, 6, WAD))
    after, par_after = model.backing((STAKE + ODD, 6, 993_700 * 10**12), (STAKE, 6, WAD))
    assert (b, b_par) == (before - 2 * MINTED, par_before - 2 * MINTED)
    assert excess(supplied) == (after - 2 * MINTED - out, par_after - 2 * MINTED - out)
    assert after - before >= out


def test_mint__on_the_last_second__is_included(gateway, aid, usdc, alice):
    deadline = chain.pending_timestamp + 100
    chain.pending_timestamp = deadline

    gateway.mint(usdc, ODD, 0, alice, deadline, sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]


def test_mint__while_an_unused_coin_has_a_dead_feed__works(
    protocol, project, gateway, aid, governor, usdc, alice
):
    feed = list_coin(protocol, governor, governor.deploy(project.Stablecoin, "Odd", "ODD", 18))
    feed.set_reverting(True, sender=governor)

    gateway.mint(usdc, ODD, 0, sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]


# who is turned away


def test_mint__a_second_late__reverts(gateway, usdc, alice):
    deadline = chain.pending_timestamp + 100
    chain.pending_timestamp = deadline + 1

    with reverts("deadline passed"):
        gateway.mint(usdc, ODD, 0, alice, deadline, sender=alice)


@pytest.mark.parametrize("units", [0, 1], ids=["nothing", "all_fee"])
def test_mint__for_nothing__reverts(gateway, usdc, alice, units):
    with reverts("zero amount"):
        gateway.mint(usdc, units, 0, sender=alice)


def test_mint__without_kyc__reverts(gateway, usdc, alice, dave):
    with reverts("kyc required"):
        gateway.mint(usdc, ODD, 0, alice, sender=dave)


def test_mint__unknown_coin__reverts(gateway, tbill, alice):
    with reverts("unknown asset"):
        gateway.mint(tbill, ODD, 0, sender=alice)


def test_mint__less_than_asked_for__reverts(gateway, usdc, alice):
    with reverts("min out"):
        gateway.mint(usdc, ODD, model.mint_out(ODD)[0] + 1, sender=alice)


@pytest.mark.parametrize("millis", [989.999, 1_010.001])
def test_mint__out_of_band__reverts(gateway, usdc, usdc_feed, alice, millis):
    quote(usdc_feed, millis)

    with reverts("price out of band"):
        gateway.mint(usdc, ODD, 0, sender=alice)


@pytest.mark.parametrize("millis", [990, 1_010])
def test_mint__at_the_edge_of_the_band__works(gateway, aid, usdc, usdc_feed, alice, millis):
    quote(usdc_feed, millis)

    gateway.mint(usdc, ODD, 0, sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD, price=millis * 10**15)[0]


def test_mint__as_old_as_allowed__works_and_a_second_older_reverts(gateway, aid, usdc, usdc_feed, alice):
    quote(usdc_feed, 1_000)
    updated = chain.blocks.head.timestamp
    chain.pending_timestamp = updated + 25 * 3_600
    gateway.mint(usdc, ODD, 0, sender=alice)
    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]

    chain.pending_timestamp = updated + 25 * 3_600 + 1
    with reverts("stale price"):
        gateway.mint(usdc, ODD, 0, sender=alice)


def test_mint__in_deficit__reverts(supplied, usdc, usdt_feed, alice):
    # 100,000 at 1 and 100,000 at 0.98 against 199,900: 0.95 % short
    quote(usdt_feed, 980)

    with reverts("deficit"):
        supplied.mint(usdc, ODD, 0, sender=alice)


def test_mint__while_another_price_is_stale__reverts(supplied, usdc, usdc_feed, alice):
    travel(26 * 3_600)
    quote(usdc_feed, 1_000)

    with reverts("deficit"):
        supplied.mint(usdc, ODD, 0, sender=alice)


def test_mint__winding_down__reverts(gateway, configurator, governor, usdc, alice):
    configurator.start_wind_down(sender=governor)

    with reverts("winding down"):
        gateway.mint(usdc, ODD, 0, sender=alice)


def test_mint__paused__reverts(gateway, configurator, guardian, usdc, alice):
    configurator.pause_mint(sender=guardian)

    with reverts("mint paused"):
        gateway.mint(usdc, ODD, 0, sender=alice)


def test_mint__coin_paused__reverts_for_that_coin_only(
    gateway, aid, configurator, guardian, usdc, usdt, alice
):
    configurator.pause_asset(usdc, True, False, sender=guardian)

    with reverts("mint paused"):
        gateway.mint(usdc, ODD, 0, sender=alice)
    gateway.mint(usdt, ODD, 0, sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]


def test_mint__more_than_owned__reverts(gateway, usdc, alice):
    with reverts("transfer failed"):
        gateway.mint(usdc, usdc.balanceOf(alice) + 1, 0, sender=alice)


def test_mint__by_a_denied_caller_for_another__reverts(gateway, aid, compliance, usdc, alice, bob):
    aid.deny(alice, sender=compliance)

    with reverts("denied"):
        gateway.mint(usdc, ODD, 0, bob, sender=alice)


@pytest.mark.parametrize("denied", ["alice", "bob"])
def test_mint__for_a_denied_receiver__reverts(request, gateway, aid, compliance, usdc, alice, denied):
    receiver = request.getfixturevalue(denied)
    aid.deny(receiver, sender=compliance)

    with reverts("denied"):
        gateway.mint(usdc, ODD, 0, receiver, sender=alice)


# caps and limits


def test_mint__to_the_cap_of_the_coin__works_and_a_unit_more_reverts(
    supplied, configurator, governor, usdc, usdc_feed, alice
):
    configurator.set_asset(usdc, terms(usdc_feed, cap=150_000), sender=governor)
    supplied.mint(usdc, 50_000 * USDC - 2, 0, sender=alice)

    with reverts("asset cap"):
        supplied.mint(usdc, 3, 0, sender=alice)
    supplied.mint(usdc, 2, 0, sender=alice)

    assert supplied.units_of(usdc) == 150_000 * USDC


def test_mint__after_an_allocation__counts_the_vault_under_the_cap(
    supplied, configurator, governor, treasury, treasurer, usdc, usdc_feed, tbill, alice
):
    configurator.set_asset(usdc, terms(usdc_feed, cap=101_000), sender=governor)
    treasury.allocate(tbill, 80_000 * USDC, sender=treasurer)

    with reverts("asset cap"):
        supplied.mint(usdc, 1_001 * USDC, 0, sender=alice)


def test_mint__to_the_total_cap__works_and_a_wei_more_reverts(
    supplied, aid, configurator, governor, usdc, usdt, alice
):
    configurator.set_total_cap(200_000, sender=governor)
    last = 100_050_027  # after the fee a unit more than 100 USDC
    assert model.mint_out(last)[0] == 100 * WAD + 10**12

    with reverts("total cap"):
        supplied.mint(usdt, last, 0, sender=alice)
    supplied.mint(usdt, last - 1, 0, sender=alice)

    assert aid.totalSupply() == 200_000 * WAD


def test_mint__beyond_the_limit__reverts_until_it_refills(limited, configurator, usdc, usdc_feed, alice):
    out = model.mint_out(900 * USDC)[0]
    limited.mint(usdc, 900 * USDC, 0, sender=alice)
    drawn_at = chain.blocks.head.timestamp
    left = 1_000 * WAD - out

    chain.pending_timestamp = drawn_at + 60
    with reverts("mint limit"):
        limited.mint(usdc, 102 * USDC, 0, sender=alice)  # 101.949 AID; 100.45 + 0.69 are left
    chain.pending_timestamp = drawn_at + DAY // 2
    chain.mine()

    assert configurator.available(usdc)[0] == model.refilled(left, 1_000, DAY // 2) == left + 500 * WAD


def test_mint__gives_redemption_its_room_back(limited, configurator, usdc, alice, bob):
    chain.pending_timestamp += 10
    limited.redeem(usdc, 600 * WAD, 0, sender=alice)
    drawn_at = chain.blocks.head.timestamp
    out = model.mint_out(500 * USDC)[0]
    chain.pending_timestamp = drawn_at + 1
    limited.mint(usdc, 500 * USDC, 0, sender=bob)

    mint_level, redeem_level = configurator.available(usdc)
    assert mint_level == 1_000 * WAD - out
    assert redeem_level == model.refilled(400 * WAD, 1_000, 1) + out


# with a permit


def test_mint_with_permit__needs_no_approval(gateway, aid, permit_coin, alice):
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(permit_coin, alice, gateway, ODD, deadline)

    gateway.mint_with_permit(permit_coin, ODD, 0, deadline, *signature, sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]
    assert permit_coin.allowance(alice, gateway) == 0


def test_mint_with_permit__of_a_coin_without_permits__uses_the_allowance(gateway, aid, usdc, alice):
    gateway.mint_with_permit(usdc, ODD, 0, FOREVER, 27, bytes(32), bytes(32), sender=alice)

    assert aid.balanceOf(alice) == model.mint_out(ODD)[0]


def test_mint_with_permit__signed_by_another__reverts(gateway, permit_coin, alice, bob):
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(permit_coin, bob, gateway, ODD, deadline)

    with reverts("transfer failed"):
        gateway.mint_with_permit(permit_coin, ODD, 0, deadline, *signature, sender=alice)


def test_mint_with_permit__a_second_late__reverts(gateway, permit_coin, alice):
    deadline = chain.pending_timestamp + 60
    signature = sign_permit(permit_coin, alice, gateway, ODD, deadline)
    chain.pending_timestamp = deadline + 1

    with reverts("deadline passed"):
        gateway.mint_with_permit(permit_coin, ODD, 0, deadline, *signature, sender=alice)


# quotes


@pytest.mark.parametrize(
    ("millis", "reason"), [(980, "price out of band"), (None, "stale price")], ids=["band", "stale"]
)
def test_quote_mint__when_mint_would_revert__reverts_alike(gateway, usdc, usdc_feed, millis, reason):
    if millis is None:
        travel(26 * 3_600)
    else:
        quote(usdc_feed, millis)

    with reverts(reason):
        gateway.quote_mint(usdc, ODD)


def test_price_of__unknown_coin__reverts(gateway, tbill):
    with reverts("unknown asset"):
        gateway.price_of(tbill)


def test_price_of__reads_price_and_freshness(gateway, usdc, usdc_feed):
    quote(usdc_feed, 1_003.25)
    assert tuple(gateway.price_of(usdc)) == (1_003_250 * 10**12, True)

    travel(26 * 3_600)
    assert tuple(gateway.price_of(usdc)) == (1_003_250 * 10**12, False)
