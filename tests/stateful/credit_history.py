"""Random histories of many deals at once, on chain and in the model, compared after every event."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from integrations.credit_model import Deal, Status
from integrations.credit_model.auction import AuctionTerms, Round
from tests.conftest import DAY, WAD
from tests.stateful.credit_accounts import BORROWERS, Accounts, Line, Waiting, random_terms
from tests.support.deal_terms import FOREVER

#: A wei of AID for each unit of USDC.
UNIT = 10**12
MARK_UP_DELAY = 3 * DAY
#: After a round's end, before anyone may end the sale; and how many rounds there are.
WINDOW, MAX_ROUNDS = 3 * DAY, 4
REFUSALS = {"reserve floor", "deal cap", "borrower cap", "too many deals"}
ACTIONS = {
    "open": 6,
    "pay": 16,
    "pay_off": 1,
    "escrow": 4,
    "convert": 4,
    "recount": 3,
    "cure": 4,
    "draw": 4,
    "declare": 5,
    "liquidate": 2,
    "bid": 4,
    "restart": 2,
    "expire": 3,
    "offer_again": 1,
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


class History(Accounts):
    """One run. `step` does something that the state of the deals allows, and checks everything."""

    def __post_init__(self) -> None:
        super().__post_init__()
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

    # events

    def open(self, t: int) -> bool:
        """Fund a deal of random terms, of the vault or of an offering."""
        terms = random_terms(self.random)
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
        self._send("carol", self.credit.workout.liquidate(deal), t, f"liquidate {deal}")
        line.model.status = Status.LIQUIDATING
        line.sale, line.rounds = self.credit.round_of(line.model, line.worth, t), 1
        return True

    def bid(self, t: int) -> bool:
        """Buy collateral at once, or when it has become cheap."""
        running = [deal for deal in self.alive(Status.LIQUIDATING) if t < self.lines[deal].round.ends_at]
        deal = self.any_of(running)
        if deal is None:
            return False
        sale = self.lines[deal].round
        t = max(t, self.random.choice((t, sale.started_at + self.random.randrange(sale.terms.duration))))
        units = -(-sale.price(t) // UNIT)
        self._send("alice", self.credit.house.bid(deal, self.credit.usdc.address, FOREVER), t, f"bid {deal}")
        self._resolve(deal, t, units * UNIT)
        return True

    def expire(self, t: int) -> bool:
        deal = self.any_of(self.alive(Status.LIQUIDATING))
        if deal is None:
            return False
        t = max(t, self.lines[deal].round.ends_at + WINDOW)
        self._send("alice", self.credit.house.expire(deal), t, f"expire {deal}")
        self._resolve(deal, t, 0)
        self.unsold.append(deal)
        return True

    def restart(self, t: int) -> bool:
        """Another round, within the prices of the one before; behind the fourth there is none."""
        deal = self.any_of(self.alive(Status.LIQUIDATING))
        if deal is None:
            return False
        line = self.lines[deal]
        sale = line.round
        t = max(t, sale.ends_at)
        start = self.random.randint(sale.lowest, sale.start)
        lowest = self.random.randint(1, start)
        call = self.credit.house.restart(deal, start, lowest)
        if line.rounds == MAX_ROUNDS:
            assert self.credit.refusal("carol", call, t) == "rounds used up"
            return False
        self._send("carol", call, t, f"restart {deal}: {start} down to {lowest}")
        line.sale, line.rounds = Round(t, start, lowest), line.rounds + 1
        return True

    def offer_again(self, t: int) -> bool:
        """A lot that nobody has bought costs nothing in the end, and goes to whoever takes it."""
        if not self.unsold:
            return False
        deal = self.unsold.pop()
        self._send("mallory", self.credit.house.offer_again(deal), t, f"offer {deal} again")
        bid = self.credit.house.bid(deal, self.credit.aid.address, 0)
        self._send("dave", bid, t + AuctionTerms().duration, f"take {deal}")
        return True

    def escrow(self, t: int) -> bool:
        """A payment in a coin that has no price: too cheap, or too dear."""
        late = [deal for deal in self.alive(Status.PERFORMING) if self.lines[deal].model.arrears(t) != 0]
        deal = self.any_of(late) or self.any_of(self.alive(Status.PERFORMING, Status.DEFAULTED))
        if deal is None:
            return False
        credit, line = self.credit, self.lines[deal]
        model = line.model
        to_share = model.debt is None or (model.share is not None and self.random.random() < 0.3)
        usual = model.terms.share_minimum if to_share else model.owed(t) // max(model.terms.instalments, 1)
        units = max(usual * self.random.choice((300, 1_000, 1_030, 2_500)) // 1_000 // UNIT, 1)
        price = self.random.choice((9 * 10**7, 98 * 10**6, 102 * 10**6))
        credit.publish(t, price)
        call = credit.desk.pay(deal, credit.usdc.address, units, to_share)
        self._send(line.borrower, call, t + 1, f"escrow {deal} {units} {to_share} at {price}")
        self.escrows += 1
        counted = units * UNIT * min(price, 10**8) // 10**8
        leg = model.wait(t + 1, counted, to_share)
        self.waiting.append(Waiting(self.escrows, deal, units, counted, leg, counted))
        line.events += 1
        credit.publish(t + 2)
        self.now = t + 2
        return True

    def convert(self, t: int) -> bool:
        """A payment that has waited is used, by whoever comes; perhaps the Gateway was asked before."""
        if not self.waiting:
            return False
        held = self.waiting.pop(self.random.randrange(len(self.waiting)))
        credit, line = self.credit, self.lines[held.deal]
        price = self.random.choice((10**8, 99_800_000, 100_200_000))
        credit.publish(t, price)
        if self.random.random() < 0.3:
            self._send("alice", credit.gateway.convert_escrow(held.number), t + 1, f"convert {held.number}")
        t = max(t + 1, self.now)
        self._send("alice", credit.desk.settle_escrow(held.number), t, f"settle {held.number} of {held.deal}")
        minted = held.units * UNIT * min(price, 10**8) // 10**8
        outcome = line.model.settle(t, minted, held.counted, held.to_share, held.at_payment)
        self.claims[line.borrower] += minted - outcome.used
        self._book(line, outcome)
        credit.publish(t + 1)
        self.now = t + 1
        return True

    def recount(self, t: int) -> bool:
        """A payment that waits counts for what its coin is worth by now, if that is less."""
        if not self.waiting:
            return False
        at = self.random.randrange(len(self.waiting))
        held = self.waiting[at]
        credit, line = self.credit, self.lines[held.deal]
        price = self.random.choice((5 * 10**6, 90_000_000, 99_800_000, 102 * 10**6))
        credit.publish(t, price)
        counted = held.units * UNIT * min(price, 10**8) // 10**8
        call = credit.desk.recount(held.number)
        if counted >= held.counted:
            reason = credit.refusal("alice", call, t + 1)
            assert reason == "nothing to recount", self.told(f"recount of {held.number}: {reason}")
        else:
            self._send("alice", call, t + 1, f"recount {held.number} of {held.deal} at {price}")
            line.model.recount(t + 1, held.counted - counted, held.to_share)
            self.waiting[at] = replace(held, counted=counted)
            line.events += 1
        credit.publish(t + 2)
        self.now = t + 2
        return counted < held.counted

    def cure(self, t: int) -> bool:
        """All that a late deal lacks, so that it is current again."""
        late = [d for d in self.alive(Status.PERFORMING, Status.DEFAULTED) if self.lines[d].model.arrears(t)]
        deal = self.any_of(
            [d for d in late if self.lines[d].model.status is Status.DEFAULTED]
        ) or self.any_of(late)
        if deal is None:
            return False
        model = self.lines[deal].model
        was, lacking = model.status, model.arrears(t)
        assert lacking
        self._pay(t, deal, lacking + UNIT, False)
        if was is Status.DEFAULTED and model.status is Status.PERFORMING:
            self.counts["default cured"] += 1
        return True

    def _resolve(self, deal: int, t: int, brought: int) -> None:
        line = self.lines[deal]
        self._book(line, line.model.resolve(t, brought))

    def step_in(self, t: int) -> bool:
        deals = [deal for deal in self.alive(Status.DEFAULTED) if self._worth(deal, t) > 2_000 * WAD]
        deal = self.any_of(deals)
        if deal is None:
            return False
        line = self.lines[deal]
        count, interval = self.random.choice(((12, 30), (4, 25), (35, 31)))
        self._send(
            "carol",
            self.credit.workout.step_in(deal, count, interval),
            t,
            f"step in {deal} {count} {interval}",
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
        self._send("carol", self.credit.workout.mark(deal, line.mark), t, f"mark {deal} {line.mark}")
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
            self._send(
                "carol", self.credit.workout.propose_mark_up(deal, line.mark // 3), t, f"announce {deal}"
            )
            line.mark_up_from = t + MARK_UP_DELAY
            return True
        t = max(t, line.mark_up_from)
        if line.model.is_late(t):
            assert self.credit.refusal("carol", self.credit.workout.mark_up(deal), t) == "deal late"
            return False
        self._send("carol", self.credit.workout.mark_up(deal), t, f"mark up {deal}")
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
            if ended and model.debt is None and not model.missing(t):
                deals.append(deal)
        deal = self.any_of(deals)
        if deal is None:
            return False
        self._send("alice", self.credit.desk.close(deal), t, f"close {deal}")
        self._book(self.lines[deal], self.lines[deal].model.pay(t, 0))
        return True

    def make_good(self, t: int) -> bool:
        """Pay for a deal that has ended with a loss."""
        lost = [deal for deal, line in self.lines.items() if line.model.shortfall > 10 * line.slack + UNIT]
        deal = self.any_of(lost)
        if deal is None:
            return False
        line = self.lines[deal]
        amount = line.model.shortfall * self.random.randint(1, 900) // 1_000 // UNIT * UNIT
        if amount == 0:
            return False
        call = self.credit.desk.pay(deal, self.credit.usdc.address, amount // UNIT)
        self._send(line.borrower, call, t, f"make good {deal} {amount}")
        self._book(line, line.model.pay(t, amount))
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
