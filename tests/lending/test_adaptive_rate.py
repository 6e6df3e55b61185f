"""The rate model: its contract against the package's integers to the wei, and both against calculus."""

from math import exp

import ape
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.venues import MarketParams
from integrations.venues.lending_math import (
    INITIAL,
    LEAST_RATE,
    MOST_RATE,
    YEAR,
    adaptive_rates,
    exponential,
)
from tests.conftest import DAY, WAD
from tests.lending.conftest import travel

ZERO = "0x" + "00" * 20
PARAMS = MarketParams(ZERO, ZERO, ZERO, ZERO, 86 * WAD // 100)


@pytest.fixture(scope="module")
def rates(project, governor):
    """A model whose lending contract is the governor's account."""
    return governor.deploy(project.AdaptiveRate, governor)


def market(supplied, owed, time):
    return (supplied, 0, owed, 0, time, 0)


def head():
    return int(ape.chain.blocks.head.timestamp)


def test_first_rate__is_four_per_cent_at_target(rates, governor):
    rates.borrowRate(tuple(PARAMS), market(0, 0, head()), sender=governor)
    assert rates.rateAtTarget(PARAMS.id) == INITIAL == 4 * 10**16 // YEAR
    at_target = rates.borrowRateView(tuple(PARAMS), market(100 * WAD, 90 * WAD, head()))
    assert at_target == pytest.approx(0.04 * WAD / YEAR, rel=1e-9)


def test_rate__runs_from_a_quarter_to_four_times_that_at_target(rates, governor):
    rates.borrowRate(tuple(PARAMS), market(0, 0, head()), sender=governor)
    for owed, times in ((0, 0.25), (45, 0.625), (90, 1), (95, 2.5), (100, 4)):
        told = rates.borrowRateView(tuple(PARAMS), market(100, owed, head()))
        assert told == pytest.approx(times * 0.04 * WAD / YEAR, rel=1e-8)


def test_rate__over_a_history__is_the_models_to_the_wei(rates, governor):
    at_target, last = 0, head()
    for owed, seconds in (
        (0, 60),
        (95, 3_600),
        (100, 30 * DAY),
        (12, DAY),
        (90, DAY),
        (0, 400 * DAY),
        (89, 7),
    ):
        travel(seconds)
        state = market(100 * WAD, owed * WAD, last)
        tx = rates.borrowRate(tuple(PARAMS), state, sender=governor)
        passed = tx.timestamp - last
        average, at_target = adaptive_rates(owed * WAD // 100, at_target, passed)
        assert tx.events == [
            rates.BorrowRateUpdate(id=PARAMS.id, avgBorrowRate=average, rateAtTarget=at_target)
        ]
        assert rates.rateAtTarget(PARAMS.id) == at_target
        last = tx.timestamp


def test_rate__moved_by_somebody_else__is_refused(rates, mallory):
    with ape.reverts("not morpho"):
        rates.borrowRate(tuple(PARAMS), market(100, 100, head()), sender=mallory)


def test_deploy__without_a_lending_contract__is_refused(project, governor):
    with ape.reverts("zero address"):
        governor.deploy(project.AdaptiveRate, ZERO)


@given(st.integers(-41 * WAD, 90 * WAD))
def test_exponential__is_eulers_within_a_per_cent(x):
    assert exponential(x) == pytest.approx(exp(x / WAD) * WAD, rel=0.008, abs=1)


@given(st.integers(0, WAD), st.integers(LEAST_RATE, MOST_RATE), st.integers(0, YEAR))
def test_rates__keep_their_bounds_and_lie_between_start_and_end(utilisation, start, seconds):
    average, end = adaptive_rates(utilisation, start, seconds)
    assert LEAST_RATE <= end <= MOST_RATE
    assert (end - start) * (utilisation - 9 * WAD // 10) >= 0
    low, high = sorted((start, end))
    error = (utilisation / WAD - 0.9) / (0.1 if utilisation > 0.9 * WAD else 0.9)
    factor = 1 + (3 if error > 0 else 0.75) * error
    assert low * factor * (1 - 1e-9) - 2 <= average <= high * factor * (1 + 1e-9) + 2


def test_rate_at_target__at_full_use__doubles_in_five_days():
    _, end = adaptive_rates(WAD, INITIAL, 5 * DAY)
    assert end / INITIAL == pytest.approx(exp(50 * 5 / 365), rel=0.008)
    assert 1.9 < end / INITIAL < 2.05
