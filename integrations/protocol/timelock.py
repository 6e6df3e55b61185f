"""Operations of the timelock: scheduled by proposers, stopped by cancellers, executed by anyone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

NONE = bytes(32)


class OperationState(IntEnum):
    """What has become of an operation, as `get_operation_state` says it."""

    UNSET = 1
    WAITING = 2
    READY = 4
    DONE = 8
    LAPSED = 16


@dataclass(frozen=True)
class Operation:
    """Calls that a timelock makes together, all or none; one alone is sent in the single form.

    What the contract refuses is Ape's `ContractLogicError`; `errors.translated` says what to do about it.

    Attributes:
        timelock: Ape contract of the Timelock.
        calls: Contract and calldata of each call.
        salt: Tells equal operations apart.
        predecessor: Id of the operation that must be executed before; zero for none.
        amounts: Wei to send along with each call; none if empty.
    """

    timelock: Any
    calls: tuple[tuple[Any, bytes], ...]
    salt: bytes = NONE
    predecessor: bytes = NONE
    amounts: tuple[int, ...] = ()

    @property
    def id(self) -> bytes:
        """Its id, which everything but the delay makes."""
        return bytes(self._method("hash_operation")(*self._arguments()))

    @property
    def state(self) -> OperationState:
        """What has become of it."""
        return OperationState(int(self.timelock.get_operation_state(self.id)))

    @property
    def ready_at(self) -> int:
        """When its delay ends, Unix seconds; 0 if it is not scheduled, 1 once executed."""
        return int(self.timelock.get_timestamp(self.id))

    def schedule(self, proposer: Any, delay: int | None = None) -> Any:
        """Schedule it, with the shortest delay unless one is given.

        Args:
            proposer: Ape account that may propose.
            delay: Seconds.

        Returns:
            Ape's receipt.
        """
        delay = self.timelock.get_minimum_delay() if delay is None else delay
        return self._method("schedule")(*self._arguments(), delay, sender=proposer)

    def cancel(self, canceller: Any) -> Any:
        """Stop it before it is executed.

        Args:
            canceller: Ape account that may cancel, and whom it does not remove.
        """
        return self._method("cancel")(*self._arguments(), sender=canceller)

    def execute(self, account: Any, **options: Any) -> Any:
        """Have its calls made; anyone may.

        Args:
            account: Ape account that pays.
            **options: Of the transaction, e.g. `value`.
        """
        return self._method("execute")(*self._arguments(), sender=account, **options)

    def _method(self, name: str) -> Any:
        return getattr(self.timelock, name if len(self.calls) == 1 else f"{name}_batch")

    def _arguments(self) -> tuple[Any, ...]:
        amounts = list(self.amounts) or [0] * len(self.calls)
        targets = [target for target, _ in self.calls]
        payloads = [payload for _, payload in self.calls]
        rest = (self.predecessor, self.salt)
        if len(self.calls) == 1:
            return targets[0], amounts[0], payloads[0], *rest
        return targets, amounts, payloads, *rest
