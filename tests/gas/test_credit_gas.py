"""Gas of the credit side (benchmarks/gas.md): funding, payments, enforcement, the value of the book."""

from __future__ import annotations

import os
from dataclasses import replace

import ape
import pytest

from tests.conftest import DAY, WAD
from tests.credit.stage import FOREVER, LOAN, build
from tests.gas import credit_table, table
from tests.support.isolation import isolated

UPDATE = os.environ.get("AID_BENCH") == "update"
FINITE = 10**40
DEALS = 120


def execution(receipt) -> int:
    """Gas of a call without the transaction around it."""
    data = bytes(receipt.data)
    return receipt.gas_used - 21_000 - sum(16 if byte else 4 for byte in data)


@pytest.fixture(scope="module")
def stage(protocol, project, people, usdc, usdc_feed, usdt_feed):
    stage = build(project, protocol, people, usdc, [usdc_feed, usdt_feed])
    stage.deals.set_limits((7_500, 13_500, 5_000, 5_000, False), sender=people.governor)
    for who in (people.alice, people.bob):
        usdc.approve(stage.desk, FINITE, sender=who)
        protocol.aid.approve(stage.desk, FINITE, sender=who)
    return stage


@pytest.fixture(scope="module")
def measured(stage, people, vault):
    """Every action once, each from the same state."""
    figures: dict[str, int] = {}
    alice, bob, carol = people.alice, people.bob, people.carol
    start = (stage.now // DAY + 2) * DAY
    # on the day before, so that due days count from `start` for all
    loan, paying, _ = (stage.funded(LOAN, at=start - 200 + 40 * i) for i in range(3))
    stage.at(start + 25 * DAY)
    # one deal has paid: its days, and all that payments touch, are in use
    stage.desk.pay(paying, stage.coin, 10**11, sender=alice)
    buffered = stage.funded(LOAN, reserve=50_000 * WAD, first_loss=50_000 * WAD)
    fresh = stage.approved(LOAN)
    stage.funded(LOAN, at=start + 26 * DAY)

    def measure(name, *steps):
        with isolated():
            for step in steps:
                receipt = step()
            figures[f"credit.{name}"] = receipt.gas_used
            return receipt

    def late(deal, days=80):
        stage.at(start + days * DAY)
        return stage.desk.declare_default(deal, sender=bob)

    def on_time():
        return stage.at(start + 27 * DAY)

    receipt = stage.receipt(bob)
    measure("propose", lambda: stage.deals.propose(stage.proposal(LOAN, receipt), sender=bob))
    proposed = stage.proposed(LOAN)
    measure("approve", lambda: stage.deals.approve_deal(proposed, vault, sender=carol))
    measure("fund", lambda: stage.desk.fund(fresh, sender=carol))
    measure("pay", on_time, lambda: stage.desk.pay(loan, stage.coin, 10**11, sender=alice))
    measure("pay_aid", on_time, lambda: stage.desk.pay_aid(loan, 10**23, sender=alice))
    measure("pay_partial", on_time, lambda: stage.desk.pay_aid(loan, 10**21, sender=alice))
    measure("pay_off", on_time, lambda: stage.desk.pay_aid(loan, FOREVER, sender=alice))
    measure("draw_reserve", lambda: late(loan), lambda: stage.desk.draw_reserve(buffered, sender=bob))
    measure("declare_default", lambda: late(loan))
    measure("mark", lambda: stage.desk.mark(loan, 1_000, sender=carol))
    measure("liquidate", lambda: late(loan), lambda: stage.desk.liquidate(loan, sender=carol))
    measure(
        "resolve",
        lambda: late(loan),
        lambda: stage.desk.liquidate(loan, sender=carol),
        lambda: stage.counterparty.resolve(stage.desk, loan, stage.protocol.aid, 0, sender=bob),
    )
    measure("step_in", lambda: late(loan), lambda: stage.desk.step_in(loan, 12, 30, sender=carol))
    measure("checkpoint", lambda: stage.desk.checkpoint(sender=bob))
    figures |= _crowd(stage, people, vault)
    return figures


def _crowd(stage, people, vault):
    """What the book costs a depositor and itself with one deal, and with 120 that fall due on 120 days."""
    figures = {}
    small = replace(LOAN, principal=1_000 * WAD)
    with isolated():
        for i in range(DEALS):
            stage.funded(replace(small, interval=30 + i % 30), worth=10_000 * WAD)
            if i in (0, DEALS - 1):
                with isolated():
                    stage.at((stage.now // DAY + 1) * DAY + 100)
                    stage.desk.checkpoint(sender=people.bob)
                    name = f"credit.deposit_with_{i + 1}_deal" + "s" * (i > 0)
                    # one for the slots that a depositor warms
                    vault.deposit(1_000 * WAD, people.alice, sender=people.alice)
                    figures[name] = vault.deposit(1_000 * WAD, people.alice, sender=people.alice).gas_used
        stage.desk.checkpoint(sender=people.bob)
        now = stage.now
        for name, t in (("book_value", now), ("book_value_after_30_days", now + 30 * DAY)):
            ape.chain.pending_timestamp = t + 1
            figures[f"credit.{name}"] = execution(stage.desk.value_at.transact(t + 1, sender=people.bob))
    return figures


@pytest.fixture(scope="module", autouse=True)
def updated(measured):
    if UPDATE:
        table.update(measured)
    for name, gas in sorted(measured.items()):
        print(f"{name:32} {gas:>9,}")


def test_every_action__costs_what_the_table_says(measured):
    recorded = table.recorded()
    assert sorted(measured) == sorted(name for name in recorded if name.startswith("credit"))
    grown = {n: (g, recorded[n]) for n, g in measured.items() if g > recorded[n] * (1 + table.TOLERANCE)}
    assert not grown, f"grown by more than 1 %, run `make bench` if that is meant: {grown}"


@pytest.mark.parametrize(("name", "target"), sorted(credit_table.TARGETS.items()))
def test_action__stays_below_its_target(measured, name, target):
    assert measured[name] <= target


def test_deposit__costs_the_same_with_1_and_with_120_deals(measured):
    assert abs(measured["credit.deposit_with_120_deals"] - measured["credit.deposit_with_1_deal"]) <= 200
