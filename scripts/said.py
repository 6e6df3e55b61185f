"""Stake AID, and leave through withdrawal cycles."""

from pathlib import Path

import click

from integrations.protocol.cli import (
    account_option,
    config_option,
    confirm,
    find_account,
    load_protocol,
    network_command,
    report,
    show,
    to_units,
    yes_option,
)
from integrations.protocol.user import User


@click.group()
def cli() -> None:
    """Stake AID, and leave through withdrawal cycles.

    Examples: ape run said deposit 1000, ape run said request 500, ape run said claim
    """


def _user(alias: str | None, config_file: Path | None) -> User:
    return User(load_protocol(config_file), find_account(alias))


@network_command(cli)
@click.argument("amount")
@account_option
@config_option
@yes_option
def deposit(amount: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Stake AMOUNT of AID.

    Example: ape run said deposit 1000
    """
    user = _user(alias, config_file)
    wei = to_units(amount, 18)
    shares = user.protocol.staked_aid.previewDeposit(wei)
    confirm(f"deposit: {amount} AID → about {show(shares)} sAID for {user.address}", yes)
    report(user, user.deposit(wei))


@network_command(cli)
@click.argument("shares")
@account_option
@config_option
@yes_option
def request(shares: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Put SHARES of sAID in line to leave.

    Example: ape run said request 500
    """
    user = _user(alias, config_file)
    confirm(f"request: {shares} sAID of {user.address} join the line", yes)
    report(user, user.request(to_units(shares, 18, "shares")))


@network_command(cli)
@account_option
@config_option
@yes_option
def cancel(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Take back the shares that may still leave the line.

    Example: ape run said cancel
    """
    user = _user(alias, config_file)
    confirm(f"cancel: requests of {user.address}", yes)
    report(user, user.cancel())


@network_command(cli)
@account_option
@config_option
@yes_option
def claim(alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Claim all AID that is settled.

    Example: ape run said claim
    """
    user = _user(alias, config_file)
    amount = user.protocol.staked_aid.maxWithdraw(user.address)
    confirm(f"claim: {show(amount)} AID for {user.address}", yes)
    report(user, user.claim())
