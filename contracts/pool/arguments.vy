# pragma version 0.4.3
"""
@title Arguments of a pool's functions: which coin, how much, how late
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Pure, but for the clock.
"""

from . import reasons


@internal
@view
def _check_deadline(_deadline: uint256):
    """
    @notice Refuse an operation that comes too late.
    @param _deadline Last Unix time at which it may happen.
    @custom:reverts "deadline passed".
    """
    if block.timestamp > _deadline:
        reasons._fail(reasons.DEADLINE_PASSED)


@internal
@pure
def _index(_i: int128, _j: int128) -> uint256:
    """
    @notice Find the coin that is sold.
    @param _i Coin that is sold, 0 or 1.
    @param _j Coin that is bought, the other one.
    @return 0 or 1.
    @custom:reverts "bad index", "same coin".
    """
    if _i == 0 and _j == 1:
        return 0
    if _i == 1 and _j == 0:
        return 1
    reasons._require(_i == _j and (_i == 0 or _i == 1), reasons.BAD_INDEX)
    reasons._fail(reasons.SAME_COIN)
    return 0


@internal
@pure
def _single_index(_i: int128) -> uint256:
    """
    @notice Find a coin.
    @param _i 0 or 1.
    @return The same as an unsigned number.
    @custom:reverts "bad index".
    """
    reasons._require(_i == 0 or _i == 1, reasons.BAD_INDEX)
    return convert(_i, uint256)


@internal
@pure
def _pair(_amounts: DynArray[uint256, 2]) -> uint256[2]:
    """
    @notice Take a list of two amounts.
    @param _amounts By coin.
    @return The same as an array.
    @custom:reverts "bad length".
    """
    reasons._require(len(_amounts) == 2, reasons.BAD_LENGTH)
    return [_amounts[0], _amounts[1]]
