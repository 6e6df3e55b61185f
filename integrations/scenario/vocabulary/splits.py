"""Events at Pendle V2: staked AID split into principal and yield, bought, held and redeemed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from typing_extensions import override

from integrations.venues import SplitMarket
from integrations.venues.pendle import guess_for

from ..events import ActorEvent, Event, Outcome, register
from ..fields import AmountOrAll, In, Offset, ShareAmountOrAll, SplitName, Text, between
from ..forecasts import Entrance, expected_nav, growth_a_year, yield_of_yt
from ..positions import Position
from ..units import BPS, DAY, WAD, format_elapsed
from ..venues import PENDLE, SplitTerms
from ..world import AID, SAID, Reverted, refusals

if TYPE_CHECKING:
    from integrations.venues import PendleMarket

    from ..model import Scenario
    from ..stage import Stage

PayAmount = Annotated[AmountOrAll, In(field="pay")]
EXIT_POOL = f"{SAID}/{AID}"
SLIPPAGE_BPS = 10


@register
class CreateSplitMarket(Event):
    """Have Pendle split sAID until `expiry` (after the start), and make a market of PT and SY.

    It trades best while the yearly yield is between `low_bps` and `high_bps`; trades pay `fee_bps` of yield.
    """

    role: ClassVar[str | None] = "factory"

    do: Literal["create_split"]
    market: Text
    expiry: Offset
    low_bps: Annotated[int, between(0, 10_000, "bps")] = 400
    high_bps: Annotated[int, between(1, 20_000, "bps")] = 2_400
    fee_bps: Annotated[int, between(1, 500, "bps")] = 20

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        if self.expiry % DAY or self.expiry <= self.offset:
            got = format_elapsed(self.expiry)
            yield "expiry", f"expected whole days, later than the event, got {got}"
        if self.high_bps <= self.low_bps:
            yield "high_bps", f'expected more than low_bps, got "{self.high_bps}"'
        if scenario.splits.count(self.market) > 1:
            yield "market", f'expected each market once, got "{self.market}" again'
        if EXIT_POOL not in scenario.pools_before(self):
            yield "do", f"expected a pool {EXIT_POOL} before, in which SY is sold"

    @override
    def play(self, stage: Stage) -> Outcome:
        expiry = stage.scenario.start_time + self.expiry
        terms = SplitTerms(expiry, self.low_bps, self.high_bps, self.fee_bps)
        stage.world.venues.create_split(self.market, terms)
        range_text = f"{self.low_bps / 100:g} to {self.high_bps / 100:g} %"
        return Outcome(f"{self.market}: PT and YT until day {self.expiry // DAY}, for yields of {range_text}")


class SplitEvent(ActorEvent):
    """An event of an actor in a market of PT and SY."""

    market: SplitName


@register
class SeedSplitMarket(SplitEvent):
    """Put the first liquidity of `amount` sAID in, such that PT trade at `implied_bps` a year.

    A part is split for PT; its YT stay with the actor.
    """

    do: Literal["seed_split"]
    amount: ShareAmountOrAll
    implied_bps: Annotated[int, between(1, 20_000, "bps")]

    @override
    def play(self, stage: Stage) -> Outcome:
        venue, account = stage.world.venues.split(self.market), stage.world.account(self.who)
        shares = stage.units(self.amount, SAID, self.who)
        with refusals():
            if venue.view().shares:
                raise Reverted("market has liquidity")
            sy = venue.wrap(account, SAID, shares).received["SY"]
            part = _part_to_split(venue.market(), sy, self.implied_bps * WAD // BPS)
            halves = venue.execute(account, venue.market().split(part), 0)
            quote = venue.market().add(sy - part, halves.received["PT"])
            fill = venue.execute(account, quote, 0)
        pt, lp = fill.given["PT"], fill.received["LP"]
        view = venue.view()
        return Outcome(
            f"{stage.text(fill.given['SY'], 'SY')} + {stage.text(pt, 'PT')}, implied yield "
            f"{_percent(view.implied_yield)}; keeps {stage.text(halves.received['YT'], 'YT')}",
            {},
            [(quote.received["LP"], lp), (quote.implied_yield, view.implied_yield)],
        )


def _part_to_split(market: SplitMarket, sy: int, implied: int) -> int:
    """Return the SY to split, so that the rest and the PT trade at a yield; more PT, higher yield."""
    low, high = 1, sy - 1
    while high - low > max(1, sy // 10**9):
        middle = (low + high) // 2
        if market.add(sy - middle, market.split(middle).received["PT"]).implied_yield < implied:
            low = middle
        else:
            high = middle
    return high


class BuyEvent(SplitEvent):
    """A purchase of PT or YT, out of `pay`: AID is staked on the way."""

    part: ClassVar[Literal["PT", "YT"]]

    amount: PayAmount
    pay: Literal["AID", "sAID"] = "AID"

    @override
    def play(self, stage: Stage) -> Outcome:
        venue, account = stage.world.venues.split(self.market), stage.world.account(self.who)
        if stage.positions.find(self.who, self.part, self.market) is not None:
            raise Reverted("position exists")
        units, before = stage.units(self.amount, self.pay, self.who), stage.world.snapshot()
        made = Entrance.of(before).deposit(units) if self.pay == AID else units
        with refusals():
            # what the model says, before anything is sent
            forecast = venue.market().swap("SY", self.part, made).received[self.part]
            sy = venue.wrap(account, self.pay, units).received["SY"]
            market = venue.market()
            quote = market.swap("SY", self.part, sy)
            least = quote.least(self.part, SLIPPAGE_BPS)
            promised = market.bought(self.part, sy, guess_for(quote.received[self.part], least))
            got = venue.execute(account, quote, SLIPPAGE_BPS).received[self.part]
        paid = units if self.pay == AID else units * before.staking.price_exit // WAD
        view = venue.view()
        self._open(stage, venue, got, forecast, paid)
        return Outcome(
            f"{stage.text(units, self.pay)} → {stage.text(got, self.part)} of {self.market}; implied yield "
            f"{_percent(view.implied_yield)}",
            {"deposited": units} if self.pay == AID else {},
            [(made, sy), (promised, got)],
        )

    def _open(self, stage: Stage, venue: PendleMarket, got: int, forecast: int, paid: int) -> None:
        snapshot, expiry = stage.world.snapshot(), venue.view().expiry
        nav = expected_nav(snapshot, stage.scenario, stage.deals, expiry)
        if self.part == "PT":
            worth, rate = forecast, growth_a_year(paid, forecast, expiry - snapshot.time)
            what = f"{stage.text(got, 'PT')} of {self.market}, fixed at {_percent(rate)} a year"
            expected = {}
        else:
            worth = yield_of_yt(forecast, venue.market().state.index, nav, venue.interest_fee())
            what, expected = f"{stage.text(got, 'YT')} of {self.market}", {"interest": worth}
        who, part = self.who, self.part

        def value() -> int:
            position, now = venue.position(stage.world.account(who)), venue.view()
            price = now.pt_price if part == "PT" else WAD - now.pt_price
            interest = position.interest * now.rate // WAD if part == "YT" else 0
            return int(position.balances[part] * price // WAD + interest)

        stage.positions.open(
            Position(
                who=who,
                kind=part,
                place=self.market,
                venue=f"{PENDLE}, {part}",
                what=what,
                opened=snapshot.time,
                until=expiry,
                invested=paid,
                predicted=worth - paid,
                nav=snapshot.staking.price_exit,
                expected_nav=nav,
                value=value,
                expected=expected,
                came={"interest": 0} if part == "YT" else {},
            )
        )


@register
class BuyPT(BuyEvent):
    """Buy principal tokens: each pays one AID's worth of sAID from the expiry on."""

    part: ClassVar[Literal["PT", "YT"]] = "PT"

    do: Literal["buy_pt"]


@register
class BuyYT(BuyEvent):
    """Buy yield tokens: each earns what one AID's worth of sAID earns until the expiry."""

    part: ClassVar[Literal["PT", "YT"]] = "YT"

    do: Literal["buy_yt"]


@register
class RedeemPT(SplitEvent):
    """Redeem all own PT, from the expiry on, and take sAID out."""

    do: Literal["redeem_pt"]

    @override
    def play(self, stage: Stage) -> Outcome:
        venue, account = stage.world.venues.split(self.market), stage.world.account(self.who)
        if not venue.view().expired:
            raise Reverted("not expired")
        held = venue.position(account).balances["PT"]
        with refusals():
            quote = venue.market().merge(held)
            sy = venue.execute(account, quote, 0).received["SY"]
            shares = venue.unwrap(account, SAID, sy, 0).received[SAID]
        snapshot = stage.world.snapshot()
        worth = shares * snapshot.staking.price_exit // WAD
        position = stage.positions.find(self.who, "PT", self.market)
        if position is not None:
            stage.positions.close(position, snapshot, worth)
        return Outcome(
            f"{stage.text(held, 'PT')} → {stage.text(shares, SAID)}, worth {stage.text(worth, AID)}",
            {},
            [(quote.received["SY"], sy), (sy, shares)],
        )


@register
class ClaimYT(SplitEvent):
    """Take what own YT have earned, in sAID; from the expiry on there will be no more."""

    do: Literal["claim_yt"]

    @override
    def play(self, stage: Stage) -> Outcome:
        venue, account = stage.world.venues.split(self.market), stage.world.account(self.who)
        with refusals():
            due = venue.position(account).interest
            if not due:
                raise Reverted("nothing to claim")
            sy = venue.claim(account).received.get("SY", 0)
            shares = venue.unwrap(account, SAID, sy, 0).received[SAID]
        snapshot = stage.world.snapshot()
        worth = shares * snapshot.staking.price_exit // WAD
        position = stage.positions.find(self.who, "YT", self.market)
        if position is not None:
            position.came["interest"] += worth
            if venue.view().expired:
                stage.positions.close(position, snapshot, worth)
            else:
                position.taken += worth
        text = f"{stage.text(shares, SAID)} of interest, worth {stage.text(worth, AID)}"
        return Outcome(text, {}, [(due, sy), (sy, shares)])


def _percent(rate: int) -> str:
    return f"{rate * BPS // WAD / 100:.2f} %"
