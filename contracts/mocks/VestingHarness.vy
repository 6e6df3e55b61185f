# pragma version 0.4.3
# pragma optimize gas
"""
@title A vesting stream that anyone drives
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..staking import vesting

initializes: vesting


@deploy
def __init__():
    vesting.__init__()


@external
def top_up(_gain: uint256, _period: uint256):
    """
    @notice `vesting._add_profit`.
    """
    vesting._add_profit(_gain, _period)


@external
def top_up_often(_gain: uint256, _period: uint256, _times: uint256):
    """
    @notice `vesting._add_profit`, `_times` in a row, at most 1,000.
    """
    for _: uint256 in range(_times, bound=1_000):
        vesting._add_profit(_gain, _period)


@external
def absorb(_loss: uint256) -> uint256:
    """
    @notice `vesting._absorb_profit`.
    """
    return vesting._absorb_profit(_loss)


@external
def clear():
    """
    @notice `vesting._clear`.
    """
    vesting._clear()


@external
@view
def unvested_up(_t: uint256) -> uint256:
    """
    @notice `vesting._profit_up`.
    """
    return vesting._profit_up(_t)


@external
@view
def end() -> uint256:
    """
    @notice When the stream has run out, Unix seconds * 2^24.
    """
    return (vesting._profit >> 128) & vesting.MASK_64
