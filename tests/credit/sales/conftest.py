"""What auctions and offerings are tested with: receipts, and a desk that does as it is told."""

from __future__ import annotations

import pytest

from integrations.protocol.reports import Report, kind, sign_report
from tests.conftest import DAY, WAD


@pytest.fixture(scope="module")
def servicer(protocol, governor, dave):
    protocol.roles.grantRole(protocol.roles.SERVICER(), dave, sender=governor)
    return dave


@pytest.fixture(scope="module")
def committee(protocol, governor, treasurer):
    """Who holds CREDIT."""
    protocol.roles.grantRole(protocol.roles.CREDIT(), treasurer, sender=governor)
    return treasurer


@pytest.fixture(scope="module")
def attestor(protocol, project, governor):
    attestor = governor.deploy(project.Attestor, protocol.roles, 1)
    attestor.set_kind(kind("APPRAISAL"), 30 * DAY, 10_000, 9_000, sender=governor)
    protocol.roles.grantRole(protocol.roles.ATTESTOR(), governor, sender=governor)
    return attestor


@pytest.fixture(scope="module")
def receipt(protocol, project, governor, attestor):
    return governor.deploy(project.ComputeReceipt, protocol.roles, attestor)


@pytest.fixture(scope="module")
def desk(protocol, project, governor, gateway, aid, receipt):
    """A desk without rules, which the Gateway and the receipts take for the real one."""
    desk = governor.deploy(project.CreditDesk, gateway, aid, receipt)
    protocol.staked_aid.set_portfolio(desk, sender=governor)
    receipt.set_desk(desk, sender=governor)
    return desk


@pytest.fixture(scope="module")
def rich(gateway, aid, usdc, alice, bob, carol):
    """alice, bob and carol with 500,000 AID each."""
    for user in (alice, bob, carol):
        gateway.mint(usdc, 501_000 * 10**6, 500_000 * WAD, sender=user)
    return (alice, bob, carol)


@pytest.fixture
def appraise(attestor, chain, governor):
    """Has the attestors say what a lot is worth."""

    def appraise(subject: int, value: int) -> None:
        now = chain.pending_timestamp
        report = Report(kind("APPRAISAL"), subject, value, now - 1, attestor.epoch(), now + DAY)
        signed = sign_report(attestor.address, chain.chain_id, report, [governor])
        attestor.submit(signed.report, signed.signers, signed.signatures, sender=governor)

    return appraise
