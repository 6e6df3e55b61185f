# pragma version 0.4.3
"""
@title What the ledger knows of each deal
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Principal and cash of a deal, what the desk holds for it, and what is waiting in the Gateway's
        escrow. What its legs are worth is the book's.
@dev AID wei; days Unix days (low to high):

     _debts    principal 90 | late interest 96 | start 16 | status 8 | flags 3
               flags: ring-fenced, has debt, has share
     _cash     paid 96 | reserve 96
     _shares   received 96 | high water 96
     _carried  basis 96 | carried at the last receipt 96 | last receipt 40
"""

from ..interfaces import IDealDesk


struct Account:
    principal: uint256  # outstanding
    late: uint256  # gross interest since accrual in the book stopped, as of the leg's last change
    start: uint256  # the day from which due days count
    status: IDealDesk.Status
    ring_fenced: bool  # an offering's
    has_debt: bool  # a leg that is not paid off
    has_share: bool
    paid: uint256  # all cash on the debt
    reserve: uint256


struct Share:
    received: uint256  # since it was bought
    high_water: uint256
    basis: uint256  # carrying value, and what receipts must exceed besides
    carried: uint256  # at the last receipt
    last: uint256  # the second of that


MASK_96: constant(uint256) = 2**96 - 1
MASK_90: constant(uint256) = 2**90 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_8: constant(uint256) = 2**8 - 1
RING_FENCED: constant(uint256) = 2**210
HAS_DEBT: constant(uint256) = 2**211
HAS_SHARE: constant(uint256) = 2**212

_debts: HashMap[uint256, uint256]
_cash: HashMap[uint256, uint256]
_shares: HashMap[uint256, uint256]
_carried: HashMap[uint256, uint256]
_first_loss: HashMap[uint256, uint256]
# by leg: what of its payments waits
_waiting: HashMap[uint256, uint256]
# by deal: what its end has cost the funder
_shortfall: HashMap[uint256, uint256]


@internal
@view
def _load(_deal: uint256) -> Account:
    debt: uint256 = self._debts[_deal]
    cash: uint256 = self._cash[_deal]
    return Account(
        principal=debt & MASK_90,
        late=(debt >> 90) & MASK_96,
        start=(debt >> 186) & MASK_16,
        status=convert((debt >> 202) & MASK_8, IDealDesk.Status),
        ring_fenced=debt & RING_FENCED != 0,
        has_debt=debt & HAS_DEBT != 0,
        has_share=debt & HAS_SHARE != 0,
        paid=cash & MASK_96,
        reserve=cash >> 96,
    )


@internal
def _store(_deal: uint256, _account: Account):
    """
    @dev Principal < 2^90 by its terms. 96 bits hold the late interest of 150 years at 50 %, and more AID
         than there will be.
    """
    assert _account.late <= MASK_96 and _account.paid <= MASK_96, "account out of bounds"
    debt: uint256 = (
        _account.principal
        | (_account.late << 90)
        | (_account.start << 186)
        | (convert(_account.status, uint256) << 202)
        | (RING_FENCED if _account.ring_fenced else 0)
        | (HAS_DEBT if _account.has_debt else 0)
        | (HAS_SHARE if _account.has_share else 0)
    )
    if debt != self._debts[_deal]:
        self._debts[_deal] = debt
    cash: uint256 = _account.paid | (_account.reserve << 96)
    if cash != self._cash[_deal]:
        self._cash[_deal] = cash


@internal
@view
def _load_share(_deal: uint256) -> Share:
    share: uint256 = self._shares[_deal]
    carried: uint256 = self._carried[_deal]
    return Share(
        received=share & MASK_96,
        high_water=share >> 96,
        basis=carried & MASK_96,
        carried=(carried >> 96) & MASK_96,
        last=carried >> 192,
    )


@internal
def _store_share(_deal: uint256, _share: Share):
    """
    @dev Carrying values are below 2^90; high water never exceeds what was received.
    """
    assert _share.received <= MASK_96 and _share.basis <= MASK_96, "account out of bounds"
    self._shares[_deal] = _share.received | (_share.high_water << 96)
    self._carried[_deal] = _share.basis | (_share.carried << 96) | (_share.last << 192)
