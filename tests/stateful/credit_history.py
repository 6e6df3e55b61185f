"""Random histories of many deals at once, on chain and in the model, compared after every event."""

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
from tests.support.credit_world import FOREVER, World
from tests.support.fast import Call

BORROWERS = ("bob", "dave", "mallory")
#: A wei of AID for each unit of USDC.
UNIT = 10**12
VESTING = 7 * DAY
MARK_UP_DELAY = 3 * DAY
#: Each event of a deal may round a wei in the payment, the slope and the value.
DUST = 3
REFUSALS = {"reserve floor", "deal cap", "borrower cap", "too many deals"}
ACTIONS = {
    "open": 6,
    "pay": 16,
    "pay_off": 1,
    "draw": 4,
    "declare": 5,
    "liquidate": 2,
    "bid": 4,
    "expire": 3,
    "step_in": 3,
    "mark": 1,
    "mark_up": 3,
    "close": 3,
    "make_good": 3,
    "claim": 3,
    "leave": 4,
    "insure": 1,
    "wait": 9,
}


@dataclass
class Line:
    """A deal, and what the history knows of it besides."""

    model: Deal
    borrower: str
    worth: int
    ring_fenced: bool
    events: int = 1
    shortfall: int = 0
    paid_out: int = 0  # to an offering
    sale: Round | None = None
    mark: int = 0
    mark_up_from: int = 0

    @property
    def is_open(self) -> bool:
        return self.model.status is not Status.CLOSED

    @property
    def slack(self) -> int:
        return DUST * self.events


@dataclass
class History:
    """One run. `step` does something that the state of the deals allows, and checks everything.

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
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.now = self.credit.now
        summary = self.credit.summary()
        self.pool = summary.idle + summary.claimable
        self.step("open")

    # choosing

    def step(self, name: str | None = None) -> None:
        """Do one thing. What has no deal to be done to becomes waiting."""
        if name is None:
            (name,) = self.random.choices(list(ACTIONS), list(ACTIONS.values()))
            if len(self.alive()) < self.wanted and self.random.random() < 0.5:
                name = "open"
            unseen = [action for action in ACTIONS if not self.counts[action]]
            if unseen and self.random.random() < 0.2:
                name = self.random.choice(unseen)
        pause = self.random.choice((1, 60, 3_600, DAY // 3, DAY, 3 * DAY))
        done = getattr(self, name)(self.now + self.random.randint(1, pause))
        if not done:
            name = "wait"
            self.wait(self.now + 1)
        self.counts[name] += 1
        self.check()

    def alive(self, *statuses: Status) -> list[int]:
        """Deals that are open, or have one of these statuses."""
        return [
            deal
            for deal, line in self.lines.items()
            if (line.model.status in statuses if statuses else line.is_open)
        ]

    def any_of(self, deals: list[int]) -> int | None:
        return self.random.choice(deals) if deals else None

    def _send(self, who: str, call: Call, t: int, about: str) -> None:
        self.log.append(f"{t} {about}")
        reason = self.credit.attempt(who, call, t)
        assert reason is None, self.told(f"{about} failed: {reason}")
        self.now = t

    def told(self, what: str) -> str:
        """A complaint with the end of the story."""
        return "\n".join((f"seed {self.seed}: {what}", *self.log[-25:]))

    # events

    def open(self, t: int) -> bool:
        """Fund a deal of random terms, of the vault or of an offering."""
        terms = self._terms()
        cost = terms.principal + terms.share_cost
        reserve = cost * self.random.choice((0, 0, 3, 15)) // 100
        first_loss = cost * self.random.choice((0, 0, 5, 25)) // 100
        borrower = self.random.choice(BORROWERS)
        ring_fenced = self.random.random() < 0.2
        credit = self.credit
        deal = credit.proposed(
            terms, reserve=reserve, first_loss=first_loss, worth=2 * cost, borrower=borrower, at=t
        )
        credit.approve(deal, "offering" if ring_fenced else "vault", at=t)
        self.log.append(f"{t} fund {deal}: {terms}, reserve {reserve}, first loss {first_loss}")
        if ring_fenced:
            credit.send("alice", credit.aid.transfer(credit.addresses["offering"], cost), t)
            call = credit.offering.fund(credit.desk.address, deal, credit.aid.address, cost)
            reason = credit.attempt("alice", call, t)
        else:
            reason = credit.attempt("carol", credit.desk.fund(deal), t)
        self.now = t
        if reason is not None:
            assert reason in REFUSALS, self.told(f"fund {deal} failed: {reason}")
            self.counts[reason] += 1
            return True
        model = Deal(terms, t, reserve, first_loss)
        self.lines[deal] = Line(model, borrower, 2 * cost, ring_fenced)
        self.fees += model.fee
        if not ring_fenced:
            self.pool -= cost
        self.most_open = max(self.most_open, len(self.alive()))
        return True

    def _terms(self) -> Terms:
        choose = self.random
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

    def pay(self, t: int) -> bool:
        """Part of an instalment, one, several, or a wei; in a coin or in AID; by the borrower or not."""
        deal = self.any_of(self.alive(Status.PERFORMING, Status.DEFAULTED))
        if deal is None:
            return False
        model = self.lines[deal].model
        to_share = model.debt is not None and model.share is not None and self.random.random() < 0.5
        count = max(model.terms.instalments, 1)
        usual = model.terms.share_minimum if to_share or model.debt is None else model.owed(t) // count
        part = Fraction(self.random.choice((0, 200, 700, 1_000, 1_000, 1_001, 1_100, 2_500, 9_000)), 1_000)
        return self._pay(t, deal, max(int(usual * part), 1), to_share)

    def pay_off(self, t: int) -> bool:
        """More than all that is owed."""
        deal = self.any_of(self.alive(Status.PERFORMING, Status.DEFAULTED))
        if deal is None:
            return False
        return self._pay(t, deal, self.lines[deal].model.owed(t) + self.random.randint(1, 10**20), False)

    def _pay(self, t: int, deal: int, amount: int, to_share: bool) -> bool:
        credit, line = self.credit, self.lines[deal]
        if self.random.random() < 0.8:
            units = -(-amount // UNIT)
            amount = units * UNIT
            call = credit.desk.pay(deal, credit.usdc.address, units, to_share)
            self._send(line.borrower, call, t, f"pay {deal} {amount} {to_share}")
            outcome = line.model.pay(t, amount, to_share)
            self.claims[line.borrower] += amount - outcome.used
        else:
            self._send(
                "alice", credit.desk.pay_aid(deal, amount, to_share), t, f"aid {deal} {amount} {to_share}"
            )
            outcome = line.model.pay(t, amount, to_share)
        self._book(line, outcome)
        return True

    def draw(self, t: int) -> bool:
        lines = [(deal, self.lines[deal].model) for deal in self.alive(Status.PERFORMING, Status.DEFAULTED)]
        deal = self.any_of([deal for deal, model in lines if model.reserve and model.arrears(t) != 0])
        if deal is None:
            return False
        line = self.lines[deal]
        self._send("alice", self.credit.desk.draw_reserve(deal), t, f"draw {deal}")
        self._book(line, line.model.draw(t))
        return True

    def declare(self, t: int) -> bool:
        """Default, if it is one; else that must be refused."""
        deal = self.any_of(self.alive(Status.PERFORMING))
        if deal is None:
            return False
        late = [other for other in self.alive(Status.PERFORMING) if self.lines[other].model.is_late(t)]
        deal = self.any_of(late) or deal
        call = self.credit.desk.declare_default(deal)
        if not self.lines[deal].model.is_late(t):
            assert self.credit.refusal("alice", call, t) == "not late", self.told(f"default of {deal} at {t}")
            return False
        self._send("alice", call, t, f"default {deal}")
        self.lines[deal].model.status = Status.DEFAULTED
        return True

    def liquidate(self, t: int) -> bool:
        deal = self.any_of(self.alive(Status.DEFAULTED))
        if deal is None:
            return False
        line = self.lines[deal]
        self._send("carol", self.credit.desk.liquidate(deal), t, f"liquidate {deal}")
        line.model.status = Status.LIQUIDATING
        line.sale = self.credit.round_of(line.model, line.worth, t)
        return True

    def bid(self, t: int) -> bool:
        """Buy collateral at once, or when it has become cheap."""
        running = [(deal, self.lines[deal].sale) for deal in self.alive(Status.LIQUIDATING)]
        running = [(deal, sale) for deal, sale in running if sale and t < sale.ends_at]
        if not running:
            return False
        deal, sale = self.random.choice(running)
        assert sale is not None
        t = max(t, self.random.choice((t, sale.started_at + self.random.randrange(sale.terms.duration))))
        units = -(-sale.price(t) // UNIT)
        self._send("alice", self.credit.house.bid(deal, self.credit.usdc.address, FOREVER), t, f"bid {deal}")
        self._resolve(deal, t, units * UNIT)
        return True

    def expire(self, t: int) -> bool:
        deal = self.any_of(self.alive(Status.LIQUIDATING))
        if deal is None:
            return False
        sale = self.lines[deal].sale
        assert sale is not None
        t = max(t, sale.ends_at + 3 * DAY)
        self._send("alice", self.credit.house.expire(deal), t, f"expire {deal}")
        self._resolve(deal, t, 0)
        return True

    def _resolve(self, deal: int, t: int, brought: int) -> None:
        line = self.lines[deal]
        outcome = line.model.resolve(t, brought)
        line.shortfall = outcome.loss
        self._book(line, outcome)

    def step_in(self, t: int) -> bool:
        deals = [deal for deal in self.alive(Status.DEFAULTED) if self._worth(deal, t) > 2_000 * WAD]
        deal = self.any_of(deals)
        if deal is None:
            return False
        line = self.lines[deal]
        count, interval = self.random.choice(((12, 30), (4, 25), (35, 31)))
        self._send(
            "carol", self.credit.desk.step_in(deal, count, interval), t, f"step in {deal} {count} {interval}"
        )
        self._book(line, line.model.step_in(t, count, interval))
        line.mark = line.mark_up_from = 0
        return True

    def _worth(self, deal: int, t: int) -> Fraction:
        model = self.lines[deal].model
        return model.gross(t) - model.impairment(t) - model.reserve

    def mark(self, t: int) -> bool:
        """Mark down, by the committee."""
        deal = self.any_of([deal for deal in self.alive() if self.lines[deal].mark < 9_000])
        if deal is None:
            return False
        line = self.lines[deal]
        line.mark = self.random.randint(line.mark + 1, 10_000)
        line.mark_up_from = 0
        self._send("carol", self.credit.desk.mark(deal, line.mark), t, f"mark {deal} {line.mark}")
        line.model.mark(t, line.mark)
        line.events += 1
        return True

    def mark_up(self, t: int) -> bool:
        """Announce that a mark will be lowered, or do it once the delay is over and the deal in time."""
        deal = self.any_of([deal for deal in self.alive() if self.lines[deal].mark])
        if deal is None:
            return False
        line = self.lines[deal]
        if line.mark_up_from == 0:
            self._send("carol", self.credit.desk.propose_mark_up(deal, line.mark // 3), t, f"announce {deal}")
            line.mark_up_from = t + MARK_UP_DELAY
            return True
        t = max(t, line.mark_up_from)
        if any(leg.stop * DAY <= t for leg in line.model.legs()):
            assert self.credit.refusal("carol", self.credit.desk.mark_up(deal), t) == "deal late"
            return False
        self._send("carol", self.credit.desk.mark_up(deal), t, f"mark up {deal}")
        line.mark //= 3
        line.mark_up_from = 0
        line.model.mark(t, line.mark)
        line.events += 1
        return True

    def close(self, t: int) -> bool:
        """End a deal whose share has run out and lacks nothing."""
        deals = []
        for deal in self.alive(Status.PERFORMING, Status.DEFAULTED):
            model = self.lines[deal].model
            ended = model.share is not None and model.share.end * DAY <= t
            if ended and model.debt is None and not model.missing():
                deals.append(deal)
        deal = self.any_of(deals)
        if deal is None:
            return False
        self._send("alice", self.credit.desk.close(deal), t, f"close {deal}")
        self._book(self.lines[deal], self.lines[deal].model.pay(t, 0))
        return True

    def make_good(self, t: int) -> bool:
        """Pay for a deal that has ended with a loss."""
        lost = [deal for deal, line in self.lines.items() if line.shortfall > 10 * line.slack + UNIT]
        deal = self.any_of(lost)
        if deal is None:
            return False
        line = self.lines[deal]
        amount = line.shortfall * self.random.randint(1, 900) // 1_000 // UNIT * UNIT
        if amount == 0:
            return False
        call = self.credit.desk.pay(deal, self.credit.usdc.address, amount // UNIT)
        self._send(line.borrower, call, t, f"make good {deal} {amount}")
        line.shortfall -= amount
        self._book(line, Outcome(used=amount, to_funder=amount, gain=amount))
        return True

    def claim(self, t: int) -> bool:
        """A borrower takes what is his, the protocol its fees."""
        who = self.random.choice(BORROWERS)
        if self.credit.claimable(who):
            self._send(who, self.credit.desk.claim(self.credit.addresses[who]), t, f"{who} claims")
            self.claims[who] = 0
        if self.fees:
            self._send("alice", self.credit.desk.claim_fees(), max(t, self.now), "fees")
            self.fees = 0
        return True

    def leave(self, t: int) -> bool:
        """The staker asks for some shares; what has been filled before is claimed."""
        alice = self.credit.addresses["alice"]
        shown = self.credit.view(self.credit.vault.position(alice), self.credit.second(t))
        if shown.claim_assets:
            self._send("alice", self.credit.vault.claim(alice, alice), t, "claim")
            self.pool -= shown.claim_assets
        else:
            self._send("alice", self.credit.vault.requestRedeem(5_000 * WAD, alice, alice), t, "request")
        return True

    def insure(self, t: int) -> bool:
        amount = self.random.randint(1, 10_000) * WAD
        self._send("alice", self.credit.insurance_fund.contribute(amount), t, f"insure {amount}")
        self.pool += amount
        self.insured += amount
        return True

    def wait(self, t: int) -> bool:
        """Hours to a month; seldom years."""
        longest = self.random.choice((3_600, DAY, 5 * DAY, 20 * DAY, 40 * DAY))
        if self.random.random() < 0.01:
            longest = 3 * 365 * DAY
        t += self.random.randint(0, longest)
        self.credit.go(t)
        self.log.append(f"{t} wait")
        self.now = t
        return True

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
        assert summary.deposit_assets == summary.idle + gross - summary.unvested
        assert summary.exit_assets == summary.deposit_assets - impairment

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
        self._near(f"shortfall of {deal}", state.shortfall, line.shortfall, line.slack)
        if model.debt:
            assert state.stop == model.debt.stop, self.told(f"anchor of {deal}")
        if model.share:
            assert state.share_stop == model.share.stop, self.told(f"anchor of the share of {deal}")

    def _near(self, what: str, got: int, want: Fraction | int, slack: int) -> None:
        assert abs(got - want) <= slack + 2, self.told(f"{what} is {got}, the model says {float(want)}")
