"""Uniswap v3 as its packages have it: factory, position manager, router, quoter."""

from __future__ import annotations

from .deployer import Deployer
from .packages import Artifact, artifact

CORE, PERIPHERY = "@uniswap/v3-core", "@uniswap/v3-periphery"
#: The tier for stable pairs, in millionths, and its tick spacing. Mainnet's factory has it by a vote.
ONE_BP, ONE_BP_SPACING = 100, 1
ZERO = "0x" + "00" * 20


def contracts() -> dict[str, Artifact]:
    """Uniswap's artifacts by the names of the address book; pools are reached by `uniswap_v3.pool`."""
    return {
        "uniswap_v3.factory": artifact(
            CORE, "artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"
        ),
        "uniswap_v3.pool": artifact(CORE, "artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json"),
        "uniswap_v3.positions": _periphery("NonfungiblePositionManager"),
        "uniswap_v3.router": _periphery("SwapRouter"),
        "uniswap_v3.quoter": _periphery("QuoterV2", "lens/"),
    }


def deploy(deployer: Deployer, weth: str) -> dict[str, str]:
    """Set Uniswap v3 up, the 1 bp tier included, and return addresses by name.

    Positions have no picture: the contract that draws it is left out.

    Raises:
        PackageError: A package or a contract in it is missing.
        SetupError: A contract refused.
    """
    parts = contracts()
    factory = deployer.deploy(parts["uniswap_v3.factory"])
    tiers = deployer.at(parts["uniswap_v3.factory"], factory).functions
    deployer.send(tiers.enableFeeAmount(ONE_BP, ONE_BP_SPACING))
    return {
        "uniswap_v3.factory": factory,
        "uniswap_v3.positions": deployer.deploy(parts["uniswap_v3.positions"], factory, weth, ZERO),
        "uniswap_v3.router": deployer.deploy(parts["uniswap_v3.router"], factory, weth),
        "uniswap_v3.quoter": deployer.deploy(parts["uniswap_v3.quoter"], factory, weth),
    }


def _periphery(name: str, folder: str = "") -> Artifact:
    return artifact(PERIPHERY, f"artifacts/contracts/{folder}{name}.sol/{name}.json")
