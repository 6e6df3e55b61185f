"""What the Ape scripts share: connecting, accounts, amounts, and one clear line per failure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from eth_utils.address import is_address, to_checksum_address
from rich.console import Console
from rich.table import Table

from integrations.protocol import governance
from integrations.protocol.artifacts import compile_project
from integrations.protocol.config import Holders, NetworkConfig, load_config
from integrations.protocol.core import Protocol, check_chain, connected_network, open_book
from integrations.protocol.errors import AccountError, AddressBookError, ConfigError, NetworkError, translate
from integrations.protocol.local_credit import stake_to_lend
from integrations.protocol.ports import check_provider
from integrations.protocol.roles import LOCAL_ROLES
from integrations.protocol.state import State
from integrations.protocol.user import Outcome, User

F = TypeVar("F", bound=Callable[..., Any])

#: Where there is no terminal, tables get the room that they need.
WIDTH = None if sys.stdout.isatty() else 120
console = Console(width=WIDTH)
stderr = Console(stderr=True)


def one_line(function: F) -> F:
    """Let a command end with one line on stderr and exit status 1 where a user can do something."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except click.ClickException:
            raise
        except Exception as error:
            known = translate(error)
            if known is None:
                raise
            stderr.print(f"[red]error:[/red] {known}", soft_wrap=True, highlight=False)
            raise SystemExit(1) from None

    return wrapper  # type: ignore[return-value]


def network_command(group: Any, name: str | None = None, **attributes: Any) -> Callable[[F], Any]:
    """A subcommand with `--network`, connected before it runs; on a local chain by default.

    Ape's own log and its traces of reverts stay out of the way of the command's output.
    """
    from ape.cli import ConnectedProviderCommand
    from ape.logging import logger
    from ape_ethereum.trace import Trace

    class QuietCommand(ConnectedProviderCommand):
        def invoke(self, ctx: click.Context) -> Any:
            logger.set_level("WARNING")
            Trace.show = lambda *_, **__: None
            return one_line(self._connected)(ctx)

        def _connected(self, ctx: click.Context) -> Any:
            check_provider(ctx.params.get("network"))
            return super().invoke(ctx)

    def decorate(function: F) -> Any:
        make = group.command if group is not None else click.command
        return make(name=name, cls=QuietCommand, **attributes)(function)

    return decorate


account_option = click.option(
    "--account",
    "alias",
    metavar="ALIAS",
    help="Ape account, or TEST::n for a test account. On a local chain TEST::4, a known user.",
)
config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Configuration file; by default the one shipped for the network.",
)
yes_option = click.option("--yes", is_flag=True, help="Send without asking on a live network.")
slippage_option = click.option(
    "--slippage-bps",
    default=10,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="How much worse than quoted to accept.",
)


def find_account(alias: str | None, default: int = 4) -> Any:
    """The account that a command acts for.

    Args:
        alias: Ape alias, address, or `TEST::n`.
        default: Test account to use on a local chain if no alias is given.

    Raises:
        AccountError: There is no such account, or none was named on a live network.
    """
    from ape import accounts

    if alias is None:
        if _costs_money():
            raise AccountError("no account given", "add --account ALIAS; `ape accounts list` shows yours")
        return accounts.test_accounts[default]
    if alias.upper().startswith("TEST::"):
        number = alias[6:]
        if not number.isdigit() or int(number) >= len(accounts.test_accounts):
            raise AccountError(
                f"no test account {alias}", f"TEST::0 to TEST::{len(accounts.test_accounts) - 1}"
            )
        return accounts.test_accounts[int(number)]
    try:
        return accounts[alias] if alias.startswith("0x") else accounts.load(alias)
    except (KeyError, IndexError, ValueError) as error:
        raise AccountError(f"unknown account {alias}", "`ape accounts list` shows yours") from error


def network_config(config_file: Path | None = None) -> NetworkConfig:
    """The configuration of the connected network; on a local chain test accounts hold the roles."""
    from ape import accounts

    config = load_config(config_file or connected_network())
    if config.live or config_file is not None:
        return config
    holders = {role: [accounts.test_accounts[number].address] for role, number in LOCAL_ROLES.items()}
    return config.model_copy(update={"roles": Holders.model_validate(holders)})


def load_protocol(config_file: Path | None = None) -> Protocol:
    """The installation on the connected chain.

    A local chain that Ape has just started is empty: there the protocol is deployed and furnished first.
    A local mainnet has the one that it was started with.
    """
    from ape import accounts, chain, project

    from integrations.fork.places import found_places
    from integrations.fork.session import load_protocol as installed_on

    places = found_places(chain.provider) if config_file is None else None
    if places is not None:
        return installed_on(places)
    config = network_config(config_file)
    check_chain(config)
    book = open_book(config)
    compile_project(project)
    try:
        return Protocol.load(config, book=book)
    except AddressBookError:
        if config.live or chain.blocks.height > 0:
            raise
    console.print("[dim]an empty local chain: deploying the protocol first[/dim]")
    protocol = Protocol.deploy(accounts.test_accounts[0], config, book=book)
    furnish(protocol)
    return protocol


def furnish(protocol: Protocol) -> None:
    """Make test account 4 of a local chain a known user with mock coins, AID, sAID and LP tokens.

    COMPLIANCE (test account 2) becomes a KYC verifier too, so that `ape run aid attest` has a signer. Where
    deals can be made, the user stakes enough to lend for them.
    """
    from ape import accounts, chain

    from integrations.venues import CurvePool

    user, compliance = accounts.test_accounts[4], accounts.test_accounts[2]
    protocol.allowlist.set_kyc(user, chain.pending_timestamp + 365 * 86_400, sender=compliance)
    protocol.allowlist.set_verifier(compliance, True, sender=compliance)
    for coin in protocol.coins():
        coin.token.mint(user, 10 ** (6 + coin.decimals), sender=user)
    someone = User(protocol, user)
    coin = protocol.coins()[0]
    minted = someone.mint(coin.symbol, 10 ** (5 + coin.decimals)).received
    someone.deposit(minted // 2)
    for terms in protocol.config.pools:
        pool = CurvePool.of(protocol, terms.coins[0], terms.coins[1])
        pool.add(user, pool.quote_add({coin.symbol: 10 ** (4 + coin.decimals) for coin in pool.coins}))
    if protocol.config.credit is not None:
        stake_to_lend(protocol, user)


def _costs_money() -> bool:
    """Whether transactions on the connected network do: on a local mainnet they do not."""
    from ape import chain

    from integrations.fork.places import found_places

    return load_config(connected_network()).live and found_places(chain.provider) is None


def to_units(text: str, decimals: int, field: str = "amount") -> int:
    """An amount as a person writes it, in token units.

    Args:
        text: A positive decimal; `_` and `,` may group digits.
        decimals: Of the token.
        field: Named in the error.

    Raises:
        ConfigError: Not a positive decimal, or finer than the token.
    """
    try:
        value = Decimal(text.replace("_", "").replace(",", "")).scaleb(decimals)
    except InvalidOperation as error:
        raise ConfigError(f"{field}: expected a positive decimal, got {text!r}") from error
    if not value.is_finite() or value <= 0:
        raise ConfigError(f"{field}: expected a positive decimal, got {text!r}")
    if value != value.to_integral_value():
        raise ConfigError(f"{field}: at most {decimals} decimals, got {text!r}")
    return int(value)


def to_address(text: str) -> str:
    """An account's address as a person writes it, with its checksum.

    Raises:
        ConfigError: Not an address.
    """
    if not is_address(text):
        raise ConfigError(f"not an address: {text}")
    return str(to_checksum_address(text))


def show(amount: int, decimals: int = 18, digits: int = 2) -> str:
    """An amount in token units as a person reads it, cut (not rounded) to `digits` decimals."""
    whole, part = divmod(abs(amount), 10**decimals)
    cut = str(part).rjust(decimals, "0")[:digits]
    return f"{'-' if amount < 0 else ''}{whole:,}" + (f".{cut}" if digits else "")


def confirm(what: str, yes: bool) -> None:
    """Say what will be done; on a live network ask first unless `--yes` was given.

    Raises:
        NetworkError: The answer was no.
    """
    console.print(what, highlight=False)
    if yes or not _costs_money():
        return
    if not click.confirm("send?", default=False):
        raise NetworkError("nothing was sent")


def report(user: User, outcome: Outcome) -> None:
    """Show what a transaction cost and what the account has afterwards."""
    protocol = user.protocol
    state = protocol.state([user.address])
    (account,) = state.accounts
    console.print(f"done: {outcome.action}, {outcome.gas:,} gas, {outcome.receipt.txn_hash}", highlight=False)
    console.print(f"balances of {user.address}", highlight=False)
    table = Table()
    table.add_column("what")
    table.add_column("amount", justify="right")
    for coin in protocol.coins():
        table.add_row(coin.symbol, show(coin.token.balanceOf(user.address), coin.decimals))
    table.add_row("AID", show(account.aid))
    table.add_row("sAID", show(account.shares))
    table.add_row("sAID in line", show(account.active + account.upcoming))
    table.add_row("AID to claim", show(account.claim_assets))
    console.print(table)


def authority_table(protocol: Protocol) -> Table:
    """Who governs, and what is open."""
    opened = governance.is_open(protocol)
    cap, paused = protocol.staked_aid.deposit_limits()
    table = Table("what", "state", title="authority", title_justify="left")
    table.add_row("GOVERNOR", governance.governor_of(protocol))
    table.add_row("installation", "open" if opened else "closed: not opened yet")
    table.add_row("minting", "paused" if protocol.configurator.mint_paused() else "open")
    deposits = "paused" if paused else f"open up to {cap:,} AID" if cap else "closed"
    table.add_row("deposits", deposits)
    table.add_row("pools' first liquidity", "open" if opened else "closed")
    return table


def queue_table(protocol: Protocol) -> Table:
    """What the timelock has scheduled and not executed or cancelled."""
    table = Table("operation", "state", "from (UTC)", "calls", title="timelock", title_justify="left")
    try:
        queued = governance.queue(protocol)
    except Exception:  # nodes limit how far back they tell logs, each in its own way
        table.caption = "this node does not tell logs that far back: use an archive node"
        return table
    for entry in queued:
        at = datetime.fromtimestamp(entry.ready_at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(entry.id[:10] + "…", entry.state.name.lower(), at, "\n".join(entry.calls))
    return table


def balance_sheet(state: State) -> Table:
    """Reserve against supply, and the staking vault, as a table."""
    table = Table(title=f"balance sheet, {state.mode} mode", title_justify="left")
    table.add_column("item")
    table.add_column("units", justify="right")
    table.add_column("price", justify="right")
    table.add_column("AID", justify="right")
    for coin in state.coins:
        price = show(coin.price, 18, 4) if coin.fresh else "stale"
        table.add_row(f"reserve {coin.symbol}", show(coin.units, coin.decimals), price, show(coin.par))
    for vault in state.vaults:
        table.add_row(f"reserve {vault.symbol}", show(vault.book, vault.decimals), "", show(vault.par))
    table.add_section()
    table.add_row("backing at par", "", "", show(state.backing_par))
    table.add_row("backing at price", "", "", show(state.backing))
    table.add_row("AID supply", "", "", show(state.supply))
    table.add_row("surplus", "", "", show(state.surplus))
    table.add_section()
    staking = state.staking
    for name, amount in (
        ("staked: idle", staking.idle),
        ("staked: deals, gross", staking.gross),
        ("staked: impairment", -staking.impairment),
        ("staked: unvested", -staking.unvested - staking.releasing),
        ("staked: exit assets", staking.exit_assets),
        ("staked: to claim", staking.claimable),
        ("insurance", state.insurance),
    ):
        table.add_row(name, "", "", show(amount))
    table.add_row("sAID supply", show(staking.supply), "", "")
    table.add_row("sAID in line", show(staking.active + staking.upcoming), "", "")
    table.add_row(
        "sAID price, deposit / exit",
        "",
        "",
        f"{show(staking.deposit_price, 18, 6)} / {show(staking.exit_price, 18, 6)}",
    )
    return table
