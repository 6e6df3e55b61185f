from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
from typing_extensions import override

from integrations.scenario.events import ActorEvent, Event, Outcome, register, vocabulary
from integrations.scenario.fields import AidAmount
from integrations.scenario.loader import LoadedScenario
from integrations.scenario.report import EventRecord, Report
from integrations.scenario.runner import Observer, play
from integrations.scenario.stage import Stage
from integrations.scenario.units import DAY, HOUR, WAD
from integrations.scenario.world import AID, Snapshot

from .fake import FakeWorld

Play = Callable[..., Report]
Load = Callable[..., LoadedScenario]

MINT = "day: 1, do: mint, who: alice, coin: USDC, amount: 100_000"


def violated(report: Report) -> dict[str, tuple[str, ...]]:
    return {one.name: one.details for one in report.invariants if one.violated}


def test_an_event_happens_at_its_second_and_says_what_came_of_it(play_events: Play) -> None:
    report = play_events(MINT, "at: 6d 23:59:59, do: deposit, who: alice, amount: all")
    mint, deposit = report.events
    assert (mint.result, mint.text) == ("done", "100,000 USDC → 99,900.00 AID")
    assert mint.flows == {"minted": 99_900 * WAD}
    assert deposit.time == report.scenario.start_time + 7 * DAY - 1
    assert report.passed


def test_an_expected_refusal_is_fine(play_events: Play) -> None:
    report = play_events("day: 1, do: mint, who: bob, coin: USDC, amount: 1, expect: {revert: kyc required}")
    assert (report.events[0].result, report.events[0].reason) == ("refused", "kyc required")
    assert report.passed


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("day: 1, do: mint, who: bob, coin: USDC, amount: 1", 'mint was refused: "kyc required"'),
        (
            "day: 1, do: mint, who: bob, coin: USDC, amount: 1, expect: {revert: denied}",
            'mint was refused with "kyc required", expected "denied"',
        ),
        (f"{MINT}, expect: {{revert: any}}", 'mint went through, expected "any"'),
        (
            f"{MINT}, expect: {{says: 100_000 AID}}",
            'mint ended with "100,000 USDC → 99,900.00 AID", expected "100_000 AID" in it',
        ),
    ],
)
def test_an_event_that_ends_otherwise_fails_the_run(play_events: Play, event: str, said: str) -> None:
    report = play_events(event)
    assert report.events[0].result == "failed"
    assert violated(report) == {"every event ends as the scenario says": (f"1d 00:00: {said}",)}
    assert not report.passed


def test_all_means_what_is_in_the_wallet(play_events: Play) -> None:
    report = play_events("day: 1, do: mint, who: alice, coin: USDT, amount: all")
    assert report.events[0].text == "1,000 USDT → 999.00 AID"


def test_feeds_stay_fresh_by_themselves_and_stale_when_silent(play_events: Play) -> None:
    report = play_events(
        MINT,
        "day: 20, do: mint, who: alice, coin: USDC, amount: 1",
        "day: 21, do: stop_feed, coin: USDC",
        "day: 23, do: mint, who: alice, coin: USDC, amount: 1, expect: {revert: stale price}",
        "day: 23, time: 01:00, do: resume_feed, coin: USDC",
        "day: 23, time: 02:00, do: mint, who: alice, coin: USDC, amount: 1",
    )
    assert report.passed
    assert [mode.deficit for mode in report.modes] == [True, False]
    assert report.modes[0].stale


def test_a_price_path_runs_while_the_timeline_goes_on(play_events: Play) -> None:
    report = play_events(
        MINT,
        "day: 2, do: price_path, coin: USDC, path: dip",
        "at: 2d 3h, do: mint, who: alice, coin: USDC, amount: 1, expect: {revert: price out of band}",
        "day: 2, time: 04:00, do: redeem_basket, who: alice, amount: 1_000",
        "day: 2, time: 07:00, do: redeem, who: alice, coin: USDC, amount: 1_000",
    )
    assert report.passed, violated(report)
    start = report.scenario.start_time + 2 * DAY
    prices = [(one.time - start, one.price) for one in report.prices if one.coin == "USDC"][1:]
    assert prices == [(0, 99 * WAD // 100), (2 * HOUR, 90 * WAD // 100), (6 * HOUR, WAD)]
    assert [(mode.time - start, mode.deficit) for mode in report.modes] == [(0, True), (6 * HOUR, False)]


def test_months_close_with_their_flows_holders_and_wealth(play_events: Play) -> None:
    report = play_events(MINT, "day: 40, do: redeem, who: alice, coin: USDC, amount: 900")
    first = report.months[0]
    assert [month.day for month in report.months] == [31, 59, 60]
    assert first.flows == {"minted": 99_900 * WAD}
    assert first.aid_holders["alice"] == 99_900 * WAD
    assert first.wealth["alice"] == (1_001_000 - 100) * WAD


@pytest.fixture
def broken() -> type[FakeWorld]:
    class Printing(FakeWorld):
        """Mints a little AID for nothing with every deposit."""

        @override
        def deposit(self, who: str, aid: int, min_shares: int) -> int:
            self.wallets[AID][who] += 10_000 * WAD
            return super().deposit(who, aid, min_shares)

    return Printing


def test_a_world_that_prints_money_is_found_out(load: Load, broken: type[FakeWorld]) -> None:
    loaded = load(MINT, "day: 2, do: deposit, who: alice, amount: 1_000")
    report = play(loaded, broken(loaded))
    assert {
        "reserve at par covers the AID supply",
        "no action lowers backing minus supply",
        "no action lowers backing at par minus supply",
    } <= set(violated(report))
    assert not report.passed


def test_a_world_that_loses_stakers_money_is_found_out(load: Load) -> None:
    class Leaking(FakeWorld):
        def sync(self) -> None:
            super().sync()
            self.idle -= self.idle // 100

    loaded = load(MINT, "day: 2, do: deposit, who: alice, amount: 1_000", "day: 3, do: sync")
    assert "the exit price falls only with a loss, or as machines age" in violated(
        play(loaded, Leaking(loaded))
    )


def test_a_world_that_overpromises_claims_is_found_out(load: Load) -> None:
    class Generous(FakeWorld):
        def snapshot(self) -> Snapshot:
            self.queues["alice"].claimable = self.claimable + 1
            return super().snapshot()

    loaded = load(MINT)
    assert "claims never exceed what was set aside" in violated(play(loaded, Generous(loaded)))


Change = Callable[[Snapshot], Snapshot]


def _but(part: str, **changes: int) -> Change:
    """The same snapshot with some numbers of a part, a coin or a vault moved."""

    def change(found: Snapshot) -> Snapshot:
        holder, _, name = part.partition(".")
        whole = getattr(found, holder)
        old = whole[name] if name else whole
        new = replace(old, **{field: getattr(old, field) + by for field, by in changes.items()})
        return replace(found, **{holder: {**whole, name: new} if name else new})

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_but("coins.USDC", held=-2_000 * 10**6), "the tokens that are there cover the AID supply at par"),
        (_but("backing", backing_par=1), "backing is what the reserve is worth, coin by coin"),
        (_but("backing", backing=10), "backing is what the reserve is worth, coin by coin"),
        (_but("coins.USDC", price=-1), "backing is what the reserve is worth, coin by coin"),
        (_but("vaults.TBILL", value=1_000), "T-bills count for no more than they are worth"),
        (_but("backing", supply=1), "AID comes and goes only by what events say"),
        (_but("backing", supply=-1), "AID comes and goes only by what events say"),
        (_but("staking", idle=1), "stakers have what came in less what went out"),
        (_but("staking", gross=-1), "stakers have what came in less what went out"),
        (
            _but("staking", exit_assets=1),
            "exit assets are idle AID and loans, less impairment and what vests",
        ),
        (
            _but("staking", unvested=1),
            "exit assets are idle AID and loans, less impairment and what vests",
        ),
    ],
)
def test_a_single_unit_out_of_place_is_found(load: Load, change: Change, found: str) -> None:
    class Off(FakeWorld):
        @override
        def snapshot(self) -> Snapshot:
            honest = super().snapshot()
            return change(honest) if self.time > self.start + 10 * DAY else honest

    loaded = load(
        MINT,
        "day: 2, do: allocate, vault: TBILL, amount: 50",
        "day: 3, do: deposit, who: alice, amount: 1_000",
    )
    assert play(loaded, FakeWorld(loaded)).passed
    assert found in violated(play(loaded, Off(loaded)))


def test_a_fault_of_the_world_is_not_swallowed(load: Load) -> None:
    class Faulty(FakeWorld):
        @override
        def mint(self, who: str, coin: str, units: int, min_out: int) -> int:
            raise RuntimeError("node is gone")

    loaded = load(MINT)
    with pytest.raises(RuntimeError, match="node is gone"):
        play(loaded, Faulty(loaded))


def test_the_observer_is_told_in_order(load: Load) -> None:
    told: list[str] = []

    class Listener(Observer):
        @override
        def moved(self, elapsed: int) -> None:
            told.append(f"moved {elapsed // DAY}") if elapsed == 60 * DAY else None

        @override
        def happened(self, record: EventRecord, snapshot: Snapshot) -> None:
            assert snapshot.time == record.time
            told.append(record.do)

        @override
        def finished(self, report: Report) -> None:
            told.append("finished")

    loaded = load(MINT, "day: 2, do: sync")
    play(loaded, FakeWorld(loaded), Listener())
    assert told[:2] == ["mint", "sync"]
    assert told[-1] == "finished"


def test_a_new_kind_of_event_needs_only_its_own_class(play_events: Play) -> None:
    @register
    class Burn(ActorEvent):
        """Send AID nowhere, for the test."""

        do: Literal["test_burn"]
        amount: AidAmount

        @override
        def play(self, stage: Stage) -> Outcome:
            aid = stage.units(self.amount, AID, self.who)
            stage.world.contribute(self.who, aid)
            return Outcome("burnt", {"burnt": WAD, "insured": aid})

    assert vocabulary()["test_burn"] is Burn
    report = play_events(MINT, "day: 2, do: test_burn, who: alice, amount: 5")
    assert report.passed
    assert report.months[0].flows["burnt"] == WAD


def test_a_name_is_given_once() -> None:
    class Mint(Event):
        do: Literal["mint"]

    with pytest.raises(TypeError, match="'mint' is Mint already"):
        register(Mint)
    with pytest.raises(TypeError, match="with one name"):
        register(Event)
