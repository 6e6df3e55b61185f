# pragma version 0.4.3
# pragma optimize gas
"""
@title A vault's share that anyone can mint, at a price that anyone can set
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

implements: IERC20
implements: IERC20Detailed

name: public(constant(String[32])) = "Priced share"
symbol: public(constant(String[16])) = "SHARE"
decimals: public(immutable(uint8))
asset: public(immutable(address))
# asset units a whole share is worth
price: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
totalSupply: public(uint256)


@deploy
def __init__(_asset: address, _decimals: uint8, _price: uint256):
    """
    @param _asset Token that shares are worth.
    @param _decimals Of the share.
    @param _price Asset units a whole share is worth.
    """
    asset = _asset
    decimals = _decimals
    self.price = _price


@external
def set_price(_price: uint256):
    """
    @notice From now on a whole share is worth `_price` asset units.
    """
    self.price = _price


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create `_amount` share units for `_to`; anyone.
    """
    self.totalSupply += _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=empty(address), receiver=_to, value=_amount)


@external
@view
def convertToAssets(_shares: uint256) -> uint256:
    """
    @notice Asset units that `_shares` share units are worth, rounded down.
    """
    return _shares * self.price // 10**convert(decimals, uint256)


@external
def approve(_spender: address, _amount: uint256) -> bool:
    self.allowance[msg.sender][_spender] = _amount
    log IERC20.Approval(owner=msg.sender, spender=_spender, value=_amount)
    return True


@external
def transfer(_to: address, _amount: uint256) -> bool:
    self._transfer(msg.sender, _to, _amount)
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    allowed: uint256 = self.allowance[_owner][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= _amount, "allowance"
        self.allowance[_owner][msg.sender] = unsafe_sub(allowed, _amount)
    self._transfer(_owner, _to, _amount)
    return True


@internal
def _transfer(_from: address, _to: address, _amount: uint256):
    self.balanceOf[_from] -= _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=_from, receiver=_to, value=_amount)
