"""Pendle V2 as its package has it: factories, router with its facets, limit router, oracle, gauges."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import decode

from .deployer import Deployer, SetupError, selectors
from .packages import Artifact, artifact

PACKAGE = "@pendle/core-v2"
PROXY = ("@openzeppelin/contracts", "build/contracts/ERC1967Proxy.json")
#: Names in the address book, and where the package keeps them.
PARTS = {
    "pendle.splitter": "offchain-helpers/BaseSplitCodeFactoryContract",
    "pendle.yield_factory": "core/YieldContracts/PendleYieldContractFactoryUpg",
    "pendle.market_factory": "core/Market/PendleMarketFactoryV7Upg",
    "pendle.gauges": "LiquidityMining/GaugeController/PendleGaugeControllerUpg",
    "pendle.router": "router/PendleRouterV4",
    "pendle.limit_router": "limit/PendleLimitRouter",
    "pendle.oracle": "oracles/PtYtLpOracle/PendlePYLpOracle",
    "pendle.market": "core/Market/PendleMarketV7",
    "pendle.pt": "core/YieldContracts/PendlePrincipalToken",
    "pendle.yt": "core/YieldContracts/PendleYieldToken",
}
FACETS = (
    "ActionAddRemoveLiqV3",
    "ActionSwapPTV3",
    "ActionSwapYTV3",
    "ActionMiscV3",
    "ActionSimple",
    "ActionCallbackV3",
    "ActionStorageV4",
)
ORACLE_LIBRARY = "OracleLib"

# as on mainnet
EXPIRY_DIVISOR = 86_400
INTEREST_FEE = REWARD_FEE = 3 * 10**16
RESERVE_FEE_PERCENT = 80
BLOCK_CYCLE_NUMERATOR = 1_000


def contracts() -> dict[str, Artifact]:
    """Pendle's artifacts by the names of the address book; the router has the functions of its facets."""
    parts = {name: _part(path) for name, path in PARTS.items()}
    abi: list[dict[str, Any]] = []
    for facet in _facets():
        abi += [entry for entry in facet.abi if entry["type"] != "constructor" and entry not in abi]
    router = parts["pendle.router"]
    parts["pendle.router"] = Artifact(router.name, abi, router.creation_code, router.links)
    return parts


def deploy(deployer: Deployer, weth: str, pendle: str) -> dict[str, str]:
    """Set Pendle up and return addresses by name. The deployer owns it and is its treasury.

    The node must take contracts above the size limit: two of Pendle's are.

    Args:
        deployer: Who deploys.
        weth: The wrapped native token.
        pendle: The token that gauges pay.

    Raises:
        PackageError: The package or a contract in it is missing.
        SetupError: A contract refused.
    """
    setup = _Setup(deployer)
    return setup.run(weth, pendle)


class _Setup:
    def __init__(self, deployer: Deployer) -> None:
        self.deployer = deployer
        self.me = deployer.account
        self.parts = {name: _part(path) for name, path in PARTS.items()}
        self.splitter = deployer.deploy(self.parts["pendle.splitter"])

    def run(self, weth: str, pendle: str) -> dict[str, str]:
        gauges = self._proxy("pendle.gauges", (pendle,), (self.me,))
        yields = self._proxy(
            "pendle.yield_factory",
            self._split(self.parts["pendle.yt"]),
            (EXPIRY_DIVISOR, INTEREST_FEE, REWARD_FEE, self.me, self.me),
        )
        library = self.deployer.deploy(_part(f"core/Market/{ORACLE_LIBRARY}"))
        market = self.parts["pendle.market"].linked({ORACLE_LIBRARY: library})
        markets = self._proxy(
            "pendle.market_factory",
            (yields, *self._split(market), gauges),
            (self.me, self.me, RESERVE_FEE_PERCENT),
        )
        router = self._router()
        return {
            "pendle.gauges": gauges,
            "pendle.yield_factory": yields,
            "pendle.market_factory": markets,
            "pendle.router": router,
            "pendle.limit_router": self._proxy("pendle.limit_router", (weth, router), (self.me, self.me)),
            "pendle.oracle": self._proxy("pendle.oracle", (), (BLOCK_CYCLE_NUMERATOR, self.me)),
        }

    def _proxy(self, name: str, constructor: tuple[Any, ...], initializer: tuple[Any, ...]) -> str:
        """Deploy a part behind a proxy, which is what `initialize` needs."""
        part = self.parts[name]
        logic = self.deployer.deploy(part, *constructor)
        start = self.deployer.at(part, logic).encode_abi("initialize", args=list(initializer))
        return self.deployer.deploy(artifact(*PROXY), logic, start)

    def _split(self, part: Artifact) -> tuple[str, int, str, int]:
        """Keep a contract's creation code on chain, in the two halves that its factory puts together."""
        splitter = self.deployer.at(self.parts["pendle.splitter"], self.splitter)
        receipt = self.deployer.send(splitter.functions.deploy(part.name, part.creation_code))
        if not receipt["logs"]:
            raise SetupError(f"splitting {part.name} logged nothing")
        a, a_size, b, b_size = decode(
            ["address", "uint256", "address", "uint256"], bytes(receipt["logs"][-1]["data"])
        )
        checksum = self.deployer.web3.to_checksum_address
        return checksum(a), a_size, checksum(b), b_size

    def _router(self) -> str:
        facets = _facets()
        places = {facet.name: self.deployer.deploy(facet) for facet in facets}
        router = self.deployer.deploy(self.parts["pendle.router"], self.me, places["ActionStorageV4"])
        storage = self.deployer.at(facets[-1], router)
        table = [(places[name], functions) for name, functions in selectors(facets).items()]
        self.deployer.send(storage.functions.setSelectorToFacets(table))
        return router


def _facets() -> list[Artifact]:
    return [_part(f"router/{name}") for name in FACETS]


def _part(path: str) -> Artifact:
    name = path.rsplit("/", 1)[-1]
    return artifact(PACKAGE, f"build/artifacts/contracts/{path}.sol/{name}.json")
