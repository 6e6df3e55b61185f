"""Attacks L4 and L9 of the catalogue: what moves a market's price, and what one that stands costs lenders."""

from math import exp
from types import SimpleNamespace

import ape
import pytest

from integrations.protocol import RevertedError
from integrations.venues import MarketParams, MorphoMarket
from tests.conftest import CYCLE, DAY, WAD
from tests.support.morpho import deploy_morpho

USD = 10**6
LLTV = 86 * WAD // 100
INCENTIVE = 1 / (1 - 0.3 * 0.14)
#: One share in USDC units, 1e36.
PAR = 10**24
FEED_AGE = 7 * DAY
RISE = WAD // 100
#: Of the pool's average.
MA_TIME = 866
STAKED, PLEDGED, OWED = 300_000, 100_000, 80_000


def travel(seconds):
    ape.chain.pending_timestamp += seconds
    ape.chain.mine()


@pytest.fixture(scope="module")
def scene(project, protocol, governor, alice, bob, carol):
    """Alice has staked 300,000 AID, pledged a third of it and owes 80,000 USDC to carol; the pool is at 1."""
    usdc, aid, vault = protocol.coin("USDC").token, protocol.aid, protocol.staked_aid
    pool = protocol.contract("pool.AID-USDC")
    for user, units in ((alice, STAKED + 1_000), (bob, 400_000), (carol, 310_000)):
        protocol.gateway.mint(usdc, units * USD, 0, sender=user)
    aid.approve(vault, 2**256 - 1, sender=alice)
    vault.deposit(STAKED * WAD, alice, sender=alice)
    for coin in (aid, usdc):
        coin.approve(pool, 2**256 - 1, sender=carol)
    assert pool.coins(0) == aid.address
    pool.add_liquidity([300_000 * WAD, 300_000 * USD], 0, sender=carol)
    desk = governor.deploy(project.Portfolio, vault, protocol.gateway)
    vault.set_portfolio(desk, sender=governor)
    desk.fund(STAKED * WAD // 2, 0, sender=governor)

    feed = protocol.coin("USDC").feed
    oracle = governor.deploy(project.VaultOracle, vault, usdc, pool, feed, FEED_AGE, DAY, RISE)
    venues = deploy_morpho(project, governor)
    params = MarketParams(usdc.address, vault.address, oracle.address, venues["morpho.irm"], LLTV)
    market = MorphoMarket.create(governor, venues["morpho.blue"], params)
    market.supply(carol, 300_000 * USD)
    market.supply_collateral(alice, PLEDGED * WAD)
    market.borrow(alice, OWED * USD)
    return SimpleNamespace(
        usdc=usdc, aid=aid, vault=vault, pool=pool, desk=desk, feed=feed, oracle=oracle, market=market
    )


@pytest.fixture(scope="module")
def pumpable(project, governor, scene, mallory):
    """A market against a vault whose price mallory sets as she likes, which she has shares of."""
    shares = governor.deploy(project.VaultShare, scene.aid, 18, WAD)
    shares.mint(mallory, 1_000 * WAD, sender=mallory)
    oracle = governor.deploy(
        project.VaultOracle, shares, scene.usdc, scene.pool, scene.feed, FEED_AGE, DAY, RISE
    )
    params = scene.market.params._replace(collateral=shares.address, oracle=oracle.address)
    market = MorphoMarket.create(governor, scene.market.contract.address, params)
    return SimpleNamespace(shares=shares, oracle=oracle, market=market)


def test_l4__donation_to_the_vault__moves_nothing(scene, bob):
    scene.aid.transfer(scene.vault, 100_000 * WAD, sender=bob)
    assert scene.oracle.price() == PAR
    scene.oracle.poke(sender=bob)
    travel(30 * DAY)
    scene.feed.set_price(10**8, sender=bob)
    assert scene.oracle.price() == PAR


def test_l4__donation_to_an_emptied_vault__moves_nothing(scene, governor, alice, bob):
    """Everybody leaves, a wei comes back, and what is given to it does not make it dear or the price zero."""
    scene.market.repay(alice, shares=scene.market.position(alice).debt_shares)
    scene.market.withdraw_collateral(alice, PLEDGED * WAD)
    scene.desk.pay_held(STAKED * WAD // 2, STAKED * WAD // 2, 0, sender=governor)
    scene.vault.requestRedeem(scene.vault.balanceOf(alice), alice, alice, sender=alice)
    travel(2 * CYCLE)
    scene.vault.sync(sender=bob)
    assert scene.vault.totalSupply() == 0
    scene.aid.approve(scene.vault, 1, sender=bob)
    scene.vault.deposit(1, bob, sender=bob)
    scene.aid.transfer(scene.vault, 100_000 * WAD, sender=bob)
    scene.oracle.poke(sender=bob)
    scene.feed.set_price(10**8, sender=bob)
    assert scene.oracle.price() == PAR


def test_l4__a_jump_within_a_block__lends_nothing_more(pumpable, scene, mallory):
    market, shares, oracle = pumpable.market, pumpable.shares, pumpable.oracle
    market.supply_collateral(mallory, 1_000 * WAD)
    market.supply(mallory, 100_000 * USD)
    travel(6 * DAY)
    limit = market.position(mallory).limit
    assert limit == 860 * USD
    shares.set_price(1_000 * WAD, sender=mallory)
    oracle.poke(sender=mallory)
    assert oracle.price() == PAR
    assert market.position(mallory).limit == limit
    # seconds later it is up by seconds of a per cent a day
    with pytest.raises(RevertedError, match="insufficient collateral"):
        market.borrow(mallory, limit + limit // 10**5)


def test_l4__a_jump_held_and_recorded_every_hour__gains_a_per_cent_a_day(pumpable, mallory):
    pumpable.shares.set_price(1_000 * WAD, sender=mallory)
    for _ in range(24):
        pumpable.oracle.poke(sender=mallory)
        travel(3_600)
    assert WAD < pumpable.oracle.nav() <= 101 * WAD // 100
    # which the first honest poke takes back
    pumpable.shares.set_price(WAD, sender=mallory)
    assert pumpable.oracle.nav() == WAD
    pumpable.oracle.poke(sender=mallory)
    pumpable.shares.set_price(1_000 * WAD, sender=mallory)
    assert pumpable.oracle.nav() == WAD


def test_l4__two_jumps_with_nobody_looking_between__gain_a_per_cent_at_most(pumpable, mallory):
    """Recorded at the first, used at the second: the record counts, as far as it may be above the average."""
    pumpable.shares.set_price(1_000 * WAD, sender=mallory)
    pumpable.oracle.poke(sender=mallory)
    pumpable.shares.set_price(WAD, sender=mallory)
    travel(6 * DAY)
    pumpable.shares.set_price(1_000 * WAD, sender=mallory)
    assert pumpable.oracle.nav() <= 101 * WAD // 100


def test_l4__pool_pushed_within_a_block__leaves_the_price_where_it_was(scene, bob):
    travel(3_600)
    scene.aid.approve(scene.pool, 2**256 - 1, sender=bob)
    before = scene.oracle.price()
    dumped = scene.pool.exchange(0, 1, 290_000 * WAD, 0, sender=bob).timestamp
    coin_in_aid = scene.pool.get_p(0) / WAD
    assert coin_in_aid > 1.3
    assert scene.oracle.price() == before
    # and a block later by the weight of its seconds
    travel(12)
    weight = 1 - exp(-(ape.chain.blocks.head.timestamp - dumped) / MA_TIME)
    assert weight < 0.05
    expected = 1 / (1 + (coin_in_aid - 1) * weight)
    assert scene.oracle.price() / before == pytest.approx(expected, rel=1e-6)


def test_l4__pool_pushed_upwards__is_worth_a_dollar(scene, bob):
    scene.usdc.approve(scene.pool, 2**256 - 1, sender=bob)
    scene.pool.exchange(1, 0, 290_000 * USD, 0, sender=bob)
    travel(3_600)
    assert scene.pool.price_oracle(0) < 98 * WAD // 100
    assert scene.oracle.price() == PAR


def test_l9__a_recorded_impairment__can_be_liquidated_in_its_second(scene, governor, alice, bob):
    """8 % of the vault: 92,000 · 0.86 < 80,000. Nobody has to poke, and lenders lose nothing."""
    assert scene.market.position(alice).health > WAD
    scene.desk.set_impairment(STAKED * WAD * 8 // 100, 0, sender=governor)
    assert scene.oracle.price() == pytest.approx(0.92 * PAR, rel=1e-9)
    quote = scene.market.quote_liquidation(alice)
    fill = scene.market.liquidate(bob, quote)
    assert quote.bad_debt == 0
    assert fill.received["sAID"] / WAD == pytest.approx(OWED * INCENTIVE / 0.92, rel=1e-4)
    assert scene.market.position(alice).debt == 0


def test_l9__frozen_feed__stops_loans_and_liquidations_but_nobody_who_leaves(scene, alice, carol):
    market = scene.market
    travel(FEED_AGE + 3_600)
    assert market.view().price is None
    with pytest.raises(RevertedError, match="stale price"):
        market.borrow(alice, USD)
    with pytest.raises(RevertedError, match="stale price"):
        market.withdraw_collateral(alice, WAD)
    with pytest.raises(RevertedError, match="no price"):
        market.quote_liquidation(alice)
    assert market.withdraw(carol, 1_000 * USD).received == {"USDC": 1_000 * USD}
    scene.usdc.mint(alice, 2_000 * USD, sender=alice)
    market.repay(alice, shares=market.position(alice).debt_shares)
    assert market.withdraw_collateral(alice, PLEDGED * WAD).received


def test_l9__a_loss_while_the_feed_is_frozen__costs_lenders_what_the_collateral_lacks(
    scene, governor, alice, bob
):
    """A third is lost behind the frozen price. When it moves again, lenders lack debt − value / incentive."""
    market = scene.market
    travel(FEED_AGE + 3_600)
    scene.desk.set_impairment(STAKED * WAD // 3, 0, sender=governor)
    supplied = market.view().supplied
    scene.feed.set_price(10**8, sender=bob)
    quote = market.quote_liquidation(alice)
    assert quote.seized == PLEDGED * WAD
    market.liquidate(bob, quote)
    lost = (supplied - market.view().supplied) / USD
    # carol alone has lent: what she has earned is what alice owes besides
    owed = OWED + supplied / USD - 300_000
    assert lost == pytest.approx(owed - PLEDGED * 2 / 3 / INCENTIVE, rel=1e-3)
    assert 16_000 < lost < 16_500


def test_l9__a_loss_that_nobody_records__is_not_seen(scene, governor, alice, bob):
    """The limit of any NAV: borrowers stay healthy at the old one, and lenders lose when it is told."""
    market = scene.market
    travel(DAY)
    assert market.position(alice).health > WAD
    with pytest.raises(RevertedError, match="position is healthy"):
        market.quote_liquidation(alice)
    # at the last moment alice may still borrow up to the old limit
    market.borrow(alice, market.position(alice).room - USD)
    scene.desk.set_impairment(STAKED * WAD // 2, 0, sender=governor)
    quote = market.quote_liquidation(alice)
    assert quote.bad_debt / USD == pytest.approx(0.86 * PLEDGED - PLEDGED / 2 / INCENTIVE, rel=1e-3)
