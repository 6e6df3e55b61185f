"""A short path from Ape to an anvil of its own, bare or forked, for the tests.

Ape sends some sixteen requests for a transaction (code, nonces, fees, the receipt …), through layers that
take far longer than the node. The node's accounts are all unlocked, so one request does. Contracts,
receipts, events and errors stay Ape's own. What is unusual here (a keyword other than `sender`, a struct as
an argument) is encoded or sent by Ape, and so is everything on other networks.
"""

from __future__ import annotations

import threading
import time
from functools import cached_property, lru_cache, wraps
from typing import Any
from urllib.parse import urlsplit

import ape_foundry.provider as foundry
from ape.api.accounts import AccountAPI, ImpersonatedAccount
from ape.contracts.base import ContractCallHandler, ContractTransactionHandler, _select_method_abi
from ape.exceptions import ContractLogicError, OutOfGasError, TransactionError, VirtualMachineError
from ape_ethereum.trace import Trace
from ape_ethereum.transactions import DynamicFeeTransaction, Receipt
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3 import HTTPProvider

from tests.support.wire import Wire, settle

#: Networks whose node Ape starts itself.
OURS = ("local", "mainnet-fork")
GAS_LIMIT = 30_000_000
PATIENCE = 20  # seconds for a block
REVERTED = "execution reverted"
WORD = 32


def install() -> None:
    """Put the short path before Ape's, in this process."""
    # Ape renders a trace of every expected revert, and looks for the lines it passed through (wrong ones, in
    # Vyper's modules): both take longer than the revert, and the trace of a long call takes gigabytes
    Trace.show = lambda *_, **__: None
    Receipt.source_traceback = property(lambda _: None)
    TransactionError.with_ape_traceback = lambda error: error
    foundry.HTTPProvider = KeptConnection
    foundry.FoundryProvider.build_command = _without_steps(foundry.FoundryProvider.build_command)
    ContractCallHandler.__call__ = _or_ape(_view, ContractCallHandler.__call__)
    ContractTransactionHandler.__call__ = _or_ape(_transact, ContractTransactionHandler.__call__)
    for account in (AccountAPI, ImpersonatedAccount):
        account.call = _or_ape(_create, account.call)


class NotShortError(Exception):
    """A call that must go Ape's way; nothing has been sent."""


class KeptConnection(HTTPProvider):
    """Web3's requests to a node on this machine, over one connection for each thread."""

    def __init__(self, uri: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(uri, *args, **kwargs)
        self._threads = threading.local()

    def make_request(self, method: Any, params: Any) -> Any:
        parts = urlsplit(str(self.endpoint_uri))
        if parts.scheme != "http" or parts.hostname != "127.0.0.1":
            return super().make_request(method, params)
        if method == "evm_revert":
            settle(lambda: self.make_request("txpool_status", [])["result"])
        wire = getattr(self._threads, "wire", None)
        if wire is None:
            wire = self._threads.wire = Wire(parts.hostname, parts.port or 80)
        return wire.request(self.encode_rpc_request(method, params))


def _without_steps(build: Any) -> Any:
    """Ape has the node keep every step of every transaction, at three times the price; nobody reads them."""

    @wraps(build)
    def build_command(self: Any) -> list[str]:
        return [part for part in build(self) if part != "--steps-tracing"]

    return build_command


def _or_ape(short: Any, ape: Any) -> Any:
    @wraps(ape)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.provider.network.name in OURS:
            try:
                return short(self, *args, **kwargs)
            except NotShortError:
                pass
        return ape(self, *args, **kwargs)

    return call


def _view(handler: Any, *args: Any, **kwargs: Any) -> Any:
    if kwargs:
        raise NotShortError
    abi, data = _encoded(handler, args)
    address = handler.contract.address
    answer = _rpc(handler.provider, "eth_call", {"to": address, "data": data}, "latest")
    if "error" in answer:
        raise _error(answer["error"], contract_address=address)
    if answer["result"] == "0x":
        raise NotShortError  # Ape knows whether there is a contract at all
    return _decoded(handler.provider, abi, bytes.fromhex(answer["result"][2:]))


def _transact(handler: Any, *args: Any, **kwargs: Any) -> Any:
    if kwargs.keys() != {"sender"}:
        raise NotShortError
    abi, data = _encoded(handler, args)
    return _send(handler.provider, kwargs["sender"].address, handler.contract.address, data, abi)


def _create(account: Any, txn: Any, **kwargs: Any) -> Any:
    if not kwargs.keys() <= {"sender"} or txn.receiver or txn.value:
        raise NotShortError
    return _send(account.provider, account.address, None, "0x" + bytes(txn.data).hex(), None)


# requests


def _rpc(provider: Any, method: str, *params: Any) -> Any:
    return provider.web3.provider.make_request(method, list(params))


def _send(provider: Any, sender: str, to: str | None, data: str, abi: Any) -> ShortReceipt:
    transaction = {"from": sender, "data": data, "gas": hex(GAS_LIMIT), "gasPrice": "0x0"}
    if to is not None:
        transaction["to"] = to
    answer = _rpc(provider, "eth_sendTransaction", transaction)
    if "error" in answer and "No Signer" in answer["error"]["message"]:
        _rpc(provider, "anvil_impersonateAccount", sender)
        answer = _rpc(provider, "eth_sendTransaction", transaction)
    if "error" in answer:
        raise TransactionError(answer["error"]["message"])
    receipt = _receipt(_mined(provider, answer["result"]), sender, to, data)
    receipt._abi = abi
    if receipt.failed:
        replayed = _rpc(provider, "eth_call", transaction, "latest")
        if "error" not in replayed:
            raise (OutOfGasError if receipt.ran_out_of_gas else TransactionError)(txn=receipt)
        raise _error(replayed["error"], txn=receipt)
    return receipt


def _mined(provider: Any, sent: str) -> Any:
    """The node's receipt. (Its call that sends and waits can miss the block, and waits in vain.)"""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = _rpc(provider, "eth_getTransactionReceipt", sent)["result"]
        if answer is not None:
            return answer
        time.sleep(0.001)
    raise TransactionError(f"{sent} was not mined within {PATIENCE} s")


def _error(error: dict[str, Any], **where: Any) -> VirtualMachineError:
    message = error["message"]
    if not message.startswith(REVERTED):
        return VirtualMachineError(message, **where)
    reason = message.removeprefix(REVERTED).removeprefix(":").strip()
    return ContractLogicError(reason or TransactionError.DEFAULT_MESSAGE, set_ape_traceback=False, **where)


# receipts


class ShortReceipt(Receipt):
    """Ape's receipt, with its fields unchecked and what the call returned from the node's own trace."""

    _abi: Any = None

    @cached_property
    def return_value(self) -> Any:
        frame = _rpc(self.provider, "debug_traceTransaction", self.txn_hash, {"tracer": "callTracer"})[
            "result"
        ]
        return _decoded(self.provider, self._abi, bytes.fromhex(frame["output"][2:]))


def _receipt(raw: dict[str, Any], sender: str, to: str | None, data: str) -> ShortReceipt:
    transaction = DynamicFeeTransaction.model_construct(
        sender=sender, receiver=to, data=HexBytes(data), gas_limit=GAS_LIMIT, required_confirmations=0
    )
    created = raw["contractAddress"]
    return ShortReceipt.model_construct(
        block_number=int(raw["blockNumber"], 16),
        contract_address=created and to_checksum_address(created),
        gas_limit=GAS_LIMIT,
        gas_price=0,
        gas_used=int(raw["gasUsed"], 16),
        logs=[_log(log) for log in raw["logs"]],
        status=int(raw["status"], 16),
        txn_hash=raw["transactionHash"],
        transaction=transaction,
    )


def _log(raw: dict[str, Any]) -> dict[str, Any]:
    """A log as web3 hands it to Ape."""
    numbers = {name: int(raw[name], 16) for name in ("blockNumber", "transactionIndex", "logIndex")}
    hashes = {name: HexBytes(raw[name]) for name in ("data", "blockHash", "transactionHash")}
    topics = [HexBytes(topic) for topic in raw["topics"]]
    return {**raw, **numbers, **hashes, "topics": topics, "address": _checksummed(raw["address"])}


# arguments and results

_checksummed = lru_cache(maxsize=10_000)(to_checksum_address)


def _encoded(handler: Any, args: tuple[Any, ...]) -> tuple[Any, str]:
    """The function that takes these arguments, and its calldata."""
    abi = _select_method_abi(handler.abis, args, encode_check=handler._can_encode)
    ecosystem = handler.provider.network.ecosystem
    selector = bytes(ecosystem.get_method_selector(abi))
    types = [str(argument.type) for argument in abi.inputs]
    if any(kind.startswith("tuple") for kind in types):
        arguments = handler.conversion_manager.convert_method_args(abi, args)
        return abi, "0x" + (selector + bytes(ecosystem.encode_calldata(abi, *arguments))).hex()
    plain = [_plain(kind, value) for kind, value in zip(types, args, strict=True)]
    return abi, "0x" + (selector + encode(types, plain)).hex()


def _plain(kind: str, value: Any) -> Any:
    if kind.startswith("address"):
        return (
            [_plain("address", one) for one in value]
            if kind != "address"
            else getattr(value, "address", value)
        )
    if isinstance(value, str) and kind.startswith("bytes"):
        return bytes.fromhex(value.removeprefix("0x"))
    return value


def _decoded(provider: Any, abi: Any, data: bytes) -> Any:
    """What a function returned: words quickly, the rest by Ape."""
    if len(abi.outputs) == 1 and len(data) == WORD:
        kind = abi.outputs[0].type
        if kind.startswith("uint"):
            return int.from_bytes(data, "big")
        if kind == "bool":
            return data != bytes(WORD)
        if kind == "address":
            return _checksummed("0x" + data[12:].hex())
    values = provider.network.ecosystem.decode_returndata(abi, data)
    if not isinstance(values, list | tuple):
        return values
    return values if len(values) > 1 else next(iter(values), None)
