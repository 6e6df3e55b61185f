"""Every implementation of `SwapVenue`, set up alike: a pool of AID and USDC, users with a million of both.

A new venue joins the conformance suite by a line: in `LIQUIDITY_IMPLEMENTATIONS` if it has LP tokens, else in
`IMPLEMENTATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import ape

from integrations.simulation.stableswap_model import StableSwapModel
from integrations.simulation.state import PoolParameters
from integrations.venues import Coin, CurvePool, ModelPool, PoolView
from tests.conftest import MILLION, WAD
from tests.venues import reference

A = 500
FEE = 4 * 10**6  # 1e10 = one: 4 bps
MULTIPLIER = 2 * 10**10
SEED = 10 * MILLION
#: Of the tier for stable pairs, in millionths, and how far liquidity reaches on either side of the price.
UNISWAP_FEE, UNISWAP_BPS = 100, 100
START = 1_800_000_000


@dataclass
class Setting:
    """A venue with its users.

    Attributes:
        venue: The pool, empty; typed as loosely as tests of several interfaces need it.
        seed: Puts ten million of each coin into it.
        fee_bps: Of a swap at the peg.
        bought: AID that so many USDC buy from the seeded pool, by the venue's own equation in decimals.
        slope: Price of AID in a pool, given its view and the USDC that it has been sold since it was seeded.
        slack: Units of AID by which the input of an exact output may exceed the least.
        lp: Account with the pool's first liquidity still in its wallet.
        users: Accounts with a million of each coin.
        balance: Token units of an account, by symbol.
        travel: Lets seconds pass.
        now: Unix time.
    """

    venue: Any
    seed: Callable[[], None]
    fee_bps: int
    bought: Callable[[Decimal], Decimal]
    slope: Callable[[PoolView, Decimal], Decimal]
    slack: int
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
    venue = ModelPool(coins, twin, wallets, "LP")
    return Setting(
        venue=venue,
        **_stable(venue, "lp"),
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


def uniswap_v3(chain_setting: Any) -> Setting:
    uniswap, accounts, tokens = chain_setting.uniswap()
    aid, usdc = (tokens[symbol].address for symbol in ("AID", "USDC"))
    venue = uniswap.create(accounts[0], aid, usdc, UNISWAP_FEE, WAD)
    low, high = venue.around(UNISWAP_BPS)
    offered = {"AID": SEED * WAD, "USDC": SEED * 10**6}
    fee = Decimal(UNISWAP_FEE) / 10**6
    # lowest and highest price of AID, in USDC
    scale = Decimal(10) ** 12
    ends = [Decimal("1.0001") ** tick for tick in (low, high)]
    first = venue.coins[0].symbol == "AID"
    lowest, highest = [end * scale for end in ends] if first else [scale / end for end in reversed(ends)]
    liquidity = reference.range_liquidity(Decimal(SEED), lowest, highest)
    return _on_chain(
        venue,
        accounts,
        tokens,
        {
            "seed": lambda: venue.mint(accounts[0], venue.quote_range(low, high, offered)),
            "fee_bps": 1,
            "bought": lambda sold: reference.bought_in_range(liquidity, sold, fee),
            "slope": lambda _, sold: reference.price_in_range(liquidity, sold, fee),
            # outputs are rounded to a unit of USDC, which 1e12 of AID are worth
            "slack": 10**12,
        },
    )


def _stable(venue: Any, lp: Any) -> dict[str, Any]:
    """What a StableSwap pool should do."""
    amounts = {"AID": SEED * WAD, "USDC": SEED * 10**6}
    rate, growth = Decimal(FEE) / 10**10, Decimal(MULTIPLIER) / 10**10
    seed = Decimal(SEED)

    def slope(view: PoolView, _: Decimal) -> Decimal:
        x, y = Decimal(view.balances["AID"]) / WAD, Decimal(view.balances["USDC"]) / 10**6
        return reference.price(x, y, A)

    return {
        "seed": lambda: venue.add(lp, venue.quote_add(amounts)),
        "fee_bps": 4,
        "bought": lambda sold: reference.bought(seed, seed, sold, A, rate, growth),
        "slope": slope,
        "slack": 0,
    }


def _on_chain(venue: Any, accounts: Any, tokens: Any, expected: dict[str, Any] | None = None) -> Setting:
    lp, *users = accounts

    def balance(account: Any, symbol: str) -> int:
        token = tokens.get(symbol, venue.contract)
        return int(token.balanceOf(account))

    def travel(seconds: int) -> None:
        ape.chain.pending_timestamp += seconds
        ape.chain.mine()

    return Setting(
        venue=venue,
        **(expected or _stable(venue, lp)),
        lp=lp,
        users=users,
        balance=balance,
        travel=travel,
        now=lambda: int(ape.chain.pending_timestamp),
    )


LIQUIDITY_IMPLEMENTATIONS = [model, curve, curve_ng]
IMPLEMENTATIONS = [*LIQUIDITY_IMPLEMENTATIONS, uniswap_v3]
