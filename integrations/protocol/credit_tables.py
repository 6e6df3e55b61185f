"""Deals, schedules and offerings as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from rich.table import Table

from integrations.deals import DealFile, cash_flows, summary
from integrations.deals.model import wei
from integrations.protocol.cli import show
from integrations.protocol.credit import Credit
from integrations.protocol.deal_state import Deal, Stage, Status

if TYPE_CHECKING:
    from integrations.protocol.offering import OfferingState

#: Columns of text; the others are figures.
WORDS = {"stage", "structure", "day"}


def deal_table(credit: Credit, deal: Deal) -> Table:
    """Everything about one deal, what keeps it from being funded and its auction included."""
    rows = [
        ("stage", _stage(deal)),
        ("structure", structure(deal)),
        ("borrower", deal.borrower),
        ("funder", _funder(credit, deal)),
        ("compute receipt", str(deal.receipt)),
        ("funding", show(deal.funding)),
        ("cash reserve", show(deal.reserve)),
        ("first loss", show(deal.first_loss)),
    ]
    if deal.stage is Stage.APPROVED:
        rows += [
            ("approved until", date(deal.approved_until)),
            ("could be funded", credit.refusal(deal.number) or "yes"),
        ]
    if deal.start:
        rows += [
            ("principal outstanding", show(deal.principal)),
            ("paid on the debt", show(deal.paid)),
            ("revenue received", show(deal.received)),
            ("waiting for a price", show(deal.waiting)),
            ("carrying value", show(deal.gross)),
            ("impairment", show(deal.impairment)),
            ("pays it off now", show(deal.owed)),
        ]
    if deal.status is Status.LIQUIDATING or credit.offered(deal.number):
        sale = credit.sale(deal.number)
        rows += [
            ("collateral costs now", "the round is over" if sale.price is None else show(sale.price)),
            ("lowest price", f"{show(sale.lowest)} until {date(sale.ends_at)}"),
            ("round", f"{sale.round} of 4" if sale.round <= 4 else "the last: the lot waits for a buyer"),
        ]
    return _two_columns(f"deal {deal.number}", rows)


def deals_table(deals: Sequence[Deal]) -> Table:
    """One line a deal."""
    table = _figures(
        "deals", ("deal", "stage", "structure", "funding", "outstanding", "carrying value", "impairment")
    )
    for deal in deals:
        amounts = (deal.funding, deal.principal, deal.gross, deal.impairment)
        table.add_row(str(deal.number), _stage(deal), structure(deal), *map(show, amounts))
    return table


def schedule_table(deal: DealFile, start: int) -> Table:
    """What a deal asks for, day by day.

    Args:
        deal: From a deal file.
        start: Unix day from which due days count.
    """
    table = _figures(
        f"{deal.name}: {deal.structure}, what is due",
        ("day", "interest", "principal", "revenue, least", "due", "outstanding"),
    )
    for flow in cash_flows(deal.terms, start):
        amounts = (flow.interest, flow.principal, flow.share, flow.due, flow.outstanding)
        table.add_row(flow.date.isoformat(), *(show(amount) for amount in amounts))
    whole = summary(deal.terms, wei(deal.reserve))
    table.add_section()
    table.add_row("all", show(whole.interest), "", "", show(whole.due), "")
    table.caption_justify = "left"
    table.caption = (
        f"{show(whole.funding)} AID funded: {show(whole.fee)} tokenisation fee, {show(whole.reserve)} "
        f"reserve, {show(whole.to_borrower)} to the borrower"
    )
    return table


def offering_table(state: OfferingState) -> Table:
    """A sale in shares, and what an account has in it."""
    rows = [
        ("sale", state.status.name.lower()),
        ("sold", f"{show(state.sold)} of {show(state.cap)}"),
        ("least", show(state.minimum)),
        ("deadline", date(state.deadline)),
        ("the deal has paid", show(state.received)),
        ("the account holds", show(state.held)),
        ("and can claim", show(state.claimable)),
    ]
    return _two_columns(f"offering of deal {state.deal}", rows)


def structure(deal: Deal) -> str:
    """`debt`, `revenue share` or `hybrid`, as the terms are now."""
    if deal.terms.principal:
        return "hybrid" if deal.terms.share_cost else "debt"
    return "revenue share"


def date(second: int) -> str:
    """A Unix second as a person reads it, UTC."""
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%d %H:%M")


def _stage(deal: Deal) -> str:
    return (deal.status.name if deal.stage is Stage.FUNDED else deal.stage.name).lower()


def _funder(credit: Credit, deal: Deal) -> str:
    if int(deal.funder, 16) == 0:
        return "none yet"
    return "staked AID" if deal.funder == credit.protocol.staked_aid.address else deal.funder


def _figures(title: str, names: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="left" if name in WORDS else "right")
    return table


def _two_columns(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    table = Table("what", "value", title=title, title_justify="left")
    table.columns[1].justify = "right"
    for row in rows:
        table.add_row(*row)
    return table
