# pragma version 0.4.3
# pragma optimize gas
"""
@title Roles
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The one place where a role is held; every governed function of the
        protocol asks here. GOVERNOR (a timelock in a real deployment) grants and
        revokes every other role. It moves itself only by a handover in two steps,
        so there is exactly one governor at any time: a mistyped address can be
        cancelled, and nobody can leave the protocol without one.
@dev snekmate's access control keeps the roles. Its `set_role_admin` is not
     exported: GOVERNOR administers every role for good, which is also what the
     unset `getRoleAdmin` says.
"""

from snekmate.auth import access_control
from snekmate.auth.interfaces import IAccessControl

from ..interfaces import IRoles

implements: IAccessControl
implements: IRoles

initializes: access_control
exports: (
    access_control.getRoleAdmin,
    access_control.hasRole,
    access_control.supportsInterface,
)


event HandoverBegun:
    governor: indexed(address)
    successor: indexed(address)


event HandoverCancelled:
    successor: indexed(address)


event HandoverCompleted:
    governor: indexed(address)
    successor: indexed(address)


GOVERNOR: public(constant(bytes32)) = empty(bytes32)
# may only make things safer: pause, lower a cap
GUARDIAN: public(constant(bytes32)) = keccak256("GUARDIAN")
# allowlist and deny list
COMPLIANCE: public(constant(bytes32)) = keccak256("COMPLIANCE")
# moves the reserve among the vaults that GOVERNOR has listed
TREASURER: public(constant(bytes32)) = keccak256("TREASURER")
# credit committee: approves deals, chooses the path of enforcement
CREDIT: public(constant(bytes32)) = keccak256("CREDIT")
# records off-chain facts about a deal
SERVICER: public(constant(bytes32)) = keccak256("SERVICER")
# signs reports, m of n
ATTESTOR: public(constant(bytes32)) = keccak256("ATTESTOR")

# the only holder of GOVERNOR
governor: public(address)
# who may take over, or the zero address
pending_governor: public(address)
# how many hold GUARDIAN
guardian_count: public(uint256)


@deploy
def __init__(_governor: address):
    """
    @notice Make `_governor` the only holder of a role.
    @param _governor First governor; reverts if zero ("zero address").
    """
    assert _governor != empty(address), "zero address"

    access_control.__init__()
    if _governor != msg.sender:
        access_control._grant_role(GOVERNOR, _governor)
        access_control._revoke_role(GOVERNOR, msg.sender)
    self.governor = _governor


@external
def renounceRole(_role: bytes32, _account: address):
    """
    @notice Give up a role of one's own, e.g. from a key that may be compromised. Without effect if
            it is not held.
    @param _role Any role but GOVERNOR.
    @param _account The caller, repeated as a safeguard.
    @custom:reverts "not own role", "governor moves by handover", "unknown role".
    """
    assert _account == msg.sender, "not own role"
    self._check_grantable(_role)

    self._revoke(_role, _account)


@external
def accept_handover():
    """
    @notice Take over as GOVERNOR; the old governor loses the role in the same step.
    @custom:access Pending governor.
    @custom:reverts "not pending governor".
    """
    assert msg.sender == self.pending_governor, "not pending governor"

    old: address = self.governor
    self.governor = msg.sender
    self.pending_governor = empty(address)
    access_control._grant_role(GOVERNOR, msg.sender)
    access_control._revoke_role(GOVERNOR, old)
    log HandoverCompleted(governor=old, successor=msg.sender)


@external
def grantRole(_role: bytes32, _account: address):
    """
    @notice Grant a role. Without effect if it is held already.
    @param _role Any role but GOVERNOR.
    @param _account Who is to hold it.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "zero address", "governor moves by handover", "unknown role".
    """
    assert msg.sender == self.governor, "not governor"
    assert _account != empty(address), "zero address"
    self._check_grantable(_role)

    if _role == GUARDIAN and not access_control.hasRole[_role][_account]:
        self.guardian_count += 1
    access_control._grant_role(_role, _account)


@external
def revokeRole(_role: bytes32, _account: address):
    """
    @notice Take a role away. Without effect if it is not held. The last GUARDIAN is replaced: grant
            the next one first, then revoke.
    @param _role Any role but GOVERNOR.
    @param _account Who is to lose it.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "governor moves by handover", "unknown role", "last guardian".
    """
    assert msg.sender == self.governor, "not governor"
    self._check_grantable(_role)
    assert (
        _role != GUARDIAN or self.guardian_count > 1 or not access_control.hasRole[_role][_account]
    ), "last guardian"

    self._revoke(_role, _account)


@external
def begin_handover(_to: address):
    """
    @notice Offer GOVERNOR to `_to`, which has no effect until `_to` accepts.
    @param _to The successor; a contract must be able to call `accept_handover`.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "zero address", "already governor", "handover pending" (each
                    offer ends in exactly one cancellation or completion).
    """
    assert msg.sender == self.governor, "not governor"
    assert _to != empty(address), "zero address"
    assert _to != msg.sender, "already governor"
    assert self.pending_governor == empty(address), "handover pending"

    self.pending_governor = _to
    log HandoverBegun(governor=msg.sender, successor=_to)


@external
def cancel_handover():
    """
    @notice Withdraw the offer.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no handover" if there is none.
    """
    assert msg.sender == self.governor, "not governor"
    successor: address = self.pending_governor
    assert successor != empty(address), "no handover"

    self.pending_governor = empty(address)
    log HandoverCancelled(successor=successor)


@internal
def _revoke(_role: bytes32, _account: address):
    if _role == GUARDIAN and access_control.hasRole[_role][_account]:
        self.guardian_count -= 1
    access_control._revoke_role(_role, _account)


@internal
@pure
def _check_grantable(_role: bytes32):
    """
    @dev A mistyped role would be granted in silence and protect nothing, hence the closed list.
    """
    assert _role != GOVERNOR, "governor moves by handover"
    assert _role in [GUARDIAN, COMPLIANCE, TREASURER, CREDIT, SERVICER, ATTESTOR], "unknown role"
