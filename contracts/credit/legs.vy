# pragma version 0.4.3
"""
@title How a leg of a deal begins
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Pure.
"""

from . import curve
from . import deal_steps
from . import deal_terms


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
