"""Attacks P10–P12 of the catalogue: hostile tokens, coins sent ahead, and ways to lock providers in."""

import pytest

from tests.support.pool_bench import HOSTILE, PLAIN_18, PROVIDER, SHARE_18, USERS, WAD, Reverted
from tests.support.pools import ENDLESS

pytestmark = pytest.mark.usefixtures("pool_world")

ENTRIES = {
    "exchange": lambda pool: pool.exchange(0, 1, 10**18, 0),
    "exchange_received": lambda pool: pool.exchange_received(0, 1, 1, 0),
    "exchange_exact_out": lambda pool: pool.exchange_exact_out(0, 1, 10**18, ENDLESS),
    "add_liquidity": lambda pool: pool.add_liquidity([10**18, 10**18], 0),
    "remove_liquidity": lambda pool: pool.remove_liquidity(10**18, [0, 0]),
    "remove_liquidity_one_coin": lambda pool: pool.remove_liquidity_one_coin(10**18, 0, 0),
    "remove_liquidity_imbalance": lambda pool: pool.remove_liquidity_imbalance([1, 1], ENDLESS),
    "withdraw_admin_fees": lambda pool: pool.withdraw_admin_fees(),
}
PRICES = {
    "get_virtual_price": lambda pool: pool.get_virtual_price(),
    "get_dy": lambda pool: pool.get_dy(0, 1, 10**18),
    "get_dx": lambda pool: pool.get_dx(0, 1, 10**18),
    "get_p": lambda pool: pool.get_p(0),
    "last_price": lambda pool: pool.last_price(0),
    "price_oracle": lambda pool: pool.price_oracle(0),
    "D_oracle": lambda pool: pool.D_oracle(),
    "calc_token_amount": lambda pool: pool.calc_token_amount([1, 1], True),
    "calc_withdraw_one_coin": lambda pool: pool.calc_withdraw_one_coin(10**18, 0),
    "dynamic_fee": lambda pool: pool.dynamic_fee(0, 1),
    "balances": lambda pool: pool.balances(0),
    "stored_rates": lambda pool: pool.stored_rates(),
    "totalSupply": lambda pool: pool.totalSupply(),
}
#: Operations in which the hostile coin 0 is moved.
OUTER = {
    "exchange": lambda pool: pool.exchange(0, 1, 10**20, 0),
    "exchange for it": lambda pool: pool.exchange(1, 0, 10**20, 0),
    "add_liquidity": lambda pool: pool.add_liquidity([10**20, 10**20], 0),
    "remove_liquidity": lambda pool: pool.remove_liquidity(10**20, [0, 0]),
    "remove_liquidity_one_coin": lambda pool: pool.remove_liquidity_one_coin(10**20, 0, 0),
}


@pytest.fixture(scope="module")
def hostile(world):
    """A pool whose coin 0 calls back; its owner PROVIDER, who also trades."""
    return world.benches.make((HOSTILE, PLAIN_18))


def bytes_of(call):
    return bytes.fromhex(call.data[2:])


@pytest.mark.parametrize("inner", [*ENTRIES, *PRICES])
@pytest.mark.parametrize("outer", OUTER)
def test_p10__in_the_middle_of_an_operation__nobody_enters_or_reads_a_price(hostile, outer, inner):
    pool, coin = hostile.pool, hostile.coins[0]
    payload = ENTRIES[inner](pool) if inner in ENTRIES else PRICES[inner](pool)
    expected = hostile.get(OUTER[outer](pool), who=PROVIDER)
    hostile.do("mallory", coin.arm(pool.address, bytes_of(payload), False), wait=0)
    assert hostile.do(PROVIDER, OUTER[outer](pool)) == expected
    assert hostile.get(coin.call_count()) == 1
    assert hostile.get(coin.last_call_ok()) is False
    assert hostile.unaccounted() == (0, 0)
    # the same call succeeds afterwards: it was the lock that refused it
    if inner in PRICES:
        assert hostile.get(PRICES[inner](pool)) not in (0, [])


@pytest.mark.parametrize("outer", OUTER)
def test_p10__token_that_returns_false__moves_nothing(hostile, outer):
    before, state = hostile.held(PROVIDER), hostile.words()
    hostile.do("mallory", hostile.coins[0].set_returns_false(True))
    assert hostile.read(OUTER[outer](hostile.pool), who=PROVIDER) == [Reverted("transfer failed")]
    assert hostile.send(PROVIDER, OUTER[outer](hostile.pool))["status"] == "0x0"
    assert (hostile.held(PROVIDER), hostile.words()) == (before, state)


def test_p11__received_without_sending__is_refused_whatever_others_have_given(bench):
    pool, coin = bench.pool, bench.coins[0]
    assert bench.read(pool.exchange_received(0, 1, 1, 0)) == [Reverted("not received")]
    # a unit given beforehand neither blocks a trader nor counts for more than itself
    bench.do("mallory", coin.transfer(pool.address, 1))
    dx = bench.units(0, 1_000 * WAD)
    assert bench.read(pool.exchange_received(0, 1, dx, 0)) == [Reverted("not received")]
    bench.do("alice", coin.transfer(pool.address, dx))
    expected = bench.twin().exchange(0, 1, dx + 1).dy
    assert bench.do("alice", pool.exchange_received(0, 1, dx, expected)) == expected
    assert bench.unaccounted() == (0, 0)


def test_p11__received_of_the_protocols_fees__is_refused(bench):
    """Fees lie in the pool like coins that were sent."""
    bench.lean(1, 0.8)
    assert bench.state().admin_balances[0] > 0
    assert bench.read(bench.pool.exchange_received(0, 1, 1, 0)) == [Reverted("not received")]


def test_p11__sent_in_a_transaction_of_its_own__is_the_first_callers(bench):
    """Documented: send and call in one transaction. Lost is what was sent, never the pool's."""
    dx = bench.units(0, 5_000 * WAD)
    bench.do("alice", bench.coins[0].transfer(bench.pool.address, dx))
    price, before = bench.get(bench.pool.get_virtual_price()), bench.held("mallory")
    expected = bench.twin().exchange(0, 1, dx).dy
    bench.do("mallory", bench.pool.exchange_received(0, 1, 1, 0))
    after = bench.held("mallory")
    assert (after[0], after[1]) == (before[0], before[1] + expected)
    assert bench.read(bench.pool.exchange_received(0, 1, dx, 0)) == [Reverted("not received")]
    assert bench.get(bench.pool.get_virtual_price()) >= price


def test_p11__given_then_a_deposit_of_too_little__does_not_count_as_the_deposit(bench):
    """A gift of a coin does not pay for another's deposit: the whole amount is pulled."""
    amount = bench.units(1, 777 * WAD)
    bench.do("mallory", bench.coins[1].transfer(bench.pool.address, amount))
    before = bench.held("alice")
    bench.do("alice", bench.pool.add_liquidity([0, amount], 0))
    assert bench.held("alice")[1] == before[1] - amount
    assert bench.unaccounted() == (0, amount)


def everyone_leaves(bench):
    """All providers leave with their share of both coins, to the unit; the locked minimum's is left."""
    for who in USERS:
        lp = bench.held(who)[2]
        if not lp:
            continue
        state, before = bench.state(), bench.held(who)
        due = [balance * lp // state.supply for balance in state.balances]
        assert bench.do(who, bench.pool.remove_liquidity(lp, due)) == due
        after = bench.held(who)
        assert [after[i] - before[i] for i in (0, 1)] == due
    assert bench.state().supply == bench.locked()


@pytest.mark.parametrize(
    "price", [0, 1, 2**255, ENDLESS, 10**36], ids=["0", "1 wei", "2^255", "reverts", "1e36"]
)
def test_p12__vault_without_a_price_or_an_absurd_one__everyone_withdraws(rated, price):
    pool = rated.pool
    rated.do("alice", pool.add_liquidity([10**11, 10**23], 0))
    rated.do("bob", pool.exchange(0, 1, 10**11, 0))
    rated.do("governor", rated.coins[1].set_price(price))
    assert isinstance(rated.read(pool.exchange(0, 1, 10**6, 0))[0], Reverted)
    everyone_leaves(rated)


@pytest.mark.parametrize("values", [(1, 10**12), (10**12, 1)], ids=["1 : 1e12", "1e12 : 1"])
def test_p12__outside_the_solvers_domain__everyone_withdraws(benches, values):
    bench = benches.make((SHARE_18, SHARE_18))
    for i, factor in enumerate(values):
        bench.do("governor", bench.coins[i].set_price(bench.kinds[i].price * factor // 10**6))
    assert bench.read(bench.pool.get_virtual_price()) == [Reverted("out of domain")]
    everyone_leaves(bench)


def test_p12__fee_receiver_that_cannot_receive__everyone_withdraws(benches):
    bench = benches.make((HOSTILE, PLAIN_18))
    bench.do("bob", bench.pool.exchange(0, 1, 10**23, 0))
    bench.do("bob", bench.pool.exchange(1, 0, 10**23, 0))
    owed = bench.state().admin_balances
    assert min(owed) > 0
    bench.do("governor", bench.coins[0].set_blacklisted(bench.people["receiver"], True))
    before = bench.held("receiver")
    everyone_leaves(bench)
    # one coin's fees are paid, the other's wait
    assert bench.state().admin_balances == [owed[0], 0]
    assert bench.held("receiver")[1] - before[1] == owed[1]
    bench.do("governor", bench.coins[0].set_blacklisted(bench.people["receiver"], False))
    bench.do("mallory", bench.pool.withdraw_admin_fees())
    assert bench.held("receiver")[0] - before[0] == owed[0]


def test_p12__after_everyone_has_left__the_next_provider_gets_a_fair_share(bench):
    """No second bootstrap: what the minimum holds stays its own, and a deposit is worth what it brought."""
    everyone_leaves(bench)
    amounts = [bench.units(i, 10**21) for i in (0, 1)]
    bench.do("alice", bench.pool.add_liquidity(amounts, 0))
    lp = bench.held("alice")[2]
    got = bench.do("alice", bench.pool.remove_liquidity(lp, [0, 0]))
    worth, brought = bench.worth(got), bench.worth(amounts)
    assert brought * 0.999 < worth <= brought
