"""One whole run: read a scenario, play it on a world, print the account, write the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from .console import ConsoleAccount, make_console
from .loader import LoadedScenario, ScenarioError, load_scenario
from .report import write
from .runner import play
from .world import World

PASSED, VIOLATED, UNUSABLE = 0, 1, 2
OUT = Path("build/demo")


def run(
    file: Path | str,
    make_world: Callable[[LoadedScenario], World],
    out: Path = OUT,
    console: Console | None = None,
    root: Path | None = None,
) -> int:
    """Play the scenario in `file` and return an exit status.

    `make_world` sets a world up for it: protocol deployed, actors funded and approved, KYC set. The report
    goes to `out`/report.json and report.html; price files are found from `root` (default: the working
    directory). 0: every invariant held; 1: not; 2: the file cannot be used (said on the console, one line for
    each problem).
    """
    loaded = read(file, console, root)
    return UNUSABLE if loaded is None else play_loaded(loaded, make_world, out, console)


def read(file: Path | str, console: Console | None = None, root: Path | None = None) -> LoadedScenario | None:
    """Return the scenario in `file`, or None once the console has been told what is wrong with it."""
    try:
        return load_scenario(file, root)
    except ScenarioError as error:
        for line in str(error).splitlines():
            (console or make_console()).print(Text(line, "red"), soft_wrap=True)
        return None


def play_loaded(
    loaded: LoadedScenario,
    make_world: Callable[[LoadedScenario], World],
    out: Path = OUT,
    console: Console | None = None,
) -> int:
    """Play a scenario that has been read. See `run`."""
    console = console or make_console()
    with console.status("setting up the protocol …"):
        world = make_world(loaded)
    account = ConsoleAccount(console)
    try:
        report = play(loaded, world, account)
    finally:
        account.close()
    for path in write(report, out):
        console.print(Text(str(path)), soft_wrap=True)
    return PASSED if report.passed else VIOLATED
