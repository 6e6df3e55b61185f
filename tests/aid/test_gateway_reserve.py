"""The Gateway's reserve: T-bill vaults, harvest, recapitalisation, what only its Configurator may write."""

import ape
import pytest
from ape import chain, project, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    STAKE,
    SUPPLY,
    USDC,
    ZERO,
    at,
    attach_desk,
    excess,
    list_coin,
    logged,
    quote,
    terms,
)

pytestmark = AFTER_THE_INSTALLATION

INVESTED = 60_000 * USDC
GIFT = 1_000 * USDC


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
    protocol, stocked, configurator, governor, treasury, treasurer, alice, tbill
):
    configurator.set_buffer_bps(0, sender=governor)
    attach_desk(protocol, governor, [alice], 50_000 * WAD)
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


FEES = 100 * WAD  # that the two mints have left in the reserve


@pytest.fixture
def unbuffered(stocked, configurator, governor):
    """As stocked, with the 100 AID of fees free to be harvested."""
    configurator.set_buffer_bps(0, sender=governor)
    return stocked


@pytest.fixture
def staked(protocol, unbuffered, governor, alice):
    """As unbuffered, with 50,000 AID staked: 50 a day may be harvested."""
    attach_desk(protocol, governor, [alice], 50_000 * WAD)
    return unbuffered


def test_harvest__without_stakers__waits_in_the_reserve(unbuffered, aid, mallory):
    assert unbuffered.surplus() == FEES == model.surplus(200_000 * WAD, SUPPLY, 0)

    with reverts("nothing to harvest"):
        unbuffered.harvest(sender=mallory)

    assert aid.totalSupply() == SUPPLY


def test_harvest__with_stakers__vests(staked, treasury, aid, vault, mallory):
    assert treasury.harvestable() == FEES

    tx = staked.harvest(sender=mallory)

    assert logged(staked, tx) == [staked.Harvested(minted=FEES, backing=200_000 * WAD, supply=SUPPLY)]
    assert aid.balanceOf(vault) == 50_000 * WAD + FEES
    assert vault.summary().unvested == FEES
    assert (aid.totalSupply(), staked.surplus()) == (SUPPLY + FEES, 0)
    with reverts("nothing to harvest"):
        staked.harvest(sender=mallory)


def test_harvest__mints_ten_bps_of_staked_assets_a_day_and_seven_days_at_most(
    protocol, unbuffered, treasury, governor, usdc_feed, usdt_feed, alice, mallory
):
    """RC0: who deposits just before a harvest shares in a week of income at most, here 0.7 % of 10,000."""
    attach_desk(protocol, governor, [alice], 10_000 * WAD)

    assert treasury.harvestable() == 70 * WAD
    unbuffered.harvest(sender=mallory)
    start = chain.blocks.head.timestamp
    assert treasury.harvestable() == 0
    chain.pending_timestamp = start + DAY // 2
    chain.mine()

    # half a day of 10 bps on the 10,000 and what has vested of 70 AID in half of seven days
    assert treasury.harvestable() == pytest.approx((10_000 + 5) * WAD // 2_000, rel=1e-5)
    assert unbuffered.surplus() == 30 * WAD


def _weeks_later(weeks, treasury, *feeds):
    """Go there with feeds at one dollar, and have the vaults report in each."""
    for _ in range(weeks):
        at(chain.blocks.head.timestamp + 7 * DAY, *feeds)
        treasury.report(sender=ape.accounts.test_accounts[8])


@pytest.fixture
def earning(protocol, invested, governor, alice):
    """As invested, with 50,000 AID staked."""
    attach_desk(protocol, governor, [alice], 50_000 * WAD)
    return invested


def test_harvest__of_t_bills__counts_what_was_reported_a_week_ago(
    earning, treasury, configurator, governor, tbill, usdc_feed, usdt_feed, alice
):
    """RD3: 60,000 at 4.5 % earn 51.78 a week; the first week ripens with the second's report."""
    configurator.set_buffer_bps(0, sender=governor)
    shares = configurator.vault_position(tbill)[0]
    _weeks_later(1, treasury, usdc_feed, usdt_feed)
    week = tbill.convertToAssets(shares) - INVESTED
    assert week == pytest.approx(51_780_821, abs=2_000)
    # the fees, less the unit that the vault's rounding may cost
    assert FEES - 10**12 <= treasury.harvestable() <= FEES
    _weeks_later(1, treasury, usdc_feed, usdt_feed)

    # to the wei but for the seconds until the report, and 10^-24 of a share's price
    assert treasury.harvestable() == pytest.approx(FEES + week * 10**12, abs=2_000 * 10**12)
    assert earning.surplus() == pytest.approx(FEES + 2 * week * 10**12, abs=2_000 * 10**12)


def test_harvest__of_a_price_that_was_too_high_for_a_block__pays_nothing_out(
    earning, treasury, configurator, governor, tbill, usdc_feed, usdt_feed, alice
):
    """RD3: nor if it was so when a week began."""
    configurator.set_buffer_bps(0, sender=governor)
    _weeks_later(1, treasury, usdc_feed, usdt_feed)
    earning.harvest(sender=alice)
    at(chain.blocks.head.timestamp + 7 * DAY, usdc_feed, usdt_feed)
    tbill.overstate(1_000, sender=alice)
    treasury.report(sender=alice)
    before = treasury.harvestable()

    tbill.overstate(0, sender=alice)

    # one week of T-bills is ripe; a tenth too much was not
    assert before == treasury.harvestable() == pytest.approx(51_780_821 * 10**12, rel=1e-3)


def test_harvest__in_deficit_or_of_a_dead_coin__reverts(staked, usdt_feed, alice):
    usdt_feed.set_round(2, 10**8, 0, chain.blocks.head.timestamp - 26 * 3_600, 2, sender=alice)

    with reverts("nothing to harvest"):
        staked.harvest(sender=alice)
    assert staked.surplus() == 0


def test_harvest__leaves_the_buffer(staked, configurator, governor, alice):
    configurator.set_buffer_bps(4, sender=governor)

    staked.harvest(sender=alice)

    assert excess(staked) == (7_996 * 10**16, 7_996 * 10**16)  # 4 bps of 199,900


def test_harvest__winding_down_or_paused__reverts(staked, configurator, governor, guardian, alice):
    configurator.pause_mint(sender=guardian)
    with reverts("mint paused"):
        staked.harvest(sender=alice)
    configurator.start_wind_down(sender=governor)
    with reverts("winding down"):
        staked.harvest(sender=alice)


def test_start_wind_down__harvests_first(staked, aid, vault, configurator, governor):
    """RD5: what is ripe is still the stakers'."""
    configurator.start_wind_down(sender=governor)

    assert aid.balanceOf(vault) == 50_000 * WAD + FEES
    assert (aid.totalSupply(), staked.surplus()) == (SUPPLY + FEES, 0)


# what vaults report


def test_report__a_dip_of_one_block__is_healed_at_once_whoever_writes_a_setting_meanwhile(
    stocked, treasury, treasurer, configurator, guardian, tbill, usdc, alice, mallory
):
    """RD3: 2 % less for a block, and a call of `pause_mint` meanwhile, left a deficit for months."""
    treasury.allocate(tbill, 80_000 * USDC, sender=treasurer)
    tbill.lose(200, sender=mallory)
    assert stocked.backing().deficit

    configurator.pause_mint(sender=guardian)
    treasury.report(sender=mallory)
    tbill.overstate(205, sender=mallory)

    state = stocked.backing()
    assert not state.deficit
    # up to the book, which has not fallen
    assert state.backing == pytest.approx(200_000 * WAD, rel=1e-6)
    stocked.redeem(usdc, 100 * WAD, 0, sender=alice)


def test_report__a_week_of_low_reports__lowers_the_book_to_the_highest(
    invested, treasury, configurator, tbill, usdc_feed, usdt_feed, mallory
):
    tbill.set_rate(0, sender=mallory)
    tbill.lose(100, sender=mallory)
    shares = configurator.vault_position(tbill)[0]
    treasury.report(sender=mallory)
    start = chain.blocks.head.timestamp
    tbill.lose(100, sender=mallory)
    lower = tbill.convertToAssets(shares)
    for day in range(2, 7, 2):
        chain.pending_timestamp = start + day * DAY
        treasury.report(sender=mallory)
        assert configurator.vault_position(tbill)[1] == INVESTED
    chain.pending_timestamp = start + 7 * DAY

    treasury.report(sender=mallory)

    # the highest was of the first day, 1 % below; the last lies at 1.99 %
    assert configurator.vault_position(tbill)[1] == pytest.approx(59_400 * USDC, rel=1e-6)
    assert lower == pytest.approx(58_806 * USDC, rel=1e-6)


def test_report__two_dips_a_week_apart__lower_nothing(
    invested, treasury, configurator, tbill, usdc_feed, usdt_feed, mallory
):
    """A run has a report every two days at least: two bad moments are no bad week."""
    tbill.lose(100, sender=mallory)
    treasury.report(sender=mallory)
    chain.pending_timestamp = chain.blocks.head.timestamp + 7 * DAY

    treasury.report(sender=mallory)

    assert configurator.vault_position(tbill)[1] == INVESTED


# probe


def test_probe__a_coin_that_the_issuer_has_frozen__counts_as_nothing_until_it_moves_again(
    protocol, stocked, governor, usdc, alice, carol, mallory
):
    """RD2 (a): a frozen third of the reserve is a deficit, so nobody takes the good coins at par."""
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [carol])
    stocked.mint(tether, STAKE, 0, sender=carol)
    assert stocked.probe.call(tether, sender=mallory)
    tether.set_blacklisted(stocked, True, sender=mallory)

    tx = stocked.probe(tether, sender=mallory)

    assert logged(stocked, tx) == [stocked.Probed(asset=tether, delivers=False)]
    assert tuple(stocked.price_of(tether)) == (WAD, False)
    assert stocked.backing().deficit
    with reverts("deficit"):
        stocked.redeem(usdc, 100 * WAD, 0, sender=alice)
    with reverts("stale price"):
        stocked.mint(tether, USDC, 0, sender=carol)
    assert tuple(stocked.repayment_terms(tether)) == (WAD, False, False)
    leg = stocked.quote_basket(3_000 * WAD)
    stocked.redeem_basket(3_000 * WAD, [], sender=alice)
    assert stocked.owed(alice, tether) == leg[2] == 1_000 * USDC

    tether.set_blacklisted(stocked, False, sender=mallory)
    stocked.probe(tether, sender=mallory)

    assert not stocked.backing().deficit
    stocked.redeem(usdc, 100 * WAD, 0, sender=alice)


def test_probe__survives_what_governor_writes(protocol, stocked, configurator, governor, guardian, mallory):
    tether = governor.deploy(project.TetherLike)
    feed = list_coin(protocol, governor, tether)
    tether.set_blacklisted(stocked, True, sender=mallory)
    stocked.probe(tether, sender=mallory)

    configurator.set_asset(tether, terms(feed), sender=governor)
    configurator.pause_asset(tether, True, False, sender=guardian)
    configurator.pause_asset(tether, False, False, sender=governor)

    assert not stocked.price_of(tether)[1]


def test_probe__of_a_coin_whose_balance_is_gone__says_so(protocol, stocked, governor, carol, mallory):
    hostile = governor.deploy(project.HostileToken, 6)
    list_coin(protocol, governor, hostile, [carol])
    stocked.mint(hostile, STAKE, 0, sender=carol)
    # 50 bps may be missing, as for the mode
    hostile.set_balance(stocked, STAKE * 9_950 // 10_000, sender=mallory)
    stocked.probe(hostile, sender=mallory)
    assert stocked.price_of(hostile)[1]
    hostile.set_balance(stocked, STAKE * 9_950 // 10_000 - 1, sender=mallory)

    stocked.probe(hostile, sender=mallory)

    assert not stocked.price_of(hostile)[1]


def test_probe__with_too_little_gas_or_unknown__reverts(stocked, usdc, tbill, mallory):
    with reverts("more gas"):
        stocked.probe(usdc, gas_limit=500_000, sender=mallory)
    with reverts("unknown asset"):
        stocked.probe(tbill, sender=mallory)


# recapitalise


def test_recapitalise__by_anyone__mints_nothing(stocked, aid, usdc, mallory):
    tx = stocked.recapitalise(usdc, GIFT, sender=mallory)

    assert logged(stocked, tx) == [stocked.Recapitalised(sender=mallory, asset=usdc, units=GIFT)]
    assert (stocked.units_of(usdc), aid.totalSupply()) == (STAKE + GIFT, SUPPLY)
    assert excess(stocked) == (1_100 * WAD, 1_100 * WAD)
    assert stocked.surplus() == 0  # RD3: a gift is never harvested


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
