# pragma version 0.4.3
"""
@title Swaps: one function for quotes and execution
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice What a swap pays and charges in a given state, and the least input that
        reaches a given output. Formulas and their order: docs/pool.md.
@dev Pure: the state comes in as a struct.
"""

from . import pool_state
from . import reasons
from . import stableswap_math as math


struct Quote:
    # what is paid out, token units
    dy: uint256
    # the protocol's part of the fee, token units
    admin: uint256
    # what is left after the fee, at 18 decimals
    net: uint256
    # the fee's rate, 1e10 = one
    rate: uint256


WAD: constant(uint256) = 10**18
FEE_ONE: constant(uint256) = 10**10
PPM_IN_FEE: constant(uint256) = 10**4
MAX_FEE_RATE: constant(uint256) = FEE_ONE // 2
MAX_ADMIN: constant(uint256) = 2**88 - 1
MAX_BALANCE: constant(uint256) = 2**112 - 1
MAX_VALUE: constant(uint256) = 10**32
MAX_IMBALANCE: constant(uint256) = 10**9
MAX_ROUNDS: constant(uint256) = 255


@internal
@pure
def _quote(_state: pool_state.State, _i: uint256, _dx: uint256) -> Quote:
    """
    @notice Compute a swap of `dx` units of coin i for the other coin.
    @param _state The pool, with its invariant.
    @param _i 0 or 1: the coin that is sold.
    @param _dx Token units.
    @return What it pays (rounded down) and charges (rounded up).
    @custom:reverts "balance cap", "imbalance", "out of domain".
    """
    j: uint256 = unsafe_sub(1, _i)
    if _dx > MAX_BALANCE:
        reasons._fail(reasons.BALANCE_CAP)
    # both below 2^112
    balance: uint256 = unsafe_add(_state.balances[_i], _dx)
    x: uint256 = unsafe_div(balance * _state.rates[_i], WAD)
    if balance > MAX_BALANCE or x > MAX_VALUE:
        reasons._fail(reasons.BALANCE_CAP)

    x_before: uint256 = _state.values[_i]
    y_before: uint256 = _state.values[j]
    y: uint256 = math._other_value(x, _state.d, _state.ann)
    self._check_imbalance(x, y, x_before, y_before)

    # values are below 2^112. y is the least that holds at x >= x_before, where y_before held
    rate: uint256 = math._fee_rate(
        unsafe_add(x_before, x) >> 1,
        unsafe_add(y_before, y) >> 1,
        _state.fee,
        _state.multiplier,
        unsafe_mul(_state.surcharge, PPM_IN_FEE),
    )
    gross: uint256 = unsafe_sub(y_before, y)
    # 2^112 * 2^33; at most a half of gross, rounded up
    fee: uint256 = unsafe_div(unsafe_add(unsafe_mul(gross, rate), FEE_ONE - 1), FEE_ONE)
    net: uint256 = unsafe_sub(gross, fee)
    return Quote(
        # 2^112 * 2^60; a rate is not zero where values are not
        dy=unsafe_div(unsafe_mul(net, WAD), _state.rates[j]),
        admin=self._admin_part(fee, _state.rates[j], _state.admin[j]),
        net=net,
        rate=rate,
    )


@internal
@pure
def _input_for(_state: pool_state.State, _i: uint256, _out: uint256) -> uint256:
    """
    @notice Find the least input of coin i whose swap pays at least `out` of the other coin.
    @dev The rate of the fee decides how much input is needed, and the input decides the rate:
         iterated from the lowest rate there is, the inputs rise to the least solution. Where
         rates fall with the input, a solution may lie between two rates and is bisected.
    @param _state The pool, with its invariant.
    @param _i 0 or 1: the coin that is sold.
    @param _out Token units of the other coin.
    @return Token units of coin i.
    @custom:reverts "out too large", and as `_quote`.
    """
    j: uint256 = unsafe_sub(1, _i)
    reasons._require(_out <= _state.balances[j], reasons.OUT_TOO_LARGE)
    # 2^112 * a rate: checked
    target: uint256 = (_out * _state.rates[j] + WAD - 1) // WAD
    low: uint256 = 0
    high: uint256 = max_value(uint256)
    rate: uint256 = min(
        unsafe_add(_state.fee, unsafe_mul(_state.surcharge, PPM_IN_FEE)), MAX_FEE_RATE
    )
    for _: uint256 in range(MAX_ROUNDS):
        dx: uint256 = self._input_at_rate(_state, _i, target, rate)
        if dx <= low or dx >= high:
            break
        quote: Quote = self._quote(_state, _i, dx)
        if quote.net >= target:
            high = dx
        else:
            low = dx
        if quote.rate == rate:
            return dx
        rate = quote.rate
    reasons._require(high != max_value(uint256), reasons.OUT_TOO_LARGE)

    for _: uint256 in range(256):
        if unsafe_sub(high, low) <= 1:
            break
        # both below 2^112
        middle: uint256 = unsafe_add(low, high) >> 1
        quote: Quote = self._quote(_state, _i, middle)
        if quote.net >= target:
            high = middle
        else:
            low = middle
    return high


@internal
@pure
def _input_at_rate(
    _state: pool_state.State, _i: uint256, _target: uint256, _rate: uint256
) -> uint256:
    """
    @notice Find the least input that leaves `target` after a fee of a given rate.
    @param _state The pool, with its invariant.
    @param _i 0 or 1: the coin that is sold.
    @param _target Value of the other coin, 18 decimals.
    @param _rate Of the fee, 1e10 = one, at most a half.
    @return Token units of coin i, rounded up, at least one.
    @custom:reverts "out too large", "out of domain".
    """
    j: uint256 = unsafe_sub(1, _i)
    # 2^112 * 2^34; the rate is at most a half
    left: uint256 = unsafe_sub(FEE_ONE, _rate)
    gross: uint256 = unsafe_div(unsafe_add(unsafe_mul(_target, FEE_ONE), unsafe_sub(left, 1)), left)
    reasons._require(gross < _state.values[j], reasons.OUT_TOO_LARGE)
    y: uint256 = unsafe_sub(_state.values[j], gross)
    # x * 1e18 is checked
    x: uint256 = math._other_value(y, _state.d, _state.ann)
    reasons._require(x <= unsafe_mul(MAX_IMBALANCE, y), reasons.OUT_TOO_LARGE)
    balance: uint256 = unsafe_div(x * WAD + unsafe_sub(_state.rates[_i], 1), _state.rates[_i])
    # a slack of the state may give away a unit: not for nothing
    return unsafe_sub(max(balance, unsafe_add(_state.balances[_i], 1)), _state.balances[_i])


@internal
@pure
def _admin_part(_fee: uint256, _rate: uint256, _admin: uint256) -> uint256:
    """
    @notice Compute the protocol's half of a fee, as far as its counter goes.
    @param _fee Value, 18 decimals, below 2^112.
    @param _rate Of the coin that pays it.
    @param _admin What has been counted of the coin, token units, below 2^88.
    @return Token units, rounded down.
    """
    # 2^112 * 2^60, twice a rate below 2^255
    return min(
        unsafe_div(unsafe_mul(_fee, WAD), unsafe_mul(2, _rate)), unsafe_sub(MAX_ADMIN, _admin)
    )


@internal
@pure
def _check_imbalance(_x: uint256, _y: uint256, _x_before: uint256, _y_before: uint256):
    """
    @notice Refuse values more unequal than 1e9 : 1, unless they were more so before.
    @param _x Value of one coin, below 2^112.
    @param _y Value of the other, below 2^112.
    @param _x_before Value of the first before the operation.
    @param _y_before Value of the other before it.
    @custom:reverts "imbalance".
    """
    high: uint256 = max(_x, _y)
    low: uint256 = min(_x, _y)
    # values below 2^112
    if high > unsafe_mul(MAX_IMBALANCE, low):
        reasons._require(
            unsafe_mul(high, min(_x_before, _y_before))
            < unsafe_mul(max(_x_before, _y_before), low),
            reasons.IMBALANCE,
        )
