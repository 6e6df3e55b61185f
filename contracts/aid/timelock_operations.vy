# pragma version 0.4.3
"""
@title Operations of the timelock
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice What has been scheduled by whom, until when it waits, and when it lapses. A proposer has at
        most MAX_PENDING operations open at a time: what cancellers must keep up with.
"""

MAX_CALLS: constant(uint256) = 32
# from the end of its delay, how long an operation can be executed, seconds
GRACE: public(constant(uint256)) = 14 * 86_400
# operations of one proposer that may be pending, or lapsed and not forgotten
MAX_PENDING: public(constant(uint256)) = 16
EXECUTED: constant(uint256) = 1

# states of an operation; all but the last are snekmate's
UNSET: constant(uint256) = 1
WAITING: constant(uint256) = 2
READY: constant(uint256) = 4
DONE: constant(uint256) = 8
LAPSED: constant(uint256) = 16

# id -> when its delay ends, Unix seconds; 0 if it is not scheduled, 1 once executed
get_timestamp: public(HashMap[bytes32, uint256])
# id -> who scheduled it last
proposer_of: public(HashMap[bytes32, address])
# proposer -> its operations that are pending, or lapsed and not forgotten
pending_of: public(HashMap[address, uint256])


@external
def forget(_id: bytes32):
    """
    @notice Take a lapsed operation off its proposer's count.
    @param _id The operation.
    @custom:access Anyone.
    @custom:reverts "not lapsed".
    """
    assert self._state(_id) == LAPSED, "not lapsed"
    self._clear(_id)


@external
@view
def get_operation_state(_id: bytes32) -> uint256:
    """
    @notice What has become of an operation.
    @param _id The operation.
    @return UNSET (1), WAITING (2), READY (4), DONE (8) or LAPSED (16).
    """
    return self._state(_id)


@external
@view
def is_operation(_id: bytes32) -> bool:
    """
    @notice Whether an operation is scheduled, executed or lapsed.
    @param _id The operation.
    """
    return self._state(_id) != UNSET


@external
@view
def is_operation_pending(_id: bytes32) -> bool:
    """
    @notice Whether an operation can still be cancelled.
    @param _id The operation.
    """
    return self._is_pending(_id)


@external
@view
def is_operation_ready(_id: bytes32) -> bool:
    """
    @notice Whether the delay of an operation is over, and it has not lapsed.
    @param _id The operation.
    """
    return self._state(_id) == READY


@external
@view
def is_operation_done(_id: bytes32) -> bool:
    """
    @notice Whether an operation has been executed.
    @param _id The operation.
    """
    return self._state(_id) == DONE


@external
@pure
def hash_operation(
    _target: address,
    _amount: uint256,
    _payload: Bytes[1_024],
    _predecessor: bytes32,
    _salt: bytes32,
) -> bytes32:
    """
    @notice The id of an operation of one call.
    @param _target Whom to call.
    @param _amount Wei to send along.
    @param _payload Calldata.
    @param _predecessor Id of the operation that must be executed before, or zero.
    @param _salt Tells equal operations apart.
    """
    return self._id(_target, _amount, _payload, _predecessor, _salt)


@external
@pure
def hash_operation_batch(
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
) -> bytes32:
    """
    @notice The id of a batch.
    @param _targets Whom to call.
    @param _amounts Wei to send along.
    @param _payloads Calldata.
    @param _predecessor Id of the operation that must be executed before, or zero.
    @param _salt Tells equal operations apart.
    """
    return self._batch_id(_targets, _amounts, _payloads, _predecessor, _salt)


@internal
def _open(_id: bytes32, _proposer: address, _delay: uint256):
    """
    @notice Note a new operation; one that was cancelled or has lapsed is new again.
    @param _id The operation.
    @param _proposer Who schedules it.
    @param _delay Seconds from now.
    """
    state: uint256 = self._state(_id)
    if state == LAPSED:
        self._clear(_id)
    else:
        assert state == UNSET, "already scheduled"
    assert self.pending_of[_proposer] < MAX_PENDING, "too many pending"
    self.pending_of[_proposer] += 1
    self.proposer_of[_id] = _proposer
    self.get_timestamp[_id] = block.timestamp + _delay


@internal
def _clear(_id: bytes32):
    self.pending_of[self.proposer_of[_id]] -= 1
    self.get_timestamp[_id] = 0


@internal
def _finish(_id: bytes32):
    """
    @notice Note that an operation has been executed.
    @param _id The operation.
    """
    self._check_ready(_id)
    self.pending_of[self.proposer_of[_id]] -= 1
    self.get_timestamp[_id] = EXECUTED


@internal
@view
def _check_ready(_id: bytes32):
    assert self._state(_id) == READY, "not ready"


@internal
@view
def _check_done(_predecessor: bytes32):
    assert (
        _predecessor == empty(bytes32) or self.get_timestamp[_predecessor] == EXECUTED
    ), "missing predecessor"


@internal
@view
def _state(_id: bytes32) -> uint256:
    at: uint256 = self.get_timestamp[_id]
    if at == 0:
        return UNSET
    if at == EXECUTED:
        return DONE
    if at > block.timestamp:
        return WAITING
    return READY if block.timestamp <= at + GRACE else LAPSED


@internal
@view
def _is_pending(_id: bytes32) -> bool:
    return self._state(_id) in [WAITING, READY]


@internal
@pure
def _id(
    _target: address,
    _amount: uint256,
    _payload: Bytes[1_024],
    _predecessor: bytes32,
    _salt: bytes32,
) -> bytes32:
    return keccak256(abi_encode(_target, _amount, _payload, _predecessor, _salt))


@internal
@pure
def _batch_id(
    _targets: DynArray[address, MAX_CALLS],
    _amounts: DynArray[uint256, MAX_CALLS],
    _payloads: DynArray[Bytes[1_024], MAX_CALLS],
    _predecessor: bytes32,
    _salt: bytes32,
) -> bytes32:
    return keccak256(abi_encode(_targets, _amounts, _payloads, _predecessor, _salt))
