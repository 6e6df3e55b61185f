"""Deals in a random history, on chain and in the model, and what must hold between the two."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from integrations.credit_model import Deal, Outcome, Status, Terms
from integrations.credit_model.auction import Round
from tests.conftest import DAY, WAD
from tests.model.vesting import Stream
from tests.support.credit_world import World
from tests.support.fast import Call

BORROWERS = ("bob", "dave", "mallory")
VESTING = 7 * DAY
#: Each event of a deal may round a wei in the payment, the slope and the value.
DUST = 3


@dataclass
class Line:
    """A deal, and what the history knows of it besides."""

    model: Deal
    borrower: str
    worth: int
    ring_fenced: bool
    events: int = 1
    paid_out: int = 0  # to an offering
    sale: Round | None = None
    rounds: int = 0  # of its sale, the running one included
    mark: int = 0
    mark_up_from: int = 0

    @property
    def is_open(self) -> bool:
        return self.model.status is not Status.CLOSED

    @property
    def slack(self) -> int:
        return DUST * self.events

    @property
    def round(self) -> Round:
        """Of the auction that runs, or has run last."""
        assert self.sale is not None
        return self.sale


@dataclass(frozen=True)
class Waiting:
    """A payment in the Gateway's escrow; its fields as in the model's `settle`."""

    number: int
    deal: int
    units: int
    counted: int
    to_share: bool
    at_payment: int


@dataclass
class Accounts:
    """The world, the model of each of its deals, and of all AID that moves for them.

    Args:
        credit: The world; it must have a contract `offering`, which funds ring-fenced deals.
        seed: Of all choices.
        wanted: How many deals to keep open.
    """

    credit: World
    seed: int
    wanted: int
    lines: dict[int, Line] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    now: int = 0
    fees: int = 0
    claims: Counter[str] = field(default_factory=Counter)
    pool: int = 0  # idle and claimable AID of the vault, and the insurance's
    insured: int = 0
    stream: Stream = field(default_factory=Stream)
    events: int = 0
    most_open: int = 0
    closing: set[int] = field(default_factory=set)  # ended, or paid after their end, by this step
    waiting: list[Waiting] = field(default_factory=list)
    escrows: int = 0  # that the Gateway has numbered
    unsold: list[int] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.now = self.credit.now
        summary = self.credit.summary()
        self.pool = summary.idle + summary.claimable

    def _send(self, who: str, call: Call, t: int, about: str) -> None:
        self.log.append(f"{t} {about}")
        reason = self.credit.attempt(who, call, t)
        assert reason is None, self.told(f"{about} failed: {reason}")
        self.now = t

    def told(self, what: str) -> str:
        """A complaint with the end of the story."""
        return "\n".join((f"seed {self.seed}: {what}", *self.log[-25:]))

    # what must hold

    def _book(self, line: Line, outcome: Outcome) -> None:
        """Cash that comes in goes to funder, fees and borrower, and a loss to those who bear it."""
        line.events += 1
        self.closing.update(deal for deal, other in self.lines.items() if other is line and not line.is_open)
        self.events += 1
        self.fees += outcome.fee
        self.claims[line.borrower] += outcome.to_borrower
        if line.ring_fenced:
            line.paid_out += outcome.to_funder
            return
        self.pool += outcome.to_funder
        self.stream.top_up(self.now, outcome.gain, VESTING)
        self.insured -= min(self.insured, outcome.loss - self.stream.absorb(self.now, outcome.loss))

    def check(self) -> None:
        """Everything is what the model says, to a few wei for each event."""
        credit, now = self.credit, self.now
        deals = [deal for deal, line in self.lines.items() if line.is_open or deal in self.closing]
        self.closing.clear()
        worth = {deal: self._worth_of(self.lines[deal].model) for deal in deals}
        ids = sorted(
            2 * deal + i
            for deal, line in self.lines.items()
            if line.is_open and not line.ring_fenced
            for i, leg in enumerate((line.model.debt, line.model.share))
            if leg is not None
        )
        offerings = [deal for deal in deals if self.lines[deal].ring_fenced]
        calls = [
            credit.desk.value_at(now),
            credit.desk.reconcile(ids),
            credit.vault.summary(),
            credit.insurance_fund.available(),
            credit.desk.fees(),
            credit.gateway.backing(),
            credit.aid.totalSupply(),
            *(credit.aid.balanceOf(credit.addresses[name]) for name in ("desk", "vault", "house")),
            *(credit.desk.claimable(credit.addresses[who]) for who in BORROWERS),
            *(credit.offering.paid(deal) for deal in offerings),
            *(credit.ledger.deal(deal) for deal in deals),
        ]
        seen = iter(credit.view_many(calls))
        gross, impairment = next(seen)
        book, legs = next(seen)
        summary, insurance, fees, backing, supply, desk, vault, house = (next(seen) for _ in range(8))
        claims = {who: next(seen) for who in BORROWERS}
        paid_out = {deal: next(seen) for deal in offerings}
        states = dict(zip(deals, seen, strict=True))

        assert vars(book) == vars(legs), self.told("the book is not the sum of its legs")
        for deal, state in states.items():
            self._check_deal(deal, state, *worth[deal])
        ours = [deal for deal in deals if not self.lines[deal].ring_fenced]
        slack = sum(self.lines[deal].slack for deal in ours)
        self._near("gross", gross, sum(worth[deal][0] for deal in ours), slack)
        self._near("impairment", impairment, sum(worth[deal][1] for deal in ours), slack)
        self._near("fees", fees, self.fees, slack + DUST * self.events)
        for who, claim in claims.items():
            self._near(f"{who}'s claims", claim, self.claims[who], slack + DUST * self.events)
        for deal, paid in paid_out.items():
            self._near(
                f"paid to the offering of {deal}", paid, self.lines[deal].paid_out, self.lines[deal].slack
            )
        self._near(
            "vault and insurance", summary.idle + summary.claimable + insurance, self.pool, DUST * self.events
        )
        self._near("insurance", insurance, self.insured, DUST * self.events)
        self._near("unvested", summary.unvested, self.stream.left(now), DUST * self.events + slack)

        held = sum(state.reserve + state.first_loss for state in states.values())
        assert desk == held + fees + sum(claims.values()), self.told("the desk has not what it owes")
        assert vault == summary.idle + summary.claimable, self.told("the vault has not what it owes")
        assert house == 0, self.told("AID stays in the auction house")
        assert backing.backing_par >= supply, self.told("AID is not covered")
        assert summary.deposit_assets == summary.idle + gross
        deducted = impairment + summary.unvested + summary.releasing
        assert summary.exit_assets == max(0, summary.deposit_assets - deducted)

    def _worth_of(self, model: Deal) -> tuple[Fraction, Fraction]:
        """Gross value and impairment."""
        gross = model.gross(self.now)
        return gross, min(model.impairment(self.now), gross)

    def _check_deal(self, deal: int, state: Any, gross: Fraction, impairment: Fraction) -> None:
        line = self.lines[deal]
        model = line.model
        assert state.status == model.status.value, self.told(
            f"status of {deal}: {state.status}, {model.status}"
        )
        held = (model.reserve, model.first_loss)
        assert abs(state.reserve - held[0]) + abs(state.first_loss - held[1]) <= line.slack, self.told(
            f"cash of {deal}"
        )
        self._near(f"gross of {deal}", state.gross, gross, line.slack)
        self._near(f"impairment of {deal}", state.impairment, impairment, line.slack)
        principal = model.account.principal if model.debt else 0
        self._near(f"principal of {deal}", state.principal, principal, line.slack)
        self._near(f"shortfall of {deal}", state.shortfall, model.shortfall, line.slack)
        assert state.waiting == model.waiting + model.share_waiting, self.told(f"what waits for {deal}")
        if model.debt:
            assert state.stop == model.debt.stop, self.told(f"anchor of {deal}")
        if model.share:
            assert state.share_stop == model.share.stop, self.told(f"anchor of the share of {deal}")

    def _near(self, what: str, got: int, want: Fraction | int, slack: int) -> None:
        assert abs(got - want) <= slack + 2, self.told(f"{what} is {got}, the model says {float(want)}")


def random_terms(choose: Random) -> Terms:
    """A loan, a revenue share or both, of up to two years."""
    kind = choose.choice(("loan", "loan", "share", "hybrid"))
    fields: dict[str, Any] = {}
    if kind != "share":
        interval = choose.randint(7, 92)
        fields |= {
            "principal": choose.randint(1_000, 250_000) * WAD + choose.randint(0, 10**6),
            "rate_bps": choose.randint(100, 5_000),
            "interval": interval,
            "instalments": choose.randint(-(-90 // interval), min(730 // interval, 40)),
            "amortising": choose.random() < 0.6,
        }
    if kind != "loan":
        interval = choose.randint(7, 31)
        count = choose.randint(-(-90 // interval), min(730 // interval, 40))
        cost = choose.randint(1_000, 150_000) * WAD
        fields |= {
            "share_cost": cost,
            "share_interval": interval,
            "share_instalments": count,
            "share_minimum": -(-cost // count) + choose.randint(0, cost // count),
        }
    return Terms(**fields)
