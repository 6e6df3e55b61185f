"""Take a closed installation to its opening through the timelock, and stop what is queued there."""

from pathlib import Path

import click

from integrations.protocol import governance
from integrations.protocol.cli import (
    account_option,
    config_option,
    confirm,
    console,
    find_account,
    load_protocol,
    network_command,
    queue_table,
    yes_option,
)
from integrations.protocol.errors import AddressBookError

#: Operations of an installation, in order.
WHAT = {"acceptance": governance.acceptance, "opening": governance.opening}
what_argument = click.argument("what", type=click.Choice(list(WHAT)))


@click.group()
def cli() -> None:
    """Hand an installation to its timelock and open it: queue, wait, execute.

    Examples:

      ape run govern queue acceptance --network ethereum:sepolia:node --account proposer --config mine.yaml

      ape run govern execute opening --network ethereum:sepolia:node --account anyone --config mine.yaml
    """


def _operation(config_file: Path | None, what: str):
    protocol = load_protocol(config_file)
    if "timelock" not in protocol.book.contracts:
        raise AddressBookError("this installation has no timelock", "its deployer governs: it is open")
    return protocol, WHAT[what](protocol)


@network_command(cli)
@what_argument
@account_option
@config_option
@yes_option
def queue(what: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Schedule the acceptance of GOVERNOR, or the opening of minting, deposits and pools. Proposers only."""
    protocol, operation = _operation(config_file, what)
    account = find_account(alias)
    confirm(f"schedule the {what}, {protocol.timelock.get_minimum_delay() / 86_400:g} days from now", yes)
    operation.schedule(account)
    console.print(queue_table(protocol))


@network_command(cli)
@what_argument
@account_option
@config_option
@yes_option
def execute(what: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Execute what was scheduled and whose delay is over. Anyone may."""
    protocol, operation = _operation(config_file, what)
    account = find_account(alias)
    confirm(f"execute the {what}", yes)
    operation.execute(account)
    console.print(f"GOVERNOR is {governance.governor_of(protocol)}")
    console.print(f"the installation is {'open' if protocol.is_open else 'closed'}")


@network_command(cli)
@what_argument
@account_option
@config_option
@yes_option
def cancel(what: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Stop what was scheduled. Cancellers only."""
    protocol, operation = _operation(config_file, what)
    account = find_account(alias)
    confirm(f"cancel the {what}", yes)
    operation.cancel(account)
    console.print(queue_table(protocol))
