# pragma version 0.4.3
# pragma optimize gas
"""
@title VaultOracle
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Price of staked AID as collateral, for Morpho Blue and markets like it:

            price = min(exit NAV, its average) * AID in the loan coin        (1e36, rounded down)

        Sources, all fixed at deployment: `convertToAssets` of the vault, which is its *exit* NAV,
        net of impairment and of unvested profit; the moving average of a StableSwap pool; a
        Chainlink-style feed of the loan coin. Nobody governs it.
@dev A price that cannot be told reverts: then nothing is borrowed or liquidated, while repayment
     and whatever else touches no debt goes on.
"""

from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626

from . import loan_value
from . import nav_average

initializes: loan_value
initializes: nav_average


event Poked:
    nav: uint256  # recorded as far as the average allows, WAD
    value: uint256  # what counts, WAD


VAULT: public(immutable(address))
_SHARE: immutable(uint256)


@deploy
def __init__(
    _vault: address,
    _loan: address,
    _pool: address,
    _feed: address,
    _max_age: uint256,
    _period: uint256,
    _max_rise: uint256,
):
    """
    @notice Fix the vault and the sources.
    @param _vault ERC-4626 vault of AID whose shares are the collateral.
    @param _loan What is lent: AID, or the other coin of the pool.
    @param _pool StableSwap pool of AID and the loan coin; zero where AID is lent.
    @param _feed Dollar feed of the loan coin; zero where AID is lent.
    @param _max_age Seconds for which the feed counts as fresh; zero where AID is lent.
    @param _period Period of the NAV's average, seconds.
    @param _max_rise How far above the average a record may be, WAD.
    """
    aid: address = staticcall IERC4626(_vault).asset()
    # AID in WAD per whole share
    assert staticcall IERC20Detailed(aid).decimals() == 18, "decimals"
    VAULT = _vault
    loan_value.__init__(aid, _vault, _loan, _pool, _feed, _max_age)
    _SHARE = loan_value.COLLATERAL_UNIT
    nav_average.__init__(staticcall IERC4626(_vault).convertToAssets(_SHARE), _period, _max_rise)


@external
def poke() -> uint256:
    """
    @notice Record the vault's exit NAV of now. Anyone, at any time: a poke lowers the value at once
            where the NAV has fallen, and raises it only as time passes.
    @return What one whole share counts for, AID in WAD.
    @custom:reverts "nav out of range"; whatever the vault reverts with.
    """
    nav: uint256 = self._nav()
    value: uint256 = nav_average._poke(nav)
    log Poked(nav=nav, value=value)
    return value


@external
@view
def price() -> uint256:
    """
    @notice Return the price of the market's collateral.
    @return Loan units for one unit of shares, 1e36, rounded down.
    @custom:reverts "stale price"; whatever vault, pool or feed revert with.
    """
    return loan_value._scaled(nav_average._value(self._nav()))


@external
@view
def nav() -> uint256:
    """
    @notice Return what one whole share counts for: min(exit NAV, its average).
    @return AID in WAD, rounded down.
    @custom:reverts Whatever the vault reverts with.
    """
    return nav_average._value(self._nav())


@external
@view
def aid_usd() -> uint256:
    """
    @notice Return what one whole AID counts for in dollars.
    @return WAD, at most 1, rounded down; 1 where AID is lent.
    @custom:reverts "stale price"; whatever pool or feed revert with.
    """
    return loan_value._aid_usd()


@external
@view
def average() -> (uint256, uint256, uint256):
    """
    @notice Return what the last poke left.
    @return Average and record, AID in WAD, and Unix time.
    """
    word: uint256 = nav_average._word
    mask: uint256 = nav_average.MASK_112
    return word & mask, (word >> 112) & mask, word >> 224


@internal
@view
def _nav() -> uint256:
    """
    @notice Read the vault's exit NAV.
    @return AID in WAD for one whole share, rounded down by the vault.
    """
    return staticcall IERC4626(VAULT).convertToAssets(_SHARE)
