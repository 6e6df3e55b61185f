# pragma version 0.4.3
# pragma optimize gas
"""
@title ComputeReceipt: the ERC-721 twin of a lot of GPUs
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A receipt stands for one lot: so many units of one model at one site, told from every other lot
        by a fingerprint of its serial numbers. SERVICER issues and retires receipts. While a deal has
        locked one, its owner can do nothing with it; the desk releases it when the deal is over, or
        moves it to whoever has bought the collateral. What a lot is worth is the Attestor's to say.
@dev Locking instead of custody: a transfer of this enumerable token writes ten words, a lock one. No
     two receipts in existence have the same fingerprint, and a locked one cannot be locked again, so
     no lot secures two deals. 256 receipts share a word of locks. Transfers take no ether, so Vyper's IERC721, whose are payable, is not
     declared; their selectors are the same.
"""

from ethereum.ercs import IERC165
from snekmate.auth import ownable
from snekmate.tokens import erc721

from ..interfaces import IRoles

implements: IERC165
initializes: ownable
initializes: erc721[ownable := ownable]

exports: (
    erc721.DOMAIN_SEPARATOR,
    erc721.approve,
    erc721.balanceOf,
    erc721.eip712Domain,
    erc721.getApproved,
    erc721.isApprovedForAll,
    erc721.name,
    erc721.nonces,
    erc721.ownerOf,
    erc721.permit,
    erc721.setApprovalForAll,
    erc721.supportsInterface,
    erc721.symbol,
    erc721.tokenByIndex,
    erc721.tokenOfOwnerByIndex,
    erc721.tokenURI,
    erc721.totalSupply,
)


interface Desk:
    def auction() -> address: view


interface Attestor:
    def latest(_kind: bytes32, _subject: uint256) -> (uint256, uint256, uint256): view


event Issued:
    id: indexed(uint256)
    owner: indexed(address)
    fingerprint: indexed(bytes32)
    model: String[32]
    units: uint256
    site: String[64]


event Retired:
    id: indexed(uint256)


event Locked:
    id: indexed(uint256)


event Released:
    id: indexed(uint256)


event Seized:
    id: indexed(uint256)
    to: indexed(address)


event DeskSet:
    desk: indexed(address)


struct Lot:
    model: String[32]
    units: uint256  # GPUs
    site: String[64]
    fingerprint: bytes32  # of the sorted serial numbers


GOVERNOR: constant(bytes32) = empty(bytes32)
SERVICER: constant(bytes32) = keccak256("SERVICER")
APPRAISAL: constant(bytes32) = keccak256("APPRAISAL")

ROLES: public(immutable(IRoles))
ATTESTOR: public(immutable(address))

# locks, releases and seizes
desk: public(address)
# receipt of a fingerprint, 0 for none
id_of: public(HashMap[bytes32, uint256])
# bit id % 256 of word id // 256: locked
_locks: HashMap[uint256, uint256]
_issued: uint256
_lots: HashMap[uint256, Lot]


@deploy
def __init__(_roles: IRoles, _attestor: address):
    """
    @notice Start without receipts and without a desk.
    @param _roles Where roles are held.
    @param _attestor Where appraisals are reported; both revert without code ("no code").
    """
    assert _roles.address.is_contract and _attestor.is_contract, "no code"
    ROLES = _roles
    ATTESTOR = _attestor
    ownable.__init__()
    erc721.__init__("Compute receipt", "GPU", "", "Compute receipt", "1")
    # nobody owns the token module: receipts are issued and retired by the rules below alone
    erc721.is_minter[msg.sender] = False
    ownable._transfer_ownership(empty(address))


@external
def transferFrom(_owner: address, _to: address, _id: uint256):
    """
    @notice Move a receipt that no deal has locked.
    @param _owner Who owns it.
    @param _to Who gets it.
    @param _id The receipt.
    @custom:access Its owner, or whom the owner has approved.
    @custom:reverts "not owner or approved", "receipt locked", and the token's reasons.
    """
    self._check_movable(_id)
    erc721._transfer(_owner, _to, _id)


@external
def safeTransferFrom(_owner: address, _to: address, _id: uint256, _data: Bytes[1_024] = b""):
    """
    @notice Move a receipt that no deal has locked; a contract must accept it.
    @param _owner Who owns it.
    @param _to Who gets it; if it has code, also delegated code (EIP-7702), it must accept: else use
           `transferFrom`.
    @param _id The receipt.
    @param _data Handed to a receiver with code.
    @custom:access Its owner, or whom the owner has approved.
    @custom:reverts "not owner or approved", "receipt locked", and the token's reasons.
    """
    self._check_movable(_id)
    erc721._safe_transfer(_owner, _to, _id, _data)


@external
def issue(_owner: address, _lot: Lot) -> uint256:
    """
    @notice Record a lot and give its receipt to its owner.
    @param _owner Who owns the GPUs.
    @param _lot Model, number of units, site, and the fingerprint of the serial numbers.
    @return The receipt, counted from 1.
    @custom:access SERVICER.
    @custom:reverts "not servicer", "empty lot", "lot exists", and the token's reasons.
    """
    self._check_servicer()
    assert _lot.units != 0 and _lot.fingerprint != empty(bytes32), "empty lot"
    assert self.id_of[_lot.fingerprint] == 0, "lot exists"

    id: uint256 = self._issued + 1
    self._issued = id
    self.id_of[_lot.fingerprint] = id
    self._lots[id] = _lot
    erc721._mint(_owner, id)
    log Issued(
        id=id,
        owner=_owner,
        fingerprint=_lot.fingerprint,
        model=_lot.model,
        units=_lot.units,
        site=_lot.site,
    )
    return id


@external
def retire(_id: uint256):
    """
    @notice Burn the receipt of a lot that is gone; its fingerprint becomes free. Not while a deal has
            locked it, nor while the desk's auction has it: to be sold, or unsold until it is awarded.
    @param _id The receipt.
    @custom:access SERVICER.
    @custom:reverts "not servicer", "receipt locked", "receipt for sale", and the token's reasons.
    """
    self._check_servicer()
    self._check_unlocked(_id)
    desk: address = self.desk
    if desk != empty(address):
        assert erc721._owner_of(_id) != staticcall Desk(desk).auction(), "receipt for sale"
    self.id_of[self._lots[_id].fingerprint] = 0
    self._lots[_id] = empty(Lot)
    erc721._burn(_id)
    log Retired(id=_id)


@external
def lock(_id: uint256, _owner: address):
    """
    @notice Bind a receipt to a deal.
    @param _owner Who must own it: the borrower, who has proposed the deal on it.
    @param _id The receipt.
    @custom:access The desk.
    @custom:reverts "not desk", "not receipt owner", "receipt locked", and the token's reasons.
    """
    self._check_desk()
    assert erc721._owner_of(_id) == _owner, "not receipt owner"
    self._check_unlocked(_id)
    self._flip_lock(_id)
    log Locked(id=_id)


@external
def release(_id: uint256):
    """
    @notice Give a receipt back into its owner's hands.
    @param _id The receipt.
    @custom:access The desk.
    @custom:reverts "not desk", "receipt not locked".
    """
    self._check_desk()
    self._unlock(_id)
    log Released(id=_id)


@external
def seize(_id: uint256, _to: address):
    """
    @notice Move a locked receipt to who has bought the collateral, and unlock it.
    @param _id The receipt.
    @param _to Who has bought it.
    @custom:access The desk.
    @custom:reverts "not desk", "receipt not locked", and the token's reasons.
    """
    self._check_desk()
    self._unlock(_id)
    erc721._transfer(erc721._owner_of(_id), _to, _id)
    log Seized(id=_id, to=_to)


@external
def set_desk(_desk: address):
    """
    @notice Name the credit desk, once and for all: a lock must not fall into other hands.
    @param _desk A contract.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "desk set".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    assert _desk.is_contract, "no code"
    assert self.desk == empty(address), "desk set"
    self.desk = _desk
    log DeskSet(desk=_desk)


@external
@view
def lot(_id: uint256) -> Lot:
    """
    @notice Return what a receipt stands for.
    @param _id The receipt.
    @return The lot; empty if there is no such receipt.
    """
    return self._lots[_id]


@external
@view
def appraisal(_id: uint256) -> (uint256, uint256):
    """
    @notice Return what the attestors last said the lot is worth, however long ago.
    @param _id The receipt.
    @return AID wei, and Unix second of the observation; zeros if they said nothing.
    """
    value: uint256 = 0
    observed_at: uint256 = 0
    recorded_at: uint256 = 0
    value, observed_at, recorded_at = staticcall Attestor(ATTESTOR).latest(APPRAISAL, _id)
    return value, observed_at


@external
@view
def is_locked(_id: uint256) -> bool:
    """
    @notice Tell whether a deal has bound a receipt.
    @param _id The receipt.
    @return False if there is no such receipt.
    """
    return self._is_locked(_id)


@internal
def _unlock(_id: uint256):
    """
    @notice Unbind a receipt.
    @param _id The receipt.
    @custom:reverts "receipt not locked".
    """
    assert self._is_locked(_id), "receipt not locked"
    self._flip_lock(_id)


@internal
def _flip_lock(_id: uint256):
    """
    @notice Bind a receipt, or unbind it.
    @param _id The receipt.
    """
    self._locks[_id >> 8] ^= 1 << (_id & 255)


@internal
@view
def _is_locked(_id: uint256) -> bool:
    """
    @notice Tell whether a deal has bound a receipt.
    @param _id The receipt.
    @return False if there is no such receipt.
    """
    return (self._locks[_id >> 8] >> (_id & 255)) & 1 != 0


@internal
@view
def _check_unlocked(_id: uint256):
    """
    @notice Refuse a receipt that a deal has bound.
    @param _id The receipt.
    @custom:reverts "receipt locked".
    """
    assert not self._is_locked(_id), "receipt locked"


@internal
def _check_movable(_id: uint256):
    """
    @notice Refuse a receipt that is bound, or not the caller's to move.
    @param _id The receipt.
    @custom:reverts "not owner or approved", "receipt locked".
    """
    assert erc721._is_approved_or_owner(msg.sender, _id), "not owner or approved"
    self._check_unlocked(_id)


@internal
@view
def _check_desk():
    """
    @notice Refuse whoever is not the credit desk.
    @custom:reverts "not desk".
    """
    assert msg.sender == self.desk, "not desk"


@internal
@view
def _check_servicer():
    """
    @notice Refuse whoever does not hold SERVICER.
    @custom:reverts "not servicer".
    """
    assert staticcall ROLES.hasRole(SERVICER, msg.sender), "not servicer"
