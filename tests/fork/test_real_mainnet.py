"""A fork of the real mainnet, played by a node that has the venues where they publish that they are."""

from __future__ import annotations

import re

import pytest
import yaml

from integrations.fork import venues
from integrations.fork.anvil import anvil
from integrations.fork.console import Venues
from integrations.fork.deployer import Deployer
from integrations.fork.local import CODE_SIZE_LIMIT, FORKED, RPC_VARIABLE, STATE, local_mainnet
from integrations.fork.places import found_places
from integrations.fork.session import forked, load_protocol
from integrations.protocol.cli import furnish


@pytest.fixture(scope="module")
def published():
    return yaml.safe_load(venues.PUBLISHED.read_text())


@pytest.fixture(scope="module")
def upstream(mainnet, published, people, tmp_path_factory):
    """A node with the local mainnet's state, in which each venue's address is the published one."""
    text = (mainnet.book.parent / STATE).read_text()
    ours = {mainnet.venues[name].lower()[2:]: address.lower()[2:] for name, address in published.items()}
    moved = re.sub("|".join(ours), lambda found: ours[found.group()], text)
    state = tmp_path_factory.mktemp("upstream") / STATE
    state.write_text(moved)
    with anvil("--load-state", str(state), "--code-size-limit", CODE_SIZE_LIMIT) as node:
        # what is stored under the hash of an address has not moved with it
        owner = Deployer(node.web3, people.governor.address)
        node.web3.provider.make_request("anvil_impersonateAccount", [owner.account])
        blue = owner.at(venues.contracts()["morpho.blue"], published["morpho.blue"])
        owner.send(blue.functions.enableIrm(published["morpho.irm"]))
        yield node


def test_fork_of_mainnet__uses_the_published_venues(upstream, published, tmp_path, monkeypatch):
    """The same start, the same adapters; the protocol and its markets are made on the fork alone."""
    monkeypatch.setenv(RPC_VARIABLE, upstream.url)
    before = upstream.web3.eth.block_number

    with local_mainnet(kept=tmp_path) as running:
        (folder,) = tmp_path.iterdir()
        assert folder.name.startswith(FORKED)
        assert not running.warm
        assert dict(running.venues) == published
        assert running.node.web3.eth.chain_id == 1
        with forked(running.node.url) as provider:
            assert found_places(provider, tmp_path) == running.places
            protocol = load_protocol(running)
            furnish(protocol)
            at_hand = Venues.of(protocol, running.places)
            assert at_hand.pendle.tokens["SY"].address == protocol.sy.address
            assert at_hand.pendle.pendle.router.address == published["pendle.router"]
            assert at_hand.uniswap.price("AID", "USDC") == pytest.approx(10**18, rel=1e-9)
            assert at_hand.morpho.contract.address == published["morpho.blue"]
            assert at_hand.dollars.view().balances["USDC"] == 10**10

    # nothing is kept of a fork, and nothing happened upstream
    assert not any(tmp_path.iterdir())
    assert upstream.web3.eth.block_number == before
