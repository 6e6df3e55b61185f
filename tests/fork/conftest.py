"""The modules of this folder share a fork of the local mainnet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ape
import pytest

from integrations.fork.local import LocalMainnet
from integrations.fork.session import forked, load_protocol
from integrations.protocol import Protocol
from tests.conftest import ON_FORK


@pytest.fixture(scope="package")
def fork(chain_of_the_run: None, mainnet: LocalMainnet) -> Iterator[Any]:
    """Ape's connection to a fork of it, while this folder's tests run; that of the run if it is on one."""
    if ON_FORK:
        yield ape.chain.provider
        return
    with forked(mainnet.node.url) as provider:
        yield provider


@pytest.fixture(scope="package")
def protocol(fork: Any, mainnet: LocalMainnet) -> Protocol:
    """The protocol as it stands on the fork; it takes the place of the bare chain's installation."""
    return load_protocol(mainnet)
