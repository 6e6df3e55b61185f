"""A port that is taken is named at once, not after Ape's time-out."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from ape import chain

from integrations.protocol.errors import NetworkError
from integrations.protocol.ports import check_port, check_provider


@pytest.fixture
def mute():
    """The port of a listener that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def web_server():
    """The port of a web server that knows no JSON-RPC."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("listener", ["mute", "web_server"])
def test_check_port__taken_by_something_else__names_the_port_within_two_seconds(request, listener):
    port = request.getfixturevalue(listener)
    start = time.monotonic()

    with pytest.raises(NetworkError, match=f"^port {port} is busy") as caught:
        check_port(f"127.0.0.1:{port}")

    assert time.monotonic() - start < 2
    assert "\n" not in str(caught.value)


def test_check_port__of_an_anvil_or_free_or_elsewhere__is_accepted(mute):
    check_port(str(chain.provider.uri))
    with socket.create_server(("127.0.0.1", 0)) as gone:
        free = gone.getsockname()[1]
    check_port(f"http://localhost:{free}")
    check_port(f"http://node.invalid:{mute}")


def test_check_provider__looks_where_ape_will(monkeypatch, mute):
    def provider(name, host):
        return SimpleNamespace(name=name, settings=SimpleNamespace(host=host))

    monkeypatch.delenv("APE_FOUNDRY_HOST", raising=False)
    with pytest.raises(NetworkError, match=str(mute)):
        check_provider(provider("foundry", f"http://127.0.0.1:{mute}"))
    for other in (None, provider("foundry", "auto"), provider("node", f"http://127.0.0.1:{mute}")):
        check_provider(other)

    monkeypatch.setenv("APE_FOUNDRY_HOST", f"http://127.0.0.1:{mute}")
    with pytest.raises(NetworkError, match=str(mute)):
        check_provider(provider("foundry", "auto"))
