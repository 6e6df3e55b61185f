"""Morpho Blue's bytecode on the chain that Ape is connected to."""

from __future__ import annotations

from typing import Any

import ape

from integrations.fork import morpho
from integrations.fork.deployer import Deployer
from integrations.fork.packages import parse_artifact


def deploy_morpho(project: Any, owner: Any) -> dict[str, str]:
    """Set it up as the local mainnet has it, and return addresses by name."""
    kind = project.AdaptiveRate.contract_type
    abi = [entry.model_dump(mode="json", by_alias=True) for entry in kind.abi]
    code = kind.get_deployment_bytecode().hex().removeprefix("0x")
    model = parse_artifact({"contractName": kind.name, "abi": abi, "bytecode": "0x" + code}, kind.name)
    return morpho.deploy(Deployer(ape.chain.provider.web3, owner.address), model)
