"""Events at the staked AID vault: deposits, and withdrawals through 30-day cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from typing_extensions import override

from ..events import ActorEvent, Event, Outcome, register
from ..fields import AidAmountOrAll, ShareAmount, ShareAmountOrAll
from ..world import AID, SAID

if TYPE_CHECKING:
    from ..stage import Stage


@register
class Deposit(ActorEvent):
    """Stake AID at the deposit price."""

    do: Literal["deposit"]
    amount: AidAmountOrAll
    min_shares: ShareAmount | None = None

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.units(self.amount, AID, self.who)
        shares = stage.world.deposit(self.who, aid, stage.units(self.min_shares, SAID, self.who))
        return Outcome(f"{stage.text(aid, AID)} → {stage.text(shares, SAID)}", {"deposited": aid})


@register
class Request(ActorEvent):
    """Ask to withdraw shares: in the window for the current cycle, later for the next."""

    do: Literal["request"]
    amount: ShareAmountOrAll

    @override
    def play(self, stage: Stage) -> Outcome:
        shares = stage.units(self.amount, SAID, self.who)
        cycle = stage.world.request(self.who, shares)
        return Outcome(f"{stage.text(shares, SAID)} queued for cycle {cycle}")


@register
class Cancel(ActorEvent):
    """Take back what has not been filled of one's requests."""

    do: Literal["cancel"]

    @override
    def play(self, stage: Stage) -> Outcome:
        shares = stage.world.cancel(self.who)
        return Outcome(f"{stage.text(shares, SAID)} taken back out of the queue")


@register
class Claim(ActorEvent):
    """Collect all AID that settled cycles have set aside."""

    do: Literal["claim"]

    @override
    def play(self, stage: Stage) -> Outcome:
        aid = stage.world.claim(self.who)
        return Outcome(f"{stage.text(aid, AID)} claimed", {"claimed": aid})


@register
class Sync(Event):
    """Settle the cycles that are due. Anyone may; any other action would do it too."""

    role: ClassVar[str | None] = "keeper"

    do: Literal["sync"]

    @override
    def play(self, stage: Stage) -> Outcome:
        before = len(stage.world.settlements())
        stage.world.sync()
        new = list(stage.world.settlements())[before:]
        if not new:
            return Outcome("nothing was due")
        return Outcome(
            "; ".join(
                f"cycle {one.cycle}: {stage.text(one.filled, SAID)} of {stage.text(one.requested, SAID)} "
                f"filled for {stage.text(one.assets, AID)}"
                for one in new
            )
        )
