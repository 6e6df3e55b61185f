"""A thin client for tests that send thousands of transactions to the node that Ape has started.

One transaction is one block at a time of the caller's choice, mined while the node's automining is off; a
failed one keeps its reason. Arguments and results are plain Python: structs come back with attributes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from eth_abi.abi import encode
from eth_typing import ABIFunction
from eth_utils.abi import abi_to_signature
from eth_utils.crypto import keccak

from tests.support.wire import Wire, settle

GAS = hex(8_000_000)


class Node:
    """JSON-RPC over one kept connection; the accounts that send are unlocked there."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._wire = Wire(str(parts.hostname), parts.port or 80)

    def rpc(self, method: str, *params: Any) -> Any:
        if method == "evm_revert":
            settle(lambda: self.rpc("txpool_status"))
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        answer = self._wire.request(request.encode())
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def rpc_many(self, requests: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Answers of reads that are sent together; a failed one is its error, as a `RuntimeError`."""
        body = [
            {"jsonrpc": "2.0", "id": k, "method": method, "params": params}
            for k, (method, params) in enumerate(requests)
        ]
        answers = self._wire.request(json.dumps(body).encode())
        answers.sort(key=lambda answer: answer["id"])
        return [
            RuntimeError(answer["error"]["message"]) if "error" in answer else answer["result"]
            for answer in answers
        ]

    @contextmanager
    def manual_mining(self) -> Iterator[None]:
        self.rpc("evm_setAutomine", False)
        try:
            yield
        finally:
            self.rpc("evm_setAutomine", True)

    @property
    def time(self) -> int:
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def mine(self, timestamp: int) -> None:
        self.rpc("evm_mine_detailed", {"timestamp": timestamp})

    def send(self, sender: str, call: Call, timestamp: int) -> str | None:
        """Mine a transaction in a block of its own; its reason if it failed (empty if it gave none)."""
        transaction = {"from": sender, "to": call.to, "data": call.data, "gas": GAS}
        sent = self.rpc("eth_sendTransaction", transaction)
        (mined,) = self.rpc("evm_mine_detailed", {"timestamp": timestamp})[0]["transactions"]
        if mined["hash"] != sent:
            raise RuntimeError("another transaction was mined")
        if "revertReason" in mined:
            return str(mined["revertReason"])
        ok = self.rpc("eth_getTransactionReceipt", sent)["status"] == "0x1"
        return None if ok else ""

    def view(self, call: Call, timestamp: int | None = None) -> Any:
        """What a view returns now, or in a block at another time."""
        overrides = [] if timestamp is None else [{}, {"time": hex(timestamp)}]
        answer = self.rpc("eth_call", {"to": call.to, "data": call.data}, "latest", *overrides)
        return call.decoded(bytes.fromhex(answer[2:]))


@dataclass(frozen=True)
class Call:
    """A call of one contract, encoded."""

    to: str
    data: str
    outputs: Sequence[dict[str, Any]]

    def decoded(self, data: bytes) -> Any:
        values = _decoded_list(self.outputs, data, 0)
        return values[0] if len(values) == 1 else tuple(values)


class Contract:
    """Encodes calls by name: `contract.transfer(to, amount)` is a `Call`.

    Args:
        address: Where it is.
        abi: Its functions as JSON; of several with one name, the number of arguments decides.
    """

    def __init__(self, address: str, abi: Sequence[dict[str, Any]]) -> None:
        self.address = address
        self._abi = abi

    @cached_property
    def _functions(self) -> dict[tuple[str, int], tuple[bytes, list[str], list[dict[str, Any]]]]:
        return {
            (entry["name"], len(entry["inputs"])): (
                keccak(text=abi_to_signature(cast(ABIFunction, entry)))[:4],
                [_type(argument) for argument in entry["inputs"]],
                entry.get("outputs", []),
            )
            for entry in self._abi
            if entry["type"] == "function"
        }

    def parameters(self, name: str) -> list[dict[str, Any]]:
        """The inputs of a function, as its ABI has them."""
        return next(entry["inputs"] for entry in self._abi if entry.get("name") == name)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Call:
            selector, types, outputs = self._functions[name, len(args)]
            return Call(self.address, "0x" + (selector + encode(types, args)).hex(), outputs)

        return call


def fast(contract: Any) -> Contract:
    """The client's form of an Ape contract."""
    return Contract(str(contract.address), [entry.model_dump() for entry in contract.contract_type.abi])


def _type(parameter: dict[str, Any]) -> str:
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_type(component) for component in parameter["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


# A decoder for what views return here: words, structs, lists of them. eth_abi's takes most of a step's time.

_WORD = 32


def _decoded_list(parameters: Sequence[dict[str, Any]], data: bytes, start: int) -> list[Any]:
    """The values of `parameters`, laid out from `start` on."""
    values = []
    head = start
    for parameter in parameters:
        if _is_list(parameter):
            values.append(_decoded_array(parameter, data, start + _word(data, head)))
            head += _WORD
        elif _is_dynamic(parameter):
            values.append(_decoded(parameter, data, start + _word(data, head)))
            head += _WORD
        else:
            values.append(_decoded(parameter, data, head))
            head += _size(parameter)
    return values


def _decoded_array(parameter: dict[str, Any], data: bytes, start: int) -> list[Any]:
    element = {**parameter, "type": parameter["type"].removesuffix("[]")}
    count, size = _word(data, start), _size(element)
    return [_decoded(element, data, start + _WORD + i * size) for i in range(count)]


def _decoded(parameter: dict[str, Any], data: bytes, start: int) -> Any:
    kind = parameter["type"]
    if kind == "tuple":
        components = parameter["components"]
        values = _decoded_list(components, data, start)
        return SimpleNamespace(**{c["name"]: v for c, v in zip(components, values, strict=True)})
    word = _word(data, start)
    if kind == "address":
        return f"0x{word:040x}"
    if kind == "bool":
        return bool(word)
    if kind.startswith("uint"):
        return word
    if kind.startswith("int"):
        return word - 2**256 * (word >> 255)
    raise TypeError(f"{kind} is not decoded here")


def _word(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + _WORD], "big")


def _is_list(parameter: dict[str, Any]) -> bool:
    return str(parameter["type"]).endswith("[]")


def _is_dynamic(parameter: dict[str, Any]) -> bool:
    return _is_list(parameter) or any(map(_is_dynamic, parameter.get("components", [])))


def _size(parameter: dict[str, Any]) -> int:
    """Bytes of a static value."""
    return sum(map(_size, parameter["components"])) if parameter["type"] == "tuple" else _WORD
