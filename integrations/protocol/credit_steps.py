"""Deploying the credit side: receipts, deals, ledger, desk, auction, workout; and introducing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from integrations.protocol.bounds import DAY
from integrations.protocol.config import Credit, Gates, ReportKind
from integrations.protocol.reports import kind
from integrations.protocol.steps import Step

if TYPE_CHECKING:
    from integrations.protocol.deployment import Deployment

ZERO = "0x" + "00" * 20

#: Contracts by their names in the address book, with the names of what their constructors take, in order.
CONTRACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "attestor": ("Attestor", ("roles",)),
    "compute_receipt": ("ComputeReceipt", ("roles", "attestor")),
    "deals": ("Deals", ("roles", "attestor", "compute_receipt", "staked_aid")),
    "deal_math": ("DealMath", ()),
    "deal_ledger": ("DealLedger", ("roles", "deals", "deal_math")),
    "deal_desk": ("DealDesk", ("roles", "deals", "deal_ledger", "compute_receipt", "staked_aid")),
    "collateral_auction": ("CollateralAuction", ("roles", "aid", "gateway", "compute_receipt")),
    "workout": ("Workout", ("roles", "aid", "deals", "deal_ledger", "deal_desk", "attestor")),
}


def credit_steps(deployment: Deployment, credit: Credit) -> list[Step]:
    """All steps of the credit side, in order; the rest of the protocol exists before."""
    deployer, protocol = deployment.deployer, deployment.protocol
    address = deployment.address

    def constructor(name: str, parts: tuple[str, ...]) -> Callable[[], tuple[Any, ...]]:
        # the attestor's threshold is the one argument that is not a contract
        rest = (credit.attestor_threshold,) if name == "attestor" else ()
        return lambda: (*(address(part) for part in parts), *rest)

    plan = [
        deployment.deploy_step(name, contract, constructor(name, parts))
        for name, (contract, parts) in CONTRACTS.items()
    ]
    plan += [
        Step(
            "deals.set_desk",
            "deals.set_desk",
            lambda: bool(protocol.contract("deals").desk() != ZERO),
            lambda: protocol.contract("deals").set_desk(
                address("deal_desk"), address("deal_ledger"), sender=deployer
            ),
        ),
        deployment.wire_step("deal_ledger", "desk", "set_desk", "deal_desk"),
        deployment.wire_step("compute_receipt", "desk", "set_desk", "deal_desk"),
        deployment.wire_step("deal_desk", "auction", "set_auction", "collateral_auction"),
        deployment.wire_step("deal_desk", "workout", "set_workout", "workout"),
        deployment.protect_step("deal_desk"),
        deployment.protect_step("collateral_auction"),
    ]
    if credit.fee_receiver is not None:
        receiver = credit.fee_receiver
        plan.append(
            deployment.setting_step(
                "set desk fee receiver",
                "set_fee_receiver",
                lambda: bool(protocol.contract("deal_desk").fee_receiver() == receiver),
                lambda: protocol.contract("deal_desk").set_fee_receiver(receiver, sender=deployer),
                lambda: _is_attached(deployment),
            )
        )
    plan.append(_gates(deployment, credit.gates))
    plan += [_kind(deployment, report) for report in credit.reports]
    # what deals live by is set before: from here on it is changed by whoever governs
    return [*plan, deployment.wire_step("staked_aid", "portfolio", "set_portfolio", "deal_desk")]


def _is_attached(deployment: Deployment) -> bool:
    """Whether the vault lends through this desk."""
    return bool(deployment.protocol.staked_aid.portfolio() == deployment.address("deal_desk"))


def _gates(deployment: Deployment, gates: Gates) -> Step:
    wanted = gates.model_dump()

    def deals() -> Any:
        return deployment.protocol.contract("deals")

    def done() -> bool:
        found = deals().limits()
        return all(getattr(found, name) == value for name, value in wanted.items())

    return deployment.setting_step(
        "set gates of funding",
        "set_limits",
        done,
        # a pause is GUARDIAN's and GOVERNOR's, and outlives this
        lambda: deals().set_limits({**wanted, "paused": deals().limits().paused}, sender=deployment.deployer),
        lambda: _is_attached(deployment),
    )


def _kind(deployment: Deployment, report: ReportKind) -> Step:
    wanted = (report.max_age_days * DAY, report.max_rise_bps, report.max_fall_bps)

    def attestor() -> Any:
        return deployment.protocol.contract("attestor")

    return deployment.setting_step(
        f"admit reports of {report.kind}",
        "set_kind",
        lambda: tuple(attestor().bounds_of(kind(report.kind))) == wanted,
        lambda: attestor().set_kind(kind(report.kind), *wanted, sender=deployment.deployer),
        lambda: _is_attached(deployment),
    )
