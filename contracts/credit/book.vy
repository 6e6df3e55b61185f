# pragma version 0.4.3
"""
@title The book: the value of all legs together, which marks itself
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Gross value and impairment as of the last change, the slopes that hold since, and for each
        day to come by how much they change. Nobody has to poke it: a view walks the days between
        that are not empty, so its cost grows with events, not with age or with the number of deals,
        and it reverts for no age.
@dev Exact: values stay scaled by 2^40 and are rounded in views only; a leg leaves by the same
     integers by which it came (see curve.vy).

     _head        last change 40 | open legs 16 | is impaired 1 | gross, scaled 199  (low to high)
     _impairment  scaled; rounding of slopes may take it below zero by 10^-4 wei a leg. Not touched
                  while it is zero: a book without impaired legs costs its readers one word less
     _slopes      pair of slopes
     _days[day]   pair of slope changes
     _pages[p]    bit i: day 256 p + i is not empty
     _legs[id]    state   value 132 | since 33 | turn 16 | stop 16 | cure end 16 | floor 14
                          | ramp's parts 28 | is covered 1
                  slopes  ramp's days 30 | cure slope 115 | gross slope 111, signed
                  cover   reserve 96 | first loss 96; not touched while both are zero

     At most 512 legs: a pair's halves stay below 2^9 * 2^115, scaled values below 2^9 * 2^132. Days
     before the last change are never read again and keep their words.
"""

from . import curve
from ..interfaces import IPortfolio

implements: IPortfolio


struct Totals:
    gross: int256  # scaled
    impairment: int256  # scaled
    slopes: int256  # pair


struct PackedLeg:
    state: uint256
    slopes: uint256
    cover: uint256


MAX_LEGS: constant(uint256) = 512
MAX_SLOPE: constant(uint256) = 2**110
MAX_CURE: constant(uint256) = 2**115 - 1
# until the year 2149
DAYS: constant(uint256) = 2**16
PAGES: constant(uint256) = DAYS // 256

TWO: constant(uint256) = 2
HALF: constant(int256) = 2**127
MASK_128: constant(uint256) = 2**128 - 1
MASK_96: constant(uint256) = 2**96 - 1
MASK_58: constant(uint256) = 2**58 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_33: constant(uint256) = 2**33 - 1
MASK_30: constant(uint256) = 2**30 - 1
MASK_28: constant(uint256) = 2**28 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_14: constant(uint256) = 2**14 - 1
COVERED: constant(uint256) = 2**255
IMPAIRED: constant(uint256) = 2**56
GROSS: constant(uint256) = 57

_head: uint256
_impairment: int256
_slopes: int256
_days: int256[DAYS]
_pages: uint256[PAGES]
_legs: HashMap[uint256, PackedLeg]


@deploy
def __init__():
    """
    @notice Starts empty, now.
    """
    self._head = block.timestamp


@external
@view
def value_at(_t: uint256) -> (uint256, uint256):
    """
    @notice Value of the whole book at `_t`: since its last change, now, or to come if nothing
            happens until then.
    @param _t Unix seconds.
    @return Gross value and net impairment, AID wei, each rounded down; impairment never exceeds
            gross value.
    @custom:reverts "before last change".
    """
    totals: Totals = self._walk(_t)
    # neither is negative: gross value never is
    gross: uint256 = convert(convert(totals.gross, bytes32), uint256)
    impairment: uint256 = convert(convert(max(totals.impairment, 0), bytes32), uint256)
    return gross >> curve.SCALE, min(impairment, gross) >> curve.SCALE


@internal
def _set_leg(_id: uint256, _leg: curve.Leg):
    """
    @notice Puts `_leg`, valued as of now, in the place of the one that the book had under `_id`, if
            any; an empty one only removes it.
    @dev Reverts with "leg not current", "leg out of bounds", "book full". The caller has had the
         vault settle what it may ask about the past.
    """
    totals: Totals = self._walk(block.timestamp)
    count: uint256 = (self._head >> 40) & MASK_16
    old: curve.Leg = self._load_leg(_id)
    self._store_leg(_id, _leg)
    if old.since != 0:
        totals = self._apply(totals, old, -1)
        count -= 1
    if _leg.since != 0:
        totals = self._apply(totals, _leg, 1)
        count += 1
        assert count <= MAX_LEGS, "book full"
    self._store_totals(totals, count)


@internal
def _checkpoint():
    """
    @notice Moves the last change to now, so that later views walk fewer days.
    """
    self._store_totals(self._walk(block.timestamp), (self._head >> 40) & MASK_16)


@internal
def _store_totals(_totals: Totals, _count: uint256):
    """
    @dev The book as of now.
    """
    head: uint256 = (block.timestamp | (_count << 40) | (convert(_totals.gross, uint256) << GROSS))
    if _totals.impairment != 0:
        head |= IMPAIRED
    if (head | self._head) & IMPAIRED != 0:
        self._impairment = _totals.impairment
    self._head = head
    self._slopes = _totals.slopes


@internal
@view
def _leg_at(_id: uint256, _t: uint256) -> curve.Point:
    """
    @notice What the leg under `_id` adds to the book at `_t`, scaled; zeros for none.
    @param _t Unix time, not before the leg's last change.
    """
    leg: curve.Leg = self._load_leg(_id)
    if leg.since == 0:
        return empty(curve.Point)
    return curve._at(leg, curve._hinges(leg), _t)


@internal
@view
def _reconcile(_ids: DynArray[uint256, MAX_LEGS]) -> (Totals, Totals):
    """
    @notice The book now, and the sum of its legs, one by one; they are equal, slopes included.
    @param _ids Of all open legs, in ascending order.
    @dev Reverts with "ids not ascending", "unknown leg", "ids incomplete": nothing can be left out.
    """
    assert len(_ids) == (self._head >> 40) & MASK_16, "ids incomplete"
    sum: Totals = empty(Totals)
    previous: uint256 = 0
    for id: uint256 in _ids:
        assert id > previous, "ids not ascending"
        previous = id
        leg: curve.Leg = self._load_leg(id)
        assert leg.since != 0, "unknown leg"
        point: curve.Point = curve._at(leg, curve._hinges(leg), block.timestamp)
        sum.gross += point.gross
        sum.impairment += point.impairment
        sum.slopes += point.slopes
    return self._walk(block.timestamp), sum


@internal
@view
def _walk(_t: uint256) -> Totals:
    """
    @notice The book at `_t`: its line since the last change, and what each day since has bent.
    """
    head: uint256 = self._head
    last: uint256 = head & MASK_40
    assert _t >= last, "before last change"
    slopes: int256 = self._slopes
    # Bounds below: slopes < 2^124 and times < 2^40, so no product or sum reaches 2^255, and what is
    # converted through bytes is below 2^200.
    past: int256 = convert(convert(unsafe_sub(_t, last), bytes32), int256)
    impairment: int256 = unsafe_mul((slopes << 128) >> 128, past)
    if head & IMPAIRED != 0:
        impairment = unsafe_add(self._impairment, impairment)
    gross: int256 = unsafe_add(
        convert(convert(head >> GROSS, bytes32), int256),
        unsafe_mul(unsafe_add(slopes, HALF) >> 128, past),
    )

    day: uint256 = unsafe_add(unsafe_div(last, curve.DAY), 1)
    end: uint256 = unsafe_div(_t, curve.DAY)
    for _: uint256 in range(PAGES):
        if day > end:
            break
        page: uint256 = day >> 8
        # the marks from `day` to `end`; 2^256 is 0, and 0 - 1 all ones
        bits: uint256 = (self._pages[page] >> (day & 255)) & unsafe_sub(
            TWO << unsafe_sub(end, day), 1
        )
        # one run of neighbouring days at a time
        for _j: uint256 in range(129):  # natrix: NTX8
            if bits == 0:
                break
            if bits & 1 == 0:
                gap: uint256 = self._lowest_bit(bits)
                bits >>= gap
                day = unsafe_add(day, gap)
            run: uint256 = 1
            if bits & 2 != 0:
                # of a page full of ones all but the last, which is then a run of its own
                run = self._lowest_bit(~bits)
            past = convert(convert(unsafe_sub(_t, unsafe_mul(day, curve.DAY)), bytes32), int256)
            for i: uint256 in range(run, bound=256):
                delta: int256 = self._days[unsafe_add(day, i)]
                impairment = unsafe_add(impairment, unsafe_mul((delta << 128) >> 128, past))
                # half a unit up and down again: the upper half, whatever the sign of the lower
                gross = unsafe_add(gross, unsafe_mul(unsafe_add(delta, HALF) >> 128, past))
                slopes = unsafe_add(slopes, delta)
                past = unsafe_sub(past, curve.DAY_SIGNED)
            bits >>= run
            if bits == 0:
                break
            day = unsafe_add(day, run)
        day = unsafe_add(page, 1) << 8
        if day > end:
            break
    return Totals(gross=gross, impairment=impairment, slopes=slopes)


@internal
def _apply(_totals: Totals, _leg: curve.Leg, _sign: int256) -> Totals:
    """
    @dev Adds (1) a leg to the book as of now, or removes it (-1): one list of hinges for both.
    """
    hinges: DynArray[curve.Hinge, curve.MAX_HINGES] = curve._hinges(_leg)
    point: curve.Point = curve._at(_leg, hinges, block.timestamp)
    for hinge: curve.Hinge in hinges:
        if hinge.day * curve.DAY > block.timestamp:
            changed: int256 = self._days[hinge.day] + _sign * hinge.delta
            self._days[hinge.day] = changed
            page: uint256 = self._pages[hinge.day >> 8]
            bit: uint256 = 1 << (hinge.day & 255)
            marked: uint256 = page & ~bit if changed == 0 else page | bit
            if marked != page:
                self._pages[hinge.day >> 8] = marked
    return Totals(
        gross=_totals.gross + _sign * point.gross,
        impairment=_totals.impairment + _sign * point.impairment,
        slopes=_totals.slopes + _sign * point.slopes,
    )


@internal
@view
def _load_leg(_id: uint256) -> curve.Leg:
    """
    @notice The leg under `_id`; `since` is 0 for none.
    """
    state: uint256 = self._legs[_id].state
    slopes: uint256 = self._legs[_id].slopes
    cover: uint256 = 0
    if state & COVERED != 0:
        cover = self._legs[_id].cover
    return curve.Leg(
        value=state & curve.MAX_VALUE,
        slope=convert(convert(slopes, bytes32), int256) >> 145,
        since=(state >> 132) & MASK_33,
        turn=(state >> 165) & MASK_16,
        stop=(state >> 181) & MASK_16,
        cure_end=(state >> 197) & MASK_16,
        cure_slope=(slopes >> 30) & MAX_CURE,
        floor_bps=(state >> 213) & MASK_14,
        reserve=cover & MASK_96,
        first_loss=cover >> 96,
        schedule=(slopes & MASK_30) | (((state >> 227) & MASK_28) << 30),
    )


@internal
def _store_leg(_id: uint256, _leg: curve.Leg):
    """
    @dev A day that is past bends nothing any more: its slope must be zero.
    """
    today: uint256 = block.timestamp // curve.DAY
    assert _leg.since == block.timestamp or _leg.since == 0, "leg not current"
    assert (
        _leg.value <= curve.MAX_VALUE
        and convert(abs(_leg.slope), uint256) < MAX_SLOPE
        and _leg.cure_slope <= MAX_CURE
        and _leg.turn < DAYS
        and _leg.stop < DAYS
        and _leg.cure_end < DAYS
        and _leg.floor_bps <= curve.BPS
        and _leg.reserve <= MASK_96
        and _leg.first_loss <= MASK_96
        and _leg.schedule <= MASK_58
        and (_leg.slope == 0 or _leg.turn > today)
        and (_leg.cure_slope == 0 or _leg.cure_end > today)
    ), "leg out of bounds"
    cover: uint256 = _leg.reserve | (_leg.first_loss << 96)
    state: uint256 = (
        _leg.value
        | (_leg.since << 132)
        | (_leg.turn << 165)
        | (_leg.stop << 181)
        | (_leg.cure_end << 197)
        | (_leg.floor_bps << 213)
        | ((_leg.schedule >> 30) << 227)
        | (COVERED if cover != 0 else 0)
    )
    if (state | self._legs[_id].state) & COVERED != 0:
        self._legs[_id].cover = cover
    self._legs[_id].state = state
    self._legs[_id].slopes = (
        (_leg.schedule & MASK_30)
        | (_leg.cure_slope << 30)
        # above the lower 145 bits, with its sign
        | convert(convert(_leg.slope << 145, bytes32), uint256)
    )


@internal
@pure
def _lowest_bit(_bits: uint256) -> uint256:
    """
    @notice Index of the lowest bit that is set, by halving.
    @param _bits Not zero.
    """
    bits: uint256 = _bits
    index: uint256 = 0
    if bits & MASK_128 == 0:
        bits >>= 128
        index = 128
    if bits & (2**64 - 1) == 0:
        bits >>= 64
        index = unsafe_add(index, 64)
    if bits & (2**32 - 1) == 0:
        bits >>= 32
        index = unsafe_add(index, 32)
    if bits & MASK_16 == 0:
        bits >>= 16
        index = unsafe_add(index, 16)
    if bits & 255 == 0:
        bits >>= 8
        index = unsafe_add(index, 8)
    if bits & 15 == 0:
        bits >>= 4
        index = unsafe_add(index, 4)
    if bits & 3 == 0:
        bits >>= 2
        index = unsafe_add(index, 2)
    if bits & 1 == 0:
        index = unsafe_add(index, 1)
    return index
