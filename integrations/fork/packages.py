"""Contracts as their venues publish them: artifacts of npm packages, and sources that are compiled once."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..protocol.errors import ProtocolError

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
#: What is compiled here is kept, by a hash of everything that it was made from.
CACHE = ROOT / ".cache" / "venues"

INSTALL = "run `make setup`"


class PackageError(ProtocolError):
    """A venue's package is missing, or is not what it should be."""


@dataclass(frozen=True)
class Artifact:
    """A contract that can be deployed.

    Attributes:
        name: The contract's name.
        abi: Its ABI.
        creation_code: Hex digits with `0x`; libraries that are still to be linked are zeros.
        links: Offsets in bytes of each library's address in `creation_code`.
    """

    name: str
    abi: list[dict[str, Any]]
    creation_code: str
    links: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def linked(self, libraries: Mapping[str, str]) -> Artifact:
        """This contract with the addresses of its libraries in place.

        Args:
            libraries: Address of each library by its name.

        Raises:
            PackageError: One is missing.
        """
        missing = sorted(set(self.links) - set(libraries))
        if missing:
            raise PackageError(f"{self.name} needs the library {', '.join(missing)}")
        code = self.creation_code
        for library, offsets in self.links.items():
            digits = libraries[library].removeprefix("0x").lower()
            for offset in offsets:
                start = 2 + 2 * offset
                code = code[:start] + digits + code[start + 40 :]
        return Artifact(self.name, self.abi, code)


@cache
def artifact(package: str, path: str) -> Artifact:
    """Read a contract's artifact, as Hardhat and Truffle write them.

    Args:
        package: npm package, e.g. `@uniswap/v3-core`.
        path: The artifact's file within the package.

    Raises:
        PackageError: The package or the file is missing, or the contract has no bytecode.
    """
    folder = MODULES / package
    if not folder.is_dir():
        raise PackageError(f"the npm package {package} is not installed", INSTALL)
    file = folder / path
    try:
        data = json.loads(file.read_text())
    except OSError:
        raise PackageError(f"{package} has no {path}", "the version of package.json has it") from None
    except ValueError:
        raise PackageError(f"{package}/{path} is not JSON", "remove node_modules, then " + INSTALL) from None
    return parse_artifact(data, f"{package}/{path}")


def parse_artifact(data: Mapping[str, Any], source: str) -> Artifact:
    """Make an artifact of what a compiler wrote.

    Args:
        data: Hardhat's or Truffle's artifact, or a contract of solc's standard output.
        source: Where it is from, for messages.

    Raises:
        PackageError: The contract has no bytecode: it is an interface, or abstract.
    """
    evm = data.get("evm", {}).get("bytecode", {})
    code = str(evm.get("object") or data.get("bytecode") or "").removeprefix("0x")
    if not code:
        raise PackageError(f"{source} has no bytecode", "it is an interface or an abstract contract")
    references = evm.get("linkReferences") or data.get("linkReferences") or {}
    links = {
        library: tuple(place["start"] for place in places)
        for libraries in references.values()
        for library, places in libraries.items()
    }
    for offsets in links.values():
        for offset in offsets:
            code = code[: 2 * offset] + "0" * 40 + code[2 * offset + 40 :]
    name = str(data.get("contractName") or Path(source).stem)
    return Artifact(name, list(data["abi"]), "0x" + code, links)


def compiled(package: str, folder: str, contracts: Mapping[str, str]) -> dict[str, Artifact]:
    """Contracts of a package that comes as sources, compiled with npm's solc on first use.

    Args:
        package: npm package.
        folder: Folder of the sources within it; imports are relative.
        contracts: Source file of each contract, below `folder`.

    Raises:
        PackageError: The package or the compiler is missing, or the compiler reports an error.
    """
    source_root = MODULES / package / folder
    compiler = MODULES / "solc"
    for needed in (source_root, compiler):
        if not needed.is_dir():
            raise PackageError(f"{needed.relative_to(MODULES)} is not installed", INSTALL)
    request = _standard_input(source_root, contracts)
    version = json.loads((compiler / "package.json").read_text())["version"]
    digest = hashlib.sha256(f"{version}\n{request}".encode()).hexdigest()
    kept = CACHE / f"{package.replace('/', '_').lstrip('@')}-{digest[:16]}.json"
    if not kept.is_file():
        output = _solc(compiler, request, package)
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        partial.write_text(json.dumps(output))
        partial.replace(kept)
    output = json.loads(kept.read_text())
    return {
        name: parse_artifact({"contractName": name, **output["contracts"][file][name]}, f"{package}/{file}")
        for name, file in contracts.items()
    }


def _standard_input(source_root: Path, contracts: Mapping[str, str]) -> str:
    """Standard JSON input of the compiler: all sources of the folder, the settings of Morpho's deployment."""
    sources = {
        str(file.relative_to(source_root)): {"content": file.read_text()}
        for file in sorted(source_root.rglob("*.sol"))
    }
    outputs = {
        file: {name: ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]}
        for name, file in contracts.items()
    }
    settings = {
        "viaIR": True,
        "optimizer": {"enabled": True, "runs": 999_999},
        "evmVersion": "paris",
        "metadata": {"bytecodeHash": "none"},
        "outputSelection": outputs,
    }
    return json.dumps({"language": "Solidity", "sources": sources, "settings": settings}, sort_keys=True)


def _solc(compiler: Path, request: str, package: str) -> dict[str, Any]:
    command = ["node", str(compiler / "solc.js"), "--standard-json"]
    try:
        # from a file: of a pipe that is not filled yet it reads nothing, and fails
        with tempfile.TemporaryFile("w+") as sources:
            sources.write(request)
            sources.seek(0)
            answer = subprocess.run(command, stdin=sources, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise PackageError("node is not on PATH", "install Node 20 or newer") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["no message"]
        cause = next((line for line in lines if "Error" in line), lines[-1])
        raise PackageError(f"solc could not compile {package}: {cause}") from None
    output: dict[str, Any] = json.loads(answer[answer.index("{") :])
    errors = [fault for fault in output.get("errors", []) if fault["severity"] == "error"]
    if errors:
        first = " ".join(str(errors[0]["formattedMessage"]).split())
        raise PackageError(f"solc could not compile {package}: {first}")
    return output
