"""Choosing the second in which something happens."""

import ape


def go_to(second: int) -> None:
    """Make the next block's time `second`, for transactions and views alike."""
    ape.chain.pending_timestamp = second
    ape.chain.mine()


def at(second: int) -> None:
    """Make the next transaction's time `second`."""
    ape.chain.pending_timestamp = second
