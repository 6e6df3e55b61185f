"""Swaps of given, received and wanted amounts: what they pay, move, charge and refuse."""

import pytest

from tests.support.pool_bench import WAD, WAIT, Reverted
from tests.support.pools import ENDLESS

WAYS = pytest.mark.parametrize("i", [0, 1], ids=["0 to 1", "1 to 0"])
SIZES = pytest.mark.parametrize("size", [1, 10**21, 9 * 10**23], ids=["one wei", "a thousand", "most"])


def moved(bench, who, before):
    return tuple(after - was for after, was in zip(bench.held(who), before, strict=True))


@WAYS
@SIZES
def test_exchange__of_any_size__pays_what_the_model_says_and_moves_just_that(bench, i, size):
    dx = max(1, bench.units(i, size))
    twin = bench.twin()
    expected = twin.exchange(i, 1 - i, dx)
    before = bench.held("alice")
    assert bench.do("alice", bench.pool.exchange(i, 1 - i, dx, 0)) == expected.dy
    assert moved(bench, "alice", before) == ((-dx, expected.dy, 0) if i == 0 else (expected.dy, -dx, 0))
    assert bench.state() == twin.state
    assert bench.unaccounted() == (0, 0)


@WAYS
def test_exchange__at_the_peg__costs_the_fee_and_half_of_it_is_the_protocols(bench, i):
    """By hand: a millionth of the pool does not move its price, so what is missing is the fee of 4 bp."""
    dx = bench.units(i, WAD)
    dy = bench.do("alice", bench.pool.exchange(i, 1 - i, dx, 0))
    rates = bench.rates()
    assert dy * rates[1 - i] == pytest.approx(dx * rates[i] * 0.9996, rel=2e-6)
    assert bench.state().admin_balances[1 - i] * rates[1 - i] == pytest.approx(
        dx * rates[i] * 0.0002, rel=6e-3
    )


@WAYS
def test_exchange__to_a_receiver__pays_them(bench, i):
    dx = bench.units(i, 10**21)
    dy = bench.twin().get_dy(i, 1 - i, dx)
    carol, alice = bench.held("carol"), bench.held("alice")
    bench.do("alice", bench.pool.exchange(i, 1 - i, dx, dy, bench.people["carol"]))
    assert moved(bench, "carol", carol) == ((0, dy, 0) if i == 0 else (dy, 0, 0))
    assert moved(bench, "alice", alice) == ((-dx, 0, 0) if i == 0 else (0, -dx, 0))


@WAYS
def test_exchange__a_wei_less_than_wanted__is_refused(bench, i):
    dx = bench.units(i, 10**21)
    dy = bench.twin().get_dy(i, 1 - i, dx)
    assert bench.read(bench.pool.exchange(i, 1 - i, dx, dy + 1)) == [Reverted("min out")]
    assert bench.read(bench.pool.exchange(i, 1 - i, dx, dy)) == [dy]


def test_exchange__without_allowance_or_balance__moves_nothing(plain):
    words = plain.words()
    plain.do("alice", plain.coins[0].approve(plain.pool.address, 5))
    for dx in (6, 2 * 10**27):
        assert plain.send("alice", plain.pool.exchange(0, 1, dx, 0))["status"] == "0x0"
    assert plain.words() == words


@WAYS
def test_exchange_received__pays_as_an_exchange_of_all_that_arrived(bench, i):
    dx = bench.units(i, 10**22)
    bench.do("alice", bench.coins[i].transfer(bench.pool.address, dx))
    expected = bench.twin().exchange(i, 1 - i, dx).dy
    before = bench.held("carol")
    call = bench.pool.exchange_received(i, 1 - i, dx // 2, expected, bench.people["carol"])
    assert bench.do("alice", call) == expected
    assert moved(bench, "carol", before) == ((0, expected, 0) if i == 0 else (expected, 0, 0))


@WAYS
def test_exchange_exact_out__more_than_allowed__is_refused(bench, i):
    out = bench.units(1 - i, 10**21)
    dx = bench.twin().get_dx(i, 1 - i, out)
    assert bench.read(bench.pool.exchange_exact_out(i, 1 - i, out, dx - 1)) == [Reverted("max in")]
    assert bench.do("alice", bench.pool.exchange_exact_out(i, 1 - i, out, dx)) == dx


@pytest.mark.parametrize("i", [0, 1])
def test_exchange_exact_out__all_of_a_coin__is_refused(bench, i):
    everything = bench.state().balances[1 - i]
    for out in (everything, everything + 1):
        call = bench.pool.exchange_exact_out(i, 1 - i, out, ENDLESS)
        assert bench.read(call) == [Reverted("out too large")]


def test_swaps__past_their_deadline__are_refused(plain):
    now = plain.node.time + WAIT
    alice = plain.people["alice"]
    for name, limit in (("exchange", 0), ("exchange_received", 0), ("exchange_exact_out", ENDLESS)):
        call = getattr(plain.pool, name)
        assert plain.read(call(0, 1, 10**18, limit, alice, now - 1)) == [Reverted("deadline passed")]
        assert plain.read(call(0, 1, 10**18, limit, alice, now)) != [Reverted("deadline passed")]
