"""The price of a principal token as collateral, against the model in fractions."""

from fractions import Fraction

import ape
import pytest

from tests.conftest import DAY, WAD
from tests.lending.conftest import FEED_UNIT, MAX_AGE, USD, dump, go, now, travel
from tests.lending.model import linear_discount, market_price

ZERO = "0x" + "00" * 20
LIFE = 182 * DAY
WINDOW = 900
#: 15 % a year.
DISCOUNT = 15 * WAD // 100
#: The market's own: about 8 % a year.
AVERAGE = 96 * WAD // 100
#: What an oracle that lends AID needs not.
NO_DOLLAR = {"pool": ZERO, "feed": ZERO, "max_age": 0}
#: A wei of AID at each of two divisions.
ROUNDED = Fraction(3, WAD)


@pytest.fixture(scope="module")
def market(project, governor, coins):
    """A market of a principal token that expires in half a year, and has lost nothing."""
    return governor.deploy(project.PrincipalMarket, coins.aid, 18, now() + LIFE, AVERAGE)


@pytest.fixture(scope="module")
def make_oracle(project, governor, coins, market):
    def make(
        market=market, window=WINDOW, discount=DISCOUNT, loan=coins.aid, pool=ZERO, feed=ZERO, max_age=0
    ):
        args = (market, market, window, discount, loan, pool, feed, max_age)
        return governor.deploy(project.PTOracle, *args)

    return make


@pytest.fixture(scope="module")
def oracle(make_oracle):
    """Lends AID against principal tokens."""
    return make_oracle()


def within(told, expected):
    return expected - ROUNDED <= Fraction(told, WAD) <= expected


def test_price__of_a_cheap_principal_token__is_the_discounts(oracle, market):
    """0.96 at the market, but 15 % a year for half a year: 0.925."""
    left = market.expiry() - now()
    expected = linear_discount(Fraction(15, 100), left)
    assert within(oracle.pt_in_aid(), expected)
    assert within(oracle.linear_discount(), expected)
    assert float(expected) == pytest.approx(1 - 0.15 * 182 / 365, abs=1e-3)
    assert oracle.price() == market_price(oracle.pt_in_aid(), 1, 18, 18) // WAD


def test_price__of_one_that_the_market_gives_less_for__is_the_average(oracle, market, carol):
    market.set_average(90 * WAD // 100, sender=carol)
    assert oracle.pt_in_aid() == 90 * WAD // 100


@pytest.mark.parametrize("days", [0, 30, 90, 181, 182, 183, 900])
def test_price__as_expiry_nears__rises_to_one_and_stays(oracle, market, carol, days):
    market.set_average(99 * WAD // 100 if days < 150 else WAD, sender=carol)
    travel(max(market.expiry() - LIFE + days * DAY - now(), 1))
    expected = linear_discount(Fraction(15, 100), market.expiry() - now())
    assert within(oracle.pt_in_aid(), expected)
    assert (oracle.pt_in_aid() == WAD) == (days >= 182)


def test_price__in_the_last_second_before_expiry__is_below_one(oracle, market, carol):
    market.set_average(WAD, sender=carol)
    go(market.expiry() - 1)
    assert oracle.pt_in_aid() == WAD - -(-DISCOUNT // (365 * DAY))
    travel(1)
    assert oracle.pt_in_aid() == WAD


@pytest.mark.parametrize("after_expiry", [False, True])
def test_price__after_a_loss__falls_by_rate_over_index(oracle, market, carol, after_expiry):
    """The vault is at 1.08 after it has been at 1.2: a principal token is owed 1/1.2 of what is 1.08 now."""
    market.set_rate(108 * WAD // 100, 120 * WAD // 100, sender=carol)
    if after_expiry:
        travel(LIFE)
    expected = linear_discount(Fraction(15, 100), market.expiry() - now()) * Fraction(108, 120)
    assert within(oracle.pt_in_aid(), expected)


def test_price__of_a_discount_that_is_a_hair_above_a_wei__rounds_it_up(make_oracle, market, carol):
    """A second before expiry the discount is 1e9 wei and a part in 31,536,000 of one: it counts whole."""
    oracle = make_oracle(discount=10**9 * 365 * DAY + 1)
    market.set_average(WAD, sender=carol)
    go(market.expiry() - 1)
    assert oracle.linear_discount() == oracle.pt_in_aid() == WAD - 10**9 - 1


def test_price__at_a_rate_above_the_stored_index__is_not_lifted(oracle, market, carol):
    before = oracle.linear_discount()
    market.set_rate(3 * WAD, WAD, sender=carol)
    assert oracle.pt_in_aid() <= oracle.linear_discount()
    assert abs(oracle.pt_in_aid() - before) < DISCOUNT // (365 * DAY) * 60


def test_price__in_another_coin__is_scaled_by_aids_price(make_oracle, coins, pool, feed, carol):
    oracle = make_oracle(loan=coins.usdc, pool=pool, feed=feed, max_age=MAX_AGE)
    dump(pool, coins.aid, 900_000 * WAD, carol)
    travel(3_600)
    feed.set_price(FEED_UNIT, sender=carol)
    in_usdc = Fraction(WAD, pool.price_oracle(0))
    assert in_usdc < Fraction(98, 100)
    value = linear_discount(Fraction(15, 100), oracle.EXPIRY() - now())
    expected = market_price(value, in_usdc, 6, 18)
    assert expected * (1 - 3 * ROUNDED) <= oracle.price() <= expected
    assert abs(Fraction(oracle.aid_usd(), WAD) - in_usdc) < ROUNDED
    assert oracle.price() < 10**18 * USD


def test_price__with_a_stale_feed__is_refused(make_oracle, coins, pool, feed, carol):
    oracle = make_oracle(loan=coins.usdc, pool=pool, feed=feed, max_age=MAX_AGE)
    feed.set_round(5, FEED_UNIT, 0, now() - MAX_AGE - 100, 5, sender=carol)
    with ape.reverts("stale price"):
        oracle.price()
    assert oracle.pt_in_aid() > 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"window": 299}, "window out of bounds"),
        ({"window": DAY + 1}, "window out of bounds"),
        ({"discount": WAD + 1}, "rate out of bounds"),
    ],
)
def test_deploy__outside_the_bounds__is_refused(make_oracle, changes, reason):
    with ape.reverts(reason):
        make_oracle(**changes)


def test_deploy__on_a_market_with_too_short_a_history__is_refused(make_oracle, market, carol):
    market.set_history(False, sender=carol)
    with ape.reverts("short history"):
        make_oracle()


def test_deploy__where_the_discount_would_be_all__is_refused(project, governor, make_oracle, coins):
    two_years = governor.deploy(project.PrincipalMarket, coins.aid, 18, now() + 740 * DAY, AVERAGE)
    with ape.reverts("discount too large"):
        make_oracle(market=two_years, discount=WAD // 2)
    assert make_oracle(market=two_years, discount=WAD // 4).pt_in_aid() == pytest.approx(
        (1 - 0.25 * 740 / 365) * WAD, rel=1e-3
    )


def test_deploy__after_expiry_or_for_another_asset__is_refused(project, governor, make_oracle, coins):
    over = governor.deploy(project.PrincipalMarket, coins.aid, 18, now() - 1, AVERAGE)
    with ape.reverts("market expired"):
        make_oracle(market=over)
    six = governor.deploy(project.PrincipalMarket, coins.usdc, 6, now() + LIFE, AVERAGE)
    with ape.reverts("decimals"):
        make_oracle(market=six)
