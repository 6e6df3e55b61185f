"""A deal from funding to its end: what each event does to its legs, its cash and its schedule.

Written from docs/credit.md on top of `legs` and `terms`: legs are definitions, not running totals. Amounts
are AID wei, times Unix seconds. Payments that wait in the Gateway's escrow are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import Literal

from .legs import BPS, DAY, Cure, DebtLeg, Leg, ShareLeg, cured
from .terms import (
    YEAR,
    Debt,
    Earnings,
    Terms,
    apply,
    debt_anchor,
    owed,
    share_anchor,
    share_fee,
    table,
    tokenisation_fee,
)

Status = Literal["performing", "defaulted", "liquidating", "closed"]


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
        reserve: Of the cash reserve, what the funder (or fees) had; `first_loss` likewise.
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
    """One funded deal.

    Args:
        terms: What was agreed.
        funded: Second of funding.
        reserve: Cash held back.
        first_loss: What the borrower has added.
        ring_fenced: Whether an offering funds it, so that it is no part of the vault's book.
        minimum_bps: Least tokenisation fee; `yearly_bps` that of a year.
    """

    terms: Terms
    funded: int
    reserve: int = 0
    first_loss: int = 0
    ring_fenced: bool = False
    minimum_bps: int = 25
    yearly_bps: int = 100
    status: Status = field(default="performing", init=False)
    start: int = field(init=False)
    debt: Debt = field(init=False)
    debt_leg: DebtLeg | None = field(default=None, init=False)
    share_leg: ShareLeg | None = field(default=None, init=False)
    received: int = field(default=0, init=False)
    fees: int = field(default=0, init=False)
    to_borrower: int = field(default=0, init=False)
    _high_water: int = field(default=0, init=False)
    _basis: int = field(default=0, init=False)
    _carried: int = field(default=0, init=False)
    _last: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        terms, first = self.terms, self.first_loss
        self.start = -(-self.funded // DAY)
        self.debt = Debt(terms.principal)
        self.fees = self.tokenisation
        for_debt = first * terms.principal // self.amount
        if terms.principal:
            stop = debt_anchor(terms, self.start, self.reserve) + terms.grace
            self.debt_leg = DebtLeg(
                stop=stop,
                schedule=terms.schedule,
                reserve=min(self.reserve, terms.principal),
                first_loss=for_debt,
                value=Fraction(terms.principal),
                accrual=self._accrual(terms.principal),
                since=self.funded,
            )
        if terms.share_cost:
            self._open_share(self.funded, terms.share_cost, first - for_debt)

    @property
    def amount(self) -> int:
        """What the funder has brought."""
        return self.terms.principal + self.terms.share_cost

    @property
    def tokenisation(self) -> int:
        """The fee that was kept at funding."""
        return tokenisation_fee(self.terms, self.minimum_bps, self.yearly_bps)

    @property
    def paid_out(self) -> int:
        """What the borrower has got."""
        return self.amount - self.tokenisation - self.reserve

    # -- values

    def gross(self, t: int) -> Fraction:
        """Carrying value of both legs."""
        return sum((leg.gross(t) for leg in self._legs()), Fraction(0))

    def impairment(self, t: int) -> Fraction:
        """Net impairment of both legs."""
        return sum((self._impairment(leg, t) for leg in self._legs()), Fraction(0))

    def owed(self, t: int) -> int:
        """What pays the deal off: the debt, and of a share the larger of what it lacks and carries."""
        return self.owed_on_debt(t) + self.owed_on_share(t)

    def owed_on_debt(self, t: int) -> int:
        """What pays the debt leg off."""
        return owed(self.terms, self._debt_at(t)) if self.debt_leg else 0

    def owed_on_share(self, t: int) -> int:
        """The larger of the minimums still missing and the carrying value, rounded up."""
        return max(self.missing, ceil(self.share_leg.gross(t))) if self.share_leg else 0

    @property
    def missing(self) -> int:
        """What a revenue share lacks of all its minimums."""
        return max(0, self.terms.share_minimum * self.terms.share_instalments - self.received)

    def due(self, t: int, *, to_share: bool = False) -> int:
        """Cash that is missing now of what must have come in by today, the reserve left alone."""
        if to_share:
            return max(0, self._intervals(t // DAY) * self.terms.share_minimum - self.received)
        return self._lacking(t, t // DAY)

    def next_due(self) -> tuple[int, int] | None:
        """Unix day of the first instalment that cash has not covered, and what it lacks; None if over."""
        found: list[tuple[int, int]] = []
        if self.debt_leg is not None:
            day = debt_anchor(self.terms, self.start, self.debt.paid)
            found.append((day, self._lacking(day * DAY, day)))
        if self.share_leg is not None and self.missing:
            day = share_anchor(self.terms, self.start, self.received)
            found.append((day, self._intervals(day) * self.terms.share_minimum - self.received))
        return min(found, default=None)

    def is_current(self, t: int) -> bool:
        """Whether no leg is past its grace, but for a share that lacks nothing."""
        if self.debt_leg is not None and self.debt_leg.stop * DAY <= t:
            return False
        share = self.share_leg
        return share is None or share.stop * DAY > t or not self.missing

    # -- events

    def pay(self, t: int, amount: int, *, to_share: bool = False) -> Flow:
        """Use cash for a leg; a deal without debt takes all as receipts. Closes the deal if that was all."""
        flow = self._receive(t, amount) if to_share or self.debt_leg is None else self._repay(t, amount)
        self._settle(t)
        return flow

    def draw(self, t: int) -> Flow:
        """Use the reserve for instalments whose grace is over."""
        amount = min(self.reserve, self._arrears(t))
        self.reserve -= amount
        flow = self.pay(t, amount)
        if self.status == "closed":
            self.to_borrower += flow.unused
        else:
            self.reserve += flow.unused
        return flow

    def declare_default(self, t: int) -> None:
        """Raises ValueError unless grace is over and the reserve does not cover what is owed."""
        if self.is_current(t) or self.owed(t) <= self.reserve:
            raise ValueError("not late")
        self.status = "defaulted"

    def mark(self, t: int, bps: int) -> None:
        """Impair at least `bps` of gross value, from now on."""
        for leg in self._legs():
            self._replace(leg, self._moved(leg, t), t, floor_bps=bps)

    def step_in(self, t: int, instalments: int, interval: int) -> SteppedIn:
        """Go on as one revenue share at the impaired value; the impairment is realised."""
        drawn = Flow()
        if self.reserve and self.debt.principal:
            held, self.reserve = self.reserve, 0
            drawn = self._repay(t, held)
            self.reserve = drawn.unused
        self.first_loss, self.reserve = self.first_loss + self.reserve, 0
        gross, loss = int(self.gross(t)), int(self.impairment(t))
        behind = loss
        if self.share_leg is not None:
            lag = self._high_water + self._basis - int(self.share_leg.gross(t))
            behind = max(0, loss + lag - self.received)
        cost = gross - loss
        self.terms = replace(
            self.terms,
            principal=0,
            rate_bps=0,
            instalments=0,
            interval=0,
            amortising=False,
            share_cost=cost,
            share_instalments=instalments,
            share_interval=interval,
            share_minimum=-(-cost // instalments),
        )
        self.debt, self.debt_leg = Debt(0, paid=self.debt.paid), None
        self.start, self.status = -(-t // DAY), "performing"
        self._open_share(t, cost, self.first_loss)
        self._basis = cost + behind
        return SteppedIn(cost, loss, drawn)

    def liquidate(self) -> None:
        """The collateral is for sale; what is paid from here on would join the reserve."""
        self.status = "liquidating"

    def resolve(self, t: int, brought: int) -> Resolution:
        """End with what the collateral has brought.

        The reserve joins it up to what is owed, the first loss up to what is carried.
        """
        gross, impairment = int(self.gross(t)), int(self.impairment(t))
        due = max(self.owed(t), gross)
        cash = min(brought + self.reserve, due)
        first = min(self.first_loss, max(0, gross - cash))
        taken = cash + first
        fee = -(-max(0, taken - gross) * self.terms.performance_bps // BPS)
        surplus = brought + self.reserve + self.first_loss - taken
        end = Resolution(
            carried=gross,
            impairment=impairment,
            brought=brought,
            reserve=min(self.reserve, max(0, cash - brought)),
            first_loss=first,
            to_funder=taken - fee,
            gain=max(0, taken - fee - (gross - impairment)),
            fee=fee,
            loss=max(0, gross - taken),
            surplus=surplus,
        )
        self.fees += fee
        self.to_borrower += surplus
        self.debt_leg = self.share_leg = None
        self.debt, self.reserve, self.first_loss = replace(self.debt, principal=0, late=0), 0, 0
        self.status = "closed"
        return end

    # -- how

    def _legs(self) -> list[Leg]:
        return [leg for leg in (self.debt_leg, self.share_leg) if leg is not None]

    @staticmethod
    def _impairment(leg: Leg, t: int) -> Fraction:
        """A leg that is neither late nor marked nor curing has none; that is nearly always."""
        if not leg.floor_bps and not leg.cure.excess and t <= leg.stop * DAY:
            return Fraction(0)
        return min(max(leg.impairment(t), Fraction(0)), leg.gross(t))

    def _accrual(self, principal: int) -> Fraction:
        return principal * self.terms.net_rate / YEAR

    def _debt_at(self, t: int) -> Debt:
        """What is owed on the debt leg, late interest until now included."""
        leg = self.debt_leg
        assert leg is not None
        late = max(0, t - max(leg.since, leg.stop * DAY))
        more = ceil(Fraction(self.debt.principal * self.terms.rate_bps * late, BPS * YEAR))
        accrued = leg.gross(t) - self.debt.principal
        return replace(self.debt, accrued=accrued, late=self.debt.late + more)

    def _repay(self, t: int, amount: int) -> Flow:
        leg, terms = self.debt_leg, self.terms
        assert leg is not None
        applied, self.debt = apply(terms, self._debt_at(t), amount)
        self.fees += applied.fee
        if owed(terms, self.debt):
            held, _ = apply(terms, self.debt, self.reserve)
            stop = debt_anchor(terms, self.start, self.debt.paid + self.reserve) + terms.grace
            new = replace(
                leg,
                value=self.debt.principal + self.debt.accrued,
                accrual=self._accrual(self.debt.principal) if stop * DAY > t else Fraction(0),
                since=t,
                stop=stop,
                reserve=held.interest + held.principal if self.reserve else 0,
            )
            self._replace(leg, new, t)
        else:
            self.debt_leg = None
        return Flow(
            used=applied.used,
            fee=applied.fee,
            principal=applied.principal,
            to_funder=applied.interest + applied.principal + applied.gain,
            gain=applied.gain,
            unused=amount - applied.used,
        )

    def _receive(self, t: int, amount: int) -> Flow:
        leg, terms = self.share_leg, self.terms
        assert leg is not None
        carried = int(leg.gross(t))
        before = Earnings(self.received, self._basis - carried, self._high_water)
        fee, after = share_fee(terms, before, amount, self._carried, t - self._last)
        self.received, self._high_water = after.received, after.high_water
        self._carried, self._last = carried, t
        self.fees += fee
        held = self.reserve if not terms.principal else 0
        stop = share_anchor(terms, self.start, self.received + held) + terms.grace
        if stop != leg.stop:
            self._replace(leg, replace(leg, stop=stop), t)
        return Flow(used=amount, fee=fee, to_funder=amount - fee, gain=amount - fee)

    def _moved(self, leg: Leg, t: int) -> Leg:
        """A debt leg as of now; a share is the same at any time."""
        return replace(leg, value=leg.gross(t), since=t) if isinstance(leg, DebtLeg) else leg

    def _replace(self, old: Leg, new: Leg, t: int, floor_bps: int | None = None) -> None:
        """Put a leg in the place of another, with the impairment carried over in proportion to its value."""
        if floor_bps is not None:
            new = replace(new, floor_bps=floor_bps)
        before, after = old.gross(t), new.gross(t)
        if (new.stop, new.floor_bps) == (old.stop, old.floor_bps):
            left = old.cure.left(t)
            new = replace(new, cure=Cure(left * after / before, t, old.cure.end) if left else Cure())
        else:
            impairment = self._impairment(old, t)
            new = replace(new, cure=Cure())
            if impairment and before:
                new = cured(new, impairment * after / before, t, self.terms.cure)
        if isinstance(new, DebtLeg):
            self.debt_leg = new
        else:
            assert isinstance(new, ShareLeg)
            self.share_leg = new

    def _open_share(self, t: int, cost: int, first_loss: int) -> None:
        terms = self.terms
        held = self.reserve if not terms.principal else 0
        self.share_leg = ShareLeg(
            stop=share_anchor(terms, self.start, held) + terms.grace,
            schedule=terms.schedule,
            first_loss=first_loss,
            cost=cost,
            start=t,
            end=self.start + terms.share_instalments * terms.share_interval,
        )
        self.received = self._high_water = 0
        self._basis = self._carried = cost
        self._last = t

    def _arrears(self, t: int) -> int:
        """What instalments whose grace is over still lack: of the debt, or of a share without one."""
        day = t // DAY - self.terms.grace
        if self.debt_leg is not None:
            return self._lacking(t, day)
        return max(0, self._intervals(day) * self.terms.share_minimum - self.received)

    def _lacking(self, t: int, day: int) -> int:
        """What the debt lacks of instalments due by `day`; behind the last one, all that is owed at `t`."""
        if self.debt_leg is None:
            return 0
        lines = [line for line in table(self.terms) if self.start + line.day <= day]
        if len(lines) == self.terms.instalments:
            return self.owed_on_debt(t)
        return max(0, lines[-1].due - self.debt.paid) if lines else 0

    def _intervals(self, day: int) -> int:
        """How many minimums of the share are due by `day`."""
        if self.share_leg is None:
            return 0
        past = (day - self.start) // self.terms.share_interval
        return max(0, min(past, self.terms.share_instalments))

    def _settle(self, t: int) -> None:
        """A deal that is current again is no default; one that owes nothing is closed."""
        if self.status == "defaulted" and self.is_current(t):
            self.status = "performing"
        over = self.share_leg is None or (self.share_leg.end * DAY <= t and not self.missing)
        if self.debt_leg is None and over:
            self.share_leg = None
            self.to_borrower += self.reserve + self.first_loss
            self.reserve = self.first_loss = 0
            self.status = "closed"
