"""Allowlist: KYC set by COMPLIANCE or brought as a verifier's attestation."""

import pytest
from ape import reverts
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.conftest import LONG
from tests.support.delegation import delegate

ZERO = "0x" + "00" * 20
DAY = 86_400
MAX_VALIDITY = 730 * DAY
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module")
def verifier(accounts):
    return accounts[9]


@pytest.fixture(scope="module")
def allowlist(project, governor, roles):
    return governor.deploy(project.Allowlist, roles)


@pytest.fixture(scope="module")
def approved(allowlist, verifier, compliance):
    """The allowlist with one approved verifier."""
    allowlist.set_verifier(verifier, True, sender=compliance)
    return allowlist


@pytest.fixture
def sign(allowlist, verifier, chain):
    """Sign an attestation as wallets do, independently of the contract's own digest."""

    def _sign(
        account, valid_until, nonce, deadline, signer=verifier, chain_id=chain.chain_id, contract=allowlist
    ):
        message = typed_attestation(account, valid_until, nonce, deadline, chain_id, contract)
        return bytes(signer.sign_message(message).encode_rsv())

    return _sign


def typed_attestation(account, valid_until, nonce, deadline, chain_id, contract):
    return encode_typed_data(
        domain_data={
            "name": "AID Allowlist",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": str(contract),
        },
        message_types={
            "KYCAttestation": [
                {"name": "account", "type": "address"},
                {"name": "valid_until", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        message_data={
            "account": str(account),
            "valid_until": valid_until,
            "nonce": nonce,
            "deadline": deadline,
        },
    )


def test_deploy__nobody_is_allowed(allowlist, roles, alice):
    assert allowlist.ROLES() == roles
    assert not allowlist.is_allowed(alice)
    assert not allowlist.is_allowed(ZERO)
    assert (allowlist.kyc_expiry(alice), allowlist.nonces(alice)) == (0, 0)
    assert allowlist.MAX_VALIDITY() == MAX_VALIDITY


def test_deploy__roles_without_code__reverts(project, governor, alice):
    with reverts("no code"):
        governor.deploy(project.Allowlist, alice)


# set_kyc


def test_set_kyc__by_compliance__allows_and_logs(allowlist, compliance, alice, bob, now):
    tx = allowlist.set_kyc(alice, now + DAY, sender=compliance)

    assert tx.events == [allowlist.KYCSet(account=alice, valid_until=now + DAY, by=compliance)]
    assert allowlist.is_allowed(alice)
    assert (allowlist.kyc_expiry(alice), allowlist.nonces(alice)) == (now + DAY, 1)
    assert not allowlist.is_allowed(bob)


def test_is_allowed__expiry_second__is_the_last(allowlist, compliance, alice, now, chain):
    allowlist.set_kyc(alice, now + DAY, sender=compliance)

    chain.mine(timestamp=now + DAY)
    assert allowlist.is_allowed(alice)
    chain.mine(timestamp=now + DAY + 1)
    assert not allowlist.is_allowed(alice)
    assert allowlist.kyc_expiry(alice) == now + DAY


def test_set_kyc__this_very_second__is_allowed(allowlist, compliance, alice, now):
    allowlist.set_kyc(alice, now, sender=compliance)

    assert allowlist.kyc_expiry(alice) == now


def test_set_kyc__a_second_ago__reverts(allowlist, compliance, alice, now):
    with reverts("expired"):
        allowlist.set_kyc(alice, now - 1, sender=compliance)


def test_set_kyc__longest_validity__is_allowed(allowlist, compliance, alice, now):
    allowlist.set_kyc(alice, now + MAX_VALIDITY, sender=compliance)

    assert allowlist.kyc_expiry(alice) == now + MAX_VALIDITY


def test_set_kyc__a_second_longer__reverts(allowlist, compliance, alice, now):
    with reverts("validity too long"):
        allowlist.set_kyc(alice, now + MAX_VALIDITY + 1, sender=compliance)


@pytest.mark.parametrize("valid_until", [2**64, 2**256 - 1])
def test_set_kyc__wider_than_its_field__reverts(allowlist, compliance, alice, valid_until):
    with reverts("validity too long"):
        allowlist.set_kyc(alice, valid_until, sender=compliance)


def test_set_kyc__zero__revokes(allowlist, compliance, alice, now):
    allowlist.set_kyc(alice, now + DAY, sender=compliance)

    tx = allowlist.set_kyc(alice, 0, sender=compliance)

    assert tx.events == [allowlist.KYCSet(account=alice, valid_until=0, by=compliance)]
    assert not allowlist.is_allowed(alice)
    assert (allowlist.kyc_expiry(alice), allowlist.nonces(alice)) == (0, 2)


def test_set_kyc__zero_account__reverts(allowlist, compliance, now):
    with reverts("zero address"):
        allowlist.set_kyc(ZERO, now, sender=compliance)


@pytest.mark.parametrize("who", ["governor", "guardian", "alice"])
def test_set_kyc__not_compliance__reverts(allowlist, request, alice, now, who):
    with reverts("not compliance"):
        allowlist.set_kyc(alice, now, sender=request.getfixturevalue(who))


def test_set_kyc__role_taken_away__reverts(allowlist, roles, role_id, governor, compliance, alice, now):
    roles.revokeRole(role_id("COMPLIANCE"), compliance, sender=governor)

    with reverts("not compliance"):
        allowlist.set_kyc(alice, now + DAY, sender=compliance)


def test_set_kyc_many__hundred_accounts__all(allowlist, compliance, now):
    accounts = [f"0x{i:040x}" for i in range(1, 101)]

    tx = allowlist.set_kyc_many(accounts, now + DAY, sender=compliance)

    assert tx.events == [
        allowlist.KYCSet(account=account, valid_until=now + DAY, by=compliance) for account in accounts
    ]
    assert all(allowlist.is_allowed(account) for account in accounts[::33])


def test_set_kyc_many__one_is_zero__none(allowlist, compliance, alice, now):
    with reverts("zero address"):
        allowlist.set_kyc_many([alice, ZERO], now + DAY, sender=compliance)

    assert allowlist.nonces(alice) == 0


@pytest.mark.parametrize(("offset", "reason"), [(-1, "expired"), (MAX_VALIDITY + 1, "validity too long")])
def test_set_kyc_many__out_of_bounds__reverts(allowlist, compliance, alice, now, offset, reason):
    with reverts(reason):
        allowlist.set_kyc_many([alice], now + offset, sender=compliance)


def test_set_kyc_many__not_compliance__reverts(allowlist, alice, now):
    with reverts("not compliance"):
        allowlist.set_kyc_many([alice], now, sender=alice)


# set_verifier


@pytest.mark.parametrize("approved", [True, False])
def test_set_verifier__by_compliance__logs(allowlist, compliance, bob, approved):
    tx = allowlist.set_verifier(bob, approved, sender=compliance)

    assert tx.events == [allowlist.VerifierSet(verifier=bob, approved=approved)]
    assert allowlist.is_verifier(bob) is approved


def test_set_verifier__zero__reverts(allowlist, compliance):
    with reverts("zero address"):
        allowlist.set_verifier(ZERO, True, sender=compliance)


@pytest.mark.parametrize("who", ["governor", "verifier"])
def test_set_verifier__not_compliance__reverts(allowlist, request, bob, who):
    with reverts("not compliance"):
        allowlist.set_verifier(bob, True, sender=request.getfixturevalue(who))


# attest


def malleated(signature):
    """The other of the two signatures that recover to a key: the high `s`."""
    s, v = int.from_bytes(signature[32:64], "big"), signature[64]
    return signature[:32] + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])


def test_digest__equals_eip712(allowlist, alice, chain):
    message = typed_attestation(alice, 10**10, 3, 10**9, chain.chain_id, allowlist)
    expected = keccak(b"\x19" + message.version + message.header + message.body)

    assert allowlist.attestation_digest(alice, 10**10, 3, 10**9) == expected
    assert allowlist.DOMAIN_SEPARATOR() == message.header


def test_eip712_domain__describes_itself(allowlist, chain):
    fields, name, version, chain_id, contract, salt, extensions = allowlist.eip712Domain()

    assert bytes(fields) == b"\x0f"
    assert (name, version, chain_id, contract) == ("AID Allowlist", "1", chain.chain_id, allowlist)
    assert (bytes(salt), extensions) == (bytes(32), [])


def test_attest__brought_by_anyone__allows_and_logs(approved, sign, verifier, alice, mallory, now):
    signature = sign(alice, now + DAY, 0, now)

    tx = approved.attest(alice, now + DAY, now, verifier, signature, sender=mallory)

    assert tx.events == [approved.KYCSet(account=alice, valid_until=now + DAY, by=verifier)]
    assert approved.is_allowed(alice)
    assert (approved.kyc_expiry(alice), approved.nonces(alice)) == (now + DAY, 1)
    assert not approved.is_allowed(mallory)


def test_attest__compact_signature__allows(approved, sign, verifier, alice, now):
    signature = sign(alice, now + DAY, 0, now)
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    compact = r + (s | (v - 27) << 255).to_bytes(32, "big")

    approved.attest(alice, now + DAY, now, verifier, compact, sender=alice)

    assert approved.is_allowed(alice)


def test_attest__next_nonce__renews(approved, sign, verifier, alice, now):
    approved.attest(alice, now + DAY, now, verifier, sign(alice, now + DAY, 0, now), sender=alice)

    renewed = sign(alice, now + 9 * DAY, 1, now + DAY)
    approved.attest(alice, now + 9 * DAY, now + DAY, verifier, renewed, sender=alice)

    assert (approved.kyc_expiry(alice), approved.nonces(alice)) == (now + 9 * DAY, 2)


def test_attest__a_second_after_deadline__reverts(approved, sign, verifier, alice, now):
    signature = sign(alice, now + DAY, 0, now - 1)

    with reverts("attestation expired"):
        approved.attest(alice, now + DAY, now - 1, verifier, signature, sender=alice)


def test_attest__replayed__reverts(approved, sign, verifier, alice, now):
    arguments = (alice, now + DAY, now + DAY, verifier, sign(alice, now + DAY, 0, now + DAY))
    approved.attest(*arguments, sender=alice)

    with reverts("bad signature"):
        approved.attest(*arguments, sender=alice)


def test_attest__after_revocation__is_dead(approved, sign, verifier, compliance, alice, now):
    signature = sign(alice, now + DAY, 0, now + DAY)
    approved.set_kyc(alice, 0, sender=compliance)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now + DAY, verifier, signature, sender=alice)


def test_attest__for_another_account__reverts(approved, sign, verifier, alice, mallory, now):
    signature = sign(alice, now + DAY, 0, now)

    with reverts("bad signature"):
        approved.attest(mallory, now + DAY, now, verifier, signature, sender=mallory)


def test_attest__longer_than_signed__reverts(approved, sign, verifier, alice, now):
    signature = sign(alice, now + DAY, 0, now)

    with reverts("bad signature"):
        approved.attest(alice, now + 2 * DAY, now, verifier, signature, sender=alice)


def test_attest__of_another_chain__reverts(approved, sign, verifier, alice, now):
    signature = sign(alice, now + DAY, 0, now, chain_id=5)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, signature, sender=alice)


def test_attest__of_another_allowlist__reverts(approved, sign, verifier, roles, alice, now):
    signature = sign(alice, now + DAY, 0, now, contract=roles)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, signature, sender=alice)


def test_attest__forged__reverts(approved, sign, verifier, alice, mallory, now):
    signature = sign(alice, now + DAY, 0, now, signer=mallory)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, signature, sender=mallory)


@pytest.mark.parametrize("length", [0, 63])
def test_attest__truncated_signature__reverts(approved, sign, verifier, alice, now, length):
    signature = sign(alice, now + DAY, 0, now)[:length]

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, signature, sender=alice)


def test_attest__malleated_signature__reverts(approved, sign, verifier, alice, now):
    twin = malleated(sign(alice, now + DAY, 0, now))

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, twin, sender=alice)


def test_attest__unrecoverable_signature__reverts(approved, verifier, alice, now):
    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now, verifier, bytes(65), sender=alice)


def test_attest__by_unknown_verifier__reverts(approved, sign, alice, mallory, now):
    signature = sign(alice, now + DAY, 0, now, signer=mallory)

    with reverts("unknown verifier"):
        approved.attest(alice, now + DAY, now, mallory, signature, sender=mallory)


def test_attest__zero_verifier__reverts(approved, alice, now):
    with reverts("unknown verifier"):
        approved.attest(alice, now + DAY, now, ZERO, bytes(65), sender=alice)


def test_attest__by_removed_verifier__reverts_and_old_records_stay(
    approved, sign, verifier, compliance, alice, bob, now
):
    later = now + DAY
    approved.attest(alice, later, later, verifier, sign(alice, later, 0, later), sender=alice)
    approved.set_verifier(verifier, False, sender=compliance)

    with reverts("unknown verifier"):
        approved.attest(bob, later, later, verifier, sign(bob, later, 0, later), sender=bob)
    assert approved.is_allowed(alice)


@pytest.mark.parametrize("valid_until", [0, 1])
def test_attest__validity_in_the_past__reverts(approved, sign, verifier, alice, now, valid_until):
    signature = sign(alice, valid_until, 0, now)

    with reverts("expired"):
        approved.attest(alice, valid_until, now, verifier, signature, sender=alice)


@pytest.mark.parametrize("valid_until", [2**64 + 2**33, 2**256 - 1])
def test_attest__validity_too_long__reverts(approved, sign, verifier, alice, now, valid_until):
    signature = sign(alice, valid_until, 0, now)

    with reverts("validity too long"):
        approved.attest(alice, valid_until, now, verifier, signature, sender=alice)


def test_attest__zero_account__reverts(approved, sign, verifier, alice, now):
    signature = sign(ZERO, now + DAY, 0, now)

    with reverts("zero address"):
        approved.attest(ZERO, now + DAY, now, verifier, signature, sender=alice)


@pytest.fixture
def wallet(project, approved, compliance, carol):
    """An approved verifier that is a contract; carol signs for it."""
    wallet = carol.deploy(project.ContractSigner, carol)
    approved.set_verifier(wallet, True, sender=compliance)
    return wallet


def test_attest__by_contract_verifier__allows(approved, sign, wallet, alice, carol, now):
    signature = sign(alice, now + DAY, 0, now + DAY, signer=carol)

    tx = approved.attest(alice, now + DAY, now + DAY, wallet, signature, sender=alice)

    assert tx.events == [approved.KYCSet(account=alice, valid_until=now + DAY, by=wallet)]


def test_attest__by_contract_verifier_that_no_longer_signs__reverts(
    approved, sign, wallet, alice, bob, carol, now
):
    signature = sign(alice, now + DAY, 0, now + DAY, signer=carol)
    wallet.set_owner(bob, sender=carol)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now + DAY, wallet, signature, sender=alice)


def test_attest__by_contract_that_is_no_wallet__reverts(approved, roles, compliance, alice, now):
    approved.set_verifier(roles, True, sender=compliance)

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now + DAY, roles, bytes(65), sender=alice)


@pytest.fixture(params=["no wallet", "a wallet of another key"])
def delegating(request, project, approved, roles, verifier, carol):
    """The verifier carries delegated code (EIP-7702) that does not answer for its own key."""
    code = roles if request.param == "no wallet" else carol.deploy(project.ContractSigner, carol)
    delegate(verifier, code)
    return verifier


@pytest.mark.parametrize("compact", [False, True], ids=["65 bytes", "64 bytes"])
def test_attest__by_key_of_delegating_verifier__allows(approved, sign, delegating, alice, now, compact):
    signature = sign(alice, now + DAY, 0, now + DAY)
    if compact:
        s, v = int.from_bytes(signature[32:64], "big"), signature[64]
        signature = signature[:32] + (s | (v - 27) << 255).to_bytes(32, "big")

    tx = approved.attest(alice, now + DAY, now + DAY, delegating, signature, sender=alice)

    assert tx.events == [approved.KYCSet(account=alice, valid_until=now + DAY, by=delegating)]


@pytest.mark.parametrize("what", ["malleated", "unrecoverable", "empty", "by another", "by the code's owner"])
def test_attest__malformed_of_delegating_verifier__reverts(
    approved, sign, delegating, alice, bob, carol, now, what
):
    signature = {
        "malleated": lambda: malleated(sign(alice, now + DAY, 0, now + DAY)),
        "unrecoverable": lambda: bytes(65),
        "empty": lambda: b"",
        "by another": lambda: sign(alice, now + DAY, 0, now + DAY, signer=bob),
        # the code reads the verifier's storage, in which nobody is its owner
        "by the code's owner": lambda: sign(alice, now + DAY, 0, now + DAY, signer=carol),
    }[what]()

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now + DAY, delegating, signature, sender=alice)


def test_attest__by_owner_in_delegated_code__allows(project, approved, sign, verifier, alice, carol, now):
    wallet = carol.deploy(project.ContractSigner, carol)
    delegate(verifier, wallet)
    project.ContractSigner.at(verifier.address).set_owner(carol, sender=carol)
    signature = sign(alice, now + DAY, 0, now + DAY, signer=carol)

    approved.attest(alice, now + DAY, now + DAY, verifier, signature, sender=alice)

    assert approved.is_allowed(alice)


def test_attest__by_contract_verifier_with_a_high_s__is_asked(approved, sign, wallet, alice, carol, now):
    """What ECDSA refuses, a contract may take or not: this one does not, and says so in its own way."""
    signature = malleated(sign(alice, now + DAY, 0, now + DAY, signer=carol))

    with reverts("bad signature"):
        approved.attest(alice, now + DAY, now + DAY, wallet, signature, sender=alice)


def test_any_history__nonce_counts_changes_and_expiry_is_the_last_set(
    chain, project, roles, accounts, compliance, verifier
):
    """Random settings, revocations and attestations (fresh and stale) against a model."""
    allowlist = accounts[0].deploy(project.Allowlist, roles)
    allowlist.set_verifier(verifier, True, sender=compliance)
    start = chain.pending_timestamp
    far = start + 100 * DAY
    account = st.sampled_from([accounts[4], accounts[5]])
    validity = st.integers(far, start + MAX_VALIDITY)

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.snapshot = chain.snapshot()
            self.expiry, self.nonce = {}, {}

        def teardown(self):
            chain.restore(self.snapshot)

        def changed(self, who, valid_until):
            self.expiry[who] = valid_until
            self.nonce[who] = self.nonce.get(who, 0) + 1

        @rule(who=account, valid_until=st.just(0) | validity)
        def set_kyc(self, who, valid_until):
            allowlist.set_kyc(who, valid_until, sender=compliance)
            self.changed(who, valid_until)

        @rule(who=account, valid_until=validity, age=st.integers(-1, 2))
        def attest(self, who, valid_until, age):
            nonce = max(0, self.nonce.get(who, 0) - age)
            message = typed_attestation(who, valid_until, nonce, far, chain.chain_id, allowlist)
            signature = bytes(verifier.sign_message(message).encode_rsv())
            arguments = (who, valid_until, far, verifier, signature)
            if nonce == self.nonce.get(who, 0):
                allowlist.attest(*arguments, sender=who)
                self.changed(who, valid_until)
            else:
                with reverts("bad signature"):
                    allowlist.attest.call(*arguments, sender=who)

        @rule(seconds=st.integers(1, 5 * DAY))
        def wait(self, seconds):
            chain.mine(deltatime=seconds)

        @invariant()
        def as_modelled(self):
            for who in (accounts[4], accounts[5]):
                assert allowlist.nonces(who) == self.nonce.get(who, 0)
                assert allowlist.kyc_expiry(who) == self.expiry.get(who, 0)
                assert allowlist.is_allowed(who) == (self.expiry.get(who, 0) >= chain.blocks.head.timestamp)

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=100 if LONG else 5, stateful_step_count=10, deadline=None)
    )
