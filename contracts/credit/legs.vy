# pragma version 0.4.3
"""
@title How a leg of a deal begins, and how it changes
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Pure. A leg changes in one way only: it is taken as of now, gets new numbers, and the impairment
        it had is carried over.
"""

from . import curve
from . import deal_steps
from . import deal_terms

KEEP: constant(uint256) = max_value(uint256)


@internal
@pure
def _debt(
    _terms: deal_terms.Terms,
    _opening: deal_steps.Opening,
    _now: uint256,
    _reserve: uint256,
    _first_loss: uint256,
) -> curve.Leg:
    """
    @notice The debt leg of a deal that is funded now.
    """
    return curve.Leg(
        value=_terms.principal << curve.SCALE,
        slope=convert(_opening.accrual, int256),
        since=_now,
        turn=_opening.stop,
        stop=_opening.stop,
        cure_end=0,
        cure_slope=0,
        floor_bps=0,
        reserve=min(_reserve, _terms.principal),
        first_loss=_first_loss,
        schedule=_terms.schedule,
    )


@internal
@pure
def _share(
    _terms: deal_terms.Terms, _opening: deal_steps.Opening, _now: uint256, _first_loss: uint256
) -> curve.Leg:
    """
    @notice The revenue share of a deal that is funded, or taken over, now.
    """
    return curve.Leg(
        value=_terms.share_cost << curve.SCALE,
        slope=-convert(_opening.depreciation, int256),
        since=_now,
        turn=_opening.share_end,
        stop=_opening.share_stop,
        cure_end=0,
        cure_slope=0,
        floor_bps=0,
        reserve=0,
        first_loss=_first_loss,
        schedule=_terms.schedule,
    )


@internal
@pure
def _carried_over(
    _old: curve.Leg, _new: curve.Leg, _now: uint256, _mark: uint256, _cure_days: uint256
) -> curve.Leg:
    """
    @notice The new leg with the old one's impairment, in proportion to what it carries: on its way back
            if anchor or mark have changed, else the old cure goes on.
    @dev Products are shifted by 20 bits in between: 2^115 * 2^132 < 2^256.
    @param _mark Least impairment, bps; `KEEP` keeps it.
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
