"""The reserve: what it holds, what that is worth, and how much of it may flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from tests.model.numbers import BPS, DAY, WAD, YEAR, ceil_div, require
from tests.model.tbill import TBill
from tests.model.tokens import Dollar, Token

MICRO = 10**12  # wei of AID in a micro-dollar, the unit of the limits
PRICE = 10**24  # of a vault's share, times its units
WEEK = 7 * DAY


@dataclass
class Coin:
    """An accepted stablecoin; amounts in its units, price in WAD, levels of its limits in micro-dollars."""

    name: str
    decimals: int
    token: Token
    updated_at: int
    mint_fee_bps: int
    redeem_fee_bps: int
    band_bps: int
    max_age: int
    cap: int  # whole tokens
    mint_capacity: int  # whole AID a day
    redeem_capacity: int
    deviation_bps: int = 10
    price: int = WAD
    dead: bool = False  # the feed reverts
    frozen: bool = False  # a probe has found that the Gateway cannot deliver it
    mint_paused: bool = False
    redeem_paused: bool = False
    units: int = 0
    fees: int = 0
    reserved: int = 0
    minting: int = 0
    redeeming: int = 0
    levels_at: int = 0

    @property
    def scale(self) -> int:
        return int(10 ** (18 - self.decimals))

    def quote(self, now: int) -> tuple[int, bool]:
        """Price and whether it is fresh."""
        if self.dead:
            return 0, False
        return self.price, now - self.updated_at <= self.max_age and not self.frozen

    def report(self, now: int, price: int) -> None:
        """The feed publishes a price."""
        self.price, self.updated_at, self.dead = price, now, False

    def within(self, price: int, bps: int) -> bool:
        return abs(price - WAD) * BPS <= bps * WAD

    def minted(self, units: int, price: int) -> int:
        return floor(units * self.scale * Fraction(min(price, WAD), WAD))

    def paid(self, aid: int, price: int) -> int:
        return floor(Fraction(aid, self.scale) * Fraction(WAD, max(price, WAD)))

    def levels(self, now: int, limit: int) -> tuple[int, int]:
        """What may be minted and redeemed now, micro-dollars: refilled linearly within a day.

        `limit` bounds what may be redeemed besides the capacity, whole AID.
        """

        def refilled(level: int, capacity: int) -> int:
            return min(level + capacity * 10**6 * (now - self.levels_at) // DAY, capacity * 10**6)

        redeeming = refilled(self.redeeming, min(self.redeem_capacity, limit))
        return refilled(self.minting, self.mint_capacity), redeeming

    def flow_in(self, now: int, aid: int, limit: int) -> None:
        mint, redeem = self.levels(now, limit)
        require(aid <= mint * MICRO, "mint limit")
        self.minting = mint - ceil_div(aid, MICRO)
        self.redeeming = min(redeem + aid // MICRO, min(self.redeem_capacity, limit) * 10**6)
        self.levels_at = now

    def flow_out(self, now: int, aid: int, limit: int) -> None:
        mint, redeem = self.levels(now, limit)
        require(aid <= redeem * MICRO, "redeem limit")
        self.redeeming = redeem - ceil_div(aid, MICRO)
        self.minting = min(mint + aid // MICRO, self.mint_capacity * 10**6)
        self.levels_at = now

    def debit(self, units: int) -> None:
        require(units <= self.units, "insufficient units")
        self.units -= units


@dataclass
class Reports:
    """What a vault has reported when asked: prices of a share, 10^24 times its units, rounded down."""

    weeks: list[tuple[int, int]] = field(default_factory=list)  # when it began, lowest price
    run: list[tuple[int, int]] = field(default_factory=list)  # of reports that all lay below the book

    def seed(self, now: int, price: int) -> None:
        """The price paid at the first deposit stands for the weeks before."""
        self.weeks, self.run = [(now, price), (now, price)], []

    def hear(self, now: int, price: int, below: bool) -> int | None:
        """Remember a report; the price to which the book falls, if it does."""
        began, lowest = self.weeks[-1]
        if now >= began + WEEK:
            self.weeks.append((now, price))
        else:
            self.weeks[-1] = began, min(lowest, price)
        if not below:
            self.run = []
            return None
        if self.run and now > self.run[-1][0] + 2 * DAY:
            self.run = []
        self.run.append((now, price))
        if now < self.run[0][0] + WEEK:
            return None
        highest = max(price for _, price in self.run)
        self.run = self.run[-1:]
        return highest

    def ripe(self, now: int, price: int) -> int:
        """Lowest price of this week and the one before; now's may begin a new one."""
        (_, before), (began, this) = self.weeks[-2:]
        return min(this, price) if now >= began + WEEK else min(before, this, price)


@dataclass
class Holding:
    """Shares of a T-bill vault, and what was paid for them (`book`), in units of its coin, growing."""

    vault: TBill
    coin: str
    cap: int  # whole tokens
    booked_at: int
    shares: int = 0
    book: int = 0
    reserved: int = 0
    reports: Reports = field(default_factory=Reports)

    def report(self, now: int) -> int:
        """The vault's word, 0 if it cannot be read."""
        return (self.vault.reported(self.shares, now) or 0) if self.shares or self.book else 0

    def grown(self, now: int, growth_bps: int) -> int:
        """The book now, as fast as it may grow."""
        return self.book + floor(self.book * Fraction(growth_bps * (now - self.booked_at), BPS * YEAR))

    def value(self, now: int, growth_bps: int) -> int:
        """What it counts for the mode: the report, but no more than the book."""
        return min(self.report(now), self.grown(now, growth_bps))

    def ripe(self, now: int, growth_bps: int) -> int:
        """What it counts for a harvest."""
        if not self.report(now):
            return 0
        price = self.reports.ripe(now, self.report(now) * PRICE // self.shares)
        return min(self.value(now, growth_bps), price * self.shares // PRICE)

    def remember(self, now: int, growth_bps: int) -> None:
        """Somebody asks for a report."""
        report, grown = self.report(now), self.grown(now, growth_bps)
        if not report:
            return
        highest = self.reports.hear(now, report * PRICE // self.shares, report < grown)
        if highest is not None:
            lower = max(highest * self.shares // PRICE, report)
            if lower < grown:
                self.book, self.booked_at = lower, now

    def grow(self, now: int, growth_bps: int) -> None:
        self.book, self.booked_at = self.grown(now, growth_bps), now

    def remove(self, shares: int) -> None:
        require(shares <= self.shares, "insufficient shares")
        if shares:
            self.book -= self.book * shares // self.shares
        self.shares -= shares


@dataclass
class Worth:
    """The reserve against the supply, 18 decimals."""

    backing: int = 0
    sure: int = 0  # the part of it with fresh prices
    par: int = 0
    whole: int = 0  # what a basket is a part of
    supply: int = 0
    stale: bool = False
    deficit: bool = False
    report: int = 0  # of the vault
    book: int = 0  # grown


@dataclass
class Reserve:
    aid: Dollar
    coins: dict[str, Coin]
    holding: Holding
    total_cap: int  # whole AID
    deficit_delta_bps: int
    buffer_bps: int
    growth_bps: int
    liquid_floor_bps: int
    gifts: int = 0  # AID wei that are never harvested
    harvested_at: int = 0
    owed: dict[tuple[str, str], int] = field(default_factory=dict)
    escrows: list[tuple[str, int]] = field(default_factory=list)  # coin, units; ids from 1
    events: Counter[str] = field(default_factory=Counter)  # what happened, for the tests to know

    def worth(self, now: int) -> Worth:
        holding = self.holding
        w = Worth(supply=self.aid.supply, report=holding.report(now))
        w.book = holding.grown(now, self.growth_bps)
        invested = holding.value(now, self.growth_bps)
        weighted = sure = premium = Fraction(0)
        w.stale = not w.report and w.book != 0
        for coin in self.coins.values():
            here = coin.name == holding.coin
            position, booked = (coin.units + (held if here else 0) for held in (invested, w.book))
            if booked == 0:
                continue
            price, fresh = coin.quote(now)
            w.par += position * coin.scale
            w.whole += booked * coin.scale
            worth = position * coin.scale * Fraction(min(price, WAD), WAD)
            weighted += worth
            if fresh:
                sure += worth
                if price > WAD and price * BPS <= WAD * (BPS + coin.band_bps):
                    premium += booked * coin.scale * Fraction(price - WAD, WAD)
            w.stale = w.stale or not fresh
        w.backing = floor(weighted)
        w.sure = floor(sure)
        w.deficit = w.sure * BPS < w.supply * (BPS - self.deficit_delta_bps)
        if not w.deficit:
            w.whole += floor(premium) + 1
        w.whole = max(w.whole, w.supply, 1)
        return w

    def position(self, coin: Coin, now: int) -> int:
        """Units of a coin, those in the vault included."""
        return coin.units + (
            self.holding.value(now, self.growth_bps) if coin.name == self.holding.coin else 0
        )

    def surplus(self, w: Worth) -> int:
        """What B has over supply, buffer and gifts."""
        kept = w.supply + ceil_div(w.supply * self.buffer_bps, BPS) + self.gifts
        return 0 if w.deficit else max(0, w.sure - kept)

    def harvestable(self, now: int, w: Worth, assets: int) -> int:
        """What is ripe of it, at most 10 bps of staked assets for each of seven days since the last."""
        scale = self.coins[self.holding.coin].scale
        unripe = self.holding.value(now, self.growth_bps) - self.holding.ripe(now, self.growth_bps)
        most = floor(Fraction(assets * 10 * min(now - self.harvested_at, WEEK), BPS * DAY))
        return min(max(0, self.surplus(w) - unripe * scale), most)

    # what follows from the terms of all coins

    @property
    def basket_fee_bps(self) -> int:
        """Mint fee and this cover the sum of the two largest deviations."""
        missing = sum(sorted(coin.deviation_bps for coin in self.coins.values())[-2:])
        fee = min(coin.mint_fee_bps for coin in self.coins.values())
        return max(0, ceil(Fraction((missing - fee) * BPS, BPS - fee)))

    def par_limit(self, w: Worth) -> int:
        """Whole AID that a coin may pay out at par: twice that from all coins but one costs 1 bp."""
        coins = list(self.coins.values())

        def part(bps: int) -> Fraction:
            return Fraction(bps, BPS)

        gains = [
            (1 - part(j.redeem_fee_bps)) * (1 + part(j.deviation_bps))
            - (1 - part(i.deviation_bps)) / (1 - part(i.mint_fee_bps))
            for i in coins
            for j in coins
            if i is not j
        ]
        gain = ceil(max([*gains, Fraction(0)]) * 10**8)
        share = min(2**16 - 1, 10**8 // (2 * (len(coins) - 1) * gain)) if gain else 2**16 - 1
        return share * max(w.backing // WAD, 10_000_000) // BPS

    def basket(self, amount: int, w: Worth) -> tuple[dict[str, int], int]:
        """The part of every coin and of the vault's shares that `amount` stands for.

        In normal mode a fee stays, and the vault gives no more shares than its part of the book buys. The
        shares of two units are held back: a vault floors what it says before and after.
        """
        net = amount if w.deficit else amount - ceil_div(amount * self.basket_fee_bps, BPS)
        coins = {coin.name: net * coin.units // w.whole for coin in self.coins.values()}
        shares = net * self.holding.shares // w.whole
        if w.report:
            if w.report > w.book and not w.deficit:
                shares = shares * w.book // w.report
            shares = max(0, shares - 2 * (self.holding.shares // w.report + 1))
        return coins, shares
