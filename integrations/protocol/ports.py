"""Whether a local node can be started or joined at an address: Ape itself would find out by a time-out."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

import requests

from integrations.protocol.errors import NetworkError

LOCAL = ("127.0.0.1", "localhost")
DEFAULT_PORT = 8545
#: Seconds in which a local listener has to answer.
PATIENCE = 1.0


def check_provider(provider: Any) -> None:
    """Look at the address that Ape's Foundry provider is told to use, by APE_FOUNDRY_HOST or its settings.

    Args:
        provider: What a command is about to connect to; only Foundry's starts a node.

    Raises:
        NetworkError: See `check_port`.
    """
    if getattr(provider, "name", "") != "foundry":
        return
    host = os.environ.get("APE_FOUNDRY_HOST") or provider.settings.host
    if host and host != "auto":
        check_port(str(host))


def check_port(host: str) -> None:
    """Require that at a local address either nothing listens, so that anvil can, or anvil does.

    Args:
        host: URL, or name and port; others than local ones are not looked at.

    Raises:
        NetworkError: Something else listens there.
    """
    url = host if "//" in host else f"http://{host}"
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORT
    if parts.hostname not in LOCAL:
        return
    try:
        socket.create_connection((parts.hostname, port), timeout=PATIENCE).close()
    except OSError:
        return
    if "anvil" not in _client(f"http://{parts.hostname}:{port}"):
        raise NetworkError(
            f"port {port} is busy with something that is not anvil",
            "stop what listens there, or set APE_FOUNDRY_HOST to another address",
        )


def _client(url: str) -> str:
    """What the node at a URL calls itself, in lower case; empty if no node answers."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "web3_clientVersion", "params": []}
    try:
        answer = requests.post(url, json=request, timeout=PATIENCE).json()
    except (requests.RequestException, ValueError):
        return ""
    return str(answer.get("result", "")).lower() if isinstance(answer, dict) else ""
