"""Actors who act by themselves: each step is an event of the timeline's vocabulary, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Protocol

from .arbitrageur import plan
from .events import Event
from .model import Arbitrageur, Traders
from .report import Source
from .stage import Stage
from .units import format_elapsed
from .venues import coins_of
from .vocabulary.pools import Arbitrage, Swap, other_coin


class Agent(Protocol):
    """Acts every so often."""

    source: Source
    idle_until_stirred: bool
    """Whether a step changes nothing as long as nothing has happened since the last one."""

    @property
    def every(self) -> int:
        """Seconds between steps."""
        ...

    def step(self, stage: Stage, elapsed: int) -> list[Event]:
        """Return what to do now, `elapsed` seconds after the start."""
        ...


@dataclass
class ArbitrageAgent:
    """Closes gaps between pools and the protocol, as far as they pay."""

    terms: Arbitrageur
    source: Source = "arbitrageur"
    idle_until_stirred: bool = True

    @property
    def every(self) -> int:
        """Seconds between steps."""
        return self.terms.every

    def step(self, stage: Stage, elapsed: int) -> list[Event]:
        """See `Agent`."""
        one = self.terms
        given = {
            "do": "arbitrage",
            "at": format_elapsed(elapsed),
            "who": one.who,
            "min_profit": one.min_profit,
        }
        return [
            Arbitrage.model_validate({**given, "pool": pool})
            for pool in one.pools
            if plan(stage, one.who, pool, one.min_profit) is not None
        ]


@dataclass
class TrafficAgent:
    """Swaps to and fro; sizes and directions are drawn from the seed, so that every run is the same."""

    terms: Traders
    source: Source = "traffic"
    idle_until_stirred: bool = False
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.terms.seed)

    @property
    def every(self) -> int:
        """Seconds between steps."""
        return self.terms.every

    def step(self, stage: Stage, elapsed: int) -> list[Event]:
        """See `Agent`. Who has too little of the one coin sells the other."""
        one = self.terms
        part, first = self._random.randint(5, 100), self._random.random() < 0.5
        pools = stage.world.snapshot().pools
        if one.pool not in pools or not pools[one.pool].price:
            return []
        coins = coins_of(one.pool)
        sell = coins[0] if first else coins[1]
        amount = (one.size * part / 100).quantize(Decimal(1))
        for coin in (sell, other_coin(one.pool, sell)):
            if stage.world.balance(coin, one.who) >= stage.units(amount, coin, one.who) > 0:
                given = {"do": "swap", "at": format_elapsed(elapsed), "who": one.who, "pool": one.pool}
                return [Swap.model_validate({**given, "sell": coin, "amount": amount})]
        return []
