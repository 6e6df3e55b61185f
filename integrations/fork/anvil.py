"""An anvil of our own: started on a port, waited for, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from web3 import HTTPProvider, Web3

from ..protocol.errors import NetworkError
from .packages import ROOT

HOST = "127.0.0.1"
#: The start of an anvil takes a tenth of a second, a large state a few tenths more.
PATIENCE = 20.0
MAINNET = 1


@dataclass(frozen=True)
class Anvil:
    """A running node. `url` is its JSON-RPC endpoint."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def web3(self) -> Web3:
        """A connection to it."""
        return Web3(HTTPProvider(self.url, request_kwargs={"timeout": 120}))

    def stop(self) -> None:
        """End it; what `--dump-state` asked for is written before this returns."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def anvil(
    *arguments: str, port: int | None = None, chain_id: int = MAINNET, log: Path | None = None
) -> Iterator[Anvil]:
    """Run an anvil for as long as the context lasts.

    Args:
        arguments: Further arguments of anvil, e.g. `--load-state FILE`.
        port: Where it listens; a free one if absent.
        chain_id: Its chain id.
        log: File for what it prints; nowhere if absent.

    Raises:
        NetworkError: The port is taken, anvil is missing, or it does not come up.
    """
    node = start(*arguments, port=port, chain_id=chain_id, log=log)
    try:
        yield node
    finally:
        node.stop()


def start(
    *arguments: str, port: int | None = None, chain_id: int = MAINNET, log: Path | None = None
) -> Anvil:
    """Start an anvil that the caller stops. Arguments and errors as for `anvil`."""
    number = port or free_port()
    require_free(port)
    command = [str(ROOT / "bin" / "anvil"), "--port", str(number), "--chain-id", str(chain_id)]
    command += ["--hardfork", "prague", *arguments]
    output = log.open("wb") if log else subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=_environment(), start_new_session=True
        )
    except OSError as error:
        raise NetworkError(f"anvil cannot be started: {error.strerror}", "run `make setup`") from None
    node = Anvil(f"http://{HOST}:{number}", process)
    try:
        _wait(node, command)
    except BaseException:
        node.stop()
        raise
    return node


def require_free(port: int | None) -> None:
    """Make sure that nothing listens at a port that was asked for.

    Raises:
        NetworkError: Something does.
    """
    if port is not None and _listens(port):
        raise NetworkError(f"port {port} is busy", "give another with --port, or end what listens there")


def connect(url: str, chain_id: int = MAINNET) -> Web3:
    """A connection to a node that somebody else runs.

    Raises:
        NetworkError: It is no HTTP address, does not answer, or is another chain.
    """
    if not url.startswith(("http://", "https://")):
        raise NetworkError(f"{url} is not an http(s) URL", "check AID_FORK_RPC")
    web3 = Web3(HTTPProvider(url, request_kwargs={"timeout": 30}))
    try:
        found = web3.eth.chain_id
    except Exception as error:
        raise NetworkError(f"{url} does not answer: {type(error).__name__}", "check AID_FORK_RPC") from None
    if found != chain_id:
        raise NetworkError(f"{url} has chain id {found}, not {chain_id}", "give the URL of an Ethereum node")
    return web3


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _environment() -> dict[str, str]:
    # Anvil keeps a cache of forks below HOME, where nobody looks for it.
    return {**os.environ, "HOME": str(ROOT / ".cache")}


def _wait(node: Anvil, command: Sequence[str]) -> None:
    web3 = node.web3
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if node.process.poll() is not None:
            raise NetworkError(
                f"anvil ended at once with status {node.process.returncode}", f"try {' '.join(command)}"
            )
        if web3.is_connected():
            return
        time.sleep(0.05)
    raise NetworkError(f"anvil did not answer within {PATIENCE:.0f} s", f"try {' '.join(command)}")
