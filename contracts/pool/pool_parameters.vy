# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Parameters of a pool, and who changes them
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice GOVERNOR ramps the amplification, by at most a factor of ten in at least a day,
        and sets fees and the periods of the averages within fixed bounds.
"""

from ..interfaces import IRoles
from . import pool_state
from . import reasons

uses: pool_state


event RampA:
    old_A: uint256
    new_A: uint256
    initial_time: uint256
    future_time: uint256


event StopRampA:
    A: uint256
    t: uint256


event ApplyNewFee:
    fee: uint256
    offpeg_fee_multiplier: uint256


event SetNewMATime:
    ma_exp_time: uint256
    D_ma_time: uint256


MIN_RAMP_TIME: constant(uint256) = 86_400
MAX_A_CHANGE: constant(uint256) = 10
MAX_A: constant(uint256) = 10**6
MAX_FEE: constant(uint256) = 10**8  # 1 %, 1e10 = one
MAX_OFFPEG: constant(uint256) = 2**40 - 1  # 1e10 = one
# half of every fee, 1e10 = one
admin_fee: public(constant(uint256)) = 5 * 10**9  # natrix: NTX2

GOVERNOR: constant(bytes32) = empty(bytes32)
A_PRECISION: constant(uint256) = 100
# half of everything: no trade pays more
MAX_FEE_AT_OFFPEG: constant(uint256) = 5 * 10**9 * 10**10
MAX_PERIOD: constant(uint256) = 2**20 - 1
PERIOD_MASK: constant(uint256) = 2**20 - 1
FEES_MASK: constant(uint256) = 2**73 - 1

# where roles are held
ROLES: public(immutable(address))


@deploy
def __init__(_roles: address):
    """
    @notice Name where roles are held.
    @param _roles A contract; the factory has checked it.
    """
    ROLES = _roles


@external
def ramp_A(_future_A: uint256, _future_time: uint256):
    """
    @notice Move the amplification in a straight line.
    @param _future_A Target, 1 to 1e6, at most ten times or a tenth of now's.
    @param _future_time Unix time of arrival, at least a day ahead.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "ramp too soon" within a day of the last start, "ramp too short",
                    "A not 1 to 1e6", "A step above 10".
    """
    self._check_governor()
    word: uint256 = pool_state._parameters
    reasons._require(
        block.timestamp >= self._field(word, 54, 32) + MIN_RAMP_TIME, reasons.RAMP_TOO_SOON
    )
    reasons._require(_future_time >= block.timestamp + MIN_RAMP_TIME, reasons.RAMP_TOO_SHORT)
    reasons._require(_future_time < 2**32, reasons.OUT_OF_RANGE)
    reasons._require(_future_A != 0 and _future_A <= MAX_A, reasons.A_OUT_OF_RANGE)
    current: uint256 = pool_state._amplification(word)
    future: uint256 = _future_A * A_PRECISION
    reasons._require(
        (future <= current * MAX_A_CHANGE and current <= future * MAX_A_CHANGE),
        reasons.A_STEP_TOO_LARGE,
    )

    self._set_ramp(word, current, future, block.timestamp, _future_time)
    log RampA(old_A=current, new_A=future, initial_time=block.timestamp, future_time=_future_time)


@external
def stop_ramp_A():
    """
    @notice Keep the amplification where it is now.
    @custom:access GOVERNOR.
    @custom:reverts "not governor".
    """
    self._check_governor()
    word: uint256 = pool_state._parameters
    current: uint256 = pool_state._amplification(word)
    self._set_ramp(word, current, current, block.timestamp, block.timestamp)
    log StopRampA(A=current, t=block.timestamp)


@external
def set_new_fee(_new_fee: uint256, _new_offpeg_fee_multiplier: uint256):
    """
    @notice Set the fee at the peg and how much it grows off it.
    @param _new_fee At most MAX_FEE, 1e10 = one.
    @param _new_offpeg_fee_multiplier 1e10 = one; up to one the fee is constant. The fee may not
           exceed a half anywhere.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "fee above 1 %", "offpeg too high".
    """
    self._check_governor()
    reasons._require(_new_fee <= MAX_FEE, reasons.FEE_TOO_HIGH)
    reasons._require(
        (
            _new_offpeg_fee_multiplier <= MAX_OFFPEG
            and _new_offpeg_fee_multiplier * _new_fee <= MAX_FEE_AT_OFFPEG
        ),
        reasons.OFFPEG_TOO_HIGH,
    )

    kept: uint256 = pool_state._parameters & ~(FEES_MASK << 118)
    pool_state._parameters = kept | (_new_fee << 118) | (_new_offpeg_fee_multiplier << 151)
    log ApplyNewFee(fee=_new_fee, offpeg_fee_multiplier=_new_offpeg_fee_multiplier)


@external
def set_ma_exp_time(_ma_exp_time: uint256, _D_ma_time: uint256):
    """
    @notice Set the periods of the averages; both are brought up to date by the next operation with
            the new ones.
    @param _ma_exp_time Of the price, seconds, 1 to 2^20 - 1.
    @param _D_ma_time Of D, seconds, 1 to 2^20 - 1.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._check_governor()
    reasons._require(_ma_exp_time != 0 and _ma_exp_time <= MAX_PERIOD, reasons.OUT_OF_RANGE)
    reasons._require(_D_ma_time != 0 and _D_ma_time <= MAX_PERIOD, reasons.OUT_OF_RANGE)

    kept: uint256 = pool_state._parameters & ~(PERIOD_MASK << 191)
    pool_state._parameters = kept | (_ma_exp_time << 191)
    pool_state._virtual = self._field(pool_state._virtual, 0, 128) | (_D_ma_time << 128)
    log SetNewMATime(ma_exp_time=_ma_exp_time, D_ma_time=_D_ma_time)


@external
@view
def A() -> uint256:
    """
    @notice Return the amplification of now. What the pool computes with is `A_precise`.
    @return A, rounded down.
    """
    return pool_state._amplification(pool_state._parameters) // A_PRECISION


@external
@view
def A_precise() -> uint256:
    """
    @notice Return the amplification of now.
    @return 100 * A.
    """
    return pool_state._amplification(pool_state._parameters)


@external
@view
def initial_A() -> uint256:
    """
    @notice Return where the last ramp started.
    @return 100 * A.
    """
    return self._field(pool_state._parameters, 0, 27)


@external
@view
def future_A() -> uint256:
    """
    @notice Return where the last ramp ends.
    @return 100 * A.
    """
    return self._field(pool_state._parameters, 27, 27)


@external
@view
def initial_A_time() -> uint256:
    """
    @notice Return when the last ramp started.
    @return Unix time, 0 before any.
    """
    return self._field(pool_state._parameters, 54, 32)


@external
@view
def future_A_time() -> uint256:
    """
    @notice Return when the last ramp ends.
    @return Unix time, 0 before any.
    """
    return self._field(pool_state._parameters, 86, 32)


@external
@view
def fee() -> uint256:
    """
    @notice Return the fee at the peg.
    @return 1e10 = one.
    """
    return self._field(pool_state._parameters, 118, 33)


@external
@view
def offpeg_fee_multiplier() -> uint256:
    """
    @notice Return by how much the fee grows off the peg.
    @return 1e10 = one.
    """
    return self._field(pool_state._parameters, 151, 40)


@external
@view
def ma_exp_time() -> uint256:
    """
    @notice Return the period of the price average.
    @return Seconds.
    """
    return self._field(pool_state._parameters, 191, 20)


@external
@view
def D_ma_time() -> uint256:
    """
    @notice Return the period of the average of D.
    @return Seconds.
    """
    return pool_state._virtual >> 128


@internal
@view
def _check_governor():
    """
    @notice Refuse whoever does not hold GOVERNOR.
    @custom:reverts "not governor".
    """
    reasons._require(staticcall IRoles(ROLES).hasRole(GOVERNOR, msg.sender), reasons.NOT_GOVERNOR)


@internal
@pure
def _field(_word: uint256, _shift: uint256, _bits: uint256) -> uint256:
    """
    @notice Read a field of a packed word.
    @param _word The word.
    @param _shift Its lowest bit.
    @param _bits Its width.
    @return The field.
    """
    return (_word >> _shift) & ((1 << _bits) - 1)


@internal
def _set_ramp(_word: uint256, _first: uint256, _last: uint256, _start: uint256, _end: uint256):
    """
    @notice Store a ramp of the amplification.
    @param _word The parameters' word as it is.
    @param _first 100 * A at its start.
    @param _last 100 * A at its end.
    @param _start Unix time.
    @param _end Unix time.
    """
    # A below 2^27, times below 2^32
    pool_state._parameters = (
        ((_word >> 118) << 118) | _first | (_last << 27) | (_start << 54) | (_end << 86)
    )
