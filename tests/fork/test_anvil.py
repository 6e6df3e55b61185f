"""Nodes of our own: what goes wrong is said in one line, and nothing is left running."""

from __future__ import annotations

import socket

import pytest

from integrations.fork.anvil import anvil, connect, free_port
from integrations.fork.deployer import Deployer, SetupError
from integrations.fork.packages import Artifact
from integrations.protocol.errors import NetworkError

#: Returns 24,577 zeros as its code.
OVERSIZED = Artifact("Oversized", [], "0x6160015ff3")
REVERTING = Artifact("Reverting", [], "0x5f5ffd")


def test_busy_port__is_named():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(NetworkError, match=rf"^port {port} is busy"), anvil(port=port):
            pass


def test_node__ends_with_its_context():
    with anvil() as node:
        assert node.web3.eth.chain_id == 1

    assert node.process.poll() is not None


def test_bad_argument__shows_the_command():
    message = r"anvil ended at once with status 2 \(try .*--no-such-flag\)"
    with pytest.raises(NetworkError, match=message), anvil("--no-such-flag"):
        pass


def test_connect__to_nothing__names_the_url():
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(NetworkError, match=rf"^{url} does not answer"):
        connect(url)


def test_connect__to_another_chain__names_both():
    with anvil(chain_id=31_337) as node, pytest.raises(NetworkError, match="has chain id 31337, not 1"):
        connect(node.url)


def test_deploy__above_the_size_limit__says_so():
    with anvil() as node:
        deployer = Deployer(node.web3, node.web3.eth.accounts[0])

        with pytest.raises(SetupError, match="Oversized"):
            deployer.deploy(OVERSIZED)


def test_deploy__above_the_size_limit__where_it_is_lifted():
    with anvil("--code-size-limit", "30000") as node:
        deployer = Deployer(node.web3, node.web3.eth.accounts[0])

        assert len(node.web3.eth.get_code(deployer.deploy(OVERSIZED))) == 24_577


def test_deploy__of_a_reverting_constructor__names_the_contract():
    with anvil() as node:
        deployer = Deployer(node.web3, node.web3.eth.accounts[0])

        with pytest.raises(SetupError, match="deploying Reverting"):
            deployer.deploy(REVERTING)
