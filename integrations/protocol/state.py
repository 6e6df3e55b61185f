"""What an installation looks like now, as plain data: read through the lens contract in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol

WAD = 10**18
VIRTUAL = 10**6  # virtual assets and shares of the staking vault


@dataclass(frozen=True)
class CoinState:
    """A stablecoin in the reserve; amounts in its own units, price and limits with 18 decimals."""

    symbol: str
    decimals: int
    units: int
    reserved: int
    fees: int
    balance: int
    price: int
    fresh: bool
    mint_available: int
    redeem_available: int

    @property
    def par(self) -> int:
        """Units at one dollar each, 18 decimals."""
        return self.units * int(10 ** (18 - self.decimals))


@dataclass(frozen=True)
class VaultState:
    """A T-bill vault of the reserve: shares, and recognised value in the coin's units."""

    symbol: str
    asset: str
    decimals: int  # of the coin
    shares: int
    book: int
    balance: int
    reserved: int

    @property
    def par(self) -> int:
        """Recognised value at one dollar a coin, 18 decimals."""
        return self.book * int(10 ** (18 - self.decimals))


@dataclass(frozen=True)
class StakingState:
    """The staking vault; AID wei and share wei."""

    idle: int
    claimable: int
    supply: int
    deposit_assets: int
    exit_assets: int
    unvested: int
    cycle: int
    active: int
    upcoming: int
    releasing: int
    gross: int
    impairment: int
    balance: int
    escrow: int

    @property
    def deposit_price(self) -> int:
        """AID per share for who comes, WAD, rounded up."""
        return -(-WAD * (self.deposit_assets + VIRTUAL) // (self.supply + VIRTUAL))

    @property
    def exit_price(self) -> int:
        """AID per share for who leaves, WAD, rounded down."""
        return WAD * (self.exit_assets + VIRTUAL) // (self.supply + VIRTUAL)


@dataclass(frozen=True)
class AccountState:
    """What an account has; AID wei and share wei."""

    address: str
    aid: int
    shares: int
    active: int
    upcoming: int
    claim_shares: int
    claim_assets: int
    denied: bool
    kyc_expiry: int


@dataclass(frozen=True)
class State:
    """One installation at one moment; amounts of AID with 18 decimals."""

    timestamp: int
    backing: int
    backing_par: int
    supply: int
    deficit: bool
    stale: bool
    coins: tuple[CoinState, ...]
    vaults: tuple[VaultState, ...]
    staking: StakingState
    insurance: int
    insurance_balance: int
    accounts: tuple[AccountState, ...]

    @property
    def mode(self) -> str:
        """How the Gateway redeems: `normal`, or `deficit` (baskets)."""
        return "deficit" if self.deficit else "normal"

    @property
    def surplus(self) -> int:
        """Backing above the supply; negative in a deficit."""
        return self.backing - self.supply


def read_state(protocol: Protocol, accounts: list[str]) -> State:
    """Read an installation.

    Args:
        protocol: Which one.
        accounts: At most 32 addresses to include.
    """
    shot = protocol.lens.snapshot(accounts)
    symbols = {coin.token.address: coin for coin in protocol.coins()}
    vaults = {vault.token.address: vault for vault in protocol.vaults()}
    staking = shot.staking
    return State(
        timestamp=shot.timestamp,
        backing=shot.backing.backing,
        backing_par=shot.backing.backing_par,
        supply=shot.backing.supply,
        deficit=shot.backing.deficit,
        stale=shot.backing.stale,
        coins=tuple(
            CoinState(
                symbol=symbols[coin.token].symbol,
                decimals=symbols[coin.token].decimals,
                **_fields(coin, "units reserved fees balance price fresh mint_available redeem_available"),
            )
            for coin in shot.coins
        ),
        vaults=tuple(
            VaultState(
                symbol=vaults[vault.vault].symbol,
                asset=symbols[vault.asset].symbol,
                decimals=symbols[vault.asset].decimals,
                **_fields(vault, "shares book balance reserved"),
            )
            for vault in shot.vaults
        ),
        staking=StakingState(
            gross=shot.gross,
            impairment=shot.impairment,
            balance=shot.staking_balance,
            escrow=shot.staking_escrow,
            **_fields(
                staking,
                "idle claimable supply deposit_assets exit_assets unvested cycle active upcoming releasing",
            ),
        ),
        insurance=shot.insurance,
        insurance_balance=shot.insurance_balance,
        accounts=tuple(
            AccountState(
                address=address,
                **_fields(account, "aid shares denied kyc_expiry"),
                **_fields(position, "active upcoming claim_shares claim_assets"),
            )
            for address, account, position in zip(accounts, shot.accounts, shot.positions, strict=True)
        ),
    )


def _fields(struct: Any, names: str) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in names.split()}
