"""Contract types: those the package ships for integrators, and fresh ones compiled from the sources."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from integrations.protocol.errors import ConfigError

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
    "Offering",
    "PTOracle",
    "PoolFactory",
    "ProtocolLens",
    "Roles",
    "StableSwap",
    "StakedAID",
    "StandardizedYield",
    "Timelock",
    "VaultOracle",
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
    """Compile the contracts unless nothing that any of them imports has changed.

    Ape recompiles only files whose own text has changed, so an edited module would leave its
    importers with old bytecode. This compares a digest over all sources instead.

    Args:
        project: Ape's project manager of this repository.

    Raises:
        ConfigError: Nothing was found to compile.
    """
    root = Path(project.path)
    digest = sources_digest(root)
    stamp = root / ".build" / "sources.sha256"
    # Asked to load them from its cache, Ape would write it anew each time, which takes seconds.
    if stamp.is_file() and stamp.read_text() == digest and project.manifest.contract_types:
        return
    if not project.load_contracts(use_cache=False):
        raise ConfigError(
            "no contract was compiled", "run from the project's folder, with its ape-config.yaml"
        )
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest)


def sources_digest(root: Path) -> str:
    """Hash of the compiler's version and of all sources of the contracts, modules included.

    Args:
        root: The repository.
    """
    import vyper

    digest = hashlib.sha256(vyper.__version__.encode())
    for source in sorted((root / "contracts").rglob("*.vy*")):
        digest.update(str(source.relative_to(root)).encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def layout_of(root: Path, name: str) -> Any:
    """Storage and code layout of a contract, from its sources.

    Args:
        root: The repository.
        name: One of `SHIPPED`.
    """
    return _compile(root, name, "layout")["layout"]


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


def _compile(root: Path, name: str, *outputs: str) -> dict[str, Any]:
    import vyper
    from vyper.compiler.input_bundle import FilesystemInputBundle

    packages = Path(vyper.__file__).parents[1]
    bundle = FilesystemInputBundle([packages, root / "contracts"])
    (source,) = (root / "contracts").rglob(f"{name}.vy")
    with bundle.search_path(source.parent):
        compiled: dict[str, Any] = vyper.compile_from_file_input(
            bundle.load_file(source), input_bundle=bundle, output_formats=list(outputs)
        )
    return compiled
