"""Events at Morpho Blue: AID or a coin is lent against sAID, and sAID is levered up with it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from typing_extensions import override

from integrations.protocol.errors import RevertedError

from ..events import ActorEvent, Event, Outcome, register
from ..fields import AidAmountOrAll, AmountOrAll, LendingName, PoolName, Text, between
from ..forecasts import (
    MOST_ROUNDS,
    Entrance,
    LoopPlan,
    debt_later,
    expected_nav,
    free_collateral,
    plan_loop,
)
from ..positions import Position
from ..units import BPS, WAD, to_units
from ..venues import MORPHO, LoanTerms, has_ranges
from ..world import AID, SAID, Reverted, refusals

if TYPE_CHECKING:
    from integrations.venues import MorphoMarket

    from ..model import Scenario
    from ..stage import Stage

LLTVS = (3_850, 6_250, 7_700, 8_600, 9_150, 9_450, 9_650, 9_800)
"""Thresholds that mainnet's Morpho has enabled, bps."""
EXIT_POOL = f"{SAID}/{AID}"


@register
class CreateLendingMarket(Event):
    """Make a market in which `loan` is lent against sAID, with an oracle of its own.

    `pool` is where AID trades for the coin; the oracle reads it. Lending AID needs none.
    """

    role: ClassVar[str | None] = "keeper"

    do: Literal["create_lending"]
    market: Text
    loan: Text = AID
    lltv_bps: Annotated[int, between(1, 9_800, "bps")] = 8_600
    pool: PoolName | None = None

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        known = [AID, *scenario.stablecoins]
        if self.loan not in known:
            yield "loan", f'expected one of {", ".join(known)}, got "{self.loan}"'
        if self.lltv_bps not in LLTVS:
            yield "lltv_bps", f'expected one of {", ".join(map(str, LLTVS))}, got "{self.lltv_bps}"'
        if scenario.lending_markets.count(self.market) > 1:
            yield "market", f'expected each market once, got "{self.market}" again'
        if (self.pool is None) != (self.loan == AID):
            yield "pool", "expected the pool of AID and the coin that is lent, and none where AID is"
        elif self.pool is not None and set(self.pool.split("/")) != {AID, self.loan}:
            yield "pool", f'expected the pool of AID and {self.loan}, got "{self.pool}"'
        elif self.pool is not None and has_ranges(self.pool):
            yield "pool", f'expected a pool with LP tokens, got "{self.pool}"'

    @override
    def play(self, stage: Stage) -> Outcome:
        terms = LoanTerms(self.loan, self.lltv_bps * WAD // BPS, self.pool)
        stage.world.venues.create_lending(self.market, terms)
        return Outcome(f"{self.market}: {self.loan} against sAID, LLTV {self.lltv_bps / 100:g} %")


class LendingEvent(ActorEvent):
    """An event of an actor in a lending market."""

    market: LendingName


class AmountEvent(LendingEvent):
    """A supplier's event; the amount is in whole tokens of what is lent."""

    amount: AmountOrAll

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        loan = scenario.loan_of(self.market)
        if loan is not None and self.amount != "all":
            try:
                to_units(Decimal(self.amount), scenario.decimals(loan))
            except ValueError as error:
                yield "amount", f'{error} for {loan}, got "{self.amount}"'


@register
class Supply(AmountEvent):
    """Lend: others may borrow it against sAID."""

    do: Literal["supply"]

    @override
    def play(self, stage: Stage) -> Outcome:
        market, loan = _market(stage, self.market)
        units = stage.units(self.amount, loan, self.who)
        with refusals():
            shares = market.state().supplied(units)[2]
            fill = market.supply(stage.world.account(self.who), units)
        return Outcome(f"{stage.text(units, loan)} supplied{_rates(market)}", {}, [(shares, fill.shares)])


@register
class Withdraw(AmountEvent):
    """Take back what was lent, with interest; refused where it is lent out."""

    do: Literal["withdraw"]

    @override
    def play(self, stage: Stage) -> Outcome:
        market, loan = _market(stage, self.market)
        account = stage.world.account(self.who)
        with refusals():
            if self.amount == "all":
                shares = market.position(account).supply_shares
                promised = market.state().withdrawn(shares=shares)[1]
                fill = market.withdraw(account, shares=shares)
            else:
                promised = stage.units(self.amount, loan, self.who)
                fill = market.withdraw(account, promised)
        (got,) = fill.received.values()
        return Outcome(f"{stage.text(got, loan)} back{_rates(market)}", {}, [(promised, got)])


@register
class Loop(LendingEvent):
    """Stake AID, pledge it, borrow, stake what is borrowed, pledge it, …, up to a debt of `ltv_bps`.

    Of a coin that is borrowed AID is bought in the market's pool.
    """

    do: Literal["loop"]
    amount: AidAmountOrAll
    ltv_bps: Annotated[int, between(100, 9_700, "bps")]

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        if EXIT_POOL not in scenario.pools_before(self):
            yield "do", f"expected a pool {EXIT_POOL} before, through which loops are left"
        created = scenario.lending_market(self.market)
        if created is not None and self.ltv_bps * 103 > created.lltv_bps * 100:
            yield "ltv_bps", f'expected at least 3 % below {created.lltv_bps}, got "{self.ltv_bps}"'

    @override
    def play(self, stage: Stage) -> Outcome:
        market, loan = _market(stage, self.market)
        account = stage.world.account(self.who)
        if stage.positions.find(self.who, "loop", self.market) is not None:
            raise Reverted("loop exists")
        aid = stage.units(self.amount, AID, self.who)
        stage.world.venues.poke(self.market)
        with refusals():
            first, plan = self._plan(stage, market, loan, aid)
            forecast = self._forecast(stage, market, loan, plan, aid)
            deposited, bought, swapped = aid, 0, 0
            shares = stage.world.deposit(self.who, aid, first)
            market.supply_collateral(account, shares)
            for turn in plan.rounds:
                market.borrow(account, turn.borrow)
                staked = turn.borrow
                if loan != AID:
                    venue = stage.world.venue(self._pool(stage))
                    fill = venue.swap(account, venue.quote_in(loan, AID, turn.borrow))
                    staked, swapped = fill.received[AID], swapped + stage.to_dollars(turn.borrow, loan)
                more = stage.world.deposit(self.who, staked, 0)
                market.supply_collateral(account, more)
                deposited, bought = deposited + staked, bought + more
        position = market.position(account)
        stage.positions.open(forecast)
        # bought AID depends on the pool from turn to turn: only a loop of AID is known beforehand
        exact = [(plan.collateral, position.collateral)] if loan == AID else []
        lever = f"{position.collateral * 100 // shares / 100:.2f}× in {len(plan.rounds)} turns"
        pledged, owed = stage.text(position.collateral, SAID), stage.text(position.debt, loan)
        return Outcome(
            f"{stage.text(aid, AID)}, {lever}: {pledged} pledged, {owed} owed, LTV {_percent(position.ltv)}",
            {"deposited": deposited, "swapped": swapped} if swapped else {"deposited": deposited},
            [(plan.debt, position.debt), *exact],
        )

    def _pool(self, stage: Stage) -> str:
        created = stage.scenario.lending_market(self.market)
        assert created is not None
        assert created.pool is not None
        return created.pool

    def _plan(self, stage: Stage, market: MorphoMarket, loan: str, aid: int) -> tuple[int, LoopPlan]:
        snapshot, view = stage.world.snapshot(), market.view()
        if view.price is None:
            raise Reverted("no price")
        vault, spent = Entrance.of(snapshot), 0
        first = vault.deposit(aid)
        pool = None if loan == AID else stage.world.venue(self._pool(stage)).market()

        def stake(units: int) -> int:
            nonlocal spent
            if pool is None:
                return vault.deposit(units)
            # one trade after the other moves the pool about as one of both would
            before = pool.sell(loan, AID, spent) if spent else 0
            spent += units
            return vault.deposit(pool.sell(loan, AID, spent) - before)

        ltv = self.ltv_bps * WAD // BPS
        return first, plan_loop(first, ltv, market.terms.lltv, view.price, market.state(), stake)

    def _forecast(self, stage: Stage, market: MorphoMarket, loan: str, plan: LoopPlan, aid: int) -> Position:
        snapshot = stage.world.snapshot()
        until = snapshot.time + stage.planned_end(self, "unloop", "market") - self.offset
        nav, nav_then = (
            snapshot.staking.price_exit,
            expected_nav(snapshot, stage.scenario, stage.deals, until),
        )
        owed = stage.to_dollars(debt_later(plan, until), loan)
        interest = owed - stage.to_dollars(plan.debt, loan)
        leaving = self._cost_of_leaving(stage, owed * WAD // nav_then, nav)
        worth = plan.collateral * nav_then // WAD - owed - leaving
        who, place = self.who, self.market

        def value() -> int:
            position = market.position(stage.world.account(who))
            price = stage.world.snapshot().staking.price_exit
            return position.collateral * price // WAD - stage.to_dollars(position.debt, loan)

        return Position(
            who=who,
            kind="loop",
            place=place,
            venue=MORPHO,
            what=f"{stage.text(aid, AID)} at {self.ltv_bps / 100:g} % LTV in {place}",
            opened=snapshot.time,
            until=until,
            invested=aid,
            predicted=worth - aid,
            nav=nav,
            expected_nav=nav_then,
            value=value,
            expected={"interest": interest, "cost of leaving": leaving},
            came={"borrowed": stage.to_dollars(plan.debt, loan)},
        )

    @staticmethod
    def _cost_of_leaving(stage: Stage, shares: int, nav: int) -> int:
        """Return what selling shares for AID now would bring less than their NAV."""
        pool = stage.world.venue(EXIT_POOL).market()
        return max(0, shares * nav // WAD - pool.sell(SAID, AID, shares))


@register
class Unloop(LendingEvent):
    """Undo a loop: take back what collateral is free, sell it, repay, and again until nothing is owed."""

    do: Literal["unloop"]

    @override
    def play(self, stage: Stage) -> Outcome:
        market, loan = _market(stage, self.market)
        account, world = stage.world.account(self.who), stage.world
        world.venues.poke(self.market)
        sold = brought = repaid = turns = 0
        with refusals():
            if not market.position(account).debt:
                raise Reverted("no debt")
            while (position := market.position(account)).debt and turns < MOST_ROUNDS:
                free = free_collateral(position.collateral, position.debt, position.price or 0, position.lltv)
                if not free:
                    raise Reverted("insufficient collateral")
                sale = self._sale(stage, loan, position.debt, free)
                market.withdraw_collateral(account, sale)
                aid, units = self._sell(stage, loan, sale)
                sold, brought, turns = sold + sale, brought + aid, turns + 1
                if units >= position.debt:
                    repaid += position.debt
                    market.repay(account, shares=position.debt_shares)
                else:
                    repaid += units
                    market.repay(account, units)
            rest = market.position(account)
            market.withdraw_collateral(account, rest.collateral)
        snapshot = world.snapshot()
        nav = snapshot.staking.price_exit
        owed = stage.to_dollars(repaid, loan)
        worth = rest.collateral * nav // WAD + brought - owed
        held = stage.positions.find(self.who, "loop", self.market)
        if held is not None:
            held.came["interest"] = owed - held.came["borrowed"]
            held.came["cost of leaving"] = sold * nav // WAD - brought
            stage.positions.close(held, snapshot, worth)
        return Outcome(
            f"{stage.text(repaid, loan)} repaid in {turns} turns, {stage.text(rest.collateral, SAID)} back",
            {"swapped": brought if loan == AID else 2 * brought},
            [(0, rest.debt_shares)],
        )

    @staticmethod
    def _sale(stage: Stage, loan: str, debt: int, free: int) -> int:
        """Return the shares to sell: what the debt takes, at most those that are free."""
        needed = stage.to_dollars(debt, loan)
        if loan != AID:
            # a little more, for the second pool's fee
            needed += needed * 50 // BPS
        try:
            quote = stage.world.venue(EXIT_POOL).quote_out(SAID, AID, needed)
        except RevertedError:
            return free
        return min(free, quote.amount_in)

    def _sell(self, stage: Stage, loan: str, shares: int) -> tuple[int, int]:
        """Sell shares for what is owed. Return AID, or its worth, and loan units."""
        account = stage.world.account(self.who)
        exit_pool = stage.world.venue(EXIT_POOL)
        aid = exit_pool.swap(account, exit_pool.quote_in(SAID, AID, shares)).received[AID]
        if loan == AID:
            return aid, aid
        created = stage.scenario.lending_market(self.market)
        assert created is not None
        venue = stage.world.venue(str(created.pool))
        units = venue.swap(account, venue.quote_in(AID, loan, aid)).received[loan]
        return stage.to_dollars(units, loan), units


def _market(stage: Stage, name: str) -> tuple[MorphoMarket, str]:
    """Return a market, and the symbol of what is lent in it."""
    loan = stage.scenario.loan_of(name)
    assert loan is not None
    return stage.world.venues.lending(name), loan


def _rates(market: MorphoMarket) -> str:
    view = market.view()
    return f"; {_percent(view.utilisation)} lent out, borrowers pay {_percent(view.borrow_apr)} a year"


def _percent(rate: int) -> str:
    return f"{rate * BPS // WAD / 100:.2f} %"
