"""Attacks P5 and P6 of the catalogue: quotes unlike execution, states that the solver does not solve."""

from functools import partial

import pytest

from tests.support.pool_bench import KINDS, PLAIN_18, PROVIDER, WAD, Reverted, said
from tests.support.pools import ENDLESS

pytestmark = pytest.mark.usefixtures("pool_world")

DAY = 86_400
CORNERS = pytest.mark.parametrize("A", [1, 10**6])


def calls_and_quotes(bench):
    """Each function with the quote of it, of uneven sizes: (who, call, quote)."""
    pool = bench.pool
    lp = bench.get(pool.balanceOf(bench.people[PROVIDER])) // 7
    for i in (0, 1):
        dx, dy = bench.units(i, 43_210 * WAD + 987_654_321), bench.units(1 - i, 12_345 * WAD + 678)
        yield "alice", pool.exchange(i, 1 - i, dx, 0), pool.get_dy(i, 1 - i, dx)
        yield "bob", pool.exchange_exact_out(i, 1 - i, dy, ENDLESS), pool.get_dx(i, 1 - i, dy)
        one = [dx, 0] if i == 0 else [0, dx]
        yield "alice", pool.add_liquidity(one, 0), pool.calc_token_amount(one, True)
        yield PROVIDER, pool.remove_liquidity_one_coin(lp, i, 0), pool.calc_withdraw_one_coin(lp, i)
        out = [bench.units(0, (1 + 8 * i) * 10**21), bench.units(1, (9 - 8 * i) * 10**21)]
        yield PROVIDER, pool.remove_liquidity_imbalance(out, ENDLESS), pool.calc_token_amount(out, False)
        yield "alice", pool.add_liquidity(out, 0), pool.calc_token_amount(out, True)


def assert_quotes_are_execution(bench, wait):
    for who, call, quote in calls_and_quotes(bench):
        (quoted,) = bench.read(quote, wait=wait)
        assert bench.do(who, call, wait=wait) == quoted, call.data[:10]


@pytest.mark.parametrize("wait", [0, 12, DAY], ids=["same block", "next block", "next day"])
def test_p5__every_function__executes_as_it_quotes(bench, wait):
    bench.lean(0, 0.5)
    assert_quotes_are_execution(bench, wait)


@pytest.mark.parametrize("target", [10_000, 100], ids=["up", "down"])
def test_p5__while_A_ramps__every_function_executes_as_it_quotes(bench, target):
    """Curve's pool quotes with a truncated A: off by 5.2 units per 100,000."""
    bench.lean(1, 0.5)
    bench.do("governor", bench.pool.ramp_A(target, bench.node.time + 12 + 2 * DAY))
    bench.pass_time(DAY // 3 + 7)
    assert bench.get(bench.pool.A_precise()) % 100
    assert_quotes_are_execution(bench, 1_234)


def test_p5__after_a_jump_of_the_rate__every_function_executes_as_it_quotes(rated):
    rated.move_price(1, 1.003)
    assert rated.get(rated.pool.surcharge()) > 2_900
    assert_quotes_are_execution(rated, 12)


@pytest.mark.parametrize("i", [0, 1], ids=["0 to 1", "1 to 0"])
@pytest.mark.parametrize("part", [10**6, 7, 2, 1.05], ids=["dust", "a seventh", "half", "most"])
def test_p5__exact_output__takes_the_least_input_and_pays_exactly(bench, i, part):
    pool = bench.pool
    out = int(bench.state().balances[1 - i] / part)
    dx = bench.get(pool.get_dx(i, 1 - i, out))
    enough, less = bench.read(pool.get_dy(i, 1 - i, dx), pool.get_dy(i, 1 - i, dx - 1))
    assert enough >= out > less
    before = bench.held("alice")
    assert bench.do("alice", pool.exchange_exact_out(i, 1 - i, out, dx)) == dx
    after = bench.held("alice")
    assert (before[i] - after[i], after[1 - i] - before[1 - i]) == (dx, out)


def assert_works(bench):
    """All quotes answer, as the model does, and the next swap towards the peg happens."""
    pool, twin = bench.pool, bench.twin()
    b = twin.state.balances
    scarce = 0 if twin.terms().values[0] < twin.terms().values[1] else 1
    sizes = [max(1, b[k] // 3) for k in (0, 1)]
    burn = twin.state.supply // 5
    less = [b[k] // 10_000 for k in (0, 1)]
    asked = [
        (pool.get_virtual_price(), twin.get_virtual_price),
        (pool.get_p(0), twin.get_p),
        (
            pool.get_dy(scarce, 1 - scarce, sizes[scarce]),
            lambda: twin.get_dy(scarce, 1 - scarce, sizes[scarce]),
        ),
        (pool.calc_token_amount(sizes, True), lambda: twin.calc_token_amount(sizes, True)),
        (pool.calc_token_amount(less, False), lambda: twin.calc_token_amount(less, False)),
        (
            pool.calc_withdraw_one_coin(burn, 1 - scarce),
            lambda: twin.calc_withdraw_one_coin(burn, 1 - scarce),
        ),
    ]
    assert bench.read(*(call for call, _ in asked)) == [said(thunk) for _, thunk in asked]
    assert bench.do(PROVIDER, pool.exchange(scarce, 1 - scarce, sizes[scarce], 0)) > 0


def mint_for(bench, who, amounts):
    for coin, amount in zip(bench.coins, amounts, strict=True):
        bench.do(who, coin.mint(bench.people[who], amount))


def to_the_limit(bench):
    """Sell the most of coin 0 that is not refused; returns how unequal the values then are."""
    twin = bench.twin()
    low, high = 0, 10**13 * 10 ** bench.kinds[0].decimals
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle)
            if said(partial(twin.get_dy, 0, 1, middle)) == Reverted("imbalance")
            else (middle, high)
        )
    refused, allowed = bench.read(bench.pool.get_dy(0, 1, high), bench.pool.get_dy(0, 1, low))
    assert refused == Reverted("imbalance")
    assert bench.do(PROVIDER, bench.pool.exchange(0, 1, low, 0)) == allowed
    values = bench.twin().terms().values
    return max(values) / min(values)


@CORNERS
@pytest.mark.parametrize("kind", KINDS)
def test_p6__driven_to_a_billion_to_one__everything_still_answers(benches, kind, A):
    """A Curve pool that is drained like this refuses everything but balanced withdrawals."""
    bench = benches.make(KINDS[kind], 10**8, A=A, fee=0)
    mint_for(bench, PROVIDER, [10**18 * 10**coin.decimals for coin in bench.kinds])
    # without a fee: one that stayed would by itself keep the pool from being emptied so far
    assert 0.5e9 < to_the_limit(bench) <= 1e9
    assert_works(bench)


@CORNERS
def test_p6__values_of_1e32__everything_still_answers_and_no_more_is_taken(benches, A):
    bench = benches.make((PLAIN_18, PLAIN_18), 0, A=A)
    mint_for(bench, PROVIDER, [10**33, 10**33])
    bench.do(PROVIDER, bench.pool.add_liquidity([10**32 // 2, 10**32], 0))
    for call in (bench.pool.add_liquidity([0, 1], 0), bench.pool.exchange(1, 0, 1, 0)):
        assert bench.read(call, who=PROVIDER) == [Reverted("balance cap")]
    assert_works(bench)


@CORNERS
@pytest.mark.parametrize("amounts", [(501, 501), (600, 3 * 10**8), (10**31, 10**22)], ids=str)
def test_p6__few_units_or_unlike_ones__everything_still_answers(benches, A, amounts):
    bench = benches.make((PLAIN_18, PLAIN_18), 0, A=A)
    mint_for(bench, PROVIDER, [10**33, 10**33])
    bench.do(PROVIDER, bench.pool.add_liquidity(amounts, 0))
    twin = bench.twin()
    for i in (0, 1):
        for dx in (1, 7, amounts[i]):
            (got,) = bench.read(bench.pool.get_dy(i, 1 - i, dx))
            assert got == said(lambda i=i, dx=dx: twin.get_dy(i, 1 - i, dx))
    scarce = 0 if amounts[0] < amounts[1] else 1
    assert bench.do(PROVIDER, bench.pool.exchange(scarce, 1 - scarce, amounts[scarce], 0)) > 0


@CORNERS
@pytest.mark.parametrize("far", [1, 10**3, 10**6, 10**9])
def test_p6__after_a_swap_without_fee__the_invariant_has_not_fallen(benches, A, far):
    bench = benches.make((PLAIN_18, PLAIN_18), 0, A=A, fee=0)
    mint_for(bench, PROVIDER, [10**33, 10**33])
    bench.do(PROVIDER, bench.pool.add_liquidity([10**18 + 7, 10**18 * far + 3 - far], 0))
    before = bench.get(bench.pool.get_virtual_price())
    for i, dx in ((0, 10**16 + 1), (0, 3), (1, 12_345), (0, 10**18 + 9), (1, 5)):
        bench.do(PROVIDER, bench.pool.exchange(i, 1 - i, dx, 0))
        after = bench.get(bench.pool.get_virtual_price())
        assert after >= before
        before = after
