# pragma version 0.4.3
"""
@title State of a pool: coins, rates and five packed words
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Loads what an operation or a quote needs into one struct, brought up to now
        (amplification, rates, surcharge), and stores what an operation has changed
        together with the price average. Formulas: docs/pool.md.
@dev Words, low bits first. A swap reads 0, 1 and 2, and writes 0 and 1:

     0  b_0 112 | b_1 112 | price time 32
     1  admin_0 88 | admin_1 88 | price average 62 | surcharge ppm 18
     2  A0 27 | A1 27 | t0 32 | t1 32 | fee 33 | off-peg 40 | price period 20 | ratio 45
     3  supply 112 | average of D 112 | its time 32
     4  virtual price 128 | period of D 20
"""

from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from . import ema
from . import stableswap_math as math


struct State:
    # of the LPs, token units
    balances: uint256[2]
    # of the protocol, token units
    admin: uint256[2]
    rates: uint256[2]
    # balances at 18 decimals, times rates
    values: uint256[2]
    # the invariant of the values, if it was asked for
    d: uint256
    # 2 * A * 100
    ann: uint256
    fee: uint256
    multiplier: uint256
    # ppm, as of now
    surcharge: uint256
    # seconds since the price average was last brought up to date
    elapsed: uint256
    average: uint256
    # vault shares' ratio of rates as of now, encoded; 0 in a plain pool
    ratio: uint256
    parameters: uint256


# a pool's construction, as the factory has checked it
struct Coin:
    token: address
    is_vault: bool


struct Parameters:
    amplification: uint256  # A
    fee: uint256  # 1e10 = one
    multiplier: uint256  # off peg, 1e10 = one
    price_period: uint256  # seconds


N_COINS: public(constant(uint256)) = 2

WAD: constant(uint256) = 10**18
PRICE_CAP: constant(uint256) = 2 * WAD
DECAY: constant(uint256) = 3  # ppm of surcharge a second
JUMP_PRECISION: constant(uint256) = 10**8  # a free drift of one unit a second
DEFAULT_D_PERIOD: constant(uint256) = 62_324

MASK_18: constant(uint256) = 2**18 - 1
MASK_20: constant(uint256) = 2**20 - 1
MASK_27: constant(uint256) = 2**27 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_33: constant(uint256) = 2**33 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_45: constant(uint256) = 2**45 - 1
MASK_62: constant(uint256) = 2**62 - 1
MASK_88: constant(uint256) = 2**88 - 1
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1
RATIO_SHIFT: constant(uint256) = 211

COIN_0: immutable(address)
COIN_1: immutable(address)
# 10^(36 - decimals): token units to 18 decimals, 1e18
MULTIPLIER_0: immutable(uint256)
MULTIPLIER_1: immutable(uint256)
# one share, and what brings its assets to 18 decimals; 0: a plain coin
SHARE_0: immutable(uint256)
SHARE_1: immutable(uint256)
ASSET_SCALE_0: immutable(uint256)
ASSET_SCALE_1: immutable(uint256)
RATED: immutable(bool)
SHIFT: immutable(uint256)
# 1,000 units of the coarser coin, locked for good by the first deposit
MINIMUM_SUPPLY: public(immutable(uint256))

_balances: uint256
_upkeep: uint256
_parameters: uint256
_supply: uint256
_virtual: uint256


@deploy
def __init__(_coins: Coin[2], _parameters: Parameters):
    """
    @notice Start empty, both averages at one.
    @param _coins Tokens, and whether each is an ERC-4626 vault.
    @param _parameters Amplification, fees and the period of the price average.
    """
    COIN_0 = _coins[0].token
    COIN_1 = _coins[1].token
    decimals_0: uint256 = self._decimals(COIN_0)
    decimals_1: uint256 = self._decimals(COIN_1)
    MULTIPLIER_0 = 10**(36 - decimals_0)
    MULTIPLIER_1 = 10**(36 - decimals_1)
    MINIMUM_SUPPLY = 10**(21 - min(decimals_0, decimals_1))
    SHARE_0 = 10**decimals_0 if _coins[0].is_vault else 0
    SHARE_1 = 10**decimals_1 if _coins[1].is_vault else 0
    ASSET_SCALE_0 = self._asset_scale(_coins[0])
    ASSET_SCALE_1 = self._asset_scale(_coins[1])
    RATED = _coins[0].is_vault or _coins[1].is_vault

    bits: uint256 = 0
    ratio: uint256 = 0
    if _coins[0].is_vault or _coins[1].is_vault:
        price_0: uint256 = self._asset_value(COIN_0, SHARE_0, ASSET_SCALE_0)
        price_1: uint256 = self._asset_value(COIN_1, SHARE_1, ASSET_SCALE_1)
        ratio = price_1 * WAD // price_0
        for _: uint256 in range(256):
            if ratio >> bits < 2**36:
                break
            bits += 1
    SHIFT = bits

    amplification: uint256 = 100 * _parameters.amplification
    self._parameters = (
        amplification
        | (amplification << 27)
        | (_parameters.fee << 118)
        | (_parameters.multiplier << 151)
        | (_parameters.price_period << 191)
        | ((ratio >> bits) << RATIO_SHIFT)
    )
    self._upkeep = WAD << 176
    self._virtual = DEFAULT_D_PERIOD << 128


@internal
@view
def _load(_solve: bool) -> State:
    """
    @notice Load the state as of now.
    @param _solve Whether its invariant is needed.
    @return The state; rates, values and invariant rounded down.
    @custom:reverts "out of domain" if it is, also in an empty pool.
    """
    state: State = empty(State)
    word: uint256 = self._balances
    state.balances = [word & MASK_112, (word >> 112) & MASK_112]
    # set by operations of the past
    state.elapsed = unsafe_sub(block.timestamp, word >> 224)
    word = self._upkeep
    state.admin = [word & MASK_88, (word >> 88) & MASK_88]
    state.average = (word >> 176) & MASK_62
    state.surcharge = word >> 238
    word = self._parameters
    state.parameters = word
    # twice a 27-bit number
    state.ann = unsafe_mul(2, self._amplification(word))
    state.fee = (word >> 118) & MASK_33
    state.multiplier = (word >> 151) & MASK_40
    if RATED:
        price_0: uint256 = self._asset_value(COIN_0, SHARE_0, ASSET_SCALE_0)
        price_1: uint256 = self._asset_value(COIN_1, SHARE_1, ASSET_SCALE_1)
        state.rates = [MULTIPLIER_0 * price_0 // WAD, MULTIPLIER_1 * price_1 // WAD]
        state.ratio = min((price_1 * WAD // price_0) >> SHIFT, MASK_45)
        state.surcharge = self._surcharge(
            state.surcharge, word >> RATIO_SHIFT, state.ratio, state.elapsed
        )
    else:
        state.rates = [MULTIPLIER_0, MULTIPLIER_1]
    # unsafe_div: by a constant
    state.values = [
        unsafe_div(state.balances[0] * state.rates[0], WAD),
        unsafe_div(state.balances[1] * state.rates[1], WAD),
    ]
    if _solve:
        state.d = math._invariant(state.values[0], state.values[1], state.ann)
    return state


@internal
def _store(_state: State):
    """
    @notice Store new balances and fees, and bring the price average and the surcharge up to now.
    @param _state As loaded, with `balances` (below 2^112) and `admin` (below 2^88) changed;
           `values` and `d` still those before the operation.
    """
    average: uint256 = _state.average
    if _state.elapsed != 0:
        price: uint256 = min(
            math._price(_state.d, _state.values[0], _state.values[1], _state.ann), PRICE_CAP
        )
        average = ema._average(
            average, price, ema._weight(_state.elapsed, (_state.parameters >> 191) & MASK_20)
        )
    self._balances = (_state.balances[0] | (_state.balances[1] << 112) | (block.timestamp << 224))
    self._upkeep = (
        _state.admin[0] | (_state.admin[1] << 88) | (average << 176) | (_state.surcharge << 238)
    )
    if _state.ratio != _state.parameters >> RATIO_SHIFT:
        self._parameters = (_state.parameters & (2**211 - 1)) | (_state.ratio << RATIO_SHIFT)


@internal
@view
def _coin(_i: uint256) -> address:
    """
    @notice Name a coin.
    @param _i 0 or 1.
    @return Token address.
    """
    return COIN_1 if _i == 1 else COIN_0


@internal
@view
def _price_average(_state: State, _price: uint256) -> uint256:
    """
    @notice Compute the price average as an operation would bring it up to date now.
    @param _state As loaded.
    @param _price What prevailed since the average's time, 1e18.
    @return 1e18, rounded down.
    """
    return ema._average(
        _state.average,
        _price,
        ema._weight(_state.elapsed, (_state.parameters >> 191) & MASK_20),
    )


@internal
def _start(_state: State, _supply: uint256):
    """
    @notice Store the first deposit: nothing has passed that an average could take in.
    @param _state As loaded, with `balances` changed.
    @param _supply D, and the supply.
    """
    state: State = _state
    state.elapsed = 0
    state.surcharge = 0
    self._store(state)
    self._supply = _supply | (_supply << 112) | (block.timestamp << 224)
    self._store_virtual(_supply, _supply)


@internal
def _store_supply(_word: uint256, _supply: uint256, _d: uint256):
    """
    @notice Store a new supply, and bring the average of D up to now.
    @param _word The supply's word as it was.
    @param _supply New supply, below 2^112.
    @param _d D that prevailed since the average's time.
    """
    self._supply = _supply | (self._d_average(_word, _d) << 112) | (block.timestamp << 224)


@internal
def _store_virtual(_d: uint256, _supply: uint256):
    """
    @notice Store D per share.
    @param _d D, 18 decimals, below 2^112.
    @param _supply LP wei, not zero.
    """
    # d < 2^112; a quotient above 2^128 would take a supply below 1e-20 of D
    self._virtual = ((self._virtual >> 128) << 128) | min(
        unsafe_div(unsafe_mul(_d, WAD), _supply), MASK_128
    )


@internal
@view
def _d_average(_word: uint256, _d: uint256) -> uint256:
    """
    @notice Compute the average of D as of now.
    @param _word The supply's word.
    @param _d D that prevailed since the average's time, 18 decimals.
    @return 18 decimals, rounded down.
    """
    elapsed: uint256 = unsafe_sub(block.timestamp, _word >> 224)
    average: uint256 = (_word >> 112) & MASK_112
    if elapsed == 0:
        return average
    # both below 2^112: a balanced removal's D is what the last solved one left, or less
    return ema._average(average, _d, ema._weight(elapsed, self._virtual >> 128))


@internal
@view
def _amplification(_word: uint256) -> uint256:
    """
    @notice Compute the amplification of now.
    @param _word The parameters' word.
    @return 100 * A; on a ramp, the way passed is rounded down.
    """
    end: uint256 = (_word >> 86) & MASK_32
    last: uint256 = (_word >> 27) & MASK_27
    if block.timestamp >= end:
        return last
    start: uint256 = (_word >> 54) & MASK_32
    first: uint256 = _word & MASK_27
    # a ramp that has not ended has begun: start <= now < end
    passed: uint256 = unsafe_sub(block.timestamp, start)
    if last > first:
        return unsafe_add(first, unsafe_sub(last, first) * passed // unsafe_sub(end, start))
    return unsafe_sub(first, unsafe_sub(first, last) * passed // unsafe_sub(end, start))


@internal
@pure
def _surcharge(_stored: uint256, _last: uint256, _now: uint256, _elapsed: uint256) -> uint256:
    """
    @notice Compute the decayed surcharge and what a jump of the ratio of rates adds to it.
    @param _stored As of the last operation, ppm.
    @param _last Ratio as of the last operation, encoded.
    @param _now Ratio of now, encoded.
    @param _elapsed Seconds between the two.
    @return Ppm, rounded down, below 2^18.
    """
    # times below 2^40
    decay: uint256 = unsafe_mul(DECAY, _elapsed)
    left: uint256 = unsafe_sub(max(_stored, decay), decay)
    if _now == _last:
        return left
    # by the smaller one, so that it does not matter which coin is the vault's
    low: uint256 = min(_now, _last)
    if low == 0:
        return MASK_18
    # ratios below 2^45
    change: uint256 = unsafe_div(unsafe_mul(unsafe_sub(max(_now, _last), low), JUMP_PRECISION), low)
    jump: uint256 = unsafe_div(unsafe_sub(max(change, _elapsed), _elapsed), 100)
    return min(unsafe_add(left, jump), MASK_18)


@internal
@view
def _asset_value(_coin: address, _share: uint256, _scale: uint256) -> uint256:
    """
    @notice Read the price of one token in its asset.
    @param _coin The token.
    @param _share One whole share, its units; 0 for a plain coin.
    @param _scale What brings asset units to 18 decimals.
    @return 1e18, rounded down by the vault.
    """
    if _share == 0:
        return WAD
    return staticcall IERC4626(_coin).convertToAssets(_share) * _scale


@internal
@view
def _decimals(_token: address) -> uint256:
    """
    @notice Read a token's decimals.
    @param _token The token.
    @return At most 18: the factory has checked it.
    """
    return convert(staticcall IERC20Detailed(_token).decimals(), uint256)


@internal
@view
def _asset_scale(_coin: Coin) -> uint256:
    """
    @notice Compute what brings the asset of a vault to 18 decimals.
    @param _coin Token, and whether it is a vault.
    @return 10^(18 - decimals), 0 for a plain coin.
    """
    if not _coin.is_vault:
        return 0
    return 10**(18 - self._decimals(staticcall IERC4626(_coin.token).asset()))
