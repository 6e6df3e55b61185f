"""A month on the chain itself, against numbers worked out here."""

from __future__ import annotations

from collections.abc import Iterator

import ape
import pytest

from integrations.scenario.chain import ChainWorld
from integrations.scenario.loader import parse_scenario
from integrations.scenario.report import EventRecord, Report
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, HOUR, WAD
from integrations.scenario.world import Reverted
from tests.conftest import NETWORK

USD = 10**6
VIRTUAL = 10**6
YEAR = 365 * DAY
START = 1_767_225_600  # 2026-01-01

MONTH = """\
name: A month
description: Something of everything.
start: 2026-01-01
days: 31
stablecoins:
  USDC: {decimals: 6}
  USDT: {decimals: 6, style: usdt}
reserve:
  vaults:
    TBILL: {coin: USDC, rate_bps: 450}
actors:
  alice: {kyc: true, balances: {USDC: 200_000, USDT: 20_000}}
  bob: {balances: {USDC: 1_000}}
  carol: {}
timeline:
  - {day: 0, time: 09:00, do: mint, who: alice, coin: USDC, amount: 100_000}
  - {day: 0, time: 10:00, do: mint, who: alice, coin: USDT, amount: 10_000}
  - {day: 0, time: 11:00, do: mint, who: bob, coin: USDC, amount: 1, expect: {revert: kyc required}}
  - {day: 0, time: 12:00, do: transfer, who: alice, token: USDT, amount: 5, to: bob}
  - {day: 0, time: 13:00, do: transfer, who: bob, token: USDC, amount: 1_001, to: bob, expect: {revert: any}}
  - {day: 1, do: deposit, who: alice, amount: 50_000}
  - {day: 1, time: 12:00, do: allocate, vault: TBILL, amount: 20_000}
  - {day: 2, do: lend, to: carol, coin: USDC, amount: 10_000}
  - {day: 3, do: request, who: alice, amount: 5_000}
  - {day: 4, do: repay, who: carol, coin: USDC, amount: 4_000, income: 70}
  - {day: 5, do: set_price, coin: USDC, price: 0.95}
  - {day: 5, time: 01:00, do: redeem, who: alice, coin: USDT, amount: 1_000, expect: {revert: deficit}}
  - {day: 5, time: 02:00, do: redeem_basket, who: alice, amount: 1_000}
  - {day: 5, time: 03:00, do: repay, who: carol, coin: USDC, amount: 100, expect: {revert: would be escrowed}}
  - {day: 6, do: set_price, coin: USDC, price: 0.995}
  - {day: 7, do: repay, who: carol, coin: USDC, amount: 1_000}
  - {day: 7, time: 01:00, do: repay, who: carol, coin: USDC, amount: 5_006, expect: {revert: too much}}
  - {day: 8, do: set_price, coin: USDC, price: 1}
  - {day: 9, do: pause, what: deposits}
  - {day: 9, time: 01:00, do: deposit, who: alice, amount: 1, expect: {revert: deposits paused}}
  - {day: 9, time: 02:00, do: unpause, what: deposits}
  - {day: 10, do: deny, who: alice}
  - {day: 10, time: 01:00, do: transfer, who: alice, token: AID, amount: 1, to: bob, expect: {revert: denied}}
  - {day: 10, time: 02:00, do: allow, who: alice}
  - {at: 29d 23:59:59, do: sync, expect: {says: nothing was due}}
  - {day: 30, do: sync, expect: {says: cycle 0}}
  - {day: 30, time: 01:00, do: claim, who: alice}
"""


@pytest.fixture(scope="module")
def world() -> Iterator[ChainWorld]:
    world = ChainWorld(parse_scenario(MONTH))
    yield world
    world.close()


@pytest.fixture(scope="module")
def report(world: ChainWorld) -> Report:
    return play(parse_scenario(MONTH), world)


def event(report: Report, do: str, nth: int = 0) -> EventRecord:
    return [one for one in report.events if one.do == do][nth]


def bill_price(after: int) -> int:
    return WAD + WAD * 450 * after // (10_000 * YEAR)


def test_every_invariant_holds_and_was_looked_at(report: Report) -> None:
    assert report.passed, [(one.name, one.details) for one in report.invariants if one.violated]
    assert all(one.checked for one in report.invariants if "pool" not in one.name)


def test_everything_happens_at_its_exact_second(report: Report) -> None:
    assert [one.time - START for one in report.events] == [one.offset for one in report.scenario.timeline]
    assert report.samples[0].time == START
    assert ape.chain.blocks.head.timestamp == START + 31 * DAY


def test_the_first_cycle_starts_with_the_scenario(world: ChainWorld, report: Report) -> None:
    assert [one.time for one in report.cycles] == [START + 30 * DAY]
    assert report.samples[0].staking.cycle == 0
    assert [world.snapshot().staking.cycle, world.snapshot().staking.in_window] == [1, True]


def test_minting_costs_ten_basis_points(report: Report) -> None:
    assert event(report, "mint").flows == {"minted": 99_900 * WAD}
    assert event(report, "mint", 1).flows == {"minted": 9_990 * WAD}


def test_a_basket_holds_the_same_part_of_everything(report: Report) -> None:
    shares = 20_000 * WAD * WAD // bill_price(36 * HOUR)
    value = shares * bill_price(5 * DAY + 2 * HOUR) // (WAD * 10**12)
    usdc = (100_000 - 20_000 - 10_000 + 4_070) * USD
    # the vault counts at its book grown by 6 % a year, which it reports less than
    book = 20_000 * USD + 20_000 * USD * 600 * (5 * DAY + 2 * HOUR - 36 * HOUR) // (365 * DAY * 10_000)
    assert value < book
    par = (usdc + 10_000 * USD + book) * 10**12
    alice = report.actors[0]
    assert alice.last.coins["USDC"] == 100_000 * USD + 1_000 * WAD * usdc // par
    assert alice.last.coins["USDT"] == (20_000 - 10_000 - 5) * USD + 1_000 * WAD * 10_000 * USD // par
    # less what two units of the coin are worth in shares
    part = 1_000 * WAD * shares // par
    assert 0 < part - alice.last.vault_shares["TBILL"] <= 2 * 10**12 + 1


def test_a_coin_below_par_pays_back_less_than_it_counts(report: Report) -> None:
    assert event(report, "repay").flows == {"repaid": 4_000 * WAD, "income": 70 * WAD}
    assert event(report, "repay", 2).flows == {"repaid": 995 * WAD, "income": 0}
    carol = report.actors[2].last
    assert (carol.coins["USDC"], carol.debt) == ((10_000 - 4_070 - 1_000) * USD, (6_000 - 995) * WAD)
    assert report.samples[-1].staking.gross == (6_000 - 995) * WAD


def test_a_cycle_pays_the_exit_price_of_its_end(report: Report) -> None:
    paid = 5_000 * WAD * (50_070 * WAD + VIRTUAL) // (50_000 * WAD + VIRTUAL)
    (cycle,) = report.cycles
    assert (cycle.cycle, cycle.requested, cycle.filled, cycle.assets) == (0, 5_000 * WAD, 5_000 * WAD, paid)
    assert event(report, "claim").flows == {"claimed": paid}
    alice = report.actors[0].last
    assert (alice.shares, alice.pending_shares, alice.claimable_aid) == (45_000 * WAD, 0, 0)
    assert alice.aid == (99_900 + 9_990 - 50_000 - 1_000) * WAD + paid


def test_every_aid_is_held_by_somebody(world: ChainWorld, report: Report) -> None:
    supply = (99_900 + 9_990 - 10_000 + 4_070 - 1_000 + 995) * WAD
    assert report.samples[-1].backing.supply == supply
    holders = world.aid_holders()
    assert sum(holders.values()) == supply
    assert holders["bob"] == holders["Portfolio"] == holders["Gateway"] == 0


def test_the_feeds_stay_fresh_between_events(report: Report) -> None:
    assert not any(one.backing.stale for one in report.samples)


def test_the_network_is_told(report: Report) -> None:
    network = report.network
    assert (network["name"], network["chain_id"]) == (f"ethereum:{NETWORK}:foundry", ape.chain.chain_id)
    assert {"gateway", "aid", "staked_aid", "coin.USDT", "vault.TBILL", "portfolio"} <= set(network)


def test_what_is_refused_changes_nothing(world: ChainWorld, report: Report) -> None:
    before = world.snapshot(), world.holdings("alice"), world.network()["block"]
    with pytest.raises(Reverted, match="min out"):
        world.mint("alice", "USDC", 1_000 * USD, 1_000 * WAD)
    with pytest.raises(Reverted, match="reverted without a reason"):
        world.transfer("USDC", "carol", "bob", 1_000_000 * USD)
    assert (world.snapshot(), world.holdings("alice"), world.network()["block"]) == before


def test_time_goes_forwards_only(world: ChainWorld, report: Report) -> None:
    with pytest.raises(ValueError, match="time travel goes forwards"):
        world.travel_to(START)
