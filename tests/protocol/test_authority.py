"""Who may call what: every function of every contract of an installation, by every role, as its NatSpec says.

The `@custom:access` line of a function names the roles that get past its check. A call with empty arguments,
which is never sent, tells by its reason whether the caller got past: lines and code cannot drift apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ape
import pytest
from eth_utils.address import to_checksum_address
from web3.exceptions import Web3Exception

from integrations.protocol import Role
from tests.support.access import access_lines

CONTRACTS = Path(__file__).parents[2] / "contracts"
#: Lines that begin so name nobody by role: the function is open, or asks for something else than a role.
OPEN = (
    "anyone",
    "callers",
    "whoever",
    "its owner",
    "the owner",
    "the deal's funder",
    "the borrower",
    "the payer",
    "holders",
    "pending governor",
)
#: Contracts whose members are not roles of Roles.vy; tests/aid/test_timelock.py has theirs.
APART = {"Timelock"}
#: These look at the coin or the amount before they look at the caller.
COIN_FIRST = {"Configurator", "Gateway"}
NOT_OURS = {"Stablecoin", "PriceFeed", "TBillVault", "StableSwap blueprint"}


@dataclass(frozen=True)
class Function:
    """A function that changes state, as it is called here."""

    contract: str
    name: str
    abi: Any
    address: str
    access: str | None
    coin: str

    @property
    def is_open(self) -> bool:
        text = (self.access or "anyone").lower()
        return text.startswith(OPEN) or "; anyone" in text

    @property
    def allowed(self) -> set[Role]:
        """Roles that the line names."""
        return {role for role in Role if re.search(rf"\b{role.name}\b", self.access or "")}


def nothing(parameter: Any, one: int = 0, somebody: str = "0x" + "00" * 20) -> Any:
    """An empty argument of a type, or one unit and an account that is known."""
    kind = str(parameter.type)
    if kind.endswith("[]"):
        return []
    if found := re.fullmatch(r"(.*)\[(\d+)\]", kind):
        part = parameter.model_copy(update={"type": found[1]})
        return [nothing(part, one, somebody)] * int(found[2])
    if kind == "tuple":
        return tuple(nothing(part, one, somebody) for part in parameter.components)
    if kind == "address":
        return somebody
    if kind == "bool":
        return False
    if kind in {"bytes", "string"}:
        return b"" if kind == "bytes" else ""
    return bytes(int(kind[5:])) if kind.startswith("bytes") else one


def address(number: int) -> str:
    """That of nobody's key."""
    return str(to_checksum_address(f"0x{number:040x}"))


@pytest.fixture(scope="module")
def holders(protocol, governor):
    """An address for each role that holds nothing else, and a stranger's under None."""
    found: dict[Role | None, str] = {None: address(0xBAD), Role.GOVERNOR: governor.address}
    for at, role in enumerate(role for role in Role if role != Role.GOVERNOR):
        found[role] = address(0xA000 + at)
        protocol.roles.grantRole(role.value, found[role], sender=governor)
    return found


@cache
def lines(contract: str) -> dict[str, str]:
    return access_lines(CONTRACTS, contract)


@pytest.fixture(scope="module")
def functions(protocol, usdc):
    """All of them, each contract's once."""
    found = []
    seen = set()
    for name, entry in protocol.book.contracts.items():
        if (
            entry.contract in NOT_OURS | APART
            or entry.contract in seen
            or entry.contract.endswith("blueprint")
        ):
            continue
        seen.add(entry.contract)
        for method in protocol.contract(name).contract_type.mutable_methods:
            access = lines(entry.contract).get(method.name)
            found.append(Function(entry.contract, method.name, method, entry.address, access, usdc.address))
    return found


def reason(function: Function, caller: str) -> str | None:
    """Why a call with empty arguments is refused; None if it is not."""
    provider = ape.chain.provider
    given = (1, function.coin) if function.contract in COIN_FIRST else ()
    arguments = [nothing(parameter, *given) for parameter in function.abi.inputs]
    data = provider.network.ecosystem.encode_transaction(function.address, function.abi, *arguments).data
    try:
        provider.web3.eth.call({"from": caller, "to": function.address, "data": "0x" + bytes(data).hex()})
    except Web3Exception as error:
        found = re.search(r"execution reverted:? ?([^'\",]*)", str(error))
        return found[1] if found else str(error)
    return None


def is_authority(text: str | None) -> bool:
    """Whether a reason says that the caller is the wrong one, rather than the state or an argument."""
    others = "deficit|pending|ready|paused|lapsed|newer|received|proposed|approved|in default|a mark"
    return re.match(rf"not (?!{others})", text or "") is not None


def test_authority__is_what_each_access_line_says(functions, holders):
    faults = []
    for function in functions:
        place = f"{function.contract}.{function.name}"
        stranger = reason(function, holders[None])
        if function.is_open:
            continue
        if not is_authority(stranger):
            faults.append(f"{place}: a stranger gets past ({stranger!r}), though for {function.access}")
            continue
        for role in Role:
            answer = reason(function, holders[role])
            past = not is_authority(answer)
            if past != (role in function.allowed):
                verb = "gets past" if past else "is refused"
                faults.append(f"{place}: {role.name} {verb} ({answer!r}), though for {function.access}")
    assert not faults, "\n".join(faults)


def test_authority__nothing_without_a_line_asks_for_a_role(functions, holders):
    """A function that says nothing is for everybody."""
    hidden = []
    for function in functions:
        if function.access is None:
            answer = reason(function, holders[None])
            if answer in {f"not {role.name.lower()}" for role in Role}:
                hidden.append(f"{function.contract}.{function.name}: {answer}")
    assert not hidden, "\n".join(hidden)


def test_authority__every_contract_is_looked_at(functions):
    looked = {function.contract for function in functions}
    assert {"Roles", "AID", "Allowlist", "Configurator", "Gateway", "StakedAID", "InsuranceFund"} <= looked
    assert {"PoolFactory", "StableSwap", "Attestor", "ComputeReceipt", "Deals", "DealLedger"} <= looked
    assert {"DealDesk", "CollateralAuction"} <= looked
    assert sum(not function.is_open for function in functions) >= 60
