# pragma version 0.4.3
"""
@title LP token: ERC-20 with EIP-2612 permits
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Balances, allowances and permits of a pool's shares. The supply is not
        here: the pool keeps it in a packed word and says in which operations it
        moves. Contracts sign permits by ERC-1271.
@dev Not guarded against re-entrancy: nothing here calls out but a signer's
     `isValidSignature`, a static call before any write.
"""

from ethereum.ercs import IERC20

from . import reasons


interface Signer:
    def isValidSignature(_digest: bytes32, _signature: Bytes[65]) -> bytes32: view


decimals: public(constant(uint8)) = 18  # natrix: NTX2
version: public(constant(String[8])) = "v1.0.0"  # natrix: NTX2

MAGIC: constant(bytes32) = 0x1626ba7e00000000000000000000000000000000000000000000000000000000
# half of secp256k1's order, rounded down
HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
VERSION_HASH: constant(bytes32) = keccak256(version)

name: public(immutable(String[64]))
symbol: public(immutable(String[32]))
salt: public(immutable(bytes32))
NAME_HASH: immutable(bytes32)

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
nonces: public(HashMap[address, uint256])


@deploy
def __init__(_name: String[64], _symbol: String[32]):
    """
    @notice Name the token.
    @param _name Name of the token and of its EIP-712 domain.
    @param _symbol Symbol.
    """
    name = _name
    symbol = _symbol
    NAME_HASH = keccak256(_name)
    salt = block.prevhash


@external
def transfer(_to: address, _value: uint256) -> bool:
    """
    @notice Send LP tokens.
    @param _to Receiver, not zero.
    @param _value LP wei.
    @return True, always.
    @custom:reverts "zero address", "balance".
    """
    self._move(msg.sender, _to, _value)
    return True


@external
def transferFrom(_from: address, _to: address, _value: uint256) -> bool:
    """
    @notice Send LP tokens of an owner who has approved the caller. An allowance of 2^256 - 1 is
            endless.
    @param _from Whose tokens are sent.
    @param _to Receiver, not zero.
    @param _value LP wei.
    @return True, always.
    @custom:reverts "allowance", "zero address", "balance".
    """
    allowed: uint256 = self.allowance[_from][msg.sender]
    if allowed != max_value(uint256):
        reasons._require(allowed >= _value, reasons.ALLOWANCE)
        self._approve(_from, msg.sender, unsafe_sub(allowed, _value))

    self._move(_from, _to, _value)
    return True


@external
def approve(_spender: address, _value: uint256) -> bool:
    """
    @notice Let `_spender` send the caller's tokens.
    @param _spender Who may.
    @param _value LP wei; 2^256 - 1 is endless. Replaces the former allowance.
    @return True, always.
    """
    self._approve(msg.sender, _spender, _value)
    return True


@external
def permit(
    _owner: address,
    _spender: address,
    _value: uint256,
    _deadline: uint256,
    _v: uint8,
    _r: bytes32,
    _s: bytes32,
) -> bool:
    """
    @notice Approve by the owner's signature: ECDSA, else ERC-1271 of an owner with code.
    @param _owner Who signed.
    @param _spender Who may send the owner's tokens.
    @param _value LP wei.
    @param _deadline Last Unix time at which the signature counts.
    @param _v Recovery id, 27 or 28.
    @param _r First half of the signature.
    @param _s Second half, the lower of the two possible.
    @return True, always.
    @custom:reverts "zero address", "deadline passed", "bad signature".
    """
    reasons._require(_owner != empty(address), reasons.ADDRESS_ZERO)
    reasons._require(block.timestamp <= _deadline, reasons.DEADLINE_PASSED)
    nonce: uint256 = self.nonces[_owner]
    digest: bytes32 = keccak256(
        concat(
            b"\x19\x01",
            self._domain(),
            keccak256(abi_encode(PERMIT_TYPE, _owner, _spender, _value, nonce, _deadline)),
        )
    )
    if not (convert(_s, uint256) <= HALF_ORDER and ecrecover(digest, _v, _r, _s) == _owner):
        reasons._require(_owner.is_contract, reasons.BAD_SIGNATURE)
        signature: Bytes[65] = concat(_r, _s, slice(convert(_v, bytes32), 31, 1))
        reasons._require(
            (staticcall Signer(_owner).isValidSignature(digest, signature) == MAGIC),
            reasons.BAD_SIGNATURE,
        )

    self.nonces[_owner] = unsafe_add(nonce, 1)
    self._approve(_owner, _spender, _value)
    return True


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice EIP-712 domain separator, for the chain as it is now.
    @return Hash of name, version, chain id, this address and salt.
    """
    return self._domain()


@internal
@view
def _domain() -> bytes32:
    """
    @notice Compute the EIP-712 domain separator, for the chain as it is now.
    @return Hash of name, version, chain id, this address and salt.
    """
    return keccak256(abi_encode(DOMAIN_TYPE, NAME_HASH, VERSION_HASH, chain.id, self, salt))


@internal
def _approve(_owner: address, _spender: address, _value: uint256):
    """
    @notice Set an allowance.
    @param _owner Whose tokens.
    @param _spender Who may send them.
    @param _value LP wei.
    """
    self.allowance[_owner][_spender] = _value
    log IERC20.Approval(owner=_owner, spender=_spender, value=_value)


@internal
def _move(_from: address, _to: address, _value: uint256):
    """
    @notice Move tokens.
    @param _from Who sends.
    @param _to Who receives.
    @param _value LP wei.
    @custom:reverts "zero address", "balance".
    """
    reasons._require(_to != empty(address), reasons.ADDRESS_ZERO)
    balance: uint256 = self.balanceOf[_from]
    reasons._require(balance >= _value, reasons.BALANCE)
    self.balanceOf[_from] = unsafe_sub(balance, _value)
    # the sum of all balances is the supply, below 2^112
    self.balanceOf[_to] = unsafe_add(self.balanceOf[_to], _value)
    log IERC20.Transfer(sender=_from, receiver=_to, value=_value)


@internal
def _mint(_to: address, _value: uint256):
    """
    @notice Add to a balance.
    @dev The caller raises the supply, and keeps it below 2^112.
    @param _to Whose.
    @param _value LP wei.
    """
    self.balanceOf[_to] = unsafe_add(self.balanceOf[_to], _value)
    log IERC20.Transfer(sender=empty(address), receiver=_to, value=_value)


@internal
def _burn(_from: address, _value: uint256):
    """
    @notice Take from a balance.
    @dev The caller lowers the supply.
    @param _from Whose.
    @param _value LP wei.
    @custom:reverts "balance".
    """
    balance: uint256 = self.balanceOf[_from]
    reasons._require(balance >= _value, reasons.BALANCE)
    self.balanceOf[_from] = unsafe_sub(balance, _value)
    log IERC20.Transfer(sender=_from, receiver=empty(address), value=_value)
