"""K: one captured key, or two, against the timelock that governs.

Alice and bob propose, carol, dave and erin cancel, the guardian is another. Who is captured does what it can,
the others do what they should.
"""

from __future__ import annotations

from itertools import product

import pytest
from ape import reverts

from integrations.protocol import Role
from integrations.protocol.timelock import NONE, OperationState
from tests.conftest import DAY
from tests.support.timelock import Operation

DELAY = 2 * DAY
COOLDOWN = 7 * DAY


@pytest.fixture(scope="module")
def erin(accounts):
    """A third canceller."""
    return accounts[9]


@pytest.fixture(scope="module")
def governed(project, protocol, governor, alice):
    """The installation under a timelock with given cancellers: `governed(alice, bob, cancellers=…)`."""

    def govern(proposers, cancellers):
        timelock = governor.deploy(project.Timelock, protocol.roles, DELAY, proposers, cancellers)
        protocol.roles.begin_handover(timelock, sender=governor)
        accept = Operation(timelock, [(protocol.roles, protocol.roles.accept_handover.encode_input())])
        accept.pass_through(proposers[0], governor)
        return timelock

    return govern


@pytest.fixture
def timelock(governed, alice, bob, carol, dave, erin):
    """Two proposers, three cancellers."""
    return governed([alice, bob], [carol, dave, erin])


@pytest.fixture
def small(governed, alice, bob, carol, dave):
    """The least that a live network takes: two proposers, two cancellers."""
    return governed([alice, bob], [carol, dave])


def own(timelock, *calls, salt=0):
    """An operation of the timelock's own functions."""
    return Operation(
        timelock,
        [(timelock, getattr(timelock, name).encode_input(*arguments)) for name, *arguments in calls],
        salt.to_bytes(32, "big"),
    )


def removal(timelock, who, salt=0):
    """An operation that removes a canceller."""
    return own(timelock, ("revokeRole", timelock.CANCELLER_ROLE(), who), salt=salt)


def dismissal(timelock, who, salt=0):
    """An operation that removes a proposer."""
    return own(timelock, ("revokeRole", timelock.PROPOSER_ROLE(), who), salt=salt)


def harm(timelock, protocol, who, salt=0):
    """What a captured proposer is after: a role for itself."""
    grant = protocol.roles.grantRole.encode_input(Role.TREASURER.value, who)
    return Operation(timelock, [(protocol.roles, grant)], salt.to_bytes(32, "big"))


# K1: a captured proposer


def test_k1__a_captured_proposer__cannot_cancel_its_removal_and_takes_its_operations_along(
    timelock, protocol, alice, bob, carol, mallory
):
    harms = [harm(timelock, protocol, mallory, salt) for salt in range(16)]
    for operation in harms:
        operation.schedule(alice, 10 * DAY)
    out = dismissal(timelock, alice)
    out.schedule(bob)
    with reverts("not canceller"):
        out.cancel(alice)
    out.wait()

    out.execute(bob)

    harms[0].wait()
    for operation in harms:
        with reverts("proposer removed"):
            operation.execute(mallory)
    with reverts("not proposer"):
        harm(timelock, protocol, mallory, 99).schedule(alice)
    assert not protocol.roles.hasRole(Role.TREASURER.value, mallory)


def test_k1__a_captured_proposer__is_stopped_by_any_canceller(
    timelock, protocol, alice, carol, dave, erin, mallory
):
    for salt, canceller in enumerate((carol, dave, erin)):
        operation = harm(timelock, protocol, mallory, salt)
        operation.schedule(alice)
        operation.cancel(canceller)
        operation.wait()
        with reverts("not ready"):
            operation.execute(mallory)


def test_k1__a_captured_proposer__cannot_make_itself_a_canceller(timelock, alice, mallory):
    operation = own(timelock, ("grantRole", timelock.CANCELLER_ROLE(), alice))
    operation.schedule(alice)
    operation.wait()
    with reverts("roles are disjoint"):
        operation.execute(mallory)


def test_k1__a_captured_proposer__holds_the_one_place_of_removals_until_it_is_cancelled_once(
    timelock, alice, bob, carol, dave
):
    """Alice fills the place, so that bob cannot have a captured canceller removed."""
    filler = removal(timelock, dave)
    filler.schedule(alice, 30 * DAY)
    needed = removal(timelock, carol, salt=1)
    with reverts("removal pending"):
        needed.schedule(bob)
    with reverts("own removal"):
        filler.cancel(dave)

    filler.cancel(carol)

    with reverts("removals barred"):
        removal(timelock, dave, salt=2).schedule(alice)
    needed.schedule(bob)
    needed.wait()
    needed.execute(bob)
    assert not timelock.hasRole(timelock.CANCELLER_ROLE(), carol)


def test_k1__a_proposer_whose_removal_was_cancelled__proposes_another_after_seven_days(
    timelock, alice, carol, dave, chain
):
    operation = removal(timelock, dave)
    operation.schedule(alice)
    cancelled_at = operation.cancel(carol).timestamp
    chain.pending_timestamp = cancelled_at + COOLDOWN - 1
    with reverts("removals barred"):
        operation.schedule(alice)
    chain.pending_timestamp = cancelled_at + COOLDOWN
    operation.schedule(alice)


@pytest.mark.parametrize("place", [0, 1, 31])
def test_k1__a_removal_hidden_in_a_batch__is_seen(timelock, protocol, alice, carol, dave, place):
    """One call among 32 that do nothing."""
    nothing = (timelock, timelock.update_delay.encode_input(DELAY))
    calls = [nothing] * 31
    calls.insert(place, removal(timelock, dave).calls[0])
    hidden = Operation(timelock, calls)
    hidden.schedule(alice)

    assert bytes(timelock.removal()) == hidden.id
    with reverts("own removal"):
        hidden.cancel(dave)
    with reverts("removal pending"):
        removal(timelock, carol).schedule(alice)
    hidden.cancel(carol)
    assert timelock.barred_until(alice) > 0


@pytest.mark.parametrize(
    "disguise",
    [
        lambda payload: payload + b"\0" * 32,  # what follows the arguments is ignored
        lambda payload: payload + b"harmless",
    ],
)
def test_k1__a_removal_in_another_encoding__is_seen(timelock, alice, carol, dave, disguise):
    ((target, payload),) = removal(timelock, dave).calls
    hidden = Operation(timelock, [(target, disguise(bytes(payload)))])
    hidden.schedule(alice)
    with reverts("own removal"):
        hidden.cancel(dave)
    hidden.wait()
    hidden.execute(carol)
    assert not timelock.hasRole(timelock.CANCELLER_ROLE(), dave)


def test_k1__a_removal_whose_address_is_not_clean__removes_nobody(timelock, alice, dave):
    ((target, payload),) = removal(timelock, dave).calls
    payload = bytearray(bytes(payload))
    payload[36] = 1  # highest byte of the account's word
    operation = Operation(timelock, [(target, bytes(payload))])
    operation.schedule(alice)
    operation.wait()
    with reverts():
        operation.execute(alice)
    assert timelock.hasRole(timelock.CANCELLER_ROLE(), dave)


def test_k1__two_removals_in_one_operation__are_refused(timelock, protocol, alice, guardian, carol, dave):
    """Those who are removed together could none of them cancel it."""
    (carol_out,), (dave_out,) = removal(timelock, carol).calls, removal(timelock, dave).calls
    guardian_out = (
        protocol.roles,
        protocol.roles.revokeRole.encode_input(Role.GUARDIAN.value, guardian),
    )
    for calls in ([carol_out, dave_out], [carol_out, guardian_out], [guardian_out, guardian_out]):
        with reverts("one removal at a time"):
            Operation(timelock, calls).schedule(alice)


def test_k1__a_removal_through_another_contract__is_no_removal(timelock, project, alice, carol, dave):
    """A contract that the timelock calls is not the timelock."""
    caller = alice.deploy(project.Caller)
    ((target, payload),) = removal(timelock, dave).calls
    operation = Operation(timelock, [(caller, caller.forward.encode_input(target, payload))])
    operation.schedule(alice)
    operation.wait()
    with reverts("not timelock"):
        operation.execute(carol)


def test_k1__an_operation_that_calls_back__happens_once(timelock, alice, bob, carol, mallory):
    """It executes itself again from inside, or another one that waits for it."""
    inner = own(timelock, ("update_delay", 3 * DAY))
    ((target, payload),) = inner.calls
    again = timelock.execute.encode_input(target, 0, payload, NONE, NONE)
    outer = Operation(timelock, [(timelock, payload), (timelock, again)])
    inner.schedule(alice)
    outer.schedule(alice)
    outer.wait()
    # another operation that is ready is anyone's to execute, so the outer one may
    outer.execute(mallory)
    assert inner.state == OperationState.DONE
    with reverts("not ready"):
        inner.execute(mallory)


# K2: a captured canceller


def test_k2__a_captured_canceller__stops_everything_but_its_removal(
    timelock, protocol, alice, carol, dave, mallory
):
    wanted = harm(timelock, protocol, dave)
    wanted.schedule(alice)
    wanted.cancel(carol)
    out = removal(timelock, carol)
    out.schedule(alice)
    with reverts("own removal"):
        out.cancel(carol)
    wanted.schedule(alice)
    wanted.cancel(carol)
    out.wait()
    out.execute(mallory)

    wanted.schedule(alice)
    with reverts("not canceller"):
        wanted.cancel(carol)
    wanted.wait()
    wanted.execute(mallory)
    assert protocol.roles.hasRole(Role.TREASURER.value, dave)


def test_k2__a_captured_canceller__is_replaced_in_one_operation_of_two(small, alice, carol, erin, mallory):
    """With two cancellers the one that stays is not the last for a second."""
    role = small.CANCELLER_ROLE()
    swap = own(small, ("grantRole", role, erin), ("revokeRole", role, carol))
    swap.schedule(alice)
    with reverts("own removal"):
        swap.cancel(carol)
    swap.wait()
    swap.execute(mallory)
    assert [small.hasRole(role, who) for who in (carol, erin)] == [False, True]
    assert small.member_count(role) == 2


def test_k2__the_last_canceller__cannot_be_removed(small, alice, carol, dave, mallory):
    """Not by one operation after the other either."""
    removal(small, carol).pass_through(alice, mallory)
    last = removal(small, dave)
    last.schedule(alice)
    last.wait()
    with reverts("last member"):
        last.execute(mallory)


# K3: a captured guardian


def test_k3__a_captured_guardian__closes_for_two_days_and_is_replaced_in_the_operation_that_opens(
    timelock, protocol, guardian, alice, carol, erin, mallory
):
    configurator, roles = protocol.configurator, protocol.roles
    configurator.pause_mint(sender=guardian)
    out = Operation(
        timelock,
        [
            (roles, roles.grantRole.encode_input(Role.GUARDIAN.value, erin)),
            (roles, roles.revokeRole.encode_input(Role.GUARDIAN.value, guardian)),
            (configurator, configurator.unpause_mint.encode_input()),
        ],
    )
    out.schedule(alice)
    with reverts("not canceller"):
        out.cancel(guardian)
    out.wait()
    out.execute(mallory)
    assert not configurator.mint_paused()
    with reverts("not guardian"):
        configurator.pause_mint(sender=guardian)


def test_k3__a_key_that_is_guardian_and_canceller__cancels_neither_removal(
    governed, protocol, guardian, alice, bob, carol, dave, mallory
):
    """Nothing but the configuration keeps these two apart: here they are one key."""
    timelock, roles = governed([alice, bob], [guardian, carol, dave]), protocol.roles
    revoke = roles.revokeRole.encode_input(Role.GUARDIAN.value, guardian)
    out = Operation(
        timelock, [(roles, roles.grantRole.encode_input(Role.GUARDIAN.value, bob)), (roles, revoke)]
    )
    for operation in (out, removal(timelock, guardian)):
        operation.schedule(alice)
        with reverts("own removal"):
            operation.cancel(guardian)
        operation.wait()
        operation.execute(mallory)
    assert not roles.hasRole(Role.GUARDIAN.value, guardian)


def test_k3__the_last_guardian__cannot_be_removed(timelock, protocol, guardian, alice, mallory):
    revoke = protocol.roles.revokeRole.encode_input(Role.GUARDIAN.value, guardian)
    out = Operation(timelock, [(protocol.roles, revoke)])
    out.schedule(alice)
    out.wait()
    with reverts("last guardian"):
        out.execute(mallory)


# K4: two captured keys


def test_k4__a_proposer_and_a_canceller_of_three__lose_after_four_days(
    timelock, protocol, alice, bob, carol, dave, erin, mallory
):
    """Alice and carol are captured. Bob removes first carol, whom alice cannot cover, then alice."""
    filler = removal(timelock, dave)
    filler.schedule(alice)
    filler.cancel(erin)
    out = removal(timelock, carol)
    out.schedule(bob)
    for salt in range(16):
        operation = harm(timelock, protocol, mallory, salt)
        operation.schedule(alice)
        operation.cancel(dave)
    with reverts("own removal"):
        out.cancel(carol)
    dismiss = dismissal(timelock, alice)
    dismiss.schedule(bob)
    dismiss.cancel(carol)
    out.wait()
    out.execute(bob)

    dismiss.schedule(bob)
    dismiss.wait()
    dismiss.execute(bob)

    assert not timelock.hasRole(timelock.PROPOSER_ROLE(), alice)
    assert not protocol.roles.hasRole(Role.TREASURER.value, mallory)


def test_k4__a_proposer_and_a_canceller_of_two__govern_after_four_days(
    small, protocol, alice, carol, dave, mallory
):
    """Why docs/runbook.md asks for three: nobody is left who may cancel dave's removal."""
    out = removal(small, dave)
    began = out.schedule(alice).timestamp
    with reverts("own removal"):
        out.cancel(dave)
    # until then dave stops everything else
    early = harm(small, protocol, mallory)
    early.schedule(alice)
    early.cancel(dave)
    out.wait()
    out.execute(alice)
    late = harm(small, protocol, mallory)
    late.schedule(alice)
    with reverts("not canceller"):
        late.cancel(dave)
    late.wait()
    assert late.execute(alice).timestamp - began >= 2 * DELAY
    assert protocol.roles.hasRole(Role.TREASURER.value, mallory)


def test_k4__two_cancellers_of_three__stop_everything_and_change_nothing(
    timelock, protocol, alice, bob, carol, dave, mallory
):
    """They cover each other while both are captured; what is left to everybody else is the exit."""
    for salt, (out, cover) in enumerate(product((carol, dave), repeat=2)):
        if out == cover:
            continue
        operation = removal(timelock, out, salt)
        operation.schedule(alice if salt == 1 else bob)
        with reverts("own removal"):
            operation.cancel(out)
        operation.cancel(cover)
    for who in (carol, dave):
        with reverts("not proposer"):
            harm(timelock, protocol, mallory).schedule(who)


def test_k4__both_proposers__change_nothing_while_one_canceller_watches(
    timelock, protocol, alice, bob, carol, dave, mallory
):
    for salt, who in enumerate((alice, bob)):
        for out in (removal(timelock, dave, salt), harm(timelock, protocol, mallory, salt)):
            out.schedule(who)
            out.cancel(carol)
        with reverts("removals barred"):
            removal(timelock, dave, salt).schedule(who)


def test_k4__a_guardian_and_a_canceller__lose_after_four_days(
    timelock, protocol, guardian, alice, carol, dave, erin, mallory
):
    configurator, roles = protocol.configurator, protocol.roles
    configurator.pause_mint(sender=guardian)
    swap = Operation(
        timelock,
        [
            (roles, roles.grantRole.encode_input(Role.GUARDIAN.value, erin)),
            (roles, roles.revokeRole.encode_input(Role.GUARDIAN.value, guardian)),
            (configurator, configurator.unpause_mint.encode_input()),
        ],
    )
    out = removal(timelock, carol)
    out.schedule(alice)
    out.wait()
    out.execute(mallory)
    swap.schedule(alice)
    with reverts("not canceller"):
        swap.cancel(carol)
    swap.wait()
    swap.execute(mallory)
    assert not configurator.mint_paused()
