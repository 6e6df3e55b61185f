"""The operations of a pool, as calls of the contract and of the model, and what each must log and return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from integrations.simulation.errors import PoolError
from integrations.simulation.stableswap_math import WAD
from integrations.simulation.stableswap_model import StableSwapModel

#: Topic and types of the data of the events that operations log.
EVENTS = {
    name: ("0x" + keccak(text=f"{name}({','.join(('address', *types))})").hex(), types)
    for name, types in (
        ("TokenExchange", ("int128", "uint256", "int128", "uint256")),
        ("AddLiquidity", ("uint256[]", "uint256[]", "uint256", "uint256")),
        ("RemoveLiquidity", ("uint256[]", "uint256[]", "uint256")),
        ("RemoveLiquidityOne", ("int128", "uint256", "uint256", "uint256")),
        ("RemoveLiquidityImbalance", ("uint256[]", "uint256[]", "uint256", "uint256")),
    )
}


@dataclass(frozen=True)
class Refused:
    """A revert and its reason."""

    reason: str


@dataclass(frozen=True)
class Operation:
    """One transaction.

    Attributes:
        name: Of the contract's function.
        args: Of the call.
        model: The same call of a model, given what has arrived at the pool unasked for.
        sender: Whose transaction it is: "holder", "governor" or "keeper".
        arrives: Units of each coin that are sent to the pool beforehand.
    """

    name: str
    args: tuple[Any, ...]
    model: Callable[[StableSwapModel, list[int]], Any]
    sender: str = "holder"
    arrives: tuple[int, int] = (0, 0)


@dataclass
class Outcome:
    """What the model says an operation does.

    Attributes:
        value: Returned by the contract, or a refusal; None if it returns nothing.
        event: Name and data of the pool's own event; None if there is none.
        unaccounted: What lies in the pool afterwards beyond its accounts.
    """

    value: Any
    event: tuple[str, bytes] | None = None
    unaccounted: list[int] = field(default_factory=lambda: [0, 0])


def predict(operation: Operation, model: StableSwapModel, unaccounted: list[int]) -> Outcome:
    """Let the model perform an operation."""
    there = [unaccounted[0] + operation.arrives[0], unaccounted[1] + operation.arrives[1]]
    rates = model.stored_rates()
    try:
        result = operation.model(model, there)
    except PoolError as error:
        return Outcome(Refused(error.reason), None, there)
    value, event = _ANSWERS.get(operation.name, _silent)(operation, result, model, rates)
    if operation.name == "exchange_received":
        there[operation.args[0]] = 0
    return Outcome(value, event, there)


def _silent(_operation: Operation, _result: Any, _model: StableSwapModel, _rates: Any) -> tuple[Any, None]:
    return None, None


def _data(name: str, *values: Any) -> tuple[str, bytes]:
    return name, encode(EVENTS[name][1], values)


def _swapped(operation: Operation, result: Any, _model: StableSwapModel, _rates: Any) -> Any:
    value = result.dx if operation.name == "exchange_exact_out" else result.dy
    return value, _data("TokenExchange", result.i, result.dx, 1 - result.i, result.dy)


def _fees(result: Any, rates: Any) -> list[int]:
    fees = [0, 0]
    fees[result.coin] = result.fee * WAD // rates[result.coin]
    return fees


def _added(operation: Operation, result: Any, model: StableSwapModel, rates: Any) -> Any:
    supply = model.state.supply
    event = _data("AddLiquidity", operation.args[0], _fees(result, rates), result.invariant, supply)
    return result.minted, event


def _removed(_operation: Operation, result: Any, model: StableSwapModel, _rates: Any) -> Any:
    return list(result), _data("RemoveLiquidity", list(result), [], model.state.supply)


def _removed_one(operation: Operation, result: Any, model: StableSwapModel, _rates: Any) -> Any:
    burn, i = operation.args[:2]
    return sum(result.amounts), _data("RemoveLiquidityOne", i, burn, sum(result.amounts), model.state.supply)


def _removed_unequal(operation: Operation, result: Any, model: StableSwapModel, rates: Any) -> Any:
    fees, supply = _fees(result, rates), model.state.supply
    event = _data("RemoveLiquidityImbalance", operation.args[0], fees, result.invariant, supply)
    return result.burned, event


_ANSWERS: dict[str, Callable[[Operation, Any, StableSwapModel, Any], Any]] = {
    "exchange": _swapped,
    "exchange_received": _swapped,
    "exchange_exact_out": _swapped,
    "add_liquidity": _added,
    "remove_liquidity": _removed,
    "remove_liquidity_one_coin": _removed_one,
    "remove_liquidity_imbalance": _removed_unequal,
}
