# pragma version 0.4.3
"""
@title What happens to a deal's legs: at funding, with a payment, with a receipt
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Each step takes terms and what the ledger knows, and returns what it is to write down. Pure.
@dev Days are Unix days. `_waiting` are escrowed payments; they and the reserve count as paid already.
"""

from . import curve
from . import deal_terms
from . import overdue

BPS: constant(uint256) = 10**4


# The legs of a deal that is funded, or taken over, now.
struct Opening:
    start: uint256  # the day from which due days count
    stop: uint256  # of the debt leg
    accrual: uint256  # of the debt leg, scaled a second
    share_stop: uint256
    share_end: uint256
    depreciation: uint256  # of the share, scaled a second


# A debt leg after a payment.
struct Instalment:
    applied: deal_terms.Applied
    debt: deal_terms.Debt
    owed: uint256  # what would pay the rest off, wei
    stop: uint256
    accrual: uint256  # scaled a second, until `stop`
    retired: uint256  # carrying value that what is held would retire, wei


# A revenue share after a receipt.
struct Receipt:
    fee: uint256
    settled: uint256  # seconds that it pays the management fee for
    earnings: deal_terms.Earnings
    stop: uint256


@internal
@pure
def _opening(_terms: deal_terms.Terms, _reserve: uint256, _now: uint256) -> Opening:
    """
    @notice The legs of a deal that is funded now. The reserve counts for the debt, and for the share
            of a deal without.
    """
    opening: Opening = empty(Opening)
    opening.start = (_now + curve.DAY - 1) // curve.DAY
    if _terms.principal != 0:
        opening.stop = deal_terms._debt_anchor(_terms, opening.start, _reserve, 0, 0) + _terms.grace
        opening.accrual = deal_terms._accrual(_terms, _terms.principal)
    if _terms.share_cost != 0:
        held: uint256 = _reserve if _terms.principal == 0 else 0
        opening.share_stop = (
            deal_terms._share_anchor(_terms, opening.start, held, 0, 0) + _terms.grace
        )
        opening.share_end = opening.start + _terms.share_instalments * _terms.share_interval
        opening.depreciation = deal_terms._depreciation(_terms, _now, opening.start)
    return opening


@internal
@pure
def _instalment(
    _terms: deal_terms.Terms,
    _start: uint256,
    _debt: deal_terms.Debt,
    _now: uint256,
    _amount: uint256,
    _reserve: uint256,
    _waiting: uint256,
) -> Instalment:
    """
    @notice A debt leg that gets `_amount`. An amount of zero shows where it stands.
    @param _terms The deal's terms.
    @param _start Day from which due days count.
    @param _debt As of now, see `overdue._debt_at`.
    @param _now Unix seconds.
    @param _amount AID wei.
    @param _reserve That is held back: it counts as paid for the anchor, AID wei.
    @param _waiting Payments that wait: they count as paid for anchor and overdue balance, AID wei.
    """
    step: Instalment = empty(Instalment)
    k: uint256 = overdue._due_days(_start, _terms.interval, _terms.instalments, _now)
    undue: uint256 = deal_terms._undue(_terms, k, _debt.principal, 0)
    held: uint256 = _reserve + _waiting
    step.applied, step.debt = deal_terms._apply(_terms, _debt, _amount, undue)
    step.owed = deal_terms._owed_up(_terms, step.debt)
    step.stop = (
        deal_terms._debt_anchor(_terms, _start, step.debt.paid + held, step.debt.charged, k)
        + _terms.grace
    )
    undue = min(undue, step.debt.principal)
    step.accrual = deal_terms._accrual(
        _terms, deal_terms._undue(_terms, k, step.debt.principal, _waiting)
    )
    if held != 0:
        # what is held beyond the debt retires interest to come
        step.retired = (
            deal_terms._retired(_terms, step.debt, held, undue) + held - min(held, step.owed)
        )
    return step


@internal
@pure
def _receipt(
    _terms: deal_terms.Terms,
    _start: uint256,
    _earnings: deal_terms.Earnings,
    _carried: uint256,
    _seconds: uint256,
    _amount: uint256,
    _held: uint256,
    _charged: uint256,
    _now: uint256,
) -> Receipt:
    """
    @notice A revenue share that receives `_amount`, having carried `_carried` wei at its last receipt
            `_seconds` ago. An amount of zero shows where it stands.
    @param _held What counts as received for the anchor: payments that wait, what others have fallen short of
           what they counted for, and the reserve of a deal without debt, AID wei.
    @param _charged Default interest that has fallen due, AID wei.
    @param _now Unix seconds.
    """
    step: Receipt = empty(Receipt)
    step.fee, step.settled, step.earnings = deal_terms._share_fee_up(
        _terms, _earnings, _amount, _carried, _seconds
    )
    k: uint256 = overdue._due_days(_start, _terms.share_interval, _terms.share_instalments, _now)
    step.stop = (
        deal_terms._share_anchor(_terms, _start, step.earnings.received + _held, _charged, k)
        + _terms.grace
    )
    return step


@internal
@pure
def _arrears(
    _terms: deal_terms.Terms,
    _start: uint256,
    _cash: uint256,
    _charged: uint256,
    _now: uint256,
) -> uint256:
    """
    @notice What the instalments whose grace is over still lack, wei: of the debt, or of the share of
            a deal without. Behind the last one of a debt, everything: 2^256 - 1.
    @param _cash Paid on the debt, or received by the share, AID wei.
    @param _charged Default interest that has fallen due, AID wei.
    @param _now Unix seconds.
    """
    interval: uint256 = _terms.interval
    count: uint256 = _terms.instalments
    if _terms.principal == 0:
        interval = _terms.share_interval
        count = _terms.share_instalments
    k: uint256 = overdue._due_days(_start + _terms.grace, interval, count, _now)
    if k == 0:
        return 0
    due: uint256 = k * _terms.share_minimum
    if _terms.principal != 0:
        if k == count:
            return max_value(uint256)
        due = deal_terms._debt_due_up(_terms, k)
    if k == overdue._due_days(_start, interval, count, _now):
        due += _charged
    return due - min(due, _cash)
