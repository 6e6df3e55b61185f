"""Events at the Gateway: minting and redeeming AID, and the reserve behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from typing_extensions import override

from ..events import ActorEvent, Event, Outcome, register
from ..fields import (
    ALL,
    ActorName,
    AidAmount,
    AidAmountOrAll,
    Amount,
    AmountOrAll,
    CoinAmount,
    CoinAmountOrAll,
    CoinName,
    In,
    VaultName,
)
from ..world import AID

if TYPE_CHECKING:
    from ..stage import Stage

VaultAmount = Annotated[Amount, In(field="vault", underlying=True)]
VaultAmountOrAll = Annotated[AmountOrAll, In(field="vault", underlying=True)]
VaultSharesOrAll = Annotated[AmountOrAll, In(field="vault")]


@register
class Mint(ActorEvent):
    """Pay a coin, receive AID. KYC needed; refused in deficit mode."""

    do: Literal["mint"]
    coin: CoinName
    amount: CoinAmountOrAll
    min_out: AidAmount | None = None

    @override
    def play(self, stage: Stage) -> Outcome:
        units = stage.units(self.amount, self.coin, self.who)
        aid = stage.world.mint(self.who, self.coin, units, stage.units(self.min_out, AID, self.who))
        return Outcome(f"{stage.text(units, self.coin)} → {stage.text(aid, AID)}", {"minted": aid})


@register
class Redeem(ActorEvent):
    """Pay AID, receive a coin of choice. KYC needed; refused in deficit mode."""

    do: Literal["redeem"]
    coin: CoinName
    amount: AidAmountOrAll
    min_out: CoinAmount | None = None

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, self.who)
        units = stage.world.redeem(self.who, self.coin, aid, stage.units(self.min_out, self.coin, self.who))
        return Outcome(f"{stage.text(aid, AID)} → {stage.text(units, self.coin)}", {"redeemed": aid})


@register
class RedeemBasket(ActorEvent):
    """Pay AID, receive a part of every reserve asset; at a fee, but in deficit mode and once winding down."""

    do: Literal["redeem_basket"]
    amount: AidAmountOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, self.who)
        paid = stage.world.redeem_basket(self.who, aid)
        legs = " + ".join(stage.text(units, asset) for asset, units in paid.items() if units)
        return Outcome(f"{stage.text(aid, AID)} → {legs}", {"redeemed": aid})


@register
class RedeemVault(ActorEvent):
    """Redeem T-bill vault shares, got from a basket, for their coin."""

    do: Literal["redeem_vault"]
    vault: VaultName
    amount: VaultSharesOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        shares = stage.units(self.amount, self.vault, self.who)
        units = stage.world.redeem_vault(self.who, self.vault, shares)
        coin = stage.scenario.reserve.vaults[self.vault].coin
        return Outcome(f"{stage.text(shares, self.vault)} → {stage.text(units, coin)}")


@register
class Recapitalise(ActorEvent):
    """Give a coin to the reserve for nothing."""

    do: Literal["recapitalise"]
    coin: CoinName
    amount: CoinAmountOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        units = stage.units(self.amount, self.coin, self.who)
        stage.world.recapitalise(self.who, self.coin, units)
        return Outcome(
            f"{stage.text(units, self.coin)} given to the reserve",
            {"recapitalised": stage.to_dollars(units, self.coin)},
        )


@register
class Harvest(Event):
    """Mint the reserve's surplus above its buffer to sAID, where it vests. Anyone may."""

    takes_surplus: ClassVar[bool] = True
    role: ClassVar[str | None] = "keeper"

    do: Literal["harvest"]
    who: ActorName | None = None

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.world.harvest(self.who)
        return Outcome(f"{stage.text(aid, AID)} of reserve income to sAID", {"harvested": aid})


@register
class Allocate(Event):
    """Move coins of the reserve into a T-bill vault (treasurer). Amounts are in the vault's coin."""

    rounding_units: ClassVar[int] = 1
    role: ClassVar[str | None] = "treasurer"

    do: Literal["allocate"]
    vault: VaultName
    amount: VaultAmount

    @override
    def play(self, stage: Stage) -> Outcome:
        coin = stage.scenario.reserve.vaults[self.vault].coin
        units = stage.units(self.amount, coin, "")
        stage.world.allocate(self.vault, units)
        return Outcome(f"{stage.text(units, coin)} into {self.vault}")


@register
class Deallocate(Event):
    """Take coins out of a T-bill vault (treasurer). Amounts are in the vault's coin."""

    rounding_units: ClassVar[int] = 1
    role: ClassVar[str | None] = "treasurer"

    do: Literal["deallocate"]
    vault: VaultName
    amount: VaultAmountOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        coin = stage.scenario.reserve.vaults[self.vault].coin
        wanted = None if self.amount == ALL else stage.units(self.amount, coin, "")
        units = stage.world.deallocate(self.vault, wanted)
        return Outcome(f"{stage.text(units, coin)} out of {self.vault}")
