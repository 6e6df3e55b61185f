# pragma version 0.4.3
"""
@title Numbers of a deal's legs in the book
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Deals count from 1. The debt leg of a deal is `2 * deal`, its revenue share `2 * deal + 1`.
"""


@internal
@pure
def _debt(_deal: uint256) -> uint256:
    """
    @notice Return the number of a deal's debt leg.
    """
    return 2 * _deal


@internal
@pure
def _share(_deal: uint256) -> uint256:
    """
    @notice Return the number of a deal's revenue share.
    """
    return 2 * _deal + 1


@internal
@pure
def _deal_of(_leg: uint256) -> uint256:
    """
    @notice Return the deal that a leg belongs to.
    """
    return _leg // 2


@internal
@pure
def _is_share(_leg: uint256) -> bool:
    """
    @notice Return whether a leg is a revenue share.
    """
    return _leg % 2 == 1
