# pragma version 0.4.3
# pragma optimize gas
"""
@title A stablecoin with EIP-2612 permits that anyone can mint
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from snekmate.auth import ownable
from snekmate.tokens import erc20

initializes: ownable
initializes: erc20[ownable := ownable]
exports: (
    erc20.DOMAIN_SEPARATOR,
    erc20.allowance,
    erc20.approve,
    erc20.balanceOf,
    erc20.decimals,
    erc20.eip712Domain,
    erc20.name,
    erc20.nonces,
    erc20.permit,
    erc20.symbol,
    erc20.totalSupply,
    erc20.transfer,
    erc20.transferFrom,
)


@deploy
def __init__(_name: String[25], _symbol: String[5], _decimals: uint8):
    ownable.__init__()
    erc20.__init__(_name, _symbol, _decimals, _name, "1")


@external
def mint(_to: address, _amount: uint256):
    """
    @notice Create `_amount` token units for `_to`; anyone.
    """
    erc20._mint(_to, _amount)
