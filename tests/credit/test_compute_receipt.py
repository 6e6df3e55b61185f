"""ComputeReceipt: one lot, one receipt, one deal at a time."""

import json

import pytest
from ape import reverts

from integrations.protocol.artifacts import ABI
from integrations.protocol.reports import Report, kind, sign_report
from tests.conftest import DAY

PRINT = b"\x11" * 32
LOT = ("H100 SXM 80GB", 512, "Oslo 2, hall B", PRINT)
ZERO = "0x" + 40 * "0"


@pytest.fixture(scope="module")
def servicer(protocol, governor, dave):
    protocol.roles.grantRole(protocol.roles.SERVICER(), dave, sender=governor)
    return dave


@pytest.fixture(scope="module")
def attestor(protocol, project, governor):
    attestor = governor.deploy(project.Attestor, protocol.roles, 1)
    attestor.set_kind(kind("APPRAISAL"), 30 * DAY, 1_000, 4_000, sender=governor)
    return attestor


@pytest.fixture(scope="module")
def desk(project, governor):
    """A contract that calls what it is told to."""
    return governor.deploy(project.Caller)


@pytest.fixture(scope="module")
def receipt(protocol, project, governor, servicer, attestor, desk, alice):
    """Receipt 1 is alice's."""
    receipt = governor.deploy(project.ComputeReceipt, protocol.roles, attestor)
    receipt.set_desk(desk, sender=governor)
    receipt.issue(alice, LOT, sender=servicer)
    return receipt


@pytest.fixture
def as_desk(receipt, desk, mallory):
    """Calls of the desk."""

    def as_desk(method, *args):
        return desk.forward(receipt, method.encode_input(*args), sender=mallory)

    return as_desk


def test_issue__of_a_lot__says_what_the_receipt_stands_for(receipt, alice, bob, servicer):
    other = ("B200", 8, "Turin", b"\x22" * 32)
    tx = receipt.issue(bob, other, sender=servicer)
    issued = receipt.Issued(id=2, owner=bob, fingerprint=other[3], model="B200", units=8, site="Turin")
    assert issued in tx.events
    assert (receipt.ownerOf(1), receipt.ownerOf(2)) == (alice, bob)
    assert tuple(receipt.lot(2)) == other
    assert receipt.id_of(other[3]) == 2
    assert receipt.totalSupply() == 2


def test_issue__of_a_lot_that_has_a_receipt__reverts(receipt, bob, servicer):
    with reverts("lot exists"):
        receipt.issue(bob, ("H100", 1, "elsewhere", PRINT), sender=servicer)


def test_issue__of_nothing_or_by_others__reverts(receipt, governor, alice, servicer):
    for lot in (("H100", 0, "Oslo", b"\x33" * 32), ("H100", 1, "Oslo", bytes(32))):
        with reverts("empty lot"):
            receipt.issue(alice, lot, sender=servicer)
    for who in (governor, alice):
        with reverts("not servicer"):
            receipt.issue(alice, ("H100", 1, "Oslo", b"\x33" * 32), sender=who)


def test_transfer__of_a_free_receipt__moves_it(receipt, alice, bob, carol):
    receipt.transferFrom(alice, bob, 1, sender=alice)
    assert receipt.ownerOf(1) == bob
    receipt.approve(carol, 1, sender=bob)
    receipt.safeTransferFrom(bob, carol, 1, sender=carol)
    assert receipt.ownerOf(1) == carol


def test_transfer__by_a_stranger__reverts(receipt, alice, mallory):
    for method in (receipt.transferFrom, receipt.safeTransferFrom):
        with reverts("not owner or approved"):
            method(alice, mallory, 1, sender=mallory)


def test_lock__binds_the_receipt_until_it_is_released(receipt, as_desk, alice, bob, servicer):
    tx = as_desk(receipt.lock, 1, alice)
    assert tx.decode_logs(receipt.Locked)[0].id == 1
    for method in (receipt.transferFrom, receipt.safeTransferFrom):
        with reverts("receipt locked"):
            method(alice, bob, 1, sender=alice)
    with reverts("receipt locked"):
        receipt.retire(1, sender=servicer)
    as_desk(receipt.release, 1)
    receipt.transferFrom(alice, bob, 1, sender=alice)
    assert receipt.ownerOf(1) == bob


def test_lock__of_receipts_around_the_256th__binds_none_but_that_one(
    receipt, as_desk, chain, bob, carol, servicer
):
    layout = json.loads((ABI / "ComputeReceipt.json").read_text())["layout"]["storage_layout"]
    slot = hex(layout["_issued"]["slot"])
    ids = [255, 256, 257, 511, 512]
    for i in ids:
        chain.provider.make_request("anvil_setStorageAt", [receipt.address, slot, f"0x{i - 1:064x}"])
        receipt.issue(bob, ("B200", 8, "Turin", i.to_bytes(32, "big")), sender=servicer)
    for i in (256, 511):
        as_desk(receipt.lock, i, bob)
        assert [receipt.is_locked(j) for j in ids] == [j == i for j in ids]
        with reverts("receipt locked"):
            receipt.transferFrom(bob, carol, i, sender=bob)
        as_desk(receipt.release, i)
    receipt.transferFrom(bob, carol, 256, sender=bob)
    assert not any(receipt.is_locked(j) for j in ids)


def test_lock__for_a_second_deal__reverts(receipt, as_desk, alice):
    as_desk(receipt.lock, 1, alice)
    with reverts("receipt locked"):
        as_desk(receipt.lock, 1, alice)


def test_lock__of_what_the_borrower_does_not_own__reverts(receipt, as_desk, bob):
    with reverts("not receipt owner"):
        as_desk(receipt.lock, 1, bob)


def test_seize__gives_the_lot_to_the_buyer_free_to_move(receipt, as_desk, alice, bob, carol):
    with reverts("receipt not locked"):
        as_desk(receipt.seize, 1, bob)
    receipt.approve(carol, 1, sender=alice)
    as_desk(receipt.lock, 1, alice)
    as_desk(receipt.seize, 1, bob)
    assert receipt.ownerOf(1) == bob
    assert receipt.getApproved(1) == ZERO
    with reverts("receipt not locked"):
        as_desk(receipt.release, 1)
    receipt.transferFrom(bob, carol, 1, sender=bob)


def test_desk_functions__by_others__revert(receipt, governor, alice, servicer):
    for who in (governor, alice, servicer):
        for method, args in (
            (receipt.lock, (1, alice)),
            (receipt.release, (1,)),
            (receipt.seize, (1, alice)),
        ):
            with reverts("not desk"):
                method(*args, sender=who)


def test_retire__frees_the_fingerprint_and_nothing_else(
    protocol, project, governor, attestor, alice, bob, servicer
):
    receipt = governor.deploy(project.ComputeReceipt, protocol.roles, attestor)
    receipt.issue(alice, LOT, sender=servicer)
    receipt.retire(1, sender=servicer)
    assert receipt.totalSupply() == 0
    assert receipt.lot(1).units == 0
    with reverts("erc721: invalid token ID"):
        receipt.ownerOf(1)
    receipt.issue(bob, LOT, sender=servicer)
    assert (receipt.id_of(PRINT), receipt.ownerOf(2)) == (2, bob)


def test_set_desk__again_or_by_others__reverts(receipt, governor, attestor, alice, protocol, project):
    with reverts("desk set"):
        receipt.set_desk(attestor, sender=governor)
    fresh = governor.deploy(project.ComputeReceipt, protocol.roles, attestor)
    with reverts("not governor"):
        fresh.set_desk(attestor, sender=alice)
    with reverts("no code"):
        fresh.set_desk(alice, sender=governor)


def test_appraisal__is_what_the_attestors_said_last(receipt, attestor, protocol, governor, chain, carol):
    assert tuple(receipt.appraisal(1)) == (0, 0)
    protocol.roles.grantRole(protocol.roles.ATTESTOR(), carol, sender=governor)
    now = chain.pending_timestamp
    report = Report(kind("APPRAISAL"), 1, 15 * 10**24, now - 5, 0, now + DAY)
    signed = sign_report(attestor.address, chain.chain_id, report, [carol])
    attestor.submit(signed.report, signed.signers, signed.signatures, sender=carol)
    assert tuple(receipt.appraisal(1)) == (15 * 10**24, now - 5)


def test_minting_of_the_token_module__is_not_exported(receipt):
    names = {method.name for method in receipt.contract_type.mutable_methods}
    assert not names & {"safe_mint", "set_minter", "burn", "transfer_ownership", "renounce_ownership"}


def test_supports_interface__of_erc721_and_its_extensions(receipt):
    for number in ("0x01ffc9a7", "0x80ac58cd", "0x5b5e139f", "0x780e9d63"):
        assert receipt.supportsInterface(number)
    assert not receipt.supportsInterface("0xffffffff")
