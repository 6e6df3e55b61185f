"""Deals on GPUs: propose, approve, fund, pay, enforce, and sell them in shares."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from integrations.deals import load_deal
from integrations.deals.model import wei
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
    to_address,
    to_units,
    yes_option,
)
from integrations.protocol.collateral import APPRAISAL, COVERAGE, TELEMETRY, issue, report, report_facts
from integrations.protocol.credit import Credit
from integrations.protocol.credit_tables import deal_table, deals_table, offering_table, schedule_table
from integrations.protocol.deal_state import DealError
from integrations.protocol.offering import Offering, SaleStatus
from integrations.protocol.roles import LOCAL_ROLES
from integrations.protocol.user import Outcome

#: Test account that is committee, servicer and attestor on a local chain.
OFFICER = LOCAL_ROLES["credit"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc).date()


@click.group()
def cli() -> None:
    """Deals on GPUs: propose, approve, fund, pay, enforce, and sell them in shares.

    Examples: ape run deals schedule deals/h100-debt.yaml, ape run deals propose deals/h100-debt.yaml,
    ape run deals approve 1, ape run deals fund 1, ape run deals pay 1 USDC 250000, ape run deals list

    On a local chain TEST::3 is committee, servicer and attestor in one, and TEST::4 the borrower and buyer.
    """


def command(name: str | None = None) -> Callable[[Any], Any]:
    """A subcommand that sends: with `--network`, `--account`, `--config` and `--yes`."""

    def decorate(function: Any) -> Any:
        return network_command(cli, name=name)(account_option(config_option(yes_option(function))))

    return decorate


def _done(outcome: Outcome) -> None:
    console.print(f"done: {outcome.action}, {outcome.gas:,} gas, {outcome.receipt.txn_hash}", highlight=False)


def _show(credit: Credit, number: int, outcome: Outcome) -> None:
    _done(outcome)
    console.print(deal_table(credit, credit.deal(number)))


# anyone, without sending


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@one_line
def schedule(file: Path) -> None:
    """Check a deal FILE and lay out its schedule as if it were funded today; needs no chain.

    Example: ape run deals schedule deals/gb200-hybrid.yaml
    """
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=1)
    console.print(schedule_table(load_deal(file).deal, (tomorrow - EPOCH).days))


@network_command(cli, name="list")
@config_option
def list_deals(config_file: Path | None) -> None:
    """Show all deals in a table.

    Example: ape run deals list
    """
    console.print(deals_table(Credit(load_protocol(config_file)).all()))


@network_command(cli, name="show")
@click.argument("number", type=int)
@config_option
def show_deal(number: int, config_file: Path | None) -> None:
    """Show deal NUMBER: stage, parties, money, what keeps it from being funded, and its offering.

    Example: ape run deals show 1
    """
    protocol = load_protocol(config_file)
    credit = Credit(protocol)
    console.print(deal_table(credit, credit.deal(number)))
    if f"offering.{number}" in protocol.book.contracts:
        console.print(offering_table(Offering(protocol, number).state()))


# before funding


@command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--receipt", type=int, help="Number of the collateral's receipt, which the account owns.")
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
    _show(credit, number, outcome)


@command()
@click.argument("number", type=int)
@click.option("--appraisal", help="What the collateral is worth, whole AID.")
@click.option("--coverage", help="By how much earnings cover what is due, e.g. 1.6.")
@click.option("--telemetry", help="Part of the time that the machines run, percent, e.g. 99.5.")
@click.option("--attestor", "attestors", multiple=True, metavar="ALIAS", help="Who signs; may be repeated.")
def attest(
    number: int,
    appraisal: str | None,
    coverage: str | None,
    telemetry: str | None,
    attestors: tuple[str, ...],
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Bring facts about deal NUMBER and its collateral as of now, signed by attestors; anyone may.

    Example: ape run deals attest 1 --appraisal 8200000 --telemetry 99.5
    """
    if appraisal is None and coverage is None and telemetry is None:
        raise click.UsageError("give at least one of --appraisal, --coverage, --telemetry")
    protocol = load_protocol(config_file)
    sender = find_account(alias, default=OFFICER)
    signers = [find_account(name) for name in attestors] or [find_account(None, default=OFFICER)]
    credit = Credit(protocol, sender)
    receipt = credit.deal(number).receipt
    facts = []
    if appraisal is not None:
        facts.append((APPRAISAL, receipt, to_units(appraisal, 18, "appraisal"), f"{appraisal} AID"))
    if coverage is not None:
        facts.append((COVERAGE, number, to_units(coverage, 4, "coverage"), f"{coverage}"))
    if telemetry is not None:
        facts.append((TELEMETRY, receipt, to_units(telemetry, 2, "telemetry"), f"{telemetry} %"))
    said = ", ".join(f"{kind} {text}" for kind, _, _, text in facts)
    confirm(f"attest: {said}, signed by {', '.join(signer.address for signer in signers)}", yes)
    for kind, subject, value, _ in facts:
        report(protocol, kind, subject, value, signers, sender)
    console.print(deal_table(credit, credit.deal(number)))


@command()
@click.argument("number", type=int)
@click.option("--funder", metavar="ADDRESS", help="The deal's offering; if it has none, staked AID.")
def approve(number: int, funder: str | None, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Approve deal NUMBER, for its offering if it is sold in shares, else for staked AID; as CREDIT.

    Example: ape run deals approve 1
    """
    protocol = load_protocol(config_file)
    credit = Credit(protocol, find_account(alias, default=OFFICER))
    offering = protocol.book.contracts.get(f"offering.{number}")
    if funder is not None:
        funder = to_address(funder)
    elif offering is not None:
        funder = offering.address
    deal = credit.deal(number)
    confirm(f"approve: deal {number}, {show(deal.funding)} AID, funded by {funder or 'staked AID'}", yes)
    _show(credit, number, credit.approve(number, funder))


@command()
@click.argument("number", type=int)
def cancel(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Drop deal NUMBER, which is not funded; as CREDIT or as its borrower.

    Example: ape run deals cancel 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"cancel: deal {number}", yes)
    _show(credit, number, credit.cancel(number))


@command()
@click.argument("number", type=int)
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
    _show(credit, number, Offering(protocol, number, account).close() if sold else credit.fund(number))


# while it runs


@command()
@click.argument("number", type=int)
@click.argument("coin")
@click.argument("amount")
@click.option("--share", is_flag=True, help="For a hybrid: pay its revenue share.")
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
    units = to_units(amount, 18 if coin.upper() == "AID" else protocol.coin(coin).decimals)
    confirm(f"pay: {amount} {coin.upper()} for deal {number}", yes)
    outcome = credit.pay(number, coin, units, share)
    escrow = credit.escrow_of(outcome)
    if escrow is not None:
        console.print(
            "the Gateway cannot price the coin now: the payment counts as paid in time, and waits for "
            f"`ape run deals settle {escrow}`",
            highlight=False,
        )
    _show(credit, number, outcome)


@command()
@click.argument("escrow", type=int)
def settle(escrow: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Use a payment that has waited in ESCROW, once its coin has a price; anyone may.

    Example: ape run deals settle 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"settle: escrow {escrow}", yes)
    number, outcome = credit.settle(escrow)
    _show(credit, number, outcome)


@command()
@click.argument("number", type=int)
def draw(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Have the cash reserve of deal NUMBER pay instalments whose grace is over; anyone may.

    Example: ape run deals draw 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"draw: the reserve of deal {number}", yes)
    _show(credit, number, credit.draw_reserve(number))


@command()
@click.argument("number", type=int)
@click.argument("percent", required=False)
@click.option("--up", is_flag=True, help="Announce that the mark will be lowered to PERCENT.")
@click.option("--carry-out", is_flag=True, help="Lower it, three days after it was announced.")
def mark(
    number: int,
    percent: str | None,
    up: bool,
    carry_out: bool,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Impair at least PERCENT of what deal NUMBER carries, from now on; as CREDIT.

    No mark leads below what the collateral is worth by a fresh appraisal, less 20 %.

    Examples: ape run deals mark 1 40, ape run deals mark 1 10 --up, ape run deals mark 1 --carry-out
    """
    if (percent is None) is not carry_out:
        raise click.UsageError("give PERCENT, or --carry-out")
    credit = Credit(load_protocol(config_file), find_account(alias, default=OFFICER))
    if percent is None:
        confirm(f"mark: deal {number} up as announced", yes)
        _show(credit, number, credit.mark_up(number))
        return
    bps = to_units(percent, 2, "percent")
    if up:
        confirm(f"mark: announce that deal {number} goes up to {percent} %", yes)
        _show(credit, number, credit.propose_mark_up(number, bps))
        return
    confirm(f"mark: deal {number} down by {percent} %", yes)
    _show(credit, number, credit.mark(number, bps))


@command()
@click.argument("number", type=int)
def close(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """End deal NUMBER, whose revenue share has run out and lacks nothing; anyone may.

    Example: ape run deals close 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"close: deal {number}", yes)
    _show(credit, number, credit.close(number))


# if it fails


@command()
@click.argument("number", type=int)
def default(number: int, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Declare deal NUMBER in default, once an instalment is past its grace; anyone may.

    Example: ape run deals default 1
    """
    credit = Credit(load_protocol(config_file), find_account(alias))
    confirm(f"default: deal {number}", yes)
    _show(credit, number, credit.declare_default(number))


@command()
@click.argument("number", type=int)
@click.option("--bid", "coin", metavar="COIN", help="Buy the collateral now, in COIN or AID.")
@click.option("--expire", is_flag=True, help="End an auction that nobody has bought from.")
@click.option("--restart", nargs=2, metavar="START LOWEST", help="Begin another round; whole AID.")
@click.option("--again", is_flag=True, help="Offer a lot that nobody has bought again, down to nothing.")
def auction(
    number: int,
    coin: str | None,
    expire: bool,
    restart: tuple[str, str] | None,
    again: bool,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Auction the collateral of deal NUMBER, which is in default; or bid, end, restart, offer again.

    CREDIT may begin at once, anybody 14 days after the default was declared.

    Examples: ape run deals auction 1, ape run deals auction 1 --bid USDC,
    ape run deals auction 1 --restart 3000000 1000000
    """
    if sum((coin is not None, expire, restart is not None, again)) > 1:
        raise click.UsageError("give at most one of --bid, --expire, --restart, --again")
    protocol = load_protocol(config_file)
    anyone = coin is not None or expire or again
    credit = Credit(protocol, find_account(alias, default=4 if anyone else OFFICER))
    if coin is not None:
        sale = credit.sale(number)
        price = "nothing: the round is over" if sale.price is None else f"{show(sale.price)} AID"
        confirm(f"bid: receipt {sale.receipt} for {price}, paid in {coin.upper()}", yes)
        outcome = credit.bid(number, coin)
    elif expire:
        confirm(f"expire: the auction of deal {number}", yes)
        outcome = credit.expire(number)
    elif restart is not None:
        start, lowest = (to_units(text, 18, "price") for text in restart)
        confirm(f"restart: the auction of deal {number}, {restart[0]} down to {restart[1]} AID", yes)
        outcome = credit.restart(number, start, lowest)
    elif again:
        confirm(f"again: offer the lot of deal {number} from its last price down to nothing", yes)
        outcome = credit.offer_again(number)
    else:
        confirm(f"auction: the collateral of deal {number}", yes)
        outcome = credit.liquidate(number)
    _show(credit, number, outcome)


@command(name="step-in")
@click.argument("number", type=int)
@click.option("--announce", is_flag=True, help="Announce it: it can be carried out from 7 to 14 days later.")
@click.option("--withdraw", is_flag=True, help="Take it back as CREDIT, or stop it as GUARDIAN.")
@click.option("--instalments", type=click.IntRange(1, 1_095), help="Number of minimums, to announce.")
@click.option(
    "--interval", default=30, show_default=True, type=click.IntRange(7, 31), help="Days, to announce."
)
def step_in(
    number: int,
    announce: bool,
    withdraw: bool,
    instalments: int | None,
    interval: int,
    alias: str | None,
    config_file: Path | None,
    yes: bool,
) -> None:
    """Let a hosting partner go on with deal NUMBER, which is in default, as a revenue share; as CREDIT.

    It is announced first and waits for seven days, in which GUARDIAN can stop it; seven more to carry it out.

    Examples: ape run deals step-in 1 --announce --instalments 12, ape run deals step-in 1,
    ape run deals step-in 1 --withdraw
    """
    if announce and withdraw:
        raise click.UsageError("give at most one of --announce, --withdraw")
    if announce is not (instalments is not None):
        raise click.UsageError("give --announce and --instalments together")
    credit = Credit(load_protocol(config_file), find_account(alias, default=OFFICER))
    if withdraw:
        confirm(f"step in: take back what is announced for deal {number}", yes)
        outcome = credit.withdraw_step_in(number)
    elif instalments is not None:
        confirm(f"step in: announce for deal {number} {instalments} minimums every {interval} days", yes)
        outcome = credit.announce_step_in(number, instalments, interval)
    else:
        confirm(f"step in: deal {number}, as announced", yes)
        outcome = credit.step_in(number)
    _show(credit, number, outcome)


# sold in shares, and what is left


@command()
@click.argument("number", type=int)
@click.argument("amount")
def buy(number: int, amount: str, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Buy participations in deal NUMBER for AMOUNT of AID; accounts with KYC.

    Example: ape run deals buy 1 25000
    """
    offering = Offering(load_protocol(config_file), number, find_account(alias))
    confirm(f"buy: {amount} participations in deal {number}", yes)
    _done(offering.buy(to_units(amount, 18)))
    console.print(offering_table(offering.state()))


@command()
@click.argument("number", type=int, required=False)
def claim(number: int | None, alias: str | None, config_file: Path | None, yes: bool) -> None:
    """Claim what deal NUMBER has paid on the account's participations; a refund if its sale has failed.

    Without NUMBER, what is left of the account's own deals: reserves, first losses, what was overpaid.

    Examples: ape run deals claim 1, ape run deals claim
    """
    protocol, account = load_protocol(config_file), find_account(alias)
    if number is None:
        confirm(f"claim: what is left of the deals of {account.address}", yes)
        outcome = Credit(protocol, account).claim()
        _done(outcome)
        console.print(f"{show(outcome.received)} AID to {account.address}", highlight=False)
        return
    offering = Offering(protocol, number, account)
    failed = offering.state().status is SaleStatus.FAILED
    confirm(f"{'refund' if failed else 'claim'}: deal {number}", yes)
    _done(offering.refund() if failed else offering.claim())
    console.print(offering_table(offering.state()))
