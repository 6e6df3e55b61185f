"""The project's StableSwap pool in Python integers: equal to the contract to the wei, with a clock of its own.

    pool = StableSwapModel(PoolParameters(decimals=(18, 6)), time=1_700_000_000)
    pool.add_liquidity([10**25, 10**13])
    pool.advance(12)
    dy = pool.exchange(1, 0, 10**9).dy

An operation that the contract would revert raises a `PoolError` with the contract's reason and changes nothing. What is
left out are the LP token's holders: whoever removes liquidity is taken to own it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import pricing
from .errors import (
    BadIndexError,
    ImbalanceError,
    NotReceivedError,
    PoolError,
    SlippageError,
    ZeroAmountError,
    ZeroSharesError,
)
from .pricing import Terms
from .stableswap_math import WAD, average, invariant, price, weight
from .state import MAX_ADMIN, MAX_RATIO, MAX_SURCHARGE, PoolParameters, PoolState

PRICE_CAP = 2 * WAD
_FREE_DRIFT = 10**8
_SURCHARGE_DECAY = 3


class Exchange(NamedTuple):
    """A swap that has happened.

    Attributes:
        i: Coin sold.
        dx: Amount sold.
        dy: Amount bought.
        fee: The whole fee, a value in the coin bought.
        protocol_fee: The protocol's part, token units.
    """

    i: int
    dx: int
    dy: int
    fee: int
    protocol_fee: int


class Deposit(NamedTuple):
    """A deposit that has happened.

    Attributes:
        minted: LP tokens.
        coin: That paid the fee.
        fee: The whole fee, a value in that coin.
        protocol_fee: The protocol's part, token units.
    """

    minted: int
    coin: int
    fee: int
    protocol_fee: int


class Withdrawal(NamedTuple):
    """A withdrawal in one coin, or of unequal amounts, that has happened.

    Attributes:
        burned: LP tokens.
        dy: Amount paid, if it was in one coin.
        coin: That paid the fee.
        fee: The whole fee, a value in that coin.
        protocol_fee: The protocol's part, token units.
    """

    burned: int
    dy: int
    coin: int
    fee: int
    protocol_fee: int


class StableSwapModel:
    """One pool.

    Args:
        parameters: What it is deployed with.
        time: Unix time.
        state: Its state, such as `PoolState.from_words` of a deployed pool; a new pool by default.

    Attributes:
        parameters: As given.
        state: What the contract would store.
        time: The clock; operations happen at this time. Set it, or `advance` it.
        assets: Assets of one share of each coin, 1e18; set it to move a vault's price.
    """

    def __init__(self, parameters: PoolParameters, time: int, state: PoolState | None = None) -> None:
        self.parameters = parameters
        self.state = state or PoolState.new(parameters)
        self.time = time
        self.assets = list(parameters.assets)
        self._multipliers = parameters.multipliers
        self._rated = any(parameters.vaults)
        self._shift = parameters.ratio_shift

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.time += seconds

    # swaps

    def exchange(self, i: int, j: int, dx: int, min_dy: int = 0) -> Exchange:
        """Sell `dx` of coin `i` for the other coin, `j`.

        Raises:
            PoolError: The contract would revert.
        """
        self._check_pair(i, j)
        if dx <= 0:
            raise ZeroAmountError
        terms = self.terms()
        quote = pricing.swap(terms, i, dx)
        if quote.dy < min_dy:
            raise SlippageError
        return self._swapped(terms, i, dx, quote.dy, quote)

    def exchange_received(
        self, i: int, j: int, dx: int, min_dy: int = 0, arrived: int | None = None
    ) -> Exchange:
        """As `exchange`, with coins that are already there: all that has `arrived` is sold, at least `dx`."""
        arrived = dx if arrived is None else arrived
        if arrived < dx:
            raise NotReceivedError
        return self.exchange(i, j, arrived, min_dy)

    def exchange_exact_out(self, i: int, j: int, out: int, max_dx: int = 2**256 - 1) -> Exchange:
        """Buy exactly `out` of coin `j` for the least amount of coin `i` that does."""
        self._check_pair(i, j)
        if out <= 0:
            raise ZeroAmountError
        terms = self.terms()
        dx = pricing.least_input(terms, i, out)
        if dx > max_dx:
            raise SlippageError
        return self._swapped(terms, i, dx, out, pricing.swap(terms, i, dx))

    def get_dy(self, i: int, j: int, dx: int) -> int:
        """What `exchange` would pay now."""
        self._check_pair(i, j)
        if dx <= 0:
            raise ZeroAmountError
        return pricing.swap(self.terms(), i, dx).dy

    def get_dx(self, i: int, j: int, dy: int) -> int:
        """What `exchange_exact_out` would take now."""
        self._check_pair(i, j)
        if dy <= 0:
            raise ZeroAmountError
        return pricing.least_input(self.terms(), i, dy)

    # liquidity

    def add_liquidity(self, amounts: Sequence[int], min_mint: int = 0) -> Deposit:
        """Deposit amounts of both coins, in any proportion but at the first deposit."""
        terms = self.terms()
        if not terms.supply:
            return self._first_deposit(terms, amounts, min_mint)
        if not any(amounts):
            raise ZeroAmountError
        added = pricing.change(terms, amounts, 1)
        if added.shares < min_mint:
            raise SlippageError
        cut = self._unequal(terms, added, added.shares)
        return Deposit(added.shares, added.coin, added.fee, cut)

    def remove_liquidity(self, burn: int, min_amounts: Sequence[int] = (0, 0)) -> tuple[int, int]:
        """Burn LP tokens for both coins in proportion: always possible, whatever rates and imbalance are."""
        if burn <= 0:
            raise ZeroAmountError
        state = self.state
        supply = state.supply
        paid = (state.balances[0] * burn // supply, state.balances[1] * burn // supply)
        if paid[0] < min_amounts[0] or paid[1] < min_amounts[1]:
            raise SlippageError
        self._average_d(supply * state.virtual_price // WAD)
        state.balances = [state.balances[0] - paid[0], state.balances[1] - paid[1]]
        state.supply = supply - burn
        return paid

    def remove_liquidity_one_coin(self, burn: int, i: int, min_received: int = 0) -> Withdrawal:
        """Burn LP tokens for coin `i` alone."""
        self._check_coin(i)
        if burn <= 0:
            raise ZeroAmountError
        terms = self.terms()
        quote = pricing.one_coin(terms, burn, i)
        if quote.dy < min_received:
            raise SlippageError
        cut = self._cut(quote.fee, terms.rates[i], i)
        self._store_averages(terms, quote.d)
        self._solved(quote.d, terms.supply - burn)
        self.state.balances[i] -= quote.dy + cut
        self.state.admin_balances[i] += cut
        return Withdrawal(burn, quote.dy, i, quote.fee, cut)

    def remove_liquidity_imbalance(self, amounts: Sequence[int], max_burn: int = 2**256 - 1) -> Withdrawal:
        """Withdraw exactly these amounts."""
        if not any(amounts):
            raise ZeroAmountError
        terms = self.terms()
        if amounts[0] > terms.balances[0] or amounts[1] > terms.balances[1]:
            raise PoolError
        removed = pricing.change(terms, amounts, -1)
        if removed.shares > max_burn:
            raise SlippageError
        cut = self._unequal(terms, removed, -removed.shares)
        return Withdrawal(removed.shares, 0, removed.coin, removed.fee, cut)

    def calc_token_amount(self, amounts: Sequence[int], is_deposit: bool) -> int:
        """What `add_liquidity` would mint, or `remove_liquidity_imbalance` burn, now."""
        terms = self.terms()
        if not terms.supply:
            return self._first_supply(terms, amounts)[1]
        return pricing.change(terms, amounts, 1 if is_deposit else -1).shares

    def calc_withdraw_one_coin(self, burn: int, i: int) -> int:
        """What `remove_liquidity_one_coin` would pay now."""
        self._check_coin(i)
        return pricing.one_coin(self.terms(), burn, i).dy

    # governance

    def withdraw_admin_fees(self) -> tuple[int, int]:
        """Pay out the protocol's fees; returns them."""
        paid = (self.state.admin_balances[0], self.state.admin_balances[1])
        self.state.admin_balances = [0, 0]
        return paid

    # views

    def terms(self) -> Terms:
        """All that prices depend on, now."""
        state = self.state
        rates = self._multipliers
        surcharge = 0
        if self._rated:
            rates = (rates[0] * self.assets[0] // WAD, rates[1] * self.assets[1] // WAD)
            surcharge = self._surcharge()
        return Terms(
            (state.balances[0], state.balances[1]),
            rates,
            2 * state.amplification(self.time),
            state.fee,
            state.multiplier,
            surcharge,
            state.supply,
        )

    def stored_rates(self) -> tuple[int, int]:
        """Value of a token unit of each coin, 1e18."""
        return self.terms().rates

    def get_virtual_price(self) -> int:
        """Value of one LP token, 1e18."""
        terms = self.terms()
        return invariant(*terms.values, terms.ann) * WAD // terms.supply

    def last_price(self) -> int:
        """Price of coin 1 in coin 0 by value, now, 1e18; at most 2e18."""
        terms = self.terms()
        x, y = terms.values
        return min(price(invariant(x, y, terms.ann), x, y, terms.ann), PRICE_CAP)

    def price_oracle(self) -> int:
        """Average of `last_price`, now."""
        elapsed = self.time - self.state.price_time
        return average(self.state.ema_price, self.last_price(), weight(elapsed, self.state.ma_exp_time))

    def D_oracle(self) -> int:  # noqa: N802
        """Average of the invariant, now."""
        terms = self.terms()
        elapsed = self.time - self.state.d_time
        d = invariant(*terms.values, terms.ann)
        return average(self.state.ema_d, d, weight(elapsed, self.state.d_ma_time))

    # internals

    def _swapped(self, terms: Terms, i: int, dx: int, dy: int, quote: pricing.Swap) -> Exchange:
        j = 1 - i
        state = self.state
        cut = self._cut(quote.fee, terms.rates[j], j)
        if self._rated or self.time != state.price_time:
            self._store_averages(terms, quote.d)
        balances = state.balances
        balances[i] += dx
        balances[j] -= dy + cut
        state.admin_balances[j] += cut
        return Exchange(i, dx, dy, quote.fee, cut)

    def _unequal(self, terms: Terms, moved: pricing.Liquidity, shares: int) -> int:
        """Store an operation of unequal amounts; returns the protocol's cut."""
        cut = self._cut(moved.fee, terms.rates[moved.coin], moved.coin)
        self._store_averages(terms, moved.d)
        self._solved(moved.d, terms.supply + shares)
        self.state.balances = list(moved.balances)
        self.state.balances[moved.coin] -= cut
        self.state.admin_balances[moved.coin] += cut
        return cut

    def _first_supply(self, terms: Terms, amounts: Sequence[int]) -> tuple[int, int]:
        """The supply that a first deposit creates, and what its owner gets of it."""
        if not all(amounts):
            raise ZeroAmountError
        values = pricing.values_of(amounts, terms.rates)
        pricing.check_cap(amounts, values)
        if max(values) > pricing.MAX_IMBALANCE * min(values):
            raise ImbalanceError
        d = invariant(*values, terms.ann)
        if d <= self.parameters.minimum_supply:
            raise ZeroSharesError
        return d, d - self.parameters.minimum_supply

    def _first_deposit(self, terms: Terms, amounts: Sequence[int], min_mint: int) -> Deposit:
        supply, minted = self._first_supply(terms, amounts)
        if minted < min_mint:
            raise SlippageError
        state = self.state
        state.balances = [amounts[0], amounts[1]]
        state.supply = state.ema_d = supply
        state.virtual_price = WAD
        state.price_time = state.d_time = self.time
        state.surcharge = 0
        state.ratio = self._ratio()
        return Deposit(minted, 0, 0, 0)

    def _cut(self, fee: int, rate: int, j: int) -> int:
        """The protocol's part of a fee, as far as there is room for it."""
        return min(pricing.protocol_cut(fee, rate), MAX_ADMIN - self.state.admin_balances[j])

    def _store_averages(self, terms: Terms, d: int) -> None:
        """Bring the price's average and the surcharge up to now, before anything changes."""
        state = self.state
        elapsed = self.time - state.price_time
        if elapsed:
            x, y = terms.values
            spot = min(price(d, x, y, terms.ann), PRICE_CAP)
            state.ema_price = average(state.ema_price, spot, weight(elapsed, state.ma_exp_time))
            state.price_time = self.time
        if self._rated:
            state.surcharge = terms.surcharge
            state.ratio = self._ratio()

    def _average_d(self, d: int) -> None:
        elapsed = self.time - self.state.d_time
        if elapsed:
            self.state.ema_d = average(self.state.ema_d, d, weight(elapsed, self.state.d_ma_time))
            self.state.d_time = self.time

    def _solved(self, d: int, supply: int) -> None:
        """Store what a liquidity operation has learned about the state before it, and the supply after."""
        self._average_d(d)
        self.state.virtual_price = d * WAD // self.state.supply
        self.state.supply = supply

    def _ratio(self) -> int:
        """Price of a share of coin 1 by that of coin 0, shortened; zero in a plain pool."""
        if not self._rated:
            return 0
        return min(self.assets[1] * WAD // self.assets[0] >> self._shift, MAX_RATIO)

    def _surcharge(self) -> int:
        """Decayed, and raised by what the ratio has moved beyond the free drift."""
        state = self.state
        elapsed = self.time - state.price_time
        left = max(0, state.surcharge - _SURCHARGE_DECAY * elapsed)
        now, last = self._ratio(), state.ratio
        if now == last:
            return left
        if last == 0:
            return MAX_SURCHARGE
        jump = max(0, abs(now - last) * _FREE_DRIFT // last - elapsed) // 100
        return min(MAX_SURCHARGE, left + jump)

    @staticmethod
    def _check_coin(i: int) -> None:
        if i not in (0, 1):
            raise BadIndexError

    @classmethod
    def _check_pair(cls, i: int, j: int) -> None:
        if i not in (0, 1) or j != 1 - i:
            raise BadIndexError
