"""Events by those with a role: compliance, guardian, governor. The world acts as the role's holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from typing_extensions import override

from ..events import ActorEvent, Event, Outcome, register
from ..fields import Period
from ..units import DAY

if TYPE_CHECKING:
    from ..stage import Stage

SwitchName = Literal["aid", "mint", "redeem", "deposits"]


@register
class GrantKyc(ActorEvent):
    """Compliance lets an actor mint and redeem, for a while."""

    do: Literal["kyc"]
    valid: Period = 365 * DAY

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.set_kyc(self.who, stage.world.now() + self.valid)
        return Outcome(f"passes KYC for {self.valid // DAY} days")


@register
class RevokeKyc(ActorEvent):
    """Compliance takes an actor off the allowlist."""

    do: Literal["revoke_kyc"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.set_kyc(self.who, 0)
        return Outcome("loses KYC")


@register
class Deny(ActorEvent):
    """Compliance denies an actor all use of AID."""

    do: Literal["deny"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.deny(self.who)
        return Outcome("put on the deny list")


@register
class Allow(ActorEvent):
    """Compliance takes an actor off the deny list."""

    do: Literal["allow"]

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.allow(self.who)
        return Outcome("taken off the deny list")


@register
class Pause(Event):
    """The guardian pauses AID transfers, minting, redeeming, or deposits."""

    role: ClassVar[str | None] = "guardian"

    do: Literal["pause"]
    what: SwitchName

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.pause(self.what)
        return Outcome(f"{self.what} paused")


@register
class Unpause(Event):
    """The governor lifts a pause."""

    role: ClassVar[str | None] = "governor"

    do: Literal["unpause"]
    what: SwitchName

    @override
    def play(self, stage: Stage) -> Outcome:
        stage.world.unpause(self.what)
        return Outcome(f"{self.what} open again")
