"""Contracts of other people's venues as Ape contracts, by the names of `integrations.fork.venues`."""

from __future__ import annotations

from functools import cache
from typing import Any

from integrations.protocol.artifacts import shipped

#: Contracts whose packages have no ABI, and which this project's equal.
OURS = {"morpho.irm": "AdaptiveRate", "morpho.oracle": "VaultOracle"}


def venue_contract(name: str, address: str) -> Any:
    """A venue's contract, with the ABI of its package.

    Args:
        name: `uniswap_v3.pool`, `morpho.blue`, …; Morpho's rate model and oracles have this project's ABI.
        address: Where it is.

    Raises:
        PackageError: The venue's package is missing.
    """
    from ape.contracts import ContractInstance

    return ContractInstance(address, _contract_type(name))


@cache
def _contract_type(name: str) -> Any:
    from ethpm_types import ContractType

    from integrations.fork import morpho, uniswap

    if name in OURS:
        return ContractType.model_validate({"contractName": OURS[name], "abi": shipped(OURS[name])["abi"]})
    parts = {"uniswap_v3": uniswap, "morpho": morpho}
    part = parts[name.split(".", 1)[0]].contracts()[name]
    return ContractType.model_validate({"contractName": part.name, "abi": part.abi})
