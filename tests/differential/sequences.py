"""Random operations on a pool: mostly possible ones, of all sizes, towards and away from the peg."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from integrations.simulation.errors import PoolError
from integrations.simulation.stableswap_math import WAD
from integrations.simulation.stableswap_model import StableSwapModel

from .operations import Operation

DAY = 86_400
ENDLESS = 2**256 - 1


class Sequence:
    """Operations on one pool.

    Args:
        rng: Source of chance.
        model: The pool as it will be when the next operation is performed.
        imbalance: How far apart, as a ratio, swaps drive the coins' values.
    """

    def __init__(self, rng: random.Random, model: StableSwapModel, imbalance: float = 1e6) -> None:
        self._rng = rng
        self._model = model
        self._imbalance = imbalance
        rated = any(model.parameters.vaults)
        self._choices: list[tuple[Callable[[], Operation], int]] = [
            (self._exchange, 30),
            (self._exchange_received, 8),
            (self._exchange_exact_out, 12),
            (self._add, 14),
            (self._remove, 6),
            (self._remove_one_coin, 10),
            (self._remove_imbalance, 10),
            (self._ramp, 3),
            (self._stop_ramp, 1),
            (self._set_fee, 2),
            (self._set_periods, 1),
            (self._claim, 2),
            (self._move_price, 8 if rated else 0),
            (self._nonsense, 3),
        ]

    def next(self) -> Operation:
        """The next operation; the model stands at its time."""
        if not self._model.state.supply:
            return self._first()
        makers, weights = zip(*self._choices, strict=True)
        return self._rng.choices(makers, weights)[0]()

    def pause(self) -> int:
        """Seconds until the next block: a block, minutes, or days."""
        return int(self._rng.choice((1, 12, 12, 12, 10 ** self._rng.uniform(0, 5.5))))

    # amounts

    def _spread(self, low: float, high: float) -> float:
        return float(10 ** self._rng.uniform(low, high))

    def _sold(self) -> tuple[int, int]:
        """A coin and an amount to sell: more of what is scarce the further the coins are apart."""
        values = self._model.terms().values
        rates = self._model.stored_rates()
        scarce = 0 if values[0] < values[1] else 1
        far = max(values) > self._imbalance * max(1, min(values))
        i = scarce if far or self._rng.random() < 0.5 else 1 - scarce
        if self._rng.random() < 0.1:
            return i, self._rng.randint(1, 1_000)
        reference = max(values) if self._rng.random() < 0.7 else min(values)
        return i, max(1, int(reference * self._spread(-9, 0.7)) * WAD // rates[i])

    def _part(self, whole: int) -> int:
        if self._rng.random() < 0.1:
            return self._rng.randint(1, 1_000)
        return max(1, int(whole * min(0.999, self._spread(-9, 0))))

    def _bound(self, quote: Callable[[], int], least: bool) -> int:
        """Slippage allowed: none at all at times, or less than none."""
        if self._rng.random() < 0.7:
            return 0 if least else ENDLESS
        try:
            value = quote()
        except PoolError:
            return 0 if least else ENDLESS
        refused = 1 if self._rng.random() < 0.3 else 0
        return value + refused if least else max(0, value - refused)

    # operations

    def _first(self) -> Operation:
        rates = self._model.parameters.multipliers
        total = int(self._spread(3, 10)) * WAD
        amounts = [max(10**4, int(total * self._spread(-1, 0)) * WAD // rate) for rate in rates]
        return self._add_of(amounts, 0)

    def _exchange(self) -> Operation:
        i, dx = self._sold()
        least = self._bound(lambda: self._model.get_dy(i, 1 - i, dx), True)
        args = (i, 1 - i, dx, least)
        return Operation("exchange", args, lambda model, _: model.exchange(*args))

    def _exchange_received(self) -> Operation:
        i, sent = self._sold()
        dx = sent if self._rng.random() < 0.5 else max(1, int(sent * self._rng.uniform(0, 1.2)))
        least = self._bound(lambda: self._model.get_dy(i, 1 - i, sent), True)
        args = (i, 1 - i, dx, least)
        return Operation(
            "exchange_received",
            args,
            lambda model, there: model.exchange_received(*args, arrived=there[i]),
            arrives=(0, sent) if i else (sent, 0),
        )

    def _exchange_exact_out(self) -> Operation:
        i = self._rng.randrange(2)
        dy = self._part(self._model.state.balances[1 - i])
        most = self._bound(lambda: self._model.get_dx(i, 1 - i, dy), False)
        args = (i, 1 - i, dy, most)
        return Operation("exchange_exact_out", args, lambda model, _: model.exchange_exact_out(*args))

    def _add(self) -> Operation:
        b0, b1 = self._model.state.balances
        kind = self._rng.random()
        if kind < 0.3:
            share = self._spread(-6, 0.3)
            amounts = [int(b0 * share), int(b1 * share)]
        elif kind < 0.6:
            i, dx = self._sold()
            amounts = [0, dx] if i else [dx, 0]
        else:
            amounts = [int(b0 * self._spread(-8, 0.3)), int(b1 * self._spread(-8, 0.3))]
        least = self._bound(lambda: self._model.calc_token_amount(amounts, True), True)
        return self._add_of(amounts, least)

    def _add_of(self, amounts: list[int], least: int) -> Operation:
        return Operation(
            "add_liquidity", (amounts, least), lambda model, _: model.add_liquidity(amounts, least)
        )

    def _remove(self) -> Operation:
        burn = self._part(self._model.state.supply)
        claim = self._rng.random() < 0.3
        least = [0, 0]
        if self._rng.random() < 0.2:
            least[self._rng.randrange(2)] = self._part(max(self._model.state.balances))

        def performed(model: StableSwapModel, _: list[int]) -> tuple[int, int]:
            paid = model.remove_liquidity(burn, least)
            if claim:
                model.withdraw_admin_fees()
            return paid

        return Operation("remove_liquidity", (burn, least, None, claim), performed)

    def _remove_one_coin(self) -> Operation:
        i = self._rng.randrange(2)
        burn = self._part(self._model.state.supply)
        least = self._bound(lambda: self._model.calc_withdraw_one_coin(burn, i), True)
        return Operation(
            "remove_liquidity_one_coin",
            (burn, i, least),
            lambda model, _: model.remove_liquidity_one_coin(burn, i, least),
        )

    def _remove_imbalance(self) -> Operation:
        amounts = [self._part(b) if self._rng.random() < 0.7 else 0 for b in self._model.state.balances]
        most = self._bound(lambda: self._model.calc_token_amount(amounts, False), False)
        return Operation(
            "remove_liquidity_imbalance",
            (amounts, most),
            lambda model, _: model.remove_liquidity_imbalance(amounts, most),
        )

    def _ramp(self) -> Operation:
        current = self._model.state.amplification(self._model.time) / 100
        target = max(1, int(current * self._rng.choice((0.1, 0.5, 2, 9, 11, self._spread(-1, 1)))))
        end = self._model.time + self._rng.choice((DAY - 1, DAY, 3 * DAY, 20 * DAY))
        return self._governed("ramp_A", target, end)

    def _stop_ramp(self) -> Operation:
        return self._governed("stop_ramp_A")

    def _set_fee(self) -> Operation:
        fee = self._rng.choice((0, 1, 4 * 10**6, 10**8, 10**8 + 1, int(self._spread(3, 8))))
        offpeg = int(self._rng.choice((0, 10**10, 2 * 10**10, 5 * 10**11, 2**40, self._spread(10, 12))))
        return self._governed("set_new_fee", fee, offpeg)

    def _set_periods(self) -> Operation:
        period = self._rng.choice((0, 1, 866, 2**20 - 1))
        return self._governed("set_ma_exp_time", period, self._rng.choice((1, 62_324, 2**20 - 1)))

    def _governed(self, name: str, *args: Any) -> Operation:
        return Operation(name, args, lambda model, _: getattr(model, name)(*args), sender="governor")

    def _claim(self) -> Operation:
        return Operation("withdraw_admin_fees", (), lambda model, _: model.withdraw_admin_fees())

    def _move_price(self) -> Operation:
        """A vault's price drifts, jumps or falls; the model's is in units of 18 decimals."""
        coin = self._rng.choice([k for k in (0, 1) if self._model.parameters.vaults[k]])
        scale = 1
        factor = self._rng.choice((1 + 1e-9, 1.00001, 1.001, 0.999, self._rng.uniform(0.7, 1.4)))
        price = max(scale, int(self._model.assets[coin] * factor)) // scale

        def moved(model: StableSwapModel, _: list[int]) -> None:
            model.assets[coin] = price * scale

        return Operation("set_price", (coin, price), moved, sender="keeper")

    def _nonsense(self) -> Operation:
        """A call that must be refused, with its own reason."""
        pool = self._model
        supply = pool.state.supply
        b0, b1 = pool.state.balances
        return self._rng.choice(
            [
                Operation("exchange", (0, 0, 5, 0), lambda model, _: model.exchange(0, 0, 5, 0)),
                Operation("exchange", (0, 2, 5, 0), lambda model, _: model.exchange(0, 2, 5, 0)),
                Operation("exchange", (1, 0, 0, 0), lambda model, _: model.exchange(1, 0, 0, 0)),
                Operation("exchange", (1, 0, 2**112, 0), lambda model, _: model.exchange(1, 0, 2**112, 0)),
                Operation(
                    "exchange_exact_out",
                    (0, 1, b1, ENDLESS),
                    lambda model, _: model.exchange_exact_out(0, 1, b1),
                ),
                Operation("add_liquidity", ([0, 0], 0), lambda model, _: model.add_liquidity([0, 0], 0)),
                Operation(
                    "remove_liquidity_imbalance",
                    ([b0, 0], ENDLESS),
                    lambda model, _: model.remove_liquidity_imbalance([b0, 0]),
                ),
                Operation(
                    "remove_liquidity_one_coin",
                    (supply, 0, 0),
                    lambda model, _: model.remove_liquidity_one_coin(supply, 0),
                ),
            ]
        )
