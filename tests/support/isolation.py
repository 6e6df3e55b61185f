"""Undoing what happens on the chain.

Ape's own `chain.isolate` swallows every exception inside it, failed assertions included: use this instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ape


@contextmanager
def isolated() -> Iterator[None]:
    """Undo what happens on the chain meanwhile."""
    provider = ape.chain.provider
    snapshot = provider.make_request("evm_snapshot", [])
    try:
        yield
    finally:
        assert provider.make_request("evm_revert", [snapshot]), f"snapshot {snapshot} is gone"
