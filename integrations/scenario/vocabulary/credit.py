"""Events of the portfolio placeholder: it lends idle AID out as dollars and is paid back with income.

For small scenarios; with `portfolio: {kind: deals}` those of `deals` take their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self, override

from ..events import ActorEvent, Event, Outcome, register
from ..fields import ActorName, AidAmount, AidAmountOrAll, CoinAmount, CoinName
from ..world import AID

if TYPE_CHECKING:
    from ..model import Scenario
    from ..stage import Stage


def _needs_mock(event: Event, scenario: Scenario) -> Iterator[tuple[str, str]]:
    if scenario.portfolio.kind != "mock":
        yield "do", f'expected `portfolio: {{kind: mock}}` for "{event.do}"'


@register
class Lend(Event):
    """Fund a borrower: idle AID is redeemed at the Gateway and the borrower gets the coin."""

    role: ClassVar[str | None] = "portfolio"

    do: Literal["lend"]
    to: ActorName
    coin: CoinName
    amount: AidAmount

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        return _needs_mock(self, scenario)

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, self.to)
        units = stage.world.lend(self.to, self.coin, aid)
        text = f"{stage.text(aid, AID)} lent to {self.to} as {stage.text(units, self.coin)}"
        return Outcome(text, {"lent": aid})


@register
class Repay(ActorEvent):
    """A borrower pays back principal, with income on top that vests to sAID holders."""

    do: Literal["repay"]
    coin: CoinName
    amount: CoinAmount | None = None
    income: CoinAmount | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount is None and self.income is None:
            raise PydanticCustomError(
                "expected", "expected `amount` (principal), `income`, or both, got neither"
            )
        return self

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        return _needs_mock(self, scenario)

    @override
    def play(self, stage: Stage) -> Outcome:
        principal = stage.units(self.amount, self.coin, self.who)
        income = stage.units(self.income, self.coin, self.who)
        back = stage.world.repay(self.who, self.coin, principal, income)
        discharged = min(back, stage.to_dollars(principal, self.coin))
        parts = [
            f"{stage.text(units, self.coin)} {what}"
            for units, what in ((principal, "principal"), (income, "income"))
            if units
        ]
        return Outcome(
            " + ".join(parts),
            {"repaid": discharged, "income": back - discharged},
        )


@register
class WriteOff(ActorEvent):
    """Realise a loss of a borrower's principal: unvested profit, insurance, then the exit price bear it."""

    lowers_nav: ClassVar[bool] = True

    do: Literal["write_off"]
    amount: AidAmount

    @override
    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        return _needs_mock(self, scenario)

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, "")
        stage.world.write_off(self.who, aid)
        return Outcome(f"{stage.text(aid, AID)} of principal written off", {"lost": aid})


@register
class Contribute(ActorEvent):
    """Give AID to the insurance fund."""

    do: Literal["contribute"]
    amount: AidAmountOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, self.who)
        stage.world.contribute(self.who, aid)
        return Outcome(f"{stage.text(aid, AID)} to the insurance fund", {"insured": aid})
