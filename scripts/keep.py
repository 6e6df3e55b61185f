"""What anyone may do for everyone: settle cycles, report, harvest, probe coins, release the insurance."""

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
    """What anyone may do for everyone: settle cycles, remember reports, harvest.

    Examples: ape run keep settle, ape run keep report, ape run keep harvest, ape run keep probe USDC
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


@network_command(cli)
@account_option
@config_option
@yes_option
def report(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Remember what the T-bill vaults report now; daily, or their income does not ripen.

    Example: ape run keep report
    """
    user = User(load_protocol(config_file), find_account(alias))
    confirm("report: the Treasury remembers what each vault says it is worth", yes)
    console.print(f"done: {user.report().gas:,} gas")


@network_command(cli)
@click.argument("coin")
@account_option
@config_option
@yes_option
def probe(coin: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Find out whether COIN can be delivered; one that cannot counts for nothing until it can.

    Example: ape run keep probe USDC
    """
    user = User(load_protocol(config_file), find_account(alias))
    confirm(f"probe: one unit of {coin} moves from the Gateway to itself", yes)
    outcome = user.probe(coin)
    (probed,) = outcome.receipt.decode_logs(user.protocol.gateway.Probed)
    console.print(f"done: {coin} {'can' if probed.delivers else 'CANNOT'} be delivered, {outcome.gas:,} gas")


@network_command(cli)
@account_option
@config_option
@yes_option
def release(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """After a wind-down and the last deal, give the insurance to the stakers, or burn it without any.

    Example: ape run keep release
    """
    user = User(load_protocol(config_file), find_account(alias))
    confirm(f"release: {show(user.protocol.insurance.available())} AID of insurance", yes)
    outcome = user.release_insurance()
    console.print(f"done: {show(outcome.received)} AID released, {outcome.gas:,} gas")
