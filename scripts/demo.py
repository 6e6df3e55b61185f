"""Play a scenario on a local chain of its own, and write the report."""

from pathlib import Path
from typing import Any

import click

from integrations.protocol.cli import network_command
from integrations.scenario.demo import UNUSABLE, play_loaded, read


def _scenario(context: click.Context, parameter: click.Parameter, file: Path) -> Any:
    """Read the scenario before a chain is started; what is wrong with it is said line by line."""
    loaded = read(file)
    if loaded is None:
        context.exit(UNUSABLE)
    return loaded


@network_command(None)
@click.argument("scenario", type=click.Path(path_type=Path), callback=_scenario)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/demo"),
    show_default=True,
    help="Folder for report.html and report.json.",
)
def cli(scenario: Any, out: Path) -> None:
    """Play SCENARIO on a local chain of its own, and write the report.

    Exit status 0: every invariant held; 1: one was violated, or there is no chain to play on; 2: the file
    cannot be used.

    Example: ape run demo scenarios/first-year.yaml
    """
    from integrations.scenario.chain import ChainWorld

    raise SystemExit(play_loaded(scenario, ChainWorld, out))
