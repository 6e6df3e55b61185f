"""A pool in memory behind the venues' interface: what a user does with it costs nothing and waits for nobody.

```python
coins = (Coin("AID", "", 18), Coin("USDC", "", 6))
wallets = {"AID": {"me": 10**24}, "USDC": {"me": 10**12}}
pool = ModelPool(coins, StableSwapModel(PoolParameters(decimals=(18, 6)), time=0), wallets)
pool.add("me", pool.quote_add({"AID": 10**24, "USDC": 10**12}))
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from integrations.protocol.errors import RevertedError
from integrations.simulation.errors import PoolError
from integrations.simulation.stableswap_model import StableSwapModel
from integrations.venues.errors import UnknownCoinError, index_of
from integrations.venues.market import StableMarket
from integrations.venues.swap import (
    BPS,
    AddQuote,
    Coin,
    Fill,
    PoolView,
    Position,
    RemoveQuote,
    SwapQuote,
    less,
    more,
    rate_of,
)

#: Token units by owner, by symbol; the LP token is a symbol too.
Wallets = MutableMapping[str, MutableMapping[str, int]]


class ModelPool:
    """Implements `LiquidityVenue` with `StableSwapModel`, the exact twin of the contract. Accounts are names.

    Args:
        coins: Both coins.
        model: The pool; its clock is the pool's time, and `assets` the prices of vault shares.
        wallets: Who has what; the pool moves it.
        symbol: Of the LP token.
    """

    def __init__(
        self, coins: Sequence[Coin], model: StableSwapModel, wallets: Wallets, symbol: str = ""
    ) -> None:
        self._coins = tuple(coins)
        self.model = model
        self._wallets = wallets
        self._share = Coin(symbol or "/".join(coin.symbol for coin in coins), "", 18)
        wallets.setdefault(self._share.symbol, {})

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
        state = self.model.state
        share_value = price = 0
        if state.supply:
            market = self.market()
            share_value, price = market.share_value, market.price(*(coin.symbol for coin in self._coins))
        held = [b + a for b, a in zip(state.balances, state.admin_balances, strict=True)]
        return PoolView(
            time=self.model.time,
            balances=self._named(state.balances),
            owed=self._named(state.admin_balances),
            held=self._named(held),
            shares=state.supply,
            share_value=share_value,
            price=price,
        )

    def market(self) -> StableMarket:
        """See `SwapVenue`."""
        return StableMarket.of(self._coins, self.model.terms())

    def price(self, sell: str, buy: str) -> int:
        """See `SwapVenue`."""
        return self.market().price(sell, buy)

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `SwapVenue`."""
        return self.market().depth(sell, buy, impact_bps)

    def position(self, owner: Any) -> Position:
        """See `LiquidityVenue`."""
        state = self.model.state
        shares = self._wallets[self._share.symbol].get(owner, 0)
        supply = state.supply
        paid = [held * shares // supply if supply else 0 for held in state.balances]
        return Position(owner, shares, self._named(paid), shares * BPS // supply if supply else 0)

    # swaps

    def quote_in(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`."""
        i, j = self._pair(sell, buy)
        with _reasons():
            out = self.model.get_dy(i, j, amount)
        return self._swap_quote(i, j, amount, out, exact_out=False)

    def quote_out(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """See `SwapVenue`."""
        i, j = self._pair(sell, buy)
        with _reasons():
            needed = self.model.get_dx(i, j, amount)
        return self._swap_quote(i, j, needed, amount, exact_out=True)

    def swap(
        self, account: Any, quote: SwapQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """See `SwapVenue`."""
        i, j = self._pair(quote.sell, quote.buy)
        self._check_deadline(deadline)
        most, least = quote.most_in(slippage_bps), quote.least_out(slippage_bps)
        with _reasons():
            if quote.exact_out:
                if (needed := self.model.get_dx(i, j, least)) > most:
                    raise RevertedError("max in")
                self._check_funds(account, {self._coins[i].symbol: needed})
                done = self.model.exchange_exact_out(i, j, least)
            else:
                if self.model.get_dy(i, j, most) < least:
                    raise RevertedError("min out")
                self._check_funds(account, {self._coins[i].symbol: most})
                done = self.model.exchange(i, j, most)
        return self._fill("swap", account, {self._coins[i].symbol: done.dx}, {self._coins[j].symbol: done.dy})

    # liquidity

    def quote_add(self, amounts: Mapping[str, int]) -> AddQuote:
        """See `LiquidityVenue`."""
        listed = self._listed(amounts)
        if not any(listed):
            raise RevertedError("zero amount")
        with _reasons():
            return AddQuote(self._named(listed), self.model.calc_token_amount(listed, True))

    def add(self, account: Any, quote: AddQuote, slippage_bps: int = 10, deadline: int | None = None) -> Fill:
        """See `LiquidityVenue`."""
        self._check_deadline(deadline)
        amounts = self._listed(quote.amounts)
        given = {symbol: units for symbol, units in self._named(amounts).items() if units}
        if self.quote_add(quote.amounts).shares < less(quote.shares, slippage_bps):
            raise RevertedError("min out")
        self._check_funds(account, given)
        with _reasons():
            minted = self.model.add_liquidity(amounts).minted
        return self._fill("add", account, given, {self._share.symbol: minted})

    def quote_remove(self, shares: int) -> RemoveQuote:
        """See `LiquidityVenue`."""
        state = self.model.state
        if not 0 < shares <= state.supply:
            raise RevertedError("balance" if shares > 0 else "zero amount")
        paid = [held * shares // state.supply for held in state.balances]
        return RemoveQuote("balanced", self._named(paid), shares)

    def quote_remove_one(self, shares: int, coin: str) -> RemoveQuote:
        """See `LiquidityVenue`."""
        at = index_of(self._coins, coin)
        if not 0 < shares < self.model.state.supply:
            raise RevertedError("balance" if shares > 0 else "zero amount")
        with _reasons():
            paid = self.model.calc_withdraw_one_coin(shares, at)
        return RemoveQuote("one coin", self._named([paid, 0] if at == 0 else [0, paid]), shares)

    def quote_remove_exact(self, amounts: Mapping[str, int]) -> RemoveQuote:
        """See `LiquidityVenue`."""
        listed = self._listed(amounts)
        if not any(listed):
            raise RevertedError("zero amount")
        if any(wanted >= held for wanted, held in zip(listed, self.model.state.balances, strict=True)):
            raise RevertedError("out too large")
        with _reasons():
            return RemoveQuote("exact", self._named(listed), self.model.calc_token_amount(listed, False))

    def remove(
        self, account: Any, quote: RemoveQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """See `LiquidityVenue`."""
        self._check_deadline(deadline)
        wanted = {symbol: units for symbol, units in quote.amounts.items() if units}
        now = self._again(quote)
        if now.shares > more(quote.shares, slippage_bps if quote.kind == "exact" else 0):
            raise RevertedError("max in")
        if any(now.amounts[symbol] < less(units, slippage_bps) for symbol, units in wanted.items()):
            raise RevertedError("min out")
        self._check_funds(account, {self._share.symbol: now.shares})
        with _reasons():
            if quote.kind == "balanced":
                self.model.remove_liquidity(now.shares)
            elif quote.kind == "one coin":
                self.model.remove_liquidity_one_coin(now.shares, index_of(self._coins, next(iter(wanted))))
            else:
                self.model.remove_liquidity_imbalance(self._listed(quote.amounts))
        received = {symbol: units for symbol, units in now.amounts.items() if units}
        return self._fill("remove", account, {self._share.symbol: now.shares}, received)

    def _again(self, quote: RemoveQuote) -> RemoveQuote:
        """The same withdrawal, quoted now."""
        if quote.kind == "balanced":
            return self.quote_remove(quote.shares)
        if quote.kind == "exact":
            return self.quote_remove_exact(quote.amounts)
        (coin,) = (symbol for symbol, units in quote.amounts.items() if units)
        return self.quote_remove_one(quote.shares, coin)

    # internals

    def _swap_quote(self, i: int, j: int, amount_in: int, amount_out: int, *, exact_out: bool) -> SwapQuote:
        sell, buy = self._coins[i], self._coins[j]
        rate = rate_of(amount_in, sell.decimals, amount_out, buy.decimals)
        price = self.price(sell.symbol, buy.symbol)
        return SwapQuote(sell.symbol, buy.symbol, amount_in, amount_out, exact_out, rate, price)

    def _fill(self, action: str, account: str, given: Mapping[str, int], received: Mapping[str, int]) -> Fill:
        for symbol, units in given.items():
            self._wallets[symbol][account] = self._wallets[symbol].get(account, 0) - units
        for symbol, units in received.items():
            self._wallets[symbol][account] = self._wallets[symbol].get(account, 0) + units
        return Fill(action, given, received)

    def _check_funds(self, account: str, given: Mapping[str, int]) -> None:
        for symbol, units in given.items():
            if self._wallets[symbol].get(account, 0) < units:
                raise RevertedError("balance" if symbol == self._share.symbol else "transfer failed")

    def _check_deadline(self, deadline: int | None) -> None:
        if deadline is not None and deadline < self.model.time:
            raise RevertedError("deadline passed")

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


@contextmanager
def _reasons() -> Iterator[None]:
    """Raise the model's errors as an adapter to a chain would."""
    try:
        yield
    except PoolError as error:
        raise RevertedError(error.reason) from None
