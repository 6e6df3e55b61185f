"""What anyone may do for everyone: settle cycles, harvest reserve income."""

from pathlib import Path

import click

from integrations.protocol.cli import (
    account_option,
    balance_sheet,
    config_option,
    confirm,
    console,
    find_account,
    load_protocol,
    network_command,
    show,
    yes_option,
)
from integrations.protocol.user import User


@click.group()
def cli() -> None:
    """What anyone may do for everyone: settle cycles, harvest reserve income.

    Examples: ape run keep settle, ape run keep harvest
    """


@network_command(cli)
@account_option
@config_option
@yes_option
def settle(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Settle the withdrawal cycles that are due.

    Example: ape run keep settle
    """
    user = User(load_protocol(config_file), find_account(alias))
    staking = user.protocol.state().staking
    confirm(f"settle: cycles before {staking.cycle}; {show(staking.claimable)} AID claimable afterwards", yes)
    outcome = user.settle()
    console.print(f"done: {len(outcome.receipt.events)} events, {outcome.gas:,} gas")
    console.print(balance_sheet(user.protocol.state()))


@network_command(cli)
@account_option
@config_option
@yes_option
def harvest(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Mint the reserve's surplus above its buffer to the stakers.

    Example: ape run keep harvest
    """
    user = User(load_protocol(config_file), find_account(alias))
    confirm(f"harvest: {show(user.protocol.state().surplus)} AID of surplus, less the buffer", yes)
    outcome = user.harvest()
    console.print(f"done: {show(outcome.received)} AID to the stakers, {outcome.gas:,} gas")
    console.print(balance_sheet(user.protocol.state()))
