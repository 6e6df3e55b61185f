"""JSON-RPC over one kept connection: a played year asks the node some ten thousand times.

(web3 asks for the chain's id before each call, and requests takes longer over a small answer than the node.)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Return the answers to several requests in one message: `result` of each, or an `RpcError`.

        Raises:
            NetworkError: The node did not answer.
        """
        body = [
            {"jsonrpc": "2.0", "id": at, "method": method, "params": parameters}
            for at, (method, parameters) in enumerate(calls)
        ]
        answers = {answer["id"]: answer for answer in self._post(body)}
        return [
            RpcError(str(answer["error"].get("message", ""))) if "error" in answer else answer["result"]
            for answer in (answers[at] for at in range(len(body)))
        ]

    def request(self, method: str, *parameters: Any) -> Any:
        """Return the result of a request.

        Raises:
            RpcError: The node refused.
            NetworkError: It did not answer.
        """
        answer = self._post({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        if "error" in answer:
            raise RpcError(str(answer["error"].get("message", "")))
        return answer["result"]

    def _post(self, body: Any) -> Any:
        try:
            message = json.dumps(body).encode()
            self._connection.request("POST", "/", message, {"Content-Type": "application/json"})
            return json.loads(self._connection.getresponse().read())
        except (OSError, HTTPException, ValueError) as error:
            raise NetworkError(
                f"the node does not answer: {error}", "see that anvil is still running"
            ) from None
