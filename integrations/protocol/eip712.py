"""Typed data (EIP-712) as the protocol's contracts check it, and signatures of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_account.messages import encode_typed_data

from integrations.protocol.errors import AccountError

_DOMAIN = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}


def document(
    name: str,
    contract: str,
    chain_id: int,
    struct: str,
    fields: Mapping[str, str],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """A document as wallets show it.

    Args:
        name: Of the contract's domain, version 1.
        contract: Address of the verifying contract.
        chain_id: Of the chain it is on.
        struct: Name of the struct that is signed.
        fields: Its fields in order, name to Solidity type.
        values: By field.
    """
    return {
        "types": {"EIP712Domain": _typed(_DOMAIN), struct: _typed(fields)},
        "primaryType": struct,
        "domain": {"name": name, "version": "1", "chainId": chain_id, "verifyingContract": contract},
        "message": {field: values[field] for field in fields},
    }


def sign(account: Any, message: Mapping[str, Any]) -> bytes:
    """The signature of an Ape account, 65 bytes r, s, v; nothing is sent.

    Args:
        account: Who signs.
        message: From `document`.

    Raises:
        AccountError: The account refused.
    """
    signature = account.sign_message(encode_typed_data(full_message=dict(message)))
    if signature is None:
        raise AccountError(f"{account.address} did not sign", "unlock the account and approve the message")
    return bytes(signature.encode_rsv())


def _typed(fields: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields.items()]
