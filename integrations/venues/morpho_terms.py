"""What names a market of Morpho Blue, and what an owner signs to let somebody act for him."""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

PARAMETERS = "(address,address,address,address,uint256)"


class MarketParams(NamedTuple):
    """What names a market of Morpho Blue, in the contract's order."""

    loan: str
    collateral: str
    oracle: str
    rate_model: str
    lltv: int

    @property
    def id(self) -> bytes:
        """Hash by which the contract knows the market."""
        return keccak(encode([PARAMETERS], [tuple(self)]))


def authorisation_document(
    blue: str, chain_id: int, owner: str, operator: str, allowed: bool, nonce: int, deadline: int
) -> dict[str, Any]:
    """The EIP-712 document of an authorisation, as wallets show it. Morpho's domain has no name.

    Args:
        blue: Address of Morpho Blue, the verifying contract.
        chain_id: Of the chain it is on.
        owner: Who signs.
        operator: Who may act.
        allowed: Whether he may.
        nonce: The owner's nonce in Morpho Blue.
        deadline: Last second in which it may be brought.
    """
    return {
        "types": {
            "EIP712Domain": [
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Authorization": [
                {"name": "authorizer", "type": "address"},
                {"name": "authorized", "type": "address"},
                {"name": "isAuthorized", "type": "bool"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ],
        },
        "primaryType": "Authorization",
        "domain": {"chainId": chain_id, "verifyingContract": blue},
        "message": {
            "authorizer": owner,
            "authorized": operator,
            "isAuthorized": allowed,
            "nonce": nonce,
            "deadline": deadline,
        },
    }
