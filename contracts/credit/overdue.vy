# pragma version 0.4.3
"""
@title What is overdue, and what it bears
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice One overdue balance for each leg of a deal. From the first second of a due day it is what the
        schedule asks for and cash has not brought:

            overdue(t) = due(k) + default interest that has fallen due - cash      k: due days so far

        and it bears the default rate, simple from one due day to the next. On each due day the interest
        since the one before falls due itself, and bears interest from then on. Principal that is not due,
        or that payments are waiting for, bears the deal's rate. From the last due day on all that is owed,
        and that nothing waits for, is overdue.

        Grace delays consequences, and not the price.
@dev AID wei, each charge rounded up; rates in bps a year of 365 days; days Unix days, times Unix seconds.
     A deal has at most 157 due days.
"""

from . import curve
from . import deal_terms

BPS_YEAR: constant(uint256) = 10**4 * 365 * 86400


@internal
@pure
def _due_days(_start: uint256, _interval: uint256, _count: uint256, _t: uint256) -> uint256:
    """
    @notice Return how many due days have begun.
    @param _start Day from which due days count.
    @param _interval Days between them.
    @param _count Number of due days.
    @param _t Unix seconds.
    """
    day: uint256 = _t // curve.DAY
    if day < _start:
        return 0
    return min((day - _start) // _interval, _count)


@internal
@pure
def _debt_at(
    _terms: deal_terms.Terms,
    _start: uint256,
    _debt: deal_terms.Debt,
    _accrued_before: uint256,
    _waiting: uint256,
    _from: uint256,
    _to: uint256,
) -> deal_terms.Debt:
    """
    @notice Return a debt with the interest that the book does not carry brought up to date: what the
            pricing rule comes to, less what the book has accrued.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _debt The debt: accrued interest as of `_to`, all else as of `_from`.
    @param _accrued_before Interest in the book as of `_from`, net of fees, scaled.
    @param _waiting Payments that wait: they count as paid, AID wei.
    @param _from Second of the debt's last change.
    @param _to Now.
    """
    debt: deal_terms.Debt = _debt
    cash: uint256 = _debt.paid + _waiting
    k: uint256 = self._due_days(_start, _terms.interval, _terms.instalments, _to)
    if k == 0 or (
        k < _terms.instalments
        and _debt.charged + _debt.running == 0
        and deal_terms._debt_due_up(_terms, k) <= cash
    ):
        # never late: the book has it all
        return debt

    owed: uint256 = (
        deal_terms._interest_up(_terms, _accrued_before) + _debt.principal + _debt.late
    )
    t: uint256 = _from
    k = self._due_days(_start, _terms.interval, _terms.instalments, _from)
    for _: uint256 in range(160):
        end: uint256 = _to
        if k < _terms.instalments:
            end = min(end, (_start + (k + 1) * _terms.interval) * curve.DAY)
        # before the last due day what cash lacks of the schedule, then all but interest that still runs
        overdue: uint256 = owed - min(owed, debt.running + _waiting)
        undue: uint256 = min(_debt.principal, _waiting)
        if k < _terms.instalments:
            due: uint256 = debt.charged
            if k != 0:
                due += deal_terms._debt_due_up(_terms, k)
            overdue = min(due - min(due, cash), owed)
            undue = min(deal_terms._undue(_terms, k, debt.principal, _waiting), owed - overdue)
        charge: uint256 = self._interest_up(overdue, _terms.default_bps, end - t)
        debt.running += charge
        owed += charge + self._interest_up(undue, _terms.rate_bps, end - t)
        if k < _terms.instalments and end == (_start + (k + 1) * _terms.interval) * curve.DAY:
            k += 1
            debt.charged += debt.running
            debt.running = 0
        t = end
        if t == _to:
            break
    carried: uint256 = deal_terms._interest_up(_terms, _debt.accrued) + _debt.principal
    debt.late = owed - min(owed, carried)
    return debt


@internal
@pure
def _share_at(
    _terms: deal_terms.Terms,
    _start: uint256,
    _charged: uint256,
    _running: uint256,
    _cash: uint256,
    _from: uint256,
    _to: uint256,
) -> (uint256, uint256):
    """
    @notice Return the default interest of a revenue share, up to date: what has fallen due, and what runs.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _charged Default interest that had fallen due by `_from`, AID wei.
    @param _running The same since the last due day before `_from`.
    @param _cash Receipts so far and payments that wait, AID wei.
    @param _from Second up to which it was charged; 0 if it never was.
    @param _to Now.
    """
    charged: uint256 = _charged
    running: uint256 = _running
    count: uint256 = _terms.share_instalments
    k: uint256 = self._due_days(_start, _terms.share_interval, count, _to)
    if _charged + _running == 0 and k * _terms.share_minimum <= _cash:
        return 0, 0
    # before the first minimum that is missing nothing is
    first: uint256 = _cash // _terms.share_minimum + 1
    t: uint256 = max(_from, (_start + first * _terms.share_interval) * curve.DAY)
    if _charged + _running != 0:
        t = _from
    k = self._due_days(_start, _terms.share_interval, count, t)
    for _: uint256 in range(160):
        end: uint256 = _to
        if k < count:
            end = min(end, (_start + (k + 1) * _terms.share_interval) * curve.DAY)
        due: uint256 = k * _terms.share_minimum + charged
        running += self._interest_up(due - min(due, _cash), _terms.share_default_bps, end - t)
        if k < count and end == (_start + (k + 1) * _terms.share_interval) * curve.DAY:
            k += 1
            charged += running
            running = 0
        t = end
        if t == _to:
            break
    return charged, running


@internal
@pure
def _interest_up(_amount: uint256, _rate_bps: uint256, _seconds: uint256) -> uint256:
    """
    @notice Return simple interest, AID wei, rounded up.
    @param _amount That bears it, AID wei.
    @param _rate_bps A year.
    @param _seconds For how long.
    """
    return (_amount * _rate_bps * _seconds + (BPS_YEAR - 1)) // BPS_YEAR
