"""Run a local mainnet: real venues and the protocol, no internet."""

import signal
from typing import Any

import click
from rich.table import Table

from integrations.fork.local import RPC_VARIABLE, local_mainnet
from integrations.protocol.cli import console, one_line


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8545, show_default=True, help="Port to listen on."
)
@one_line
def cli(port: int) -> None:
    """Run a local mainnet until Ctrl-C: chain id 1, Uniswap v3, Pendle V2, Morpho Blue and the AID protocol.

    With AID_FORK_RPC set to the URL of an Ethereum node it is a fork of the real one, with the real venues.

    \b
    Examples:
      ape run fork
      ape console --network ethereum:mainnet:http://127.0.0.1:8545
    """
    from ape import accounts
    from ape.logging import logger

    logger.set_level("WARNING")
    signal.signal(signal.SIGTERM, _stop)
    with console.status("starting …") as status, local_mainnet(port, status.update) as mainnet:
        status.stop()
        _describe(mainnet, list(accounts.test_accounts))
        try:
            mainnet.node.process.wait()
        except KeyboardInterrupt:
            console.print("stopped")


def _describe(mainnet: Any, people: list[Any]) -> None:
    from ape import networks

    from integrations.fork.session import load_protocol

    table = Table("name", "address", title="contracts", title_justify="left")
    for name, address in mainnet.venues.items():
        table.add_row(name, address)
    table.add_row("pendle.market of sAID", mainnet.market)
    with networks.parse_network_choice(f"ethereum:mainnet:{mainnet.node.url}", disconnect_after=True):
        for name, entry in load_protocol(mainnet).book.contracts.items():
            table.add_row(f"aid.{name}" if name != "aid" else name, entry.address)
    console.print(table)
    console.print(
        "accounts of the test mnemonic, 10,000 ether each (published keys: never send them anything real)"
    )
    for number, account in enumerate(people):
        console.print(
            f"  TEST::{number} {account.address} {account.private_key}", soft_wrap=True, highlight=False
        )
    start = "loaded" if mainnet.warm else "built"
    console.print(f"{start} in {mainnet.seconds:.1f} s; RPC {mainnet.node.url}, chain id 1; Ctrl-C stops it")
    console.print(f"[dim]unset {RPC_VARIABLE}: a stand-in; set: a fork of that node[/dim]")
