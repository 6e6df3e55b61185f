"""The event types, one module for each part of the protocol; importing this package registers all of them."""

from . import authority, credit, deals, gateway, lending, market, pools, ranges, splits, staking

__all__ = [
    "authority",
    "credit",
    "deals",
    "gateway",
    "lending",
    "market",
    "pools",
    "ranges",
    "splits",
    "staking",
]
