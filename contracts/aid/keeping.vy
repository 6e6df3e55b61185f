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
from . import gate
from . import policy as policy_word
from . import positions
from . import reserve
from . import tokens

uses: gate
uses: positions
uses: reserve

BPS: constant(uint256) = 10**4


@external
def recapitalise(_asset: address, _amount: uint256):
    """
    @notice Give units of a coin to the reserve for nothing, to make good a loss.
    @param _asset The coin.
    @param _amount Units to pull from the caller, who has approved them.
    @custom:access Anyone, in every mode; not while GUARDIAN keeps this coin from being minted with.
    @custom:reverts "zero amount", "unknown asset", "mint paused", "transfer failed".
    """
    gate._check_amount(_amount)
    i: uint256 = reserve.index_of(_asset)
    # Else a unit from anybody could keep a coin that is given up from being removed.
    gate._check_not_paused(False, reserve.terms_at(i))
    units: uint256 = self._pull(i, _asset, _amount)
    log IGateway.Recapitalised(sender=msg.sender, asset=_asset, units=units)


@external
def harvest() -> uint256:
    """
    @notice Mint the surplus of B over supply and buffer to staked AID, where it vests, and
            recognise what the vaults have earned so far. Normal mode only. Coins without a fresh
            price and vaults that cannot be read count as nothing.
    @return AID minted.
    @custom:access Anyone.
    @custom:reverts "winding down", "mint paused", "nothing to harvest" (also in deficit mode).
    """
    staked: IStakedAID = gate.staked_aid
    extcall staked.sync()
    v: reserve.Valuation = reserve.valuation(reserve.NO_FOCUS, gate._supply())
    gate._check_mint_open(v.policy, v.terms)
    minted: uint256 = self._surplus(v)
    assert minted != 0, "nothing to harvest"

    reserve.roll_books()
    log IGateway.Harvested(minted=minted, backing=v.backing, supply=v.supply)
    gate._issue(staked.address, minted)
    extcall staked.on_harvest(minted)
    return minted


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
    growth: uint256 = policy_word.growth(before.policy)
    positions.roll(_i, growth)
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
    assert (
        v.par + before.scale >= before.par and v.par >= min(before.par, before.supply)
    ), "allocation loss"
    if _units == 0:
        return units
    assert reserve.is_liquid(v, 0), "liquid floor"
    return shares


# Views


@external
@view
def surplus() -> uint256:
    """
    @notice What there is to harvest.
    @return AID, 0 in deficit mode; coins without a fresh price and vaults that cannot be read count
            as nothing.
    """
    return self._surplus(reserve.valuation(reserve.NO_FOCUS, gate._supply()))


# Internals


@internal
@pure
def _surplus(_v: reserve.Valuation) -> uint256:
    """
    @return What the part of B whose prices are fresh has over supply and buffer; 0 in deficit mode.
    """
    if _v.deficit:
        return 0
    # What stays is rounded up.
    kept: uint256 = _v.supply + (_v.supply * policy_word.buffer(_v.policy) + (BPS - 1)) // BPS
    return max(_v.sure, kept) - kept


@internal
def _pull(_i: uint256, _asset: address, _amount: uint256) -> uint256:
    """
    @dev Take units from the caller into the reserve; returns what arrived.
    """
    units: uint256 = tokens.pull(_asset, msg.sender, _amount)
    reserve.credit(_i, reserve.ledger_at(_i), units, 0)
    return units
