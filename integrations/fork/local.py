"""The local mainnet itself: built once for what it is made of, loaded from then on."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..protocol import AddressBook, Protocol, load_config
from ..protocol.artifacts import compile_project, sources_digest
from ..protocol.bounds import DAY
from ..protocol.config import Holders, NetworkConfig
from ..protocol.roles import LOCAL_ROLES
from ..venues.morpho import MorphoMarket
from ..venues.morpho_terms import MarketParams
from ..venues.pendle_contracts import MarketTerms, Pendle
from ..venues.uniswap_v3 import UniswapV3
from . import venues
from .anvil import MAINNET, Anvil, anvil, connect, require_free
from .deployer import Deployer
from .packages import ROOT, Artifact, parse_artifact
from .places import KEPT, Places, alone

#: Names the upstream node; where it is unset, there is a stand-in.
RPC_VARIABLE = "AID_FORK_RPC"
#: Two of Pendle's contracts are larger than mainnet allows today.
CODE_SIZE_LIMIT = "60000"
STATE = "state.json"
#: Folders that a running fork of the real mainnet has its addresses in.
FORKED = "forked-"

#: Pendle's market of sAID: half a year at the start, and built anew with less than two months left.
LIFE, LEAST_LIFE = 182 * DAY, 60 * DAY
#: It trades best at these yearly yields, and takes this much yield of each trade.
LOW_BPS, HIGH_BPS, FEE_BPS = 400, 2_400, 20
#: Uniswap's tier for AID/USDC, in millionths; threshold of the market that lends USDC against sAID, WAD.
TIER, LLTV = 100, 86 * 10**16
PAR = 10**18


@dataclass(frozen=True)
class LocalMainnet:
    """A running mainnet of our own.

    Attributes:
        node: The anvil; its `url` is the RPC endpoint.
        places: Where everything is on it.
        warm: Whether a kept state was loaded.
        seconds: How long the start took.
    """

    node: Anvil
    places: Places
    warm: bool
    seconds: float

    @property
    def venues(self) -> Mapping[str, str]:
        """Addresses of the venues' contracts by name, see `venues.contracts`."""
        return self.places.venues

    @property
    def book(self) -> Path:
        """File of the protocol's addresses."""
        return self.places.book

    @property
    def market(self) -> str:
        """Pendle's market of sAID's principal token, without liquidity."""
        return self.places.market


def configuration() -> NetworkConfig:
    """What is installed there: the shipped `mainnet-fork`, with test accounts in the roles."""
    from ape import accounts

    holders = {role: [accounts.test_accounts[number].address] for role, number in LOCAL_ROLES.items()}
    return load_config("mainnet-fork").model_copy(update={"roles": Holders.model_validate(holders)})


@contextmanager
def local_mainnet(
    port: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    kept: Path = KEPT,
) -> Iterator[LocalMainnet]:
    """Run a mainnet with the venues and the protocol for as long as the context lasts.

    With `AID_FORK_RPC` set it is a fork of that node, with the venues where they are in truth, and nothing is
    kept; else a stand-in, built at the first start and loaded from its kept state at later ones.

    Args:
        port: Where it listens; a free one if absent.
        progress: Told what comes next.
        kept: Folder of kept states.

    Raises:
        PackageError: A venue's package is missing or broken.
        NetworkError: The port is busy, anvil is missing, or the upstream node is not mainnet.
        SetupError: A venue refused what was to set it up.
    """
    began = time.monotonic()
    require_free(port)
    upstream = os.environ.get(RPC_VARIABLE)
    if upstream:
        connect(upstream)
        kept.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=kept, prefix=FORKED) as fleeting,
            _node("--fork-url", upstream, port=port) as node,
        ):
            found = venues.published(node.web3)
            progress("AID protocol")
            places = _install(node, Path(fleeting), found)
            yield LocalMainnet(node, places, warm=False, seconds=time.monotonic() - began)
        return
    folder = kept / _key()
    warm = prepared(folder, progress)
    progress("loading")
    with _node("--load-state", str(folder / STATE), port=port) as node:
        yield LocalMainnet(node, Places.read(folder), warm, seconds=time.monotonic() - began)


def prepared(
    folder: Path,
    progress: Callable[[str], None],
    build: Callable[[Path, Callable[[str], None]], None] | None = None,
) -> bool:
    """Make sure that there is a kept state in a folder; of several processes one builds, the others wait.

    Args:
        folder: Named by what the state is made of; states beside it are out of date.
        progress: Told what comes next.
        build: Makes a state in a folder; a mainnet with everything by default.

    Returns:
        Whether it was there already.
    """
    with alone(folder.parent):
        if _is_good(folder):
            return True
        draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="draft-"))
        try:
            (build or _build)(draft, progress)
            for old in folder.parent.iterdir():
                if old.is_dir() and old != draft and not old.name.startswith(FORKED):
                    shutil.rmtree(old, ignore_errors=True)
            # appears whole or not at all
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return False


@contextmanager
def _node(*arguments: str, port: int | None = None) -> Iterator[Anvil]:
    # asked for its test accounts, Ape would load all plugins first, which takes longer than the start
    mnemonic = yaml.safe_load((ROOT / "ape-config.yaml").read_text())["test"]["mnemonic"]
    options = ["--mnemonic", mnemonic, "--code-size-limit", CODE_SIZE_LIMIT, *arguments]
    with anvil(*options, port=port, chain_id=MAINNET) as node:
        yield node


def _build(folder: Path, progress: Callable[[str], None]) -> None:
    """Set everything up on a bare node and keep its state in a folder."""
    from ape import project

    # what is missing is said before anything is compiled
    venues.contracts()
    progress("compiling")
    compile_project(project)
    with _node("--dump-state", str(folder / STATE)) as node:
        deployer = Deployer(node.web3, node.web3.eth.accounts[0])
        found = venues.deploy(deployer, _mock, progress)
        progress("AID protocol")
        _install(node, folder, found)


def _install(node: Anvil, folder: Path, found: Mapping[str, str]) -> Places:
    """Deploy the protocol to the node, and make an empty market of its tokens at each venue.

    Args:
        node: A running mainnet.
        folder: Where to write the addresses.
        found: The venues' addresses by name.
    """
    from ape import accounts, chain, networks

    with networks.parse_network_choice(f"ethereum:mainnet:{node.url}", disconnect_after=True):
        deployer = accounts.test_accounts[0]
        book = AddressBook(folder / Places.BOOK, MAINNET, chain.blocks[0].hash.hex())
        protocol = Protocol.deploy(deployer, configuration(), book=book)
        aid, usdc, said = (str(protocol.token(name).address) for name in ("AID", "USDC", "sAID"))
        pendle = Pendle(found)
        now = int(chain.pending_timestamp)
        expiry = pendle.expiry_after(now + LIFE)
        pt, _ = pendle.create_tokens(deployer, str(protocol.sy.address), expiry)
        terms = MarketTerms.between(LOW_BPS, HIGH_BPS, FEE_BPS, expiry - now)
        oracle = str(protocol.oracle("USDC").address)
        lending = MarketParams(usdc, said, oracle, found["morpho.irm"], LLTV)
        places = Places(
            venues=found,
            book=book.path,
            market=pendle.create_market(deployer, pt, terms),
            expiry=expiry,
            pool=str(UniswapV3(found).create(deployer, aid, usdc, TIER, PAR).contract.address),
            lending=MorphoMarket.create(deployer, found["morpho.blue"], lending).terms.name,
        )
    places.write(folder)
    return places


def _is_good(folder: Path) -> bool:
    """Whether a kept state is there, with a market that does not expire soon."""
    return Places.are_in(folder) and Places.read(folder).expiry - time.time() > LEAST_LIFE


def _mock(name: str) -> Artifact:
    from ape import project

    kind = getattr(project, name).contract_type
    abi: list[dict[str, Any]] = [entry.model_dump(mode="json", by_alias=True) for entry in kind.abi]
    code = kind.get_deployment_bytecode().hex().removeprefix("0x")
    return parse_artifact({"contractName": name, "abi": abi, "bytecode": "0x" + code}, name)


#: Modules of `integrations.venues` by which the markets are made.
CREATORS = (
    "log_exp.py",
    "morpho.py",
    "morpho_terms.py",
    "pendle_contracts.py",
    "pendle_math.py",
    "uniswap_v3.py",
)


def _key() -> str:
    """Hash of everything that the stand-in is made of."""
    digest = hashlib.sha256(sources_digest(ROOT).encode())
    package = ROOT / "integrations"
    for file in [
        ROOT / "package-lock.json",
        ROOT / "ape-config.yaml",
        *sorted((package / "fork").glob("*.py")),
        *sorted((package / "protocol").glob("*.py")),
        *(package / "venues" / name for name in CREATORS),
        package / "protocol" / "networks" / "mainnet-fork.yaml",
    ]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
