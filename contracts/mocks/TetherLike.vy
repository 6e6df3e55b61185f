# pragma version 0.4.3
# pragma optimize gas
"""
@title A stablecoin with USDT's habits: returns nothing, may take a fee, blacklists, approves only from or to zero
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ethereum.ercs import IERC20

name: public(immutable(String[32]))
symbol: public(immutable(String[16]))
decimals: public(immutable(uint8))
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
totalSupply: public(uint256)
is_blacklisted: public(HashMap[address, bool])
fee_bps: public(uint256)


@deploy
def __init__():
    name = "Tether-like USD"
    symbol = "USDT"
    decimals = 6


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create `_amount` token units for `_to`; anyone.
    """
    self.totalSupply += _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=empty(address), receiver=_to, value=_amount)


@external
def set_fee(_fee_bps: uint256):
    """
    @notice Burn this share of every transfer, basis points; the receiver gets the rest.
    """
    self.fee_bps = _fee_bps


@external
def set_blacklisted(_account: address, _blacklisted: bool):
    """
    @notice Make every transfer from or to `_account` revert.
    """
    self.is_blacklisted[_account] = _blacklisted


@external
def approve(_spender: address, _amount: uint256):
    assert _amount == 0 or self.allowance[msg.sender][_spender] == 0, "approve from zero only"
    self.allowance[msg.sender][_spender] = _amount
    log IERC20.Approval(owner=msg.sender, spender=_spender, value=_amount)


@external
def transfer(_to: address, _amount: uint256):
    self._transfer(msg.sender, _to, _amount)


@external
def transferFrom(_owner: address, _to: address, _amount: uint256):
    allowed: uint256 = self.allowance[_owner][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= _amount, "allowance"
        self.allowance[_owner][msg.sender] = unsafe_sub(allowed, _amount)
    self._transfer(_owner, _to, _amount)


@internal
def _transfer(_from: address, _to: address, _amount: uint256):
    assert not (self.is_blacklisted[_from] or self.is_blacklisted[_to]), "blacklisted"
    fee: uint256 = _amount * self.fee_bps // 10_000
    assert self.balanceOf[_from] >= _amount, "balance"
    self.balanceOf[_from] -= _amount
    self.balanceOf[_to] += _amount - fee
    self.totalSupply -= fee
    log IERC20.Transfer(sender=_from, receiver=_to, value=_amount - fee)
