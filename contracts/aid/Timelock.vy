# pragma version 0.4.3
# pragma optimize codesize
"""
@title Timelock
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The GOVERNOR of a real deployment: snekmate's timelock controller made
        deployable. Proposers schedule calls and may cancel them, executors run them
        once their delay is over. It administers itself, so a change of its members
        or of its delay takes the same road.
@dev Not exported, because a governor holds no assets: the receivers of ether,
     ERC-721 and ERC-1155 tokens. `execute` can still forward ether sent with the
     call. Payloads are limited to 1,024 bytes by snekmate.
"""

from snekmate.auth import access_control
from snekmate.auth.interfaces import IAccessControl
from snekmate.governance import timelock_controller

implements: IAccessControl

initializes: access_control
initializes: timelock_controller[access_control := access_control]
exports: (
    access_control.DEFAULT_ADMIN_ROLE,
    access_control.getRoleAdmin,
    access_control.grantRole,
    access_control.hasRole,
    access_control.renounceRole,
    access_control.revokeRole,
    access_control.supportsInterface,
    timelock_controller.CANCELLER_ROLE,
    timelock_controller.EXECUTOR_ROLE,
    timelock_controller.PROPOSER_ROLE,
    timelock_controller.cancel,
    timelock_controller.execute,
    timelock_controller.execute_batch,
    timelock_controller.get_minimum_delay,
    timelock_controller.get_operation_state,
    timelock_controller.get_timestamp,
    timelock_controller.hash_operation,
    timelock_controller.hash_operation_batch,
    timelock_controller.is_operation,
    timelock_controller.is_operation_done,
    timelock_controller.is_operation_pending,
    timelock_controller.is_operation_ready,
    timelock_controller.schedule,
    timelock_controller.schedule_batch,
    timelock_controller.update_delay,
)

MAX_MEMBERS: constant(uint256) = 16


@deploy
def __init__(
    _min_delay: uint256,
    _proposers: DynArray[address, MAX_MEMBERS],
    _executors: DynArray[address, MAX_MEMBERS],
    _admin: address,
):
    """
    @notice Set the first members. Reverts with "no proposer" or "no executor": without either,
            nothing could ever be governed.
    @param _min_delay Seconds between scheduling and the earliest execution.
    @param _proposers May schedule and cancel.
    @param _executors May execute; the zero address among them opens execution to everyone.
    @param _admin May change members without delay while it lasts; it should renounce the role once
                  the deployment is complete. Zero for none.
    """
    assert len(_proposers) != 0, "no proposer"
    assert len(_executors) != 0, "no executor"

    access_control.__init__()
    timelock_controller.__init__(_min_delay, _proposers, _executors, _admin)
