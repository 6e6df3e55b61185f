"""KYC attestations: what a verifier signs and a user brings to the Allowlist (EIP-712)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.messages import encode_typed_data

from integrations.protocol.errors import AccountError

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol


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
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "KYCAttestation": [
                {"name": "account", "type": "address"},
                {"name": "valid_until", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ],
        },
        "primaryType": "KYCAttestation",
        "domain": {
            "name": "AID Allowlist",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": allowlist,
        },
        "message": {
            "account": account,
            "valid_until": valid_until,
            "nonce": nonce,
            "deadline": deadline,
        },
    }


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
    document = typed_data(protocol.allowlist.address, chain.chain_id, account, valid_until, nonce, deadline)
    signature = verifier.sign_message(encode_typed_data(full_message=document))
    if signature is None:
        raise AccountError(f"{verifier.address} did not sign", "unlock the account and approve the message")
    return Attestation(account, valid_until, nonce, deadline, verifier.address, signature.encode_rsv())
