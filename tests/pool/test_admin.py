"""What GOVERNOR may change, within which bounds, and how the protocol's fees are paid out."""

import pytest

from tests.support.pool_bench import WAD, Reverted

DAY = 86_400
ZERO = "0x" + "00" * 20


def ramp_end(bench, seconds):
    return bench.node.time + 12 + seconds


def test_governed_functions__called_by_others__are_refused(plain):
    pool = plain.pool
    calls = (
        pool.ramp_A(500, ramp_end(plain, DAY)),
        pool.stop_ramp_A(),
        pool.set_new_fee(10**6, 10**10),
        pool.set_ma_exp_time(100, 100),
    )
    assert plain.read(*calls, who="mallory") == [Reverted("not governor")] * 4


@pytest.mark.parametrize("target", [100, 333, 9_999, 10_000])
def test_ramp_A__moves_in_a_straight_line(plain, target):
    plain.do("governor", plain.pool.ramp_A(target, ramp_end(plain, 2 * DAY)))
    start = plain.node.time
    assert plain.read(plain.pool.initial_A(), plain.pool.future_A()) == [100_000, 100 * target]
    assert plain.read(plain.pool.initial_A_time(), plain.pool.future_A_time()) == [start, start + 2 * DAY]
    for passed in (0, 1, DAY // 7, DAY, 2 * DAY - 1, 2 * DAY, 9 * DAY):
        part = min(passed, 2 * DAY) / (2 * DAY)
        got = plain.get(plain.pool.A_precise(), wait=passed)
        assert got == pytest.approx(100_000 + (100 * target - 100_000) * part, abs=1)
        assert plain.get(plain.pool.A(), wait=passed) == got // 100


def test_ramp_A__out_of_bounds__is_refused(plain):
    pool, day = plain.pool, ramp_end(plain, DAY)
    refused = [
        ("ramp too short", pool.ramp_A(900, day - 1)),
        ("A not 1 to 1e6", pool.ramp_A(0, day)),
        ("A not 1 to 1e6", pool.ramp_A(10**6 + 1, day)),
        ("A step above 10", pool.ramp_A(10_001, day)),
        ("A step above 10", pool.ramp_A(99, day)),
        ("out of range", pool.ramp_A(900, 2**32)),
    ]
    assert plain.read(*(c for _, c in refused), who="governor") == [Reverted(reason) for reason, _ in refused]
    plain.do("governor", pool.ramp_A(900, day))
    late = plain.node.time + 3 * DAY
    assert plain.read(pool.ramp_A(901, late), wait=DAY - 1, who="governor") == [Reverted("ramp too soon")]
    assert plain.read(pool.ramp_A(901, late), wait=DAY, who="governor") == [None]


def test_set_new_fee__within_bounds__is_charged_at_once(bench):
    bench.do("governor", bench.pool.set_new_fee(10**8, 0))
    dx = bench.units(0, WAD)
    rates = bench.rates()
    assert bench.get(bench.pool.get_dy(0, 1, dx)) * rates[1] == pytest.approx(dx * rates[0] * 0.99, rel=1e-5)
    assert bench.read(bench.pool.fee(), bench.pool.offpeg_fee_multiplier()) == [10**8, 0]
    assert bench.get(bench.pool.dynamic_fee(0, 1)) == 10**8


def test_set_new_fee__out_of_bounds__is_refused(plain):
    pool = plain.pool
    refused = [
        ("fee above 1 %", pool.set_new_fee(10**8 + 1, 0)),
        ("offpeg too high", pool.set_new_fee(10**8, 5 * 10**11 + 1)),
        ("offpeg too high", pool.set_new_fee(1, 2**40)),
    ]
    assert plain.read(*(c for _, c in refused), who="governor") == [Reverted(reason) for reason, _ in refused]
    plain.do("governor", pool.set_new_fee(10**8, 5 * 10**11))


def test_set_ma_exp_time__out_of_bounds__is_refused(plain):
    pool = plain.pool
    calls = [pool.set_ma_exp_time(*periods) for periods in ((0, 1), (1, 0), (2**20, 1), (1, 2**20))]
    assert plain.read(*calls, who="governor") == [Reverted("out of range")] * 4
    plain.do("governor", pool.set_ma_exp_time(2**20 - 1, 1))
    assert plain.read(pool.ma_exp_time(), pool.D_ma_time()) == [2**20 - 1, 1]


@pytest.mark.parametrize("offpeg", [10**10, 2 * 10**10, 10**11])
def test_dynamic_fee__off_the_peg__is_that_of_the_formula(benches, offpeg):
    bench = benches.make(seed=(1_500_000, 500_000), offpeg=offpeg)
    m, f, x, y = offpeg / 1e10, 4e6, 1.5, 0.5
    expected = f if m == 1 else m * f / ((m - 1) * 4 * x * y / (x + y) ** 2 + 1)
    assert bench.get(bench.pool.dynamic_fee(0, 1)) == pytest.approx(expected, rel=1e-6)


def test_withdraw_admin_fees__by_anyone__pays_the_receiver_all_that_is_owed(bench):
    bench.lean(0, 0.5)
    bench.lean(1, 0.9)
    owed, before = bench.state().admin_balances, bench.held("receiver")
    assert min(owed) > 0
    bench.do("mallory", bench.pool.withdraw_admin_fees())
    after = bench.held("receiver")
    assert [after[i] - before[i] for i in (0, 1)] == owed
    assert bench.state().admin_balances == [0, 0]
    assert bench.unaccounted() == (0, 0)
    bench.do("mallory", bench.pool.withdraw_admin_fees())
    assert bench.held("receiver") == after


def test_withdraw_admin_fees__without_a_receiver__keeps_them(plain, benches):
    plain.lean(0, 0.5)
    owed = plain.state().admin_balances
    plain.do("governor", benches.factory.set_fee_receiver(ZERO))
    plain.do("mallory", plain.pool.withdraw_admin_fees())
    assert plain.state().admin_balances == owed
    assert owed[1] > 0
