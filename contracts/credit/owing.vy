# pragma version 0.4.3
"""
@title What a deal owes now, and what its legs are worth
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Reads a deal's account here, its legs at the desk, and its terms in Deals. Changes nothing.
"""

from . import accounts
from . import curve
from . import deal_steps
from . import deal_terms
from . import desk_seam
from . import leg_ids

uses: accounts


interface DealMath:
    def opening(
        _terms: deal_terms.Terms, _reserve: uint256, _now: uint256
    ) -> deal_steps.Opening: pure
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
    ) -> deal_steps.Instalment: pure
    def missing_interest(
        _terms: deal_terms.Terms,
        _start: uint256,
        _charged: uint256,
        _running: uint256,
        _cash: uint256,
        _from: uint256,
        _now: uint256,
    ) -> (uint256, uint256): pure
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
    ) -> deal_steps.Receipt: pure
    def impairment(_leg: curve.Leg, _t: uint256) -> uint256: pure
    def carried_over(
        _old: curve.Leg, _new: curve.Leg, _now: uint256, _mark: uint256, _cure_days: uint256
    ) -> curve.Leg: pure


KEEP: constant(uint256) = max_value(uint256)

DEALS: public(immutable(desk_seam.Agreements))
DEAL_MATH: public(immutable(DealMath))

# the desk, which has the legs
desk: public(address)


@deploy
def __init__(_deals: address, _deal_math: address):
    """
    @notice Start without a desk: there are no legs.
    @param _deals Where deals are agreed.
    @param _deal_math The maths of legs.
    """
    DEALS = desk_seam.Agreements(_deals)
    DEAL_MATH = DealMath(_deal_math)


@internal
@view
def _debt_of(_deal: uint256, _account: accounts.Account) -> curve.Leg:
    if not _account.has_debt:
        return empty(curve.Leg)
    return staticcall desk_seam.Desk(self.desk).leg(leg_ids._debt(_deal))


@internal
@view
def _share_of(_deal: uint256, _account: accounts.Account) -> curve.Leg:
    if not _account.has_share:
        return empty(curve.Leg)
    return staticcall desk_seam.Desk(self.desk).leg(leg_ids._share(_deal))


@internal
@view
def _instalment(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _leg: curve.Leg,
    _value: uint256,
    _amount: uint256,
) -> deal_steps.Instalment:
    """
    @notice The step of a debt leg that is worth `_value` now.
    """
    principal: uint256 = _account.principal << curve.SCALE
    return staticcall DEAL_MATH.instalment(
        _terms,
        _account.start,
        deal_terms.Debt(
            principal=_account.principal,
            accrued=_value - principal,
            late=_account.late,
            paid=_account.paid,
            charged=_account.charged,
            running=_account.running,
        ),
        _leg.value - principal,
        _leg.since,
        block.timestamp,
        _amount,
        accounts._waited_for(leg_ids._debt(_deal), _account),
        _account.reserve,
        accounts._waiting_for(leg_ids._debt(_deal), _account),
    )


@internal
@view
def _share_now(
    _deal: uint256, _terms: deal_terms.Terms, _account: accounts.Account
) -> accounts.Share:
    """
    @notice Return what is known of a revenue share, with default interest up to date.
    @param _deal The deal's number.
    @param _terms Its terms.
    @param _account Its account.
    """
    share: accounts.Share = accounts._load_share(_deal)
    share.charged, share.running = staticcall DEAL_MATH.missing_interest(
        _terms,
        _account.start,
        share.charged,
        share.running,
        share.received
        + accounts._waited_for(leg_ids._share(_deal), _account)
        + accounts._excused_for(_deal, _account),
        share.until,
        block.timestamp,
    )
    share.until = block.timestamp
    return share


@internal
@view
def _counted_for_share(_deal: uint256, _account: accounts.Account) -> uint256:
    """
    @notice Return what counts as received by a share, besides receipts and reserve: payments that wait, and
            what others have fallen short of what they counted for, AID wei.
    @param _deal The deal's number.
    @param _account Its account.
    """
    return accounts._waiting_for(leg_ids._share(_deal), _account) + accounts._excused_for(
        _deal, _account
    )


@internal
@view
def _receipt(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _share: accounts.Share,
    _value: uint256,
    _amount: uint256,
) -> deal_steps.Receipt:
    """
    @notice The step of a revenue share that is worth `_value` now.
    @param _share With default interest up to date.
    """
    held: uint256 = self._counted_for_share(_deal, _account)
    if _terms.principal == 0:
        held += _account.reserve
    return staticcall DEAL_MATH.receipt(
        _terms,
        _account.start,
        deal_terms.Earnings(
            received=_share.received,
            depreciated=deal_terms._depreciated(
                _terms, _share.basis, _value >> curve.SCALE, _share.received + _amount
            ),
            high_water=_share.high_water,
        ),
        _share.carried,
        block.timestamp - _share.last,
        _amount,
        held,
        _share.charged,
        block.timestamp,
    )


@internal
@view
def _arrears(_deal: uint256, _terms: deal_terms.Terms, _account: accounts.Account) -> uint256:
    """
    @notice Return what the instalments whose grace is over still lack, see `deal_steps._arrears`.
    @param _deal The deal's number.
    @param _terms Its terms.
    @param _account Its account.
    """
    cash: uint256 = _account.paid
    charged: uint256 = 0
    if _terms.principal == 0:
        share: accounts.Share = self._share_now(_deal, _terms, _account)
        cash = share.received
        charged = share.charged
    elif _account.has_debt:
        leg: curve.Leg = self._debt_of(_deal, _account)
        value: uint256 = curve._gross_at(leg, block.timestamp)
        charged = self._instalment(_deal, _terms, _account, leg, value, 0).debt.charged
    return deal_steps._arrears(_terms, _account.start, cash, charged, block.timestamp)


@internal
@view
def _missing(_deal: uint256, _terms: deal_terms.Terms, _account: accounts.Account) -> uint256:
    """
    @notice What a revenue share lacks of all its minimums, and of default interest on those that it has
            missed, wei.
    """
    share: accounts.Share = self._share_now(_deal, _terms, _account)
    all: uint256 = (_terms.share_minimum * _terms.share_instalments + share.charged + share.running)
    return all - min(all, share.received)


@internal
@view
def _is_late(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _debt: curve.Leg,
    _share: curve.Leg,
) -> bool:
    """
    @notice Whether a leg is past its grace, and lacks more than what is held for it: the reserve for the
            debt, or for the share of a deal without, and the leg's own payments in escrow.
    """
    if _debt.since != 0 and _debt.stop * curve.DAY <= block.timestamp:
        held: uint256 = _account.reserve + accounts._waiting_for(leg_ids._debt(_deal), _account)
        if self._owed_up(_deal, _account, _debt, empty(curve.Leg)) > held:
            return True
    if _share.since != 0 and _share.stop * curve.DAY <= block.timestamp:
        held: uint256 = accounts._waiting_for(leg_ids._share(_deal), _account)
        if _terms.principal == 0:
            held += _account.reserve
        return self._missing(_deal, _terms, _account) > held
    return False


@internal
@view
def _owed_up(
    _deal: uint256, _account: accounts.Account, _debt: curve.Leg, _share: curve.Leg
) -> uint256:
    """
    @notice What pays the deal off now, wei: the debt, and of a share the larger of what it lacks and
            what it carries.
    """
    terms: deal_terms.Terms = staticcall DEALS.terms(_deal)
    owed: uint256 = 0
    if _debt.since != 0:
        value: uint256 = curve._gross_at(_debt, block.timestamp)
        owed = self._instalment(_deal, terms, _account, _debt, value, 0).owed
    if _share.since != 0:
        value: uint256 = curve._gross_at(_share, block.timestamp)
        carried: uint256 = (value + (1 << curve.SCALE) - 1) >> curve.SCALE
        owed += max(self._missing(_deal, terms, _account), carried)
    return owed


@internal
@view
def _owed_now_up(_deal: uint256, _account: accounts.Account) -> uint256:
    return self._owed_up(
        _deal, _account, self._debt_of(_deal, _account), self._share_of(_deal, _account)
    )


@internal
@view
def _worth(_debt: curve.Leg, _share: curve.Leg) -> (uint256, uint256):
    """
    @notice Gross value and net impairment of both legs now, wei, each rounded down.
    """
    gross: uint256 = 0
    impairment: uint256 = 0
    for leg: curve.Leg in [_debt, _share]:
        if leg.since != 0:
            gross += curve._gross_at(leg, block.timestamp)
            impairment += self._impairment(leg)
    gross >>= curve.SCALE
    return gross, min(impairment >> curve.SCALE, gross)


@internal
@view
def _impairment(_leg: curve.Leg) -> uint256:
    """
    @notice Return the net impairment of a leg now, scaled.
    """
    if self._is_sound(_leg):
        return 0
    return staticcall DEAL_MATH.impairment(_leg, block.timestamp)


@internal
@view
def _is_sound(_leg: curve.Leg) -> bool:
    """
    @notice Return whether nothing impairs a leg now: no mark, no cure, no ramp.
    """
    return (
        _leg.floor_bps == 0 and _leg.cure_slope == 0 and block.timestamp <= _leg.stop * curve.DAY
    )


@internal
@view
def _carried_over(
    _old: curve.Leg, _new: curve.Leg, _mark: uint256, _cure_days: uint256
) -> curve.Leg:
    """
    @notice Return the new leg, as of now, with the old one's impairment.
    @param _old The leg as it was last written down.
    @param _new The leg with its new numbers.
    @param _mark Least impairment, bps; `KEEP` keeps it.
    @param _cure_days Days that a cured impairment takes to go.
    """
    if _mark == KEEP and self._is_sound(_old):
        return _new
    return staticcall DEAL_MATH.carried_over(_old, _new, block.timestamp, _mark, _cure_days)
