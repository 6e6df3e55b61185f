"""The books of a month as rows to show: the Gateway, the staked AID vault, what flowed, who holds AID.

Console and page show the same rows. Values are 18-decimal dollars or AID unless a row says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .fields import price_text
from .model import Scenario
from .report import LiquidityRecord, MonthRecord, Report
from .units import WAD, format_units
from .venues import coins_of, has_ranges
from .world import Holdings, Snapshot

FLOWS = {
    "minted": "minted",
    "redeemed": "redeemed",
    "deposited": "deposited",
    "claimed": "claimed",
    "lent": "lent out",
    "repaid": "principal repaid",
    "income": "loan income",
    "harvested": "reserve income",
    "recapitalised": "given to reserve",
    "insured": "given to insurance",
    "lost": "written off",
    "recovered": "lots sold for",
    "drawn from reserves": "paid by reserves",
    "sold in shares": "sold in shares",
    "swapped": "swapped in pools",
    "liquidity added": "added to pools",
    "liquidity removed": "taken from pools",
}
"""What events report as flows, in the order shown; others follow under their own names."""

UNTOLD = frozenset({"from the vault", "to the vault", "paid in AID", "overpaid", "deal fees kept"})
"""Flows that checks need and that repeat others."""


@dataclass(frozen=True)
class Row:
    """A line of a book: `total` rows are sums of the lines above."""

    label: str
    text: str
    total: bool = False


def dollars(amount: int, places: int = 0) -> str:
    """Return an 18-decimal amount as `1,234`; a true minus sign for what is below zero."""
    return format_units(amount, 18, places).replace("-", "−")


def signed(amount: int, places: int = 0) -> str:
    """Like `dollars`, with a sign for gains too."""
    text = dollars(amount, places)
    return f"+{text}" if amount > 0 and text.strip("0.,") else text


def ratio(part: int, whole: int, places: int = 2) -> str:
    """Return a part of a whole as `99.87 %`, rounded down; a dash without a whole."""
    return f"{format_units(part * 100 * WAD // whole, 18, places)} %" if whole else "–"


def coin_value(snapshot: Snapshot, scenario: Scenario, coin: str) -> int:
    """Return what the reserve's units of a coin count for: at min(1, price)."""
    state = snapshot.coins[coin]
    return _scaled(state.units, scenario, coin) * min(WAD, state.price) // WAD


def vault_value(snapshot: Snapshot, scenario: Scenario, vault: str) -> int:
    """Return what a T-bill vault of the reserve counts for: at min(1, price) of its coin."""
    coin = scenario.reserve.vaults[vault].coin
    return _scaled(snapshot.vaults[vault].value, scenario, coin) * min(WAD, snapshot.coins[coin].price) // WAD


def _scaled(units: int, scenario: Scenario, coin: str) -> int:
    return units * int(10 ** (18 - scenario.decimals(coin)))


def reserve(snapshot: Snapshot, scenario: Scenario) -> list[Row]:
    """Return the Gateway's balance sheet: what backs AID, AID, and what is over."""
    backing = snapshot.backing
    return [
        *(Row(coin, dollars(coin_value(snapshot, scenario, coin))) for coin in scenario.stablecoins),
        *(Row(vault, dollars(vault_value(snapshot, scenario, vault))) for vault in scenario.reserve.vaults),
        Row("backing", dollars(backing.backing), total=True),
        Row("AID supply", dollars(backing.supply)),
        Row("surplus", signed(backing.backing - backing.supply), total=True),
        Row("coverage", ratio(backing.backing, backing.supply)),
        Row("insurance fund", dollars(snapshot.insurance)),
    ]


def staked(snapshot: Snapshot) -> list[Row]:
    """Return the staked AID vault: assets at exit value, shares, and the queue."""
    vault = snapshot.staking
    return [
        Row("idle AID", dollars(vault.idle)),
        Row("portfolio, gross", dollars(vault.gross)),
        Row("impairment", dollars(-vault.impairment)),
        Row("unvested profit", dollars(-vault.unvested)),
        Row("unvested releases", dollars(-vault.releasing)),
        Row("exit assets", dollars(vault.exit_assets), total=True),
        Row("sAID supply", dollars(vault.shares)),
        Row("sAID queued", dollars(vault.pending_active + vault.pending_next)),
        Row("claimable AID", dollars(vault.claimable)),
    ]


def share_prices(snapshot: Snapshot) -> list[Row]:
    """Return NAV/share, deposit and exit, in AID with six decimals."""
    vault = snapshot.staking
    return [
        Row("NAV/share, deposit", price_text(vault.price_deposit, 6)),
        Row("NAV/share, exit", price_text(vault.price_exit, 6)),
    ]


def pool(snapshot: Snapshot, scenario: Scenario, name: str) -> list[Row]:
    """Return a pool: what is in it, its price, and the value of its share."""
    state = snapshot.pools.get(name)
    shared = () if has_ranges(name) else ("LP tokens", "value of one")
    if state is None or not state.price:
        return [Row(label, "–") for label in (*coins_of(name), "price", *shared)]
    of_shares = (dollars(state.shares), price_text(state.share_value))
    return [
        *(
            Row(coin, dollars(units * int(10 ** (18 - scenario.decimals(coin)))))
            for coin, units in state.balances.items()
        ),
        Row("price", price_text(state.price)),
        *(Row(label, text) for label, text in zip(shared, of_shares, strict=False)),
    ]


def liquidity(record: LiquidityRecord, scenario: Scenario) -> list[str]:
    """Return an actor's liquidity: who, pool, deposited, withdrawn, worth, if held, difference, growth."""

    def told(amounts: Mapping[str, int]) -> str:
        parts = (
            (dollars(units * int(10 ** (18 - scenario.decimals(token)))), token)
            for token, units in amounts.items()
        )
        return " + ".join(f"{text} {token}" for text, token in parts) or "–"

    return [
        record.who,
        record.pool,
        told(record.deposited),
        told(record.withdrawn),
        dollars(record.value),
        dollars(record.held),
        signed(record.gain),
        ratio(record.growth, WAD) if record.shares else "–",
    ]


def flows(month: MonthRecord, report: Report | None = None) -> list[Row]:
    """Return what flowed in a month; with a report, every flow of its year, so that months compare."""
    known = {
        name for each in (report.months if report else [month]) for name in each.flows if each.flows[name]
    }
    known -= UNTOLD
    names = [name for name in FLOWS if name in known] + sorted(name for name in known if name not in FLOWS)
    return [Row(FLOWS.get(name, name), dollars(month.flows.get(name, 0))) for name in names]


def holders(month: MonthRecord, scenario: Scenario) -> list[Row]:
    """Return who holds AID: actors together, then each contract."""
    actors = sum(held for name, held in month.aid_holders.items() if name in scenario.actors)
    contracts = [(name, held) for name, held in month.aid_holders.items() if name not in scenario.actors]
    return [
        Row("actors", dollars(actors)),
        *(Row(name, dollars(held)) for name, held in contracts),
        Row("AID supply", dollars(sum(month.aid_holders.values())), total=True),
    ]


def held(holdings: Holdings, scenario: Scenario) -> list[str]:
    """Return what an actor has, as `1,234 USDC`, and `owes 567 AID`, leaving out what is nothing."""
    parts = [(units, scenario.decimals(coin), coin) for coin, units in holdings.coins.items()]
    parts += [(shares, scenario.decimals(name), name) for name, shares in holdings.vault_shares.items()]
    parts += [(shares, 18, f"{name} LP") for name, shares in holdings.liquidity.items()]
    parts += [
        (holdings.aid, 18, "AID"),
        (holdings.claimable_aid, 18, "AID to claim"),
        (holdings.shares, 18, "sAID"),
        (holdings.pending_shares, 18, "sAID queued"),
    ]
    texts = [(dollars(units * int(10 ** (18 - decimals))), name) for units, decimals, name in parts]
    owned = [f"{text} {name}" for text, name in texts if text != "0"]
    if (shares := dollars(holdings.in_deals)) != "0":
        owned.append(f"{shares} AID in deals")
    for venue, value in holdings.in_venues.items():
        if (text := dollars(value)) != "0":
            owned.append(f"{text} AID in {venue}")
    debt = dollars(holdings.debt)
    return owned if debt == "0" or holdings.debt < 0 else [*owned, f"owes {debt} AID"]


def annual_return(report: Report, which: Literal["exit", "deposit"] = "exit") -> str:
    """Return the year's growth of NAV per share, annualised on a simple base, e.g. `5.43 %`."""
    first, last = report.samples[0], report.samples[-1]
    start, end = (getattr(one.staking, f"price_{which}") for one in (first, last))
    days = max(1, report.scenario.days)
    return ratio((end - start) * 365, start * days) if start else "–"
