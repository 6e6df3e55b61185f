"""Positions at venues: what each was expected to bring when it was opened, what it has brought, and why.

Values are AID (or dollars) with 18 decimals; a position's gain is what it is worth in the end, less what went
in. Rates are a year, on a simple base, on what went in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .forecasts import growth_a_year
from .units import WAD, format_units
from .world import Snapshot

if TYPE_CHECKING:
    from .report import EventRecord, NavRecord

Kind = Literal["range", "PT", "YT", "loop"]


@dataclass(frozen=True)
class PositionRecord:
    """A position at a venue: what it was to bring, what it has brought, and why that is not the same.

    Amounts in AID (18 decimals), rates a year on what went in (WAD); `since` and `closed` Unix seconds. One
    that is still open has no `closed`, and is valued at the market.
    """

    who: str
    venue: str
    what: str
    since: int
    closed: int | None
    invested: int
    predicted: int
    realised: int
    predicted_rate: int
    realised_rate: int
    why: str

    @property
    def difference(self) -> int:
        """AID more than predicted, below zero for less."""
        return self.realised - self.predicted


@dataclass
class Position:
    """A position while it is open, and what there is to say of it later.

    Attributes:
        who: Whose.
        kind: Of which kind.
        place: Pool or market.
        venue: Whose pool or market that is.
        what: In words.
        opened: Unix time.
        until: When it is meant to end, Unix time.
        invested: What went in, AID.
        predicted: Gain until then, AID.
        nav: Exit price of a share at the opening, WAD.
        expected_nav: And at `until`, as expected, WAD.
        value: What it is worth now, AID; asked at the end of the run if it is still open.
        expected: Further figures of the forecast, AID, for the explanation.
        came: The same figures as they came.
        taken: What was taken out before the end, AID.
    """

    who: str
    kind: Kind
    place: str
    venue: str
    what: str
    opened: int
    until: int
    invested: int
    predicted: int
    nav: int
    expected_nav: int
    value: Callable[[], int]
    expected: Mapping[str, int] = field(default_factory=dict)
    came: dict[str, int] = field(default_factory=dict)
    taken: int = 0
    closed: int | None = None
    realised: int = 0
    last_nav: int = 0


class PositionBook:
    """All positions of a run, in the order in which they were opened."""

    def __init__(self) -> None:
        self._all: list[Position] = []

    def open(self, position: Position) -> None:
        """Enter a position."""
        self._all.append(position)

    def find(self, who: str, kind: Kind, place: str) -> Position | None:
        """Return somebody's open position of a kind, None if there is none."""
        return next(
            (
                one
                for one in self._all
                if (one.who, one.kind, one.place, one.closed) == (who, kind, place, None)
            ),
            None,
        )

    def close(self, position: Position, snapshot: Snapshot, worth: int) -> None:
        """A position is over: `worth` is what came out in the end, AID."""
        position.closed = snapshot.time
        self._settle(position, snapshot, worth)

    def records(
        self, last: Snapshot, navs: Sequence[NavRecord], events: Sequence[EventRecord]
    ) -> tuple[PositionRecord, ...]:
        """Return what all positions came to; those still open at what they are worth now.

        Args:
            last: The protocol at the end.
            navs: Exit NAV as it was and with everybody paying on time.
            events: What has happened.
        """
        for one in self._all:
            if one.closed is None:
                self._settle(one, last, one.value())
        return tuple(self._record(one, last, navs, events) for one in self._all)

    @staticmethod
    def _settle(position: Position, snapshot: Snapshot, worth: int) -> None:
        position.realised = worth + position.taken - position.invested
        position.last_nav = snapshot.staking.price_exit

    @staticmethod
    def _record(
        one: Position, last: Snapshot, navs: Sequence[NavRecord], events: Sequence[EventRecord]
    ) -> PositionRecord:
        end = one.closed if one.closed is not None else last.time
        tell = _of_range if one.kind == "range" else _of_pt if one.kind == "PT" else _of_nav
        return PositionRecord(
            who=one.who,
            venue=one.venue,
            what=one.what,
            since=one.opened,
            closed=one.closed,
            invested=one.invested,
            predicted=one.predicted,
            realised=one.realised,
            predicted_rate=growth_a_year(one.invested, one.invested + one.predicted, one.until - one.opened),
            realised_rate=growth_a_year(one.invested, one.invested + one.realised, end - one.opened),
            why=tell(one, end, navs, events),
        )


def _of_range(one: Position, end: int, navs: Sequence[NavRecord], events: Sequence[EventRecord]) -> str:
    _ = navs
    volume = {"traffic": 0, "arbitrageur": 0, "timeline": 0}
    for event in events:
        inside = one.opened < event.time <= end and event.given.get("pool") == one.place
        if inside and event.result == "done" and event.by in volume:
            volume[event.by] += event.flows.get("swapped", 0)
    moved = one.realised - one.came["fees"]
    return (
        f"fees {_whole(one.came['fees'])}, expected {_whole(one.expected['fees'])}: traffic swapped "
        f"{_whole(volume['traffic'] + volume['timeline'])}, expected {_whole(one.expected['volume'])}; "
        f"arbitrage, not reckoned with, {_whole(volume['arbitrageur'])}; what lies in the range has been "
        f"bought and sold on the way: {_signed(moved)}"
    )


def _of_pt(one: Position, end: int, navs: Sequence[NavRecord], events: Sequence[EventRecord]) -> str:
    _ = navs, events
    if end < one.until:
        return "not expired yet: at the market's price"
    lost = one.predicted - one.realised
    if lost * 10_000 > one.invested:
        return "sAID was below its highest NAV when they expired: PT paid what it covered"
    return "fixed: a PT pays one AID from the expiry on, whatever sAID has earned; what is left is rounding"


def _of_nav(one: Position, end: int, navs: Sequence[NavRecord], events: Sequence[EventRecord]) -> str:
    _ = events
    seconds = end - one.opened
    expected = growth_a_year(one.nav, one.expected_nav, one.until - one.opened)
    came = growth_a_year(one.nav, one.last_nav, seconds)
    late = _lost_to_lateness(one, end, navs)
    rest = came - expected + late
    parts = [f"{_percent(-late)} because deals paid late or not at all"] * bool(late)
    parts.append(f"{_percent(rest)} because other sums were staked, lent and harvested than at the opening")
    told = [f"sAID grew {_percent(came, sign=False)} a year, expected {_percent(expected, sign=False)}: "]
    told[0] += ", ".join(parts)
    told += [
        f"{name} {_whole(one.came[name])}, expected {_whole(figure)}"
        for name, figure in one.expected.items()
        if name in one.came
    ]
    return "; ".join(told)


def _lost_to_lateness(one: Position, end: int, navs: Sequence[NavRecord]) -> int:
    """Return by how much a year sAID fell behind everybody paying on time while a position was open, WAD."""

    def gap(time: int) -> int:
        before = [nav for nav in navs if nav.time <= time]
        return before[-1].performing - before[-1].actual if before else 0

    return growth_a_year(one.nav, one.nav + gap(end) - gap(one.opened), end - one.opened)


def _whole(amount: int) -> str:
    return format_units(amount, 18, 0).replace("-", "−")


def _signed(amount: int) -> str:
    return f"+{_whole(amount)}" if amount >= WAD else _whole(amount)


def _percent(rate: int, *, sign: bool = True) -> str:
    text = format_units(rate * 100, 18, 2).replace("-", "−")
    return f"{'+' if sign and rate > 0 else ''}{text} %"
