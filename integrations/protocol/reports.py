"""Reports on deals and collateral: what attestors sign and anyone brings to the Attestor (EIP-712)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from eth_utils.crypto import keccak

from integrations.protocol.eip712 import document, sign

#: What attestors sign.
FIELDS = {
    "kind": "bytes32",
    "subject": "uint256",
    "value": "uint256",
    "observed_at": "uint256",
    "epoch": "uint256",
    "deadline": "uint256",
}


@dataclass(frozen=True)
class Report:
    """A fact about a subject.

    Attributes:
        kind: 32 bytes, see `kind`.
        subject: Number of the deal or receipt it is about.
        value: In the kind's unit.
        observed_at: Unix second of the observation.
        epoch: The Attestor's epoch at signing; advancing it kills the report.
        deadline: Last second in which the report may be brought.
    """

    kind: bytes
    subject: int
    value: int
    observed_at: int
    epoch: int
    deadline: int


@dataclass(frozen=True)
class SignedReport:
    """A report with its signatures, in the order the Attestor takes: `submit(*astuple)`.

    Attributes:
        report: The fields in the order of the contract's struct.
        signers: Addresses, ascending.
        signatures: Theirs, 65 bytes r, s, v each.
    """

    report: tuple[bytes, int, int, int, int, int]
    signers: list[str]
    signatures: list[bytes]


def kind(name: str) -> bytes:
    """The kind of report that goes by a name, e.g. `APPRAISAL`."""
    return bytes(keccak(text=name))


def typed_data(attestor: str, chain_id: int, report: Report) -> dict[str, Any]:
    """The EIP-712 document of a report, as wallets show it.

    Args:
        attestor: Address of the Attestor, the verifying contract.
        chain_id: Of the chain it is on.
        report: What is reported.
    """
    return document("AID Attestor", attestor, chain_id, "Report", FIELDS, asdict(report))


def sign_report(attestor: str, chain_id: int, report: Report, attestors: Sequence[Any]) -> SignedReport:
    """Have attestors sign a report.

    Args:
        attestor: Address of the Attestor.
        chain_id: Of the chain it is on.
        report: What is reported.
        attestors: Ape accounts, in any order; they sign, and send nothing.

    Raises:
        AccountError: One of them refused to sign.
    """
    message = typed_data(attestor, chain_id, report)
    ordered = sorted(attestors, key=lambda account: int(account.address, 16))
    signatures = [sign(account, message) for account in ordered]
    return SignedReport(astuple(report), [account.address for account in ordered], signatures)
