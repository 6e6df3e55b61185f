"""Venues: where AID and sAID trade and are lent against, each behind a small interface.

pool = CurvePool.of(protocol, "AID", "USDC")
quote = pool.quote_in("USDC", "AID", 1_000 * 10**6)
pool.swap(account, quote, slippage_bps=5)
"""

from integrations.venues.curve import CurvePool
from integrations.venues.errors import UnknownCoinError, UnknownMarketError, UnknownPoolError
from integrations.venues.lending import LendingPosition, LendingTerms, LendingVenue, LendingView
from integrations.venues.model import ModelPool
from integrations.venues.morpho import MorphoMarket
from integrations.venues.morpho_terms import MarketParams
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
from integrations.venues.uniswap_v3 import UniswapPool, UniswapV3

__all__ = [
    "AddQuote",
    "Coin",
    "CurvePool",
    "Fill",
    "LendingPosition",
    "LendingTerms",
    "LendingVenue",
    "LendingView",
    "LiquidityVenue",
    "Market",
    "MarketParams",
    "ModelPool",
    "MorphoMarket",
    "PoolView",
    "Position",
    "RemoveQuote",
    "SwapQuote",
    "SwapVenue",
    "UniswapPool",
    "UniswapV3",
    "UnknownCoinError",
    "UnknownMarketError",
    "UnknownPoolError",
]
