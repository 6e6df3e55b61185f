"""The account of a scenario on a terminal, as it happens; in a file or a pipe, the same without a live bar.

Laid out for 100 columns. Where the output cannot say it in Unicode, it is said in ASCII.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from . import deal_tables, position_tables
from .books import (
    Row,
    annual_return,
    dollars,
    flows,
    held,
    liquidity,
    pool,
    ratio,
    reserve,
    share_prices,
    signed,
    staked,
)
from .fields import price_text
from .loader import LoadedScenario
from .model import Scenario
from .report import EventRecord, MonthRecord, Report
from .runner import Observer
from .units import DAY, format_elapsed
from .world import Snapshot, World

WIDTH = 100
BAR = 30
MARKS = {"done": ("✓", "green"), "refused": ("✗", "yellow"), "failed": ("‼", "bold red")}
ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "‼": "!", "→": ">", "−": "-", "–": "-", "·": "|", "×": "x", "÷": "/"}
)


def make_console() -> Console:
    """Return a console of the terminal's width, or of 100 columns where there is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _where(network: Mapping[str, str | int]) -> str:
    """Return what a run happens on."""
    upstream = network.get("upstream")
    return f"{network['name']}" + (f" of the {upstream}" if upstream else "")


class ConsoleAccount(Observer):
    """Prints what happens: a timeline, the books of each month, and who ended with what."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or make_console()
        self._unicode = self._console.encoding.lower().startswith("utf")
        self._live = self._console.is_terminal
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=BAR),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._task = self._progress.add_task("day 0")
        self._scenario: Scenario | None = None
        self._deficit = False

    def close(self) -> None:
        """Take the live bar away; for runs that end early."""
        self._progress.stop()

    # -- what the runner tells

    @override
    def started(self, loaded: LoadedScenario, world: World) -> None:
        scenario = self._scenario = loaded.scenario
        network = world.network()
        self._console.print(Text(self._plain(scenario.name), "bold"))
        self._console.print(Text(self._plain(scenario.description), "dim"))
        self._console.print(
            Text(
                self._plain(
                    f"{scenario.days} days from {scenario.start} · {_where(network)} · {loaded.file}"
                ),
                "dim",
            )
        )
        for name, path in loaded.paths.items():
            self._console.print(Text(self._plain(f"prices {name}: {path.source}"), "dim"))
        self._console.print()
        self._progress.update(self._task, total=scenario.duration)
        self._progress.start()

    @override
    def moved(self, elapsed: int) -> None:
        self._progress.update(self._task, completed=elapsed, description=f"day {elapsed // DAY:3}")

    @override
    def looked(self, snapshot: Snapshot) -> None:
        backing = snapshot.backing
        if backing.deficit == self._deficit or self._scenario is None:
            return
        self._deficit = backing.deficit
        parts = [f"covered {ratio(backing.backing, backing.supply)}"]
        parts += [
            f"{name} at ${price_text(coin.price)}"
            for name, coin in snapshot.coins.items()
            if price_text(coin.price, 3) != "1.000"
        ]
        parts += ["a feed is stale"] * backing.stale
        change = "deficit mode" if self._deficit else "normal mode again"
        when = format_elapsed(snapshot.time - self._scenario.start_time)
        text = f"{change}: {', '.join(parts)}"
        self._line(
            when, "gateway", "", Text(self._plain(text), "bold red" if self._deficit else "bold green")
        )

    @override
    def happened(self, record: EventRecord, snapshot: Snapshot) -> None:
        mark, style = MARKS[record.result]
        words = f"refused: {record.text}" if record.result == "refused" else record.text
        outcome = Text.assemble((f"{mark} ", style), (words, "" if record.result == "done" else style))
        if record.note:
            outcome.append(f" – {record.note}", "dim italic")
        start = self._scenario.start_time if self._scenario else 0
        what = record.do.replace("_", " ")
        self._line(format_elapsed(record.time - start), record.who or "", what, self._plain_text(outcome))

    @override
    def violated(self, problem: str) -> None:
        self._console.print(Text(self._plain(f"   invariant violated: {problem}"), "bold red"))

    @override
    def closed(self, month: MonthRecord) -> None:
        assert self._scenario is not None
        day = datetime.fromtimestamp(month.time - 1, timezone.utc).strftime("%e %B %Y").strip()
        done = month.day * 100 // self._scenario.days
        title = f"month {month.month} · {day} · {self._bar(done)}{done} %"
        self._heading(title)
        grid = Table.grid(padding=(0, 4))
        grid.add_row(
            self._book("Gateway", reserve(month.snapshot, self._scenario)),
            self._book("staked AID", staked(month.snapshot)),
            self._book("this month", [*share_prices(month.snapshot), *flows(month)]),
        )
        pools = month.snapshot.pools
        if pools:
            grid.add_row("", "", "")
            grid.add_row(
                *(self._book(f"pool {name}", pool(month.snapshot, self._scenario, name)) for name in pools)
            )
        self._console.print(Padding(grid, (0, 0, 1, 1)))

    @override
    def finished(self, report: Report) -> None:
        self.close()
        last = report.samples[-1]
        tables = deal_tables
        portfolio = tables.brief(tables.PORTFOLIO, tables.portfolio(report), tables.BRIEF_PORTFOLIO)
        losses = tables.brief(tables.LOSSES, tables.losses(report), tables.BRIEF_LOSSES)
        self._heading("who ended with what (dollars; AID at 1, sAID at its exit price, less debts)")
        self._console.print(self._actors(report))
        for title, columns, rows in (
            ("deals at the end (AID; paid and gain are the funder's)", *portfolio),
            ("losses, and who bore them (AID)", *losses),
            ("what sAID earned, by source", tables.YIELDS, tables.yields(report)),
        ):
            if rows:
                self._heading(title)
                self._console.print(self._table(columns, rows))
        if report.positions:
            self._heading("positions at venues: predicted when opened, and realised (AID; percent a year)")
            self._console.print(self._positions(report))
        if report.liquidity:
            self._heading("liquidity in pools (dollars at the end; against having kept the tokens)")
            self._console.print(self._liquidity(report))
        self._heading("invariants")
        self._console.print(self._invariants(report))
        refused = sum(event.result == "refused" for event in report.events)
        self._console.print()
        backing = last.backing
        for line in (
            f"{len(report.events)} events, of which {refused} refusals that were expected"
            + self._by_agents(report),
            f"NAV per share {price_text(last.staking.price_exit, 6)} AID ({annual_return(report)} a year)"
            + self._behind(report),
            f"AID supply {dollars(backing.supply)}, covered {ratio(backing.backing, backing.supply)}",
        ):
            self._console.print(Text(self._plain(line)))
        verdict = "every invariant held" if report.passed else "NOT every invariant held"
        self._console.print(Text(verdict, "bold green" if report.passed else "bold red"))

    # -- how it looks

    def _line(self, when: str, who: str, what: str, outcome: Text) -> None:
        row = Table.grid(padding=(0, 1))
        row.add_column(width=13, style="dim", justify="right", no_wrap=True)
        row.add_column(width=10, no_wrap=True)
        row.add_column(width=16, style="cyan", no_wrap=True)
        row.add_column(ratio=1)
        row.add_row(when, Text(who), Text(what), outcome)
        self._console.print(row)

    def _heading(self, title: str) -> None:
        self._console.print()
        characters = "─" if self._unicode else "-"
        self._console.print(Rule(Text(self._plain(title), "bold"), characters=characters, align="left"))

    def _book(self, title: str, rows: list[Row]) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=18, no_wrap=True)
        table.add_column(min_width=9, justify="right", no_wrap=True)
        table.add_row(Text(title, "cyan"), "")
        for row in rows:
            style = "bold" if row.total else ""
            table.add_row(Text(self._plain(row.label), style or "dim"), Text(self._plain(row.text), style))
        return table

    def _actors(self, report: Report) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 1), header_style="cyan")
        table.add_column("actor")
        table.add_column("ends with")
        for name in ("wealth before", "after", "gain"):
            table.add_column(name, justify="right", no_wrap=True)
        for actor in report.actors:
            style = "green" if actor.profit > 0 else "red" if actor.profit < 0 else ""
            table.add_row(
                Text.assemble(actor.name, ("" if not actor.kyc else " kyc", "dim")),
                Text(self._plain(", ".join(held(actor.last, report.scenario)) or "nothing"), "dim"),
                dollars(actor.first_wealth),
                dollars(actor.last_wealth),
                Text(self._plain(signed(actor.profit)), style),
            )
        return table

    def _table(self, columns: Sequence[str], rows: list[list[str]]) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 1), header_style="cyan")
        for name in columns:
            words = name in ("deal", "status", "source")
            table.add_column(name, justify="left" if words else "right", no_wrap=name != "status")
        for row in rows:
            table.add_row(*map(self._plain, row), style="bold" if row[0] == "net" else None)
        return table

    def _positions(self, report: Report) -> Table:
        table = Table(box=None, padding=(0, 1, 0, 1), header_style="cyan")
        for name in position_tables.COLUMNS:
            words = name in ("who", "venue")
            table.add_column(name, justify="left" if words else "right", no_wrap=True)
        for one in report.positions:
            table.add_row(*map(self._plain, position_tables.row(one, report)))
        grid = Table.grid()
        grid.add_row(table)
        grid.add_row("")
        for one in report.positions:
            text = Text.assemble((f"{one.who}: ", "cyan"), f"{one.what} – ", (one.why, "dim"))
            grid.add_row(Padding(self._plain_text(text), (0, 0, 0, 1)))
        return grid

    def _liquidity(self, report: Report) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 1), header_style="cyan")
        for name in ("who", "pool", "deposited"):
            table.add_column(name)
        for name in ("worth", "if held", "difference", "growth"):
            table.add_column(name, justify="right", no_wrap=True)
        for record in report.liquidity:
            who, pool_name, deposited, _, *numbers = map(self._plain, liquidity(record, report.scenario))
            table.add_row(who, pool_name, Text(deposited, "dim"), *numbers)
        return table

    def _invariants(self, report: Report) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 1), header_style="cyan")
        table.add_column("what must hold")
        table.add_column("checked", justify="right")
        table.add_column("violated", justify="right")
        for one in report.invariants:
            style = "bold red" if one.violated else "green"
            table.add_row(one.name, f"{one.checked:,}", Text(f"{one.violated:,}", style))
            for detail in one.details:
                table.add_row(Text(self._plain(f"  {detail}"), "red"), "", "")
        return table

    @staticmethod
    def _by_agents(report: Report) -> str:
        """Return what agents did among the events."""
        traffic = sum(event.by == "traffic" for event in report.events)
        trades = sum(event.by == "arbitrageur" for event in report.events)
        planned = sum(event.by == "schedule" for event in report.events)
        parts = [f"{trades} arbitrages and {traffic} swaps of traffic"] * bool(traffic or trades)
        parts += [f"{planned} payments of borrowers on their due days"] * bool(planned)
        return "".join(f", {part} (not shown)" for part in parts)

    @staticmethod
    def _behind(report: Report) -> str:
        late = deal_tables.behind(report)
        return f", {late} below everybody paying on time" if late else ""

    def _bar(self, percent: int) -> str:
        """Return a bar for output that has no live one."""
        if self._live:
            return ""
        full, empty = ("█", "░") if self._unicode else ("#", ".")
        filled = BAR * percent // 100
        return full * filled + empty * (BAR - filled) + " "

    def _plain(self, text: str) -> str:
        return text if self._unicode else text.translate(ASCII)

    def _plain_text(self, text: Text) -> Text:
        if not self._unicode:
            text.plain = text.plain.translate(ASCII)
        return text
