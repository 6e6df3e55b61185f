# pragma version 0.4.3
# pragma optimize gas
"""
@title LegMath: how a leg of a deal changes
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Pure maths that the ledger asks for: the impairment of a leg, and what becomes of it when the leg
        changes. A leg changes in one way only: it is taken as of now, gets new numbers, and the impairment
        it had is carried over.
@dev A contract of its own, without storage: the ledger has no room for the curve. The desk has the same
     curve in its book.
"""

from . import curve

KEEP: constant(uint256) = max_value(uint256)


@external
@pure
def impairment(_leg: curve.Leg, _t: uint256) -> uint256:
    """
    @notice Return the net impairment of a leg.
    @param _leg The leg.
    @param _t Unix seconds, not before the leg's last change.
    @return Scaled by 2^40, rounded down, at least 0.
    """
    return self._impairment(_leg, _t)


@external
@pure
def carried_over(
    _old: curve.Leg, _new: curve.Leg, _now: uint256, _mark: uint256, _cure_days: uint256
) -> curve.Leg:
    """
    @notice Return the new leg with the old one's impairment, in proportion to what it carries: on its way
            back if anchor or mark have changed, else the old cure goes on.
    @dev Products are shifted by 20 bits in between: 2^115 * 2^132 < 2^256.
    @param _old The leg as it was last written down.
    @param _new The leg as of now, with its new numbers.
    @param _now Unix seconds.
    @param _mark Least impairment, bps; `KEEP` keeps it.
    @param _cure_days Days from the next midnight, until the excess is back at zero.
    """
    leg: curve.Leg = _new
    if _mark != KEEP:
        leg.floor_bps = _mark
    before: uint256 = curve._gross_at(_old, _now) >> 20
    if leg.stop == _old.stop and leg.floor_bps == _old.floor_bps:
        if leg.cure_slope != 0 and before != 0:
            leg.cure_slope = leg.cure_slope * (leg.value >> 20) // before
        return leg
    leg.cure_slope = 0
    leg.cure_end = 0
    impairment: uint256 = self._impairment(_old, _now)
    if impairment != 0 and before != 0:
        leg = curve._cured(leg, (impairment >> 20) * leg.value // before, _now, _cure_days)
    return leg


@internal
@pure
def _impairment(_leg: curve.Leg, _now: uint256) -> uint256:
    """
    @notice Net impairment of a leg, scaled.
    """
    if _leg.floor_bps == 0 and _leg.cure_slope == 0 and _now <= _leg.stop * curve.DAY:
        return 0
    return convert(max(curve._at(_leg, curve._hinges(_leg), _now).impairment, 0), uint256)
