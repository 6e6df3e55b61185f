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


interface LegMath:
    def impairment(_leg: curve.Leg, _t: uint256) -> uint256: pure
    def carried_over(
        _old: curve.Leg, _new: curve.Leg, _now: uint256, _mark: uint256, _cure_days: uint256
    ) -> curve.Leg: pure


KEEP: constant(uint256) = max_value(uint256)

DEALS: public(immutable(desk_seam.Agreements))
LEG_MATH: public(immutable(LegMath))

# the desk, which has the legs
desk: public(address)


@deploy
def __init__(_deals: address, _leg_math: address):
    """
    @notice Start without a desk: there are no legs.
    @param _deals Where deals are agreed.
    @param _leg_math The maths of legs.
    """
    DEALS = desk_seam.Agreements(_deals)
    LEG_MATH = LegMath(_leg_math)


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
    stopped: uint256 = max(_leg.since, _leg.stop * curve.DAY)
    return deal_steps._instalment(
        _terms,
        _account.start,
        deal_terms.Debt(
            principal=_account.principal,
            accrued=_value - (_account.principal << curve.SCALE),
            late=_account.late,
            paid=_account.paid,
        ),
        block.timestamp - min(block.timestamp, stopped),
        _amount,
        _account.reserve + accounts._waiting_for(leg_ids._debt(_deal), _account),
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
    """
    return deal_steps._receipt(
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
        _account.reserve,
        accounts._waiting_for(leg_ids._share(_deal), _account)
        + accounts._excused_for(_deal, _account),
    )


@internal
@view
def _missing(_deal: uint256, _terms: deal_terms.Terms) -> uint256:
    """
    @notice What a revenue share lacks of all its minimums, wei.
    """
    all: uint256 = _terms.share_minimum * _terms.share_instalments
    return all - min(all, accounts._load_share(_deal).received)


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
        return self._missing(_deal, _terms) > held
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
        owed += max(self._missing(_deal, terms), carried)
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
    return staticcall LEG_MATH.impairment(_leg, block.timestamp)


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
    return staticcall LEG_MATH.carried_over(_old, _new, block.timestamp, _mark, _cure_days)
