"""Deposits: what they mint, move, charge and refuse."""

import pytest

from tests.support.pool_bench import KINDS, PROVIDER, WAD, WAIT, Reverted

ZERO = "0x" + "00" * 20
PARTS = pytest.mark.parametrize("parts", [(1, 1), (1, 0), (0, 1), (5, 2)], ids=str)


@PARTS
@pytest.mark.parametrize("value", [10**15, 10**21, 3 * 10**24])
def test_add_liquidity__of_any_proportion__mints_what_the_model_says(bench, parts, value):
    amounts = [bench.units(i, part * value) for i, part in enumerate(parts)]
    twin = bench.twin()
    minted = twin.add_liquidity(amounts).minted
    before = bench.held("alice")
    assert bench.do("alice", bench.pool.add_liquidity(amounts, minted)) == minted
    after = bench.held("alice")
    assert [after[k] - before[k] for k in range(3)] == [-amounts[0], -amounts[1], minted]
    assert bench.state() == twin.state
    assert bench.unaccounted() == (0, 0)


def test_add_liquidity__in_the_pools_proportion__pays_no_fee(bench):
    state = bench.state()
    amounts = [balance // 10 for balance in state.balances]
    minted = bench.do("alice", bench.pool.add_liquidity(amounts, 0))
    assert minted == pytest.approx(state.supply / 10, rel=1e-6)
    assert bench.state().admin_balances == [0, 0]


@pytest.mark.parametrize("i", [0, 1])
def test_add_liquidity__of_one_coin__pays_about_half_a_swap_fee(bench, i):
    amounts = [0, 0]
    amounts[i] = bench.units(i, 10**20)
    minted = bench.do("alice", bench.pool.add_liquidity(amounts, 0))
    # half of the coins are swapped, at 4 bp
    assert minted == pytest.approx(10**20 * (1 - 0.0002), rel=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_add_liquidity__first__locks_a_minimum_and_mints_the_rest(benches, kind):
    bench = benches.make(KINDS[kind], 0)
    amounts = [bench.units(0, 3 * 10**20), bench.units(1, 10**20)]
    quoted = bench.get(bench.pool.calc_token_amount(amounts, True))
    minted = bench.do("alice", bench.pool.add_liquidity(amounts, 0, bench.people["carol"]))
    d = bench.get(bench.pool.D_oracle())
    supply, locked, carol = bench.read(
        bench.pool.totalSupply(), bench.pool.balanceOf(ZERO), bench.pool.balanceOf(bench.people["carol"])
    )
    least = 10 ** (21 - min(coin.decimals for coin in bench.kinds))
    assert (locked, carol, supply) == (least, minted, minted + least)
    assert quoted == minted
    assert d == supply
    assert bench.get(bench.pool.get_virtual_price()) == WAD


@pytest.mark.parametrize("kind", KINDS)
def test_add_liquidity__first_of_one_coin_or_of_dust__is_refused(benches, kind):
    bench = benches.make(KINDS[kind], 0)
    pool = bench.pool
    for amounts in ([10**6, 0], [0, 10**6]):
        assert bench.read(pool.add_liquidity(amounts, 0)) == [Reverted("first needs both")]
    dust = [max(1, bench.units(i, bench.locked() // 3)) for i in (0, 1)]
    if bench.worth(dust) <= bench.locked():
        assert bench.read(pool.add_liquidity(dust, 0)) == [Reverted("zero shares")]


def test_add_liquidity__refusals__move_nothing(bench):
    pool, alice = bench.pool, bench.people["alice"]
    amounts = [bench.units(i, 10**20) for i in (0, 1)]
    minted = bench.twin().add_liquidity(amounts).minted
    refused = {
        "min out": pool.add_liquidity(amounts, minted + 1),
        "zero amount": pool.add_liquidity([0, 0], 0),
        "bad length": pool.add_liquidity([10**18], 0),
        "zero address": pool.add_liquidity(amounts, 0, ZERO),
        "deadline passed": pool.add_liquidity(amounts, 0, alice, bench.node.time + WAIT - 1),
        "balance cap": pool.add_liquidity([2**112, 1], 0),
    }
    assert bench.read(*refused.values()) == [Reverted(reason) for reason in refused]
    assert bench.read(pool.add_liquidity(amounts, minted), who=PROVIDER) == [minted]
