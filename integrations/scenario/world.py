"""The boundary between a scenario and whatever plays it: what a `World` can do and what it can tell.

The runner and the event vocabulary know nothing else. A chain implements `World` through the protocol
package; the tests implement it in memory. Units: AID, sAID and dollar values have 18 decimals, coins their
own; prices and share prices are WAD (1e18 = one dollar); times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..protocol.errors import RevertedError
from .credit import DealActions, Participation
from .venues import VenueActions

if TYPE_CHECKING:
    from integrations.venues import LiquidityVenue, SwapVenue

AID = "AID"
SAID = "sAID"
Switch = Literal["aid", "mint", "redeem", "deposits"]


class Reverted(Exception):  # noqa: N818 (it is what happened, not a fault)
    """An action was refused. `reason` is the contract's reason string, empty if it gave none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason or "reverted without a reason")
        self.reason = reason


@contextmanager
def refusals() -> Iterator[None]:
    """Raise a venue's refusal as the world's."""
    try:
        yield
    except RevertedError as error:
        raise Reverted(error.reason) from None


@dataclass(frozen=True)
class Backing:
    """The Gateway's own account of itself: reserve at min(1, price), at par, and the AID it covers."""

    backing: int
    backing_par: int
    supply: int
    deficit: bool
    stale: bool


@dataclass(frozen=True)
class CoinState:
    """One stablecoin of the reserve: `units` is the ledger, `held` the token balance (in token units).

    `mint_room` and `redeem_room` are what the Gateway's limits let through now, in AID.
    """

    units: int
    held: int
    price: int
    mint_room: int = 0
    redeem_room: int = 0


@dataclass(frozen=True)
class VaultState:
    """One T-bill vault of the reserve: shares held, their recognised value, and the vault's own rate.

    Shares have 18 decimals; `value` is in units of the vault's coin, `rate` in coin units for one share.
    """

    shares: int
    value: int
    rate: int


@dataclass(frozen=True)
class StakingState:
    """The staked AID vault. `pending_*` are shares waiting for a cycle, `claimable` AID already set aside."""

    idle: int
    claimable: int
    unvested: int
    releasing: int
    gross: int
    impairment: int
    deposit_assets: int
    exit_assets: int
    shares: int
    price_deposit: int
    price_exit: int
    pending_active: int
    pending_next: int
    cycle: int
    in_window: bool
    aid_held: int


@dataclass(frozen=True)
class PoolTerms:
    """What a pool is made with: fee and off-peg multiplier with 1e10 = one, period in seconds."""

    amplification: int
    fee: int
    offpeg_multiplier: int
    period: int


@dataclass(frozen=True)
class PoolState:
    """A pool: what is the LPs', fees owed to others and token balances, by coin; LP tokens and their value.

    `price` is that of the first coin in the second, without fees; `depth` is how much of each coin one swap
    takes for `DEPTH_BPS` less than the price. An empty pool has neither. A pool with ranges has no LP tokens.
    """

    balances: Mapping[str, int]
    owed: Mapping[str, int]
    held: Mapping[str, int]
    shares: int
    share_value: int
    price: int
    depth: Mapping[str, int]


DEPTH_BPS = 50


@dataclass(frozen=True)
class Snapshot:
    """Everything about the protocol at one moment (not its users)."""

    time: int
    backing: Backing
    coins: Mapping[str, CoinState]
    vaults: Mapping[str, VaultState]
    staking: StakingState
    insurance: int
    pools: Mapping[str, PoolState] = field(default_factory=dict)


@dataclass(frozen=True)
class Holdings:
    """What one actor has: wallet, sAID, what waits in a cycle or to be claimed; `debt` is principal owed.

    `liquidity` are LP tokens by pool, `deals` participations by deal and `in_deals` what they are worth, AID
    that is waiting included; `in_venues` is what there is at other people's venues, AID by venue.
    """

    coins: Mapping[str, int]
    aid: int
    shares: int
    pending_shares: int = 0
    claimable_aid: int = 0
    vault_shares: Mapping[str, int] = field(default_factory=dict)
    debt: int = 0
    liquidity: Mapping[str, int] = field(default_factory=dict)
    deals: Mapping[str, Participation] = field(default_factory=dict)
    in_deals: int = 0
    in_venues: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Settlement:
    """One settled withdrawal cycle: of `requested` shares `filled` were paid `assets` AID at `price`."""

    cycle: int
    time: int
    requested: int
    filled: int
    assets: int
    price: int


class Clock(Protocol):
    """Time on the chain."""

    def now(self) -> int:
        """Return the timestamp of the latest block."""

    def travel_to(self, timestamp: int) -> None:
        """Make the next transaction happen at `timestamp`, and views answer as of then. Never backwards."""


class GatewayActions(Protocol):
    """What can be done at the Gateway, and to the feeds that it reads."""

    def publish_price(self, coin: str, price: int) -> None:
        """Let the feed of `coin` report `price` now."""

    def mint(self, who: str, coin: str, units: int, min_out: int) -> int:
        """Return AID minted."""

    def redeem(self, who: str, coin: str, aid: int, min_out: int) -> int:
        """Return units of `coin` paid."""

    def redeem_basket(self, who: str, aid: int) -> Mapping[str, int]:
        """Return what was paid by asset name: coin units and T-bill vault shares."""

    def redeem_vault(self, who: str, vault: str, shares: int) -> int:
        """Redeem T-bill vault shares (18 decimals) of an actor at the vault itself. Return coin units."""

    def recapitalise(self, who: str, coin: str, units: int) -> None:
        """Give coin units to the reserve."""
        ...

    def harvest(self, who: str | None) -> int:
        """Return AID minted to sAID holders. `who` None: any keeper."""

    def allocate(self, vault: str, units: int) -> int:
        """Move coin units into a T-bill vault, as the treasurer. Return shares."""

    def deallocate(self, vault: str, units: int | None) -> int:
        """Take coin units (None: everything) out of a T-bill vault, as the treasurer. Return units."""


class StakingActions(Protocol):
    """What can be done at the staked AID vault."""

    def deposit(self, who: str, aid: int, min_shares: int) -> int:
        """Return sAID shares received."""

    def request(self, who: str, shares: int) -> int:
        """Queue shares for redemption. Return the number of the cycle that they joined."""

    def cancel(self, who: str) -> int:
        """Return the shares handed back."""

    def claim(self, who: str) -> int:
        """Return the AID paid."""

    def sync(self) -> None:
        """Settle the cycles that are due, as any keeper."""
        ...


class PoolActions(Protocol):
    """Pools of two tokens, named `FIRST/SECOND`. What can be done with one is what every venue can.

    Of those with ranges (` v3`) only swaps are to be had here; for the rest see `VenueActions.ranges`.
    """

    def create_pool(self, name: str, terms: PoolTerms) -> None:
        """Have the factory deploy a pool."""
        ...

    def venue(self, name: str) -> SwapVenue:
        """Return a pool of any kind; its coins have the scenario's symbols."""
        ...

    def liquidity(self, name: str) -> LiquidityVenue:
        """Return a pool with LP tokens; they are called `name`."""
        ...

    def account(self, who: str) -> Any:
        """Return an actor as a venue knows them."""


class TokenActions(Protocol):
    """What can be done with tokens."""

    def transfer(self, token: str, who: str, to: str, amount: int) -> None:
        """Transfer AID, sAID or a coin (in its own units) between actors."""


class AuthorityActions(Protocol):
    """What those with a role can do."""

    def set_kyc(self, who: str, valid_until: int) -> None:
        """Let an actor mint and redeem until then; 0 revokes."""

    def deny(self, who: str) -> None:
        """Put an actor on the deny list."""
        ...

    def allow(self, who: str) -> None:
        """Take an actor off the deny list."""
        ...

    def pause(self, switch: Switch) -> None:
        """Pause a part, as the guardian."""
        ...

    def unpause(self, switch: Switch) -> None:
        """Open a part again, as the governor."""
        ...


class CreditActions(Protocol):
    """The portfolio placeholder (kind `mock`): it borrows idle AID, redeems it for a coin, and pays back."""

    def lend(self, to: str, coin: str, aid: int) -> int:
        """Fund a borrower out of idle AID. Return coin units paid out."""

    def repay(self, who: str, coin: str, principal: int, income: int) -> int:
        """Take principal and income (coin units) from a borrower. Return AID returned to the vault."""

    def write_off(self, who: str, aid: int) -> None:
        """Realise a loss of `aid` of the principal that a borrower owes."""

    def contribute(self, who: str, aid: int) -> None:
        """Give AID to the insurance fund."""


class Reader(Protocol):
    """What the world tells."""

    def backing(self) -> Backing:
        """Return the Gateway's account of itself (cheap: asked before every event)."""
        ...

    def snapshot(self) -> Snapshot:
        """Return everything about the protocol (asked some 200 times: one call, if possible)."""
        ...

    def holdings(self, who: str) -> Holdings:
        """Return all that an actor has."""
        ...

    def balance(self, token: str, who: str) -> int:
        """Return the wallet balance of AID, sAID, a coin or a pool's LP token, in token units."""

    def aid_holders(self) -> Mapping[str, int]:
        """Return AID by holder: every actor and every contract that can hold some. Sums to the supply."""

    def settlements(self) -> Sequence[Settlement]:
        """Return all withdrawal cycles settled so far with requests in them, oldest first."""

    def network(self) -> Mapping[str, str | int]:
        """Describe where this runs: name, chain_id, block, and addresses by contract name."""


class World(
    Clock,
    GatewayActions,
    StakingActions,
    PoolActions,
    TokenActions,
    AuthorityActions,
    CreditActions,
    Reader,
    Protocol,
):
    """What the runner needs. Every action raises `Reverted` if it is refused, and then changes nothing.

    Actors, coins and T-bill vaults are known by their names in the scenario. Actors have approved every
    spender beforehand, so that an action is one transaction and happens at the exact second travelled to.
    """

    @property
    def credit(self) -> DealActions:
        """Deals; only of a scenario whose portfolio is of kind `deals`."""
        ...

    @property
    def venues(self) -> VenueActions:
        """Uniswap, Pendle and Morpho. Raises `Reverted` (`no venues`) where there are none."""
        ...
