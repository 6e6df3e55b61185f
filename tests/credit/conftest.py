"""The book and the terms behind harnesses, driven over raw JSON-RPC: a test makes thousands of calls."""

import ape
import pytest

from tests.support.fast import Node, fast

from .driver import BookDriver
from .stage import build


@pytest.fixture(scope="module")
def node(people):
    node = Node(str(ape.chain.provider.web3.provider.endpoint_uri))
    with node.manual_mining():
        yield node


@pytest.fixture(scope="module")
def deployed_book(project, people):
    return fast(people.governor.deploy(project.BookHarness))


@pytest.fixture(scope="module")
def book(deployed_book, node, people):
    """An empty book, at noon of the fourth day of a page of 256 days."""
    return BookDriver(deployed_book, node, people.governor.address)


@pytest.fixture(scope="module")
def deployed_terms(project, people):
    return fast(people.governor.deploy(project.DealTermsHarness))


@pytest.fixture(scope="module")
def terms(deployed_terms, node):
    """The functions of deal_terms as Python functions."""

    class Functions:
        def __getattr__(self, name):
            return lambda *args: node.view(getattr(deployed_terms, name)(*args))

    return Functions()


@pytest.fixture(scope="module")
def stage(protocol, project, people, usdc, usdc_feed, usdt_feed):
    """The credit side, installed, with twenty million staked."""
    return build(project, protocol, people, usdc, [usdc_feed, usdt_feed])
