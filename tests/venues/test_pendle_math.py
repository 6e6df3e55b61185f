"""Pendle's arithmetic without a chain: against decimals, and against its own promises."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from integrations.protocol import RevertedError
from integrations.venues.log_exp import MAX_EXPONENT, MIN_EXPONENT, WAD, exp, ln
from integrations.venues.pendle_contracts import MarketTerms, TermsError
from integrations.venues.pendle_market import PendleSnapshot
from integrations.venues.pendle_math import Guess, MarketState, interest, most_for, searched
from tests.conftest import DAY, MILLION
from tests.venues.split_reference import YEAR, Curve, first_ln_rate, precise

K = 1_000 * WAD
START = 1_800_000_000
YEARLY = 365 * DAY

EXACT = Decimal(10) ** -18


def whole(units):
    return Decimal(units) / WAD


def terms(days):
    return MarketTerms.between(400, 2_400, 20, days * DAY)


def market(days=180, pt=500 * K, sy=400 * K, index=WAD, yield_bps=1_400):
    """A market with so many days left whose terms were set half a year before the expiry."""
    fixed = terms(180)
    return MarketState(
        pt=pt,
        sy=sy,
        shares=K,
        ln_rate=ln(WAD + yield_bps * WAD // 10_000),
        scalar_root=fixed.scalar_root,
        ln_fee_root=fixed.ln_fee_root,
        reserve_percent=80,
        expiry=START + days * DAY,
        index=index,
        time=START,
    )


def decimals(state):
    return Curve(
        pt=whole(state.pt),
        sy=whole(state.sy),
        index=whole(state.index),
        ln_rate=whole(state.ln_rate),
        years=state.left / YEAR,
        root=whole(state.scalar_root),
        ln_fee=whole(state.ln_fee_root),
        reserve=Decimal(state.reserve_percent) / 100,
    )


MARKETS = st.builds(
    market,
    days=st.integers(1, 400),
    pt=st.integers(300 * K, 600 * K),
    sy=st.integers(300 * K, 500 * K),
    index=st.integers(WAD, 12 * WAD // 10),
    yield_bps=st.integers(900, 2_000),
)


# exponential and logarithm


@given(st.integers(-20 * WAD, 60 * WAD))
def test_exp__is_right_to_its_digits(x):
    expected = precise(lambda: whole(x).exp())

    assert abs(whole(exp(x)) - expected) <= 2 * EXACT + expected * 8 * EXACT


@given(st.integers(1, 10**45))
def test_ln__is_right_to_its_digits(a):
    # below one, the reciprocal is rounded to 18 digits first
    lost = whole(1) * max(Decimal(1), whole(WAD * WAD // a) if a > WAD else Decimal(1))
    expected = precise(lambda: whole(a).ln())

    assert abs(whole(ln(a)) - expected) <= 8 * EXACT + lost


def test_exp_and_ln__at_the_ends():
    assert (exp(0), ln(WAD)) == (WAD, 0)
    assert exp(MIN_EXPONENT) == 1
    assert exp(MAX_EXPONENT) > 10**74
    for x in (MIN_EXPONENT - 1, MAX_EXPONENT + 1):
        with pytest.raises(ValueError, match="invalid exponent"):
            exp(x)
    for a in (0, -1):
        with pytest.raises(ValueError, match="out of bounds"):
            ln(a)


# terms


@given(st.integers(1, 2_000), st.integers(1, 5_000), st.integers(7, 1_000))
def test_terms__give_the_highest_yield_where_pt_are_nine_tenths(low, width, days):
    high = low + width
    made = MarketTerms.between(low, high, 20, days * DAY)
    years = days * DAY / YEAR
    root, anchor = whole(made.scalar_root), whole(made.anchor)

    def implied(pt):
        return precise(lambda: first_ln_rate(pt, 1 - pt, years, root, anchor).exp() - 1)

    assert abs(implied(Decimal("0.9")) - Decimal(high) / 10_000) < Decimal(1) / 10**12
    middle = precise(
        lambda: ((1 + Decimal(low) / 10_000) ** years + (1 + Decimal(high) / 10_000) ** years) / 2
    )
    assert abs(implied(Decimal("0.5")) - (middle ** (1 / years) - 1)) < Decimal(1) / 10**12
    assert abs(whole(made.ln_fee_root) - Decimal("1.002").ln()) < 4 * EXACT


@pytest.mark.parametrize(("low", "high"), [(500, 500), (600, 500), (-1, 500)])
def test_terms__of_an_empty_range__are_refused(low, high):
    with pytest.raises(TermsError, match="no range"):
        MarketTerms.between(low, high, 20, DAY)


def test_terms__of_a_past_expiry__are_refused():
    with pytest.raises(TermsError, match="expiry is past"):
        MarketTerms.between(400, 500, 20, 0)


# trades


@given(MARKETS, st.integers(WAD, 40 * K), st.sampled_from([1, -1]))
def test_trade__is_what_the_formulas_say(state, amount, sign):
    leaving = sign * amount
    try:
        trade = state.trade(leaving)
        after = state.after(trade)
    except RevertedError:
        assume(False)
    curve = decimals(state)
    paid = precise(lambda: curve.paid(whole(leaving)))
    ln_rate = precise(lambda: curve.after(whole(leaving)).ln_rate)
    sy = precise(lambda: curve.after(whole(leaving)).sy)

    assert abs(whole(trade.sy) - paid) <= abs(paid) * Decimal(10) ** -14
    assert abs(whole(after.ln_rate) - ln_rate) < Decimal(10) ** -14 / curve.years
    assert abs(whole(after.sy) - sy) <= sy * Decimal(10) ** -14


@given(MARKETS, st.integers(WAD, 50 * K))
def test_trades__there_and_back__never_gain(state, amount):
    try:
        bought = state.trade(amount)
        sold = state.after(bought).trade(-amount)
    except RevertedError:
        assume(False)

    assert -sold.sy < bought.sy


@given(MARKETS, st.integers(WAD, 20 * K), st.integers(2, 5))
def test_several_trades__cost_no_more_than_one(state, amount, parts):
    try:
        whole_cost = state.trade(amount).sy
        cost = 0
        for part in range(parts):
            piece = amount * (part + 1) // parts - amount * part // parts
            trade = state.trade(piece)
            cost += trade.sy
            state = state.after(trade)
    except RevertedError:
        assume(False)

    # all of a trade is priced where it ends
    assert cost <= whole_cost + parts


@given(MARKETS, st.integers(WAD, 5 * K))
def test_yt__cost_what_splitting_costs_less_the_pt(state, amount):
    try:
        cost, proceeds = state.cost_of_yt(amount), state.proceeds_of_yt(amount)
        curve = decimals(state)
        spent = precise(lambda: whole(amount) / curve.index + curve.paid(-whole(amount)))
        got = precise(lambda: curve.sy_for_yt(whole(amount)))
    except RevertedError:
        assume(False)

    bound = whole(amount) * Decimal(10) ** -14
    assert abs(whole(cost) - spent) <= bound
    assert abs(whole(proceeds) - got) <= bound
    assert proceeds < cost


def test_refusals__have_their_reasons():
    state = market()
    with pytest.raises(RevertedError, match="too much pt"):
        state.trade(-400 * K)
    with pytest.raises(RevertedError, match="out too large"):
        state.trade(500 * K)
    with pytest.raises(RevertedError, match="pt above par"):
        state.trade(499 * K)
    with pytest.raises(RevertedError, match="zero fee"):
        state.after(state.trade(100))
    with pytest.raises(RevertedError, match="expired"):
        replace(state, time=state.expiry).trade(WAD)
    with pytest.raises(RevertedError, match="empty market"):
        replace(state, pt=0, sy=0).trade(-WAD)


# liquidity


@given(MARKETS, st.integers(1, 100 * K), st.integers(1, 100 * K))
def test_liquidity__in_and_out__never_gains(state, sy, pt):
    try:
        minted, sy_used, pt_used = state.add(sy, pt)
        grown = state.with_liquidity(sy, pt, 0)
        sy_back, pt_back = grown.remove(minted)
    except RevertedError:
        assume(False)

    assert sy_used <= sy
    assert pt_used <= pt
    assert sy_back <= sy_used
    assert pt_back <= pt_used
    # what is left is at least what there was for each LP token
    rest = grown.without_liquidity(minted)
    assert rest.sy >= state.sy
    assert rest.pt >= state.pt
    assert rest.shares == state.shares


# searches


@given(st.integers(1, 10**6), st.integers(1, 50), st.integers(1, 1_000))
def test_most_for__is_that_of_brute_force(budget, slope, start):
    def cost(amount):
        if amount > 900:
            raise RevertedError("too much pt")
        return amount * slope + amount * amount // 7

    affordable = [amount for amount in range(1, 901) if cost(amount) <= budget]
    if not affordable:
        with pytest.raises(RevertedError, match="zero out"):
            most_for(cost, budget, start)
    else:
        assert most_for(cost, budget, start) == max(affordable)


@given(MARKETS, st.integers(WAD, K), st.integers(-300, 300))
def test_searched__costs_the_budget_from_any_guess_nearby(state, sy, off):
    try:
        best = most_for(state.cost_of_pt, sy, sy)
        first = best + best * off // 10_000
        guess = Guess(first, best * 95 // 100, best * 105 // 100)
        found = searched(state.cost_of_pt, sy, guess)
    except RevertedError:
        assume(False)

    assert found <= best
    assert sy - sy // 10**9 - 1 <= state.cost_of_pt(found) <= sy


def test_searched__outside_the_guess__is_refused():
    state = market()
    best = most_for(state.cost_of_pt, K, K)
    with pytest.raises(RevertedError, match="min out"):
        searched(state.cost_of_pt, K, Guess(best * 2, best * 3 // 2, best * 3))


# snapshots


def snapshot(**changes):
    return PendleSnapshot(market(**changes), WAD, terms(180).anchor)


@given(st.integers(1, MILLION * WAD), st.integers(WAD, 3 * WAD))
def test_split_then_merge__never_gains(amount, index):
    here = snapshot(index=index)
    made = here.split(amount).received["PT"]
    assume(made)

    back = here.merge(made).received["SY"]
    assert amount - 2 <= back <= amount


def test_at__the_index_follows_the_rate_up_only():
    here = snapshot()
    assert here.at(START + 1, 2 * WAD).state.index == 2 * WAD
    lower = here.at(START + 1, 2 * WAD).at(START + 2, WAD)
    assert (lower.state.index, lower.rate, lower.state.time) == (2 * WAD, WAD, START + 2)


def test_interest__is_the_sy_that_the_same_asset_no_longer_needs():
    assert interest(110 * WAD, WAD, 11 * WAD // 10) == 10 * WAD
    assert interest(110 * WAD, 11 * WAD // 10, WAD) == 0
    # a path of small rises earns as much as one
    steps = [WAD + WAD * n // 100 for n in range(11)]
    parts = sum(interest(110 * WAD, low, high) for low, high in pairwise(steps))
    assert abs(parts - 10 * WAD) <= 11


@pytest.mark.parametrize("pair", [("SY", "PT"), ("SY", "YT"), ("PT", "SY"), ("YT", "SY")])
def test_nothing__buys_nothing(pair):
    with pytest.raises(RevertedError, match="zero amount"):
        snapshot().swap(*pair, 0)
