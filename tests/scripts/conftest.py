"""Commands as a user types them, on the installation of the tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ape.cli import ConnectedProviderCommand
from click.testing import CliRunner, Result

from integrations.protocol import AddressBook, Protocol
from integrations.protocol.local_credit import stake_to_lend

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="package", autouse=True)
def stay_connected() -> Iterator[None]:
    """A command runs on the chain of the tests, instead of one that is started for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConnectedProviderCommand, "invoke", lambda self, ctx: self._invoke(ctx))
        yield


def commands(protocol: Any) -> Callable[..., Result]:
    """What runs a command line, `run("pool swap USDC 1000 AID")`, against an installation.

    Where a line says nothing of an account, the command takes test account 4: alice.
    """
    loaded: dict[str, Any] = {}

    def script(name: str) -> Any:
        if name not in loaded:
            spec = importlib.util.spec_from_file_location(f"scripts_{name}", SCRIPTS / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.load_protocol = lambda *_: protocol
            loaded[name] = module.cli
        return loaded[name]

    def call(line: str) -> Result:
        name, *arguments = line.split()
        return CliRunner().invoke(script(name), arguments)

    return call


def succeeding(run: Callable[..., Result]) -> Callable[[str], str]:
    """What runs a command line that must succeed, and returns what it prints."""

    def call(line: str) -> str:
        result = run(line)
        assert result.exit_code == 0, f"{line}: {result.output} {result.exception!r}"
        return str(result.output)

    return call


@pytest.fixture(scope="package")
def run(protocol) -> Callable[..., Result]:
    """Runs a command line on the tests' installation."""
    return commands(protocol)


@pytest.fixture(scope="package")
def done(run) -> Callable[[str], str]:
    """Runs a command line that must succeed, and returns what it prints."""
    return succeeding(run)


@pytest.fixture(scope="module")
def staked(protocol, module_isolation, alice) -> Protocol:
    """The installation with 45 million staked by alice, and 900,000 AID more."""
    stake_to_lend(protocol, alice)
    protocol.gateway.mint(protocol.coin("USDC").token, 900_000 * 10**6, 0, sender=alice)
    return protocol


def with_book(protocol: Protocol, path: Path) -> Protocol:
    """The installation with an address book of its own, for the offerings that are made."""
    source = protocol.book
    book = AddressBook(path, source.chain_id, source.genesis, dict(source.contracts))
    return Protocol(protocol.config, book)


def flat(text: str) -> str:
    """Text without the wrapping of terminals."""
    return " ".join(text.split())
