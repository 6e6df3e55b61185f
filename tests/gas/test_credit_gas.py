"""Gas of the credit side (benchmarks/gas.md): funding, payments, enforcement, the value of the book."""

from __future__ import annotations

import os
from dataclasses import replace

import ape
import pytest

from tests.conftest import DAY, WAD
from tests.credit.stage import COVERAGE, FOREVER, LOAN, build
from tests.gas import credit_table, table
from tests.gas.table import execution
from tests.support.isolation import isolated

UPDATE = os.environ.get("AID_BENCH") == "update"
FINITE = 10**40
DEALS = 120


@pytest.fixture(scope="module")
def stage(protocol, project, people, usdc, usdc_feed, usdt_feed):
    stage = build(project, protocol, people, usdc, [usdc_feed, usdt_feed], auctions=True)
    stage.deals.set_limits((7_500, 13_500, 5_000, 5_000, False), sender=people.governor)
    for who in (people.alice, people.bob):
        usdc.approve(stage.desk, FINITE, sender=who)
        protocol.aid.approve(stage.desk, FINITE, sender=who)
    return stage


@pytest.fixture(scope="module")
def house(stage, project):
    """Where collateral is sold."""
    return project.CollateralAuction.at(stage.desk.auction())


@pytest.fixture(scope="module")
def measured(stage, house, project, people, vault):
    """Every action once, each from the same state."""
    figures: dict[str, int] = {}
    aid = stage.protocol.aid
    alice, bob, carol = people.alice, people.bob, people.carol
    for coin in (aid, stage.coin):
        coin.approve(house, FINITE, sender=alice)
    start = (stage.now // DAY + 2) * DAY
    # on the day before, so that due days count from `start` for all
    loan, paying, _ = (stage.funded(LOAN, at=start - 200 + 40 * i) for i in range(3))
    stage.at(start + 25 * DAY)
    # one deal has paid: its days, and all that payments touch, are in use
    stage.desk.pay(paying, stage.coin, 10**11, sender=alice)
    buffered = stage.funded(LOAN, reserve=50_000 * WAD, first_loss=50_000 * WAD)
    fresh, unfunded = (
        stage.approved(LOAN),
        stage.approved(LOAN, reserve=50_000 * WAD, first_loss=50_000 * WAD),
    )
    stage.funded(LOAN, at=start + 26 * DAY)
    # two offerings: one on sale, of which alice has a part, and one that has been paid
    selling, sold = (_offering(stage, project, people) for _ in range(2))
    selling.buy(10**23, 0, sender=alice)
    sold.buy(FOREVER, 0, sender=alice)
    sold.close(sender=alice)
    stage.desk.pay_aid(sold.DEAL(), 10**21, sender=alice)
    sold.claim(sender=alice)
    stage.desk.pay_aid(sold.DEAL(), 10**21, sender=alice)

    def measure(name, *steps):
        with isolated():
            for step in steps:
                receipt = step()
            figures[f"credit.{name}"] = receipt.gas_used
            return receipt

    def settled(at):
        """Cycles that have ended are not what an action costs."""
        stage.at(at)
        vault.sync(sender=bob)

    def late(deal):
        settled(start + 80 * DAY)
        return stage.desk.declare_default(deal, sender=bob)

    def on_time():
        return stage.at(start + 27 * DAY)

    receipt = stage.receipt(bob)
    measure("propose", lambda: stage.deals.propose(stage.proposal(LOAN, receipt), sender=bob))
    proposed = stage.proposed(LOAN)
    measure("approve", lambda: stage.deals.approve_deal(proposed, vault, sender=carol))
    measure("fund", lambda: stage.desk.fund(fresh, sender=carol))
    measure("fund_buffered", lambda: stage.desk.fund(unfunded, sender=carol))
    measure("pay", on_time, lambda: stage.desk.pay(loan, stage.coin, 10**11, sender=alice))
    measure("pay_aid", on_time, lambda: stage.desk.pay_aid(loan, 10**23, sender=alice))
    measure("pay_partial", on_time, lambda: stage.desk.pay_aid(loan, 10**21, sender=alice))
    measure("pay_off", on_time, lambda: stage.desk.pay_aid(loan, FOREVER, sender=alice))
    measure("draw_reserve", lambda: late(loan), lambda: stage.desk.draw_reserve(buffered, sender=bob))
    measure("declare_default", lambda: late(loan))
    measure("mark", lambda: stage.workout.mark(loan, 1_000, sender=carol))
    measure("liquidate", lambda: late(loan), lambda: stage.workout.liquidate(loan, sender=carol))

    def on_sale():
        late(loan)
        return stage.workout.liquidate(loan, sender=carol)

    def over():
        settled(house.auction(loan).ends_at + house.RESTART_WINDOW())
        return house.expire(loan, sender=bob)

    measure("bid", on_sale, lambda: house.bid(loan, stage.coin, FOREVER, sender=alice))
    measure("bid_in_aid", on_sale, lambda: house.bid(loan, aid, FOREVER, sender=alice))
    measure("expire", on_sale, over)
    measure("step_in", lambda: late(loan), lambda: stage.workout.step_in(loan, 12, 30, sender=carol))
    measure("checkpoint", lambda: stage.desk.checkpoint(sender=bob))
    measure("buy_shares", lambda: selling.buy(10**23, 10**23, sender=alice))
    measure("fund_offering", lambda: selling.buy(FOREVER, 0, sender=alice), lambda: selling.close(sender=bob))
    measure("pay_offering", on_time, lambda: stage.desk.pay_aid(sold.DEAL(), 10**21, sender=alice))
    measure("claim", lambda: sold.claim(sender=alice))
    figures |= _crowd(stage, people, vault)
    return figures


def _offering(stage, project, people):
    """A deal on sale to the public, which alice has approved to take her AID."""
    deal, p = stage.proposed(LOAN), stage.protocol
    parts = (p.roles, p.allowlist, p.aid, stage.deals, stage.desk)
    offering = people.governor.deploy(project.Offering, *parts, deal, 10**23, stage.now + 90 * DAY)
    stage.deals.approve_deal(deal, offering, sender=people.carol)
    stage.attest(COVERAGE, deal, 14_000)
    p.aid.approve(offering, FINITE, sender=people.alice)
    return offering


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
                    name = f"said.deposit_{i + 1}_deal" + "s" * (i > 0)
                    # one for the slots that a depositor warms
                    vault.deposit(1_000 * WAD, people.alice, sender=people.alice)
                    figures[name] = vault.deposit(1_000 * WAD, people.alice, sender=people.alice).gas_used
        # the first accrue until day 40, ten days after they are due, and some more stop each day until day 69
        ape.chain.pending_timestamp = (stage.now // DAY + 40) * DAY
        stage.desk.checkpoint(sender=people.bob)
        now = stage.now
        for name, t in (("book_value_1_day", now + DAY), ("book_value_30_days", now + 30 * DAY)):
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
    assert sorted(measured) == sorted(name for name in recorded if credit_table.is_credit(name))
    grown = {n: (g, recorded[n]) for n, g in measured.items() if g > recorded[n] * (1 + table.TOLERANCE)}
    assert not grown, f"grown by more than 1 %, run `make bench` if that is meant: {grown}"


@pytest.mark.parametrize(("name", "target"), sorted(credit_table.TARGETS.items()))
def test_action__stays_below_its_target(measured, name, target):
    assert measured[name] <= target


def test_deposit__costs_the_same_with_1_and_with_120_deals(measured):
    assert abs(measured["said.deposit_120_deals"] - measured["said.deposit_1_deal"]) <= 200
