# pragma version 0.4.3
"""
@title Exponential moving average
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The weight of the past after `dt` seconds is e^(-dt / T). e^-t is taken as
        2^-k * e^-r with r in [0, ln 2), and e^-r as the [5/5] Pade approximant
        (E - O) / (E + O), whose even and odd parts are

            E = 30240 + 3360 r^2 + 30 r^4        O = r * (15120 + 420 r^2 + r^4)

        The result is below 3e-12 off, in absolute terms.
@dev Pure.
"""

WAD: constant(uint256) = 10**18
LN2: constant(uint256) = 693_147_180_559_945_309


@internal
@pure
def _weight(_dt: uint256, _period: uint256) -> uint256:
    """
    @notice Compute e^(-dt / period).
    @param _dt Seconds, below 2^40.
    @param _period Seconds, not zero.
    @return 1e18, rounded down, below 3e-12 off.
    """
    # dt * 1e18 < 2^100
    t: uint256 = unsafe_div(unsafe_mul(_dt, WAD), _period)
    k: uint256 = unsafe_div(t, LN2)
    # r < LN2 < 1e18, so that every product below stays under 1e41
    r: uint256 = unsafe_sub(t, unsafe_mul(k, LN2))
    r2: uint256 = unsafe_div(unsafe_mul(r, r), WAD)
    r4: uint256 = unsafe_div(unsafe_mul(r2, r2), WAD)
    even: uint256 = unsafe_add(30_240 * WAD, unsafe_add(unsafe_mul(3_360, r2), unsafe_mul(30, r4)))
    odd: uint256 = unsafe_div(
        unsafe_mul(r, unsafe_add(15_120 * WAD, unsafe_add(unsafe_mul(420, r2), r4))), WAD
    )
    # even > odd: e^-r is positive. A shift by 256 or more gives 0
    return unsafe_div(unsafe_mul(unsafe_sub(even, odd), WAD), unsafe_add(even, odd)) >> k


@internal
@pure
def _average(_old: uint256, _value: uint256, _weight: uint256) -> uint256:
    """
    @notice Weigh an average against what prevailed since.
    @param _old The average so far, below 2^128.
    @param _value What prevailed since, below 2^128.
    @param _weight Of the average, at most 1e18; the rest is the value's.
    @return In the unit of both, rounded down.
    """
    # two products below 2^188
    return unsafe_div(
        unsafe_add(unsafe_mul(_old, _weight), unsafe_mul(_value, unsafe_sub(WAD, _weight))), WAD
    )
