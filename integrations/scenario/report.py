"""The account of one played scenario as immutable records, and its JSON form.

In JSON every amount, price and number of shares is a *decimal string* of its integer: AID, sAID and dollar
values with 18 decimals, coins with their own, prices with 18. Times (Unix seconds), days, counts are numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from .deal_book import LossRecord
from .model import Scenario
from .positions import PositionRecord
from .units import WAD
from .world import AID, Holdings, Settlement, Snapshot

Result = Literal["done", "refused", "failed"]
Source = Literal["timeline", "arbitrageur", "traffic", "schedule"]
"""Who brought an event about: borrowers pay on `schedule`."""

COUNTS = frozenset(
    {"time", "start", "day", "days", "index", "month", "cycle", "checked", "violated", "decimals"}
    | {"chain_id", "block", "transactions", "since", "closed", "funded", "next_due"}
)
"""Keys whose integers stay numbers in JSON; all other integers become decimal strings."""

FORMAT = {
    "amounts": "decimal strings of integers: AID, sAID and dollar values 18 decimals, coins their own",
    "prices": "decimal strings of integers, 18 decimals: 1 dollar (or 1 AID a share) = 1000000000000000000",
    "times": "numbers: Unix seconds, UTC",
}


@dataclass(frozen=True)
class EventRecord:
    """One event and what came of it: done, refused as expected, or failed (not as the scenario says).

    `index` is its place in the timeline, −1 for what an agent did (`by`).
    """

    index: int
    time: int
    day: int
    do: str
    who: str | None
    result: Result
    text: str
    reason: str | None
    note: str | None
    flows: Mapping[str, int]
    given: Mapping[str, str | bool]
    by: Source = "timeline"


@dataclass(frozen=True)
class MonthRecord:
    """The books at the end of a month: the protocol, what flowed in it, who holds AID, who has what."""

    month: int
    time: int
    day: int
    snapshot: Snapshot
    flows: Mapping[str, int]
    aid_holders: Mapping[str, int]
    wealth: Mapping[str, int]


@dataclass(frozen=True)
class ActorRecord:
    """An actor at the start and at the end. Wealth in dollars (18 decimals), see `wealth`."""

    name: str
    role: str | None
    kyc: bool
    first: Holdings
    last: Holdings
    first_wealth: int
    last_wealth: int

    @property
    def profit(self) -> int:
        """Dollars gained (18 decimals), negative for a loss."""
        return self.last_wealth - self.first_wealth


@dataclass(frozen=True)
class LiquidityRecord:
    """What an actor's liquidity in a pool came to. Values in dollars (18 decimals) at the end's prices.

    `deposited` and `withdrawn` are token units; `held` is what they would have with the difference in the
    wallet, `value` what the LP tokens are worth. `growth` is that of the value of one LP token since they
    came (WAD): fees, and for a pool of sAID its yield.
    """

    who: str
    pool: str
    since: int
    deposited: Mapping[str, int]
    withdrawn: Mapping[str, int]
    shares: int
    value: int
    held: int
    growth: int

    @property
    def gain(self) -> int:
        """Dollars more than without the pool (18 decimals), negative for less."""
        return self.value - self.held


@dataclass(frozen=True)
class PriceRecord:
    """A price (WAD) that a feed reported."""

    time: int
    coin: str
    price: int


@dataclass(frozen=True)
class ModeRecord:
    """The Gateway changed its mode: deficit (prices or a stale feed), or back to normal."""

    time: int
    deficit: bool
    stale: bool
    backing: int
    supply: int


@dataclass(frozen=True)
class InvariantRecord:
    """An invariant, how often it was looked at and did not hold, and the first few times that it did not."""

    name: str
    checked: int
    violated: int
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class DealRecord:
    """A deal at the end. Amounts in AID (18 decimals); `next_due` and `funded` Unix seconds, None if neither.

    `carrying` is gross of `impairment`; `paid` is what its funder has had of it, `fees` what the protocol
    has, `income` is `paid` and carrying value, less impairment and what was funded.
    """

    name: str
    borrower: str
    structure: str
    funder: str
    status: str
    funded: int | None
    amount: int
    principal: int
    carrying: int
    impairment: int
    next_due: int | None
    next_amount: int
    paid: int
    fees: int
    income: int


@dataclass(frozen=True)
class NavRecord:
    """Exit NAV of a share (WAD), as it was and with everybody paying on time."""

    time: int
    actual: int
    performing: int


@dataclass(frozen=True)
class YieldRecord:
    """What a source has brought to sAID: AID (18 decimals), and a year in parts of staked assets (WAD)."""

    source: str
    amount: int
    rate: int


@dataclass(frozen=True)
class Report:
    """Everything there is to say about one run."""

    network: Mapping[str, Any]
    scenario: Scenario
    file: str
    path_sources: Mapping[str, str]
    events: tuple[EventRecord, ...]
    months: tuple[MonthRecord, ...]
    actors: tuple[ActorRecord, ...]
    invariants: tuple[InvariantRecord, ...]
    samples: tuple[Snapshot, ...]
    prices: tuple[PriceRecord, ...]
    modes: tuple[ModeRecord, ...]
    cycles: tuple[Settlement, ...]
    liquidity: tuple[LiquidityRecord, ...] = ()
    deals: tuple[DealRecord, ...] = ()
    losses: tuple[LossRecord, ...] = ()
    performing: tuple[NavRecord, ...] = ()
    yields: tuple[YieldRecord, ...] = ()
    positions: tuple[PositionRecord, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every invariant was looked at wherever it applied and always held."""
        return all(invariant.violated == 0 for invariant in self.invariants)


def aid_value(snapshot: Snapshot) -> int:
    """Return the dollar value of one AID (WAD): 1, or what backs it in deficit mode."""
    backing = snapshot.backing
    if not backing.deficit or not backing.supply:
        return WAD
    return min(WAD, WAD * backing.backing // max(backing.supply, backing.backing_par))


def wealth(holdings: Holdings, snapshot: Snapshot, scenario: Scenario) -> int:
    """Return the dollar value (18 decimals) of all an actor has.

    Coins at their price; AID, claimable AID included, at `aid_value`; sAID, pending shares included, at the
    exit price; T-bill vault shares at the vault's rate; LP tokens at their part of the pool; less what is
    owed, at par, and of deals and venues at what they carry.
    """
    total = sum(worth(snapshot, scenario, coin, units) for coin, units in holdings.coins.items())
    for pool, shares in holdings.liquidity.items():
        total += liquidity_value(snapshot, scenario, pool, shares)
    for name, shares in holdings.vault_shares.items():
        vault, coin = snapshot.vaults[name], scenario.reserve.vaults[name].coin
        value = shares * vault.rate // WAD * 10 ** (18 - scenario.decimals(coin))
        total += value * snapshot.coins[coin].price // WAD
    staked = (holdings.shares + holdings.pending_shares) * snapshot.staking.price_exit // WAD
    owned = total + (holdings.aid + holdings.claimable_aid + staked) * aid_value(snapshot) // WAD
    return owned + holdings.in_deals + sum(holdings.in_venues.values()) - holdings.debt


def worth(snapshot: Snapshot, scenario: Scenario, token: str, units: int) -> int:
    """Return the dollar value (18 decimals) of units of a coin, AID or sAID; see `wealth`."""
    if token in scenario.stablecoins:
        return units * int(10 ** (18 - scenario.decimals(token))) * snapshot.coins[token].price // WAD
    aid = units if token == AID else units * snapshot.staking.price_exit // WAD
    return aid * aid_value(snapshot) // WAD


def liquidity_value(snapshot: Snapshot, scenario: Scenario, pool: str, shares: int) -> int:
    """Return the dollar value (18 decimals) of LP tokens: their part of each coin of the pool."""
    state = snapshot.pools.get(pool)
    if state is None or not state.shares:
        return 0
    parts = ((coin, units * shares // state.shares) for coin, units in state.balances.items())
    return sum(worth(snapshot, scenario, coin, units) for coin, units in parts)


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data, ready for JSON (see the module's text for the format)."""
    scenario = report.scenario
    data = {
        "network": report.network,
        "scenario": {
            "name": scenario.name,
            "description": scenario.description,
            "file": report.file,
            "start": scenario.start_time,
            "days": scenario.days,
            "stablecoins": {
                name: {"decimals": coin.decimals, "mint_fee_bps": str(coin.mint_fee_bps)}
                | {"redeem_fee_bps": str(coin.redeem_fee_bps)}
                for name, coin in scenario.stablecoins.items()
            },
            "price_paths": report.path_sources,
        },
        "passed": report.passed,
        "events": report.events,
        "months": report.months,
        "actors": [{**_plain(actor), "profit": str(actor.profit)} for actor in report.actors],
        "invariants": report.invariants,
        "cycles": report.cycles,
        "liquidity": [{**_plain(one), "gain": str(one.gain)} for one in report.liquidity],
        "deals": report.deals,
        "losses": report.losses,
        "performing": report.performing,
        "yields": report.yields,
        "positions": [{**_plain(one), "difference": str(one.difference)} for one in report.positions],
        "samples": report.samples,
        "prices": report.prices,
        "modes": report.modes,
        "format": FORMAT,
    }
    encoded = _plain(data)
    assert isinstance(encoded, dict)
    return encoded


def to_json(report: Report) -> str:
    """Return the report as JSON text."""
    return json.dumps(to_dict(report), indent=1, ensure_ascii=False) + "\n"


def write(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write report.json and report.html to `folder` (made if absent). Return their paths."""
    from .page import to_html  # the charts take a second to import, which only those pay who draw

    folder.mkdir(parents=True, exist_ok=True)
    json_file, html_file = folder / "report.json", folder / "report.html"
    json_file.write_text(to_json(report), encoding="utf-8")
    html_file.write_text(to_html(report), encoding="utf-8")
    return json_file, html_file


def _plain(value: Any, key: str = "") -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name), each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item, str(name)) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, key) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return value if key in COUNTS else str(value)
    return value
