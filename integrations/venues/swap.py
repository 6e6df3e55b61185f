"""What every venue for swaps can do, and the plain data that it answers with.

A venue is one pool. All can swap (`SwapVenue`). Where liquidity is shared in proportion, it is added and
removed for LP tokens (`LiquidityVenue`). Where everyone has ranges of his own, there are no shares to quote:
the adapter has methods of its own for them.
Amounts are integers in token units, coins are named by their symbols, prices are 1e18. What is sent is bound
by a quote: `swap`, `add` and `remove` take the quote that the user has seen and a slippage, and refuse to pay
more or get less than that allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

WAD = 10**18
BPS = 10_000
#: Seconds that a transaction may wait before it is refused.
PATIENCE = 1_200

RemoveKind = Literal["balanced", "one coin", "exact"]


@dataclass(frozen=True)
class Coin:
    """A token of a pool, its share included."""

    symbol: str
    address: str
    decimals: int


@dataclass(frozen=True)
class PoolView:
    """A pool at one moment.

    Attributes:
        time: Unix time.
        balances: What belongs to the liquidity providers, by coin.
        owed: Fees that the pool holds for others, by coin.
        held: The pool's token balances.
        shares: LP tokens in existence; zero where there are none.
        share_value: What one LP token is worth at the peg, 1e18; zero in an empty pool or without LP tokens.
        price: One whole first coin in second coins at the margin, fees apart, 1e18; zero in an empty pool.
    """

    time: int
    balances: Mapping[str, int]
    owed: Mapping[str, int]
    held: Mapping[str, int]
    shares: int
    share_value: int
    price: int


@dataclass(frozen=True)
class SwapQuote:
    """What a swap would do now.

    Attributes:
        sell: Coin paid.
        buy: Coin received.
        amount_in: Of `sell`.
        amount_out: Of `buy`.
        exact_out: Whether `amount_out` is what was asked for, and `amount_in` what it takes.
        rate: Whole `buy` for one whole `sell`, fees and impact included, 1e18.
        price: The same at the margin, before the swap and without its fee, 1e18.
    """

    sell: str
    buy: str
    amount_in: int
    amount_out: int
    exact_out: bool
    rate: int
    price: int

    @property
    def cost_bps(self) -> int:
        """What fee and impact take together, rounded up."""
        return max(0, -(-(self.price - self.rate) * BPS // self.price)) if self.price else 0

    def least_out(self, slippage_bps: int) -> int:
        """The least to accept, rounded down."""
        return self.amount_out if self.exact_out else less(self.amount_out, slippage_bps)

    def most_in(self, slippage_bps: int) -> int:
        """The most to pay, rounded up."""
        return more(self.amount_in, slippage_bps) if self.exact_out else self.amount_in


@dataclass(frozen=True)
class AddQuote:
    """What a deposit would mint now: `shares` for `amounts`."""

    amounts: Mapping[str, int]
    shares: int


@dataclass(frozen=True)
class RemoveQuote:
    """What a withdrawal would do now: burn `shares` for `amounts`.

    Attributes:
        kind: `balanced` and `one coin` fix the shares, `exact` fixes the amounts.
        amounts: By coin, zeros included.
        shares: LP tokens.
    """

    kind: RemoveKind
    amounts: Mapping[str, int]
    shares: int


@dataclass(frozen=True)
class Position:
    """What a provider of liquidity has: LP tokens, and what a balanced withdrawal would pay for them."""

    owner: str
    shares: int
    amounts: Mapping[str, int]
    part_bps: int


@dataclass(frozen=True)
class Fill:
    """A transaction that went through.

    Attributes:
        action: `swap`, `add` or `remove`.
        given: What left the account, by symbol; LP tokens are a symbol too.
        received: What arrived.
        gas: Of the transaction itself, approvals apart; zero where there is no chain.
        transaction: Its hash; empty where there is no chain.
    """

    action: str
    given: Mapping[str, int]
    received: Mapping[str, int]
    gas: int = 0
    transaction: str = ""


class Market(Protocol):
    """A pool as it was at one moment, to try trades on without a chain. Nothing here changes it."""

    def price(self, sell: str, buy: str) -> int:
        """Whole `buy` for one whole `sell` at the margin, without fees, 1e18."""
        ...

    def sell(self, sell: str, buy: str, amount: int) -> int:
        """What a swap of `amount` would pay.

        Raises:
            RevertedError: The pool would refuse.
        """
        ...

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """The most of `sell` that one swap takes before it gets more than `impact_bps` less than the price.

        The fee counts too: where it alone is more, the answer is zero.
        """
        ...


class SwapVenue(Protocol):
    """One pool. Whatever is refused raises `RevertedError` with the pool's reason, and changes nothing."""

    @property
    def coins(self) -> tuple[Coin, ...]:
        """What is swapped here, in the pool's order."""
        ...

    def view(self) -> PoolView:
        """The pool now."""
        ...

    def market(self) -> Market:
        """The pool now, as something to try trades on."""
        ...

    def price(self, sell: str, buy: str) -> int:
        """Whole `buy` for one whole `sell` at the margin, without fees, 1e18."""
        ...

    def depth(self, sell: str, buy: str, impact_bps: int) -> int:
        """See `Market.depth`."""
        ...

    def quote_in(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """What selling `amount` would pay now."""
        ...

    def quote_out(self, sell: str, buy: str, amount: int) -> SwapQuote:
        """What buying `amount` would take now."""
        ...

    def swap(
        self, account: Any, quote: SwapQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """Swap as quoted.

        Args:
            account: Who pays and receives.
            quote: From `quote_in` or `quote_out`.
            slippage_bps: How much worse than quoted to accept.
            deadline: Last Unix time; 20 minutes from now by default.
        """
        ...


class LiquidityVenue(SwapVenue, Protocol):
    """A pool whose liquidity is shared in proportion to LP tokens."""

    @property
    def share(self) -> Coin:
        """The LP token."""
        ...

    def quote_add(self, amounts: Mapping[str, int]) -> AddQuote:
        """What depositing `amounts` would mint now; a coin that is left out counts as zero."""
        ...

    def add(self, account: Any, quote: AddQuote, slippage_bps: int = 10, deadline: int | None = None) -> Fill:
        """Deposit as quoted; arguments as in `swap`."""
        ...

    def quote_remove(self, shares: int) -> RemoveQuote:
        """What `shares` would pay in all coins, in the pool's proportion and without a fee."""
        ...

    def quote_remove_one(self, shares: int, coin: str) -> RemoveQuote:
        """What `shares` would pay in one coin."""
        ...

    def quote_remove_exact(self, amounts: Mapping[str, int]) -> RemoveQuote:
        """What withdrawing exactly `amounts` would burn."""
        ...

    def remove(
        self, account: Any, quote: RemoveQuote, slippage_bps: int = 10, deadline: int | None = None
    ) -> Fill:
        """Withdraw as quoted; arguments as in `swap`."""
        ...

    def position(self, owner: Any) -> Position:
        """What an account (or an address) has in the pool."""
        ...


def less(amount: int, slippage_bps: int) -> int:
    """An amount less a slippage, rounded down."""
    return amount * (BPS - slippage_bps) // BPS


def more(amount: int, slippage_bps: int) -> int:
    """An amount and a slippage, rounded up."""
    return -(-amount * (BPS + slippage_bps) // BPS)


def rate_of(amount_in: int, decimals_in: int, amount_out: int, decimals_out: int) -> int:
    """Whole coins out for one whole coin in, 1e18, rounded down."""
    return amount_out * WAD * 10**decimals_in // (amount_in * 10**decimals_out) if amount_in else 0


def flows(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """What has left and what has arrived between two looks at a wallet, by symbol, without what stayed."""
    moved = {symbol: after[symbol] - units for symbol, units in before.items()}
    given = {symbol: -units for symbol, units in moved.items() if units < 0}
    return given, {symbol: units for symbol, units in moved.items() if units > 0}
