# pragma version 0.4.3
"""
@title AID in the coin that a market lends
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice With `p` the moving average of what AID costs in the coin at the StableSwap pool, and `u`
        the coin's dollar price by its feed:

            AID/USD = min(1, p * u)            one AID in coins = min(1, AID/USD / u)

        so AID never counts for more than a dollar, nor for more than one coin: who borrows coins
        that have lost their peg owes whole ones when they find it again. Where AID itself is lent,
        it counts as one, and neither pool nor feed is asked.

        A pool quotes vault shares by what they hold, without their rate. So neither AID nor the
        coin may be one: a share at 1.05 would count as one coin, and its true rate, which a
        donation moves within a transaction, would move every loan.
@dev Immutables only. The price of a market is 1e36 * loan units / collateral units.
"""
from ethereum.ercs import IERC20Detailed
from ..interfaces import IPriceFeed
from ..interfaces import IStableSwap

WAD: constant(uint256) = 10**18
MAX_AGE_LIMIT: constant(uint256) = 7 * 86400
# The pool's average takes in at most 2 for a dollar in AID, so it would never tell of AID below
# 50 cents. From here on it is not believed without the price of the moment.
DEEP: constant(uint256) = 3 * WAD // 2

AID: immutable(address)
LOAN: immutable(address)
POOL: immutable(IStableSwap)
FEED: immutable(IPriceFeed)
MAX_AGE: immutable(uint256)
AID_AT: immutable(uint256)
FEED_UNIT: immutable(uint256)
LOAN_UNIT: immutable(uint256)
COLLATERAL_UNIT: immutable(uint256)


@deploy
def __init__(
    _aid: address,
    _collateral: address,
    _loan: address,
    _pool: address,
    _feed: address,
    _max_age: uint256,
):
    """
    @notice Fix the sources.
    @param _aid AID.
    @param _collateral What is lent against; at most 18 decimals.
    @param _loan What is lent: AID, or the other coin of the pool.
    @param _pool StableSwap pool of AID and the loan coin; zero where AID is lent.
    @param _feed Chainlink-style dollar feed of the loan coin; zero where AID is lent.
    @param _max_age Seconds for which the feed counts as fresh, 1 to 7 days; zero where AID is lent.
    """
    AID = _aid
    LOAN = _loan
    POOL = IStableSwap(_pool)
    FEED = IPriceFeed(_feed)
    MAX_AGE = _max_age
    collateral_decimals: uint256 = convert(
        staticcall IERC20Detailed(_collateral).decimals(), uint256
    )
    loan_decimals: uint256 = convert(staticcall IERC20Detailed(_loan).decimals(), uint256)
    assert collateral_decimals <= 18 and loan_decimals <= 18, "decimals"
    COLLATERAL_UNIT = 10**collateral_decimals
    LOAN_UNIT = 10**loan_decimals

    aid_at: uint256 = 0
    feed_unit: uint256 = 1
    if _loan == _aid:
        assert _pool == empty(address) and _feed == empty(address) and _max_age == 0, "loan is aid"
    else:
        assert _max_age != 0 and _max_age <= MAX_AGE_LIMIT, "max age"
        aid_at = 0 if staticcall POOL.coins(0) == _aid else 1
        assert staticcall POOL.coins(aid_at) == _aid, "pool without aid"
        assert staticcall POOL.coins(1 - aid_at) == _loan, "pool without loan coin"
        assert not self._is_vault(_aid) and not self._is_vault(_loan), "vault share"
        feed_decimals: uint256 = convert(staticcall FEED.decimals(), uint256)
        assert feed_decimals <= 18, "decimals"
        feed_unit = 10**feed_decimals
    AID_AT = aid_at
    FEED_UNIT = feed_unit


@internal
@view
def _scaled(_value: uint256) -> uint256:
    """
    @notice Compute the market's price.
    @param _value AID that one whole collateral is worth, WAD.
    @return Loan units for one collateral unit, 1e36, rounded down.
    @custom:reverts "stale price"; whatever pool or feed revert with.
    """
    # (value / 1e18) * (aid in loan / 1e18) * 1e36 * units
    return _value * self._aid_in_loan() * LOAN_UNIT // COLLATERAL_UNIT


@internal
@view
def _aid_in_loan() -> uint256:
    """
    @notice Compute what one whole AID counts for in whole loan coins.
    @return WAD, at most 1, rounded down.
    @custom:reverts "stale price"; whatever pool or feed revert with.
    """
    if LOAN == AID:
        return WAD
    coin_usd: uint256 = self._coin_usd()
    return min(min(WAD, self._aid_in_coin()), WAD * WAD // coin_usd)


@internal
@view
def _aid_usd() -> uint256:
    """
    @notice Compute what one whole AID counts for in dollars.
    @return WAD, at most 1, rounded down; 1 where AID is lent.
    @custom:reverts "stale price"; whatever pool or feed revert with.
    """
    if LOAN == AID:
        return WAD
    return min(WAD, self._aid_in_coin() * self._coin_usd() // WAD)


@internal
@view
def _aid_in_coin() -> uint256:
    """
    @notice Read what one whole AID costs at the pool, by its moving average.
    @return Whole coins, WAD, rounded down.
    """
    # of coin 1 in coin 0, never zero
    average: uint256 = staticcall POOL.price_oracle(0)
    if AID_AT == 1:
        return average
    if average > DEEP:
        average = max(average, staticcall POOL.get_p(0))
    return WAD * WAD // average


@internal
@view
def _coin_usd() -> uint256:
    """
    @notice Read what one whole coin costs by its feed.
    @return Dollars, WAD, not zero.
    @custom:reverts "stale price".
    """
    round_id: uint80 = 0
    answer: int256 = 0
    started_at: uint256 = 0
    updated_at: uint256 = 0
    answered_in: uint80 = 0
    round_id, answer, started_at, updated_at, answered_in = staticcall FEED.latestRoundData()
    assert updated_at <= block.timestamp, "stale price"
    # just compared
    assert unsafe_sub(block.timestamp, updated_at) <= MAX_AGE, "stale price"
    assert answer > 0 and answered_in >= round_id, "stale price"
    return convert(answer, uint256) * WAD // FEED_UNIT


@internal
@view
def _is_vault(_token: address) -> bool:
    """
    @notice Tell whether a token names an asset, as each ERC-4626 vault does. A pool may be told to
            count a share at its rate or not, and does not say: both are refused.
    @param _token A coin of the pool.
    @return False for what answers nothing, or zero.
    """
    success: bool = False
    asset: Bytes[32] = b""
    success, asset = raw_call(
        _token,
        method_id("asset()"),
        max_outsize=32,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(asset) == 32 and convert(asset, uint256) != 0
