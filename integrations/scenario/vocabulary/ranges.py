"""Events at Uniswap v3: a pool whose liquidity lies in ranges, and those who provide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from ..events import Event, Outcome, register
from ..fields import Amount, AmountOrAll, Price, Text, between, price_text
from ..forecasts import expected_volume, range_fees
from ..positions import Position
from ..units import BPS, WAD, to_units
from ..venues import RANGES, UNISWAP, has_ranges
from ..world import Reverted, refusals
from .pools import PoolEvent, named_well

if TYPE_CHECKING:
    from ..model import Scenario
    from ..stage import Stage

TIERS = (Decimal(1), Decimal(5), Decimal(30), Decimal(100))
"""Fee tiers of mainnet's factory, bps."""


@register
class CreateRangePool(Event):
    """Deploy a pool of Uniswap v3, `FIRST/SECOND v3`; `price` is that of the first token in the second."""

    role: ClassVar[str | None] = "factory"

    do: Literal["create_v3_pool"]
    pool: str
    fee_bps: Amount = Decimal(1)
    price: Price = WAD

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        if not has_ranges(self.pool):
            yield "pool", f'expected a name that ends with "{RANGES}", got "{self.pool}"'
        yield from named_well(self.pool, self.pool.removesuffix(RANGES), scenario)
        if self.fee_bps not in TIERS:
            yield "fee_bps", f'expected one of {", ".join(map(str, TIERS))}, got "{self.fee_bps}"'

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.venues.create_range_pool(self.pool, int(self.fee_bps * 100), self.price)
        return Outcome(f"{self.pool}: {self.fee_bps} bps, at {price_text(self.price)}")


class RangeEvent(PoolEvent):
    """An event of an actor in one pool with ranges."""

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        if not has_ranges(self.pool):
            yield "pool", f'expected a pool of Uniswap v3, got "{self.pool}"'


@register
class AddRange(RangeEvent):
    """Open a range of liquidity, `width_bps` on either side of the price. An actor has one in a pool."""

    do: Literal["add_range"]
    width_bps: Annotated[int, between(1, 5_000, "bps")]
    amounts: Annotated[dict[Text, AmountOrAll], Field(min_length=1, max_length=2)]

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        yield from super().problems(scenario)
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
        if stage.positions.find(self.who, "range", self.pool) is not None:
            raise Reverted("range exists")
        pool, account = stage.world.venues.ranges(self.pool), stage.world.account(self.who)
        amounts = {coin: stage.units(amount, coin, self.who) for coin, amount in self.amounts.items()}
        with refusals():
            quote = pool.quote_range(*pool.around(self.width_bps), amounts)
            others = pool.market().liquidity
            fill = pool.mint(account, quote, 0)
        now, until = self.offset, stage.planned_end(self, "remove_range", "pool")
        volume = expected_volume(stage.scenario.agents.traders, self.pool, now, until)
        fees = range_fees(volume, pool.fee, quote.liquidity, others)
        snapshot = stage.world.snapshot()

        def value() -> int:
            found = [pool.range_of(fill.nft)]
            return sum(stage.worth(one.amounts) + stage.worth(one.fees) for one in found)

        stage.positions.open(
            Position(
                who=self.who,
                kind="range",
                place=self.pool,
                venue=UNISWAP,
                what=f"{stage.list(fill.given)}, ±{self.width_bps} bps in {self.pool}",
                opened=snapshot.time,
                until=snapshot.time + until - now,
                invested=stage.worth(fill.given),
                predicted=fees,
                nav=snapshot.staking.price_exit,
                expected_nav=snapshot.staking.price_exit,
                value=value,
                expected={"fees": fees, "volume": volume},
                came={"fees": 0},
            )
        )
        return Outcome(
            f"{stage.list(fill.given)}, ±{self.width_bps} bps: {_part(quote.liquidity, others)} of the pool",
            {"liquidity added": stage.worth(fill.given)},
            [(units, fill.given.get(coin, 0)) for coin, units in quote.amounts.items()],
        )


@register
class RemoveRange(RangeEvent):
    """Take an own range out, with all its fees."""

    do: Literal["remove_range"]

    @override
    def play(self, stage: Stage) -> Outcome:
        pool, account = stage.world.venues.ranges(self.pool), stage.world.account(self.who)
        received: dict[str, int] = {}
        promises: list[tuple[int, int]] = []
        earned = 0
        with refusals():
            for one in pool.ranges(account):
                fill = pool.decrease(account, one.nft, one.liquidity, 0)
                promises += _promised(_sum(one.amounts, one.fees), fill.received)
                received = _sum(received, fill.received)
                earned += stage.worth(one.fees)
        if not received:
            raise Reverted("no range")
        position = stage.positions.find(self.who, "range", self.pool)
        if position is not None:
            position.came["fees"] += earned
            stage.positions.close(position, stage.world.snapshot(), stage.worth(received))
        return Outcome(
            f"{stage.list(received)}, of which {stage.text(earned, 'AID')} in fees",
            {"liquidity removed": stage.worth(received)},
            promises,
        )


@register
class CollectFees(RangeEvent):
    """Take the fees of an own range, and leave its liquidity."""

    do: Literal["collect_fees"]

    @override
    def play(self, stage: Stage) -> Outcome:
        pool, account = stage.world.venues.ranges(self.pool), stage.world.account(self.who)
        received: dict[str, int] = {}
        promises: list[tuple[int, int]] = []
        with refusals():
            for one in pool.ranges(account):
                fill = pool.collect(account, one.nft)
                promises += _promised(one.fees, fill.received)
                received = _sum(received, fill.received)
        earned = stage.worth(received)
        position = stage.positions.find(self.who, "range", self.pool)
        if position is not None:
            position.came["fees"] += earned
            position.taken += earned
        return Outcome(f"{stage.list(received)} in fees", {}, promises)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {symbol: one.get(symbol, 0) + other.get(symbol, 0) for symbol in {**one, **other}}


def _promised(told: Mapping[str, int], came: Mapping[str, int]) -> list[tuple[int, int]]:
    return [(units, came.get(symbol, 0)) for symbol, units in told.items()]


def _part(mine: int, others: int) -> str:
    return f"{mine * BPS // (mine + others) / 100:.0f} %"
