# pragma version 0.4.3
# pragma optimize gas
"""
@title A Chainlink-style price feed that anyone can set, also to nonsense
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

NORMAL: constant(uint256) = 0
ODD: constant(uint256) = 1
REVERTING: constant(uint256) = 2

ANSWER_MASK: constant(uint256) = 2**128 - 1
TIME_MASK: constant(uint256) = 2**64 - 1
ROUND_MASK: constant(uint256) = 2**48 - 1


struct Round:
    round_id: uint256
    answer: int256
    started_at: uint256
    updated_at: uint256
    answered_in: uint256


decimals: public(immutable(uint8))
description: public(immutable(String[16]))

# answer 128 | updated at 64 | round id 48 | mode 16, from the lowest bit: a good round costs one
# read, as with a real feed's packed storage
_packed: uint256
# the round of mode ODD, whole
_odd: Round


@deploy
def __init__(_decimals: uint8, _answer: uint256):
    decimals = _decimals
    description = "mock / USD"
    self._set_price(_answer)


@external
def set_price(_answer: uint256):
    """
    @notice Publish a good round, as of now.
    @param _answer Price in `decimals`; below 2^128.
    """
    self._set_price(_answer)


@external
def set_round(
    _round_id: uint256,
    _answer: int256,
    _started_at: uint256,
    _updated_at: uint256,
    _answered_in: uint256,
):
    """
    @notice Publish any five words, possible or not, until the next `set_price`.
    """
    self._odd = Round(
        round_id=_round_id,
        answer=_answer,
        started_at=_started_at,
        updated_at=_updated_at,
        answered_in=_answered_in,
    )
    self._set_mode(ODD)


@external
def set_reverting(_reverting: bool):
    """
    @notice Make reads revert; switching off shows the last good round again.
    """
    self._set_mode(REVERTING if _reverting else NORMAL)


@external
@view
def latestRoundData() -> (uint256, int256, uint256, uint256, uint256):
    """
    @notice The latest round. The ids are wider than Chainlink's uint80, so that they can be
            nonsense; their encoding is the same.
    @return Round id, answer, started at, updated at, answered in round.
    """
    packed: uint256 = self._packed
    mode: uint256 = packed >> 240
    if mode == NORMAL:
        updated_at: uint256 = (packed >> 128) & TIME_MASK
        round_id: uint256 = (packed >> 192) & ROUND_MASK
        answer: int256 = convert(packed & ANSWER_MASK, int256)
        return round_id, answer, updated_at, updated_at, round_id

    assert mode == ODD, "feed reverts"
    odd: Round = self._odd
    return odd.round_id, odd.answer, odd.started_at, odd.updated_at, odd.answered_in


@internal
def _set_price(_answer: uint256):
    assert _answer <= ANSWER_MASK, "answer too wide"
    round_id: uint256 = ((self._packed >> 192) & ROUND_MASK) + 1
    self._packed = _answer | (block.timestamp << 128) | (round_id << 192)


@internal
def _set_mode(_mode: uint256):
    self._packed = (self._packed & (2**240 - 1)) | (_mode << 240)
