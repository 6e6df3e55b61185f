"""KYC attestations: what a verifier signs and a user brings to the Allowlist (EIP-712)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.protocol.eip712 import document, sign

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol

#: What a verifier signs.
FIELDS = {"account": "address", "valid_until": "uint256", "nonce": "uint256", "deadline": "uint256"}


@dataclass(frozen=True)
class Attestation:
    """A verifier's word that an account is known.

    Attributes:
        account: Who is known.
        valid_until: Last second of its KYC, Unix time, at most 730 days ahead.
        nonce: The account's nonce in the Allowlist; each change of its KYC uses one up.
        deadline: Last second in which the attestation may be brought.
        verifier: Who signs.
        signature: 65 bytes r, s, v of an ECDSA signer, or what an ERC-1271 contract accepts.
    """

    account: str
    valid_until: int
    nonce: int
    deadline: int
    verifier: str
    signature: bytes


def typed_data(
    allowlist: str, chain_id: int, account: str, valid_until: int, nonce: int, deadline: int
) -> dict[str, Any]:
    """The EIP-712 document of an attestation, as wallets show it.

    Args:
        allowlist: Address of the Allowlist, the verifying contract.
        chain_id: Of the chain it is on.
        account: Who is known.
        valid_until: Last second of its KYC, Unix time.
        nonce: The account's nonce in the Allowlist.
        deadline: Last second in which the attestation may be brought.
    """
    values = {"account": account, "valid_until": valid_until, "nonce": nonce, "deadline": deadline}
    return document("AID Allowlist", allowlist, chain_id, "KYCAttestation", FIELDS, values)


def sign_attestation(
    protocol: Protocol, verifier: Any, account: str, valid_until: int, deadline: int
) -> Attestation:
    """Have a verifier attest that an account is known.

    Args:
        protocol: The installation whose Allowlist is meant.
        verifier: Ape account of the verifier; it signs, and sends nothing.
        account: Who is known.
        valid_until: Last second of its KYC, Unix time.
        deadline: Last second in which the attestation may be brought.

    Raises:
        AccountError: The verifier's account refused to sign.
    """
    from ape import chain

    nonce = protocol.allowlist.nonces(account)
    message = typed_data(protocol.allowlist.address, chain.chain_id, account, valid_until, nonce, deadline)
    return Attestation(account, valid_until, nonce, deadline, verifier.address, sign(verifier, message))
