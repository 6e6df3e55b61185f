"""Ranges of liquidity in a Uniswap v3 pool, as NFTs of the position manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.protocol.errors import RevertedError
from integrations.venues.access import Access, Read
from integrations.venues.errors import UnknownCoinError
from integrations.venues.swap import PATIENCE, Coin, Fill, flows, less
from integrations.venues.tokens import address_of, allowances, erc20
from integrations.venues.uniswap_math import Q128, amounts_down, amounts_up, liquidity_for, root_at

MAX_128 = 2**128 - 1
MASK_256 = 2**256 - 1


@dataclass(frozen=True)
class RangeQuote:
    """What a range would take now.

    Attributes:
        low: Its lower tick.
        high: Its upper tick.
        liquidity: What it gets.
        amounts: What that takes, by coin.
        offered: The amounts that were asked about, by coin.
    """

    low: int
    high: int
    liquidity: int
    amounts: Mapping[str, int]
    offered: Mapping[str, int]


@dataclass(frozen=True)
class Range:
    """A range of liquidity at one moment.

    Attributes:
        nft: Its token id.
        low: Lower tick.
        high: Upper tick.
        liquidity: In it.
        amounts: What taking it all out would pay, by coin.
        fees: What it has earned and not collected, by coin.
        active: Whether the price is inside.
    """

    nft: int
    low: int
    high: int
    liquidity: int
    amounts: Mapping[str, int]
    fees: Mapping[str, int]
    active: bool


@dataclass(frozen=True)
class RangeFill(Fill):
    """A transaction on a range that went through.

    Attributes:
        nft: Token id of the range.
    """

    nft: int = 0


class Ranges:
    """The ranges of one pool.

    Args:
        access: The chain.
        positions: The position manager as an Ape contract.
        pool: The pool as an Ape contract.
        coins: Token 0 and token 1.
        fee: In millionths.
    """

    def __init__(self, access: Access, positions: Any, pool: Any, coins: Sequence[Coin], fee: int) -> None:
        self._access = access
        self._positions = positions
        self._pool = pool
        self._coins = coins
        self._fee = fee
        self._tokens = [erc20(coin.address) for coin in coins]

    def quote(self, low: int, high: int, amounts: Mapping[str, int]) -> RangeQuote:
        """What a range would take of `amounts` now.

        Raises:
            RevertedError: `zero amount`: it would get no liquidity.
        """
        offered = self._listed(amounts)
        root, low_root, high_root = self._root(), root_at(low), root_at(high)
        liquidity = liquidity_for(root, low_root, high_root, *offered)
        if not liquidity:
            raise RevertedError("zero amount")
        taken = amounts_up(root, low_root, high_root, liquidity)
        return RangeQuote(low, high, liquidity, self._named(taken), self._named(offered))

    def mint(self, account: Any, quote: RangeQuote, slippage_bps: int, deadline: int | None) -> RangeFill:
        """Open a range; at least the quoted amounts less the slippage go into it."""
        me, until = address_of(account), self._until(deadline)
        offered, least = self._bounds(quote, slippage_bps)
        tokens = [coin.address for coin in self._coins]
        params = (*tokens, self._fee, quote.low, quote.high, *offered, *least, me, until)
        fill = self._moved("mint", account, 0, offered, (self._positions.mint, params))
        (count,) = self._access.read([(self._positions.balanceOf, me)])
        (nft,) = self._access.read([(self._positions.tokenOfOwnerByIndex, me, int(count) - 1)])
        return RangeFill("mint", fill.given, fill.received, fill.gas, fill.transaction, int(nft))

    def increase(
        self, account: Any, nft: int, amounts: Mapping[str, int], slippage_bps: int, deadline: int | None
    ) -> RangeFill:
        """Put more into a range."""
        held = self.at(nft)
        offered, least = self._bounds(self.quote(held.low, held.high, amounts), slippage_bps)
        params = (nft, *offered, *least, self._until(deadline))
        return self._moved("increase", account, nft, offered, (self._positions.increaseLiquidity, params))

    def decrease(
        self, account: Any, nft: int, liquidity: int, slippage_bps: int, deadline: int | None
    ) -> RangeFill:
        """Take liquidity and all fees out of a range in one transaction."""
        held = self.at(nft)
        if not 0 < liquidity <= held.liquidity:
            raise RevertedError("balance" if liquidity > 0 else "zero amount")
        paid = amounts_down(self._root(), root_at(held.low), root_at(held.high), liquidity)
        least = [less(amount, slippage_bps) for amount in paid]
        out = (nft, liquidity, *least, self._until(deadline))
        calls = [
            self._positions.decreaseLiquidity.encode_input(out),
            self._positions.collect.encode_input((nft, address_of(account), MAX_128, MAX_128)),
        ]
        return self._moved("decrease", account, nft, (0, 0), (self._positions.multicall, calls))

    def collect(self, account: Any, nft: int) -> RangeFill:
        """Take the fees of a range."""
        params = (nft, address_of(account), MAX_128, MAX_128)
        return self._moved("collect", account, nft, (0, 0), (self._positions.collect, params))

    def at(self, nft: int) -> Range:
        """A range by its token id.

        Raises:
            RevertedError: There is none, or it is of another pool.
        """
        (told,) = self._access.read([(self._positions.positions, nft)])
        token0, token1, fee, low, high, liquidity = told[2:8]
        mine = [coin.address for coin in self._coins]
        if [str(token0), str(token1)] != mine or int(fee) != self._fee:
            raise RevertedError("range of another pool")
        low, high, liquidity = int(low), int(high), int(liquidity)
        pool = self._pool
        slot, at_low, at_high, *grown = self._access.read(
            [
                (pool.slot0,),
                (pool.ticks, low),
                (pool.ticks, high),
                (pool.feeGrowthGlobal0X128,),
                (pool.feeGrowthGlobal1X128,),
            ]
        )
        root, tick = int(slot[0]), int(slot[1])
        fees = []
        for k in (0, 1):
            total, below, above = int(grown[k]), int(at_low[2 + k]), int(at_high[2 + k])
            # growth since the range was last touched, modulo 2^256 as the contract counts it
            outside = (below if tick >= low else total - below) + (above if tick < high else total - above)
            since = (total - outside - int(told[8 + k])) & MASK_256
            fees.append(int(told[10 + k]) + since * liquidity // Q128)
        amounts = amounts_down(root, root_at(low), root_at(high), liquidity)
        return Range(nft, low, high, liquidity, self._named(amounts), self._named(fees), low <= tick < high)

    def of(self, owner: Any) -> list[Range]:
        """All of an owner's ranges in the pool."""
        who, positions = address_of(owner), self._positions
        (count,) = self._access.read([(positions.balanceOf, who)])
        ids = self._access.read([(positions.tokenOfOwnerByIndex, who, at) for at in range(int(count))])
        told = self._access.read([(positions.positions, int(nft)) for nft in ids])
        mine = [*(coin.address for coin in self._coins), self._fee]
        return [
            self.at(int(nft))
            for nft, one in zip(ids, told, strict=True)
            if [str(one[2]), str(one[3]), int(one[4])] == mine
        ]

    # internals

    def _bounds(self, quote: RangeQuote, slippage_bps: int) -> tuple[list[int], list[int]]:
        """What is offered, and the least that must go into the range."""
        least = [less(amount, slippage_bps) for amount in self._listed(quote.amounts)]
        return self._listed(quote.offered), least

    def _moved(self, action: str, account: Any, nft: int, spent: Sequence[int], call: Read) -> RangeFill:
        method, *arguments = call
        spending = {token: amount for token, amount in zip(self._tokens, spent, strict=True) if amount}
        with allowances(self._access, account, self._positions.address, spending):
            before = self._wallet(account)
            sent = self._access.send(account, method, *arguments)
            after = self._wallet(account)
        return RangeFill(
            action,
            *flows(before, after),
            sent.gas,
            sent.transaction,
            nft,
        )

    def _root(self) -> int:
        return int(self._access.read([(self._pool.slot0,)])[0][0])

    def _wallet(self, account: Any) -> dict[str, int]:
        return self._named(
            self._access.read([(token.balanceOf, address_of(account)) for token in self._tokens])
        )

    def _until(self, deadline: int | None) -> int:
        return self._access.now() + PATIENCE if deadline is None else deadline

    def _listed(self, amounts: Mapping[str, int]) -> list[int]:
        known = [coin.symbol for coin in self._coins]
        for symbol in amounts:
            if symbol not in known:
                raise UnknownCoinError(symbol, known)
        return [amounts.get(symbol, 0) for symbol in known]

    def _named(self, amounts: Sequence[int]) -> dict[str, int]:
        return {coin.symbol: int(units) for coin, units in zip(self._coins, amounts, strict=True)}
