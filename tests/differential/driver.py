"""Drives a pool on a chain and its twins with the same operations, and compares all there is after each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from integrations.simulation.batch import run_swaps
from integrations.simulation.errors import PoolError
from integrations.simulation.pricing import MAX_BALANCE
from integrations.simulation.stableswap_model import StableSwapModel
from integrations.simulation.state import PoolState
from tests.support.fast import Call, Contract, Node

from .operations import EVENTS, Operation, Outcome, Refused, predict
from .sequences import Sequence

GAS = hex(8_000_000)
#: Quotes and views that are compared before each operation, of thirteen.
QUOTES = 6


@dataclass
class PoolOnChain:
    """A deployed pool and who acts on it.

    Attributes:
        node: Where.
        pool: The pool.
        coins: Its coins.
        slots: Storage slots of the words W0 to W4.
        senders: Addresses of "holder" (of coins, approved, and of all LP tokens), "governor", "keeper".
    """

    node: Node
    pool: Contract
    coins: tuple[Contract, Contract]
    slots: tuple[int, ...]
    senders: dict[str, str]

    def call(self, operation: Operation) -> Call:
        """An operation as a call."""
        if operation.name == "set_price":
            coin, price = operation.args
            return self.coins[coin].set_price(price)
        args = [self.senders["holder"] if arg is None else arg for arg in operation.args]
        return getattr(self.pool, operation.name)(*args)

    def words(self) -> list[int]:
        """The packed words as they are stored."""
        asked = [("eth_getStorageAt", [self.pool.address, hex(slot), "latest"]) for slot in self.slots]
        return [int(word, 16) for word in self.node.rpc_many(asked)]


class Driver:
    """One run.

    Args:
        chain: The pool on the chain, just deployed.
        model: Its twin.
        compiled: Its compiled twin: swaps go through `run_swaps`.
        rng: Source of chance.
        counts: Of operations by name and outcome.
    """

    def __init__(
        self,
        chain: PoolOnChain,
        model: StableSwapModel,
        compiled: StableSwapModel,
        rng: random.Random,
        counts: Counter[str],
    ) -> None:
        self.chain = chain
        self.model = model
        self.compiled = compiled
        self.counts = counts
        self._rng = rng
        self._sequence = Sequence(rng, model)
        self._unaccounted = [0, 0]

    def run(self, operations: int) -> None:
        """Perform and compare so many operations, refused ones included."""
        done = 0
        while done < operations:
            self.model.time += self._sequence.pause()
            together = self._rng.choice((1, 1, 1, 3)) if self.model.state.supply else 1
            done += self._block(together) if together > 1 else self._alone()

    # one block

    def _alone(self) -> int:
        """One operation in a block of its own: quotes and its simulation before it, everything after it."""
        operation = self._sequence.next()
        self._send_ahead(operation)
        now = self.model.time
        quotes = self._quotes()
        call, sender = self.chain.call(operation), self._sender(operation)
        asked = [*(quote for quote, _ in quotes), call]
        *answers, answer = self._views(asked, now, sender)
        for (quote, expected), given in zip(quotes, answers, strict=True):
            assert given == expected, (
                f"{quote.data[:10]} before {operation.name}{operation.args}: {given}, not {expected}"
            )
        outcome = self._predicted(operation)
        assert answer == outcome.value, (
            f"{operation.name}{operation.args} returns {answer}, not {outcome.value}"
        )
        if not isinstance(outcome.value, Refused):
            sent = self._send(operation)
            self._mine()
            self._check_receipt(sent, operation, outcome)
        self._compare(operation)
        return 1

    def _block(self, count: int) -> int:
        """Several operations in one block; those that the model refuses are not sent."""
        sent = []
        done = 0
        for _ in range(count):
            operation = self._sequence.next()
            if any(operation.arrives):
                continue
            outcome = self._predicted(operation)
            if not isinstance(outcome.value, Refused):
                sent.append((self._send(operation), operation, outcome))
                done += 1
        if sent:
            self._mine()
            for transaction, operation, outcome in sent:
                self._check_receipt(transaction, operation, outcome)
            self._compare(sent[-1][1])
        return done

    def _predicted(self, operation: Operation) -> Outcome:
        outcome = predict(operation, self.model, self._unaccounted)
        self.compiled.time = self.model.time
        again = predict(_compiled(operation), self.compiled, self._unaccounted)
        assert again == outcome, f"compiled {operation.name}{operation.args}"
        self._unaccounted = outcome.unaccounted
        kind = f" refused: {outcome.value.reason}" if isinstance(outcome.value, Refused) else ""
        self.counts[operation.name + kind] += 1
        return outcome

    # the chain

    def _send_ahead(self, operation: Operation) -> None:
        """Coins that are in the pool before the operation, in a block one second earlier."""
        for coin, amount in zip(self.chain.coins, operation.arrives, strict=True):
            if amount:
                call = coin.transfer(self.chain.pool.address, amount)
                assert self.chain.node.send(self.chain.senders["holder"], call, self.model.time) is None
                self.model.time += 1

    def _sender(self, operation: Operation) -> str:
        return self.chain.senders[operation.sender]

    def _send(self, operation: Operation) -> str:
        call = self.chain.call(operation)
        transaction = {"from": self._sender(operation), "to": call.to, "data": call.data, "gas": GAS}
        return str(self.chain.node.rpc("eth_sendTransaction", transaction))

    def _mine(self) -> None:
        self.chain.node.mine(self.model.time)

    def _views(self, calls: list[Call], now: int, sender: str) -> list[Any]:
        """What calls return in a block at a time."""
        asked = [
            (
                "eth_call",
                [{"from": sender, "to": call.to, "data": call.data}, "latest", {}, {"time": hex(now)}],
            )
            for call in calls
        ]
        answers = self.chain.node.rpc_many(asked)
        return [_answer(call, answer) for call, answer in zip(calls, answers, strict=True)]

    # comparisons

    def _quotes(self) -> list[tuple[Call, Any]]:
        """Some quotes of random size and views, with what the model says."""
        model, pool = self.model, self.chain.pool
        if not model.state.supply:
            return []
        i = self._rng.randrange(2)
        amounts = [self._rng.randint(0, 2 * b) for b in model.state.balances]
        less = [self._rng.randint(0, b) for b in model.state.balances]
        dx, dy, burn = max(1, amounts[i]), max(1, less[1 - i]), self._rng.randint(1, model.state.supply)
        questions: list[tuple[Call, Callable[[], Any]]] = [
            (pool.get_dy(i, 1 - i, dx), lambda: model.get_dy(i, 1 - i, dx)),
            (pool.get_dx(i, 1 - i, dy), lambda: model.get_dx(i, 1 - i, dy)),
            (pool.calc_token_amount(amounts, True), lambda: model.calc_token_amount(amounts, True)),
            (pool.calc_token_amount(less, False), lambda: model.calc_token_amount(less, False)),
            (pool.calc_withdraw_one_coin(burn, i), lambda: model.calc_withdraw_one_coin(burn, i)),
            (pool.dynamic_fee(i, 1 - i), model.dynamic_fee),
            (pool.get_virtual_price(), model.get_virtual_price),
            (pool.get_p(0), model.get_p),
            (pool.last_price(0), model.last_price),
            (pool.price_oracle(0), model.price_oracle),
            (pool.D_oracle(), model.D_oracle),
            (pool.surcharge(), model.surcharge),
            (pool.stored_rates(), lambda: list(model.stored_rates())),
        ]
        return [(call, _said(thunk)) for call, thunk in self._rng.sample(questions, QUOTES)]

    def _check_receipt(self, transaction: str, operation: Operation, outcome: Outcome) -> None:
        receipt = self.chain.node.rpc("eth_getTransactionReceipt", transaction)
        assert receipt["status"] == "0x1", f"{operation.name}{operation.args} failed"
        logged = {
            log["topics"][0]: log["data"]
            for log in receipt["logs"]
            if log["address"].lower() == self.chain.pool.address.lower()
        }
        if outcome.event:
            name, data = outcome.event
            assert logged[EVENTS[name][0]] == "0x" + data.hex(), f"event of {operation.name}{operation.args}"

    def _compare(self, operation: Operation) -> None:
        """Stored words, both twins, and the coins that are there."""
        said = f"after {operation.name}{operation.args}"
        words = self.chain.words()
        assert PoolState.from_words(words) == self.model.state, said
        assert tuple(words) == self.model.state.words(), said
        assert self.compiled.state == self.model.state, said
        pool = self.chain.pool.address
        held = self._views([coin.balanceOf(pool) for coin in self.chain.coins], self.model.time, pool)
        state = self.model.state
        accounts = zip(state.balances, state.admin_balances, self._unaccounted, strict=True)
        assert held == [sum(parts) for parts in accounts], said


def _said(thunk: Callable[[], Any]) -> Any:
    try:
        return thunk()
    except PoolError as error:
        return Refused(error.reason)


def _answer(call: Call, answer: Any) -> Any:
    if isinstance(answer, RuntimeError):
        return Refused(str(answer).removeprefix("execution reverted").removeprefix(": "))
    return call.decoded(bytes.fromhex(answer[2:])) if call.outputs else None


def _compiled(operation: Operation) -> Operation:
    """The same, its swap through the compiled twin."""
    if operation.name not in ("exchange", "exchange_received"):
        return operation

    def swapped(model: StableSwapModel, there: list[int]) -> Any:
        i, j, dx, least = operation.args
        sold = there[i] if operation.name == "exchange_received" else dx
        expected = _said(lambda: operation.model(_copied(model), there))
        if isinstance(expected, Refused) or sold > MAX_BALANCE:
            # what a batch has no bounds for
            return operation.model(model, there)
        batch = run_swaps(model, [i], [sold], [model.time])
        assert not batch.refused
        assert j == 1 - i
        (dy,), (fee,), (cut,) = batch.bought, batch.fees, batch.protocol_fees
        assert dy >= least
        return type(expected)(i, sold, dy, fee, cut)

    return Operation(operation.name, operation.args, swapped, operation.sender, operation.arrives)


def _copied(model: StableSwapModel) -> StableSwapModel:
    """The same pool, to be changed independently."""
    copy = StableSwapModel(model.parameters, model.time, PoolState.from_words(model.state.words()))
    copy.assets = list(model.assets)
    return copy
