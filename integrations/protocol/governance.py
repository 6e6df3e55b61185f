"""Who governs an installation, whether it is open, and what its timelock has queued.

An installation ends closed: minting is paused, the vault's deposit cap is 0, and pools take no first
liquidity. It opens by one operation, once the timelock governs; where the deployer keeps GOVERNOR, by the
same calls directly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from integrations.protocol.steps import Step
from integrations.protocol.timelock import Operation, OperationState

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol


@dataclass(frozen=True)
class Call:
    """One call of the opening."""

    contract: Any
    method: str
    arguments: tuple[Any, ...]

    @property
    def payload(self) -> bytes:
        """Its calldata."""
        return bytes(getattr(self.contract, self.method).encode_input(*self.arguments))


@dataclass(frozen=True)
class Queued:
    """An operation that waits, is ready or has lapsed.

    Attributes:
        id: Its id, `0x` and 64 digits.
        state: What has become of it.
        ready_at: When its delay ends, Unix seconds.
        proposer: Who scheduled it.
        calls: What it does, as a person reads it.
    """

    id: str
    state: OperationState
    ready_at: int
    proposer: str
    calls: list[str]


def is_open(protocol: Protocol) -> bool:
    """Whether the installation has been opened, once and for all; GUARDIAN may have closed parts since."""
    return bool(protocol.pool_factory.opened())


def opening_calls(protocol: Protocol) -> list[Call]:
    """What opens an installation; the last call is the one that can be made only once."""
    cap = protocol.config.staking.deposit_cap
    return [
        Call(protocol.configurator, "unpause_mint", ()),
        Call(protocol.staked_aid, "set_deposit_limits", (cap, False)),
        Call(protocol.pool_factory, "open", ()),
    ]


def acceptance(protocol: Protocol) -> Operation:
    """The operation by which the timelock accepts GOVERNOR, which the deployment has offered it."""
    return Operation(protocol.timelock, ((protocol.roles, protocol.roles.accept_handover.encode_input()),))


def opening(protocol: Protocol) -> Operation:
    """The operation that opens minting, deposits and first liquidity; it waits for the acceptance."""
    calls = tuple((call.contract, call.payload) for call in opening_calls(protocol))
    return Operation(protocol.timelock, calls, predecessor=acceptance(protocol).id)


def opening_steps(protocol: Protocol, deployer: Any) -> Iterator[Step]:
    """Open directly, where the deployer governs; an installation that was open once is left as it is."""

    def run(at: int) -> Any:
        call = opening_calls(protocol)[at]
        return getattr(call.contract, call.method)(*call.arguments, sender=deployer)

    for at, (name, method) in enumerate(OPENING):
        yield Step(name, method, lambda: is_open(protocol), partial(run, at))


#: What `opening_calls` calls, known before there are contracts.
OPENING = (("open minting", "unpause_mint"), ("open deposits", "set_deposit_limits"), ("open pools", "open"))


def governor_of(protocol: Protocol) -> str:
    """Who governs, as a person reads it."""
    governor, pending = protocol.roles.governor(), protocol.roles.pending_governor()
    timelock = protocol.book.contracts.get("timelock")
    if timelock is None:
        return f"{governor}, a key"
    if governor == timelock.address:
        return f"{governor}, the timelock"
    offered = "offered to the timelock" if pending == timelock.address else "not offered to the timelock"
    return f"{governor}, a key; {offered}"


def queue(protocol: Protocol) -> list[Queued]:
    """What the timelock has scheduled and not executed or cancelled, in order of scheduling.

    Raises:
        ValueError: The node does not tell logs that far back.
    """
    from ape import chain

    timelock = protocol.timelock
    sent = protocol.book.contracts["timelock"].transaction
    first = chain.provider.get_receipt(sent).block_number if sent else 0
    (abi,) = (event for event in timelock.contract_type.events if event.name == "CallScheduled")
    found = chain.provider.web3.eth.get_logs({"address": timelock.address, "fromBlock": first})
    logs = list(chain.provider.network.ecosystem.decode_logs([dict(log) for log in found], abi))
    calls: dict[str, list[str]] = {}
    for log in logs:
        name = "0x" + bytes(log.id).hex()
        texts = calls.setdefault(name, [])
        # scheduled anew, it is told once
        if int(log.index) == len(texts):
            texts.append(call_text(protocol, str(log.target), bytes(log.payload)))
    queued = []
    for name, texts in calls.items():
        state = OperationState(int(timelock.get_operation_state(name)))
        if state not in (OperationState.UNSET, OperationState.DONE):
            proposer = str(timelock.proposer_of(name))
            queued.append(Queued(name, state, int(timelock.get_timestamp(name)), proposer, texts))
    return queued


def call_text(protocol: Protocol, target: str, payload: bytes) -> str:
    """A call as a person reads it: `configurator.unpause_mint()`; bytes where the contract is not known."""
    for name, entry in protocol.book.contracts.items():
        if entry.address == target:
            try:
                signature, arguments = protocol.contract(name).decode_input(payload)
            except Exception:  # calldata is a proposer's to choose
                break
            values = ", ".join(_value(value) for value in arguments.values())
            return f"{name}.{signature.partition('(')[0]}({values})"
    return f"{target} 0x{payload.hex()}"


def _value(value: Any) -> str:
    return "0x" + bytes(value).hex() if isinstance(value, bytes) else str(value)
