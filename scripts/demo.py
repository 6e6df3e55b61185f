"""Play a scenario on a fork of the local mainnet, and write the report."""

import os
from pathlib import Path
from typing import Any

import click

from integrations.protocol.cli import console, one_line
from integrations.scenario.demo import UNUSABLE, play_loaded, read


def _scenario(context: click.Context, parameter: click.Parameter, file: Path) -> Any:
    """Read the scenario before a chain is started; what is wrong with it is said line by line."""
    loaded = read(file)
    if loaded is None:
        context.exit(UNUSABLE)
    return loaded


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path), callback=_scenario)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/demo"),
    show_default=True,
    help="Folder for report.html and report.json.",
)
@one_line
def cli(scenario: Any, out: Path) -> None:
    """Play SCENARIO on a fork of the local mainnet, and write the report.

    The mainnet, with the real Uniswap v3, Pendle V2 and Morpho Blue, is built at the first run and loaded
    from then on. With AID_FORK_RPC set to the URL of an Ethereum node it is a fork of the real one.

    Exit status 0: every invariant held; 1: one was violated, or there is no chain to play on; 2: the file
    cannot be used.

    Example: ape run demo scenarios/first-year.yaml
    """
    from ape.logging import logger
    from ape_ethereum.trace import Trace

    from integrations.fork.local import RPC_VARIABLE, local_mainnet
    from integrations.fork.session import forked
    from integrations.scenario.chain import ChainWorld

    logger.set_level("WARNING")
    Trace.show = lambda *_, **__: None

    def progress(what: str) -> None:
        console.print(f"[dim]local mainnet: {what} …[/dim]", highlight=False)

    upstream = "mainnet, by AID_FORK_RPC" if os.environ.get(RPC_VARIABLE) else "local mainnet"
    with local_mainnet(progress=progress) as mainnet, forked(mainnet.node.url):
        status = play_loaded(scenario, lambda loaded: ChainWorld(loaded, mainnet.venues, upstream), out)
    raise SystemExit(status)
