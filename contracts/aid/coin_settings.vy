# pragma version 0.4.3
"""
@title Coins: which the Gateway accepts, and on which terms
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Checks the terms of each coin and packs them; what follows from all of them together is reckoned here too.
"""
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from . import asset_terms
from . import buckets
from . import policy
from . import settings_access
from . import spread

uses: settings_access


event AssetSet:
    asset: indexed(address)
    params: IGateway.AssetParams


event AssetRemoved:
    asset: indexed(address)


event AssetPaused:
    asset: indexed(address)
    mint: bool
    redeem: bool


event CapLowered:
    asset: indexed(address)
    cap: uint256


MAX_ASSETS: public(constant(uint256)) = 8


@external
def add_asset(_asset: address, _params: IGateway.AssetParams):
    """
    @notice Accept a coin. Its limits start full.
    @dev Coin and feed have at most 18 decimals; fees are at most 100 bps, band and deviation at
         most 500 bps. Fee of a basket and part of the reserve that a coin may pay out at par follow
         from fees and deviations of all coins, see spread.vy.
    @param _asset The coin.
    @param _params Its terms: fees, band, deviation in bps, cap in whole tokens, capacities in whole
           AID a day.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "own token" (AID cannot back itself), "asset exists" (as coin or
                    vault), "too many assets", "no code", "decimals", "max age", "fee too high", "band too wide", "cap too high",
                    "capacity".
    """
    settings_access._check_governor()
    assert _asset != settings_access.AID.address, "own token"
    settings_access._check_new(_asset)
    assert (
        policy.coins(staticcall settings_access._gateway().policy()) < MAX_ASSETS
    ), "too many assets"
    self._set_asset(_asset, _params)


@external
def set_asset(_asset: address, _params: IGateway.AssetParams):
    """
    @notice Change the terms of a coin. What its limits have left is kept, up to the new capacities.
    @param _asset The coin.
    @param _params Its new terms, bounded as in `add_asset`.
    @custom:access GOVERNOR.
    @custom:reverts "unknown asset", and as `add_asset`.
    """
    settings_access._check_governor()
    settings_access._terms_of(_asset)
    self._set_asset(_asset, _params)


@external
def remove_asset(_asset: address):
    """
    @notice Forget a coin.
    @dev Pause its minting first, so that nobody adds units, and have the rest redeemed. What is
         owed of it can still be claimed; what is in escrow waits until the coin is accepted again.
    @param _asset The coin.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "unknown asset", "asset in use" while units are held or a vault
                    takes the coin.
    """
    settings_access._check_governor()
    settings_access._terms_of(_asset)
    coins: DynArray[address, 8] = settings_access._coins()
    i: uint256 = settings_access._place_of(_asset, coins)
    last: uint256 = len(coins) - 1
    count: uint256 = len(settings_access._vaults())
    for k: uint256 in range(count, bound=4):
        assert (settings_access._vault_terms(k) >> 160) & policy.MASK_8 != i, "asset in use"
    extcall settings_access._gateway().delist_asset(_asset)
    # The last coin has taken its place; the vaults over that follow.
    for k: uint256 in range(count, bound=4):
        terms: uint256 = settings_access._vault_terms(k)
        if (terms >> 160) & policy.MASK_8 == last:
            extcall settings_access._gateway().write_vault(
                k, (terms & ~(policy.MASK_8 << 160)) | (i << 160)
            )
    self._follow_terms()
    log AssetRemoved(asset=_asset)


@external
def pause_asset(_asset: address, _mint: bool, _redeem: bool):
    """
    @notice Close or open a coin for minting and for normal redemption. The basket stays
            open, so this alone never locks a holder in.
    @param _asset The coin.
    @param _mint Whether minting is closed.
    @param _redeem Whether normal redemption is closed.
    @custom:access GUARDIAN closes, GOVERNOR closes and opens.
    @custom:reverts "not guardian", "guardian may only tighten", "unknown asset".
    """
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = settings_access._words_of(_asset)
    flags: uint256 = (convert(_mint, uint256) * asset_terms.MINT_PAUSED) | (
        convert(_redeem, uint256) * asset_terms.REDEEM_PAUSED
    )
    closed: uint256 = (terms >> 248) & (asset_terms.MINT_PAUSED | asset_terms.REDEEM_PAUSED)
    settings_access._check_tightens(closed & ~flags == 0)
    extcall settings_access._gateway().write_asset(
        _asset, (terms & (2**248 - 1)) | (flags << 248), ledger >> 208, flow
    )
    log AssetPaused(asset=_asset, mint=_mint, redeem=_redeem)


@external
def lower_cap(_asset: address, _cap: uint256):
    """
    @notice Lower the cap of a coin; what is held above it stays.
    @param _asset The coin.
    @param _cap Whole tokens, below the present cap.
    @custom:access GUARDIAN, GOVERNOR (who raises it by `set_asset`).
    @custom:reverts "not guardian", "unknown asset", "cap not lower".
    """
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = settings_access._words_of(_asset)
    settings_access._check_tightens(True)
    assert _cap < ledger >> 208, "cap not lower"
    extcall settings_access._gateway().write_asset(_asset, terms, _cap, flow)
    log CapLowered(asset=_asset, cap=_cap)


# Views


@external
@view
def asset_params(_asset: address) -> IGateway.AssetParams:
    """
    @notice The terms of a coin.
    @param _asset The coin.
    @return As given to `add_asset` or `set_asset` last, with the cap as lowered since.
    @custom:reverts "unknown asset".
    """
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = settings_access._words_of(_asset)
    params: IGateway.AssetParams = asset_terms.unpacked(terms)
    params.cap = ledger >> 208
    params.mint_capacity, params.redeem_capacity = buckets.capacities(flow)
    return params


@external
@view
def asset_paused(_asset: address) -> (bool, bool):
    """
    @notice Whether a coin is closed for minting, and for normal redemption.
    @param _asset The coin.
    @custom:reverts "unknown asset".
    """
    flags: uint256 = settings_access._terms_of(_asset) >> 248
    return flags & asset_terms.MINT_PAUSED != 0, flags & asset_terms.REDEEM_PAUSED != 0


@external
@view
def fees_of(_asset: address) -> uint256:
    """
    @notice Fees taken in a coin so far; they are part of the reserve.
    @param _asset The coin.
    @return Units.
    @custom:reverts "unknown asset".
    """
    return (settings_access._words_of(_asset)[1] >> 112) & (2**96 - 1)


@external
@view
def available(_asset: address) -> (uint256, uint256):
    """
    @notice What the limits of a coin let be minted and redeemed now.
    @param _asset The coin.
    @return AID to mint, AID to redeem.
    @custom:reverts "unknown asset".
    """
    gateway: address = settings_access._gateway().address
    limit: uint256 = policy.par_limit(
        staticcall IGatewayWords(gateway).policy(),
        (staticcall IGateway(gateway).backing()).backing,
    )
    mint_level: uint256 = 0
    redeem_level: uint256 = 0
    mint_level, redeem_level = buckets.levels(settings_access._words_of(_asset)[2], limit)
    return mint_level * buckets.MICRO, redeem_level * buckets.MICRO


@external
@view
def exit_terms() -> (uint256, uint256):
    """
    @notice What follows from the terms of all coins together, see spread.vy.
    @return Fee of a basket in normal mode, bps; part of the reserve that a coin may pay out at par,
            bps, 65,535 for more than there is.
    """
    word: uint256 = staticcall settings_access._gateway().policy()
    return policy.basket_fee(word), policy.par_share(word)


# Internals


@internal
def _set_asset(_asset: address, _params: IGateway.AssetParams):
    old: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    old, ledger, flow = staticcall settings_access._gateway().asset_words(_asset)
    terms: uint256 = asset_terms.packed(_asset, _params, old >> 248)
    # A coin that changes its decimals would change the worth of what is held.
    assert old == 0 or asset_terms.scale(old) == asset_terms.scale(terms), "decimals"
    extcall settings_access._gateway().write_asset(
        _asset,
        terms,
        _params.cap,
        buckets.resized(flow, _params.mint_capacity, _params.redeem_capacity),
    )
    self._follow_terms()
    log AssetSet(asset=_asset, params=_params)


@internal
def _follow_terms():
    """
    @dev What follows from the terms of all coins together is reckoned anew, so they can be set in any
         order.
    """
    terms: DynArray[uint256, 8] = []
    coins: DynArray[address, 8] = settings_access._coins()
    for coin: address in coins:
        terms.append(settings_access._terms_of(coin))
    word: uint256 = staticcall settings_access._gateway().policy()
    word = policy.replaced(word, policy.BASKET_FEE, policy.MASK_16, spread.basket_fee(terms))
    extcall settings_access._gateway().write_policy(
        policy.replaced(word, policy.PAR_SHARE, policy.MASK_16, spread.par_share(terms))
    )
