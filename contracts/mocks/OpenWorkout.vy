# pragma version 0.4.3
# pragma optimize gas
"""
@title A Workout that bounds nothing: the committee sells, marks and restructures at once
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev For tests of what desk and ledger make of it. A mark-up still waits for three days.
"""

from ..interfaces import IRoles
from ..interfaces import IWorkoutDesk


interface Desk:
    def leg(_id: uint256) -> Leg: view


# As curve.Leg.
struct Leg:
    value: uint256
    slope: int256
    since: uint256
    turn: uint256
    stop: uint256
    cure_end: uint256
    cure_slope: uint256
    floor_bps: uint256


DELAY: constant(uint256) = 3 * 86_400
CREDIT: constant(bytes32) = keccak256("CREDIT")

ROLES: immutable(IRoles)
DESK: immutable(IWorkoutDesk)

_mark_ups: HashMap[uint256, uint256]


@deploy
def __init__(_roles: IRoles, _desk: IWorkoutDesk):
    ROLES = _roles
    DESK = _desk


@external
def mark(_deal: uint256, _bps: uint256):
    """
    @notice Mark a deal down to `_bps` of its gross value.
    """
    self._check_credit()
    assert _bps <= 10_000, "mark out of bounds"
    assert _bps > self._mark_of(_deal), "not a markdown"
    self._mark_ups[_deal] = 0
    extcall DESK.mark(_deal, _bps, False)


@external
def propose_mark_up(_deal: uint256, _bps: uint256):
    """
    @notice Announce that a deal will be marked up to `_bps` of its gross value.
    """
    self._check_credit()
    assert _bps < self._mark_of(_deal), "not a mark-up"
    self._mark_ups[_deal] = _bps | ((block.timestamp + DELAY) << 14)


@external
def mark_up(_deal: uint256):
    """
    @notice Mark a deal up as announced.
    """
    self._check_credit()
    proposal: uint256 = self._mark_ups[_deal]
    assert proposal != 0, "nothing proposed"
    assert block.timestamp >= proposal >> 14, "too early"
    self._mark_ups[_deal] = 0
    extcall DESK.mark(_deal, proposal & (2**14 - 1), True)


@external
def liquidate(_deal: uint256):
    """
    @notice Have collateral sold.
    """
    self._check_credit()
    extcall DESK.liquidate(_deal)


@external
def step_in(_deal: uint256, _instalments: uint256, _interval: uint256):
    """
    @notice Go on with a deal as a revenue share of so many minimums, `_interval` days apart.
    """
    self._check_credit()
    self._mark_ups[_deal] = 0
    extcall DESK.step_in(_deal, _instalments, _interval)


@internal
@view
def _mark_of(_deal: uint256) -> uint256:
    desk: Desk = Desk(DESK.address)
    return max(
        (staticcall desk.leg(2 * _deal)).floor_bps, (staticcall desk.leg(2 * _deal + 1)).floor_bps
    )


@internal
@view
def _check_credit():
    assert staticcall ROLES.hasRole(CREDIT, msg.sender), "not credit"
