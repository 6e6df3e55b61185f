# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The Gateway's credit lane: what the desk lends and collects
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice AID for coins and back for the credit desk alone, without fee, limit or KYC.
"""
from ..interfaces import IGateway
from ..interfaces import IPayingDesk
from . import asset_terms
from . import exchange
from . import gate
from . import policy as policy_word
from . import reserve
from . import tokens
from . import refusals

uses: exchange
uses: gate
uses: reserve


# A payment that could not be priced when it came.
struct Escrow:
    asset: address
    units: uint256  # 0 once converted
    beneficiary: address
    paid_at: uint256
    aid: uint256  # minted for it, once converted


CREDIT_BAND_BPS: constant(uint256) = 25

_escrow_count: uint256
_escrows: HashMap[uint256, Escrow]


@external
def credit_redeem(_asset: address, _amount: uint256, _receiver: address) -> uint256:
    """
    @notice Burn the desk's AID and pay a borrower: the funding of a deal. Normal mode, without fee,
            limit or KYC.
    @param _asset The coin, within 25 bps of one dollar.
    @param _amount AID of the desk to burn; needs no allowance.
    @param _receiver Receives the units.
    @return Units paid, rounded down at max(1, price).
    @custom:access The credit desk: `portfolio()` of staked AID.
    @custom:reverts "not credit desk", "zero amount", "denied", "unknown asset", "redeem paused",
                    "deficit", "stale price", "winding down", "price out of band", "insufficient
                    units", "liquid floor", "transfer failed".
    """
    gate._check_desk(_amount)
    gate._check_not_denied(_receiver)
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = exchange._redeemable(i)
    gate._check_not_ending(policy_word.wind_down_at(v.policy) != 0)
    gate._check_band(v.price, CREDIT_BAND_BPS)
    units: uint256 = asset_terms.to_units_down(_amount, v.scale, v.price)

    reserve.debit(i, v.ledger, units, 0)
    refusals._require(reserve.is_liquid(v, units), refusals.LIQUID_FLOOR)
    log IGateway.CreditRedeemed(asset=_asset, receiver=_receiver, units=units, aid=_amount)
    gate._burn(_amount)
    tokens.push(_asset, _receiver, units)
    return units


@external
def credit_repay_or_wait(
    _asset: address, _units: uint256, _payer: address, _beneficiary: address
) -> (uint256, uint256):
    """
    @notice Have the desk bring a repayment, and mint the worth of what arrives at min(1, price).
            Accepted in every mode, without fee, limit or cap. While the price is stale or out of the
            coin's band, or AID is paused, the units wait in escrow, with the time of payment.
    @param _asset The coin.
    @param _units Units that the desk is asked for.
    @param _payer Whom the desk is to take them from; it knows who has agreed to that.
    @param _beneficiary Receives the AID.
    @return AID minted, rounded down, and 0; or 0 and the id (from 1) of the escrow.
    @custom:access The credit desk: `portfolio()` of staked AID.
    @custom:reverts "not credit desk", "zero amount", "unknown asset", "denied", and the desk's and the
                    coin's reasons.
    """
    gate._check_desk(_units)
    i: uint256 = reserve.index_of(_asset)
    before: uint256 = tokens.held(_asset)
    extcall IPayingDesk(msg.sender).bring(_asset, _units, _payer)
    units: uint256 = tokens.held(_asset) - before
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    terms: uint256 = reserve.terms_at(i)
    if (
        fresh
        and asset_terms.within(price, asset_terms.band(terms))
        and not staticcall gate.AID.paused()
    ):
        reserve.credit(i, reserve.ledger_at(i), units, 0)
        minted: uint256 = asset_terms.to_aid_down(units, asset_terms.scale(terms), price)
        log IGateway.CreditRepaid(asset=_asset, beneficiary=_beneficiary, units=units, aid=minted)
        gate._issue(_beneficiary, minted)
        return minted, 0

    id: uint256 = self._escrow_count + 1
    self._escrow_count = id
    self._escrows[id] = Escrow(
        asset=_asset, units=units, beneficiary=_beneficiary, paid_at=block.timestamp, aid=0
    )
    reserve.reserved[_asset] += units
    log IGateway.Escrowed(id=id, asset=_asset, beneficiary=_beneficiary, units=units)
    return 0, id


@external
def credit_repay(
    _asset: address,
    _most: uint256,
    _owed: uint256,
    _extra: uint256,
    _payer: address,
    _beneficiary: address,
) -> (uint256, uint256):
    """
    @notice Have the desk bring a repayment, and mint the worth of what arrives at min(1, price).
            In every mode, without fee. What is owed is held back by no cap and no limit; what is
            minted above it obeys all that `mint` does.
    @dev Nothing is asked for that could not be minted: units = min(_most, what `_owed + _extra` are
         worth, up).
    @param _asset The coin.
    @param _most Most units to bring.
    @param _owed AID wei that are owed.
    @param _extra AID wei that are taken beyond.
    @param _payer Whom the desk is to take them from; it knows who has agreed to that.
    @param _beneficiary Receives the AID.
    @return Units that arrived; AID minted, rounded down, never more than `_owed + _extra`.
    @custom:access The credit desk: `portfolio()` of staked AID.
    @custom:reverts "zero amount", "not credit desk", "unknown asset", "not convertible" while
                    `repayment_terms` says so, "zero amount" if what arrives is worth nothing, "denied",
                    the desk's and the coin's reasons; above what is owed "winding down", "mint
                    paused", "deficit", "asset cap", "total cap", "mint limit".
    """
    gate._check_desk(_most)
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = reserve.valuation(i, gate._supply())
    refusals._require(self._converts(v.policy, v.terms, v.price, v.fresh), refusals.NOT_CONVERTIBLE)
    wanted: uint256 = _owed + _extra
    before: uint256 = tokens.held(_asset)
    extcall IPayingDesk(msg.sender).bring(
        _asset, min(_most, asset_terms.to_units_up(wanted, v.scale, v.price)), _payer
    )
    units: uint256 = tokens.held(_asset) - before
    minted: uint256 = min(asset_terms.to_aid_down(units, v.scale, v.price), wanted)
    gate._check_amount(minted)
    if minted > _owed:
        gate._check_mint_open(v.policy, v.terms)
        gate._check_normal(v.deficit)
        exchange._check_room(
            v.position + units, reserve.cap(v.ledger, v.scale), v.supply + minted, v.policy
        )
        reserve.flow_in(i, unsafe_sub(minted, _owed), policy_word.par_limit(v.policy, v.backing))
    reserve.credit(i, v.ledger, units, 0)
    log IGateway.CreditRepaid(asset=_asset, beneficiary=_beneficiary, units=units, aid=minted)
    gate._issue(_beneficiary, minted)
    return units, minted


@external
def convert_escrow(_id: uint256) -> uint256:
    """
    @notice Take escrowed units into the reserve and mint their worth to the beneficiary.
    @param _id The escrow.
    @return AID minted, rounded down at min(1, price).
    @custom:access Anyone.
    @custom:reverts "unknown escrow" (or converted), "unknown asset" if the coin was removed (until
                    it is accepted again), "stale price", "price out of band"; and as AID's `mint`.
    """
    held: Escrow = self._escrows[_id]
    refusals._require(held.units != 0, refusals.UNKNOWN_ESCROW)
    i: uint256 = reserve.index_of(held.asset)
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    terms: uint256 = reserve.terms_at(i)
    gate._check_fresh(fresh)
    gate._check_band(price, asset_terms.band(terms))
    minted: uint256 = asset_terms.to_aid_down(held.units, asset_terms.scale(terms), price)

    self._escrows[_id].units = 0
    self._escrows[_id].aid = minted
    reserve.reserved[held.asset] -= held.units
    reserve.credit(i, reserve.ledger_at(i), held.units, 0)
    log IGateway.EscrowConverted(id=_id, aid=minted)
    gate._issue(held.beneficiary, minted)
    return minted


@external
@view
def repayment_terms(_asset: address) -> (uint256, bool, bool):
    """
    @notice On what terms a coin repays a deal now.
    @param _asset The coin.
    @return Price in WAD (0: none); whether it is usable, fresh and inside the band; whether
            `credit_repay` takes the coin: if it is usable, neither the coin nor the Gateway is closed
            for minting, and AID moves.
    @custom:reverts "unknown asset".
    """
    i: uint256 = reserve.index_of(_asset)
    terms: uint256 = reserve.terms_at(i)
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    return (
        price,
        self._usable(terms, price, fresh),
        self._converts(reserve.policy, terms, price, fresh),
    )


@external
@view
def escrow(_id: uint256) -> (address, uint256, address, uint256, uint256):
    """
    @notice A repayment that waits for a price, or has waited.
    @param _id From `credit_repay`.
    @return Coin, units (0 once converted), beneficiary, time of payment, AID minted (0 until
            converted); zeros if there is none.
    """
    held: Escrow = self._escrows[_id]
    return held.asset, held.units, held.beneficiary, held.paid_at, held.aid


# Internals


@internal
@pure
def _usable(_terms: uint256, _price: uint256, _fresh: bool) -> bool:
    return _fresh and asset_terms.within(_price, asset_terms.band(_terms))


@internal
@view
def _converts(_policy: uint256, _terms: uint256, _price: uint256, _fresh: bool) -> bool:
    return (
        self._usable(_terms, _price, _fresh)
        and not policy_word.mint_paused(_policy)
        and not asset_terms.has(_terms, asset_terms.MINT_PAUSED)
        and not staticcall gate.AID.paused()
    )
