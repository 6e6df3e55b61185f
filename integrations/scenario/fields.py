"""The field types of scenario files: each reads what people write and says what it expected when it cannot.

Markers (`Ref`, `In`) ride along in the annotations, so that names and decimals of any event type, known or
new, can be checked without knowing it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from .units import WAD, parse_clock, parse_decimal, parse_duration, parse_instant, to_units

ALL: Literal["all"] = "all"
T = TypeVar("T")


class Strict(BaseModel):
    """Base of every model here: no unknown fields, no coercion, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True)
class Ref:
    """Marks a field that names something declared elsewhere in the scenario."""

    kind: Literal["actor", "coin", "vault", "token", "path", "pool", "deal", "split market", "lending market"]


@dataclass(frozen=True)
class In:
    """Marks an amount with its token: a fixed symbol, or the sibling field that names it.

    With `underlying`, the field names a T-bill vault and the amount is in the vault's coin.
    """

    token: str | None = None
    field: str | None = None
    underlying: bool = False


def show(value: object) -> str:
    """Return a value of the file as it should appear in a message."""
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f'"{value}"'


def expected(what: str, value: object) -> PydanticCustomError:
    """Return the error `expected <what>, got <value>`."""
    return PydanticCustomError("expected", "expected {what}, got {got}", {"what": what, "got": show(value)})


def reader(read: Callable[[Any], T], what: str) -> BeforeValidator:
    """Return the validator that reads with `read`; where that cannot, it says that `what` was expected."""

    def validate(value: Any) -> T:
        try:
            return read(value)
        except ValueError:
            raise expected(what, value) from None

    return BeforeValidator(validate)


def _positive(value: object) -> Decimal:
    number = parse_decimal(value)
    if number <= 0:
        raise ValueError("expected a positive decimal")
    return number


def _positive_or_all(value: object) -> Decimal | Literal["all"]:
    return ALL if value == ALL else _positive(value)


def amount_or(*words: str) -> BeforeValidator:
    """Return the validator of a positive decimal that may also be one of some words."""
    what = " or ".join(["a positive decimal", *(f'"{word}"' for word in words)])

    def read(value: object) -> Decimal | str:
        return value if isinstance(value, str) and value in words else _positive(value)

    return reader(read, what)


def _price(value: object) -> int:
    return to_units(_positive(value), 18)


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected an integer")
    return value


def _period(value: object) -> int:
    seconds = parse_duration(value)
    if seconds == 0:
        raise ValueError("expected a duration above zero")
    return seconds


def _date(value: object) -> date:
    if isinstance(value, datetime):
        raise ValueError("expected a date")
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected text")
    return value.strip()


def between(low: int, high: int, unit: str = "") -> BeforeValidator:
    """Return the validator of an integer between two bounds, both included."""
    what = f"an integer from {low} to {high}" + (f" ({unit})" if unit else "")

    def read(value: object) -> int:
        number = _integer(value)
        if not low <= number <= high:
            raise ValueError(what)
        return number

    return reader(read, what)


Amount = Annotated[Decimal, reader(_positive, "a positive decimal")]
AmountOrAll = Annotated[Decimal | Literal["all"], reader(_positive_or_all, 'a positive decimal or "all"')]
Price = Annotated[int, reader(_price, "a positive price in dollars with at most 18 decimals")]
Offset = Annotated[int, reader(parse_duration, 'a time such as "12d 6h" or "12d 06:30"')]
Period = Annotated[int, reader(_period, 'a duration such as "25h" or "7d"')]
Clock = Annotated[int, reader(parse_clock, 'a time of day such as "09:30" or "23:59:59"')]
Instant = Annotated[int, reader(parse_instant, 'a UTC time such as "2023-03-10T20:00:00Z"')]
Day = Annotated[date, reader(_date, 'a date such as "2026-01-01"')]
Text = Annotated[str, reader(_name, "text")]

ActorName = Annotated[Text, Ref("actor")]
CoinName = Annotated[Text, Ref("coin")]
VaultName = Annotated[Text, Ref("vault")]
TokenName = Annotated[Text, Ref("token")]
PathName = Annotated[Text, Ref("path")]
PoolName = Annotated[Text, Ref("pool")]
DealName = Annotated[Text, Ref("deal")]
SplitName = Annotated[Text, Ref("split market")]
LendingName = Annotated[Text, Ref("lending market")]

CoinAmount = Annotated[Amount, In(field="coin")]
CoinAmountOrAll = Annotated[AmountOrAll, In(field="coin")]
AidAmount = Annotated[Amount, In(token="AID")]
AidAmountOrAll = Annotated[AmountOrAll, In(token="AID")]
ShareAmount = Annotated[Amount, In(token="sAID")]
ShareAmountOrAll = Annotated[AmountOrAll, In(token="sAID")]


def price_text(price: int, places: int = 4) -> str:
    """Return a WAD price as dollars, e.g. `0.9012`, rounded to the nearest."""
    step = WAD // 10**places
    value = (price + step // 2) // step
    return f"{value // 10**places}.{value % 10**places:0{places}d}"
