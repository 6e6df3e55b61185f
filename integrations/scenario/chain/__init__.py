"""Scenarios on a local chain: the contracts themselves, deployed anew, as the `World` that events act on."""

from .world import ChainWorld

__all__ = ["ChainWorld"]
