"""What a deal file may say. Bounds are those of deal_terms.vy and Deals.vy.

Amounts are whole AID, rates bps a year, times days.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from eth_utils.crypto import keccak
from pydantic import Field

from integrations.credit_model import Terms
from integrations.credit_model.terms import (
    MAX_DEFAULT,
    MIN_DEFAULT,
    USUAL_SHARE_DEFAULT,
    least_default,
    usual_default,
)
from integrations.scenario.fields import Amount, Strict, Text, between, reader
from integrations.scenario.units import parse_decimal, parse_duration, to_units

DAY = 86_400
BPS = 10_000
MIN_TERM, MAX_TERM = 90, 1_095
MAX_LTV_BPS = 7_500
MIN_COVERAGE = Decimal("1.35")
MIN_AMOUNT, MAX_AMOUNT = 1_000, 10**9

#: A field of the file by its path, and what is wrong with it.
Fault = tuple[tuple[str | int, ...], str]


def _days(low: int, high: int) -> object:
    what = f'whole days from {low} to {high}, such as "30d"'

    def read(value: object) -> int:
        days, rest = divmod(parse_duration(value), DAY)
        if rest or not low <= days <= high:
            raise ValueError(what)
        return days

    return reader(read, what)


def _not_negative(value: object) -> Decimal:
    return parse_decimal(value)


AmountOrZero = Annotated[Decimal, reader(_not_negative, "a decimal")]
Instalments = Annotated[int, between(1, MAX_TERM)]


class Lot(Strict):
    """The GPUs that secure a deal; `serials` tell them from every other lot."""

    model: Annotated[Text, Field(max_length=32)]
    units: Annotated[int, between(1, 10**6, "GPUs")]
    site: Annotated[Text, Field(max_length=64)]
    serials: list[Text] = Field(min_length=1)

    @property
    def fingerprint(self) -> bytes:
        """Keccak-256 of the sorted serial numbers, one a line."""
        return bytes(keccak(text="\n".join(sorted(self.serials))))


class Debt(Strict):
    """A loan, repaid in equal parts or at once at the end; what is overdue bears `default_bps` a year."""

    principal: Amount
    rate_bps: Annotated[int, between(100, 5_000)]
    instalments: Instalments
    interval: Annotated[int, _days(7, 92)]
    repayment: Literal["level", "bullet"]
    default_bps: Annotated[int, between(MIN_DEFAULT, MAX_DEFAULT)] | None = None


class RevenueShare(Strict):
    """A part of what the GPUs earn, bought for `price`; each interval brings `minimum` at least.

    Minimums that are missing bear `default_bps` a year.
    """

    price: Amount
    minimum: Amount
    instalments: Instalments
    interval: Annotated[int, _days(7, 31)]
    default_bps: Annotated[int, between(MIN_DEFAULT, MAX_DEFAULT)] | None = None


class Facts(Strict):
    """What attestors are to report before funding: the lot's value, and by how much earnings cover debt."""

    appraisal: Amount
    coverage: Amount


class Sale(Strict):
    """The deal is sold in shares, for `days`, and fails below `minimum`."""

    minimum: Amount
    days: Annotated[int, between(1, 90, "days")]


class DealFile(Strict):
    """One deal. `coin` is what the borrower is paid in; without `offering`, staked AID funds it."""

    name: Text
    description: Text
    coin: Text
    collateral: Lot
    debt: Debt | None = None
    revenue_share: RevenueShare | None = None
    reserve: AmountOrZero = Decimal(0)
    first_loss: AmountOrZero = Decimal(0)
    facts: Facts
    offering: Sale | None = None

    @property
    def structure(self) -> str:
        """`debt`, `revenue share` or `hybrid`."""
        if self.debt is not None and self.revenue_share is not None:
            return "hybrid"
        return "debt" if self.debt is not None else "revenue share"

    @property
    def funding(self) -> Decimal:
        """What the funder brings, whole AID."""
        debt = self.debt.principal if self.debt else Decimal(0)
        return debt + (self.revenue_share.price if self.revenue_share else Decimal(0))

    @property
    def terms(self) -> Terms:
        """The model's terms, amounts in wei; what standards add is as they are at first."""
        debt, share = self.debt, self.revenue_share
        return Terms(
            principal=wei(debt.principal) if debt else 0,
            rate_bps=debt.rate_bps if debt else 0,
            instalments=debt.instalments if debt else 0,
            interval=debt.interval if debt else 0,
            amortising=debt.repayment == "level" if debt else False,
            share_cost=wei(share.price) if share else 0,
            share_minimum=wei(share.minimum) if share else 0,
            share_instalments=share.instalments if share else 0,
            share_interval=share.interval if share else 0,
            default_bps=(debt.default_bps or 0) if debt else 0,
            share_default_bps=(share.default_bps or 0) if share else 0,
        )

    def faults(self) -> Iterator[Fault]:
        """What no single field can tell."""
        if self.debt is None and self.revenue_share is None:
            yield (), "expected `debt`, `revenue_share` or both, got neither"
            return
        for name, leg in (("debt", self.debt), ("revenue_share", self.revenue_share)):
            if leg is None:
                continue
            field, amount = ("principal", leg.principal) if isinstance(leg, Debt) else ("price", leg.price)
            if not MIN_AMOUNT <= amount <= MAX_AMOUNT:
                yield (name, field), f'expected {MIN_AMOUNT:,} to {MAX_AMOUNT:,} AID, got "{amount}"'
            if not MIN_TERM <= leg.instalments * leg.interval <= MAX_TERM:
                found = f"{leg.instalments} × {leg.interval} days = {leg.instalments * leg.interval}"
                yield (name, "instalments"), f"expected a term of {MIN_TERM} to {MAX_TERM} days, got {found}"
        share = self.revenue_share
        if share is not None and share.minimum * share.instalments < share.price:
            found = f"{share.minimum * share.instalments:f}"
            yield (
                ("revenue_share", "minimum"),
                f"expected minimums that add up to the price at least, got {found}",
            )
        yield from self._faults_of_default_rates()
        yield from self._faults_of_amounts()

    def _faults_of_default_rates(self) -> Iterator[Fault]:
        """A default rate that is missing, and what it would usually be; one with which delay would pay."""
        terms = self.terms
        if self.debt is not None:
            least = least_default(terms.rate_bps, terms.net_rate)
            if self.debt.default_bps is None:
                usual = usual_default(terms)
                yield (
                    ("debt", "default_bps"),
                    f"expected a value, the field is missing; the usual one would be {usual:_}",
                )
            elif self.debt.default_bps < least:
                found = self.debt.default_bps
                yield (
                    ("debt", "default_bps"),
                    f'expected at least {least:_}, or delay would pay, got "{found}"',
                )
        if self.revenue_share is not None and self.revenue_share.default_bps is None:
            yield (
                ("revenue_share", "default_bps"),
                f"expected a value, the field is missing; the usual one would be {USUAL_SHARE_DEFAULT:_}",
            )

    def _faults_of_amounts(self) -> Iterator[Fault]:
        funding = self.funding
        if self.reserve > funding / 2:
            yield ("reserve",), f'expected at most half of the funding of {funding:f}, got "{self.reserve}"'
        if self.first_loss > funding:
            yield ("first_loss",), f'expected at most the funding of {funding:f}, got "{self.first_loss}"'
        if funding * BPS > self.facts.appraisal * MAX_LTV_BPS:
            ltv = funding * 100 / self.facts.appraisal
            yield ("facts", "appraisal"), f"expected a loan to value of at most 75 %, got {ltv:.2f} %"
        if self.facts.coverage < MIN_COVERAGE:
            found = self.facts.coverage
            yield ("facts", "coverage"), f'expected a coverage of at least {MIN_COVERAGE}, got "{found}"'
        if self.offering is not None and self.offering.minimum > funding:
            found = self.offering.minimum
            yield (
                ("offering", "minimum"),
                f'expected at most the funding of {funding:f}, got "{found}"',
            )


def wei(amount: Decimal) -> int:
    """Whole AID as wei. Raises ValueError for more than 18 decimals."""
    return to_units(amount, 18)
