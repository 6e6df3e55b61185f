"""Events of GPU financing deals: from the proposal to the last instalment, or to the auction."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from typing_extensions import override

from ..credit import Fact, LossBorne
from ..events import ActorEvent, Event, Outcome, register
from ..fields import (
    ActorName,
    AidAmount,
    AidAmountOrAll,
    Amount,
    Clock,
    CoinName,
    DealName,
    In,
    TokenName,
    amount_or,
    between,
)
from ..units import DAY, HOUR, format_elapsed
from ..world import AID

if TYPE_CHECKING:
    from ..deal_book import Entry
    from ..model import Scenario
    from ..stage import Stage

Payment = Annotated[Decimal | str, amount_or("due", "all"), In(field="token")]


class DealEvent(Event):
    """An event of one deal that nobody's money causes."""

    deal: DealName

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        return _needs_deals(self, scenario)


class DealActorEvent(ActorEvent):
    """An event of one deal that an actor causes."""

    deal: DealName

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        return _needs_deals(self, scenario)


def _needs_deals(event: Event, scenario: Scenario) -> Iterator[tuple[str, str]]:
    if scenario.portfolio.kind != "deals":
        yield "do", f'expected `portfolio: {{kind: deals}}` for "{event.do}"'


@register
class Propose(DealEvent):
    """The servicer issues the receipt of the lot, and the borrower proposes the deal on it."""

    role: ClassVar[str | None] = "borrower"

    do: Literal["propose"]

    @override
    def play(self, stage: Stage) -> Outcome:
        terms = stage.scenario.deals[self.deal]
        stage.world.credit.propose(self.deal)
        lot = f"{terms.collateral.units} {terms.collateral.model} in {terms.collateral.site}"
        return Outcome(f"{self.deal}: {terms.structure} of {terms.amount:,} AID on {lot}")


@register
class Attest(DealEvent):
    """Attestors report on a deal: the lot's appraisal (AID), debt service coverage, uptime (bps each)."""

    role: ClassVar[str | None] = "attestors"

    do: Literal["attest"]
    appraisal: AidAmount | None = None
    coverage: Annotated[int, between(1, 10**6, "bps")] | None = None
    telemetry: Annotated[int, between(1, 10_000, "bps of uptime")] | None = None

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from super().problems(scenario)
        if self.appraisal is None and self.coverage is None and self.telemetry is None:
            yield "do", "expected `appraisal`, `coverage`, `telemetry`, or several, got none"

    @override
    def play(self, stage: Stage) -> Outcome:
        told: list[str] = []
        facts: list[tuple[Fact, int, str]] = []
        if self.appraisal is not None:
            facts.append(("appraisal", stage.units(self.appraisal, AID, ""), f"worth {self.appraisal:,} AID"))
        if self.coverage is not None:
            facts.append(("coverage", self.coverage, f"coverage {self.coverage / 10_000:.2f}"))
        if self.telemetry is not None:
            facts.append(("telemetry", self.telemetry, f"up {self.telemetry / 100:.1f} %"))
        for fact, value, text in facts:
            stage.world.credit.attest(self.deal, fact, value)
            told.append(text)
        return Outcome(f"{self.deal}: {', '.join(told)}")


@register
class Approve(DealEvent):
    """The committee approves a deal: for its offering if it is sold in shares, else for the vault."""

    role: ClassVar[str | None] = "committee"

    do: Literal["approve"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.approve(self.deal)
        funder = "its offering" if stage.scenario.deals[self.deal].offering else "the vault"
        return Outcome(f"{self.deal} approved, to be funded by {funder}")


@register
class OpenOffering(DealEvent):
    """Put up a proposed deal for sale in shares."""

    role: ClassVar[str | None] = "keeper"

    do: Literal["open_offering"]

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from super().problems(scenario)
        yield from _needs_offering(self.deal, scenario)

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.open_offering(self.deal)
        terms = stage.scenario.deals[self.deal]
        return Outcome(f"{self.deal}: {terms.amount:,} participations at 1 AID each")


def _needs_offering(name: str, scenario: Scenario) -> Iterator[tuple[str, str]]:
    if name in scenario.deals and scenario.deals[name].offering is None:
        yield "deal", f'expected a deal with an `offering`, got "{name}"'


@register
class Buy(DealActorEvent):
    """Buy participations in a deal, one for one AID. KYC needed."""

    do: Literal["buy"]
    amount: AidAmountOrAll

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from super().problems(scenario)
        yield from _needs_offering(self.deal, scenario)

    @override
    def play(self, stage: Stage) -> Outcome:
        most = stage.units(self.amount, AID, self.who)
        aid = stage.world.credit.buy(self.who, self.deal, most, 1)
        return Outcome(f"{stage.text(aid, AID)} for participations in {self.deal}", {"sold in shares": aid})


@register
class Collect(DealActorEvent):
    """Take what a deal has paid on one's participations."""

    do: Literal["collect"]

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.world.credit.collect(self.who, self.deal)
        return Outcome(f"{stage.text(aid, AID)} from {self.deal}")


@register
class Fund(DealEvent):
    """Fund an approved deal, out of the vault or of its offering, and let the borrower pay as planned."""

    role: ClassVar[str | None] = "committee"

    do: Literal["fund"]

    @override
    def play(self, stage: Stage) -> Outcome:
        terms = stage.scenario.deals[self.deal]
        units = stage.world.credit.fund(self.deal)
        entry = stage.deals.fund(self.deal, stage.world.now())
        _plan(stage, entry)
        model = entry.model
        held = [
            f"{stage.text(aid, AID)} {what}"
            for aid, what in ((model.tokenisation, "fee"), (model.reserve, "held back"))
            if aid
        ]
        flows = {"lent": model.paid_out, "deal fees kept": model.tokenisation}
        if not model.ring_fenced:
            flows["from the vault"] = model.amount
        paid = f"{stage.text(units, terms.coin)} to {terms.borrower}"
        return Outcome(f"{self.deal}: {paid}, {', '.join(held)}", flows)


def _plan(stage: Stage, entry: Entry) -> None:
    """Queue what the borrower pays by itself."""
    terms, plan, start = entry.terms, entry.terms.pays, entry.model.start
    if plan is None:
        return
    for number in range(1, (terms.instalments or 0) + 1):
        if plan.pays(number):
            day = start + number * (terms.interval or 0)
            _queue(stage, entry, day, plan.time, plan.coin, terms.borrower, "due", part="debt")
    share = terms.share
    for number in range(1, (share.instalments if share else 0) + 1):
        if share and plan.pays(number):
            day = start + number * share.interval
            _queue(stage, entry, day, plan.time, plan.coin, terms.borrower, share.receipt, part="share")


def _queue(
    stage: Stage, entry: Entry, day: int, time: int, coin: str, who: str, amount: Any, part: str
) -> None:
    offset = day * DAY + time - stage.scenario.start_time
    given = {"do": "pay", "at": format_elapsed(offset), "who": who, "deal": entry.name, "token": coin}
    event = Pay.model_validate({**given, "amount": amount, "part": part})
    stage.plan(offset, entry.name, event)


@register
class Pay(DealActorEvent):
    """Pay for a deal in a coin or AID: an amount, what is `due` by today, or `all` that is owed."""

    do: Literal["pay"]
    token: TokenName
    amount: Payment
    part: Literal["debt", "share"] = "debt"

    @override
    def play(self, stage: Stage) -> Outcome:
        now = stage.world.now()
        entry = stage.deals.entries.get(self.deal)
        share = self.part == "share" or (entry is not None and entry.model.debt_leg is None)
        units = stage.payment(self.amount, self.token, entry, to_share=share)
        credited = stage.world.credit.pay(self.who, self.deal, self.token, units, to_share=share)
        assert entry is not None
        flow = stage.deals.pay(self.deal, now, credited, to_share=share)
        flows = {"repaid": flow.principal, "income": flow.to_funder - flow.principal}
        flows |= {"deal fees": flow.fee, "overpaid": flow.unused}
        if self.token == AID:
            flows["paid in AID"] = credited
        if not entry.model.ring_fenced:
            flows["to the vault"] = flow.to_funder
        parts = [
            f"{stage.text(aid, AID)} {what}"
            for aid, what in ((flow.principal, "principal"), (flow.to_funder - flow.principal, "income"))
            if aid
        ]
        end = ", paid off" if entry.model.status == "closed" else ""
        return Outcome(f"{self.deal}: {stage.text(units, self.token)} → {' + '.join(parts)}{end}", flows)


@register
class DrawReserve(DealEvent):
    """Have a deal's cash reserve pay what is late. Anyone may."""

    role: ClassVar[str | None] = "keeper"

    do: Literal["draw_reserve"]

    @override
    def play(self, stage: Stage) -> Outcome:
        used = stage.world.credit.draw_reserve(self.deal)
        flow = stage.deals.draw(self.deal, stage.world.now())
        flows = {"drawn from reserves": used}
        if not stage.deals.entries[self.deal].model.ring_fenced:
            flows["to the vault"] = flow.to_funder
        return Outcome(f"{self.deal}: {stage.text(used, AID)} out of its reserve", flows)


@register
class DeclareDefault(DealEvent):
    """Declare a deal in default once its grace is over. Anyone may."""

    role: ClassVar[str | None] = "keeper"

    do: Literal["declare_default"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.declare_default(self.deal)
        now = stage.world.now()
        stage.deals.declare_default(self.deal, now)
        owed = stage.deals.entries[self.deal].model.owed(now)
        return Outcome(f"{self.deal} is in default, {stage.text(owed, AID)} owed")


@register
class MarkDown(DealEvent):
    """The committee impairs a deal by a part of its carrying value, at once."""

    role: ClassVar[str | None] = "committee"

    do: Literal["mark_down"]
    bps: Annotated[int, between(1, 10_000, "bps of carrying value")]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.mark_down(self.deal, self.bps)
        stage.deals.mark(self.deal, stage.world.now(), self.bps)
        return Outcome(f"{self.deal} marked down by {self.bps / 100:.0f} %")


@register
class Liquidate(DealEvent):
    """The committee puts the collateral of a deal in default up for auction."""

    role: ClassVar[str | None] = "committee"

    do: Literal["liquidate"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.liquidate(self.deal)
        stage.deals.liquidate(self.deal, stage.world.now())
        price = stage.world.credit.auction_price(self.deal)
        return Outcome(f"{self.deal}: its lot is for sale, at first for {stage.text(price, AID)}")


@register
class Bid(DealActorEvent):
    """Buy the lot at the auction's present price, which falls."""

    lowers_nav: ClassVar[bool] = True

    do: Literal["bid"]
    token: TokenName
    most: Annotated[Amount, In(field="token")]

    @override
    def play(self, stage: Stage) -> Outcome:
        most = stage.units(self.most, self.token, self.who)
        sold = stage.world.credit.bid(self.who, self.deal, self.token, most)
        ring_fenced = stage.deals.entries[self.deal].model.ring_fenced
        end = stage.deals.resolve(self.deal, stage.world.now(), sold.brought, sold.loss)
        flows = {"recovered": sold.brought, "lost": end.loss}
        if self.token == AID:
            flows["paid in AID"] = sold.brought
        if not ring_fenced:
            flows["to the vault"] = end.to_funder
        text = f"{self.deal}: lot sold for {stage.text(sold.units, self.token)}"
        return Outcome(f"{text}, {_told(stage, end.loss, sold.loss)}", flows)


@register
class AnnounceStepIn(DealEvent):
    """The committee announces that a hosting partner will take over a deal in default, on these terms.

    It can be done from 7 to 14 days later; until then the collateral is not sold.
    """

    role: ClassVar[str | None] = "committee"

    do: Literal["announce_step_in"]
    instalments: Annotated[int, between(1, 156)]
    interval: Annotated[int, between(7, 31, "days")]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.credit.announce_step_in(self.deal, self.instalments, self.interval)
        return Outcome(f"{self.deal}: a partner is to take over, {self.instalments} minimums")


@register
class StepIn(DealEvent):
    """A hosting partner takes the machines over; the deal goes on as a revenue share at its impaired value.

    It was announced with the same instalments and interval. The `host` pays `receipts` whole AID at the end
    of each interval.
    """

    lowers_nav: ClassVar[bool] = True
    role: ClassVar[str | None] = "committee"

    do: Literal["step_in"]
    host: ActorName
    coin: CoinName
    receipts: AidAmount
    instalments: Annotated[int, between(1, 156)]
    interval: Annotated[int, between(7, 31, "days")]
    pays_at: Clock = 9 * HOUR

    @override
    def play(self, stage: Stage) -> Outcome:
        borne = stage.world.credit.step_in(self.deal)
        now = stage.world.now()
        end = stage.deals.step_in(self.deal, now, self.instalments, self.interval, borne)
        entry = stage.deals.entries[self.deal]
        for number in range(1, self.instalments + 1):
            day = entry.model.start + number * self.interval
            _queue(stage, entry, day, self.pays_at, self.coin, self.host, self.receipts, part="share")
        flows = {"lost": end.loss, "drawn from reserves": end.drawn.used}
        if not entry.model.ring_fenced:
            flows["to the vault"] = end.drawn.to_funder
        text = f"{self.deal}: {self.host} takes over, carried at {stage.text(end.carried, AID)}"
        return Outcome(f"{text}, {_told(stage, end.loss, borne)}", flows)


def _told(stage: Stage, loss: int, borne: LossBorne) -> str:
    """Return who has borne a loss."""
    if not loss:
        return "nothing lost"
    parts = (
        (borne.unvested, "unvested profit"),
        (borne.insurance, "insurance"),
        (borne.nav, "the share price"),
    )
    who = " + ".join(f"{what} {stage.text(aid, AID)}" for aid, what in parts if aid)
    return f"{stage.text(loss, AID)} lost: {who}" if who else f"{stage.text(loss, AID)} lost"


@register
class TakeBack(ActorEvent):
    """A borrower takes what is left of its deals: reserves, first losses, overpayments."""

    do: Literal["take_back"]

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.world.credit.take_back(self.who)
        stage.deals.take_back(self.who, aid)
        return Outcome(f"{stage.text(aid, AID)} taken back")
