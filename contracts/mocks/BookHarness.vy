# pragma version 0.4.3
# pragma optimize gas
"""
@title A book that anyone keeps, without vault or desk
@license GNU Affero General Public License v3.0 only
@author AID protocol
"""

from ..credit import book
from ..credit import curve
from ..interfaces import IPortfolio

implements: IPortfolio
initializes: book

exports: book.value_at


struct Entry:
    id: uint256
    leg: curve.Leg


struct Value:
    gross: int256  # scaled
    impairment: int256


struct Comparison:
    book: book.Totals
    legs: book.Totals


struct Words:
    head: uint256
    impairment: int256
    slopes: int256


@deploy
def __init__():
    book.__init__()


@external
def set_legs(_entries: DynArray[Entry, 128]):
    """
    @notice `book._set_leg` of each; `since` is set to now unless it is 0, for removal.
    """
    for entry: Entry in _entries:
        leg: curve.Leg = entry.leg
        if leg.since != 0:
            leg.since = block.timestamp
        book._set_leg(entry.id, leg)


@external
def set_leg(_id: uint256, _leg: curve.Leg):
    """
    @notice `book._set_leg`, as it is.
    """
    book._set_leg(_id, _leg)


@external
def cure(_id: uint256, _stop: uint256, _kept_bps: uint256, _days: uint256):
    """
    @notice Moves a leg's anchor, and keeps `_kept_bps` of its value: it now stops on day `_stop`,
            accrues no more, and its mark, in proportion, ramps back in `_days`.
    """
    point: curve.Point = book._leg_at(_id, block.timestamp)
    leg: curve.Leg = curve._moved(book._load_leg(_id), block.timestamp)
    assert leg.value == convert(point.gross, uint256), "gross"
    leg.value = leg.value * _kept_bps // curve.BPS
    leg.stop = _stop
    leg.cure_slope = 0
    leg.cure_end = 0
    if leg.slope > 0:
        leg.slope = 0
    mark: uint256 = convert(max(point.impairment, 0), uint256) * _kept_bps // curve.BPS
    book._set_leg(_id, curve._cured(leg, mark, block.timestamp, _days))


@external
def checkpoint():
    """
    @notice `book._checkpoint`.
    """
    book._checkpoint()


@external
@view
def values_at(_times: DynArray[uint256, 256]) -> DynArray[Value, 256]:
    """
    @notice `book._walk` to each, scaled.
    """
    values: DynArray[Value, 256] = []
    for t: uint256 in _times:
        totals: book.Totals = book._walk(t)
        values.append(Value(gross=totals.gross, impairment=totals.impairment))
    return values


@external
@view
def leg(_id: uint256) -> curve.Leg:
    """
    @notice `book._load_leg`.
    """
    return book._load_leg(_id)


@external
@view
def leg_at(_id: uint256, _times: DynArray[uint256, 256]) -> DynArray[Value, 256]:
    """
    @notice Gross value and impairment of `book._leg_at` at each time, scaled.
    """
    values: DynArray[Value, 256] = []
    for t: uint256 in _times:
        point: curve.Point = book._leg_at(_id, t)
        values.append(Value(gross=point.gross, impairment=point.impairment))
    return values


@external
@view
def reconcile(_ids: DynArray[uint256, book.MAX_LEGS]) -> Comparison:
    """
    @notice `book._reconcile`.
    """
    book_totals: book.Totals = empty(book.Totals)
    leg_totals: book.Totals = empty(book.Totals)
    book_totals, leg_totals = book._reconcile(_ids)
    return Comparison(book=book_totals, legs=leg_totals)


@external
@view
def words() -> Words:
    """
    @notice The book's own words.
    """
    return Words(head=book._head, impairment=book._impairment, slopes=book._slopes)


@external
@view
def days(_first: uint256, _count: uint256) -> DynArray[int256, 2048]:
    """
    @notice The words of `_count` days from `_first` on.
    """
    days: DynArray[int256, 2048] = []
    for i: uint256 in range(_count, bound=2048):
        days.append(book._days[_first + i])
    return days


@external
@view
def pages(_first: uint256, _count: uint256) -> DynArray[uint256, 16]:
    """
    @notice The marks of `_count` pages of 256 days.
    """
    pages: DynArray[uint256, 16] = []
    for i: uint256 in range(_count, bound=16):
        pages.append(book._pages[_first + i])
    return pages


@external
@pure
def lowest_bit(_bits: uint256) -> uint256:
    """
    @notice `book._lowest_bit`.
    """
    return book._lowest_bit(_bits)


@external
@pure
def pack_schedule(_days: uint256[3], _bps: uint256[2]) -> uint256:
    """
    @notice `curve._pack_schedule`.
    """
    return curve._pack_schedule(_days, _bps)


@external
@pure
def hinges(_leg: curve.Leg) -> DynArray[curve.Hinge, curve.MAX_HINGES]:
    """
    @notice `curve._hinges`.
    """
    return curve._hinges(_leg)
