"""Forecasts of positions against reckonings of another kind: closed forms, decimals, and what was swapped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, exp, log

import pytest

from integrations.scenario.deal_book import DealBook
from integrations.scenario.forecasts import (
    Entrance,
    LoopPlan,
    debt_later,
    expected_nav,
    expected_volume,
    free_collateral,
    growth_a_year,
    plan_loop,
    range_fees,
    yield_of_yt,
)
from integrations.scenario.loader import LoadedScenario, parse_scenario
from integrations.scenario.model import Traders
from integrations.scenario.units import DAY, WAD
from integrations.scenario.world import Snapshot
from integrations.venues.lending_math import LendingState, Pot

from .conftest import HEAD
from .fake import FakeWorld

YEAR = 365 * DAY
K = 1_000 * WAD
PRICE = 10**36
LLTV = 86 * WAD // 100

DEAL = HEAD.replace("price_paths:", "portfolio: {kind: deals}\nprice_paths:").replace(
    "timeline:\n",
    """\
deals:
  loan: {borrower: bob, structure: debt, collateral: {model: H200, units: 8, site: Oslo}, coin: USDC,
         principal: 100_000, rate_bps: 2_000, instalments: 4, interval: 30, amortising: false}
timeline:
""",
)


@pytest.fixture
def staked(load: Callable[..., LoadedScenario]) -> Callable[[], tuple[LoadedScenario, Snapshot]]:
    """A million staked at the start, and half of what was paid for it in T-bills (4.5 % a year)."""

    def make() -> tuple[LoadedScenario, Snapshot]:
        loaded = load("day: 1, do: sync")
        world = FakeWorld(loaded)
        world.mint("alice", "USDC", 1_000_000 * 10**6, 0)
        world.deposit("alice", 999_000 * WAD, 0)
        world.allocate("TBILL", 500_000 * 10**6)
        return loaded, world.snapshot()

    return make


def test_expected_nav__of_t_bills_alone__is_their_rate_on_what_is_staked(staked) -> None:
    loaded, now = staked()
    later = expected_nav(now, loaded.scenario, DealBook(loaded.scenario), now.time + YEAR // 2)
    assert later / WAD == pytest.approx(1 + 500_000 * 0.045 / 2 / 999_000, rel=1e-12)


def test_expected_nav__counts_what_has_not_vested_yet(staked) -> None:
    loaded, now = staked()
    vesting = replace(now, vaults={}, staking=replace(now.staking, unvested=9_990 * WAD))
    later = expected_nav(vesting, loaded.scenario, DealBook(loaded.scenario), now.time + 30 * DAY)
    assert later == now.staking.price_exit * 101 // 100


def test_expected_nav__of_a_deal__is_its_net_rate_until_the_first_instalment(staked) -> None:
    _, now = staked()
    loaded = parse_scenario(DEAL + "  - {day: 1, do: sync}\n", "deal.yaml")
    book = DealBook(loaded.scenario)
    book.fund("loan", now.time)
    plain = replace(now, vaults={})
    later = expected_nav(plain, loaded.scenario, book, now.time + 20 * DAY)
    # 20 % a year, less 15 % of it and a quarter of a per cent
    earned = 100_000 * (0.20 * 0.85 - 0.0025) * 20 / 365
    assert later / WAD == pytest.approx(1 + earned / 999_000, rel=1e-9)


def test_expected_nav__after_a_deals_last_instalment__grows_no_more(staked) -> None:
    _, now = staked()
    loaded = parse_scenario(DEAL + "  - {day: 1, do: sync}\n", "deal.yaml")
    book = DealBook(loaded.scenario)
    book.fund("loan", now.time)
    plain = replace(now, vaults={})
    at_end, later = (expected_nav(plain, loaded.scenario, book, now.time + days * DAY) for days in (120, 300))
    assert at_end == later
    assert later / WAD == pytest.approx(1 + 100_000 * 0.1675 * 120 / 365 / 999_000, rel=1e-5)


def test_expected_volume__is_visits_times_the_mean_size() -> None:
    daily = Traders(who="bob", pool="AID/USDC v3", every="1d", size=10_000)
    weekly = Traders(who="bob", pool="AID/USDC v3", every="7d", size=3_000)
    elsewhere = Traders(who="bob", pool="AID/USDC", every="1d", size=10**6)
    # days 4 … 20 for the one, 7 and 14 for the other; sizes are 5 to 100 %, each as likely
    volume = expected_volume([daily, weekly, elsewhere], "AID/USDC v3", 3 * DAY + 1, 20 * DAY)
    mean = sum(range(5, 101)) / 96 / 100
    assert volume / WAD == pytest.approx(mean * (17 * 10_000 + 2 * 3_000), rel=1e-12)


@pytest.mark.parametrize(("mine", "others", "part"), [(1, 0, 1.0), (10, 30, 0.25), (0, 5, 0.0)])
def test_range_fees__are_the_pools_fee_by_share_of_liquidity(mine: int, others: int, part: float) -> None:
    assert range_fees(2_000_000 * WAD, 100, mine, others) / WAD == pytest.approx(200 * part)


@pytest.mark.parametrize("growth", [0.0, 0.001, 0.03, 0.4])
def test_yield_of_yt__is_the_rise_of_the_index_less_pendles_part(growth: float) -> None:
    index = 1_037 * WAD // 1_000
    nav = index + int(growth * index)
    shares = 10_000 * (Fraction(WAD, index) - Fraction(WAD, nav)) * Fraction(97, 100)
    exact = shares * nav / WAD
    assert yield_of_yt(10_000 * WAD, index, nav, 3 * WAD // 100) / WAD == pytest.approx(
        float(exact), abs=1e-15
    )


def test_yield_of_yt__below_the_index__is_nothing() -> None:
    assert yield_of_yt(10_000 * WAD, WAD, WAD - 1, 0) == 0


def plan(ltv_bps: int = 7_000, supplied: int = 200 * K, price: int = PRICE) -> LoopPlan:
    state = LendingState(Pot(supplied, supplied * 10**6), Pot(0, 0), 0)
    return plan_loop(30 * K, ltv_bps * WAD // 10_000, LLTV, price, state, lambda aid: aid * PRICE // price)


@pytest.mark.parametrize("ltv_bps", [1_000, 5_000, 7_000, 8_300])
def test_plan_loop__ends_at_its_target(ltv_bps: int) -> None:
    found, ltv = plan(ltv_bps), ltv_bps / 10_000
    # what is pledged is equity and debt: E + D, with D = t·(E + D)
    assert found.collateral / WAD == pytest.approx(30_000 / (1 - ltv), rel=1e-12)
    assert found.debt / WAD == pytest.approx(30_000 * ltv / (1 - ltv), rel=1e-12)


def test_plan_loop__never_comes_near_the_threshold_on_the_way() -> None:
    found, collateral, debt = plan(8_300), 30 * K, 0
    for turn in found.rounds:
        debt += turn.borrow
        assert debt <= collateral * 86 * 98 // 10_000
        collateral += turn.shares
    # n turns at q of the collateral reach a debt of q·(1 − qⁿ)/(1 − q); 83 % of equity and debt are 0.83/0.17
    q = 0.86 * 0.98
    assert len(found.rounds) == ceil(log(1 - 0.83 / 0.17 * (1 - q) / q) / log(q))


def test_plan_loop__at_another_price__borrows_by_value() -> None:
    found = plan(price=2 * PRICE)
    assert found.debt / WAD == pytest.approx(2 * 30_000 * 0.7 / 0.3, rel=1e-12)
    assert found.collateral / WAD == pytest.approx(30_000 / 0.3, rel=1e-12)


def test_debt_later__is_the_adaptive_curve() -> None:
    found = plan(supplied=100 * K)
    utilisation = found.debt / (100 * K)
    error = (utilisation - 0.9) / 0.9
    seconds = 30 * DAY
    # the rate at target moves by e^(50·error·years) from 4 %; below it, borrowers pay 1 + 0.75·error of it
    moved = [0.04 * exp(50 * error * seconds * part / YEAR) for part in (0, 0.5, 1)]
    rate = (1 + 0.75 * error) * (moved[0] + 2 * moved[1] + moved[2]) / 4
    owed = found.debt * exp(rate * seconds / YEAR)
    assert debt_later(found, seconds) == pytest.approx(owed, rel=1e-4)
    assert debt_later(found, seconds) > found.debt


def test_free_collateral__leaves_the_position_close_below_its_threshold() -> None:
    free = free_collateral(100 * K, 70 * K, PRICE, LLTV)
    left = 100 * K - free
    assert 70 * K / left == pytest.approx(0.86 * 0.98, rel=1e-12)
    assert free_collateral(100 * K, 0, PRICE, LLTV) == 100 * K
    assert free_collateral(100 * K, 90 * K, PRICE, LLTV) == 0


def test_entrance__one_deposit_after_the_other__is_what_the_vault_mints(staked) -> None:
    loaded, _ = staked()
    world = FakeWorld(loaded)
    world.mint("alice", "USDC", 900_000 * 10**6, 0)
    world.deposit("alice", 100_000 * WAD + 7, 0)
    world.harvest(None)
    world.travel_to(world.now() + 3 * DAY)
    vault = Entrance.of(world.snapshot())
    for aid in (1, 12_345 * WAD + 678, 3 * WAD):
        assert vault.deposit(aid) == world.deposit("alice", aid, 0)


def test_growth_a_year__is_on_a_simple_base() -> None:
    assert growth_a_year(200 * WAD, 210 * WAD, YEAR // 4) == 20 * WAD // 100
    assert growth_a_year(200 * WAD, 190 * WAD, YEAR) == -5 * WAD // 100
    assert growth_a_year(0, 1, YEAR) == growth_a_year(1, 2, 0) == 0
