"""Markets of Pendle V2, through its router.

The router takes no deadline: the adapter refuses what is late when it sends, and what waits longer is bound
by its slippage alone. What an exact amount of SY buys is searched for: the adapter hands the router what it
would reach now, and the router follows the market from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from integrations.protocol.errors import RevertedError
from integrations.venues.access import Read
from integrations.venues.errors import UnknownCoinError
from integrations.venues.log_exp import WAD, exp
from integrations.venues.pendle_contracts import ZERO, MarketTerms, Pendle
from integrations.venues.pendle_market import PARTS, PendleSnapshot
from integrations.venues.pendle_math import Guess, MarketState, growth, interest
from integrations.venues.split import Action, Average, SplitFill, SplitPosition, SplitQuote, SplitView
from integrations.venues.swap import Coin, flows, less, more
from integrations.venues.tokens import address_of, allowances, erc20

#: No limit orders.
NO_ORDERS: tuple[Any, ...] = (ZERO, 0, [], [], b"")
ROUNDS = 256
#: How far above what SY reach now the router may look, in case that they reach more by then.
ROOM_BPS = 500
#: What the router says when less would arrive than was asked for.
TOO_LITTLE = "Slippage: "


class PendleMarket:
    """Implements `SplitVenue`. Make one with `at`, which checks that Pendle's factory knows the market.

    Args:
        pendle: The deployment.
        contract: The market as an Ape contract.
        tokens: Token of each part.
        entries: What SY can be made of and paid in, by symbol.
        initial_anchor: Of its terms; zero if it is not known.
    """

    def __init__(
        self,
        pendle: Pendle,
        contract: Any,
        tokens: Mapping[str, Coin],
        entries: Mapping[str, Coin],
        initial_anchor: int,
    ) -> None:
        self.pendle = pendle
        self.contract = contract
        self.sy = pendle.sy(tokens["SY"].address)
        self.yt = pendle.contract("yt", tokens["YT"].address)
        self._tokens = dict(tokens)
        self._entries = dict(entries)
        self._initial_anchor = initial_anchor
        self._access = pendle.access
        self._handles = {part: erc20(coin.address) for part, coin in tokens.items()}

    @classmethod
    def at(cls, address: str, pendle: Pendle, terms: MarketTerms | None = None) -> PendleMarket:
        """The market at an address, if Pendle's factory vouches for it.

        Args:
            address: Of the market.
            pendle: The deployment.
            terms: Its terms: needed only to tell the implied yield after the first liquidity beforehand.

        Raises:
            UnknownMarketError: The factory does not know the market.
        """
        pendle.require_market(address)
        access = pendle.access
        contract = pendle.contract("market", address)
        ((sy, pt, yt),) = access.read([(contract.readTokens,)])
        share = pendle.sy(str(sy))
        incoming, outgoing = access.read([(share.getTokensIn,), (share.getTokensOut,)])
        both = [str(token) for token in incoming if token in outgoing]
        places = [str(sy), str(pt), str(yt), address, *both]
        handles = [erc20(place) for place in places]
        symbols = access.read([(handle.symbol,) for handle in handles])
        decimals = access.read([(handle.decimals,) for handle in handles])
        coins = [
            Coin(str(symbol), place, int(units))
            for symbol, place, units in zip(symbols, places, decimals, strict=True)
        ]
        tokens = dict(zip((*PARTS, "LP"), coins, strict=False))
        entries = {coin.symbol: coin for coin in coins[4:]}
        return cls(pendle, contract, tokens, entries, terms.anchor if terms else 0)

    @property
    def tokens(self) -> Mapping[str, Coin]:
        """See `SplitVenue`."""
        return self._tokens

    @property
    def entries(self) -> Mapping[str, Coin]:
        """See `SplitVenue`."""
        return self._entries

    # looking

    def view(self) -> SplitView:
        """See `SplitVenue`."""
        snapshot, (pt_supply, yt_supply) = self._snapshot((self._supply_of("PT"),), (self.yt.totalSupply,))
        state = snapshot.state
        alive = bool(state.shares)
        return SplitView(
            time=state.time,
            expiry=state.expiry,
            rate=snapshot.rate,
            index=state.index,
            pt_supply=int(pt_supply),
            yt_supply=int(yt_supply),
            balances={"PT": state.pt, "SY": state.sy},
            shares=state.shares,
            implied_yield=exp(state.ln_rate) - WAD if alive else 0,
            pt_price=state.pt_price if alive else 0,
        )

    def market(self) -> PendleSnapshot:
        """See `SplitVenue`."""
        return self._snapshot()[0]

    def position(self, owner: Any) -> SplitPosition:
        """See `SplitVenue`."""
        address = address_of(owner)
        reads: list[Read] = [(handle.balanceOf, address) for handle in self._handles.values()]
        reads += [
            (self.yt.userInterest, address),
            (self.yt.postExpiry,),
            (self.pendle.yields.interestFeeRate,),
        ]
        snapshot, found = self._snapshot(*reads)
        balances = dict(zip(self._handles, map(int, found[:4]), strict=True))
        (since, accrued), (frozen, _), fee_rate = found[4:]
        # from the expiry on interest stops: at the first call after it, to be exact
        index = int(frozen) if frozen else snapshot.state.index
        due = int(accrued) + (interest(balances["YT"], int(since), index) if since else 0)
        shares = balances["LP"]
        sy, pt = snapshot.state.remove(shares) if shares else (0, 0)
        return SplitPosition(address, balances, due - due * int(fee_rate) // WAD, {"SY": sy, "PT": pt})

    def interest_fee(self) -> int:
        """The part of the interest of YT that Pendle keeps, 1e18."""
        return int(self._access.read([(self.pendle.yields.interestFeeRate,)])[0])

    def average(self, seconds: int) -> Average:
        """See `SplitVenue`."""
        market, oracle, address = self.contract, self.pendle.oracle, self.contract.address
        snapshot, (memory, (_, _, ready)) = self._snapshot(
            (market._storage,), (oracle.getOracleState, address, seconds)
        )
        room = int(memory[-1])
        if not ready:
            return Average(seconds, False, room, 0, 0, 0)
        (first, last), worth = self._access.read(
            [(market.observe, [seconds, 0]), (oracle.getPtToAssetRate, address, seconds)]
        )
        ln_rate = (int(last) - int(first)) // seconds
        state = replace(snapshot.state, time=self._access.seen())
        price = WAD * WAD // growth(ln_rate, state.left) if state.time < state.expiry else WAD
        return Average(seconds, True, room, ln_rate, price, int(worth))

    # acting

    def execute(
        self, account: Any, quote: SplitQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """See `SplitVenue`."""
        self._check_deadline(deadline)
        snapshot = self.market()
        fresh = snapshot.again(quote)
        least = {part: quote.least(part, slippage_bps) for part in quote.received}
        call = self._call(address_of(account), quote, fresh, least)
        return self._moved(quote.action, account, self.pendle.router, quote.given, quote.received, call)

    def claim(self, account: Any) -> SplitFill:
        """See `SplitVenue`."""
        call = (self.yt.redeemDueInterestAndRewards, address_of(account), True, False)
        return self._moved("claim", account, self.yt, {}, ("SY",), call)

    def wrap(
        self, account: Any, symbol: str, amount: int, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """See `SplitVenue`."""
        self._check_deadline(deadline)
        token = self._entry(symbol)
        (expected,) = self._access.read([(self.sy.previewDeposit, token.address, amount)])
        least = less(int(expected), slippage_bps)
        call = (self.sy.deposit, address_of(account), token.address, amount, least)
        return self._moved("wrap", account, self.sy, {token.symbol: amount}, ("SY",), call)

    def unwrap(
        self, account: Any, symbol: str, shares: int, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """See `SplitVenue`."""
        self._check_deadline(deadline)
        token = self._entry(symbol)
        (expected,) = self._access.read([(self.sy.previewRedeem, token.address, shares)])
        least = less(int(expected), slippage_bps)
        call = (self.sy.redeem, address_of(account), shares, token.address, least, False)
        # burned, not taken: it needs no allowance
        return self._moved("unwrap", account, self.sy, {}, ("SY", token.symbol), call)

    def remember(self, account: Any, observations: int) -> None:
        """See `SplitVenue`."""
        self._access.send(account, self.contract.increaseObservationsCardinalityNext, observations)

    # internals

    def _snapshot(self, *more_reads: Read) -> tuple[PendleSnapshot, list[Any]]:
        """The market, and what else is read with it."""
        found = self._access.read(
            [
                (self.contract.readState, self.pendle.router.address),
                (self.sy.exchangeRate,),
                (self.yt.pyIndexStored,),
                *more_reads,
            ]
        )
        market, rate, stored = found[0], int(found[1]), int(found[2])
        state = MarketState(
            pt=int(market.totalPt),
            sy=int(market.totalSy),
            shares=int(market.totalLp),
            ln_rate=int(market.lastLnImpliedRate),
            scalar_root=int(market.scalarRoot),
            ln_fee_root=int(market.lnFeeRateRoot),
            reserve_percent=int(market.reserveFeePercent),
            expiry=int(market.expiry),
            index=max(rate, stored),
            time=self._access.now(),
        )
        return PendleSnapshot(state, rate, self._initial_anchor), found[3:]

    def _call(self, me: str, quote: SplitQuote, fresh: SplitQuote, least: Mapping[str, int]) -> Read:
        """The router's call for an action."""
        router, market, yt, given = self.pendle.router, self.contract.address, self.yt.address, quote.given
        if quote.action == "split":
            return router.mintPyFromSy, me, yt, given["SY"], least["PT"]
        if quote.action == "merge":
            return router.redeemPyToSy, me, yt, given["PT"], least["SY"]
        if quote.action == "add":
            return router.addLiquidityDualSyAndPt, me, market, given["SY"], given["PT"], least["LP"]
        if quote.action == "remove":
            return router.removeLiquidityDualSyAndPt, me, market, given["LP"], least["SY"], least["PT"]
        ((sell, amount),) = given.items()
        (buy,) = quote.received
        if buy == "SY":
            method = router.swapExactPtForSy if sell == "PT" else router.swapExactYtForSy
            return method, me, market, amount, least["SY"], NO_ORDERS
        if fresh.received[buy] < least[buy]:
            # below it the router would not even look
            raise RevertedError("min out")
        guess = guess_for(fresh.received[buy], least[buy])
        method = router.swapExactSyForPt if buy == "PT" else router.swapExactSyForYt
        search = (guess.least, guess.most, guess.first, ROUNDS, guess.precision)
        return method, me, market, amount, least[buy], search, NO_ORDERS

    def _moved(
        self,
        action: Action,
        account: Any,
        spender: Any,
        spent: Mapping[str, int],
        others: Iterable[str],
        call: Read,
    ) -> SplitFill:
        """Approve exactly, send, and tell from the balances of what is spent and of others what has moved."""
        method, *arguments = call
        me = address_of(account)
        names = list(dict.fromkeys((*spent, *others)))
        balances: list[Read] = [(self._handle(name).balanceOf, me) for name in names]
        spending = {self._handle(name): amount for name, amount in spent.items()}
        with _reasons(), allowances(self._access, account, str(spender.address), spending):
            before = self._access.read(balances)
            sent = self._access.send(account, method, *arguments)
            after = self._access.read(balances)
        had, has = (dict(zip(names, map(int, units), strict=True)) for units in (before, after))
        return SplitFill(
            action,
            *flows(had, has),
            sent.gas,
            sent.transaction,
        )

    def _handle(self, name: str) -> Any:
        return self._handles[name] if name in self._handles else erc20(self._entries[name].address)

    def _supply_of(self, part: str) -> Any:
        return self.pendle.contract("pt", self._tokens[part].address).totalSupply

    def _entry(self, symbol: str) -> Coin:
        for name, coin in self._entries.items():
            if name.upper() == symbol.upper():
                return coin
        raise UnknownCoinError(symbol, list(self._entries))

    def _check_deadline(self, deadline: int | None) -> None:
        if deadline is not None and deadline < self._access.now():
            raise RevertedError("deadline passed")


def guess_for(reached: int, least: int) -> Guess:
    """How the router is to search for PT or YT: from what is reached now, down to the least accepted."""
    return Guess(reached, least, more(reached, ROOM_BPS))


@contextmanager
def _reasons() -> Iterator[None]:
    """Raise what the router says about slippage as every venue does."""
    try:
        yield
    except RevertedError as error:
        if error.reason.startswith(TOO_LITTLE):
            raise RevertedError("min out") from error
        raise
