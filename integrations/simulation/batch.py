"""Many swaps at once, compiled: exactly what `StableSwapModel.exchange` gives one by one.

    result = run_swaps(pool, sold=[0, 1], amounts=[10**21, 2 * 10**21], times=[now + 12, now + 24])
    result.bought          # [999…, 1999…]

Swaps inside the compiled domain (docs/simulation.md) take about a microsecond; for any other the pool's model
in Python takes over, and then hands back. The first call in an environment compiles for some ten seconds;
what was compiled is kept in the project's `.cache` folder, or where NUMBA_CACHE_DIR says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numba import config, njit
from numpy.typing import ArrayLike, NDArray

from . import compiled_swap as kernel
from .errors import InputError, PoolError
from .stableswap_model import StableSwapModel
from .state import PoolState

Words = NDArray[np.uint64]

_LOW = 2**64 - 1


@dataclass(frozen=True)
class SwapBatch:
    """What a batch of swaps came to; arrays have one row a swap, zero where it was refused.

    Attributes:
        bought_limbs: Amount bought, token units, as high and low 64-bit limb: shape (n, 2).
        fee_limbs: The whole fee, a value (18 decimals) in the coin bought: shape (n, 2).
        protocol_fee_limbs: The protocol's part, token units: shape (n, 2).
        refused: The contract's reason by index of each swap that would have reverted.
        in_python: How many were outside the compiled domain.
    """

    bought_limbs: Words
    fee_limbs: Words
    protocol_fee_limbs: Words
    refused: dict[int, str] = field(default_factory=dict)
    in_python: int = 0

    @property
    def bought(self) -> list[int]:
        """Amounts bought, token units."""
        return from_limbs(self.bought_limbs)

    @property
    def fees(self) -> list[int]:
        """Fees, values at 18 decimals in the coin bought."""
        return from_limbs(self.fee_limbs)

    @property
    def protocol_fees(self) -> list[int]:
        """The protocol's part of fees, token units."""
        return from_limbs(self.protocol_fee_limbs)


@dataclass(frozen=True)
class Orders:
    """Swaps to run through one pool, in this order; see `run_swaps`."""

    sold: ArrayLike
    amounts: Sequence[int] | Words
    times: ArrayLike | None = None
    assets: ArrayLike | None = None


def to_limbs(values: Sequence[int]) -> Words:
    """Integers below 2^128 as high and low limb: shape (n, 2).

    Raises:
        OverflowError: One is larger, or negative.
    """
    if any(value < 0 or value >> 128 for value in values):
        raise OverflowError("amounts have at most 128 bits, and no sign")
    return np.array([(value >> 64, value & _LOW) for value in values], dtype=np.uint64).reshape(-1, 2)


def from_limbs(limbs: Words) -> list[int]:
    """The integers again."""
    return [(high << 64) + low for high, low in limbs.tolist()]


def run_swaps(
    pool: StableSwapModel,
    sold: ArrayLike,
    amounts: Sequence[int] | Words,
    times: ArrayLike | None = None,
    assets: ArrayLike | None = None,
) -> SwapBatch:
    """Swap after swap through one pool, left in the state after the last; a refused one changes nothing.

    Args:
        pool: The pool; its clock and prices of shares follow the arrays.
        sold: Coin sold by each swap, 0 or 1: shape (n,).
        amounts: Amount sold by each, token units: integers, or limbs of shape (n, 2).
        times: Unix time of each, never falling: shape (n,). By default all happen at the pool's time.
        assets: Assets of one share of each coin at each swap, 1e18, below 2^64: shape (n, 2). By default as
            they are.

    Raises:
        ValueError: Shapes differ, a coin is neither 0 nor 1, or time runs backwards.
    """
    coins = np.asarray(sold, dtype=np.int64)
    limbs = amounts if isinstance(amounts, np.ndarray) else to_limbs(amounts)
    clock = np.full(len(coins), pool.time, np.uint64) if times is None else np.asarray(times, dtype=np.uint64)
    prices = np.zeros((0, 2), np.uint64) if assets is None else np.asarray(assets, dtype=np.uint64)
    _check(pool, coins, limbs, clock, prices if assets is not None else None)

    results = np.zeros((len(coins), 6), np.uint64)
    status = np.zeros(len(coins), np.uint8)
    refused: dict[int, str] = {}
    in_python = 0
    done = 0
    row = _loaded(pool)
    while done < len(coins):
        if row is not None:
            done = _compiled(row, coins, limbs, clock, prices, done, results, status)
            _unload(row, pool.state)
        if done == len(coins):
            break
        pool.time = int(clock[done])
        if len(prices):
            pool.assets = prices[done].tolist()
        _one_in_python(pool, int(coins[done]), limbs[done].tolist(), results[done], refused, done)
        in_python += 1
        done += 1
        row = _loaded(pool)
    if len(coins):
        pool.time = int(clock[-1])
        if len(prices):
            pool.assets = prices[-1].tolist()
    zero = InputError("zero amount").reason
    refused.update((int(k), zero) for k in np.flatnonzero(status == kernel.ZERO_AMOUNT))
    return SwapBatch(
        results[:, 0:2], results[:, 2:4], results[:, 4:6], dict(sorted(refused.items())), in_python
    )


def run_pools(
    pools: Sequence[StableSwapModel], orders: Sequence[Orders], threads: int = 1
) -> list[SwapBatch]:
    """Each pool's orders, on several threads: the compiled part holds no interpreter lock.

    Raises:
        ValueError: As `run_swaps`, or there are not as many orders as pools.
    """
    if len(pools) != len(orders):
        raise ValueError("as many orders as pools are needed")

    def one(pool: StableSwapModel, order: Orders) -> SwapBatch:
        return run_swaps(pool, order.sold, order.amounts, order.times, order.assets)

    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(one, pools, orders))


def _check(
    pool: StableSwapModel, coins: NDArray[np.int64], limbs: Words, clock: Words, prices: Words | None
) -> None:
    count = len(coins)
    if (
        limbs.shape != (count, 2)
        or clock.shape != (count,)
        or (prices is not None and prices.shape != (count, 2))
    ):
        raise ValueError("one amount, one time and two prices are needed for each swap")
    if count and not np.isin(coins, (0, 1)).all():
        raise ValueError("coins are 0 and 1")
    if count and (clock[0] < pool.state.price_time or (clock[1:] < clock[:-1]).any()):
        raise ValueError("time does not run backwards")


def _one_in_python(
    pool: StableSwapModel, sold: int, amount: list[int], result: Words, refused: dict[int, str], index: int
) -> None:
    try:
        swap = pool.exchange(sold, 1 - sold, (amount[0] << 64) + amount[1])
    except PoolError as error:
        refused[index] = error.reason
        return
    result[:] = to_limbs((swap.dy, swap.fee, swap.protocol_fee)).reshape(-1)


#: Fields of the state that are one word each.
_FIELDS = (
    (kernel.PRICE_TIME, "price_time"),
    (kernel.EMA_PRICE, "ema_price"),
    (kernel.SURCHARGE, "surcharge"),
    (kernel.RATIO, "ratio"),
    (kernel.INITIAL_A, "initial_a"),
    (kernel.FUTURE_A, "future_a"),
    (kernel.INITIAL_A_TIME, "initial_a_time"),
    (kernel.FUTURE_A_TIME, "future_a_time"),
    (kernel.FEE, "fee"),
    (kernel.OFFPEG, "multiplier"),
    (kernel.MA_EXP_TIME, "ma_exp_time"),
)


def _loaded(pool: StableSwapModel) -> Words | None:
    """A pool as the kernel wants it; None where a price of a share is beyond it."""
    if max(pool.assets) > _LOW or min(pool.assets) <= 0:
        return None
    parameters, state = pool.parameters, pool.state
    row = np.zeros(kernel.WIDTH, np.uint64)
    rates = pool.terms().rates
    if max(rates) >> 127:
        return None
    for coin in (0, 1):
        for at, value in (
            (kernel.BALANCE, state.balances[coin]),
            (kernel.ADMIN, state.admin_balances[coin]),
            (kernel.RATE, rates[coin]),
            (kernel.MULTIPLIER, parameters.multipliers[coin]),
        ):
            row[at + 2 * coin] = value >> 64
            row[at + 2 * coin + 1] = value & _LOW
        row[kernel.ASSETS + coin] = pool.assets[coin]
    for at, name in _FIELDS:
        row[at] = getattr(state, name)
    row[kernel.RATED] = any(parameters.vaults)
    row[kernel.SHIFT] = parameters.ratio_shift
    row[kernel.NEW_RATIO] = pool.ratio()
    return row


def _unload(row: Words, state: PoolState) -> None:
    """Write back what swaps change."""
    words = row.tolist()
    for coin in (0, 2):
        state.balances[coin // 2] = (words[kernel.BALANCE + coin] << 64) + words[kernel.BALANCE + coin + 1]
        state.admin_balances[coin // 2] = (words[kernel.ADMIN + coin] << 64) + words[kernel.ADMIN + coin + 1]
    for at, name in _FIELDS[:4]:
        setattr(state, name, words[at])


@contextmanager
def _project_cache() -> Iterator[None]:
    """While a function is declared, have numba keep it in the project's own folder.

    numba notices only changes of the file that a function stands in, so the folder is named by all of them.
    """
    here = Path(__file__).parent
    root = here.parents[1]
    before = config.CACHE_DIR
    if not before and (root / "pyproject.toml").is_file():
        digest = hashlib.sha256()
        for name in ("compiled_math.py", "compiled_swap.py", "limbs.py", "stableswap_math.py"):
            digest.update((here / name).read_bytes())
        config.CACHE_DIR = str(root / ".cache" / "numba" / digest.hexdigest()[:16])
    try:
        yield
    finally:
        config.CACHE_DIR = before


with _project_cache():
    _compiled: Any = njit(cache=True, nogil=True)(kernel.run)
