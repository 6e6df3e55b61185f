# pragma version 0.4.3
# pragma optimize gas
"""
@title A router: makes the calls it is asked to, under its own name
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

call_count: public(uint256)


@external
def forward(_target: address, _payload: Bytes[4_096]):
    """
    @notice Call `_target` with `_payload`; a failure keeps its reason.
    """
    self.call_count += 1
    raw_call(_target, _payload)


@external
def forward_many(_targets: DynArray[address, 8], _payloads: DynArray[Bytes[1_024], 8]):
    """
    @notice Make several calls in one transaction, e.g. to deposit and exit in one block.
    """
    self.call_count += len(_targets)
    i: uint256 = 0
    for target: address in _targets:
        raw_call(target, _payloads[i])
        i += 1
