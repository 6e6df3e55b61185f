"""What a scenario file says, as immutable models. Amounts are exact decimals, times are seconds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from ..protocol.bounds import BOUNDS
from . import vocabulary  # (registers the event types)
from .deals import DealTerms
from .events import AnyEvent, Event
from .fields import (
    ActorName,
    Amount,
    CoinName,
    Day,
    Period,
    PoolName,
    Price,
    ShareAmount,
    Strict,
    Text,
    between,
)
from .prices import PricePath
from .units import DAY, HOUR, WAD, month_ends
from .units import midnight as midnight_of
from .world import AID, SAID

POOLS = (vocabulary.pools.CreatePool, vocabulary.ranges.CreateRangePool)
LENDING = vocabulary.lending.CreateLendingMarket
OURS = (AID, SAID, "SY", "PT", "YT")
"""Tokens that are no coins; those of Pendle, too, have 18 decimals."""


def setting(name: str, least: int | None = None, unit: str = "") -> BeforeValidator:
    """An integer that the contracts take: what `protocol.bounds` says about a setting, from `least` on."""
    bound = BOUNDS[name]
    return between(bound.least if least is None else least, bound.most, unit)


class Stablecoin(Strict):
    """A coin that the Gateway accepts. Limits are whole AID a day; `style` chooses the mock token."""

    decimals: Annotated[int, setting("stablecoins.decimals")]
    style: Literal["usdc", "usdt"] = "usdc"
    price: Price = WAD
    cap: Annotated[int, setting("stablecoins.cap", 1, "whole tokens")] = 1_000_000_000
    mint_fee_bps: Annotated[int, setting("stablecoins.mint_fee_bps")] = 10
    redeem_fee_bps: Annotated[int, setting("stablecoins.redeem_fee_bps")] = 15
    deviation_bps: Annotated[int, setting("stablecoins.deviation_bps")] = 25
    band_bps: Annotated[int, setting("stablecoins.band_bps", 1)] = 100
    max_age: Period = 25 * HOUR
    mint_limit: Annotated[int, setting("stablecoins.mint_capacity", 1, "whole AID a day")] = 1_000_000_000
    redeem_limit: Annotated[int, setting("stablecoins.redeem_capacity", 1, "whole AID a day")] = 1_000_000_000

    @model_validator(mode="after")
    def _age(self) -> Self:
        if self.max_age > 7 * DAY:
            raise PydanticCustomError("expected", "expected a `max_age` of at most 7d")
        return self


class TreasuryVault(Strict):
    """A T-bill vault over a coin: `rate_bps` a year on a simple base, at most `cap` whole tokens."""

    coin: CoinName
    rate_bps: Annotated[int, between(0, 2_000)] = 450
    cap: Annotated[int, setting("vaults.cap", 1, "whole tokens")] = 1_000_000_000


class Reserve(Strict):
    """Parameters of the Gateway's reserve. `total_cap` is whole AID."""

    total_cap: Annotated[int, setting("reserve.total_cap", 1, "whole AID")] = 1_000_000_000
    deficit_delta_bps: Annotated[int, setting("reserve.deficit_delta_bps")] = 50
    buffer_bps: Annotated[int, setting("reserve.buffer_bps")] = 10
    max_growth_bps: Annotated[int, setting("reserve.max_growth_bps")] = 600
    vaults: dict[Text, TreasuryVault] = Field(default_factory=dict)


class Staking(Strict):
    """Parameters of sAID. Cycles have 30 days; requests in the first `window` of one join it.

    A `window`, `min_request` or `reserve_floor_bps` other than the defaults (7d, 1 sAID, 30 %) comes
    into force only with the third cycle.
    """

    window: Period = 7 * DAY
    min_request: ShareAmount | None = None
    vesting: Period = 7 * DAY
    reserve_floor_bps: Annotated[int, between(0, 10_000)] = 3_000
    deposit_cap: Annotated[int, setting("staking.deposit_cap", 1, "whole AID")] | None = None


class Portfolio(Strict):
    """What invests idle AID: `deals` at the credit desk, or a `mock` that lends at cost.

    Caps are parts of what sAID is worth when a deal is funded; reports are fresh for so long.
    """

    kind: Literal["mock", "deals"] = "mock"
    deal_cap_bps: Annotated[int, setting("credit.gates.deal_cap_bps", 1)] = 1_500
    borrower_cap_bps: Annotated[int, setting("credit.gates.borrower_cap_bps", 1)] = 2_500
    appraisal_age: Period = 90 * DAY
    coverage_age: Period = 90 * DAY
    telemetry_age: Period = 3 * DAY


class Actor(Strict):
    """A user: what they are, whether they pass KYC at the start, and their coins at the start."""

    kyc: bool = False
    role: Text | None = None
    balances: dict[CoinName, Amount] = Field(default_factory=dict)


class Arbitrageur(Strict):
    """Trades pools against the Gateway (AID) or the vault (sAID), as far as it pays.

    `min_profit` is dollars a trade.
    """

    who: ActorName
    pools: list[PoolName]
    every: Period
    min_profit: Amount = Decimal(10)


class Traders(Strict):
    """Everybody else's traffic in a pool: swaps of up to `size` tokens, both ways, drawn from `seed`."""

    who: ActorName
    pool: PoolName
    every: Period
    size: Amount
    seed: Annotated[int, between(0, 2**32)] = 0


class Agents(Strict):
    """Actors who act by themselves."""

    arbitrageurs: list[Arbitrageur] = Field(default_factory=list)
    traders: list[Traders] = Field(default_factory=list)


class Scenario(Strict):
    """One whole scenario. `sample_every` is how often the charts look besides after each event."""

    name: Text
    description: Text
    start: Day
    days: Annotated[int, between(1, 3_650)]
    sample_every: Period = 5 * DAY
    stablecoins: dict[Text, Stablecoin]
    reserve: Reserve = Reserve()
    staking: Staking = Staking()
    portfolio: Portfolio = Portfolio()
    deals: dict[Text, DealTerms] = Field(default_factory=dict)
    actors: dict[Text, Actor]
    price_paths: dict[Text, PricePath] = Field(default_factory=dict)
    agents: Agents = Agents()
    timeline: list[AnyEvent]

    @property
    def pools(self) -> list[str]:
        """Names of all pools that the timeline creates."""
        return [event.pool for event in self.timeline if isinstance(event, POOLS)]

    def pools_before(self, event: Event) -> list[str]:
        """Names of the pools that exist when an event of the timeline is played."""
        return [one.pool for one in self._before(event) if isinstance(one, POOLS)]

    @property
    def splits(self) -> list[str]:
        """Names of all markets of PT and SY that the timeline creates."""
        kind = vocabulary.splits.CreateSplitMarket
        return [event.market for event in self.timeline if isinstance(event, kind)]

    def splits_before(self, event: Event) -> list[str]:
        """Names of the markets of PT and SY that exist when an event is played."""
        kind = vocabulary.splits.CreateSplitMarket
        return [one.market for one in self._before(event) if isinstance(one, kind)]

    @property
    def lending_markets(self) -> list[str]:
        """Names of all lending markets that the timeline creates."""
        return [event.market for event in self.timeline if isinstance(event, LENDING)]

    def lending_before(self, event: Event) -> list[str]:
        """Names of the lending markets that exist when an event is played."""
        return [one.market for one in self._before(event) if isinstance(one, LENDING)]

    def lending_market(self, name: str) -> vocabulary.lending.CreateLendingMarket | None:
        """Return the event that creates a lending market, None if there is none."""
        made = (event for event in self.timeline if isinstance(event, LENDING))
        return next((event for event in made if event.market == name), None)

    def loan_of(self, market: str) -> str | None:
        """Return what is lent in a market, None if there is no such market or token."""
        created = self.lending_market(market)
        known = [AID, *self.stablecoins]
        return created.loan if created is not None and created.loan in known else None

    def _before(self, event: Event) -> list[Event]:
        at = next((at for at, one in enumerate(self.timeline) if one is event), len(self.timeline))
        return self.timeline[:at]

    @property
    def start_time(self) -> int:
        """Unix time of day 0, 00:00 UTC."""
        return midnight_of(self.start)

    @property
    def duration(self) -> int:
        """Length in seconds."""
        return self.days * DAY

    @property
    def months(self) -> list[int]:
        """Seconds after the start at which each month ends."""
        return month_ends(self.start, self.days)

    def decimals(self, token: str) -> int:
        """Return the decimals of a coin; all other tokens have 18. Raises KeyError for unknown ones."""
        if token in OURS or "/" in token or token in self.reserve.vaults:
            return 18
        return int(self.stablecoins[token].decimals)
