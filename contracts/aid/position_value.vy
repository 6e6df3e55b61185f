# pragma version 0.4.3
"""
@title What a position in a vault is worth
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Without storage; units of the vault's coin, rounded down.
"""

BPS: constant(uint256) = 10**4
YEAR: constant(uint256) = 365 * 86_400
MASK_40: constant(uint256) = 2**40 - 1

# As for a price feed: too much to starve without starving the caller.
VAULT_GAS: constant(uint256) = 500_000


@internal
@view
def reported(_vault: address, _shares: uint256) -> uint256:
    """
    @notice What a vault says that shares are worth; 0 if it cannot be read. Never reverts.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        _vault,
        abi_encode(_shares, method_id=method_id("convertToAssets(uint256)")),
        max_outsize=32,
        gas=VAULT_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return convert(answer, uint256) if success and len(answer) == 32 else 0


@internal
@view
def grown(_book: uint256, _terms: uint256, _growth_bps: uint256) -> uint256:
    """
    @notice A book now, by the terms of its position, see positions.vy.
    """
    elapsed: uint256 = unsafe_sub(block.timestamp, (_terms >> 168) & MASK_40)
    # 128 + 16 + 40 bits at most
    growth: uint256 = unsafe_mul(unsafe_mul(_book, _growth_bps), elapsed) // (YEAR * BPS)
    return unsafe_add(_book, growth)
