"""ERC-20 tokens of any kind: handles, balances, and allowances that last for one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from integrations.protocol.artifacts import shipped
from integrations.venues.access import Access


def erc20(address: str) -> Any:
    """A token as an Ape contract, without telling Ape that this is all that it is."""
    from ape.contracts import ContractInstance

    return ContractInstance(address, _erc20_type())


def address_of(account: Any) -> str:
    """The address of an account, or of itself."""
    return str(getattr(account, "address", account))


@contextmanager
def allowances(access: Access, account: Any, spender: str, amounts: Mapping[Any, int]) -> Iterator[None]:
    """Let a spender take exactly these amounts meanwhile; what an account has allowed before is used first.

    Args:
        access: The chain.
        account: Who allows.
        spender: Contract.
        amounts: By token (Ape contract).
    """
    me = address_of(account)
    granted = []
    try:
        for token, amount in amounts.items():
            (allowed,) = access.read([(token.allowance, me, spender)])
            if allowed >= amount:
                continue
            if allowed:
                # USDT changes an allowance only to or from zero
                access.send(account, token.approve, spender, 0)
            access.send(account, token.approve, spender, amount)
            granted.append(token)
        yield
    finally:
        # spent to the last unit, but for exact outputs and refusals
        for token in granted:
            if access.read([(token.allowance, me, spender)])[0]:
                access.send(account, token.approve, spender, 0)


@cache
def _erc20_type() -> Any:
    from ethpm_types import ContractType

    wanted = {"allowance", "approve", "balanceOf", "decimals", "symbol"}
    abi = [entry for entry in shipped("AID")["abi"] if entry.get("name") in wanted]
    return ContractType.model_validate({"contractName": "ERC20", "abi": abi})
