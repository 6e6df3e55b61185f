"""Indices that do not exist, amounts of nothing, pools without liquidity."""

import pytest

from tests.support.pool_bench import KINDS, Reverted
from tests.support.pools import ENDLESS

SWAPS = {
    "exchange": lambda pool, i, j, amount: pool.exchange(i, j, amount, 0),
    "exchange_received": lambda pool, i, j, amount: pool.exchange_received(i, j, amount, 0),
    "exchange_exact_out": lambda pool, i, j, amount: pool.exchange_exact_out(i, j, amount, ENDLESS),
    "get_dy": lambda pool, i, j, amount: pool.get_dy(i, j, amount),
    "get_dx": lambda pool, i, j, amount: pool.get_dx(i, j, amount),
}


@pytest.mark.parametrize("name", SWAPS)
def test_swaps_and_quotes__with_bad_input__are_refused(bench, name):
    swap, pool = SWAPS[name], bench.pool
    big = 2**127 - 1
    pairs = [(0, 2), (2, 0), (-1, 0), (1, -1), (2, 2), (big, 1), (-big, 0)]
    assert bench.read(*(swap(pool, i, j, 10**6) for i, j in pairs)) == [Reverted("bad index")] * len(pairs)
    assert bench.read(swap(pool, 0, 0, 10**6), swap(pool, 1, 1, 10**6)) == [Reverted("same coin")] * 2
    assert bench.read(swap(pool, 0, 1, 0), swap(pool, 1, 0, 0)) == [Reverted("zero amount")] * 2


def test_views__with_bad_input__are_refused(bench):
    pool, supply = bench.pool, bench.state().supply
    refused = [
        *(("bad index", view(2)) for view in (pool.coins, pool.balances, pool.admin_balances)),
        *(
            ("bad index", view(1))
            for view in (pool.get_p, pool.last_price, pool.price_oracle, pool.ema_price)
        ),
        ("bad index", pool.dynamic_fee(0, 2)),
        ("same coin", pool.dynamic_fee(1, 1)),
        ("bad index", pool.calc_withdraw_one_coin(1, -1)),
        ("zero amount", pool.calc_withdraw_one_coin(0, 0)),
        ("balance", pool.calc_withdraw_one_coin(supply, 0)),
        ("zero amount", pool.calc_token_amount([0, 0], True)),
        ("zero amount", pool.calc_token_amount([0, 0], False)),
        ("bad length", pool.calc_token_amount([1], True)),
        ("out too large", pool.calc_token_amount([0, bench.state().balances[1]], False)),
        ("balance cap", pool.calc_token_amount([ENDLESS, 1], True)),
    ]
    assert bench.read(*(c for _, c in refused)) == [Reverted(reason) for reason, _ in refused]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_pool__has_no_prices_and_nothing_to_take(benches, kind):
    bench = benches.make(KINDS[kind], 0)
    pool = bench.pool
    prices = (
        pool.get_virtual_price(),
        pool.get_p(0),
        pool.D_oracle(),
        pool.get_dy(0, 1, 5),
        pool.exchange(0, 1, 5, 0),
    )
    assert bench.read(*prices) == [Reverted("out of domain")] * len(prices)
    leaving = (pool.remove_liquidity(1, [0, 0]), pool.remove_liquidity_one_coin(1, 0, 0))
    assert bench.read(*leaving) == [Reverted("balance")] * 2
    assert bench.read(pool.totalSupply(), pool.get_balances()) == [0, [0, 0]]


def test_empty_pool__donation__does_not_block_the_first_deposit(benches):
    """It would, in a Curve pool of rebasing coins."""
    bench = benches.make(seed=0)
    bench.do("mallory", bench.coins[0].transfer(bench.pool.address, 10**20))
    expected = 2 * 10**18 - bench.locked()
    assert bench.do("alice", bench.pool.add_liquidity([10**18, 10**18], 0)) == expected
    assert bench.unaccounted() == (10**20, 0)
