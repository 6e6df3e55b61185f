"""Timelock: delay, members, operations, and the timelock as the protocol's governor."""

from __future__ import annotations

import pytest
from ape import reverts
from eth_utils.crypto import keccak

from integrations.protocol.timelock import NONE, OperationState
from tests.support.timelock import Operation

ZERO = "0x" + "00" * 20
DAY = 86_400
DELAY = 2 * DAY
GRACE = 14 * DAY


@pytest.fixture(scope="module")
def erin(accounts):
    """A third canceller."""
    return accounts[9]


@pytest.fixture(scope="module")
def timelock(project, roles, governor, alice, bob, carol, dave, erin):
    """Alice and bob propose; carol, dave and erin cancel; it is the governor."""
    timelock = governor.deploy(project.Timelock, roles, DELAY, [alice, bob], [carol, dave, erin])
    roles.begin_handover(timelock, sender=governor)
    operation = Operation(timelock, [(roles, roles.accept_handover.encode_input())])
    operation.pass_through(alice, governor)
    return timelock


@pytest.fixture
def call(timelock, roles, role_id):
    """Calldata by function and arguments: `call("grantRole", "CREDIT", who)` is made at Roles."""

    def make(method, *arguments, at=roles):
        arguments = [role_id(a) if a in ("CREDIT", "GUARDIAN", "TREASURER") else a for a in arguments]
        return at, getattr(at, method).encode_input(*arguments)

    return make


@pytest.fixture
def grant(timelock, call, mallory):
    """An operation that makes mallory a member of the credit committee."""
    return Operation(timelock, [call("grantRole", "CREDIT", mallory)])


@pytest.fixture
def own(timelock, call):
    """An operation of calls of the timelock itself: `own(("revokeRole", role, who), …)`."""
    return lambda *calls, salt=NONE: Operation(timelock, [call(*c, at=timelock) for c in calls], salt=salt)


# members


def test_deploy__members_given__hold_their_roles_and_nobody_else(
    timelock, roles, governor, alice, bob, carol, dave, erin
):
    admin, proposer = timelock.DEFAULT_ADMIN_ROLE(), timelock.PROPOSER_ROLE()
    executor, canceller = timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()

    assert (proposer, executor, canceller) == tuple(
        keccak(text=f"{name}_ROLE") for name in ("PROPOSER", "EXECUTOR", "CANCELLER")
    )
    assert timelock.get_minimum_delay() == DELAY
    assert timelock.ROLES() == roles
    assert timelock.hasRole(admin, timelock)
    assert not timelock.hasRole(admin, governor)  # the deployer
    assert [who for who in (governor, alice, bob, carol, dave, erin) if timelock.hasRole(proposer, who)] == [
        alice,
        bob,
    ]
    assert [who for who in (governor, alice, bob, carol, dave, erin) if timelock.hasRole(canceller, who)] == [
        carol,
        dave,
        erin,
    ]
    assert (timelock.member_count(proposer), timelock.member_count(canceller)) == (2, 3)
    # as OpenZeppelin's says it: everyone executes
    assert timelock.hasRole(executor, ZERO)


@pytest.mark.parametrize(
    ("reason", "delay", "proposers", "cancellers"),
    [
        ("no proposer", DELAY, "", "c"),
        ("no canceller", DELAY, "a", ""),
        ("roles are disjoint", DELAY, "ab", "ca"),
        ("given twice", DELAY, "aa", "c"),
        ("delay out of range", 30 * DAY + 1, "a", "c"),
    ],
)
def test_deploy__without_what_it_needs__reverts(
    project, roles, governor, alice, bob, carol, reason, delay, proposers, cancellers
):
    who = {"a": alice, "b": bob, "c": carol}
    with reverts(reason):
        governor.deploy(
            project.Timelock, roles, delay, [who[p] for p in proposers], [who[c] for c in cancellers]
        )
    with reverts("no code"):
        governor.deploy(project.Timelock, alice, DELAY, [bob], [carol])


def test_abi__receives_no_assets_and_has_no_admin(timelock, alice):
    names = {method.name for method in timelock.contract_type.methods}

    assert not {"onERC721Received", "onERC1155Received", "onERC1155BatchReceived", "set_role_admin"} & names
    assert timelock.contract_type.fallback is None
    assert not timelock.supportsInterface("0x4e2312e0")  # ERC-1155 receiver
    assert timelock.supportsInterface("0x7965db0b")  # access control
    with reverts():
        alice.transfer(timelock, 1)


def test_roles__are_disjoint__whoever_grants(timelock, own, alice, bob, carol, mallory):
    proposer, canceller = timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE()
    for role, who in ((canceller, alice), (proposer, carol)):
        operation = own(("grantRole", role, who))
        operation.schedule(bob)
        operation.wait()
        with reverts("roles are disjoint"):
            operation.execute(mallory)


def test_members__change_through_the_timelock_alone(timelock, own, alice, carol, mallory):
    proposer, canceller = timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE()
    for who in (alice, carol, mallory):
        with reverts("not timelock"):
            timelock.grantRole(canceller, mallory, sender=who)
        with reverts("not timelock"):
            timelock.revokeRole(proposer, alice, sender=who)
        with reverts("not timelock"):
            timelock.update_delay(DAY * 3, sender=who)

    own(("grantRole", proposer, mallory), ("revokeRole", proposer, alice)).pass_through(alice, mallory)

    assert timelock.hasRole(proposer, mallory)
    assert not timelock.hasRole(proposer, alice)
    assert timelock.member_count(proposer) == 2


@pytest.mark.parametrize(
    ("reason", "role", "who"),
    [
        ("unknown role", "EXECUTOR_ROLE", "mallory"),
        ("unknown role", "DEFAULT_ADMIN_ROLE", "mallory"),
        ("zero address", "PROPOSER_ROLE", ZERO),
        ("zero address", "CANCELLER_ROLE", "timelock"),
    ],
)
def test_grant__what_must_not_be__reverts(timelock, own, alice, mallory, reason, role, who):
    account = {"mallory": mallory, "timelock": timelock}.get(who, who)
    operation = own(("grantRole", getattr(timelock, role)(), account))
    operation.schedule(alice)
    operation.wait()
    with reverts(reason):
        operation.execute(mallory)


def test_renounce__a_role_of_ones_own__but_the_last(timelock, alice, bob, carol, dave, erin):
    proposer, canceller = timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE()
    with reverts("not own role"):
        timelock.renounceRole(proposer, alice, sender=bob)
    with reverts("unknown role"):
        timelock.renounceRole(timelock.EXECUTOR_ROLE(), alice, sender=alice)

    for role, who in ((proposer, alice), (canceller, carol), (canceller, dave)):
        timelock.renounceRole(role, who, sender=who)
        assert not timelock.hasRole(role, who)

    for role, who in ((proposer, bob), (canceller, erin)):
        with reverts("last member"):
            timelock.renounceRole(role, who, sender=who)
    # what is not held is not counted
    assert timelock.renounceRole(canceller, alice, sender=alice).events == []
    assert timelock.member_count(canceller) == 1


def test_update_delay__within_its_bounds(timelock, own, alice, mallory):
    assert (timelock.LEAST_DELAY(), timelock.MAX_DELAY()) == (DELAY, 30 * DAY)
    for delay in (DELAY - 1, 30 * DAY + 1):
        operation = own(("update_delay", delay))
        operation.schedule(alice)
        operation.wait()
        with reverts("delay out of range"):
            operation.execute(mallory)

    tx = own(("update_delay", 30 * DAY)).pass_through(alice, mallory)

    assert timelock.MinimumDelayChange(old_duration=DELAY, new_duration=30 * DAY) in tx.events
    assert timelock.get_minimum_delay() == 30 * DAY


def test_least_delay__of_a_short_timelock__is_its_first(project, roles, governor, alice, carol):
    assert governor.deploy(project.Timelock, roles, 60, [alice], [carol]).LEAST_DELAY() == 60
    assert governor.deploy(project.Timelock, roles, 9 * DAY, [alice], [carol]).LEAST_DELAY() == 2 * DAY


# operations


def test_schedule__by_proposer__waits_for_the_delay(roles, timelock, call, grant, alice, mallory):
    tx = grant.schedule(alice)

    ((target, payload),) = grant.calls
    assert tx.events == [
        timelock.CallScheduled(
            id=grant.id,
            index=0,
            target=target,
            amount=0,
            payload=payload,
            predecessor=NONE,
            delay=DELAY,
        )
    ]
    assert timelock.get_timestamp(grant.id) == tx.timestamp + DELAY
    assert timelock.proposer_of(grant.id) == alice
    assert grant.state == OperationState.WAITING


def test_ids__are_those_of_openzeppelins_timelock(timelock, call, mallory):
    """keccak256(abi.encode(…)) of the five arguments, in the single and the batch form."""
    from eth_abi.abi import encode

    at, payload = call("grantRole", "CREDIT", mallory)
    salt, before = keccak(text="salt"), keccak(text="before")
    one = encode(
        ["address", "uint256", "bytes", "bytes32", "bytes32"], [at.address, 0, payload, before, salt]
    )
    many = encode(
        ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"],
        [[at.address] * 2, [0, 0], [payload] * 2, before, salt],
    )

    assert Operation(timelock, [(at, payload)], salt, predecessor=before).id == keccak(one)
    assert Operation(timelock, [(at, payload)] * 2, salt, predecessor=before).id == keccak(many)


def test_schedule__with_a_salt__logs_it(timelock, call, alice, mallory):
    operation = Operation(timelock, [call("grantRole", "CREDIT", mallory)], salt=keccak(text="salt"))
    tx = operation.schedule(alice)
    assert tx.events[-1] == timelock.CallSalt(id=operation.id, salt=keccak(text="salt"))


@pytest.mark.parametrize("who", ["carol", "mallory", "governor"])
def test_schedule__by_others__reverts(grant, people, who):
    with reverts("not proposer"):
        grant.schedule(getattr(people, who))


@pytest.mark.parametrize("delay", [0, DELAY - 1, 30 * DAY + 1, 2**256 - 1])
def test_schedule__delay_out_of_bounds__reverts(grant, alice, delay):
    with reverts("delay out of range"):
        grant.schedule(alice, delay)


def test_schedule__twice__reverts(grant, alice, bob):
    grant.schedule(alice)
    with reverts("already scheduled"):
        grant.schedule(bob)


def test_schedule__lists_of_different_length_or_none__reverts(timelock, grant, alice):
    ((target, payload),) = grant.calls
    for targets, amounts, payloads in (
        ([target, target], [0, 0], [payload]),
        ([target], [0, 0], [payload]),
        ([], [], []),
    ):
        with reverts("length mismatch"):
            timelock.schedule_batch(targets, amounts, payloads, NONE, NONE, DELAY, sender=alice)


def test_execute__a_second_early__reverts(timelock, grant, alice, mallory, chain):
    grant.schedule(alice)
    chain.pending_timestamp = timelock.get_timestamp(grant.id) - 1
    with reverts("not ready"):
        grant.execute(mallory)


def test_execute__on_the_second_by_anyone__governs(roles, timelock, grant, role_id, alice, mallory, chain):
    grant.schedule(alice)
    chain.mine(timestamp=timelock.get_timestamp(grant.id))
    assert grant.state == OperationState.READY

    tx = grant.execute(mallory)

    ((target, payload),) = grant.calls
    assert tx.events == [
        roles.RoleGranted(role=role_id("CREDIT"), account=mallory, sender=timelock),
        timelock.CallExecuted(id=grant.id, index=0, target=target, amount=0, payload=payload),
    ]
    assert roles.hasRole(role_id("CREDIT"), mallory)
    assert grant.state == OperationState.DONE
    assert timelock.pending_of(alice) == 0


def test_execute__twice__reverts_and_so_does_scheduling_again(grant, alice, mallory):
    grant.pass_through(alice, mallory)
    with reverts("not ready"):
        grant.execute(mallory)
    with reverts("already scheduled"):
        grant.schedule(alice)


def test_execute__after_grace__has_lapsed_and_can_be_scheduled_again(
    timelock, grant, alice, bob, carol, mallory
):
    grant.schedule(alice)
    grant.wait(GRACE + 1)
    with reverts("not ready"):
        grant.execute(mallory)
    assert grant.state == OperationState.LAPSED
    with reverts("not pending"):
        grant.cancel(carol)

    grant.schedule(bob)

    assert grant.state == OperationState.WAITING
    assert (timelock.pending_of(alice), timelock.pending_of(bob)) == (0, 1)
    grant.wait(GRACE)
    grant.execute(mallory)
    assert grant.state == OperationState.DONE


def test_execute__target_refuses__keeps_its_reason(timelock, call, alice, mallory):
    operation = Operation(timelock, [call("grantRole", bytes(32), mallory)])
    operation.schedule(alice)
    operation.wait()
    with reverts("governor moves by handover"):
        operation.execute(mallory)
    assert operation.state == OperationState.READY


def test_execute__before_predecessor__reverts(timelock, call, grant, alice, mallory):
    grant.schedule(alice)
    later = Operation(timelock, [call("grantRole", "TREASURER", mallory)], predecessor=grant.id)
    later.schedule(alice)
    later.wait()
    with reverts("missing predecessor"):
        later.execute(mallory)
    grant.execute(mallory)
    later.execute(mallory)


def test_execute_batch__two_calls__both_or_none(
    roles, timelock, call, role_id, guardian, alice, bob, carol, mallory
):
    calls = [call("grantRole", "CREDIT", mallory), call("revokeRole", "GUARDIAN", guardian)]
    operation = Operation(timelock, calls)
    operation.schedule(alice)
    operation.wait()
    # the only guardian stays, and with it goes the rest
    with reverts("last guardian"):
        operation.execute(mallory)
    assert not roles.hasRole(role_id("CREDIT"), mallory)
    operation.cancel(carol)

    replaced = Operation(timelock, [*calls[:1], call("grantRole", "GUARDIAN", bob), *calls[1:]])
    replaced.schedule(bob)
    replaced.wait()
    replaced.execute(mallory)

    assert roles.hasRole(role_id("CREDIT"), mallory)
    assert roles.hasRole(role_id("GUARDIAN"), bob)
    assert not roles.hasRole(role_id("GUARDIAN"), guardian)


def test_execute__with_ether__forwards_just_what_was_scheduled(timelock, alice, bob, mallory):
    operation = Operation(timelock, [(bob, b""), (alice, b"")], amounts=(3, 4))
    operation.schedule(alice)
    operation.wait()
    for value in (6, 8):
        with reverts():
            operation.execute(mallory, value=value)
    before = bob.balance
    operation.execute(mallory, value=7)
    assert bob.balance - before == 3
    assert timelock.balance == 0


def test_cancel__by_canceller__never_executes_but_can_be_scheduled_again(timelock, grant, alice, carol):
    grant.schedule(alice)
    tx = grant.cancel(carol)

    assert tx.events == [timelock.Cancelled(id=grant.id)]
    assert timelock.pending_of(alice) == 0
    with reverts("not pending"):
        grant.cancel(carol)
    with reverts("not ready"):
        grant.execute(carol)
    grant.schedule(alice)
    assert grant.state == OperationState.WAITING


@pytest.mark.parametrize("who", ["alice", "bob", "mallory", "guardian"])
def test_cancel__by_others__reverts(grant, alice, people, who):
    grant.schedule(alice)
    with reverts("not canceller"):
        grant.cancel(getattr(people, who))


def test_cancel__ready_but_not_executed__works(grant, alice, carol):
    grant.schedule(alice)
    grant.wait()
    grant.cancel(carol)


def test_pending__at_most_sixteen_of_a_proposer__lapsed_ones_until_forgotten(
    timelock, call, alice, bob, mallory
):
    operations = [
        Operation(timelock, [call("grantRole", "CREDIT", mallory)], salt=at.to_bytes(32, "big"))
        for at in range(18)
    ]
    for operation in operations[:16]:
        operation.schedule(alice)
    with reverts("too many pending"):
        operations[16].schedule(alice)
    operations[17].schedule(bob)
    with reverts("not lapsed"):
        timelock.forget(operations[0].id, sender=mallory)

    operations[15].wait(GRACE + 1)
    with reverts("too many pending"):
        operations[16].schedule(alice)
    timelock.forget(operations[0].id, sender=mallory)
    operations[16].schedule(alice)
    # a lapsed one of its own takes no more room when it is scheduled again
    operations[1].schedule(alice)
    assert timelock.pending_of(alice) == 16


def test_governed__old_governor_and_members_alone__are_powerless(
    roles, timelock, role_id, governor, alice, carol
):
    assert roles.governor() == timelock
    for who in (governor, alice, carol):
        with reverts("not governor"):
            roles.grantRole(role_id("CREDIT"), who, sender=who)
