"""Attestor: who may report, how far a report may go, and when it is fresh."""

from dataclasses import replace

import pytest
from ape import reverts

from integrations.protocol.reports import Report, kind, sign_report
from tests.conftest import DAY
from tests.support.delegation import delegate

APPRAISAL = kind("APPRAISAL")
SUBJECT = 7
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module")
def attestors(protocol, governor, alice, bob, carol):
    role = protocol.roles.ATTESTOR()
    for account in (alice, bob, carol):
        protocol.roles.grantRole(role, account, sender=governor)
    return [alice, bob, carol]


@pytest.fixture(scope="module")
def attestor(protocol, project, governor, attestors):
    """Two of three; appraisals are fresh for 30 days and move by +10 % and -40 % at most."""
    attestor = governor.deploy(project.Attestor, protocol.roles, 2)
    attestor.set_kind(APPRAISAL, 30 * DAY, 1_000, 4_000, sender=governor)
    return attestor


@pytest.fixture
def report(chain):
    now = chain.pending_timestamp
    return Report(APPRAISAL, SUBJECT, 1_000_000, now - 60, 0, now + DAY)


@pytest.fixture
def bring(attestor, chain, attestors, mallory):
    """Sign with alice and bob, unless others are named, and have a stranger bring it."""

    def bring(report, *signers):
        signed = sign_report(attestor.address, chain.chain_id, report, signers or attestors[:2])
        return attestor.submit(signed.report, signed.signers, signed.signatures, sender=mallory)

    return bring


def test_submit__signed_by_two_of_three__is_recorded(attestor, report, bring, chain):
    tx = bring(report)
    assert tx.events == [
        attestor.Reported(kind=APPRAISAL, subject=SUBJECT, value=1_000_000, observed_at=report.observed_at)
    ]
    assert attestor.latest(APPRAISAL, SUBJECT) == (1_000_000, report.observed_at, tx.timestamp)
    assert attestor.fresh_value(APPRAISAL, SUBJECT) == 1_000_000


def test_report_digest__is_what_wallets_sign(attestor, report, bring, attestors, chain):
    signed = sign_report(attestor.address, chain.chain_id, report, attestors[:1])
    digest = attestor.report_digest(signed.report)
    from eth_keys import keys

    r, s, v = signed.signatures[0][:32], signed.signatures[0][32:64], signed.signatures[0][64]
    public = keys.Signature(vrs=(v - 27, int.from_bytes(r, "big"), int.from_bytes(s, "big")))
    assert public.recover_public_key_from_msg_hash(digest).to_checksum_address() == attestors[0].address


def test_submit__by_too_few__reverts(report, bring, attestors):
    with reverts("too few signers"):
        bring(report, attestors[0])


def test_submit__by_one_signer_twice__reverts(attestor, report, chain, attestors, mallory):
    signed = sign_report(attestor.address, chain.chain_id, report, attestors[:1])
    with reverts("signers not ascending"):
        attestor.submit(signed.report, signed.signers * 2, signed.signatures * 2, sender=mallory)


def test_submit__in_descending_order__reverts(attestor, report, chain, attestors, mallory):
    signed = sign_report(attestor.address, chain.chain_id, report, attestors[:2])
    with reverts("signers not ascending"):
        attestor.submit(signed.report, signed.signers[::-1], signed.signatures[::-1], sender=mallory)


def test_submit__by_a_stranger_or_a_removed_signer__reverts(
    protocol, report, bring, attestors, dave, governor
):
    with reverts("not attestor"):
        bring(report, attestors[0], dave)
    protocol.roles.revokeRole(protocol.roles.ATTESTOR(), attestors[1], sender=governor)
    with reverts("not attestor"):
        bring(report)


def test_submit__with_anything_changed_after_signing__reverts(attestor, report, chain, attestors, mallory):
    signed = sign_report(attestor.address, chain.chain_id, report, attestors[:2])
    for changed in (
        replace(report, subject=SUBJECT + 1),
        replace(report, value=1_000_001),
        replace(report, observed_at=report.observed_at + 1),
        replace(report, deadline=report.deadline + 1),
    ):
        fields = tuple(vars(changed).values())
        with reverts("bad signature"):
            attestor.submit(fields, signed.signers, signed.signatures, sender=mallory)
    with reverts("signatures differ"):
        attestor.submit(signed.report, signed.signers, signed.signatures[:1], sender=mallory)


def test_submit__by_keys_of_delegating_accounts__is_recorded(protocol, attestor, report, bring, attestors):
    """Code that does not answer ERC-1271 (EIP-7702) takes nothing from a key."""
    for signer in attestors[:2]:
        delegate(signer, protocol.roles)
    bring(report)
    assert attestor.fresh_value(APPRAISAL, SUBJECT) == 1_000_000


def test_submit__malformed_of_delegating_one__reverts(protocol, attestor, report, chain, attestors, mallory):
    delegate(attestors[0], protocol.roles)
    signed = sign_report(attestor.address, chain.chain_id, report, attestors[:2])
    at = signed.signers.index(attestors[0].address)
    s, v = int.from_bytes(signed.signatures[at][32:64], "big"), signed.signatures[at][64]
    high = signed.signatures[at][:32] + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    for signature in (high, bytes(65), b""):
        signatures = [*signed.signatures[:at], signature, *signed.signatures[at + 1 :]]
        with reverts("bad signature"):
            attestor.submit(signed.report, signed.signers, signatures, sender=mallory)


def test_submit__again_or_an_older_one__reverts(report, bring):
    bring(report)
    with reverts("not newer"):
        bring(report)
    with reverts("not newer"):
        bring(replace(report, observed_at=report.observed_at - 1))


def test_submit__after_the_epoch_has_advanced__reverts(attestor, report, bring, guardian):
    tx = attestor.advance_epoch(sender=guardian)
    assert tx.events == [attestor.EpochAdvanced(epoch=1)]
    with reverts("wrong epoch"):
        bring(report)
    bring(replace(report, epoch=1))


def test_submit__late_early_or_of_an_unknown_kind__reverts(report, bring):
    with reverts("report expired"):
        bring(replace(report, deadline=report.observed_at))
    with reverts("observed in future"):
        bring(replace(report, observed_at=report.observed_at + DAY))
    with reverts("unknown kind"):
        bring(replace(report, kind=kind("OTHER")))
    with reverts("value out of bounds"):
        bring(replace(report, value=2**176))


@pytest.mark.parametrize(
    ("value", "fits"), [(1_100_000, True), (1_100_001, False), (600_000, True), (599_999, False)]
)
def test_submit__a_step__is_bounded_both_ways(attestor, report, bring, value, fits):
    bring(report)
    following = replace(report, value=value, observed_at=report.observed_at + 1)
    if fits:
        bring(following)
        assert attestor.fresh_value(APPRAISAL, SUBJECT) == value
    else:
        with reverts("step too large"):
            bring(following)


def test_submit__after_zero__any_value_may_come(attestor, report, bring, governor):
    attestor.set_kind(APPRAISAL, 30 * DAY, 1_000, 10_000, sender=governor)
    bring(replace(report, value=0))
    bring(replace(report, observed_at=report.observed_at + 1))
    bring(replace(report, value=0, observed_at=report.observed_at + 2))
    assert attestor.fresh_value(APPRAISAL, SUBJECT) == 0


def test_freshness__ends_with_the_second_after_the_age(attestor, report, bring, chain):
    assert not attestor.is_fresh(APPRAISAL, SUBJECT)
    with reverts("stale report"):
        attestor.fresh_value(APPRAISAL, SUBJECT)
    bring(report)
    chain.pending_timestamp = report.observed_at + 30 * DAY
    chain.mine()
    assert attestor.is_fresh(APPRAISAL, SUBJECT)
    chain.mine(timestamp=report.observed_at + 30 * DAY + 1)
    assert not attestor.is_fresh(APPRAISAL, SUBJECT)
    assert attestor.latest(APPRAISAL, SUBJECT)[0] == 1_000_000


def test_settings__by_others_or_out_of_bounds__revert(attestor, governor, guardian, mallory):
    for call in (
        lambda who: attestor.set_kind(APPRAISAL, 1, 1, 1, sender=who),
        lambda who: attestor.set_threshold(1, sender=who),
    ):
        for who in (guardian, mallory):
            with reverts("not governor"):
                call(who)
    with reverts("not guardian"):
        attestor.advance_epoch(sender=mallory)
    for threshold in (0, 17):
        with reverts("threshold out of bounds"):
            attestor.set_threshold(threshold, sender=governor)
    for age in (0, 400 * DAY + 1):
        with reverts("age out of bounds"):
            attestor.set_kind(APPRAISAL, age, 1, 1, sender=governor)
    for rise, fall in ((2**32, 1), (1, 10_001)):
        with reverts("step out of bounds"):
            attestor.set_kind(APPRAISAL, 1, rise, fall, sender=governor)
    attestor.set_kind(APPRAISAL, 5, 6, 7, sender=governor)
    assert attestor.bounds_of(APPRAISAL) == (5, 6, 7)
