# pragma version 0.4.3
"""
@title What one leg of a deal is worth, as a function of time
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A deal has one or two legs, and is worth their sum:

            debt           accrues until `turn` = `stop`, then stands still
            revenue share  falls in a straight line to zero at `turn`

        From `stop`, the end of grace of the first instalment that is not covered, the impairment
        of a leg climbs a ramp: at 0, and at three snapshotted numbers of days, it is a snapshotted
        part of the carrying value of *that day*, linear between. At every UTC midnight

            net impairment = max(floor * gross, ramp - first loss) + what a cure has left

        and it is linear from one midnight to the next.

        Everything here is piecewise linear in time and bends on whole UTC days only. A leg is one
        line and a list of *hinges*, days on which its slopes change, so the value at any time is

            v(t) = line(t) + sum over hinges with day <= t of delta * (t - day)

        `_hinges` is the only place that knows where a leg bends. The book adds a leg and removes it
        again by the same list, in integers without rounding, so removal is exact.
@dev Scaled amounts are AID wei * 2^40, slopes scaled amounts a second, times Unix seconds, days
     Unix days. Slopes round towards zero: at 10^9 AID and three years that costs 10^-4 wei.

     A pair of slopes is one signed word, gross * 2^128 + impairment, both signed: the sum of two
     words is the word of the sums.

     Bounds, for legs of at most 10^9 AID (< 2^90 wei):
         scaled value, three years of interest at 50 % included, < 2^132; slope of gross < 2^108, a
         share's that is written off in 90 days; slope of impairment < 2^115, a ramp's steepest day
         being the whole value in one day, and a cure's no steeper than the ramp's.
"""

DAY: constant(uint256) = 86400
DAY_SIGNED: constant(int256) = 86400
BPS: constant(uint256) = 10**4
SCALE: constant(uint256) = 40
MAX_HINGES: constant(uint256) = 16
MAX_VALUE: constant(uint256) = 2**132 - 1

MASK_10: constant(uint256) = 2**10 - 1
MASK_14: constant(uint256) = 2**14 - 1


struct Leg:
    value: uint256  # gross carrying value at `since`, scaled
    slope: int256  # of gross value until `turn`: accrual > 0, depreciation < 0
    since: uint256  # second of the last change
    turn: uint256  # day on which accrual or depreciation ends
    stop: uint256  # day from which the ramp runs
    cure_end: uint256  # day on which a cured impairment is back at zero
    cure_slope: uint256  # scaled a second that it loses until then
    floor_bps: uint256  # least impairment, of gross value: the committee's mark
    reserve: uint256  # carrying value that held-back cash would retire, wei
    first_loss: uint256  # wei
    schedule: uint256  # packed, see `_pack_schedule`


struct Hinge:
    day: uint256
    delta: int256  # pair of slope changes


struct Point:
    gross: int256  # scaled
    impairment: int256  # scaled
    slopes: int256  # pair


# Ramp schedules


@internal
@pure
def _pack_schedule(_days: uint256[3], _bps: uint256[2]) -> uint256:
    """
    @notice Three days since `stop`, and the impairment at the first two; at the third it is 100 %.
            First day 10 | second 10 | third 10 | first bps 14 | second bps 14 (low to high).
    @dev Reverts unless days rise, and the ramp never flattens before the third: then no cure can
         lift impairment above carrying value.
    """
    assert 0 < _days[0] and _days[0] < _days[1] and _days[1] < _days[2], "schedule days"
    assert _days[2] <= MASK_10, "schedule days"
    assert _bps[0] <= _bps[1] and _bps[1] <= BPS, "schedule bps"
    assert (
        _bps[0] * (_days[1] - _days[0]) <= (_bps[1] - _bps[0]) * _days[0]
        and (_bps[1] - _bps[0]) * (_days[2] - _days[1]) <= (BPS - _bps[1]) * (_days[1] - _days[0])
    ), "schedule flattens"
    return (_days[0] | (_days[1] << 10) | (_days[2] << 20) | (_bps[0] << 30) | (_bps[1] << 44))


@internal
@pure
def _last_day(_schedule: uint256) -> uint256:
    """
    @notice Days after `stop` from which impairment is complete.
    """
    return (_schedule >> 20) & MASK_10


# Pairs of slopes


@internal
@pure
def _pair(_gross: int256, _impairment: int256) -> int256:
    return _gross * 2**128 + _impairment


@internal
@pure
def _impairment_of(_pair: int256) -> int256:
    # the low half with its sign
    return (_pair << 128) >> 128


@internal
@pure
def _gross_of(_pair: int256) -> int256:
    return unsafe_sub(_pair, (_pair << 128) >> 128) >> 128


# Valuation


@internal
@pure
def _hinges(_leg: Leg) -> DynArray[Hinge, MAX_HINGES]:
    """
    @notice Every day on which the leg's slopes change, whether it is past or to come.
    @dev Where the ramp crosses the first loss (or the floor) within a day, the net impairment is
         the straight line between its values at the two midnights: exact at every midnight, and
         never too low between, for the kink is convex.
    """
    hinges: DynArray[Hinge, MAX_HINGES] = []
    if _leg.slope != 0:
        hinges.append(Hinge(day=_leg.turn, delta=-self._line(_leg)))
    if _leg.cure_slope != 0:
        hinges.append(Hinge(day=_leg.cure_end, delta=convert(_leg.cure_slope, int256)))
    falls: bool = _leg.slope < 0
    if _leg.value == 0 or (falls and _leg.stop >= _leg.turn):
        return hinges

    first: uint256 = _leg.schedule & MASK_10
    second: uint256 = (_leg.schedule >> 10) & MASK_10
    first_bps: uint256 = (_leg.schedule >> 30) & MASK_14
    second_bps: uint256 = _leg.schedule >> 44
    days: uint256[4] = [
        _leg.stop + first, _leg.stop + second, _leg.stop + self._last_day(_leg.schedule), _leg.turn
    ]
    marks: uint256[4] = [first_bps, second_bps, BPS, BPS]

    # from here on the slope of what the ramp has above first loss and floor
    slope: int256 = 0
    day: uint256 = _leg.stop
    above: int256 = self._above(_leg, day, 0)
    for i: uint256 in range(4):
        next_day: uint256 = days[i]
        if falls:
            next_day = min(next_day, _leg.turn)
        elif i == 3 or (i == 0 and first_bps * second == second_bps * first):
            continue  # no bend there
        if next_day == day:
            continue  # behind the end of a revenue share
        next_above: int256 = self._above(_leg, next_day, marks[i])

        span: int256 = convert(next_day - day, int256)
        before: int256 = 0
        after: int256 = 0
        if above < 0 and next_above > 0:
            # the last midnight on which the ramp is not above, and its height on the next one
            whole: int256 = -above * span // (next_above - above)
            height: int256 = above + (next_above - above) * (whole + 1) // span
            kink: uint256 = day + convert(whole, uint256)
            within: int256 = height // DAY_SIGNED
            after = (next_above - above) // (span * DAY_SIGNED)
            hinges.append(Hinge(day=kink, delta=within))
            hinges.append(Hinge(day=kink + 1, delta=after - within))
        elif above > 0 and next_above < 0:
            # the last midnight on which the ramp is above, and its height there
            whole: int256 = (above * span - 1) // (above - next_above)
            height: int256 = above + (next_above - above) * whole // span
            kink: uint256 = day + convert(whole, uint256)
            before = (next_above - above) // (span * DAY_SIGNED)
            within: int256 = -height // DAY_SIGNED
            hinges.append(Hinge(day=kink, delta=within - before))
            hinges.append(Hinge(day=kink + 1, delta=-within))
        else:
            before = (max(next_above, 0) - max(above, 0)) // (span * DAY_SIGNED)
            after = before

        if before != slope:
            hinges.append(Hinge(day=day, delta=before - slope))
        slope = after
        day = next_day
        above = next_above
    if slope != 0:
        hinges.append(Hinge(day=day, delta=-slope))
    return hinges


@internal
@pure
def _at(_leg: Leg, _hinges: DynArray[Hinge, MAX_HINGES], _t: uint256) -> Point:
    """
    @notice Value and slopes at `_t`, not before `since`; slopes are those that hold from `_t` on.
    """
    elapsed: int256 = convert(_t - _leg.since, int256)
    slopes: int256 = self._line(_leg) - convert(_leg.cure_slope, int256)
    gross: int256 = convert(_leg.value, int256) + _leg.slope * elapsed
    impairment: int256 = (
        convert(_leg.value * _leg.floor_bps // BPS, int256) + self._impairment_of(slopes) * elapsed
    )
    if _leg.cure_slope != 0:
        impairment += convert(_leg.cure_slope * (_leg.cure_end * DAY - _leg.since), int256)
    for hinge: Hinge in _hinges:
        if hinge.day * DAY <= _t:
            past: int256 = convert(_t - hinge.day * DAY, int256)
            slopes += hinge.delta
            gross += self._gross_of(hinge.delta) * past
            impairment += self._impairment_of(hinge.delta) * past
    return Point(gross=gross, impairment=impairment, slopes=slopes)


@internal
@pure
def _gross_at(_leg: Leg, _t: uint256) -> uint256:
    """
    @notice Gross value at `_t`, not before `since`, scaled.
    """
    if _leg.slope == 0:
        return _leg.value
    elapsed: int256 = convert(min(_t, _leg.turn * DAY) - _leg.since, int256)
    return convert(convert(_leg.value, int256) + _leg.slope * elapsed, uint256)


@internal
@pure
def _moved(_leg: Leg, _t: uint256) -> Leg:
    """
    @notice The same leg as of `_t`, not before `since`: what is over is left out.
    """
    leg: Leg = _leg
    leg.value = self._gross_at(_leg, _t)
    leg.since = _t
    if _leg.turn * DAY <= _t:
        leg.slope = 0
    if _leg.cure_end * DAY <= _t:
        leg.cure_slope = 0
    return leg


@internal
@pure
def _cured(_leg: Leg, _mark: uint256, _t: uint256, _days: uint256) -> Leg:
    """
    @notice The leg, whose new anchor asks for less impairment than the `_mark` it carries, with the
            excess ramping back to zero in `_days` from the next midnight, or on the day on which
            the ramp is complete or the leg ends, if that is earlier.
    @dev The mark is capped by what the leg can lose at all. A debt leg's ramp steepens until it is
         complete, so ramp and excess together stay below carrying value as they do so at both
         ends. That of a revenue share may flatten a little: its excess is cut to what fits at each
         bend.
    @param _leg The leg at `_t` with its new anchor and without a cure.
    @param _mark Impairment before, in proportion to the carrying value that is left, scaled.
    """
    leg: Leg = _leg
    end: uint256 = min((_t + DAY - 1) // DAY + _days, _leg.stop + self._last_day(_leg.schedule))
    if _leg.slope < 0:
        end = min(end, _leg.turn)
    if end * DAY <= _t:
        return leg

    hinges: DynArray[Hinge, MAX_HINGES] = self._hinges(_leg)
    target: int256 = self._at(_leg, hinges, _t).impairment
    buffer: uint256 = (_leg.reserve + _leg.first_loss) << SCALE
    most: uint256 = max(_leg.value - min(_leg.value, buffer), _leg.value * _leg.floor_bps // BPS)
    excess: int256 = convert(min(_mark, most), int256) - target
    left: int256 = convert(end * DAY - _t, int256)
    for hinge: Hinge in hinges:
        if hinge.day < end and hinge.day * DAY > _t:
            point: Point = self._at(_leg, hinges, hinge.day * DAY)
            room: int256 = max(point.gross - point.impairment, 0)
            excess = min(excess, room * left // convert((end - hinge.day) * DAY, int256))
    if excess > 0:
        leg.cure_end = end
        leg.cure_slope = convert(excess // left, uint256)
    return leg


# Internals


@internal
@pure
def _line(_leg: Leg) -> int256:
    """
    @dev The slopes until `turn`: gross, and the floor's part of it.
    """
    return self._pair(
        _leg.slope, _leg.slope * convert(_leg.floor_bps, int256) // convert(BPS, int256)
    )


@internal
@pure
def _above(_leg: Leg, _day: uint256, _bps: uint256) -> int256:
    """
    @dev What a ramp at `_bps` has above first loss and floor on `_day`, scaled. A leg that changed
         after `_day` still follows the line it was on then.
    """
    at: uint256 = _day * DAY
    gross: int256 = convert(_leg.value, int256)
    if _leg.slope != 0:
        gross += _leg.slope * (
            convert(min(at, _leg.turn * DAY), int256) - convert(_leg.since, int256)
        )
    exposed: int256 = max(gross - convert(_leg.reserve << SCALE, int256), 0)
    return (
        (exposed * convert(_bps, int256) - gross * convert(_leg.floor_bps, int256)) // convert(
            BPS, int256
        )
        - convert(_leg.first_loss << SCALE, int256)
    )
