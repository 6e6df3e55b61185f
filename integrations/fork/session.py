"""Ape on a fork of a running mainnet: what tests and scripts change there stays there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..protocol import AddressBook, Protocol
from .anvil import MAINNET
from .local import LocalMainnet, configuration
from .places import Places


@contextmanager
def forked(url: str) -> Iterator[Any]:
    """Connect Ape to `ethereum:mainnet-fork:foundry`, a fork of the node at `url`, and yield the provider.

    Every fork has an anvil of its own, which ends with the context.
    """
    from ape import networks

    upstream = {"ethereum": {"mainnet": {"upstream_provider": url, "evm_version": "prague"}}}
    with networks.parse_network_choice(
        "ethereum:mainnet-fork:foundry",
        provider_settings={"host": "auto", "fork": upstream},
        disconnect_after=True,
    ) as provider:
        yield provider


def load_protocol(mainnet: LocalMainnet | Places) -> Protocol:
    """The protocol that is installed on this mainnet, over Ape's connection to it or to a fork of it.

    Raises:
        AddressBookError: The addresses belong to another chain.
    """
    from ape import chain

    genesis = chain.blocks[0].hash.hex()
    book = AddressBook.open(mainnet.book, MAINNET, genesis, live=True)
    return Protocol.load(configuration(), book=book)
