# pragma version 0.4.3
# pragma optimize gas
"""
@title The maths of a settlement, callable, many cases at a time
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..staking import cycle_math

MAX_CASES: constant(uint256) = 64


struct FillCase:
    pending: uint256
    idle: uint256
    exit_assets: uint256
    supply: uint256


struct Fill:
    filled: uint256
    paid: uint256


@external
@pure
def fill(_cases: DynArray[FillCase, MAX_CASES]) -> DynArray[Fill, MAX_CASES]:
    """
    @notice `cycle_math._fill` of each case.
    """
    fills: DynArray[Fill, MAX_CASES] = []
    for c: FillCase in _cases:
        result: Fill = empty(Fill)
        result.filled, result.paid = cycle_math._fill(c.pending, c.idle, c.exit_assets, c.supply)
        fills.append(result)
    return fills


@external
@pure
def fold(
    _start: cycle_math.Fold, _pending: uint256, _fills: DynArray[uint256, MAX_CASES]
) -> DynArray[cycle_math.Fold, MAX_CASES]:
    """
    @notice The folds after each of `_fills` in turn, all out of one line of `_pending` shares.
    """
    folds: DynArray[cycle_math.Fold, MAX_CASES] = []
    current: cycle_math.Fold = _start
    pending: uint256 = _pending
    for filled: uint256 in _fills:
        current = cycle_math._folded(current, pending, filled)
        pending -= filled
        folds.append(current)
    return folds


@external
@pure
def key(_fold: cycle_math.Fold) -> uint256:
    """
    @notice The key under which a fold's sum is kept.
    """
    return cycle_math._key(_fold)


@external
@pure
def repacked(_fold: cycle_math.Fold) -> cycle_math.Fold:
    """
    @notice A fold, packed and unpacked.
    """
    return cycle_math._unpack_fold(cycle_math._pack_fold(_fold))
