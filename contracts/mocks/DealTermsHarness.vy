# pragma version 0.4.3
# pragma optimize gas
"""
@title The maths of deal terms, callable
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..credit import deal_terms as dt
from ..credit import overdue

MAX_CASES: constant(uint256) = 160


struct Applied:
    applied: dt.Applied
    debt: dt.Debt


struct ShareFee:
    fee: uint256
    settled: uint256
    earnings: dt.Earnings


@external
@pure
def check(_terms: dt.Terms):
    """
    @notice `deal_terms._check`.
    """
    dt._check(_terms)


@external
@pure
def table(_terms: dt.Terms) -> DynArray[uint256, MAX_CASES]:
    """
    @notice `deal_terms._debt_due_up` of every instalment.
    """
    due: DynArray[uint256, MAX_CASES] = []
    for k: uint256 in range(_terms.instalments, bound=MAX_CASES):
        due.append(dt._debt_due_up(_terms, k + 1))
    return due


@external
@pure
def debt_anchors(
    _terms: dt.Terms,
    _start: uint256,
    _covered: DynArray[uint256, MAX_CASES],
    _charged: uint256 = 0,
    _due: uint256 = 0,
) -> DynArray[uint256, MAX_CASES]:
    """
    @notice `deal_terms._debt_anchor` of each.
    """
    days: DynArray[uint256, MAX_CASES] = []
    for covered: uint256 in _covered:
        days.append(dt._debt_anchor(_terms, _start, covered, _charged, _due))
    return days


@external
@pure
def share_anchors(
    _terms: dt.Terms,
    _start: uint256,
    _covered: DynArray[uint256, MAX_CASES],
    _charged: uint256 = 0,
    _due: uint256 = 0,
) -> DynArray[uint256, MAX_CASES]:
    """
    @notice `deal_terms._share_anchor` of each.
    """
    days: DynArray[uint256, MAX_CASES] = []
    for covered: uint256 in _covered:
        days.append(dt._share_anchor(_terms, _start, covered, _charged, _due))
    return days


@external
@pure
def rates(_terms: dt.Terms, _principal: uint256, _accrued: uint256) -> (uint256, uint256):
    """
    @notice `deal_terms._accrual`, `_interest_up`.
    """
    return dt._accrual(_terms, _principal), dt._interest_up(_terms, _accrued)


@external
@pure
def debt_at(
    _terms: dt.Terms,
    _start: uint256,
    _debt: dt.Debt,
    _accrued_before: uint256,
    _waiting: uint256,
    _from: uint256,
    _to: uint256,
) -> dt.Debt:
    """
    @notice `overdue._debt_at`.
    """
    return overdue._debt_at(_terms, _start, _debt, _accrued_before, _waiting, _from, _to)


@external
@pure
def share_at(
    _terms: dt.Terms,
    _start: uint256,
    _charged: uint256,
    _running: uint256,
    _cash: uint256,
    _from: uint256,
    _to: uint256,
) -> (uint256, uint256):
    """
    @notice `overdue._share_at`.
    """
    return overdue._share_at(_terms, _start, _charged, _running, _cash, _from, _to)


@external
@pure
def apply(_terms: dt.Terms, _debt: dt.Debt, _amount: uint256, _undue: uint256) -> Applied:
    """
    @notice `deal_terms._apply`.
    """
    result: Applied = empty(Applied)
    result.applied, result.debt = dt._apply(_terms, _debt, _amount, _undue)
    return result


@external
@pure
def owed_and_retired(_terms: dt.Terms, _debt: dt.Debt, _reserve: uint256) -> (uint256, uint256):
    """
    @notice `deal_terms._owed_up`, `_retired`.
    """
    return dt._owed_up(_terms, _debt), dt._retired(_terms, _debt, _reserve, 0)


@external
@pure
def depreciation(_terms: dt.Terms, _funded: uint256, _start: uint256) -> uint256:
    """
    @notice `deal_terms._depreciation`.
    """
    return dt._depreciation(_terms, _funded, _start)


@external
@pure
def share_fee_up(
    _terms: dt.Terms, _earnings: dt.Earnings, _amount: uint256, _carried: uint256, _seconds: uint256
) -> ShareFee:
    """
    @notice `deal_terms._share_fee_up`.
    """
    result: ShareFee = empty(ShareFee)
    result.fee, result.settled, result.earnings = dt._share_fee_up(
        _terms, _earnings, _amount, _carried, _seconds
    )
    return result


@external
@pure
def depreciated(_terms: dt.Terms, _basis: uint256, _value: uint256, _received: uint256) -> uint256:
    """
    @notice `deal_terms._depreciated`.
    """
    return dt._depreciated(_terms, _basis, _value, _received)


@external
@pure
def tokenisation_fee_up(_terms: dt.Terms, _minimum_bps: uint256, _yearly_bps: uint256) -> uint256:
    """
    @notice `deal_terms._tokenisation_fee_up`.
    """
    return dt._tokenisation_fee_up(_terms, _minimum_bps, _yearly_bps)
