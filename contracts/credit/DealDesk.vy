# pragma version 0.4.3
# pragma optimize gas
"""
@title DealDesk: the credit desk
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Funds deals, takes their payments, marks and enforces them, and is the portfolio that staked AID
        is worth. Deals are ring-fenced: none ever pays for another.
@dev Assembled from modules, each with one concern:

         curve, book   what a leg is worth; all legs together, which mark themselves
         till          whom the desk works with, and how it carries out what the ledger says
         payments      what comes in, and what borrowers and protocol claim
         enforcement   default; marks, liquidation, hosting partners at the Workout's word

     What was agreed is in Deals; what is owed, and what an event comes to, in DealLedger. The vault asks
     the book for the end of cycles in the past, so it settles what is due before the book changes: in
     its `fund`, `collect` or `sync`, one of which goes before each change.
"""

from . import book
from . import curve
from . import desk_seam
from . import enforcement
from . import payments
from . import till
from ..interfaces import IDealDesk
from ..interfaces import IPayingDesk
from ..interfaces import IPortfolio
from ..interfaces import IRoles

implements: IDealDesk
implements: IPayingDesk
implements: IPortfolio
initializes: book
initializes: till[book := book]
initializes: payments[till := till]
initializes: enforcement[till := till]

exports: (
    book.value_at,
    enforcement.__interface__,
    payments.__interface__,
    till.__interface__,
)


event Funded:
    deal: indexed(uint256)
    funder: indexed(address)
    amount: uint256
    fee: uint256
    reserve: uint256
    units: uint256


@deploy
def __init__(
    _roles: IRoles, _deals: address, _ledger: address, _receipts: address, _vault: address
):
    """
    @notice Start without deals. GOVERNOR makes it the vault's portfolio and the desk of Deals, of
            DealLedger and of the receipts, names an auction, and protects it from denial in AID.
    @param _roles Where roles are held.
    @param _deals Where deals are agreed.
    @param _ledger What is owed.
    @param _receipts The compute receipts.
    @param _vault The staking vault, which knows AID and the Gateway.
    """
    book.__init__()
    till.__init__(_roles, _deals, _ledger, _receipts, _vault)


# Funding


@external
@nonreentrant
def fund(_deal: uint256):
    """
    @notice Fund an approved deal from the vault: its fee and reserve stay here, the rest is redeemed at
            the Gateway and paid to the borrower; the borrower's first loss is pulled in AID, under its
            allowance; the receipt is locked.
    @custom:access CREDIT.
    @custom:reverts "not credit", "other funder", as `Deals.check_funding`, "reserve floor", "not receipt
                    owner", "receipt locked", as the Gateway's `credit_redeem`, and AID's reasons.
    """
    till._check_credit()
    opening: desk_seam.Opening = extcall till.DEALS.open(_deal)
    assert opening.funder == till.VAULT.address, "other funder"
    extcall till.VAULT.fund(opening.amount)
    self._fund(_deal, opening, False)


@external
@nonreentrant
def fund_offering(_deal: uint256):
    """
    @notice Fund an approved deal with the AID of the offering that has sold it. The deal is no part of
            the vault's book; what it pays, and what it loses, is the offering's.
    @custom:access The deal's funder; it has approved this desk for `Deals.funding_of`.
    @custom:reverts "other funder", and as `fund`.
    """
    opening: desk_seam.Opening = extcall till.DEALS.open(_deal)
    assert opening.funder == msg.sender, "other funder"
    extcall till.AID.transferFrom(msg.sender, self, opening.amount)
    self._fund(_deal, opening, True)


# Keepers


@external
@nonreentrant
def checkpoint():
    """
    @notice Move the book's last change to now, so that views walk fewer days.
    @custom:access Anyone.
    """
    extcall till.VAULT.sync()
    book._checkpoint()


# Views


@external
@view
def status(_deal: uint256) -> IDealDesk.Status:
    """
    @notice Where a deal stands; none before funding. Late is not a status: see `DealLedger.deal`.
    """
    return staticcall till.LEDGER.status(_deal)


@external
@view
def owed(_deal: uint256) -> uint256:
    """
    @notice What pays a deal off now; of a revenue share the larger of its missing minimums and its
            carrying value.
    @return AID wei, rounded up.
    """
    return staticcall till.LEDGER.owed(_deal)


@external
@view
def open_deals() -> uint256:
    """
    @notice Return how many deals are funded and not over, those of offerings included.
    """
    return staticcall till.DEALS.open_deals()


@external
@view
def leg(_id: uint256) -> curve.Leg:
    """
    @notice A leg as it was last written down: `2 * deal` the debt, `2 * deal + 1` the share.
    """
    return book._load_leg(_id)


@external
@view
def reconcile(_ids: DynArray[uint256, book.MAX_LEGS]) -> (book.Totals, book.Totals):
    """
    @notice The book now, and the sum of its legs, one by one: they are equal, slopes included.
    @param _ids Of all open legs of the vault's deals, ascending.
    @return Scaled totals of the book, and of the legs.
    @custom:reverts "ids not ascending", "unknown leg", "ids incomplete".
    """
    return book._reconcile(_ids)


# Internals


@internal
def _fund(_deal: uint256, _opening: desk_seam.Opening, _ring_fenced: bool):
    """
    @dev The AID is here. The coin leaves last: to a token that calls back, the book is complete.
    """
    outcome: desk_seam.Outcome = extcall till.LEDGER.open(
        _deal, _ring_fenced, _opening.reserve, _opening.first_loss
    )
    till._set_legs(_deal, outcome)
    till.fees += _opening.fee
    extcall till.RECEIPTS.lock(_opening.receipt, _opening.borrower)
    if _opening.first_loss != 0:
        extcall till.AID.transferFrom(_opening.borrower, self, _opening.first_loss)
    units: uint256 = extcall till.GATEWAY.credit_redeem(
        _opening.coin, _opening.amount - _opening.fee - _opening.reserve, _opening.borrower
    )
    log Funded(
        deal=_deal,
        funder=_opening.funder,
        amount=_opening.amount,
        fee=_opening.fee,
        reserve=_opening.reserve,
        units=units,
    )
