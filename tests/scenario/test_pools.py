"""Pools in scenarios: what the events do, who trades by himself, what the accounts and invariants say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from typing_extensions import override

from integrations.scenario.loader import LoadedScenario, ScenarioError, parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, WAD
from integrations.scenario.world import Snapshot

from .conftest import HEAD, small
from .fake import FakeWorld

Play = Callable[..., Report]
Load = Callable[..., LoadedScenario]

USD = 10**6
MINT = "day: 1, do: mint, who: alice, coin: USDC, amount: 400_000"
CREATE = "day: 2, do: create_pool, pool: AID/USDC, amplification: 50"
SEED = "day: 2, do: add_liquidity, who: alice, pool: AID/USDC, amounts: {AID: 100_000, USDC: 100_000}"
POOL = (MINT, CREATE, SEED)


def with_agents(agents: str, *events: str) -> LoadedScenario:
    head, _ = HEAD.split("timeline:")
    body = small(*events).split("timeline:")[1]
    return parse_scenario(f"{head}agents: {agents}\ntimeline:{body}", "small.yaml")


def violated(report: Report) -> set[str]:
    return {one.name for one in report.invariants if one.violated}


def test_the_first_deposit_locks_a_little_and_the_pool_stands_at_par(play_events: Play) -> None:
    report = play_events(*POOL)
    pool = report.samples[-1].pools["AID/USDC"]
    assert pool.balances == {"AID": 100_000 * WAD, "USDC": 100_000 * USD}
    assert (pool.shares, pool.share_value, pool.price) == (200_000 * WAD, WAD, WAD)
    assert report.actors[0].last.liquidity == {"AID/USDC": 200_000 * WAD - 10**15}
    assert report.passed


def test_who_passes_no_kyc_swaps_all_the_same(play_events: Play) -> None:
    report = play_events(*POOL, "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 1_000")
    bob = report.actors[1].last
    swap = report.events[-1]
    assert swap.flows == {"swapped": 1_000 * WAD}
    assert bob.coins["USDC"] == 0
    # 4 bps, and two of impact
    assert 999_300 < bob.aid * 1_000 // WAD < 999_500
    assert report.passed


def test_a_swap_for_less_than_accepted_is_refused(play_events: Play) -> None:
    report = play_events(
        *POOL,
        "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 1_000, min_out: 1_000, "
        "expect: {revert: min out}",
    )
    assert report.passed
    assert report.actors[1].last.coins["USDC"] == 1_000 * USD


def test_liquidity_is_accounted_against_having_held(play_events: Play) -> None:
    report = play_events(
        *POOL,
        "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 1_000",
        "day: 3, time: 12:00, do: swap, who: bob, pool: AID/USDC, sell: AID, amount: all",
        "day: 4, do: remove_liquidity, who: alice, pool: AID/USDC, amount: 50_000",
    )
    (record,) = report.liquidity
    assert record.deposited == {"AID": 100_000 * WAD, "USDC": 100_000 * USD}
    assert 24_990 * WAD < record.withdrawn["AID"] < 25_010 * WAD
    assert 24_990 * USD < record.withdrawn["USDC"] < 25_010 * USD
    # two swaps of a thousand, 4 bps, half of which is the protocol's, nothing else
    fees = 2_000 * WAD * 4 // 10_000 // 2
    assert abs(record.gain - fees) < fees // 20
    assert abs(record.growth * 150_000 - fees * 3 // 4) < fees // 20
    assert report.months[0].flows["liquidity added"] == 200_000 * WAD


def test_wealth_counts_liquidity_at_its_part_of_the_pool(play_events: Play) -> None:
    report = play_events(*POOL)
    alice = report.actors[0]
    # the mint's fee, and what the pool locks for good
    assert alice.profit == -400 * WAD - 10**15


ARBITRAGE = "{arbitrageurs: [{who: alice, pools: [AID/USDC], every: 1h, min_profit: 5}]}"
PUSH = "day: 3, do: swap, who: alice, pool: AID/USDC, sell: USDC, amount: 60_000"
PULL = "day: 3, do: swap, who: alice, pool: AID/USDC, sell: AID, amount: 60_000"


@pytest.mark.parametrize(
    ("push", "flow", "low", "high"), [(PUSH, "minted", 11, 16), (PULL, "redeemed", -21, -16)]
)
def test_an_arbitrageur_brings_the_pool_back_to_the_gateways_price(
    push: str, flow: str, low: int, high: int
) -> None:
    loaded = with_agents(ARBITRAGE, *POOL, push)
    report = play(loaded, FakeWorld(loaded))
    (trade,) = (event for event in report.events if event.by == "arbitrageur")
    assert trade.time == report.scenario.start_time + 3 * DAY
    assert trade.flows[flow] > 40_000 * WAD
    price = report.samples[-1].pools["AID/USDC"].price
    assert low * WAD // 10_000 < price - WAD < high * WAD // 10_000
    assert report.passed, violated(report)


def test_in_deficit_mode_an_arbitrageur_takes_baskets(play_events: Play) -> None:
    loaded = with_agents(
        ARBITRAGE,
        *POOL,
        "day: 2, time: 06:00, do: mint, who: alice, coin: USDT, amount: 1_000",
        "day: 2, time: 12:00, do: allocate, vault: TBILL, amount: 100_000",
        "day: 3, do: set_price, coin: USDC, price: 0.9",
        "day: 3, time: 00:30, do: swap, who: alice, pool: AID/USDC, sell: AID, amount: 60_000",
    )
    report = play(loaded, FakeWorld(loaded))
    trades = [event for event in report.events if event.by == "arbitrageur"]
    assert trades
    assert all(event.text.split(": gains")[0].endswith("a basket") for event in trades)
    assert report.passed, violated(report)


def test_an_arbitrageur_makes_shares_where_the_pool_is_dearer() -> None:
    loaded = with_agents(
        "{arbitrageurs: [{who: alice, pools: [sAID/AID], every: 6h, min_profit: 5}]}",
        MINT,
        "day: 2, do: deposit, who: alice, amount: 100_000",
        "day: 2, do: create_pool, pool: sAID/AID, amplification: 50, offpeg: 5",
        "day: 2, do: add_liquidity, who: alice, pool: sAID/AID, amounts: {sAID: 50_000, AID: 50_000}",
        "day: 3, do: swap, who: alice, pool: sAID/AID, sell: AID, amount: 30_000",
        "day: 9, do: swap, who: alice, pool: sAID/AID, sell: sAID, amount: 50_000",
    )
    report = play(loaded, FakeWorld(loaded))
    (trade,) = (event for event in report.events if event.by == "arbitrageur")
    assert trade.flows["deposited"] > 10_000 * WAD
    assert trade.day == 3
    # a discount is left alone: it cannot be redeemed before its cycle ends
    assert report.samples[-1].pools["sAID/AID"].price < 99 * WAD // 100
    assert report.passed, violated(report)


def test_an_arbitrage_of_the_timeline_may_find_nothing(play_events: Play) -> None:
    report = play_events(*POOL, "day: 3, do: arbitrage, who: alice, pool: AID/USDC, expect: {says: nothing}")
    assert report.passed


def test_traffic_is_the_same_every_time_and_keeps_to_its_size() -> None:
    terms = "{traders: [{who: bob, pool: AID/USDC, every: 1d, size: 500, seed: 3}]}"
    loaded = with_agents(terms, *POOL)
    first, second = (play(loaded, FakeWorld(loaded)) for _ in range(2))
    swaps = [event for event in first.events if event.by == "traffic"]
    assert [event.text for event in swaps] == [e.text for e in second.events if e.by == "traffic"]
    assert len(swaps) == 58
    assert all(event.flows["swapped"] <= 500 * WAD for event in swaps)
    assert {event.given["sell"] for event in swaps} == {"AID", "USDC"}
    assert first.samples[-1].pools["AID/USDC"].share_value > WAD
    assert first.passed


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            ["day: 1, do: create_pool, pool: AID/DAI"],
            'timeline[0].pool: expected two of AID, sAID, USDC, USDT with a slash between, got "AID/DAI"',
        ),
        ([CREATE, CREATE], 'timeline[0].pool: expected each pool once, got "AID/USDC" again'),
        (
            [SEED],
            'timeline[0].pool: unknown pool "AID/USDC", none is declared',
        ),
        (
            [CREATE, "day: 3, do: swap, who: bob, pool: AID/USDT, sell: AID, amount: 1"],
            'timeline[1].pool: unknown pool "AID/USDT", did you mean "AID/USDC"?',
        ),
        (
            [CREATE, "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDT, amount: 1"],
            'timeline[1].sell: expected one of AID, USDC, got "USDT"',
        ),
        (
            [CREATE, "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 1.0000001"],
            'timeline[1].amount: expected at most 6 decimals for USDC, got "1.0000001"',
        ),
        (
            [CREATE, "day: 3, do: add_liquidity, who: bob, pool: AID/USDC, amounts: {USDC: 1.0000001}"],
            'timeline[1].amounts: expected at most 6 decimals for USDC, got "1.0000001"',
        ),
        (
            [CREATE, "day: 3, do: add_liquidity, who: bob, pool: AID/USDC, amounts: {sAID: 1}"],
            'timeline[1].amounts: expected one of AID, USDC, got "sAID"',
        ),
        (
            [CREATE, "day: 3, do: remove_liquidity, who: bob, pool: AID/USDC, amount: all, only: sAID"],
            'timeline[1].only: expected one of AID, USDC, got "sAID"',
        ),
        (
            ["day: 1, do: create_pool, pool: AID/USDC, fee_bps: 101"],
            'timeline[0].fee_bps: expected at most 100, got "101"',
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_field(events: list[str], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(small(*events), "small.yaml")
    assert said in str(error.value)


def test_agents_name_known_actors_and_pools() -> None:
    with pytest.raises(ScenarioError) as error:
        with_agents("{arbitrageurs: [{who: eve, pools: [AID/USDT], every: 1h}]}", *POOL)
    assert 'agents.arbitrageurs[0].who: unknown actor "eve"' in str(error.value)
    assert 'agents.arbitrageurs[0].pools: unknown pool "AID/USDT"' in str(error.value)
    with pytest.raises(ScenarioError, match=r"agents.traders\[0\].every: expected a duration such as"):
        with_agents("{traders: [{who: bob, pool: AID/USDC, every: 0d, size: 5}]}", *POOL)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"held": {"AID": 0, "USDC": 100_000 * USD}}, "every pool holds what it owes"),
        ({"share_value": WAD - 1}, "the value of a pool's share falls only with sAID's"),
    ],
)
def test_a_pool_out_of_place_is_found(load: Load, change: dict[str, object], found: str) -> None:
    class Off(FakeWorld):
        @override
        def snapshot(self) -> Snapshot:
            honest = super().snapshot()
            if self.time < self.start + 10 * DAY:
                return honest
            return replace(honest, pools={"AID/USDC": replace(honest.pools["AID/USDC"], **change)})

    loaded = load(*POOL)
    assert play(loaded, FakeWorld(loaded)).passed
    assert found in violated(play(loaded, Off(loaded)))


def test_a_pool_that_pays_less_than_it_quotes_is_found(load: Load) -> None:
    class Mean(FakeWorld):
        @override
        def venue(self, name):
            pool = super().venue(name)
            swap = pool.swap

            def less(account, quote, *rest):
                fill = swap(account, quote, *rest)
                return replace(fill, received={quote.buy: fill.received[quote.buy] - 1})

            pool.swap = less
            return pool

    loaded = load(*POOL, "day: 3, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 1_000")
    assert violated(play(loaded, Mean(loaded))) == {"pools and venues pay what they have quoted"}
