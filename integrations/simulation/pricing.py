"""What an operation on a pool comes to: pure functions that serve quotes and execution alike.

Amounts are in token units, values in the common 18-decimal unit (`⌊balance·rate/1e18⌋`), fee rates in 1e10.
Names and steps are those of docs/pool.md, sections "Swap", "Exact output" and "Liquidity".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from .errors import InputError, LimitError
from .stableswap_math import FEE_DENOMINATOR, MAX_FEE, WAD, fee_rate, invariant, other_value

MAX_IMBALANCE = 10**9
MAX_VALUE = 10**32
MAX_BALANCE = 2**112 - 1
PPM_IN_FEE = 10_000
#: Rounds of the search for an exact output.
_ROUNDS = 64


class Terms(NamedTuple):
    """A pool at one moment, as far as prices depend on it.

    Attributes:
        balances: What belongs to the liquidity providers.
        rates: Value of a token unit, 1e18.
        ann: `2·A`, scaled by 100, of now.
        fee: Fee at the peg.
        multiplier: Off-peg multiplier, 1e10.
        surcharge: After a jump of a vault's price, ppm.
        supply: LP tokens.
    """

    balances: tuple[int, int]
    rates: tuple[int, int]
    ann: int
    fee: int
    multiplier: int
    surcharge: int
    supply: int

    @property
    def values(self) -> tuple[int, int]:
        """Values of both coins."""
        return self.balances[0] * self.rates[0] // WAD, self.balances[1] * self.rates[1] // WAD


class Swap(NamedTuple):
    """A swap.

    Attributes:
        dy: Paid out.
        net: Its value, rounded less.
        fee: Value, in the coin paid out.
        rate: Of the fee.
        d: The invariant before.
    """

    dy: int
    net: int
    fee: int
    rate: int
    d: int


# a named tuple's own constructor takes three times as long, which counts here
_swap = partial(tuple.__new__, Swap)


class Change(NamedTuple):
    """A move from the pool's balances to others, in unequal proportion.

    Attributes:
        coin: That pays the fee.
        fee: Value.
        d0: The invariant before.
        d1: After, before fees.
        d2: After all fees.
    """

    coin: int
    fee: int
    d0: int
    d1: int
    d2: int


class OneCoin(NamedTuple):
    """A withdrawal in one coin.

    Attributes:
        dy: Paid out.
        fee: Value, in that coin.
        d0: The invariant before.
        d2: Its part that remains.
    """

    dy: int
    fee: int
    d0: int
    d2: int


def swap(terms: Terms, i: int, dx: int, d: int = 0) -> Swap:
    """Sell `dx` of coin `i` for the other.

    Args:
        terms: The pool.
        i: Coin sold.
        dx: Amount sold.
        d: The invariant, if it is known.
    """
    (b0, b1), (r0, r1), ann, at_peg, multiplier, surcharge, _ = terms
    x0, x1 = b0 * r0 // WAD, b1 * r1 // WAD
    d = d or invariant(x0, x1, ann)
    if i:
        x, y, total, rate_in, rate_out = x1, x0, b1 + dx, r1, r0
    else:
        x, y, total, rate_in, rate_out = x0, x1, b0 + dx, r0, r1
    if dx > MAX_BALANCE or total > MAX_BALANCE:
        raise LimitError("balance cap")
    x_after = total * rate_in // WAD
    if x_after > MAX_VALUE:
        raise LimitError("balance cap")
    y_after = other_value(x_after, d, ann)
    if x_after > MAX_IMBALANCE * y_after or y_after > MAX_IMBALANCE * x_after:
        check_imbalance(x_after, y_after, x, y)
    rate = fee_rate(x + x_after >> 1, y + y_after >> 1, at_peg, multiplier, PPM_IN_FEE * surcharge)
    gross = y - y_after
    fee = -(-gross * rate // FEE_DENOMINATOR)
    net = gross - fee
    return _swap((net * WAD // rate_out, net, fee, rate, d))


def least_input(terms: Terms, i: int, out: int) -> int:
    """The least amount of coin `i` whose swap pays out `out` or more of the other.

    The fee's rate decides how much is needed and that decides the rate: from the lowest rate there is,
    amounts rise to the least solution. Where rates fall as amounts grow, it may lie between two rates and is
    bisected.

    Raises:
        LimitError: There is none.
        PoolError: An amount on the way is refused as a swap's would be.
    """
    j = 1 - i
    if out > terms.balances[j]:
        raise LimitError("out too large")
    available = terms.values[j]
    d = invariant(*terms.values, terms.ann)
    target = -(-out * terms.rates[j] // WAD)
    low, high = 0, 0
    rate = min(terms.fee + PPM_IN_FEE * terms.surcharge, MAX_FEE)
    for _ in range(_ROUNDS):
        gross = -(-target * FEE_DENOMINATOR // (FEE_DENOMINATOR - rate))
        if gross >= available:
            raise LimitError("out too large")
        y = available - gross
        x = other_value(y, d, terms.ann)
        if x > MAX_IMBALANCE * y:
            raise LimitError("out too large")
        dx = max(1, -(-x * WAD // terms.rates[i]) - terms.balances[i])
        if dx <= low or (high and dx >= high):
            break
        quote = swap(terms, i, dx, d)
        if quote.net >= target:
            high = dx
        else:
            low = dx
        if quote.rate == rate:
            return dx
        rate = quote.rate
    if not high:
        raise LimitError("out too large")
    while high - low > 1:
        middle = (low + high) // 2
        if swap(terms, i, middle, d).net >= target:
            high = middle
        else:
            low = middle
    return high


def change(terms: Terms, balances: tuple[int, int], d0: int) -> Change:
    """Move to other balances, by a deposit or a withdrawal of any amounts.

    Args:
        terms: The pool before.
        balances: After the amounts have moved.
        d0: The invariant before.
    """
    old, new = terms.values, values_of(balances, terms.rates)
    check_cap(balances, new)
    check_imbalance(*new, *old)
    d1 = invariant(*new, terms.ann)
    ideal = (old[0] * d1 // d0, old[1] * d1 // d0)
    j = 0 if new[0] * old[1] < new[1] * old[0] else 1
    fee = 0
    if ideal[j] > new[j]:
        u, v = (ideal[0] + new[0]) // 2, (ideal[1] + new[1]) // 2
        rate = fee_rate(u, v, terms.fee, terms.multiplier, PPM_IN_FEE * terms.surcharge)
        fee = -(-(ideal[j] - new[j]) * rate // (FEE_DENOMINATOR - rate))
    if not fee:
        return Change(j, 0, d0, d1, d1)
    if fee >= new[j]:
        raise LimitError("imbalance")
    left = (new[0] - fee, new[1]) if j == 0 else (new[0], new[1] - fee)
    check_imbalance(*left, *old)
    return Change(j, fee, d0, d1, invariant(*left, terms.ann))


def minted(terms: Terms, balances: tuple[int, int], moved: Change, room: int) -> int:
    """LP tokens for a deposit (down): the part of the fee that stays belongs to the others alone.

    Args:
        terms: The pool before.
        balances: After the amounts have moved.
        moved: What the move came to.
        room: See `protocol_cut`.
    """
    j, d3 = moved.coin, moved.d1
    if moved.fee:
        kept = list(balances)
        kept[j] -= protocol_cut(moved.fee, terms.rates[j], room)
        d3 = invariant(*values_of(kept, terms.rates), terms.ann)
    if moved.d2 <= moved.d0:
        raise LimitError("zero shares")
    shares = terms.supply * (moved.d2 - moved.d0) // (moved.d0 + d3 - moved.d2)
    if not shares:
        raise LimitError("zero shares")
    return shares


def burned(terms: Terms, moved: Change) -> int:
    """LP tokens for a withdrawal of unequal amounts (up)."""
    return -(-terms.supply * (moved.d0 - moved.d2) // moved.d0)


def one_coin(terms: Terms, burn: int, i: int) -> OneCoin:
    """Burn LP tokens for coin `i`: a balanced removal, then a swap of the other coin at what remains."""
    j = 1 - i
    x = terms.values
    d0 = invariant(*x, terms.ann)
    if burn <= 0:
        raise InputError("zero amount")
    supply, kept = terms.supply, terms.supply - burn
    d2 = -(-d0 * kept // supply)
    y = other_value(x[j], d2, terms.ann)
    check_imbalance(y, x[j], x[i], x[j])
    ideal_i, ideal_j = -(-x[i] * kept // supply), -(-x[j] * kept // supply)
    gross = max(0, ideal_i - y)
    u, v = (ideal_i + y) // 2, (ideal_j + x[j]) // 2
    rate = fee_rate(u, v, terms.fee, terms.multiplier, PPM_IN_FEE * terms.surcharge)
    fee = -(-gross * rate // FEE_DENOMINATOR)
    return OneCoin(max(0, x[i] - y - fee) * WAD // terms.rates[i], fee, d0, d2)


def values_of(balances: Sequence[int], rates: Sequence[int]) -> tuple[int, int]:
    """Values of two balances."""
    return balances[0] * rates[0] // WAD, balances[1] * rates[1] // WAD


def protocol_cut(fee: int, rate: int, room: int) -> int:
    """The protocol's half of a fee, from a value to token units (down), as far as there is `room`."""
    return min(fee * WAD // (2 * rate), room)


def check_cap(balances: Sequence[int], values: Sequence[int]) -> None:
    """Refuse balances that the pool cannot hold.

    Raises:
        LimitError: A balance or a value is too large.
    """
    if max(values) > MAX_VALUE or max(balances) > MAX_BALANCE:
        raise LimitError("balance cap")


def check_imbalance(u: int, v: int, u_before: int, v_before: int) -> None:
    """Refuse values `u`, `v` too far apart, unless they are nearer than before.

    Raises:
        LimitError: They are too far apart.
    """
    low, high = (u, v) if u < v else (v, u)
    if high > MAX_IMBALANCE * low:
        low_before, high_before = sorted((u_before, v_before))
        if high * low_before >= high_before * low:
            raise LimitError("imbalance")
