# pragma version 0.4.3
# pragma optimize gas
"""
@title DealLedger: what every deal owes, and what each event in its life comes to
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Keeps the accounts of funded deals. The desk, which has the money and the book, asks it what a
        payment, a default or a sale of collateral comes to, and carries that out. Nothing here moves a
        token.
@dev Assembled from modules, each with one concern:

         accounts    what is known of a deal, packed
         owing       what it owes now, and what its legs are worth
         standing    where it stands, and what that lets anyone do
         servicing   payments and receipts
         recovery    marks, hosting partners, sales

     `deal_terms` and `deal_steps` say what terms make of cash, `curve` and `legs` what a leg is worth and
     how it changes. `DealMath` is a contract of its own.
"""

from . import accounts
from . import curve
from . import deal_steps
from . import deal_terms
from . import desk_seam
from . import leg_ids
from . import legs
from . import owing
from . import recovery
from . import servicing
from . import standing
from ..interfaces import IDealDesk
from ..interfaces import IRoles

initializes: accounts
initializes: owing[accounts := accounts]
initializes: standing[accounts := accounts, owing := owing]
initializes: servicing[accounts := accounts, owing := owing]
initializes: recovery[
    accounts := accounts, owing := owing, servicing := servicing, standing := standing
]

exports: (
    owing.DEALS,
    owing.DEAL_MATH,
    owing.desk,
)


event DeskSet:
    desk: indexed(address)


GOVERNOR: constant(bytes32) = empty(bytes32)

ROLES: public(immutable(IRoles))


@deploy
def __init__(_roles: IRoles, _deals: address, _deal_math: address):
    """
    @notice Start without deals and without a desk.
    @param _roles Where roles are held.
    @param _deals Where deals are agreed.
    @param _deal_math The maths of legs; each of the three reverts without code ("no code").
    """
    assert (_roles.address.is_contract and _deals.is_contract and _deal_math.is_contract), "no code"
    ROLES = _roles
    owing.__init__(_deals, _deal_math)


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
    opening: deal_steps.Opening = staticcall owing.DEAL_MATH.opening(
        terms, _reserve, block.timestamp
    )
    outcome: desk_seam.Outcome = empty(desk_seam.Outcome)
    outcome.ring_fenced = _ring_fenced
    outcome.sets_debt = terms.principal != 0
    outcome.sets_share = terms.share_cost != 0
    for_debt: uint256 = _first_loss * terms.principal // (terms.principal + terms.share_cost)
    if outcome.sets_debt:
        outcome.debt = legs._debt(terms, opening, block.timestamp, _reserve, for_debt)
    if outcome.sets_share:
        outcome.share = legs._share(terms, opening, block.timestamp, _first_loss - for_debt)
        servicing._open_share(_deal, terms.share_cost, terms.share_cost)
    accounts._store(
        _deal,
        accounts.Account(
            principal=terms.principal,
            late=0,
            charged=0,
            running=0,
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
    return servicing._pay(standing._payable(_deal, account, _to_share), account, _amount, 0, False)


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
    leg: uint256 = standing._payable(_deal, account, _to_share)
    account.waited = True
    accounts._change_waiting(leg, convert(_counted, int256), 0)
    outcome: desk_seam.Outcome = servicing._pay(leg, account, 0, 0, False)
    accounts._waiting_change = 0
    return outcome


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
    accounts._change_waiting(_leg, -convert(_counted, int256), _excused)
    outcome: desk_seam.Outcome = servicing._pay(
        _leg, accounts._load(leg_ids._deal_of(_leg)), _amount, _excused, False
    )
    accounts._waiting_change = 0
    return outcome


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
    standing._check_alive(account)
    terms: deal_terms.Terms = staticcall owing.DEALS.terms(_deal)
    due: uint256 = owing._arrears(_deal, terms, account)
    amount: uint256 = min(account.reserve, due)
    # of a hybrid whose debt is paid off, the reserve is not its share's
    assert amount != 0 and (account.has_debt or terms.principal == 0), "nothing to draw"
    leg: uint256 = leg_ids._debt(_deal) if account.has_debt else leg_ids._share(_deal)
    return servicing._pay(leg, account, amount, 0, True)


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
    standing._check_alive(account)
    assert not account.has_debt, "still open"
    outcome: desk_seam.Outcome = servicing._pay(leg_ids._share(_deal), account, 0, 0, False)
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
    standing._check_alive(account)
    assert account.status == IDealDesk.Status.PERFORMING, "in default"
    assert standing._is_late(_deal, staticcall owing.DEALS.terms(_deal), account), "not late"
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
    return recovery._mark(_deal, account, _bps, _up)


@external
def liquidate(_deal: uint256) -> uint256:
    """
    @notice Begin the sale of a defaulted deal's collateral.
    @return What it owes, AID wei.
    @custom:access The desk.
    @custom:reverts "not desk", "not in default".
    """
    self._check_desk()
    account: accounts.Account = standing._defaulted(_deal)
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
    account: accounts.Account = standing._defaulted(_deal)
    return recovery._step_in(_deal, account, _instalments, _interval)


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
    return recovery._resolve(_deal, account, _brought)


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
def deal(_deal: uint256) -> standing.State:
    """
    @notice A deal as of now; zeros if it was never funded.
    """
    return standing._state(_deal)


# Internals


@internal
@view
def _check_desk():
    assert msg.sender == owing.desk, "not desk"
