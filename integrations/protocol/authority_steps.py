"""Who holds which role when an installation is complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrations.protocol.roles import Role
from integrations.protocol.steps import Step

if TYPE_CHECKING:
    from integrations.protocol.deployment import Deployment


def authority_steps(deployment: Deployment) -> Iterator[Step]:
    """Grant the configured roles, approve verifiers, and offer GOVERNOR to the timelock."""
    deployer = deployment.deployer
    p = deployment.protocol
    holders = deployment.config.roles.model_dump()

    def granted(role: Role, account: str) -> bool:
        return bool(p.roles.hasRole(role.value, account))

    def grant(role: Role, account: str) -> Step:
        return Step(
            f"grant {role.name} to {account[:8]}…",
            "grantRole",
            lambda: deployment.handed_over() or granted(role, account),
            lambda: p.roles.grantRole(role.value, account, sender=deployer),
        )

    me = deployer.address
    if deployment.config.kyc_verifiers:
        # verifiers are COMPLIANCE's to approve: the deployer holds it for as long as that takes
        def verified() -> bool:
            return all(p.allowlist.is_verifier(account) for account in deployment.config.kyc_verifiers)

        yield Step(
            "hold COMPLIANCE",
            "grantRole",
            lambda: verified() or granted(Role.COMPLIANCE, me),
            lambda: p.roles.grantRole(Role.COMPLIANCE.value, me, sender=deployer),
        )
        for account in deployment.config.kyc_verifiers:
            yield _verifier(deployment, account)
        if me not in holders["compliance"]:
            yield Step(
                "give COMPLIANCE up",
                "renounceRole",
                lambda: not granted(Role.COMPLIANCE, me),
                lambda: p.roles.renounceRole(Role.COMPLIANCE.value, me, sender=deployer),
            )
    for name, accounts in holders.items():
        for account in accounts:
            yield grant(Role[name.upper()], account)
    governance = deployment.config.governance
    if governance is not None:
        yield deployment.deploy_step(
            "timelock",
            "Timelock",
            lambda: (
                deployment.address("roles"),
                governance.min_delay,
                governance.proposers,
                governance.cancellers,
            ),
        )
        yield Step(
            "offer GOVERNOR to the timelock",
            "begin_handover",
            lambda: deployment.address("timelock") in (p.roles.pending_governor(), p.roles.governor()),
            lambda: p.roles.begin_handover(deployment.address("timelock"), sender=deployer),
        )


def _verifier(deployment: Deployment, account: str) -> Step:
    return Step(
        f"approve verifier {account[:8]}…",
        "set_verifier",
        lambda: bool(deployment.protocol.allowlist.is_verifier(account)),
        lambda: deployment.protocol.allowlist.set_verifier(account, True, sender=deployment.deployer),
    )
