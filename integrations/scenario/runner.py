"""Plays a scenario: events, price reports, samples and month ends in order of time, with checks after each.

The loop never looks at a clock of its own: the world is moved to each moment and asked.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from . import deal_invariants, yields  # noqa: F401  (registers the invariants of deals)
from .agents import Agent, ArbitrageAgent, TrafficAgent
from .credit import DeskState
from .deal_records import deal_records, performing
from .events import ANY_REASON, Event, Outcome
from .invariants import Ledger, Moment
from .liquidity import LiquidityBook
from .loader import LoadedScenario
from .prices import Quote
from .report import (
    ActorRecord,
    EventRecord,
    ModeRecord,
    MonthRecord,
    PriceRecord,
    Report,
    Result,
    Source,
    wealth,
)
from .stage import Feeds, Stage
from .units import DAY, HOUR
from .venues import VenueActions
from .world import Backing, Holdings, Reverted, Snapshot, World

__all__ = ["Observer", "World", "play"]

QUIET: frozenset[Source] = frozenset({"traffic", "schedule"})
"""Whose events are counted, and not told one by one while they happen."""

TICK_SAMPLING = 3 * HOUR
"""While a price path runs, the charts look this often, not only every `sample_every`."""


class Observer:
    """Told what happens while it happens; this one keeps quiet. The console is another."""

    def started(self, loaded: LoadedScenario, world: World) -> None:
        """The world is set up, nothing has happened yet."""

    def moved(self, elapsed: int) -> None:
        """`elapsed` seconds of the scenario have passed."""

    def looked(self, snapshot: Snapshot) -> None:
        """A snapshot was taken: after every event, and in between."""

    def happened(self, record: EventRecord, snapshot: Snapshot) -> None:
        """An event was played (traffic apart); `snapshot` is the protocol right after it."""

    def violated(self, problem: str) -> None:
        """An invariant does not hold."""

    def closed(self, month: MonthRecord) -> None:
        """A month is over."""

    def finished(self, report: Report) -> None:
        """The scenario is over."""


def play(loaded: LoadedScenario, world: World, observer: Observer | None = None) -> Report:
    """Play a scenario on a world that has just been set up for it. Return the account of it.

    An event that ends otherwise than the scenario says does not stop the run: it is recorded as failed and
    violates an invariant. What a world raises besides `Reverted` is a fault of the world and passes through.
    """
    return _Run(loaded, world, observer or Observer()).report()


class _Run:
    PRICE, EVENT, AGENT, SAMPLE, MONTH = range(5)  # the order of things that happen at the same second

    def __init__(self, loaded: LoadedScenario, world: World, observer: Observer) -> None:
        self._loaded, self._world, self._observer = loaded, world, observer
        self._scenario = loaded.scenario
        self._start = loaded.scenario.start_time
        self._order = count()
        self._queue: list[tuple[int, int, int, Callable[[], None]]] = []
        self._feeds = Feeds(world, loaded.scenario)
        self._stage = Stage(world, loaded, self._feeds, self._schedule_prices, self._plan)
        self._deals = self._stage.deals
        self._has_deals = loaded.scenario.portfolio.kind == "deals"
        self._venues = _venues_of(world)
        self._sources = yields.SourceBook()
        parts = ["venues"] * (self._venues is not None)
        self._ledger = Ledger(loaded.scenario.portfolio.kind, *parts)
        self._events: list[EventRecord] = []
        self._months: list[MonthRecord] = []
        self._samples: list[Snapshot] = []
        self._prices: list[PriceRecord] = []
        self._modes: list[ModeRecord] = []
        self._flows: Counter[str] = Counter()
        self._liquidity = LiquidityBook(loaded.scenario)
        self._agents: list[Agent] = [ArbitrageAgent(one) for one in self._scenario.agents.arbitrageurs]
        self._agents += [TrafficAgent(one) for one in self._scenario.agents.traders]
        self._seen: dict[int, int] = {}
        self._stirs = 0

    def report(self) -> Report:
        """Play everything; once."""
        self._observer.started(self._loaded, self._world)
        first = self._take_stock()
        first_look = self._look()
        self._fill_queue()
        while self._queue:
            time, kind, _, action = heapq.heappop(self._queue)
            if kind != self.AGENT:
                self._go_to(time)
            action()
            self._note_prices()
            self._observer.moved(time - self._start)
        navs = performing(self._deals, self._samples)
        report = Report(
            network=self._world.network(),
            scenario=self._scenario,
            file=self._loaded.file,
            path_sources={name: path.source for name, path in self._loaded.paths.items()},
            events=tuple(self._events),
            months=tuple(self._months),
            actors=self._actors(first, first_look),
            invariants=self._ledger.records(),
            samples=tuple(self._samples),
            prices=tuple(self._prices),
            modes=tuple(self._modes),
            cycles=tuple(self._world.settlements()),
            liquidity=self._liquidity.records(self._samples[-1]),
            deals=deal_records(self._deals, self._scenario, self._samples[-1].time),
            losses=tuple(self._deals.losses),
            performing=navs,
            yields=self._sources.records(self._deals, self._samples),
            positions=self._stage.positions.records(self._samples[-1], navs, self._events),
        )
        self._observer.finished(report)
        return report

    # -- the queue

    def _fill_queue(self) -> None:
        scenario = self._scenario
        for index, event in enumerate(scenario.timeline):
            self._push(event.offset, self.EVENT, partial(self._play, index, event))
        for number, agent in enumerate(self._agents):
            for offset in range(agent.every, scenario.duration, agent.every):
                self._push(offset, self.AGENT, partial(self._act, number, agent, offset))
        for offset in range(scenario.sample_every, scenario.duration, scenario.sample_every):
            self._push(offset, self.SAMPLE, self._sample)
        for number, offset in enumerate(scenario.months, start=1):
            self._push(offset, self.MONTH, partial(self._close, number))

    def _push(self, offset: int, kind: int, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self._start + offset, kind, next(self._order), action))

    def _schedule_prices(self, coin: str, reports: Sequence[Quote]) -> None:
        base = self._world.now() - self._start
        for quote in reports:
            if base + quote.offset <= self._scenario.duration:
                self._push(base + quote.offset, self.PRICE, partial(self._report_price, coin, quote.price))

    def _plan(self, offset: int, deal: str, event: Event) -> None:
        if offset <= self._scenario.duration:
            epoch = self._deals.entries[deal].epoch
            self._push(offset, self.EVENT, partial(self._pay_as_planned, deal, epoch, event))

    def _go_to(self, time: int) -> None:
        """Move the world; feeds are kept alive on the way. A moment that has passed already is now."""
        self._feeds.refresh(time)
        if time > self._world.now():
            self._world.travel_to(time)

    # -- what can happen

    def _act(self, number: int, agent: Agent, offset: int) -> None:
        """Let an agent do something; what is refused has not happened, and is not told."""
        if agent.idle_until_stirred and self._seen.get(number) == self._stirs:
            return
        self._go_to(self._start + offset)
        for event in agent.step(self._stage, offset):
            self._play(-1, event, agent.source)
        self._seen[number] = self._stirs

    def _pay_as_planned(self, deal: str, epoch: int, event: Event) -> None:
        """Let a borrower pay; a deal that is over, or has come into other hands, has no such payment left."""
        entry = self._deals.entries[deal]
        if entry.epoch == epoch and entry.model.status != "closed":
            self._play(-1, event, "schedule")

    def _play(self, index: int, event: Event, source: Source = "timeline") -> None:
        before = self._world.backing()
        outcome: Outcome | None = None
        reason: str | None = None
        try:
            outcome = event.play(self._stage)
        except Reverted as refusal:
            reason = refusal.reason
        self._note_prices()
        if reason is not None and source in ("arbitrageur", "traffic"):
            return
        self._stirs += 1
        result, explanation = _judge(event, outcome, reason)
        snapshot = self._look(event, result, explanation, before, outcome=outcome)
        self._sources.enter(event, outcome, before, snapshot)
        if outcome is not None and outcome.liquidity is not None:
            self._liquidity.enter(outcome.liquidity, snapshot)
        record = EventRecord(
            index=index,
            time=snapshot.time,
            day=event.offset // DAY,
            do=event.do,
            who=event.actor,
            result=result,
            text=outcome.text if outcome and result == "done" else explanation,
            reason=reason,
            note=event.note,
            flows=dict(outcome.flows) if outcome else {},
            given=_given(event),
            by=source,
        )
        self._flows.update(record.flows)
        self._events.append(record)
        if source not in QUIET:
            self._observer.happened(record, snapshot)

    def _report_price(self, coin: str, price: int) -> None:
        self._feeds.publish(coin, price)
        self._stirs += 1
        last = self._samples[-1]
        changed = self._world.backing().deficit != last.backing.deficit
        if changed or self._world.now() - last.time >= TICK_SAMPLING:
            self._look()

    def _sample(self) -> None:
        self._look()

    def _close(self, number: int) -> None:
        """Settle what is due, then close the books of a month."""
        self._world.sync()
        holdings = self._take_stock()
        holders = self._world.aid_holders()
        snapshot = self._look(aid_holders=holders, holdings=holdings)
        month = MonthRecord(
            month=number,
            time=snapshot.time,
            day=self._scenario.months[number - 1] // DAY,
            snapshot=snapshot,
            flows=dict(self._flows),
            aid_holders=holders,
            wealth={name: wealth(one, snapshot, self._scenario) for name, one in holdings.items()},
        )
        self._flows.clear()
        self._months.append(month)
        self._observer.closed(month)

    # -- looking

    def _look(
        self,
        event: Event | None = None,
        result: Result | None = None,
        explanation: str = "",
        before: Backing | None = None,
        aid_holders: Mapping[str, int] | None = None,
        holdings: Mapping[str, Holdings] | None = None,
        outcome: Outcome | None = None,
    ) -> Snapshot:
        snapshot = self._world.snapshot()
        last = self._samples[-1] if self._samples else None
        self._deals.look(snapshot.time)
        moment = Moment(
            self._scenario,
            snapshot,
            last,
            event,
            result,
            explanation,
            outcome.flows if outcome else {},
            outcome.promises if outcome else (),
            before,
            aid_holders,
            holdings,
            self._deals if self._has_deals else None,
            self._ask_desk(event, holdings),
            self._venues.state() if holdings is not None and self._venues is not None else None,
        )
        for problem in self._ledger.check(moment):
            self._observer.violated(problem)
        self._samples.append(snapshot)
        self._note_mode(snapshot)
        self._observer.looked(snapshot)
        return snapshot

    def _ask_desk(self, event: Event | None, holdings: Mapping[str, Holdings] | None) -> DeskState | None:
        """Ask the desk for each deal by itself: after events about deals, and when the books are closed."""
        if not self._has_deals or (holdings is None and getattr(event, "deal", None) is None):
            return None
        return self._world.credit.state()

    def _note_mode(self, snapshot: Snapshot) -> None:
        now = snapshot.backing
        if now.deficit != bool(self._modes and self._modes[-1].deficit):
            self._modes.append(ModeRecord(snapshot.time, now.deficit, now.stale, now.backing, now.supply))

    def _take_stock(self) -> dict[str, Holdings]:
        found = {name: self._world.holdings(name) for name in self._scenario.actors}
        if self._venues is not None:
            at = self._venues.worth
            found = {name: replace(one, in_venues=at(name)) for name, one in found.items()}
        if not self._has_deals:
            return found
        now = self._world.now()
        return {
            name: replace(
                one, debt=self._deals.debt(name, now), in_deals=self._deals.shares_of(one.deals, now)
            )
            for name, one in found.items()
        }

    def _note_prices(self) -> None:
        known = {record.coin: record.price for record in self._prices}
        for coin, price in self._feeds.prices.items():
            if known.get(coin) != price:
                self._prices.append(PriceRecord(self._world.now(), coin, price))

    def _actors(self, first: dict[str, Holdings], first_look: Snapshot) -> tuple[ActorRecord, ...]:
        last, last_look = self._take_stock(), self._samples[-1]
        return tuple(
            ActorRecord(
                name=name,
                role=actor.role,
                kyc=actor.kyc,
                first=first[name],
                last=last[name],
                first_wealth=wealth(first[name], first_look, self._scenario),
                last_wealth=wealth(last[name], last_look, self._scenario),
            )
            for name, actor in self._scenario.actors.items()
        )


def _venues_of(world: World) -> VenueActions | None:
    """Return the venues of a world, if it has any; where it has none, what is tried there is refused."""
    try:
        return world.venues
    except Reverted:
        return None


def _judge(event: Event, outcome: Outcome | None, reason: str | None) -> tuple[Result, str]:
    """Compare what came with what was expected. Return the result and, unless done, an explanation."""
    wanted = event.expect.revert if event.expect else None
    said = event.expect.says if event.expect else None
    if outcome is not None and wanted is not None:
        return "failed", f'{event.do} went through, expected "{wanted}"'
    if outcome is not None and said is not None and said not in outcome.text:
        return "failed", f'{event.do} ended with "{outcome.text}", expected "{said}" in it'
    if outcome is not None:
        return "done", ""
    if wanted is None:
        return "failed", f'{event.do} was refused: "{reason}"'
    if wanted in (ANY_REASON, reason):
        return "refused", reason or "without a reason"
    return "failed", f'{event.do} was refused with "{reason}", expected "{wanted}"'


def _given(event: Event) -> dict[str, str | bool]:
    """Return the fields of an event as the file gave them, without when and what."""
    skip = {"do", "day", "time", "at", "note", "expect"}
    return {
        name: value if isinstance(value, bool) else _text(value)
        for name, value in event.model_dump(exclude=skip, exclude_none=True).items()
    }


def _text(value: object) -> str:
    """Return a value of the file; amounts by token as `1000 AID, 1000 USDC`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{amount} {token}" for token, amount in value.items())
    return str(value)
