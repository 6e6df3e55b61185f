"""What a servicer reads off a deal, against schedules worked out here."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest

from integrations.credit_model import Deal, Terms
from integrations.credit_model.serviced import ServicedDeal
from integrations.credit_model.takings import OnTime, Takings

DAY, WAD = 86_400, 10**18
START = 20_000  # Unix day
LOAN = Terms(principal=120_000 * WAD, rate_bps=1_200, instalments=4, interval=30, amortising=True)
SHARE = Terms(share_cost=90_000 * WAD, share_minimum=10_000 * WAD, share_instalments=9, share_interval=30)


def loan(reserve: int = 0) -> ServicedDeal:
    return ServicedDeal(Deal(LOAN, START * DAY, reserve))


def test_the_next_instalment_is_due_in_full_until_it_is_paid() -> None:
    deal = loan()
    interest = Fraction(120_000 * WAD * 1_200 * 30, 10_000 * 365)
    due = 30_000 * WAD + ceil(interest)
    assert deal.next_due() == (START + 30, due)
    assert deal.due((START + 29) * DAY) == 0
    assert deal.due((START + 30) * DAY) == due
    deal.pay((START + 30) * DAY, due - 1)
    assert deal.next_due() == (START + 30, 1)
    deal.pay((START + 31) * DAY, 1)
    assert deal.next_due() is not None
    assert deal.next_due()[0] == START + 60  # type: ignore[index]


def test_the_reserve_does_not_make_an_instalment_undue() -> None:
    assert loan(60_000 * WAD).due((START + 30) * DAY) == loan().due((START + 30) * DAY)


def test_totals_are_all_that_was_used() -> None:
    deal = loan(6_000 * WAD)
    came = 0
    for k in (1, 2, 3, 4):
        amount = deal.due((START + 30 * k) * DAY)
        flow = deal.pay((START + 30 * k) * DAY, amount + 5)
        came += flow.to_funder
        assert flow.used == flow.fee + flow.to_funder <= amount + 5
    assert deal.status == "closed"
    assert deal.to_borrower == 6_000 * WAD
    assert deal.debt.principal == 0
    interest = Fraction(sum((120_000, 90_000, 60_000, 30_000)) * WAD * 1_200 * 30, 10_000 * 365)
    assert abs(came - 120_000 * WAD - interest * Fraction(995, 1_200)) <= 20


def test_a_default_needs_grace_to_be_over() -> None:
    deal = loan()
    with pytest.raises(ValueError, match="not late"):
        deal.declare_default((START + 40) * DAY - 1)
    deal.declare_default((START + 40) * DAY)
    assert deal.status == "defaulted"


def test_a_deal_that_pays_on_time_never_loses_value_to_lateness() -> None:
    takings = Takings(vesting=7 * DAY)
    promised = OnTime(ServicedDeal(Deal(SHARE, START * DAY)), takings, receipt=12_000 * WAD)
    for day in range(START, START + 271, 9):
        carried = promised.value(day * DAY)
        assert carried == 90_000 * WAD * (START + 270 - day) // 270
    assert promised.deal.received == 9 * 12_000 * WAD
    assert promised.deal.status == "closed"


def test_gains_count_as_they_vest() -> None:
    takings = Takings(vesting=10)
    takings.add(100, 1_000, gain=400)
    assert [takings.vested(t) for t in (100, 105, 110, 200)] == [600, 800, 1_000, 1_000]
    takings.add(200, 0, gain=-100)
    assert [takings.vested(t) for t in (200, 205, 210)] == [1_100, 1_050, 1_000]
