"""Morpho Blue, compiled from its package."""

from __future__ import annotations

from .deployer import Deployer
from .packages import Artifact, compiled

PACKAGE = "@morpho-org/morpho-blue"
SOURCES = {"Morpho": "Morpho.sol", "IrmMock": "mocks/IrmMock.sol"}
WAD = 10**18
#: Liquidation thresholds that the owner of mainnet's Morpho has enabled, in WAD.
LLTVS = tuple(WAD * percent // 1000 for percent in (0, 385, 625, 770, 860, 915, 945, 965, 980))


def contracts() -> dict[str, Artifact]:
    """Morpho's artifacts by the names of the address book."""
    made = compiled(PACKAGE, "src", SOURCES)
    return {"morpho.blue": made["Morpho"], "morpho.irm": made["IrmMock"]}


def deploy(deployer: Deployer) -> dict[str, str]:
    """Set Morpho Blue up and return addresses by name.

    Its rate model is the package's linear one (utilisation / year), and enabled like mainnet's thresholds.

    Raises:
        PackageError: The package or the compiler is missing.
        SetupError: A contract refused.
    """
    parts = contracts()
    blue = deployer.deploy(parts["morpho.blue"], deployer.account)
    irm = deployer.deploy(parts["morpho.irm"])
    governed = deployer.at(parts["morpho.blue"], blue).functions
    deployer.send(governed.enableIrm(irm))
    for lltv in LLTVS:
        deployer.send(governed.enableLltv(lltv))
    deployer.send(governed.setFeeRecipient(deployer.account))
    return {"morpho.blue": blue, "morpho.irm": irm}
