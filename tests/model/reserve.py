"""The reserve: what it holds, what that is worth, and how much of it may flow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from tests.model.numbers import BPS, DAY, WAD, YEAR, ceil_div, require
from tests.model.tbill import TBill
from tests.model.tokens import Dollar, Token

MICRO = 10**12  # wei of AID in a micro-dollar, the unit of the limits


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
    price: int = WAD
    dead: bool = False  # the feed reverts
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
        return self.price, now - self.updated_at <= self.max_age

    def report(self, now: int, price: int) -> None:
        """The feed publishes a price."""
        self.price, self.updated_at, self.dead = price, now, False

    def within(self, price: int, bps: int) -> bool:
        return abs(price - WAD) * BPS <= bps * WAD

    def minted(self, units: int, price: int) -> int:
        return floor(units * self.scale * Fraction(min(price, WAD), WAD))

    def paid(self, aid: int, price: int) -> int:
        return floor(Fraction(aid, self.scale) * Fraction(WAD, max(price, WAD)))

    def levels(self, now: int) -> tuple[int, int]:
        """What may be minted and redeemed now, micro-dollars: refilled linearly within a day."""

        def refilled(level: int, capacity: int) -> int:
            return min(level + capacity * 10**6 * (now - self.levels_at) // DAY, capacity * 10**6)

        return refilled(self.minting, self.mint_capacity), refilled(self.redeeming, self.redeem_capacity)

    def flow_in(self, now: int, aid: int) -> None:
        mint, redeem = self.levels(now)
        require(aid <= mint * MICRO, "mint limit")
        self.minting = mint - ceil_div(aid, MICRO)
        self.redeeming = min(redeem + aid // MICRO, self.redeem_capacity * 10**6)
        self.levels_at = now

    def flow_out(self, now: int, aid: int) -> None:
        mint, redeem = self.levels(now)
        require(aid <= redeem * MICRO, "redeem limit")
        self.redeeming = redeem - ceil_div(aid, MICRO)
        self.minting = min(mint + aid // MICRO, self.mint_capacity * 10**6)
        self.levels_at = now

    def debit(self, units: int) -> None:
        require(units <= self.units, "insufficient units")
        self.units -= units


@dataclass
class Holding:
    """Shares of a T-bill vault, and the value recognised so far (`book`) in units of its coin."""

    vault: TBill
    coin: str
    cap: int  # whole tokens
    recognised_at: int
    shares: int = 0
    book: int = 0
    reserved: int = 0

    def value(self, now: int, growth_bps: int) -> int | None:
        """The vault's word, but no more than the book grown at its limit; None if it cannot be read."""
        if self.shares == 0 and self.book == 0:
            return 0
        said = self.vault.reported(self.shares, now)
        if said is None:
            return None
        growth = Fraction(growth_bps * (now - self.recognised_at), BPS * YEAR)
        return min(said, self.book + floor(self.book * growth))

    def roll(self, now: int, growth_bps: int) -> None:
        value = self.value(now, growth_bps)
        if value is not None:
            self.book, self.recognised_at = value, now

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
    unread: int = 0
    supply: int = 0
    stale: bool = False
    closed: bool = True
    deficit: bool = False
    values: list[int] = field(default_factory=list)


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
    owed: dict[tuple[str, str], int] = field(default_factory=dict)
    escrows: list[tuple[str, int]] = field(default_factory=list)  # coin, units; ids from 1
    events: Counter[str] = field(default_factory=Counter)  # what happened, for the tests to know

    def worth(self, now: int) -> Worth:
        w = Worth(supply=self.aid.supply)
        invested = self.holding.value(now, self.growth_bps)
        weighted = sure = Fraction(0)
        open_units = shut_units = 0
        if invested is None:
            w.stale = True
            w.unread = self.holding.book * self.coins[self.holding.coin].scale
        for coin in self.coins.values():
            position = coin.units + ((invested or 0) if coin.name == self.holding.coin else 0)
            if position == 0:
                continue
            price, fresh = coin.quote(now)
            w.par += position * coin.scale
            worth = position * coin.scale * Fraction(min(price, WAD), WAD)
            weighted += worth
            if fresh:
                sure += worth
            w.stale = w.stale or not fresh
            if coin.redeem_paused or not fresh:
                shut_units += coin.units * coin.scale
            else:
                open_units += coin.units * coin.scale
        w.closed = open_units * 10 <= shut_units
        w.backing = floor(weighted)
        w.sure = floor(sure)
        w.deficit = w.sure * BPS < w.supply * (BPS - self.deficit_delta_bps)
        w.values = [invested or 0]
        return w

    def position(self, coin: Coin, now: int) -> int:
        """Units of a coin, those in the vault included."""
        invested = self.holding.value(now, self.growth_bps) or 0
        return coin.units + (invested if coin.name == self.holding.coin else 0)

    def surplus(self, w: Worth) -> int:
        """What can be harvested: all above supply and buffer."""
        kept = w.supply + ceil_div(w.supply * self.buffer_bps, BPS)
        return 0 if w.deficit else max(0, w.sure - kept)

    def basket(self, amount: int, w: Worth) -> tuple[dict[str, int], int]:
        """The part of every coin and of the vault's shares that `amount` stands for.

        The shares of two units are held back: a vault floors what it says before and after.
        """
        part = Fraction(amount, max(w.supply, w.par + w.unread, 1))
        coins = {coin.name: floor(coin.units * part) for coin in self.coins.values()}
        shares = floor(self.holding.shares * part)
        if w.values[0]:
            shares = max(0, shares - 2 * (self.holding.shares // w.values[0] + 1))
        return coins, shares
