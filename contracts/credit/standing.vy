# pragma version 0.4.3
"""
@title Where a deal stands
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Says what a deal is worth and owes now, and what its status lets anyone do. Changes nothing.
"""

from . import accounts
from . import curve
from . import deal_terms
from . import leg_ids
from . import owing
from ..interfaces import IDealDesk

uses: accounts
uses: owing


# A deal as of now; amounts in wei.
struct State:
    status: IDealDesk.Status
    ring_fenced: bool
    start: uint256  # the day from which due days count
    principal: uint256
    paid: uint256
    received: uint256
    reserve: uint256
    first_loss: uint256
    waiting: uint256  # escrowed payments, as counted
    shortfall: uint256  # what its end has cost and is not made good
    mark_bps: uint256
    stop: uint256  # days from which the ramps run, 0 without such a leg
    share_stop: uint256
    gross: uint256
    impairment: uint256


@internal
@view
def _state(_deal: uint256) -> State:
    """
    @notice Return a deal as of now; zeros if it was never funded.
    """
    account: accounts.Account = accounts._load(_deal)
    debt: curve.Leg = owing._debt_of(_deal, account)
    share: curve.Leg = owing._share_of(_deal, account)
    gross: uint256 = 0
    impairment: uint256 = 0
    gross, impairment = owing._worth(debt, share)
    return State(
        status=account.status,
        ring_fenced=account.ring_fenced,
        start=account.start,
        principal=account.principal,
        paid=account.paid,
        received=accounts._load_share(_deal).received,
        reserve=account.reserve,
        first_loss=accounts._first_loss[_deal],
        waiting=accounts._waiting[leg_ids._debt(_deal)] + accounts._waiting[leg_ids._share(_deal)],
        shortfall=accounts._shortfall[_deal],
        mark_bps=max(debt.floor_bps, share.floor_bps),
        stop=debt.stop,
        share_stop=share.stop,
        gross=gross,
        impairment=impairment,
    )


@internal
@view
def _payable(_deal: uint256, _account: accounts.Account, _to_share: bool) -> uint256:
    """
    @return The leg that a payment is for.
    """
    if _account.status == IDealDesk.Status.CLOSED and accounts._shortfall[_deal] != 0:
        return leg_ids._debt(_deal)
    self._check_alive(_account)
    if _account.has_debt and not _to_share:
        return leg_ids._debt(_deal)
    assert _account.has_share, "no such leg"
    return leg_ids._share(_deal)


@internal
@view
def _is_late(_deal: uint256, _terms: deal_terms.Terms, _account: accounts.Account) -> bool:
    return owing._is_late(
        _deal, _terms, _account, owing._debt_of(_deal, _account), owing._share_of(_deal, _account)
    )


@internal
@view
def _defaulted(_deal: uint256) -> accounts.Account:
    account: accounts.Account = accounts._load(_deal)
    assert account.status == IDealDesk.Status.DEFAULTED, "not in default"
    return account


@internal
@view
def _check_alive(_account: accounts.Account):
    """
    @notice Requires a deal that is funded, and neither being sold nor over.
    """
    assert _account.status != empty(IDealDesk.Status), "not funded"
    assert _account.status != IDealDesk.Status.LIQUIDATING, "in liquidation"
    assert _account.status != IDealDesk.Status.CLOSED, "deal closed"
