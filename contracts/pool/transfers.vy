# pragma version 0.4.3
"""
@title Token transfers of a pool
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Tokens that return nothing work, tokens that return false or deliver less than
        was asked for are refused.
@dev The factory has seen code at both coins, hence no check at each call.
"""

from ethereum.ercs import IERC20

from . import reasons


@internal
def _pull(_token: address, _amount: uint256, _owed: uint256):
    """
    @notice Take tokens from the caller.
    @param _token The token; it has code.
    @param _amount Token units.
    @param _owed What the pool must hold of the token afterwards.
    @custom:reverts "transfer failed", "short transfer", or the token's own reason.
    """
    if not extcall IERC20(_token).transferFrom(
        msg.sender, self, _amount, default_return_value=True, skip_contract_check=True
    ):
        reasons._fail(reasons.TRANSFER_FAILED)
    reasons._require(
        (staticcall IERC20(_token).balanceOf(self, skip_contract_check=True) >= _owed),
        reasons.SHORT_TRANSFER,
    )


@internal
def _push(_token: address, _to: address, _amount: uint256):
    """
    @notice Send tokens.
    @param _token The token; it has code.
    @param _to Who gets them.
    @param _amount Token units.
    @custom:reverts "transfer failed", or the token's own reason.
    """
    if not extcall IERC20(_token).transfer(
        _to, _amount, default_return_value=True, skip_contract_check=True
    ):
        reasons._fail(reasons.TRANSFER_FAILED)


@internal
def _push_if_possible(_token: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Send tokens, without failing if the token refuses.
    @param _token The token; it has code.
    @param _to Who gets them.
    @param _amount Token units.
    @return Whether they were sent.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        _token,
        abi_encode(_to, _amount, method_id=method_id("transfer(address,uint256)")),
        max_outsize=32,
        revert_on_failure=False,
    )
    return success and (len(answer) == 0 or convert(answer, uint256) != 0)
