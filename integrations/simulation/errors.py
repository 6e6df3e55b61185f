"""What a pool refuses, by kind; each error carries the reason with which the contract reverts."""

from __future__ import annotations


class PoolError(Exception):
    """An operation that the contract would revert; the model's state is as before.

    Args:
        reason: The contract's reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InputError(PoolError):
    """The call makes no sense: nothing to do, an index that does not exist, less sent than announced."""


class SlippageError(PoolError):
    """Less would be received, or more taken, than the caller allows."""


class LimitError(PoolError):
    """The pool's limits: imbalance, size, or liquidity that is not there."""


class DomainError(PoolError):
    """The invariant is not defined there: a value of zero, or values further apart than about 1e9 : 1."""


class ParameterError(PoolError):
    """A parameter outside its bounds, or a ramp too fast."""
