# pragma version 0.4.3
"""
@title The terms of a deal: schedules, interest, fees, and how cash is applied
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Pure maths of a deal's two possible legs.

        Debt is paid in `instalments` every `interval` days. Amortising debt repays the same principal
        with each (level principal: linear, exact, and no slower than GPUs age); a bullet repays it
        with the last. Interest is simple, actual/365, on the principal outstanding. The schedule
        says how much cash must have come in altogether by each due day:

            due(k) = S(k) + P r i (k - a k (k - 1) / (2 n)) / 365      a: 1 if amortising, else 0
            S(k)   = P k / n if amortising, else P if k = n, else 0    i: interval, days

        Cash goes to the oldest instalment first, so instalment k < n is covered when all cash so far
        reaches due(k), and the last when nothing is owed. The *anchor* is the due day of the first
        that is not covered.

        What is due and not paid is overdue, and bears the default rate, see overdue.vy. Default interest
        falls due with the next instalment: an instalment whose due day is the last so far asks for it
        besides its scheduled amount, one before does not.

        A revenue share is bought for `share_cost` and must bring `share_minimum` in each of
        `share_instalments` intervals; it is worth nothing after the last.
@dev Amounts in AID wei, scaled ones in wei * 2^40, rates in bps a year, days Unix days. `_start` is
     the first midnight not before funding; due days count from there.

     Bounds: P < 2^90, rate < 2^14, days < 2^11, k <= 157: every product stays below 2^200.
"""

from . import curve

BPS: constant(uint256) = 10**4
YEAR_DAYS: constant(uint256) = 365
YEAR: constant(uint256) = 365 * 86400

MIN_TERM: constant(uint256) = 90
MAX_TERM: constant(uint256) = 1_095
MIN_INTERVAL: constant(uint256) = 7
MAX_INTERVAL: constant(uint256) = 92
MAX_SHARE_INTERVAL: constant(uint256) = 31
MAX_GRACE: constant(uint256) = 30
MAX_CURE: constant(uint256) = 30
MAX_AMOUNT: constant(uint256) = 10**9 * 10**18
MIN_AMOUNT: constant(uint256) = 10**3 * 10**18
# at it, net interest is 0.6 % a year with the default fees
MIN_RATE: constant(uint256) = 100
MAX_RATE: constant(uint256) = 5_000
MAX_MANAGEMENT: constant(uint256) = 50
MAX_PERFORMANCE: constant(uint256) = 3_000
# 50 % with the highest fees asks for 72.5 %
MAX_DEFAULT: constant(uint256) = 10_000
MIN_DEFAULT: constant(uint256) = 100


struct Terms:
    principal: uint256  # of the debt leg, wei; 0 for none
    rate_bps: uint256  # gross interest a year
    instalments: uint256
    interval: uint256  # days
    amortising: bool
    share_cost: uint256  # of the revenue share, wei; 0 for none
    share_minimum: uint256  # wei an interval
    share_instalments: uint256
    share_interval: uint256  # days
    grace: uint256  # days after a due day, before accrual stops and the ramp begins
    cure: uint256  # days that a cured impairment takes to go
    management_bps: uint256  # a year, of outstanding principal or of what a share carried last
    performance_bps: uint256  # of earnings
    schedule: uint256  # the ramp, packed by curve.vy
    default_bps: uint256  # a year, of what is overdue of the debt
    share_default_bps: uint256  # a year, of minimums that are missing


# What a borrower owes on a debt leg.
struct Debt:
    principal: uint256  # wei
    accrued: uint256  # interest in the book, net of fees, scaled
    late: uint256  # all other interest that is owed, which the book never carried, wei
    paid: uint256  # all cash so far, wei
    charged: uint256  # default interest that has fallen due so far, paid or not, wei
    running: uint256  # the same since the last due day, wei


# How a payment is used; the parts make up `used`.
struct Applied:
    used: uint256
    fee: uint256  # the protocol's
    interest: uint256  # net, carried in the book until now
    principal: uint256
    gain: uint256  # net late interest, which the book never carried: it vests


# Earnings of a revenue share, all since it was bought, wei.
struct Earnings:
    received: uint256
    depreciated: uint256  # cost less carrying value, realised losses included, or brought back already
    high_water: uint256  # most that receipts have exceeded depreciation so far


@internal
@pure
def _check(_terms: Terms):
    """
    @notice Reverts unless a deal may have these terms.
    @dev "no leg", "principal out of bounds", "rate out of bounds", "interval out of bounds", "term
         out of bounds", "share out of bounds", "share minimum", "default rate", "grace out of bounds", "cure out of
         bounds", "fees out of bounds".
    """
    assert _terms.principal + _terms.share_cost != 0, "no leg"
    if _terms.principal != 0:
        self._check_amount(_terms.principal)
        assert _terms.rate_bps >= MIN_RATE and _terms.rate_bps <= MAX_RATE, "rate out of bounds"
        self._check_term(_terms.instalments, _terms.interval, MAX_INTERVAL)
    if _terms.share_cost != 0:
        self._check_amount(_terms.share_cost)
        self._check_term(_terms.share_instalments, _terms.share_interval, MAX_SHARE_INTERVAL)
        # at least the cost comes back, or falling silent would be allowed
        assert (
            _terms.share_minimum <= MAX_AMOUNT
            and _terms.share_minimum * _terms.share_instalments >= _terms.share_cost
        ), "share minimum"
    assert _terms.grace <= MAX_GRACE, "grace out of bounds"
    assert _terms.cure != 0 and _terms.cure <= MAX_CURE, "cure out of bounds"
    assert (
        _terms.management_bps <= MAX_MANAGEMENT and _terms.performance_bps <= MAX_PERFORMANCE
    ), "fees out of bounds"
    # the funder has the same part of default interest as of interest: with it, delay must not pay
    assert _terms.principal == 0 or (
        _terms.default_bps <= MAX_DEFAULT
        and _terms.default_bps * self._net_rate(_terms) >= _terms.rate_bps**2 * BPS
    ), "default rate"
    assert _terms.share_cost == 0 or (
        _terms.share_default_bps >= MIN_DEFAULT and _terms.share_default_bps <= MAX_DEFAULT
    ), "default rate"


# Schedules


@internal
@pure
def _term(_terms: Terms) -> uint256:
    """
    @notice Days from start to the last due day of either leg.
    """
    return max(
        _terms.instalments * _terms.interval if _terms.principal != 0 else 0,
        _terms.share_instalments * _terms.share_interval if _terms.share_cost != 0 else 0,
    )


@internal
@pure
def _debt_due_up(_terms: Terms, _k: uint256) -> uint256:
    """
    @notice Cash that must have come in by due day `_k` (from 1), wei, interest rounded up.
    """
    n: uint256 = _terms.instalments
    principal: uint256 = self._principal_due(_terms, _k)
    # interest periods, in n-ths of the whole principal; doubled, for k (k - 1) / 2
    periods: uint256 = 2 * n * _k
    if _terms.amortising:
        periods -= _k * (_k - 1)
    year: uint256 = 2 * n * BPS * YEAR_DAYS
    return (
        principal
        + (_terms.principal * _terms.rate_bps * _terms.interval * periods + (year - 1)) // year
    )


@internal
@pure
def _debt_anchor(
    _terms: Terms, _start: uint256, _covered: uint256, _charged: uint256, _due: uint256
) -> uint256:
    """
    @notice Due day of the first instalment that `_covered` does not reach; the last one's if it
            reaches all others.
    @param _covered All cash so far and the cash held back, wei.
    @param _charged Default interest that has fallen due, wei; it is asked for with the last instalment that
           is due, and with those to come.
    @param _due Number of due days so far.
    """
    low: uint256 = 1
    high: uint256 = _terms.instalments
    # 157 instalments at most
    for _: uint256 in range(8):
        if low == high:
            break
        middle: uint256 = (low + high) // 2
        asked: uint256 = self._debt_due_up(_terms, middle)
        if middle >= _due:
            asked += _charged
        if asked <= _covered:
            low = middle + 1
        else:
            high = middle
    return _start + low * _terms.interval


@internal
@pure
def _share_anchor(
    _terms: Terms, _start: uint256, _covered: uint256, _charged: uint256, _due: uint256
) -> uint256:
    """
    @notice Due day of the first minimum that `_covered` does not reach; the last day if it reaches
            all.
    @param _covered All receipts so far and the cash held back, wei.
    @param _charged As of `_debt_anchor`.
    @param _due Number of due days so far.
    """
    k: uint256 = _covered // _terms.share_minimum + 1
    if k >= _due:
        left: uint256 = _covered - min(_covered, _charged)
        k = max(left // _terms.share_minimum + 1, _due)
    return _start + min(k, _terms.share_instalments) * _terms.share_interval


@internal
@pure
def _undue(_terms: Terms, _k: uint256, _principal: uint256, _waiting: uint256) -> uint256:
    """
    @notice Principal that is not due on due day `_k`, or that payments are waiting for, wei.
    @param _terms The deal's terms.
    @param _k Number of due days so far.
    @param _principal Outstanding, wei.
    @param _waiting Payments that wait, wei.
    """
    return min(_principal, _terms.principal - self._principal_due(_terms, _k) + _waiting)


@internal
@pure
def _principal_due(_terms: Terms, _k: uint256) -> uint256:
    """
    @notice Principal that must have come in by due day `_k`, wei, rounded down.
    @param _terms The deal's terms.
    @param _k From 0.
    """
    if _terms.amortising:
        return _terms.principal * _k // _terms.instalments
    return _terms.principal if _k == _terms.instalments else 0


# Interest and what cash does


@internal
@pure
def _net_rate(_terms: Terms) -> uint256:
    """
    @notice What the book accrues a year, net of fees, in bps of a bp.
    @dev Positive: fees are at most 0.5 % and 30 % of at least 1 %.
    """
    return _terms.rate_bps * (BPS - _terms.performance_bps) - _terms.management_bps * BPS


@internal
@pure
def _accrual(_terms: Terms, _principal: uint256) -> uint256:
    """
    @notice Net interest on `_principal`, scaled, a second, rounded down.
    """
    return (_principal * self._net_rate(_terms) << curve.SCALE) // (BPS * BPS * YEAR)


@internal
@pure
def _interest_up(_terms: Terms, _accrued: uint256) -> uint256:
    """
    @notice Gross interest behind net interest in the book, wei, rounded up.
    """
    net: uint256 = self._net_rate(_terms) << curve.SCALE
    return (_accrued * _terms.rate_bps * BPS + (net - 1)) // net


@internal
@pure
def _owed_up(_terms: Terms, _debt: Debt) -> uint256:
    """
    @notice What pays the debt off now, wei.
    """
    return self._interest_up(_terms, _debt.accrued) + _debt.principal + _debt.late


@internal
@pure
def _apply(_terms: Terms, _debt: Debt, _amount: uint256, _undue: uint256) -> (Applied, Debt):
    """
    @notice Uses cash for interest that the book carries, then principal that is due, then other interest,
            then principal that is not due; the rest stays unused.
    @dev What the book loses is to the wei what the vault gets, interest + principal; but for the
         last fraction of a wei of interest, which goes when all of it is paid. Fees are a fixed part
         of gross interest, rounded in the protocol's favour by less than a wei.
    @param _undue Principal that is not due yet, wei.
    @return The parts, and the debt afterwards.
    """
    applied: Applied = empty(Applied)
    debt: Debt = _debt
    left: uint256 = _amount

    gross: uint256 = self._interest_up(_terms, _debt.accrued)
    used: uint256 = min(left, gross)
    if used == gross:
        applied.interest = _debt.accrued >> curve.SCALE
        debt.accrued = 0
    else:
        applied.interest = min(self._net_of(_terms, used), _debt.accrued >> curve.SCALE)
        debt.accrued -= applied.interest << curve.SCALE
    applied.fee = used - applied.interest
    left -= used

    applied.principal = min(left, _debt.principal - _undue)
    left -= applied.principal

    used = min(left, _debt.late)
    applied.gain = self._net_of(_terms, used)
    applied.fee += used - applied.gain
    debt.late -= used
    left -= used

    early: uint256 = min(left, _undue)
    applied.principal += early
    debt.principal -= applied.principal
    left -= early

    applied.used = _amount - left
    debt.paid += applied.used
    return applied, debt


@internal
@pure
def _retired(_terms: Terms, _debt: Debt, _reserve: uint256, _undue: uint256) -> uint256:
    """
    @notice Carrying value that cash held back would retire, wei.
    """
    applied: Applied = self._apply(_terms, _debt, _reserve, _undue)[0]
    return applied.interest + applied.principal


# Revenue shares


@internal
@pure
def _depreciation(_terms: Terms, _funded: uint256, _start: uint256) -> uint256:
    """
    @notice What a revenue share loses a second, scaled, rounded down, from the second it was funded
            until its last due day.
    """
    end: uint256 = (_start + _terms.share_instalments * _terms.share_interval) * curve.DAY
    return (_terms.share_cost << curve.SCALE) // (end - _funded)


@internal
@pure
def _depreciated(_terms: Terms, _basis: uint256, _value: uint256, _received: uint256) -> uint256:
    """
    @notice What receipts must exceed before the protocol earns: what time has taken from the share, or
            what the minimums that receipts have reached were to bring back, if that is more. Who pays
            early returns capital.
    @param _basis What receipts must bring back in all, wei; at least the cost.
    @param _value Carrying value now, wei.
    @param _received All receipts so far, wei.
    @return Wei, rounded up.
    """
    n: uint256 = _terms.share_instalments
    ahead: uint256 = n - min(_received // _terms.share_minimum, n)
    return _basis - min(_value, _terms.share_cost * ahead // n)


@internal
@pure
def _share_fee_up(
    _terms: Terms, _earnings: Earnings, _amount: uint256, _carried: uint256, _seconds: uint256
) -> (uint256, uint256, Earnings):
    """
    @notice The protocol's part of a receipt: the performance fee on receipts above depreciation, as far
            as they exceed the most they ever did, and the management fee since the last receipt on
            what the share carried then. Never more than the receipt: what is short stays due.
    @param _earnings Before the receipt, with depreciation as of it.
    @param _carried Carrying value at the last receipt, wei.
    @param _seconds Since then.
    @return Fee in wei, rounded up; seconds that it pays management for; the earnings afterwards.
    """
    earnings: Earnings = _earnings
    earnings.received += _amount
    fee: uint256 = 0
    above: uint256 = earnings.received - min(earnings.received, earnings.depreciated)
    if above > earnings.high_water:
        fee = ((above - earnings.high_water) * _terms.performance_bps + (BPS - 1)) // BPS
        fee = min(fee, _amount)
        earnings.high_water = above
    due: uint256 = (_carried * _terms.management_bps * _seconds + (BPS * YEAR - 1)) // (BPS * YEAR)
    left: uint256 = _amount - fee
    if due <= left:
        return fee + due, _seconds, earnings
    return _amount, _seconds * left // due, earnings


# Fees


@internal
@pure
def _tokenisation_fee_up(_terms: Terms, _minimum_bps: uint256, _yearly_bps: uint256) -> uint256:
    """
    @notice What the borrower pays for a deal's tokenisation: the minimum, or a part for each year of
            its term, of all that is funded. Wei, rounded up.
    """
    funded: uint256 = _terms.principal + _terms.share_cost
    rate: uint256 = max(_minimum_bps * YEAR_DAYS, _yearly_bps * self._term(_terms))
    return (funded * rate + (BPS * YEAR_DAYS - 1)) // (BPS * YEAR_DAYS)


# Internals


@internal
@pure
def _net_of(_terms: Terms, _gross: uint256) -> uint256:
    return _gross * self._net_rate(_terms) // (_terms.rate_bps * BPS)


@internal
@pure
def _check_amount(_amount: uint256):
    assert _amount >= MIN_AMOUNT and _amount <= MAX_AMOUNT, "principal out of bounds"


@internal
@pure
def _check_term(_instalments: uint256, _interval: uint256, _most: uint256):
    assert _interval >= MIN_INTERVAL and _interval <= _most, "interval out of bounds"
    # neither factor alone can overflow: the interval is at most 92
    assert _instalments <= MAX_TERM, "term out of bounds"
    term: uint256 = _instalments * _interval
    assert term >= MIN_TERM and term <= MAX_TERM, "term out of bounds"
