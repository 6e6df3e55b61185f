"""What every venue for yield splitting can do, and the plain data that it answers with.

A venue is one market of one expiry. Its parts are named by their roles: `SY`, a standardised yield; `PT` and
`YT`, the principal and the yield that it splits into; `LP`, a share of the market of PT and SY. Amounts are
integers in token units, rates are 1e18.

One asset in SY splits into one PT and one YT, at the index: the highest rate that SY has had. YT earn what
the index rises; PT pay one asset from the expiry on, and as much less as SY's rate is below the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from integrations.venues.swap import Coin, less

Part = Literal["SY", "PT", "YT", "LP"]
Action = Literal["split", "merge", "swap", "add", "remove", "claim", "wrap", "unwrap"]


@dataclass(frozen=True)
class SplitView:
    """A market at one moment.

    Attributes:
        time: Unix time.
        expiry: Unix time from which PT pay.
        rate: Asset that one SY is worth, 1e18; may fall.
        index: Asset that one SY splits at, 1e18; never falls.
        pt_supply: PT in existence.
        yt_supply: YT in existence.
        balances: PT and SY of the market.
        shares: LP tokens in existence.
        implied_yield: Yearly yield at which PT trade, 1e18; zero in an empty market.
        pt_price: Asset for one PT at the margin, without fees, 1e18; zero in an empty market.
    """

    time: int
    expiry: int
    rate: int
    index: int
    pt_supply: int
    yt_supply: int
    balances: Mapping[str, int]
    shares: int
    implied_yield: int
    pt_price: int

    @property
    def expired(self) -> bool:
        """Whether PT pay."""
        return self.time >= self.expiry


@dataclass(frozen=True)
class SplitQuote:
    """What an action would do at a time.

    Attributes:
        action: Which.
        given: Units that leave the account, by part.
        received: Units that arrive, by part.
        time: When, Unix.
        fee: Part of what is given that is the market's fee, SY.
        implied_yield: Of the market afterwards, 1e18.
    """

    action: Action
    given: Mapping[str, int]
    received: Mapping[str, int]
    time: int
    fee: int = 0
    implied_yield: int = 0

    def least(self, part: str, slippage_bps: int) -> int:
        """The least of a part to accept, rounded down."""
        return less(self.received.get(part, 0), slippage_bps)


@dataclass(frozen=True)
class SplitFill:
    """A transaction that went through.

    Attributes:
        action: Which.
        given: What left the account, by part or symbol.
        received: What arrived.
        gas: Of the transaction itself, approvals apart.
        transaction: Its hash.
    """

    action: Action
    given: Mapping[str, int]
    received: Mapping[str, int]
    gas: int
    transaction: str


@dataclass(frozen=True)
class SplitPosition:
    """What an account has.

    Attributes:
        owner: Address.
        balances: Units by part.
        interest: SY that YT have earned and a claim would pay now, after the fee.
        liquidity: PT and SY behind its LP tokens.
    """

    owner: str
    balances: Mapping[str, int]
    interest: int
    liquidity: Mapping[str, int]


@dataclass(frozen=True)
class Average:
    """An average of the implied yield.

    Attributes:
        seconds: Over which time.
        ready: Whether the market remembers that long.
        observations: How many it can remember.
        ln_rate: Logarithm of the yearly yield, 1e18; zero unless ready.
        pt_price: Asset for one PT at that rate, without what a loss has taken, 1e18; zero unless ready.
        pt_worth: Asset for one PT at that rate, at most what SY's rate covers, 1e18; zero unless ready.
    """

    seconds: int
    ready: bool
    observations: int
    ln_rate: int
    pt_price: int
    pt_worth: int


class SplitMarket(Protocol):
    """A market as it was at one moment, to try actions on without a chain. Nothing here changes it."""

    def at(self, time: int, rate: int) -> SplitMarket:
        """The same market later.

        Args:
            time: Unix time.
            rate: Rate of SY at that time, 1e18.
        """
        ...

    def split(self, sy: int) -> SplitQuote:
        """PT and YT out of SY.

        Raises:
            RevertedError: It is over, or the amount is zero.
        """
        ...

    def merge(self, amount: int) -> SplitQuote:
        """SY out of as many PT and YT; from the expiry on out of PT alone."""
        ...

    def swap(self, sell: str, buy: str, amount: int) -> SplitQuote:
        """Sell an exact amount: SY for PT or YT, or one of those for SY.

        Raises:
            UnknownCoinError: There is no such trade.
            RevertedError: The market would refuse.
        """
        ...

    def add(self, sy: int, pt: int) -> SplitQuote:
        """LP tokens for at most so many SY and PT: `given` has what is used."""
        ...

    def remove(self, shares: int) -> SplitQuote:
        """SY and PT for LP tokens, before and after the expiry."""
        ...


class SplitVenue(Protocol):
    """One market. Whatever is refused raises `RevertedError` with a reason, and changes nothing."""

    @property
    def tokens(self) -> Mapping[str, Coin]:
        """The token of each part."""
        ...

    @property
    def entries(self) -> Mapping[str, Coin]:
        """What SY can be made of and paid in, by symbol."""
        ...

    def view(self) -> SplitView:
        """The market now."""
        ...

    def market(self) -> SplitMarket:
        """The market now, as something to try actions on: its quotes are what `execute` takes."""
        ...

    def position(self, owner: Any) -> SplitPosition:
        """What an account (or an address) has."""
        ...

    def execute(
        self, account: Any, quote: SplitQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """Do as quoted.

        Args:
            account: Who pays and receives.
            quote: Of `market()`.
            slippage_bps: How much less than quoted to accept.
            deadline: Last Unix time; 20 minutes from now by default.

        Raises:
            RevertedError: `min out`, `deadline passed`, or the market's reason.
        """
        ...

    def claim(self, account: Any) -> SplitFill:
        """Have the interest of an account's YT paid to it, in SY."""
        ...

    def wrap(
        self, account: Any, symbol: str, amount: int, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """Make SY of one of `entries`; arguments as in `execute`."""
        ...

    def unwrap(
        self, account: Any, symbol: str, shares: int, slippage_bps: int = 10, deadline: int | None = None
    ) -> SplitFill:
        """Have SY paid in one of `entries`; arguments as in `execute`."""
        ...

    def average(self, seconds: int) -> Average:
        """The implied yield, averaged over the last seconds."""
        ...

    def remember(self, account: Any, observations: int) -> None:
        """Have the market remember that many observations from now on; an account pays for the room."""
        ...
