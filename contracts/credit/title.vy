# pragma version 0.4.3
"""
@title The title to a deal's payments
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice An ERC-721 token that is bound to its owner (ERC-5192): the funder of a deal has it from approval
        until the end, and cannot pass it on, so whoever funds is whom the desk pays.
"""

from ethereum.ercs import IERC165
from snekmate.auth import ownable
from snekmate.tokens import erc721

implements: IERC165
initializes: ownable
initializes: erc721[ownable := ownable]

exports: (
    erc721.approve,
    erc721.balanceOf,
    erc721.getApproved,
    erc721.isApprovedForAll,
    erc721.name,
    erc721.ownerOf,
    erc721.setApprovalForAll,
    erc721.symbol,
    erc721.tokenByIndex,
    erc721.tokenOfOwnerByIndex,
    erc721.tokenURI,
    erc721.totalSupply,
)


@deploy
def __init__():
    """
    @notice Start without titles. Nobody owns the token module: titles come and go with deals alone.
    """
    ownable.__init__()
    erc721.__init__("AID deal", "DEAL", "", "AID deal", "1")
    erc721.is_minter[msg.sender] = False
    ownable._transfer_ownership(empty(address))


@external
@view
def locked(_id: uint256) -> bool:
    """
    @notice Whether a title cannot move (ERC-5192): always.
    @custom:reverts "erc721: invalid token ID".
    """
    erc721._require_minted(_id)
    return True


@external
def transferFrom(_owner: address, _to: address, _id: uint256):  # natrix: NTX10
    """
    @notice Titles do not move.
    @custom:reverts "title is bound".
    """
    self._refuse()


@external
def safeTransferFrom(
    _owner: address, _to: address, _id: uint256, _data: Bytes[1_024] = b""  # natrix: NTX10
):
    """
    @notice Titles do not move.
    @custom:reverts "title is bound".
    """
    self._refuse()


@external
@view
def supportsInterface(_id: bytes4) -> bool:
    """
    @notice ERC-165, ERC-721 with metadata and enumeration, ERC-5192.
    """
    return _id in [0x01ffc9a7, 0x80ac58cd, 0x5b5e139f, 0x780e9d63, 0xb45a3c0e]


@internal
def _mint(_to: address, _deal: uint256):
    """
    @notice Give the title of a deal to its funder.
    @param _to The funder.
    @param _deal The deal's number.
    """
    erc721._mint(_to, _deal)


@internal
def _burn(_deal: uint256):
    """
    @notice End the title of a deal.
    @param _deal The deal's number.
    """
    erc721._burn(_deal)


@internal
@pure
def _refuse():
    raise "title is bound"
