"""Pendle V2's market and index arithmetic in integers, to the wei.

PT trade against SY on a curve in the proportion p of PT: with L the logarithm of the implied yield, kept
between trades, T the years that are left and I the index,

    asset = SY·I      p = PT/(PT + asset)      scalar = root/T      anchor = e^(L·T) − ln(p/(1 − p))/scalar
    ER(d) = ln(p′/(1 − p′))/scalar + anchor,   p′ = (PT − d)/(PT + asset)          for d PT that leave

ER is PT per asset. A buyer pays d·f/ER asset, a seller gets d/(ER·f), with f = e^(φT) the fee's factor. The
fee is what f makes of the amount without it; a part of it leaves the market for Pendle's treasury.

Source: `MarketMathCore`, `SYUtils`, `MarketApproxLibV2` of Pendle's core-v2. Divisions truncate towards zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isqrt

from integrations.protocol.errors import RevertedError
from integrations.venues.log_exp import WAD, exp, ln, truncated

YEAR = 365 * 86_400
PERCENT = 100
MINIMUM_LIQUIDITY = 1_000
#: PT are never more of a market's value than this after a trade, 1e18.
MOST_PT = 96 * WAD // 100
#: Steps of the router's search that follow the proportion before it halves.
SCALED_STEPS = 3
ROUNDS = 256


def asset_of(sy: int, index: int) -> int:
    """Asset that SY are worth at an index, down."""
    return sy * index // WAD


def asset_of_up(sy: int, index: int) -> int:
    """Asset that SY are worth at an index, up."""
    return -(-sy * index // WAD)


def sy_of(asset: int, index: int) -> int:
    """SY worth an asset at an index, down."""
    return asset * WAD // index


def sy_of_up(asset: int, index: int) -> int:
    """SY worth an asset at an index, up."""
    return -(-asset * WAD // index)


def interest(yt: int, before: int, after: int) -> int:
    """SY that `yt` earn while the index rises, down; nothing where it does not."""
    return yt * (after - before) * WAD // (before * after) if after > before else 0


def growth(ln_rate: int, seconds: int) -> int:
    """e^(rate · time), 1e18: what one asset is worth in PT at an implied rate."""
    return exp(ln_rate * seconds // YEAR)


@dataclass(frozen=True)
class Trade:
    """What a trade moves.

    Attributes:
        pt: PT that leave the market; negative if they come in.
        sy: SY that the trader pays; negative if they receive.
        fee: Part of it that is fee, SY.
        reserve: Part of the fee that leaves for the treasury, SY.
    """

    pt: int
    sy: int
    fee: int
    reserve: int


@dataclass(frozen=True)
class MarketState:
    """A market at one moment.

    Attributes:
        pt: PT that belong to it.
        sy: SY that belong to it.
        shares: LP tokens.
        ln_rate: Logarithm of the implied yearly yield after the last trade, 1e18.
        scalar_root: Of its terms.
        ln_fee_root: Of its terms, or what its factory has set for the router.
        reserve_percent: Of fees, to the treasury.
        expiry: Unix time.
        index: Index of PT and YT.
        time: Unix time.
    """

    pt: int
    sy: int
    shares: int
    ln_rate: int
    scalar_root: int
    ln_fee_root: int
    reserve_percent: int
    expiry: int
    index: int
    time: int

    # prices

    @property
    def left(self) -> int:
        """Seconds to the expiry.

        Raises:
            RevertedError: It is over.
        """
        if self.time >= self.expiry:
            raise RevertedError("expired")
        return self.expiry - self.time

    @property
    def asset(self) -> int:
        """What its SY are worth in the asset."""
        return asset_of(self.sy, self.index)

    @property
    def scalar(self) -> int:
        """How flat the curve is now, 1e18."""
        return self.scalar_root * YEAR // self.left

    @property
    def anchor(self) -> int:
        """Where the curve lies, such that the implied yield is still that of the last trade, 1e18."""
        return growth(self.ln_rate, self.left) - truncated(
            _logit(self._proportion(self.pt)) * WAD, self.scalar
        )

    @property
    def pt_price(self) -> int:
        """Asset for one PT at the margin, without the fee, 1e18; one from the expiry on."""
        return WAD * WAD // growth(self.ln_rate, self.left) if self.time < self.expiry else WAD

    def exchange_rate(self, anchor: int, leaving: int = 0) -> int:
        """PT per asset if so many PT leave, 1e18.

        Raises:
            RevertedError: PT would make up too much of the market, or cost more than the asset.
        """
        p = self._proportion(self.pt - leaving)
        if p > MOST_PT:
            raise RevertedError("too much pt")
        rate = truncated(_logit(p) * WAD, self.scalar) + anchor
        if rate < WAD:
            raise RevertedError("pt above par")
        return rate

    def _proportion(self, pt: int) -> int:
        return pt * WAD // (self.pt + self.asset)

    # trades

    def trade(self, leaving: int) -> Trade:
        """What it takes for so many PT to leave; a negative number comes in.

        Raises:
            RevertedError: The market would refuse.
        """
        if not self.pt or not self.asset:
            raise RevertedError("empty market")
        if leaving >= self.pt:
            raise RevertedError("out too large")
        return self._traded(leaving, self.anchor)

    def _traded(self, leaving: int, anchor: int) -> Trade:
        rate = self.exchange_rate(anchor, leaving)
        factor = growth(self.ln_fee_root, self.left)
        before_fee = -truncated(leaving * WAD, rate)
        if leaving > 0:
            if truncated(rate * WAD, factor) < WAD:
                raise RevertedError("pt above par")
            fee = truncated(before_fee * (WAD - factor), WAD)
        else:
            fee = -truncated(before_fee * (WAD - factor), factor)
        reserve = truncated(fee * self.reserve_percent, PERCENT)
        net = before_fee - fee
        sy = sy_of_up(-net, self.index) if net < 0 else -sy_of(net, self.index)
        return Trade(leaving, sy, sy_of(fee, self.index), sy_of(reserve, self.index))

    def after(self, trade: Trade) -> MarketState:
        """The market after a trade.

        Raises:
            RevertedError: The implied yield would be zero, or nothing of the fee would stay.
        """
        moved = replace(self, pt=self.pt - trade.pt, sy=self.sy + trade.sy - trade.reserve)
        rate = ln(moved.exchange_rate(self.anchor)) * YEAR // self.left
        if rate == 0:
            raise RevertedError("zero implied yield")
        if asset_of(trade.fee - trade.reserve, self.index) == 0:
            raise RevertedError("zero fee")
        return replace(moved, ln_rate=rate)

    def cost_of_pt(self, pt: int) -> int:
        """SY that buying exactly `pt` takes."""
        return self.trade(pt).sy

    def cost_of_yt(self, yt: int) -> int:
        """SY that buying exactly `yt` takes: to split, less what the PT sell for."""
        return sy_of_up(yt, self.index) + self.trade(-yt).sy

    def proceeds_of_yt(self, yt: int) -> int:
        """SY that selling `yt` pays: the PT to merge with are bought out of the merger's proceeds."""
        kept = yt - asset_of_up(self.trade(yt).sy, self.index)
        if kept < 0:
            raise RevertedError("yt without value")
        return sy_of(kept, self.index)

    # liquidity

    def add(self, sy: int, pt: int) -> tuple[int, int, int]:
        """LP tokens for at most so many SY and PT, and what of them is used.

        Raises:
            RevertedError: It is over, an amount is zero, or nothing would be minted.
        """
        _ = self.left
        if not sy or not pt:
            raise RevertedError("zero amount")
        if not self.shares:
            minted = isqrt(sy * pt) - MINIMUM_LIQUIDITY
        else:
            by_pt, by_sy = pt * self.shares // self.pt, sy * self.shares // self.sy
            minted = min(by_pt, by_sy)
            if by_pt < by_sy:
                sy = -(-self.sy * minted // self.shares)
            else:
                pt = -(-self.pt * minted // self.shares)
        if minted <= 0:
            raise RevertedError("zero shares")
        return minted, sy, pt

    def with_liquidity(self, sy: int, pt: int, initial_anchor: int) -> MarketState:
        """The market after `add`; the first liquidity is priced at the initial anchor, if that is known."""
        minted, sy, pt = self.add(sy, pt)
        locked = 0 if self.shares else MINIMUM_LIQUIDITY
        grown = replace(self, sy=self.sy + sy, pt=self.pt + pt, shares=self.shares + minted + locked)
        if self.shares or not initial_anchor:
            return grown
        return replace(grown, ln_rate=ln(grown.exchange_rate(initial_anchor)) * YEAR // self.left)

    def remove(self, shares: int) -> tuple[int, int]:
        """SY and PT for LP tokens, down.

        Raises:
            RevertedError: There are not so many, or they are worth nothing.
        """
        if not shares:
            raise RevertedError("zero amount")
        if shares > self.shares:
            raise RevertedError("balance")
        sy, pt = shares * self.sy // self.shares, shares * self.pt // self.shares
        if not sy and not pt:
            raise RevertedError("zero out")
        return sy, pt

    def without_liquidity(self, shares: int) -> MarketState:
        """The market after `remove`."""
        sy, pt = self.remove(shares)
        return replace(self, sy=self.sy - sy, pt=self.pt - pt, shares=self.shares - shares)


def _logit(p: int) -> int:
    return ln(p * WAD // (WAD - p))


def most_for(cost: Callable[[int], int], budget: int, start: int) -> int:
    """The most that a budget buys, for a cost that rises with the amount.

    Args:
        cost: Of an amount; raises `RevertedError` beyond what can be bought.
        budget: What may be spent.
        start: Where to look first, above zero.

    Raises:
        RevertedError: It buys nothing.
    """

    def affordable(amount: int) -> bool:
        try:
            return cost(amount) <= budget
        except RevertedError:
            return False

    low, high = 0, start
    while affordable(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if affordable(middle) else (low, middle)
    if not low:
        raise RevertedError("zero out")
    return low


@dataclass(frozen=True)
class Guess:
    """How the router searches for what an exact input buys: from where, within what, how precisely.

    Attributes:
        first: First amount tried.
        least: Lowest amount.
        most: Highest amount.
        precision: Part of the input that may be left over, 1e18.
    """

    first: int
    least: int
    most: int
    precision: int = 10**9


def searched(cost: Callable[[int], int], budget: int, guess: Guess) -> int:
    """What the router's search finds.

    Args:
        cost: Of an amount.
        budget: The exact input.
        guess: The search.

    Raises:
        RevertedError: Nothing within the guess costs what the budget is.
    """
    amount, low, high = guess.first, guess.least, guess.most
    for step in range(ROUNDS):
        found = cost(amount)
        if found <= budget:
            if found >= budget * (WAD - guess.precision) // WAD:
                return amount
            if low == amount:
                break
            low = amount
        else:
            high = amount - 1
        scaled = amount * budget // found
        inside = step < SCALED_STEPS and low < scaled < high
        amount = scaled if inside else (low + high + 1) // 2
    raise RevertedError("min out")
