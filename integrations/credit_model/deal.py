"""The life of one deal in exact fractions: what each payment, default and resolution comes to.

Says a second time, from docs/credit.md alone, what DealLedger and DealDesk do on chain. Amounts are AID wei
(18 decimals), times Unix seconds, days Unix days. Source: docs/credit.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from math import ceil

from .legs import BPS, DAY, AnyLeg, Cure, DebtLeg, Leg, ShareLeg, cured
from .overdue import debt_at, due_days, share_at, undue
from .terms import (
    YEAR,
    Debt,
    Earnings,
    Terms,
    apply,
    debt_anchor,
    depreciated,
    owed,
    share_anchor,
    share_fee,
    table,
    tokenisation_fee,
)

NO_CURE = Cure()


class Status(Enum):
    """Where a funded deal stands; numbered as the contracts' flags."""

    PERFORMING = 1
    DEFAULTED = 2
    LIQUIDATING = 4
    CLOSED = 8


@dataclass(frozen=True)
class Outcome:
    """What an event comes to, wei.

    Attributes:
        used: Of the cash that came in.
        fee: The protocol's.
        to_funder: Of the rest, for vault or offering.
        gain: Of that, what vests.
        to_borrower: Reserve, first loss and surplus, once the deal is over.
        loss: Of carrying value, for vault and insurance.
    """

    used: int = 0
    fee: int = 0
    to_funder: int = 0
    gain: int = 0
    to_borrower: int = 0
    loss: int = 0


@dataclass
class Deal:
    """A deal that was funded at `since`.

    Attributes:
        terms: As agreed; replaced when a hosting partner steps in.
        since: Second of funding.
        reserve: Cash held back, wei.
        first_loss: The borrower's, wei.
        status: Where it stands.
        debt: The debt leg, None if there is none or it is paid off.
        share: The revenue share, None if there is none or it has run out.
        account: Principal, late interest and cash of the debt.
        earnings: Of the share, with depreciation as of the last receipt.
        waiting: Payments on the debt that no price is known for yet, at what they count for, wei.
        share_waiting: The same on the share.
        excused: What counts for the share's anchor, and was never received, wei.
        shortfall: What the end has cost the funder, and nobody has made good yet, wei.
    """

    terms: Terms
    since: int
    reserve: int = 0
    first_loss: int = 0
    status: Status = Status.PERFORMING
    debt: DebtLeg | None = None
    share: ShareLeg | None = None
    account: Debt = field(default_factory=lambda: Debt(0))
    earnings: Earnings = field(default_factory=Earnings)
    basis: int = 0
    carried: int = 0
    last: int = 0
    share_charged: int = 0
    share_running: int = 0
    share_since: int = 0
    waiting: int = 0
    share_waiting: int = 0
    excused: int = 0
    shortfall: int = 0

    def __post_init__(self) -> None:
        terms = self.terms
        self.start = ceil(Fraction(self.since, DAY))
        cost = terms.principal + terms.share_cost
        self.fee = tokenisation_fee(terms)
        for_debt = self.first_loss * terms.principal // cost
        if terms.principal:
            self.account = Debt(terms.principal)
            self.debt = DebtLeg(
                debt_anchor(terms, self.start, self.reserve) + terms.grace,
                Fraction(terms.principal),
                self._accrual(terms.principal),
                self.since,
                schedule=terms.schedule,
                reserve=min(self.reserve, terms.principal),
                first_loss=for_debt,
            )
        if terms.share_cost:
            self._buy_share(self.since, self.first_loss - for_debt, terms.share_cost)

    # values

    @property
    def touched(self) -> int:
        """Second of the last change."""
        seconds = [self.debt.since] if self.debt is not None else []
        return max([*seconds, self.share_since, self.since])

    def legs(self) -> list[Leg]:
        """Those that are open."""
        return [leg for leg in (self.debt, self.share) if leg is not None]

    def gross(self, t: int) -> Fraction:
        """Carrying value at `t`."""
        return sum((leg.gross(t) for leg in self.legs()), Fraction(0))

    def impairment(self, t: int) -> Fraction:
        """Net impairment at `t`."""
        return sum((leg.impairment(t) for leg in self.legs()), Fraction(0))

    def owed(self, t: int) -> int:
        """What pays the deal off at `t`."""
        total = self.owed_on_debt(t)
        if self.share is not None:
            total += max(self.missing(t), ceil(self.share.gross(t)))
        return total

    def owed_on_debt(self, t: int) -> int:
        """What pays the debt off at `t`."""
        return owed(self.terms, self._standing(t)) if self.debt is not None else 0

    def missing(self, t: int) -> int:
        """What the share lacks at `t` of all its minimums, and of default interest on the missing."""
        interest = sum(self._share_interest(t))
        whole = self.terms.share_minimum * self.terms.share_instalments + interest
        return max(whole - self.earnings.received, 0)

    def charged(self, t: int, *, to_share: bool = False) -> int:
        """Default interest that has fallen due by `t`, on the debt or on the share, paid or not."""
        if to_share:
            return self._share_interest(t)[0]
        return self._standing(t).charged if self.debt is not None else 0

    def is_late(self, t: int) -> bool:
        """Whether a leg is past its grace and lacks more than is held for it.

        The reserve is held for the debt, or for the share of a deal without; what waits, for its own leg.
        """
        past = self.debt is not None and t >= self.debt.stop * DAY
        if past and self.owed_on_debt(t) > self.reserve + self.waiting:
            return True
        if self.share is None or t < self.share.stop * DAY:
            return False
        return self.missing(t) > self.share_waiting + (0 if self.terms.principal else self.reserve)

    # events

    def pay(self, t: int, amount: int, to_share: bool = False) -> Outcome:
        """Cash on the debt, or on the share if there is no debt or `to_share`; after the end, its loss."""
        if self.status is Status.CLOSED:
            return self._make_good(amount)
        to_share = to_share or self.debt is None
        outcome = self._receive(t, amount) if to_share else self._repay(t, amount)
        return self._after(t, outcome)

    def wait(self, t: int, counted: int, to_share: bool = False) -> bool:
        """A payment as `pay`'s whose coin has no price yet: it counts for the anchor, and pays nothing.

        Returns:
            Whether it counts for the share, as `settle` wants to know.
        """
        to_share = self.status is not Status.CLOSED and (to_share or self.debt is None)
        self._charge(t)
        if to_share:
            self.share_waiting += counted
        else:
            self.waiting += counted
        self.pay(t, 0, to_share)
        return to_share

    def recount(self, t: int, less: int, to_share: bool = False) -> None:
        """A payment that waits counts for so much less than it did; `to_share` as `wait` has returned it."""
        self._charge(t)
        if to_share:
            self.share_waiting -= less
        else:
            self.waiting -= less
        if self.status in {Status.PERFORMING, Status.DEFAULTED}:
            self.pay(t, 0, to_share)

    def settle(
        self, t: int, amount: int, counted: int, to_share: bool = False, at_payment: int | None = None
    ) -> Outcome:
        """A payment that has waited, wherever the deal stands now.

        Args:
            t: Now.
            amount: What it came to, wei.
            counted: What it counted for until now.
            to_share: What `wait` has returned.
            at_payment: What it counted for when it was paid, if that is more. What it came to less than
                this is owed, but the schedule is not held against the borrower.
        """
        self._charge(t)
        if to_share:
            self.share_waiting -= counted
        else:
            self.waiting -= counted
        if self.status is Status.CLOSED:
            return self._make_good(amount)
        if self.status is Status.LIQUIDATING:
            self.reserve += amount
            return Outcome(used=amount)
        excused = max((counted if at_payment is None else at_payment) - amount, 0)
        if to_share or not self.terms.principal:
            self.excused += excused
            outcome = self._receive(t, amount)
        elif self.debt is None:
            outcome = Outcome()
        else:
            self.account = replace(self.account, paid=self.account.paid + excused)
            outcome = self._repay(t, amount)
        return self._after(t, outcome)

    def draw(self, t: int) -> Outcome:
        """The reserve, for instalments whose grace is over."""
        due = self.arrears(t)
        amount = self.reserve if due is None else min(self.reserve, due)
        self.reserve -= amount
        outcome = self._repay(t, amount) if self.debt is not None else self._receive(t, amount)
        self.reserve += amount - outcome.used
        return self._after(t, outcome)

    def arrears(self, t: int) -> int | None:
        """What the instalments whose grace is over lack; None for everything."""
        terms, start = self.terms, self.start
        if terms.principal:
            if self.debt is None:
                return 0
            over = due_days(start + terms.grace, terms.interval, terms.instalments, t)
            if over == terms.instalments:
                return None
            if not over:
                return 0
            last = over == due_days(start, terms.interval, terms.instalments, t)
            asked = table(terms)[over - 1].due + (self._standing(t).charged if last else 0)
            return max(asked - self.account.paid, 0)
        over = due_days(start + terms.grace, terms.share_interval, terms.share_instalments, t)
        last = over > 0 and over == due_days(start, terms.share_interval, terms.share_instalments, t)
        asked = over * terms.share_minimum + (self._share_interest(t)[0] if last else 0)
        return max(asked - self.earnings.received, 0)

    def mark(self, t: int, bps: int) -> None:
        """The committee's least impairment, up or down."""
        if self.debt is not None:
            self._repay(t, 0, bps)
        if self.share is not None:
            self._receive(t, 0, bps)

    def step_in(self, t: int, instalments: int, interval: int) -> Outcome:
        """A hosting partner takes over: one revenue share at the impaired value."""
        outcome = Outcome()
        if self.debt is not None:
            held, self.reserve = self.reserve, 0
            outcome = self._repay(t, held)
            self.reserve = held - outcome.used
        self.first_loss, self.reserve = self.first_loss + self.reserve, 0
        gross = int(self.gross(t))
        loss = min(int(self.impairment(t)), gross)
        behind = loss
        if self.share is not None:
            behind += self.earnings.high_water + self.basis - int(self.share.gross(t))
            behind = max(behind - self.earnings.received, 0)
        cost = gross - loss
        self.terms = replace(
            self.terms,
            principal=0,
            share_cost=cost,
            share_minimum=ceil(Fraction(cost, instalments)),
            share_instalments=instalments,
            share_interval=interval,
            share_default_bps=max(self.terms.share_default_bps, self.terms.default_bps),
        )
        self.start = ceil(Fraction(t, DAY))
        self.debt, self.account, self.earnings, self.excused = None, Debt(0), Earnings(), 0
        self.share_charged = self.share_running = 0
        self._buy_share(t, self.first_loss, cost + behind)
        self.status = Status.PERFORMING
        return replace(outcome, loss=loss)

    def resolve(self, t: int, brought: int) -> Outcome:
        """The end, with what the collateral has brought."""
        gross = int(self.gross(t))
        net = gross - min(int(self.impairment(t)), gross)
        claim = max(self.owed(t), gross)
        taken = min(brought + self.reserve, claim)
        taken += min(self.first_loss, max(gross - taken, 0))
        fee = ceil(Fraction(max(taken - gross, 0) * self.terms.performance_bps, BPS))
        outcome = Outcome(
            used=taken,
            fee=fee,
            to_funder=taken - fee,
            gain=max(taken - fee - net, 0),
            to_borrower=brought + self.reserve + self.first_loss - taken,
            loss=max(gross - taken, 0),
        )
        self.debt = self.share = None
        self.reserve = self.first_loss = 0
        self.status, self.shortfall = Status.CLOSED, outcome.loss
        return outcome

    # how legs change

    def _make_good(self, amount: int) -> Outcome:
        used = min(self.shortfall, amount)
        self.shortfall -= used
        return Outcome(used=used, to_funder=used, gain=used)

    def _accrual(self, principal: int) -> Fraction:
        return principal * self.terms.net_rate / YEAR

    def _buy_share(self, t: int, first_loss: int, basis: int) -> None:
        terms = self.terms
        held = 0 if terms.principal else self.reserve
        self.share = ShareLeg(
            share_anchor(terms, self.start, held) + terms.grace,
            terms.share_cost,
            t,
            self.start + terms.share_instalments * terms.share_interval,
            schedule=terms.schedule,
            first_loss=first_loss,
        )
        self.basis, self.carried, self.last = basis, terms.share_cost, t
        self.share_since = t

    def _standing(self, t: int) -> Debt:
        """The debt as of `t`, late interest included."""
        assert self.debt is not None
        before = self.debt.value - self.account.principal
        now = replace(self.account, accrued=self.debt.gross(t) - self.account.principal)
        return debt_at(self.terms, self.start, now, before, self.waiting, self.debt.since, t)

    def _charge(self, t: int) -> None:
        """Bring default interest up to date before what counts as cash changes; not in a sale."""
        if self.status not in {Status.PERFORMING, Status.DEFAULTED}:
            return
        if self.debt is not None:
            self.account = replace(self._standing(t), accrued=Fraction(0))
            self.debt = replace(self.debt, value=self.debt.gross(t), since=t)
        if self.share is not None:
            self.share_charged, self.share_running = self._share_interest(t)
            self.share_since = t

    def _share_interest(self, t: int) -> tuple[int, int]:
        """Default interest of the share: what has fallen due by `t`, and what runs."""
        if self.share is None:
            return 0, 0
        cash = self.earnings.received + self.share_waiting + self.excused
        state = (self.share_charged, self.share_running)
        return share_at(self.terms, self.start, *state, cash, self.share_since, t)

    def _repay(self, t: int, amount: int, mark: int | None = None) -> Outcome:
        old = self.debt
        assert old is not None
        k = due_days(self.start, self.terms.interval, self.terms.instalments, t)
        standing = self._standing(t)
        parts, after = apply(self.terms, standing, amount, undue(self.terms, k, standing.principal))
        cash = self.reserve + self.waiting
        stop = debt_anchor(self.terms, self.start, after.paid + cash, after.charged, k) + self.terms.grace
        bearing = undue(self.terms, k, after.principal)
        held = apply(self.terms, after, cash, bearing)[0]
        new = replace(
            old,
            stop=stop,
            value=after.principal + after.accrued,
            accrual=self._accrual(undue(self.terms, k, after.principal, self.waiting)),
            since=t,
            reserve=held.interest + held.principal + cash - held.used,
        )
        self.account = replace(after, accrued=Fraction(0))
        self.debt = None if owed(self.terms, after) == 0 else self._carried_over(t, old, new, mark)
        return Outcome(parts.used, parts.fee, parts.used - parts.fee, parts.gain)

    def _receive(self, t: int, amount: int, mark: int | None = None) -> Outcome:
        old = self.share
        assert old is not None
        fee = 0
        self.share_charged, self.share_running = self._share_interest(t)
        self.share_since = t
        if amount:
            value = int(old.gross(t))
            gone = depreciated(self.terms, self.basis, value, self.earnings.received + amount)
            before = replace(self.earnings, depreciated=gone)
            fee, paid_for, self.earnings = share_fee(self.terms, before, amount, self.carried, t - self.last)
            self.last += paid_for
            self.carried = value if self.last == t else self.carried
        held = self.share_waiting + self.excused + (0 if self.terms.principal else self.reserve)
        k = due_days(self.start, self.terms.share_interval, self.terms.share_instalments, t)
        covered = self.earnings.received + held
        stop = share_anchor(self.terms, self.start, covered, self.share_charged, k) + self.terms.grace
        self.share = self._carried_over(t, old, replace(old, stop=stop), mark)
        return Outcome(amount, fee, amount - fee, amount - fee)

    def _carried_over(self, t: int, old: Leg, new: AnyLeg, mark: int | None) -> AnyLeg:
        """The old impairment, on its way back if the anchor or the mark has changed."""
        floor = old.floor_bps if mark is None else mark
        part = new.gross(t) / old.gross(t) if old.gross(t) else Fraction(0)
        if new.stop == old.stop and floor == old.floor_bps:
            left = replace(old.cure, excess=old.cure.left(t) * part, since=t)
            return replace(new, cure=left if t < old.cure.end else NO_CURE)
        bare = replace(new, floor_bps=floor, cure=NO_CURE)
        return cured(bare, old.impairment(t) * part, t, self.terms.cure)

    def _after(self, t: int, outcome: Outcome) -> Outcome:
        """A default that is cured, and a deal that is over."""
        if self.status is Status.DEFAULTED and not self.is_late(t):
            self.status = Status.PERFORMING
        if self.share is not None and self.debt is None and t >= self.share.end * DAY and not self.missing(t):
            self.share = None
        if self.legs():
            return outcome
        back = self.reserve + self.first_loss
        self.reserve = self.first_loss = 0
        self.status = Status.CLOSED
        return replace(outcome, to_borrower=back)
