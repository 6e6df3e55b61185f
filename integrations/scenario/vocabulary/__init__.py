"""The event types, one module for each part of the protocol; importing this package registers all of them."""

from . import authority, credit, deals, gateway, market, pools, staking

__all__ = ["authority", "credit", "deals", "gateway", "market", "pools", "staking"]
