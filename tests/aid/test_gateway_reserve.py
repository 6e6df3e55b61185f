"""The Gateway's reserve: T-bill vaults, harvest, recapitalisation, what only its Configurator may write."""

import pytest
from ape import chain, project, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import WAD, YEAR
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    STAKE,
    SUPPLY,
    USDC,
    ZERO,
    attach_desk,
    excess,
    list_coin,
    logged,
    quote,
)

pytestmark = AFTER_THE_INSTALLATION

INVESTED = 60_000 * USDC
GIFT = 1_000 * USDC
# B is 200,000 and 199.9 stay as buffer: a gift of 1,000 makes 900.1 AID harvestable
SURPLUS = 900_100 * 10**15


@pytest.fixture
def a_year_later(invested, usdc_feed, usdt_feed):
    """As invested, a year later, to the second."""
    chain.pending_timestamp = chain.blocks.head.timestamp + YEAR - 2
    quote(usdc_feed, 1_000)
    quote(usdt_feed, 1_000)
    chain.pending_timestamp = chain.blocks.head.timestamp + 1
    return invested


# allocate


def test_allocate__moves_units_into_shares_and_book(stocked, configurator, treasury, treasurer, usdc, tbill):
    at = chain.pending_timestamp + 5
    chain.pending_timestamp = at
    chain.mine()
    chain.pending_timestamp = at + 1

    tx = treasury.allocate(tbill, INVESTED, sender=treasurer)

    shares = INVESTED * 10**12 * WAD // tbill.price()
    assert logged(treasury, tx) == [treasury.Allocated(vault=tbill, units=INVESTED, shares=shares)]
    assert tuple(configurator.vault_position(tbill)) == (shares, INVESTED, usdc)
    assert tbill.balanceOf(stocked) == shares
    assert stocked.units_of(usdc) == usdc.balanceOf(stocked) == STAKE - INVESTED
    assert usdc.allowance(stocked, tbill) == 0
    # the vault rounds down to a unit
    assert 200_000 * WAD - 10**12 <= stocked.backing().backing_par <= 200_000 * WAD


def test_allocate__down_to_the_liquid_floor__works_and_a_unit_more_reverts(
    stocked, treasury, treasurer, usdc, tbill
):
    with reverts("liquid floor"):
        treasury.allocate(tbill, 80_000 * USDC + 1, sender=treasurer)

    treasury.allocate(tbill, 80_000 * USDC, sender=treasurer)

    assert stocked.units_of(usdc) == 20_000 * USDC


def test_allocate__to_the_cap_of_the_vault__works_and_a_unit_more_reverts(
    stocked, configurator, governor, treasury, treasurer, tbill
):
    configurator.set_vault_cap(tbill, 50_000, sender=governor)
    with reverts("vault cap"):
        treasury.allocate(tbill, 50_000 * USDC + 1, sender=treasurer)

    treasury.allocate(tbill, 50_000 * USDC, sender=treasurer)

    assert configurator.vault_position(tbill)[1] == 50_000 * USDC


def test_allocate__in_deficit__works(stocked, treasury, treasurer, usdt_feed, tbill):
    quote(usdt_feed, 900)

    treasury.allocate(tbill, INVESTED, sender=treasurer)

    assert stocked.vault_words(0)[1] >> 128 == INVESTED


def test_allocate__not_treasurer__reverts(stocked, governor, tbill, treasury):
    with reverts("not treasurer"):
        treasury.allocate(tbill, INVESTED, sender=governor)


@pytest.mark.parametrize(
    ("units", "reason"), [(0, "zero amount"), (STAKE + 1, "insufficient units")], ids=["zero", "all"]
)
def test_allocate__amount_that_cannot_be__reverts(stocked, treasury, treasurer, tbill, units, reason):
    with reverts(reason):
        treasury.allocate(tbill, units, sender=treasurer)


def test_allocate__unknown_vault__reverts(stocked, treasury, treasurer, usdc):
    with reverts("unknown vault"):
        treasury.allocate(usdc, INVESTED, sender=treasurer)


def test_allocate__winding_down__reverts(stocked, configurator, governor, treasury, treasurer, tbill):
    configurator.start_wind_down(sender=governor)

    with reverts("winding down"):
        treasury.allocate(tbill, INVESTED, sender=treasurer)


def test_allocate__into_a_vault_that_cannot_be_read__reverts(invested, treasury, treasurer, tbill):
    tbill.break_views(True, sender=treasurer)

    with reverts("allocation loss"):
        treasury.allocate(tbill, USDC, sender=treasurer)


def test_allocate__a_rounding_that_the_supply_needs__reverts(
    stocked, configurator, governor, treasury, treasurer, alice, tbill
):
    configurator.set_buffer_bps(0, sender=governor)
    stocked.harvest(sender=alice)
    assert excess(stocked) == (0, 0)

    # the vault's price is above one, so an odd number of units comes back one short
    with reverts("allocation loss"):
        treasury.allocate(tbill, INVESTED + 1, sender=treasurer)


# deallocate


def test_deallocate__moves_shares_into_units(invested, configurator, treasury, treasurer, usdc, tbill):
    shares = configurator.vault_position(tbill)[0]
    third = shares // 3
    before = invested.backing().backing_par

    tx = treasury.deallocate(tbill, third, sender=treasurer)

    units = third * tbill.price() // 10**30
    assert logged(treasury, tx) == [treasury.Deallocated(vault=tbill, units=units, shares=third)]
    assert invested.units_of(usdc) == usdc.balanceOf(invested) == STAKE - INVESTED + units
    left, book, _ = configurator.vault_position(tbill)
    assert left == shares - third == tbill.balanceOf(invested)
    assert book == pytest.approx(INVESTED * 2 // 3, abs=1_000)
    assert invested.backing().backing_par >= before - 10**12


def test_deallocate__everything__leaves_an_empty_position(
    invested, configurator, treasury, treasurer, usdc, tbill
):
    treasury.deallocate(tbill, configurator.vault_position(tbill)[0], sender=treasurer)

    assert tuple(configurator.vault_position(tbill)) == (0, 0, usdc)
    assert invested.units_of(usdc) == pytest.approx(STAKE, abs=1_000)


def test_deallocate__from_a_vault_that_cannot_be_read__works(
    invested, configurator, treasury, treasurer, usdc, tbill
):
    tbill.break_views(True, sender=treasurer)
    state = invested.backing()
    assert (state.deficit, state.stale, state.backing_par) == (True, True, 140_000 * WAD)

    treasury.deallocate(tbill, configurator.vault_position(tbill)[0], sender=treasurer)

    state = invested.backing()
    assert (state.deficit, state.stale) == (False, False)
    assert state.backing_par == invested.units_of(usdc) * 10**12 + 100_000 * WAD


def test_deallocate__winding_down__works(invested, configurator, governor, treasury, treasurer, tbill):
    configurator.start_wind_down(sender=governor)

    treasury.deallocate(tbill, WAD, sender=treasurer)


def test_deallocate__at_a_loss__reverts(invested, treasury, treasurer, tbill):
    """A vault that has lost a tenth and hides it: the book says 60,000, redeeming half gives 27,000."""
    tbill.lose(1_000, sender=treasurer)
    tbill.overstate(2_000, sender=treasurer)

    with reverts("allocation loss"):
        treasury.deallocate(tbill, 30_000 * WAD, sender=treasurer)


def test_deallocate__not_treasurer__reverts(invested, governor, tbill, treasury):
    with reverts("not treasurer"):
        treasury.deallocate(tbill, WAD, sender=governor)


@pytest.mark.parametrize(
    ("shares", "reason"), [(0, "zero amount"), (60_001 * WAD, "insufficient shares")], ids=["zero", "more"]
)
def test_deallocate__amount_that_cannot_be__reverts(invested, treasury, treasurer, tbill, shares, reason):
    with reverts(reason):
        treasury.deallocate(tbill, shares, sender=treasurer)


def test_deallocate__unknown_vault__reverts(invested, treasury, treasurer, usdc):
    with reverts("unknown vault"):
        treasury.deallocate(usdc, WAD, sender=treasurer)


# harvest


def test_harvest__without_stakers__goes_to_the_insurance(stocked, aid, usdc, insurance, mallory, alice):
    stocked.recapitalise(usdc, GIFT, sender=mallory)
    assert stocked.surplus() == SURPLUS == model.surplus(201_000 * WAD, SUPPLY)

    tx = stocked.harvest(sender=mallory)

    assert logged(stocked, tx) == [stocked.Harvested(minted=SURPLUS, backing=201_000 * WAD, supply=SUPPLY)]
    assert aid.balanceOf(insurance) == SURPLUS
    assert (aid.totalSupply(), stocked.surplus()) == (SUPPLY + SURPLUS, 0)
    with reverts("nothing to harvest"):
        stocked.harvest(sender=mallory)


def test_harvest__with_stakers__vests(protocol, stocked, aid, usdc, vault, governor, alice, mallory):
    attach_desk(protocol, governor, [alice], 1_000 * WAD)
    stocked.recapitalise(usdc, GIFT, sender=mallory)

    stocked.harvest(sender=mallory)

    assert aid.balanceOf(vault) == 1_000 * WAD + SURPLUS
    assert vault.summary().unvested == SURPLUS


def test_harvest__a_year_of_t_bills__is_what_they_earned(a_year_later, configurator, tbill, alice):
    shares, book, _ = configurator.vault_position(tbill)
    chain.mine()
    value = tbill.convertToAssets(shares)
    # linear in the vault's age, which is a few blocks on a bare chain and more on a fork
    price = tbill.price() / WAD
    assert value == pytest.approx(INVESTED * price / (price - 0.045), abs=1_000)
    minted = model.surplus(200_000 * WAD + (value - INVESTED) * 10**12, SUPPLY)
    assert minted == pytest.approx(26_001 * 10**17, rel=1e-5)  # 100 of fees + 2,700 - 199.9

    assert a_year_later.surplus() == minted
    chain.pending_timestamp = chain.blocks.head.timestamp + 1
    a_year_later.harvest(sender=alice)

    assert configurator.vault_position(tbill)[1] == tbill.convertToAssets(shares) > book


def test_harvest__of_a_vault_that_grows_too_fast__takes_six_percent_a_year(
    invested, configurator, usdc_feed, usdt_feed, tbill, alice
):
    tbill.set_rate(2_000, sender=alice)
    start = invested.vault_words(0)[0] >> 168 & (2**40 - 1)
    chain.pending_timestamp = start + YEAR - 2
    quote(usdc_feed, 1_000)
    quote(usdt_feed, 1_000)
    chain.pending_timestamp = start + YEAR

    invested.harvest(sender=alice)

    book = model.recognised(INVESTED * 2, INVESTED, YEAR)
    assert configurator.vault_position(tbill)[1] == book == 63_600 * USDC
    assert invested.backing().supply == SUPPLY + model.surplus(203_600 * WAD, SUPPLY)


def test_harvest__leaves_the_buffer(stocked, configurator, governor, usdc, alice):
    configurator.set_buffer_bps(40, sender=governor)
    stocked.recapitalise(usdc, GIFT, sender=alice)

    stocked.harvest(sender=alice)

    assert excess(stocked) == (7_996 * 10**17, 7_996 * 10**17)  # 40 bps of 199,900


def test_harvest__without_a_surplus__reverts(stocked, alice):
    assert stocked.surplus() == 0

    with reverts("nothing to harvest"):
        stocked.harvest(sender=alice)


def test_harvest__with_a_stale_price__reverts(stocked, usdc, usdt_feed, alice):
    stocked.recapitalise(usdc, GIFT, sender=alice)
    usdt_feed.set_round(2, 10**8, 0, chain.blocks.head.timestamp - 26 * 3_600, 2, sender=alice)

    with reverts("nothing to harvest"):
        stocked.harvest(sender=alice)
    assert stocked.surplus() == 0


def test_harvest__winding_down_or_paused__reverts(stocked, configurator, governor, guardian, usdc, alice):
    stocked.recapitalise(usdc, GIFT, sender=alice)
    configurator.pause_mint(sender=guardian)
    with reverts("mint paused"):
        stocked.harvest(sender=alice)
    configurator.start_wind_down(sender=governor)
    with reverts("winding down"):
        stocked.harvest(sender=alice)


# recapitalise


def test_recapitalise__by_anyone__mints_nothing(stocked, aid, usdc, mallory):
    tx = stocked.recapitalise(usdc, GIFT, sender=mallory)

    assert logged(stocked, tx) == [stocked.Recapitalised(sender=mallory, asset=usdc, units=GIFT)]
    assert (stocked.units_of(usdc), aid.totalSupply()) == (STAKE + GIFT, SUPPLY)
    assert excess(stocked) == (1_100 * WAD, 1_100 * WAD)


def test_recapitalise__makes_a_deficit_good(stocked, usdc, usdt_feed, mallory):
    quote(usdt_feed, 980)
    assert stocked.backing().deficit

    stocked.recapitalise(usdc, GIFT, sender=mallory)

    # 101,000 + 98,000 against 199,900: 0.45 % short
    state = stocked.backing()
    assert (state.backing, state.deficit) == (199_000 * WAD, False)


def test_recapitalise__with_a_fee_on_transfer__counts_what_arrives(protocol, stocked, governor, mallory):
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [mallory])
    tether.set_fee(100, sender=mallory)

    stocked.recapitalise(tether, GIFT, sender=mallory)

    assert stocked.units_of(tether) == tether.balanceOf(stocked) == 990 * USDC


def test_recapitalise__impossible__reverts(stocked, usdc, tbill, mallory):
    with reverts("zero amount"):
        stocked.recapitalise(usdc, 0, sender=mallory)
    with reverts("unknown asset"):
        stocked.recapitalise(tbill, GIFT, sender=mallory)
    with reverts("transfer failed"):
        stocked.recapitalise(usdc, usdc.balanceOf(mallory) + 1, sender=mallory)


# who may write


def test_set_staked_aid__a_second_time__reverts(gateway, governor, alice):
    with reverts("not governor"):
        gateway.set_staked_aid(alice, sender=alice)
    with reverts("staked aid set"):
        gateway.set_staked_aid(alice, sender=governor)


def test_set_staked_aid__first__logs(protocol, governor):
    names = ("roles", "allowlist", "aid", "configurator", "treasury")
    fresh = governor.deploy(project.Gateway, *(protocol.contract(name) for name in names))

    tx = fresh.set_staked_aid(protocol.staked_aid, sender=governor)

    assert tx.events == [fresh.StakedAIDSet(staked_aid=protocol.staked_aid)]
    assert fresh.staked_aid() == protocol.staked_aid


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("write_policy", (0,)),
        ("write_asset", (ZERO, 1, 1, 1)),
        ("delist_asset", (ZERO,)),
        ("write_vault", (0, 1)),
        ("delist_vault", (0,)),
    ],
)
def test_settings__written_by_the_governor_itself__reverts(gateway, governor, name, arguments):
    with reverts("not configurator"):
        getattr(gateway, name)(*arguments, sender=governor)


def test_views__name_the_parts(protocol, gateway, aid, usdc, usdt, tbill):
    assert (gateway.aid(), gateway.configurator()) == (aid, protocol.configurator)
    assert list(gateway.assets()) == [usdc, usdt]
    assert list(gateway.vaults()) == [tbill]
    assert gateway.asset_words(tbill) == (0, 0, 0)
    assert gateway.vault_words(1) == (0, 0)
    with reverts("unknown asset"):
        gateway.units_of(tbill)
