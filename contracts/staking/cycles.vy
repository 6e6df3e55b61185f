# pragma version 0.4.3
"""
@title Withdrawal cycles with O(1) pro-rata settlement
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Shares that wait to leave are one pool. At the end of a cycle the pool
        is filled in full, or pro rata with what liquidity there is while the
        rest rolls on. cycle_math has the formulas: a settlement costs the same
        for one request and for a thousand.
@dev A position joins at the start of a cycle, and P and S move only when one
     ends: it needs to remember only *which* cycle it joined, and the fold of
     that cycle is stored once for all.

     _queue      active 104 | upcoming 104 | cycle 24           (low to high)
     _fold       product 128 | era 64 | scale 64
     _positions  active 104 | its cycle 24 | upcoming 104 | price 24
     _claims     shares 128 | assets 128

     Upcoming shares join the cycle after that of the active ones. The price is
     the lowest at which shares in line were requested, coarse.

     `_before` carries settlements that are computed and not stored, so that
     views see what the next `sync` will do.
"""

from . import cycle_math

CYCLE_LENGTH: constant(uint256) = 30 * 86400
MAX_SETTLEMENTS: constant(uint256) = 6

MASK_104: constant(uint256) = 2**104 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_128: constant(uint256) = 2**128 - 1


struct Queue:
    cycle: uint256  # the open cycle: the one the next settlement ends
    active: uint256  # shares that take part in that settlement
    upcoming: uint256  # shares that join when the following cycle starts


struct Settlement:
    cycle: uint256
    pending: uint256
    filled: uint256
    paid: uint256
    key: uint256  # era and scale that the fill counted in
    sum: uint256  # S of that key afterwards
    fold: cycle_math.Fold  # afterwards


struct Position:
    active: uint256
    active_cycle: uint256
    upcoming: uint256
    upcoming_cycle: uint256
    claim_shares: uint256
    claim_assets: uint256
    price: uint256  # lowest exit price at a request in line, coarse; 0 without one


event CycleSettled:
    cycle: indexed(uint256)
    pending: uint256
    filled: uint256
    paid: uint256


GENESIS: immutable(uint256)

_queue: uint256
_fold: uint256
_sums: HashMap[uint256, uint256]
_start_fold: HashMap[uint256, uint256]
_start_sum: HashMap[uint256, uint256]
_positions: HashMap[address, uint256]
_claims: HashMap[address, uint256]


@deploy
def __init__():
    """
    @notice Starts cycle 0 at the last UTC midnight.
    """
    GENESIS = block.timestamp // 86400 * 86400
    self._fold = cycle_math.PRODUCT_ONE
    self._start_fold[0] = cycle_math.PRODUCT_ONE


@internal
@view
def _cycle_at(_t: uint256) -> uint256:
    return (_t - GENESIS) // CYCLE_LENGTH


@internal
@view
def _cycle_start(_cycle: uint256) -> uint256:
    return GENESIS + _cycle * CYCLE_LENGTH


@internal
@view
def _settle(
    _queue: Queue,
    _idle: uint256,
    _exit_assets: uint256,
    _supply: uint256,
    _before: DynArray[Settlement, MAX_SETTLEMENTS],
) -> Settlement:
    """
    @notice The settlement of `_queue.cycle`, given the vault as of that cycle's end and the
            settlements that were computed, but not stored, before it.
    """
    fold: cycle_math.Fold = self._current_fold(_before)
    key: uint256 = cycle_math._key(fold)
    filled: uint256 = 0
    paid: uint256 = 0
    filled, paid = cycle_math._fill(_queue.active, _idle, _exit_assets, _supply)
    sum: uint256 = self._sum_of(key, _before)
    if filled != 0:
        # product * paid < 2^120 * 2^112
        sum += fold.product * paid // _queue.active
    return Settlement(
        cycle=_queue.cycle,
        pending=_queue.active,
        filled=filled,
        paid=paid,
        key=key,
        sum=sum,
        fold=cycle_math._folded(fold, _queue.active, filled),
    )


@internal
def _store_settlements(_settlements: DynArray[Settlement, MAX_SETTLEMENTS], _queue: Queue):
    """
    @notice Stores computed settlements and opens `_queue.cycle`.
    """
    fold: cycle_math.Fold = self._current_fold([])
    for s: Settlement in _settlements:
        if s.filled != 0:
            self._sums[s.key] = s.sum
            fold = s.fold
        self._open(s.cycle + 1, fold)
        log CycleSettled(cycle=s.cycle, pending=s.pending, filled=s.filled, paid=s.paid)
    self._open(_queue.cycle, fold)
    self._fold = cycle_math._pack_fold(fold)
    self._store_queue(_queue)


@internal
def _open(_cycle: uint256, _fold: cycle_math.Fold):
    """
    @notice Records the fold with which positions join `_cycle`.
    """
    self._start_fold[_cycle] = cycle_math._pack_fold(_fold)
    self._start_sum[_cycle] = self._sums[cycle_math._key(_fold)]


@internal
@view
def _load_queue() -> Queue:
    queue: uint256 = self._queue
    return Queue(cycle=queue >> 208, active=queue & MASK_104, upcoming=(queue >> 104) & MASK_104)


@internal
def _store_queue(_queue: Queue):
    # active + upcoming <= supply < 2^104; a cycle number below 2^24 lasts 1.3 million years
    self._queue = _queue.active | (_queue.upcoming << 104) | (_queue.cycle << 208)


@internal
@view
def _current_fold(_before: DynArray[Settlement, MAX_SETTLEMENTS]) -> cycle_math.Fold:
    if len(_before) != 0:
        return _before[len(_before) - 1].fold
    return cycle_math._unpack_fold(self._fold)


@internal
@view
def _sum_of(_key: uint256, _before: DynArray[Settlement, MAX_SETTLEMENTS]) -> uint256:
    sum: uint256 = self._sums[_key]
    for s: Settlement in _before:
        if s.key == _key:
            sum = s.sum
    return sum


@internal
@view
def _start_of(
    _cycle: uint256, _before: DynArray[Settlement, MAX_SETTLEMENTS]
) -> (cycle_math.Fold, uint256):
    """
    @notice cycle_math.Fold and sum with which a position joined `_cycle`.
    """
    fold: cycle_math.Fold = cycle_math._unpack_fold(self._start_fold[_cycle])
    sum: uint256 = self._start_sum[_cycle]
    for s: Settlement in _before:
        if s.cycle + 1 == _cycle:
            fold = s.fold
            sum = 0
            # the sum under the new key, as it stood when that cycle began
            if s.key == cycle_math._key(fold):
                sum = s.sum
    return fold, sum


@internal
@view
def _position(
    _controller: address, _cycle: uint256, _before: DynArray[Settlement, MAX_SETTLEMENTS]
) -> Position:
    """
    @notice A controller's position with everything earned until the start of `_cycle` crystallised.
    """
    word: uint256 = self._positions[_controller]
    claims: uint256 = self._claims[_controller]
    position: Position = Position(
        active=word & MASK_104,
        active_cycle=(word >> 104) & MASK_24,
        upcoming=(word >> 128) & MASK_104,
        upcoming_cycle=((word >> 104) & MASK_24) + 1,
        claim_shares=claims & MASK_128,
        claim_assets=claims >> 128,
        price=word >> 232,
    )
    if position.active != 0 and position.active_cycle < _cycle:
        remaining: uint256 = 0
        earned: uint256 = 0
        remaining, earned = self._folded_part(position.active, position.active_cycle, _before)
        position.claim_shares += position.active - remaining
        position.claim_assets += earned
        position.active = remaining
    if position.upcoming != 0 and position.upcoming_cycle <= _cycle:
        remaining: uint256 = position.upcoming
        earned: uint256 = 0
        if position.upcoming_cycle < _cycle:
            remaining, earned = self._folded_part(
                position.upcoming, position.upcoming_cycle, _before
            )
        position.claim_shares += position.upcoming - remaining
        position.claim_assets += earned
        position.active += remaining
        position.upcoming = 0
    position.active_cycle = _cycle
    position.upcoming_cycle = _cycle + 1
    if position.active + position.upcoming == 0:
        position.price = 0
    return position


@internal
@view
def _folded_part(
    _shares: uint256, _joined: uint256, _before: DynArray[Settlement, MAX_SETTLEMENTS]
) -> (uint256, uint256):
    """
    @notice What is left of `_shares` that joined cycle `_joined`, and what they earned, both
            rounded down.
    @dev shares / P_u is at most 1 / P of the pool's, so shares * (S - S_u) <= assets * P_u < 2^232.
    """
    joined: cycle_math.Fold = empty(cycle_math.Fold)
    joined_sum: uint256 = 0
    joined, joined_sum = self._start_of(_joined, _before)
    fold: cycle_math.Fold = self._current_fold(_before)
    key: uint256 = cycle_math._key(joined)
    gained: uint256 = self._sum_of(key, _before) - joined_sum
    if key == cycle_math._key(fold):
        return _shares * fold.product // joined.product, _shares * gained // joined.product
    gained += self._sum_of(key + 1, _before) // cycle_math.SCALE
    remaining: uint256 = 0
    if fold.era == joined.era and fold.scale == joined.scale + 1:
        remaining = _shares * fold.product // cycle_math.SCALE // joined.product
    return remaining, _shares * gained // joined.product


@internal
def _store_position(_controller: address, _position: Position):
    self._positions[_controller] = (
        _position.active
        | (_position.active_cycle << 104)
        | (_position.upcoming << 128)
        | (_position.price << 232)
        if _position.active + _position.upcoming != 0
        else 0
    )


@internal
def _store_claims(_controller: address, _position: Position):
    # claimable shares < 2^104 a settlement and claimable assets < 2^128 in all
    self._claims[_controller] = _position.claim_shares | (_position.claim_assets << 128)
