"""Events around the protocol: prices of the coins, transfers, and trades between actors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from typing_extensions import override

from ..events import ActorEvent, Event, Outcome, register
from ..fields import (
    ActorName,
    AmountOrAll,
    CoinName,
    In,
    PathName,
    Price,
    Text,
    TokenName,
    price_text,
)
from ..units import WAD, format_elapsed
from ..world import Reverted

if TYPE_CHECKING:
    from ..stage import Stage

TokenAmountOrAll = Annotated[AmountOrAll, In(field="token")]


@register
class SetPrice(Event):
    """Let the feed of a coin report a price, once."""

    moves_prices: ClassVar[bool] = True
    role: ClassVar[str | None] = "market"

    do: Literal["set_price"]
    coin: CoinName
    price: Price

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.feeds.publish(self.coin, self.price)
        return Outcome(f"{self.coin} at ${price_text(self.price)}")


@register
class PlayPricePath(Event):
    """Start a price path on the feed of a coin; it goes on while the timeline does."""

    moves_prices: ClassVar[bool] = True
    role: ClassVar[str | None] = "market"

    do: Literal["price_path"]
    coin: CoinName
    path: PathName

    @override
    def play(self, stage: Stage) -> Outcome:
        path = stage.path(self.path)
        stage.schedule(self.coin, path.reports)
        low = min(report.price for report in path.reports)
        return Outcome(
            f"{self.coin} follows {self.path} ({path.source}): {len(path.reports)} reports over "
            f"{format_elapsed(path.reports[-1].offset)}, low ${price_text(low)}"
        )


@register
class StopFeed(Event):
    """The feed of a coin falls silent: its price goes stale after the coin's `max_age`."""

    moves_prices: ClassVar[bool] = True
    role: ClassVar[str | None] = "market"

    do: Literal["stop_feed"]
    coin: CoinName

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.feeds.silence(self.coin)
        return Outcome(f"the {self.coin} feed falls silent")


@register
class ResumeFeed(Event):
    """The feed of a coin reports again, what the market says by now."""

    moves_prices: ClassVar[bool] = True
    role: ClassVar[str | None] = "market"

    do: Literal["resume_feed"]
    coin: CoinName

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.feeds.resume(self.coin)
        return Outcome(f"the {self.coin} feed reports ${price_text(stage.feeds.prices[self.coin])}")


@register
class Transfer(ActorEvent):
    """Send a token to another actor."""

    do: Literal["transfer"]
    token: TokenName
    amount: TokenAmountOrAll
    to: ActorName

    @override
    def play(self, stage: Stage) -> Outcome:
        units = stage.units(self.amount, self.token, self.who)
        stage.world.transfer(self.token, self.who, self.to, units)
        return Outcome(f"{stage.text(units, self.token)} to {self.to}")


@register
class Trade(ActorEvent):
    """Sell a token to another actor for a coin, over the counter: how those without KYC get in and out."""

    do: Literal["trade"]
    token: TokenName
    amount: TokenAmountOrAll
    to: ActorName
    coin: CoinName
    price: Price = WAD

    @override
    def play(self, stage: Stage) -> Outcome:
        units = stage.units(self.amount, self.token, self.who)
        scale = 10 ** (stage.scenario.decimals(self.token) - stage.scenario.decimals(self.coin))
        cost = units * self.price // (WAD * scale)
        if stage.world.balance(self.coin, self.to) < cost:
            raise Reverted(f"{self.to} cannot pay")
        stage.world.transfer(self.token, self.who, self.to, units)
        stage.world.transfer(self.coin, self.to, self.who, cost)
        return Outcome(f"{stage.text(units, self.token)} to {self.to} for {stage.text(cost, self.coin)}")


@register
class Note(Event):
    """Say something in the account of the scenario; nothing happens."""

    do: Literal["note"]
    text: Text

    @override
    def play(self, stage: Stage) -> Outcome:
        return Outcome(self.text)
