# pragma version 0.4.3
# pragma optimize gas
"""
@title AdaptiveRate
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Rate model of lending markets with the ABI and the arithmetic of Morpho's adaptive-curve
        model. With the error e of utilisation u, -1 to 1 and zero at 90 %, and the rate at target r:

            e = (u - 90 %) / (u > 90 % ? 10 % : 90 %)
            rate = r * (1 + (e < 0 ? 3 / 4 : 3) * e)       a quarter of r to four times r
            r moves by e^(50 a year * e * dt), within 0.1 % and 200 %, from 4 %

        A borrower pays the rate at the average of r over the time since the last accrual, which is
        taken as (start + end + 2 * middle) / 4.
@dev Rates are a second and in WAD. Only the lending contract moves a market's rate.
"""

from . import exponential


struct MarketParams:
    loanToken: address
    collateralToken: address
    oracle: address
    irm: address
    lltv: uint256


struct Market:
    totalSupplyAssets: uint128
    totalSupplyShares: uint128
    totalBorrowAssets: uint128
    totalBorrowShares: uint128
    lastUpdate: uint128
    fee: uint128


event BorrowRateUpdate:
    id: indexed(bytes32)
    avgBorrowRate: uint256
    rateAtTarget: uint256


WAD: constant(int256) = 10**18
YEAR: constant(int256) = 365 * 86_400
TARGET: constant(int256) = 9 * 10**17
STEEPNESS: constant(int256) = 4 * WAD
SPEED: constant(int256) = 50 * WAD // YEAR
INITIAL: constant(int256) = 4 * 10**16 // YEAR
LEAST: constant(int256) = 10**15 // YEAR
MOST: constant(int256) = 2 * WAD // YEAR

MORPHO: public(immutable(address))

# by market id; zero before a market's creation
rateAtTarget: public(HashMap[bytes32, int256])


@deploy
def __init__(_morpho: address):
    """
    @notice Start without markets.
    @param _morpho The lending contract.
    """
    assert _morpho != empty(address), "zero address"
    MORPHO = _morpho


@external
def borrowRate(_params: MarketParams, _market: Market) -> uint256:
    """
    @notice Average rate since the market's last accrual; moves the rate at target. Lending contract
            only, which calls at every accrual and at the market's creation.
    @param _params What the market is.
    @param _market Its totals, as of the last accrual.
    @return A second, WAD, rounded down.
    @custom:reverts "not morpho".
    """
    assert msg.sender == MORPHO, "not morpho"
    id: bytes32 = keccak256(abi_encode(_params))
    average: uint256 = 0
    end: int256 = 0
    average, end = self._rates(id, _market)
    self.rateAtTarget[id] = end
    log BorrowRateUpdate(id=id, avgBorrowRate=average, rateAtTarget=convert(end, uint256))
    return average


@external
@view
def borrowRateView(_params: MarketParams, _market: Market) -> uint256:
    """
    @notice Compute what `borrowRate` would return now.
    @param _params What the market is.
    @param _market Its totals, as of the last accrual.
    @return A second, WAD, rounded down.
    """
    return self._rates(keccak256(abi_encode(_params)), _market)[0]


@internal
@view
def _rates(_id: bytes32, _market: Market) -> (uint256, int256):
    """
    @notice Compute the average rate since the last accrual, and the rate at target of now.
    @param _id Of the market.
    @param _market Its totals, as of the last accrual.
    @return Both a second, WAD, rounded down.
    """
    supplied: int256 = convert(_market.totalSupplyAssets, int256)
    utilisation: int256 = 0
    if supplied > 0:
        # 128-bit amounts: the product is below 2^188
        utilisation = convert(_market.totalBorrowAssets, int256) * WAD // supplied
    room: int256 = WAD - TARGET if utilisation > TARGET else TARGET
    err: int256 = (utilisation - TARGET) * WAD // room

    start: int256 = self.rateAtTarget[_id]
    average: int256 = INITIAL
    end: int256 = INITIAL
    if start != 0:
        # signed division truncates toward zero, here and below
        past: int256 = convert(block.timestamp - convert(_market.lastUpdate, uint256), int256)
        growth: int256 = SPEED * err // WAD * past
        average = start
        end = start
        if growth != 0:
            end = self._moved(start, growth)
            average = (start + end + 2 * self._moved(start, growth // 2)) // 4
    slope: int256 = WAD - WAD * WAD // STEEPNESS if err < 0 else STEEPNESS - WAD
    return convert((slope * err // WAD + WAD) * average // WAD, uint256), end


@internal
@pure
def _moved(_start: int256, _growth: int256) -> int256:
    """
    @notice Compute the rate at target after a growth.
    @dev The start is at most MOST < 2^37, the exponential below 2^195.
    @param _start Rate a second, WAD.
    @param _growth Its logarithm's change, WAD.
    @return A second, WAD, rounded down, from LEAST to MOST.
    """
    moved: int256 = _start * convert(exponential._exp(_growth), int256) // WAD
    return min(max(moved, LEAST), MOST)
