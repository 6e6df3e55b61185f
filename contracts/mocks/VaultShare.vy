# pragma version 0.4.3
# pragma optimize gas
"""
@title Shares of an ERC-4626 vault that anyone can mint, at a price that anyone can set
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Only what a pool asks of a vault; nothing can be deposited or withdrawn.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

implements: IERC20
implements: IERC20Detailed

name: public(String[32])
symbol: public(String[16])
decimals: public(immutable(uint8))
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
totalSupply: public(uint256)
asset: public(immutable(address))

# assets, in their units, of one whole share; max: it reverts
price: public(uint256)


@deploy
def __init__(_asset: address, _decimals: uint8, _price: uint256):
    """
    @param _asset What a share is worth `_price` of.
    @param _decimals Of a share.
    @param _price Asset units for one whole share.
    """
    self.name = "Vault share"
    self.symbol = "vSHARE"
    decimals = _decimals
    asset = _asset
    self.price = _price


@external
def set_price(_price: uint256):
    """
    @notice Let a whole share be worth `_price` asset units; 2^256 - 1 breaks the vault.
    """
    self.price = _price


@external
@view
def convertToAssets(_shares: uint256) -> uint256:
    return _shares * self.price // 10**convert(decimals, uint256)


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create `_amount` token units for `_to`; anyone.
    """
    self.totalSupply += _amount
    self.balanceOf[_to] += _amount
    log IERC20.Transfer(sender=empty(address), receiver=_to, value=_amount)


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
    """
    @notice Finite allowances are spent; 2^256 - 1 is endless.
    """
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
