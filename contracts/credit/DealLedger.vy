# pragma version 0.4.3
# pragma optimize gas
"""
@title DealLedger: what every deal owes, and what each event in its life comes to
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Keeps the accounts of funded deals. The desk, which has the money and the book, asks it what a
        payment, a default or a sale of collateral comes to, and carries that out. Nothing here moves a
        token.
@dev Assembled from modules: `accounts` packs what is known of a deal, `owing` says what it owes now,
     `deal_terms` and `deal_steps` what its terms make of cash, `curve` and `legs` what a leg is worth
     and how it changes.
"""

from . import accounts
from . import curve
from . import deal_steps
from . import deal_terms
from . import desk_seam
from . import legs
from . import owing
from ..interfaces import IDealDesk
from ..interfaces import IRoles

initializes: accounts
initializes: owing[accounts := accounts]

exports: (
    owing.DEALS,
    owing.desk,
)


event DeskSet:
    desk: indexed(address)


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


BPS: constant(uint256) = 10**4
GOVERNOR: constant(bytes32) = empty(bytes32)

ROLES: public(immutable(IRoles))


@deploy
def __init__(_roles: IRoles, _deals: address):
    """
    @notice Start without deals and without a desk.
    @param _roles Where roles are held.
    @param _deals Where deals are agreed; both revert without code ("no code").
    """
    assert _roles.address.is_contract and _deals.is_contract, "no code"
    ROLES = _roles
    owing.__init__(_deals)


# Desk: funding and payments


@external
def open(
    _deal: uint256, _ring_fenced: bool, _reserve: uint256, _first_loss: uint256
) -> desk_seam.Outcome:
    """
    @notice Open the account of a deal that is funded now.
    @param _ring_fenced Whether an offering funds it.
    @param _reserve That the desk holds back, AID wei.
    @param _first_loss That the borrower adds, AID wei; of a hybrid each leg has its part, by cost.
    @return Its legs.
    @custom:access The desk.
    @custom:reverts "not desk".
    """
    self._check_desk()
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(_deal)
    opening: deal_steps.Opening = deal_steps._opening(terms, _reserve, block.timestamp)
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = _ring_fenced
    outcome.sets_debt = terms.principal != 0
    outcome.sets_share = terms.share_cost != 0
    for_debt: uint256 = _first_loss * terms.principal // (terms.principal + terms.share_cost)
    if outcome.sets_debt:
        outcome.debt = legs._debt(terms, opening, block.timestamp, _reserve, for_debt)
    if outcome.sets_share:
        outcome.share = legs._share(terms, opening, block.timestamp, _first_loss - for_debt)
        self._open_share(_deal, terms.share_cost, terms.share_cost)
    accounts._store(
        _deal,
        accounts.Account(
            principal=terms.principal,
            late=0,
            start=opening.start,
            status=IDealDesk.Status.PERFORMING,
            ring_fenced=_ring_fenced,
            has_debt=outcome.sets_debt,
            has_share=outcome.sets_share,
            waited=False,
            paid=0,
            reserve=_reserve,
        ),
    )
    if _first_loss != 0:
        accounts._first_loss[_deal] = _first_loss
    return outcome


@external
def pay(_deal: uint256, _to_share: bool, _amount: uint256) -> desk_seam.Outcome:
    """
    @notice Use cash for a deal; for one that is closed, to make good what its end has cost.
    @param _to_share For a hybrid: whether it is for the revenue share.
    @param _amount AID wei.
    @return What becomes of it.
    @custom:access The desk.
    @custom:reverts "not desk", "not funded", "in liquidation", "deal closed", "no such leg".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    return self._pay(self._payable(_deal, account, _to_share), account, _amount, 0, False)


@external
def wait(_deal: uint256, _to_share: bool, _counted: uint256) -> desk_seam.Outcome:
    """
    @notice Count a payment that the Gateway cannot price yet: it moves the anchor, and pays nothing.
    @param _counted AID wei.
    @return The leg it is for, and how that changes.
    @custom:access The desk.
    @custom:reverts As `pay`.
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    leg: uint256 = self._payable(_deal, account, _to_share)
    accounts._waiting[leg] += _counted
    account.waited = True
    return self._pay(leg, account, 0, 0, False)


@external
def settle(
    _leg: uint256, _amount: uint256, _counted: uint256, _excused: uint256
) -> desk_seam.Outcome:
    """
    @notice Use a payment that has waited, wherever its deal stands now, or count it for less.
    @param _leg That it was for.
    @param _amount What it was worth in the end, AID wei; 0 if it still waits.
    @param _counted What of it counts no longer.
    @param _excused What the schedule does not hold against the borrower, and the deal is still owed.
    @return What becomes of it.
    @custom:access The desk.
    @custom:reverts "not desk".
    """
    self._check_desk()
    accounts._waiting[_leg] -= _counted
    return self._pay(_leg, accounts._load(_leg // 2), _amount, _excused, False)


@external
def draw(_deal: uint256) -> desk_seam.Outcome:
    """
    @notice Use the reserve for instalments whose grace is over: of the debt, or of the revenue share of
            a deal without one.
    @return What becomes of it.
    @custom:access The desk.
    @custom:reverts "not desk", "not funded", "in liquidation", "deal closed", "nothing to draw".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    self._check_alive(account)
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(_deal)
    due: uint256 = deal_steps._arrears(
        terms,
        account.start,
        account.paid,
        accounts._load_share(_deal).received,
        block.timestamp // curve.DAY,
    )
    amount: uint256 = min(account.reserve, due)
    # of a hybrid whose debt is paid off, the reserve is not its share's
    assert amount != 0 and (account.has_debt or terms.principal == 0), "nothing to draw"
    leg: uint256 = 2 * _deal if account.has_debt else 2 * _deal + 1
    return self._pay(leg, account, amount, 0, True)


@external
def finish(_deal: uint256) -> desk_seam.Outcome:
    """
    @notice Close a deal that owes nothing and whose revenue share has run out.
    @return What is the borrower's.
    @custom:access The desk.
    @custom:reverts "not desk", "not funded", "in liquidation", "deal closed", "still open".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    self._check_alive(account)
    assert not account.has_debt, "still open"
    outcome: desk_seam.Outcome = self._pay(2 * _deal + 1, account, 0, 0, False)
    assert outcome.closed, "still open"
    return outcome


# Desk: enforcement


@external
def declare_default(_deal: uint256):
    """
    @notice Set a deal in default of which a leg's grace is over, and which neither cash nor what is held
            for that leg covers: its escrowed payments, and the reserve, of a hybrid the debt's alone.
    @custom:access The desk.
    @custom:reverts "not desk", "not funded", "in liquidation", "deal closed", "in default", "not late".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    self._check_alive(account)
    assert account.status == IDealDesk.Status.PERFORMING, "in default"
    assert self._is_late(_deal, staticcall owing.DEALS.terms(_deal), account), "not late"
    account.status = IDealDesk.Status.DEFAULTED
    accounts._store(_deal, account)


@external
def mark(_deal: uint256, _bps: uint256, _up: bool) -> desk_seam.Outcome:
    """
    @notice Set the least impairment of a deal's legs.
    @param _bps Of gross value.
    @param _up Whether that is less than before: the deal must not be late.
    @return The legs.
    @custom:access The desk.
    @custom:reverts "not desk", "not open", "deal late".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    assert account.has_debt or account.has_share, "not open"
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = account.ring_fenced
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(_deal)
    if _up:
        assert not self._is_late(_deal, terms, account), "deal late"
    if account.has_debt:
        account, outcome = self._repay(_deal, terms, account, outcome, 0, _bps)
    if account.has_share:
        outcome = self._receive(_deal, terms, account, outcome, 0, _bps)
    accounts._store(_deal, account)
    return outcome


@external
def liquidate(_deal: uint256) -> uint256:
    """
    @notice Begin the sale of a defaulted deal's collateral.
    @return What it owes, AID wei.
    @custom:access The desk.
    @custom:reverts "not desk", "not in default".
    """
    self._check_desk()
    account: accounts.Account = self._defaulted(_deal)
    account.status = IDealDesk.Status.LIQUIDATING
    accounts._store(_deal, account)
    return owing._owed_now_up(_deal, account)


@external
def step_in(_deal: uint256, _instalments: uint256, _interval: uint256) -> desk_seam.Outcome:
    """
    @notice Go on with a defaulted deal as one revenue share at its impaired value. The reserve pays what
            it can before, and what it leaves becomes first loss.
    @param _instalments Number of minimums.
    @param _interval Days between them.
    @return What the reserve has paid, the loss, and the new leg.
    @custom:access The desk.
    @custom:reverts "not desk", "not in default", and the bounds of a share's terms.
    """
    self._check_desk()
    account: accounts.Account = self._defaulted(_deal)
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.leg = 2 * _deal
    outcome.ring_fenced = account.ring_fenced
    debt: curve.Leg = empty(curve.Leg)
    had_debt: bool = account.has_debt
    if had_debt:
        held: uint256 = account.reserve
        account.reserve = 0
        account, outcome = self._repay(
            _deal, staticcall owing.DEALS.terms(_deal), account, outcome, held, legs.KEEP
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
    opening: deal_steps.Opening = deal_steps._opening(terms, 0, block.timestamp)
    self._open_share(_deal, cost, cost + behind)
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


@external
def resolve(_deal: uint256, _brought: uint256) -> desk_seam.Outcome:
    """
    @notice Close a deal with what its collateral has brought. The reserve joins it up to what is owed,
            the first loss up to what is carried. Of the sum the funder has its carrying value; what is
            owed beyond is earnings, of which the protocol has its part; the rest is the borrower's.
    @param _brought AID wei.
    @return Who has what, and the loss.
    @custom:access The desk.
    @custom:reverts "not desk", "not in liquidation".
    """
    self._check_desk()
    account: accounts.Account = accounts._load(_deal)
    assert account.status == IDealDesk.Status.LIQUIDATING, "not in liquidation"
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
    accounts._store(_deal, self._closed(account))
    return outcome


# Governed functions


@external
def set_desk(_desk: address):
    """
    @notice Name the credit desk, once and for all.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "desk set".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    assert _desk.is_contract, "no code"
    assert owing.desk == empty(address), "desk set"
    owing.desk = _desk
    log DeskSet(desk=_desk)


# Views


@external
@view
def status(_deal: uint256) -> IDealDesk.Status:
    """
    @notice Where a deal stands; none before funding.
    """
    return accounts._load(_deal).status


@external
@view
def owed(_deal: uint256) -> uint256:
    """
    @notice What pays a deal off now: interest, principal and late interest of the debt, and of a revenue
            share the larger of its missing minimums and its carrying value.
    @return AID wei, rounded up.
    """
    return owing._owed_now_up(_deal, accounts._load(_deal))


@external
@view
def owed_on_debt(_deal: uint256) -> uint256:
    """
    @notice What pays the debt leg off now.
    @return AID wei, rounded up.
    """
    account: accounts.Account = accounts._load(_deal)
    return owing._owed_up(_deal, account, owing._debt_of(_deal, account), empty(curve.Leg))


@external
@view
def deal(_deal: uint256) -> State:
    """
    @notice A deal as of now; zeros if it was never funded.
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
        waiting=accounts._waiting[2 * _deal] + accounts._waiting[2 * _deal + 1],
        shortfall=accounts._shortfall[_deal],
        mark_bps=max(debt.floor_bps, share.floor_bps),
        stop=debt.stop,
        share_stop=share.stop,
        gross=gross,
        impairment=impairment,
    )


# Internals: payments


@internal
def _pay(
    _leg: uint256,
    _account: accounts.Account,
    _amount: uint256,
    _excused: uint256,
    _from_reserve: bool,
) -> desk_seam.Outcome:
    """
    @notice What cash for a leg comes to, by where its deal stands; stores the account.
    @param _excused What moves the anchor and pays nothing.
    @param _from_reserve Whether the cash is the deal's reserve, to which goes back what is not used.
    """
    id: uint256 = _leg // 2
    account: accounts.Account = _account
    leg: uint256 = _leg
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.leg = leg
    outcome.ring_fenced = account.ring_fenced
    if account.status == IDealDesk.Status.CLOSED:
        # what comes late makes good, as a gain, what the end has cost
        left: uint256 = accounts._shortfall[id]
        outcome.used = min(left, _amount)
        outcome.unused = _amount - outcome.used
        outcome.to_funder = outcome.used
        outcome.gain = outcome.used
        accounts._shortfall[id] = left - outcome.used
        return outcome
    if account.status == IDealDesk.Status.LIQUIDATING:
        # waits for the end
        account.reserve += _amount
        accounts._store(id, account)
        outcome.used = _amount
        return outcome

    terms: deal_terms.Terms = staticcall owing.DEALS.terms(id)
    if terms.principal == 0 and leg % 2 == 0:
        # it has waited since before a hosting partner stepped in
        leg += 1
        outcome.leg = leg
    if _from_reserve:
        account.reserve -= _amount
    if leg % 2 == 0:
        account.paid += _excused
        account, outcome = self._repay(id, terms, account, outcome, _amount, legs.KEEP)
    else:
        if _excused != 0:
            accounts._excused[id] += _excused
        outcome = self._receive(id, terms, account, outcome, _amount, legs.KEEP)
    outcome.unused = _amount - outcome.used
    if _from_reserve:
        account.reserve += outcome.unused
        outcome.unused = 0

    if account.status == IDealDesk.Status.DEFAULTED or (account.has_share and not account.has_debt):
        debt: curve.Leg = outcome.debt if outcome.sets_debt else owing._debt_of(id, account)
        share: curve.Leg = outcome.share if outcome.sets_share else owing._share_of(id, account)
        if account.status == IDealDesk.Status.DEFAULTED and not owing._is_late(
            id, terms, account, debt, share
        ):
            account.status = IDealDesk.Status.PERFORMING
        if (
            account.has_share
            and not account.has_debt
            and share.turn * curve.DAY <= block.timestamp
            and owing._missing(id, terms) == 0
        ):
            account.has_share = False
            outcome.sets_share = True
            outcome.share = empty(curve.Leg)
    if not (account.has_debt or account.has_share):
        outcome.closed = True
        outcome.to_borrower = account.reserve + accounts._first_loss[id]
        accounts._first_loss[id] = 0
        account = self._closed(account)
    accounts._store(id, account)
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
        outcome.debt = legs._carried_over(old, leg, block.timestamp, _mark, _terms.cure)

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
    share: accounts.Share = accounts._load_share(_deal)
    step: deal_steps.Receipt = owing._receipt(_deal, _terms, _account, share, leg.value, _amount)
    if _amount != 0:
        last: uint256 = share.last + step.settled
        accounts._store_share(
            _deal,
            accounts.Share(
                received=step.earnings.received,
                high_water=step.earnings.high_water,
                basis=share.basis,
                carried=leg.value >> curve.SCALE if last == block.timestamp else share.carried,
                last=last,
            ),
        )
    # what comes in is income: it changes the leg only by moving the anchor
    if step.stop != old.stop or _mark != legs.KEEP:
        leg.stop = step.stop
        outcome.sets_share = True
        outcome.share = legs._carried_over(old, leg, block.timestamp, _mark, _terms.cure)
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
        accounts.Share(received=0, high_water=0, basis=_basis, carried=_cost, last=block.timestamp),
    )


@internal
@view
def _closed(_account: accounts.Account) -> accounts.Account:
    account: accounts.Account = _account
    account.principal = 0
    account.late = 0
    account.reserve = 0
    account.has_debt = False
    account.has_share = False
    account.status = IDealDesk.Status.CLOSED
    return account


# Internals: requirements


@internal
@view
def _payable(_deal: uint256, _account: accounts.Account, _to_share: bool) -> uint256:
    """
    @return The leg that a payment is for.
    """
    if _account.status == IDealDesk.Status.CLOSED and accounts._shortfall[_deal] != 0:
        return 2 * _deal
    self._check_alive(_account)
    if _account.has_debt and not _to_share:
        return 2 * _deal
    assert _account.has_share, "no such leg"
    return 2 * _deal + 1


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


@internal
@view
def _check_desk():
    assert msg.sender == owing.desk, "not desk"
