"""Attack P8 of the catalogue: moving the pool's averages."""

import math

import pytest

from tests.support.pool_bench import PROVIDER, WAD
from tests.support.pools import ENDLESS, MA_TIME

from .test_pool_value import every_operation

pytestmark = pytest.mark.usefixtures("pool_world")

BLOCK = 12
D_MA_TIME = 62_324
#: Of a weight, by its approximation.
ERROR = 4e-12


def moved_in_a_block(period=MA_TIME):
    """The weight of one block of 12 seconds in an average: 1.4 % of the price's, 0.02 % of D's."""
    return 1 - math.exp(-BLOCK / period)


@pytest.mark.parametrize("i", [0, 1], ids=["down", "up"])
def test_p8__price_driven_far_and_back_in_one_block__does_not_enter_the_average(bench, i):
    bench.pass_time(3_600)
    before = bench.get(bench.pool.price_oracle(0), wait=0)
    bought = bench.do("mallory", bench.pool.exchange(i, 1 - i, bench.units(i, 999_000 * WAD), 0), wait=0)
    spot = bench.get(bench.pool.get_p(0), wait=0)
    assert not 0.9 * WAD < spot < 1.1 * WAD
    assert abs(bench.get(bench.pool.price_oracle(0), wait=0) - before) <= 1
    bench.do("mallory", bench.pool.exchange(1 - i, i, bought, 0), wait=0)
    assert abs(bench.get(bench.pool.price_oracle(0), wait=0) - before) <= 1


@pytest.mark.parametrize("i", [0, 1], ids=["up", "down"])
def test_p8__price_held_far_for_a_block__moves_the_average_by_its_weight_at_most(bench, i):
    """The one-block bound: 1.4 % of the way to a price that counts as 2 at most."""
    bench.pass_time(3_600)
    before = bench.get(bench.pool.price_oracle(0), wait=0)
    bench.do("mallory", bench.pool.exchange(i, 1 - i, bench.units(i, 999_500 * WAD), 0), wait=0)
    spot = bench.get(bench.pool.get_p(0), wait=0)
    after = bench.get(bench.pool.price_oracle(0), wait=BLOCK)
    expected = before + (min(spot, 2 * WAD) - before) * moved_in_a_block()
    assert after == pytest.approx(expected, rel=1e-9)
    assert abs(after - before) <= WAD * (moved_in_a_block() + ERROR)


def test_p8__price_above_two__counts_as_two(benches):
    bench = benches.make(seed=(10**6, 10**6), A=10)
    bench.do("mallory", bench.pool.exchange(0, 1, 20 * 10**6 * WAD, 0))
    assert bench.get(bench.pool.get_p(0)) > 3 * WAD
    assert bench.get(bench.pool.last_price(0)) == 2 * WAD
    assert bench.get(bench.pool.price_oracle(0), wait=100 * MA_TIME) == pytest.approx(2 * WAD, abs=10)


def test_p8__after_any_operation__the_last_price_is_that_of_the_state(bench):
    """Not that of the trade: the independent slope of the curve, by a swap that is too small to move it."""
    for name, who, call in every_operation(bench):
        bench.do(who, call)
        last, p = bench.read(bench.pool.last_price(0), bench.pool.get_p(0))
        assert last == p, name
        x, y = (float(value) for value in bench.twin().terms().values)
        a, d = 2_000.0, float(bench.get(bench.pool.D_oracle(), wait=10**9))
        # implicit derivative of 2A(x + y) + D = 2A·D + D³/(4xy)
        slope = (a + d**3 / (4 * x * y * y)) / (a + d**3 / (4 * x * x * y))
        assert p == pytest.approx(slope * WAD, rel=1e-6), name


def test_p8__sole_provider_leaving_and_coming_back__resets_no_average(plain):
    """A Curve pool's sole provider can start both oracles anew in one transaction."""
    plain.lean(0, 0.95)
    plain.pass_time(600)
    plain.do("bob", plain.pool.exchange(0, 1, WAD, 0))
    price, d = plain.read(plain.pool.price_oracle(0), plain.pool.D_oracle(), wait=0)
    assert price > WAD + 10**16
    lp = plain.get(plain.pool.balanceOf(plain.people[PROVIDER]))
    plain.do(PROVIDER, plain.pool.remove_liquidity(lp, [0, 0]), wait=0)
    plain.do(PROVIDER, plain.pool.add_liquidity([10**24, 10**22], 0), wait=0)
    again = plain.read(plain.pool.price_oracle(0), plain.pool.D_oracle(), wait=0)
    assert again[0] == pytest.approx(price, rel=1e-15)
    # a balanced withdrawal knows the fees of swaps only up to the last other change of liquidity
    assert again[1] == pytest.approx(d, rel=1e-5)


@pytest.mark.parametrize("multiple", [9, 0.9], ids=["ten times as much", "a tenth left"])
def test_p8__liquidity_held_for_a_block__moves_the_average_of_D_by_its_weight(plain, multiple):
    plain.pass_time(3_600)
    before = plain.get(plain.pool.D_oracle(), wait=0)
    if multiple > 1:
        amount = int(multiple * 10**24)
        plain.do("mallory", plain.pool.add_liquidity([amount, amount], 0), wait=0)
        d = 10 * before
    else:
        lp = plain.get(plain.pool.balanceOf(plain.people[PROVIDER]))
        plain.do(PROVIDER, plain.pool.remove_liquidity(int(lp * multiple), [0, 0]), wait=0)
        d = before / 10
    assert plain.get(plain.pool.D_oracle(), wait=0) == pytest.approx(before, rel=1e-9)
    after = plain.get(plain.pool.D_oracle(), wait=BLOCK)
    assert after == pytest.approx(before + (d - before) * moved_in_a_block(D_MA_TIME), rel=1e-8)


def test_p8__views_between_operations__are_what_the_next_operation_stores(bench):
    bench.lean(1, 0.7)
    quoted = bench.get(bench.pool.price_oracle(0), wait=777)
    bench.do("bob", bench.pool.exchange_exact_out(0, 1, bench.units(1, WAD), ENDLESS), wait=777)
    assert bench.get(bench.pool.ema_price(0)) == quoted
    assert bench.get(bench.pool.price_oracle(0), wait=0) == quoted
