"""JSON over HTTP to a node on this machine, as far as anvil speaks it: an answer says its length."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 2  # seconds


class Wire:
    """One kept connection.

    Args:
        host: Where the node listens.
        port: On which port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._at = host, port
        self._head = f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: "
        self._socket: socket.socket | None = None

    def request(self, body: bytes) -> Any:
        """The answer to a request, both JSON."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._at)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._reader = self._socket.makefile("rb")
            self._socket.sendall(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
            return json.loads(self._answer())
        except BaseException:
            self.close()  # else the next request would get this one's answer
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._reader.close()
            self._socket.close()
            self._socket = None

    def _answer(self) -> bytes:
        status = self._reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(f"the node says {status!r}")
        length = 0
        while line := self._reader.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self._reader.read(length)


def settle(status: Callable[[], dict[str, str]]) -> None:
    """Wait until no transaction is left in the node's pool, before it goes back to a snapshot.

    It shows a receipt a little earlier than it takes the transaction out of the pool. In between, going back
    would have it mine the transaction once more, or lose the same one when a later test sends it.

    Args:
        status: The node's `txpool_status`.
    """
    until = time.monotonic() + PATIENCE
    while int(status()["pending"], 16) and time.monotonic() < until:
        time.sleep(0.001)
