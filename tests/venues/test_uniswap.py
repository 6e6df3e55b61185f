"""What only the adapter to Uniswap v3 does: whom it trusts, its ranges, its averages, its model."""

from decimal import Decimal
from random import Random

import ape
import pytest

from integrations.protocol import RevertedError
from integrations.venues import UnknownCoinError, UnknownPoolError
from integrations.venues.uniswap_math import LEAST_TICK, MOST_TICK, root_at, tick_at
from tests.conftest import DAY, MILLION, WAD
from tests.venues.implementations import SEED, UNISWAP_FEE, uniswap_v3

USD = 10**6


@pytest.fixture(scope="module")
def setting(chain_setting):
    """Ten million of each coin within a per cent of the price."""
    setting = uniswap_v3(chain_setting)
    setting.seed()
    return setting


@pytest.fixture(scope="module")
def pool(setting):
    return setting.venue


@pytest.fixture
def layered(setting, tokens):
    """Ranges of different widths within the widest, so that swaps cross ticks."""
    pool, lp = setting.venue, setting.lp
    for width, millions in ((3, 1), (17, 1), (40, 2)):
        low, high = pool.around(width)
        offered = {"AID": millions * MILLION * WAD, "USDC": millions * MILLION * USD}
        for symbol, units in offered.items():
            tokens[symbol].mint(lp, 2 * units, sender=lp)
        pool.mint(lp, pool.quote_range(low, high, offered), slippage_bps=100)
    return setting


def other(coin):
    return "USDC" if coin == "AID" else "AID"


@pytest.mark.parametrize("tick", [LEAST_TICK, -276_325, -1, 0, 1, 99, 276_324, MOST_TICK])
def test_root__of_a_tick__is_the_square_root_of_its_price(tick):
    exact = (Decimal("1.0001") ** tick).sqrt() * 2**96
    # the contract's table is good to 1e-13 of the price where few bits are left
    assert abs(root_at(tick) - exact) <= exact * Decimal("1e-9") + 1
    assert tick_at(root_at(tick)) == tick
    assert tick == LEAST_TICK or tick_at(root_at(tick) - 1) == tick - 1


def test_root__beyond_the_last_tick__is_refused():
    with pytest.raises(ValueError, match="out of range"):
        root_at(MOST_TICK + 1)


def test_at__a_pool_that_the_factory_has_not_made__is_refused(chain_setting, project, mallory, pool):
    uniswap, *_ = chain_setting.uniswap()
    # mallory's contract says that it is the pool's tokens and fee
    copy = ape.chain.provider.get_code(pool.contract.address)
    ape.chain.provider.set_code(mallory.address, copy)
    with pytest.raises(UnknownPoolError, match=f"{mallory.address} is no pool of the factory"):
        uniswap.at(mallory.address)


def test_at__something_that_is_no_pool__is_refused(chain_setting, usdc):
    uniswap, *_ = chain_setting.uniswap()
    with pytest.raises(UnknownPoolError):
        uniswap.at(usdc.address)


def test_find__without_a_pool__says_so(chain_setting, usdc, usdt):
    uniswap, *_ = chain_setting.uniswap()
    with pytest.raises(UnknownPoolError, match=usdc.address):
        uniswap.find(usdc.address, usdt.address, UNISWAP_FEE)


def test_create__where_it_exists__finds_it_and_leaves_its_price(chain_setting, pool, tokens, alice):
    uniswap, *_ = chain_setting.uniswap()
    again = uniswap.create(alice, tokens["USDC"].address, tokens["AID"].address, UNISWAP_FEE, 7 * WAD)
    assert again.contract.address == pool.contract.address
    assert abs(again.price("USDC", "AID") - WAD) <= 1


def test_create__at_a_price__starts_there(chain_setting, project, governor):
    uniswap, *_ = chain_setting.uniswap()
    eight, six = (governor.deploy(project.Stablecoin, f"T{d}", f"T{d}", d) for d in (8, 6))
    pool = uniswap.create(governor, eight.address, six.address, 500, 3_141 * WAD // 1_000)
    assert abs(pool.price("T8", "T6") - 3_141 * WAD // 1_000) <= 10
    assert pool.view().balances == {"T8": 0, "T6": 0}


def test_swap__leaves_no_allowance(chain_setting, setting, pool, tokens):
    uniswap, *_ = chain_setting.uniswap()
    alice, _ = setting.users
    pool.swap(alice, pool.quote_in("USDC", "AID", 1_000 * USD))
    pool.swap(alice, pool.quote_out("USDC", "AID", 1_000 * WAD), slippage_bps=50)
    with pytest.raises(RevertedError, match="deadline passed"):
        pool.swap(alice, pool.quote_in("USDC", "AID", USD), deadline=setting.now() - 100)
    assert tokens["USDC"].allowance(alice, uniswap.router) == 0


def test_market__across_ticks__agrees_with_the_quoter_to_the_unit(layered):
    pool, random = layered.venue, Random(7)
    market = pool.market()
    crossed = set()
    for power in (0, 3, 5, 6, 6.3, 6.7, 6.95):
        sell = random.choice(("AID", "USDC"))
        units = int(10**power * random.uniform(0.99, 1) * 10 ** (18 if sell == "AID" else 6))
        assert market.sell(sell, other(sell), units) == pool.quote_in(sell, other(sell), units).amount_out
        wanted = int(10**power * random.uniform(0.99, 1) * 10 ** (6 if sell == "AID" else 18))
        assert market.buy(sell, other(sell), wanted) == pool.quote_out(sell, other(sell), wanted).amount_in
        crossed.add(market.swap(sell, other(sell), units).crossed)
    assert crossed >= {0, 1, 2, 3}


def test_market__after_swaps_to_either_side__still_agrees(layered):
    pool, (alice, bob) = layered.venue, layered.users
    for user, sell, millions in ((alice, "AID", 1), (bob, "USDC", 1), (alice, "USDC", 1), (bob, "AID", 1)):
        units = millions * MILLION * 10 ** (18 if sell == "AID" else 6)
        predicted = pool.market().sell(sell, other(sell), units)
        fill = pool.swap(user, pool.quote_in(sell, other(sell), units), slippage_bps=0)
        assert fill.received == {other(sell): predicted}
    market = pool.market()
    assert market.sell("AID", "USDC", 10**20) == pool.quote_in("AID", "USDC", 10**20).amount_out


def test_swap__of_more_than_the_pool_takes__is_refused_rather_than_half_done(pool):
    with pytest.raises(RevertedError, match="out too large"):
        pool.quote_in("USDC", "AID", 50 * MILLION * USD)
    with pytest.raises(RevertedError, match="out too large"):
        pool.quote_out("USDC", "AID", 2 * SEED * WAD)
    with pytest.raises(RevertedError, match="out too large"):
        pool.market().sell("USDC", "AID", 50 * MILLION * USD)


def test_range__around_the_price__is_the_seeders(setting, pool):
    (one,) = pool.ranges(setting.lp)
    assert one.active
    assert one.fees == {"AID": 0, "USDC": 0}
    taken = {symbol: SEED * unit - one.amounts[symbol] for symbol, unit in (("AID", WAD), ("USDC", USD))}
    # one coin goes in whole, the other as far as the price within the range asks: half a tick of a hundred
    assert min(taken["AID"] // 10**12, taken["USDC"]) <= 1
    assert max(taken["AID"] // 10**12, taken["USDC"]) < SEED * USD // 100
    assert pool.ranges(setting.users[0]) == []


def test_mint__takes_what_was_quoted_and_gives_an_nft(setting, pool):
    alice, _ = setting.users
    low, high = pool.around(50)
    quote = pool.quote_range(low, high, {"AID": 1_000 * WAD, "USDC": 1_000 * USD})
    fill = pool.mint(alice, quote, slippage_bps=0)
    assert fill.given == quote.amounts
    made = pool.range_of(fill.nft)
    assert (made.low, made.high, made.liquidity) == (low, high, quote.liquidity)
    assert all(0 <= quote.amounts[symbol] - units <= 1 for symbol, units in made.amounts.items())
    assert [one.nft for one in pool.ranges(alice)] == [fill.nft]


def test_range__beside_the_price__takes_one_coin(setting, pool):
    alice, _ = setting.users
    _, high = pool.around(10)
    first = pool.coins[0].symbol
    unit = 10 ** pool.coins[0].decimals
    fill = pool.mint(alice, pool.quote_range(high, high + 100, {first: 1_000 * unit}))
    assert fill.given == {first: 1_000 * unit}
    assert not pool.range_of(fill.nft).active


def test_fees__go_to_the_ranges_in_proportion(layered):
    pool, (alice, _) = layered.venue, layered.users
    low, high = pool.around(100)
    mine = pool.mint(alice, pool.quote_range(low, high, {"AID": 100_000 * WAD, "USDC": 100_000 * USD}), 200)
    total = pool.contract.liquidity()
    part = Decimal(pool.range_of(mine.nft).liquidity) / total
    pool.swap(layered.lp, pool.quote_in("USDC", "AID", 1_000 * USD))
    pool.swap(layered.lp, pool.quote_in("AID", "USDC", 1_000 * WAD))
    earned = pool.range_of(mine.nft).fees
    # 1 bp of 1,000 each way
    assert abs(Decimal(earned["USDC"]) / USD - part * Decimal("0.1")) < Decimal("0.000002")
    assert abs(Decimal(earned["AID"]) / WAD - part * Decimal("0.1")) < Decimal("1e-12")
    fill = pool.collect(alice, mine.nft)
    assert fill.received == earned
    assert pool.range_of(mine.nft).fees == {"AID": 0, "USDC": 0}


def test_increase_and_decrease__bring_back_what_went_in_and_the_fees(setting, pool):
    alice, bob = setting.users
    low, high = pool.around(100)
    nft = pool.mint(alice, pool.quote_range(low, high, {"AID": 1_000 * WAD, "USDC": 1_000 * USD})).nft
    more = pool.increase(bob, nft, {"AID": 500 * WAD, "USDC": 500 * USD})
    assert sum(more.given.values()) > 500 * WAD * 9 // 10
    pool.swap(bob, pool.quote_in("USDC", "AID", 100_000 * USD))
    held = pool.range_of(nft)
    assert held.fees["USDC"] > 0
    half = pool.decrease(alice, nft, held.liquidity // 2, slippage_bps=0)
    for symbol, units in half.received.items():
        assert abs(units - held.amounts[symbol] // 2 - held.fees[symbol]) <= 1
    rest = pool.decrease(alice, nft, held.liquidity - held.liquidity // 2)
    assert abs(half.received["AID"] + rest.received["AID"] - held.amounts["AID"] - held.fees["AID"]) <= 2
    assert pool.range_of(nft).liquidity == 0
    with pytest.raises(RevertedError, match="balance"):
        pool.decrease(alice, nft, 1)


def test_decrease__by_somebody_else__is_refused(setting, pool):
    alice, bob = setting.users
    low, high = pool.around(100)
    nft = pool.mint(alice, pool.quote_range(low, high, {"AID": WAD, "USDC": USD})).nft
    with pytest.raises(RevertedError, match="unauthorized"):
        pool.decrease(bob, nft, 1)
    with pytest.raises(RevertedError, match="unauthorized"):
        pool.collect(bob, nft)


def test_mint__after_the_price_has_moved_or_too_late__is_refused(setting, pool):
    alice, bob = setting.users
    low, high = pool.around(100)
    quote = pool.quote_range(low, high, {"AID": 1_000 * WAD, "USDC": 1_000 * USD})
    with pytest.raises(RevertedError, match="deadline passed"):
        pool.mint(alice, quote, deadline=setting.now() - 60)
    pool.swap(bob, pool.quote_in("USDC", "AID", MILLION * USD))
    with pytest.raises(RevertedError, match="min out"):
        pool.mint(alice, quote, slippage_bps=10)
    assert pool.ranges(alice) == []


def test_range__of_nothing_or_an_unknown_coin__is_refused(pool):
    low, high = pool.around(100)
    with pytest.raises(RevertedError, match="zero amount"):
        pool.quote_range(low, high, {})
    with pytest.raises(UnknownCoinError, match="DAI"):
        pool.quote_range(low, high, {"DAI": 1})


def test_range_of__another_pool__is_refused(chain_setting, project, governor, pool):
    uniswap, *_ = chain_setting.uniswap()
    tokens = [governor.deploy(project.Stablecoin, name, name, 6) for name in ("X", "Y")]
    strange = uniswap.create(governor, *(token.address for token in tokens), UNISWAP_FEE, WAD)
    for token in tokens:
        token.mint(governor, 10**9, sender=governor)
    low, high = strange.around(10)
    nft = strange.mint(governor, strange.quote_range(low, high, {"X": 10**6, "Y": 10**6})).nft
    with pytest.raises(RevertedError, match="range of another pool"):
        pool.range_of(nft)
    assert pool.ranges(governor) == []


def test_mean_tick__weighs_ticks_by_time(setting, pool):
    alice, bob = setting.users
    pool.remember(alice, 20)
    pool.swap(bob, pool.quote_in("USDC", "AID", 10 * USD))
    start = tick_at(pool.contract.slot0()[0])
    setting.travel(3_000)
    pool.swap(alice, pool.quote_in("USDC", "AID", 900_000 * USD))
    moved = tick_at(pool.contract.slot0()[0])
    # root of the price 1 + 900,000·(1 − fee)/L away, in ticks of a basis point
    assert 8 <= abs(moved - start) <= 10
    setting.travel(999)
    now = ape.chain.blocks.head.timestamp
    swapped = now - 999
    window = 2_000
    mean = pool.mean_tick(window)
    expected = (start * (window - (now - swapped)) + moved * (now - swapped)) / window
    assert expected - 1.5 <= mean <= expected + 0.5


def test_mean_tick__beyond_what_is_remembered__is_refused(pool):
    with pytest.raises(RevertedError, match="short history"):
        pool.mean_tick(400 * DAY)
