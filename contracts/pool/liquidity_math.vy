# pragma version 0.4.3
"""
@title Liquidity: a proportional part and an implied swap
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Fees of deposits and withdrawals in unequal amounts: the part of an operation
        that is not proportional is a swap, and pays what that swap would pay.
        Formulas and their order: docs/pool.md.
@dev Pure: the state comes in as a struct.
"""

from . import pool_state
from . import reasons
from . import stableswap_math as math
from . import swap_math


# unequal amounts, in or out
struct Change:
    # invariants: before; after, free of fees; after all fees; after the protocol's fee
    d0: uint256
    d1: uint256
    d2: uint256
    d3: uint256
    # the coin that pays the fee, and both in token units
    short: uint256
    fee: uint256
    admin: uint256


struct OneCoin:
    # what is paid out and the protocol's fee, token units
    dy: uint256
    admin: uint256


WAD: constant(uint256) = 10**18
FEE_ONE: constant(uint256) = 10**10
PPM_IN_FEE: constant(uint256) = 10**4
MAX_VALUE: constant(uint256) = 10**32
MAX_BALANCE: constant(uint256) = 2**112 - 1


@internal
@pure
def _change(_state: pool_state.State, _balances: uint256[2], _with_d3: bool) -> Change:
    """
    @notice Compute what a move from the state's balances to others charges.
    @param _state The pool, with its invariant; its supply is not zero.
    @param _balances New balances, token units.
    @param _with_d3 Whether d3 is needed.
    @return Invariants, 18 decimals, rounded down, and the fee, token units.
    @custom:reverts "balance cap", "imbalance", "out of domain".
    """
    old: uint256[2] = _state.values
    new: uint256[2] = self._values(_state, _balances)
    swap_math._check_imbalance(new[0], new[1], old[0], old[1])
    d1: uint256 = math._invariant(new[0], new[1], _state.ann)
    change: Change = Change(d0=_state.d, d1=d1, d2=d1, d3=d1, short=0, fee=0, admin=0)

    # values and invariants are below 2^112
    if unsafe_mul(new[0], old[1]) >= unsafe_mul(new[1], old[0]):
        change.short = 1
    ideal: uint256[2] = [
        unsafe_div(unsafe_mul(old[0], d1), _state.d), unsafe_div(unsafe_mul(old[1], d1), _state.d)
    ]
    j: uint256 = change.short
    if ideal[j] > new[j]:
        shortfall: uint256 = unsafe_sub(ideal[j], new[j])
        net: uint256[2] = new
        fee: uint256 = 0
        # The implied swap ends where its fee has been taken: the second round knows the fee.
        for _: uint256 in range(2):
            rate: uint256 = math._fee_rate(
                unsafe_add(ideal[0], net[0]) >> 1,
                unsafe_add(ideal[1], net[1]) >> 1,
                _state.fee,
                _state.multiplier,
                unsafe_mul(_state.surcharge, PPM_IN_FEE),
            )
            left: uint256 = unsafe_sub(FEE_ONE, rate)
            # 2^112 * 2^33, rounded up; the rate is at most a half
            fee = unsafe_div(unsafe_add(unsafe_mul(shortfall, rate), unsafe_sub(left, 1)), left)
            reasons._require(fee < new[j], reasons.IMBALANCE)
            net[j] = unsafe_sub(new[j], fee)
        if fee != 0:
            new = net
            swap_math._check_imbalance(new[0], new[1], old[0], old[1])
            change.d2 = math._invariant(new[0], new[1], _state.ann)
            change.fee = unsafe_div(unsafe_mul(fee, WAD), _state.rates[j])
            change.admin = swap_math._admin_part(fee, _state.rates[j], _state.admin[j])
            if _with_d3:
                # the protocol's part is at most half the fee, which is below the new value
                new[j] = unsafe_div(unsafe_sub(_balances[j], change.admin) * _state.rates[j], WAD)
                change.d3 = math._invariant(new[0], new[1], _state.ann)
    return change


@internal
@pure
def _values(_state: pool_state.State, _balances: uint256[2]) -> uint256[2]:
    """
    @notice Compute the values of balances.
    @param _state The pool, for its rates.
    @param _balances Token units.
    @return 18 decimals, rounded down.
    @custom:reverts "balance cap".
    """
    reasons._require(
        _balances[0] <= MAX_BALANCE and _balances[1] <= MAX_BALANCE, reasons.BALANCE_CAP
    )
    values: uint256[2] = [
        unsafe_div(_balances[0] * _state.rates[0], WAD),
        unsafe_div(_balances[1] * _state.rates[1], WAD),
    ]
    reasons._require(values[0] <= MAX_VALUE and values[1] <= MAX_VALUE, reasons.BALANCE_CAP)
    return values


@internal
@pure
def _minted(_change: Change, _supply: uint256) -> uint256:
    """
    @notice Compute what a deposit mints: the part of its fee that stays is the others'.
    @param _change What the deposit charges, with d3.
    @param _supply LP wei before it.
    @return LP wei, rounded down, not zero.
    @custom:reverts "zero shares".
    """
    reasons._require(_change.d2 > _change.d0, reasons.ZERO_SHARES)
    # all below 2^112, d3 >= d2
    minted: uint256 = unsafe_div(
        unsafe_mul(_supply, unsafe_sub(_change.d2, _change.d0)),
        unsafe_sub(unsafe_add(_change.d0, _change.d3), _change.d2),
    )
    reasons._require(minted != 0, reasons.ZERO_SHARES)
    return minted


@internal
@pure
def _burned(_change: Change, _supply: uint256) -> uint256:
    """
    @notice Compute what a withdrawal of unequal amounts burns.
    @param _change What the withdrawal charges.
    @param _supply LP wei before it.
    @return LP wei, rounded up.
    """
    # all below 2^112, d2 <= d0
    return unsafe_div(
        unsafe_add(
            unsafe_mul(_supply, unsafe_sub(_change.d0, _change.d2)), unsafe_sub(_change.d0, 1)
        ),
        _change.d0,
    )


@internal
@pure
def _one_coin(_state: pool_state.State, _supply: uint256, _burn: uint256, _i: uint256) -> OneCoin:
    """
    @notice Compute what burning pays out in one coin: a balanced withdrawal, and a swap of the other
            coin at what remains.
    @param _state The pool, with its invariant.
    @param _supply LP wei before it.
    @param _burn LP wei, below the supply.
    @param _i 0 or 1: the coin that is paid out.
    @return What is paid and the protocol's fee, token units, rounded down.
    @custom:reverts "zero amount", "imbalance", "out of domain".
    """
    reasons._require(_burn != 0, reasons.ZERO_AMOUNT)
    j: uint256 = unsafe_sub(1, _i)
    x: uint256 = _state.values[_i]
    other: uint256 = _state.values[j]
    kept: uint256 = unsafe_sub(_supply, _burn)
    y: uint256 = math._other_value(other, self._share_up(_state.d, kept, _supply), _state.ann)
    swap_math._check_imbalance(other, y, other, x)

    ideal: uint256 = self._share_up(x, kept, _supply)
    rate: uint256 = math._fee_rate(
        unsafe_add(ideal, y) >> 1,
        unsafe_add(self._share_up(other, kept, _supply), other) >> 1,
        _state.fee,
        _state.multiplier,
        unsafe_mul(_state.surcharge, PPM_IN_FEE),
    )
    gross: uint256 = unsafe_sub(max(ideal, y), y)
    # 2^112 * 2^33, rounded up; at most half of gross
    fee: uint256 = unsafe_div(unsafe_add(unsafe_mul(gross, rate), FEE_ONE - 1), FEE_ONE)
    taken: uint256 = unsafe_add(y, fee)
    net: uint256 = unsafe_sub(max(x, taken), taken)
    return OneCoin(
        dy=unsafe_div(unsafe_mul(net, WAD), _state.rates[_i]),
        admin=swap_math._admin_part(fee, _state.rates[_i], _state.admin[_i]),
    )


@internal
@pure
def _share_up(_amount: uint256, _part: uint256, _whole: uint256) -> uint256:
    """
    @notice Compute amount * part / whole.
    @param _amount Below 2^112.
    @param _part Below 2^112.
    @param _whole Not zero.
    @return In the amount's unit, rounded up.
    """
    # factors below 2^112, whole is not zero
    return unsafe_div(unsafe_add(unsafe_mul(_amount, _part), unsafe_sub(_whole, 1)), _whole)
