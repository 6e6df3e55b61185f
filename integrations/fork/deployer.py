"""Sends transactions to a node that holds the keys, with web3: what the venues are set up with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web3 import Web3
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from ..protocol.errors import ProtocolError
from .packages import Artifact

SIZE_LIMIT = 24_576
#: One transaction may take this much: splitting Pendle's creation code is the largest.
GAS = 30_000_000


class SetupError(ProtocolError):
    """A venue refused what was to set it up."""


class Deployer:
    """One account of a node, and contracts by their artifacts."""

    def __init__(self, web3: Web3, account: str) -> None:
        self.web3 = web3
        self.account = Web3.to_checksum_address(account)

    def deploy(self, artifact: Artifact, *arguments: Any) -> str:
        """Deploy a contract and return its address.

        Raises:
            SetupError: The constructor reverted, or the code is larger than the node takes.
        """
        contract = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.creation_code)
        receipt = self._send(contract.constructor(*arguments), f"deploying {artifact.name}")
        address = str(receipt["contractAddress"])
        size = len(self.web3.eth.get_code(Web3.to_checksum_address(address)))
        if size == 0:
            raise SetupError(
                f"deploying {artifact.name} left no code",
                f"over {SIZE_LIMIT} bytes? start the node with --code-size-limit",
            )
        return address

    def at(self, artifact: Artifact, address: str) -> Any:
        """The web3 contract of this type at an address."""
        return self.web3.eth.contract(address=Web3.to_checksum_address(address), abi=artifact.abi)

    def send(self, call: Any) -> Any:
        """Send a call of a web3 contract and return its receipt.

        Raises:
            SetupError: It reverted.
        """
        return self._send(call, call.fn_name)

    def _send(self, call: Any, what: str) -> Any:
        try:
            sent = call.transact({"from": self.account, "gas": GAS})
            receipt = self.web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.01)
        except (Web3Exception, ValueError) as error:
            raise SetupError(f"{what} failed: {error}") from None
        if receipt["status"] != 1:
            raise SetupError(f"{what} reverted", reason(self.web3, sent))
        return receipt


def reason(web3: Web3, transaction: Any) -> str:
    """Why a mined transaction failed, as far as the node says."""
    try:
        trace = web3.manager.request_blocking(
            RPCEndpoint("debug_traceTransaction"), [transaction, {"tracer": "callTracer"}]
        )
    except Web3Exception:
        return ""
    return str(trace.get("revertReason") or trace.get("error") or "")


def selectors(artifacts: Sequence[Artifact]) -> dict[str, list[str]]:
    """The selectors of each contract's functions, `0x` and eight digits, by its name."""
    return {
        one.name: [
            "0x" + bytes(Web3.keccak(text=_signature(entry)))[:4].hex()
            for entry in one.abi
            if entry["type"] == "function"
        ]
        for one in artifacts
    }


def _signature(entry: Any) -> str:
    return f"{entry['name']}({','.join(_canonical(one) for one in entry['inputs'])})"


def _canonical(parameter: Any) -> str:
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_canonical(one) for one in parameter['components'])}){kind.removeprefix('tuple')}"
