"""What a scenario file says about deals: terms, collateral, and how the borrower pays.

Amounts are whole AID, rates basis points a year, intervals days; bounds are those of docs/credit.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from ..credit_model import Terms
from ..credit_model.terms import MAX_DEFAULT, MIN_DEFAULT, USUAL_SHARE_DEFAULT, least_default
from .fields import ActorName, AidAmount, Clock, CoinName, Period, Strict, Text, between
from .units import DAY, HOUR, to_units

Structure = Literal["debt", "revenue share", "hybrid"]

LEAST, MOST = 1_000, 1_000_000_000
SHORTEST, LONGEST = 90, 1_095
DEBT = ("principal", "rate_bps", "instalments", "interval")


class Collateral(Strict):
    """A lot of GPUs: what the compute receipt says."""

    model: Text
    units: Annotated[int, between(1, 10**9, "GPUs")]
    site: Text


class Share(Strict):
    """A part of revenue: bought for `cost`, at least `minimum` and probably `expected` an interval.

    Minimums that are missing bear `default_bps` a year.
    """

    cost: AidAmount
    minimum: AidAmount
    instalments: Annotated[int, between(1, 156)]
    interval: Annotated[int, between(7, 31, "days")]
    default_bps: Annotated[int, between(MIN_DEFAULT, MAX_DEFAULT)] = USUAL_SHARE_DEFAULT
    expected: AidAmount | None = None

    @property
    def receipt(self) -> Decimal:
        """What it brings an interval if all goes well."""
        return self.minimum if self.expected is None else self.expected


class Sale(Strict):
    """The deal is sold in shares: at least `minimum` of what it needs, within `open_for`."""

    minimum: AidAmount
    open_for: Period


class Plan(Strict):
    """How the borrower pays: on each due day at `time`, but for the instalments that it misses.

    `until` is the last instalment that is paid; the numbers are those of the debt, or of a share alone.
    """

    coin: CoinName
    time: Clock = 9 * HOUR
    misses: list[Annotated[int, between(1, 156, "number of an instalment")]] = Field(default_factory=list)
    until: Annotated[int, between(0, 156, "number of an instalment")] | None = None

    def pays(self, number: int) -> bool:
        """Whether an instalment is paid on its day."""
        return number not in self.misses and (self.until is None or number <= self.until)


class DealTerms(Strict):
    """One deal."""

    borrower: ActorName
    structure: Structure
    collateral: Collateral
    coin: CoinName
    principal: AidAmount | None = None
    rate_bps: Annotated[int, between(100, 5_000)] | None = None
    instalments: Annotated[int, between(1, 156)] | None = None
    interval: Annotated[int, between(7, 92, "days")] | None = None
    default_bps: Annotated[int, between(MIN_DEFAULT, MAX_DEFAULT)] | None = None
    amortising: bool = True
    share: Share | None = None
    reserve: AidAmount | None = None
    first_loss: AidAmount | None = None
    offering: Sale | None = None
    pays: Plan | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [name for name in DEBT if getattr(self, name) is not None]
        if self.structure == "revenue share":
            if given:
                raise _expected(f"no `{given[0]}` in a revenue share")
        elif len(given) < len(DEBT):
            lacking = next(name for name in DEBT if name not in given)
            raise _expected(f"`{lacking}`, which a {self.structure} needs")
        if (self.share is None) != (self.structure == "debt"):
            raise _expected("no `share` in a debt" if self.share else f"`share` in a {self.structure}")
        return self

    def problems(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what no deal may have, as (path of the field, what was expected)."""
        amounts: list[tuple[tuple[str, ...], Decimal | None]] = [
            (("principal",), self.principal),
            (("share", "cost"), self._cost()),
        ]
        for path, amount in amounts:
            if amount is not None and not LEAST <= amount <= MOST:
                yield path, f'expected {LEAST} to {MOST}, got "{amount}"'
        clocks: list[tuple[tuple[str, ...], int | None, int | None]] = [
            (("instalments",), self.instalments, self.interval)
        ]
        if self.share is not None:
            clocks.append((("share", "instalments"), self.share.instalments, self.share.interval))
            if self.share.minimum * self.share.instalments < self.share.cost:
                yield ("share", "minimum"), "expected the minimums to bring the cost back"
            if self.share.receipt < self.share.minimum:
                yield ("share", "expected"), f'expected at least the minimum, got "{self.share.expected}"'
        for path, count, days in clocks:
            if count is not None and days is not None and not SHORTEST <= count * days <= LONGEST:
                what = f"instalments × interval of {SHORTEST} to {LONGEST} days"
                yield path, f'expected {what}, got "{count * days}"'
        for field, most in (("model", 32), ("site", 64)):
            if len(getattr(self.collateral, field)) > most:
                yield ("collateral", field), f"expected at most {most} characters"
        rate = self._least_default()
        if self.default_bps is not None and self.default_bps < rate:
            yield ("default_bps",), f'expected at least {rate}, or delay would pay, got "{self.default_bps}"'
        if self.reserve is not None and 2 * self.reserve > self.amount:
            yield ("reserve",), f'expected at most half of what is funded, got "{self.reserve}"'
        if self.first_loss is not None and self.first_loss > self.amount:
            yield ("first_loss",), f'expected at most what is funded, got "{self.first_loss}"'
        if self.offering is not None and self.offering.minimum > self.amount:
            least = self.offering.minimum
            yield ("offering", "minimum"), f'expected at most what is funded, got "{least}"'
        if self.offering is not None and self.offering.open_for > 90 * DAY:
            yield ("offering", "open_for"), "expected at most 90d"

    @property
    def amount(self) -> Decimal:
        """What the funder brings."""
        return (self.principal or Decimal(0)) + (self._cost() or Decimal(0))

    def terms(self) -> Terms:
        """Return the terms, with what is standard for all deals at its default."""
        share = self.share
        return Terms(
            principal=wei(self.principal),
            rate_bps=self.rate_bps or 0,
            instalments=self.instalments or 0,
            interval=self.interval or 0,
            amortising=self.amortising and self.principal is not None,
            share_cost=wei(share.cost) if share else 0,
            share_minimum=wei(share.minimum) if share else 0,
            share_instalments=share.instalments if share else 0,
            share_interval=share.interval if share else 0,
            default_bps=self.default_bps or 0,
            share_default_bps=share.default_bps if share else 0,
        )

    def _least_default(self) -> int:
        """The least default rate of the debt, if there is one."""
        terms = self.terms()
        return least_default(terms.rate_bps, terms.net_rate) if terms.principal else 0

    def _cost(self) -> Decimal | None:
        return self.share.cost if self.share is not None else None


def wei(amount: Decimal | None) -> int:
    """Return whole AID as wei; None is nothing."""
    return 0 if amount is None else to_units(amount, 18)


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "expected {what}", {"what": what})
