# pragma version 0.4.3
# pragma optimize gas
"""
@title Allowlist
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Who may mint and redeem AID, and until when. COMPLIANCE records a KYC
        expiry, or anyone brings an EIP-712 attestation of a verifier that COMPLIANCE
        approves. A record that COMPLIANCE sets kills every attestation issued before.
        The deny list is not here but in AID, and beats this list.
"""

from snekmate.utils import eip712_domain_separator

from ..common import signatures
from ..interfaces import IAllowlist
from ..interfaces import IRoles

implements: IAllowlist

initializes: eip712_domain_separator
exports: eip712_domain_separator.eip712Domain


event KYCSet:
    account: indexed(address)
    valid_until: uint256
    # the holder of COMPLIANCE, or the verifier that has signed
    by: indexed(address)


event VerifierSet:
    verifier: indexed(address)
    approved: bool


MAX_VALIDITY: public(constant(uint256)) = 730 * 86_400

COMPLIANCE: constant(bytes32) = keccak256("COMPLIANCE")
ATTESTATION_TYPE_HASH: constant(bytes32) = keccak256(
    "KYCAttestation(address account,uint256 valid_until,uint256 nonce,uint256 deadline)"
)
EXPIRY_BITS: constant(uint256) = 64
EXPIRY_MASK: constant(uint256) = 2**64 - 1

# where roles are held
ROLES: public(immutable(IRoles))

# account -> expiry 64 | nonce 192, from the lowest bit
_records: HashMap[address, uint256]
# who may sign attestations
is_verifier: public(HashMap[address, bool])


@deploy
def __init__(_roles: IRoles):
    """
    @notice Start with nobody allowed.
    @param _roles Where roles are held; a contract, else "no code".
    """
    assert _roles.address.is_contract, "no code"
    ROLES = _roles
    eip712_domain_separator.__init__("AID Allowlist", "1")


@external
def attest(
    _account: address,
    _valid_until: uint256,
    _deadline: uint256,
    _verifier: address,
    _signature: Bytes[65],
):
    """
    @notice Record the KYC that a verifier has signed for the account's current nonce. Anyone may
            bring it; it works once.
    @param _account Who passed KYC.
    @param _valid_until Last second of validity: not past, at most MAX_VALIDITY ahead.
    @param _deadline Last second in which the attestation may be brought.
    @param _verifier Who signed: an account, with delegated code or without, or a contract that
           answers ERC-1271.
    @param _signature 65 bytes r|s|v or 64 bytes r|vs of the account's key; else what the contract
           takes in 65 bytes.
    @custom:reverts "attestation expired", "unknown verifier", "bad signature" (also for a high `s`),
                    "zero address", "expired", "validity too long".
    """
    assert block.timestamp <= _deadline, "attestation expired"
    assert self.is_verifier[_verifier], "unknown verifier"
    digest: bytes32 = self._digest(_account, _valid_until, self._nonce(_account), _deadline)
    assert signatures._is_signed(_verifier, digest, _signature), "bad signature"
    assert _valid_until >= block.timestamp, "expired"

    self._record(_account, _valid_until, _verifier)


@external
def set_kyc(_account: address, _valid_until: uint256):
    """
    @notice Set until when an account is allowed. Outstanding attestations for it die, even if the
            expiry stays the same.
    @param _account Whose KYC is set.
    @param _valid_until Last second of validity, at most MAX_VALIDITY ahead; 0 revokes.
    @custom:access COMPLIANCE.
    @custom:reverts "not compliance", "zero address", "expired", "validity too long".
    """
    self._check_compliance()

    self._set(_account, _valid_until)


@external
def set_kyc_many(_accounts: DynArray[address, 100], _valid_until: uint256):
    """
    @notice `set_kyc` for many accounts, all or none.
    @param _accounts Whose KYC is set.
    @param _valid_until Last second of validity, at most MAX_VALIDITY ahead; 0 revokes.
    @custom:access COMPLIANCE.
    @custom:reverts "not compliance", as `set_kyc`.
    """
    self._check_compliance()

    for account: address in _accounts:
        self._set(account, _valid_until)


@external
def set_verifier(_verifier: address, _approved: bool):
    """
    @notice Approve a verifier or remove it. Removal stops its unused attestations and leaves what
            was recorded through it.
    @param _verifier An account, or a contract that answers ERC-1271.
    @param _approved Whether its attestations count from now on.
    @custom:access COMPLIANCE.
    @custom:reverts "not compliance", "zero address".
    """
    self._check_compliance()
    assert _verifier != empty(address), "zero address"

    self.is_verifier[_verifier] = _approved
    log VerifierSet(verifier=_verifier, approved=_approved)


@external
@view
def is_allowed(_account: address) -> bool:
    """
    @notice Tell whether the KYC of an account is valid now.
    @param _account Whose KYC.
    @return True up to and including the second of expiry.
    """
    return self._expiry(_account) >= block.timestamp


@external
@view
def kyc_expiry(_account: address) -> uint256:
    """
    @notice Return the last second in which an account is allowed.
    @param _account Whose KYC.
    @return Unix time, possibly past; 0 if never set, or revoked.
    """
    return self._expiry(_account)


@external
@view
def nonces(_account: address) -> uint256:
    """
    @notice Return the nonce that the next attestation for an account must carry.
    @param _account Whose KYC.
    @return Number of changes of the account's record.
    """
    return self._nonce(_account)


@external
@view
def attestation_digest(
    _account: address, _valid_until: uint256, _nonce: uint256, _deadline: uint256
) -> bytes32:
    """
    @notice Compute what a verifier signs.
    @param _account Who passed KYC.
    @param _valid_until Last second of validity.
    @param _nonce `nonces(_account)`.
    @param _deadline Last second in which the attestation may be brought.
    @return EIP-712 digest in this contract's domain.
    """
    return self._digest(_account, _valid_until, _nonce, _deadline)


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice Compute the EIP-712 domain separator, of the current chain id.
    @return The separator's hash.
    """
    return eip712_domain_separator._domain_separator_v4()


@internal
def _set(_account: address, _valid_until: uint256):
    """
    @notice Record what COMPLIANCE says.
    @param _account Whose KYC is set.
    @param _valid_until Last second of validity; 0 revokes.
    @custom:reverts "zero address", "expired", "validity too long".
    """
    assert _valid_until == 0 or _valid_until >= block.timestamp, "expired"

    self._record(_account, _valid_until, msg.sender)


@internal
def _record(_account: address, _valid_until: uint256, _by: address):
    """
    @notice Store an expiry and advance the nonce: an attestation works once, and none survives a
            change.
    @param _account Whose KYC is set.
    @param _valid_until Last second of validity, at most MAX_VALIDITY ahead.
    @param _by The holder of COMPLIANCE, or the verifier that has signed.
    @custom:reverts "zero address", "validity too long".
    """
    assert _account != empty(address), "zero address"
    assert _valid_until <= block.timestamp + MAX_VALIDITY, "validity too long"

    self._records[_account] = ((self._nonce(_account) + 1) << EXPIRY_BITS) | _valid_until
    log KYCSet(account=_account, valid_until=_valid_until, by=_by)


@internal
@view
def _check_compliance():
    """
    @notice Refuse whoever does not hold COMPLIANCE.
    @custom:reverts "not compliance".
    """
    assert staticcall ROLES.hasRole(COMPLIANCE, msg.sender), "not compliance"


@internal
@view
def _expiry(_account: address) -> uint256:
    """
    @notice Read the last second in which an account is allowed.
    @param _account Whose KYC.
    @return Unix time, 0 if never set, or revoked.
    """
    return self._records[_account] & EXPIRY_MASK


@internal
@view
def _nonce(_account: address) -> uint256:
    """
    @notice Read the number of changes of an account's record.
    @param _account Whose KYC.
    @return The nonce of the next attestation.
    """
    return self._records[_account] >> EXPIRY_BITS


@internal
@view
def _digest(
    _account: address, _valid_until: uint256, _nonce: uint256, _deadline: uint256
) -> bytes32:
    """
    @notice Compute what a verifier signs.
    @param _account Who passed KYC.
    @param _valid_until Last second of validity.
    @param _nonce Of the account.
    @param _deadline Last second in which the attestation may be brought.
    @return EIP-712 digest in this contract's domain.
    """
    return eip712_domain_separator._hash_typed_data_v4(
        keccak256(abi_encode(ATTESTATION_TYPE_HASH, _account, _valid_until, _nonce, _deadline))
    )
