# pragma version 0.4.3
"""
@title Exponential of the adaptive rate model
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice e^x as 2^q * e^r with |r| <= ln 2 / 2, and e^r as 1 + r + r^2 / 2: within 0.8 % of e^x, and
        exactly what Morpho's adaptive-curve model computes, so that rates agree to the wei.
@dev Pure.
"""

WAD: constant(int256) = 10**18
LN2: constant(int256) = 693_147_180_559_945_309
# ln(1e-18), down: below it the result is zero
LEAST: constant(int256) = -41_446_531_673_892_822_312
# ln(2^255 - 1) less ln(1e18), up, and its exponential: above it the result is that
MOST: constant(int256) = 93_859_467_695_000_404_319
LARGEST: constant(
    uint256
) = 57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568


@internal
@pure
def _exp(_x: int256) -> uint256:
    """
    @notice Compute e^x.
    @param _x WAD.
    @return WAD, rounded down but for the approximation; zero below LEAST, LARGEST from MOST on.
    """
    if _x < LEAST:
        return 0
    if _x >= MOST:
        return LARGEST
    # to the nearest multiple of ln 2; division truncates toward zero. |q| < 2^8, |r| <= LN2 / 2
    half: int256 = LN2 // 2 if _x >= 0 else -(LN2 // 2)
    q: int256 = (_x + half) // LN2
    r: int256 = _x - q * LN2
    exp_r: uint256 = convert(WAD + r + r * r // WAD // 2, uint256)
    if q >= 0:
        return exp_r << convert(q, uint256)
    return exp_r >> convert(-q, uint256)
