"""Journeys through the protocol and all venues: each balance is known before the first transaction."""

from __future__ import annotations

from itertools import pairwise
from math import exp
from types import SimpleNamespace

import ape
import pytest

from integrations.venues import (
    CurvePool,
    MarketParams,
    MorphoMarket,
    deploy_pt_oracle,
)
from tests.conftest import DAY, WAD
from tests.fork.forecast import Hands, forecast_of
from tests.fork.split_implementations import pendle, stake

USD = 10**6
K = 1_000 * WAD
YEAR = 365 * DAY
LIFE = 90 * DAY
WINDOW = 300
LLTV = 86 * WAD // 100
#: What the vault earns of three million AID.
YEARLY_BPS = 1_200
SLOPE = 3_000 * K * YEARLY_BPS // 10_000 // YEAR
PURSE = 200_000 * USD


@pytest.fixture(scope="module")
def world(protocol, mainnet, people, accounts):
    """Carol fills pools and Pendle's market, bob lends against PT, and a newcomer has 200,000 USDC."""
    users, desk = stake(protocol, people)
    _, bob, carol = users
    newcomer, usdc, aid = accounts[9], protocol.coin("USDC").token, protocol.aid
    usdc.mint(carol, 500_000 * USD, sender=carol)
    usdc.mint(bob, 200_000 * USD, sender=bob)
    usdc.mint(newcomer, PURSE, sender=newcomer)
    protocol.allowlist.set_kyc(newcomer, ape.chain.pending_timestamp + 700 * DAY, sender=people.compliance)
    protocol.sy.redeem(carol, 300 * K, protocol.staked_aid, 0, False, sender=carol)
    dollars, shares = (CurvePool.of(protocol, *pair) for pair in (("AID", "USDC"), ("sAID", "AID")))
    dollars.add(carol, dollars.quote_add({"AID": 400 * K, "USDC": 400_000 * USD}))
    shares.add(carol, shares.quote_add({"sAID": 300 * K, "AID": 300 * K}))

    split = pendle(protocol, mainnet.venues, users, desk, LIFE)
    venue = split.venue
    venue.execute(carol, venue.market().split(251 * K))
    venue.execute(carol, venue.market().add(200 * K, 250 * K))
    venue.remember(carol, WINDOW + 1)
    venue.execute(carol, venue.market().swap("PT", "SY", WAD), slippage_bps=100)
    split.travel(WINDOW + 60)
    markets, oracles = {}, {}
    for loan, token, lent in (("USDC", usdc, 200_000 * USD), ("AID", aid, 200 * K)):
        oracle = oracles[loan] = deploy_pt_oracle(protocol, people.governor, venue, loan, window=WINDOW)
        pt, irm = venue.tokens["PT"].address, mainnet.venues["morpho.irm"]
        terms = MarketParams(token.address, pt, oracle.address, irm, LLTV)
        markets[loan] = MorphoMarket.create(people.governor, mainnet.venues["morpho.blue"], terms)
        markets[loan].supply(bob, lent)
    desk.set_slope(SLOPE, sender=bob)
    feed = protocol.coin("USDC").feed
    feed.set_price(10**8, sender=carol)
    hands = Hands(protocol, newcomer, venue, markets, lambda: feed.set_price(10**8, sender=carol))
    return SimpleNamespace(hands=hands, venue=venue, markets=markets, oracles=oracles, newcomer=newcomer)


def walk(world, plan):
    """Take the steps of a plan on a forecast, then by hand: after each, time and balances are as forecast."""
    forecast = forecast_of(world.hands, SLOPE)
    steps = []

    def step(name, *arguments):
        steps.append((name, arguments))
        return forecast.run(name, *arguments)

    plan(step, forecast)
    for (name, arguments), (_, time, holdings) in zip(steps, forecast.record, strict=True):
        world.hands.run(name, *arguments)
        said = f"{name}{arguments}"
        assert world.hands.holdings() == holdings, said
        assert int(ape.chain.blocks.head.timestamp) == time, said
    return forecast


def adaptive_interest(utilisation, years):
    """What a loan costs, by Morpho's curve in floats: the rate adapts, three of its values are averaged."""
    error = (utilisation - 0.9) / (0.1 if utilisation > 0.9 else 0.9)

    def rate(passed):
        at_target = max(0.001, 0.04 * exp(50 * error * passed))
        return at_target * (1 + (3 if error > 0 else 0.75) * error)

    return exp((rate(0) + 2 * rate(years / 2) + rate(years)) / 4 * years) - 1


def test_usdc_to_a_loan_on_principal_tokens_and_back__is_known_to_the_wei(world):
    """USDC → AID → sAID → SY → PT → a loan of USDC, held to the expiry, and all the way back."""
    view = world.venue.view()

    def plan(step, forecast):
        aid = step("mint", 150_000 * USD)
        sy = step("wrap", "sAID", step("deposit", aid))
        pt = step("buy_pt", sy)
        step("pledge", "USDC", pt)
        step("borrow", "USDC", 90_000 * USD)
        step("wait_until", view.expiry + 3_600)
        step("reprice")
        step("repay_all", "USDC")
        step("unpledge", "USDC", pt)
        step("redeem", step("sell_shares", step("redeem_pt", pt)))

    forecast = walk(world, plan)

    after = {name: wallet for name, _, wallet in forecast.record}
    end = after["redeem"]
    # the loan is paid, and nothing is left on the way
    assert {name for name, units in end.items() if units} == {"USDC"}
    # by other arithmetic: PT for more than their asset, but for less than without an impact
    pt, paid = after["buy_pt"]["PT"] / WAD, 150_000 * 0.9995
    years = (view.expiry - view.time) / YEAR
    assert paid < pt < paid * (1 + view.implied_yield / WAD) ** years
    # each pays one AID, less the fee of the pool, which a trade of half its size leaves off its peg
    assert 0.0004 < 1 - after["sell_shares"]["AID"] / WAD / pt < 0.005
    interest = (after["reprice"]["USDC"] - after["repay_all"]["USDC"]) / USD - 90_000
    assert interest / 90_000 == pytest.approx(adaptive_interest(0.45, years), rel=0.02)
    gained = (end["USDC"] - PURSE) / USD
    assert gained == pytest.approx(after["sell_shares"]["AID"] / WAD * 0.9995 - 150_000 - interest, abs=2e-6)
    assert gained > 0


#: What a loop puts in, and the debt per face value of the PT that each round but the last buys.
STAKE = 40_000 * USD
TARGET_BPS = 7_500
ROUNDS = 4


def leverage(step, target_bps=TARGET_BPS, rounds=ROUNDS):
    """Put AID into PT, borrow AID on them, and again."""
    aid = step("mint", STAKE)
    for left in reversed(range(rounds)):
        pt = step("buy_pt", step("wrap", "AID", aid))
        step("pledge", "AID", pt)
        if left:
            aid = step("borrow", "AID", pt * target_bps // 10_000)


def deleverage(step, forecast, price):
    """Take out the PT that the debt leaves free, make AID of them, repay, and again; then take the rest.

    Args:
        price: AID for one PT by the oracle at a time.
    """
    loan = forecast.loans["AID"]
    sell = "redeem_pt" if forecast.time >= forecast.market.state.expiry else "sell_pt"
    while loan.shares:
        # a thousandth more than the debt needs stays
        limit = price(forecast.time + 1) * LLTV // WAD
        needed = loan.debt(forecast.time + 1) * WAD // limit * 1_001 // 1_000
        aid = step("sell_shares", step(sell, step("unpledge", "AID", loan.pledged - needed)))
        if forecast.wallet["AID"] > loan.debt(forecast.time + 1_300):
            step("repay_all", "AID")
        else:
            step("repay", "AID", aid)
    step("sell_shares", step(sell, step("unpledge", "AID", loan.pledged)))
    step("reprice")
    step("redeem", forecast.wallet["AID"])


def total(forecast, step, symbol):
    """How much of a token a kind of step brought or took, in all."""
    record = forecast.record
    changes = [after[2][symbol] - before[2][symbol] for before, after in pairwise(record) if after[0] == step]
    return abs(sum(changes))


def test_loop__ends_at_its_target__known_to_the_wei(world):
    forecast = walk(world, lambda step, _: leverage(step))

    position = world.markets["AID"].position(world.newcomer)
    borrowed = total(forecast, "borrow", "AID")
    assert position.debt == pytest.approx(borrowed, rel=1e-6)
    # a geometric series of what is lent on face value, times the PT that one AID buys: fewer in every round
    bought = [wallet["PT"] for name, _, wallet in forecast.record if name == "buy_pt"]
    assert borrowed == sum(pt * 3 // 4 for pt in bought[:-1])
    per_aid = bought[0] / STAKE / 1e12
    least, most = (sum((0.75 * price) ** turn for turn in range(ROUNDS)) for price in (1, per_aid))
    assert least < position.collateral / bought[0] < most
    assert 0.5 < position.debt / position.collateral < 0.75
    # the oracle lends against less than the face: 20 % a year below it
    left = world.venue.view().expiry - int(ape.chain.blocks.head.timestamp)
    worth = 1 - 0.2 * left / YEAR
    assert position.health / WAD == pytest.approx(
        position.collateral * worth * 0.86 / position.debt, rel=1e-9
    )


def test_loop__unwound_at_the_expiry__has_earned_what_each_round_fixed(world):
    expiry = world.venue.view().expiry

    def plan(step, forecast):
        leverage(step)
        step("wait_until", expiry)
        deleverage(step, forecast, lambda _: WAD)

    forecast = walk(world, plan)

    end = forecast.holdings()
    assert {name for name, units in end.items() if units} == {"USDC"}
    bought, borrowed = total(forecast, "buy_pt", "PT") / WAD, total(forecast, "borrow", "AID") / WAD
    fixed = bought - borrowed - STAKE / USD
    repaid = (total(forecast, "repay", "AID") + total(forecast, "repay_all", "AID")) / WAD
    years = (expiry - forecast.record[0][1]) / YEAR
    assert repaid - borrowed == pytest.approx(
        borrowed * adaptive_interest(borrowed / 200_000, years), rel=0.05
    )
    exits = bought - total(forecast, "sell_shares", "AID") / WAD
    assert 0.0004 < exits / bought < 0.005
    gained = (end["USDC"] - PURSE) / USD
    left = (fixed + STAKE / USD - exits - (repaid - borrowed)) * 0.9995
    assert gained == pytest.approx(left - STAKE / USD, abs=1e-5)
    # without a loop, the first round alone would have been all
    first = next(wallet["PT"] for name, _, wallet in forecast.record if name == "buy_pt") / WAD
    assert gained > 1.5 * (first - STAKE / USD)


def test_loop__unwound_before_the_expiry__sells_what_the_debt_leaves_free(world):
    expiry = world.venue.view().expiry
    month = int(ape.chain.blocks.head.timestamp) + 30 * DAY

    def by_the_discount(time):
        return WAD - -(-WAD // 5 * (expiry - time) // YEAR)

    def plan(step, forecast):
        leverage(step, target_bps=6_000, rounds=4)
        step("wait_until", month)
        deleverage(step, forecast, by_the_discount)

    forecast = walk(world, plan)

    end = forecast.holdings()
    assert {name for name, units in end.items() if units} == {"USDC"}
    assert total(forecast, "sell_pt", "PT") == total(forecast, "buy_pt", "PT")
    # a month of the fixed yield, twice levered, against twice the fee of Pendle's market and the exit
    assert abs(end["USDC"] - PURSE) < STAKE // 100
    oracle = world.oracles["AID"]
    assert oracle.pt_in_aid() == by_the_discount(int(ape.chain.blocks.head.timestamp))
