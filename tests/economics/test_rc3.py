"""RC3: delay and default never pay."""

from dataclasses import replace
from functools import cache

import pytest

from tests.economics import speech
from tests.economics.say import no_less
from tests.economics.terms import BULLET, LOAN, Terms
from tests.economics.world import DAY, WAD, YEAR


@cache
def _irr(flows: tuple[tuple[int, int], ...]) -> float:
    """Yearly rate at which flows (second, wei) are worth nothing."""
    low, high = -0.9, 10.0
    for _ in range(200):
        rate = (low + high) / 2
        value = sum(amount * (1 + rate) ** (-(t - flows[0][0]) / YEAR) for t, amount in flows)
        low, high = (low, rate) if value < 0 else (rate, high)
    return low


def keep(world, terms: Terms, days_late: int):
    """Pay every instalment so many days after it is due, and at the end all that is owed; seconds and wei."""
    world.mint("friend", 5_000_000)
    deal = world.fund(terms)
    flows = [(world.now, -terms.principal)]
    start = world.midnight() // DAY
    for k in range(1, terms.instalments + 1):
        at = (start + k * terms.interval + days_late) * DAY
        world.go(at - 60)
        before = world.balance("friend")
        last = k == terms.instalments
        amount = 10**26 if last else terms.instalment(k)
        world.act("friend", speech.pay_aid(world, deal, amount), at)
        flows.append((at, before - world.balance("friend")))
    assert world.owed(deal) == 0
    return tuple(flows)


@pytest.mark.parametrize("terms", [BULLET, LOAN], ids=["bullet of three years at 30 %", "loan of a year"])
def test_rc3a__every_instalment_39_days_late__costs_more_than_on_time(world, terms):
    # given: what it costs on time
    snapshot = world.node.rpc("evm_snapshot")
    twin = world.fresh()
    on_time = keep(twin, terms, 0)
    world.node.rpc("evm_revert", snapshot)
    # when
    late = keep(world, terms, 39)
    # then
    paid = [sum(amount for _, amount in flows[1:]) for flows in (on_time, late)]
    no_less(f"paid late (on time {paid[0] / WAD:,.0f})", paid[1], paid[0])
    assert _irr(late) >= _irr(on_time) - 1e-6, f"{_irr(late):.4%} late, {_irr(on_time):.4%} on time"


@pytest.mark.parametrize("days", [1, 9, 60, 99])
def test_rc3b__a_bullet_paid_late__earns_the_vault_no_less(world, days):
    # given
    terms = replace(BULLET, instalments=12)
    snapshot = world.node.rpc("evm_snapshot")
    on_time = keep(world.fresh(), terms, 0)
    world.node.rpc("evm_revert", snapshot)
    # when
    late = keep(world, terms, days)
    # then
    assert _irr(late) >= _irr(on_time) - 1e-6, f"{_irr(late):.4%} late, {_irr(on_time):.4%} on time"
