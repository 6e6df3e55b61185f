"""Timelock: delay, members, and the timelock as the protocol's governor."""

import pytest
from ape import reverts

ZERO = "0x" + "00" * 20
NO_HASH = bytes(32)
DAY = 86_400
DELAY = 2 * DAY
WAITING, READY, DONE = 2, 4, 8  # snekmate's OperationState


@pytest.fixture(scope="module")
def timelock(project, governor, alice, bob):
    """Alice proposes, bob executes, nobody administers but the timelock itself."""
    return governor.deploy(project.Timelock, DELAY, [alice], [bob], ZERO)


@pytest.fixture(scope="module")
def governed(roles, timelock, governor, alice, bob, chain):
    """Roles whose governor is the timelock: it has accepted through a scheduled call."""
    roles.begin_handover(timelock, sender=governor)
    payload = roles.accept_handover.encode_input()
    timelock.schedule(roles, 0, payload, NO_HASH, NO_HASH, DELAY, sender=alice)
    chain.pending_timestamp += DELAY
    timelock.execute(roles, 0, payload, NO_HASH, NO_HASH, sender=bob)
    return roles


@pytest.fixture
def grant(roles, role_id, carol):
    """Payload that makes carol a member of the credit committee."""
    return roles.grantRole.encode_input(role_id("CREDIT"), carol)


@pytest.fixture
def scheduled(governed, timelock, grant, alice):
    """The grant, scheduled: its operation id."""
    timelock.schedule(governed, 0, grant, NO_HASH, NO_HASH, DELAY, sender=alice)
    return timelock.hash_operation(governed, 0, grant, NO_HASH, NO_HASH)


def test_deploy__members_given__hold_their_roles_and_nobody_else(timelock, governor, alice, bob):
    admin, proposer = timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE()
    executor, canceller = timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()

    assert timelock.get_minimum_delay() == DELAY
    assert timelock.hasRole(admin, timelock)
    assert not timelock.hasRole(admin, governor)  # the deployer
    assert timelock.hasRole(proposer, alice)
    assert timelock.hasRole(canceller, alice)
    assert timelock.hasRole(executor, bob)
    assert not timelock.hasRole(executor, alice)
    assert not timelock.hasRole(proposer, bob)
    assert not timelock.hasRole(executor, ZERO)


def test_deploy__no_proposer__reverts(project, governor, bob):
    with reverts("no proposer"):
        governor.deploy(project.Timelock, DELAY, [], [bob], ZERO)


def test_deploy__no_executor__reverts(project, governor, alice):
    with reverts("no executor"):
        governor.deploy(project.Timelock, DELAY, [alice], [], ZERO)


def test_abi__receives_no_assets(timelock, alice):
    names = {method.name for method in timelock.contract_type.methods}

    assert not {"onERC721Received", "onERC1155Received", "onERC1155BatchReceived", "set_role_admin"} & names
    assert timelock.contract_type.fallback is None
    assert not timelock.supportsInterface("0x4e2312e0")  # ERC-1155 receiver
    with reverts():
        alice.transfer(timelock, 1)


def test_admin__given__changes_members_until_it_renounces(project, governor, alice, bob, carol):
    timelock = governor.deploy(project.Timelock, DELAY, [alice], [bob], governor)
    admin, proposer = timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE()

    timelock.grantRole(proposer, carol, sender=governor)
    timelock.renounceRole(admin, governor, sender=governor)

    assert timelock.hasRole(proposer, carol)
    with reverts("access_control: account is missing role"):
        timelock.revokeRole(proposer, carol, sender=governor)


def test_schedule__by_proposer__waits_for_the_delay(governed, timelock, grant, alice, chain):
    tx = timelock.schedule(governed, 0, grant, NO_HASH, NO_HASH, DELAY, sender=alice)

    operation = timelock.hash_operation(governed, 0, grant, NO_HASH, NO_HASH)
    assert tx.events == [
        timelock.CallScheduled(
            id=operation,
            index=0,
            target=governed,
            amount=0,
            payload=grant,
            predecessor=NO_HASH,
            delay=DELAY,
        )
    ]
    assert timelock.get_timestamp(operation) == tx.timestamp + DELAY
    assert timelock.get_operation_state(operation) == WAITING


def test_schedule__by_executor__reverts(governed, timelock, grant, bob):
    with reverts("access_control: account is missing role"):
        timelock.schedule(governed, 0, grant, NO_HASH, NO_HASH, DELAY, sender=bob)


def test_schedule__delay_a_second_short__reverts(governed, timelock, grant, alice):
    with reverts("timelock_controller: insufficient delay"):
        timelock.schedule(governed, 0, grant, NO_HASH, NO_HASH, DELAY - 1, sender=alice)


def test_schedule__twice__reverts(governed, timelock, grant, scheduled, alice):
    with reverts("timelock_controller: operation already scheduled"):
        timelock.schedule(governed, 0, grant, NO_HASH, NO_HASH, DELAY, sender=alice)


def test_execute__a_second_early__reverts(governed, timelock, grant, scheduled, bob, chain):
    chain.pending_timestamp = timelock.get_timestamp(scheduled) - 1

    with reverts("timelock_controller: operation is not ready"):
        timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=bob)


def test_execute__on_the_second__governs(governed, timelock, grant, scheduled, role_id, bob, carol, chain):
    chain.mine(timestamp=timelock.get_timestamp(scheduled))
    assert timelock.get_operation_state(scheduled) == READY

    tx = timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=bob)

    assert tx.events == [
        governed.RoleGranted(role=role_id("CREDIT"), account=carol, sender=timelock),
        timelock.CallExecuted(id=scheduled, index=0, target=governed, amount=0, payload=grant),
    ]
    assert governed.hasRole(role_id("CREDIT"), carol)
    assert timelock.get_operation_state(scheduled) == DONE


def test_execute__twice__reverts(governed, timelock, grant, scheduled, bob, chain):
    chain.pending_timestamp += DELAY
    timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=bob)

    with reverts("timelock_controller: operation is not ready"):
        timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=bob)


def test_execute__by_proposer__reverts(governed, timelock, grant, scheduled, alice, chain):
    chain.pending_timestamp += DELAY

    with reverts("access_control: account is missing role"):
        timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=alice)


def test_execute__open_executor__anyone(project, governor, alice, mallory, chain):
    timelock = governor.deploy(project.Timelock, DELAY, [alice], [ZERO], ZERO)
    payload = timelock.update_delay.encode_input(DAY)
    timelock.schedule(timelock, 0, payload, NO_HASH, NO_HASH, DELAY, sender=alice)
    chain.pending_timestamp += DELAY

    timelock.execute(timelock, 0, payload, NO_HASH, NO_HASH, sender=mallory)

    assert timelock.get_minimum_delay() == DAY


def test_execute__target_refuses__keeps_its_reason(governed, timelock, alice, bob, carol, chain):
    payload = governed.grantRole.encode_input(bytes(32), carol)
    timelock.schedule(governed, 0, payload, NO_HASH, NO_HASH, DELAY, sender=alice)
    chain.pending_timestamp += DELAY

    with reverts("governor moves by handover"):
        timelock.execute(governed, 0, payload, NO_HASH, NO_HASH, sender=bob)


def test_execute__before_predecessor__reverts(governed, timelock, grant, scheduled, alice, bob, chain):
    later = governed.cancel_handover.encode_input()
    timelock.schedule(governed, 0, later, scheduled, NO_HASH, DELAY, sender=alice)
    chain.pending_timestamp += DELAY

    with reverts("timelock_controller: missing dependency"):
        timelock.execute(governed, 0, later, scheduled, NO_HASH, sender=bob)


def test_execute_batch__two_calls__both_or_none(
    governed, timelock, grant, role_id, guardian, alice, bob, carol, chain
):
    revoke = governed.revokeRole.encode_input(role_id("GUARDIAN"), guardian)
    batch = ([governed, governed], [0, 0], [grant, revoke], NO_HASH, NO_HASH)
    timelock.schedule_batch(*batch, DELAY, sender=alice)
    chain.pending_timestamp += DELAY

    timelock.execute_batch(*batch, sender=bob)

    assert governed.hasRole(role_id("CREDIT"), carol)
    assert not governed.hasRole(role_id("GUARDIAN"), guardian)


def test_cancel__by_proposer__never_executes(governed, timelock, grant, scheduled, alice, bob, chain):
    tx = timelock.cancel(scheduled, sender=alice)

    assert tx.events == [timelock.Cancelled(id=scheduled)]
    chain.pending_timestamp += DELAY
    with reverts("timelock_controller: operation is not ready"):
        timelock.execute(governed, 0, grant, NO_HASH, NO_HASH, sender=bob)


def test_cancel__by_executor__reverts(timelock, scheduled, bob):
    with reverts("access_control: account is missing role"):
        timelock.cancel(scheduled, sender=bob)


def test_update_delay__not_through_itself__reverts(timelock, alice):
    with reverts("timelock_controller: caller must be timelock"):
        timelock.update_delay(0, sender=alice)


def test_governed__old_governor_and_proposer_alone__are_powerless(
    governed, timelock, role_id, governor, alice
):
    assert governed.governor() == timelock
    for who in (governor, alice):
        with reverts("not governor"):
            governed.grantRole(role_id("CREDIT"), who, sender=who)
