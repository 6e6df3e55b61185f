# pragma version 0.4.3
# pragma optimize gas
"""
@title DealMath: what becomes of a deal's legs
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Pure maths that the ledger asks for: what a payment comes to, the impairment of a leg, and what
        becomes of it when the leg changes. A leg changes in one way only: it is taken as of now, gets new
        numbers, and the impairment it had is carried over.
@dev A contract of its own, without storage: the ledger has no room for it. The desk has the same curve in
     its book.
"""

from . import curve
from . import deal_steps
from . import deal_terms
from . import overdue

KEEP: constant(uint256) = max_value(uint256)


@external
@pure
def opening(_terms: deal_terms.Terms, _reserve: uint256, _now: uint256) -> deal_steps.Opening:
    """
    @notice Return the legs of a deal that is funded, or taken over, now.
    @param _terms The deal's terms.
    @param _reserve That is held back, AID wei.
    @param _now Unix seconds.
    """
    return deal_steps._opening(_terms, _reserve, _now)


@external
@pure
def instalment(
    _terms: deal_terms.Terms,
    _start: uint256,
    _debt: deal_terms.Debt,
    _accrued_before: uint256,
    _since: uint256,
    _now: uint256,
    _amount: uint256,
    _waited: uint256,
    _reserve: uint256,
    _waiting: uint256,
) -> deal_steps.Instalment:
    """
    @notice Return a debt leg that gets an amount; an amount of zero shows where it stands.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _debt Accrued interest as of now, all else as of `_since`.
    @param _accrued_before Interest in the book as of `_since`, net of fees, scaled.
    @param _since Second of the leg's last change.
    @param _now Unix seconds.
    @param _amount AID wei.
    @param _waited Payments that have waited until now, AID wei.
    @param _reserve That is held back, AID wei.
    @param _waiting Payments that wait from now on, AID wei.
    """
    return deal_steps._instalment(
        _terms,
        _start,
        overdue._debt_at(_terms, _start, _debt, _accrued_before, _waited, _since, _now),
        _now,
        _amount,
        _reserve,
        _waiting,
    )


@external
@pure
def missing_interest(
    _terms: deal_terms.Terms,
    _start: uint256,
    _charged: uint256,
    _running: uint256,
    _cash: uint256,
    _from: uint256,
    _now: uint256,
) -> (uint256, uint256):
    """
    @notice Return the default interest of a revenue share: see `overdue._share_at`.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _charged That had fallen due by `_from`, AID wei.
    @param _running The same since the last due day before `_from`.
    @param _cash Receipts so far and what counts as received, AID wei.
    @param _from Second up to which it was charged; 0 if it never was.
    @param _now Unix seconds.
    """
    return overdue._share_at(_terms, _start, _charged, _running, _cash, _from, _now)


@external
@pure
def receipt(
    _terms: deal_terms.Terms,
    _start: uint256,
    _earnings: deal_terms.Earnings,
    _carried: uint256,
    _seconds: uint256,
    _amount: uint256,
    _held: uint256,
    _charged: uint256,
    _now: uint256,
) -> deal_steps.Receipt:
    """
    @notice Return a revenue share that receives an amount: see `deal_steps._receipt`.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _earnings Before the receipt; `depreciated` is what the receipt must exceed, see
           `deal_terms._depreciated`.
    @param _carried Carrying value at the last receipt, AID wei.
    @param _seconds Since then.
    @param _amount AID wei.
    @param _held What counts as received for the anchor, AID wei.
    @param _charged Default interest that has fallen due, AID wei.
    @param _now Unix seconds.
    """
    return deal_steps._receipt(
        _terms, _start, _earnings, _carried, _seconds, _amount, _held, _charged, _now
    )


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
