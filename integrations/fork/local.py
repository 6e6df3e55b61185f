"""The local mainnet itself: built once for what it is made of, loaded from then on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..protocol import AddressBook, Protocol, load_config
from ..protocol.artifacts import compile_project, sources_digest
from ..protocol.config import DAY, Holders, NetworkConfig
from ..protocol.roles import LOCAL_ROLES
from ..venues.pendle_contracts import MarketTerms, Pendle
from . import venues
from .anvil import MAINNET, Anvil, anvil, connect
from .deployer import Deployer
from .packages import ROOT, Artifact, parse_artifact

#: Names the upstream node; where it is unset, there is a stand-in.
RPC_VARIABLE = "AID_FORK_RPC"
KEPT = ROOT / ".cache" / "mainnet"
#: Two of Pendle's contracts are larger than mainnet allows today.
CODE_SIZE_LIMIT = "60000"
STATE, VENUES, BOOK, MARKET = "state.json", "venues.json", "deployments.json", "market.json"
LOCK = "lock"

#: Pendle's market of sAID: half a year at the start, and built anew with less than two months left.
LIFE, LEAST_LIFE = 182 * DAY, 60 * DAY
#: It trades best at these yearly yields, and takes this much yield of each trade.
LOW_BPS, HIGH_BPS, FEE_BPS = 400, 2_400, 20


@dataclass(frozen=True)
class LocalMainnet:
    """A running mainnet of our own.

    Attributes:
        node: The anvil; its `url` is the RPC endpoint.
        venues: Addresses of the venues' contracts by name, see `venues.contracts`.
        book: File of the protocol's addresses.
        market: Pendle's market of sAID's principal token, without liquidity.
        warm: Whether a kept state was loaded.
        seconds: How long the start took.
    """

    node: Anvil
    venues: Mapping[str, str]
    book: Path
    market: str
    warm: bool
    seconds: float


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
    upstream = os.environ.get(RPC_VARIABLE)
    if upstream:
        connect(upstream)
        with tempfile.TemporaryDirectory() as fleeting, _node("--fork-url", upstream, port=port) as node:
            found = venues.published(node.web3)
            progress("AID protocol")
            book = Path(fleeting) / BOOK
            market = _install(node, book, found)["address"]
            yield LocalMainnet(node, found, book, market, warm=False, seconds=time.monotonic() - began)
        return
    folder = kept / _key()
    with _alone(kept):
        warm = _is_good(folder)
        if not warm:
            _build(folder, progress)
    progress("loading")
    with _node("--load-state", str(folder / STATE), port=port) as node:
        addresses, market = (json.loads((folder / name).read_text()) for name in (VENUES, MARKET))
        seconds = time.monotonic() - began
        yield LocalMainnet(node, addresses, folder / BOOK, market["address"], warm, seconds)


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """Wait until no other process builds here: the others then load what the first one has built."""
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _node(*arguments: str, port: int | None = None) -> Iterator[Anvil]:
    from ape import accounts

    mnemonic = str(accounts.test_accounts.mnemonic)
    options = ["--mnemonic", mnemonic, "--code-size-limit", CODE_SIZE_LIMIT, *arguments]
    with anvil(*options, port=port, chain_id=MAINNET) as node:
        yield node


def _build(folder: Path, progress: Callable[[str], None]) -> None:
    """Set everything up on a bare node and keep its state; `folder` appears whole or not at all."""
    from ape import project

    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="draft-"))
    try:
        progress("compiling")
        compile_project(project)
        with _node("--dump-state", str(draft / STATE)) as node:
            deployer = Deployer(node.web3, node.web3.eth.accounts[0])
            found = venues.deploy(deployer, _mock, progress)
            progress("AID protocol")
            market = _install(node, draft / BOOK, found)
        for name, content in ((VENUES, found), (MARKET, market)):
            (draft / name).write_text(json.dumps(content, indent=2) + "\n")
        for old in folder.parent.iterdir():
            if old.is_dir() and old != draft:
                shutil.rmtree(old, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _install(node: Anvil, path: Path, found: Mapping[str, str]) -> dict[str, Any]:
    """Deploy the protocol to the node and have sAID split at Pendle.

    Args:
        node: A running mainnet.
        path: Where to write the protocol's addresses.
        found: The venues' addresses by name.

    Returns:
        `address` and `expiry` of Pendle's market.
    """
    from ape import accounts, chain, networks

    with networks.parse_network_choice(f"ethereum:mainnet:{node.url}", disconnect_after=True):
        deployer = accounts.test_accounts[0]
        book = AddressBook(path, MAINNET, chain.blocks[0].hash.hex())
        protocol = Protocol.deploy(deployer, configuration(), book=book)
        pendle = Pendle(found)
        now = int(chain.pending_timestamp)
        expiry = pendle.expiry_after(now + LIFE)
        pt, _ = pendle.create_tokens(deployer, str(protocol.sy.address), expiry)
        terms = MarketTerms.between(LOW_BPS, HIGH_BPS, FEE_BPS, expiry - now)
        return {"address": pendle.create_market(deployer, pt, terms), "expiry": expiry}


def _is_good(folder: Path) -> bool:
    """Whether a kept state is there, with a market that does not expire soon."""
    market = folder / MARKET
    return market.is_file() and json.loads(market.read_text())["expiry"] - time.time() > LEAST_LIFE


def _mock(name: str) -> Artifact:
    from ape import project

    kind = getattr(project, name).contract_type
    abi: list[dict[str, Any]] = [entry.model_dump(mode="json", by_alias=True) for entry in kind.abi]
    code = kind.get_deployment_bytecode().hex().removeprefix("0x")
    return parse_artifact({"contractName": name, "abi": abi, "bytecode": "0x" + code}, name)


def _key() -> str:
    """Hash of everything that the stand-in is made of."""
    digest = hashlib.sha256(sources_digest(ROOT).encode())
    package = ROOT / "integrations"
    for file in [
        ROOT / "package-lock.json",
        ROOT / "ape-config.yaml",
        *sorted((package / "fork").glob("*.py")),
        *sorted((package / "protocol").glob("*.py")),
        *(package / "venues" / name for name in ("pendle_contracts.py", "pendle_math.py", "log_exp.py")),
        package / "protocol" / "networks" / "mainnet-fork.yaml",
    ]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
