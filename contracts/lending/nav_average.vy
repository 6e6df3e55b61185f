# pragma version 0.4.3
"""
@title A value that falls at once and rises slowly
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Keeps an exponential moving average of a vault's exit NAV out of what pokes have recorded.
        With `a` the average and `x` the record of the last poke, `dt` seconds ago, and `n` the NAV
        of now:

            value = min(n, a * w + min(x, n) * (1 - w))        w = e^(-dt / PERIOD)
            poke:   a = value        x = min(n, a + MAX_RISE * max(a, FLOOR))

        What nobody has recorded does not count: a NAV that jumps within a transaction does not
        move the value, and without pokes the value stays below the last record for ever. What was
        recorded counts only as far as the NAV still stands there. A loss counts in full in the
        second it happens. Whatever is poked and when, what a poke has written rises by at most
        MAX_RISE * max(a, FLOOR) * dt / PERIOD in dt seconds; a dip that nobody pokes is undone at
        once. FLOOR is a tenth of the NAV at deployment: what was poked at nothing comes back, by
        MAX_RISE * FLOOR a PERIOD, and that is all that two jumps can add to it.
@dev One word: average 112 | record 112 | time 32 (low to high).
"""

from . import exponential

WAD: constant(uint256) = 10**18
MASK_112: constant(uint256) = 2**112 - 1
LEAST_PERIOD: constant(uint256) = 3_600
MOST_PERIOD: constant(uint256) = 30 * 86_400
# 1 bp and 10 %
LEAST_RISE: constant(uint256) = 10**14
MOST_RISE: constant(uint256) = 10**17
# a millionth of an AID: from it on, the least rise of the floor is ten million wei
LEAST_NAV: constant(uint256) = 10**12
FLOOR_PART: constant(uint256) = 10

PERIOD: immutable(uint256)
MAX_RISE: immutable(uint256)
FLOOR: immutable(uint256)

_word: uint256


@deploy
def __init__(_nav: uint256, _period: uint256, _max_rise: uint256):
    """
    @notice Start the average at the NAV of now.
    @param _nav NAV of now, WAD, which the average starts from; from a millionth of an AID on.
    @param _period Seconds after which a gap has closed to 1/e, an hour to 30 days.
    @param _max_rise How far above the average a record may be, WAD, 1 bp to 10 %.
    """
    assert LEAST_PERIOD <= _period and _period <= MOST_PERIOD, "period out of bounds"
    assert LEAST_RISE <= _max_rise and _max_rise <= MOST_RISE, "rise out of bounds"
    assert LEAST_NAV <= _nav, "nav out of range"
    PERIOD = _period
    MAX_RISE = _max_rise
    FLOOR = _nav // FLOOR_PART
    self._store(_nav, _nav)


@internal
@view
def _value(_nav: uint256) -> uint256:
    """
    @notice Compute the value of now.
    @param _nav NAV of now, WAD.
    @return WAD, rounded down; at most `_nav`.
    """
    word: uint256 = self._word
    average: uint256 = word & MASK_112
    record: uint256 = min((word >> 112) & MASK_112, _nav)
    # 32-bit seconds: until 2106
    past: uint256 = block.timestamp - (word >> 224)
    # at most 1: below zero the exponential's approximation is, too
    weight: uint256 = exponential._exp(-convert(past * WAD // PERIOD, int256))
    # both products below 2^172
    return min(_nav, (average * weight + record * (WAD - weight)) // WAD)


@internal
def _poke(_nav: uint256) -> uint256:
    """
    @notice Record the NAV of now, as far as the rise allows.
    @param _nav NAV of now, WAD.
    @return The value of now, WAD, rounded down.
    @custom:reverts "nav out of range".
    """
    average: uint256 = self._value(_nav)
    rise: uint256 = max(average, FLOOR) * MAX_RISE // WAD
    self._store(average, min(_nav, average + rise))
    return average


@internal
def _store(_average: uint256, _record: uint256):
    """
    @notice Store average and record, as of now.
    @param _average WAD, at most the record.
    @param _record WAD, below 2^112.
    @custom:reverts "nav out of range".
    """
    assert _record <= MASK_112, "nav out of range"
    self._word = _average | (_record << 112) | (block.timestamp << 224)
