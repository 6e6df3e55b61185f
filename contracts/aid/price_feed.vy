# pragma version 0.4.3
"""
@title A price read that cannot fail
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Reads a Chainlink-style feed by a bare static call, so that a feed that reverts, has no
        code, or answers with words no Solidity type allows, is a price that is *not fresh*, and
        never a reason to revert: redemption in kind must work when every feed is dead.
"""

# A feed may burn no more than this. A caller who starves the call of gas makes the price look
# stale, but is left with 1/64 of what it was given: too little for anything that follows.
FEED_GAS: constant(uint256) = 200_000

# Largest answer taken seriously; keeps the scaling below 2**256.
MAX_ANSWER: constant(int256) = 10**36


@internal
@view
def read(_feed: address, _decimals: uint256, _max_age: uint256) -> (uint256, bool):
    """
    @notice Price and freshness of a feed. Never reverts.
    @param _decimals Decimals of the answer, at most 18.
    @param _max_age Seconds for which an answer counts as fresh, that second included.
    @return Price of one whole token in WAD (0 if there is none), and whether it may be relied on.
    """
    success: bool = False
    data: Bytes[160] = b""
    success, data = raw_call(
        _feed,
        method_id("latestRoundData()"),
        max_outsize=160,
        gas=FEED_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not success or len(data) != 160:
        return 0, False
    # Decoded as whole words: decoding a uint80 would revert on a dirty one.
    round_id: uint256 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint256 = 0
    round_id, answer, started_at, updated_at, answered_in = abi_decode(
        data, (uint256, int256, uint256, uint256, uint256)
    )
    if answer <= 0 or answer > MAX_ANSWER:
        return 0, False
    fresh: bool = (
        updated_at != 0
        and updated_at <= block.timestamp
        and unsafe_sub(block.timestamp, updated_at) <= _max_age  # just compared
        and answered_in >= round_id
    )
    return convert(answer, uint256) * 10**unsafe_sub(18, _decimals), fresh
