"""What every venue for swaps promises, through the interface alone."""

from decimal import Decimal

import pytest

from integrations.protocol import RevertedError
from integrations.venues import UnknownCoinError
from integrations.venues.swap import BPS
from tests.conftest import WAD
from tests.venues.implementations import SEED

USD = 10**6


def decimal(units, decimals):
    return Decimal(units) / 10**decimals


def balances(setting, account):
    return {coin.symbol: setting.balance(account, coin.symbol) for coin in setting.venue.coins}


def test_coins__are_both(seeded):
    coins = seeded.venue.coins
    assert {coin.symbol: coin.decimals for coin in coins} == {"AID": 18, "USDC": 6}
    first, second = (coin.symbol for coin in coins)
    assert seeded.venue.view().price == seeded.venue.price(first, second)


def test_quote_in__is_what_the_invariant_gives(seeded):
    quote = seeded.venue.quote_in("USDC", "AID", 250_000 * USD)
    expected = seeded.bought(Decimal(250_000))
    # values count at 18 decimals, a fee's rate at ten
    assert abs(decimal(quote.amount_out, 18) - expected) < Decimal("0.0001")
    assert quote.rate == quote.amount_out * USD // quote.amount_in


def test_swap__at_once__pays_what_was_quoted(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    before = balances(seeded, alice)
    quote = venue.quote_in("usdc", "aid", 100_000 * USD)
    fill = venue.swap(alice, quote, slippage_bps=0)
    after = balances(seeded, alice)
    assert fill.given == {"USDC": 100_000 * USD}
    assert fill.received == {"AID": quote.amount_out}
    assert before["USDC"] - after["USDC"] == 100_000 * USD
    assert after["AID"] - before["AID"] == quote.amount_out


def test_swap__after_the_price_has_moved__is_refused(seeded):
    venue, (alice, bob) = seeded.venue, seeded.users
    quote = venue.quote_in("USDC", "AID", 100_000 * USD)
    venue.swap(bob, venue.quote_in("USDC", "AID", 900_000 * USD))
    now = venue.quote_in("USDC", "AID", 100_000 * USD)
    lost_bps = (quote.amount_out - now.amount_out) * BPS // quote.amount_out
    before = balances(seeded, alice)
    with pytest.raises(RevertedError, match="min out"):
        venue.swap(alice, quote, slippage_bps=lost_bps)
    assert balances(seeded, alice) == before
    fill = venue.swap(alice, quote, slippage_bps=lost_bps + 1)
    assert fill.received == {"AID": now.amount_out}


def test_swap__after_its_deadline__is_refused(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    deadline = seeded.now() + 60
    quote = venue.quote_in("AID", "USDC", 1_000 * WAD)
    seeded.travel(120)
    before = balances(seeded, alice)
    with pytest.raises(RevertedError, match="deadline passed"):
        venue.swap(alice, quote, deadline=deadline)
    assert balances(seeded, alice) == before


@pytest.mark.parametrize("amount", [1 * USD, 123_456_789_012, 900_000 * USD])
def test_quote_out__is_the_least_that_pays_it(seeded, amount):
    venue = seeded.venue
    quote = venue.quote_out("AID", "USDC", amount)
    assert quote.amount_out == amount
    assert venue.quote_in("AID", "USDC", quote.amount_in).amount_out >= amount
    assert venue.quote_in("AID", "USDC", quote.amount_in - 1 - seeded.slack).amount_out < amount


def test_swap__of_an_exact_output__pays_it_and_takes_what_was_quoted(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    before = balances(seeded, alice)
    quote = venue.quote_out("AID", "USDC", 75_000 * USD)
    fill = venue.swap(alice, quote, slippage_bps=5)
    assert fill.given == {"AID": quote.amount_in}
    assert fill.received == {"USDC": 75_000 * USD}
    assert before["AID"] - balances(seeded, alice)["AID"] == quote.amount_in


def test_swap__of_an_exact_output_that_has_become_dear__is_refused(seeded):
    venue, (alice, bob) = seeded.venue, seeded.users
    quote = venue.quote_out("AID", "USDC", 75_000 * USD)
    venue.swap(bob, venue.quote_in("AID", "USDC", 900_000 * WAD))
    before = balances(seeded, alice)
    with pytest.raises(RevertedError, match="max in"):
        venue.swap(alice, quote, slippage_bps=0)
    assert balances(seeded, alice) == before


def test_quote_out__of_more_than_there_is__is_refused(seeded):
    with pytest.raises(RevertedError):
        seeded.venue.quote_out("AID", "USDC", 2 * SEED * USD)


def test_price__off_the_peg__is_the_invariants_slope(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    assert abs(venue.price("AID", "USDC") - WAD) <= 1
    venue.swap(alice, venue.quote_in("USDC", "AID", 900_000 * USD))
    view = venue.view()
    expected = seeded.slope(view, Decimal(900_000))
    assert abs(decimal(venue.price("AID", "USDC"), 18) - expected) < Decimal("1e-9")
    assert abs(decimal(venue.price("USDC", "AID"), 18) - 1 / expected) < Decimal("1e-9")
    assert venue.price("AID", "USDC") > WAD
    assert view.price == venue.price(*(coin.symbol for coin in venue.coins))


def test_depth__is_where_a_trade_starts_to_cost_more(seeded):
    venue = seeded.venue
    amount = venue.depth("USDC", "AID", 10)
    at_price = venue.price("USDC", "AID")
    assert 100_000 * USD < amount < 10 * SEED * USD
    assert venue.quote_in("USDC", "AID", amount).rate >= at_price * (BPS - 10) // BPS
    assert venue.quote_in("USDC", "AID", amount * 1_001 // 1_000).rate < at_price * (BPS - 10) // BPS


def test_depth__within_the_fee__is_nothing(seeded):
    assert seeded.venue.depth("USDC", "AID", seeded.fee_bps - 1) == 0


def test_unknown_coin__lists_the_known_ones(seeded):
    known = " and ".join(coin.symbol for coin in seeded.venue.coins)
    for sell in ("DAI", "USDC"):
        with pytest.raises(UnknownCoinError, match=known):
            seeded.venue.quote_in(sell, "USDC", 1)


def test_nothing__is_refused(seeded):
    with pytest.raises(RevertedError, match="zero amount"):
        seeded.venue.quote_in("AID", "USDC", 0)
    with pytest.raises(RevertedError, match="zero amount"):
        seeded.venue.quote_out("AID", "USDC", 0)


def test_market__without_a_chain__says_what_the_venue_says(seeded):
    venue, market = seeded.venue, seeded.venue.market()
    for sell, buy, amount in (
        ("AID", "USDC", 7),
        ("USDC", "AID", 7),
        ("AID", "USDC", 600_000),
        ("USDC", "AID", 9),
    ):
        units = amount * 10 ** (18 if sell == "AID" else 6) + 1
        assert market.sell(sell, buy, units) == venue.quote_in(sell, buy, units).amount_out
        assert market.price(sell, buy) == venue.price(sell, buy)
    assert market.depth("AID", "USDC", 10) == venue.depth("AID", "USDC", 10)


def test_traffic__is_covered(seeded):
    venue, users = seeded.venue, seeded.users
    for turn in range(4):
        user, (sell, buy) = users[turn % 2], (("AID", "USDC"), ("USDC", "AID"))[turn % 2]
        amount = (100_000 + 37_123 * turn) * 10 ** (18 if sell == "AID" else 6)
        venue.swap(user, venue.quote_in(sell, buy, amount), slippage_bps=0)
        seeded.travel(3_600)
        view = venue.view()
        assert all(view.held[symbol] == units + view.owed[symbol] for symbol, units in view.balances.items())
