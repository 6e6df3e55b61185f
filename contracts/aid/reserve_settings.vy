# pragma version 0.4.3
"""
@title The reserve as a whole: pauses, wind-down, caps and bounds
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Each is a field of the Gateway's policy word, see policy.vy.
"""
from . import policy
from . import settings_access

uses: settings_access


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


MAX_PAUSE: public(constant(uint256)) = 14 * 86_400
COOLDOWN: public(constant(uint256)) = 7 * 86_400
WIND_DOWN_DELAY: public(constant(uint256)) = 14 * 86_400


@external
def pause_mint():
    """
    @notice Stop minting and harvesting until GOVERNOR allows them again.
    @custom:access GUARDIAN, GOVERNOR (an installation starts closed).
    @custom:reverts "not guardian".
    """
    settings_access._check_tightens(True)
    self._write(policy.MINT_PAUSED, policy.MASK_8, 1)
    log MintPaused()


@external
def unpause_mint():
    """
    @notice Allow minting and harvesting again.
    @custom:access GOVERNOR.
    @custom:reverts "not governor".
    """
    settings_access._check_governor()
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
    settings_access._check_guardian()
    assert block.timestamp >= staticcall settings_access.AID.cooldown_until(), "pause cooldown"
    last: uint256 = policy.redeem_paused_until(staticcall settings_access._gateway().policy())
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
    settings_access._check_governor()
    assert block.timestamp < policy.redeem_paused_until(
        staticcall settings_access._gateway().policy()
    ), "not paused"
    self._write(policy.REDEEM_PAUSED_UNTIL, policy.MASK_40, block.timestamp)
    log RedeemUnpaused()


@external
def start_wind_down():
    """
    @notice Harvest what is ripe, then end minting, funding and harvesting for good: from now on a
            basket is a part of the supply, without fee, so what is left of the surplus goes to who holds
            AID. After WIND_DOWN_DELAY the basket is open to every holder.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "winding down".
    """
    settings_access._check_governor()
    assert policy.wind_down_at(staticcall settings_access._gateway().policy()) == 0, "winding down"
    # What is ripe is still the stakers'; where nothing can be harvested now, nothing is.
    if not raw_call(
        staticcall settings_access.AID.gateway(), method_id("harvest()"), revert_on_failure=False
    ):
        pass
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
def parameters() -> Parameters:
    """
    @notice What governance has set for the reserve as a whole.
    """
    word: uint256 = staticcall settings_access._gateway().policy()
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
    return policy.mint_paused(staticcall settings_access._gateway().policy())


@external
@view
def redeem_paused_until() -> uint256:
    """
    @notice When the current pause of redemption ends, or the last one ended.
    @return Unix time; 0 if redemption was never paused.
    """
    return policy.redeem_paused_until(staticcall settings_access._gateway().policy())


@external
@view
def wind_down_at() -> uint256:
    """
    @notice From when the basket is open to every holder.
    @return Unix time; 0 if no wind-down has started.
    """
    return policy.wind_down_at(staticcall settings_access._gateway().policy())


# Internals


@internal
def _set(
    _name: String[20],
    _shift: uint256,
    _mask: uint256,
    _value: uint256,
    _least: uint256,
    _most: uint256,
):
    settings_access._check_governor()
    assert _value >= _least and _value <= _most, "out of range"
    self._write(_shift, _mask, _value)
    log ParameterSet(name=_name, value=_value)


@internal
def _write(_shift: uint256, _mask: uint256, _value: uint256):
    extcall settings_access._gateway().write_policy(
        policy.replaced(staticcall settings_access._gateway().policy(), _shift, _mask, _value)
    )
