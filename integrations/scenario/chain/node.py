"""A local node as a scenario needs it: a clock that moves only when told, and calls of one request each."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ...protocol.errors import NetworkError, RevertedError
from ..world import Reverted
from .rpc import Rpc, RpcError

REVERTED = "execution reverted"
#: For every transaction: the node would find out what one needs by trying it ten times.
GAS = hex(16_000_000)
#: Where nothing that happens is of consequence.
NETWORKS = ("local", "mainnet-fork")


class Node:
    """The connected local node.

    Its clock is stopped at `start`, which may lie in the past: anvil takes any time for the next block,
    even one before the genesis block's. From then on every block has the time of the one before it, unless
    `move_to` says otherwise, so a transaction happens at the exact second that it should.

    Raises:
        NetworkError: There is no connection, or not to an anvil of our own.
    """

    def __init__(self, start: int) -> None:
        from ape import networks

        provider = networks.active_provider
        if provider is None or provider.network.name not in NETWORKS or provider.name != "foundry":
            raise NetworkError(
                "a scenario runs on a local chain or a fork only", "connect to ethereum:local:foundry"
            )
        self.provider: Any = provider
        self.chain_id = int(provider.chain_id)
        self._rpc = Rpc(provider.http_uri)
        self.request = self._rpc.request
        self.time = start
        self.version = 0
        """Changes whenever anything on the chain may have."""
        self.request("anvil_setTime", start)
        self.request("anvil_setBlockTimestampInterval", 0)
        self.request("evm_mine", {"timestamp": start})

    def close(self) -> None:
        """Let the clock run again."""
        self.request("anvil_removeBlockTimestampInterval")

    def move_to(self, timestamp: int) -> None:
        """Move the clock, never backwards: views and transactions happen then."""
        if timestamp < self.time:
            raise ValueError(f"time travel goes forwards: {timestamp} is before {self.time}")
        if timestamp > self.time:
            self.request("evm_mine", {"timestamp": timestamp})
            self.time = timestamp
            self.version += 1

    def call(self, method: Any, *arguments: Any, sender: Any = None) -> Any:
        """Return what a contract's method answers now: one value or a tuple; structs have named fields.

        Raises:
            Reverted: The contract refuses.
        """
        request = {"to": method.contract.address, "data": _input(method, arguments)}
        if sender is not None:
            request["from"] = sender.address
        try:
            answer = self.request("eth_call", request, "latest")
        except RpcError as error:
            if not str(error).startswith(REVERTED):
                raise
            raise Reverted(_reason(str(error))) from None
        return _decoded(method, answer)

    def read(self, reads: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return what several views answer now, asked in one message.

        Raises:
            RevertedError: One of them reverts.
        """
        calls = [
            (
                "eth_call",
                [{"to": str(method.contract.address), "data": _input(method, tuple(arguments))}, "latest"],
            )
            for method, *arguments in reads
        ]
        found = []
        for (method, *_), answer in zip(reads, self._rpc.batch(calls), strict=True):
            if isinstance(answer, RpcError):
                raise _refusal(answer)
            found.append(_decoded(method, answer))
        return found

    def act(self, method: Any, *arguments: Any, sender: Any) -> Any:
        """Have an account call a method, and return its answer; nothing is sent if the contract would refuse.

        Raises:
            Reverted: The contract refuses.
        """
        answer = self.call(method, *arguments, sender=sender)
        self.send(method, *arguments, sender=sender)
        return answer

    def send(self, method: Any, *arguments: Any, sender: Any) -> Any:
        """Have an account call a method. The node signs for it. Returns the receipt.

        Raises:
            NetworkError: The transaction failed.
        """
        request = {"from": sender.address, "to": method.contract.address, "data": _input(method, arguments)}
        receipt = self.request("eth_sendTransactionSync", {**request, "gas": GAS})
        self.version += 1
        if int(receipt["status"], 16) != 1:
            raise NetworkError(f"{method} failed at {self.time}")
        return receipt

    def check(self, method: Any, *arguments: Any, sender: Any) -> None:
        """Make sure that a call would go through.

        Raises:
            RevertedError: The contract refuses.
        """
        request = {"from": sender.address, "to": method.contract.address, "data": _input(method, arguments)}
        try:
            self.request("eth_call", request, "latest")
        except RpcError as error:
            raise _refusal(error) from None

    def fund(self, account: Any) -> None:
        """Give an account ether to pay with, and let the node sign for it in `send`."""
        self.request("anvil_setBalance", account.address, hex(10**22))
        self.request("anvil_impersonateAccount", account.address)

    def block(self) -> int:
        """Return the number of the latest block."""
        return int(self.request("eth_blockNumber"), 16)

    def logs(self, event: Any, address: str, first_block: int) -> Sequence[tuple[list[int], list[int]]]:
        """Return the logs of an event whose fields are all numbers, oldest first: (indexed ones, others)."""
        topic = "0x" + keccak(text=event.abi.selector).hex()
        query = {"address": address, "fromBlock": hex(first_block), "topics": [topic]}
        return [
            (
                [int(word, 16) for word in log["topics"][1:]],
                [int(log["data"][at : at + 64], 16) for at in range(2, len(log["data"]), 64)],
            )
            for log in self.request("eth_getLogs", query)
        ]


def _input(method: Any, arguments: tuple[Any, ...]) -> str:
    """Return calldata; plain ones are kept, for Ape takes longer to encode a view than the node to answer."""
    if all(isinstance(one, (int, str)) for one in arguments):
        key = (str(method.contract.address), str(method.abis[0].name), arguments)
        if key not in _encoded:
            _encoded[key] = "0x" + bytes(method.encode_input(*arguments)).hex()
        return _encoded[key]
    return "0x" + bytes(method.encode_input(*arguments)).hex()


_encoded: dict[tuple[str, str, tuple[Any, ...]], str] = {}


def _decoded(method: Any, answer: str) -> Any:
    """Return one value or a tuple; structs have named fields."""
    outputs = method.abis[0].outputs
    if len(outputs) == 1 and outputs[0].type == "uint256":
        return int(answer, 16)
    values = decode([output.canonical_type for output in outputs], bytes.fromhex(answer[2:]))
    named = [_named(value, output) for value, output in zip(values, outputs, strict=True)]
    return named[0] if len(named) == 1 else tuple(named)


def _refusal(error: RpcError) -> Exception:
    """Return a contract's refusal as adapters raise it; another error of the node as it is."""
    text = str(error)
    return RevertedError(_reason(text)) if text.startswith(REVERTED) else error


def _reason(message: str) -> str:
    """Return the contract's reason, empty where it gave none (a Vyper overflow, or lack of balance)."""
    return message.removeprefix(REVERTED).lstrip(":").strip()


def _named(value: Any, abi: Any) -> Any:
    """Return a decoded value with addresses checksummed and structs, in lists too, as named tuples."""
    if abi.type == "address":
        return to_checksum_address(value)
    if not abi.components:
        return value
    if abi.type.endswith("]"):
        return [_struct(item, abi.components) for item in value]
    return _struct(value, abi.components)


def _struct(values: Any, components: Any) -> Any:
    named = (_named(value, abi) for value, abi in zip(values, components, strict=True))
    return _struct_type(tuple(abi.name for abi in components))(*named)


@cache
def _struct_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Struct", names)
