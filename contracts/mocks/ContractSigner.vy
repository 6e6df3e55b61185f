# pragma version 0.4.3
# pragma optimize gas
"""
@title A wallet contract that answers ERC-1271 for its owner's signatures
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from snekmate.utils import ecdsa
from snekmate.utils.interfaces import IERC1271

implements: IERC1271

MAGIC: constant(bytes4) = 0x1626BA7E

owner: public(address)


@deploy
def __init__(_owner: address):
    self.owner = _owner


@external
def set_owner(_owner: address):
    """
    @notice Change whose signatures count; anyone.
    """
    self.owner = _owner


@external
@view
def isValidSignature(_hash: bytes32, _signature: Bytes[65]) -> bytes4:
    """
    @notice ERC-1271's magic value if the owner has signed `_hash`, else zero. Nobody signs for a wallet
            without an owner.
    """
    if self.owner != empty(address) and ecdsa._recover_sig(_hash, _signature) == self.owner:
        return MAGIC
    return empty(bytes4)
