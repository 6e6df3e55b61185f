# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize gas
"""
@title Treasury: the hand that moves the reserve's coins into vaults and back
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice TREASURER says what to move; the Gateway hands it over, and counts what comes back under its
        own lock. Nothing stays here between calls.
@dev Apart from the Gateway for its size, and so that no vault is ever approved by the contract that
     holds the reserve.
"""
from ethereum.ercs import IERC4626

from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IRoles
from ..interfaces import ITreasury
from . import asset_terms
from . import policy
from . import tokens

implements: ITreasury

WAD: constant(uint256) = 10**18
TREASURER: constant(bytes32) = keccak256("TREASURER")

ROLES: immutable(IRoles)
AID: immutable(IAID)


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
    shares: uint256 = extcall gateway.rebalance(i, _units, 0)
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = staticcall words.vault_words(i)
    coin: address = staticcall IERC4626(_vault).asset()
    one: uint256 = WAD // asset_terms.scale((staticcall words.asset_words(coin))[0])
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
@view
def gateway() -> address:
    """
    @notice The Gateway whose reserve is invested.
    """
    return self._gateway().address


@internal
@view
def _check_treasurer(_amount: uint256):
    assert staticcall ROLES.hasRole(TREASURER, msg.sender), "not treasurer"
    assert _amount != 0, "zero amount"


@internal
@view
def _index_of(_vault: address) -> uint256:
    i: uint256 = 0
    vaults: DynArray[address, 4] = staticcall self._gateway().vaults()
    for vault: address in vaults:
        if vault == _vault:
            return i
        i += 1
    raise "unknown vault"


@internal
@view
def _gateway() -> IGateway:
    return IGateway(staticcall AID.gateway())
