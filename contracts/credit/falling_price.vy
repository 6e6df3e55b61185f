# pragma version 0.4.3
"""
@title A price that falls by equal steps
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice What a round of an auction costs at any time, on a clock that its caller chooses, and how rounds
        and their terms are packed:

            price(k) = start - floor((start - lowest) * k / (steps - 1))        k = elapsed // step

        so the last step sells at the lowest price.
@dev Low to high:

         terms   start bps 16 | lowest bps 16 | step 24 | steps 16
         round   started at 40 | begins 40 | step 24 | steps 16 | round 8 | receipt 128
         prices  start 128 | lowest 128
"""

# How later auctions run.
struct Terms:
    start_bps: uint256  # of the greater of appraisal and debt
    lowest_bps: uint256  # of the same
    step: uint256  # seconds in which the price stands still
    steps: uint256  # prices from start to lowest, both included


# A round that has begun.
struct Round:
    receipt: uint256
    number: uint256  # from 1; 0: there is none
    started_at: uint256  # Unix seconds
    begins: uint256  # the same on the round's clock
    step: uint256  # seconds
    steps: uint256
    start: uint256  # AID wei
    lowest: uint256  # AID wei


MIN_STEP: constant(uint256) = 60
MAX_STEP: constant(uint256) = 86_400
MAX_STEPS: constant(uint256) = 10_000
MIN_DURATION: constant(uint256) = 86_400
MAX_DURATION: constant(uint256) = 30 * 86_400
MAX_START: constant(uint256) = 30_000
BPS: constant(uint256) = 10_000

BEGINS_SHIFT: constant(uint256) = 40
STEP_SHIFT: constant(uint256) = 80
STEPS_SHIFT: constant(uint256) = 104
NUMBER_SHIFT: constant(uint256) = 120
RECEIPT_SHIFT: constant(uint256) = 128
LOWEST_SHIFT: constant(uint256) = 128
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1


@internal
@pure
def _price(_round: Round, _elapsed: uint256) -> uint256:
    """
    @notice Price of a round after some seconds of its clock, AID wei, rounded up; after the last step the
            lowest price.
    """
    last: uint256 = _round.steps - 1
    step: uint256 = min(_elapsed // _round.step, last)
    return _round.start - (_round.start - _round.lowest) * step // last


@internal
@pure
def _part_up(_amount: uint256, _bps: uint256) -> uint256:
    return (_amount * _bps + (BPS - 1)) // BPS


@internal
@pure
def _check_terms(_terms: Terms):
    assert _terms.start_bps >= BPS and _terms.start_bps <= MAX_START, "price out of bounds"
    assert _terms.lowest_bps != 0 and _terms.lowest_bps <= _terms.start_bps, "price out of bounds"
    assert _terms.step >= MIN_STEP and _terms.step <= MAX_STEP, "steps out of bounds"
    assert _terms.steps >= 2 and _terms.steps <= MAX_STEPS, "steps out of bounds"
    duration: uint256 = _terms.step * _terms.steps
    assert duration >= MIN_DURATION and duration <= MAX_DURATION, "steps out of bounds"


@internal
@pure
def _pack_terms(_terms: Terms) -> uint256:
    return _terms.start_bps | (_terms.lowest_bps << 16) | (_terms.step << 32) | (_terms.steps << 56)


@internal
@pure
def _unpack_terms(_word: uint256) -> Terms:
    return Terms(
        start_bps=_word & MASK_16,
        lowest_bps=(_word >> 16) & MASK_16,
        step=(_word >> 32) & MASK_24,
        steps=_word >> 56,
    )


@internal
@pure
def _pack_round(_round: Round) -> (uint256, uint256):
    """
    @return The words of a round and of its prices.
    """
    assert _round.receipt <= MASK_128, "receipt out of bounds"
    return (
        (
            _round.started_at
            | (_round.begins << BEGINS_SHIFT)
            | (_round.step << STEP_SHIFT)
            | (_round.steps << STEPS_SHIFT)
            | (_round.number << NUMBER_SHIFT)
            | (_round.receipt << RECEIPT_SHIFT)
        ),
        _round.start | (_round.lowest << LOWEST_SHIFT),
    )


@internal
@pure
def _lowest(_prices: uint256) -> uint256:
    return _prices >> LOWEST_SHIFT


@internal
@pure
def _unpack_round(_word: uint256, _prices: uint256) -> Round:
    return Round(
        receipt=_word >> RECEIPT_SHIFT,
        number=(_word >> NUMBER_SHIFT) & MASK_8,
        started_at=_word & MASK_40,
        begins=(_word >> BEGINS_SHIFT) & MASK_40,
        step=(_word >> STEP_SHIFT) & MASK_24,
        steps=(_word >> STEPS_SHIFT) & MASK_16,
        start=_prices & MASK_128,
        lowest=_prices >> LOWEST_SHIFT,
    )
