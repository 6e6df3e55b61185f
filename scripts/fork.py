"""Run a local mainnet: real venues and the protocol, no internet."""

import signal
from typing import Any

import click
from rich.table import Table

from integrations.fork.local import RPC_VARIABLE, LocalMainnet, local_mainnet
from integrations.protocol.cli import console, furnish, one_line


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8545, show_default=True, help="Port to listen on."
)
@click.option("--empty", is_flag=True, help="Leave all accounts without coins, and the pools empty.")
@one_line
def cli(port: int, empty: bool) -> None:
    """Run a local mainnet until Ctrl-C: chain id 1, Uniswap v3, Pendle V2, Morpho Blue and the AID protocol.

    With AID_FORK_RPC set to the URL of an Ethereum node it is a fork of the real one, with the real venues.
    Test account 4 is a known user with coins, AID, sAID and LP tokens, unless you say --empty.

    \b
    Examples:
      ape run fork
      ape console --network ethereum:mainnet:http://127.0.0.1:8545
      ape run pool describe --network ethereum:mainnet:http://127.0.0.1:8545
    """
    from ape.logging import logger

    logger.set_level("WARNING")
    signal.signal(signal.SIGTERM, _stop)
    with console.status("starting …") as status, local_mainnet(port, status.update) as mainnet:
        rows = _addresses(mainnet, furnished=not empty)
        status.stop()
        _describe(mainnet, rows)
        try:
            mainnet.node.process.wait()
        except KeyboardInterrupt:
            console.print("stopped")


def _addresses(mainnet: LocalMainnet, *, furnished: bool) -> list[tuple[str, str]]:
    """Name and address of everything that is there."""
    from ape import networks

    from integrations.fork.session import load_protocol

    with networks.parse_network_choice(f"ethereum:mainnet:{mainnet.node.url}", disconnect_after=True):
        protocol = load_protocol(mainnet)
        if furnished:
            furnish(protocol)
        own = [(name, entry.address) for name, entry in protocol.book.contracts.items()]
    places = mainnet.places
    markets = [
        ("uniswap_v3.pool of AID and USDC", places.pool),
        ("pendle.market of sAID", places.market),
        ("morpho.blue market of USDC against sAID", places.lending),
    ]
    return [*places.venues.items(), *markets, *own]


def _describe(mainnet: LocalMainnet, rows: list[tuple[str, str]]) -> None:
    from ape import accounts

    table = Table("name", "address", title="contracts", title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(
        "accounts of the test mnemonic, 10,000 ether each (published keys: never send them anything real)"
    )
    for number, account in enumerate(accounts.test_accounts):
        console.print(
            f"  TEST::{number} {account.address} {account.private_key}", soft_wrap=True, highlight=False
        )
    start = "loaded" if mainnet.warm else "built"
    url = mainnet.node.url
    how = f"{start} in {mainnet.seconds:.1f} s; RPC {url}, chain id 1; Ctrl-C stops it"
    console.print(how, soft_wrap=True)
    console.print(f"[dim]ape console --network ethereum:mainnet:{url}[/dim]", soft_wrap=True, highlight=False)
    console.print(f"[dim]unset {RPC_VARIABLE}: a stand-in; set: a fork of that node[/dim]")
