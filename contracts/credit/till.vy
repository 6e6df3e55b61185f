# pragma version 0.4.3
"""
@title The desk's till: whom it works with, and how it carries out what the ledger says
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Coins go from who pays straight to the Gateway; AID stays here only for its owners: reserves and
        first losses of deals, the protocol's fees, what borrowers may claim. Nothing is ever pushed to a
        borrower, so none can stand in the way.
"""

from ethereum.ercs import IERC20

from . import book
from . import curve
from . import desk_seam
from . import leg_ids
from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IOffering
from ..interfaces import IRoles
from ..interfaces import IStakedAID

uses: book


interface Receipts:
    def lock(_id: uint256, _owner: address): nonpayable
    def release(_id: uint256): nonpayable
    def seize(_id: uint256, _to: address): nonpayable


event Paid:
    deal: indexed(uint256)
    leg: indexed(uint256)
    used: uint256
    fee: uint256
    principal: uint256
    gain: uint256


event Closed:
    deal: indexed(uint256)
    to_borrower: uint256


GOVERNOR: constant(bytes32) = empty(bytes32)
CREDIT: constant(bytes32) = keccak256("CREDIT")

ROLES: public(immutable(IRoles))
DEALS: public(immutable(desk_seam.Agreements))
LEDGER: public(immutable(desk_seam.Ledger))
RECEIPTS: public(immutable(Receipts))
VAULT: public(immutable(IStakedAID))
GATEWAY: public(immutable(IGateway))
AID: public(immutable(IAID))

# the protocol's, AID wei
fees: public(uint256)
# what an account may claim, AID wei
claimable: public(HashMap[address, uint256])


@deploy
def __init__(
    _roles: IRoles, _deals: address, _ledger: address, _receipts: address, _vault: address
):
    """
    @notice Let the vault take what it is owed.
    """
    gateway: address = staticcall IStakedAID(_vault).GATEWAY()
    aid: IAID = IAID(staticcall IStakedAID(_vault).asset())
    ROLES = _roles
    DEALS = desk_seam.Agreements(_deals)
    LEDGER = desk_seam.Ledger(_ledger)
    RECEIPTS = Receipts(_receipts)
    VAULT = IStakedAID(_vault)
    GATEWAY = IGateway(gateway)
    AID = aid
    assert extcall aid.approve(_vault, max_value(uint256))


@external
def bring(_asset: address, _units: uint256, _payer: address):
    """
    @notice See IPayingDesk. Under the lock of whoever pays: the desk tells the Gateway its own caller.
    @param _units Units of the coin, under the payer's allowance for this desk.
    @custom:access The Gateway.
    @custom:reverts "not gateway", "transfer failed", and the coin's reasons.
    """
    assert msg.sender == GATEWAY.address, "not gateway"
    assert extcall IERC20(_asset).transferFrom(
        _payer, msg.sender, _units, default_return_value=True
    ), "transfer failed"


@internal
def _carry_out(_deal: uint256, _outcome: desk_seam.Outcome):
    """
    @notice Writes down what the ledger says, and pays the funder; the AID is here.
    @dev The vault asks the book for the end of cycles in the past, so before the book changes it
         settles what is due: in `collect` if there is something to collect, else in `sync`. It learns
         of a loss when the book has dropped it. Nobody is called in between who could see half of it.
    """
    changes: bool = _outcome.sets_debt or _outcome.sets_share
    if not _outcome.ring_fenced:
        if _outcome.to_funder != 0:
            extcall VAULT.collect(_outcome.to_funder, _outcome.gain, 0, 0)
        elif changes:
            extcall VAULT.sync()
    if changes:
        self._set_legs(_deal, _outcome)
    if _outcome.fee != 0:
        self.fees += _outcome.fee
    if _outcome.to_borrower != 0:
        self._owe(staticcall DEALS.borrower_of(_deal), _outcome.to_borrower)
    if _outcome.leg != 0 and _outcome.used != 0:
        log Paid(
            deal=_deal,
            leg=_outcome.leg,
            used=_outcome.used,
            fee=_outcome.fee,
            principal=_outcome.principal,
            gain=_outcome.gain,
        )
    if _outcome.closed:
        log Closed(deal=_deal, to_borrower=_outcome.to_borrower)
        extcall RECEIPTS.release(staticcall DEALS.receipt_of(_deal))
        extcall DEALS.close(_deal)
    if _outcome.ring_fenced:
        if _outcome.to_funder != 0:
            funder: address = staticcall DEALS.funder_of(_deal)
            extcall AID.transfer(funder, _outcome.to_funder)
            extcall IOffering(funder).on_payment(_deal, _outcome.to_funder)
    elif _outcome.loss != 0:
        extcall VAULT.realise_loss(_outcome.loss, 0, 0)


@internal
def _set_legs(_deal: uint256, _outcome: desk_seam.Outcome):
    """
    @notice Puts new legs in the place of the old ones; those of a ring-fenced deal are kept, and are no
            part of the book's totals.
    """
    if _outcome.sets_debt:
        self._set_leg(leg_ids._debt(_deal), _outcome.debt, _outcome.ring_fenced)
    if _outcome.sets_share:
        self._set_leg(leg_ids._share(_deal), _outcome.share, _outcome.ring_fenced)


@internal
def _set_leg(_id: uint256, _leg: curve.Leg, _ring_fenced: bool):
    if _ring_fenced:
        book._store_leg(_id, _leg)
    else:
        book._set_leg(_id, _leg)


@internal
def _owe(_account: address, _amount: uint256):
    """
    @notice Lets an account claim AID that is here; whether it can be paid is its own affair.
    """
    self.claimable[_account] += _amount


@internal
@view
def _check_credit():
    assert staticcall ROLES.hasRole(CREDIT, msg.sender), "not credit"


@internal
@view
def _check_governor():
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
