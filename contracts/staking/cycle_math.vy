# pragma version 0.4.3
"""
@title Maths of one pro-rata settlement
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A running product `P` and sum `S` (the construction of Liquity's stability
        pool) let every position find its own part of a settlement later:

            partial fill of Q shares with A assets, Q' shares left:
                S += floor(P * A / Q)        P = floor(P * Q' / Q)
            earned    = s * ((S[e][c] - S_u) + S[e][c + 1] / SCALE) / P_u
            remaining = s * P / P_u

        with `e` the era (a full fill starts a new one), `c` the scale (raised
        when P has become small) and `_u` the values when the position joined.
        Every step rounds down, so the parts never exceed the whole.
@dev No storage. A packed fold is product 128 | era 64 | scale 64, low to high.
"""

VIRTUAL: constant(uint256) = 10**6  # virtual shares and virtual assets
PRODUCT_ONE: constant(uint256) = 10**36
SCALE: constant(uint256) = 10**18
KEPT_PART: constant(uint256) = 10**9  # a partial fill leaves at least 1 / KEPT_PART

MANTISSA: constant(uint256) = 18  # bits of a coarse number
MASK_64: constant(uint256) = 2**64 - 1
MASK_128: constant(uint256) = 2**128 - 1


struct Fold:
    product: uint256
    era: uint256
    scale: uint256


@internal
@pure
def _fill(
    _pending: uint256, _idle: uint256, _exit_assets: uint256, _supply: uint256
) -> (uint256, uint256):
    """
    @notice What one settlement fills and pays.
    @dev Price = (exit assets + VIRTUAL) / (supply + VIRTUAL). Payouts round down, the shares
         they cost round up: both against those who leave. Below a price of 1 the virtual assets
         would promise all holders together up to VIRTUAL more than there is: they get what there
         is, and the line empties. Nothing is filled at a price below 1e-6, where a holder would
         give up a claim on recoveries for dust.
    @return Shares filled and assets paid, paid <= _idle.
    """
    if _pending == 0 or _idle == 0 or _exit_assets * VIRTUAL < _supply:
        return 0, 0
    assets: uint256 = _exit_assets + VIRTUAL
    shares: uint256 = _supply + VIRTUAL
    due: uint256 = min(_pending * assets // shares, _exit_assets)
    if due == 0:
        return 0, 0
    if due <= _idle:
        return _pending, due
    filled_up: uint256 = (_idle * shares + assets - 1) // assets
    most: uint256 = _pending - (_pending + KEPT_PART - 1) // KEPT_PART
    if filled_up <= most:
        return filled_up, _idle
    return most, most * assets // shares


@internal
@pure
def _folded(_fold: Fold, _pending: uint256, _filled: uint256) -> Fold:
    """
    @notice The fold after `_filled` of `_pending` shares were filled.
    @dev P >= SCALE always: a partial fill keeps 1e-9 at least, and a product that would
         fall below SCALE is multiplied by it before the division, so no digits are lost.
    """
    if _filled == 0:
        return _fold
    if _filled == _pending:
        return Fold(product=PRODUCT_ONE, era=_fold.era + 1, scale=0)
    # product <= 1e36 < 2^120, shares < 2^104
    scaled: uint256 = _fold.product * (_pending - _filled)
    product: uint256 = scaled // _pending
    if product >= SCALE:
        return Fold(product=product, era=_fold.era, scale=_fold.scale)
    # scaled < SCALE * pending < 2^164, so the next product fits
    return Fold(product=scaled * SCALE // _pending, era=_fold.era, scale=_fold.scale + 1)


@internal
@pure
def _key(_fold: Fold) -> uint256:
    return (_fold.era << 64) | _fold.scale


@internal
@pure
def _pack_fold(_fold: Fold) -> uint256:
    return _fold.product | (_fold.era << 128) | (_fold.scale << 192)


@internal
@pure
def _unpack_fold(_word: uint256) -> Fold:
    return Fold(product=_word & MASK_128, era=(_word >> 128) & MASK_64, scale=_word >> 192)


@internal
@pure
def _coarse_down(_value: uint256) -> uint256:
    """
    @notice A number in 24 bits, rounded down by less than 2^-17 of it: exponent 6 | mantissa 18.
    @dev Keeps the order: coarse numbers compare as what they stand for. Saturates at 2^81 - 1.
    """
    mantissa: uint256 = min(_value, 2**81 - 1)
    exponent: uint256 = 0
    for i: uint256 in range(6):
        step: uint256 = 32 >> i
        if mantissa >> (MANTISSA - 1 + step) != 0:
            mantissa = mantissa >> step
            exponent += step
    return (exponent << MANTISSA) | mantissa
