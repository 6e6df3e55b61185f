# pragma version 0.4.3
"""
@title Members of the timelock
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Proposers schedule, cancellers cancel; no account is both, and the last of each stays. The
        timelock alone grants and revokes, so through a scheduled operation; a member may renounce.
"""

from snekmate.auth import access_control

uses: access_control

PROPOSER_ROLE: public(constant(bytes32)) = keccak256("PROPOSER_ROLE")
CANCELLER_ROLE: public(constant(bytes32)) = keccak256("CANCELLER_ROLE")
# held by the zero address, which says that anyone executes
EXECUTOR_ROLE: public(constant(bytes32)) = keccak256("EXECUTOR_ROLE")

# role -> how many hold it
member_count: public(HashMap[bytes32, uint256])


@deploy
def __init__():
    """
    @notice Let nobody administer but the timelock itself, and anyone execute.
    """
    access_control._revoke_role(access_control.DEFAULT_ADMIN_ROLE, msg.sender)
    access_control._grant_role(access_control.DEFAULT_ADMIN_ROLE, self)
    access_control._grant_role(EXECUTOR_ROLE, empty(address))


@external
def grantRole(_role: bytes32, _account: address):
    """
    @notice Make an account a proposer or a canceller. Without effect if it is one.
    @param _role PROPOSER_ROLE or CANCELLER_ROLE.
    @param _account Who is to hold it.
    @custom:access The timelock.
    @custom:reverts "not timelock", "unknown role", "zero address", "roles are disjoint".
    """
    self._check_self()
    if not access_control.hasRole[_role][_account]:
        self._add(_role, _account)


@external
def revokeRole(_role: bytes32, _account: address):
    """
    @notice Take its role from a proposer or a canceller. Without effect if it is not held.
    @param _role PROPOSER_ROLE or CANCELLER_ROLE.
    @param _account Who is to lose it.
    @custom:access The timelock.
    @custom:reverts "not timelock", "unknown role", "last member".
    """
    self._check_self()
    self._remove(_role, _account)


@external
def renounceRole(_role: bytes32, _account: address):
    """
    @notice Give up a role of one's own. Without effect if it is not held.
    @param _role PROPOSER_ROLE or CANCELLER_ROLE.
    @param _account The caller, repeated as a safeguard.
    @custom:access Anyone.
    @custom:reverts "not own role", "unknown role", "last member".
    """
    assert _account == msg.sender, "not own role"
    self._remove(_role, _account)


@internal
def _add(_role: bytes32, _account: address):
    assert _account not in [empty(address), self], "zero address"
    assert not access_control.hasRole[self._other(_role)][_account], "roles are disjoint"
    assert not access_control.hasRole[_role][_account], "given twice"
    self.member_count[_role] += 1
    access_control._grant_role(_role, _account)


@internal
def _remove(_role: bytes32, _account: address):
    self._check_known(_role)
    if access_control.hasRole[_role][_account]:
        assert self.member_count[_role] > 1, "last member"
        self.member_count[_role] -= 1
        access_control._revoke_role(_role, _account)


@internal
@view
def _is(_role: bytes32, _account: address) -> bool:
    return access_control.hasRole[_role][_account]


@internal
@view
def _check_self():
    assert msg.sender == self, "not timelock"


@internal
@pure
def _other(_role: bytes32) -> bytes32:
    """
    @notice The role that a holder of `_role` must not hold.
    """
    self._check_known(_role)
    return CANCELLER_ROLE if _role == PROPOSER_ROLE else PROPOSER_ROLE


@internal
@pure
def _check_known(_role: bytes32):
    assert _role in [PROPOSER_ROLE, CANCELLER_ROLE], "unknown role"
