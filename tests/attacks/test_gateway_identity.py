"""Attacks G7 and G8 of the catalogue: forged and expired KYC, permits brought by others."""

import pytest
from ape import chain, project, reverts
from eth_account.messages import encode_typed_data

from integrations.protocol.attestation import typed_data
from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import AFTER_THE_INSTALLATION, FOREVER, MINTED, USDC, list_coin
from tests.support.permit import sign_permit

pytestmark = AFTER_THE_INSTALLATION

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


# G7: KYC


def test_g7__expired_kyc__ends_with_its_last_second(protocol, stocked, aid, compliance, usdc, alice):
    until = chain.pending_timestamp + DAY
    protocol.allowlist.set_kyc(alice, until, sender=compliance)
    chain.pending_timestamp = until
    stocked.mint(usdc, 1_000 * USDC, 0, sender=alice)
    assert aid.balanceOf(alice) == MINTED + model.mint_out(1_000 * USDC)[0]

    chain.pending_timestamp = until + 1
    with reverts("kyc required"):
        stocked.mint(usdc, USDC, 0, sender=alice)
    with reverts("kyc required"):
        stocked.redeem(usdc, WAD, 0, sender=alice)


def test_g7__a_router__has_no_kyc_of_its_users(stocked, aid, governor, usdc, alice):
    router = governor.deploy(project.Caller)
    aid.transfer(router, 1_000 * WAD, sender=alice)
    call = stocked.redeem.encode_input(usdc, 1_000 * WAD, 0, alice.address, FOREVER)

    with reverts("kyc required"):
        router.forward(stocked, call, sender=alice)

    assert aid.balanceOf(router) == 1_000 * WAD


@pytest.fixture
def verifier(protocol, compliance, treasurer):
    """Whose attestations the allowlist takes."""
    protocol.allowlist.set_verifier(treasurer, True, sender=compliance)
    return treasurer


def sign(protocol, signer, account, until, deadline, nonce=0, chain_id=None, contract=None):
    document = typed_data(
        contract or protocol.allowlist.address,
        chain_id or chain.chain_id,
        account.address,
        until,
        nonce,
        deadline,
    )
    return signer.sign_message(encode_typed_data(full_message=document)).encode_rsv()


FORGERIES = {
    "forged": ({"by": "mallory"}, "bad signature"),
    "other nonce": ({"nonce": 1}, "bad signature"),
    "other chain": ({"chain_id": 5}, "bad signature"),
    "other contract": ({"contract": "0x" + "11" * 20}, "bad signature"),
    "for another": ({"account": "alice"}, "bad signature"),
    "malleated": ({"malleate": True}, "bad signature"),
    "expired": ({"late": True}, "attestation expired"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_g7__a_forged_attestation__lets_nobody_in(
    request, protocol, stocked, aid, verifier, usdc, alice, dave, mallory, forgery
):
    change, reason = dict(FORGERIES[forgery][0]), FORGERIES[forgery][1]
    deadline = chain.pending_timestamp + DAY
    signer = request.getfixturevalue(change.pop("by", "treasurer"))
    account = request.getfixturevalue(change.pop("account", "dave"))
    malleate, late = change.pop("malleate", False), change.pop("late", False)
    signature = sign(protocol, signer, account, deadline + DAY, deadline, **change)
    if malleate:
        s = CURVE_ORDER - int.from_bytes(signature[32:64], "big")
        signature = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    if late:
        chain.pending_timestamp = deadline + 1

    with reverts(reason):
        protocol.allowlist.attest(dave, deadline + DAY, deadline, verifier, signature, sender=mallory)
    with reverts("kyc required"):
        stocked.mint(usdc, USDC, 0, sender=dave)

    assert aid.balanceOf(dave) == 0


def test_g7__replayed_after_a_revocation__lets_nobody_in(
    protocol, stocked, compliance, verifier, usdc, dave, mallory
):
    deadline = chain.pending_timestamp + DAY
    signature = sign(protocol, verifier, dave, deadline + DAY, deadline)
    protocol.allowlist.attest(dave, deadline + DAY, deadline, verifier, signature, sender=mallory)
    stocked.mint(usdc, 1_000 * USDC, 0, sender=dave)
    protocol.allowlist.set_kyc(dave, 0, sender=compliance)

    with reverts("bad signature"):
        protocol.allowlist.attest(dave, deadline + DAY, deadline, verifier, signature, sender=dave)
    with reverts("kyc required"):
        stocked.redeem(usdc, WAD, 0, sender=dave)


def test_g7__a_contract_as_verifier__answers_for_its_owner_only(
    protocol, stocked, compliance, governor, usdc, aid, carol, dave, mallory
):
    wallet = governor.deploy(project.ContractSigner, carol)
    protocol.allowlist.set_verifier(wallet, True, sender=compliance)
    deadline = chain.pending_timestamp + DAY
    forged = sign(protocol, mallory, dave, deadline + DAY, deadline)
    with reverts("bad signature"):
        protocol.allowlist.attest(dave, deadline + DAY, deadline, wallet, forged, sender=dave)

    signed = sign(protocol, carol, dave, deadline + DAY, deadline)
    protocol.allowlist.attest(dave, deadline + DAY, deadline, wallet, signed, sender=dave)
    stocked.mint(usdc, 1_000 * USDC, 0, sender=dave)

    assert aid.balanceOf(dave) == model.mint_out(1_000 * USDC)[0]


# G8: permits


def test_g8__permit_brought_first_by_another__does_not_block_the_mint(
    protocol, stocked, aid, governor, alice, mallory
):
    token = governor.deploy(project.PermitStablecoin, "Permit USD", "PUSD", 6)
    list_coin(protocol, governor, token)
    token.mint(alice, 1_000 * USDC, sender=governor)
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(token, alice, stocked, 1_000 * USDC, deadline)
    token.permit(alice, stocked, 1_000 * USDC, deadline, *signature, sender=mallory)

    stocked.mint_with_permit(token, 1_000 * USDC, 0, deadline, *signature, sender=alice)

    assert aid.balanceOf(alice) == MINTED + model.mint_out(1_000 * USDC)[0]
    assert token.allowance(alice, stocked) == 0


def test_g8__permit_brought_first_by_another__does_not_block_the_deposit(stocked, aid, vault, alice, mallory):
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(aid, alice, vault, 1_000 * WAD, deadline)
    aid.permit(alice, vault, 1_000 * WAD, deadline, *signature, sender=mallory)

    vault.deposit_with_permit(1_000 * WAD, alice, 0, deadline, *signature, sender=alice)

    assert vault.balanceOf(alice) == 1_000 * WAD


def test_g8__anothers_permit__mints_nothing_for_the_thief(protocol, stocked, governor, alice, bob):
    token = governor.deploy(project.PermitStablecoin, "Permit USD", "PUSD", 6)
    list_coin(protocol, governor, token)
    token.mint(alice, 1_000 * USDC, sender=governor)
    deadline = chain.pending_timestamp + DAY
    signature = sign_permit(token, alice, stocked, 1_000 * USDC, deadline)

    with reverts("transfer failed"):
        stocked.mint_with_permit(token, 1_000 * USDC, 0, deadline, *signature, sender=bob)

    assert token.balanceOf(alice) == 1_000 * USDC
