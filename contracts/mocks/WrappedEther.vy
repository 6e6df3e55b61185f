# pragma version 0.4.3
# pragma optimize gas
"""
@title Ether as an ERC-20, one to one
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

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


@deploy
def __init__():
    ownable.__init__()
    erc20.__init__("Wrapped Ether", "WETH", 18, "Wrapped Ether", "1")


@external
@payable
def __default__():
    """
    @notice Wrap what is sent.
    """
    erc20._mint(msg.sender, msg.value)


@external
@payable
def deposit():
    """
    @notice Wrap what is sent.
    """
    erc20._mint(msg.sender, msg.value)


@external
def withdraw(_amount: uint256):
    """
    @notice Unwrap `_amount` wei to the caller.
    """
    erc20._burn(msg.sender, _amount)
    raw_call(msg.sender, b"", value=_amount)
