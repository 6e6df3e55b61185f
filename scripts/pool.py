"""Trade in the pools of AID and sAID, and provide liquidity."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from integrations.protocol import Protocol
from integrations.protocol.cli import (
    account_option,
    config_option,
    confirm,
    console,
    find_account,
    load_protocol,
    network_command,
    show,
    slippage_option,
    to_units,
    yes_option,
)
from integrations.protocol.config import Pool
from integrations.protocol.errors import translated
from integrations.protocol.steps import deploy_pool
from integrations.venues import Coin, CurvePool, Fill

DEPTHS = (10, 50, 100)


@click.group()
def cli() -> None:
    """Trade in the pools of AID and sAID, and provide liquidity.

    Examples: ape run pool swap USDC 1000 AID, ape run pool add AID 500 USDC 500, ape run pool describe
    """


def _units(pool: CurvePool, symbol: str, text: str) -> int:
    if text.strip() == "0":
        return 0
    return to_units(text, _coin(pool, symbol).decimals)


def _coin(pool: CurvePool, symbol: str) -> Coin:
    return next(one for one in (*pool.coins, pool.share) if one.symbol.upper() == symbol.upper())


def _text(pool: CurvePool, symbol: str, units: int) -> str:
    return f"{show(units, _coin(pool, symbol).decimals, 4)} {symbol}"


def _all(pool: CurvePool, amounts: Mapping[str, int]) -> str:
    return " + ".join(_text(pool, symbol, units) for symbol, units in amounts.items() if units)


def _done(protocol: Protocol, pool: CurvePool, account: Any, fill: Fill) -> None:
    """Show what moved, and what the account has afterwards."""
    console.print(
        f"done: {_all(pool, fill.given)} → {_all(pool, fill.received)}, {fill.gas:,} gas, {fill.transaction}",
        highlight=False,
    )
    console.print(f"balances of {account.address}", highlight=False)
    table = Table()
    table.add_column("what")
    table.add_column("amount", justify="right")
    for coin in pool.coins:
        table.add_row(coin.symbol, show(protocol.token(coin.symbol).balanceOf(account), coin.decimals, 4))
    position = pool.position(account)
    table.add_row(pool.share.symbol, show(position.shares, 18, 4))
    table.add_row("its part of the pool", f"{_all(pool, position.amounts) or '0'}")
    console.print(table)


@network_command(cli)
@click.argument("sell")
@click.argument("amount")
@click.argument("buy")
@click.option("--exact-out", is_flag=True, help="AMOUNT is of BUY: pay the least of SELL that buys it.")
@slippage_option
@account_option
@config_option
@yes_option
def swap(
    sell: str,
    amount: str,
    buy: str,
    exact_out: bool,
    slippage_bps: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Sell AMOUNT of SELL for BUY.

    Examples: ape run pool swap USDC 1000 AID, ape run pool swap USDC 1000 AID --exact-out --slippage-bps 5
    """
    protocol = load_protocol(config_file)
    account = find_account(alias)
    pool = CurvePool.of(protocol, sell, buy)
    if exact_out:
        quote = pool.quote_out(sell, buy, _units(pool, buy, amount))
        bound = f"at most {_text(pool, quote.sell, quote.most_in(slippage_bps))}"
    else:
        quote = pool.quote_in(sell, buy, _units(pool, sell, amount))
        bound = f"at least {_text(pool, quote.buy, quote.least_out(slippage_bps))}"
    confirm(
        f"swap: {_text(pool, quote.sell, quote.amount_in)} → {_text(pool, quote.buy, quote.amount_out)} "
        f"for {account.address}; rate {show(quote.rate, 18, 6)}, of which fee and impact "
        f"{quote.cost_bps} bps; {bound}",
        yes,
    )
    _done(protocol, pool, account, pool.swap(account, quote, slippage_bps))


@network_command(cli)
@click.argument("coin")
@click.argument("amount")
@click.argument("other")
@click.argument("other_amount")
@slippage_option
@account_option
@config_option
@yes_option
def add(
    coin: str,
    amount: str,
    other: str,
    other_amount: str,
    slippage_bps: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Deposit AMOUNT of COIN and OTHER_AMOUNT of OTHER; one of them may be 0.

    Examples: ape run pool add AID 500 USDC 500, ape run pool add AID 0 USDC 1000
    """
    protocol = load_protocol(config_file)
    account = find_account(alias)
    pool = CurvePool.of(protocol, coin, other)
    amounts = {
        _coin(pool, coin).symbol: _units(pool, coin, amount),
        _coin(pool, other).symbol: _units(pool, other, other_amount),
    }
    quote = pool.quote_add(amounts)
    part = quote.shares * 10_000 // (pool.view().shares + quote.shares)
    confirm(
        f"add: {_all(pool, quote.amounts)} → {_text(pool, pool.share.symbol, quote.shares)} "
        f"for {account.address}, {part / 100:.2f} % of the pool",
        yes,
    )
    _done(protocol, pool, account, pool.add(account, quote, slippage_bps))


@network_command(cli)
@click.argument("coin")
@click.argument("other")
@click.argument("shares", required=False)
@click.option("--only", metavar="COIN", help="Take everything in one coin.")
@click.option("--exact", nargs=2, metavar="A B", help="Take exactly A of COIN and B of OTHER.")
@slippage_option
@account_option
@config_option
@yes_option
def remove(
    coin: str,
    other: str,
    shares: str | None,
    only: str | None,
    exact: tuple[str, str] | None,
    slippage_bps: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Withdraw SHARES (or `all`) of the LP tokens of COIN and OTHER.

    Examples: ape run pool remove AID USDC all, ape run pool remove AID USDC 100 --only USDC,
    ape run pool remove AID USDC --exact 50 20
    """
    if (shares is None) == (exact is None) or (only is not None and exact is not None):
        raise click.UsageError("give SHARES (with --only COIN for one coin), or --exact A B")
    protocol = load_protocol(config_file)
    account = find_account(alias)
    pool = CurvePool.of(protocol, coin, other)
    if exact is not None:
        symbols = (_coin(pool, coin).symbol, _coin(pool, other).symbol)
        wanted = {symbol: _units(pool, symbol, text) for symbol, text in zip(symbols, exact, strict=True)}
        quote = pool.quote_remove_exact(wanted)
    else:
        assert shares is not None
        burn = pool.position(account).shares if shares == "all" else to_units(shares, 18, "shares")
        quote = pool.quote_remove(burn) if only is None else pool.quote_remove_one(burn, only)
    confirm(
        f"remove: {_text(pool, pool.share.symbol, quote.shares)} → {_all(pool, quote.amounts)} "
        f"for {account.address}",
        yes,
    )
    _done(protocol, pool, account, pool.remove(account, quote, slippage_bps))


@network_command(cli)
@click.argument("coin")
@click.argument("other")
@click.option("--amplification", default=500, show_default=True, type=click.IntRange(1, 10**6), help="A.")
@click.option(
    "--fee-bps", default=4.0, show_default=True, type=click.FloatRange(0, 100), help="Fee at the peg."
)
@click.option(
    "--offpeg",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0, 100),
    help="What the fee grows by away from the peg.",
)
@click.option("--ma-seconds", default=866, show_default=True, type=click.IntRange(1, 2**20 - 1))
@account_option
@config_option
@yes_option
def create(
    coin: str,
    other: str,
    amplification: int,
    fee_bps: float,
    offpeg: float,
    ma_seconds: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Have the factory deploy a pool of COIN and OTHER; anyone may. sAID counts at its exit price.

    Example: ape run pool create AID USDT --amplification 1000 --fee-bps 1
    """
    protocol = load_protocol(config_file)
    account = find_account(alias)
    names = {"AID": "AID", "SAID": "sAID", **{c.symbol.upper(): c.symbol for c in protocol.coins()}}
    for symbol in (coin, other):
        protocol.token(symbol)  # says which tokens there are
    try:
        pool = Pool(
            coins=[names[coin.upper()], names[other.upper()]],
            amplification=amplification,
            fee=round(fee_bps * 10**6),
            offpeg_fee_multiplier=round(offpeg * 10**10),
            ma_seconds=ma_seconds,
        )
    except ValueError as error:
        raise click.UsageError("; ".join(fault["msg"] for fault in error.errors())) from None  # type: ignore[attr-defined]
    confirm(
        f"create: a pool of {' and '.join(pool.coins)}, A {amplification}, fee {fee_bps:g} bps "
        f"(×{offpeg:g} off the peg), as {account.address}",
        yes,
    )
    factory = protocol.pool_factory
    with translated():
        receipt = deploy_pool(protocol, pool, account)
        address = factory.pool_list(factory.pool_count() - 1)
    console.print(f"done: {address}, {receipt.gas_used:,} gas, {receipt.txn_hash}", highlight=False)


@network_command(cli)
@click.argument("coin", required=False)
@click.argument("other", required=False)
@account_option
@config_option
def describe(coin: str | None, other: str | None, alias: str | None, config_file: Path | None) -> None:
    """Show the installation's pools, or that of COIN and OTHER: price, balances, depth, the account's part.

    Examples: ape run pool describe, ape run pool describe sAID AID
    """
    if (coin is None) != (other is None):
        raise click.UsageError("give both coins, or neither")
    protocol = load_protocol(config_file)
    account = find_account(alias)
    pairs = [tuple(pool.coins) for pool in protocol.config.pools] if coin is None else [(coin, other)]
    for pair in pairs:
        console.print(_table(CurvePool.of(protocol, *pair), account))


def _table(pool: CurvePool, account: Any) -> Table:
    view = pool.view()
    one, two = pool.coins
    contract = pool.contract
    title = f"{one.symbol}/{two.symbol}, {contract.address}"
    table = Table("what", "value", title=title, title_justify="left")
    table.columns[1].justify = "right"
    for coin in pool.coins:
        table.add_row(f"{coin.symbol} of the LPs", show(view.balances[coin.symbol], coin.decimals))
        table.add_row(f"{coin.symbol}, fees to pay out", show(view.owed[coin.symbol], coin.decimals))
    table.add_row("A", f"{contract.A_precise() / 100:g}")
    table.add_row("fee at the peg", f"{contract.fee() / 10**6:g} bps")
    table.add_row("fee off the peg", f"×{contract.offpeg_fee_multiplier() / 10**10:g}")
    table.add_row(f"{pool.share.symbol} in existence", show(view.shares))
    if not view.shares:
        table.add_row("price", "the pool is empty")
        return table
    table.add_row("value of one at the peg", show(view.share_value, 18, 6))
    table.add_row(f"{one.symbol} in {two.symbol}", show(view.price, 18, 6))
    market = pool.market()
    for sell, buy in ((one, two), (two, one)):
        for bps in DEPTHS:
            depth = market.depth(sell.symbol, buy.symbol, bps)
            table.add_row(f"sells {sell.symbol} within {bps} bps", show(depth, sell.decimals, 0))
    position = pool.position(account)
    table.add_row("the account's part", _all(pool, position.amounts) or "none")
    return table
