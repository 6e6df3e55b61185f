# pragma version 0.4.3
# pragma optimize gas
"""
@title The pool's pure maths, exposed for its tests
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..pool import ema
from ..pool import stableswap_math as math


@external
@pure
def invariant(_x: uint256, _y: uint256, _ann: uint256) -> uint256:
    return math._invariant(_x, _y, _ann)


@external
@pure
def other_value(_x: uint256, _d: uint256, _ann: uint256) -> uint256:
    return math._other_value(_x, _d, _ann)


@external
@pure
def price(_d: uint256, _x: uint256, _y: uint256, _ann: uint256) -> uint256:
    return math._price(_d, _x, _y, _ann)


@external
@pure
def fee_rate(
    _u: uint256, _v: uint256, _fee: uint256, _multiplier: uint256, _extra: uint256
) -> uint256:
    return math._fee_rate(_u, _v, _fee, _multiplier, _extra)


@external
@pure
def weight(_dt: uint256, _period: uint256) -> uint256:
    return ema._weight(_dt, _period)


@external
@pure
def average(_old: uint256, _value: uint256, _weight: uint256) -> uint256:
    return ema._average(_old, _value, _weight)
