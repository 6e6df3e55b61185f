"""What goes wrong with `make fork` is one line that says what, and what to do."""

from __future__ import annotations

import importlib.util
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from integrations.fork import packages, venues
from integrations.fork.anvil import anvil, free_port
from integrations.fork.local import RPC_VARIABLE, local_mainnet
from integrations.fork.packages import PackageError, artifact
from integrations.protocol import NetworkError

SCRIPT = Path(__file__).parents[2] / "scripts" / "fork.py"
FACTORY = "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"


@pytest.fixture
def fork_command():
    """Runs `ape run fork` with some arguments; returns its exit status and all that it prints."""
    spec = importlib.util.spec_from_file_location("scripts_fork", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(*arguments):
        result = CliRunner().invoke(module.cli, arguments)
        return result.exit_code, result.output

    return run


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """The packages as they are installed, in a folder of their own where one may be missing or broken."""
    copy = tmp_path / "modules"
    for package in (packages.MODULES / "@uniswap").iterdir():
        (copy / "@uniswap").mkdir(parents=True, exist_ok=True)
        (copy / "@uniswap" / package.name).symlink_to(package)
    for name in ("@morpho-org", "@pendle", "solc"):
        (copy / name).symlink_to(packages.MODULES / name)
    monkeypatch.setattr(packages, "MODULES", copy)
    clear()
    yield copy
    clear()


def clear():
    artifact.cache_clear()
    venues.contracts.cache_clear()


def started(tmp_path):
    """Start a local mainnet that nothing is kept of."""
    with local_mainnet(kept=tmp_path / "kept"):
        pass


def test_missing_package__is_named_before_anything_is_built(modules, tmp_path):
    (modules / "@pendle").unlink()

    with pytest.raises(PackageError, match=r"^the npm package @pendle/core-v2 is not installed \(run"):
        started(tmp_path)


def test_artifact_without_bytecode__is_named(modules, tmp_path):
    core = modules / "@uniswap" / "v3-core"
    core.unlink()
    file = modules / FACTORY
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"contractName": "UniswapV3Factory", "abi": [], "bytecode": "0x"}))

    with pytest.raises(PackageError, match=r"UniswapV3Factory\.json has no bytecode \(it is an interface or"):
        started(tmp_path)


def test_busy_port__is_named_before_anything_is_built(tmp_path, fork_command):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NetworkError, match=f"^port {port} is busy"), local_mainnet(port, kept=tmp_path):
            pass
        status, said = fork_command("--port", str(port))

    assert not any(tmp_path.iterdir())
    assert status == 1
    assert said == f"error: port {port} is busy (give another with --port, or end what listens there)\n"


def test_unreachable_upstream__is_named(monkeypatch, fork_command):
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv(RPC_VARIABLE, url)

    status, said = fork_command("--port", str(free_port()))

    assert status == 1
    assert said == f"error: {url} does not answer: ConnectionError (check AID_FORK_RPC)\n"


@pytest.mark.parametrize("url", ["127.0.0.1:8545", "mainnet", "ws://127.0.0.1:8545"])
def test_upstream_that_is_no_http_url__is_refused(monkeypatch, fork_command, url):
    monkeypatch.setenv(RPC_VARIABLE, url)

    status, said = fork_command("--port", str(free_port()))

    assert status == 1
    assert said == f"error: {url} is not an http(s) URL (check AID_FORK_RPC)\n"


def test_upstream_of_another_chain__is_refused(monkeypatch, fork_command):
    with anvil(chain_id=31_337) as other:
        monkeypatch.setenv(RPC_VARIABLE, other.url)
        status, said = fork_command("--port", str(free_port()))

    assert status == 1
    assert said == f"error: {other.url} has chain id 31337, not 1 (give the URL of an Ethereum node)\n"


def test_upstream_without_the_venues__is_refused(monkeypatch, fork_command):
    with anvil() as empty:
        monkeypatch.setenv(RPC_VARIABLE, empty.url)
        status, said = fork_command("--port", str(free_port()))

    assert status == 1
    assert said.startswith("error: no contract at 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2 (weth) ")
    assert said.endswith("(AID_FORK_RPC must be Ethereum's mainnet)\n")
    assert said.count("\n") == 1
