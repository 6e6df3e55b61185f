# pragma version 0.4.3
# pragma optimize gas
"""
@title Configurator: what governance and guardian may set at the Gateway
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Checks every setting against its bounds, packs it and hands it to the Gateway, which stores
        packed words and obeys nobody else. Holds no funds and no state: settings are read from the
        Gateway, where they act.
@dev Apart from the Gateway for its size, and so that the code that moves money stays short. It can
     never touch what the reserve holds, only the terms on which it is taken and paid.
"""
from ethereum.ercs import IERC4626

from ..interfaces import IAID
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IRoles
from . import asset_terms
from . import buckets
from . import policy


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


event VaultSet:
    vault: indexed(address)
    cap: uint256


event VaultRemoved:
    vault: indexed(address)


event MintPaused:
    pass


event MintUnpaused:
    pass


event RedeemPaused:
    until: uint256


event RedeemUnpaused:
    pass


event WindDownStarted:
    at: uint256


event ParameterSet:
    name: String[20]
    value: uint256


# What governance decides about the reserve as a whole.
struct Parameters:
    total_cap: uint256  # whole AID
    deficit_delta_bps: uint256
    buffer_bps: uint256
    max_growth_bps: uint256  # of a vault, a year
    liquid_floor_bps: uint256


MAX_ASSETS: public(constant(uint256)) = 8
MAX_VAULTS: public(constant(uint256)) = 4

GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")

MAX_PAUSE: public(constant(uint256)) = 14 * 86_400
COOLDOWN: public(constant(uint256)) = 7 * 86_400
WIND_DOWN_DELAY: public(constant(uint256)) = 14 * 86_400

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


# Coins


@external
def add_asset(_asset: address, _params: IGateway.AssetParams):
    """
    @notice Accept a coin. Its limits start full.
    @dev Coin and feed have at most 18 decimals; fees are at most 100 bps, band and deviation at
         most 500 bps. For every pair of coins, the mint fee of one and the redemption fee of the
         other add up to at least either feed's deviation.
    @param _asset The coin.
    @param _params Its terms: fees, band, deviation in bps, cap in whole tokens, capacities in whole
           AID a day.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "own token" (AID cannot back itself), "asset exists" (as coin or
                    vault), "too many assets", "no code", "decimals", "max age", "fee too high", "band too wide", "cap too high",
                    "capacity", "spread below deviation".
    """
    self._only_governor()
    assert _asset != AID.address, "own token"
    self._check_new(_asset)
    assert policy.coins(staticcall self._gateway().policy()) < MAX_ASSETS, "too many assets"
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
    self._only_governor()
    self._terms_of(_asset)
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
    self._only_governor()
    self._terms_of(_asset)
    coins: DynArray[address, 8] = self._coins()
    i: uint256 = self._place_of(_asset, coins)
    last: uint256 = len(coins) - 1
    count: uint256 = len(self._vaults())
    for k: uint256 in range(count, bound=4):
        assert (self._vault_terms(k) >> 160) & policy.MASK_8 != i, "asset in use"
    extcall self._gateway().delist_asset(_asset)
    # The last coin has taken its place; the vaults over that follow.
    for k: uint256 in range(count, bound=4):
        terms: uint256 = self._vault_terms(k)
        if (terms >> 160) & policy.MASK_8 == last:
            extcall self._gateway().write_vault(k, (terms & ~(policy.MASK_8 << 160)) | (i << 160))
    log AssetRemoved(asset=_asset)


@external
def pause_asset(_asset: address, _mint: bool, _redeem: bool):
    """
    @notice Close or open a coin for minting and for normal redemption. While coins that can be
            redeemed hold less than a tenth of what closed ones do the basket is open, so this alone
            never locks a holder in.
    @dev A basket takes no fee: close the open coins' minting too where this opens it, or whoever
         mints and redeems pays one fee instead of two.
    @param _asset The coin.
    @param _mint Whether minting is closed.
    @param _redeem Whether normal redemption is closed.
    @custom:access GUARDIAN closes, GOVERNOR closes and opens.
    @custom:reverts "not guardian", "guardian may only tighten", "unknown asset".
    """
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = self._words_of(_asset)
    flags: uint256 = (convert(_mint, uint256) * asset_terms.MINT_PAUSED) | (
        convert(_redeem, uint256) * asset_terms.REDEEM_PAUSED
    )
    self._check_guardian((terms >> 248) & ~flags == 0)
    extcall self._gateway().write_asset(
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
    terms, ledger, flow = self._words_of(_asset)
    self._check_guardian(True)
    assert _cap < ledger >> 208, "cap not lower"
    extcall self._gateway().write_asset(_asset, terms, _cap, flow)
    log CapLowered(asset=_asset, cap=_cap)


# Vaults


@external
def add_vault(_vault: address, _cap: uint256):
    """
    @notice Allow the reserve to hold an ERC-4626 vault over an accepted coin.
    @dev Its shares are handed out in baskets, so they must be transferable; a vault with entry or
         exit fees fails the loss bound of `allocate` and `deallocate`.
    @param _vault The vault.
    @param _cap Most that may be booked in it when allocating, whole tokens of its coin.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "asset exists" (as coin or vault), "cap too high",
                    "unknown asset", "too many vaults".
    """
    self._only_governor()
    assert _vault.is_contract, "no code"
    self._check_new(_vault)
    coin: address = staticcall IERC4626(_vault).asset()
    self._terms_of(coin)
    count: uint256 = len(self._vaults())
    assert count < MAX_VAULTS, "too many vaults"
    self._set_vault(
        _vault,
        count,
        convert(_vault, uint256)
        | (self._place_of(coin, self._coins()) << 160)
        | (block.timestamp << 168),
        _cap,
    )


@external
def set_vault_cap(_vault: address, _cap: uint256):
    """
    @notice Change the cap of a vault; what is booked above it stays.
    @param _vault The vault.
    @param _cap Whole tokens of its coin.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "unknown vault", "cap too high".
    """
    self._only_governor()
    i: uint256 = self._vault_index(_vault)
    self._set_vault(_vault, i, self._vault_terms(i), _cap)


@external
def remove_vault(_vault: address):
    """
    @notice Forget a vault.
    @param _vault The vault.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "unknown vault", "vault in use" while shares of it are held.
                    Shares that are owed can still be claimed.
    """
    self._only_governor()
    extcall self._gateway().delist_vault(self._vault_index(_vault))
    log VaultRemoved(vault=_vault)


# The reserve as a whole


@external
def pause_mint():
    """
    @notice Stop minting and harvesting until GOVERNOR allows them again.
    @custom:access GUARDIAN, GOVERNOR (an installation starts closed).
    @custom:reverts "not guardian".
    """
    self._check_guardian(True)
    self._write(policy.MINT_PAUSED, policy.MASK_8, 1)
    log MintPaused()


@external
def unpause_mint():
    """
    @notice Allow minting and harvesting again.
    @custom:access GOVERNOR.
    @custom:reverts "not governor".
    """
    self._only_governor()
    self._write(policy.MINT_PAUSED, policy.MASK_8, 0)
    log MintUnpaused()


@external
def pause_redeem():
    """
    @notice Stop redemption, baskets and funding included, for MAX_PAUSE; the pause ends by itself.
    @dev AID's own pause stops redemption too. Were its cooldown not respected here, the two pauses
         by turns would lock holders in for good; so they do for 2 * MAX_PAUSE at most.
    @custom:access GUARDIAN.
    @custom:reverts "not guardian", "pause cooldown" until COOLDOWN after the end of the last pause,
                    of redemption or of AID, hence also during one.
    """
    self._only_guardian()
    assert block.timestamp >= staticcall AID.cooldown_until(), "pause cooldown"
    last: uint256 = policy.redeem_paused_until(staticcall self._gateway().policy())
    assert last == 0 or block.timestamp >= last + COOLDOWN, "pause cooldown"
    until: uint256 = block.timestamp + MAX_PAUSE
    self._write(policy.REDEEM_PAUSED_UNTIL, policy.MASK_40, until)
    log RedeemPaused(until=until)


@external
def unpause_redeem():
    """
    @notice End a pause of redemption early; the cooldown counts from now.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "not paused".
    """
    self._only_governor()
    assert block.timestamp < policy.redeem_paused_until(
        staticcall self._gateway().policy()
    ), "not paused"
    self._write(policy.REDEEM_PAUSED_UNTIL, policy.MASK_40, block.timestamp)
    log RedeemUnpaused()


@external
def start_wind_down():
    """
    @notice End minting, funding and harvesting for good; after WIND_DOWN_DELAY the basket is open
            to every holder.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "winding down".
    """
    self._only_governor()
    assert policy.wind_down_at(staticcall self._gateway().policy()) == 0, "winding down"
    at: uint256 = block.timestamp + WIND_DOWN_DELAY
    self._write(policy.WIND_DOWN_AT, policy.MASK_40, at)
    log WindDownStarted(at=at)


@external
def set_total_cap(_cap: uint256):
    """
    @notice Limit the supply that minting may lead to. Repayments and harvests are not bound by it.
    @param _cap Whole AID.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._set("total_cap", policy.TOTAL_CAP, policy.MASK_48, _cap, 0, policy.MASK_48)


@external
def set_deficit_delta(_bps: uint256):
    """
    @notice Set how far B may fall below the supply before redemption becomes a basket.
    @param _bps 25 to 50.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._set("deficit_delta_bps", policy.DEFICIT_DELTA, policy.MASK_16, _bps, 25, 50)


@external
def set_buffer_bps(_bps: uint256):
    """
    @notice Set the surplus that a harvest leaves, as a part of the supply.
    @param _bps At most 1,000.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._set("buffer_bps", policy.BUFFER, policy.MASK_16, _bps, 0, 1_000)


@external
def set_max_growth_bps(_bps: uint256):
    """
    @notice Set the fastest growth of a vault that is recognised. Growth until now is recognised at
            the old rate.
    @param _bps A year, at most 2,000.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._set("max_growth_bps", policy.GROWTH, policy.MASK_16, _bps, 0, 2_000)


@external
def set_liquid_floor_bps(_bps: uint256):
    """
    @notice Set the part of a coin's position that stays outside vaults when the treasurer
            allocates.
    @param _bps At most 10,000.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "out of range".
    """
    self._set("liquid_floor_bps", policy.LIQUID_FLOOR, policy.MASK_16, _bps, 0, 10_000)


# Views


@external
@view
def roles() -> address:
    """
    @notice Where roles are held.
    """
    return ROLES.address


@external
@view
def gateway() -> address:
    """
    @notice The Gateway that is configured.
    """
    return self._gateway().address


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
    terms, ledger, flow = self._words_of(_asset)
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
    flags: uint256 = self._terms_of(_asset) >> 248
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
    return (self._words_of(_asset)[1] >> 112) & (2**96 - 1)


@external
@view
def available(_asset: address) -> (uint256, uint256):
    """
    @notice What the limits of a coin let be minted and redeemed now.
    @param _asset The coin.
    @return AID to mint, AID to redeem.
    @custom:reverts "unknown asset".
    """
    mint_level: uint256 = 0
    redeem_level: uint256 = 0
    mint_level, redeem_level = buckets.levels(self._words_of(_asset)[2])
    return mint_level * buckets.MICRO, redeem_level * buckets.MICRO


@external
@view
def vault_position(_vault: address) -> (uint256, uint256, address):
    """
    @notice The reserve's position in a vault.
    @param _vault The vault.
    @return Shares, units booked, and the coin; zeros for a vault that is not listed.
    """
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = self._position_of(_vault)
    if terms == 0:
        return 0, 0, empty(address)
    return holding & (2**128 - 1), holding >> 128, self._coins()[(terms >> 160) & policy.MASK_8]


@external
@view
def vault_cap(_vault: address) -> uint256:
    """
    @notice Most that may be booked in a vault when allocating.
    @param _vault The vault.
    @return Whole tokens of its coin; 0 for a vault that is not listed.
    """
    return self._position_of(_vault)[0] >> 208


@external
@view
def parameters() -> Parameters:
    """
    @notice What governance has set for the reserve as a whole.
    """
    word: uint256 = staticcall self._gateway().policy()
    return Parameters(
        total_cap=policy.total_cap(word),
        deficit_delta_bps=policy.deficit_delta(word),
        buffer_bps=policy.buffer(word),
        max_growth_bps=policy.growth(word),
        liquid_floor_bps=policy.liquid_floor(word),
    )


@external
@view
def mint_paused() -> bool:
    """
    @notice Whether minting is stopped for every coin.
    """
    return policy.mint_paused(staticcall self._gateway().policy())


@external
@view
def redeem_paused_until() -> uint256:
    """
    @notice When the current pause of redemption ends, or the last one ended.
    @return Unix time; 0 if redemption was never paused.
    """
    return policy.redeem_paused_until(staticcall self._gateway().policy())


@external
@view
def wind_down_at() -> uint256:
    """
    @notice From when the basket is open to every holder.
    @return Unix time; 0 if no wind-down has started.
    """
    return policy.wind_down_at(staticcall self._gateway().policy())


# Internals


@internal
def _set_asset(_asset: address, _params: IGateway.AssetParams):
    old: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    old, ledger, flow = staticcall self._gateway().asset_words(_asset)
    terms: uint256 = asset_terms.packed(_asset, _params, old >> 248)
    # A coin that changes its decimals would change the worth of what is held.
    assert old == 0 or asset_terms.scale(old) == asset_terms.scale(terms), "decimals"
    coins: DynArray[address, 8] = self._coins()
    for other: address in coins:
        if other != _asset:
            asset_terms.check_spread(terms, self._terms_of(other))
    extcall self._gateway().write_asset(
        _asset,
        terms,
        _params.cap,
        buckets.resized(flow, _params.mint_capacity, _params.redeem_capacity),
    )
    log AssetSet(asset=_asset, params=_params)


@internal
def _set_vault(_vault: address, _i: uint256, _terms: uint256, _cap: uint256):
    assert _cap <= asset_terms.MAX_CAP, "cap too high"
    extcall self._gateway().write_vault(_i, (_terms & (2**208 - 1)) | (_cap << 208))
    log VaultSet(vault=_vault, cap=_cap)


@internal
def _set(
    _name: String[20],
    _shift: uint256,
    _mask: uint256,
    _value: uint256,
    _least: uint256,
    _most: uint256,
):
    self._only_governor()
    assert _value >= _least and _value <= _most, "out of range"
    self._write(_shift, _mask, _value)
    log ParameterSet(name=_name, value=_value)


@internal
def _write(_shift: uint256, _mask: uint256, _value: uint256):
    extcall self._gateway().write_policy(
        policy.replaced(staticcall self._gateway().policy(), _shift, _mask, _value)
    )


@internal
@view
def _gateway() -> IGatewayWords:
    return IGatewayWords(staticcall AID.gateway())


@internal
@view
def _position_of(_vault: address) -> (uint256, uint256):
    """
    @return Terms and holding; zeros for a vault that is not listed.
    """
    vaults: DynArray[address, 4] = self._vaults()
    i: uint256 = self._place_of(_vault, vaults)
    if i == len(vaults):
        return 0, 0
    terms: uint256 = 0
    holding: uint256 = 0
    terms, holding = staticcall self._gateway().vault_words(i)
    return terms, holding


@internal
@view
def _vault_index(_vault: address) -> uint256:
    vaults: DynArray[address, 4] = self._vaults()
    i: uint256 = self._place_of(_vault, vaults)
    assert i != len(vaults), "unknown vault"
    return i


@internal
@view
def _vault_terms(_i: uint256) -> uint256:
    return (staticcall self._gateway().vault_words(_i))[0]


@internal
@pure
def _place_of(_token: address, _tokens: DynArray[address, 8]) -> uint256:
    """
    @return Place of a token in a list; the list's length if it is not there.
    """
    i: uint256 = 0
    for token: address in _tokens:
        if token == _token:
            return i
        i += 1
    return i


@internal
@view
def _coins() -> DynArray[address, 8]:
    return staticcall IGateway(self._gateway().address).assets()


@internal
@view
def _vaults() -> DynArray[address, 4]:
    return staticcall IGateway(self._gateway().address).vaults()


@internal
@view
def _check_new(_token: address):
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = staticcall self._gateway().asset_words(_token)
    assert terms == 0 and self._position_of(_token)[0] == 0, "asset exists"


@internal
@view
def _words_of(_asset: address) -> (uint256, uint256, uint256):
    terms: uint256 = 0
    ledger: uint256 = 0
    flow: uint256 = 0
    terms, ledger, flow = staticcall self._gateway().asset_words(_asset)
    assert terms != 0, "unknown asset"
    return terms, ledger, flow


@internal
@view
def _terms_of(_asset: address) -> uint256:
    return self._words_of(_asset)[0]


@internal
@view
def _only_governor():
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"


@internal
@view
def _only_guardian():
    assert staticcall ROLES.hasRole(GUARDIAN, msg.sender), "not guardian"


@internal
@view
def _check_guardian(_tightens: bool):
    if not staticcall ROLES.hasRole(GOVERNOR, msg.sender):
        self._only_guardian()
        assert _tightens, "guardian may only tighten"
