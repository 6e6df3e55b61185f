# pragma version 0.4.3
"""
@title Moving tokens that do not all follow ERC-20
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A token may return nothing (USDT), return false or revert, or take a fee on the way in: all
        failures look the same, and value is only ever what arrived in *this* call; a balance as
        such is never read as value.
"""
from . import refusals
from ethereum.ercs import IERC20

# What a payment that may fail is given: no token can burn the gas of the others.
PUSH_GAS: constant(uint256) = 250_000


@internal
@view
def held(_token: address) -> uint256:
    return staticcall IERC20(_token).balanceOf(self)


@internal
@view
def try_held(_token: address) -> uint256:
    """
    @notice The balance, 0 if the token does not answer. Never reverts.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        _token,
        abi_encode(self, method_id=method_id("balanceOf(address)")),
        max_outsize=32,
        gas=PUSH_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return convert(answer, uint256) if success and len(answer) == 32 else 0


@internal
def pull(_token: address, _owner: address, _amount: uint256) -> uint256:
    """
    @notice Take `_amount` from `_owner`, or revert; returns what arrived.
    @dev The caller holds the lock, so nothing else can arrive in between.
    """
    before: uint256 = self.held(_token)
    self._do(
        _token,
        abi_encode(
            _owner, self, _amount, method_id=method_id("transferFrom(address,address,uint256)")
        ),
    )
    return self.held(_token) - before


@internal
def push(_token: address, _to: address, _amount: uint256):
    """
    @notice Pay `_amount` to `_to`, or revert.
    """
    self._do(_token, abi_encode(_to, _amount, method_id=method_id("transfer(address,uint256)")))


@internal
def try_push(_token: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Pay `_amount` to `_to` and say whether it worked. Never reverts.
    """
    return self._try(
        _token, abi_encode(_to, _amount, method_id=method_id("transfer(address,uint256)")), PUSH_GAS
    )


@internal
def approve(_token: address, _spender: address, _amount: uint256):
    """
    @notice Allow `_spender` exactly `_amount`, or revert.
    """
    self._do(_token, abi_encode(_spender, _amount, method_id=method_id("approve(address,uint256)")))


@internal
def _do(_token: address, _call: Bytes[100]):
    refusals._require(self._try(_token, _call, msg.gas), refusals.TRANSFER_FAILED)


@internal
def _try(_token: address, _call: Bytes[100], _gas: uint256) -> bool:
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(_token, _call, max_outsize=32, gas=_gas, revert_on_failure=False)
    if len(answer) == 0:
        return success and _token.is_contract
    return success and len(answer) == 32 and convert(answer, uint256) == 1
