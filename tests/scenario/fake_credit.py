"""The credit desk of the world in memory: gates, cash and book in plain integers, deals by `credit_model`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from integrations.credit_model import Deal
from integrations.credit_model.serviced import ServicedDeal
from integrations.scenario.credit import (
    DealState,
    DeskState,
    Fact,
    LossBorne,
    Participation,
    Sold,
)
from integrations.scenario.deals import wei
from integrations.scenario.units import BPS, DAY, WAD
from integrations.scenario.world import AID, Reverted

if TYPE_CHECKING:
    from .fake import FakeWorld

APPROVAL = 60 * DAY
CREDIT_BAND = WAD * 25 // BPS
MAX_LTV_BPS, MIN_COVERAGE_BPS = 7_500, 13_500
AUCTION = 7 * DAY
STEPS, STEP = 336, 1_800


def require(condition: object, reason: str) -> None:
    if not condition:
        raise Reverted(reason)


@dataclass
class Lot:
    """A deal from its proposal on."""

    stage: str = "proposed"
    until: int = 0
    facts: dict[str, tuple[int, int]] = field(default_factory=dict)
    deal: ServicedDeal | None = None
    sold: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    earned: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    on_offer: int = 0  # deadline of the sale
    auction: tuple[int, int, int] = (0, 0, 0)
    announced: tuple[int, int, int] = (0, 0, 0)


class FakeDesk:
    """What `FakeWorld` does with deals. Payments go to the vault, or to who holds participations."""

    def __init__(self, world: FakeWorld) -> None:
        self.world, self.scenario = world, world.scenario
        self.lots: dict[str, Lot] = {}
        self.aid = self.fees = 0
        self.claims: dict[str, int] = defaultdict(int)
        self.offerings: dict[str, int] = defaultdict(int)  # AID there

    def _running(self, name: str) -> ServicedDeal:
        deal = self.lots[name].deal if name in self.lots else None
        require(deal, "not funded")
        assert deal is not None
        require(deal.status != "liquidating", "in liquidation")
        require(deal.status != "closed", "deal closed")
        return deal

    # -- before funding

    def propose(self, name: str) -> None:
        require(name not in self.lots, "lot exists")
        self.lots[name] = Lot()

    def attest(self, name: str, fact: Fact, value: int) -> None:
        self.lots[name].facts[fact] = (value, self.world.time)

    def open_offering(self, name: str) -> None:
        terms = self.scenario.deals[name]
        assert terms.offering is not None
        self.lots[name].on_offer = self.world.time + terms.offering.open_for

    def approve(self, name: str) -> None:
        require(self.lots[name].stage in ("proposed", "approved"), "not proposed")
        self.lots[name].stage, self.lots[name].until = "approved", self.world.time + APPROVAL

    def _fresh(self, name: str, fact: Fact) -> int:
        age = getattr(self.scenario.portfolio, f"{fact}_age")
        value, since = self.lots[name].facts.get(fact, (0, 0))
        require(since and self.world.time <= since + age, f"{fact} stale")
        return value

    def _check_gates(self, name: str) -> None:
        lot, terms = self.lots[name], self.scenario.deals[name]
        amount = wei(terms.amount)
        require(lot.stage == "approved", "not approved")
        require(self.world.time <= lot.until, "approval expired")
        require(amount * BPS <= self._fresh(name, "appraisal") * MAX_LTV_BPS, "ltv")
        require(self._fresh(name, "coverage") >= MIN_COVERAGE_BPS, "coverage")
        self._fresh(name, "telemetry")
        if terms.offering is None:
            limits, assets = self.scenario.portfolio, self.world._assets(self.world.time)
            borrowed = sum(
                wei(self.scenario.deals[other].amount)
                for other, one in self.lots.items()
                if one.deal is not None
                and one.deal.status != "closed"
                and not one.deal.ring_fenced
                and self.scenario.deals[other].borrower == terms.borrower
            )
            require(amount * BPS <= assets * limits.deal_cap_bps, "deal cap")
            require((borrowed + amount) * BPS <= assets * limits.borrower_cap_bps, "borrower cap")

    def fund(self, name: str) -> int:
        world, lot, terms = self.world, self.lots[name], self.scenario.deals[name]
        world.sync()
        self._check_gates(name)
        sold, coin = terms.offering is not None, terms.coin
        life = Deal(terms.terms(), world.time, wei(terms.reserve), wei(terms.first_loss))
        deal = ServicedDeal(life, ring_fenced=sold)
        if not sold:
            world.check_floor(deal.amount)
        require(abs(world.prices[coin] - WAD) <= CREDIT_BAND, "price out of band")
        require(not world.backing().deficit, "deficit")
        units = deal.paid_out * WAD // max(WAD, world.prices[coin]) // world.scale[coin]
        require(units <= world.units[coin], "insufficient units")
        if sold:
            require(self.offerings[name] == deal.amount, "not sold")
            self.offerings[name] = 0
        else:
            world.idle -= deal.amount
        world._move(AID, terms.borrower, None, deal.first_loss)
        world.units[coin] -= units
        world.wallets[coin][terms.borrower] += units
        self.aid += deal.tokenisation + deal.reserve + deal.first_loss
        lot.stage, lot.deal = "funded", deal
        return units

    # -- shares of a deal

    def buy(self, who: str, name: str, aid: int, least: int) -> int:
        lot, cap = self.lots[name], wei(self.scenario.deals[name].amount)
        require(lot.deal is None and self.world.time <= lot.on_offer, "not selling")
        require(lot.stage == "approved", "not approved")
        require(self.world.kyc.get(who, 0) >= self.world.time, "kyc required")
        amount = min(aid, cap - sum(lot.sold.values()))
        require(amount >= least, "sold out")
        self.world._move(AID, who, None, amount)
        lot.sold[who] += amount
        self.offerings[name] += amount
        return amount

    def collect(self, who: str, name: str) -> int:
        aid, self.lots[name].earned[who] = self.lots[name].earned[who], 0
        require(aid, "nothing to claim")
        self.offerings[name] -= aid
        self.world.wallets[AID][who] += aid
        return aid

    def participations(self, who: str) -> Mapping[str, Participation]:
        return {
            name: Participation(lot.sold[who], lot.earned[who])
            for name, lot in self.lots.items()
            if lot.sold[who]
        }

    # -- payments

    def _deliver(self, name: str, amount: int, gain: int) -> None:
        lot = self.lots[name]
        self.aid -= amount
        assert lot.deal is not None
        if not lot.deal.ring_fenced:
            self.world.idle += amount
            if gain:
                self.world._vest(gain)
            return
        self.offerings[name] += amount
        for who, tokens in lot.sold.items():
            lot.earned[who] += amount * tokens // sum(lot.sold.values())

    def pay(self, who: str, name: str, token: str, units: int, *, to_share: bool) -> int:
        world = self.world
        world.sync()
        deal = self._running(name)
        require(token == AID or token in world.coins, "unknown asset")
        if token != AID:
            require(
                abs(world.prices[token] - WAD) <= WAD * world.coins[token].band_bps // BPS,
                "would be escrowed",
            )
        credited = (
            units if token == AID else units * world.scale[token] * min(WAD, world.prices[token]) // WAD
        )
        world._move(token, who, None, units)
        flow = deal.pay(world.time, credited, to_share=to_share)
        if token != AID:
            world.units[token] += units
            deal.to_borrower += flow.unused
            self.aid += credited
        else:
            world.wallets[AID][who] += flow.unused
            credited = flow.used
            self.aid += credited
        self._deliver(name, flow.to_funder, flow.gain)
        return credited

    def draw_reserve(self, name: str) -> int:
        self.world.sync()
        flow = self._running(name).draw(self.world.time)
        require(flow.used, "nothing to draw")
        self._deliver(name, flow.to_funder, flow.gain)
        return flow.used

    def take_back(self, who: str) -> int:
        aid = self._claimable(who)
        require(aid, "nothing to claim")
        self.claims[who] += aid
        self.aid -= aid
        self.world.wallets[AID][who] += aid
        return aid

    def _claimable(self, who: str) -> int:
        mine = (
            lot.deal.to_borrower
            for name, lot in self.lots.items()
            if lot.deal is not None and self.scenario.deals[name].borrower == who
        )
        return sum(mine) - self.claims[who]

    # -- trouble

    def declare_default(self, name: str) -> None:
        try:
            self._running(name).declare_default(self.world.time)
        except ValueError as error:
            raise Reverted(str(error)) from None

    def mark_down(self, name: str, bps: int) -> None:
        self.world.sync()
        deal, now = self._running(name), self.world.time
        bound = deal.impairment(now)
        appraisal, since = self.lots[name].facts["appraisal"]
        if now <= since + self.scenario.portfolio.appraisal_age:
            bound = max(bound, deal.gross(now) - appraisal * 8 // 10 - deal.reserve - deal.first_loss)
        require(bps * deal.gross(now) <= bound * BPS, "below appraisal")
        deal.mark(now, bps)

    def liquidate(self, name: str) -> None:
        deal = self._running(name)
        require(deal.status == "defaulted", "not in default")
        reference = max(self.lots[name].facts["appraisal"][0], deal.owed(self.world.time))
        deal.liquidate()
        self.lots[name].auction = (self.world.time, -(-reference * 13 // 10), -(-reference * 3 // 10))

    def auction_price(self, name: str) -> int:
        since, start, lowest = self.lots[name].auction
        require(since, "no auction")
        k = (self.world.time - since) // STEP
        require(k < STEPS, "auction over")
        return start - (start - lowest) * k // (STEPS - 1)

    def bid(self, who: str, name: str, token: str, most: int) -> Sold:
        world, deal = self.world, self.lots[name].deal
        world.sync()
        price = self.auction_price(name)
        assert deal is not None
        units = price if token == AID else -(-price // world.scale[token])
        require(units <= most, "max in")
        world._move(token, who, None, units)
        brought = units if token == AID else units * world.scale[token]
        if token != AID:
            world.units[token] += units
        self.aid += brought
        end = deal.resolve(world.time, brought)
        self._deliver(name, end.to_funder, end.gain)
        return Sold(units, brought, self._bear(end.loss, deal))

    def announce_step_in(self, name: str, instalments: int, interval: int) -> None:
        require(self._running(name).status == "defaulted", "not in default")
        self.lots[name].announced = (self.world.time + 7 * DAY, instalments, interval)

    def step_in(self, name: str) -> LossBorne:
        self.world.sync()
        deal = self._running(name)
        require(deal.status == "defaulted", "not in default")
        since, instalments, interval = self.lots[name].announced
        require(since, "nothing announced")
        require(since <= self.world.time, "too early")
        require(self.world.time < since + 7 * DAY, "too late")
        self._fresh(name, "appraisal")
        end = deal.step_in(self.world.time, instalments, interval)
        self._deliver(name, end.drawn.to_funder, end.drawn.gain)
        return self._bear(end.loss, deal)

    def _bear(self, loss: int, deal: ServicedDeal) -> LossBorne:
        world = self.world
        if deal.ring_fenced:
            return LossBorne()
        unvested = min(loss, world._unvested(world.time))
        world.burn_unvested(unvested)
        insurance = min(loss - unvested, world.insurance)
        world.insurance -= insurance
        world.idle += insurance
        return LossBorne(unvested, insurance, loss - unvested - insurance)

    # -- reading

    def funded(self) -> Mapping[str, ServicedDeal]:
        return {name: lot.deal for name, lot in self.lots.items() if lot.deal is not None}

    def book(self, at: int) -> tuple[int, int]:
        """Gross value and impairment of the vault's deals."""
        deals = [deal for deal in self.funded().values() if not deal.ring_fenced]
        return int(sum(deal.gross(at) for deal in deals)), int(sum(deal.impairment(at) for deal in deals))

    def state(self) -> DeskState:
        now, deals = self.world.time, self.funded()
        borrowers = {self.scenario.deals[name].borrower for name in deals}
        return DeskState(
            aid=self.aid,
            fees=sum(deal.fees for deal in deals.values()),
            claimable=sum(map(self._claimable, borrowers)),
            deals={
                name: DealState(
                    deal.debt.principal,
                    int(deal.gross(now)),
                    int(deal.impairment(now)),
                    deal.reserve,
                    deal.first_loss,
                    deal.debt.paid,
                    deal.received,
                )
                for name, deal in deals.items()
            },
        )
