# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What a pool says about itself: coins, balances, prices and their averages
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Guarded by the pool's lock like everything else: in the middle of an operation
        nobody reads a price.
"""

from . import pool_state
from . import reasons
from . import stableswap_math as math

uses: pool_state

WAD: constant(uint256) = 10**18
PRICE_CAP: constant(uint256) = 2 * WAD
PPM_IN_FEE: constant(uint256) = 10**4
MASK_62: constant(uint256) = 2**62 - 1
MASK_88: constant(uint256) = 2**88 - 1
MASK_112: constant(uint256) = 2**112 - 1


@external
@view
def coins(_i: uint256) -> address:
    """
    @notice Return a coin of the pool.
    @param _i 0 or 1.
    @return Token address.
    @custom:reverts "bad index".
    """
    reasons._require(_i < 2, reasons.BAD_INDEX)
    return pool_state._coin(_i)


@external
@view
def balances(_i: uint256) -> uint256:
    """
    @notice Return what the LPs own of a coin; fees of the protocol are not in it.
    @param _i 0 or 1.
    @return Token units.
    @custom:reverts "bad index".
    """
    reasons._require(_i < 2, reasons.BAD_INDEX)
    return (pool_state._balances >> (112 * _i)) & MASK_112


@external
@view
def get_balances() -> DynArray[uint256, 2]:
    """
    @notice Return what the LPs own of both coins.
    @return Token units.
    """
    word: uint256 = pool_state._balances
    return [word & MASK_112, (word >> 112) & MASK_112]


@external
@view
def admin_balances(_i: uint256) -> uint256:
    """
    @notice Return the fees of the protocol that are not yet paid out.
    @param _i 0 or 1.
    @return Token units.
    @custom:reverts "bad index".
    """
    reasons._require(_i < 2, reasons.BAD_INDEX)
    return (pool_state._upkeep >> (88 * _i)) & MASK_88


@external
@view
def stored_rates() -> DynArray[uint256, 2]:
    """
    @notice Return what brings token units to values at 18 decimals.
    @return 10^(36 - decimals), times the price of a vault share, 1e18, rounded down.
    """
    state: pool_state.State = pool_state._load(False)
    return [state.rates[0], state.rates[1]]


@external
@view
def totalSupply() -> uint256:
    """
    @notice Return the LP tokens in existence, the locked minimum included.
    @return LP wei.
    """
    return pool_state._supply & MASK_112


@external
@view
def ema_price(_i: uint256) -> uint256:
    """
    @notice Return the average price as the last operation has left it.
    @param _i 0.
    @return Price of coin 1 in coin 0, as values, 1e18.
    @custom:reverts "bad index".
    """
    reasons._require(_i == 0, reasons.BAD_INDEX)
    return (pool_state._upkeep >> 176) & MASK_62


@external
@view
def ma_last_time() -> uint256:
    """
    @notice Return when the averages were last brought up to date.
    @return Unix time of the price's in the low, of the D's in the high 128 bits.
    """
    return (pool_state._balances >> 224) | ((pool_state._supply >> 224) << 128)


@external
@view
def surcharge() -> uint256:
    """
    @notice Return what is now added to fees because a vault's price has jumped.
    @return Parts per million.
    """
    state: pool_state.State = pool_state._load(False)
    return state.surcharge


@external
@view
def get_virtual_price() -> uint256:
    """
    @notice Return D per LP token: what a share is worth at the peg.
    @return 1e18, rounded down.
    @custom:reverts "out of domain", also in an empty pool.
    """
    state: pool_state.State = pool_state._load(True)
    return unsafe_div(unsafe_mul(state.d, WAD), pool_state._supply & MASK_112)


@external
@view
def dynamic_fee(_i: int128, _j: int128) -> uint256:
    """
    @notice Return the fee's rate at the balances as they are, surcharge included. A trade pays the
            rate half way between the balances before and after it.
    @param _i 0 or 1.
    @param _j The other one.
    @return 1e10 = one, rounded down.
    @custom:reverts "bad index", "same coin".
    """
    reasons._require((_i == 0 or _i == 1) and (_j == 0 or _j == 1), reasons.BAD_INDEX)
    reasons._require(_i != _j, reasons.SAME_COIN)
    state: pool_state.State = pool_state._load(False)
    return math._fee_rate(
        state.values[0],
        state.values[1],
        state.fee,
        state.multiplier,
        state.surcharge * PPM_IN_FEE,
    )


@external
@view
def get_p(_i: uint256) -> uint256:
    """
    @notice Return the price of coin 1 in coin 0 in the pool as it is, as values: rates are not in it.
    @param _i 0.
    @return 1e18, rounded down.
    @custom:reverts "bad index", "out of domain".
    """
    return self._price(_i, pool_state._load(True))


@external
@view
def last_price(_i: uint256) -> uint256:
    """
    @notice Return `get_p`, at most 2: what the average takes in.
    @param _i 0.
    @return 1e18, rounded down.
    @custom:reverts "bad index", "out of domain".
    """
    return min(self._price(_i, pool_state._load(True)), PRICE_CAP)


@external
@view
def price_oracle(_i: uint256) -> uint256:
    """
    @notice Return the moving average of `last_price` over time.
    @param _i 0.
    @return 1e18, rounded down.
    @custom:reverts "bad index", "out of domain".
    """
    state: pool_state.State = pool_state._load(True)
    return pool_state._price_average(state, min(self._price(_i, state), PRICE_CAP))


@external
@view
def D_oracle() -> uint256:
    """
    @notice Return the moving average of D over time.
    @return 18 decimals, rounded down.
    @custom:reverts "out of domain".
    """
    state: pool_state.State = pool_state._load(True)
    return pool_state._d_average(pool_state._supply, state.d)


@internal
@pure
def _price(_i: uint256, _state: pool_state.State) -> uint256:
    """
    @notice Compute the price of coin 1 in coin 0, as values.
    @param _i 0.
    @param _state The pool, with its invariant.
    @return 1e18, rounded down.
    @custom:reverts "bad index".
    """
    reasons._require(_i == 0, reasons.BAD_INDEX)
    return math._price(_state.d, _state.values[0], _state.values[1], _state.ann)
