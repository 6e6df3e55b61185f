"""What a pool refuses, as types; each carries the reason with which the contract reverts."""

from __future__ import annotations

from typing import ClassVar


class PoolError(Exception):
    """An operation that the contract would revert; the model's state is as before.

    Attributes:
        reason: The contract's reason.
    """

    reason: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type[PoolError]]] = {}

    def __init__(self) -> None:
        super().__init__(self.reason)

    def __init_subclass__(cls) -> None:
        PoolError.kinds[cls.reason] = cls


class ImbalanceError(PoolError):
    """The coins' values would be further apart than 1e9 : 1, and further than before."""

    reason = "imbalance"


class BalanceCapError(PoolError):
    """A value would exceed 1e32, or a balance 2^112 − 1."""

    reason = "balance cap"


class ZeroSharesError(PoolError):
    """The deposit would mint nothing."""

    reason = "zero shares"


class OutTooLargeError(PoolError):
    """No input pays out that much."""

    reason = "out too large"


class NotReceivedError(PoolError):
    """Less has arrived than was announced."""

    reason = "not received"


class OutOfDomainError(PoolError):
    """The invariant is not defined there: a value of zero, or values further apart than 1e9 : 1."""

    reason = "out of domain"


class ZeroAmountError(PoolError):
    """Nothing to do."""

    reason = "zero amount"


class SlippageError(PoolError):
    """Less would be received, or more taken, than the caller allows."""

    reason = "slippage"


class BadIndexError(PoolError):
    """Coins are 0 and 1, and a swap is between both."""

    reason = "bad index"
