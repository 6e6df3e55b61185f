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
        opening.stop = deal_terms._debt_anchor(_terms, opening.start, _reserve) + _terms.grace
        opening.accrual = deal_terms._accrual(_terms, _terms.principal)
    if _terms.share_cost != 0:
        held: uint256 = _reserve if _terms.principal == 0 else 0
        opening.share_stop = deal_terms._share_anchor(_terms, opening.start, held) + _terms.grace
        opening.share_end = opening.start + _terms.share_instalments * _terms.share_interval
        opening.depreciation = deal_terms._depreciation(_terms, _now, opening.start)
    return opening


@internal
@pure
def _instalment(
    _terms: deal_terms.Terms,
    _start: uint256,
    _debt: deal_terms.Debt,
    _late_seconds: uint256,
    _amount: uint256,
    _held: uint256,
) -> Instalment:
    """
    @notice A debt leg that gets `_amount`, and has been late for `_late_seconds` since it was last
            written down. An amount of zero shows where it stands.
    """
    step: Instalment = empty(Instalment)
    step.debt = _debt
    step.debt.late += deal_terms._late_interest_up(_terms, _debt.principal, _late_seconds)
    step.applied, step.debt = deal_terms._apply(_terms, step.debt, _amount)
    step.owed = deal_terms._owed_up(_terms, step.debt)
    step.stop = deal_terms._debt_anchor(_terms, _start, step.debt.paid + _held) + _terms.grace
    step.accrual = deal_terms._accrual(_terms, step.debt.principal)
    if _held != 0:
        # what is held beyond the debt retires interest to come
        step.retired = (
            deal_terms._retired(_terms, step.debt, _held) + _held - min(_held, step.owed)
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
    _reserve: uint256,
    _waiting: uint256,
) -> Receipt:
    """
    @notice A revenue share that receives `_amount`, having carried `_carried` wei at its last receipt
            `_seconds` ago. An amount of zero shows where it stands. The reserve of a hybrid is its
            debt's.
    @param _waiting Escrowed payments, and what others have fallen short of what they counted for.
    """
    step: Receipt = empty(Receipt)
    step.fee, step.settled, step.earnings = deal_terms._share_fee_up(
        _terms, _earnings, _amount, _carried, _seconds
    )
    covered: uint256 = step.earnings.received + _waiting
    if _terms.principal == 0:
        covered += _reserve
    step.stop = deal_terms._share_anchor(_terms, _start, covered) + _terms.grace
    return step


@internal
@pure
def _arrears(
    _terms: deal_terms.Terms, _start: uint256, _paid: uint256, _received: uint256, _today: uint256
) -> uint256:
    """
    @notice What the instalments whose grace is over still lack, wei: of the debt, or of the share of
            a deal without. Behind the last one of a debt, everything: 2^256 - 1.
    """
    first: uint256 = _start + _terms.grace
    past: uint256 = _today - min(_today, first)
    due: uint256 = 0
    covered: uint256 = _paid
    if _terms.principal != 0:
        k: uint256 = past // _terms.interval
        if k >= _terms.instalments:
            return max_value(uint256)
        if k != 0:
            due = deal_terms._debt_due_up(_terms, k)
    else:
        k: uint256 = min(past // _terms.share_interval, _terms.share_instalments)
        due = k * _terms.share_minimum
        covered = _received
    return due - min(due, covered)
