# pragma version 0.4.3
# pragma optimize gas
"""
@title An offering and an auction house at once, that do what they are told
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Remembers what the desk says, and pays whatever was sent here before.
"""

from ethereum.ercs import IERC20

from ..interfaces import ICollateralAuction
from ..interfaces import IDealDesk
from ..interfaces import IOffering

implements: ICollateralAuction
implements: IOffering


struct Sale:
    deal: uint256
    receipt: uint256
    owed: uint256


sale: public(Sale)
# AID wei that the desk has announced, by deal
paid: public(HashMap[uint256, uint256])


@external
def fund(_desk: address, _deal: uint256, _aid: address, _amount: uint256):
    """
    @notice Fund a deal with `_amount` of AID that is here.
    """
    extcall IERC20(_aid).approve(_desk, _amount)
    extcall IDealDesk(_desk).fund_offering(_deal)


@external
def resolve(_desk: address, _deal: uint256, _coin: address, _amount: uint256) -> uint256:
    """
    @notice Resolve a deal with `_amount` of a coin that is here.
    """
    extcall IERC20(_coin).approve(_desk, _amount, default_return_value=True)
    return extcall IDealDesk(_desk).resolve(_deal, _coin, _amount)


@external
def start(_deal: uint256, _receipt: uint256, _owed: uint256):
    """
    @notice See ICollateralAuction.
    """
    self.sale = Sale(deal=_deal, receipt=_receipt, owed=_owed)


@external
def on_payment(_deal: uint256, _amount: uint256):
    """
    @notice See IOffering.
    """
    self.paid[_deal] += _amount
