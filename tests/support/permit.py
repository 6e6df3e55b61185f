"""EIP-2612 permits for tests."""

from __future__ import annotations

from typing import Any

import ape
from eth_account.messages import encode_typed_data


def sign_permit(
    token: Any,
    signer: Any,
    spender: Any,
    value: int,
    deadline: int,
    *,
    owner: Any = None,
    chain_id: int | None = None,
    salt: bytes | None = None,
) -> tuple[int, bytes, bytes]:
    """The next permit of a token: v, r, s.

    Args:
        owner: Whose tokens; the signer's by default.
        chain_id: Of the domain; this chain's by default.
        salt: Of the domain, where it has one.
    """
    owner = owner or signer
    # a domain with a salt belongs to the pool, which has Curve's getters instead of EIP-5267
    name, version = (token.name(), token.version()) if salt else token.eip712Domain()[1:3]
    words = {"owner": "address", "spender": "address", "value": "uint256"}
    words |= {"nonce": "uint256", "deadline": "uint256"}
    values = (str(owner), str(spender), value, token.nonces(owner), deadline)
    signature = signer.sign_message(
        encode_typed_data(
            domain_data={
                "name": name,
                "version": version,
                "chainId": chain_id or ape.chain.chain_id,
                "verifyingContract": token.address,
                **({"salt": salt} if salt else {}),
            },
            message_types={"Permit": [{"name": field, "type": kind} for field, kind in words.items()]},
            message_data=dict(zip(words, values, strict=True)),
        )
    )
    # Ape drops leading zeros
    return signature.v, bytes(signature.r).rjust(32, b"\0"), bytes(signature.s).rjust(32, b"\0")
