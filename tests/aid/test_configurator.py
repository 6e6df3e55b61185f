"""Configurator: what may be set at the Gateway, by whom, within which bounds."""

import pytest
from ape import chain, project, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    STAKE,
    TERMS,
    USDC,
    ZERO,
    attach_desk,
    list_coin,
    quote,
    terms,
)

pytestmark = AFTER_THE_INSTALLATION


@pytest.fixture
def supplied(gateway, usdc, usdt, alice, bob):
    """The Gateway with 100,000 of each coin and 199,900 AID outside."""
    gateway.mint(usdc, STAKE, 0, sender=alice)
    gateway.mint(usdt, STAKE, 0, sender=bob)
    return gateway


@pytest.fixture(scope="module")
def third(governor, usdc_feed):
    """A coin of 8 decimals that is not accepted."""
    return governor.deploy(project.Stablecoin, "Third", "THD", 8)


def as_dict(struct):
    return {name: getattr(struct, name) for name in ("feed", *TERMS)}


# coins


def test_add_asset__lists_it_at_the_end_with_full_limits(
    gateway, configurator, governor, usdc, usdt, usdc_feed, third
):
    wanted = terms(
        usdc_feed,
        max_age=7 * DAY,
        mint_fee_bps=100,
        redeem_fee_bps=99,
        deviation_bps=15,
        band_bps=500,
        cap=2**48 - 1,
        mint_capacity=2**44 - 1,
        redeem_capacity=3,
    )

    tx = configurator.add_asset(third, wanted, sender=governor)

    (event,) = tx.events
    assert (event.event_name, event.asset) == ("AssetSet", third)
    assert event.params == [usdc_feed.address.lower(), *list(wanted.values())[1:]]
    assert as_dict(configurator.asset_params(third)) == wanted
    assert list(gateway.assets()) == [usdc, usdt, third]
    assert tuple(configurator.available(third)) == ((2**44 - 1) * WAD, 3 * WAD)
    assert tuple(configurator.asset_paused(third)) == (False, False)
    assert (configurator.fees_of(third), gateway.units_of(third)) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"max_age": 0}, "max age"),
        ({"max_age": 7 * DAY + 1}, "max age"),
        ({"mint_fee_bps": 101}, "fee too high"),
        ({"redeem_fee_bps": 101}, "fee too high"),
        ({"band_bps": 501}, "band too wide"),
        ({"deviation_bps": 501, "mint_fee_bps": 100, "redeem_fee_bps": 100}, "band too wide"),
        ({"cap": 2**48}, "cap too high"),
        ({"mint_capacity": 2**44}, "capacity"),
        ({"redeem_capacity": 2**44}, "capacity"),
        ({"mint_fee_bps": 4}, "spread below deviation"),
        ({"redeem_fee_bps": 4}, "spread below deviation"),
        ({"deviation_bps": 11}, "spread below deviation"),
        ({"feed": ZERO}, "no code"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_set_asset__out_of_bounds__reverts(configurator, governor, usdc, usdc_feed, third, changes, reason):
    with reverts(reason):
        configurator.set_asset(usdc, {**terms(usdc_feed), **changes}, sender=governor)
    with reverts(reason):
        configurator.add_asset(third, {**terms(usdc_feed), **changes}, sender=governor)


def test_add_asset__with_too_many_decimals__reverts(configurator, governor, usdc_feed, third):
    fine_grained = governor.deploy(project.Stablecoin, "Fine", "FINE", 19)
    fine_feed = governor.deploy(project.PriceFeed, 19, 10**19)
    with reverts("decimals"):
        configurator.add_asset(fine_grained, terms(usdc_feed), sender=governor)
    with reverts("decimals"):
        configurator.add_asset(third, terms(fine_feed), sender=governor)


def test_add_asset__an_account_or_what_is_there__reverts(
    configurator, governor, usdc, usdc_feed, tbill, alice
):
    with reverts("no code"):
        configurator.add_asset(alice, terms(usdc_feed), sender=governor)
    with reverts("asset exists"):
        configurator.add_asset(usdc, terms(usdc_feed), sender=governor)
    with reverts("asset exists"):
        configurator.add_asset(tbill, terms(usdc_feed), sender=governor)


def test_add_asset__aid_itself__reverts(configurator, governor, aid, usdc_feed):
    # what is minted against itself backs nothing
    with reverts("own token"):
        configurator.add_asset(aid, terms(usdc_feed), sender=governor)


def test_add_asset__a_ninth__reverts(gateway, configurator, governor, usdc_feed):
    for index in range(6):
        coin = governor.deploy(project.Stablecoin, f"Coin {index}", "COIN", 6)
        configurator.add_asset(coin, terms(usdc_feed), sender=governor)
    assert len(gateway.assets()) == configurator.MAX_ASSETS() == 8
    coin = governor.deploy(project.Stablecoin, "Ninth", "COIN", 6)

    with reverts("too many assets"):
        configurator.add_asset(coin, terms(usdc_feed), sender=governor)


def test_set_asset__keeps_what_is_held_and_what_limits_have_left(
    supplied, configurator, guardian, governor, usdc, usdc_feed, alice
):
    configurator.pause_asset(usdc, True, False, sender=guardian)
    supplied.redeem(usdc, 40_000 * WAD, 0, sender=alice)
    units, fees = supplied.units_of(usdc), configurator.fees_of(usdc)
    wanted = terms(usdc_feed, max_age=3_600, mint_fee_bps=20, cap=7, mint_capacity=9, redeem_capacity=10**8)

    configurator.set_asset(usdc, wanted, sender=governor)

    assert as_dict(configurator.asset_params(usdc)) == wanted
    assert (supplied.units_of(usdc), configurator.fees_of(usdc)) == (units, fees)
    assert tuple(configurator.asset_paused(usdc)) == (True, False)
    mint_level, redeem_level = configurator.available(usdc)
    assert mint_level == 9 * WAD
    # 50 million less 40,000 refilled within seconds; the room above comes at the new rate
    assert 49_960_000 * WAD <= redeem_level < 50_010_000 * WAD


def test_set_asset__unknown__reverts(configurator, governor, usdc_feed, third):
    with reverts("unknown asset"):
        configurator.set_asset(third, terms(usdc_feed), sender=governor)


def test_remove_asset__forgets_it_and_moves_the_last_one(
    protocol, supplied, configurator, governor, treasury, treasurer, usdc, usdt, third, alice, bob
):
    """The second of three goes, and the third, which a vault is invested in, takes its place."""
    list_coin(protocol, governor, third, [alice])
    bills = governor.deploy(project.TBillVault, third, 0)
    configurator.add_vault(bills, 1_000, sender=governor)
    supplied.mint(third, 500 * 10**8, 0, sender=alice)
    treasury.allocate(bills, 300 * 10**8, sender=treasurer)
    supplied.redeem(usdt, 90_000 * WAD, 0, sender=bob)
    protocol.aid.transfer(bob, 20_000 * WAD, sender=alice)
    # the rest of USDT, to the unit
    rest = supplied.units_of(usdt)
    amount = -(-rest * 10**12 * 10_000 // 9_995)
    assert model.redeem_out(amount)[0] == rest
    supplied.redeem(usdt, amount, 0, sender=bob)
    before = supplied.backing()

    tx = configurator.remove_asset(usdt, sender=governor)

    assert [(event.event_name, event.asset) for event in tx.events] == [("AssetRemoved", usdt)]
    assert list(supplied.assets()) == [usdc, third]
    assert supplied.units_of(third) == 200 * 10**8
    assert tuple(configurator.vault_position(bills)) == (300 * WAD, 300 * 10**8, third)
    assert supplied.backing() == before
    treasury.deallocate(bills, 300 * WAD, sender=treasurer)
    assert supplied.units_of(third) == 500 * 10**8
    with reverts("unknown asset"):
        supplied.mint(usdt, USDC, 0, sender=alice)


def test_remove_asset__that_holds_something__reverts(supplied, configurator, governor, usdc):
    with reverts("asset in use"):
        configurator.remove_asset(usdc, sender=governor)


def test_remove_asset__that_a_vault_takes__reverts(configurator, governor, usdc, tbill):
    with reverts("asset in use"):
        configurator.remove_asset(usdc, sender=governor)
    configurator.remove_vault(tbill, sender=governor)

    configurator.remove_asset(usdc, sender=governor)

    with reverts("unknown asset"):
        configurator.asset_params(usdc)


def test_remove_asset__in_escrow__lets_the_escrow_wait_until_it_is_accepted_again(
    protocol, gateway, configurator, governor, usdt, usdt_feed, bob
):
    desk = attach_desk(protocol, governor)
    usdt.approve(desk, USDC, sender=bob)
    quote(usdt_feed, 950)
    desk.pay(usdt, USDC, 0, 0, sender=bob)

    configurator.remove_asset(usdt, sender=governor)

    assert (gateway.reserved(usdt), usdt.balanceOf(gateway)) == (USDC, USDC)
    with reverts("unknown asset"):
        gateway.convert_escrow(1, sender=bob)
    quote(usdt_feed, 999)
    configurator.add_asset(usdt, terms(usdt_feed), sender=governor)
    gateway.convert_escrow(1, sender=bob)
    assert (gateway.reserved(usdt), gateway.units_of(usdt)) == (0, USDC)
    assert protocol.aid.balanceOf(desk) == 999 * 10**15


def test_remove_asset__whose_minting_is_paused__cannot_be_kept_in_use_by_a_gift(
    protocol, gateway, configurator, governor, guardian, third, mallory
):
    list_coin(protocol, governor, third, [mallory])
    configurator.pause_asset(third, True, False, sender=guardian)

    with reverts("mint paused"):
        gateway.recapitalise(third, 1, sender=mallory)

    configurator.remove_asset(third, sender=governor)
    assert third not in gateway.assets()


def test_remove_asset__unknown__reverts(configurator, governor, third):
    with reverts("unknown asset"):
        configurator.remove_asset(third, sender=governor)


# pausing and capping a coin


@pytest.mark.parametrize("closed", [(True, False), (False, True), (True, True)])
def test_pause_asset__by_the_guardian__closes_and_cannot_open(configurator, guardian, governor, usdc, closed):
    tx = configurator.pause_asset(usdc, *closed, sender=guardian)

    assert tx.events == [configurator.AssetPaused(asset=usdc, mint=closed[0], redeem=closed[1])]
    assert tuple(configurator.asset_paused(usdc)) == closed
    with reverts("guardian may only tighten"):
        configurator.pause_asset(usdc, False, False, sender=guardian)
    configurator.pause_asset(usdc, False, False, sender=governor)
    assert tuple(configurator.asset_paused(usdc)) == (False, False)


def test_pause_asset__leaves_terms_and_limits(supplied, configurator, guardian, usdc, usdc_feed):
    configurator.pause_asset(usdc, True, True, sender=guardian)

    assert as_dict(configurator.asset_params(usdc)) == terms(usdc_feed)
    assert supplied.units_of(usdc) == STAKE


def test_pause_asset__unknown__reverts(configurator, governor, third):
    with reverts("unknown asset"):
        configurator.pause_asset(third, True, True, sender=governor)


def test_lower_cap__by_the_guardian__lowers_and_cannot_raise(supplied, configurator, guardian, usdc):
    tx = configurator.lower_cap(usdc, 5, sender=guardian)

    assert tx.events == [configurator.CapLowered(asset=usdc, cap=5)]
    assert configurator.asset_params(usdc).cap == 5
    assert supplied.units_of(usdc) == STAKE
    for cap in (5, 6):
        with reverts("cap not lower"):
            configurator.lower_cap(usdc, cap, sender=guardian)


def test_lower_cap__by_the_governor__cannot_raise_it_either(configurator, governor, usdc):
    cap = configurator.asset_params(usdc).cap
    with reverts("cap not lower"):
        configurator.lower_cap(usdc, cap, sender=governor)

    configurator.lower_cap(usdc, cap - 1, sender=governor)

    assert configurator.asset_params(usdc).cap == cap - 1


def test_lower_cap__unknown__reverts(configurator, governor, third):
    with reverts("unknown asset"):
        configurator.lower_cap(third, 1, sender=governor)


# vaults


def test_add_vault__lists_it_at_the_end(gateway, configurator, governor, usdt, tbill):
    bills = governor.deploy(project.TBillVault, usdt, 0)

    tx = configurator.add_vault(bills, 123, sender=governor)

    assert tx.events == [configurator.VaultSet(vault=bills, cap=123)]
    assert list(gateway.vaults()) == [tbill, bills]
    assert tuple(configurator.vault_position(bills)) == (0, 0, usdt)
    assert configurator.vault_cap(bills) == 123


def test_add_vault__impossible__reverts(configurator, governor, usdc, tbill, third, alice):
    with reverts("no code"):
        configurator.add_vault(alice, 1, sender=governor)
    for listed in (tbill, usdc):
        with reverts("asset exists"):
            configurator.add_vault(listed, 1, sender=governor)
    with reverts("unknown asset"):
        configurator.add_vault(governor.deploy(project.TBillVault, third, 0), 1, sender=governor)
    with reverts("cap too high"):
        configurator.add_vault(governor.deploy(project.TBillVault, usdc, 0), 2**48, sender=governor)


def test_add_vault__a_fifth__reverts(gateway, configurator, governor, usdc):
    for _ in range(3):
        configurator.add_vault(governor.deploy(project.TBillVault, usdc, 0), 1, sender=governor)
    assert len(gateway.vaults()) == configurator.MAX_VAULTS() == 4

    with reverts("too many vaults"):
        configurator.add_vault(governor.deploy(project.TBillVault, usdc, 0), 1, sender=governor)


def test_set_vault_cap__keeps_the_position(
    supplied, configurator, governor, treasury, treasurer, usdc, tbill
):
    treasury.allocate(tbill, 1_000 * USDC, sender=treasurer)
    position = tuple(configurator.vault_position(tbill))

    tx = configurator.set_vault_cap(tbill, 0, sender=governor)

    assert tx.events == [configurator.VaultSet(vault=tbill, cap=0)]
    assert (configurator.vault_cap(tbill), tuple(configurator.vault_position(tbill))) == (0, position)
    assert position[1:] == (1_000 * USDC, usdc)


def test_set_vault_cap__unknown_or_too_high__reverts(configurator, governor, usdc, tbill):
    with reverts("unknown vault"):
        configurator.set_vault_cap(usdc, 1, sender=governor)
    with reverts("cap too high"):
        configurator.set_vault_cap(tbill, 2**48, sender=governor)


def test_remove_vault__forgets_it_and_moves_the_last_one(
    supplied, configurator, governor, treasury, treasurer, usdc, usdt, tbill
):
    bills = governor.deploy(project.TBillVault, usdt, 0)
    configurator.add_vault(bills, 50_000, sender=governor)
    treasury.allocate(bills, 30_000 * USDC, sender=treasurer)

    tx = configurator.remove_vault(tbill, sender=governor)

    assert tx.events == [configurator.VaultRemoved(vault=tbill)]
    assert list(supplied.vaults()) == [bills]
    assert tuple(configurator.vault_position(bills)) == (30_000 * WAD, 30_000 * USDC, usdt)
    assert tuple(configurator.vault_position(tbill)) == (0, 0, ZERO)
    treasury.deallocate(bills, 30_000 * WAD, sender=treasurer)
    assert supplied.units_of(usdt) == STAKE


def test_remove_vault__with_shares_or_unknown__reverts(
    supplied, configurator, governor, treasury, treasurer, usdc, tbill
):
    with reverts("unknown vault"):
        configurator.remove_vault(usdc, sender=governor)
    treasury.allocate(tbill, USDC, sender=treasurer)
    with reverts("vault in use"):
        configurator.remove_vault(tbill, sender=governor)


# the reserve as a whole


@pytest.mark.parametrize(
    ("setter", "field", "least", "most"),
    [
        ("set_total_cap", "total_cap", 0, 2**48 - 1),
        ("set_deficit_delta", "deficit_delta_bps", 25, 50),
        ("set_buffer_bps", "buffer_bps", 0, 1_000),
        ("set_max_growth_bps", "max_growth_bps", 0, 2_000),
        ("set_liquid_floor_bps", "liquid_floor_bps", 0, 10_000),
    ],
)
def test_set_parameter__within_its_bounds_only(configurator, governor, setter, field, least, most):
    others = {name: getattr(configurator.parameters(), name) for name in PARAMETERS if name != field}
    assert others.items() <= PARAMETERS.items()
    for value in (least, most):
        tx = getattr(configurator, setter)(value, sender=governor)

        assert tx.events == [configurator.ParameterSet(name=field, value=value)]
        found = configurator.parameters()
        assert {name: getattr(found, name) for name in PARAMETERS} == {**others, field: value}
    for value in {least - 1, most + 1} - {-1}:
        with reverts("out of range"):
            getattr(configurator, setter)(value, sender=governor)


PARAMETERS = {
    "total_cap": 10_000_000_000,
    "deficit_delta_bps": 50,
    "buffer_bps": 10,
    "max_growth_bps": 600,
    "liquid_floor_bps": 2_000,
}


def test_set_max_growth_bps__recognises_the_past_at_the_old_rate(
    supplied, configurator, governor, treasury, treasurer, tbill, alice
):
    treasury.allocate(tbill, 60_000 * USDC, sender=treasurer)
    start = chain.blocks.head.timestamp
    tbill.set_rate(2_000, sender=alice)
    chain.pending_timestamp = start + 365 * DAY

    configurator.set_max_growth_bps(0, sender=governor)

    assert configurator.vault_position(tbill)[1] == 63_600 * USDC


def test_pause_mint__lasts_until_the_governor_lifts_it(configurator, guardian, governor):
    tx = configurator.pause_mint(sender=guardian)
    assert tx.events == [configurator.MintPaused()]
    assert configurator.mint_paused()
    with reverts("not governor"):
        configurator.unpause_mint(sender=guardian)

    tx = configurator.unpause_mint(sender=governor)

    assert tx.events == [configurator.MintUnpaused()]
    assert not configurator.mint_paused()


def test_pause_mint__by_the_governor__closes_too(configurator, governor):
    tx = configurator.pause_mint(sender=governor)

    assert tx.events == [configurator.MintPaused()]
    assert configurator.mint_paused()


def test_pause_redeem__after_a_pause_of_aid__needs_a_cooldown_too(configurator, aid, guardian):
    """Else the two pauses, each with its break, would by turns stop redemption for good."""
    aid.pause(sender=guardian)
    until = chain.blocks.head.timestamp + 14 * DAY
    for at in (until - 1, until + 7 * DAY - 1):
        chain.pending_timestamp = at
        with reverts("pause cooldown"):
            configurator.pause_redeem(sender=guardian)

    chain.pending_timestamp = until + 7 * DAY
    configurator.pause_redeem(sender=guardian)

    assert configurator.redeem_paused_until() == until + 21 * DAY


def test_pause_redeem__lasts_14_days_and_not_again_for_7(configurator, guardian):
    start = chain.pending_timestamp + 60
    chain.pending_timestamp = start

    tx = configurator.pause_redeem(sender=guardian)

    until = start + 14 * DAY
    assert tx.events == [configurator.RedeemPaused(until=until)]
    assert configurator.redeem_paused_until() == until
    chain.pending_timestamp = until + 7 * DAY - 1
    with reverts("pause cooldown"):
        configurator.pause_redeem(sender=guardian)
    chain.pending_timestamp = until + 7 * DAY
    configurator.pause_redeem(sender=guardian)
    assert configurator.redeem_paused_until() == until + 21 * DAY


def test_unpause_redeem__ends_it_and_starts_the_cooldown(configurator, guardian, governor):
    with reverts("not paused"):
        configurator.unpause_redeem(sender=governor)
    configurator.pause_redeem(sender=guardian)
    at = chain.blocks.head.timestamp + DAY
    chain.pending_timestamp = at

    tx = configurator.unpause_redeem(sender=governor)

    assert tx.events == [configurator.RedeemUnpaused()]
    assert configurator.redeem_paused_until() == at
    chain.pending_timestamp = at + 7 * DAY - 1
    with reverts("pause cooldown"):
        configurator.pause_redeem(sender=guardian)


def test_start_wind_down__once_and_for_good(configurator, governor):
    at = chain.pending_timestamp + 60
    chain.pending_timestamp = at

    tx = configurator.start_wind_down(sender=governor)

    assert tx.events == [configurator.WindDownStarted(at=at + 14 * DAY)]
    assert configurator.wind_down_at() == at + configurator.WIND_DOWN_DELAY()
    with reverts("winding down"):
        configurator.start_wind_down(sender=governor)


# who


def governed(configurator, usdc, usdc_feed, tbill, third):
    """Every governed function with arguments that the governor could use, by the reason for others."""
    return [
        ("not governor", configurator.add_asset, (third, terms(usdc_feed))),
        ("not governor", configurator.set_asset, (usdc, terms(usdc_feed))),
        ("not governor", configurator.remove_asset, (usdc,)),
        ("not governor", configurator.add_vault, (third, 1)),
        ("not governor", configurator.set_vault_cap, (tbill, 1)),
        ("not governor", configurator.remove_vault, (tbill,)),
        ("not governor", configurator.unpause_mint, ()),
        ("not governor", configurator.unpause_redeem, ()),
        ("not governor", configurator.start_wind_down, ()),
        ("not governor", configurator.set_total_cap, (1,)),
        ("not governor", configurator.set_deficit_delta, (30,)),
        ("not governor", configurator.set_buffer_bps, (1,)),
        ("not governor", configurator.set_max_growth_bps, (1,)),
        ("not governor", configurator.set_liquid_floor_bps, (1,)),
        ("not guardian", configurator.pause_asset, (usdc, True, True)),
        ("not guardian", configurator.lower_cap, (usdc, 1)),
        ("not guardian", configurator.pause_mint, ()),
        ("not guardian", configurator.pause_redeem, ()),
    ]


def test_settings__by_a_stranger__revert(configurator, usdc, usdc_feed, tbill, third, treasurer):
    for reason, method, arguments in governed(configurator, usdc, usdc_feed, tbill, third):
        with reverts(reason):
            method(*arguments, sender=treasurer)


def test_settings__by_the_guardian__only_those_that_tighten(
    configurator, usdc, usdc_feed, tbill, third, guardian
):
    for reason, method, arguments in governed(configurator, usdc, usdc_feed, tbill, third):
        if reason == "not governor":
            with reverts(reason):
                method(*arguments, sender=guardian)
        else:
            method(*arguments, sender=guardian)


def test_every_setting_is_in_the_list_above(configurator, usdc, usdc_feed, tbill, third):
    listed = {method.abis[0].name for _, method, _ in governed(configurator, usdc, usdc_feed, tbill, third)}

    assert listed == {method.name for method in configurator.contract_type.mutable_methods}


def test_views__name_the_parts(protocol, configurator, gateway, usdc, usdt, tbill, third):
    assert (configurator.roles(), configurator.gateway()) == (protocol.roles, gateway)
    assert (configurator.MAX_PAUSE(), configurator.COOLDOWN()) == (14 * DAY, 7 * DAY)
    assert (configurator.wind_down_at(), configurator.redeem_paused_until()) == (0, 0)
    assert configurator.vault_cap(third) == 0
    for view in (configurator.fees_of, configurator.available, configurator.asset_paused):
        with reverts("unknown asset"):
            view(third)
