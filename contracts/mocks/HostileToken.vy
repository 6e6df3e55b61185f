# pragma version 0.4.3
# pragma optimize gas
"""
@title One token with every bad habit, each armed on its own: false returns, reverts, rebasing, blacklist, call-backs
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

implements: IERC20
implements: IERC20Detailed

name: public(immutable(String[32]))
symbol: public(immutable(String[16]))
decimals: public(immutable(uint8))
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
totalSupply: public(uint256)
is_blacklisted: public(HashMap[address, bool])

# transfers move nothing and return False
returns_false: public(bool)
# transfers revert
reverts: public(bool)

# the next transfer calls `target` with `payload`, once, after the balances have changed
target: public(address)
payload: Bytes[2_048]
# whether a failure of that call fails the transfer with the same reason
bubbles: bool
# calls made, and whether the last one succeeded
call_count: public(uint256)
last_call_ok: public(bool)


@deploy
def __init__(_decimals: uint8):
    name = "Hostile USD"
    symbol = "HUSD"
    decimals = _decimals


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create `_amount` token units for `_to`; anyone.
    """
    self.totalSupply += _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=empty(address), receiver=_to, value=_amount)


@external
def set_balance(_account: address, _amount: uint256):
    """
    @notice Rebase one account to `_amount`, without an event.
    """
    self.totalSupply = self.totalSupply - self.balanceOf[_account] + _amount
    self.balanceOf[_account] = _amount


@external
def set_returns_false(_armed: bool):
    """
    @notice Make transfers move nothing and return False.
    """
    self.returns_false = _armed


@external
def set_reverts(_armed: bool):
    """
    @notice Make transfers revert with "hostile".
    """
    self.reverts = _armed


@external
def set_blacklisted(_account: address, _blacklisted: bool):
    """
    @notice Make every transfer from or to `_account` revert.
    """
    self.is_blacklisted[_account] = _blacklisted


@external
def arm(_target: address, _payload: Bytes[2_048], _bubbles: bool):
    """
    @notice Make the next transfer call `_target` with `_payload`, once.
    @param _bubbles Whether a failed call fails the transfer; else see `last_call_ok`.
    """
    self.target = _target
    self.payload = _payload
    self.bubbles = _bubbles


@external
def approve(_spender: address, _amount: uint256) -> bool:
    self.allowance[msg.sender][_spender] = _amount
    log IERC20.Approval(owner=msg.sender, spender=_spender, value=_amount)
    return True


@external
def transfer(_to: address, _amount: uint256) -> bool:
    return self._transfer(msg.sender, _to, _amount)


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    allowed: uint256 = self.allowance[_owner][msg.sender]
    assert allowed >= _amount, "allowance"
    if allowed != max_value(uint256) and not self.returns_false:
        self.allowance[_owner][msg.sender] = unsafe_sub(allowed, _amount)
    return self._transfer(_owner, _to, _amount)


@internal
def _transfer(_from: address, _to: address, _amount: uint256) -> bool:
    assert not self.reverts, "hostile"
    assert not (self.is_blacklisted[_from] or self.is_blacklisted[_to]), "blacklisted"
    if self.returns_false:
        return False

    assert self.balanceOf[_from] >= _amount, "balance"
    self.balanceOf[_from] -= _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=_from, receiver=_to, value=_amount)

    target: address = self.target
    if target != empty(address):
        # disarmed first, so that a nested transfer does not call again
        self.target = empty(address)
        self.call_count += 1
        if self.bubbles:
            raw_call(target, self.payload)
            self.last_call_ok = True
        else:
            self.last_call_ok = raw_call(target, self.payload, revert_on_failure=False)
    return True
