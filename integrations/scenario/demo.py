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


def run(
    file: Path | str,
    make_world: Callable[[LoadedScenario], World],
    out: Path | None = None,
    console: Console | None = None,
    root: Path | None = None,
) -> int:
    """Play the scenario in `file` and return an exit status.

    `make_world` sets a world up for it: protocol deployed, actors funded and approved, KYC set. The report
    goes to `out`/report.json and report.html (default build/demo); price files are found from `root`
    (default: the working directory). 0: every invariant held; 1: not; 2: the file cannot be used (said on the
    console, one line for each problem).
    """
    console = console or make_console()
    try:
        loaded = load_scenario(file, root)
    except ScenarioError as error:
        for line in str(error).splitlines():
            console.print(Text(line, "red"), soft_wrap=True)
        return UNUSABLE
    account = ConsoleAccount(console)
    try:
        report = play(loaded, make_world(loaded), account)
    finally:
        account.close()
    for path in write(report, out or Path("build/demo")):
        console.print(Text(str(path)), soft_wrap=True)
    return PASSED if report.passed else VIOLATED
