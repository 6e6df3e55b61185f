# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The Gateway's keeping: what the reserve earns, is given and invests
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Anyone may harvest and give; the Treasury moves coins into vaults and back.
"""
from ..interfaces import IGateway
from ..interfaces import IStakedAID
from . import asset_terms
from . import gate
from . import policy as policy_word
from . import positions
from . import reserve
from . import tokens
from . import refusals

uses: gate
uses: positions
uses: reserve

BPS: constant(uint256) = 10**4
# Both calls of a probe, and the rest: 1/64 stays with the caller.
LEAST_GAS: constant(uint256) = 600_000

_gifts: uint256  # AID wei that are never harvested


@external
def recapitalise(_asset: address, _amount: uint256):
    """
    @notice Give units of a coin to the reserve for nothing, to make good a loss. What they are worth
            now is never harvested: the buffer rises by it.
    @param _asset The coin.
    @param _amount Units to pull from the caller, who has approved them.
    @custom:access Anyone, in every mode; not while GUARDIAN keeps this coin from being minted with.
    @custom:reverts "zero amount", "unknown asset", "mint paused", "transfer failed".
    """
    gate._check_amount(_amount)
    i: uint256 = reserve.index_of(_asset)
    terms: uint256 = reserve.terms_at(i)
    # Else a unit from anybody could keep a coin that is given up from being removed.
    gate._check_not_paused(False, terms)
    units: uint256 = tokens.pull(_asset, msg.sender, _amount)
    reserve.credit(i, reserve.ledger_at(i), units, 0)
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    if fresh:
        self._gifts += asset_terms.to_aid_down(units, asset_terms.scale(terms), price)
    log IGateway.Recapitalised(sender=msg.sender, asset=_asset, units=units)


@external
@reentrant
def harvest() -> uint256:
    """
    @notice `harvest` of the Treasury, for whoever looks for it here.
    @dev Not under the lock: the Treasury comes back by `pay_surplus`, which is.
    @return AID minted.
    @custom:access Anyone.
    @custom:reverts As the Treasury's.
    """
    return extcall gate.TREASURY.harvest()


@external
def pay_surplus(_amount: uint256):
    """
    @notice Mint a part of the surplus to staked AID, where it vests.
    @param _amount AID wei.
    @custom:access Treasury.
    @custom:reverts "not treasury", "winding down", "mint paused", "nothing to harvest" if there is less.
    """
    gate._check_treasury()
    v: reserve.Valuation = self._assess()
    gate._check_mint_open(v.policy, v.terms)
    refusals._require(_amount <= self._surplus(v), refusals.NOTHING_TO_HARVEST)

    staked: IStakedAID = gate.staked_aid
    log IGateway.Harvested(minted=_amount, backing=v.backing, supply=v.supply)
    gate._issue(staked.address, _amount)
    extcall staked.on_harvest(_amount)


@external
def lower_book(_i: uint256, _book: uint256):
    """
    @notice Let the book of a vault fall.
    @param _i The vault's place in `vaults()`.
    @param _book Units of its coin; a book that is less already stays.
    @custom:access Treasury.
    @custom:reverts "not treasury".
    """
    gate._check_treasury()
    positions.lower(_i, _book, policy_word.growth(reserve.policy))


@external
def probe(_asset: address) -> bool:
    """
    @notice Find out whether a coin can be delivered: one unit moves from the Gateway to itself, and
            what is held is what is counted, but for the deficit delta. A coin that cannot counts as
            one without a fresh price, until a probe succeeds.
    @param _asset The coin.
    @return Whether it can.
    @custom:access Anyone.
    @custom:reverts "unknown asset", "more gas" if it has less than the coin may use.
    """
    i: uint256 = reserve.index_of(_asset)
    refusals._require(msg.gas > LEAST_GAS, refusals.MORE_GAS)
    held: uint256 = tokens.try_held(_asset)
    due: uint256 = reserve.units_at(i) + reserve.reserved[_asset]
    delivers: bool = (
        held * BPS >= due * (BPS - policy_word.deficit_delta(reserve.policy))
        and tokens.try_push(_asset, self, min(held, 1))
    )
    reserve.set_frozen(i, not delivers)
    log IGateway.Probed(asset=_asset, delivers=delivers)
    return delivers


@external
def rebalance(_i: uint256, _units: uint256, _shares: uint256) -> uint256:
    """
    @notice Hand the Treasury units of a vault's coin, or shares of the vault, have it change them,
            and count what comes back.
    @param _i The vault's place in `vaults()`.
    @param _units Units to invest; 0 to divest.
    @param _shares Shares to redeem; 0 to invest.
    @return Shares or units that arrived.
    @custom:access Treasury.
    @custom:reverts "not treasury", "insufficient units", "insufficient shares",
                    "transfer failed", the vault's reasons, "allocation loss" if it costs more than one
                    unit or takes B_par below the supply, "liquid floor" when it invests.
    """
    gate._check_treasury()
    coin: uint256 = positions.coin_of(_i)
    vault: address = positions.vault_at(_i)
    asset: address = reserve.asset_at(coin)
    before: reserve.Valuation = reserve.valuation(coin, gate._supply())
    positions.grow(_i, policy_word.growth(before.policy))
    if _units != 0:
        reserve.debit(coin, before.ledger, _units, 0)
        tokens.push(asset, msg.sender, _units)
    else:
        positions.remove_shares(_i, _shares)
        tokens.push(vault, msg.sender, _shares)
    units: uint256 = tokens.held(asset)
    shares: uint256 = tokens.held(vault)
    extcall gate.TREASURY.change(vault, asset, _units, _shares)
    units = tokens.held(asset) - units
    shares = tokens.held(vault) - shares
    reserve.credit(coin, reserve.ledger_at(coin), units, 0)
    positions.add(_i, shares, _units)

    # Moving may cost one unit of the coin, and none that the supply needs.
    v: reserve.Valuation = reserve.valuation(coin, before.supply)
    refusals._require(
        v.par + before.scale >= before.par and v.par >= min(before.par, before.supply),
        refusals.ALLOCATION_LOSS,
    )
    if _units == 0:
        return units
    refusals._require(reserve.is_liquid(v, 0), refusals.LIQUID_FLOOR)
    return shares


# Views


@external
@view
def surplus() -> uint256:
    """
    @notice What B has over supply, buffer and gifts. Of that `harvest` mints what is ripe, see the
            Treasury.
    @return AID, 0 in deficit mode; coins without a fresh price and vaults that cannot be read count
            as nothing.
    """
    return self._surplus(self._assess())


# Internals


@internal
@view
def _assess() -> reserve.Valuation:
    return reserve.valuation(reserve.NO_FOCUS, gate._supply())


@internal
@view
def _surplus(_v: reserve.Valuation) -> uint256:
    """
    @return What the part of B whose prices are fresh has over supply, buffer and gifts; 0 in deficit
            mode.
    """
    if _v.deficit:
        return 0
    # What stays is rounded up.
    kept: uint256 = (
        _v.supply + asset_terms.fee_up(_v.supply, policy_word.buffer(_v.policy)) + self._gifts
    )
    return max(_v.sure, kept) - kept
