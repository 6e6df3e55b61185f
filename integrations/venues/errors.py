"""What goes wrong at a venue besides a refusal: an unknown pool, an unknown coin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from integrations.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from integrations.venues.swap import Coin


class UnknownPoolError(ProtocolError):
    """A pool that its factory does not know: nothing is approved or sent to it.

    Args:
        pool: Its address, or what was looked for.
        factory: Address of the factory.
    """

    def __init__(self, pool: str, factory: str) -> None:
        super().__init__(
            f"{pool} is no pool of the factory {factory}", "`ape run pool describe` lists the pools"
        )


class UnknownMarketError(ProtocolError):
    """A market that its factory does not know: nothing is approved or sent to it.

    Args:
        market: Its address.
        factory: Address of the factory.
    """

    def __init__(self, market: str, factory: str) -> None:
        super().__init__(f"{market} is no market of the factory {factory}", "check the address")


class UnknownCoinError(ProtocolError):
    """A coin that the pool does not have.

    Args:
        coin: What was asked for.
        known: The pool's symbols.
    """

    def __init__(self, coin: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown coin {coin}", f"the pool has {' and '.join(known)}")


def index_of(coins: Sequence[Coin], symbol: str, other_than: str = "") -> int:
    """Where a coin is in its pool; symbols compare without case.

    Raises:
        UnknownCoinError: It is not there, or is `other_than`.
    """
    for at, coin in enumerate(coins):
        if coin.symbol.upper() == symbol.upper() != other_than.upper():
            return at
    raise UnknownCoinError(symbol, [coin.symbol for coin in coins])
