# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The Gateway's exchange: AID for coins and back, for known users
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Coins come in at min(1, price) and go out at max(1, price), less a fee; a basket is the same part
        of everything.
@dev Every entry point reads: deadline, requirements, state, conversion, effects, log, transfers.
     Where coins come in they come first, for only what arrived counts.
"""
from ..interfaces import IGateway
from . import asset_terms
from . import gate
from . import policy as policy_word
from . import reserve
from . import tokens
from . import refusals

uses: gate
uses: reserve

WAD: constant(uint256) = 10**18


# Users


@external
def mint(
    _asset: address,
    _amount: uint256,
    _min_out: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Bring units of a coin, receive AID.
    @dev What arrived counts, not what was sent: aid = (units - fee, up) * min(1, price), rounded
         down.
    @param _asset The coin.
    @param _amount Units to pull from the caller, who has approved them.
    @param _min_out Least AID to accept.
    @param _receiver Receives the AID; anyone who is not denied.
    @param _deadline Last second in which the call may be included.
    @return AID minted.
    @custom:access Callers with valid KYC.
    @custom:reverts "deadline passed", "zero amount", "kyc required", "denied", "unknown asset",
                    "mint paused", "stale price", "price out of band", "winding down", "deficit",
                    "transfer failed", "min out", "asset cap", "total cap", "mint limit".
    """
    return self._mint(_asset, _amount, _min_out, _receiver, _deadline)


@external
def mint_with_permit(
    _asset: address,
    _amount: uint256,
    _min_out: uint256,
    _deadline: uint256,
    _v: uint8,
    _r: bytes32,
    _s: bytes32,
) -> uint256:
    """
    @notice `mint` to the caller, after an EIP-2612 permit of the coin for exactly `_amount` until
            `_deadline`.
    @dev A permit that fails is ignored: whoever front-ran it has set the allowance it was for.
    @param _asset The coin.
    @param _amount Units to pull from the caller.
    @param _min_out Least AID to accept.
    @param _deadline Last second for the permit and for the call.
    @param _v Signature of the permit.
    @param _r Signature of the permit.
    @param _s Signature of the permit.
    @return AID minted.
    @custom:access Callers with valid KYC.
    @custom:reverts As `mint`.
    """
    # No stranger is called.
    if reserve.is_listed(_asset) and not raw_call(
        _asset,
        abi_encode(
            msg.sender,
            self,
            _amount,
            _deadline,
            _v,
            _r,
            _s,
            method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
        ),
        revert_on_failure=False,
    ):
        pass
    return self._mint(_asset, _amount, _min_out, msg.sender, _deadline)


@external
def redeem(
    _asset: address,
    _amount: uint256,
    _min_out: uint256,
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Burn AID, receive units of one coin. Normal mode only.
    @dev units = (aid - fee, up) / max(1, price), rounded down.
    @param _asset The coin.
    @param _amount AID of the caller to burn; needs no allowance.
    @param _min_out Least units to accept.
    @param _receiver Receives the units; needs KYC too, if it is not the caller.
    @param _deadline Last second in which the call may be included.
    @return Units paid.
    @custom:access Callers with valid KYC.
    @custom:reverts "deadline passed", "zero amount", "kyc required", "denied", "unknown asset",
                    "winding down" (once wound down), "redeem paused", "deficit", "stale price",
                    "price out of band" (above it), "min out", "insufficient units", "redeem limit", "transfer failed".
    """
    gate._check_call(_amount, _deadline)
    gate._check_leaver(_receiver, False)
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = self._redeemable(i)
    units: uint256 = 0
    fee: uint256 = 0
    units, fee = self._redeem_out(v, _amount)
    gate._check_out(units, _min_out)

    reserve.debit(i, v.ledger, units, fee)
    reserve.flow_out(i, _amount, policy_word.par_limit(v.policy, v.backing))
    log IGateway.Redeemed(
        caller=msg.sender, receiver=_receiver, asset=_asset, units=units, aid=_amount, fee=fee
    )
    gate._burn(_amount)
    tokens.push(_asset, _receiver, units)
    return units


@external
def redeem_basket(
    _amount: uint256,
    _min_outs: DynArray[uint256, 12],
    _receiver: address = msg.sender,
    _deadline: uint256 = max_value(uint256),
) -> DynArray[uint256, 12]:
    """
    @notice Burn AID for the same part of everything that the reserve holds, vault shares included.
            Always open, without limit. While redemption is normal it takes a fee, so that it is no
            cheaper a swap than two coins at late prices; in deficit, and once a wind-down has
            started, it takes none and needs no price.
    @dev part = (aid - fee, up) * held / whole, rounded down, see `reserve.valuation`; of a vault, less
         the shares of two units of its coin. A leg whose transfer fails, or takes more than 250,000
         gas, is kept for the *caller*, see `claim_owed`.
    @param _amount AID of the caller to burn; needs no allowance.
    @param _min_outs Least amounts in the order of `assets()`, then `vaults()`: one for each, or none
           at all.
    @param _receiver Receives the legs; needs KYC too, if it is not the caller.
    @param _deadline Last second in which the call may be included.
    @return Amounts of the legs, in that order.
    @custom:access Callers with valid KYC; once wound down, everyone.
    @custom:reverts "deadline passed", "zero amount", "kyc required", "denied", "redeem paused",
                    "min outs" (their number), "min out".
    """
    gate._check_call(_amount, _deadline)
    v: reserve.Valuation = reserve.valuation(reserve.NO_FOCUS, gate._supply())
    wound_down: bool = gate._wound_down(v.policy)
    gate._check_leaver(_receiver, wound_down)
    gate._check_redeem_open(v.policy, v.terms)
    parts: DynArray[uint256, 12] = reserve.basket(_amount, v)

    legs: address[12] = empty(address[12])
    refusals._require(len(_min_outs) == 0 or len(_min_outs) == len(parts), refusals.MIN_OUTS)
    for k: uint256 in range(len(parts), bound=12):
        if len(_min_outs) != 0:
            gate._check_min_out(parts[k], _min_outs[k])
        legs[k] = reserve.debit_leg(k, parts[k])
    log IGateway.BasketRedeemed(caller=msg.sender, receiver=_receiver, aid=_amount)
    gate._burn(_amount)
    for k: uint256 in range(len(parts), bound=12):
        if parts[k] != 0 and not tokens.try_push(legs[k], _receiver, parts[k]):
            reserve.keep(msg.sender, legs[k], parts[k])
            log IGateway.LegKept(account=msg.sender, token=legs[k], amount=parts[k])
    return parts


@external
def claim_owed(_token: address, _receiver: address) -> uint256:
    """
    @notice Pay the caller what a basket could not deliver. Never paused.
    @param _token The coin or vault share.
    @param _receiver Receives it; needs KYC too, if it is not the caller.
    @return Amount paid.
    @custom:access Callers with valid KYC; once wound down, everyone.
    @custom:reverts "kyc required", "denied", "nothing owed", "transfer failed".
    """
    gate._check_leaver(_receiver, gate._wound_down(reserve.policy))
    gate._check_not_denied(msg.sender)
    amount: uint256 = reserve.take_owed(msg.sender, _token)
    log IGateway.OwedClaimed(account=msg.sender, token=_token, receiver=_receiver, amount=amount)
    tokens.push(_token, _receiver, amount)
    return amount


# Views


@external
@view
def quote_mint(_asset: address, _amount: uint256) -> uint256:
    """
    @notice What `mint` gives now.
    @param _asset The coin.
    @param _amount Units that arrive.
    @return AID, to the wei.
    @custom:reverts As `mint`, but for KYC, deny list, caps and limits.
    """
    v: reserve.Valuation = reserve.valuation(reserve.index_of(_asset), gate._supply())
    self._check_mintable(v.policy, v.terms, v.price, v.fresh, v.deficit)
    return self._mint_out(v.terms, v.scale, v.price, _amount)[0]


@external
@view
def quote_redeem(_asset: address, _amount: uint256) -> uint256:
    """
    @notice What `redeem` pays now.
    @param _asset The coin.
    @param _amount AID.
    @return Units, to the unit.
    @custom:reverts As `redeem`, but for KYC, deny list, units held and limits.
    """
    return self._redeem_out(self._redeemable(reserve.index_of(_asset)), _amount)[0]


@external
@view
def quote_basket(_amount: uint256) -> DynArray[uint256, 12]:
    """
    @notice What `redeem_basket` pays now.
    @param _amount AID.
    @return Amounts of the legs in the order of `assets()`, then `vaults()`.
    """
    return reserve.basket(_amount, reserve.valuation(reserve.NO_FOCUS, gate._supply()))


# Internals


@internal
def _mint(
    _asset: address, _amount: uint256, _min_out: uint256, _receiver: address, _deadline: uint256
) -> uint256:
    gate._check_call(_amount, _deadline)
    gate._check_kyc(msg.sender)
    if _receiver != msg.sender:
        gate._check_not_denied(msg.sender)  # AID looks at the receiver itself
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = reserve.valuation(i, gate._supply())
    self._check_mintable(v.policy, v.terms, v.price, v.fresh, v.deficit)

    units: uint256 = tokens.pull(_asset, msg.sender, _amount)
    out: uint256 = 0
    fee: uint256 = 0
    out, fee = self._mint_out(v.terms, v.scale, v.price, units)
    gate._check_out(out, _min_out)
    self._check_room(v.position + units, reserve.cap(v.ledger, v.scale), v.supply + out, v.policy)

    reserve.credit(i, v.ledger, units, fee)
    reserve.flow_in(i, out, policy_word.par_limit(v.policy, v.backing))
    log IGateway.Minted(
        caller=msg.sender, receiver=_receiver, asset=_asset, units=units, aid=out, fee=fee
    )
    gate._issue(_receiver, out)
    return out


@internal
@view
def _check_mintable(
    _policy: uint256, _terms: uint256, _price: uint256, _fresh: bool, _deficit: bool
):
    """
    @dev The coin in focus mints now. Fields instead of a valuation: it is long to copy.
    """
    gate._check_mint_open(_policy, _terms)
    gate._check_fresh(_fresh)
    gate._check_band(_price, asset_terms.band(_terms))
    gate._check_normal(_deficit)


@internal
@view
def _redeemable(_i: uint256) -> reserve.Valuation:
    """
    @dev The state with coin `_i` in focus, if that coin is open to normal redemption now.
    """
    v: reserve.Valuation = reserve.valuation(_i, gate._supply())
    gate._check_not_ending(gate._wound_down(v.policy))
    gate._check_redeem_open(v.policy, v.terms)
    gate._check_normal(v.deficit)
    gate._check_fresh(v.fresh)
    # A price that is too high would pay too little: the basket is open.
    refusals._require(
        not asset_terms.above(v.price, asset_terms.band(v.terms)), refusals.PRICE_OUT_OF_BAND
    )
    return v


@internal
@pure
def _mint_out(
    _terms: uint256, _scale: uint256, _price: uint256, _units: uint256
) -> (uint256, uint256):
    """
    @return AID for `_units`, rounded down, and the units kept as fee, rounded up.
    """
    fee: uint256 = asset_terms.mint_fee_up(_terms, _units)
    return asset_terms.to_aid_down(_units - fee, _scale, _price), fee


@internal
@pure
def _redeem_out(_v: reserve.Valuation, _amount: uint256) -> (uint256, uint256):
    """
    @return Units for `_amount` of AID, rounded down, and the units kept as fee.
    """
    net: uint256 = _amount - asset_terms.redeem_fee_up(_v.terms, _amount)
    units: uint256 = asset_terms.to_units_down(net, _v.scale, _v.price)
    return units, asset_terms.to_units_down(_amount, _v.scale, _v.price) - units


@internal
@pure
def _check_room(_position: uint256, _cap: uint256, _supply: uint256, _policy: uint256):
    """
    @dev The position of a coin and the supply, as they will be, stay within their caps.
    """
    refusals._require(_position <= _cap, refusals.ASSET_CAP)
    refusals._require(_supply <= policy_word.total_cap(_policy) * WAD, refusals.TOTAL_CAP)
