"""What happens off the chain before a deal: lots of GPUs get receipts, attestors report on lots and deals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from integrations.protocol.errors import translated
from integrations.protocol.reports import Report, kind, sign_report

if TYPE_CHECKING:
    from integrations.deals import DealFile
    from integrations.deals.model import Lot
    from integrations.protocol.core import Protocol

APPRAISAL, COVERAGE, TELEMETRY = "APPRAISAL", "DSCR", "TELEMETRY"
BPS = 10_000
DAY = 86_400


def issue(protocol: Protocol, lot: Lot, owner: str, servicer: Any) -> int:
    """Have a servicer issue the receipt of a lot.

    Args:
        protocol: The installation.
        lot: From a deal file.
        owner: Address of who owns the GPUs.
        servicer: Ape account that holds SERVICER.

    Returns:
        The receipt's number.

    Raises:
        RevertedError: There is a receipt of this lot, or the account is no servicer.
    """
    receipts = protocol.contract("compute_receipt")
    with translated():
        transaction = receipts.issue(
            owner, (lot.model, lot.units, lot.site, lot.fingerprint), sender=servicer
        )
    (event,) = transaction.decode_logs(receipts.Issued)
    return int(event.id)


def report(
    protocol: Protocol, name: str, subject: int, value: int, attestors: Sequence[Any], sender: Any
) -> Any:
    """Have attestors sign a fact as of now, and bring it.

    Args:
        protocol: The installation.
        name: Of the kind, e.g. `APPRAISAL` (AID wei), `DSCR` (bps).
        subject: Number of the receipt or the deal.
        value: In the kind's unit.
        attestors: Ape accounts; as many as the Attestor's threshold.
        sender: Ape account that brings it.

    Returns:
        Ape's receipt.

    Raises:
        RevertedError: Too few signers, too large a step, or nothing newer than the last report.
    """
    from ape import chain

    attestor = protocol.contract("attestor")
    now = int(chain.blocks.head.timestamp)
    fact = Report(kind(name), subject, value, now, int(attestor.epoch()), now + DAY)
    signed = sign_report(str(attestor.address), chain.chain_id, fact, attestors)
    with translated():
        return attestor.submit(signed.report, signed.signers, signed.signatures, sender=sender)


def report_facts(
    protocol: Protocol, deal: DealFile, number: int, receipt: int, attestors: Sequence[Any], sender: Any
) -> None:
    """Report what a deal file says about its lot and its coverage, and that the machines run.

    Args:
        protocol: The installation.
        deal: From a deal file.
        number: The deal's.
        receipt: Number of its collateral's receipt.
        attestors: Ape accounts; as many as the Attestor's threshold.
        sender: Ape account that brings the reports.

    Raises:
        RevertedError: As `report`.
    """
    from integrations.deals.model import wei

    facts = (
        (APPRAISAL, receipt, wei(deal.facts.appraisal)),
        (TELEMETRY, receipt, BPS),
        (COVERAGE, number, int(deal.facts.coverage * BPS)),
    )
    for name, subject, value in facts:
        report(protocol, name, subject, value, attestors, sender)
