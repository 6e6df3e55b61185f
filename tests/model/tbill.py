"""The mock T-bill vault: a price that grows linearly, and every way in which it can disappoint."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.model.numbers import BPS, WAD, YEAR
from tests.model.tokens import Token


@dataclass
class TBill:
    coin: Token
    decimals: int
    rate_bps: int
    since: int
    price: int = WAD
    overstated_bps: int = 0
    broken: bool = False
    shares: Token = field(default_factory=Token)

    @property
    def divisor(self) -> int:
        return int(WAD * 10 ** (18 - self.decimals))

    def price_at(self, now: int) -> int:
        return self.price + self.price * self.rate_bps * (now - self.since) // (BPS * YEAR)

    def settle(self, now: int) -> None:
        self.price, self.since = self.price_at(now), now

    def lose(self, now: int, bps: int) -> None:
        self.settle(now)
        self.price = self.price * (BPS - bps) // BPS

    def reported(self, shares: int, now: int) -> int | None:
        """What `convertToAssets` says; None if it reverts."""
        if self.broken:
            return None
        return shares * (self.price_at(now) * (BPS + self.overstated_bps) // BPS) // self.divisor

    def deposit(self, now: int, owner: str, units: int) -> int:
        shares = units * self.divisor // self.price_at(now)
        self.coin.move(owner, "tbill", units)
        self.shares.add(owner, shares)
        return shares

    def redeem(self, now: int, owner: str, shares: int) -> int:
        units = shares * self.price_at(now) // self.divisor
        self.shares.take(owner, shares)
        # interest is minted when it is paid
        self.coin.add("tbill", max(0, units - self.coin.of("tbill")))
        self.coin.move("tbill", owner, units)
        return units
