# pragma version 0.4.3
"""
@title What follows from the terms of all coins together
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A feed may lag the market by its deviation. Two that lag in opposite directions make a swap:
        in by a coin that is worth less than its feed says, out by one that is worth more. With
        deviations D, mint fee m and redemption fee r, who goes in by i and out by j gains, for each AID,

            gain = (1 - r_j) (1 + D_j) - (1 - D_i) / (1 - m_i)

        *Par share*: what one coin may pay out at par, net of what came in by it, is such a part of the
        reserve that a day costs 1 bp of it at most. A bucket gives twice its capacity in 24 hours, and
        all coins but the one that is late downwards may be emptied: share = 1 bp / (2 (n - 1) gain).

        *Basket fee*: a basket is everything, so mint fee + basket fee cover the sum of the two largest
        deviations.
"""
from . import asset_terms

BPS: constant(uint256) = 10**4
ONE: constant(uint256) = 10**8  # a part of one
MASK_16: constant(uint256) = 2**16 - 1


@internal
@pure
def par_share(_terms: DynArray[uint256, 8]) -> uint256:
    """
    @notice Basis points of the reserve that a coin may pay out at par at a time, rounded down; all bits
            set if that is no more than what fees cover.
    """
    most: uint256 = 0
    n: uint256 = len(_terms)
    for i: uint256 in range(n, bound=8):
        # what a unit that mints one AID is worth, rounded down
        paid: uint256 = (
            (BPS - asset_terms.deviation(_terms[i]))
            * ONE // (BPS - asset_terms.mint_fee(_terms[i]))
        )
        for j: uint256 in range(n, bound=8):
            if i != j:
                got: uint256 = (BPS - asset_terms.redeem_fee(_terms[j])) * (
                    BPS + asset_terms.deviation(_terms[j])
                )
                most = max(most, max(got, paid) - paid)
    if most == 0:
        return MASK_16
    # 1 bp, in basis points of the reserve: ONE / BPS * BPS
    return min(ONE // (2 * (n - 1) * most), MASK_16)


@internal
@pure
def basket_fee(_terms: DynArray[uint256, 8]) -> uint256:
    """
    @notice Basis points of a basket, rounded up.
    """
    first: uint256 = 0
    second: uint256 = 0
    mint_fee: uint256 = BPS - 1
    for terms: uint256 in _terms:
        deviation: uint256 = asset_terms.deviation(terms)
        second = max(second, min(first, deviation))
        first = max(first, deviation)
        mint_fee = min(mint_fee, asset_terms.mint_fee(terms))
    missing: uint256 = max(first + second, mint_fee) - mint_fee
    return (missing * BPS + (BPS - mint_fee - 1)) // (BPS - mint_fee)
