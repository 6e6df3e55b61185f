# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize gas
"""
@title Treasury: moves the reserve's coins into vaults and back, and harvests what they earn
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice TREASURER says what to move; the Gateway hands it over, and counts what comes back under its
        own lock. Nothing stays here between calls. What vaults have reported is remembered here, and
        says how much of the Gateway's surplus is ripe for the stakers.
@dev Apart from the Gateway for its size, and so that no vault is ever approved by the contract that
     holds the reserve.
"""
from ethereum.ercs import IERC4626

from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IRoles
from ..interfaces import IStakedAID
from ..interfaces import ITreasury
from . import asset_terms
from . import policy
from . import position_value as positions
from . import tokens
from . import vault_reports

implements: ITreasury

initializes: vault_reports


interface StakersGateway:
    def staked_aid() -> IStakedAID: view


WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10**4
DAY: constant(uint256) = 86_400
WEEK: constant(uint256) = 7 * DAY
DAILY_BPS: constant(uint256) = 10  # of staked AID's assets, most that harvests mint a day
MASK_128: constant(uint256) = 2**128 - 1

TREASURER: constant(bytes32) = keccak256("TREASURER")

ROLES: immutable(IRoles)
AID: immutable(IAID)

_harvested_at: uint256


@deploy
def __init__(_roles: IRoles, _aid: IAID):
    """
    @notice Serve the Gateway of one dollar, whichever AID names; so this contract can be deployed
            before it.
    @param _roles Where roles are held.
    @param _aid The dollar.
    """
    ROLES = _roles
    AID = _aid


@external
def allocate(_vault: address, _units: uint256) -> uint256:
    """
    @notice Move units of a coin into a vault.
    @param _vault A listed vault over the coin.
    @param _units Units to deposit.
    @return Shares received.
    @custom:access TREASURER.
    @custom:reverts "not treasurer", "zero amount", "winding down", "unknown vault", "insufficient
                    units", "allocation loss" if it costs more than one unit or takes B_par below the
                    supply, "liquid floor", "vault cap".
    """
    self._check_treasurer(_units)
    gateway: IGateway = self._gateway()
    words: IGatewayWords = IGatewayWords(gateway.address)
    assert policy.wind_down_at(staticcall words.policy()) == 0, "winding down"
    i: uint256 = self._index_of(_vault)
    first: bool = (staticcall words.vault_words(i))[1] == 0
    shares: uint256 = extcall gateway.rebalance(i, _units, 0)
    if first:
        vault_reports.seed(_vault, shares, _units)
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = staticcall words.vault_words(i)
    one: uint256 = WAD // self._scale(words, _vault)
    assert holding >> 128 <= (terms >> 208) * one, "vault cap"
    log ITreasury.Allocated(vault=_vault, units=_units, shares=shares)
    return shares


@external
def deallocate(_vault: address, _shares: uint256) -> uint256:
    """
    @notice Redeem shares of a vault for units of its coin. In every mode, also from a vault that
            cannot be read.
    @param _vault A listed vault.
    @param _shares Shares to redeem.
    @return Units received.
    @custom:access TREASURER.
    @custom:reverts "not treasurer", "zero amount", "unknown vault", "insufficient shares",
                    "allocation loss" if it costs more than one unit or takes B_par below the
                    supply.
    """
    self._check_treasurer(_shares)
    units: uint256 = extcall self._gateway().rebalance(self._index_of(_vault), 0, _shares)
    log ITreasury.Deallocated(vault=_vault, units=units, shares=_shares)
    return units


@external
@reentrant
def change(_vault: address, _asset: address, _units: uint256, _shares: uint256):
    """
    @notice Invest units that have arrived, or redeem shares that have, for the Gateway.
    @dev Not under the lock, which `allocate` and `deallocate` hold; the Gateway's own lock is on.
    @param _vault The vault.
    @param _asset Its coin.
    @param _units Units to invest; 0 to redeem.
    @param _shares Shares to redeem.
    @custom:access The Gateway.
    @custom:reverts "not gateway", "allocation loss" if the vault takes less than it was given.
    """
    assert msg.sender == self._gateway().address, "not gateway"
    given: address = _vault if _units == 0 else _asset
    before: uint256 = tokens.held(given)
    if _units != 0:
        tokens.approve(_asset, _vault, _units)
        extcall IERC4626(_vault).deposit(_units, msg.sender)
    else:
        extcall IERC4626(_vault).redeem(_shares, msg.sender, self)
    # All that was given is spent, so no allowance stays behind.
    assert tokens.held(given) + _units + _shares == before, "allocation loss"


@external
def harvest() -> uint256:
    """
    @notice Remember what the vaults report, and have the Gateway mint the ripe part of its surplus to
            staked AID, where it vests: at most 10 bps of its assets for each day since the last harvest,
            for seven days at most. The rest waits in the reserve. Normal mode only.
    @return AID minted.
    @custom:access Anyone.
    @custom:reverts "winding down", "mint paused", "nothing to harvest" (also in deficit mode).
    """
    gateway: IGateway = self._gateway()
    staked: IStakedAID = staticcall StakersGateway(gateway.address).staked_aid()
    extcall staked.sync()
    self._remember(gateway.address)
    minted: uint256 = self._harvestable(gateway, staked)
    assert minted != 0, "nothing to harvest"
    self._harvested_at = block.timestamp
    extcall gateway.pay_surplus(minted)
    return minted


@external
def report():
    """
    @notice Remember what the vaults report, and lower the book of one whose reports have all been below
            it for a week.
    @custom:access Anyone.
    """
    self._remember(self._gateway().address)


# Views


@external
@view
def harvestable() -> uint256:
    """
    @notice What `harvest` mints now.
    @return AID.
    """
    gateway: IGateway = self._gateway()
    return self._harvestable(gateway, staticcall StakersGateway(gateway.address).staked_aid())


@external
@view
def vault_words(_vault: address) -> (uint256, uint256):
    """
    @notice The packed words of what a vault has reported, as in vault_reports.vy.
    @param _vault The vault.
    @return Prices, run; zeros if there is none.
    """
    return vault_reports.words_of(_vault)


@external
@view
def gateway() -> address:
    """
    @notice The Gateway whose reserve is invested.
    """
    return self._gateway().address


# Internals


@internal
def _remember(_gateway: address):
    words: IGatewayWords = IGatewayWords(_gateway)
    growth: uint256 = policy.growth(staticcall words.policy())
    i: uint256 = 0
    vaults: DynArray[address, 4] = self._vaults(_gateway)
    for vault: address in vaults:
        terms: uint256 = 0
        holding: uint256 = 0
        terms, holding = staticcall words.vault_words(i)
        report: uint256 = self._reported(vault, holding)
        if report != 0:
            grown: uint256 = self._grown(terms, holding, growth)
            book: uint256 = vault_reports.remember(vault, holding & MASK_128, report, grown)
            if book < grown:
                extcall IGateway(_gateway).lower_book(i, book)
        i += 1


@internal
@view
def _harvestable(_gateway: IGateway, _staked: IStakedAID) -> uint256:
    """
    @return The surplus, less what vaults have not reported for long enough, and no more than may be
            minted since the last harvest.
    """
    words: IGatewayWords = IGatewayWords(_gateway.address)
    growth: uint256 = policy.growth(staticcall words.policy())
    unripe: uint256 = 0
    i: uint256 = 0
    vaults: DynArray[address, 4] = self._vaults(_gateway.address)
    for vault: address in vaults:
        terms: uint256 = 0
        holding: uint256 = 0
        terms, holding = staticcall words.vault_words(i)
        report: uint256 = self._reported(vault, holding)
        if report != 0:
            value: uint256 = min(report, self._grown(terms, holding, growth))
            ripe: uint256 = vault_reports.ripe(vault, holding & MASK_128, report)
            unripe += (value - min(value, ripe)) * self._scale(words, vault)
        i += 1
    surplus: uint256 = staticcall _gateway.surplus()
    elapsed: uint256 = min(block.timestamp - self._harvested_at, WEEK)
    most: uint256 = staticcall _staked.totalAssets() * (elapsed * DAILY_BPS) // (BPS * DAY)
    return min(max(surplus, unripe) - unripe, most)


@internal
@view
def _reported(_vault: address, _holding: uint256) -> uint256:
    """
    @notice What a vault reports for the shares held; 0 if there are none, or it cannot be read.
    """
    if _holding & MASK_128 == 0:
        return 0
    return positions.reported(_vault, _holding & MASK_128)


@internal
@view
def _grown(_terms: uint256, _holding: uint256, _growth_bps: uint256) -> uint256:
    return positions.grown(_holding >> 128, _terms, _growth_bps)


@internal
@view
def _scale(_words: IGatewayWords, _vault: address) -> uint256:
    """
    @notice Wei of AID per unit of a vault's coin, at par.
    """
    coin: address = staticcall IERC4626(_vault).asset()
    return asset_terms.scale((staticcall _words.asset_words(coin))[0])


@internal
@view
def _vaults(_gateway: address) -> DynArray[address, 4]:
    return staticcall IGateway(_gateway).vaults()


@internal
@view
def _check_treasurer(_amount: uint256):
    assert staticcall ROLES.hasRole(TREASURER, msg.sender), "not treasurer"
    assert _amount != 0, "zero amount"


@internal
@view
def _index_of(_vault: address) -> uint256:
    i: uint256 = 0
    vaults: DynArray[address, 4] = self._vaults(self._gateway().address)
    for vault: address in vaults:
        if vault == _vault:
            return i
        i += 1
    raise "unknown vault"


@internal
@view
def _gateway() -> IGateway:
    return IGateway(staticcall AID.gateway())
