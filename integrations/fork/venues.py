"""All venues of a mainnet: set up on a bare node, or found at their published addresses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..protocol.errors import NetworkError
from . import morpho, pendle, uniswap
from .deployer import Deployer
from .packages import Artifact

PUBLISHED = Path(__file__).with_name("mainnet.yaml")
WETH, PENDLE = "weth", "pendle.token"


@cache
def contracts() -> dict[str, Artifact]:
    """Artifacts of all venues by the names that addresses have too.

    Raises:
        PackageError: A package or a contract in it is missing.
    """
    return {**uniswap.contracts(), **pendle.contracts(), **morpho.contracts()}


def deploy(
    deployer: Deployer, tokens: Callable[[str], Artifact], progress: Callable[[str], None]
) -> dict[str, str]:
    """Set every venue up on a node and return addresses by name.

    Args:
        deployer: Who deploys, owns and is treasury.
        tokens: The project's own contracts by name: a wrapped ether, a token for the gauges, a rate model.
        progress: Told what comes next.

    Raises:
        PackageError: A package or a contract in it is missing.
        SetupError: A contract refused.
    """
    weth = deployer.deploy(tokens("WrappedEther"))
    token = deployer.deploy(tokens("Stablecoin"), "Pendle", "PENDLE", 18)
    found = {WETH: weth, PENDLE: token}
    progress("Uniswap v3")
    found |= uniswap.deploy(deployer, weth)
    progress("Pendle V2")
    found |= pendle.deploy(deployer, weth, token)
    progress("Morpho Blue")
    found |= morpho.deploy(deployer, tokens("AdaptiveRate"))
    return found


def published(web3: Any) -> dict[str, str]:
    """The venues' published addresses, if they are contracts there.

    Raises:
        NetworkError: The chain has no code at one of them: it is not mainnet.
    """
    addresses: dict[str, str] = yaml.safe_load(PUBLISHED.read_text())
    for name, address in addresses.items():
        if not web3.eth.get_code(address):
            raise NetworkError(
                f"no contract at {address} ({name})", "AID_FORK_RPC must be Ethereum's mainnet"
            )
    return addresses
