# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The Gateway's settings: packed words, as its Configurator writes them
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The Configurator has checked what it writes; the words are drawn in policy.vy, asset_terms.vy,
        reserve.vy, buckets.vy and positions.vy.
"""
from ..interfaces import IGateway
from . import gate
from . import positions
from . import reserve

uses: gate
uses: positions
uses: reserve


# Configurator


@external
def write_policy(_policy: uint256):
    """
    @notice Store the settings of the reserve as a whole; the counts in the word are ignored.
    @param _policy Packed as in policy.vy.
    @custom:access Configurator.
    @custom:reverts "not configurator".
    """
    gate._check_configurator()
    reserve.write_policy(_policy)


@external
def write_asset(_asset: address, _terms: uint256, _cap: uint256, _flow: uint256):
    """
    @notice Store the settings of a coin and list it if it is new.
    @param _asset The coin.
    @param _terms Packed as in asset_terms.vy, not zero.
    @param _cap Whole tokens.
    @param _flow Packed as in buckets.vy.
    @custom:access Configurator.
    @custom:reverts "not configurator".
    """
    gate._check_configurator()
    reserve.write_asset(_asset, _terms, _cap, _flow)


@external
def delist_asset(_asset: address):
    """
    @notice Forget a coin; the last one takes its place in `assets()`.
    @param _asset The coin.
    @custom:access Configurator.
    @custom:reverts "not configurator", "unknown asset", "asset in use".
    """
    gate._check_configurator()
    reserve.delist_asset(_asset)


@external
def write_vault(_i: uint256, _terms: uint256):
    """
    @notice Store the terms of a vault; the first free place lists a new one.
    @param _i Its place in `vaults()`.
    @param _terms Packed as in positions.vy.
    @custom:access Configurator.
    @custom:reverts "not configurator".
    """
    gate._check_configurator()
    reserve.write_vault(_i, _terms)


@external
def delist_vault(_i: uint256):
    """
    @notice Forget a vault; the last one takes its place in `vaults()`.
    @param _i Its place in `vaults()`.
    @custom:access Configurator.
    @custom:reverts "not configurator", "vault in use".
    """
    gate._check_configurator()
    reserve.delist_vault(_i)


# Views


@external
@view
def backing() -> IGateway.Backing:
    """
    @notice The reserve against the supply, and the mode that follows from it.
    @return 18 decimals; a price that is stale counts as it was last seen, and a vault that cannot
            be read as nothing.
    """
    v: reserve.Valuation = reserve.valuation(reserve.NO_FOCUS, gate._supply())
    return IGateway.Backing(
        backing=v.backing, backing_par=v.par, supply=v.supply, deficit=v.deficit, stale=v.stale
    )


@external
@view
def wound_down() -> bool:
    """
    @notice Whether a wind-down's delay is over: the basket is open to every holder.
    """
    return gate._wound_down(reserve.policy)


@external
@view
def price_of(_asset: address) -> (uint256, bool):
    """
    @notice Price of a coin.
    @param _asset The coin.
    @return WAD, 0 if there is none; and whether it is fresh.
    @custom:reverts "unknown asset".
    """
    return reserve.price_at(reserve.index_of(_asset))


@external
@view
def assets() -> DynArray[address, 8]:
    """
    @notice Accepted coins, in the order of basket legs.
    """
    return reserve.assets()


@external
@view
def vaults() -> DynArray[address, 4]:
    """
    @notice Listed vaults, in the order of basket legs, after the coins.
    """
    return reserve.vaults()


@external
@view
def units_of(_asset: address) -> uint256:
    """
    @notice Units of a coin in the reserve, outside vaults. What is owed or in escrow is no part of
            it.
    @param _asset The coin.
    @custom:reverts "unknown asset".
    """
    return reserve.units_at(reserve.index_of(_asset))


@external
@view
def owed(_account: address, _token: address) -> uint256:
    """
    @notice What `claim_owed` pays an account.
    @param _account Who redeemed a basket.
    @param _token The coin or vault share.
    """
    return reserve.owed[_account][_token]


@external
@view
def reserved(_token: address) -> uint256:
    """
    @notice How much of a token is owed or in escrow, and so no part of the reserve.
    @param _token The coin or vault share.
    """
    return reserve.reserved[_token]


@external
@view
def policy() -> uint256:
    """
    @notice The settings of the reserve as a whole, packed as in policy.vy.
    """
    return reserve.policy


@external
@view
def vault_words(_i: uint256) -> (uint256, uint256):
    """
    @notice The packed words of a vault.
    @param _i Its place in `vaults()`.
    @return Terms and holding, as in positions.vy; zeros where there is none.
    """
    return positions.words_at(_i)


@external
@view
def asset_words(_asset: address) -> (uint256, uint256, uint256):
    """
    @notice The packed words of a coin.
    @param _asset The coin.
    @return Terms, ledger, flow; zeros for a coin that is not accepted.
    """
    return reserve.words_of(_asset)
