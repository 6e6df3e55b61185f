"""Every implementation of `SwapVenue`, set up alike: a pool of AID and USDC, users with a million of both.

A new venue joins the conformance suite by a line in `IMPLEMENTATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import ape

from integrations.simulation.stableswap_model import StableSwapModel
from integrations.simulation.state import PoolParameters
from integrations.venues import Coin, CurvePool, ModelPool, SwapVenue
from tests.conftest import MILLION, WAD

A = 500
FEE = 4 * 10**6  # 1e10 = one: 4 bps
MULTIPLIER = 2 * 10**10
SEED = 10 * MILLION
START = 1_800_000_000


@dataclass
class Setting:
    """A venue with its users.

    Attributes:
        venue: The pool, empty.
        lp: Account with the pool's first liquidity still in its wallet.
        users: Accounts with a million of each coin.
        balance: Token units of an account, by symbol.
        travel: Lets seconds pass.
        now: Unix time.
    """

    venue: SwapVenue
    lp: Any
    users: list[Any]
    balance: Callable[[Any, str], int]
    travel: Callable[[int], None]
    now: Callable[[], int]


def model(_: Any) -> Setting:
    coins = (Coin("AID", "", 18), Coin("USDC", "", 6))
    wallets = {
        "AID": {"lp": SEED * WAD, "alice": MILLION * WAD, "bob": MILLION * WAD},
        "USDC": {"lp": SEED * 10**6, "alice": MILLION * 10**6, "bob": MILLION * 10**6},
    }
    parameters = PoolParameters((18, 6), amplification=A, fee=FEE, offpeg_multiplier=MULTIPLIER)
    twin = StableSwapModel(parameters, START)
    return Setting(
        venue=ModelPool(coins, twin, wallets, "LP"),
        lp="lp",
        users=["alice", "bob"],
        balance=lambda account, symbol: wallets[symbol].get(account, 0),
        travel=twin.advance,
        now=lambda: twin.time,
    )


def curve(chain_setting: Any) -> Setting:
    address, factory, accounts, tokens = chain_setting(A, FEE, MULTIPLIER)
    return _on_chain(CurvePool.at(address, factory), accounts, tokens)


def curve_ng(chain_setting: Any) -> Setting:
    """The same pool, of which the adapter may use only what Curve's own pools have too."""
    address, _, accounts, tokens = chain_setting(A, FEE, MULTIPLIER)
    coins = [token.address for token in tokens.values()]
    factory = SimpleNamespace(
        address="0xFactory", get_coins=lambda pool, **_: coins if pool == address else []
    )
    return _on_chain(CurvePool.at(address, factory, extended=False), accounts, tokens)


def _on_chain(venue: CurvePool, accounts: Any, tokens: Any) -> Setting:
    lp, *users = accounts

    def balance(account: Any, symbol: str) -> int:
        token = venue.contract if symbol == venue.share.symbol else tokens[symbol]
        return int(token.balanceOf(account))

    def travel(seconds: int) -> None:
        ape.chain.pending_timestamp += seconds
        ape.chain.mine()

    return Setting(venue, lp, users, balance, travel, lambda: int(ape.chain.pending_timestamp))


IMPLEMENTATIONS = [model, curve, curve_ng]
