"""Events at Uniswap, Pendle and Morpho: what a file may say of them, and a world without such venues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from typing_extensions import override

from integrations.scenario.loader import LoadedScenario, ScenarioError, parse_scenario
from integrations.scenario.report import Report
from integrations.scenario.runner import play
from integrations.scenario.units import DAY, WAD
from integrations.scenario.venues import Gap, VenueActions, VenueState

from .conftest import HEAD, small
from .fake import FakeWorld

#: Of the first event of a small scenario.
FIRST_LINE = HEAD.count("\n") + 1
EXIT = "day: 1, do: create_pool, pool: sAID/AID"
DOLLARS = "day: 1, do: create_pool, pool: AID/USDC"
V3 = "day: 1, do: create_v3_pool, pool: AID/USDC v3"
SPLIT = "day: 2, do: create_split, market: spring, expiry: 40d"
LENDING = "day: 2, do: create_lending, market: loans"


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            ["day: 1, do: create_v3_pool, pool: AID/USDC"],
            'timeline[0].pool: expected a name that ends with " v3", got "AID/USDC"',
        ),
        (
            ["day: 1, do: create_v3_pool, pool: AID/DAI v3"],
            'timeline[0].pool: expected two of AID, sAID, USDC, USDT with a slash between, got "AID/DAI"',
        ),
        ([V3, V3], 'timeline[1].pool: expected each pool once, got "AID/USDC v3" again'),
        (
            ["day: 1, do: create_v3_pool, pool: AID/USDC v3, fee_bps: 2"],
            'timeline[0].fee_bps: expected one of 1, 5, 30, 100, got "2"',
        ),
        (
            ["day: 1, do: create_v3_pool, pool: AID/USDC v3, price: 0"],
            'timeline[0].price: expected a positive price in dollars with at most 18 decimals, got "0"',
        ),
        (
            [DOLLARS, "day: 2, do: add_range, who: alice, pool: AID/USDC, width_bps: 5, amounts: {AID: 1}"],
            'timeline[1].pool: expected a pool of Uniswap v3, got "AID/USDC"',
        ),
        (
            [V3, "day: 2, do: add_liquidity, who: alice, pool: AID/USDC v3, amounts: {AID: 1}"],
            'timeline[1].pool: expected a pool with LP tokens, got "AID/USDC v3" '
            "(see add_range, remove_range)",
        ),
        (
            [V3, "day: 2, do: add_range, who: alice, pool: AID/USDC v3, width_bps: 5, amounts: {USDT: 1}"],
            'timeline[1].amounts: expected one of AID, USDC, got "USDT"',
        ),
        (
            [
                V3,
                "day: 2, do: add_range, who: alice, pool: AID/USDC v3, width_bps: 5, "
                "amounts: {USDC: 1.0000001}",
            ],
            'timeline[1].amounts: expected at most 6 decimals for USDC, got "1.0000001"',
        ),
        (
            [V3, "day: 2, do: add_range, who: alice, pool: AID/USDC v3, width_bps: 0, amounts: {AID: 1}"],
            'timeline[1].width_bps: expected an integer from 1 to 5000 (bps), got "0"',
        ),
        (
            ["day: 2, do: remove_range, who: alice, pool: AID/USDC v3"],
            'timeline[0].pool: unknown pool "AID/USDC v3", none is declared',
        ),
        (
            [SPLIT],
            "timeline[0].do: expected a pool sAID/AID before, in which SY is sold",
        ),
        (
            [EXIT, "day: 2, do: create_split, market: spring, expiry: 40d 12h"],
            "timeline[1].expiry: expected whole days, later than the event, got 40d 12:00",
        ),
        (
            [EXIT, "day: 2, do: create_split, market: spring, expiry: 2d"],
            "timeline[1].expiry: expected whole days, later than the event, got 2d 00:00",
        ),
        (
            [EXIT, SPLIT, SPLIT],
            'timeline[2].market: expected each market once, got "spring" again',
        ),
        (
            [EXIT, "day: 2, do: create_split, market: spring, expiry: 40d, low_bps: 900, high_bps: 800"],
            'timeline[1].high_bps: expected more than low_bps, got "800"',
        ),
        (
            [EXIT, SPLIT, "day: 3, do: buy_pt, who: alice, market: sprin, amount: 5"],
            'timeline[2].market: unknown split market "sprin", did you mean "spring"?',
        ),
        (
            [EXIT, SPLIT, "day: 3, do: buy_yt, who: alice, market: spring, amount: 5, pay: USDC"],
            "timeline[2].pay: expected 'AID' or 'sAID', got \"USDC\"",
        ),
        (
            ["day: 2, do: create_lending, market: loans, loan: DAI"],
            'timeline[0].loan: expected one of AID, USDC, USDT, got "DAI"',
        ),
        (
            ["day: 2, do: create_lending, market: loans, lltv_bps: 8_500"],
            "timeline[0].lltv_bps: expected one of 3850, 6250, 7700, 8600, 9150, 9450, 9650, 9800, "
            'got "8500"',
        ),
        (
            ["day: 2, do: create_lending, market: loans, loan: USDC"],
            "timeline[0].pool: expected the pool of AID and the coin that is lent, and none where AID is",
        ),
        (
            [EXIT, "day: 2, do: create_lending, market: loans, loan: USDC, pool: sAID/AID"],
            'timeline[1].pool: expected the pool of AID and USDC, got "sAID/AID"',
        ),
        ([LENDING, LENDING], 'timeline[1].market: expected each market once, got "loans" again'),
        (
            [LENDING, "day: 3, do: loop, who: alice, market: loans, amount: 5, ltv_bps: 7_000"],
            "timeline[1].do: expected a pool sAID/AID before, through which loops are left",
        ),
        (
            [EXIT, LENDING, "day: 3, do: loop, who: alice, market: loans, amount: 5, ltv_bps: 8_500"],
            'timeline[2].ltv_bps: expected at least 3 % below 8600, got "8500"',
        ),
        (
            [LENDING, "day: 3, do: supply, who: alice, market: loan, amount: 5"],
            'timeline[1].market: unknown lending market "loan", did you mean "loans"?',
        ),
        (
            [
                DOLLARS,
                "day: 2, do: create_lending, market: loans, loan: USDC, pool: AID/USDC",
                "day: 3, do: supply, who: alice, market: loans, amount: 1.0000001",
            ],
            'timeline[2].amount: expected at most 6 decimals for USDC, got "1.0000001"',
        ),
    ],
)
def test_what_does_not_fit__is_answered_with_line_and_field(events: list[str], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse_scenario(small(*events), "small.yaml")
    at = int(said.removeprefix("timeline[").partition("]")[0])
    assert f"small.yaml:{FIRST_LINE + at}: {said}" in str(error.value).splitlines()


def test_a_market_must_exist_before_it_is_used() -> None:
    with pytest.raises(ScenarioError, match=r'timeline\[0\].market: unknown lending market "loans"'):
        parse_scenario(small("day: 1, do: supply, who: alice, market: loans, amount: 5", LENDING))


def test_a_world_without_venues__refuses_cleanly(play_events: Callable[..., Report]) -> None:
    report = play_events(
        f"{V3}, expect: {{revert: no venues}}",
        EXIT,
        f"{SPLIT}, expect: {{revert: no venues}}",
        f"{LENDING}, expect: {{revert: no venues}}",
        "day: 3, do: supply, who: alice, market: loans, amount: 5, expect: {revert: no venues}",
        "day: 3, do: loop, who: alice, market: loans, amount: 5, ltv_bps: 5_000, expect: {revert: no venues}",
        "day: 3, do: unloop, who: alice, market: loans, expect: {revert: no venues}",
        "day: 3, do: withdraw, who: alice, market: loans, amount: 5, expect: {revert: no venues}",
        "day: 3, do: seed_split, who: alice, market: spring, amount: 5, implied_bps: 600, "
        "expect: {revert: no venues}",
        "day: 3, do: buy_pt, who: alice, market: spring, amount: 5, expect: {revert: no venues}",
        "day: 3, do: buy_yt, who: alice, market: spring, amount: 5, expect: {revert: no venues}",
        "day: 3, do: redeem_pt, who: alice, market: spring, expect: {revert: no venues}",
        "day: 3, do: claim_yt, who: alice, market: spring, expect: {revert: no venues}",
        "day: 3, do: add_range, who: alice, pool: AID/USDC v3, width_bps: 5, amounts: {AID: 1}, "
        "expect: {revert: no venues}",
        "day: 3, do: remove_range, who: alice, pool: AID/USDC v3, expect: {revert: no venues}",
        "day: 3, do: collect_fees, who: alice, pool: AID/USDC v3, expect: {revert: no venues}",
    )
    assert report.passed
    assert report.positions == ()
    assert not any("venue" in one.name and "pools" not in one.name for one in report.invariants)


class Told(FakeWorld):
    """A world whose venues say what the test wants."""

    state = VenueState()
    worth_of: Mapping[str, int] = {}

    @property
    @override
    def venues(self) -> VenueActions:
        told, worth_of = self.state, self.worth_of

        class Venues:
            def state(self) -> VenueState:
                return told

            def worth(self, who: str) -> Mapping[str, int]:
                return worth_of if who == "bob" else {}

        found: Any = Venues()
        return found


def run(loaded: LoadedScenario, state: VenueState, worth: Mapping[str, int] | None = None) -> Report:
    world = Told(loaded)
    world.state, world.worth_of = state, worth or {}
    return play(loaded, world)


USD = 10**6
#: Alice's and bob's dollars of the small scenario.
SUPPLIES = {"USDC": 1_001_000 * USD, "USDT": 1_000 * USD}


@pytest.fixture
def quiet(load: Callable[..., LoadedScenario]) -> LoadedScenario:
    return load("day: 1, do: mint, who: alice, coin: USDC, amount: 400_000")


@pytest.mark.parametrize(
    ("gap", "held"),
    [
        (Gap("PT", 5, 5, exact=True), True),
        (Gap("PT", 4, 5, exact=True), False),
        (Gap("fees", 4, 5), True),
        (Gap("fees", 6, 5), False),
    ],
)
def test_positions_that_are_not_there__are_found(quiet: LoadedScenario, gap: Gap, held: bool) -> None:
    coins = {"USDC": 0, "USDT": 0}
    report = run(quiet, VenueState(coins, SUPPLIES, (Gap("SY", 1, 1), gap)))
    assert report.passed == held
    found = {one.name: one.details for one in report.invariants if one.violated}
    if not held:
        (details,) = (found["positions at venues are what their adapters say"],)
        assert details[0].endswith(f"{gap.what}: {gap.told} units told, {gap.there} there")


@pytest.mark.parametrize(("at_venues", "held"), [(0, True), (1, False)])
def test_a_coin_that_reserve_and_venue_both_count__is_found(
    quiet: LoadedScenario, at_venues: int, held: bool
) -> None:
    """All dollars that there are lie in wallets and at the Gateway: one more at a venue is one too many."""
    report = run(quiet, VenueState({"USDC": at_venues, "USDT": 0}, SUPPLIES))
    assert report.passed == held
    found = [one.name for one in report.invariants if one.violated]
    assert found == ([] if held else ["no coin is counted twice: reserve, pools, venues, wallets"])


def test_what_is_at_venues__is_wealth(quiet: LoadedScenario) -> None:
    report = run(quiet, VenueState({"USDC": 0, "USDT": 0}, SUPPLIES), {"Morpho Blue": 250 * WAD})
    (bob,) = (actor for actor in report.actors if actor.name == "bob")
    assert bob.last.in_venues == {"Morpho Blue": 250 * WAD}
    assert bob.last_wealth == 1_250 * WAD


def test_planned_end__is_the_actors_own_next_event_there(load: Callable[..., LoadedScenario]) -> None:
    from integrations.scenario.stage import Feeds, Stage

    loaded = load(
        EXIT,
        LENDING,
        "day: 3, do: loop, who: alice, market: loans, amount: 5, ltv_bps: 5_000",
        "day: 9, do: unloop, who: bob, market: loans",
        "day: 12, do: unloop, who: alice, market: loans",
        "day: 14, do: loop, who: alice, market: loans, amount: 5, ltv_bps: 5_000",
    )
    world = FakeWorld(loaded)
    stage = Stage(world, loaded, Feeds(world, loaded.scenario), lambda *_: None, lambda *_: None)
    first, second = (loaded.scenario.timeline[at] for at in (2, 5))
    assert stage.planned_end(first, "unloop", "market") == 12 * DAY
    assert stage.planned_end(second, "unloop", "market") == 60 * DAY
