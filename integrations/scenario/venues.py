"""The boundary between a scenario and other people's venues: Uniswap v3, Pendle V2, Morpho Blue.

Pools of Uniswap are known by their coins and ` v3`, markets by the names that the scenario gives them. What
can be done at a venue is what its adapter in `integrations.venues` can do. Amounts are token units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from integrations.venues import MorphoMarket, PendleMarket, UniswapPool

RANGES = " v3"
"""How names of pools end whose liquidity is in ranges."""

UNISWAP, PENDLE, MORPHO = "Uniswap v3", "Pendle V2", "Morpho Blue"


def coins_of(pool: str) -> list[str]:
    """Return the two tokens of a pool's name."""
    return pool.removesuffix(RANGES).split("/")


def has_ranges(pool: str) -> bool:
    """Return whether a pool's liquidity is in ranges, by its name."""
    return pool.endswith(RANGES)


@dataclass(frozen=True)
class SplitTerms:
    """A market of PT and SY of staked AID.

    Attributes:
        expiry: Unix time, 00:00 UTC.
        low_bps: Lowest yearly yield at which it is to trade.
        high_bps: Highest one.
        fee_bps: Fee of a trade, in yearly yield.
    """

    expiry: int
    low_bps: int
    high_bps: int
    fee_bps: int


@dataclass(frozen=True)
class LoanTerms:
    """A market in which a token is lent against staked AID.

    Attributes:
        loan: Symbol of what is lent: AID, or a coin.
        lltv: Debt per value of collateral above which a position is liquidated, WAD.
        pool: Pool of AID and the coin that the oracle reads; None where AID is lent.
    """

    loan: str
    lltv: int
    pool: str | None


@dataclass(frozen=True)
class Gap:
    """What an adapter says, against the token balances: `told` must not exceed `there`, or must be it."""

    what: str
    told: int
    there: int
    exact: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the two do not fit."""
        return self.told != self.there if self.exact else self.told > self.there


@dataclass(frozen=True)
class VenueState:
    """What the venues hold.

    Attributes:
        coins: Token units of each coin at Morpho; what pools hold is in their states.
        supplies: All there are of each coin.
        gaps: Positions as adapters tell them, against what is there.
    """

    coins: Mapping[str, int] = field(default_factory=dict)
    supplies: Mapping[str, int] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


class VenueActions(Protocol):
    """What the scenario creates at venues, and what they tell. Refusals raise `Reverted`."""

    def create_range_pool(self, name: str, fee: int, price: int) -> None:
        """Have Uniswap's factory deploy a pool.

        Args:
            name: Its coins, with ` v3`.
            fee: In millionths.
            price: Of the first coin in the second, WAD.
        """
        ...

    def ranges(self, name: str) -> UniswapPool:
        """Return a pool of Uniswap; its coins have the scenario's symbols."""
        ...

    def create_split(self, market: str, terms: SplitTerms) -> None:
        """Have Pendle's factories deploy PT, YT and a market of staked AID."""
        ...

    def split(self, market: str) -> PendleMarket:
        """Return a market of Pendle."""
        ...

    def create_lending(self, market: str, terms: LoanTerms) -> None:
        """Deploy an oracle, and make a market of it at Morpho."""
        ...

    def lending(self, market: str) -> MorphoMarket:
        """Return a market of Morpho; loan and collateral have the scenario's symbols."""
        ...

    def poke(self, market: str) -> None:
        """Let the oracle of a lending market take notice of the NAV, as any keeper."""
        ...

    def worth(self, who: str) -> Mapping[str, int]:
        """Return what an actor has at each venue, AID (18 decimals), debts taken off.

        SY at the exit price, PT and YT at the market's price, coins at a dollar.
        """
        ...

    def state(self) -> VenueState:
        """Return what the venues hold (asked when the books are closed)."""
        ...
