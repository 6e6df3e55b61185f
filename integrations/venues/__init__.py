"""Venues: where AID and sAID trade, are split and are lent against, each behind a small interface.

pool = CurvePool.of(protocol, "AID", "USDC")
quote = pool.quote_in("USDC", "AID", 1_000 * 10**6)
pool.swap(account, quote, slippage_bps=5)

venue = PendleMarket.at(address, Pendle(addresses))
venue.execute(account, venue.market().swap("SY", "PT", 1_000 * 10**18), slippage_bps=5)
"""

from integrations.venues.curve import CurvePool
from integrations.venues.errors import UnknownCoinError, UnknownMarketError, UnknownPoolError
from integrations.venues.lending import LendingPosition, LendingTerms, LendingVenue, LendingView
from integrations.venues.model import ModelPool
from integrations.venues.morpho import MorphoMarket
from integrations.venues.morpho_terms import MarketParams
from integrations.venues.oracles import deploy_pt_oracle
from integrations.venues.pendle import PendleMarket
from integrations.venues.pendle_contracts import MarketTerms, Pendle
from integrations.venues.split import (
    Average,
    SplitFill,
    SplitMarket,
    SplitPosition,
    SplitQuote,
    SplitVenue,
    SplitView,
)
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
    "Average",
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
    "MarketTerms",
    "ModelPool",
    "MorphoMarket",
    "Pendle",
    "PendleMarket",
    "PoolView",
    "Position",
    "RemoveQuote",
    "SplitFill",
    "SplitMarket",
    "SplitPosition",
    "SplitQuote",
    "SplitVenue",
    "SplitView",
    "SwapQuote",
    "SwapVenue",
    "UniswapPool",
    "UniswapV3",
    "UnknownCoinError",
    "UnknownMarketError",
    "UnknownPoolError",
    "deploy_pt_oracle",
]
