"""The modules of this folder share a fork of the local mainnet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.fork.local import LocalMainnet
from integrations.fork.session import load_protocol
from integrations.protocol import Protocol
from tests.conftest import on_a_fork


@pytest.fixture(scope="package")
def fork(chain_of_the_run: None, mainnet: LocalMainnet) -> Iterator[Any]:
    """Ape's connection to a fork of it, while this folder's tests run; that of the run if it is on one."""
    with on_a_fork(mainnet) as provider:
        yield provider


@pytest.fixture(scope="package")
def protocol(fork: Any, mainnet: LocalMainnet) -> Protocol:
    """The protocol as it stands on the fork; it takes the place of the bare chain's installation."""
    return load_protocol(mainnet)
