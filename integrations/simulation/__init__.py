"""Pools without a chain: exact twins of the project's contracts, to simulate before money goes in.

`StableSwapModel` is the pool in Python integers, `run_swaps` and `run_pools` many swaps at once, compiled.
The latter two import numba, so they are loaded when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import DomainError, InputError, LimitError, ParameterError, PoolError, SlippageError
from .results import Deposit, Exchange, Withdrawal
from .stableswap_model import StableSwapModel
from .state import PoolParameters, PoolState

if TYPE_CHECKING:
    from .batch import Orders, SwapBatch, from_limbs, run_pools, run_swaps, to_limbs

_COMPILED = ("Orders", "SwapBatch", "from_limbs", "run_pools", "run_swaps", "to_limbs")

__all__ = [
    "Deposit",
    "DomainError",
    "Exchange",
    "InputError",
    "LimitError",
    "Orders",
    "ParameterError",
    "PoolError",
    "PoolParameters",
    "PoolState",
    "SlippageError",
    "StableSwapModel",
    "SwapBatch",
    "Withdrawal",
    "from_limbs",
    "run_pools",
    "run_swaps",
    "to_limbs",
]


def __getattr__(name: str) -> Any:
    if name in _COMPILED:
        from . import batch

        return getattr(batch, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
