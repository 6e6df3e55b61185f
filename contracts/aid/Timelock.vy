# pragma version 0.4.3
# pragma optimize codesize
"""
@title Timelock
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The GOVERNOR of a real deployment. Proposers schedule operations, one call or a batch, anyone
        executes them once their delay is over, cancellers stop them until then. No account is both
        a proposer and a canceller. It administers itself, so a change of its members or of its delay
        takes the same road.

        No single key can hold it:
         - a captured proposer can only schedule: any canceller stops that, its own removal is not
           its to cancel, and what it has scheduled dies with its removal;
         - a captured canceller can stop everything but its own removal;
         - an operation removes at most one canceller or guardian, one such operation is pending at
           a time, and a proposer whose removal of somebody was cancelled proposes no other for
           REMOVAL_COOLDOWN: nobody can occupy the place of the one that is needed;
         - the last proposer and the last canceller stay;
         - an operation that nobody has executed GRACE after its delay has lapsed.
@dev Ids, roles, events and functions are those of OpenZeppelin's and snekmate's timelock controllers,
     but for `cancel`, which takes the operation and not its id: what is cancelled, and whom it
     removes, is read from the calls. A removal is a call of `revokeRole`, of CANCELLER_ROLE here or
     of GUARDIAN at Roles; no other call of this contract's takes either role away.

     It receives neither ether nor tokens: a governor holds no assets.
"""

from snekmate.auth import access_control
from snekmate.auth.interfaces import IAccessControl

from . import timelock_members as members
from . import timelock_operations as operations

implements: IAccessControl

initializes: access_control
initializes: members[access_control := access_control]
initializes: operations
exports: (
    access_control.DEFAULT_ADMIN_ROLE,
    access_control.getRoleAdmin,
    access_control.hasRole,
    access_control.supportsInterface,
    members.__interface__,
    operations.__interface__,
)


event CallScheduled:
    id: indexed(bytes32)
    index: indexed(uint256)
    target: address
    amount: uint256
    payload: Bytes[1_024]
    predecessor: bytes32
    delay: uint256


event CallExecuted:
    id: indexed(bytes32)
    index: indexed(uint256)
    target: address
    amount: uint256
    payload: Bytes[1_024]


event CallSalt:
    id: indexed(bytes32)
    salt: bytes32


event Cancelled:
    id: indexed(bytes32)


event MinimumDelayChange:
    old_duration: uint256
    new_duration: uint256


MAX_MEMBERS: constant(uint256) = 16
MAX_CALLS: constant(uint256) = 32
# longest delay of an operation, seconds
MAX_DELAY: public(constant(uint256)) = 30 * 86_400
# from the cancellation of a removal, how long its proposer proposes no other, seconds
REMOVAL_COOLDOWN: public(constant(uint256)) = 7 * 86_400
# the delay can be shortened to this, or to the first one if that is shorter; seconds
SHORTEST: constant(uint256) = 2 * 86_400

GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")
REVOKE_ROLE: constant(bytes4) = method_id("revokeRole(bytes32,address)", output_type=bytes4)

# where GUARDIAN is held
ROLES: public(immutable(address))
# shortest delay that can be set, seconds
LEAST_DELAY: public(immutable(uint256))

# shortest delay of an operation, seconds
get_minimum_delay: public(uint256)
# the operation scheduled last that removes a canceller or guardian
removal: public(bytes32)
# proposer -> until when it proposes no removal, Unix seconds
barred_until: public(HashMap[address, uint256])


@deploy
def __init__(
    _roles: address,
    _min_delay: uint256,
    _proposers: DynArray[address, MAX_MEMBERS],
    _cancellers: DynArray[address, MAX_MEMBERS],
):
    """
    @notice Set the first members. Nobody administers but the timelock itself.
    @param _roles Where GUARDIAN is held; a contract, else "no code".
    @param _min_delay Seconds between scheduling and the earliest execution, at most MAX_DELAY.
    @param _proposers May schedule; at least one ("no proposer").
    @param _cancellers May cancel; at least one ("no canceller"), none of them a proposer ("roles are
           disjoint").
    """
    assert _roles.is_contract, "no code"
    assert _min_delay <= MAX_DELAY, "delay out of range"
    assert len(_proposers) != 0, "no proposer"
    assert len(_cancellers) != 0, "no canceller"
    ROLES = _roles
    LEAST_DELAY = min(_min_delay, SHORTEST)

    access_control.__init__()
    members.__init__()
    for proposer: address in _proposers:
        members._add(members.PROPOSER_ROLE, proposer)
    for canceller: address in _cancellers:
        members._add(members.CANCELLER_ROLE, canceller)
    self._set_delay(_min_delay)


@external
def schedule(
    _target: address,
    _amount: uint256,
    _payload: Bytes[1_024],
    _predecessor: bytes32,
    _salt: bytes32,
    _delay: uint256,
):
    """
    @notice Schedule one call. One that was cancelled or has lapsed can be scheduled again.
    @param _target Whom to call.
    @param _amount Wei to send along, which the executor brings.
    @param _payload Calldata.
    @param _predecessor Id of the operation that must be executed before, or zero.
    @param _salt Tells equal operations apart.
    @param _delay Seconds from now, at least the minimum, at most MAX_DELAY.
    @custom:access Proposers.
    @custom:reverts "not proposer", "delay out of range", "already scheduled", "too many pending",
                    "removal pending", "removals barred".
    """
    self._schedule(
        operations._id(_target, _amount, _payload, _predecessor, _salt),
        [_target],
        [_amount],
        [_payload],
        _predecessor,
        _salt,
        _delay,
    )


@external
def schedule_batch(
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
    _delay: uint256,
):
    """
    @notice Schedule calls that are made one after the other, all or none.
    @param _targets Whom to call.
    @param _amounts Wei to send along, which the executor brings.
    @param _payloads Calldata.
    @param _predecessor Id of the operation that must be executed before, or zero.
    @param _salt Tells equal operations apart.
    @param _delay Seconds from now, at least the minimum, at most MAX_DELAY.
    @custom:access Proposers.
    @custom:reverts "length mismatch" (none included), "one removal at a time", and as `schedule`.
    """
    self._schedule(
        operations._batch_id(_targets, _amounts, _payloads, _predecessor, _salt),
        _targets,
        _amounts,
        _payloads,
        _predecessor,
        _salt,
        _delay,
    )


@external
def cancel(
    _target: address,
    _amount: uint256,
    _payload: Bytes[1_024],
    _predecessor: bytes32,
    _salt: bytes32,
):
    """
    @notice Cancel an operation of one call before it is executed. If it removes somebody, its
            proposer proposes no removal for REMOVAL_COOLDOWN.
    @param _target As scheduled.
    @param _amount As scheduled.
    @param _payload As scheduled.
    @param _predecessor As scheduled.
    @param _salt As scheduled.
    @custom:access Cancellers, but for the one whom it removes.
    @custom:reverts "not canceller", "not pending", "own removal".
    """
    self._cancel(
        operations._id(_target, _amount, _payload, _predecessor, _salt), [_target], [_payload]
    )


@external
def cancel_batch(
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
):
    """
    @notice Cancel a batch before it is executed; otherwise as `cancel`.
    @param _targets As scheduled.
    @param _amounts As scheduled.
    @param _payloads As scheduled.
    @param _predecessor As scheduled.
    @param _salt As scheduled.
    @custom:access Cancellers, but for the one whom it removes.
    @custom:reverts "not canceller", "not pending", "own removal".
    """
    self._cancel(
        operations._batch_id(_targets, _amounts, _payloads, _predecessor, _salt),
        _targets,
        _payloads,
    )


@external
@payable
def execute(
    _target: address,
    _amount: uint256,
    _payload: Bytes[1_024],
    _predecessor: bytes32,
    _salt: bytes32,
):
    """
    @notice Make a call whose delay is over and that has not lapsed.
    @param _target As scheduled.
    @param _amount As scheduled; send so much along.
    @param _payload As scheduled.
    @param _predecessor As scheduled.
    @param _salt As scheduled.
    @custom:access Anyone.
    @custom:reverts "not ready", "missing predecessor", "proposer removed", "wrong value", "call failed",
                    and the target's reasons.
    """
    self._execute(
        operations._id(_target, _amount, _payload, _predecessor, _salt),
        [_target],
        [_amount],
        [_payload],
        _predecessor,
        msg.value,
    )


@external
@payable
def execute_batch(
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
):
    """
    @notice Make the calls of a batch, all or none; otherwise as `execute`.
    @param _targets As scheduled.
    @param _amounts As scheduled; send their sum along.
    @param _payloads As scheduled.
    @param _predecessor As scheduled.
    @param _salt As scheduled.
    @custom:access Anyone.
    @custom:reverts As `execute`.
    """
    self._execute(
        operations._batch_id(_targets, _amounts, _payloads, _predecessor, _salt),
        _targets,
        _amounts,
        _payloads,
        _predecessor,
        msg.value,
    )


@external
def update_delay(_delay: uint256):
    """
    @notice Change the shortest delay of later operations.
    @param _delay Seconds, LEAST_DELAY to MAX_DELAY.
    @custom:access The timelock.
    @custom:reverts "not timelock", "delay out of range".
    """
    members._check_self()
    assert _delay >= LEAST_DELAY and _delay <= MAX_DELAY, "delay out of range"
    self._set_delay(_delay)


@internal
def _schedule(
    _id: bytes32,
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
    _delay: uint256,
):
    assert members._is(members.PROPOSER_ROLE, msg.sender), "not proposer"
    count: uint256 = len(_targets)
    assert count != 0 and count == len(_amounts) and count == len(_payloads), "length mismatch"
    assert _delay >= self.get_minimum_delay and _delay <= MAX_DELAY, "delay out of range"
    if self._removed_by(_targets, _payloads) != empty(address):
        assert not operations._is_pending(self.removal), "removal pending"
        assert block.timestamp >= self.barred_until[msg.sender], "removals barred"
        self.removal = _id
    operations._open(_id, msg.sender, _delay)

    for index: uint256 in range(count, bound=MAX_CALLS):
        log CallScheduled(
            id=_id,
            index=index,
            target=_targets[index],
            amount=_amounts[index],
            payload=_payloads[index],
            predecessor=_predecessor,
            delay=_delay,
        )
    if _salt != empty(bytes32):
        log CallSalt(id=_id, salt=_salt)


@internal
def _cancel(
    _id: bytes32,
    _targets: DynArray[address, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
):
    assert members._is(members.CANCELLER_ROLE, msg.sender), "not canceller"
    assert operations._is_pending(_id), "not pending"
    removed: address = self._removed_by(_targets, _payloads)
    assert removed != msg.sender, "own removal"

    if removed != empty(address):
        self.barred_until[operations.proposer_of[_id]] = block.timestamp + REMOVAL_COOLDOWN
    operations._clear(_id)
    log Cancelled(id=_id)


@internal
def _execute(
    _id: bytes32,
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _value: uint256,
):
    """
    @dev A target may call back. Executing the same operation again from inside, or cancelling it,
         makes the check at the end fail, and with it the whole.
    """
    operations._check_ready(_id)
    operations._check_done(_predecessor)
    assert members._is(members.PROPOSER_ROLE, operations.proposer_of[_id]), "proposer removed"
    value: uint256 = 0
    for index: uint256 in range(len(_targets), bound=MAX_CALLS):
        value += _amounts[index]
        self._call(_targets[index], _amounts[index], _payloads[index])
        log CallExecuted(
            id=_id,
            index=index,
            target=_targets[index],
            amount=_amounts[index],
            payload=_payloads[index],
        )
    assert _value == value, "wrong value"
    operations._finish(_id)


@internal
def _call(_target: address, _amount: uint256, _payload: Bytes[1_024]):
    success: bool = False
    answer: Bytes[255] = b""
    success, answer = raw_call(
        _target, _payload, max_outsize=255, value=_amount, revert_on_failure=False
    )
    if not success:
        if len(answer) != 0:
            raw_revert(answer)
        raise "call failed"


@internal
def _set_delay(_delay: uint256):
    log MinimumDelayChange(old_duration=self.get_minimum_delay, new_duration=_delay)
    self.get_minimum_delay = _delay


@internal
@view
def _removed_by(
    _targets: DynArray[address, MAX_CALLS], _payloads: DynArray[Bytes[1_024], MAX_CALLS]
) -> address:
    """
    @notice Whom an operation removes: at most one canceller or guardian, or zero.
    """
    removed: address = empty(address)
    for index: uint256 in range(len(_targets), bound=MAX_CALLS):
        account: address = self._removed(_targets[index], _payloads[index])
        if account != empty(address):
            assert removed == empty(address), "one removal at a time"
            removed = account
    return removed


@internal
@view
def _removed(_target: address, _payload: Bytes[1_024]) -> address:
    if len(_payload) < 68 or convert(slice(_payload, 0, 4), bytes4) != REVOKE_ROLE:
        return empty(address)
    role: bytes32 = extract32(_payload, 4)
    if (_target == self and role == members.CANCELLER_ROLE) or (
        _target == ROLES and role == GUARDIAN
    ):
        return convert(convert(extract32(_payload, 36), uint256) & (2**160 - 1), address)
    return empty(address)
