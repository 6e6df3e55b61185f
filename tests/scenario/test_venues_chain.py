"""Uniswap v3, Pendle V2 and Morpho Blue on a fork of the local mainnet: what actors predicted, and got."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from integrations.fork.local import LocalMainnet
from integrations.fork.session import load_protocol
from integrations.protocol import Protocol
from integrations.scenario.chain import ChainWorld
from integrations.scenario.loader import load_scenario, parse_scenario
from integrations.scenario.positions import PositionRecord
from integrations.scenario.report import Report
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, WAD
from tests.conftest import on_a_fork

from .conftest import FIRST_YEAR, ROOT

VENUES = """\
name: Venues
description: Everything that can be done at Uniswap, Pendle and Morpho.
start: 2026-01-01
days: 62
sample_every: 10d
stablecoins:
  USDC: {decimals: 6}
reserve:
  vaults:
    TBILL: {coin: USDC, rate_bps: 900}
actors:
  harbor: {kyc: true, balances: {USDC: 2_000_000}}
  paloma: {kyc: true, balances: {USDC: 200_000}}
  petra: {kyc: true, balances: {USDC: 20_000}}
  yuri: {kyc: true, balances: {USDC: 2_000}}
  luca: {kyc: true, balances: {USDC: 20_000}}
  lena: {kyc: true, balances: {USDC: 200_000}}
  mallory: {kyc: true, balances: {USDC: 2_000}}
  remit: {balances: {USDC: 60_000}}
agents:
  arbitrageurs: [{who: harbor, pools: [AID/USDC v3], every: 6h, min_profit: 1}]
  traders: [{who: remit, pool: AID/USDC v3, every: 1d, size: 20_000, seed: 4}]
timeline:
  - {day: 0, time: 09:00, do: mint, who: harbor, coin: USDC, amount: 1_200_000}
  - {day: 0, time: 09:01, do: mint, who: paloma, coin: USDC, amount: 100_000}
  - {day: 0, time: 09:02, do: mint, who: petra, coin: USDC, amount: 20_000}
  - {day: 0, time: 09:03, do: mint, who: yuri, coin: USDC, amount: 2_000}
  - {day: 0, time: 09:04, do: mint, who: luca, coin: USDC, amount: 20_000}
  - {day: 0, time: 09:05, do: mint, who: lena, coin: USDC, amount: 100_000}
  - {day: 0, time: 09:06, do: mint, who: mallory, coin: USDC, amount: 2_000}
  - {day: 0, time: 10:00, do: deposit, who: harbor, amount: 700_000}
  - {day: 0, time: 11:00, do: allocate, vault: TBILL, amount: 900_000}
  - {day: 1, do: create_pool, pool: AID/USDC, amplification: 200}
  - {day: 1, time: 00:10, do: add_liquidity, who: harbor, pool: AID/USDC,
     amounts: {AID: 100_000, USDC: 100_000}}
  - {day: 1, time: 00:20, do: create_pool, pool: sAID/AID, amplification: 200}
  - {day: 1, time: 00:30, do: add_liquidity, who: harbor, pool: sAID/AID,
     amounts: {sAID: 150_000, AID: 150_000}}
  - {day: 1, time: 01:00, do: create_v3_pool, pool: AID/USDC v3}
  - {day: 1, time: 02:00, do: add_range, who: paloma, pool: AID/USDC v3, width_bps: 50,
     amounts: {AID: 80_000, USDC: 80_000}}
  - {day: 1, time: 02:10, do: add_range, who: paloma, pool: AID/USDC v3, width_bps: 50, amounts: {AID: 1},
     expect: {revert: range exists}}
  - {day: 1, time: 03:00, do: create_split, market: sAID-Feb, expiry: 50d}
  - {day: 1, time: 04:00, do: seed_split, who: harbor, market: sAID-Feb, amount: 200_000, implied_bps: 900}
  - {day: 1, time: 05:00, do: buy_pt, who: petra, market: sAID-Feb, amount: 10_000}
  - {day: 1, time: 06:00, do: buy_yt, who: yuri, market: sAID-Feb, amount: 100}
  - {day: 1, time: 06:10, do: buy_yt, who: yuri, market: sAID-Feb, amount: 1,
     expect: {revert: position exists}}
  - {day: 1, time: 07:00, do: create_lending, market: AID on sAID}
  - {day: 1, time: 07:10, do: create_lending, market: USDC on sAID, loan: USDC, pool: AID/USDC}
  - {day: 1, time: 08:00, do: supply, who: lena, market: AID on sAID, amount: 50_000}
  - {day: 1, time: 08:10, do: supply, who: lena, market: USDC on sAID, amount: 60_000}
  - {day: 1, time: 09:00, do: loop, who: luca, market: AID on sAID, amount: 10_000, ltv_bps: 7_000}
  - {day: 1, time: 10:00, do: loop, who: luca, market: USDC on sAID, amount: 5_000, ltv_bps: 6_000}
  - {day: 2, do: deny, who: mallory}
  - {day: 2, time: 01:00, do: supply, who: mallory, market: AID on sAID, amount: 100, expect: {revert: any}}
  - {day: 2, time: 02:00, do: buy_pt, who: mallory, market: sAID-Feb, amount: 100, expect: {revert: any}}
  - {day: 10, do: swap, who: petra, pool: AID/USDC v3, sell: AID, amount: 5_000}
  - {day: 20, do: collect_fees, who: paloma, pool: AID/USDC v3}
  - {day: 20, time: 08:00, do: harvest}
  - {day: 30, do: claim_yt, who: yuri, market: sAID-Feb}
  - {day: 30, time: 01:00, do: redeem_pt, who: petra, market: sAID-Feb, expect: {revert: not expired}}
  - {day: 40, time: 08:00, do: harvest}
  - {day: 51, do: redeem_pt, who: petra, market: sAID-Feb}
  - {day: 51, time: 01:00, do: claim_yt, who: yuri, market: sAID-Feb}
  - {day: 52, do: unloop, who: luca, market: AID on sAID}
  - {day: 52, time: 01:00, do: unloop, who: luca, market: USDC on sAID}
  - {day: 53, do: withdraw, who: lena, market: AID on sAID, amount: all}
  - {day: 54, do: withdraw, who: lena, market: USDC on sAID, amount: 10_000}
  - {day: 55, do: remove_range, who: paloma, pool: AID/USDC v3}
"""
YEAR = 365 * DAY


@pytest.fixture(scope="module")
def protocol(chain_of_the_run: None, mainnet: LocalMainnet) -> Iterator[Protocol]:
    """What stands on the fork takes the place of the bare chain's installation."""
    with on_a_fork(mainnet):
        yield load_protocol(mainnet)


@pytest.fixture(scope="module")
def report(protocol: Protocol, mainnet: LocalMainnet) -> Iterator[Report]:
    loaded = parse_scenario(VENUES, "venues.yaml")
    world = ChainWorld(loaded, mainnet.venues, "local mainnet")
    yield play(loaded, world)
    world.close()


def position(report: Report, who: str, at: int = 0) -> PositionRecord:
    return [one for one in report.positions if one.who == who][at]


def said(report: Report, do: str, who: str, at: int = 0) -> str:
    return [one.text for one in report.events if (one.do, one.who, one.by) == (do, who, "timeline")][at]


def nav(report: Report, time: int) -> Fraction:
    """Exit price at a time that is not while something vests."""
    before = [one for one in report.samples if one.time <= time]
    return Fraction(before[-1].staking.price_exit, WAD)


def test_the_first_year__is_a_valid_scenario_with_positions_at_all_venues() -> None:
    kinds = {event.do for event in load_scenario(FIRST_YEAR, root=ROOT).scenario.timeline}
    assert {
        "add_range",
        "buy_pt",
        "buy_yt",
        "loop",
        "unloop",
        "redeem_pt",
        "claim_yt",
        "remove_range",
    } <= kinds


def test_every_invariant_holds__at_venues_too(report: Report) -> None:
    assert report.passed, [(one.name, one.details) for one in report.invariants if one.violated]
    asked = {one.name: one.checked for one in report.invariants}
    assert asked["positions at venues are what their adapters say"] == len(report.months) == 3
    assert asked["no coin is counted twice: reserve, pools, venues, wallets"] == 3
    assert asked["pools and venues pay what they have quoted"] > 70


def test_network__is_a_fork_of_mainnet_with_the_venues(report: Report, mainnet: LocalMainnet) -> None:
    assert (report.network["name"], report.network["chain_id"]) == ("ethereum:mainnet-fork:foundry", 1)
    assert report.network["upstream"] == "local mainnet"
    assert report.network["morpho.blue"] == mainnet.venues["morpho.blue"]


def test_lp__earns_the_fee_of_all_that_was_swapped(report: Report) -> None:
    paloma = position(report, "paloma")
    swapped = sum(
        one.flows.get("swapped", 0)
        for one in report.events
        if one.given.get("pool") == "AID/USDC v3" and paloma.since < one.time <= (paloma.closed or 0)
    )
    fees = int(paloma.why.split(",")[0].split()[1].replace(",", ""))
    # the only range: a basis point of everything, whichever coin was sold
    assert fees == pytest.approx(swapped / WAD * 1e-4, abs=1.01)
    visits, mean = 54, sum(range(5, 101)) / 96 / 100
    assert paloma.predicted / WAD == pytest.approx(visits * 20_000 * mean * 1e-4, rel=1e-9)
    assert paloma.closed == report.scenario.start_time + 55 * DAY


def test_pt__pays_what_was_fixed(report: Report) -> None:
    petra = position(report, "petra")
    bought = float(said(report, "buy_pt", "petra").split(" → ")[1].split()[0].replace(",", ""))
    assert petra.predicted / WAD == pytest.approx(bought - 10_000, abs=0.01)
    assert petra.realised == pytest.approx(petra.predicted, abs=10)
    assert petra.predicted_rate / WAD == pytest.approx(
        (bought / 10_000 - 1) / (petra_days(petra) / 365), rel=1e-4
    )


def petra_days(one: PositionRecord) -> float:
    """Until the expiry on day 50; she redeems a day later."""
    return ((one.closed or 0) - DAY - one.since) / DAY


def test_yt__earns_what_the_share_price_has_risen(report: Report) -> None:
    yuri = position(report, "yuri")
    amount = Fraction(said(report, "buy_yt", "yuri").split(" → ")[1].split()[0].replace(",", ""))
    opened, closed = nav(report, yuri.since), nav(report, yuri.closed or 0)
    middle = nav(report, report.scenario.start_time + 30 * DAY)
    first, second = (
        amount * (1 / old - 1 / new) * Fraction(97, 100) for old, new in ((opened, middle), (middle, closed))
    )
    # what he claimed half way through was worth less then
    assert yuri.realised / WAD == pytest.approx(float(first * middle + second * closed - 100), abs=0.01)


def test_yt__was_to_earn_what_t_bills_pay_stakers(report: Report) -> None:
    yuri = position(report, "yuri")
    amount = float(said(report, "buy_yt", "yuri").split(" → ")[1].split()[0].replace(",", ""))
    at_opening = [one for one in report.samples if one.time <= yuri.since][-1]
    bills = at_opening.vaults["TBILL"].value / 10**6 * 0.09
    seconds = report.scenario.start_time + 50 * DAY - yuri.since
    grown = 1 + bills * seconds / YEAR / (at_opening.staking.exit_assets / WAD)
    assert yuri.predicted / WAD == pytest.approx(amount * (1 - 1 / grown) * 0.97 * grown - 100, rel=1e-6)


@pytest.mark.parametrize(("market", "equity", "ltv", "least"), [(0, 10_000, 0.7, 0), (1, 5_000, 0.6, -25)])
def test_looper__gains_about_what_the_carry_came_to(
    report: Report, market: int, equity: int, ltv: float, least: int
) -> None:
    luca, text = position(report, "luca", market), said(report, "loop", "luca", market)
    pledged, owed = (float(text.split(": ")[1].split(", ")[k].split()[0].replace(",", "")) for k in (0, 1))
    assert f"LTV {100 * ltv:.1f}" in text or f"LTV {100 * ltv - 0.01:.2f}" in text
    assert owed == pytest.approx(equity * ltv / (1 - ltv), rel=1e-3)
    rise = float(nav(report, luca.closed or 0) - nav(report, luca.since))
    figures = [part.rsplit(" ", 1) for part in luca.why.split("; ")[1:]]
    interest, leaving = (float(words[0].split(",")[0].rsplit(" ", 1)[1]) for words in figures)
    # what the pledged shares gained, less what the loan and the way out took
    assert luca.realised / WAD == pytest.approx(pledged * rise - interest - leaving, abs=6)
    assert luca.realised / WAD > least
    assert luca.predicted > 0


def test_what_is_at_venues__counts_as_their_owners(report: Report) -> None:
    wealth = {actor.name: actor for actor in report.actors}
    assert wealth["lena"].last.in_venues["Morpho Blue"] / WAD == pytest.approx(50_000, rel=1e-3)
    assert wealth["harbor"].last.in_venues["Pendle V2"] > 200_000 * WAD
    # what luca borrowed is no wealth: at the end of the first month all three were in
    month = report.months[0].wealth
    assert month["luca"] / WAD == pytest.approx(20_000, rel=0.01)
    assert month["paloma"] / WAD == pytest.approx(200_000, rel=0.01)


def test_aid_at_venues__has_known_holders(report: Report) -> None:
    held = report.months[0].aid_holders
    assert held["pool AID/USDC v3"] > 0
    # lena's 50,000 less luca's loan
    assert held["Morpho Blue"] / WAD == pytest.approx(50_000 - 10_000 * 7 / 3, rel=1e-3)
    assert sum(held.values()) == report.months[0].snapshot.backing.supply


def test_who_is_denied__gets_into_no_venue(report: Report) -> None:
    refused = {
        one.do: one.reason for one in report.events if one.who == "mallory" and one.result == "refused"
    }
    assert refused == {"supply": "transferFrom reverted", "buy_pt": "denied"}
