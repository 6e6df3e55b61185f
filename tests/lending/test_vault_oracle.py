"""The price of staked AID as collateral, against the model in fractions."""

from fractions import Fraction

import ape
import pytest

from tests.conftest import DAY, MILLION, WAD
from tests.lending.conftest import FEED_UNIT, MAX_AGE, MAX_RISE, PERIOD, USD, dump, go, now, travel
from tests.lending.model import SlowRise, aid_in_loan, market_price

ZERO = "0x" + "00" * 20
#: The weight that the contract takes for e^-x is off by less than this part of one.
EXP_ERROR = 0.008


def priced(oracle, pool, feed_price, value, loan_decimals=6):
    """The model's price, from the pool's own average and a dollar price of the loan coin."""
    at = Fraction(pool.price_oracle(0), WAD)
    average = 1 / at if pool.coins(0) == oracle_aid(oracle) else at
    return market_price(value, aid_in_loan(average, feed_price), loan_decimals, 18)


def deploy_pool(protocol, governor, coins, vaults, amplification=500):
    from integrations.protocol.artifacts import contract_at

    factory = protocol.pool_factory
    factory.deploy_pool("P", "LP", coins, vaults, amplification, 4 * 10**6, 2 * 10**10, 866, sender=governor)
    return contract_at("StableSwap", factory.pool_list(factory.pool_count() - 1))


def oracle_aid(oracle):
    return ape.Contract(oracle.VAULT(), contract_type=ape.project.VaultShare.contract_type).asset()


def test_price__of_a_share__is_its_nav_in_the_loan_coin(oracle):
    # 1.05 USDC (6 decimals) for a share (18): 1.05 · 1e(36 + 6 − 18)
    assert oracle.price() == 105 * 10**22
    assert oracle.nav() == 105 * WAD // 100
    assert oracle.aid_usd() == WAD


def test_price__where_aid_is_lent__is_the_nav_alone(make_oracle, coins):
    oracle = make_oracle(loan=coins.aid, pool=ZERO, feed=ZERO, max_age=0)
    assert oracle.price() == 105 * 10**34
    assert oracle.aid_usd() == WAD


@pytest.mark.parametrize("order", [0, 1], ids=["AID first", "AID second"])
@pytest.mark.parametrize("usd", [FEED_UNIT, 102 * 10**6, 92 * 10**6], ids=["at par", "above", "below"])
@pytest.mark.parametrize("sold", ["aid", "usdc"])
def test_price__off_the_peg__is_the_models(make_oracle, pools, coins, feed, carol, order, usd, sold):
    pool = pools[order]
    oracle = make_oracle(pool=pool)
    dump(pool, getattr(coins, sold), 950_000 * 10 ** getattr(coins, sold).decimals(), carol)
    travel(3_600)
    feed.set_price(usd, sender=carol)
    feed_price, value = Fraction(usd, FEED_UNIT), Fraction(105, 100)
    expected = priced(oracle, pool, feed_price, value)
    # each of the steps rounds a unit of 1e-18 down, at most
    assert expected * (1 - Fraction(4, WAD)) <= oracle.price() <= expected
    aid_usd = min(Fraction(1), expected / market_price(value, 1, 6, 18) * feed_price)
    if usd <= FEED_UNIT and sold == "aid":
        assert abs(Fraction(oracle.aid_usd(), WAD) - aid_usd) < Fraction(4, WAD)
    assert oracle.price() <= 105 * 10**22


def test_price__of_a_loan_coin_below_its_peg__counts_it_whole(oracle, feed, pool, coins, carol):
    """AID at 1.09 USDC while USDC is at 92 cents: who borrows owes dollars when it returns."""
    feed.set_price(92 * 10**6, sender=carol)
    dump(pool, coins.usdc, 999_000 * USD, carol)
    travel(3_600)
    assert pool.price_oracle(0) < WAD * 95 // 100
    assert oracle.price() == 105 * 10**22


def test_price__of_aid_that_falls_with_its_coin__does_not_liquidate_anybody(oracle, feed, carol):
    """Both at 92 cents: the pool trades one for one, and the debt has fallen as much as the collateral."""
    feed.set_price(92 * 10**6, sender=carol)
    assert oracle.aid_usd() == 92 * WAD // 100
    assert oracle.price() == 105 * 10**22


def test_price__of_a_loan_coin_above_a_dollar__holds_aid_at_a_dollar(oracle, feed, carol):
    feed.set_price(105 * 10**6, sender=carol)
    # AID counts for a dollar, which is 1 / 1.05 coins: 1.05 shares of it for one coin
    assert oracle.price() == 105 * 10**16 * (WAD * 100 // 105) * USD // WAD
    assert oracle.price() < 10**24


def test_price__of_aid_below_what_the_average_can_tell__follows_the_pool(
    protocol, make_oracle, coins, feed, governor, carol
):
    """The pool's average takes a dollar for at most two AID; at 20 cents that would be 150 % too much."""
    pool = deploy_pool(protocol, governor, [coins.aid, coins.usdc], [False, False], 5)
    for coin in (coins.aid, coins.usdc):
        coin.approve(pool, 2**256 - 1, sender=carol)
    pool.add_liquidity([100_000 * WAD, 100_000 * USD], 0, sender=carol)
    oracle = make_oracle(pool=pool)
    dump(pool, coins.aid, 250_000 * WAD, carol)
    assert 3 * WAD < pool.get_p(0) < 100 * WAD
    # at once the average still says one; hours later, what the pool says
    assert oracle.price() == 105 * 10**22
    travel(6 * 3_600)
    assert pool.price_oracle(0) > WAD * 199 // 100
    expected = market_price(Fraction(105, 100), Fraction(WAD, pool.get_p(0)), 6, 18)
    assert expected * (1 - Fraction(100, WAD)) <= oracle.price() <= expected


@pytest.mark.parametrize(
    "round_data",
    [
        lambda t: (2, FEED_UNIT, t, t - MAX_AGE - 1_000, 2),
        lambda t: (2, FEED_UNIT, t, t + 1_000, 2),
        lambda t: (2, 0, t, t, 2),
        lambda t: (2, -1, t, t, 2),
        lambda t: (2, FEED_UNIT, t, t, 1),
        lambda _: (2, FEED_UNIT, 0, 0, 2),
    ],
    ids=["old", "from the future", "zero", "negative", "of an earlier round", "incomplete"],
)
def test_price__with_a_feed_that_is_not_fresh__is_refused(oracle, feed, carol, round_data):
    feed.set_round(*round_data(now()), sender=carol)
    for view in (oracle.price, oracle.aid_usd):
        with ape.reverts("stale price"):
            view()
    # the vault's part needs no feed
    assert oracle.nav() == 105 * WAD // 100


def test_price__at_the_feeds_last_second__stands(oracle, feed, carol):
    feed.set_price(FEED_UNIT, sender=carol)
    updated = feed.latestRoundData()[3]
    go(updated + MAX_AGE)
    assert now() == updated + MAX_AGE
    assert oracle.price() == 105 * 10**22
    travel(1)
    with ape.reverts("stale price"):
        oracle.price()


def test_poke__along_a_random_history__keeps_to_the_model(oracle, shares, carol):
    average, record, time = oracle.average()
    model = SlowRise(average / WAD, record / WAD, time, PERIOD, MAX_RISE / WAD, 0.105)
    navs = [1.05, 1.06, 1.2, 1.19, 1.04, 1.04, 1.05, 0.5, 0.8, 0.8, 0.81, 0.02, 0.5, 0.5, 0, 1.05, 1.05]
    shares_floor = 105 * WAD // 1_000
    for step, nav in enumerate(navs):
        shares.set_price(int(nav * 10**6) * 10**12, sender=carol)
        travel((step % 4) * 7 * 3_600 + 1_801)
        before = model.average
        gap = abs(min(model.record, nav) - model.average)
        expected = model.value(nav, now())
        assert abs(oracle.nav() / WAD - expected) <= gap * EXP_ERROR + 1e-15, step
        oracle.poke(sender=carol)
        model.poke(nav, now())
        told, record, time = oracle.average()
        assert abs(told / WAD - model.average) <= gap * EXP_ERROR + 1e-12, step
        rise = max(told, shares_floor) * MAX_RISE // WAD
        assert told <= record <= min(told + rise, shares.price())
        assert told / WAD <= max(before, min(nav, before + 0.01 * max(before, 0.105))) + 1e-15
        # from the contract's own numbers, so that its error does not add up
        model = SlowRise(told / WAD, record / WAD, time, PERIOD, MAX_RISE / WAD, 0.105)


def test_poke__says_what_it_recorded(oracle, shares, carol):
    shares.set_price(2 * WAD, sender=carol)
    tx = oracle.poke(sender=carol)
    assert tx.events == [oracle.Poked(nav=2 * WAD, value=105 * WAD // 100)]
    average, record, time = oracle.average()
    assert (average, record, time) == (105 * WAD // 100, 10605 * WAD // 10_000, tx.timestamp)


def test_a_lasting_rise__counts_at_the_pace_of_the_pokes(oracle, shares, carol):
    shares.set_price(110 * WAD // 100, sender=carol)
    for days in range(1, 10):
        oracle.poke(sender=carol)
        travel(DAY)
        # at most one per cent a day, and most of it
        assert 1.05 * 1.005**days < oracle.nav() / WAD <= min(1.10, 1.05 * 1.01**days)
    for _ in range(6):
        oracle.poke(sender=carol)
        travel(DAY)
    assert 1.0999 < oracle.nav() / WAD <= 1.10


@pytest.mark.parametrize("wei", [0, 1, 99], ids=lambda wei: f"{wei} wei")
def test_a_poke_at_nothing__is_undone_in_the_time_that_the_docs_give(oracle, shares, carol, wei):
    """A tenth of a tenth of a per cent a day to a tenth of what it was, and a per cent a day from there."""
    shares.set_price(wei, sender=carol)
    oracle.poke(sender=carol)
    travel(DAY)
    assert oracle.nav() == wei
    shares.set_price(105 * WAD // 100, sender=carol)
    assert oracle.nav() == wei
    days = 0
    while oracle.nav() < 104 * WAD // 100:
        before = oracle.nav()
        oracle.poke(sender=carol)
        travel(DAY)
        days += 1
        most = max(before, 105 * WAD // 1_000) * MAX_RISE // WAD
        assert before < oracle.nav() <= before + most
    # 158 daily pokes to a tenth, and ln 9.9 / ln 1.00632 of them to the rest
    assert 510 <= days <= 535


def test_a_poke_at_nothing__lends_less_than_a_thousandth_of_what_it_was_for_two_jumps(oracle, shares, carol):
    shares.set_price(0, sender=carol)
    oracle.poke(sender=carol)
    # recorded at its most, and used a month later without a poke between
    shares.set_price(1_000 * WAD, sender=carol)
    oracle.poke(sender=carol)
    travel(30 * DAY)
    assert 0 < oracle.nav() <= 105 * WAD // 100 // 1_000
    # the truth takes it back at once
    shares.set_price(0, sender=carol)
    assert oracle.nav() == 0


def test_without_pokes__a_rise_does_not_count(oracle, shares, carol):
    shares.set_price(121 * WAD // 100, sender=carol)
    travel(300 * DAY)
    assert oracle.nav() == 105 * WAD // 100


def test_a_loss__counts_at_once_without_a_poke(oracle, shares, carol):
    shares.set_price(80 * WAD // 100, sender=carol)
    assert oracle.nav() == 80 * WAD // 100


def test_a_vault_that_cannot_be_read__has_no_price(oracle, shares, carol):
    shares.set_price(2**256 - 1, sender=carol)
    with ape.reverts():
        oracle.price()
    with ape.reverts():
        oracle.poke(sender=carol)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"period": 3_599}, "period out of bounds"),
        ({"period": 30 * DAY + 1}, "period out of bounds"),
        ({"rise": 10**14 - 1}, "rise out of bounds"),
        ({"rise": 10**17 + 1}, "rise out of bounds"),
        ({"max_age": 0}, "max age"),
        ({"max_age": 7 * DAY + 1}, "max age"),
    ],
)
def test_deploy__outside_the_bounds__is_refused(make_oracle, changes, reason):
    with ape.reverts(reason):
        make_oracle(**changes)


def test_deploy__with_sources_that_do_not_fit__is_refused(project, governor, make_oracle, coins, pool, feed):
    other = governor.deploy(project.Stablecoin, "Other", "OTHER", 6)
    with ape.reverts("pool without loan coin"):
        make_oracle(loan=other)
    with ape.reverts("loan is aid"):
        make_oracle(loan=coins.aid)
    six = governor.deploy(project.VaultShare, coins.usdc, 18, USD)
    with ape.reverts("decimals"):
        make_oracle(vault=six)
    foreign = governor.deploy(project.Stablecoin, "Foreign", "AID", 18)
    with ape.reverts("pool without aid"):
        make_oracle(vault=governor.deploy(project.VaultShare, foreign, 18, WAD))


@pytest.mark.parametrize("nav", [0, 1, 10**12 - 1, 2**112])
def test_deploy__of_a_nav_out_of_range__is_refused(project, governor, make_oracle, coins, nav):
    with ape.reverts("nav out of range"):
        make_oracle(vault=governor.deploy(project.VaultShare, coins.aid, 18, nav))


def test_deploy__of_the_least_nav__comes_back_from_nothing(project, governor, make_oracle, coins, carol):
    """Ten million wei a poke at 1 bp, the least rise there is."""
    least = governor.deploy(project.VaultShare, coins.aid, 18, 10**12)
    oracle = make_oracle(vault=least, rise=10**14)
    least.set_price(0, sender=carol)
    oracle.poke(sender=carol)
    least.set_price(10**12, sender=carol)
    oracle.poke(sender=carol)
    assert oracle.average()[:2] == (0, 10**7)
    travel(DAY)
    assert 0.62 * 10**7 < oracle.nav() < 0.64 * 10**7


@pytest.mark.parametrize("rate", [WAD, 105 * WAD // 100], ids=["at 1.00", "at 1.05"])
@pytest.mark.parametrize("counted", [True, False], ids=["at its rate", "as one"])
def test_deploy__with_a_loan_coin_that_is_a_vault_share__is_refused(
    protocol, project, governor, carol, make_oracle, coins, rate, counted
):
    """The pool's average knows no rate: a share at 1.05 would count as a coin, 5 % too much."""
    loan = governor.deploy(project.VaultShare, coins.aid, 18, rate)
    loan.mint(carol, MILLION * WAD, sender=carol)
    pool = deploy_pool(protocol, governor, [coins.aid, loan], [False, counted])
    for coin in (coins.aid, loan):
        coin.approve(pool, 2**256 - 1, sender=carol)
    pool.add_liquidity([MILLION * rate // 2, MILLION * WAD // 2], 0, sender=carol)
    if counted:
        # half a million at its rate each: AID is worth 1 / rate shares, and the average says one
        assert abs(pool.price_oracle(0) - WAD) < 100
    with ape.reverts("vault share"):
        make_oracle(loan=loan, pool=pool)


def test_deploy__with_an_asset_that_is_a_vault_share__is_refused(
    protocol, project, governor, make_oracle, coins
):
    """A vault of shares: nothing but the loan of the shares themselves has a price."""
    staked = governor.deploy(project.VaultShare, coins.aid, 18, 105 * WAD // 100)
    outer = governor.deploy(project.VaultShare, staked, 18, WAD)
    pool = deploy_pool(protocol, governor, [staked, coins.usdc], [True, False])
    with ape.reverts("vault share"):
        make_oracle(vault=outer, pool=pool)
    assert make_oracle(vault=outer, loan=staked, pool=ZERO, feed=ZERO, max_age=0).price() == 10**36


def test_pool_is_large_enough_for_these_numbers(pool):
    assert pool.get_balances() == [MILLION * WAD, MILLION * USD]
