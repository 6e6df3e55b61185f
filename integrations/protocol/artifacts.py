"""Contract types: those the package ships for integrators, and fresh ones compiled from the sources."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from integrations.protocol.errors import ConfigError

#: A relative import in a Vyper source: dots, folder, name.
_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\w+)", re.MULTILINE)

#: The line that has a contract compiled by Venom, the compiler's newer pipeline.
_VENOM = re.compile(r"^# pragma experimental-codegen$", re.MULTILINE)

#: ABI and storage layout of each deployable contract, one JSON file each.
ABI = Path(__file__).with_name("abi")
#: Contracts whose ABI and storage layout the package ships.
SHIPPED = (
    "AID",
    "AdaptiveRate",
    "Allowlist",
    "Attestor",
    "CollateralAuction",
    "ComputeReceipt",
    "Configurator",
    "DealDesk",
    "DealLedger",
    "Deals",
    "Gateway",
    "InsuranceFund",
    "DealMath",
    "Offering",
    "PTOracle",
    "PoolFactory",
    "ProtocolLens",
    "Roles",
    "StableSwap",
    "StakedAID",
    "StandardizedYield",
    "Timelock",
    "Treasury",
    "VaultOracle",
    "Workout",
)


@cache
def shipped(name: str) -> dict[str, Any]:
    """ABI (`abi`) and storage layout (`layout`) of a contract, without a compiler or a chain.

    Raises:
        ConfigError: No such contract is shipped.
    """
    path = ABI / f"{name}.json"
    if not path.is_file():
        raise ConfigError(f"no ABI of {name!r}", f"shipped are {', '.join(SHIPPED)}")
    data: dict[str, Any] = json.loads(path.read_text())
    return data


@cache
def _contract_type(name: str) -> Any:
    from ethpm_types import ContractType

    return ContractType.model_validate({"contractName": name, "abi": shipped(name)["abi"]})


def contract_at(name: str, address: str) -> Any:
    """An Ape contract instance of a shipped type.

    Args:
        name: One of `SHIPPED`, or the name of a mock in the project's sources.
        address: Where it is, checksummed.
    """
    from ape import chain, project

    contract_type = _contract_type(name) if name in SHIPPED else getattr(project, name).contract_type
    # Ape would else merge the type with the one that it remembers here, from before a chain was reverted.
    return chain.contracts.instance_at(
        address, contract_type=contract_type, fetch_from_explorer=False, detect_proxy=False, replace=True
    )


def compile_project(project: Any) -> None:
    """Compile the contracts of which any source, modules and interfaces included, has changed.

    Ape recompiles only files whose own text has changed, so an edited module would leave its
    importers with old bytecode. This compares, contract by contract, a digest over everything it
    imports instead.

    With `AID_PIPELINE=legacy` the contracts that ask for Venom are compiled from sources that do
    not, by the default pipeline, so that the tests can run on both.

    Args:
        project: Ape's project manager of this repository.

    Raises:
        ConfigError: Nothing was found to compile.
    """
    root = Path(project.path)
    wanted = _digests(root)
    stamp = root / ".build" / "sources.json"
    known = json.loads(stamp.read_text()) if stamp.is_file() else {}
    built = {found.source_id for found in (project.manifest.contract_types or {}).values()}
    stale = [source for source in wanted if source not in built or known.get(source) != wanted[source]]
    gone = built - set(wanted)
    # Asked to load them from its cache, Ape would write it anew each time, which takes seconds.
    if not stale and not gone:
        return
    plain = [source for source in stale if not (legacy() and uses_venom(root / source))]
    if plain and not project.load_contracts(*plain, use_cache=False):
        raise ConfigError(
            "no contract was compiled", "run from the project's folder, with its ape-config.yaml"
        )
    if len(plain) < len(stale):
        found = _without_venom(root, [source for source in stale if source not in plain])
        project.update_manifest(contract_types={**project.manifest.contract_types, **found})
    if gone:
        kept = {n: c for n, c in project.manifest.contract_types.items() if c.source_id in wanted}
        project.update_manifest(contract_types=kept)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(json.dumps(wanted, indent=1) + "\n")


def legacy() -> bool:
    """Whether every contract is to be compiled by the compiler's default pipeline (`make test-legacy`)."""
    return os.environ.get("AID_PIPELINE") == "legacy"


def uses_venom(source: Path) -> bool:
    """Whether a source asks for the compiler's newer pipeline."""
    return _VENOM.search(source.read_text()) is not None


def _without_venom(root: Path, sources: list[str]) -> dict[str, Any]:
    """Contract types of sources whose request for Venom is left out, by name."""
    from ape import Project

    with TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(root / "contracts", copy / "contracts")
        shutil.copy(root / "ape-config.yaml", copy)
        for source in sources:
            # the line stays, or those of a traceback would be one off
            (copy / source).write_text(_VENOM.sub("#", (copy / source).read_text()))
        found = Project(copy).load_contracts(*sources, use_cache=False)
        return {name: container.contract_type for name, container in found.items()}


def sources_digest(root: Path) -> str:
    """Hash of the compiler's version and of all sources of the contracts, modules included.

    Args:
        root: The repository.
    """
    return hashlib.sha256(json.dumps(_digests(root)).encode()).hexdigest()


def _digests(root: Path) -> dict[str, str]:
    """A digest for each deployable contract, by its source: over all that it imports, and the compiler."""
    contracts = root / "contracts"
    deployable = (found for found in contracts.rglob("*.vy") if not re.fullmatch("[a-z0-9_]+", found.stem))
    return {str(source.relative_to(root)): _digest(source) for source in sorted(deployable)}


def _digest(source: Path) -> str:
    seen: set[Path] = set()
    left = [source]
    while left:
        at = left.pop()
        if at not in seen:
            seen.add(at)
            left += _imports(at)
    pipeline = "legacy" if legacy() and uses_venom(source) else ""
    digest = hashlib.sha256(f"{version('vyper')} {version('snekmate')}{pipeline}".encode())
    for found in sorted(seen):
        digest.update(found.name.encode() + b"\0" + found.read_bytes())
    return digest.hexdigest()


def _imports(source: Path) -> list[Path]:
    """Files of this project that a source imports; `from . import x` and `from ..interfaces import I`."""
    found = []
    for dots, folder, name in _IMPORT.findall(source.read_text()):
        place = source.parents[len(dots) - 1].joinpath(*folder.split("."))
        found += [at for at in (place / f"{name}.vy", place / f"{name}.vyi") if at.is_file()]
    return found


def layout_of(root: Path, name: str) -> Any:
    """Storage and code layout of a contract, from its sources.

    Args:
        root: The repository.
        name: One of `SHIPPED`.
    """
    return _compile(root, name, "layout")["layout"]


def compiled_without_venom(root: Path, name: str) -> dict[str, Any]:
    """ABI (`abi`), layouts (`layout`) and code (`bytecode_runtime`) by the default pipeline.

    Args:
        root: The repository.
        name: One of `SHIPPED`.
    """
    return _compile(root, name, "abi", "layout", "bytecode_runtime", venom=False)


def write_shipped(root: Path) -> list[Path]:
    """Compile the shipped contracts and write their ABIs and storage layouts.

    Args:
        root: The repository.

    Returns:
        The files that have changed.
    """
    changed = []
    ABI.mkdir(exist_ok=True)
    for name in SHIPPED:
        compiled = _compile(root, name, "abi", "layout")
        text = json.dumps({"abi": compiled["abi"], "layout": compiled["layout"]}, indent=1) + "\n"
        path = ABI / f"{name}.json"
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)
            changed.append(path)
    return changed


def _compile(root: Path, name: str, *outputs: str, venom: bool = True) -> dict[str, Any]:
    import vyper
    from vyper.compiler.input_bundle import FilesystemInputBundle

    packages = Path(vyper.__file__).parents[1]
    bundle = FilesystemInputBundle([packages, root / "contracts"])
    (source,) = (root / "contracts").rglob(f"{name}.vy")
    with bundle.search_path(source.parent):
        file = bundle.load_file(source)
        if not venom:
            file = dataclasses.replace(file, contents=_VENOM.sub("#", file.contents))
        compiled: dict[str, Any] = vyper.compile_from_file_input(
            file, input_bundle=bundle, output_formats=list(outputs)
        )
    return compiled
