# pragma version 0.4.3
"""
@title The terms of one coin in one word
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Validation, packing and conversion, without storage:

            feed 160 | max_age 24 | feed decimals 8 | decimals 8 | mint fee 8 | redeem fee 8
            | deviation 16 | band 16 | flags 8                                     (low to high)
"""
from ethereum.ercs import IERC20Detailed
from ..interfaces import IGateway
from ..interfaces import IPriceFeed

WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10**4

MAX_AGE: constant(uint256) = 7 * 86400
MAX_FEE_BPS: constant(uint256) = 100
MAX_BAND_BPS: constant(uint256) = 500
MAX_CAP: constant(uint256) = 2**48 - 1

MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_160: constant(uint256) = 2**160 - 1

MINT_PAUSED: constant(uint256) = 1
REDEEM_PAUSED: constant(uint256) = 2


@internal
@view
def packed(_asset: address, _params: IGateway.AssetParams, _flags: uint256) -> uint256:
    """
    @notice Check the terms and pack them. Decimals of coin and feed are read, not told.
    """
    assert _asset.is_contract and _params.feed.is_contract, "no code"
    decimals: uint256 = convert(staticcall IERC20Detailed(_asset).decimals(), uint256)
    feed_decimals: uint256 = convert(staticcall IPriceFeed(_params.feed).decimals(), uint256)
    assert decimals <= 18 and feed_decimals <= 18, "decimals"
    assert _params.max_age != 0 and _params.max_age <= MAX_AGE, "max age"
    assert _params.mint_fee_bps <= MAX_FEE_BPS, "fee too high"
    assert _params.redeem_fee_bps <= MAX_FEE_BPS, "fee too high"
    assert (
        _params.band_bps <= MAX_BAND_BPS and _params.deviation_bps <= MAX_BAND_BPS
    ), "band too wide"
    assert _params.cap <= MAX_CAP, "cap too high"
    return (
        convert(_params.feed, uint256)
        | (_params.max_age << 160)
        | (feed_decimals << 184)
        | (decimals << 192)
        | (_params.mint_fee_bps << 200)
        | (_params.redeem_fee_bps << 208)
        | (_params.deviation_bps << 216)
        | (_params.band_bps << 232)
        | (_flags << 248)
    )


@internal
@pure
def unpacked(_terms: uint256) -> IGateway.AssetParams:
    """
    @notice The part of the parameters that lives in the word; cap and capacities are 0.
    """
    return IGateway.AssetParams(
        feed=self.feed(_terms),
        max_age=self.max_age(_terms),
        mint_fee_bps=(_terms >> 200) & MASK_8,
        redeem_fee_bps=(_terms >> 208) & MASK_8,
        deviation_bps=(_terms >> 216) & MASK_16,
        band_bps=self.band(_terms),
        cap=0,
        mint_capacity=0,
        redeem_capacity=0,
    )


@internal
@pure
def check_spread(_a: uint256, _b: uint256):
    """
    @notice Require that going in by one coin and out by the other costs what a feed may lag behind,
            both ways: else the Gateway is a free swap at a late price.
    """
    deviation: uint256 = max((_a >> 216) & MASK_16, (_b >> 216) & MASK_16)
    assert ((_a >> 200) & MASK_8) + ((_b >> 208) & MASK_8) >= deviation, "spread below deviation"
    assert ((_b >> 200) & MASK_8) + ((_a >> 208) & MASK_8) >= deviation, "spread below deviation"


@internal
@pure
def feed(_terms: uint256) -> address:
    return convert(_terms & MASK_160, address)


@internal
@pure
def max_age(_terms: uint256) -> uint256:
    return (_terms >> 160) & MASK_24


@internal
@pure
def feed_decimals(_terms: uint256) -> uint256:
    return (_terms >> 184) & MASK_8


@internal
@pure
def scale(_terms: uint256) -> uint256:
    """
    @notice Wei of AID per unit of the coin, at par.
    """
    return 10**unsafe_sub(18, (_terms >> 192) & MASK_8)


@internal
@pure
def has(_terms: uint256, _flag: uint256) -> bool:
    return (_terms >> 248) & _flag != 0


@internal
@pure
def band(_terms: uint256) -> uint256:
    return (_terms >> 232) & MASK_16


@internal
@pure
def within(_price: uint256, _band_bps: uint256) -> bool:
    """
    @notice Whether a price is at most `_band_bps` away from one dollar.
    """
    distance: uint256 = max(_price, WAD) - min(_price, WAD)
    return distance * BPS <= _band_bps * WAD


@internal
@pure
def to_aid_down(_units: uint256, _scale: uint256, _price: uint256) -> uint256:
    """
    @notice What `_units` mint at min(1, price), rounded down.
    """
    return _units * _scale * min(_price, WAD) // WAD


@internal
@pure
def to_units_up(_aid: uint256, _scale: uint256, _price: uint256) -> uint256:
    """
    @notice Least units that mint `_aid` at min(1, price), which is not 0.
    """
    per_unit: uint256 = min(_price, WAD) * _scale
    return (_aid * WAD + (per_unit - 1)) // per_unit


@internal
@pure
def to_units_down(_aid: uint256, _scale: uint256, _price: uint256) -> uint256:
    """
    @notice What `_aid` redeems for at max(1, price), rounded down.
    """
    return _aid * WAD // (max(_price, WAD) * _scale)


@internal
@pure
def mint_fee_up(_terms: uint256, _units: uint256) -> uint256:
    """
    @notice Fee in units on `_units` brought in, rounded up.
    """
    return self._fee_up(_units, (_terms >> 200) & MASK_8)


@internal
@pure
def redeem_fee_up(_terms: uint256, _aid: uint256) -> uint256:
    """
    @notice Fee in wei of AID on `_aid` redeemed, rounded up.
    """
    return self._fee_up(_aid, (_terms >> 208) & MASK_8)


@internal
@pure
def _fee_up(_amount: uint256, _fee_bps: uint256) -> uint256:
    return (_amount * _fee_bps + (BPS - 1)) // BPS
