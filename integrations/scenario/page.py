"""The report as one self-contained page: no scripts, no network, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import resources

import jinja2
from markupsafe import Markup

from . import deal_tables, position_tables
from .books import (
    Row,
    annual_return,
    dollars,
    flows,
    held,
    holders,
    liquidity,
    pool,
    ratio,
    reserve,
    share_prices,
    signed,
    staked,
)
from .charts import charts
from .fields import price_text
from .report import MonthRecord, Report
from .units import format_elapsed, format_instant

PORTFOLIO_NOTE = "At the end, in AID. Paid and gain are the funder's, after fees."
LOSSES_NOTE = "What was carried, what came back, and who bore the rest, in this order."
YIELDS_NOTE = "What each source has brought sAID, vested or not, and a year on average staked assets."

CAPTIONS = {
    "nav": ("NAV per share", "What a share of sAID costs to get (deposit) and pays when leaving (exit)."),
    "supply": (
        "AID supply and what backs it",
        "Backing counts every coin at min(1, price). Red: deficit mode.",
    ),
    "coverage": (
        "Coverage",
        "Backing as a part of supply, at market prices and with every coin at a dollar.",
    ),
    "reserve": ("The reserve", "Stablecoins at the Gateway and the T-bill vaults."),
    "price": ("Prices, close up", "What the feeds reported in the days off the peg. Red: deficit mode."),
    "staked": ("Where staked AID is", "Idle, lent out, and set aside for those who left."),
    "deals": ("Deals", "What the book of deals is worth, and what of its carrying value is impaired."),
    "liquidity": (
        "Liquidity against its floor",
        "Idle AID beyond the queue, as a part of exit assets. A deal is funded only above the floor.",
    ),
    "waterfall": (
        "Who bore each loss",
        "Of what a deal was carried at, in the order in which it is borne.",
    ),
    "sources": ("What sAID earned, by source", "A year, on average staked assets, net of fees."),
    "cycles": ("Withdrawal cycles", "What each settled cycle paid of what was asked; the rest rolled on."),
    "queue": ("The queue", "Shares waiting for their cycle, and AID waiting to be collected."),
    "pools": (
        "Pool prices",
        "Price of AID in USDC, and of sAID in AID against its exit NAV: 100 % is par. Red: deficit mode.",
    ),
    "depth": ("Depth", "How much one swap may sell before it gets half a per cent less than the price."),
    "positions": (
        "Positions at venues",
        "What each was predicted to gain when it was opened, and what it has gained.",
    ),
    "wealth": ("Who gained what", "Dollars gained or lost since the start, at month ends (debts count)."),
}


def to_html(report: Report) -> str:
    """Return the page."""
    scenario = report.scenario
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    environment.filters |= {
        "dollars": dollars,
        "signed": signed,
        "elapsed": lambda time: format_elapsed(time - scenario.start_time),
        "instant": format_instant,
        "price": price_text,
    }
    source = resources.files(__package__).joinpath("report.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        report=report,
        scenario=scenario,
        charts={name: Markup(svg) for name, svg in charts(report).items()},
        captions=CAPTIONS,
        cards=_cards(report),
        sheets=_sheets(report),
        liquidity=[liquidity(one, scenario) for one in report.liquidity],
        positions=[(position_tables.row(one, report), one) for one in report.positions],
        position_columns=position_tables.COLUMNS,
        tables=_tables(report),
        told=[event for event in report.events if event.by != "traffic"],
        traffic=sum(event.by == "traffic" for event in report.events),
        months=[_month_name(month) for month in report.months],
        actors=[(actor, held(actor.first, scenario), held(actor.last, scenario)) for actor in report.actors],
        violated=sum(1 for one in report.invariants if one.violated),
    )


def _tables(report: Report) -> list[tuple[str, str, Sequence[str], list[list[str]]]]:
    """Return the tables of deals that have rows: (title, note, columns, rows)."""
    late = deal_tables.behind(report)
    told = f" NAV per share is {late} below what it would be, had everybody paid on time." if late else ""
    found: list[tuple[str, str, Sequence[str], list[list[str]]]] = [
        ("Portfolio", PORTFOLIO_NOTE + told, deal_tables.PORTFOLIO, deal_tables.portfolio(report)),
        ("Losses", LOSSES_NOTE, deal_tables.LOSSES, deal_tables.losses(report)),
        ("Yield by source", YIELDS_NOTE, deal_tables.YIELDS, deal_tables.yields(report)),
    ]
    return [table for table in found if table[3]]


def _cards(report: Report) -> list[tuple[str, str, str]]:
    last = report.samples[-1]
    worst = min(report.samples, key=lambda one: _coverage(one.backing.backing, one.backing.supply))
    refused = sum(event.result == "refused" for event in report.events)
    checks = sum(one.checked for one in report.invariants)
    violations = sum(one.violated for one in report.invariants)
    return [
        (
            "AID supply",
            dollars(last.backing.supply),
            f"covered {ratio(last.backing.backing, last.backing.supply)}",
        ),
        ("NAV per share", price_text(last.staking.price_exit), f"{annual_return(report)} a year"),
        (
            "worst coverage",
            ratio(worst.backing.backing, worst.backing.supply),
            f"on {format_instant(worst.time)[:10]}",
        ),
        ("events", str(len(report.events)), f"of which {refused} refusals"),
        ("invariant checks", f"{checks:,}", f"{violations:,} violated" if violations else "all held"),
    ]


def _coverage(backing: int, supply: int) -> float:
    return backing / supply if supply else float("inf")


def _sheets(report: Report) -> list[tuple[str, list[tuple[Row, list[str]]]]]:
    """Return the books with a column for each month: (title, [(row, texts by month)])."""
    scenario = report.scenario
    books = {
        "Gateway": [reserve(month.snapshot, scenario) for month in report.months],
        "Staked AID": [staked(month.snapshot) + share_prices(month.snapshot) for month in report.months],
        "Flows of the month": [flows(month, report) for month in report.months],
        "Who holds AID": [holders(month, scenario) for month in report.months],
    }
    for name in report.samples[-1].pools:
        books[f"Pool {name}"] = [pool(month.snapshot, scenario, name) for month in report.months]
    return [
        (title, [(row, [column[at].text for column in columns]) for at, row in enumerate(columns[0])])
        for title, columns in books.items()
        if columns
    ]


def _month_name(month: MonthRecord) -> str:
    return datetime.fromtimestamp(month.time - 1, timezone.utc).strftime("%e %b").strip()
