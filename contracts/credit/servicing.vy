# pragma version 0.4.3
"""
@title What cash comes to
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Uses payments and receipts of a deal, by where it stands, and stores its account.
"""

from . import accounts
from . import curve
from . import deal_steps
from . import deal_terms
from . import desk_seam
from . import leg_ids
from . import owing
from ..interfaces import IDealDesk

uses: accounts
uses: owing


@internal
def _pay(
    _leg: uint256,
    _account: accounts.Account,
    _amount: uint256,
    _excused: uint256,
    _from_reserve: bool,
) -> desk_seam.Outcome:
    """
    @notice Use cash for a leg, by where its deal stands; store the account.
    @param _leg The leg that the cash is for.
    @param _account The deal's account.
    @param _amount AID wei.
    @param _excused What moves the anchor and pays nothing, AID wei.
    @param _from_reserve Whether the cash is the deal's reserve, to which goes back what is not used.
    """
    deal: uint256 = leg_ids._deal_of(_leg)
    if _account.status == IDealDesk.Status.CLOSED:
        return self._make_good(deal, _leg, _account.ring_fenced, _amount)
    if _account.status == IDealDesk.Status.LIQUIDATING:
        return self._hold(deal, _leg, _account, _amount)

    account: accounts.Account = _account
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = account.ring_fenced
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(deal)
    to_share: bool = leg_ids._is_share(_leg)
    if terms.principal == 0:
        # what is for the debt has waited since before a hosting partner stepped in
        to_share = True
    outcome.leg = leg_ids._share(deal) if to_share else leg_ids._debt(deal)
    if _from_reserve:
        account.reserve -= _amount
    if to_share:
        if _excused != 0:
            accounts._excused[deal] += _excused
        outcome = self._receive(deal, terms, account, outcome, _amount, owing.KEEP)
    else:
        account.paid += _excused
        account, outcome = self._repay(deal, terms, account, outcome, _amount, owing.KEEP)
    outcome.unused = _amount - outcome.used
    if _from_reserve:
        account.reserve += outcome.unused
        outcome.unused = 0
    return self._concluded(deal, terms, account, outcome)


@internal
def _make_good(
    _deal: uint256, _leg: uint256, _ring_fenced: bool, _amount: uint256
) -> desk_seam.Outcome:
    """
    @notice Use cash that comes after the end to make good, as a gain, what the end has cost.
    """
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.leg = _leg
    outcome.ring_fenced = _ring_fenced
    left: uint256 = accounts._shortfall[_deal]
    outcome.used = min(left, _amount)
    outcome.unused = _amount - outcome.used
    outcome.to_funder = outcome.used
    outcome.gain = outcome.used
    accounts._shortfall[_deal] = left - outcome.used
    return outcome


@internal
def _hold(
    _deal: uint256, _leg: uint256, _account: accounts.Account, _amount: uint256
) -> desk_seam.Outcome:
    """
    @notice Add cash that comes during a sale to the reserve.
    """
    account: accounts.Account = _account
    account.reserve += _amount
    accounts._store(_deal, account)
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.leg = _leg
    outcome.ring_fenced = account.ring_fenced
    outcome.used = _amount
    return outcome


@internal
def _concluded(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _outcome: desk_seam.Outcome,
) -> desk_seam.Outcome:
    """
    @notice End a default that is cured, a share that has run out, and a deal that owes nothing; store the
            account.
    """
    account: accounts.Account = _account
    outcome: desk_seam.Outcome = _outcome
    only_share: bool = account.has_share and not account.has_debt
    if account.status == IDealDesk.Status.DEFAULTED or only_share:
        debt: curve.Leg = outcome.debt if outcome.sets_debt else owing._debt_of(_deal, account)
        share: curve.Leg = outcome.share if outcome.sets_share else owing._share_of(_deal, account)
        if account.status == IDealDesk.Status.DEFAULTED and not owing._is_late(
            _deal, _terms, account, debt, share
        ):
            account.status = IDealDesk.Status.PERFORMING
        if (
            only_share
            and share.turn * curve.DAY <= block.timestamp
            and owing._missing(_deal, _terms, account) == 0
        ):
            account.has_share = False
            outcome.sets_share = True
            outcome.share = empty(curve.Leg)
    if not (account.has_debt or account.has_share):
        outcome.closed = True
        outcome.to_borrower = account.reserve + accounts._first_loss[_deal]
        accounts._first_loss[_deal] = 0
        account = self._closed(account)
    accounts._store(_deal, account)
    return outcome


@internal
def _repay(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _outcome: desk_seam.Outcome,
    _amount: uint256,
    _mark: uint256,
) -> (accounts.Account, desk_seam.Outcome):
    """
    @notice A payment on the debt leg, which there is, or with an amount of zero a new mark.
    """
    account: accounts.Account = _account
    outcome: desk_seam.Outcome = _outcome
    old: curve.Leg = owing._debt_of(_deal, account)
    leg: curve.Leg = curve._moved(old, block.timestamp)
    step: deal_steps.Instalment = owing._instalment(_deal, _terms, account, old, leg.value, _amount)
    account.principal = step.debt.principal
    account.late = step.debt.late
    account.paid = step.debt.paid
    account.charged = step.debt.charged
    account.running = step.debt.running

    outcome.sets_debt = True
    if step.owed == 0:
        account.has_debt = False
    else:
        leg.value = (step.debt.principal << curve.SCALE) + step.debt.accrued
        leg.slope = 0
        if step.stop * curve.DAY > block.timestamp:
            leg.slope = convert(step.accrual, int256)
        leg.turn = step.stop
        leg.stop = step.stop
        leg.reserve = step.retired
        outcome.debt = owing._carried_over(old, leg, _mark, _terms.cure)

    outcome.used = step.applied.used
    outcome.principal = step.applied.principal
    outcome.fee = step.applied.fee
    outcome.to_funder = step.applied.used - step.applied.fee
    outcome.gain = step.applied.gain
    return account, outcome


@internal
def _receive(
    _deal: uint256,
    _terms: deal_terms.Terms,
    _account: accounts.Account,
    _outcome: desk_seam.Outcome,
    _amount: uint256,
    _mark: uint256,
) -> desk_seam.Outcome:
    """
    @notice A receipt of the revenue share, which there is, or with an amount of zero a new mark.
    """
    outcome: desk_seam.Outcome = _outcome
    old: curve.Leg = owing._share_of(_deal, _account)
    leg: curve.Leg = curve._moved(old, block.timestamp)
    share: accounts.Share = owing._share_now(_deal, _terms, _account)
    step: deal_steps.Receipt = owing._receipt(_deal, _terms, _account, share, leg.value, _amount)
    if _amount != 0:
        share.received = step.earnings.received
        share.high_water = step.earnings.high_water
        share.last += step.settled
        if share.last == block.timestamp:
            share.carried = leg.value >> curve.SCALE
    if _amount + share.charged + share.running != 0:
        accounts._store_share(_deal, share)
    # what comes in is income: it changes the leg only by moving the anchor
    if step.stop != old.stop or _mark != owing.KEEP:
        leg.stop = step.stop
        outcome.sets_share = True
        outcome.share = owing._carried_over(old, leg, _mark, _terms.cure)
    if _amount != 0:
        outcome.used = _amount
        outcome.fee = step.fee
        outcome.to_funder = _amount - step.fee
        outcome.gain = outcome.to_funder
    return outcome


@internal
def _open_share(_deal: uint256, _cost: uint256, _basis: uint256):
    accounts._store_share(
        _deal,
        accounts.Share(
            received=0,
            high_water=0,
            basis=_basis,
            carried=_cost,
            last=block.timestamp,
            charged=0,
            running=0,
            until=0,
        ),
    )


@internal
@view
def _closed(_account: accounts.Account) -> accounts.Account:
    account: accounts.Account = _account
    account.principal = 0
    account.late = 0
    account.charged = 0
    account.running = 0
    account.reserve = 0
    account.has_debt = False
    account.has_share = False
    account.status = IDealDesk.Status.CLOSED
    return account
