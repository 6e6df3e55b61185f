"""A deal and its auction as of now, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from integrations.credit_model import Schedule, Terms
from integrations.protocol.errors import ProtocolError


class Stage(Enum):
    """How far a deal has come; the values are those of IDeals.Stage."""

    NONE = 0
    PROPOSED = 1
    APPROVED = 2
    FUNDED = 4
    CLOSED = 8
    CANCELLED = 16


class Status(Enum):
    """Where a funded deal stands; the values are those of IDealDesk.Status."""

    UNFUNDED = 0
    PERFORMING = 1
    DEFAULTED = 2
    LIQUIDATING = 4
    CLOSED = 8


class DealError(ProtocolError):
    """A deal is asked for that does not exist, or is not what a call needs."""


@dataclass(frozen=True)
class Deal:
    """A deal as of now. Amounts are AID wei, times Unix seconds, days Unix days.

    Attributes:
        number: From 1.
        borrower: Who proposed it and is paid.
        funder: The staking vault or an offering; the zero address before approval.
        receipt: Number of the compute receipt that secures it.
        coin: Address of the coin in which the borrower is paid.
        terms: As agreed.
        funding: What the funder brings.
        reserve: Cash held back: as agreed before funding, what is left of it since.
        first_loss: What the borrower loses first: as agreed, or what is left of it.
        approved_until: Last second for funding; 0 before approval.
        start: Day from which due days count; 0 before funding.
        principal: Outstanding.
        paid: Cash on the debt so far.
        received: Cash on the revenue share so far.
        waiting: Payments whose coin has no price yet, at what they count for.
        gross: Carrying value.
        impairment: Of it, net of the first loss.
        owed: What pays it off now.
    """

    number: int
    stage: Stage
    status: Status
    borrower: str
    funder: str
    receipt: int
    coin: str
    terms: Terms
    funding: int
    reserve: int
    first_loss: int
    approved_until: int
    start: int
    principal: int
    paid: int
    received: int
    waiting: int
    gross: int
    impairment: int
    owed: int


@dataclass(frozen=True)
class Sale:
    """A round of the auction of a deal's collateral. Prices are AID wei, times Unix seconds.

    Attributes:
        price: Now, or None once the round is over.
    """

    receipt: int
    round: int
    started_at: int
    ends_at: int
    start: int
    lowest: int
    price: int | None


def terms_of(terms: Any) -> Terms:
    """A `deal_terms.Terms` of the chain as the model's; the ramp is packed as curve.vy packs it."""
    packed = int(terms.schedule)
    days = (packed & 1023, packed >> 10 & 1023, packed >> 20 & 1023)
    schedule = Schedule(days, (packed >> 30 & 16383, packed >> 44 & 16383))
    names = [name for name in Terms.__dataclass_fields__ if name != "schedule"]
    values = {name: getattr(terms, name) for name in names}
    amortising = bool(values.pop("amortising"))
    return Terms(**{k: int(v) for k, v in values.items()}, amortising=amortising, schedule=schedule)


def proposal_of(terms: Terms, reserve: int, first_loss: int, receipt: int, coin: str) -> tuple[Any, ...]:
    """A `Deals.Proposal`: what of the terms a borrower may ask for, in the contract's order.

    Args:
        terms: Wanted; grace, cure, fees and ramp are the standards'.
        reserve: Cash to hold back, AID wei.
        first_loss: The borrower's, AID wei.
        receipt: Number of the collateral's receipt.
        coin: Address of the coin to be paid in.
    """
    debt = (terms.principal, terms.rate_bps, terms.instalments, terms.interval, terms.amortising)
    share = (terms.share_cost, terms.share_minimum, terms.share_instalments, terms.share_interval)
    rates = (terms.default_bps, terms.share_default_bps)
    return (*debt, *share, *rates, reserve, first_loss, receipt, coin)
