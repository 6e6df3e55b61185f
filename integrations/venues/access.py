"""How an adapter reaches a chain: views in batches, transactions one at a time.

Ape is one way, the node of a scenario another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from integrations.protocol.errors import translated

#: A contract's method and its arguments.
Read = tuple[Any, ...]


@dataclass(frozen=True)
class Sent:
    """A transaction that went through."""

    gas: int
    transaction: str


class Access(Protocol):
    """A chain, as far as adapters need it."""

    def now(self) -> int:
        """The time at which a transaction sent now would happen, Unix."""
        ...

    def seen(self) -> int:
        """The time that views see, Unix: of the latest block."""
        ...

    def chain_id(self) -> int:
        """Which chain it is."""
        ...

    def read(self, reads: Sequence[Read]) -> list[Any]:
        """What views return, all as of the same block.

        Raises:
            RevertedError: One of them reverts.
        """
        ...

    def send(self, sender: Any, method: Any, *arguments: Any) -> Sent:
        """Have an account call a method.

        Raises:
            RevertedError: The contract refuses.
        """
        ...


class ApeAccess:
    """The connected network, through Ape."""

    def now(self) -> int:
        """See `Access`."""
        from ape import chain

        return int(chain.pending_timestamp)

    def seen(self) -> int:
        """See `Access`."""
        from ape import chain

        return int(chain.blocks.head.timestamp)

    def chain_id(self) -> int:
        """See `Access`."""
        from ape import chain

        return int(chain.chain_id)

    def read(self, reads: Sequence[Read]) -> list[Any]:
        """See `Access`."""
        from ape import chain

        with translated():
            # on a chain that moves meanwhile, all reads are of this block
            block = chain.blocks.height
            # without a trace of a refusal: one of a quote that crosses the whole range of a pool is gigabytes
            return [method(*arguments, block_id=block, skip_trace=True) for method, *arguments in reads]

    def send(self, sender: Any, method: Any, *arguments: Any) -> Sent:
        """See `Access`."""
        with translated():
            receipt = method(*arguments, sender=sender)
        return Sent(int(receipt.gas_used), str(receipt.txn_hash))
