"""One local mainnet for the whole run; the modules of this folder share a fork of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.fork.local import LocalMainnet, local_mainnet
from integrations.fork.session import forked, load_protocol
from integrations.protocol import Protocol


@pytest.fixture(scope="session")
def mainnet() -> Iterator[LocalMainnet]:
    with local_mainnet() as running:
        yield running


@pytest.fixture(scope="package")
def fork(mainnet: LocalMainnet) -> Iterator[Any]:
    """Ape's connection to a fork of it, while this folder's tests run."""
    with forked(mainnet.node.url) as provider:
        yield provider


@pytest.fixture(scope="package")
def protocol(fork: Any, mainnet: LocalMainnet) -> Protocol:
    """The protocol as it stands on the fork; it takes the place of the bare chain's installation."""
    return load_protocol(mainnet)
