"""Delegated code (EIP-7702): an account with a key that carries a contract's code as well."""

from __future__ import annotations

from typing import Any

import ape
from eth_account import Account

#: What the code of a delegating account starts with, before the contract's address.
DESIGNATOR = b"\xef\x01\x00"
#: The type of a transaction that carries authorizations.
SET_CODE = 4


def delegate(account: Any, contract: Any) -> None:
    """Let an account carry a contract's code, by a transaction that it signs and sends itself.

    Args:
        account: A test account, whose key signs.
        contract: Whose code it carries from now on.
    """
    provider = ape.chain.provider
    nonce, chain_id = provider.get_nonce(account.address), ape.chain.chain_id
    # the sender's nonce has moved by the time that its own authorization counts
    authorization = Account.sign_authorization(
        {"chainId": chain_id, "address": str(contract), "nonce": nonce + 1}, account.private_key
    )
    signed = Account.sign_transaction(
        {
            "type": SET_CODE,
            "chainId": chain_id,
            "nonce": nonce,
            "to": account.address,
            "value": 0,
            "gas": 200_000,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 0,
            "authorizationList": [authorization],
        },
        account.private_key,
    )
    provider.make_request("eth_sendRawTransaction", [signed.raw_transaction.to_0x_hex()])
    ape.chain.mine()
    assert bytes(provider.get_code(account.address)) == DESIGNATOR + bytes.fromhex(str(contract)[2:])
