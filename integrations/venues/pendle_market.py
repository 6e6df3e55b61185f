"""A Pendle market at one moment, to try actions on: what router and contracts would do, to the wei."""

from __future__ import annotations

from dataclasses import dataclass, replace

from integrations.protocol.errors import RevertedError
from integrations.venues.errors import UnknownCoinError
from integrations.venues.log_exp import WAD, exp
from integrations.venues.pendle_math import Guess, MarketState, asset_of, most_for, searched, sy_of
from integrations.venues.split import Action, SplitQuote

PARTS = ("SY", "PT", "YT")


@dataclass(frozen=True)
class PendleSnapshot:
    """Implements `SplitMarket`.

    Attributes:
        state: The market; its index is the one at which SY split now.
        rate: Rate of SY, 1e18.
        initial_anchor: Where the first liquidity is priced, 1e18; zero if it is not known.
    """

    state: MarketState
    rate: int
    initial_anchor: int

    def at(self, time: int, rate: int) -> PendleSnapshot:
        """See `SplitMarket`."""
        state = replace(self.state, time=time, index=max(self.state.index, rate))
        return replace(self, state=state, rate=rate)

    def split(self, sy: int) -> SplitQuote:
        """See `SplitMarket`."""
        _ = self.state.left
        if not sy:
            raise RevertedError("zero amount")
        made = asset_of(sy, self.state.index)
        return self._quote("split", {"SY": sy}, {"PT": made, "YT": made})

    def merge(self, amount: int) -> SplitQuote:
        """See `SplitMarket`."""
        if not amount:
            raise RevertedError("zero amount")
        given = {"PT": amount} if self._over else {"PT": amount, "YT": amount}
        return self._quote("merge", given, {"SY": sy_of(amount, self.state.index)})

    def swap(self, sell: str, buy: str, amount: int) -> SplitQuote:
        """See `SplitMarket`. SY buy the last unit of PT or YT that they reach.

        Of YT a few more may arrive: what is left of the SY after the search is split, too.
        """
        _ = self.state.left
        if not self.state.shares:
            raise RevertedError("empty market")
        if not amount:
            raise RevertedError("zero amount")
        if (sell, buy) == ("PT", "SY"):
            trade = self.state.trade(-amount)
            return self._swapped(sell, buy, amount, -trade.sy, -amount)
        if (sell, buy) == ("YT", "SY"):
            return self._swapped(sell, buy, amount, self.state.proceeds_of_yt(amount), amount)
        if (sell, buy) == ("SY", "PT"):
            out = most_for(self.state.cost_of_pt, amount, asset_of(amount, self.state.index) or 1)
            return self._swapped(sell, buy, amount, out, out)
        if (sell, buy) == ("SY", "YT"):
            out = most_for(self.state.cost_of_yt, amount, asset_of(amount, self.state.index) or 1)
            return self._swapped(sell, buy, amount, out, -out)
        raise UnknownCoinError(f"{sell}/{buy}", PARTS)

    def add(self, sy: int, pt: int) -> SplitQuote:
        """See `SplitMarket`."""
        minted, sy_used, pt_used = self.state.add(sy, pt)
        after = self.state.with_liquidity(sy, pt, self.initial_anchor)
        return self._quote("add", {"SY": sy_used, "PT": pt_used}, {"LP": minted}, after)

    def remove(self, shares: int) -> SplitQuote:
        """See `SplitMarket`."""
        sy, pt = self.state.remove(shares)
        return self._quote("remove", {"LP": shares}, {"SY": sy, "PT": pt})

    def again(self, quote: SplitQuote) -> SplitQuote:
        """The same action, quoted here."""
        given = quote.given
        if quote.action == "swap":
            ((sell, amount),), (buy,) = given.items(), quote.received
            return self.swap(sell, buy, amount)
        if quote.action == "split":
            return self.split(given["SY"])
        if quote.action == "merge":
            return self.merge(given["PT"])
        if quote.action == "add":
            return self.add(given["SY"], given["PT"])
        return self.remove(given["LP"])

    def bought(self, buy: str, sy: int, guess: Guess) -> int:
        """What the router's search for PT or YT of an exact amount of SY finds, and delivers.

        Raises:
            RevertedError: Nothing within the guess costs as much.
        """
        if buy == "PT":
            return searched(self.state.cost_of_pt, sy, guess)
        return self._yt_minted(sy, searched(self.state.cost_of_yt, sy, guess))

    @property
    def _over(self) -> bool:
        return self.state.time >= self.state.expiry

    def _yt_minted(self, sy: int, pt: int) -> int:
        """YT for SY, where the market pays for `pt` PT in advance: all of it is split."""
        return asset_of(sy - self.state.trade(-pt).sy, self.state.index)

    def _swapped(self, sell: str, buy: str, amount: int, out: int, leaving: int) -> SplitQuote:
        trade = self.state.trade(leaving)
        after = self.state.after(trade)
        return self._quote("swap", {sell: amount}, {buy: out}, after, trade.fee)

    def _quote(
        self,
        action: Action,
        given: dict[str, int],
        received: dict[str, int],
        after: MarketState | None = None,
        fee: int = 0,
    ) -> SplitQuote:
        state = after or self.state
        implied = exp(state.ln_rate) - WAD if state.shares else 0
        return SplitQuote(action, given, received, self.state.time, fee, implied)
