# pragma version 0.4.3
"""
@title Signatures of accounts and of contracts
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Try ECDSA first, then ERC-1271. An account may carry delegated code (EIP-7702) and still sign
        with its key, so code at an address does not say how it signs.
@dev A signature is refused, never an error: a contract may answer to any 65 bytes. Each message may
     be signed in several forms (65 bytes, 64 bytes, whatever a contract accepts), so never use a
     signature as an identifier; callers rely on nonces and times.
"""

from snekmate.utils import signature_checker

# half the order of secp256k1, rounded down: the higher `s` of the two that recover to a key is refused
HALF_ORDER: constant(uint256) = (
    57_896_044_618_658_097_711_785_492_504_343_953_926_418_782_139_537_452_191_302_581_570_759_080_747_168
)


@internal
@view
def _is_signed(_signer: address, _digest: bytes32, _signature: Bytes[65]) -> bool:
    """
    @notice Tell whether an account or a contract has signed a digest.
    @param _signer Who must have signed; nobody has signed for the zero address.
    @param _digest What was signed.
    @param _signature 65 bytes r|s|v or 64 bytes r|vs of the account's key, else what the contract at
           the address takes under ERC-1271.
    @return False for everything else, malformed signatures included.
    """
    if _signer == empty(address):
        return False
    if self._recovered(_digest, _signature) == _signer:
        return True
    return _signer.is_contract and signature_checker._is_valid_ERC1271_signature_now(
        _signer, _digest, _signature
    )


@internal
@pure
def _recovered(_digest: bytes32, _signature: Bytes[65]) -> address:
    """
    @notice Recover whose key has signed a digest.
    @param _digest What was signed.
    @param _signature 65 bytes r|s|v, or 64 bytes r|vs (ERC-2098).
    @return Zero for another length, a high `s`, or what recovers to nobody.
    """
    length: uint256 = len(_signature)
    if length != 64 and length != 65:
        return empty(address)
    r: uint256 = extract32(_signature, 0, output_type=uint256)
    s: uint256 = extract32(_signature, 32, output_type=uint256)
    v: uint256 = 0
    if length == 65:
        v = convert(slice(_signature, 64, 1), uint256)
    else:
        v = (s >> 255) + 27
        s = s & (2**255 - 1)
    if s > HALF_ORDER:
        return empty(address)
    return ecrecover(_digest, v, r, s)
