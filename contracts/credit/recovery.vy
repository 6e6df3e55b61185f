# pragma version 0.4.3
"""
@title What marks, a hosting partner and a sale come to
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Computes the outcome of enforcement, and stores the deal's account.
"""

from . import accounts
from . import curve
from . import deal_steps
from . import deal_terms
from . import desk_seam
from . import leg_ids
from . import legs
from . import owing
from . import servicing
from . import standing
from ..interfaces import IDealDesk

uses: accounts
uses: owing
uses: servicing
uses: standing

BPS: constant(uint256) = 10**4


@internal
def _mark(
    _deal: uint256, _account: accounts.Account, _bps: uint256, _up: bool
) -> desk_seam.Outcome:
    """
    @notice Set the least impairment of a deal's legs.
    @param _deal The deal's number.
    @param _account Its account.
    @param _bps Of gross value.
    @param _up Whether that is less than before: the deal must not be late.
    """
    account: accounts.Account = _account
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = account.ring_fenced
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(_deal)
    if _up:
        assert not standing._is_late(_deal, terms, account), "deal late"
    if account.has_debt:
        account, outcome = servicing._repay(_deal, terms, account, outcome, 0, _bps)
    if account.has_share:
        outcome = servicing._receive(_deal, terms, account, outcome, 0, _bps)
    accounts._store(_deal, account)
    return outcome


@internal
def _step_in(
    _deal: uint256, _account: accounts.Account, _instalments: uint256, _interval: uint256
) -> desk_seam.Outcome:
    """
    @notice Go on with a defaulted deal as one revenue share at its impaired value.
    @param _deal The deal's number.
    @param _account Its account.
    @param _instalments Number of minimums.
    @param _interval Days between them.
    """
    account: accounts.Account = _account
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.leg = leg_ids._debt(_deal)
    outcome.ring_fenced = account.ring_fenced
    debt: curve.Leg = empty(curve.Leg)
    had_debt: bool = account.has_debt
    if had_debt:
        held: uint256 = account.reserve
        account.reserve = 0
        account, outcome = servicing._repay(
            _deal, staticcall owing.DEALS.terms(_deal), account, outcome, held, owing.KEEP
        )
        account.reserve = held - outcome.used
        debt = outcome.debt
    share: curve.Leg = owing._share_of(_deal, account)
    first_loss: uint256 = accounts._first_loss[_deal] + account.reserve
    accounts._first_loss[_deal] = first_loss

    gross: uint256 = 0
    impairment: uint256 = 0
    gross, impairment = owing._worth(debt, share)
    cost: uint256 = gross - impairment
    # what receipts must exceed before the protocol earns again: this loss, and what an old share was
    # behind its high water
    behind: uint256 = impairment
    if account.has_share:
        old: accounts.Share = accounts._load_share(_deal)
        behind += (
            old.high_water + old.basis - (curve._gross_at(share, block.timestamp) >> curve.SCALE)
        )
        behind -= min(behind, old.received)
    terms: deal_terms.Terms = extcall owing.DEALS.restructure(_deal, cost, _instalments, _interval)
    opening: deal_steps.Opening = staticcall owing.DEAL_MATH.opening(terms, 0, block.timestamp)
    servicing._open_share(_deal, cost, cost + behind)
    accounts._excused[_deal] = 0
    # also when the reserve has paid it off just now
    outcome.sets_debt = had_debt
    outcome.debt = empty(curve.Leg)
    outcome.sets_share = True
    outcome.share = legs._share(terms, opening, block.timestamp, first_loss)
    outcome.loss = impairment
    accounts._store(
        _deal,
        accounts.Account(
            principal=0,
            late=0,
            charged=0,
            running=0,
            start=opening.start,
            status=IDealDesk.Status.PERFORMING,
            ring_fenced=account.ring_fenced,
            has_debt=False,
            has_share=True,
            waited=account.waited,
            paid=account.paid,
            reserve=0,
        ),
    )
    return outcome


@internal
def _resolve(_deal: uint256, _account: accounts.Account, _brought: uint256) -> desk_seam.Outcome:
    """
    @notice Close a deal with what its collateral has brought.
    @param _deal The deal's number.
    @param _account Its account.
    @param _brought AID wei.
    """
    account: accounts.Account = _account
    gross: uint256 = 0
    impairment: uint256 = 0
    gross, impairment = owing._worth(
        owing._debt_of(_deal, account), owing._share_of(_deal, account)
    )
    owed: uint256 = max(owing._owed_now_up(_deal, account), gross)
    first_loss: uint256 = accounts._first_loss[_deal]
    taken: uint256 = min(_brought + account.reserve, owed)
    taken += min(first_loss, gross - min(gross, taken))

    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = account.ring_fenced
    outcome.used = taken
    outcome.fee = (
        (taken - min(taken, gross)) * (staticcall owing.DEALS.terms(_deal)).performance_bps
        + (BPS - 1)
    ) // BPS
    outcome.to_funder = taken - outcome.fee
    outcome.gain = outcome.to_funder - min(outcome.to_funder, gross - impairment)
    outcome.loss = gross - min(gross, taken)
    outcome.to_borrower = _brought + account.reserve + first_loss - taken
    outcome.sets_debt = account.has_debt
    outcome.sets_share = account.has_share

    accounts._first_loss[_deal] = 0
    accounts._shortfall[_deal] = outcome.loss
    accounts._store(_deal, servicing._closed(account))
    return outcome
