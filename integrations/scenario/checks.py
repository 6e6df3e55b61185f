"""What makes a well-formed scenario consistent: names that exist, times in order, amounts that fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from difflib import get_close_matches
from itertools import chain
from typing import Any

from .document import Path
from .events import Event
from .fields import In, Ref
from .model import Scenario
from .units import DAY, format_elapsed, to_units
from .world import AID, SAID

MAX_COINS, MAX_VAULTS, MAX_ACTORS = 8, 4, 28
"""What the Gateway accepts, and how many actors fit into one look at everything."""
SYMBOL = re.compile(r"[A-Za-z0-9.]{2,11}")

Finding = tuple[Path, str]


def cross_checks(scenario: Scenario) -> list[Finding]:
    """Return all that is inconsistent, as (path of the field, what was expected)."""
    return [
        *_set_up(scenario),
        *_limits(scenario),
        *_spread(scenario),
        *_deals(scenario),
        *_order(scenario),
        *chain.from_iterable(_event(scenario, index, event) for index, event in enumerate(scenario.timeline)),
        *_agents(scenario),
    ]


def _set_up(scenario: Scenario) -> Iterator[Finding]:
    if not scenario.stablecoins:
        yield ("stablecoins",), "expected at least one stablecoin, got none"
    for name in {AID, SAID} & set(scenario.stablecoins):
        yield ("stablecoins", name), f"expected another symbol: {name} is the protocol's own"
    for name in sorted(set(scenario.reserve.vaults) & {AID, SAID, *scenario.stablecoins}):
        yield ("reserve", "vaults", name), "expected a name that no token has"
    for name, vault in scenario.reserve.vaults.items():
        yield from _known("coin", vault.coin, scenario.stablecoins, ("reserve", "vaults", name, "coin"))
    for name, actor in scenario.actors.items():
        for coin, amount in actor.balances.items():
            path = ("actors", name, "balances", coin)
            unknown = list(_known("coin", coin, scenario.stablecoins, path))
            yield from unknown or _decimals(amount, scenario.decimals(coin), coin, path)


def _limits(scenario: Scenario) -> Iterator[Finding]:
    """What the contracts accept at all."""
    parts: list[tuple[Path, Iterable[str], int]] = [
        (("stablecoins",), scenario.stablecoins, MAX_COINS),
        (("reserve", "vaults"), scenario.reserve.vaults, MAX_VAULTS),
        (("actors",), scenario.actors, MAX_ACTORS),
    ]
    for path, names, most in parts:
        if len(list(names)) > most:
            yield path, f"expected at most {most}, got {len(list(names))}"
    for path, names, _ in parts[:2]:
        for name in names:
            if not SYMBOL.fullmatch(name):
                yield (*path, name), "expected a symbol of 2 to 11 letters, digits and dots"
    for name, coin in scenario.stablecoins.items():
        if coin.style == "usdt" and coin.decimals != 6:
            yield ("stablecoins", name, "decimals"), f'expected 6 for style usdt, got "{coin.decimals}"'
    terms = scenario.staking
    if terms.vesting % DAY or not DAY <= terms.vesting <= 90 * DAY:
        yield ("staking", "vesting"), f"expected whole days, 1d to 90d, got {format_elapsed(terms.vesting)}"
    if not DAY <= terms.window <= 15 * DAY:
        yield ("staking", "window"), f"expected 1d to 15d, got {format_elapsed(terms.window)}"
    if terms.reserve_floor_bps > 9_000:
        path = ("staking", "reserve_floor_bps")
        yield path, f'expected at most 9000, got "{terms.reserve_floor_bps}"'
    if terms.min_request is not None and terms.min_request > 10_000:
        yield ("staking", "min_request"), f'expected at most 10000, got "{terms.min_request}"'


def _spread(scenario: Scenario) -> Iterator[Finding]:
    """A spread below the feeds' deviation would be a free swap from the worse coin to the better."""
    for minted, entry in scenario.stablecoins.items():
        for redeemed, leave in scenario.stablecoins.items():
            needed = max(entry.deviation_bps, leave.deviation_bps)
            spread = entry.mint_fee_bps + leave.redeem_fee_bps
            if spread < needed:
                path = ("stablecoins", minted, "mint_fee_bps")
                yield (
                    path,
                    (
                        f"expected mint fee + redeem fee of {redeemed} of at least {needed} bps "
                        f"(the feeds' deviation), got {spread}"
                    ),
                )


def _order(scenario: Scenario) -> Iterator[Finding]:
    latest = 0
    for index, event in enumerate(scenario.timeline):
        field = "day" if event.day is not None else "at"
        if event.offset > scenario.duration:
            got = format_elapsed(event.offset)
            yield ("timeline", index, field), f"expected a time within the {scenario.days} days, got {got}"
        elif event.offset < latest:
            got = f"{format_elapsed(event.offset)} after {format_elapsed(latest)}"
            yield ("timeline", index, field), f"expected events in order of time, got {got}"
        latest = max(latest, event.offset)


def _agents(scenario: Scenario) -> Iterator[Finding]:
    for index, one in enumerate(scenario.agents.arbitrageurs):
        path: Path = ("agents", "arbitrageurs", index)
        yield from _known("actor", one.who, scenario.actors, (*path, "who"))
        for pool in one.pools:
            yield from _known("pool", pool, scenario.pools, (*path, "pools"))
    for index, trader in enumerate(scenario.agents.traders):
        path = ("agents", "traders", index)
        yield from _known("actor", trader.who, scenario.actors, (*path, "who"))
        yield from _known("pool", trader.pool, scenario.pools, (*path, "pool"))


def _deals(scenario: Scenario) -> Iterator[Finding]:
    if scenario.deals and scenario.portfolio.kind != "deals":
        yield ("deals",), "expected `portfolio: {kind: deals}`"
    for field in ("appraisal_age", "coverage_age", "telemetry_age"):
        age = getattr(scenario.portfolio, field)
        if age % DAY or not DAY <= age <= 400 * DAY:
            yield ("portfolio", field), f"expected whole days, 1d to 400d, got {format_elapsed(age)}"
    for name, deal in scenario.deals.items():
        path: Path = ("deals", name)
        yield from _known("actor", deal.borrower, scenario.actors, (*path, "borrower"))
        yield from _known("coin", deal.coin, scenario.stablecoins, (*path, "coin"))
        if deal.pays is not None:
            yield from _known("coin", deal.pays.coin, scenario.stablecoins, (*path, "pays", "coin"))
        yield from (((*path, *field), problem) for field, problem in deal.problems())


def _event(scenario: Scenario, index: int, event: Event) -> Iterator[Finding]:
    for field, problem in event.problems(scenario):
        yield ("timeline", index, field), problem
    names: dict[str, Iterable[str]] = {
        "actor": scenario.actors,
        "coin": scenario.stablecoins,
        "vault": scenario.reserve.vaults,
        "token": [AID, SAID, *scenario.stablecoins],
        "path": scenario.price_paths,
        "pool": scenario.pools_before(event),
        "deal": scenario.deals,
        "split market": scenario.splits_before(event),
        "lending market": scenario.lending_before(event),
    }
    for field, info in type(event).model_fields.items():
        value, path = getattr(event, field), ("timeline", index, field)
        for marker in _markers(info):
            if isinstance(marker, Ref) and value is not None:
                yield from _known(marker.kind, value, names[marker.kind], path)
            elif isinstance(marker, In) and isinstance(value, Decimal):
                token = marker.token or getattr(event, str(marker.field))
                if marker.underlying and token in scenario.reserve.vaults:
                    token = scenario.reserve.vaults[token].coin
                if token in [*names["token"], *names["vault"], *names["pool"]]:
                    yield from _decimals(value, scenario.decimals(token), token, path)


def _markers(info: Any) -> list[Any]:
    """Return the markers of a field, those inside `Annotated[...] | None` included."""
    found = list(info.metadata)
    for part in getattr(info.annotation, "__args__", ()):
        found.extend(getattr(part, "__metadata__", ()))
    return found


def _known(kind: str, name: str, known: Iterable[str], path: Path) -> Iterator[Finding]:
    choices = list(known)
    if name in choices:
        return
    close = get_close_matches(name, choices, n=1)
    one_of = f"expected one of {', '.join(choices)}" if choices else "none is declared"
    hint = f'did you mean "{close[0]}"?' if close else one_of
    yield path, f'unknown {kind} "{name}", {hint}'


def _decimals(amount: Decimal, decimals: int, token: str, path: Path) -> Iterator[Finding]:
    try:
        to_units(amount, decimals)
    except ValueError as error:
        yield path, f'{error} for {token}, got "{amount}"'
