# pragma version 0.4.3
"""
@title What the ledger knows of each deal
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Principal and cash of a deal, what the desk holds for it, and what is waiting in the Gateway's
        escrow. What its legs are worth is the book's.
@dev AID wei; days Unix days (low to high):

     _accounts  principal 90 | paid 96 | start 16 | status 8 | flags 5
                flags: ring-fenced, has debt, has share, is buffered, has waited, was late
     _buffers   reserve 96 | late interest 96
     _defaults  of the debt: default interest that has fallen due 96 | that runs 96
     _shares    received 96 | high water 96
     _carried   basis 96 | carried at the last receipt 96 | last receipt 40 | was late 1
     _missing   of the share: default interest that has fallen due 96 | that runs 96 | charged until 40

     What most deals never have, reserve, late and default interest, is in words that are neither read nor
     written while they are zero: a loan that pays in time keeps its account in one.
"""

from ..interfaces import IDealDesk


struct Account:
    principal: uint256  # outstanding
    late: uint256  # interest that the book does not carry, as of the leg's last change
    charged: uint256  # default interest that has fallen due so far, paid or not
    running: uint256  # the same since the last due day
    start: uint256  # the day from which due days count
    status: IDealDesk.Status
    ring_fenced: bool  # an offering's
    has_debt: bool  # a leg that is not paid off
    has_share: bool
    waited: bool  # a payment has been in escrow: `_waiting` may not be zero
    paid: uint256  # all cash on the debt
    reserve: uint256


struct Share:
    received: uint256  # since it was bought
    high_water: uint256
    basis: uint256  # carrying value, and what receipts must exceed besides
    carried: uint256  # at the last receipt
    last: uint256  # the second of that; earlier by what its management fee was short
    charged: uint256  # default interest that has fallen due so far, paid or not
    running: uint256  # the same since the last due day
    until: uint256  # second up to which it is charged; 0 if it never was


MASK_96: constant(uint256) = 2**96 - 1
MASK_90: constant(uint256) = 2**90 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_8: constant(uint256) = 2**8 - 1
RING_FENCED: constant(uint256) = 2**210
HAS_DEBT: constant(uint256) = 2**211
HAS_SHARE: constant(uint256) = 2**212
BUFFERED: constant(uint256) = 2**213
WAITED: constant(uint256) = 2**214
LATE: constant(uint256) = 2**215
SHARE_LATE: constant(uint256) = 2**232
MASK_40: constant(uint256) = 2**40 - 1

_accounts: HashMap[uint256, uint256]
_buffers: HashMap[uint256, uint256]
_defaults: HashMap[uint256, uint256]
_missing: HashMap[uint256, uint256]
_shares: HashMap[uint256, uint256]
_carried: HashMap[uint256, uint256]
_first_loss: HashMap[uint256, uint256]
# by leg: what of its payments waits
_waiting: HashMap[uint256, uint256]
# what this call has changed it by: interest until now is on what waited before
_waiting_change: transient(int256)
# by deal: what its share's anchor counts for more than it was worth in the end
_excused: HashMap[uint256, uint256]
# by deal: what its end has cost the funder
_shortfall: HashMap[uint256, uint256]


@internal
@view
def _load(_deal: uint256) -> Account:
    word: uint256 = self._accounts[_deal]
    buffers: uint256 = 0
    if word & BUFFERED != 0:
        buffers = self._buffers[_deal]
    defaults: uint256 = 0
    if word & LATE != 0:
        defaults = self._defaults[_deal]
    return Account(
        principal=word & MASK_90,
        late=buffers >> 96,
        charged=defaults & MASK_96,
        running=defaults >> 96,
        start=(word >> 186) & MASK_16,
        status=convert((word >> 202) & MASK_8, IDealDesk.Status),
        ring_fenced=word & RING_FENCED != 0,
        has_debt=word & HAS_DEBT != 0,
        has_share=word & HAS_SHARE != 0,
        waited=word & WAITED != 0,
        paid=(word >> 90) & MASK_96,
        reserve=buffers & MASK_96,
    )


@internal
def _store(_deal: uint256, _account: Account):
    """
    @dev Principal < 2^90 by its terms. 96 bits hold the late interest of 150 years at 50 %, and more AID
         than there will be.
    """
    assert (
        _account.late <= MASK_96
        and _account.charged <= MASK_96
        and _account.running <= MASK_96
        and _account.paid <= MASK_96
        and _account.reserve <= MASK_96
    ), "account out of bounds"
    old: uint256 = self._accounts[_deal]
    buffers: uint256 = _account.reserve | (_account.late << 96)
    word: uint256 = (
        _account.principal
        | (_account.paid << 90)
        | (_account.start << 186)
        | (convert(_account.status, uint256) << 202)
        | (RING_FENCED if _account.ring_fenced else 0)
        | (HAS_DEBT if _account.has_debt else 0)
        | (HAS_SHARE if _account.has_share else 0)
        | (BUFFERED if buffers != 0 else 0)
        | (WAITED if _account.waited else 0)
        | (LATE if _account.charged + _account.running != 0 else 0)
    )
    if word != old:
        self._accounts[_deal] = word
    if (word | old) & BUFFERED != 0 and buffers != self._buffers[_deal]:
        self._buffers[_deal] = buffers
    if (word | old) & LATE != 0:
        self._defaults[_deal] = _account.charged | (_account.running << 96)


@internal
@view
def _waiting_for(_leg: uint256, _account: Account) -> uint256:
    """
    @notice What counts for a leg and waits in escrow, wei.
    """
    return self._waiting[_leg] if _account.waited else 0


@internal
def _change_waiting(_leg: uint256, _change: int256, _excused: uint256):
    """
    @notice Count more or less of a leg's payments as waiting.
    @param _leg The leg that they are for.
    @param _change AID wei.
    @param _excused What counts as paid instead from now on, AID wei.
    """
    waiting: int256 = convert(self._waiting[_leg], int256) + _change
    self._waiting[_leg] = convert(waiting, uint256)
    self._waiting_change = _change + convert(_excused, int256)


@internal
@view
def _waited_for(_leg: uint256, _account: Account) -> uint256:
    """
    @notice Return what has waited for a leg until this call, AID wei.
    @param _leg The leg.
    @param _account The deal's account.
    """
    if not _account.waited:
        return 0
    waiting: int256 = convert(self._waiting[_leg], int256) - self._waiting_change
    return convert(max(waiting, 0), uint256)


@internal
@view
def _excused_for(_deal: uint256, _account: Account) -> uint256:
    """
    @notice What counts for the anchor of a share, and stays owed, wei.
    """
    return self._excused[_deal] if _account.waited else 0


@internal
@view
def _load_share(_deal: uint256) -> Share:
    share: uint256 = self._shares[_deal]
    carried: uint256 = self._carried[_deal]
    missing: uint256 = 0
    if carried & SHARE_LATE != 0:
        missing = self._missing[_deal]
    return Share(
        received=share & MASK_96,
        high_water=share >> 96,
        basis=carried & MASK_96,
        carried=(carried >> 96) & MASK_96,
        last=(carried >> 192) & MASK_40,
        charged=missing & MASK_96,
        running=(missing >> 96) & MASK_96,
        until=missing >> 192,
    )


@internal
def _store_share(_deal: uint256, _share: Share):
    """
    @dev Carrying values are below 2^90; high water never exceeds what was received.
    """
    assert (
        _share.received <= MASK_96
        and _share.basis <= MASK_96
        and _share.charged <= MASK_96
        and _share.running <= MASK_96
    ), "account out of bounds"
    self._shares[_deal] = _share.received | (_share.high_water << 96)
    late: bool = _share.charged + _share.running != 0
    self._carried[_deal] = (
        _share.basis | (_share.carried << 96) | (_share.last << 192) | (SHARE_LATE if late else 0)
    )
    if late:
        self._missing[_deal] = (_share.charged | (_share.running << 96) | (_share.until << 192))
