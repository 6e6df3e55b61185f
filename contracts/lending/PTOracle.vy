# pragma version 0.4.3
# pragma optimize gas
"""
@title PTOracle
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Price of a principal token of staked AID as collateral, for Morpho Blue and markets like it:

            price = min(linear discount * min(1, rate / index), TWAP) * AID in the loan coin

        in 1e36, rounded down. The linear discount falls from `1 - DISCOUNT_RATE * years left` to
        nothing at expiry, whatever the market says: no purchase of principal tokens lifts the price
        above it. The TWAP is that of Pendle's oracle, itself capped by rate / index, so that no
        sale within one block lowers the price by much. A loss of the vault (`rate` below `index`)
        counts in full at once, before expiry and after.
@dev Sources, all fixed at deployment: the standardized yield's `exchangeRate`, the yield token's
     stored index, Pendle's oracle for one market, a StableSwap pool, a Chainlink-style feed. Nobody
     governs it. A price that cannot be told reverts, as with `VaultOracle`.
"""

from ethereum.ercs import IERC20Detailed
from ..interfaces import IPendleMarket
from ..interfaces import IPendleOracle
from ..interfaces import IStandardizedYield
from ..interfaces import IYieldToken

from . import loan_value

initializes: loan_value

WAD: constant(uint256) = 10**18
YEAR: constant(uint256) = 365 * 86_400
# 100 % a year
MOST_DISCOUNT: constant(uint256) = 10**18
LEAST_WINDOW: constant(uint256) = 300
MOST_WINDOW: constant(uint256) = 86_400

MARKET: public(immutable(address))
ORACLE: public(immutable(address))
SY: public(immutable(address))
PT: public(immutable(address))
YT: public(immutable(address))
EXPIRY: public(immutable(uint256))
WINDOW: public(immutable(uint32))
DISCOUNT_RATE: public(immutable(uint256))


@deploy
def __init__(
    _market: address,
    _oracle: address,
    _window: uint32,
    _discount_rate: uint256,
    _loan: address,
    _pool: address,
    _feed: address,
    _max_age: uint256,
):
    """
    @notice Fix the market and the sources.
    @param _market Pendle market of the principal token; its standardized yield accounts in AID.
    @param _oracle Pendle's oracle.
    @param _window Seconds of the TWAP, 5 minutes to a day; the market must have recorded as much.
    @param _discount_rate Linear discount, WAD a year, at most 100 %; above zero at deployment.
    @param _loan What is lent: AID, or the other coin of the pool.
    @param _pool StableSwap pool of AID and the loan coin; zero where AID is lent.
    @param _feed Dollar feed of the loan coin; zero where AID is lent.
    @param _max_age Seconds for which the feed counts as fresh; zero where AID is lent.
    """
    sy: address = empty(address)
    pt: address = empty(address)
    yt: address = empty(address)
    sy, pt, yt = staticcall IPendleMarket(_market).readTokens()
    kind: uint8 = 0
    aid: address = empty(address)
    decimals: uint8 = 0
    kind, aid, decimals = staticcall IStandardizedYield(sy).assetInfo()
    # the price counts a whole principal token as a whole AID at expiry
    assert decimals == 18 and staticcall IERC20Detailed(pt).decimals() == 18, "decimals"
    window: uint256 = convert(_window, uint256)
    assert LEAST_WINDOW <= window and window <= MOST_WINDOW, "window out of bounds"
    expiry: uint256 = staticcall IPendleMarket(_market).expiry()
    assert block.timestamp < expiry, "market expired"
    assert _discount_rate <= MOST_DISCOUNT, "rate out of bounds"
    assert _discount_rate * (expiry - block.timestamp) < WAD * YEAR, "discount too large"

    lacks_room: bool = False
    room: uint16 = 0
    long_enough: bool = False
    lacks_room, room, long_enough = staticcall IPendleOracle(_oracle).getOracleState(
        _market, _window
    )
    assert not lacks_room and long_enough, "short history"

    MARKET = _market
    ORACLE = _oracle
    SY = sy
    PT = pt
    YT = yt
    EXPIRY = expiry
    WINDOW = _window
    DISCOUNT_RATE = _discount_rate
    loan_value.__init__(aid, pt, _loan, _pool, _feed, _max_age)


@external
@view
def price() -> uint256:
    """
    @notice Return the price of the market's collateral.
    @return Loan units for one unit of principal tokens, 1e36, rounded down.
    @custom:reverts "stale price"; whatever Pendle, pool or feed revert with.
    """
    return loan_value._scaled(self._pt_in_aid())


@external
@view
def pt_in_aid() -> uint256:
    """
    @notice Return what one whole principal token counts for.
    @return AID in WAD, rounded down.
    @custom:reverts Whatever Pendle reverts with.
    """
    return self._pt_in_aid()


@external
@view
def linear_discount() -> uint256:
    """
    @notice Return the most that one whole principal token may count for now.
    @return AID in WAD, rounded down.
    """
    return self._linear()


@external
@view
def aid_usd() -> uint256:
    """
    @notice Return what one whole AID counts for in dollars.
    @return WAD, at most 1, rounded down; 1 where AID is lent.
    @custom:reverts "stale price"; whatever pool or feed revert with.
    """
    return loan_value._aid_usd()


@internal
@view
def _pt_in_aid() -> uint256:
    """
    @notice Compute what one whole principal token counts for.
    @return AID in WAD, rounded down.
    @custom:reverts Whatever Pendle reverts with.
    """
    rate: uint256 = staticcall IStandardizedYield(SY).exchangeRate()
    index: uint256 = max(rate, staticcall IYieldToken(YT).pyIndexStored())
    linear: uint256 = self._linear() * rate // index
    # caps the average by rate / index itself; tells 1 from expiry on
    average: uint256 = staticcall IPendleOracle(ORACLE).getPtToAssetRate(MARKET, WINDOW)
    return min(linear, average)


@internal
@view
def _linear() -> uint256:
    """
    @notice Compute the linear discount of now.
    @return AID in WAD for one whole principal token, rounded down.
    """
    if block.timestamp >= EXPIRY:
        return WAD
    # above zero since deployment. Up: the discount is against the borrower
    discounted: uint256 = DISCOUNT_RATE * unsafe_sub(EXPIRY, block.timestamp)
    return WAD - (discounted + YEAR - 1) // YEAR
