"""Venues: where AID and sAID trade, each behind a small interface.

pool = CurvePool.of(protocol, "AID", "USDC")
quote = pool.quote_in("USDC", "AID", 1_000 * 10**6)
pool.swap(account, quote, slippage_bps=5)
"""

from integrations.venues.curve import CurvePool
from integrations.venues.errors import UnknownCoinError, UnknownPoolError
from integrations.venues.model import ModelPool
from integrations.venues.swap import (
    AddQuote,
    Coin,
    Fill,
    LiquidityVenue,
    Market,
    PoolView,
    Position,
    RemoveQuote,
    SwapQuote,
    SwapVenue,
)

__all__ = [
    "AddQuote",
    "Coin",
    "CurvePool",
    "Fill",
    "LiquidityVenue",
    "Market",
    "ModelPool",
    "PoolView",
    "Position",
    "RemoveQuote",
    "SwapQuote",
    "SwapVenue",
    "UnknownCoinError",
    "UnknownPoolError",
]
