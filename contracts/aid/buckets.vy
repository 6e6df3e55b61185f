# pragma version 0.4.3
"""
@title Token buckets for a coin's flow in both directions
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Two levels that drain with use and refill to their capacity over one window. What flows one
        way gives the other direction its room back, up to its capacity: the limits bound the *net*
        flow. Going in circles with an amount takes at most that amount out of one level, however
        often it goes round, until the level has refilled; it costs both fees each time. Pure
        arithmetic on one packed word that the caller stores:

            mint level 64 | redeem level 64 | updated 40 | mint capacity 44 | redeem capacity 44
            (low to high)

        What may be redeemed is bounded besides by a limit that the caller gives, in whole dollars: where
        it is less than the redeem capacity it takes its place.

        Levels are micro-dollars, capacities whole dollars: 2**44 dollars fit in 2**64
        micro-dollars.
@dev A call floors each refill to a micro-dollar. Calling every second costs others less than one
     micro-dollar a second, so dust cannot hold the refill back.
"""
from . import refusals

WINDOW: constant(uint256) = 86400
MICRO: constant(uint256) = 10**12  # wei of AID per micro-dollar
DOLLAR: constant(uint256) = 10**6  # micro-dollars per dollar
MAX_CAPACITY: constant(uint256) = 2**44 - 1

MASK_44: constant(uint256) = 2**44 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_40: constant(uint256) = 2**40 - 1


@internal
@pure
def _refilled(_level: uint256, _capacity: uint256, _elapsed: uint256) -> uint256:
    # Three factors of at most 64, 20 and 40 bits.
    return min(
        unsafe_add(_level, unsafe_div(unsafe_mul(unsafe_mul(_capacity, DOLLAR), _elapsed), WINDOW)),
        unsafe_mul(_capacity, DOLLAR),
    )


@internal
@view
def levels(_word: uint256, _limit: uint256) -> (uint256, uint256):
    """
    @notice Levels now, in micro-dollars: (mint, redeem).
    """
    elapsed: uint256 = unsafe_sub(block.timestamp, (_word >> 128) & MASK_40)
    return (
        self._refilled(_word & MASK_64, (_word >> 168) & MASK_44, elapsed),
        self._refilled((_word >> 64) & MASK_64, min(_word >> 212, _limit), elapsed),
    )


@internal
@view
def after_mint(_word: uint256, _aid: uint256, _limit: uint256) -> uint256:
    """
    @notice The word after `_aid` wei were minted: drawn rounded up, given back rounded down.
    """
    drawn: uint256 = 0
    given: uint256 = 0
    drawn, given = self.levels(_word, _limit)
    refusals._require(_aid <= drawn * MICRO, refusals.MINT_LIMIT)
    drawn, given = self._moved(drawn, given, min(_word >> 212, _limit), _aid)
    return self._with_levels(_word, drawn, given)


@internal
@view
def after_redeem(_word: uint256, _aid: uint256, _limit: uint256) -> uint256:
    """
    @notice The word after `_aid` wei were redeemed: drawn rounded up, given back rounded down.
    """
    drawn: uint256 = 0
    given: uint256 = 0
    given, drawn = self.levels(_word, _limit)
    refusals._require(_aid <= drawn * MICRO, refusals.REDEEM_LIMIT)
    drawn, given = self._moved(drawn, given, (_word >> 168) & MASK_44, _aid)
    return self._with_levels(_word, given, drawn)


@internal
@view
def resized(_word: uint256, _mint_capacity: uint256, _redeem_capacity: uint256) -> uint256:
    """
    @notice The word with new capacities in whole dollars. Levels are kept, but never above
            capacity; a word of zero is a new bucket and starts full.
    """
    assert _mint_capacity <= MAX_CAPACITY and _redeem_capacity <= MAX_CAPACITY, "capacity"
    mint_level: uint256 = max_value(uint256)
    redeem_level: uint256 = max_value(uint256)
    if _word != 0:
        mint_level, redeem_level = self.levels(_word, max_value(uint256))
    return self._with_levels(
        (_mint_capacity << 168) | (_redeem_capacity << 212),
        min(mint_level, _mint_capacity * DOLLAR),
        min(redeem_level, _redeem_capacity * DOLLAR),
    )


@internal
@pure
def _moved(
    _drawn: uint256, _given: uint256, _given_capacity: uint256, _aid: uint256
) -> (uint256, uint256):
    # The caller has compared; levels are multiples of MICRO in wei, so rounding up cannot exceed
    # them.
    drawn: uint256 = unsafe_sub(_drawn, unsafe_div(unsafe_add(_aid, MICRO - 1), MICRO))
    given: uint256 = unsafe_add(_given, unsafe_div(_aid, MICRO))
    return drawn, min(given, unsafe_mul(_given_capacity, DOLLAR))


@internal
@pure
def capacities(_word: uint256) -> (uint256, uint256):
    """
    @notice Capacities in whole dollars: (mint, redeem).
    """
    return (_word >> 168) & MASK_44, _word >> 212


@internal
@view
def _with_levels(_word: uint256, _mint_level: uint256, _redeem_level: uint256) -> uint256:
    return ((_word >> 168) << 168) | (block.timestamp << 128) | (_redeem_level << 64) | _mint_level
