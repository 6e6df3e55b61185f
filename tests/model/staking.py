"""Staked AID: what it owns, what a share costs and is worth, who waits to leave and who bears a loss."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from tests.model.book import Book
from tests.model.cycles import VIRTUAL, Pool, Position, Seen, fill
from tests.model.numbers import BPS, CYCLE, DAY, WAD, require
from tests.model.tokens import Dollar, Token
from tests.model.vesting import Releases, Stream

MAX_SHARES = 2**104 - 1


@dataclass
class Staking:
    aid: Dollar
    genesis: int
    cap: int  # whole AID
    vesting_period: int
    book: Book
    window: int = 7 * DAY
    minimum: int = WAD
    floor_bps: int = 3_000
    shares: Token = field(default_factory=Token)
    idle: int = 0
    claimable: int = 0
    insurance: int = 0
    cycle: int = 0
    active: int = 0
    upcoming: int = 0
    stream: Stream = field(default_factory=Stream)
    releases: Releases = field(default_factory=Releases)
    pool: Pool = field(default_factory=Pool)
    positions: dict[str, Position] = field(default_factory=lambda: defaultdict(Position))
    operators: set[tuple[str, str]] = field(default_factory=set)  # controller, operator
    events: Counter[str] = field(default_factory=Counter)  # what happened, for the tests to know

    # worth

    def unvested(self, t: int) -> int:
        return self.stream.left(t) if self.shares.supply else 0

    def releasing(self, t: int) -> int:
        return self.releases.left(t) if self.shares.supply else 0

    def assets(self, t: int) -> tuple[int, int]:
        """Deposit assets and exit assets; due settlements must have been made."""
        gross, impairment = self.book.at(t)
        total = self.idle + gross
        return total, max(0, total - impairment - self.unvested(t) - self.releasing(t))

    def deposit_price(self, t: int) -> Fraction:
        return Fraction(self.assets(t)[0] + VIRTUAL, self.shares.supply + VIRTUAL)

    def exit_price(self, t: int) -> Fraction:
        return Fraction(self.assets(t)[1] + VIRTUAL, self.shares.supply + VIRTUAL)

    def coarse_price(self, t: int) -> int:
        """The exit price in WAD, to 18 significant bits."""
        price = floor(WAD * self.exit_price(t))
        dropped = max(0, price.bit_length() - 18)
        return price >> dropped << dropped

    def start(self, cycle: int) -> int:
        return self.genesis + cycle * CYCLE

    def in_window(self, now: int) -> bool:
        return now < self.start(self.cycle) + self.window

    # settlements

    def sync(self, now: int) -> None:
        """Settle each cycle that has ended, as of its end."""
        filled = 0
        while self.start(self.cycle + 1) <= now:
            filled += self._settle(self.start(self.cycle + 1))
            self.active += self.upcoming
            self.upcoming = 0
            for position in self.positions.values():
                position.start_cycle(self.pool)
            self.cycle += 1
        if filled and self.shares.supply == 0:
            self.events["last holder left"] += 1
            self.stream = Stream()
            self.releases = Releases()
            self._insure("vault", self.idle)
            self.idle = 0

    def _settle(self, end: int) -> int:
        pending = self.active
        filled, paid = fill(pending, self.idle, self.assets(end)[1], self.shares.supply)
        if filled == 0:
            return 0
        self.events["full fill" if filled == pending else "partial fill"] += 1
        kept = Fraction(pending - filled, pending)
        for position in self.positions.values():
            position.settle(self.pool, kept, Fraction(paid, pending))
        if kept:
            self.pool.fold(kept)
            for position in self.positions.values():
                position.note_fold(self.pool)
        else:
            self.pool = Pool()
        self.shares.take("vault", filled)
        self.active -= filled
        self.idle -= paid
        self.claimable += paid
        return filled

    # users

    def deposit(self, now: int, caller: str, assets: int, receiver: str, min_shares: int) -> int:
        self.sync(now)
        shares = floor(assets / self.deposit_price(now))
        require(shares >= min_shares, "min out")
        self._take_in(now, caller, assets, shares, receiver)
        return shares

    def mint(self, now: int, caller: str, shares: int, receiver: str, max_assets: int) -> int:
        self.sync(now)
        assets = ceil(shares * self.deposit_price(now))
        require(assets <= max_assets, "max in")
        self._take_in(now, caller, assets, shares, receiver)
        return assets

    def _take_in(self, now: int, caller: str, assets: int, shares: int, receiver: str) -> None:
        supply, priced, impairment = self.shares.supply, self.assets(now)[0], self.book.at(now)[1]
        require(priced + VIRTUAL >= supply // 10**6 if supply else priced == 0, "vault impaired")
        require(impairment <= Fraction(priced, 2), "vault impaired")
        require(shares != 0, "zero shares")
        require(priced + assets <= self.cap * WAD, "deposit cap")
        require(supply + shares <= MAX_SHARES, "share limit")
        self.aid.check(caller, receiver)
        self.aid.transfer(caller, "vault", assets)
        self.idle += assets
        self.shares.add(receiver, shares)

    def transfer(self, caller: str, to: str, shares: int) -> None:
        require(to != "vault", "receiver is vault")
        self.aid.check(caller, to)
        self.shares.move(caller, to, shares)

    def request(self, now: int, caller: str, shares: int, controller: str, owner: str, seen: Seen) -> None:
        self.sync(now)
        allowed = caller != owner and (owner, caller) not in self.operators
        if not (allowed and controller == owner):
            self._check_operator(caller, controller)
        self.aid.check(caller, owner, controller)
        enough = shares >= self.minimum or shares == self.shares.of(owner)
        require(shares != 0 and enough, "below minimum")
        if caller != owner:
            require((owner, caller) in self.operators, "erc20: insufficient allowance")
        position = self._crystallised(controller, seen)
        waits = position.active + position.upcoming != 0
        price = self.coarse_price(now)
        position.price = min(price, position.price) if waits and position.price else price
        if self.in_window(now):
            position.scale = self.pool.scale
            position.active += shares
            self.active += shares
        else:
            position.upcoming += shares
            self.upcoming += shares
        self.shares.move(owner, "vault", shares)

    def cancel(self, now: int, caller: str, controller: str, receiver: str, seen: Seen) -> int:
        self.sync(now)
        self._check_operator(caller, controller)
        self.aid.check(caller, controller, receiver)
        position = self._crystallised(controller, seen)
        returned = position.upcoming
        self.upcoming -= position.upcoming
        position.upcoming = 0
        if self.in_window(now):
            returned += int(position.active)
            self.active -= int(position.active)
            position.active = Fraction(0)
        require(returned != 0, "nothing to cancel")
        # nothing was lent that these shares were due
        fee = floor(Fraction(9 * returned, BPS)) if self.coarse_price(now) >= position.price else 0
        self.events["cancelled free" if fee == 0 else "cancelled at a price"] += 1
        self.shares.take("vault", fee)
        self.shares.move("vault", receiver, returned - fee)
        return returned - fee

    def redeem(self, now: int, caller: str, shares: int, receiver: str, controller: str, seen: Seen) -> None:
        position = self._open_claim(now, caller, receiver, controller, seen)
        self._check_claim(shares, position.claim_shares)
        assets = floor(shares * position.claim_assets / position.claim_shares)
        self._pay(position, shares, assets, receiver)

    def withdraw(
        self, now: int, caller: str, assets: int, receiver: str, controller: str, seen: Seen
    ) -> None:
        position = self._open_claim(now, caller, receiver, controller, seen)
        self._check_claim(assets, position.claim_assets)
        shares = ceil(assets * position.claim_shares / position.claim_assets)
        self._pay(position, shares, assets, receiver)

    def claim(self, now: int, caller: str, receiver: str, controller: str, seen: Seen) -> None:
        position = self._open_claim(now, caller, receiver, controller, seen)
        require(position.claim_assets != 0, "nothing to claim")
        self._pay(position, int(position.claim_shares), int(position.claim_assets), receiver)

    def contribute(self, caller: str, amount: int) -> None:
        require(amount != 0, "zero amount")
        self.aid.transfer(caller, "insurance", amount)
        self.insurance += amount

    # the credit book and the Gateway

    def lendable(self, now: int) -> int:
        """What may be funded: idle above the pending shares' worth and the floor's part of exit assets."""
        pending = ceil((self.active + self.upcoming) * self.exit_price(now))
        return self.idle - pending - ceil(Fraction(self.assets(now)[1] * self.floor_bps, BPS))

    def fund(self, now: int, amount: int) -> None:
        self.sync(now)
        require(amount <= self.lendable(now), "reserve floor")
        self.idle -= amount
        self.aid.transfer("vault", "desk", amount)

    def collect(self, now: int, amount: int, gain: int, release: int = 0, period: int = 0) -> None:
        require(gain <= amount, "gain above amount")
        self.aid.transfer("desk", "vault", amount)
        self.receive(now, amount, gain)
        if self.shares.supply:
            self.releases.add(now, release, period)

    def recover(self, now: int, amount: int, insured: int) -> None:
        """Late money for a loss: the insurance's part, then the holders', from the cycle's end on."""
        require(insured <= amount, "insured above amount")
        if self.shares.supply < WAD:
            insured = amount
        self.aid.transfer("desk", "vault", amount)
        self._insure("vault", insured)
        self.idle += amount - insured
        self.releases.add_late(now, amount - insured, self.start(self.cycle + 1), CYCLE + self.window)

    def receive(self, now: int, amount: int, gain: int) -> None:
        """Book AID that has arrived: the holders', or without any the insurance's.

        So are gains while all holders together have less than one share.
        """
        if self.shares.supply == 0:
            gain = amount
        if self.shares.supply < WAD:
            self._insure("vault", gain)
            amount, gain = amount - gain, 0
        self.idle += amount
        self.stream.top_up(now, gain, self.vesting_period)

    def realise_loss(self, now: int, loss: int, impaired: int, period: int) -> tuple[int, int, int, int]:
        """What unvested profit, releases, the insurance and the share price bear, in this order.

        Of what was impaired, exit assets have lost their part already: what the buffers bear of it comes
        back over `period`.
        """
        if self.shares.supply == 0:
            return 0, 0, 0, loss
        worth = self.assets(now)[1]
        vesting = self.stream.absorb(now, loss)
        unexpected = max(0, loss - impaired)
        releases = self.releases.absorb(now, max(0, unexpected - vesting))
        insurance = min(self.insurance, loss - vesting - releases) if self.shares.supply >= WAD else 0
        self.insurance -= insurance
        self.aid.transfer("insurance", "vault", insurance)
        self.idle += insurance
        self.releases.add(now, max(0, vesting + releases + insurance - unexpected), period)
        borne = vesting, releases, insurance, loss - vesting - releases - insurance
        bearers = ("unvested profit", "releases", "insurance", "shares")
        for bearer, amount in zip(bearers, borne, strict=True):
            self.events[f"loss borne by {bearer}"] += int(amount != 0)
        if worth:
            assert self.assets(now)[1] <= worth + unexpected
        return borne

    def _insure(self, giver: str, amount: int) -> None:
        self.aid.transfer(giver, "insurance", amount)
        self.insurance += amount

    def _crystallised(self, controller: str, seen: Seen) -> Position:
        position = self.positions[controller]
        position.crystallise(seen, self.pool)
        return position

    def _open_claim(self, now: int, caller: str, receiver: str, controller: str, seen: Seen) -> Position:
        self.sync(now)
        self._check_operator(caller, controller)
        if not caller == receiver == controller:
            self.aid.check(caller, controller)
        return self._crystallised(controller, seen)

    def _check_operator(self, caller: str, controller: str) -> None:
        require(caller == controller or (controller, caller) in self.operators, "not operator")

    def _check_claim(self, amount: int, claimable: Fraction) -> None:
        require(amount != 0, "zero amount")
        require(amount <= claimable, "exceeds claimable")

    def _pay(self, position: Position, shares: int, assets: int, receiver: str) -> None:
        position.claim_shares -= shares
        position.claim_assets -= assets
        self.claimable -= assets
        self.aid.transfer("vault", receiver, assets)
