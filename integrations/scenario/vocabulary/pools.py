"""Events in the pools of AID and sAID: how those without KYC get in and out, and what holds the prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from integrations.venues import Fill

from ..arbitrageur import execute, plan
from ..events import ActorEvent, Event, Liquidity, Outcome, register
from ..fields import Amount, AmountOrAll, In, Period, PoolName, Text, TokenName, between
from ..units import to_units
from ..venues import coins_of, has_ranges
from ..world import PoolTerms, refusals

if TYPE_CHECKING:
    from ..model import Scenario
    from ..stage import Stage

SellAmount = Annotated[AmountOrAll, In(field="sell")]
BuyAmount = Annotated[Amount, In(field="buy")]
PoolShares = Annotated[AmountOrAll, In(field="pool")]


def named_well(pool: str, coins: str, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the name of a pool that is created, of which `coins` is the part with them."""
    found, known = coins.split("/"), ["AID", "sAID", *scenario.stablecoins]
    if len(found) != 2 or found[0] == found[1] or not set(found) <= set(known):
        yield "pool", f'expected two of {", ".join(known)} with a slash between, got "{coins}"'
    if scenario.pools.count(pool) > 1:
        yield "pool", f'expected each pool once, got "{pool}" again'


def other_coin(pool: str, coin: str) -> str:
    """Return the coin of a pool that is not `coin`."""
    first, second = coins_of(pool)
    return second if coin == first else first


def _needs_shares(pool: str) -> Iterator[tuple[str, str]]:
    if has_ranges(pool):
        yield "pool", f'expected a pool with LP tokens, got "{pool}" (see add_range, remove_range)'


class PoolEvent(ActorEvent):
    """An event of an actor in one pool."""

    pool: PoolName

    def _foreign(self, field: str, coin: str) -> Iterator[tuple[str, str]]:
        coins = coins_of(self.pool)
        if coin not in coins:
            yield field, f'expected one of {", ".join(coins)}, got "{coin}"'


@register
class CreatePool(Event):
    """Deploy a pool of two tokens, `FIRST/SECOND`. `fee_bps` and `offpeg` may have decimals."""

    role: ClassVar[str | None] = "factory"

    do: Literal["create_pool"]
    pool: str
    amplification: Annotated[int, between(1, 10**6)] = 500
    fee_bps: Amount = Decimal(4)
    offpeg: Amount = Decimal(2)
    period: Period = 866

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from named_well(self.pool, self.pool, scenario)
        if self.fee_bps > 100:
            yield "fee_bps", f'expected at most 100, got "{self.fee_bps}"'
        if self.offpeg * self.fee_bps > 5_000 or self.offpeg > 100:
            yield "offpeg", f'expected at most 100, and 5000 bps times fee, got "{self.offpeg}"'
        if self.period >= 2**20:
            yield "period", "expected at most 12d"

    @override
    def play(self, stage: Stage) -> Outcome:
        fee, offpeg = int(self.fee_bps * 10**6), int(self.offpeg * 10**10)
        stage.world.create_pool(self.pool, PoolTerms(self.amplification, fee, offpeg, self.period))
        return Outcome(f"{self.pool}: A {self.amplification}, {self.fee_bps} bps, ×{self.offpeg} off the peg")


@register
class AddLiquidity(PoolEvent):
    """Deposit into a pool; a coin that is left out counts as zero."""

    do: Literal["add_liquidity"]
    amounts: Annotated[dict[Text, AmountOrAll], Field(min_length=1, max_length=2)]

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from _needs_shares(self.pool)
        for coin, amount in self.amounts.items():
            foreign = list(self._foreign("amounts", coin))
            yield from foreign
            if not foreign and isinstance(amount, Decimal):
                try:
                    to_units(amount, scenario.decimals(coin))
                except ValueError as error:
                    yield "amounts", f'{error} for {coin}, got "{amount}"'

    @override
    def play(self, stage: Stage) -> Outcome:
        venue = stage.world.liquidity(self.pool)
        amounts = {coin: stage.units(amount, coin, self.who) for coin, amount in self.amounts.items()}
        with refusals():
            quote = venue.quote_add(amounts)
            fill = venue.add(stage.world.account(self.who), quote)
        shares = fill.received.get(venue.share.symbol, 0)
        moved = Liquidity(self.who, self.pool, fill.given, shares)
        return Outcome(
            f"{stage.list(fill.given)} → {stage.text(shares, self.pool)}",
            {"liquidity added": stage.worth(fill.given)},
            [(quote.shares, shares)],
            moved,
        )


@register
class RemoveLiquidity(PoolEvent):
    """Withdraw LP tokens: both coins in the pool's proportion, or `only` one of them."""

    do: Literal["remove_liquidity"]
    amount: PoolShares
    only: TokenName | None = None

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from _needs_shares(self.pool)
        if self.only is not None:
            yield from self._foreign("only", self.only)

    @override
    def play(self, stage: Stage) -> Outcome:
        venue = stage.world.liquidity(self.pool)
        shares = stage.units(self.amount, self.pool, self.who)
        with refusals():
            both = self.only is None
            quote = venue.quote_remove(shares) if both else venue.quote_remove_one(shares, str(self.only))
            fill = venue.remove(stage.world.account(self.who), quote)
        moved = Liquidity(
            self.who, self.pool, {coin: -units for coin, units in fill.received.items()}, -shares
        )
        return Outcome(
            f"{stage.text(shares, self.pool)} → {stage.list(fill.received)}",
            {"liquidity removed": stage.worth(fill.received)},
            [(units, fill.received.get(coin, 0)) for coin, units in quote.amounts.items()],
            moved,
        )


@register
class Swap(PoolEvent):
    """Sell a coin to a pool for its other one. `min_out` refuses a worse price than that."""

    do: Literal["swap"]
    sell: TokenName
    amount: SellAmount
    min_out: BuyAmount | None = None

    @property
    def buy(self) -> str:
        """The coin bought."""
        return other_coin(self.pool, self.sell)

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from self._foreign("sell", self.sell)

    @override
    def play(self, stage: Stage) -> Outcome:
        units = stage.units(self.amount, self.sell, self.who)
        with refusals():
            venue = stage.world.venue(self.pool)
            quote = venue.quote_in(self.sell, self.buy, units)
            wanted = quote
            if self.min_out is not None:
                wanted = replace(quote, amount_out=stage.units(self.min_out, self.buy, self.who))
            fill = venue.swap(stage.world.account(self.who), wanted, 0)
        return swapped(stage, fill, quote.amount_out)


@register
class Arbitrage(PoolEvent):
    """Trade a pool against the Gateway (AID) or the vault (sAID) by the amount that gains most.

    AID is minted and sold, or bought and redeemed; in deficit mode it is bought for a basket. sAID is made
    and sold; bought, it would have to wait for its cycle. `min_profit` is dollars.
    """

    rounding_units: ClassVar[int] = 1
    """T-bill shares of a basket are cut to whole units."""

    do: Literal["arbitrage"]
    min_profit: Amount = Decimal(1)

    @override
    def play(self, stage: Stage) -> Outcome:
        found = plan(stage, self.who, self.pool, self.min_profit)
        if found is None:
            return Outcome("nothing to gain")
        with refusals():
            return execute(stage, self.who, self.pool, found)


def swapped(stage: Stage, fill: Fill, promised: int) -> Outcome:
    """Return what a swap came to."""
    (got,) = fill.received.values()
    text = f"{stage.list(fill.given)} → {stage.list(fill.received)}"
    return Outcome(text, {"swapped": stage.worth(fill.given)}, [(promised, got)])
