"""Roles: who grants, who leaves, and that there is one governor at any time."""

from itertools import product

import pytest
from ape import reverts
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.conftest import LONG

ZERO = "0x" + "00" * 20
GOVERNOR = bytes(32)
GRANTABLE = ["GUARDIAN", "COMPLIANCE", "TREASURER", "CREDIT", "SERVICER", "ATTESTOR"]


@pytest.fixture
def offered(roles, governor, alice):
    """Roles with a handover to alice begun."""
    roles.begin_handover(alice, sender=governor)
    return roles


def test_deploy__governor_given__is_the_only_holder(project, governor, alice):
    roles = alice.deploy(project.Roles, governor)

    assert roles.governor() == governor
    assert roles.pending_governor() == ZERO
    assert roles.hasRole(GOVERNOR, governor)
    assert not roles.hasRole(GOVERNOR, alice)


def test_deploy__zero_governor__reverts(project, alice):
    with reverts("zero address"):
        alice.deploy(project.Roles, ZERO)


@pytest.mark.parametrize("name", ["GOVERNOR", *GRANTABLE])
def test_role_id__is_hash_of_its_name_and_governed_by_governor(roles, role_id, name):
    assert getattr(roles, name)() == role_id(name)
    assert roles.getRoleAdmin(role_id(name)) == GOVERNOR


@pytest.mark.parametrize(
    ("interface", "supported"),
    [("0x01ffc9a7", True), ("0x7965db0b", True), ("0xffffffff", False), ("0x12345678", False)],
)
def test_supports_interface__erc165_and_access_control(roles, interface, supported):
    assert roles.supportsInterface(interface) is supported


def test_abi__role_admins_cannot_be_changed(roles):
    assert "set_role_admin" not in {method.name for method in roles.contract_type.mutable_methods}


@pytest.mark.parametrize("name", GRANTABLE)
def test_grant__by_governor__holds_and_logs(roles, role_id, governor, alice, name):
    tx = roles.grantRole(role_id(name), alice, sender=governor)

    assert tx.events == [roles.RoleGranted(role=role_id(name), account=alice, sender=governor)]
    assert roles.hasRole(role_id(name), alice)
    assert [other for other in GRANTABLE if roles.hasRole(role_id(other), alice)] == [name]


def test_grant__held_already__logs_nothing(roles, role_id, governor, guardian):
    tx = roles.grantRole(role_id("GUARDIAN"), guardian, sender=governor)

    assert tx.events == []
    assert roles.hasRole(role_id("GUARDIAN"), guardian)


def test_grant__by_holder_of_the_role__reverts(roles, role_id, guardian, alice):
    with reverts("not governor"):
        roles.grantRole(role_id("GUARDIAN"), alice, sender=guardian)


def test_grant__governor__reverts(roles, governor, alice):
    with reverts("governor moves by handover"):
        roles.grantRole(GOVERNOR, alice, sender=governor)


@pytest.mark.parametrize("name", ["PROPOSER_ROLE", "guardian", ""])
def test_grant__unknown_role__reverts(roles, role_id, governor, alice, name):
    with reverts("unknown role"):
        roles.grantRole(role_id(name), alice, sender=governor)


def test_grant__zero_account__reverts(roles, role_id, governor):
    with reverts("zero address"):
        roles.grantRole(role_id("GUARDIAN"), ZERO, sender=governor)


@pytest.mark.parametrize("name", ["COMPLIANCE", "TREASURER"])
def test_revoke__by_governor__is_gone_and_logs(roles, role_id, governor, people, name):
    holder = getattr(people, name.lower())
    tx = roles.revokeRole(role_id(name), holder, sender=governor)

    assert tx.events == [roles.RoleRevoked(role=role_id(name), account=holder, sender=governor)]
    assert not roles.hasRole(role_id(name), holder)


def test_revoke__the_last_guardian__only_once_there_is_another(roles, role_id, governor, guardian, alice):
    role = role_id("GUARDIAN")
    assert roles.guardian_count() == 1
    with reverts("last guardian"):
        roles.revokeRole(role, guardian, sender=governor)

    for _ in range(2):  # granting twice counts once
        roles.grantRole(role, alice, sender=governor)
    assert roles.guardian_count() == 2
    for _ in range(2):
        roles.revokeRole(role, guardian, sender=governor)

    assert roles.guardian_count() == 1
    assert not roles.hasRole(role, guardian)
    # whoever renounces a key that may be compromised is not held back
    roles.renounceRole(role, alice, sender=alice)
    assert roles.guardian_count() == 0


def test_revoke__not_held__logs_nothing(roles, role_id, governor, alice):
    assert roles.revokeRole(role_id("GUARDIAN"), alice, sender=governor).events == []


def test_revoke__by_stranger__reverts(roles, role_id, guardian, mallory):
    with reverts("not governor"):
        roles.revokeRole(role_id("GUARDIAN"), guardian, sender=mallory)


def test_revoke__governor__reverts(roles, governor):
    with reverts("governor moves by handover"):
        roles.revokeRole(GOVERNOR, governor, sender=governor)


def test_revoke__unknown_role__reverts(roles, role_id, governor, alice):
    with reverts("unknown role"):
        roles.revokeRole(role_id("MINTER"), alice, sender=governor)


def test_renounce__own_role__is_gone_and_logs(roles, role_id, guardian):
    tx = roles.renounceRole(role_id("GUARDIAN"), guardian, sender=guardian)

    assert tx.events == [roles.RoleRevoked(role=role_id("GUARDIAN"), account=guardian, sender=guardian)]
    assert not roles.hasRole(role_id("GUARDIAN"), guardian)


def test_renounce__for_another__reverts(roles, role_id, governor, guardian):
    with reverts("not own role"):
        roles.renounceRole(role_id("GUARDIAN"), guardian, sender=governor)


def test_renounce__governor__reverts(roles, governor):
    with reverts("governor moves by handover"):
        roles.renounceRole(GOVERNOR, governor, sender=governor)


def test_renounce__unknown_role__reverts(roles, role_id, alice):
    with reverts("unknown role"):
        roles.renounceRole(role_id("MINTER"), alice, sender=alice)


def test_begin_handover__by_governor__changes_no_role(roles, governor, alice):
    tx = roles.begin_handover(alice, sender=governor)

    assert tx.events == [roles.HandoverBegun(governor=governor, successor=alice)]
    assert (roles.governor(), roles.pending_governor()) == (governor, alice)
    assert roles.hasRole(GOVERNOR, governor)
    assert not roles.hasRole(GOVERNOR, alice)


def test_begin_handover__by_stranger__reverts(roles, mallory):
    with reverts("not governor"):
        roles.begin_handover(mallory, sender=mallory)


def test_begin_handover__to_zero__reverts(roles, governor):
    with reverts("zero address"):
        roles.begin_handover(ZERO, sender=governor)


def test_begin_handover__to_oneself__reverts(roles, governor):
    with reverts("already governor"):
        roles.begin_handover(governor, sender=governor)


def test_begin_handover__while_one_is_pending__reverts(offered, governor, bob):
    with reverts("handover pending"):
        offered.begin_handover(bob, sender=governor)


def test_cancel_handover__pending__successor_can_no_longer_accept(offered, governor, alice):
    tx = offered.cancel_handover(sender=governor)

    assert tx.events == [offered.HandoverCancelled(successor=alice)]
    assert offered.pending_governor() == ZERO
    with reverts("not pending governor"):
        offered.accept_handover(sender=alice)


def test_cancel_handover__by_successor__reverts(offered, alice):
    with reverts("not governor"):
        offered.cancel_handover(sender=alice)


def test_cancel_handover__none_pending__reverts(roles, governor):
    with reverts("no handover"):
        roles.cancel_handover(sender=governor)


def test_accept_handover__by_successor__moves_the_role_in_one_step(offered, governor, alice):
    tx = offered.accept_handover(sender=alice)

    assert tx.events == [
        offered.RoleGranted(role=GOVERNOR, account=alice, sender=alice),
        offered.RoleRevoked(role=GOVERNOR, account=governor, sender=alice),
        offered.HandoverCompleted(governor=governor, successor=alice),
    ]
    assert (offered.governor(), offered.pending_governor()) == (alice, ZERO)
    assert offered.hasRole(GOVERNOR, alice)
    assert not offered.hasRole(GOVERNOR, governor)


def test_accept_handover__done__old_governor_is_powerless(offered, role_id, governor, alice, bob):
    offered.accept_handover(sender=alice)

    with reverts("not governor"):
        offered.grantRole(role_id("CREDIT"), bob, sender=governor)
    with reverts("not governor"):
        offered.begin_handover(governor, sender=governor)
    with reverts("not governor"):
        offered.cancel_handover(sender=governor)


def test_accept_handover__twice__reverts(offered, alice):
    offered.accept_handover(sender=alice)

    with reverts("not pending governor"):
        offered.accept_handover(sender=alice)


@pytest.mark.parametrize("who", ["governor", "mallory"])
def test_accept_handover__by_another__reverts(offered, request, who):
    with reverts("not pending governor"):
        offered.accept_handover(sender=request.getfixturevalue(who))


def test_accept_handover__nothing_offered__reverts(roles, mallory):
    with reverts("not pending governor"):
        roles.accept_handover(sender=mallory)


def test_removed_governor__keeps_other_roles(offered, role_id, governor, alice):
    offered.grantRole(role_id("GUARDIAN"), governor, sender=governor)

    offered.accept_handover(sender=alice)

    assert offered.hasRole(role_id("GUARDIAN"), governor)


def test_any_history__exactly_one_governor(chain, project, accounts, role_id):
    """Random calls against a model: same outcome, same reason, one governor. `None` is whoever may."""
    people = [account.address for account in accounts[:3]]
    role_names = ["GOVERNOR", "GUARDIAN", "CREDIT", "NONSENSE"]
    roles = accounts[0].deploy(project.Roles, people[0])
    person, role = st.sampled_from(range(3)), st.sampled_from(role_names)

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.snapshot = chain.snapshot()
            self.governor, self.pending = 0, None
            self.held = set()

        def teardown(self):
            for name, who in product(["GUARDIAN", "CREDIT"], range(3)):
                assert roles.hasRole(role_id(name), people[who]) == ((name, who) in self.held)
            chain.restore(self.snapshot)

        def call(self, who, reason, method, *args):
            if reason is None:
                getattr(roles, method)(*args, sender=accounts[who])
                return True
            with reverts(reason):  # as a call, three times as fast
                getattr(roles, method).call(*args, sender=accounts[who])
            return False

        @staticmethod
        def grantable(name):
            if name == "GOVERNOR":
                return "governor moves by handover"
            return None if name in GRANTABLE else "unknown role"

        @rule(who=st.none() | person, name=role, to=person)
        def grant(self, who, name, to):
            who = self.governor if who is None else who
            reason = "not governor" if who != self.governor else self.grantable(name)
            if self.call(who, reason, "grantRole", role_id(name), people[to]):
                self.held.add((name, to))

        @rule(who=st.none() | person, name=role, of=person)
        def revoke(self, who, name, of):
            who = self.governor if who is None else who
            reason = "not governor" if who != self.governor else self.grantable(name)
            if self.call(who, reason, "revokeRole", role_id(name), people[of]):
                self.held.discard((name, of))

        @rule(who=person, name=role, of=person)
        def renounce(self, who, name, of):
            reason = "not own role" if who != of else self.grantable(name)
            if self.call(who, reason, "renounceRole", role_id(name), people[of]):
                self.held.discard((name, of))

        @rule(who=st.none() | person, to=person)
        def begin(self, who, to):
            who = self.governor if who is None else who
            reason = None
            if who != self.governor:
                reason = "not governor"
            elif to == who:
                reason = "already governor"
            elif self.pending is not None:
                reason = "handover pending"
            if self.call(who, reason, "begin_handover", people[to]):
                self.pending = to

        @rule(who=st.none() | person)
        def cancel(self, who):
            who = self.governor if who is None else who
            reason = None
            if who != self.governor:
                reason = "not governor"
            elif self.pending is None:
                reason = "no handover"
            if self.call(who, reason, "cancel_handover"):
                self.pending = None

        @rule(who=st.none() | person)
        def accept(self, who):
            who = self.pending or 0 if who is None else who
            reason = None if who == self.pending else "not pending governor"
            if self.call(who, reason, "accept_handover"):
                self.governor, self.pending = who, None

        @invariant()
        def one_governor(self):
            assert roles.governor() == people[self.governor]
            assert [who for who in range(3) if roles.hasRole(GOVERNOR, people[who])] == [self.governor]

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=100 if LONG else 6, stateful_step_count=12, deadline=None)
    )
