"""Attacks P7 and P9 of the catalogue: trading around a jump of a vault's price, and around a change of A."""

import pytest

from tests.support.pool_bench import PLAIN_18, PROVIDER, WAD
from tests.support.pools import FEE

pytestmark = pytest.mark.usefixtures("pool_world")

PPM = 10**6
DAY = 86_400
#: Parts per million that a surcharge loses a second, and the largest that can be stored.
DECAY, MOST = 3, 2**18 - 1
VALUE = 200_000 * WAD

UP = pytest.mark.parametrize("jump_ppm", [2, 500, 1_000, 10_000, 100_000, 250_000])
DOWN = pytest.mark.parametrize("jump_ppm", [2, 500, 1_000, 10_000, 100_000, 200_000])


def jump(bench, ppm, wait=0):
    price = bench.get(bench.coins[1].price())
    bench.do("governor", bench.coins[1].set_price(price * (PPM + ppm) // PPM), wait)


def gain_ppm(bench, before):
    """What mallory has won or lost at the prices of now, in parts per million of `VALUE`."""
    after = bench.held("mallory")
    rates = bench.rates()
    won = sum((after[i] - before[i]) * rates[i] for i in (0, 1)) // WAD
    return won * PPM / VALUE


def shares_bought(bench):
    return bench.do("mallory", bench.pool.exchange(0, 1, bench.units(0, VALUE), 0), wait=0)


@UP
def test_p7__buying_shares_before_a_rise_and_selling_them_after__loses(rated, jump_ppm):
    """Without the surcharge the round trip would win the jump less about 8 bp: 9.9 % of the largest here."""
    before = rated.held("mallory")
    bought = shares_bought(rated)
    jump(rated, jump_ppm)
    rated.do("mallory", rated.pool.exchange(1, 0, bought, 0), wait=0)
    # two base fees of 4 bp at least, whatever the jump
    assert gain_ppm(rated, before) < -2 * 400 + 2


@DOWN
def test_p7__selling_shares_before_a_fall_and_buying_them_back__loses(rated, jump_ppm):
    before = rated.held("mallory")
    sold = rated.units(1, VALUE)
    received = rated.do("mallory", rated.pool.exchange(1, 0, sold, 0), wait=0)
    jump(rated, -jump_ppm)
    rated.do("mallory", rated.pool.exchange(0, 1, received, 0), wait=0)
    after = rated.held("mallory")
    assert after[0] == before[0]
    # in shares: sold at the old price, bought at the new one
    assert (after[1] - before[1]) * PPM / sold < -2 * 400 + 2


@pytest.mark.parametrize("waited", [12, 600, 3_600])
def test_p7__waiting_after_the_jump__wins_at_most_three_ppm_a_second(rated, waited):
    """The bound: per unit traded, LPs lose at most 3 ppm for each second waited, less both fees."""
    before = rated.held("mallory")
    bought = shares_bought(rated)
    jump(rated, 20_000)
    # somebody's dust trade records the surcharge, whose decay then begins
    rated.do("bob", rated.pool.exchange(0, 1, 1_000_000, 0), wait=0)
    rated.do("mallory", rated.pool.exchange(1, 0, bought, 0), wait=waited)
    assert gain_ppm(rated, before) < DECAY * waited - 2 * 400 + 2


@pytest.mark.parametrize("idle", [60, DAY])
def test_p7__free_drift__is_a_hundredth_of_a_ppm_for_each_second_since_the_last_trade(rated, idle):
    """The allowance for a vault that accrues: what a jump may have for free after the pool has been idle."""
    rated.do("bob", rated.pool.exchange(0, 1, 1_000_000, 0), wait=0)
    rated.pass_time(idle)
    jump(rated, 20_000)
    # less at most one for each of three roundings
    assert -3 <= rated.get(rated.pool.surcharge(), wait=0) - (20_000 - idle / 100) <= 0
    # whoever has just bought has no such allowance: the purchase has ended it
    shares_bought(rated)
    before = rated.get(rated.pool.surcharge(), wait=0)
    jump(rated, 500)
    assert 499 <= rated.get(rated.pool.surcharge(), wait=0) - before <= 500


def test_p7__one_sided_liquidity_around_a_rise__pays_the_surcharge_too(rated):
    before = rated.held("mallory")
    minted = rated.do("mallory", rated.pool.add_liquidity([rated.units(0, VALUE), 0], 0), wait=0)
    jump(rated, 10_000)
    rated.do("mallory", rated.pool.remove_liquidity_one_coin(minted, 0, 0), wait=0)
    assert rated.held("mallory")[1:] == before[1:]
    assert gain_ppm(rated, before) < -400


def test_p7__shares_bought_before_a_rise_and_kept__cost_lps_at_most_the_jump_on_them(rated):
    """What no fee can keep: whoever knows of a rise buys and does not come back."""
    before = rated.state().balances
    bought = shares_bought(rated)
    jump(rated, 10_000)
    rise = rated.worth([0, bought]) - rated.worth([0, bought]) * PPM // (PPM + 10_000)
    lost = rated.worth(before) - rated.worth(rated.state().balances)
    # the trade's own fee, of which half is theirs, comes off
    assert 0 < lost < rise


def test_p7__jumps_beyond_the_surcharge__lose_lps_only_the_excess(rated):
    """18 bits hold 26.2 %: of a rise by half, a risk-free round trip wins less than the 23.8 % above it."""
    before = rated.held("mallory")
    bought = shares_bought(rated)
    jump(rated, 500_000)
    assert rated.get(rated.pool.surcharge(), wait=0) == MOST
    rated.do("mallory", rated.pool.exchange(1, 0, bought, 0), wait=0)
    held = rated.held("mallory")
    won = rated.worth([held[0] - before[0], 0]) * PPM // VALUE
    assert 0 < won < 500_000 - MOST


def test_p7__many_small_jumps__are_charged_like_one(rated):
    for _ in range(10):
        jump(rated, 1_000)
        rated.do("bob", rated.pool.exchange(0, 1, 1_000_000, 0), wait=0)
    total = rated.get(rated.pool.surcharge(), wait=0)
    assert 10 * 999 <= total <= 10 * 1_000


@pytest.mark.parametrize(("target", "direction"), [(10_000, "up"), (100, "down")])
@pytest.mark.parametrize("i", [0, 1])
def test_p9__trading_around_each_step_of_the_fastest_ramp__never_profits(benches, target, direction, i):
    """Tenfold in a day is the steepest: A moves by less than 0.13 % in a block, less than fees cost."""
    bench = benches.make((PLAIN_18, PLAIN_18), A=1_000)
    pool = bench.pool
    bench.do("governor", pool.ramp_A(target, bench.node.time + 12 + DAY))
    for at in (0, DAY // 2, DAY - 40):
        snapshot = bench.node.rpc("evm_snapshot")
        bench.pass_time(at + 1)
        for share in (50_000, 900_000, 985_000):
            again = bench.node.rpc("evm_snapshot")
            first = bench.get(pool.A_precise(), wait=0)
            before = bench.held("mallory")
            bought = bench.do("mallory", pool.exchange(i, 1 - i, share * WAD, 0), wait=0)
            bench.do("mallory", pool.exchange(1 - i, i, bought, 0), wait=12)
            after = bench.held("mallory")
            change = abs(bench.get(pool.A_precise(), wait=0) / first - 1)
            assert 0 < change < 0.013 if direction == "down" else 0 < change < 0.002
            assert after[1 - i] == before[1 - i]
            # and not even half of one fee is won back
            assert after[i] - before[i] < -share * WAD * FEE // 10**10
            bench.node.rpc("evm_revert", again)
        bench.node.rpc("evm_revert", snapshot)


def test_p9__start_and_stop_of_a_ramp__do_not_move_A_nor_the_price(plain):
    plain.lean(0, 0.9)
    pool = plain.pool
    state = (pool.A_precise(), pool.get_p(0), pool.get_virtual_price())
    before = plain.read(*state, wait=0)
    plain.do("governor", pool.ramp_A(5_000, plain.node.time + 2 * DAY), wait=0)
    assert plain.read(*state, wait=0) == before
    plain.pass_time(DAY)
    before = plain.read(*state, wait=0)
    plain.do("governor", pool.stop_ramp_A(), wait=0)
    assert plain.read(*state, wait=0) == before
    assert plain.read(*state, wait=DAY) == before


def test_p9__ramp_that_ends_within_a_block__arrives_exactly_and_stays(plain):
    end = plain.node.time + 12 + DAY
    plain.do("governor", plain.pool.ramp_A(3_333, end))
    plain.pass_time(end - plain.node.time - 5)
    steps = [plain.get(plain.pool.A_precise(), wait=wait) for wait in (0, 4, 5, 6, 17)]
    line = [100_000 + 233_300 * (DAY - left) // DAY for left in (5, 1, 0)]
    assert steps == [*line, 333_300, 333_300]


def test_p9__ramp_of_a_pool_at_the_peg__changes_no_value(plain):
    """D of equal values is their sum, whatever A is."""
    before = plain.get(plain.pool.get_virtual_price())
    plain.do("governor", plain.pool.ramp_A(100, plain.node.time + 12 + DAY))
    for wait in (1, DAY // 2, DAY, 2 * DAY):
        assert plain.get(plain.pool.get_virtual_price(), wait=wait) == before
    lp = plain.get(plain.pool.balanceOf(plain.people[PROVIDER]))
    least = 10**24 - 10**3
    assert min(plain.do(PROVIDER, plain.pool.remove_liquidity(lp, [least, least]), wait=DAY)) >= least
