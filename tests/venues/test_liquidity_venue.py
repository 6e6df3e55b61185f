"""What every venue with LP tokens promises besides, through the interface alone."""

import pytest

from integrations.protocol import RevertedError
from integrations.venues import UnknownCoinError
from integrations.venues.swap import BPS
from tests.conftest import MILLION, WAD
from tests.venues.implementations import LIQUIDITY_IMPLEMENTATIONS

USD = 10**6


@pytest.fixture(params=LIQUIDITY_IMPLEMENTATIONS, ids=lambda one: one.__name__)
def setting(request, chain_setting):
    return request.param(chain_setting)


def balances(setting, account):
    symbols = [coin.symbol for coin in (*setting.venue.coins, setting.venue.share)]
    return {symbol: setting.balance(account, symbol) for symbol in symbols}


def test_share__has_18_decimals(seeded):
    assert seeded.venue.share.decimals == 18


def test_add__in_proportion__mints_in_proportion(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    supply = venue.view().shares
    quote = venue.quote_add({"AID": 100_000 * WAD, "USDC": 100_000 * USD})
    fill = venue.add(alice, quote, slippage_bps=0)
    assert fill.received == {venue.share.symbol: quote.shares}
    assert quote.shares == supply // 100
    assert seeded.balance(alice, venue.share.symbol) == quote.shares


def test_add__of_one_coin__mints_less_for_the_swap_in_it(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    fair = venue.quote_add({"AID": 50_000 * WAD, "USDC": 50_000 * USD}).shares
    quote = venue.quote_add({"USDC": 100_000 * USD})
    fill = venue.add(alice, quote, slippage_bps=0)
    assert fill.given == {"USDC": 100_000 * USD}
    assert fill.received == {venue.share.symbol: quote.shares}
    # half of it is swapped: about half of 4 bps
    assert 1 <= (fair - quote.shares) * BPS // fair <= 3


def test_add__for_fewer_shares_than_accepted__is_refused(seeded):
    venue, (alice, bob) = seeded.venue, seeded.users
    quote = venue.quote_add({"USDC": 100_000 * USD})
    venue.swap(bob, venue.quote_in("USDC", "AID", MILLION * USD))
    with pytest.raises(RevertedError, match="min out"):
        venue.add(alice, quote, slippage_bps=0)


def test_remove__pays_the_part_of_both(seeded):
    venue, lp = seeded.venue, seeded.lp
    before, view = balances(seeded, lp), venue.view()
    shares = before[venue.share.symbol] // 3
    quote = venue.quote_remove(shares)
    assert quote.amounts == {symbol: held * shares // view.shares for symbol, held in view.balances.items()}
    fill = venue.remove(lp, quote, slippage_bps=0)
    after = balances(seeded, lp)
    assert fill.received == quote.amounts
    assert before[venue.share.symbol] - after[venue.share.symbol] == shares
    assert all(after[symbol] - before[symbol] == units for symbol, units in quote.amounts.items())


def test_remove__in_one_coin__pays_what_was_quoted_and_less_than_both(seeded):
    venue, lp = seeded.venue, seeded.lp
    shares = 100_000 * WAD
    quote = venue.quote_remove_one(shares, "USDC")
    fill = venue.remove(lp, quote, slippage_bps=0)
    assert fill.given == {venue.share.symbol: shares}
    assert fill.received == {"USDC": quote.amounts["USDC"]}
    assert quote.amounts["AID"] == 0
    assert 99_960 * USD < quote.amounts["USDC"] < 100_000 * USD


def test_remove__of_exact_amounts__burns_what_was_quoted(seeded):
    venue, lp = seeded.venue, seeded.lp
    amounts = {"AID": 70_000 * WAD, "USDC": 20_000 * USD}
    quote = venue.quote_remove_exact(amounts)
    fill = venue.remove(lp, quote, slippage_bps=1)
    assert fill.received == amounts
    # a unit is forgiven, for pools whose own figure is that much off
    assert quote.shares - 1 <= fill.given[venue.share.symbol] <= quote.shares
    assert 90_000 * WAD < quote.shares < 90_050 * WAD


def test_remove__of_more_than_one_has__is_refused(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    with pytest.raises(RevertedError, match="balance"):
        venue.remove(alice, venue.quote_remove(WAD))


def test_remove__for_less_than_accepted__is_refused(seeded):
    venue, lp, (alice, _) = seeded.venue, seeded.lp, seeded.users
    quote = venue.quote_remove_one(100_000 * WAD, "AID")
    venue.swap(alice, venue.quote_in("USDC", "AID", MILLION * USD))
    with pytest.raises(RevertedError, match="min out"):
        venue.remove(lp, quote, slippage_bps=0)


def test_position__is_what_a_withdrawal_pays(seeded):
    venue, (alice, bob) = seeded.venue, seeded.users
    shares = venue.add(alice, venue.quote_add({"AID": MILLION * WAD, "USDC": MILLION * USD})).received
    position = venue.position(alice)
    assert position.shares == shares[venue.share.symbol]
    assert position.amounts == venue.quote_remove(position.shares).amounts
    assert position.part_bps == BPS // 11
    assert venue.position(bob).amounts == {"AID": 0, "USDC": 0}


def test_add__after_its_deadline__is_refused(seeded):
    venue, (alice, _) = seeded.venue, seeded.users
    deadline = seeded.now() + 60
    seeded.travel(120)
    before = balances(seeded, alice)
    with pytest.raises(RevertedError, match="deadline passed"):
        venue.add(alice, venue.quote_add({"AID": WAD}), deadline=deadline)
    assert balances(seeded, alice) == before


def test_add__of_an_unknown_coin__lists_the_known_ones(seeded):
    with pytest.raises(UnknownCoinError, match="AID and USDC"):
        seeded.venue.quote_add({"DAI": 1})


@pytest.mark.parametrize(
    "quote",
    [
        lambda venue: venue.quote_add({}),
        lambda venue: venue.quote_remove(0),
        lambda venue: venue.quote_remove_one(0, "AID"),
        lambda venue: venue.quote_remove_exact({}),
    ],
)
def test_nothing__is_refused(seeded, quote):
    with pytest.raises(RevertedError, match="zero amount"):
        quote(seeded.venue)


def test_traffic__pays_the_liquidity_providers(seeded):
    venue, lp, users = seeded.venue, seeded.lp, seeded.users
    last = venue.view().share_value
    assert last == WAD
    for turn in range(6):
        user, (sell, buy) = users[turn % 2], (("AID", "USDC"), ("USDC", "AID"))[turn % 2]
        amount = (100_000 + 37_123 * turn) * 10 ** (18 if sell == "AID" else 6)
        venue.swap(user, venue.quote_in(sell, buy, amount), slippage_bps=0)
        seeded.travel(3_600)
        view = venue.view()
        assert view.share_value > last
        assert all(view.held[symbol] == units + view.owed[symbol] for symbol, units in view.balances.items())
        last = view.share_value
    # 4 bps of 1.16M, half of which is the protocol's
    earned = (last - WAD) * venue.view().shares // WAD
    volume = sum(100_000 + 37_123 * turn for turn in range(6))
    assert abs(earned - volume * WAD * 4 // BPS // 2) < WAD
    assert venue.quote_remove(seeded.balance(lp, venue.share.symbol)).shares
