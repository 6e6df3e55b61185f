"""Morpho Blue, compiled from its package."""

from __future__ import annotations

from .deployer import Deployer
from .packages import Artifact, compiled

PACKAGE = "@morpho-org/morpho-blue"
SOURCES = {"Morpho": "Morpho.sol"}
WAD = 10**18
ZERO = "0x" + "00" * 20
#: Liquidation thresholds that the owner of mainnet's Morpho has enabled, in WAD.
LLTVS = tuple(WAD * percent // 1000 for percent in (0, 385, 625, 770, 860, 915, 945, 965, 980))


def contracts() -> dict[str, Artifact]:
    """Morpho's artifacts by the names of the address book."""
    return {"morpho.blue": compiled(PACKAGE, "src", SOURCES)["Morpho"]}


def deploy(deployer: Deployer, rate_model: Artifact) -> dict[str, str]:
    """Set Morpho Blue up and return addresses by name.

    The adaptive-curve model and no model at all (the zero address) are enabled, and mainnet's thresholds.

    Args:
        deployer: Who deploys, owns and receives fees.
        rate_model: This project's adaptive-curve model: mainnet's is in no package.

    Raises:
        PackageError: The package or the compiler is missing.
        SetupError: A contract refused.
    """
    parts = contracts()
    blue = deployer.deploy(parts["morpho.blue"], deployer.account)
    irm = deployer.deploy(rate_model, blue)
    governed = deployer.at(parts["morpho.blue"], blue).functions
    for model in (irm, ZERO):
        deployer.send(governed.enableIrm(model))
    for lltv in LLTVS:
        deployer.send(governed.enableLltv(lltv))
    deployer.send(governed.setFeeRecipient(deployer.account))
    return {"morpho.blue": blue, "morpho.irm": irm}
