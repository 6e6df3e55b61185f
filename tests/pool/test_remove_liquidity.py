"""Withdrawals in proportion, in one coin and of given amounts."""

import pytest

from tests.support.pool_bench import PROVIDER, WAIT, Reverted
from tests.support.pools import ENDLESS

SHARES = pytest.mark.parametrize("share", [10**6, 3, 1.01], ids=["little", "a third", "nearly all"])


def provided(bench):
    return bench.held(PROVIDER)[2]


@SHARES
def test_remove_liquidity__pays_exactly_the_share_of_both(bench, share):
    bench.lean(0, 0.6)
    lp, state = int(provided(bench) / share), bench.state()
    due = [balance * lp // state.supply for balance in state.balances]
    before = bench.held("carol")
    assert bench.do(PROVIDER, bench.pool.remove_liquidity(lp, due, bench.people["carol"])) == due
    after = bench.held("carol")
    assert [after[i] - before[i] for i in (0, 1)] == due
    assert bench.state().balances == [state.balances[i] - due[i] for i in (0, 1)]
    # and the protocol's fees have been paid out, unless asked not to
    assert bench.state().admin_balances == [0, 0]


@pytest.mark.parametrize("claims", [True, False])
def test_remove_liquidity__fees_are_paid_out_if_wanted(bench, claims):
    bench.lean(0, 0.6)
    owed, before = bench.state().admin_balances, bench.held("receiver")
    assert owed[1] > 0
    dave = bench.people[PROVIDER]
    bench.do(PROVIDER, bench.pool.remove_liquidity(10**15, [0, 0], dave, claims))
    assert bench.held("receiver")[1] - before[1] == (owed[1] if claims else 0)


@pytest.mark.parametrize("share", [10**6, 3, 1.5], ids=["little", "a third", "most"])
@pytest.mark.parametrize("i", [0, 1])
def test_remove_liquidity_one_coin__pays_what_the_model_says(bench, share, i):
    bench.lean(i, 0.5)
    lp, twin = int(provided(bench) / share), bench.twin()
    due = twin.remove_liquidity_one_coin(lp, i).amounts[i]
    before = bench.held(PROVIDER)
    assert bench.do(PROVIDER, bench.pool.remove_liquidity_one_coin(lp, i, due)) == due
    after = bench.held(PROVIDER)
    assert (after[i] - before[i], after[1 - i] - before[1 - i], after[2] - before[2]) == (due, 0, -lp)
    assert bench.state() == twin.state


@pytest.mark.parametrize("parts", [(1, 0), (0, 1), (2, 2), (1, 9)], ids=str)
@pytest.mark.parametrize("value", [10**13, 10**22])
def test_remove_liquidity_imbalance__burns_what_the_model_says(bench, parts, value):
    bench.lean(0, 0.5)
    amounts = [bench.units(i, part * value) for i, part in enumerate(parts)]
    twin = bench.twin()
    burned = twin.remove_liquidity_imbalance(amounts).burned
    before = bench.held(PROVIDER)
    assert bench.do(PROVIDER, bench.pool.remove_liquidity_imbalance(amounts, burned)) == burned
    after = bench.held(PROVIDER)
    assert [after[k] - before[k] for k in range(3)] == [*amounts, -burned]
    assert bench.state() == twin.state


def test_withdrawals__of_too_much_or_for_too_little__are_refused(bench):
    pool, lp, state = bench.pool, provided(bench), bench.state()
    due = [balance * lp // state.supply for balance in state.balances]
    one = bench.twin().calc_withdraw_one_coin(lp // 9, 0)
    some = [bench.units(i, 10**21) for i in (0, 1)]
    burned = bench.twin().calc_token_amount(some, False)
    dave, late = bench.people[PROVIDER], bench.node.time + WAIT - 1
    refused = [
        ("balance", pool.remove_liquidity(lp + 1, [0, 0])),
        ("zero amount", pool.remove_liquidity(0, [0, 0])),
        ("bad length", pool.remove_liquidity(1, [0])),
        ("min out", pool.remove_liquidity(lp, [due[0] + 1, 0])),
        ("min out", pool.remove_liquidity(lp, [0, due[1] + 1])),
        ("deadline passed", pool.remove_liquidity(lp, [0, 0], dave, True, late)),
        ("balance", pool.remove_liquidity_one_coin(lp + 1, 0, 0)),
        ("zero amount", pool.remove_liquidity_one_coin(0, 0, 0)),
        ("bad index", pool.remove_liquidity_one_coin(1, 2, 0)),
        ("min out", pool.remove_liquidity_one_coin(lp // 9, 0, one + 1)),
        ("deadline passed", pool.remove_liquidity_one_coin(lp, 0, 0, dave, late)),
        ("max in", pool.remove_liquidity_imbalance(some, burned - 1)),
        ("zero amount", pool.remove_liquidity_imbalance([0, 0], ENDLESS)),
        ("bad length", pool.remove_liquidity_imbalance([1], ENDLESS)),
        ("out too large", pool.remove_liquidity_imbalance([state.balances[0], 0], ENDLESS)),
        ("deadline passed", pool.remove_liquidity_imbalance(some, ENDLESS, dave, late)),
    ]
    answers = bench.read(*(call for _, call in refused), who=PROVIDER)
    assert answers == [Reverted(reason) for reason, _ in refused]
    assert bench.read(pool.remove_liquidity_imbalance(some, ENDLESS), who="alice") == [Reverted("balance")]
