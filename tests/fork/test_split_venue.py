"""What every venue for yield splitting promises, through the interface alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from integrations.protocol import RevertedError
from integrations.venues import UnknownCoinError
from integrations.venues.swap import BPS
from tests.conftest import DAY, WAD
from tests.fork.split_implementations import EACH, IMPLEMENTATIONS, LIFE, stake
from tests.venues.split_reference import YEAR, Curve, first_ln_rate, precise

K = 1_000 * WAD
#: Liquidity of the market.
SY, PT = 400 * K, 500 * K
#: A search for what an exact input buys may leave this part of it over.
SEARCH = Decimal(2) / 10**9
#: 18 digits, and time in the exponent.
CLOSE = Decimal(1) / 10**13


@pytest.fixture(scope="module")
def staked(protocol, people):
    return stake(protocol, people)


@pytest.fixture(scope="module", params=IMPLEMENTATIONS, ids=lambda one: one.__name__)
def make(request, staked, protocol, mainnet):
    return lambda life: request.param(protocol, mainnet.venues, *staked, life)


@pytest.fixture(scope="module")
def setting(make):
    return make(LIFE)


@pytest.fixture(scope="module")
def seeded(make):
    """Another market, to which the third user has given 400,000 SY and 500,000 PT."""
    setting = make(LIFE + DAY)
    venue, provider = setting.venue, setting.users[2]
    venue.execute(provider, venue.market().split(PT))
    venue.execute(provider, venue.market().add(SY, PT))
    return setting


@pytest.fixture
def split(seeded):
    """Alice and bob each have 100,000 PT and YT."""
    for user in seeded.users[:2]:
        seeded.venue.execute(user, seeded.venue.market().split(100 * K))
    return seeded


def whole(units):
    return Decimal(units) / WAD


def curve(setting, time):
    """The market in decimals, as the interface shows it."""
    view, terms = setting.venue.view(), setting.terms
    return Curve(
        pt=whole(view.balances["PT"]),
        sy=whole(view.balances["SY"]),
        index=whole(view.index),
        ln_rate=(1 + whole(view.implied_yield)).ln(),
        years=(view.expiry - time) / YEAR,
        root=whole(terms.scalar_root),
        ln_fee=whole(terms.ln_fee_root),
        reserve=Decimal(setting.reserve_percent) / 100,
    )


def done(setting, account, quote, slippage_bps=1):
    """Execute a quote, and return the fill with what the market as it was before gives at that time."""
    before = setting.venue.market()
    fill = setting.venue.execute(account, quote, slippage_bps)
    return fill, before.at(setting.now, setting.rate)


def close(found, expected, bound=CLOSE):
    return abs(found - expected) <= bound * abs(expected)


# looking


def test_parts__are_named_by_their_roles(setting):
    venue = setting.venue

    assert set(venue.tokens) == {"SY", "PT", "YT", "LP"}
    assert {coin.decimals for coin in venue.tokens.values()} == {18}
    assert set(venue.entries) == {"AID", "sAID"}


def test_view__of_an_empty_market__has_no_price(setting):
    view = setting.venue.view()

    assert (view.rate, view.index, view.shares) == (WAD, WAD, 0)
    assert (view.pt_supply, view.yt_supply, view.implied_yield, view.pt_price) == (0, 0, 0, 0)
    assert not view.expired


# SY


def test_wrap_and_unwrap__staked_or_not(setting):
    venue, alice = setting.venue, setting.users[0]

    assert venue.wrap(alice, "aid", K).received == {"SY": K}
    assert venue.unwrap(alice, "sAID", 3 * K).received == {"sAID": 3 * K}
    assert setting.balances(alice)["SY"] == EACH - 2 * K


def test_wrap__of_a_stablecoin__is_refused(setting):
    with pytest.raises(UnknownCoinError, match="unknown coin USDC"):
        setting.venue.wrap(setting.users[0], "USDC", 10**6)


# splitting


def test_split__gives_as_many_pt_as_yt__at_the_index(seeded):
    seeded.earn(2_000, 91 * DAY)
    venue, alice = seeded.venue, seeded.users[0]

    fill = venue.execute(alice, venue.market().split(10 * K), slippage_bps=0)

    made = 10 * K * seeded.rate // WAD
    assert 1_049 * WAD * 10 < made < 1_051 * WAD * 10
    assert fill.given == {"SY": 10 * K}
    assert fill.received == {"PT": made, "YT": made}
    view = venue.view()
    assert view.pt_supply == view.yt_supply == PT + made


def test_merge__undoes_a_split__and_never_gains(seeded):
    seeded.earn(2_000, 91 * DAY)
    venue, alice = seeded.venue, seeded.users[0]
    amount = 10 * K + 7
    made = venue.execute(alice, venue.market().split(amount)).received["PT"]

    fill = venue.execute(alice, venue.market().merge(made), slippage_bps=0)

    assert fill.given == {"PT": made, "YT": made}
    assert fill.received == {"SY": made * WAD // seeded.rate}
    assert amount - 2 <= fill.received["SY"] <= amount


# prices


def test_first_liquidity__is_priced_at_the_anchor(setting):
    venue, alice = setting.venue, setting.users[0]
    venue.execute(alice, venue.market().split(PT))
    quote = venue.market().add(SY, PT)

    fill = venue.execute(alice, quote, slippage_bps=0)

    assert fill.given == {"SY": SY, "PT": PT}
    # the square root of the product, but for what is locked
    assert fill.received == quote.received == {"LP": 447_213_595_499_957_939_281_834 - 1_000}
    view, terms = venue.view(), setting.terms
    years = (view.expiry - setting.now) / YEAR
    expected = precise(
        lambda: (
            first_ln_rate(whole(PT), whole(SY), years, whole(terms.scalar_root), whole(terms.anchor)).exp()
            - 1
        )
    )
    assert close(whole(view.implied_yield), expected)
    # known beforehand, for the second in which it was quoted
    assert close(whole(quote.implied_yield), expected, Decimal(1) / 10**6)
    assert close(whole(view.pt_price), (1 + expected) ** -((view.expiry - view.time) / YEAR))


SWAPS = [("SY", "PT", 20 * K), ("PT", "SY", 20 * K), ("SY", "YT", K), ("YT", "SY", 20 * K)]


@pytest.mark.parametrize(("sell", "buy", "amount"), SWAPS, ids=lambda one: str(one))
def test_swap__is_what_the_formulas_say__and_what_was_quoted(split, sell, buy, amount):
    venue, alice = split.venue, split.users[0]
    quote = venue.market().swap(sell, buy, amount)
    market = curve(split, quote.time)
    trade = {
        ("SY", "PT"): lambda: market.pt_for(whole(amount)),
        ("PT", "SY"): lambda: -market.paid(-whole(amount)),
        ("SY", "YT"): lambda: market.yt_for(whole(amount)),
        ("YT", "SY"): lambda: market.sy_for_yt(whole(amount)),
    }[sell, buy]
    expected = precise(trade)
    leaving = {"PT": expected, "YT": -expected}.get(buy, whole(amount) * (1 if sell == "YT" else -1))
    implied = precise(lambda: market.after(leaving).ln_rate.exp() - 1)

    assert close(whole(quote.received[buy]), expected)
    assert close(whole(quote.implied_yield), implied, Decimal(1) / 10**12)

    fill, later = done(split, alice, quote)

    assert fill.given == {sell: amount}
    best = later.swap(sell, buy, amount)
    if sell == "SY":
        assert abs(fill.received[buy] - best.received[buy]) <= SEARCH * best.received[buy]
    else:
        assert fill.received == best.received
    assert close(whole(venue.view().implied_yield), whole(best.implied_yield), SEARCH)


def test_swap__there_and_back__loses_at_least_the_fees(split):
    venue, alice = split.venue, split.users[0]
    for part in ("PT", "YT"):
        bought = venue.execute(alice, venue.market().swap("SY", part, 5 * K)).received[part]
        back = venue.execute(alice, venue.market().swap(part, "SY", bought)).received["SY"]
        assert back < 5 * K * 9_995 // BPS


def test_swap__between_pt_and_yt__is_no_trade_of_this_market(seeded):
    with pytest.raises(UnknownCoinError, match="PT/YT"):
        seeded.venue.market().swap("PT", "YT", WAD)


def test_swap__after_the_price_has_moved__is_refused(split):
    venue, (alice, bob) = split.venue, split.users[:2]
    for sell, buy, amount in SWAPS[1:3]:
        quote = venue.market().swap(sell, buy, amount)
        venue.execute(bob, venue.market().swap(sell, buy, amount))
        before = split.balances(alice)

        with pytest.raises(RevertedError, match="min out"):
            venue.execute(alice, quote, slippage_bps=1)
        assert split.balances(alice) == before

        received = venue.execute(alice, quote, slippage_bps=3_000).received[buy]
        assert quote.received[buy] * 7 // 10 <= received < quote.received[buy] * (BPS - 1) // BPS


def test_swap__into_a_better_price__takes_it(split):
    venue, (alice, bob) = split.venue, split.users[:2]
    quote = venue.market().swap("SY", "PT", 20 * K)
    venue.execute(bob, venue.market().swap("PT", "SY", 20 * K))

    assert venue.execute(alice, quote).received["PT"] > quote.received["PT"] * (BPS + 10) // BPS


def test_deadline__that_has_passed__is_refused(split):
    venue, alice = split.venue, split.users[0]
    quote = venue.market().swap("PT", "SY", K)
    late = split.now - 1
    before = split.balances(alice)

    for act in (
        lambda: venue.execute(alice, quote, deadline=late),
        lambda: venue.wrap(alice, "sAID", WAD, deadline=late),
        lambda: venue.unwrap(alice, "sAID", WAD, deadline=late),
    ):
        with pytest.raises(RevertedError, match="deadline passed"):
            act()
    assert split.balances(alice) == before


def test_selling_pt_beyond_the_curves_end__is_refused(split):
    venue, bob = split.venue, split.users[1]
    market, view = venue.market(), venue.view()
    # 900,000 of value, of which PT may be 96 hundredths
    pt, sy = whole(view.balances["PT"]), whole(view.balances["SY"])
    room = (pt + sy * whole(view.index)) * 96 / 100 - pt

    with pytest.raises(RevertedError, match="too much pt"):
        market.swap("PT", "SY", int((room + 1) * WAD))
    venue.execute(bob, venue.market().split(300 * K))
    fill, later = done(split, bob, market.swap("PT", "SY", int((room - 1) * WAD)), slippage_bps=10)
    assert fill.received == later.swap("PT", "SY", int((room - 1) * WAD)).received


# liquidity


def test_time_and_liquidity__leave_the_implied_yield_alone(split):
    venue, alice = split.venue, split.users[0]
    implied = venue.view().implied_yield
    price = venue.view().pt_price

    split.travel(60 * DAY)
    assert venue.view().implied_yield == implied
    assert venue.view().pt_price > price

    quote = venue.market().add(50 * K, 30 * K)
    fill = venue.execute(alice, quote, slippage_bps=0)
    assert fill.given == quote.given == {"SY": 24 * K, "PT": 30 * K}
    assert fill.received == quote.received
    assert venue.view().implied_yield == implied

    shares = split.balances(alice)["LP"]
    quote = venue.market().remove(shares)
    fill = venue.execute(alice, quote, slippage_bps=0)
    assert fill.received == quote.received
    for part, given in (("SY", 24 * K), ("PT", 30 * K)):
        assert given - 2 <= fill.received[part] <= given
    assert venue.view().implied_yield == implied


def test_liquidity__earns_its_part_of_the_fees(split):
    venue, (alice, _, provider) = split.venue, split.users
    liquidity = venue.position(provider).liquidity
    quote = venue.market().swap("PT", "SY", 20 * K)
    venue.execute(alice, quote)

    after = venue.position(provider).liquidity
    # of the fee, four fifths leave for the treasury
    left = liquidity["SY"] - after["SY"] - quote.received["SY"]
    assert close(whole(left), whole(quote.fee) * split.reserve_percent / 100, Decimal(1) / 10**4)
    assert after["PT"] - liquidity["PT"] == pytest.approx(20 * K, abs=10**6)


# yield


def test_interest__is_what_the_index_gains__less_the_fee(split):
    venue, alice = split.venue, split.users[0]
    before = split.rate
    split.earn(2_000, 30 * DAY)
    gained = 100 * K * WAD // before - 100 * K * WAD // split.rate
    expected = gained - gained * split.interest_fee // WAD

    assert abs(venue.position(alice).interest - expected) <= 2
    fill = venue.claim(alice)

    assert abs(fill.received["SY"] - expected) <= 2
    assert venue.position(alice).interest == 0
    # 100,000 at 20 % for 30 days, in SY that have grown
    assert close(whole(gained), Decimal(100_000) * 20 / 100 * 30 / 365, Decimal("0.02"))


def test_interest__does_not_depend_on_how_often_it_is_claimed(split):
    venue, (alice, bob) = split.venue, split.users[:2]
    claimed = 0
    for _ in range(3):
        split.earn(2_000, 10 * DAY)
        claimed += venue.claim(alice).received["SY"]

    assert abs(claimed - venue.claim(bob).received["SY"]) <= 6


def test_loss__leaves_the_index__and_takes_from_pt(split):
    venue, (alice, bob) = split.venue, split.users[:2]
    split.earn(2_000, 30 * DAY)
    for user in (alice, bob):
        venue.claim(user)
    index = split.rate
    split.impair(1_000)
    rate = split.rate

    view = venue.view()
    assert (view.rate, view.index) == (rate, index)
    assert close(whole(rate), whole(index) * 9 / 10, Decimal(1) / 10**9)
    assert venue.claim(alice).received == {}
    # splitting and merging are done at the index: a PT and a YT are worth rate/index
    fill = venue.execute(alice, venue.market().merge(10 * K), slippage_bps=0)
    assert fill.received == {"SY": 10 * K * WAD // index}
    # YT earn again only above the former height
    split.impair(500)
    assert venue.position(bob).interest == 0
    split.impair(0)
    split.earn(2_000, 10 * DAY)
    gained = 100 * K * WAD // index - 100 * K * WAD // split.rate
    assert abs(venue.position(bob).interest - (gained - gained * split.interest_fee // WAD)) <= 2


# the expiry


def test_last_second__still_trades__and_the_expiry_does_not(split):
    venue, alice = split.venue, split.users[0]
    expiry = venue.view().expiry
    split.go(expiry - 30)
    venue.execute(alice, venue.market().split(K), slippage_bps=0)
    # a PT is worth what it pays
    assert close(whole(venue.view().pt_price), Decimal(1), Decimal(1) / 10**6)

    split.go(expiry)
    market = venue.market()
    for act in (
        lambda: market.split(K),
        lambda: market.swap("PT", "SY", K),
        lambda: market.swap("SY", "YT", K),
        lambda: market.add(K, K),
    ):
        with pytest.raises(RevertedError, match="expired"):
            act()
    assert venue.view().expired
    assert venue.view().pt_price == WAD


def test_after_the_expiry__pt_pay_one_asset__and_liquidity_leaves(split):
    venue, (alice, _, provider) = split.venue, split.users
    split.earn(2_000, 90 * DAY)
    split.go(venue.view().expiry + 3 * DAY)
    rate = split.rate

    fill = venue.execute(alice, venue.market().merge(100 * K), slippage_bps=0)

    assert fill.given == {"PT": 100 * K}
    assert fill.received == {"SY": 100 * K * WAD // rate}
    position = venue.position(provider)
    fill = venue.execute(provider, venue.market().remove(position.balances["LP"]), slippage_bps=0)
    assert fill.received == position.liquidity


def test_after_the_expiry__with_a_loss__pt_pay_what_is_left(split):
    venue, alice = split.venue, split.users[0]
    split.earn(2_000, 90 * DAY)
    venue.claim(alice)
    index = split.rate
    split.impair(2_000)
    split.go(venue.view().expiry)

    fill = venue.execute(alice, venue.market().merge(100 * K), slippage_bps=0)

    assert fill.received == {"SY": 100 * K * WAD // index}
    worth = fill.received["SY"] * split.rate // WAD
    assert close(whole(worth), Decimal(80_000), Decimal(1) / 10**9)


# the average


def test_average__is_not_ready_before_the_market_remembers_that_long(split):
    average = split.venue.average(900)

    assert not average.ready
    assert average.observations == 1


def test_average__weighs_yields_by_time(split):
    venue, alice = split.venue, split.users[0]
    venue.remember(alice, 20)
    split.travel(600)
    venue.execute(alice, venue.market().swap("PT", "SY", K))
    low, began = venue.view(), split.now
    split.travel(400)
    venue.execute(alice, venue.market().swap("PT", "SY", 20 * K))
    high, changed = venue.view(), split.now
    split.go(began + 900)

    average = venue.average(900)

    rates = [(1 + whole(view.implied_yield)).ln() for view in (low, high)]
    before, after = changed - began, 900 - (changed - began)
    expected = (rates[0] * before + rates[1] * after) / 900
    assert average.ready
    assert average.observations == 20
    assert close(whole(average.ln_rate), expected, Decimal(1) / 10**12)
    left = (low.expiry - split.now) / YEAR
    assert close(whole(average.pt_price), (-expected * left).exp(), CLOSE)
    assert close(whole(average.pt_worth), whole(average.pt_price), CLOSE)
    split.impair(1_000)
    assert close(
        whole(venue.average(600).pt_worth), whole(venue.average(600).pt_price) * 9 / 10, Decimal(1) / 10**9
    )


def test_snapshot__is_not_changed_by_what_is_tried_on_it(split):
    market = split.venue.market()
    held = replace(market)
    market.swap("SY", "PT", K)
    market.at(split.now + DAY, 2 * WAD).split(K)

    assert market == held
