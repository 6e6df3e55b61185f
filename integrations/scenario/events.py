"""The base of all events, and the registry from `do:` names to event types.

An event type is a pydantic model (its fields are the vocabulary of the file) with a `play` method (what it
does to a world). To add one, anywhere that is imported before a scenario is loaded:

    @register
    class Swap(ActorEvent):
        \"\"\"Swap through a pool.\"\"\"

        do: Literal["swap"]
        coin: CoinName
        amount: CoinAmountOrAll

        @override
        def play(self, stage: Stage) -> Outcome:
            units = stage.units(self.amount, self.coin, self.who)
            ...

Names and decimals are checked through the markers of `fields`, so a new type needs no code in the loader.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import Field, SerializeAsAny, WrapValidator, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from .fields import ActorName, Clock, Offset, Strict, Text, between
from .units import DAY

if TYPE_CHECKING:
    from .model import Scenario
    from .stage import Stage

ANY_REASON = "any"


class Expectation(Strict):
    """How an event must end.

    `revert`: refused with exactly this reason ("any" accepts all). `says`: done, with this in the text of its
    outcome.
    """

    revert: Text | None = None
    says: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.revert is None) == (self.says is None):
            raise PydanticCustomError("expected", "expected one of `revert` and `says`")
        return self


@dataclass(frozen=True)
class Outcome:
    """What an event did: a sentence, and amounts by flow name (18 decimals, e.g. `minted`, `claimed`).

    `promises` are pairs of what was quoted and what came; `liquidity` is what an actor moved in or out of a
    pool.
    """

    text: str
    flows: Mapping[str, int] = field(default_factory=dict)
    promises: Sequence[tuple[int, int]] = ()
    liquidity: Liquidity | None = None


@dataclass(frozen=True)
class Liquidity:
    """What an actor deposited (above zero) or withdrew (below), by token, and the LP tokens for it."""

    who: str
    pool: str
    amounts: Mapping[str, int]
    shares: int


class Event(Strict, ABC):
    """One line of the timeline: when (`day` with an optional `time`, or `at`), what, what must come of it."""

    moves_prices: ClassVar[bool] = False
    """Whether backing may fall because prices change (and for no other reason)."""
    lowers_nav: ClassVar[bool] = False
    """Whether the exit price of sAID may fall: a realised loss."""
    takes_surplus: ClassVar[bool] = False
    """Whether surplus of the reserve is paid out, down to the buffer."""
    rounding_units: ClassVar[int] = 0
    """Coin units that a move between reserve assets may lose to rounding."""
    role: ClassVar[str | None] = None
    """Who acts where no actor does."""

    do: str
    day: Annotated[int, between(0, 100_000, "days since the start")] | None = None
    time: Clock | None = None
    at: Offset | None = None
    note: Text | None = None
    expect: Expectation | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.day is None) == (self.at is None):
            got = "neither" if self.day is None else "both"
            raise PydanticCustomError("expected", f"expected one of `day` and `at`, got {got}")
        if self.at is not None and self.time is not None:
            raise PydanticCustomError("expected", "expected `time` only with `day`, got it with `at`")
        return self

    @property
    def offset(self) -> int:
        """Seconds after the start of the scenario."""
        return self.at if self.at is not None else int(self.day or 0) * DAY + (self.time or 0)

    @property
    def actor(self) -> str | None:
        """Who acts, or whom it is about."""
        return getattr(self, "who", None) or self.role

    def problems(self, scenario: Scenario) -> Iterator[tuple[str, str]]:
        """Yield what is wrong beyond names and decimals, as (field, what was expected)."""
        _ = scenario
        yield from ()

    @abstractmethod
    def play(self, stage: Stage) -> Outcome:
        """Do it. Raises `Reverted` if the world refuses."""


class ActorEvent(Event):
    """An event that one actor causes."""

    who: ActorName


E = TypeVar("E", bound=type[Event])
_registry: dict[str, type[Event]] = {}


def register(model: E) -> E:
    """Class decorator: make an event type known under the name in its `do: Literal[...]`.

    Raises TypeError without such a name, or for one that another type has.
    """
    kind: type[Event] = model
    names = get_args(kind.model_fields["do"].annotation)
    if len(names) != 1:
        raise TypeError(f"{model.__name__}: expected `do: Literal[...]` with one name")
    if _registry.setdefault(names[0], model) is not model:
        raise TypeError(f"{model.__name__}: {names[0]!r} is {_registry[names[0]].__name__} already")
    return model


def vocabulary() -> Mapping[str, type[Event]]:
    """Return all known event types by name."""
    return dict(_registry)


def _dispatch(value: Any, _handler: Any) -> Event:
    if not isinstance(value, dict):
        raise PydanticCustomError("expected", "expected a mapping with `do` and a time")
    if "do" not in value:
        raise PydanticCustomError("missing_do", "expected a field `do` that names the kind of event")
    model = _registry.get(value["do"]) if isinstance(value["do"], str) else None
    if model is None:
        raise PydanticCustomError("unknown_do", "unknown event", {"got": value["do"]})
    return model.model_validate(value)


AnyEvent = Annotated[SerializeAsAny[Event], WrapValidator(_dispatch), Field()]
"""A field of any registered event type, chosen by `do` when the file is read."""
