# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Swaps of a pool, and what they would pay
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Each function sells one coin for the other. They differ in which amount is given, and in
        how the coins that are sold come into the pool.
@dev One internal function executes all of them: quotes and trades cannot differ.
"""

from ethereum.ercs import IERC20

from . import arguments
from . import pool_state
from . import reasons
from . import swap_math
from . import transfers

uses: pool_state


event TokenExchange:
    buyer: indexed(address)
    sold_id: int128
    tokens_sold: uint256
    bought_id: int128
    tokens_bought: uint256


# modes of a swap
GIVEN: constant(uint256) = 0
RECEIVED: constant(uint256) = 1
EXACT_OUT: constant(uint256) = 2


@external
def exchange(
    _i: int128,
    _j: int128,
    _dx: uint256,
    _min_dy: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Sell coin i for coin j.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Amount sold, token units, pulled from the caller.
    @param _min_dy Least amount bought, token units.
    @param _receiver Who gets it.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount bought, token units, rounded down.
    @custom:reverts "deadline passed", "bad index", "same coin", "zero amount", "min out", "imbalance",
                    "balance cap", "out of domain", "transfer failed", "short transfer".
    """
    return self._exchange(_i, _j, _dx, _min_dy, _receiver, _deadline, GIVEN)


@external
def exchange_received(
    _i: int128,
    _j: int128,
    _dx: uint256,
    _min_dy: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Sell what of coin i has been sent to the pool beforehand, all of it: whatever the pool
            holds beyond its accounts belongs to whoever calls first. Send and call in one
            transaction.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Least amount that must have arrived, token units.
    @param _min_dy Least amount bought, token units.
    @param _receiver Who gets it.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount bought, token units, rounded down.
    @custom:reverts "not received" and as `exchange`.
    """
    return self._exchange(_i, _j, _dx, _min_dy, _receiver, _deadline, RECEIVED)


@external
def exchange_exact_out(
    _i: int128,
    _j: int128,
    _dy: uint256,
    _max_dx: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Buy exactly `_dy` of coin j with the least amount of coin i that reaches it.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dy Amount bought, token units.
    @param _max_dx Most that may be sold, token units.
    @param _receiver Who gets what is bought.
    @param _deadline Last Unix time at which the trade may happen.
    @return Amount sold, token units.
    @custom:reverts "max in", "out too large" and as `exchange`.
    """
    return self._exchange(_i, _j, _dy, _max_dx, _receiver, _deadline, EXACT_OUT)


@external
@view
def get_dy(_i: int128, _j: int128, _dx: uint256) -> uint256:
    """
    @notice Quote what `exchange` of `_dx` would pay now.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dx Token units.
    @return Token units, rounded down.
    @custom:reverts As `exchange`.
    """
    i: uint256 = arguments._index(_i, _j)
    reasons._require(_dx != 0, reasons.ZERO_AMOUNT)
    quote: swap_math.Quote = swap_math._quote(pool_state._load(True), i, _dx)
    return quote.dy


@external
@view
def get_dx(_i: int128, _j: int128, _dy: uint256) -> uint256:
    """
    @notice Quote the least input for which `exchange` would pay at least `_dy` now.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _dy Token units.
    @return Token units.
    @custom:reverts As `exchange_exact_out`.
    """
    i: uint256 = arguments._index(_i, _j)
    reasons._require(_dy != 0, reasons.ZERO_AMOUNT)
    return swap_math._input_for(pool_state._load(True), i, _dy)


@internal
def _exchange(
    _i: int128,
    _j: int128,
    _amount: uint256,
    _limit: uint256,
    _receiver: address,
    _deadline: uint256,
    _mode: uint256,
) -> uint256:
    """
    @notice Execute a swap of any mode.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @param _amount Sold, or bought if the output is given, token units.
    @param _limit Least amount bought, or most amount sold if the output is given, token units.
    @param _receiver Who gets what is bought.
    @param _deadline Last Unix time at which the trade may happen.
    @param _mode GIVEN, RECEIVED or EXACT_OUT.
    @return The amount that was not given, token units.
    @custom:reverts As `exchange`, `exchange_received` and `exchange_exact_out`.
    """
    arguments._check_deadline(_deadline)
    i: uint256 = arguments._index(_i, _j)
    j: uint256 = unsafe_sub(1, i)
    if _amount == 0:
        reasons._fail(reasons.ZERO_AMOUNT)
    coin: address = pool_state._coin(i)
    state: pool_state.State = pool_state._load(True)
    owed: uint256 = unsafe_add(state.balances[i], state.admin[i])  # both below 2^112

    dx: uint256 = _amount
    if _mode == RECEIVED:
        held: uint256 = staticcall IERC20(coin).balanceOf(self)
        dx = unsafe_sub(max(held, owed), owed)
        if dx < _amount:
            reasons._fail(reasons.NOT_RECEIVED)
    elif _mode == EXACT_OUT:
        dx = swap_math._input_for(state, i, _amount)
        if dx > _limit:
            reasons._fail(reasons.MAX_IN)
    quote: swap_math.Quote = swap_math._quote(state, i, dx)
    dy: uint256 = quote.dy
    if _mode == EXACT_OUT:
        dy = _amount
    elif dy < _limit:
        reasons._fail(reasons.MIN_OUT)
    # the quote has checked: dx fits, and dy and the fee are part of the balance
    state.balances[i] = unsafe_add(state.balances[i], dx)
    state.balances[j] = unsafe_sub(state.balances[j], unsafe_add(dy, quote.admin))
    state.admin[j] = unsafe_add(state.admin[j], quote.admin)
    pool_state._store(state)
    log TokenExchange(buyer=msg.sender, sold_id=_i, tokens_sold=dx, bought_id=_j, tokens_bought=dy)
    if _mode != RECEIVED:
        transfers._pull(coin, dx, unsafe_add(owed, dx))
    transfers._push(pool_state._coin(j), _receiver, dy)
    return dx if _mode == EXACT_OUT else dy
