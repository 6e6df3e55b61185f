"""How much to trade against another price: the most profitable amount, by brute force and calculus."""

from math import isqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.protocol import RevertedError
from integrations.simulation.stableswap_model import StableSwapModel
from integrations.simulation.state import PoolParameters
from integrations.venues import Coin, ModelPool
from integrations.venues.arbitrage import Counter, Route, best_amount, best_trip, less_fee, routes
from integrations.venues.swap import BPS
from tests.conftest import MILLION, WAD

USD = 10**6


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 400))
@example(1, 196, 391)
def test_best_amount__is_that_of_brute_force(x, y, most):
    def proceeds(amount):
        return 1_000 * y * amount // (x + amount)

    best = best_amount(proceeds, most)
    most_profit = max(proceeds(amount) - amount for amount in range(most + 1))
    # but for what rounding, which makes dents of one unit in the curve, hides from the search
    assert most_profit - 2 <= proceeds(best) - best <= most_profit


def test_best_amount__in_a_product_pool__is_where_the_slope_is_one():
    x, y = 4 * 10**12, 9 * 10**12
    # d/da of y·a/(x + a) is one at a = √(x·y) − x
    assert abs(best_amount(lambda a: y * a // (x + a), 10**13) - (isqrt(x * y) - x)) <= 10**13 // 10**6


def test_best_amount__without_a_gain__is_nothing():
    assert best_amount(lambda amount: amount - 1, 10**9) == 0
    assert best_amount(lambda amount: 2 * amount, 0) == 0


def test_best_amount__stops_at_the_most_there_is():
    assert best_amount(lambda amount: 2 * amount, 10**6) == 10**6


def test_best_amount__stays_below_what_is_refused():
    def proceeds(amount):
        if amount > 400_000:
            raise RevertedError("out too large")
        return 2 * amount

    assert 399_998 <= best_amount(proceeds, 10**6) <= 400_000


def test_best_trip__takes_the_better_way_and_leaves_small_change():
    one = Route("one", 100, lambda amount: amount + 5)
    two = Route("two", 100, lambda amount: amount + 7)
    assert best_trip([one, two]).route == "two"
    assert best_trip([one, two], least_profit=7).profit == 7
    assert best_trip([one, two], least_profit=8) is None
    assert best_trip([]) is None


def test_less_fee__rounds_the_fee_up():
    assert less_fee(10_001, 10) == 10_001 - 11
    assert less_fee(10_000, 10) == 9_990


@pytest.fixture
def pool():
    """Ten million of each coin at a low amplification, so that trades move the price."""
    wallets = {
        "AID": {"lp": 10 * MILLION * WAD, "alice": 5 * MILLION * WAD},
        "USDC": {"lp": 10 * MILLION * USD, "alice": 5 * MILLION * USD},
    }
    model = StableSwapModel(PoolParameters((18, 6), amplification=50), time=0)
    pool = ModelPool((Coin("AID", "", 18), Coin("USDC", "", 6)), model, wallets)
    pool.add("lp", pool.quote_add({"AID": 10 * MILLION * WAD, "USDC": 10 * MILLION * USD}))
    return pool


MINT_BPS, REDEEM_BPS = 10, 15
GATEWAY = Counter(
    coin="USDC",
    token="AID",
    buy=lambda units: less_fee(units, MINT_BPS) * 10**12,
    most_bought=5 * MILLION * USD,
    redeem=lambda aid: less_fee(aid, REDEEM_BPS) // 10**12,
    most_redeemed=5 * MILLION * WAD,
)


def trip(pool, funds=5 * MILLION * USD):
    return best_trip(routes(pool.market(), GATEWAY, funds))


def test_a_pool_at_the_gateways_price__is_left_alone(pool):
    assert trip(pool) is None


def test_cheap_aid__is_bought_and_redeemed_until_it_costs_what_redeeming_pays(pool):
    pool.swap("alice", pool.quote_in("AID", "USDC", 3 * MILLION * WAD))
    found = trip(pool)
    assert found.route == "pool, then redeem"
    bought = pool.market().sell("USDC", "AID", found.amount)
    assert found.proceeds == less_fee(bought, REDEEM_BPS) // 10**12
    pool.swap("alice", pool.quote_in("USDC", "AID", found.amount))
    # a dollar of AID now costs a dollar, less the redemption fee and the pool's
    costs = WAD - pool.price("AID", "USDC")
    assert 18 * WAD // BPS < costs < 20 * WAD // BPS
    assert trip(pool) is None or trip(pool).profit < USD


def test_dear_aid__is_minted_and_sold_until_it_brings_what_minting_costs(pool):
    pool.swap("alice", pool.quote_in("USDC", "AID", 3 * MILLION * USD))
    found = trip(pool)
    assert found.route == "buy, then sell"
    aid = less_fee(found.amount, MINT_BPS) * 10**12
    pool.swap("alice", pool.quote_in("AID", "USDC", aid))
    gain = pool.price("AID", "USDC") - WAD
    assert 13 * WAD // BPS < gain < 15 * WAD // BPS
    assert trip(pool) is None or trip(pool).profit < USD


def test_what_the_gateway_takes__bounds_the_trip(pool):
    pool.swap("alice", pool.quote_in("AID", "USDC", 3 * MILLION * WAD))
    closed = Counter(**{**vars(GATEWAY), "most_redeemed": 0})
    assert best_trip(routes(pool.market(), closed, 5 * MILLION * USD)) is None
    little = Counter(**{**vars(GATEWAY), "most_redeemed": 1_000 * WAD})
    found = best_trip(routes(pool.market(), little, 5 * MILLION * USD))
    assert 900 * USD < found.amount < 1_000 * USD
    assert trip(pool, funds=0) is None
