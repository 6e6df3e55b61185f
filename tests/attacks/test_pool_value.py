"""Attacks P1–P4 of the catalogue: taking more out of a pool than one has put in."""

import pytest

from integrations.simulation import PoolError, PoolState, StableSwapModel
from tests.support.pool_bench import KINDS, PLAIN_6, PLAIN_18, PROVIDER, SHARE_18, WAD, WAIT
from tests.support.pools import ENDLESS

pytestmark = pytest.mark.usefixtures("pool_world")

WAYS = pytest.mark.parametrize("i", [0, 1], ids=["0 to 1", "1 to 0"])
#: Value of coin 0 and of coin 1, whole units.
SEEDS = pytest.mark.parametrize(
    "seed",
    [(10**6, 10**6), (1_900_000, 100_000), (20_000, 1_980_000)],
    ids=["at the peg", "off it", "far off"],
)


def every_operation(bench):
    """One of each, of sizes that leave odd remainders, by several users: (name, who, call)."""
    pool = bench.pool
    u0, u1 = (lambda v, i=i: bench.units(i, v * WAD // 1_000) for i in (0, 1))
    lp = bench.get(pool.balanceOf(bench.people[PROVIDER]))
    yield "sell 0", "alice", pool.exchange(0, 1, u0(123_456_789), 0)
    yield "sell 1", "bob", pool.exchange(1, 0, u1(77_777_777), 0)
    yield "buy 1", "bob", pool.exchange_exact_out(0, 1, u1(98_765_432), ENDLESS)
    yield "deposit", "alice", pool.add_liquidity([u0(3_333_333), u1(7_777_777)], 0)
    yield "deposit of 0", "carol", pool.add_liquidity([u0(250_000_001), 0], 0)
    yield "give 0", "mallory", bench.coins[0].transfer(pool.address, u0(1_000_003))
    yield "sell what was given", "mallory", pool.exchange_received(0, 1, 1, 0)
    yield "give 1", "mallory", bench.coins[1].transfer(pool.address, u1(1_000_003))
    yield "buy 0", "alice", pool.exchange_exact_out(1, 0, u0(55_555_555), ENDLESS)
    yield "leave with 1", PROVIDER, pool.remove_liquidity_one_coin(lp // 97, 1, 0)
    yield "leave with both", PROVIDER, pool.remove_liquidity_imbalance([u0(11_111_111), u1(999_999)], ENDLESS)
    yield "leave, fees claimed", PROVIDER, pool.remove_liquidity(lp // 3, [0, 0])
    yield "sell 1 in a small pool", "bob", pool.exchange(1, 0, u1(444_444_444), 0)
    yield "claim fees", "mallory", pool.withdraw_admin_fees()
    yield "leave", PROVIDER, pool.remove_liquidity(lp // 10, [0, 0])


def test_p1__any_operation__the_pool_holds_exactly_what_it_owes_and_what_was_given(bench):
    given = [0, 0]
    for name, who, call in every_operation(bench):
        before = bench.held("mallory")
        bench.do(who, call)
        if name.startswith("give"):
            i = int(name[-1])
            given[i] += before[i] - bench.held("mallory")[i]
        if name == "sell what was given":
            given[0] = 0
        assert bench.unaccounted() == tuple(given), name


def test_p2__any_operation__the_virtual_price_never_falls(bench):
    (before,) = bench.read(bench.pool.get_virtual_price())
    for name, who, call in every_operation(bench):
        bench.do(who, call)
        after = bench.get(bench.pool.get_virtual_price())
        assert after >= before, name
        before = after
    assert before > WAD


def test_p2__donation__moves_neither_virtual_price_nor_price_nor_claims(bench):
    views = (
        bench.pool.get_virtual_price(),
        bench.pool.get_balances(),
        bench.pool.get_p(0),
        bench.pool.price_oracle(0),
        bench.pool.calc_withdraw_one_coin(10**18, 0),
    )
    before = bench.read(*views)
    for i in (0, 1):
        bench.do("mallory", bench.coins[i].transfer(bench.pool.address, bench.units(i, 10**6 * WAD)))
    assert bench.read(*views) == before


@WAYS
@pytest.mark.parametrize("value", [10**12, 10**19, 5 * 10**23], ids=["a unit", "ten", "half the pool"])
def test_p3__swap_there_and_back__never_profits(bench, i, value):
    before = bench.held("mallory")
    sold = max(1, bench.units(i, value))
    bought = bench.do("mallory", bench.pool.exchange(i, 1 - i, sold, 0), wait=0)
    if bought:
        bench.do("mallory", bench.pool.exchange(1 - i, i, bought, 0), wait=0)
    after = bench.held("mallory")
    assert after[1 - i] == before[1 - i]
    assert after[i] < before[i]


@WAYS
def test_p3__exact_output_there_and_back__never_profits(bench, i):
    before = bench.held("mallory")
    out = bench.units(1 - i, 10**22)
    bench.do("mallory", bench.pool.exchange_exact_out(i, 1 - i, out, ENDLESS), wait=0)
    # as much of coin i as it takes all of `out` to buy
    back = bench.get(bench.pool.get_dy(1 - i, i, out), wait=0)
    bench.do("mallory", bench.pool.exchange_exact_out(1 - i, i, back, out), wait=0)
    after = bench.held("mallory")
    assert after[i] < before[i]
    assert after[1 - i] - before[1 - i] < max(1, bench.units(1 - i, 10**12))


@WAYS
def test_p3__deposit_and_withdrawal_in_one_coin__never_profits(bench, i):
    before = bench.held("mallory")
    amounts = [0, 0]
    amounts[i] = bench.units(i, 10**23)
    minted = bench.do("mallory", bench.pool.add_liquidity(amounts, 0), wait=0)
    bench.do("mallory", bench.pool.remove_liquidity_one_coin(minted, i, 0), wait=0)
    after = bench.held("mallory")
    assert after[1 - i] == before[1 - i]
    assert after[2] == 0
    assert after[i] < before[i]


@pytest.mark.parametrize("parts", [(1, 1), (1, 3), (7, 2), (0, 1)], ids=str)
def test_p3__withdrawing_just_what_was_deposited__burns_more_than_was_minted(bench, parts):
    amounts = [bench.units(i, part * 10**22) for i, part in enumerate(parts)]
    minted = bench.do("mallory", bench.pool.add_liquidity(amounts, 0), wait=0)
    burned = bench.get(bench.pool.calc_token_amount(amounts, False), wait=0)
    if parts[0] == parts[1]:
        # balanced: only rounding, in the pool's favour
        assert minted <= burned <= minted + 10**13
    else:
        assert burned > minted


def test_p3__deposit_swap_withdrawal_swap_back__never_profits(bench):
    """The mixed round trip: both coins are at least matched, so that no price is needed to compare."""
    before = bench.held("mallory")
    pool = bench.pool
    amounts = [bench.units(0, 3 * 10**23), bench.units(1, 10**22)]
    minted = bench.do("mallory", pool.add_liquidity(amounts, 0), wait=0)
    bought = bench.do("mallory", pool.exchange(1, 0, bench.units(1, 10**23), 0), wait=0)
    bench.do("mallory", pool.remove_liquidity_one_coin(minted // 2, 1, 0), wait=0)
    bench.do("mallory", pool.remove_liquidity(minted - minted // 2, [0, 0]), wait=0)
    bench.do("mallory", pool.exchange(0, 1, bought // 2, 0), wait=0)
    # sell the surplus of one coin for what is missing of the other
    after = bench.held("mallory")
    long = 0 if after[0] > before[0] else 1
    missing = before[1 - long] - after[1 - long]
    assert missing > 0
    bench.do("mallory", pool.exchange_exact_out(long, 1 - long, missing, ENDLESS), wait=0)
    final = bench.held("mallory")
    assert final[1 - long] == before[1 - long]
    assert final[long] < before[long]


@pytest.mark.parametrize("kind", ["18-18", "6-share", "share-share"])
def test_p3__rounding_loops_in_a_pool_of_a_few_units__never_profit(world, kind):
    """Exact outputs at balances of a few wei have drained pools of another design."""
    bench = world.pools[kind]
    pool = bench.pool
    bench.do(PROVIDER, pool.remove_liquidity(bench.get(pool.balanceOf(bench.people[PROVIDER])), [0, 0]))
    assert bench.get(pool.totalSupply()) == bench.locked()
    start = bench.held("mallory")
    # most of coin 1 out of the pool
    bench.do("mallory", pool.exchange(0, 1, bench.state().balances[0] * 40, 0))
    price = bench.get(pool.get_virtual_price())

    done = 0
    for loop in range(30):
        i = loop % 2
        left = bench.state().balances[1 - i]
        for out in (left - 1, left // 2, 9, 8, 1):
            if 0 < out < left:
                call = pool.exchange_exact_out(i, 1 - i, out, ENDLESS)
                if not isinstance(bench.read(call, who="mallory")[0], Exception):
                    bench.do("mallory", call)
                    done += 1
                    break
        now = bench.get(pool.get_virtual_price())
        assert now >= price
        price = now
    assert done > 20
    end = bench.held("mallory")
    # what is there is worth less, at the peg and at the pool's own price
    assert bench.worth(end[:2]) < bench.worth(start[:2])
    short = 0 if end[0] < start[0] else 1
    surplus = end[1 - short] - start[1 - short]
    if surplus > 0:
        assert bench.get(pool.get_dy(1 - short, short, surplus)) < start[short] - end[short]


def copied(twin: StableSwapModel) -> StableSwapModel:
    copy = StableSwapModel(twin.parameters, twin.time, PoolState.from_words(twin.state.words()))
    copy.assets = list(twin.assets)
    return copy


def best_split(twin: StableSwapModel, i: int, dx: int) -> int:
    """The most that selling `dx` in one block pays, in equal parts."""
    best = 0
    for parts in (1, 2, 4, 8, 16, 32):
        pool = copied(twin)
        best = max(best, sum(pool.exchange(i, 1 - i, dx // parts).dy for _ in range(parts)))
    return best


def affordable(bench, j, shares, bound):
    """Amounts with the most of coin j that `remove_liquidity_imbalance` pays for so many shares."""
    low, high = 0, bound
    while low < high:
        middle = (low + high + 1) // 2
        wanted = [middle if k == j else 0 for k in (0, 1)]
        answer = bench.read(bench.pool.calc_token_amount(wanted, False), wait=0)[0]
        low, high = (low, middle - 1) if isinstance(answer, Exception) or answer > shares else (middle, high)
    return [low if k == j else 0 for k in (0, 1)]


@WAYS
@SEEDS
@pytest.mark.parametrize("kinds", [KINDS["18-18"], (PLAIN_6, SHARE_18)], ids=["18-18", "6-share"])
def test_p4__no_liquidity_route__beats_the_best_split_of_the_same_swap(benches, kinds, seed, i):
    """Curve's pool pays up to 4.3 bp more on the first of these routes than on the swap."""
    bench = benches.make(kinds, seed, A=200)
    pool, j = bench.pool, 1 - i
    dx = bench.units(i, 19_000 * WAD)
    dx -= dx % 32
    amounts = [dx if k == i else 0 for k in (0, 1)]
    most = best_split(bench.twin(wait=0), i, dx)

    def route(*calls):
        snapshot = bench.node.rpc("evm_snapshot")
        before = bench.held("mallory")
        for call in calls:
            bench.do("mallory", call(), wait=0)
        after = bench.held("mallory")
        bench.node.rpc("evm_revert", snapshot)
        assert after[i] == before[i] - dx
        return after[j] - before[j]

    def shares():
        return bench.held("mallory")[2]

    def deposit():
        return pool.add_liquidity(amounts, 0)

    in_one_coin = route(deposit, lambda: pool.remove_liquidity_one_coin(shares(), j, 0))
    assert in_one_coin <= most

    def exactly_affordable():
        wanted = affordable(bench, j, shares(), most * 2)
        return pool.remove_liquidity_imbalance(wanted, ENDLESS)

    assert route(deposit, exactly_affordable) <= most

    # both coins out, then the rest of coin i is sold
    before = bench.held("mallory")
    twice = (
        deposit,
        lambda: pool.remove_liquidity(shares(), [0, 0]),
        lambda: pool.exchange(i, j, bench.held("mallory")[i] - before[i] + dx, 0),
    )
    assert route(*twice) <= most

    # in a pool that the trader has made a hundred times deeper: most fees but the protocol's come back
    deep = [balance * 100 for balance in bench.state().balances]
    snapshot = bench.node.rpc("evm_snapshot")
    bench.do("mallory", pool.add_liquidity(deep, 0), wait=0)
    bench.do("mallory", pool.exchange(i, j, dx, 0), wait=0)
    bench.do("mallory", pool.remove_liquidity(shares(), [0, 0]), wait=0)
    rest = bench.held("mallory")[i] - before[i] + dx
    if rest > 0:
        bench.do("mallory", pool.exchange(i, j, rest, 0), wait=0)
    gained = bench.held("mallory")[j] - before[j]
    bench.node.rpc("evm_revert", snapshot)
    assert gained <= most


def test_p4__steep_fees_off_the_peg__withdrawals_of_given_amounts_pay_them_too(benches):
    """With the rate taken before the fee, this route would beat the best split of the swap by 1.2 %."""
    bench = benches.make((PLAIN_18, PLAIN_18), (1_000_000, 7_891), A=10**6, fee=10**8, offpeg=5 * 10**11)
    dx = 5_102 * WAD
    most = best_split(bench.twin(wait=WAIT), 1, dx)
    minted = bench.do("mallory", bench.pool.add_liquidity([0, dx], 0))
    wanted = affordable(bench, 0, minted, most * 2)
    assert 0.9 * most < wanted[0] <= most
    burned = bench.do("mallory", bench.pool.remove_liquidity_imbalance(wanted, minted), wait=0)
    assert minted - 10**6 < burned <= minted


def test_p4__fees_off_the_peg__liquidity_routes_pay_them_too(benches):
    """With a fee that grows 50-fold: a deposit of one coin and a withdrawal of the other pay no less."""
    bench = benches.make((PLAIN_18, PLAIN_18), (1_800_000, 200_000), A=100, fee=4 * 10**6, offpeg=5 * 10**11)
    dx = 50_000 * WAD
    most = best_split(bench.twin(wait=WAIT), 0, dx)
    minted = bench.do("mallory", bench.pool.add_liquidity([dx, 0], 0))
    received = bench.do("mallory", bench.pool.remove_liquidity_one_coin(minted, 1, 0), wait=0)
    assert received <= most
    with pytest.raises(PoolError):
        bench.twin().exchange(0, 1, 10**33)
