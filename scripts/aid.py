"""Mint and redeem AID, and manage who may."""

from pathlib import Path

import click

from integrations.protocol.attestation import sign_attestation
from integrations.protocol.cli import (
    account_option,
    config_option,
    confirm,
    console,
    find_account,
    load_protocol,
    network_command,
    report,
    show,
    slippage_option,
    to_address,
    to_units,
    yes_option,
)
from integrations.protocol.user import User


@click.group()
def cli() -> None:
    """Mint and redeem AID, and manage who may.

    Examples: ape run aid mint USDC 1000, ape run aid redeem USDT 500, ape run aid allow 0x… --days 365
    """


@network_command(cli)
@click.argument("coin")
@click.argument("amount")
@slippage_option
@account_option
@config_option
@yes_option
def mint(
    coin: str, amount: str, slippage_bps: int, alias: str | None, config_file: Path | None, yes: bool
) -> None:
    """Bring AMOUNT of COIN and receive AID.

    Example: ape run aid mint USDC 1000 --network ethereum:local:foundry
    """
    protocol = load_protocol(config_file)
    user = User(protocol, find_account(alias))
    units = to_units(amount, protocol.coin(coin).decimals)
    quote = user.quote_mint(coin, units)
    confirm(f"mint: {amount} {coin.upper()} → about {show(quote)} AID for {user.address}", yes)
    report(user, user.mint(coin, units, slippage_bps))


@network_command(cli)
@click.argument("coin", required=False)
@click.argument("amount", required=False)
@click.option("--basket", metavar="AMOUNT", help="In deficit mode: burn AMOUNT for a part of every asset.")
@slippage_option
@account_option
@config_option
@yes_option
def redeem(
    coin: str | None,
    amount: str | None,
    basket: str | None,
    slippage_bps: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Burn AMOUNT of AID for COIN, or for a basket.

    Examples: ape run aid redeem USDC 250, ape run aid redeem --basket 250
    """
    if (basket is None) == (coin is None or amount is None):
        raise click.UsageError("give COIN and AMOUNT, or --basket AMOUNT")
    protocol = load_protocol(config_file)
    user = User(protocol, find_account(alias))
    if basket is not None:
        confirm(f"redeem: {basket} AID → a basket for {user.address}", yes)
        report(user, user.redeem_basket(to_units(basket, 18), slippage_bps))
        return
    assert coin is not None
    assert amount is not None
    wei = to_units(amount, 18)
    quote = show(user.quote_redeem(coin, wei), protocol.coin(coin).decimals)
    confirm(f"redeem: {amount} AID → about {quote} {coin.upper()} for {user.address}", yes)
    report(user, user.redeem(coin, wei, slippage_bps))


@network_command(cli)
@click.argument("who")
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(0, 730), help="Validity; 0 revokes."
)
@account_option
@config_option
@yes_option
def allow(who: str, days: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Set the KYC of WHO; as COMPLIANCE.

    Example: ape run aid allow 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --days 365
    """
    from ape import chain

    who = to_address(who)
    protocol = load_protocol(config_file)
    compliance = find_account(alias, default=2)
    until = chain.pending_timestamp + days * 86_400 if days else 0
    confirm(f"allow: {who} for {days} days, as {compliance.address}", yes)
    receipt = protocol.allowlist.set_kyc(who, until, sender=compliance)
    console.print(f"done: {receipt.gas_used:,} gas; KYC until {protocol.allowlist.kyc_expiry(who)}")


@network_command(cli)
@click.option("--verifier", required=True, metavar="ALIAS", help="Approved verifier that signs.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 730), help="Validity.")
@account_option
@config_option
@yes_option
def attest(verifier: str, days: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Have a verifier sign for the account, and bring the attestation.

    Example: ape run aid attest --verifier TEST::2 --account TEST::5
    """
    from ape import chain

    protocol = load_protocol(config_file)
    user = User(protocol, find_account(alias))
    now = chain.pending_timestamp
    signed = sign_attestation(
        protocol, find_account(verifier), user.address, now + days * 86_400, now + 3_600
    )
    confirm(f"attest: {user.address} known to {signed.verifier} for {days} days", yes)
    report(user, user.attest(signed))
