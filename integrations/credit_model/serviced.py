"""A deal as its servicer keeps it: what is due and when, and what fees, funder and borrower have had in all.

The life of the deal is `deal`'s. Amounts are AID wei, times Unix seconds, days Unix days.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import Literal

from .deal import Deal, Outcome, Status
from .legs import DAY, DebtLeg, Leg, ShareLeg
from .overdue import due_days
from .terms import Debt, Terms, debt_anchor, share_anchor, table

StatusName = Literal["performing", "defaulted", "liquidating", "closed"]
NAMES: dict[Status, StatusName] = {
    Status.PERFORMING: "performing",
    Status.DEFAULTED: "defaulted",
    Status.LIQUIDATING: "liquidating",
    Status.CLOSED: "closed",
}


@dataclass(frozen=True)
class Flow:
    """Where a payment went, wei: `used` is `fee` + `to_funder`; of that `principal` is debt, `gain` vests."""

    used: int = 0
    fee: int = 0
    principal: int = 0
    to_funder: int = 0
    gain: int = 0
    unused: int = 0


@dataclass(frozen=True)
class Resolution:
    """The end of a liquidated deal, wei.

    Attributes:
        carried: Gross value that left the book, and `impairment` with it.
        brought: What the collateral has brought.
        reserve: Of the cash reserve, what funder and fees had; `first_loss` likewise.
        to_funder: What the funder got, of which `gain` vests.
        fee: The protocol's part of what is above the carrying value.
        loss: Carrying value that nothing has covered: unvested profit, insurance and NAV bear it.
        surplus: The borrower's to claim.
    """

    carried: int
    impairment: int
    brought: int
    reserve: int
    first_loss: int
    to_funder: int
    gain: int
    fee: int
    loss: int
    surplus: int


@dataclass(frozen=True)
class SteppedIn:
    """A hosting partner has taken over: the new carrying value, the loss realised, what the reserve paid."""

    carried: int
    loss: int
    drawn: Flow


@dataclass
class ServicedDeal:
    """One funded deal, with its totals.

    Attributes:
        life: What it is worth and what is owed.
        ring_fenced: Whether an offering funds it, so that it is no part of the vault's book.
        fees: All that the protocol has had, tokenisation included.
        to_borrower: All that the borrower may claim, or has claimed.
    """

    life: Deal
    ring_fenced: bool = False
    fees: int = field(init=False)
    to_borrower: int = field(default=0, init=False)
    amount: int = field(init=False)
    _held: int = field(init=False)

    def __post_init__(self) -> None:
        terms = self.life.terms
        self.fees, self._held = self.life.fee, self.life.reserve
        self.amount = terms.principal + terms.share_cost

    # -- what it is

    @property
    def terms(self) -> Terms:
        """As they are now: a hosting partner has others."""
        return self.life.terms

    @property
    def funded(self) -> int:
        """Second of funding."""
        return self.life.since

    @property
    def start(self) -> int:
        """Day from which due days count."""
        return self.life.start

    @property
    def status(self) -> StatusName:
        """Where it stands."""
        return NAMES[self.life.status]

    @property
    def reserve(self) -> int:
        """Cash that is still held back."""
        return self.life.reserve

    @property
    def first_loss(self) -> int:
        """What is left of what the borrower loses first."""
        return self.life.first_loss

    @property
    def debt(self) -> Debt:
        """What is owed on the debt, as of the last payment; no principal once the leg is gone."""
        account = self.life.account
        return account if self.life.debt is not None else replace(account, principal=0)

    @property
    def debt_leg(self) -> DebtLeg | None:
        """The debt, None if there is none (left)."""
        return self.life.debt

    @property
    def share_leg(self) -> ShareLeg | None:
        """The revenue share, None if there is none (left)."""
        return self.life.share

    @property
    def received(self) -> int:
        """All receipts of the share."""
        return self.life.earnings.received

    @property
    def tokenisation(self) -> int:
        """The fee that was kept at funding."""
        return self.life.fee

    @property
    def paid_out(self) -> int:
        """What the borrower has got."""
        return self.amount - self.tokenisation - self._held

    # -- values

    def gross(self, t: int) -> Fraction:
        """Carrying value of both legs."""
        return self.life.gross(t)

    def impairment(self, t: int) -> Fraction:
        """Net impairment of both legs; nearly always none of them is late, marked or curing."""
        if all(_sound(leg, t) for leg in self.life.legs()):
            return Fraction(0)
        return min(max(self.life.impairment(t), Fraction(0)), self.life.gross(t))

    def owed(self, t: int) -> int:
        """What pays the deal off."""
        return self.life.owed(t)

    def owed_on_debt(self, t: int) -> int:
        """What pays the debt leg off."""
        return self.life.owed_on_debt(t)

    def owed_on_share(self, t: int) -> int:
        """The larger of the minimums still missing and the carrying value, rounded up."""
        share = self.share_leg
        return max(self.life.missing(t), ceil(share.gross(t))) if share is not None else 0

    def due(self, t: int, *, to_share: bool = False) -> int:
        """Cash that is missing now of what must have come in by today, the reserve left alone."""
        if to_share:
            return self._missing(t, t // DAY)
        return self._lacking(t, t // DAY)

    def next_due(self) -> tuple[int, int] | None:
        """Unix day of the first instalment that cash has not covered, what it lacks then; None if over."""
        found: list[tuple[int, int]] = []
        since = self.life.touched
        if self.debt_leg is not None:
            due = due_days(self.start, self.terms.interval, self.terms.instalments, since)
            day = debt_anchor(self.terms, self.start, self.debt.paid, self.debt.charged, due)
            found.append((day, self._lacking(max(day * DAY, since), day)))
        if self.share_leg is not None and self.life.missing(since):
            charged = self.life.charged(since, to_share=True)
            due = due_days(self.start, self.terms.share_interval, self.terms.share_instalments, since)
            day = share_anchor(self.terms, self.start, self.received, charged, due)
            found.append((day, self._missing(max(day * DAY, since), day)))
        return min(found, default=None)

    def is_current(self, t: int) -> bool:
        """Whether no leg is past its grace, but for what is held for it."""
        return not self.life.is_late(t)

    # -- events

    def pay(self, t: int, amount: int, *, to_share: bool = False) -> Flow:
        """Use cash for a leg; a deal without debt takes all as receipts. Closes the deal if that was all."""
        before = self.debt.principal
        return self._booked(self.life.pay(t, amount, to_share), before, amount)

    def draw(self, t: int) -> Flow:
        """Use the reserve for instalments whose grace is over."""
        before = self.debt.principal
        outcome = self.life.draw(t)
        return self._booked(outcome, before, outcome.used)

    def declare_default(self, t: int) -> None:
        """Raises ValueError unless grace is over and the reserve does not cover what is owed."""
        if not self.life.is_late(t):
            raise ValueError("not late")
        self.life.status = Status.DEFAULTED

    def mark(self, t: int, bps: int) -> None:
        """Impair at least `bps` of gross value, from now on."""
        self.life.mark(t, bps)

    def step_in(self, t: int, instalments: int, interval: int) -> SteppedIn:
        """Go on as one revenue share at the impaired value; the impairment is realised."""
        before = self.debt.principal
        outcome = self.life.step_in(t, instalments, interval)
        drawn = self._booked(outcome, before, outcome.used)
        return SteppedIn(self.terms.share_cost, outcome.loss, drawn)

    def liquidate(self) -> None:
        """The collateral is for sale."""
        self.life.status = Status.LIQUIDATING

    def resolve(self, t: int, brought: int) -> Resolution:
        """End with what the collateral has brought: then the reserve, then the first loss."""
        gross, impairment, reserve = int(self.gross(t)), int(self.impairment(t)), self.reserve
        cash = min(brought + reserve, max(self.owed(t), gross))
        outcome = self.life.resolve(t, brought)
        self.fees += outcome.fee
        self.to_borrower += outcome.to_borrower
        return Resolution(
            carried=gross,
            impairment=impairment,
            brought=brought,
            reserve=min(reserve, max(0, cash - brought)),
            first_loss=outcome.used - cash,
            to_funder=outcome.to_funder,
            gain=outcome.gain,
            fee=outcome.fee,
            loss=outcome.loss,
            surplus=outcome.to_borrower,
        )

    # -- how

    def _booked(self, outcome: Outcome, principal: int, amount: int) -> Flow:
        self.fees += outcome.fee
        self.to_borrower += outcome.to_borrower
        return Flow(
            used=outcome.used,
            fee=outcome.fee,
            principal=principal - self.debt.principal,
            to_funder=outcome.to_funder,
            gain=outcome.gain,
            unused=amount - outcome.used,
        )

    def _lacking(self, t: int, day: int) -> int:
        """What the debt lacks of instalments due by `day`; behind the last one, all that is owed at `t`."""
        if self.debt_leg is None:
            return 0
        lines = [line for line in table(self.terms) if self.start + line.day <= day]
        if len(lines) == self.terms.instalments:
            return self.owed_on_debt(t)
        if not lines:
            return 0
        asked = lines[-1].due
        if len(lines) >= due_days(self.start, self.terms.interval, self.terms.instalments, t):
            asked += self.life.charged(t)
        return max(0, asked - self.debt.paid)

    def _missing(self, t: int, day: int) -> int:
        """What the share lacks of minimums due by `day`, with default interest that has fallen due by `t`."""
        if self.share_leg is None:
            return 0
        count = self._intervals(day)
        asked = count * self.terms.share_minimum
        if count == self.terms.share_instalments:
            return self.life.missing(t)
        if count and count >= due_days(
            self.start, self.terms.share_interval, self.terms.share_instalments, t
        ):
            asked += self.life.charged(t, to_share=True)
        return max(0, asked - self.received)

    def _intervals(self, day: int) -> int:
        """How many minimums of the share are due by `day`."""
        if self.share_leg is None:
            return 0
        past = (day - self.start) // self.terms.share_interval
        return max(0, min(past, self.terms.share_instalments))


def _sound(leg: Leg, t: int) -> bool:
    """Whether there is nothing to impair a leg."""
    return not leg.floor_bps and not leg.cure.excess and t <= leg.stop * DAY
