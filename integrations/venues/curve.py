"""Two-coin pools with the ABI of Curve's StableSwap-NG: this project's, and Curve's own.

This project's pool has what NG lacks: `exchange_exact_out` and deadlines. For an NG pool the adapter falls
back: it searches the input of an exact output itself (NG's `get_dx` understates it) and checks deadlines
before it sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integrations.protocol.artifacts import contract_at
from integrations.protocol.errors import RevertedError, check_funds
from integrations.simulation.pricing import Terms
from integrations.venues.access import Access, ApeAccess, Read
from integrations.venues.errors import UnknownCoinError, UnknownPoolError, index_of
from integrations.venues.market import StableMarket
from integrations.venues.swap import (
    BPS,
    PATIENCE,
    AddQuote,
    Coin,
    Fill,
    PoolView,
    Position,
    RemoveQuote,
    SwapQuote,
    flows,
    less,
    more,
    rate_of,
)
from integrations.venues.tokens import address_of, allowances, erc20

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol

#: Rounds of the search for an exact output at a pool that cannot do it; each halves what is left.
ROUNDS = 128


class CurvePool:
    """Implements `LiquidityVenue`. Make one with `of` or `at`, which check that the pool's factory knows it.

    Args:
        contract: The pool as an Ape contract.
        coins: Its coins, in its order.
        share: Its LP token.
        access: The chain.
        extended: Whether it has `exchange_exact_out`, deadlines and a surcharge, as this project's pools do.
    """

    def __init__(
        self, contract: Any, coins: Sequence[Coin], share: Coin, access: Access, *, extended: bool
    ) -> None:
        self.contract = contract
        self._coins = tuple(coins)
        self._share = share
        self._access = access
        self._extended = extended
        self._seeded = False
        self._tokens = [erc20(coin.address) for coin in coins]

    @classmethod
    def of(cls, protocol: Protocol, coin: str, other: str, access: Access | None = None) -> CurvePool:
        """The pool of two tokens of an installation: its own, else the factory's deepest.

        Args:
            protocol: The installation, with its pool factory.
            coin: AID, sAID or a stablecoin.
            other: The other one.
            access: The chain; the connected one, through Ape, by default.

        Raises:
            UnknownPoolError: There is no such pool.
        """
        access = access or ApeAccess()
        factory = protocol.pool_factory
        for pool in protocol.config.pools:
            if {symbol.upper() for symbol in pool.coins} == {coin.upper(), other.upper()}:
                address = protocol.book.contracts[f"pool.{pool.name}"].address
                return cls.at(address, factory, access)
        pair = [str(protocol.token(symbol).address) for symbol in (coin, other)]
        (count,) = access.read([(factory.pool_count_for_coins, *pair)])
        found = access.read([(factory.find_pool_for_coins, *pair, at) for at in range(count)])
        if not found:
            raise UnknownPoolError(f"{coin}/{other}", str(factory.address))
        supplies = access.read([(contract_at("StableSwap", str(pool)).totalSupply,) for pool in found])
        return cls.at(str(max(zip(supplies, found, strict=True))[1]), factory, access)

    @classmethod
    def at(
        cls, address: str, factory: Any, access: Access | None = None, *, extended: bool = True
    ) -> CurvePool:
        """The pool at an address, if a factory vouches for it.

        Args:
            address: Of the pool.
            factory: Ape contract of the factory: this project's with `is_pool(pool)`, or Curve's with
                `get_coins(pool)`.
            access: The chain; the connected one, through Ape, by default.
            extended: False for a pool of Curve's factory.

        Raises:
            UnknownPoolError: The factory does not know the pool, or it does not have two coins.
        """
        access = access or ApeAccess()
        contract = contract_at("StableSwap", address)
        tokens: list[Any] = []
        if not extended:
            (tokens,) = access.read([(factory.get_coins, address)])
        elif access.read([(factory.is_pool, address)])[0]:
            tokens = access.read([(contract.coins, 0), (contract.coins, 1)])
        if len(tokens) != 2:
            raise UnknownPoolError(address, str(factory.address))
        handles = [*(erc20(str(token)) for token in tokens), contract]
        names = access.read([(token.symbol,) for token in handles])
        units = access.read([(token.decimals,) for token in handles])
        places = [*map(str, tokens), address]
        *coins, share = (
            Coin(str(name), place, int(decimals))
            for name, place, decimals in zip(names, places, units, strict=True)
        )
        return cls(contract, coins, share, access, extended=extended)

    @property
    def coins(self) -> tuple[Coin, ...]:
        """See `SwapVenue`."""
        return self._coins

    @property
    def share(self) -> Coin:
        """See `LiquidityVenue`."""
        return self._share

    # looking

    def view(self) -> PoolView:
        """See `SwapVenue`."""
        pool, address = self.contract, self.contract.address
        reads: list[Read] = [(pool.admin_balances, 0), (pool.admin_balances, 1)]
        reads += [(token.balanceOf, address) for token in self._tokens]
        # an empty pool has no value to tell
        value: list[Read] = [(pool.get_virtual_price,)]
        terms, (admin_0, admin_1, held_0, held_1, *told) = self._terms([*reads, *value * self._seeded])
        share_value = price = 0
        if terms.supply:
            share_value = int((told or self._access.read(value))[0])
            one, two = self._coins
            price = StableMarket.of(self._coins, terms).price(one.symbol, two.symbol)
            self._seeded = self._extended  # whose supply never returns to zero
        return PoolView(
            time=self._access.now(),
            balances=self._named(terms.balances),
            owed=self._named((admin_0, admin_1)),
            held=self._named((held_0, held_1)),
            shares=terms.supply,
            share_value=share_value,
            price=price,
        )

    def market(self) -> StableMarket:
        """See `SwapVenue`."""
        return StableMarket.of(self._coins, self._terms()[0])

    def price(self, sell: str, buy: str) -> int:
        """See `SwapVenue`."""
        return self.market().price(sell, buy)

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `SwapVenue`."""
        return self.market().depth(sell, buy, impact_bps)

    def position(self, owner: Any) -> Position:
        """See `LiquidityVenue`."""
        address = address_of(owner)
        pool = self.contract
        shares, supply, balances = self._access.read(
            [(pool.balanceOf, address), (pool.totalSupply,), (pool.get_balances,)]
        )
        paid = [held * shares // supply if supply else 0 for held in balances]
        return Position(address, shares, self._named(paid), shares * BPS // supply if supply else 0)

    # swaps

    def quote_in(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`."""
        i, j = self._pair(sell, buy)
        terms, (out,) = self._terms([(self.contract.get_dy, i, j, amount)])
        return self._swap_quote(terms, i, j, amount, int(out), exact_out=False)

    def quote_out(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`."""
        i, j = self._pair(sell, buy)
        terms, (needed,) = self._terms([(self.contract.get_dx, i, j, amount)])
        if not self._extended:
            needed = self._searched(i, j, amount, int(needed))
        return self._swap_quote(terms, i, j, int(needed), amount, exact_out=True)

    def swap(
        self, account: Any, quote: SwapQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """See `SwapVenue`. At an NG pool an exact output may pay a little more than was asked for."""
        i, j = self._pair(quote.sell, quote.buy)
        until = self._until(deadline)
        most, least = quote.most_in(slippage_bps), quote.least_out(slippage_bps)
        me = address_of(account)
        pool = self.contract
        if quote.exact_out and self._extended:
            call: Read = (pool.exchange_exact_out, i, j, least, most, me, *until)
        elif quote.exact_out:
            needed = self.quote_out(quote.sell, quote.buy, least).amount_in
            if needed > most:
                raise RevertedError("max in")
            most = needed
            call = (pool.exchange, i, j, most, least, me)
        else:
            call = (pool.exchange, i, j, most, least, me, *until)
        return self._moved("swap", account, {i: most}, call)

    def _searched(self, i: int, j: int, out: int, start: int) -> int:
        """The least input from `start` on that pays `out`: doubled steps up, then bisection."""

        def enough(amount: int) -> bool:
            return int(self._access.read([(self.contract.get_dy, i, j, amount)])[0]) >= out

        low, high, step = start - 1, start, max(1, start // 10**6)
        for _ in range(ROUNDS):
            if enough(high):
                break
            low, high, step = high, high + step, 2 * step
        else:
            raise RevertedError("out too large")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high

    # liquidity

    def quote_add(self, amounts: Mapping[str, int]) -> AddQuote:
        """See `LiquidityVenue`."""
        listed = self._listed(amounts)
        (shares,) = self._access.read([(self.contract.calc_token_amount, listed, True)])
        return AddQuote(self._named(listed), int(shares))

    def add(self, account: Any, quote: AddQuote, slippage_bps: int = 10, deadline: int | None = None) -> Fill:
        """See `LiquidityVenue`."""
        amounts = self._listed(quote.amounts)
        least = less(quote.shares, slippage_bps)
        until = self._until(deadline)
        call = (self.contract.add_liquidity, amounts, least, address_of(account), *until)
        return self._moved("add", account, dict(enumerate(amounts)), call)

    def quote_remove(self, shares: int) -> RemoveQuote:
        """See `LiquidityVenue`."""
        pool = self.contract
        balances, supply = self._access.read([(pool.get_balances,), (pool.totalSupply,)])
        if not 0 < shares <= supply:
            raise RevertedError("balance" if shares > 0 else "zero amount")
        paid = [held * shares // supply for held in balances]
        return RemoveQuote("balanced", self._named(paid), shares)

    def quote_remove_one(self, shares: int, coin: str) -> RemoveQuote:
        """See `LiquidityVenue`."""
        at = index_of(self._coins, coin)
        (paid,) = self._access.read([(self.contract.calc_withdraw_one_coin, shares, at)])
        return RemoveQuote("one coin", self._named([paid, 0] if at == 0 else [0, paid]), shares)

    def quote_remove_exact(self, amounts: Mapping[str, int]) -> RemoveQuote:
        """See `LiquidityVenue`."""
        listed = self._listed(amounts)
        (burned,) = self._access.read([(self.contract.calc_token_amount, listed, False)])
        # NG's own figure is a unit low
        return RemoveQuote("exact", self._named(listed), int(burned) + (not self._extended))

    def remove(
        self, account: Any, quote: RemoveQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """See `LiquidityVenue`. The protocol's fees stay for whoever claims them, at his own gas."""
        pool, me = self.contract, address_of(account)
        amounts = self._listed(quote.amounts)
        until = self._until(deadline)
        least = [less(amount, slippage_bps) for amount in amounts]
        if quote.kind == "balanced":
            call: Read = (pool.remove_liquidity, quote.shares, least, me, False, *until)
        elif quote.kind == "one coin":
            at = 0 if amounts[0] else 1
            call = (pool.remove_liquidity_one_coin, quote.shares, at, least[at], me, *until)
        else:
            most = more(quote.shares, slippage_bps)
            call = (pool.remove_liquidity_imbalance, amounts, most, me, *until)
        return self._moved("remove", account, {}, call)

    # internals

    def _terms(self, more_reads: Sequence[Read] = ()) -> tuple[Terms, list[Any]]:
        """What prices depend on, and what else is read with it."""
        pool = self.contract
        reads: list[Read] = [
            (pool.get_balances,),
            (pool.stored_rates,),
            (pool.A_precise,),
            (pool.fee,),
            (pool.offpeg_fee_multiplier,),
            (pool.totalSupply,),
        ]
        if self._extended:
            reads.append((pool.surcharge,))
        found = self._access.read([*reads, *more_reads])
        balances, rates, a, fee, multiplier, supply = found[:6]
        surcharge = int(found[6]) if self._extended else 0
        terms = Terms(
            (int(balances[0]), int(balances[1])),
            (int(rates[0]), int(rates[1])),
            2 * int(a),
            int(fee),
            int(multiplier),
            surcharge,
            int(supply),
        )
        return terms, found[len(reads) :]

    def _swap_quote(
        self, terms: Terms, i: int, j: int, amount_in: int, amount_out: int, *, exact_out: bool
    ) -> SwapQuote:
        sell, buy = self._coins[i], self._coins[j]
        return SwapQuote(
            sell.symbol,
            buy.symbol,
            amount_in,
            amount_out,
            exact_out,
            rate_of(amount_in, sell.decimals, amount_out, buy.decimals),
            StableMarket.of(self._coins, terms).price(sell.symbol, buy.symbol),
        )

    def _moved(self, action: str, account: Any, spent: Mapping[int, int], call: Read) -> Fill:
        """Approve exactly, send, and tell from the balances what has moved."""
        method, *arguments = call
        spending = {self._tokens[at]: amount for at, amount in spent.items()}
        with allowances(self._access, account, self.contract.address, spending):
            before = self._wallet(account)
            try:
                sent = self._access.send(account, method, *arguments)
            except RevertedError as refusal:
                if not refusal.reason:  # many a token gives none
                    for at, amount in spent.items():
                        coin = self._coins[at]
                        check_funds(coin.symbol, coin.decimals, before[coin.symbol], amount)
                raise
            after = self._wallet(account)
        return Fill(
            action,
            *flows(before, after),
            sent.gas,
            sent.transaction,
        )

    def _wallet(self, account: Any) -> dict[str, int]:
        tokens = [*self._tokens, self.contract]
        units = self._access.read([(token.balanceOf, address_of(account)) for token in tokens])
        names = [coin.symbol for coin in (*self._coins, self._share)]
        return dict(zip(names, map(int, units), strict=True))

    def _until(self, deadline: int | None) -> tuple[int, ...]:
        """The deadline as a last argument, or checked here where the pool takes none."""
        now = self._access.now()
        until = now + PATIENCE if deadline is None else deadline
        if self._extended:
            return (until,)
        if until < now:
            raise RevertedError("deadline passed")
        return ()

    def _pair(self, sell: str, buy: str) -> tuple[int, int]:
        return index_of(self._coins, sell), index_of(self._coins, buy, other_than=sell)

    def _listed(self, amounts: Mapping[str, int]) -> list[int]:
        known = [coin.symbol for coin in self._coins]
        for symbol in amounts:
            if symbol not in known:
                raise UnknownCoinError(symbol, known)
        return [amounts.get(symbol, 0) for symbol in known]

    def _named(self, amounts: Sequence[int]) -> dict[str, int]:
        return {coin.symbol: int(units) for coin, units in zip(self._coins, amounts, strict=True)}
