"""The project's StableSwap pool in Python integers: the contract to the wei, with a clock of its own.

    pool = StableSwapModel(PoolParameters(decimals=(18, 6)), time=1_700_000_000)
    pool.add_liquidity([10**25, 10**13])
    pool.advance(12)
    bought = pool.exchange(1, 0, 10**9).dy

An operation that the contract would revert raises a `PoolError` with the contract's reason and changes
nothing. The LP token's holders are left out: whoever removes liquidity is taken to own it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from . import pricing
from .errors import InputError, LimitError, PoolError, SlippageError
from .governance import Governed
from .pricing import Terms
from .results import Deposit, Exchange, Withdrawal
from .stableswap_math import WAD, average, fee_rate, invariant, price, weight
from .state import MAX_ADMIN, MAX_RATIO, MAX_SURCHARGE, PoolParameters, PoolState

PRICE_CAP = 2 * WAD
MAX_SUPPLY = 2**112 - 1
_MAX_VIRTUAL_PRICE = 2**128 - 1
#: A ratio of the coins' prices may drift by 1e-8 a second.
_DRIFT = 10**8
#: Parts per million that the surcharge loses a second.
_SURCHARGE_DECAY = 3
_ENDLESS = 2**256 - 1
# a named tuple's own constructor takes three times as long, which counts in a swap
_terms = partial(tuple.__new__, Terms)
_exchange = partial(tuple.__new__, Exchange)


class StableSwapModel(Governed):
    """One pool.

    Args:
        parameters: What it is deployed with.
        time: Unix time.
        state: Its state, such as `PoolState.from_words` of a deployed pool; a new pool by default.

    Attributes:
        parameters: As given.
        state: What the contract would store.
        time: The clock: operations and quotes are as of this time. Set it, or `advance` it.
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
        """Sell `dx` of coin `i` for the other, `j`."""
        _check_pair(i, j, dx)
        terms = self.terms()
        quote = pricing.swap(terms, i, dx)
        if quote.dy < min_dy:
            raise SlippageError("min out")
        return self._swapped(terms, i, dx, quote.dy, quote)

    def exchange_received(self, i: int, j: int, dx: int, min_dy: int = 0, arrived: int = 0) -> Exchange:
        """As `exchange`, with coins already sent: all that has `arrived` is sold, `dx` at least."""
        _check_pair(i, j, dx)
        if arrived < dx:
            raise InputError("not received")
        return self.exchange(i, j, arrived, min_dy)

    def exchange_exact_out(self, i: int, j: int, dy: int, max_dx: int = _ENDLESS) -> Exchange:
        """Buy exactly `dy` of coin `j` with the least amount of coin `i` that reaches it."""
        _check_pair(i, j, dy)
        terms = self.terms()
        dx = pricing.least_input(terms, i, dy)
        if dx > max_dx:
            raise SlippageError("max in")
        return self._swapped(terms, i, dx, dy, pricing.swap(terms, i, dx))

    def get_dy(self, i: int, j: int, dx: int) -> int:
        """What `exchange` would pay now."""
        _check_pair(i, j, dx)
        return pricing.swap(self.terms(), i, dx).dy

    def get_dx(self, i: int, j: int, dy: int) -> int:
        """What `exchange_exact_out` would take now."""
        _check_pair(i, j, dy)
        return pricing.least_input(self.terms(), i, dy)

    # liquidity

    def add_liquidity(self, amounts: Sequence[int], min_mint: int = 0) -> Deposit:
        """Deposit both coins, in any proportion but the first time."""
        terms = self.terms()
        balances = _deposited(terms, amounts)
        if not terms.supply:
            return self._first_deposit(terms, balances, min_mint)
        change = pricing.change(terms, balances, invariant(*terms.values, terms.ann))
        minted = pricing.minted(terms, balances, change, self._room(change.coin))
        if terms.supply + minted > MAX_SUPPLY:
            raise LimitError("balance cap")
        if minted < min_mint:
            raise SlippageError("min out")
        cut = self._changed(terms, balances, change, terms.supply + minted)
        return Deposit(minted, change.coin, change.fee, cut, change.d1)

    def remove_liquidity(self, burn: int, min_amounts: Sequence[int] = (0, 0)) -> tuple[int, int]:
        """Burn LP tokens for both coins in proportion, free of fees: in any state of pool and vaults."""
        if burn <= 0:
            raise InputError("zero amount")
        self._check_owned(burn)
        state = self.state
        b0, b1 = state.balances
        paid = (b0 * burn // state.supply, b1 * burn // state.supply)
        if paid[0] < min_amounts[0] or paid[1] < min_amounts[1]:
            raise SlippageError("min out")
        self._average_d(state.supply * state.virtual_price // WAD)
        state.balances = [b0 - paid[0], b1 - paid[1]]
        state.supply -= burn
        return paid

    def remove_liquidity_one_coin(self, burn: int, i: int, min_received: int = 0) -> Withdrawal:
        """Burn LP tokens for coin `i` alone."""
        _check_index(i)
        self._check_owned(burn)
        terms = self.terms()
        quote = pricing.one_coin(terms, burn, i)
        if quote.dy < min_received:
            raise SlippageError("min out")
        cut = pricing.protocol_cut(quote.fee, terms.rates[i], self._room(i))
        self._store_price(terms, quote.d0)
        self._store_supply(quote.d0, terms.supply - burn)
        self.state.balances[i] -= quote.dy + cut
        self.state.admin_balances[i] += cut
        return Withdrawal(burn, (0, quote.dy) if i else (quote.dy, 0), i, quote.fee, cut, quote.d2)

    def remove_liquidity_imbalance(self, amounts: Sequence[int], max_burn: int = _ENDLESS) -> Withdrawal:
        """Withdraw exactly these amounts."""
        terms = self.terms()
        d0 = invariant(*terms.values, terms.ann)
        balances = _withdrawn(terms, amounts)
        change = pricing.change(terms, balances, d0)
        burned = pricing.burned(terms, change)
        if burned > max_burn:
            raise SlippageError("max in")
        self._check_owned(burned)
        cut = self._changed(terms, balances, change, terms.supply - burned)
        return Withdrawal(burned, (amounts[0], amounts[1]), change.coin, change.fee, cut, change.d1)

    def calc_token_amount(self, amounts: Sequence[int], is_deposit: bool) -> int:
        """What `add_liquidity` would mint, or `remove_liquidity_imbalance` burn, now."""
        terms = self.terms()
        if is_deposit and not terms.supply:
            return self._first_supply(terms, _deposited(terms, amounts)) - self.parameters.minimum_supply
        d0 = invariant(*terms.values, terms.ann)
        if not is_deposit:
            return pricing.burned(terms, pricing.change(terms, _withdrawn(terms, amounts), d0))
        balances = _deposited(terms, amounts)
        change = pricing.change(terms, balances, d0)
        return pricing.minted(terms, balances, change, self._room(change.coin))

    def calc_withdraw_one_coin(self, burn: int, i: int) -> int:
        """What `remove_liquidity_one_coin` would pay now."""
        _check_index(i)
        if burn >= self.state.supply:
            raise LimitError("balance")
        return pricing.one_coin(self.terms(), burn, i).dy

    # views

    def terms(self) -> Terms:
        """All that prices depend on, now."""
        state = self.state
        balances, rates, surcharge = state.balances, self._multipliers, 0
        if self._rated:
            rates = (rates[0] * self.assets[0] // WAD, rates[1] * self.assets[1] // WAD)
            surcharge = self.surcharge()
        held = (balances[0], balances[1])
        ann = 2 * (state.future_a if self.time >= state.future_a_time else state.amplification(self.time))
        return _terms((held, rates, ann, state.fee, state.multiplier, surcharge, state.supply))

    def stored_rates(self) -> tuple[int, int]:
        """Value of a token unit of each coin, 1e18."""
        return self.terms().rates

    def dynamic_fee(self) -> int:
        """The fee's rate at the balances as they are, surcharge included, 1e10."""
        terms = self.terms()
        return fee_rate(*terms.values, terms.fee, terms.multiplier, pricing.PPM_IN_FEE * terms.surcharge)

    def get_virtual_price(self) -> int:
        """D per LP token, 1e18."""
        terms = self.terms()
        return invariant(*terms.values, terms.ann) * WAD // terms.supply

    def get_p(self) -> int:
        """Price of coin 1 in coin 0 now, by value, 1e18."""
        terms = self.terms()
        return price(invariant(*terms.values, terms.ann), *terms.values, terms.ann)

    def last_price(self) -> int:
        """`get_p`, at most 2: what the average takes in."""
        return min(self.get_p(), PRICE_CAP)

    def price_oracle(self) -> int:
        """Moving average of `last_price`, now, 1e18."""
        elapsed = self.time - self.state.price_time
        return average(self.state.ema_price, self.last_price(), weight(elapsed, self.state.ma_exp_time))

    def D_oracle(self) -> int:  # noqa: N802
        """Moving average of the invariant, now."""
        terms = self.terms()
        elapsed = self.time - self.state.d_time
        d = invariant(*terms.values, terms.ann)
        return average(self.state.ema_d, d, weight(elapsed, self.state.d_ma_time))

    def ratio(self) -> int:
        """Price of a share of coin 1 by that of coin 0 now, as it is stored; zero in a plain pool."""
        if not self._rated:
            return 0
        if not self.assets[0]:
            raise PoolError("")  # a division by zero has no reason
        return min(self.assets[1] * WAD // self.assets[0] >> self._shift, MAX_RATIO)

    def surcharge(self) -> int:
        """What is now added to fees because a vault's price has jumped, ppm."""
        state = self.state
        if not self._rated:
            return 0
        elapsed = self.time - state.price_time
        left = max(0, state.surcharge - _SURCHARGE_DECAY * elapsed)
        now, last = self.ratio(), state.ratio
        if now == last:
            return left
        if not min(now, last):
            return MAX_SURCHARGE
        jump = max(0, abs(now - last) * _DRIFT // min(now, last) - elapsed) // 100
        return min(MAX_SURCHARGE, left + jump)

    # internals

    def _swapped(self, terms: Terms, i: int, dx: int, dy: int, quote: pricing.Swap) -> Exchange:
        j = 1 - i
        state = self.state
        balances, admin = state.balances, state.admin_balances
        cut = pricing.protocol_cut(quote.fee, terms.rates[j], MAX_ADMIN - admin[j])
        if self._rated or self.time != state.price_time:
            self._store_price(terms, quote.d)
        balances[i] += dx
        balances[j] -= dy + cut
        admin[j] += cut
        return _exchange((i, dx, dy, quote.fee, cut))

    def _changed(self, terms: Terms, balances: tuple[int, int], change: pricing.Change, supply: int) -> int:
        """Store a change to unequal amounts; returns the protocol's cut."""
        j = change.coin
        cut = pricing.protocol_cut(change.fee, terms.rates[j], self._room(j))
        self._store_price(terms, change.d0)
        self._store_supply(change.d0, supply)
        self.state.balances = list(balances)
        self.state.balances[j] -= cut
        self.state.admin_balances[j] += cut
        return cut

    def _first_supply(self, terms: Terms, balances: tuple[int, int]) -> int:
        if not all(balances):
            raise InputError("first needs both")
        values = pricing.values_of(balances, terms.rates)
        pricing.check_cap(balances, values)
        pricing.check_imbalance(*values, 1, 1)
        supply = invariant(*values, terms.ann)
        if supply <= self.parameters.minimum_supply:
            raise LimitError("zero shares")
        return supply

    def _first_deposit(self, terms: Terms, balances: tuple[int, int], min_mint: int) -> Deposit:
        supply = self._first_supply(terms, balances)
        minted = supply - self.parameters.minimum_supply
        if minted < min_mint:
            raise SlippageError("min out")
        state = self.state
        state.balances = list(balances)
        state.supply = state.ema_d = supply
        state.virtual_price = WAD
        state.price_time = state.d_time = self.time
        state.surcharge = 0
        state.ratio = self.ratio()
        return Deposit(minted, 0, 0, 0, supply)

    def _room(self, j: int) -> int:
        """How much more of the protocol's fees in coin `j` can be stored."""
        return MAX_ADMIN - self.state.admin_balances[j]

    def _check_owned(self, burn: int) -> None:
        """Nobody holds more than all but the locked minimum."""
        if burn > self.state.supply - self.parameters.minimum_supply:
            raise LimitError("balance")

    def _store_price(self, terms: Terms, d: int) -> None:
        """Bring the price's average and the surcharge up to now, before balances change."""
        state = self.state
        elapsed = self.time - state.price_time
        if elapsed:
            x, y = terms.values
            spot = min(price(d, x, y, terms.ann), PRICE_CAP)
            state.ema_price = average(state.ema_price, spot, weight(elapsed, state.ma_exp_time))
            state.price_time = self.time
        if self._rated:
            state.surcharge = terms.surcharge
            state.ratio = self.ratio()

    def _store_supply(self, d: int, supply: int) -> None:
        """Store a new supply, and what has been learned about the state before it."""
        self._average_d(d)
        self.state.virtual_price = min(d * WAD // self.state.supply, _MAX_VIRTUAL_PRICE)
        self.state.supply = supply

    def _average_d(self, d: int) -> None:
        state = self.state
        if self.time != state.d_time:
            state.ema_d = average(state.ema_d, d, weight(self.time - state.d_time, state.d_ma_time))
            state.d_time = self.time


def _check_index(i: int) -> None:
    if i not in (0, 1):
        raise InputError("bad index")


def _check_pair(i: int, j: int, amount: int) -> None:
    if i + j != 1 or i * j:
        # neither (0, 1) nor (1, 0)
        raise InputError("bad index" if i not in (0, 1) or j not in (0, 1) else "same coin")
    if amount <= 0:
        raise InputError("zero amount")


def _deposited(terms: Terms, amounts: Sequence[int]) -> tuple[int, int]:
    """Balances after a deposit."""
    if not any(amounts):
        raise InputError("zero amount")
    if max(amounts) > pricing.MAX_BALANCE:
        raise LimitError("balance cap")
    return terms.balances[0] + amounts[0], terms.balances[1] + amounts[1]


def _withdrawn(terms: Terms, amounts: Sequence[int]) -> tuple[int, int]:
    """Balances after a withdrawal."""
    if not any(amounts):
        raise InputError("zero amount")
    if amounts[0] >= terms.balances[0] or amounts[1] >= terms.balances[1]:
        raise LimitError("out too large")
    return terms.balances[0] - amounts[0], terms.balances[1] - amounts[1]
