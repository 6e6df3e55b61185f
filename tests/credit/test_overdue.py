"""RC3: delay never pays, by totals and by the funder's present value; in the model, and on chain."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.credit_model import Deal, Status, Terms, table
from integrations.credit_model.legs import DAY
from tests.conftest import LONG, WAD
from tests.support.deal_terms import FOREVER, LOAN, MILLION, SHARE

EXAMPLES = 400 if LONG else 60
START = 20_000 * DAY
#: Three years at 30 %, principal at the end.
LONG_BULLET = Terms(principal=MILLION, rate_bps=3_000, instalments=36, interval=30)


def worth(terms, flows):
    """Present value at the deal's rate: simple within an interval, compounded at due days; at the start."""
    rate = Fraction(terms.rate_bps, 10_000)
    period = 1 + rate * terms.interval / 365
    last = START + term(terms)
    end = max(last, *(t for t, _ in flows))
    due, after = Fraction(0), Fraction(0)  # as of the last due day, and of the last payment
    for t, amount in flows:
        if t >= last:
            after += amount * (1 + rate * Fraction(end - t, 365 * DAY))
            continue
        whole, rest = divmod(t - START, terms.interval * DAY)
        grown = amount * (1 + rate * Fraction(terms.interval * DAY - rest, 365 * DAY))
        due += grown * period ** (terms.instalments - whole - 1)
    return (due + after / (1 + rate * Fraction(end - last, 365 * DAY))) / period**terms.instalments


def term(terms):
    return terms.instalments * terms.interval * DAY


def lives(terms, delays):
    """Pay each scheduled amount so late, and at last all that is owed: total, and what the funder gets."""
    deal = Deal(terms, START)
    total, flows, before = 0, [], 0
    for line, delay in zip(table(terms), delays, strict=True):
        t = START + line.day * DAY + delay
        last = line.number == terms.instalments
        amount = deal.owed(t) if last else line.due - before
        before = line.due
        outcome = deal.pay(t, amount)
        total += outcome.used
        flows.append((t, outcome.to_funder))
    assert deal.status is Status.CLOSED
    return total, flows


def test_a_bullet__with_every_instalment_39_days_late__costs_more_than_on_time():
    on_time, _ = lives(LONG_BULLET, [0] * 36)
    # an instalment is 30 days: 39 days late is after the next due day
    late, _ = lives(LONG_BULLET, [39 * DAY] * 36)
    assert abs(on_time - 1_887_671 * WAD) < 1_000 * WAD
    assert late > on_time + 38_000 * WAD


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_delay__of_any_instalments__costs_the_borrower_more_and_the_funder_nothing(data):
    rate = data.draw(st.integers(100, 5_000))
    interval = data.draw(st.integers(7, 92))
    count = data.draw(st.integers(-(-90 // interval), min(1_095 // interval, 14)))
    terms = Terms(
        principal=MILLION,
        rate_bps=rate,
        instalments=count,
        interval=interval,
        amortising=data.draw(st.booleans()),
        management_bps=data.draw(st.sampled_from([0, 25, 50])),
        performance_bps=data.draw(st.sampled_from([0, 1_500, 3_000])),
    )
    longest = data.draw(st.sampled_from([interval, 3 * interval, 200])) * DAY
    delays = data.draw(st.lists(st.integers(0, longest), min_size=count, max_size=count))
    # payments come in order
    for k in range(1, count):
        delays[k] = max(delays[k], delays[k - 1] - interval * DAY)
    on_time, best = lives(terms, [0] * count)
    total, flows = lives(terms, delays)
    dust = 40 * count
    assert total >= on_time - dust
    assert worth(terms, flows) >= worth(terms, best) - dust
    # and a day more of the last costs more again
    delays[-1] += DAY
    assert lives(terms, delays)[0] >= total


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_missing_minimums__later_receipts_of_a_share__never_cost_less(data):
    count = SHARE.share_instalments
    delays = data.draw(st.lists(st.integers(0, 90 * DAY), min_size=count, max_size=count))

    def total(delays):
        deal, paid = Deal(SHARE, START), 0
        seconds = sorted(START + (k + 1) * 30 * DAY + delay for k, delay in enumerate(delays))
        for t in seconds[:-1]:
            paid += deal.pay(t, SHARE.share_minimum).used
        t = max(seconds[-1], START + 300 * DAY)
        return paid + deal.pay(t, deal.missing(t)).used

    later = list(delays)
    later[data.draw(st.integers(0, count - 1))] += data.draw(st.integers(1, 60)) * DAY
    assert SHARE.share_minimum * count <= total(delays) <= total(later) + 3 * count


# on chain


def test_touches_of_a_late_deal__by_a_stranger__compound_nothing(stage, alice, mallory):
    stage.protocol.aid.transfer(mallory, WAD, sender=alice)
    stage.protocol.aid.approve(stage.desk, FOREVER, sender=mallory)
    deal = stage.funded(LOAN)
    start = stage.state(deal).start
    model = Deal(LOAN, stage.now)
    for days in range(41, 59, 3):
        stage.at((start + days) * DAY + 1)
        stage.desk.pay_aid(deal, 1, sender=mallory)
    stage.at((start + 75) * DAY)
    stage.desk.pay_aid(deal, 1, sender=mallory)
    assert abs(stage.desk.owed(deal) - model.owed(stage.now)) <= 50


def test_cure__is_the_scheduled_amount__and_the_interest_on_it_falls_due_with_the_next(stage, alice, mallory):
    deal = stage.funded(LOAN)
    start = stage.state(deal).start
    first, second = (line.due for line in table(LOAN)[:2])
    stage.at((start + 45) * DAY)
    stage.desk.declare_default(deal, sender=mallory)
    stage.desk.pay_aid(deal, first, sender=alice)
    assert stage.desk.status(deal) == Status.PERFORMING.value
    stage.at((start + 65) * DAY)
    stage.desk.pay_aid(deal, second - first, sender=alice)
    # the second is not covered without the interest on the first, of fifteen days
    assert stage.state(deal).stop == start + 70
    interest = -(-first * 1_800 * 15 // (10_000 * 365))
    stage.desk.pay_aid(deal, interest + WAD, sender=alice)
    assert stage.state(deal).stop == start + 100
    stage.check()


@pytest.mark.parametrize("short", [1, WAD])
def test_last_due_day__only_owing_nothing_cures(stage, alice, mallory, short):
    terms = replace(LOAN, amortising=False, instalments=3)
    deal = stage.funded(terms)
    start = stage.state(deal).start
    stage.at((start + 110) * DAY)
    stage.desk.declare_default(deal, sender=mallory)
    stage.desk.pay_aid(deal, stage.desk.owed(deal) - short, sender=alice)
    assert stage.desk.status(deal) == Status.DEFAULTED.value
    stage.desk.pay_aid(deal, FOREVER, sender=alice)
    assert stage.desk.status(deal) == Status.CLOSED.value
