# pragma version 0.4.3
"""
@title Linear vesting of what would lift the share price in one step
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Three streams, which exit assets deduct and deposit assets do not:

            profit    L     revenue receipts, harvests, recoveries above carrying value
            releases  M     impairment lifted by payments, sales and insurance cover
            late      in M  money for losses that holders have borne already, from a
                            cycle's end on

        With `L` unvested and `rem` left, an amount `g` over the period `V` gives L' = L + g and

            rem' = (L * rem + g * V) / (L + g)

        so the stream's centre of mass is kept, nothing jumps, and a dust gain
        moves the end by a dust amount. Time is kept in 2^-24 s, so that even
        a gain in every block rounds the stream by less than 1e-7 s a time.
@dev One word each: unvested 128 | end 64 | start 64 (low to high); both times
     are Unix seconds * 2^24. The amount stands until `start`, then falls
     linearly to zero at `end`.
"""

PRECISION: constant(uint256) = 24  # fractional bits of the stored times
MASK_128: constant(uint256) = 2**128 - 1
MASK_64: constant(uint256) = 2**64 - 1

_profit: uint256
_releases: uint256
_late: uint256


@deploy
def __init__():
    """
    @notice Start with nothing unvested.
    """
    pass


@internal
@view
def _profit_up(_t: uint256) -> uint256:
    """
    @notice Unvested profit at `_t`, rounded up so that holders never count a wei early.
    @param _t Unix time, not before the last change of the stream.
    """
    return self._left_up(self._profit, _t)


@internal
@view
def _releases_up(_t: uint256) -> uint256:
    """
    @notice Unvested releases and late recoveries at `_t`, each rounded up.
    @param _t Unix time, not before the last change of the streams.
    """
    return self._left_up(self._releases, _t) + self._left_up(self._late, _t)


@internal
def _add_profit(_amount: uint256, _period: uint256):
    """
    @notice Add profit that vests over `_period` seconds from now.
    """
    self._profit = self._topped_up(self._profit, _amount, _period << PRECISION)


@internal
def _add_release(_amount: uint256, _period: uint256):
    """
    @notice Add a release that vests over `_period` seconds from now.
    """
    self._releases = self._topped_up(self._releases, _amount, _period << PRECISION)


@internal
def _add_late(_amount: uint256, _start: uint256, _period: uint256):
    """
    @notice Add a recovery that vests over `_period` seconds from `_start`, which is not past; what
            already vests of earlier ones joins the releases.
    """
    late: uint256 = self._late
    left: uint256 = self._left_up(late, block.timestamp)
    if left != 0 and late >> 192 != _start << PRECISION:
        rest: uint256 = ((late >> 128) & MASK_64) - (block.timestamp << PRECISION)
        self._releases = self._topped_up(self._releases, left, rest)
        left = 0
    start: uint256 = _start << PRECISION
    self._late = self._pack(left + _amount, start + (_period << PRECISION), start)


@internal
def _absorb_profit(_loss: uint256) -> uint256:
    """
    @notice Take up to `_loss` out of unvested profit.
    @return What was taken.
    """
    taken: uint256 = 0
    self._profit, taken = self._cut(self._profit, _loss)
    return taken


@internal
def _absorb_releases(_loss: uint256) -> uint256:
    """
    @notice Take up to `_loss` out of unvested releases, then out of late recoveries.
    @return What was taken.
    """
    taken: uint256 = 0
    self._releases, taken = self._cut(self._releases, _loss)
    more: uint256 = 0
    self._late, more = self._cut(self._late, _loss - taken)
    return taken + more


@internal
def _clear():
    """
    @notice Forget the streams; the caller has disposed of the assets behind them.
    """
    self._profit = 0
    self._releases = 0
    self._late = 0


@internal
@pure
def _left_up(_stream: uint256, _t: uint256) -> uint256:
    """
    @notice What of a stream is unvested at `_t`, up.
    """
    if _stream == 0:
        return 0
    end: uint256 = (_stream >> 128) & MASK_64
    start: uint256 = _stream >> 192
    t: uint256 = max(_t << PRECISION, start)
    if t >= end:
        return 0
    return ((_stream & MASK_128) * (end - t) + (end - start - 1)) // (end - start)


@internal
@view
def _topped_up(_stream: uint256, _amount: uint256, _period: uint256) -> uint256:
    """
    @notice A stream, begun already, with `_amount` more that vests over `_period` ticks from now.
    """
    if _amount == 0:
        return _stream
    now: uint256 = block.timestamp << PRECISION
    left: uint256 = self._left_up(_stream, block.timestamp)
    remaining: uint256 = 0
    if left != 0:
        # left != 0 implies end > now
        remaining = ((_stream >> 128) & MASK_64) - now
    # rounded down: a top-up never lengthens the stream by rounding
    remaining = (left * remaining + _amount * _period) // (left + _amount)
    return self._pack(left + _amount, now + remaining, now)


@internal
@view
def _cut(_stream: uint256, _loss: uint256) -> (uint256, uint256):
    """
    @notice A stream without up to `_loss` of what is unvested, its end where it was; what was
            taken.
    """
    left: uint256 = self._left_up(_stream, block.timestamp)
    taken: uint256 = min(left, _loss)
    if taken == 0:
        return _stream, 0
    start: uint256 = max(block.timestamp << PRECISION, _stream >> 192)
    return self._pack(left - taken, (_stream >> 128) & MASK_64, start), taken


@internal
@pure
def _pack(_unvested: uint256, _end: uint256, _start: uint256) -> uint256:
    assert _unvested <= MASK_128, "vesting overflow"
    if _unvested == 0:
        return 0
    # 40-bit seconds + 24 fractional bits: both times stay below 2^64 until the year 36,000
    return _unvested | (_end << 128) | (_start << 192)
