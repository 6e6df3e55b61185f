"""What a Uniswap v3 pool computes, in Python integers and to the last unit.

Source: the formulas of Uniswap v3's core. Prices are square roots of token 1 units for one token 0 unit,
64.96 fixed point (`root`); tick t is the price 1.0001^t. Amounts are token units. `_down` and `_up` say how a
division rounds.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

Q96 = 2**96
Q128 = 2**128
MAX_256 = 2**256 - 1
LEAST_TICK, MOST_TICK = -887_272, 887_272
#: Fees are in these parts.
MILLION = 10**6


def _powers() -> tuple[int, ...]:
    """1.0001^(−2^k/2) for k = 0 … 19, 128 fractional bits, to the nearest."""
    with localcontext() as context:
        context.prec = 100
        base = Decimal("1.0001")
        exact = (Decimal(Q128) / (base ** (2**k)).sqrt() for k in range(20))
        return tuple(int(one.to_integral_value(ROUND_HALF_EVEN)) for one in exact)


POWERS = _powers()


@lru_cache(maxsize=4_096)
def root_at(tick: int) -> int:
    """Root of the price at a tick, rounded up to 96 fractional bits.

    Raises:
        ValueError: The tick is out of range.
    """
    if not LEAST_TICK <= tick <= MOST_TICK:
        raise ValueError(f"tick {tick} is out of range")
    ratio = Q128
    for k, power in enumerate(POWERS):
        if abs(tick) >> k & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = MAX_256 // ratio
    return -(-ratio >> 32)


LEAST_ROOT, MOST_ROOT = root_at(LEAST_TICK), root_at(MOST_TICK)


def tick_at(root: int) -> int:
    """The last tick whose price is not above a root's."""
    low, high = LEAST_TICK, MOST_TICK
    while low < high:
        middle = -(-(low + high) // 2)
        low, high = (middle, high) if root_at(middle) <= root else (low, middle - 1)
    return low


def amount0_down(a: int, b: int, liquidity: int) -> int:
    """Token 0 between two roots, a ≤ b."""
    return (liquidity << 96) * (b - a) // b // a


def amount0_up(a: int, b: int, liquidity: int) -> int:
    """Token 0 between two roots, a ≤ b."""
    return _ceil(_ceil((liquidity << 96) * (b - a), b), a)


def amount1_down(a: int, b: int, liquidity: int) -> int:
    """Token 1 between two roots, a ≤ b."""
    return liquidity * (b - a) // Q96


def amount1_up(a: int, b: int, liquidity: int) -> int:
    """Token 1 between two roots, a ≤ b."""
    return _ceil(liquidity * (b - a), Q96)


def root_after_input(root: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    """Where an amount paid in moves the price, rounded so that it moves no further than paid for."""
    if not zero_for_one:
        return root + (amount << 96) // liquidity
    return _after_amount0(root, liquidity, amount) if amount else root


def root_after_output(root: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    """Where an amount paid out moves the price, rounded so that it moves far enough."""
    if zero_for_one:
        return root - _ceil(amount << 96, liquidity)
    held = liquidity << 96
    return _ceil(held * root, held - amount * root)


def step(root: int, target: int, liquidity: int, remaining: int, fee: int) -> tuple[int, int, int, int]:
    """One stretch of a swap, over which liquidity is the same.

    Args:
        root: Where it starts.
        target: Where it ends at the latest; below `root` if token 0 is sold.
        liquidity: In range.
        remaining: What is still to be paid in, fee included; negative: still to be paid out.
        fee: In millionths.

    Returns:
        Where it ends; what is paid in without the fee; what is paid out; the fee.
    """
    zero_for_one = root >= target
    low, high = sorted((root, target))
    pay_up, get_down = (amount0_up, amount1_down) if zero_for_one else (amount1_up, amount0_down)
    if remaining >= 0:
        net = remaining * (MILLION - fee) // MILLION
        reached = net >= pay_up(low, high, liquidity)
        end = target if reached else root_after_input(root, liquidity, net, zero_for_one)
    else:
        reached = -remaining >= get_down(low, high, liquidity)
        end = target if reached else root_after_output(root, liquidity, -remaining, zero_for_one)
    low, high = sorted((root, end))
    paid, got = pay_up(low, high, liquidity), get_down(low, high, liquidity)
    if remaining < 0:
        got = min(got, -remaining)
    if remaining >= 0 and end != target:
        return end, paid, got, remaining - paid
    return end, paid, got, _ceil(paid * fee, MILLION - fee)


def liquidity_for(root: int, low: int, high: int, amount0: int, amount1: int) -> int:
    """The most liquidity that amounts give between two roots, rounded as the periphery does."""

    def of0(a: int, b: int) -> int:
        return amount0 * (a * b // Q96) // (b - a)

    def of1(a: int, b: int) -> int:
        return amount1 * Q96 // (b - a)

    if root <= low:
        return of0(low, high)
    if root >= high:
        return of1(low, high)
    return min(of0(root, high), of1(low, root))


def amounts_down(root: int, low: int, high: int, liquidity: int) -> tuple[int, int]:
    """What liquidity between two roots is at a price: what taking it out pays."""
    at = min(max(root, low), high)
    return amount0_down(at, high, liquidity), amount1_down(low, at, liquidity)


def amounts_up(root: int, low: int, high: int, liquidity: int) -> tuple[int, int]:
    """What liquidity between two roots takes at a price: what putting it in costs."""
    at = min(max(root, low), high)
    return amount0_up(at, high, liquidity), amount1_up(low, at, liquidity)


def _after_amount0(root: int, liquidity: int, amount: int) -> int:
    held = liquidity << 96
    if amount * root <= MAX_256 and held + amount * root <= MAX_256:
        return _ceil(held * root, held + amount * root)
    # where the product does not fit, the contract is less exact
    return _ceil(held, held // root + amount)


def _ceil(a: int, b: int) -> int:
    return -(-a // b)
