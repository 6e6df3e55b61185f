# pragma version 0.4.3
"""
@title Linear vesting of lumpy gains
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Holds the one stream through which lumpy gains become part of the
        share price: revenue receipts, recoveries above carrying value and
        harvested reserve income. With `L` unvested and `rem` left, a gain
        `g` over the period `V` gives L' = L + g and

            rem' = (L * rem + g * V) / (L + g)

        so the stream's centre of mass is kept, nothing jumps, and a dust gain
        moves the end by a dust amount. Time is kept in 2^-24 s, so that even
        a gain in every block rounds the stream by less than 1e-7 s a time.
@dev One word: unvested 128 | end 64 | updated 64 (low to high); both times
     are Unix seconds * 2^24. Between `updated` and `end` the amount falls
     linearly from `unvested` to zero.
"""

PRECISION: constant(uint256) = 24  # fractional bits of the stored times
MASK_128: constant(uint256) = 2**128 - 1
MASK_64: constant(uint256) = 2**64 - 1

_stream: uint256


@deploy
def __init__():
    """
    @notice Starts with nothing unvested.
    """
    pass


@internal
@view
def _unvested_up(_t: uint256) -> uint256:
    """
    @notice Unvested profit at `_t`, rounded up so that holders never count a wei early.
    @param _t Unix time, not before the last change of the stream.
    """
    stream: uint256 = self._stream
    if stream == 0:
        return 0
    end: uint256 = (stream >> 128) & MASK_64
    t: uint256 = _t << PRECISION
    if t >= end:
        return 0
    # t < end, and end > updated wherever a stream was stored with a remainder
    updated: uint256 = stream >> 192
    return ((stream & MASK_128) * (end - t) + (end - updated - 1)) // (end - updated)


@internal
def _top_up(_gain: uint256, _period: uint256):
    """
    @notice Adds `_gain` to the stream, to vest over `_period` seconds from now.
    """
    if _gain == 0:
        return
    now: uint256 = block.timestamp << PRECISION
    left: uint256 = self._unvested_up(block.timestamp)
    total: uint256 = left + _gain
    remaining: uint256 = 0
    if left != 0:
        # left != 0 implies end > now
        remaining = ((self._stream >> 128) & MASK_64) - now
    # rounded down: a top-up never lengthens the stream by rounding
    remaining = (left * remaining + _gain * (_period << PRECISION)) // total
    self._store(total, now + remaining, now)


@internal
def _absorb(_loss: uint256) -> uint256:
    """
    @notice Takes up to `_loss` out of the stream, whose end stays where it is.
    @return What was taken.
    """
    left: uint256 = self._unvested_up(block.timestamp)
    taken: uint256 = min(left, _loss)
    if taken != 0:
        end: uint256 = (self._stream >> 128) & MASK_64
        self._store(left - taken, end, block.timestamp << PRECISION)
    return taken


@internal
def _clear():
    """
    @notice Forgets the stream; the caller has disposed of the assets behind it.
    """
    self._stream = 0


@internal
def _store(_unvested: uint256, _end: uint256, _updated: uint256):
    assert _unvested <= MASK_128, "vesting overflow"
    # 40-bit seconds + 24 fractional bits: both times stay below 2^64 until the year 36,000
    self._stream = 0 if _unvested == 0 else _unvested | (_end << 128) | (_updated << 192)
