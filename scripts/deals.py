"""Deals on GPUs: propose, approve, fund, pay, enforce, and sell them in shares."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from integrations.deals import DealFile, cash_flows, load_deal, summary
from integrations.deals.model import wei
from integrations.protocol import Protocol
from integrations.protocol.cli import (
    account_option,
    config_option,
    confirm,
    console,
    find_account,
    load_protocol,
    network_command,
    one_line,
    show,
    to_units,
    yes_option,
)
from integrations.protocol.collateral import issue, report_facts
from integrations.protocol.credit import Credit, Deal, DealError, Stage, Status
from integrations.protocol.offering import Offering
from integrations.protocol.roles import LOCAL_ROLES
from integrations.protocol.user import Outcome

#: Test account that is committee, servicer and attestor on a local chain.
OFFICER = LOCAL_ROLES["credit"]
DAY = 86_400


@click.group()
def cli() -> None:
    """Deals on GPUs: propose, approve, fund, pay, enforce, and sell them in shares.

    Examples: ape run deals schedule deals/h100-debt.yaml, ape run deals propose deals/h100-debt.yaml,
    ape run deals approve 1, ape run deals fund 1, ape run deals pay 1 USDC 250000, ape run deals list

    On a local chain TEST::3 is committee, servicer and attestor in one, and TEST::4 the borrower and buyer.
    """


def _date(second: int) -> str:
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%d %H:%M")


def _amount_of(protocol: Protocol, symbol: str, text: str) -> int:
    decimals = 18 if symbol.upper() == "AID" else protocol.coin(symbol).decimals
    return to_units(text, decimals)


def _done(credit: Credit, number: int, outcome: Outcome) -> None:
    console.print(f"done: {outcome.action}, {outcome.gas:,} gas, {outcome.receipt.txn_hash}", highlight=False)
    console.print(_deal_table(credit, credit.deal(number)))


def _deal_table(credit: Credit, deal: Deal) -> Table:
    table = Table("what", "value", title=f"deal {deal.number}", title_justify="left")
    table.columns[1].justify = "right"
    stage = deal.stage.name.lower()
    if deal.stage is Stage.FUNDED:
        stage = deal.status.name.lower()
    vault = deal.funder == credit.protocol.staked_aid.address
    rows = [
        ("stage", stage),
        ("borrower", deal.borrower),
        ("funder", "staked AID" if vault else "none yet" if int(deal.funder, 16) == 0 else deal.funder),
        ("compute receipt", str(deal.receipt)),
        ("funding", show(deal.funding)),
        ("cash reserve", show(deal.reserve)),
        ("first loss", show(deal.first_loss)),
    ]
    if deal.stage is Stage.APPROVED:
        rows += [
            ("approved until", _date(deal.approved_until)),
            ("could be funded", credit.refusal(deal.number) or "yes"),
        ]
    if deal.start:
        rows += [
            ("principal outstanding", show(deal.principal)),
            ("paid on the debt", show(deal.paid)),
            ("revenue received", show(deal.received)),
            ("carrying value", show(deal.gross)),
            ("impairment", show(deal.impairment)),
            ("pays it off now", show(deal.owed)),
        ]
    if deal.status is Status.LIQUIDATING:
        sale = credit.sale(deal.number)
        rows += [
            ("collateral costs now", "the round is over" if sale.price is None else show(sale.price)),
            ("lowest price", f"{show(sale.lowest)} until {_date(sale.ends_at)}"),
        ]
    for row in rows:
        table.add_row(*row)
    return table


def _schedule_table(deal: DealFile, start: int) -> Table:
    table = Table(title=f"{deal.name}: {deal.structure}, what is due", title_justify="left")
    for name in ("day", "interest", "principal", "revenue, least", "due", "outstanding"):
        table.add_column(name, justify="left" if name == "day" else "right")
    for flow in cash_flows(deal.terms, start):
        amounts = (flow.interest, flow.principal, flow.share, flow.due, flow.outstanding)
        table.add_row(flow.date.isoformat(), *(show(amount) for amount in amounts))
    whole = summary(deal.terms, wei(deal.reserve))
    table.add_section()
    table.add_row("all", show(whole.interest), "", "", show(whole.due), "")
    table.caption = (
        f"{show(whole.funding)} AID funded: {show(whole.fee)} tokenisation fee, {show(whole.reserve)} "
        f"reserve, {show(whole.to_borrower)} to the borrower"
    )
    return table


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@one_line
def schedule(file: Path) -> None:
    """Check a deal FILE and lay out its schedule as if it were funded today; needs no chain.

    Example: ape run deals schedule deals/gb200-hybrid.yaml
    """
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=1)
    start = tomorrow.toordinal() - datetime(1970, 1, 1, tzinfo=timezone.utc).date().toordinal()
    console.print(_schedule_table(load_deal(file).deal, start))


@network_command(cli, name="list")
@config_option
def list_deals(config_file: Path | None) -> None:
    """Show all deals in a table.

    Example: ape run deals list
    """
    credit = Credit(load_protocol(config_file))
    table = Table(title="deals", title_justify="left")
    for name in ("deal", "stage", "structure", "funding", "outstanding", "carrying value", "impairment"):
        table.add_column(name, justify="left" if name in {"stage", "structure"} else "right")
    for deal in credit.all():
        terms = deal.terms
        structure = "hybrid" if terms.principal and terms.share_cost else "debt"
        table.add_row(
            str(deal.number),
            (deal.status.name if deal.stage is Stage.FUNDED else deal.stage.name).lower(),
            structure if terms.principal else "revenue share",
            *(show(amount) for amount in (deal.funding, deal.principal, deal.gross, deal.impairment)),
        )
    console.print(table)


@network_command(cli, name="show")
@click.argument("number", type=int)
@config_option
def show_deal(number: int, config_file: Path | None) -> None:
    """Show deal NUMBER: stage, parties, money, and what keeps it from being funded.

    Example: ape run deals show 1
    """
    credit = Credit(load_protocol(config_file))
    console.print(_deal_table(credit, credit.deal(number)))


@network_command(cli)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--receipt", type=int, help="Number of the collateral's receipt, which the account owns.")
@account_option
@config_option
@yes_option
def propose(file: Path, receipt: int | None, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Propose the deal in FILE as its borrower.

    On a local chain without --receipt, the lot's receipt is issued and the file's facts are reported.

    Example: ape run deals propose deals/h100-debt.yaml
    """
    deal = load_deal(file).deal
    protocol = load_protocol(config_file)
    borrower = find_account(alias)
    officer = None
    if receipt is None:
        if protocol.config.live:
            raise DealError("no receipt given", "have SERVICER issue one, and add --receipt NUMBER")
        officer = find_account(None, default=OFFICER)
        receipt = issue(protocol, deal.collateral, borrower.address, officer)
    credit = Credit(protocol, borrower)
    confirm(
        f"propose: {deal.structure} of {deal.funding:,} AID on receipt {receipt}, paid in {deal.coin}, "
        f"as {borrower.address}",
        yes,
    )
    number, outcome = credit.propose(deal, receipt)
    if officer is not None:
        report_facts(protocol, deal, number, receipt, [officer], officer)
    if deal.first_loss:
        credit.stand_in(number)
    if deal.offering is not None:
        offering = Offering.make(protocol, number, wei(deal.offering.minimum), deal.offering.days, borrower)
        console.print(f"offered in shares: {offering.contract.address}", highlight=False)
    _done(credit, number, outcome)


@network_command(cli)
@click.argument("number", type=int)
@click.option("--funder", metavar="ADDRESS", help="The deal's offering; if it has none, staked AID.")
@account_option
@config_option
@yes_option
def approve(number: int, funder: str | None, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Approve deal NUMBER, for its offering if it is sold in shares, else for staked AID; as CREDIT.

    Example: ape run deals approve 1
    """
    protocol = load_protocol(config_file)
    credit = Credit(protocol, find_account(alias, default=OFFICER))
    offering = protocol.book.contracts.get(f"offering.{number}")
    if funder is None and offering is not None:
        funder = offering.address
    deal = credit.deal(number)
    confirm(f"approve: deal {number}, {show(deal.funding)} AID, funded by {funder or 'staked AID'}", yes)
    _done(credit, number, credit.approve(number, funder))


@network_command(cli)
@click.argument("number", type=int)
@account_option
@config_option
@yes_option
def fund(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Fund deal NUMBER: from staked AID as CREDIT, or from its offering once that is sold out.

    Example: ape run deals fund 1
    """
    protocol = load_protocol(config_file)
    account = find_account(alias, default=OFFICER)
    credit = Credit(protocol, account)
    deal = credit.deal(number)
    confirm(f"fund: deal {number} with {show(deal.funding)} AID for {deal.borrower}", yes)
    sold = f"offering.{number}" in protocol.book.contracts
    _done(credit, number, Offering(protocol, number, account).close() if sold else credit.fund(number))


@network_command(cli)
@click.argument("number", type=int)
@click.argument("coin")
@click.argument("amount")
@click.option("--share", is_flag=True, help="For a hybrid: pay its revenue share.")
@account_option
@config_option
@yes_option
def pay(
    number: int,
    coin: str,
    amount: str,
    share: bool,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Pay AMOUNT of COIN (a stablecoin or AID) for deal NUMBER; anyone may.

    Examples: ape run deals pay 1 USDC 250000, ape run deals pay 2 AID 10000 --share
    """
    protocol = load_protocol(config_file)
    credit = Credit(protocol, find_account(alias))
    units = _amount_of(protocol, coin, amount)
    confirm(f"pay: {amount} {coin.upper()} for deal {number}", yes)
    outcome = credit.pay(number, coin, units, share)
    if not outcome.received:
        console.print("the Gateway cannot price the coin now: the payment waits, and counts as paid in time")
    _done(credit, number, outcome)


@network_command(cli)
@click.argument("number", type=int)
@account_option
@config_option
@yes_option
def default(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Declare deal NUMBER in default, once an instalment is past its grace; anyone may.

    Example: ape run deals default 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"default: deal {number}", yes)
    _done(credit, number, credit.declare_default(number))


@network_command(cli)
@click.argument("number", type=int)
@click.option("--bid", "coin", metavar="COIN", help="Buy the collateral now, in COIN or AID.")
@click.option("--expire", is_flag=True, help="End an auction that nobody has bought from.")
@click.option("--restart", nargs=2, metavar="START LOWEST", help="Begin another round; whole AID.")
@account_option
@config_option
@yes_option
def auction(
    number: int,
    coin: str | None,
    expire: bool,
    restart: tuple[str, str] | None,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Auction the collateral of deal NUMBER, which is in default, as CREDIT; or bid, end it, restart it.

    Examples: ape run deals auction 1, ape run deals auction 1 --bid USDC,
    ape run deals auction 1 --restart 3000000 1000000
    """
    if sum((coin is not None, expire, restart is not None)) > 1:
        raise click.UsageError("give at most one of --bid, --expire, --restart")
    protocol = load_protocol(config_file)
    anyone = coin is not None or expire
    credit = Credit(protocol, find_account(alias, default=4 if anyone else OFFICER))
    if coin is not None:
        sale = credit.sale(number)
        price = "nothing: the round is over" if sale.price is None else f"{show(sale.price)} AID"
        confirm(f"bid: receipt {sale.receipt} for {price}, paid in {coin.upper()}", yes)
        _done(credit, number, credit.bid(number, coin))
    elif expire:
        confirm(f"expire: the auction of deal {number}", yes)
        _done(credit, number, credit.expire(number))
    elif restart is not None:
        start, lowest = (to_units(text, 18, "price") for text in restart)
        confirm(f"restart: the auction of deal {number}, {restart[0]} down to {restart[1]} AID", yes)
        _done(credit, number, credit.restart(number, start, lowest))
    else:
        confirm(f"auction: the collateral of deal {number}", yes)
        _done(credit, number, credit.liquidate(number))


@network_command(cli, name="step-in")
@click.argument("number", type=int)
@click.option("--instalments", required=True, type=click.IntRange(1, 1_095), help="Number of minimums.")
@click.option("--interval", default=30, show_default=True, type=click.IntRange(7, 31), help="Days.")
@account_option
@config_option
@yes_option
def step_in(
    number: int,
    instalments: int,
    interval: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Let a hosting partner go on with deal NUMBER, which is in default, as a revenue share; as CREDIT.

    Example: ape run deals step-in 1 --instalments 12
    """
    credit = Credit(load_protocol(config_file), find_account(alias, default=OFFICER))
    confirm(f"step in: deal {number}, {instalments} minimums every {interval} days", yes)
    _done(credit, number, credit.step_in(number, instalments, interval))


@network_command(cli)
@click.argument("number", type=int)
@click.argument("amount")
@account_option
@config_option
@yes_option
def buy(number: int, amount: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Buy participations in deal NUMBER for AMOUNT of AID; accounts with KYC.

    Example: ape run deals buy 1 25000
    """
    protocol = load_protocol(config_file)
    offering = Offering(protocol, number, find_account(alias))
    confirm(f"buy: {amount} participations in deal {number}", yes)
    _sold(offering, offering.buy(to_units(amount, 18)))


@network_command(cli)
@click.argument("number", type=int)
@account_option
@config_option
@yes_option
def claim(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Claim what deal NUMBER has paid on the account's participations; a refund if its sale has failed.

    Example: ape run deals claim 1
    """
    offering = Offering(load_protocol(config_file), number, find_account(alias))
    failed = offering.state().status.name == "FAILED"
    confirm(f"{'refund' if failed else 'claim'}: deal {number}", yes)
    _sold(offering, offering.refund() if failed else offering.claim())


def _sold(offering: Offering, outcome: Outcome) -> None:
    console.print(f"done: {outcome.action}, {outcome.gas:,} gas, {outcome.receipt.txn_hash}", highlight=False)
    state = offering.state()
    table = Table("what", "value", title=f"offering of deal {state.deal}", title_justify="left")
    table.columns[1].justify = "right"
    rows: list[tuple[str, Any]] = [
        ("sale", state.status.name.lower()),
        ("sold", f"{show(state.sold)} of {show(state.cap)}"),
        ("deadline", _date(state.deadline)),
        ("the deal has paid", show(state.received)),
        ("the account holds", show(state.held)),
        ("and can claim", show(state.claimable)),
    ]
    for row in rows:
        table.add_row(*row)
    console.print(table)
