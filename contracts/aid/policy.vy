# pragma version 0.4.3
"""
@title The word that governs the reserve as a whole: where its fields begin
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice coins 8 | vaults 8 | total cap in whole AID 48 | deficit delta 16 | harvest buffer 16
        | vault growth 16 | liquid floor 16 (all bps) | wind-down at 40 | redeem paused until 40
        | mint paused 8 | basket fee 16 | part of the reserve 16 (bps)             (low to high)

        The last two follow from the terms of all coins, see spread.vy.
"""

COINS: constant(uint256) = 0  # counts, kept by the Gateway
VAULTS: constant(uint256) = 8
TOTAL_CAP: constant(uint256) = 16
DEFICIT_DELTA: constant(uint256) = 64
BUFFER: constant(uint256) = 80
GROWTH: constant(uint256) = 96
LIQUID_FLOOR: constant(uint256) = 112
WIND_DOWN_AT: constant(uint256) = 128
REDEEM_PAUSED_UNTIL: constant(uint256) = 168
MINT_PAUSED: constant(uint256) = 208
BASKET_FEE: constant(uint256) = 216
PAR_SHARE: constant(uint256) = 232

WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10**4
# A bound of 1 bp of it is 1,000 AID.
LEAST_RESERVE: constant(uint256) = 10_000_000

COUNTS_MASK: constant(uint256) = 2**16 - 1
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_48: constant(uint256) = 2**48 - 1


@internal
@pure
def coins(_policy: uint256) -> uint256:
    return _policy & MASK_8


@internal
@pure
def vaults(_policy: uint256) -> uint256:
    return (_policy >> VAULTS) & MASK_8


@internal
@pure
def total_cap(_policy: uint256) -> uint256:
    return (_policy >> TOTAL_CAP) & MASK_48


@internal
@pure
def deficit_delta(_policy: uint256) -> uint256:
    return (_policy >> DEFICIT_DELTA) & MASK_16


@internal
@pure
def buffer(_policy: uint256) -> uint256:
    return (_policy >> BUFFER) & MASK_16


@internal
@pure
def growth(_policy: uint256) -> uint256:
    return (_policy >> GROWTH) & MASK_16


@internal
@pure
def liquid_floor(_policy: uint256) -> uint256:
    return (_policy >> LIQUID_FLOOR) & MASK_16


@internal
@pure
def wind_down_at(_policy: uint256) -> uint256:
    return (_policy >> WIND_DOWN_AT) & MASK_40


@internal
@pure
def redeem_paused_until(_policy: uint256) -> uint256:
    return (_policy >> REDEEM_PAUSED_UNTIL) & MASK_40


@internal
@pure
def mint_paused(_policy: uint256) -> bool:
    return (_policy >> MINT_PAUSED) & MASK_8 != 0


@internal
@pure
def basket_fee(_policy: uint256) -> uint256:
    return (_policy >> BASKET_FEE) & MASK_16


@internal
@pure
def par_share(_policy: uint256) -> uint256:
    return (_policy >> PAR_SHARE) & MASK_16


@internal
@pure
def par_limit(_policy: uint256, _backing: uint256) -> uint256:
    """
    @notice Most AID, in whole dollars, that redemption of one coin may have left at par at a time: a
            part of the reserve, which counts as ten million at least.
    """
    return self.par_share(_policy) * max(_backing // WAD, LEAST_RESERVE) // BPS


@internal
@pure
def replaced(_policy: uint256, _shift: uint256, _mask: uint256, _value: uint256) -> uint256:
    """
    @notice The word with one field replaced; the caller has bounded the value.
    """
    return (_policy & ~(_mask << _shift)) | (_value << _shift)
