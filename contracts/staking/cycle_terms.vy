# pragma version 0.4.3
"""
@title Terms of withdrawal cycles, changed with two cycles' notice
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev One word: {window 24 | minimum 64 (1e9 share wei) | floor 14} twice, low to high,
     the second in force from the cycle in the upper 52 bits on.
"""

MINIMUM_UNIT: constant(uint256) = 10**9
MASK_14: constant(uint256) = 2**14 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_64: constant(uint256) = 2**64 - 1


struct Terms:
    window: uint256  # seconds from the start of a cycle in which requests join it
    minimum: uint256  # smallest request, share wei
    reserve_floor_bps: uint256


event ParametersScheduled:
    from_cycle: indexed(uint256)
    window: uint256
    minimum: uint256
    reserve_floor_bps: uint256


_terms: uint256


@deploy
def __init__(_initial: Terms):
    """
    @notice Starts with terms in force at once.
    """
    self._terms = self._pack_terms(_initial)


@internal
@view
def _terms_of(_cycle: uint256) -> Terms:
    """
    @notice The terms in force in `_cycle`, which is the current or a later one.
    """
    word: uint256 = self._terms
    from_cycle: uint256 = word >> 204
    if from_cycle != 0 and _cycle >= from_cycle:
        word = word >> 102
    return Terms(
        window=word & MASK_24,
        minimum=((word >> 24) & MASK_64) * MINIMUM_UNIT,
        reserve_floor_bps=(word >> 88) & MASK_14,
    )


@internal
def _schedule_terms(_terms: Terms, _cycle: uint256):
    """
    @notice Puts `_terms` in force two cycles after `_cycle`, the current one; replaces terms that
            were scheduled and are not yet in force.
    """
    current: uint256 = self._pack_terms(self._terms_of(_cycle))
    from_cycle: uint256 = _cycle + 2
    self._terms = current | (self._pack_terms(_terms) << 102) | (from_cycle << 204)
    log ParametersScheduled(
        from_cycle=from_cycle,
        window=_terms.window,
        minimum=_terms.minimum // MINIMUM_UNIT * MINIMUM_UNIT,
        reserve_floor_bps=_terms.reserve_floor_bps,
    )


@internal
@pure
def _pack_terms(_terms: Terms) -> uint256:
    assert _terms.window >= 86400 and _terms.window <= 15 * 86400, "window out of bounds"
    assert _terms.minimum <= 10_000 * 10**18, "minimum out of bounds"
    assert _terms.reserve_floor_bps <= 9_000, "floor out of bounds"
    return (
        _terms.window | ((_terms.minimum // MINIMUM_UNIT) << 24) | (_terms.reserve_floor_bps << 88)
    )
