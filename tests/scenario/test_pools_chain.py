"""Pools on the chain itself, against the same scenario in memory: event by event, and to the unit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.scenario.chain import ChainWorld
from integrations.scenario.loader import parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play

from .fake import FakeWorld

POOLS = """\
name: Pools
description: Everything that pools can do.
start: 2026-01-01
days: 12
stablecoins:
  USDC: {decimals: 6}
  USDT: {decimals: 6, style: usdt}
actors:
  alice: {kyc: true, balances: {USDC: 300_000, USDT: 50_000}}
  bob: {balances: {USDC: 5_000}}
  quill: {kyc: true, balances: {USDC: 50_000, USDT: 20_000}}
agents:
  arbitrageurs:
    - {who: quill, pools: [AID/USDC, AID/USDT, sAID/AID], every: 1h, min_profit: 1}
  traders:
    - {who: bob, pool: AID/USDC, every: 1d, size: 2_000, seed: 5}
timeline:
  - {day: 0, time: 09:00, do: mint, who: alice, coin: USDC, amount: 150_000}
  - {day: 0, time: 09:30, do: mint, who: alice, coin: USDT, amount: 20_000}
  - {day: 0, time: 10:00, do: mint, who: quill, coin: USDC, amount: 20_000}
  - {day: 1, do: create_pool, pool: AID/USDC, amplification: 50}
  - {day: 1, time: 01:00, do: add_liquidity, who: alice, pool: AID/USDC, amounts: {AID: 30_000, USDC: 30_000}}
  - {day: 1, time: 02:00, do: create_pool, pool: AID/USDT, amplification: 20, fee_bps: 1, offpeg: 5}
  - {day: 1, time: 03:00, do: add_liquidity, who: alice, pool: AID/USDT, amounts: {AID: 9_000, USDT: 9_000}}
  - {day: 1, time: 04:00, do: deposit, who: alice, amount: 40_000}
  - {day: 1, time: 05:00, do: create_pool, pool: sAID/AID, amplification: 20, offpeg: 5}
  - {day: 1, time: 06:00, do: add_liquidity, who: alice, pool: sAID/AID, amounts: {sAID: 20_000, AID: 20_000}}
  - {day: 2, time: 09:30, do: swap, who: bob, pool: AID/USDC, sell: USDC, amount: 9_000_000,
     expect: {revert: any}}
  - {day: 2, time: 10:30, do: swap, who: alice, pool: AID/USDC, sell: USDC, amount: 25_000}
  - {day: 3, time: 10:30, do: swap, who: alice, pool: AID/USDT, sell: AID, amount: 6_000.5}
  - {day: 4, time: 10:30, do: swap, who: alice, pool: sAID/AID, sell: AID, amount: 15_000}
  - {day: 5, do: swap, who: alice, pool: AID/USDC, sell: AID, amount: 10, min_out: 11,
     expect: {revert: min out}}
  - {day: 6, do: add_liquidity, who: alice, pool: AID/USDC, amounts: {AID: 1_234.567}}
  - {day: 7, do: remove_liquidity, who: alice, pool: AID/USDC, amount: 10_000, only: USDC}
  - {day: 8, do: remove_liquidity, who: alice, pool: AID/USDT, amount: 3_000}
  - {day: 9, do: arbitrage, who: alice, pool: AID/USDC, min_profit: 1_000, expect: {says: nothing}}
"""


@pytest.fixture(scope="module")
def on_chain() -> Iterator[Report]:
    loaded = parse_scenario(POOLS)
    world = ChainWorld(loaded)
    yield play(loaded, world)
    world.close()


@pytest.fixture(scope="module")
def in_memory() -> Report:
    loaded = parse_scenario(POOLS)
    return play(loaded, FakeWorld(loaded))


def test_every_invariant_of_pools_holds_and_was_looked_at(on_chain: Report) -> None:
    assert on_chain.passed, [(one.name, one.details) for one in on_chain.invariants if one.violated]
    assert all(one.checked > 20 for one in on_chain.invariants if "pool" in one.name)


def test_everything_goes_as_in_memory(on_chain: Report, in_memory: Report) -> None:
    def told(report: Report) -> list[tuple[object, ...]]:
        return [(one.time, one.do, one.who, one.text, one.by) for one in report.events]

    assert told(on_chain) == told(in_memory)
    assert {one.by for one in on_chain.events} == {"timeline", "arbitrageur", "traffic"}


def test_pools_and_liquidity_are_the_same_to_the_unit(on_chain: Report, in_memory: Report) -> None:
    assert on_chain.samples[-1].pools == in_memory.samples[-1].pools
    assert on_chain.liquidity == in_memory.liquidity
    assert [actor.last for actor in on_chain.actors] == [actor.last for actor in in_memory.actors]


def test_pools_hold_aid_that_somebody_must_hold(on_chain: Report) -> None:
    holders = on_chain.months[-1].aid_holders
    assert holders["pool AID/USDC"] == on_chain.samples[-1].pools["AID/USDC"].held["AID"] > 0
    assert sum(holders.values()) == on_chain.samples[-1].backing.supply


def test_the_arbitrageur_gains(on_chain: Report) -> None:
    (quill,) = (actor for actor in on_chain.actors if actor.name == "quill")
    trades = {one.given["pool"] for one in on_chain.events if one.by == "arbitrageur"}
    assert trades == {"AID/USDC", "AID/USDT", "sAID/AID"}
    assert quill.profit > 0
