"""JSON-RPC over one kept connection: a played year asks the node some ten thousand times.

(web3 asks for the chain's id before each call, and requests takes longer over a small answer than the node.)
"""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from ...protocol.errors import NetworkError

TIMEOUT = 60


class RpcError(Exception):
    """What the node answered instead of a result."""


class Rpc:
    """A node's HTTP endpoint."""

    def __init__(self, uri: str) -> None:
        address = urlsplit(uri)
        self._connection = HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=TIMEOUT)

    def request(self, method: str, *parameters: Any) -> Any:
        """Return the result of a request.

        Raises:
            RpcError: The node refused.
            NetworkError: It did not answer.
        """
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        try:
            self._connection.request("POST", "/", body.encode(), {"Content-Type": "application/json"})
            answer = json.loads(self._connection.getresponse().read())
        except (OSError, HTTPException, ValueError) as error:
            raise NetworkError(
                f"the node does not answer: {error}", "see that anvil is still running"
            ) from None
        if "error" in answer:
            raise RpcError(str(answer["error"].get("message", "")))
        return answer["result"]
