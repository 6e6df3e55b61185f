"""An independent model of the staking vault, with numbers from its documentation.

What a person owns in the line is an exact fraction; integers appear where the vault itself mints,
pays or burns whole units. Cycles are settled one by one, each on its own, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

WAD = 10**18
DAY = 86_400
CYCLE = 30 * DAY
WINDOW = 7 * DAY
VIRTUAL = 10**6
MOST_LEFT = 10**9  # a partial fill leaves at least this part of the line
TICKS = 2**24  # of a second, in which the stream's times are kept


def div_up(a: int, b: int) -> int:
    return -(-a // b)


def coarse(value: int) -> int:
    """As a request remembers a price: 18 significant bits."""
    shift = max(0, value.bit_length() - 18)
    return value >> shift << shift


def fill(pending: int, idle: int, exit_assets: int, supply: int) -> tuple[int, int]:
    """Shares filled and AID paid by one settlement."""
    if pending == 0 or idle == 0 or exit_assets * 10**6 < supply:
        return 0, 0
    price = Fraction(exit_assets + VIRTUAL, supply + VIRTUAL)
    due = min(floor(pending * price), exit_assets)
    if due == 0:
        return 0, 0
    if due <= idle:
        return pending, due
    most = pending - div_up(pending, MOST_LEFT)
    cost = ceil(idle / price)
    return (cost, idle) if cost <= most else (most, floor(most * price))


@dataclass
class Stream:
    """Profit that vests linearly; rounded up, its end in ticks rounded down."""

    amount: int = 0
    since: int = 0
    end: int = 0

    def unvested(self, t: int) -> int:
        now = max(t * TICKS, self.since)
        return 0 if now >= self.end else div_up(self.amount * (self.end - now), self.end - self.since)

    def top_up(self, t: int, gain: int, period: int) -> None:
        if gain == 0:
            return
        left, now = self.unvested(t), t * TICKS
        rest = max(self.end - now, 0) if left else 0
        rest = (left * rest + gain * period * TICKS) // (left + gain)
        self.amount, self.since, self.end = left + gain, now, now + rest

    def absorb(self, t: int, loss: int) -> int:
        left = self.unvested(t)
        taken = min(left, loss)
        if taken:
            self.amount, self.since = left - taken, max(t * TICKS, self.since)
        return taken


@dataclass
class Book:
    """A credit book that is a pair of straight lines, as the mock portfolio's."""

    gross: int = 0
    impairment: int = 0
    slope_gross: int = 0
    slope_impairment: int = 0
    since: int = 0

    def at(self, t: int) -> tuple[int, int]:
        gross = max(self.gross + self.slope_gross * (t - self.since), 0)
        impairment = max(self.impairment + self.slope_impairment * (t - self.since), 0)
        return gross, min(impairment, gross)

    def move(self, t: int) -> None:
        (self.gross, self.impairment), self.since = self.at(t), t


@dataclass
class Line:
    """What a controller has in line, what was filled and earned in all, and how far rounding may reach."""

    active: Fraction = Fraction(0)
    upcoming: Fraction = Fraction(0)
    filled: Fraction = Fraction(0)
    earned: Fraction = Fraction(0)
    slack: Fraction = Fraction(0)
    price: int = 0  # lowest at a request in line


@dataclass
class StakingModel:
    """The vault; `t` is the second of each operation and never falls."""

    genesis: int
    vesting_period: int = 7 * DAY
    idle: int = 0
    claimable: int = 0
    supply: int = 0
    cycle: int = 0
    active: int = 0
    upcoming: int = 0
    insurance: int = 0
    kept: Fraction = Fraction(1)  # part of a share in line since the era began that is left
    stream: Stream = field(default_factory=Stream)
    releases: Stream = field(default_factory=Stream)
    recoveries: list[Stream] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    lines: dict[str, Line] = field(default_factory=dict)

    # values

    def start(self, cycle: int) -> int:
        return self.genesis + cycle * CYCLE

    def deposit_assets(self, t: int) -> int:
        return self.idle + self.book.at(t)[0]

    def exit_assets(self, t: int) -> int:
        vests = self.stream.unvested(t) + self.releasing(t) if self.supply else 0
        return max(self.deposit_assets(t) - self.book.at(t)[1] - vests, 0)

    def releasing(self, t: int) -> int:
        """Releases and late recoveries that holders do not have yet."""
        streams = (self.releases, *self.recoveries)
        return sum(stream.unvested(t) for stream in streams) if self.supply else 0

    def line(self, who: str) -> Line:
        return self.lines.setdefault(who, Line())

    def in_window(self, t: int) -> bool:
        return t < self.start(self.cycle) + WINDOW

    # operations

    def sync(self, t: int) -> None:
        while self.start(self.cycle + 1) <= t:
            self._settle(self.start(self.cycle + 1))

    def deposit(self, t: int, assets: int) -> int:
        self.sync(t)
        shares = floor(Fraction(assets * (self.supply + VIRTUAL), self.deposit_assets(t) + VIRTUAL))
        self.idle += assets
        self.supply += shares
        return shares

    def mint(self, t: int, shares: int) -> int:
        self.sync(t)
        assets = ceil(Fraction(shares * (self.deposit_assets(t) + VIRTUAL), self.supply + VIRTUAL))
        self.idle += assets
        self.supply += shares
        return assets

    def price(self, t: int) -> int:
        return coarse(WAD * (self.exit_assets(t) + VIRTUAL) // (self.supply + VIRTUAL))

    def request(self, t: int, who: str, shares: int) -> None:
        self.sync(t)
        line = self.line(who)
        # a remainder below a wei is nothing
        waits = floor(line.active) + line.upcoming != 0 and line.price
        line.price = min(line.price, self.price(t)) if waits else self.price(t)
        if self.in_window(t):
            line.active += shares
            self.active += shares
        else:
            line.upcoming += shares
            self.upcoming += shares

    def cancel(self, t: int, who: str, returned: int, burned: int) -> Fraction:
        """What is due back and for the stayers; `returned` and `burned` by the vault leave the line."""
        self.sync(t)
        line = self.line(who)
        dear = self.price(t) >= line.price
        assert burned == (9 * (returned + burned) // 10_000 if dear else 0)
        due, line.upcoming = line.upcoming, Fraction(0)
        upcoming = int(due)
        self.upcoming -= upcoming
        if self.in_window(t):
            due += line.active
            line.active = Fraction(0)
            self.active -= returned + burned - upcoming
        self.supply -= burned
        return due

    def pay(self, t: int, assets: int) -> None:
        self.sync(t)
        self.claimable -= assets

    def fund(self, t: int, amount: int, slope: int = 0) -> None:
        self.sync(t)
        self.idle -= amount
        self.book.move(t)
        self.book.gross += amount
        self.book.slope_gross += slope

    def impair(self, t: int, amount: int, slope: int = 0) -> None:
        self.sync(t)
        self.book.move(t)
        self.book.impairment, self.book.slope_impairment = amount, slope

    def repay(self, t: int, amount: int, principal: int, gain: int) -> None:
        self.sync(t)
        self.book.move(t)
        self.book.gross -= principal
        self.book.impairment = min(self.book.impairment, self.book.gross)
        self.receive(t, amount, gain)

    def receive(self, t: int, amount: int, gain: int) -> None:
        self.sync(t)
        if self.supply < WAD:  # gains of a dust of shares insure those who come later
            insured = gain if self.supply else amount
            self.insurance += insured
            amount -= insured
            gain = 0
        self.idle += amount
        self.stream.top_up(t, gain, self.vesting_period)

    def release(self, t: int, amount: int, period: int) -> None:
        """Impairment that is gone from the book comes back over `period`."""
        if self.supply:
            self.releases.top_up(t, amount, period)

    def recover(self, t: int, amount: int, insured: int) -> None:
        """Late money: from the cycle's end on, over a cycle and its window, a stream for each."""
        self.sync(t)
        if self.supply < WAD:
            insured = amount
        self.insurance += insured
        self.idle += amount - insured
        start = self.start(self.cycle + 1)
        late = Stream(amount - insured, start * TICKS, (start + CYCLE + WINDOW) * TICKS)
        self.recoveries.append(late)

    def lose(self, t: int, loss: int, impaired: int = 0, period: int = 0) -> tuple[int, int, int, int]:
        """What unvested profit, releases, the insurance and the holders bear of a loss."""
        self.sync(t)
        if not self.supply:
            return 0, 0, 0, loss
        unexpected = max(loss - impaired, 0)
        vesting = self.stream.absorb(t, loss)
        released = 0
        for stream in (self.releases, *self.recoveries):
            released += stream.absorb(t, max(unexpected - vesting - released, 0))
        insured = min(self.insurance, loss - vesting - released) if self.supply >= WAD else 0
        self.insurance -= insured
        self.idle += insured
        self.release(t, max(vesting + released + insured - unexpected, 0), period)
        return vesting, released, insured, loss - vesting - released - insured

    def _settle(self, t: int) -> None:
        pending = self.active
        filled, paid = fill(pending, self.idle, self.exit_assets(t), self.supply)
        if filled:
            for line in self.lines.values():
                self._fill_line(line, pending, filled, paid)
            self.kept = Fraction(1) if filled == pending else self.kept * (pending - filled) / pending
        for line in self.lines.values():
            line.active, line.upcoming = line.active + line.upcoming, Fraction(0)
        self.idle -= paid
        self.claimable += paid
        self.supply -= filled
        self.active, self.upcoming = pending - filled + self.upcoming, 0
        self.cycle += 1
        if filled and self.supply == 0:
            self.insurance += self.idle
            self.idle = 0
            self.stream = self.releases = Stream()
            self.recoveries = []

    def _fill_line(self, line: Line, pending: int, filled: int, paid: int) -> None:
        part = line.active / pending
        if part == 0:
            return
        # the vault keeps the product as an integer of 18 to 36 digits, and rounds each step down
        product = self.kept * 10**36
        while product < 10**18:
            product *= 10**18
        line.slack += 2 + 2 * (line.active / product + 1) * (1 + Fraction(paid, filled))
        line.filled += part * filled
        line.earned += part * paid
        line.active -= part * filled
