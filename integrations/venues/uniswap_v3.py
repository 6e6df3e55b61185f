"""Pools of Uniswap v3: made, checked, swapped at, and filled with ranges of liquidity.

Swaps go through the router, quotes come from the quoter, ranges are the position manager's NFTs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isqrt
from typing import Any

from integrations.protocol.errors import RevertedError
from integrations.venues.access import Access, ApeAccess
from integrations.venues.contracts import venue_contract
from integrations.venues.errors import UnknownPoolError, index_of
from integrations.venues.swap import PATIENCE, WAD, Coin, Fill, PoolView, SwapQuote, flows, rate_of
from integrations.venues.tokens import address_of, allowances, erc20
from integrations.venues.uniswap_market import WORD, ConcentratedMarket
from integrations.venues.uniswap_math import LEAST_ROOT, MOST_ROOT, tick_at
from integrations.venues.uniswap_ranges import Range, RangeFill, RangeQuote, Ranges

ZERO = "0x" + "00" * 20
#: Words of the bitmap on either side of the price that a snapshot knows: ±22 % in a pool of spacing 1.
WORDS = 8
#: Where a pool's liquidity has run out.
ENDS = (LEAST_ROOT + 1, MOST_ROOT - 1)
#: What Uniswap's contracts say, in the words of the other venues.
REASONS = {
    "Transaction too old": "deadline passed",
    "Too little received": "min out",
    "Too much requested": "max in",
    "Price slippage check": "min out",
    "STF": "transfer failed",
    "OLD": "short history",
    "Not approved": "unauthorized",
    # a swap that needs more than there is: the quoter cannot read the pool's answer
    "Unexpected error": "out too large",
}


class UniswapV3:
    """The contracts of one deployment of Uniswap v3.

    Args:
        addresses: Of `uniswap_v3.factory`, `uniswap_v3.router`, `uniswap_v3.quoter` and
            `uniswap_v3.positions`; further names are ignored.
        access: The chain; the connected one, through Ape, by default.
    """

    def __init__(self, addresses: Mapping[str, str], access: Access | None = None) -> None:
        self.access = access or ApeAccess()
        self.factory, self.router, self.quoter, self.positions = (
            venue_contract(name, addresses[name])
            for name in (f"uniswap_v3.{part}" for part in ("factory", "router", "quoter", "positions"))
        )

    def create(self, account: Any, sell: str, buy: str, fee: int, price: int) -> UniswapPool:
        """Deploy the pool of two tokens at a fee tier and set its price, unless that has happened already.

        Args:
            account: Who pays.
            sell: Address of a token.
            buy: Address of another one.
            fee: In millionths: 100 for the tier of 1 bp.
            price: Whole `buy` for one whole `sell`, 1e18.

        Raises:
            RevertedError: The factory has no such tier, or the tokens are the same.
        """
        units = self.access.read([(erc20(token).decimals,) for token in (sell, buy)])
        whole_sell, whole_buy = (10 ** int(decimals) for decimals in units)
        # units of token 1 for one of token 0; token 0 has the lower address
        top, bottom = price * whole_buy, WAD * whole_sell
        if int(sell, 16) > int(buy, 16):
            sell, buy, top, bottom = buy, sell, bottom, top
        root = isqrt((top << 192) // bottom)
        self.access.send(account, self.positions.createAndInitializePoolIfNecessary, sell, buy, fee, root)
        return self.find(sell, buy, fee)

    def find(self, coin: str, other: str, fee: int) -> UniswapPool:
        """The pool of two tokens, given by their addresses, at a fee tier.

        Raises:
            UnknownPoolError: There is none, or it has no price yet.
        """
        (address,) = self.access.read([(self.factory.getPool, coin, other, fee)])
        if str(address) == ZERO:
            raise UnknownPoolError(f"{coin}/{other}", str(self.factory.address))
        return self.at(str(address))

    def at(self, address: str) -> UniswapPool:
        """The pool at an address, if the factory has made it.

        Raises:
            UnknownPoolError: It has not, or the pool has no price yet.
        """
        pool = venue_contract("uniswap_v3.pool", address)
        unknown = UnknownPoolError(address, str(self.factory.address))
        try:
            tokens = [str(one) for one in self.access.read([(pool.token0,), (pool.token1,)])]
            fee, spacing, slot = self.access.read([(pool.fee,), (pool.tickSpacing,), (pool.slot0,)])
        except RevertedError:
            raise unknown from None
        # who only calls himself a pool of these tokens is not the one that the factory has made
        (made,) = self.access.read([(self.factory.getPool, *tokens, int(fee))])
        if str(made) != address or not int(slot[0]):
            raise unknown
        handles = [erc20(token) for token in tokens]
        names = self.access.read([(token.symbol,) for token in handles])
        units = self.access.read([(token.decimals,) for token in handles])
        coins = [
            Coin(str(name), token, int(decimals))
            for name, token, decimals in zip(names, tokens, units, strict=True)
        ]
        return UniswapPool(self, pool, coins, int(fee), int(spacing))


class UniswapPool:
    """Implements `SwapVenue`; make one with `UniswapV3`. Liquidity is in ranges.

    Args:
        uniswap: The deployment that it belongs to.
        contract: The pool as an Ape contract.
        coins: Token 0 and token 1.
        fee: In millionths.
        spacing: Of the ticks.
    """

    def __init__(
        self, uniswap: UniswapV3, contract: Any, coins: Sequence[Coin], fee: int, spacing: int
    ) -> None:
        self.contract = contract
        self.fee = fee
        self.spacing = spacing
        self._uniswap = uniswap
        self._access = uniswap.access
        self._coins = tuple(coins)
        self._tokens = [erc20(coin.address) for coin in coins]
        self._ranges = Ranges(uniswap.access, uniswap.positions, contract, self._coins, fee)

    @property
    def coins(self) -> tuple[Coin, ...]:
        """See `SwapVenue`."""
        return self._coins

    # looking

    def view(self) -> PoolView:
        """See `SwapVenue`. What belongs to providers includes the fees that they have not collected."""
        pool, address = self.contract, self.contract.address
        slot, protocol, *held = self._access.read(
            [(pool.slot0,), (pool.protocolFees,), *((token.balanceOf, address) for token in self._tokens)]
        )
        owed = [int(one) for one in protocol]
        return PoolView(
            time=self._access.now(),
            balances=self._named([int(h) - o for h, o in zip(held, owed, strict=True)]),
            owed=self._named(owed),
            held=self._named(held),
            shares=0,
            share_value=0,
            price=self._at(int(slot[0])).price(*(coin.symbol for coin in self._coins)),
        )

    def market(self) -> ConcentratedMarket:
        """See `SwapVenue`. It knows `WORDS` words of ticks on either side of the price."""
        pool = self.contract
        slot, liquidity = self._access.read([(pool.slot0,), (pool.liquidity,)])
        root, tick = int(slot[0]), int(slot[1])
        here = tick // self.spacing // WORD
        places = range(here - WORDS, here + WORDS + 1)
        words = [int(one) for one in self._access.read([(pool.tickBitmap, place) for place in places])]
        ticks = [
            (place * WORD + bit) * self.spacing
            for place, word in zip(places, words, strict=True)
            for bit in range(WORD)
            if word >> bit & 1
        ]
        nets = [int(one[1]) for one in self._access.read([(pool.ticks, one) for one in ticks])]
        return ConcentratedMarket(
            self._coins,
            root,
            tick,
            int(liquidity),
            self.fee,
            self.spacing,
            dict(zip(places, words, strict=True)),
            dict(zip(ticks, nets, strict=True)),
        )

    def price(self, sell: str, buy: str) -> int:
        """See `SwapVenue`."""
        (slot,) = self._access.read([(self.contract.slot0,)])
        return self._at(int(slot[0])).price(sell, buy)

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `SwapVenue`."""
        return self.market().depth(sell, buy, impact_bps)

    def mean_tick(self, seconds: int) -> int:
        """Time-weighted average of the tick over the last `seconds`, rounded down.

        Raises:
            RevertedError: `short history`: the pool does not remember as much, see `remember`.
        """
        with _translated():
            ((ticks, _),) = self._access.read([(self.contract.observe, [seconds, 0])])
        return (int(ticks[1]) - int(ticks[0])) // seconds

    def remember(self, account: Any, observations: int) -> None:
        """Have the pool keep so many observations, one for each block with a trade; the account pays."""
        self._access.send(account, self.contract.increaseObservationCardinalityNext, observations)

    # swaps

    def quote_in(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`."""
        return self._quote(sell, buy, amount, exact_out=False)

    def quote_out(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`. A unit less may do too, where rounding is kind."""
        return self._quote(sell, buy, amount, exact_out=True)

    def swap(
        self, account: Any, quote: SwapQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """See `SwapVenue`."""
        i, j = self._pair(quote.sell, quote.buy)
        until = self._access.now() + PATIENCE if deadline is None else deadline
        most, least = quote.most_in(slippage_bps), quote.least_out(slippage_bps)
        if quote.exact_out and self.quote_out(quote.sell, quote.buy, least).amount_in > most:
            # the router pulls first and compares then: it would only say that pulling failed
            raise RevertedError("max in")
        route = (self._coins[i].address, self._coins[j].address, self.fee, address_of(account), until)
        router = self._uniswap.router
        with _translated(), allowances(self._access, account, router.address, {self._tokens[i]: most}):
            before = self._wallet(account)
            if quote.exact_out:
                sent = self._access.send(account, router.exactOutputSingle, (*route, least, most, 0))
            else:
                sent = self._access.send(account, router.exactInputSingle, (*route, most, least, 0))
            after = self._wallet(account)
        return Fill(
            "swap",
            *flows(before, after),
            sent.gas,
            sent.transaction,
        )

    # liquidity

    def around(self, width_bps: int) -> tuple[int, int]:
        """The ticks of a range about as wide as `width_bps` on either side of the price."""
        (slot,) = self._access.read([(self.contract.slot0,)])
        # a tick is a basis point
        tick, step = tick_at(int(slot[0])), self.spacing
        return (tick - width_bps) // step * step, -(-(tick + width_bps) // step) * step

    def quote_range(self, low: int, high: int, amounts: Mapping[str, int]) -> RangeQuote:
        """What a range of ticks would take of these amounts now, and the liquidity that it gets."""
        return self._ranges.quote(low, high, amounts)

    def mint(
        self, account: Any, quote: RangeQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> RangeFill:
        """Open a range as quoted; its NFT goes to the account. Arguments as in `swap`."""
        with _translated():
            return self._ranges.mint(account, quote, slippage_bps, deadline)

    def increase(
        self,
        account: Any,
        nft: int,
        amounts: Mapping[str, int],
        slippage_bps: int = 10,
        deadline: int | None = None,
    ) -> RangeFill:
        """Put more into a range, anybody's."""
        with _translated():
            return self._ranges.increase(account, nft, amounts, slippage_bps, deadline)

    def decrease(
        self,
        account: Any,
        nft: int,
        liquidity: int,
        slippage_bps: int = 10,
        deadline: int | None = None,
    ) -> RangeFill:
        """Take liquidity out of an own range, and with it all fees, in one transaction."""
        with _translated():
            return self._ranges.decrease(account, nft, liquidity, slippage_bps, deadline)

    def collect(self, account: Any, nft: int) -> RangeFill:
        """Take the fees of an own range."""
        with _translated():
            return self._ranges.collect(account, nft)

    def range_of(self, nft: int) -> Range:
        """A range, what it is worth and which fees it has not collected."""
        return self._ranges.at(nft)

    def ranges(self, owner: Any) -> list[Range]:
        """All of an owner's ranges in this pool."""
        return self._ranges.of(owner)

    # internals

    def _quote(self, sell: str, buy: str, amount: int, *, exact_out: bool) -> SwapQuote:
        i, j = self._pair(sell, buy)
        if amount <= 0:
            raise RevertedError("zero amount")
        one, other = self._coins[i], self._coins[j]
        quoter = self._uniswap.quoter
        ask = quoter.quoteExactOutputSingle if exact_out else quoter.quoteExactInputSingle
        with _translated():
            answer, slot = self._access.read(
                [
                    (ask.call, (one.address, other.address, amount, self.fee, 0)),
                    (self.contract.slot0,),
                ]
            )
        found = int(answer[0])
        if not exact_out and int(answer[1]) in ENDS:
            # the pool would take a part only
            raise RevertedError("out too large")
        amount_in, amount_out = (found, amount) if exact_out else (amount, found)
        return SwapQuote(
            one.symbol,
            other.symbol,
            amount_in,
            amount_out,
            exact_out,
            rate_of(amount_in, one.decimals, amount_out, other.decimals),
            self._at(int(slot[0])).price(one.symbol, other.symbol),
        )

    def _at(self, root: int) -> ConcentratedMarket:
        """A market at a price, that nobody can trade at."""
        return ConcentratedMarket(self._coins, root, 0, 0, self.fee, self.spacing, {}, {})

    def _wallet(self, account: Any) -> dict[str, int]:
        units = self._access.read([(token.balanceOf, address_of(account)) for token in self._tokens])
        return self._named(units)

    def _pair(self, sell: str, buy: str) -> tuple[int, int]:
        return index_of(self._coins, sell), index_of(self._coins, buy, other_than=sell)

    def _named(self, amounts: Sequence[int]) -> dict[str, int]:
        return {coin.symbol: int(units) for coin, units in zip(self._coins, amounts, strict=True)}


@contextmanager
def _translated() -> Iterator[None]:
    """Refusals in the words of the other venues."""
    try:
        yield
    except RevertedError as error:
        raise RevertedError(REASONS.get(error.reason, error.reason)) from None
