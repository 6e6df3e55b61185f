# pragma version 0.4.3
# pragma optimize gas
"""
@title An ERC-4626 vault whose share price grows linearly at a settable rate, and can be cut, overstated or broken
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev 18-decimal shares. Interest is paid for at withdrawal, by minting the mock coin. Overstatement
     touches `convertTo*` and `totalAssets` only: previews and payouts stay honest.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626
from snekmate.auth import ownable
from snekmate.tokens import erc20

initializes: ownable
initializes: erc20[ownable := ownable]
exports: (
    erc20.allowance,
    erc20.approve,
    erc20.balanceOf,
    erc20.decimals,
    erc20.name,
    erc20.symbol,
    erc20.totalSupply,
    erc20.transfer,
    erc20.transferFrom,
)


interface Mintable:
    def mint(_to: address, _amount: uint256): nonpayable


WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10_000
YEAR: constant(uint256) = 365 * 86_400
PRICE_MASK: constant(uint256) = 2**128 - 1
TIME_MASK: constant(uint256) = 2**64 - 1
RATE_MASK: constant(uint256) = 2**31 - 1
OVERSTATED_MASK: constant(uint256) = 2**32 - 1

asset: public(immutable(address))
SCALE: immutable(uint256)

# price 128 | as of 64 | rate bps 31 | overstated bps 32 | broken 1, from the lowest bit.
# Price: WAD assets (at 18 decimals) per share.
_packed: uint256


@deploy
def __init__(_asset: address, _rate_bps: uint256):
    ownable.__init__()
    erc20.__init__("Mock T-bill vault", "mTB", 18, "Mock T-bill vault", "1")
    asset = _asset
    SCALE = 10**convert(18 - staticcall IERC20Detailed(_asset).decimals(), uint256)
    self._set_price(WAD, _rate_bps)


@external
def deposit(_assets: uint256, _receiver: address = msg.sender) -> uint256:
    shares: uint256 = self._to_shares(_assets, self._price(), False)
    self._enter(_assets, shares, _receiver)
    return shares


@external
def mint(_shares: uint256, _receiver: address = msg.sender) -> uint256:
    assets: uint256 = self._to_assets(_shares, self._price(), True)
    self._enter(assets, _shares, _receiver)
    return assets


@external
def withdraw(
    _assets: uint256, _receiver: address = msg.sender, _owner: address = msg.sender
) -> uint256:
    shares: uint256 = self._to_shares(_assets, self._price(), True)
    self._leave(_assets, shares, _receiver, _owner)
    return shares


@external
def redeem(
    _shares: uint256, _receiver: address = msg.sender, _owner: address = msg.sender
) -> uint256:
    assets: uint256 = self._to_assets(_shares, self._price(), False)
    self._leave(assets, _shares, _receiver, _owner)
    return assets


@external
def set_rate(_bps: uint256):
    """
    @notice Let the price grow by this many basis points a year from now on.
    """
    self._set_price(self._price(), _bps)


@external
def lose(_bps: uint256):
    """
    @notice Mark the price down by this many basis points.
    """
    self._set_price(self._price() * (BPS - _bps) // BPS, (self._packed >> 192) & RATE_MASK)


@external
def overstate(_bps: uint256):
    """
    @notice Report a price that is this many basis points too high; 0 is honest again.
    """
    assert _bps <= OVERSTATED_MASK, "overstatement"
    self._packed = (self._packed & ~(OVERSTATED_MASK << 223)) | (_bps << 223)


@external
def break_views(_broken: bool):
    """
    @notice Make `convertTo*` and `totalAssets` revert.
    """
    self._packed = (self._packed & ~(1 << 255)) | (convert(_broken, uint256) << 255)


@external
@view
def totalAssets() -> uint256:
    return self._to_assets(erc20.totalSupply, self._reported_price(), False)


@external
@view
def convertToAssets(_shares: uint256) -> uint256:
    return self._to_assets(_shares, self._reported_price(), False)


@external
@view
def convertToShares(_assets: uint256) -> uint256:
    return self._to_shares(_assets, self._reported_price(), False)


@external
@view
def previewDeposit(_assets: uint256) -> uint256:
    return self._to_shares(_assets, self._price(), False)


@external
@view
def previewMint(_shares: uint256) -> uint256:
    return self._to_assets(_shares, self._price(), True)


@external
@view
def previewWithdraw(_assets: uint256) -> uint256:
    return self._to_shares(_assets, self._price(), True)


@external
@view
def previewRedeem(_shares: uint256) -> uint256:
    return self._to_assets(_shares, self._price(), False)


@external
@view
def maxDeposit(_receiver: address) -> uint256:
    return max_value(uint256) if _receiver != empty(address) else 0


@external
@view
def maxMint(_receiver: address) -> uint256:
    return max_value(uint256) if _receiver != empty(address) else 0


@external
@view
def maxWithdraw(_owner: address) -> uint256:
    return self._to_assets(erc20.balanceOf[_owner], self._price(), False)


@external
@view
def maxRedeem(_owner: address) -> uint256:
    return erc20.balanceOf[_owner]


@external
@view
def price() -> uint256:
    """
    @notice True price, WAD assets (at 18 decimals) per share.
    """
    return self._price()


@internal
def _enter(_assets: uint256, _shares: uint256, _receiver: address):
    assert extcall IERC20(asset).transferFrom(
        msg.sender, self, _assets, default_return_value=True
    ), "transfer failed"
    erc20._mint(_receiver, _shares)
    log IERC4626.Deposit(sender=msg.sender, owner=_receiver, assets=_assets, shares=_shares)


@internal
def _leave(_assets: uint256, _shares: uint256, _receiver: address, _owner: address):
    if msg.sender != _owner:
        erc20._spend_allowance(_owner, msg.sender, _shares)
    erc20._burn(_owner, _shares)

    held: uint256 = staticcall IERC20(asset).balanceOf(self)
    if held < _assets:
        extcall Mintable(asset).mint(self, _assets - held)
    assert extcall IERC20(asset).transfer(
        _receiver, _assets, default_return_value=True
    ), "transfer failed"
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=_receiver, owner=_owner, assets=_assets, shares=_shares
    )


@internal
def _set_price(_price: uint256, _rate_bps: uint256):
    assert _rate_bps <= RATE_MASK, "rate"
    kept: uint256 = (self._packed >> 223) << 223
    self._packed = _price | (block.timestamp << 128) | (_rate_bps << 192) | kept


@internal
@view
def _price() -> uint256:
    packed: uint256 = self._packed
    elapsed: uint256 = block.timestamp - ((packed >> 128) & TIME_MASK)
    rate: uint256 = (packed >> 192) & RATE_MASK
    price: uint256 = packed & PRICE_MASK
    return price + price * rate * elapsed // (BPS * YEAR)


@internal
@view
def _reported_price() -> uint256:
    packed: uint256 = self._packed
    assert packed >> 255 == 0, "views broken"
    return self._price() * (BPS + ((packed >> 223) & OVERSTATED_MASK)) // BPS


@internal
@view
def _to_assets(_shares: uint256, _price: uint256, _up: bool) -> uint256:
    divisor: uint256 = WAD * SCALE
    return (_shares * _price + (divisor - 1 if _up else 0)) // divisor


@internal
@view
def _to_shares(_assets: uint256, _price: uint256, _up: bool) -> uint256:
    return (_assets * SCALE * WAD + (_price - 1 if _up else 0)) // _price
