"""sAID and its principal tokens as collateral at Morpho Blue, on its real bytecode, with pools as exit."""

from types import SimpleNamespace

import ape
import pytest

from integrations.fork.venues import contracts
from integrations.protocol import ConfigError, RevertedError
from integrations.venues import (
    CurvePool,
    MarketParams,
    MorphoMarket,
    UnknownMarketError,
    deploy_pt_oracle,
)
from integrations.venues.lending_math import WAD, LendingState, Pot
from integrations.venues.pendle import PendleMarket
from integrations.venues.pendle_contracts import Pendle
from tests.conftest import DAY
from tests.fork.split_implementations import pendle, stake

USD = 10**6
K = 1_000 * WAD
LLTV = 86 * WAD // 100
INCENTIVE = 1 / (1 - 0.3 * 0.14)
WINDOW = 300
#: 20 % a year: below what the market pays for principal tokens.
DISCOUNT = WAD // 5
LIFE = 180 * DAY


def now():
    return int(ape.chain.blocks.head.timestamp)


def go(time):
    ape.chain.pending_timestamp = time
    ape.chain.mine()


@pytest.fixture(scope="module")
def scene(protocol, mainnet, people):
    """Alice, bob and carol have sAID, SY and AID; carol has filled the pools; dave lends 400,000 USDC."""
    users, desk = stake(protocol, people)
    _, bob, carol = users
    dave = people.dave
    usdc, aid, vault, sy = protocol.coin("USDC").token, protocol.aid, protocol.staked_aid, protocol.sy
    for user in users:
        sy.redeem(user, 600 * K, vault, 0, False, sender=user)
    for user in (bob, carol, dave):
        usdc.mint(user, 1_000_000 * USD, sender=user)
    dollars = CurvePool.of(protocol, "AID", "USDC")
    shares = CurvePool.of(protocol, "sAID", "AID")
    dollars.add(carol, dollars.quote_add({"AID": 400 * K, "USDC": 400_000 * USD}))
    shares.add(carol, shares.quote_add({"sAID": 400 * K, "AID": 400 * K}))

    feed = protocol.coin("USDC").feed
    feed.set_price(10**8, sender=dave)
    blue, key = mainnet.venues["morpho.blue"], mainnet.places.lending
    market = MorphoMarket.at(blue, bytes.fromhex(key.removeprefix("0x")))
    market.supply(dave, 400_000 * USD)
    return SimpleNamespace(
        users=users,
        dave=dave,
        desk=desk,
        usdc=usdc,
        aid=aid,
        vault=vault,
        sy=sy,
        feed=feed,
        dollars=dollars,
        shares=shares,
        market=market,
        params=market.params,
        blue=blue,
    )


@pytest.fixture
def indebted(scene):
    """Alice has pledged 100,000 sAID and owes 80,000 USDC."""
    alice = scene.users[0]
    scene.market.supply_collateral(alice, 100 * K)
    scene.market.borrow(alice, 80_000 * USD)
    return scene


def test_market__is_known_to_morpho_by_the_hash_of_its_terms(scene, fork):
    address = fork.web3.to_checksum_address(scene.blue)
    blue = fork.web3.eth.contract(address=address, abi=contracts()["morpho.blue"].abi)
    assert tuple(blue.functions.idToMarketParams(scene.params.id).call()) == tuple(scene.params)
    again = MorphoMarket.at(scene.blue, scene.params.id)
    assert again.params == scene.params
    assert again.terms.collateral.symbol == "sAID"


def test_market__that_nobody_has_made__is_refused(scene):
    with pytest.raises(UnknownMarketError, match=scene.blue):
        MorphoMarket.of(scene.blue, scene.params._replace(lltv=915 * WAD // 1_000))
    # the right terms with an oracle of the attacker's own are another market
    with pytest.raises(UnknownMarketError):
        MorphoMarket.of(scene.blue, scene.params._replace(oracle=scene.dave.address))


def test_market__with_terms_that_morpho_has_not_enabled__is_refused(scene):
    with pytest.raises(RevertedError, match="LLTV not enabled"):
        MorphoMarket.create(scene.dave, scene.blue, scene.params._replace(lltv=87 * WAD // 100))
    with pytest.raises(RevertedError, match="IRM not enabled"):
        MorphoMarket.create(scene.dave, scene.blue, scene.params._replace(rate_model=scene.dave.address))
    with pytest.raises(RevertedError, match="market already created"):
        MorphoMarket.create(scene.dave, scene.blue, scene.params)


def test_market__without_a_rate_model__charges_nothing(scene):
    free = MorphoMarket.create(scene.dave, scene.blue, scene.params._replace(rate_model="0x" + "00" * 20))
    free.supply(scene.dave, 1_000 * USD)
    view = free.view(now() + 365 * DAY)
    assert (view.supplied, view.borrow_rate) == (1_000 * USD, 0)


def test_shares_and_interest__over_a_random_year__are_the_models_to_the_unit(indebted):
    """Every action is predicted from the state before it, by arithmetic, and read back from the chain."""
    market, (alice, bob, carol) = indebted.market, indebted.users
    held = {account.address: market.position(account, now()) for account in (alice, bob, carol)}
    assert held[alice.address].debt_shares > 0
    steps = [
        (3_601, "supply", bob, {"assets": 123_456_789}),
        (17 * DAY, "borrow", alice, {"assets": 1_234_567}),
        (40 * DAY, "supply", carol, {"shares": 10**14 + 3}),
        (1, "repay", alice, {"assets": 20_000_000_001}),
        (90 * DAY, "withdraw", bob, {"assets": 100_000_000}),
        (11 * DAY, "borrow", alice, {"shares": 5 * 10**12 + 1}),
        (200 * DAY, "repay", alice, {"shares": 10**15 + 7}),
    ]
    models = {
        "supply": LendingState.supplied,
        "withdraw": LendingState.withdrawn,
        "borrow": LendingState.borrowed,
        "repay": LendingState.repaid,
    }
    for seconds, action, account, amount in steps:
        # the price of the collateral is not what is tested
        indebted.feed.set_price(10**8, sender=indebted.dave)
        before = on_chain(market)
        go(now() + seconds)
        indebted.feed.set_price(10**8, sender=indebted.dave)
        fill = getattr(market, action)(account, **amount)
        sent = ape.chain.provider.get_receipt(fill.transaction).timestamp
        expected, assets, shares = models[action](before.accrued(sent), **amount)
        assert on_chain(market) == expected, action
        assert abs(fill.shares) == shares
        assert {**fill.given, **fill.received} == {"USDC": assets}


def on_chain(market):
    """The totals that Morpho has booked."""
    contract, key = market.contract, market.params.id
    supplied, supply_shares, owed, debt_shares, time, fee = contract.market(key)
    at_target = market._rate_model.rateAtTarget(key)
    return LendingState(Pot(supplied, supply_shares), Pot(owed, debt_shares), time, fee, at_target)


def exit_through_pools(scene, account, shares):
    """Sell sAID for AID and that for USDC: what it brings, in USDC units."""
    first = scene.shares.swap(account, scene.shares.quote_in("sAID", "AID", shares))
    last = scene.dollars.swap(account, scene.dollars.quote_in("AID", "USDC", first.received["AID"]))
    return last.received["USDC"]


def test_l10__liquidator_who_cannot_redeem__sells_through_the_pools_and_gains(indebted):
    """The vault loses 8 % in 24 days, while its pool is traded. Redemption takes weeks, pools pay at once."""
    market, (alice, bob, carol) = indebted.market, indebted.users
    indebted.desk.set_impairment(0, 300 * K // (30 * DAY), sender=bob)
    for _ in range(8):
        go(now() + 3 * DAY)
        indebted.shares.swap(carol, indebted.shares.quote_in("AID", "sAID", WAD))
    go(now() + 3 * 3_600)
    indebted.feed.set_price(10**8, sender=carol)
    nav = indebted.vault.convertToAssets(WAD) / WAD
    assert nav == pytest.approx(0.92, abs=0.002)
    assert indebted.vault.maxRedeem(bob) == 0
    with pytest.raises(RevertedError, match="healthy"):
        market.quote_liquidation(bob)
    before = indebted.usdc.balanceOf(bob)
    lender = market.position(indebted.dave).supplied

    quote = market.quote_liquidation(alice)
    assert quote.by_shares
    fill = market.liquidate(bob, quote)
    seized, paid = fill.received["sAID"], fill.given["USDC"]
    assert seized / WAD == pytest.approx(paid / USD * INCENTIVE / nav, rel=1e-4)
    brought = exit_through_pools(indebted, bob, seized)

    profit = indebted.usdc.balanceOf(bob) - before
    assert profit == brought - paid
    # the incentive of 4.4 % on 80,000, less what two pools take of a trade of a fifth of their size
    assert 0 < profit / USD < paid / USD * (INCENTIVE - 1)
    assert profit / USD > paid / USD * (INCENTIVE - 1 - 0.02)
    assert market.position(alice).debt == 0
    assert market.position(indebted.dave).supplied >= lender


def test_l10__after_a_sudden_loss__the_pools_surcharge_delays_the_exit(indebted):
    """A jump of 10 % is charged as a fee, 3 ppm less each second: it takes ten hours until somebody gains."""
    market, (alice, bob, carol) = indebted.market, indebted.users
    indebted.desk.set_impairment(300 * K, 0, sender=bob)
    quote = market.quote_liquidation(alice)
    at_once = indebted.shares.quote_in("sAID", "AID", quote.seized).amount_out
    assert at_once / WAD < quote.repaid / USD
    # the next trade starts the decay
    indebted.shares.swap(carol, indebted.shares.quote_in("AID", "sAID", WAD), slippage_bps=1_000)
    surcharge = indebted.shares.contract.surcharge()
    assert surcharge == pytest.approx(10**6 * (1 / 0.9 - 1), rel=0.01)
    go(now() + surcharge // 3)
    before = indebted.usdc.balanceOf(bob)
    fill = market.liquidate(bob, market.quote_liquidation(alice))
    exit_through_pools(indebted, bob, fill.received["sAID"])
    profit = (indebted.usdc.balanceOf(bob) - before) / USD
    assert 80_000 * (INCENTIVE - 1 - 0.02) < profit < 80_000 * (INCENTIVE - 1) + 1
    assert market.position(indebted.dave).supplied >= 400_000 * USD


@pytest.fixture(scope="module")
def principal(scene, protocol, mainnet, people):
    """Carol's market of principal tokens, at about 10 % a year; dave lends AID against them at 86 %."""
    alice, _, carol = scene.users
    split = pendle(protocol, mainnet.venues, scene.users, scene.desk, LIFE)
    venue = split.venue
    for user, amount in ((carol, 250 * K), (alice, 100 * K)):
        venue.execute(user, venue.market().split(amount))
    venue.execute(carol, venue.market().add(100 * K, 200 * K))
    # one observation a second, by the oracle's count of blocks
    venue.remember(carol, WINDOW + 1)
    # a trade, and five minutes for the average to know
    venue.execute(carol, venue.market().swap("PT", "SY", WAD), slippage_bps=100)
    go(now() + WINDOW + 60)
    oracle = deploy_pt_oracle(protocol, people.governor, venue, window=WINDOW, discount_rate=DISCOUNT)
    pt = venue.tokens["PT"].address
    params = MarketParams(scene.aid.address, pt, oracle.address, mainnet.venues["morpho.irm"], LLTV)
    market = MorphoMarket.create(scene.dave, scene.blue, params)
    scene.aid.transfer(scene.dave, 150 * K, sender=scene.users[1])
    market.supply(scene.dave, 150 * K)
    return SimpleNamespace(venue=venue, oracle=oracle, market=market, split=split)


def test_pt__counts_for_the_lower_of_discount_and_average(principal):
    venue, oracle = principal.venue, principal.oracle
    left = venue.view().expiry - now()
    assert oracle.linear_discount() == WAD - -(-DISCOUNT * left // (365 * DAY))
    average = venue.average(WINDOW)
    assert average.ready
    assert oracle.linear_discount() < average.pt_worth
    assert oracle.price() == oracle.pt_in_aid() * WAD
    assert oracle.pt_in_aid() == oracle.linear_discount()


def test_pt__bought_up_in_a_block__lends_no_more(principal, scene):
    alice, _, carol = scene.users
    market, venue = principal.market, principal.venue
    market.supply_collateral(alice, 50 * K)
    before = market.position(alice).limit
    spot = venue.view().pt_price
    venue.execute(carol, venue.market().swap("SY", "PT", 30 * K), slippage_bps=500)
    assert venue.view().pt_price > spot
    assert 0 <= market.position(alice).limit - before <= before // 10**6


def test_pt__sold_off_in_a_block__liquidates_nobody(principal, scene):
    alice, _, carol = scene.users
    market, venue = principal.market, principal.venue
    market.supply_collateral(alice, 50 * K)
    market.borrow(alice, 38 * K)
    venue.execute(carol, venue.market().swap("PT", "SY", 40 * K), slippage_bps=2_000)
    assert market.position(alice).health > WAD
    with pytest.raises(RevertedError, match="position is healthy"):
        market.quote_liquidation(alice)


def test_l11__pt_collateral__is_borrowed_against_until_expiry_and_redeemed_to_repay(principal, scene):
    alice, _, _ = scene.users
    market, venue = principal.market, principal.venue
    market.supply_collateral(alice, 50 * K)
    market.borrow(alice, 35 * K)
    go(venue.view().expiry)
    assert principal.oracle.pt_in_aid() == WAD
    assert market.position(alice).limit == 43 * K
    assert market.position(alice).health > WAD
    # the debt is AID that alice still has; the principal tokens come back and pay one AID each
    market.repay(alice, shares=market.position(alice).debt_shares)
    market.withdraw_collateral(alice, 50 * K)
    back = venue.execute(alice, venue.market().merge(50 * K))
    assert back.received["SY"] == pytest.approx(50 * K, rel=1e-9)


def test_l11__after_a_loss__pt_are_liquidated_at_what_they_still_pay(principal, scene):
    alice, bob, _ = scene.users
    market = principal.market
    market.supply_collateral(alice, 50 * K)
    market.borrow(alice, 38 * K)
    before = principal.oracle.pt_in_aid()
    scene.desk.set_impairment(300 * K, 0, sender=bob)
    assert principal.oracle.pt_in_aid() == pytest.approx(before * 0.9, rel=1e-6)
    quote = market.quote_liquidation(alice)
    fill = market.liquidate(bob, quote)
    seized = fill.received[market.terms.collateral.symbol]
    assert seized == pytest.approx(38 * K * INCENTIVE * WAD / (before * 0.9), rel=1e-3)
    assert market.position(alice).debt == 0


def test_l10__pt_collateral__is_sold_at_pendle_and_through_the_pool_at_a_gain(principal, scene):
    """The vault loses 8 % in 24 days: PT no longer cover the debt, and become SY, then AID in the pool."""
    alice, bob, carol = scene.users
    market, venue, aid = principal.market, principal.venue, scene.aid
    market.supply_collateral(alice, 50 * K)
    market.borrow(alice, 38 * K)
    scene.desk.set_impairment(0, 300 * K // (30 * DAY), sender=bob)
    for _ in range(8):
        go(now() + 3 * DAY)
        scene.shares.swap(carol, scene.shares.quote_in("AID", "sAID", WAD))
    go(now() + 3 * 3_600)
    before, lent = aid.balanceOf(bob), market.position(scene.dave).supplied
    # the oracle: the linear discount, of which the loss takes its part
    worth, sold_at = principal.oracle.pt_in_aid() / WAD, venue.view().pt_price / WAD
    kept = scene.vault.convertToAssets(WAD) / venue.view().index
    assert kept == pytest.approx(0.92, abs=0.002)
    assert worth == pytest.approx(principal.oracle.linear_discount() / WAD * kept, rel=1e-9)

    fill = market.liquidate(bob, market.quote_liquidation(alice))
    seized = fill.received[market.terms.collateral.symbol]
    paid = fill.given["AID"]
    assert seized / paid == pytest.approx(INCENTIVE / worth, rel=1e-4)
    proceeds = venue.execute(bob, venue.market().swap("PT", "SY", seized), slippage_bps=100)
    brought = venue.unwrap(bob, "AID", proceeds.received["SY"]).received["AID"]

    assert aid.balanceOf(bob) - before == brought - paid
    # the incentive, and what Pendle's market pays above the discount, less the price impact at both
    most = seized * sold_at * kept - paid
    assert 0.6 * most < brought - paid < most
    assert market.position(alice).debt == 0
    assert market.position(scene.dave).supplied >= lent


def test_pt__of_the_standing_market__has_too_short_a_history(mainnet, protocol, people):
    """A fresh market of Pendle remembers one observation: no oracle is made of it."""
    market = PendleMarket.at(mainnet.market, Pendle(mainnet.venues))
    with pytest.raises(RevertedError, match="short history"):
        deploy_pt_oracle(protocol, people.governor, market, window=WINDOW)


def test_pt_oracle__for_a_coin_that_has_no_pool_with_aid__is_refused(mainnet, protocol, people):
    market = PendleMarket.at(mainnet.market, Pendle(mainnet.venues))
    with pytest.raises(ConfigError, match=r"^nothing tells what AID is worth in USDT"):
        deploy_pt_oracle(protocol, people.governor, market, "USDT")
