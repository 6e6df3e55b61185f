# pragma version 0.4.3
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Gateway: the one place where AID is made and unmade
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Known users swap accepted stablecoins for AID and back at min(1, price) and max(1, price);
        the credit desk does the same with what it lends and collects; surplus income of the reserve
        goes to staked AID.

        With B the reserve at min(1, price) and B_par the reserve at 1, no call lowers B - supply or
        B_par - supply (but `harvest` down to its buffer, and the treasurer by at most one unit of a
        coin, a vault's rounding). Redemption is *normal*, coin by coin at its price, while the part
        of B whose prices are fresh covers the supply but for the deficit delta; otherwise it is a
        *basket*, the same part of everything that the reserve holds, which needs no price and
        leaves nobody an advantage.
@dev Every entry point reads: deadline, requirements, state, conversion, effects, log, transfers.
     Where coins come in they come first, for only what arrived counts. Everything, views included,
     is under one transient lock: a token with callbacks finds no state in between.

     Amounts of AID are in wei (18 decimals), of a coin in its own units, prices in WAD. Conversions
     round against the caller. Settings are written by the Configurator, as packed words.
"""
from ..interfaces import IAID
from ..interfaces import IAllowlist
from ..interfaces import IGateway
from ..interfaces import IGatewayWords
from ..interfaces import IPayingDesk
from ..interfaces import IRoles
from ..interfaces import IStakedAID
from . import asset_terms
from . import policy as policy_word
from . import positions
from . import reserve
from . import tokens

implements: IGateway
implements: IGatewayWords
initializes: positions
initializes: reserve[positions := positions]


# A payment that could not be priced when it came.
struct Escrow:
    asset: address
    units: uint256  # 0 once converted
    beneficiary: address
    paid_at: uint256
    aid: uint256  # minted for it, once converted


WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10**4
CREDIT_BAND_BPS: constant(uint256) = 25

GOVERNOR: constant(bytes32) = empty(bytes32)
TREASURER: constant(bytes32) = keccak256("TREASURER")

ROLES: immutable(IRoles)
ALLOWLIST: immutable(IAllowlist)
AID: immutable(IAID)
CONFIGURATOR: immutable(address)

staked_aid: public(IStakedAID)
_escrow_count: uint256
_escrows: HashMap[uint256, Escrow]


@deploy
def __init__(_roles: IRoles, _allowlist: IAllowlist, _aid: IAID, _configurator: address):
    """
    @notice Start without coins; a total cap that does not bind, a deficit delta of 50 bps, a
            harvest buffer of 10 bps, vault growth of at most 6 % a year, a liquid floor of 20 %.
    @param _roles Where roles are held.
    @param _allowlist Whose KYC is valid.
    @param _aid The dollar, which must in turn name this Gateway.
    @param _configurator Checks and writes the settings; the only one who may.
    """
    ROLES = _roles
    ALLOWLIST = _allowlist
    AID = _aid
    CONFIGURATOR = _configurator
    reserve.policy = (
        (policy_word.MASK_48 << policy_word.TOTAL_CAP)
        | (50 << policy_word.DEFICIT_DELTA)
        | (10 << policy_word.BUFFER)
        | (600 << policy_word.GROWTH)
        | (2_000 << policy_word.LIQUID_FLOOR)
    )


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
                    "min out", "insufficient units", "redeem limit", "transfer failed".
    """
    self._check_call(_amount, _deadline)
    self._check_leaver(_receiver, False)
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = self._redeemable(i)
    units: uint256 = 0
    fee: uint256 = 0
    units, fee = self._redeem_out(v, _amount)
    self._check_out(units, _min_out)

    reserve.debit(i, v.ledger, units, fee)
    reserve.flow_out(i, _amount)
    log IGateway.Redeemed(
        caller=msg.sender, receiver=_receiver, asset=_asset, units=units, aid=_amount, fee=fee
    )
    self._burn_and_pay(_amount, _asset, _receiver, units)
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
            Needs no price, takes no fee and has no limit. Open in deficit mode, while coins that
            can be redeemed hold at most a tenth of what closed and stale ones do (also if neither
            holds any, all units being in vaults), and once wound down.
    @dev part = aid * held / max(supply, B_par), rounded down; of a vault, less the shares of two
         units of its coin. A leg whose transfer fails is kept for the *caller*, see `claim_owed`.
    @param _amount AID of the caller to burn; needs no allowance.
    @param _min_outs Least amounts in the order of `assets()`, then `vaults()`: one for each, or none
           at all.
    @param _receiver Receives the legs; needs KYC too, if it is not the caller.
    @param _deadline Last second in which the call may be included.
    @return Amounts of the legs, in that order.
    @custom:access Callers with valid KYC; once wound down, everyone.
    @custom:reverts "deadline passed", "zero amount", "kyc required", "denied", "redeem paused",
                    "not deficit", "min outs" (their number), "min out".
    """
    self._check_call(_amount, _deadline)
    v: reserve.Valuation = self._assess()
    wound_down: bool = self._wound_down(v.policy)
    self._check_leaver(_receiver, wound_down)
    self._check_redeem_open(v.policy, v.terms)
    assert wound_down or v.deficit or reserve.closed(), "not deficit"
    parts: DynArray[uint256, 12] = reserve.basket(_amount, v)

    legs: address[12] = empty(address[12])
    assert len(_min_outs) == 0 or len(_min_outs) == len(parts), "min outs"
    for k: uint256 in range(len(parts), bound=12):
        if len(_min_outs) != 0:
            self._check_min_out(parts[k], _min_outs[k])
        legs[k] = reserve.debit_leg(k, parts[k])
    log IGateway.BasketRedeemed(caller=msg.sender, receiver=_receiver, aid=_amount)
    self._burn(_amount)
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
    self._check_leaver(_receiver, self._wound_down(reserve.policy))
    self._check_not_denied(msg.sender)
    amount: uint256 = reserve.take_owed(msg.sender, _token)
    log IGateway.OwedClaimed(account=msg.sender, token=_token, receiver=_receiver, amount=amount)
    tokens.push(_token, _receiver, amount)
    return amount


@external
def recapitalise(_asset: address, _amount: uint256):
    """
    @notice Give units of a coin to the reserve for nothing, to make good a loss.
    @param _asset The coin.
    @param _amount Units to pull from the caller, who has approved them.
    @custom:access Anyone, in every mode; not while GUARDIAN keeps this coin from being minted with.
    @custom:reverts "zero amount", "unknown asset", "mint paused", "transfer failed".
    """
    self._check_amount(_amount)
    i: uint256 = reserve.index_of(_asset)
    # Else a unit from anybody could keep a coin that is given up from being removed.
    self._check_not_paused(False, reserve.terms_at(i))
    units: uint256 = self._pull(i, _asset, _amount)
    log IGateway.Recapitalised(sender=msg.sender, asset=_asset, units=units)


# Credit lane


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
                    units", "transfer failed".
    """
    self._check_desk(_amount)
    self._check_not_denied(_receiver)
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = self._redeemable(i)
    self._check_not_winding_down(v.policy)
    self._check_band(v.price, CREDIT_BAND_BPS)
    units: uint256 = asset_terms.to_units_down(_amount, v.scale, v.price)

    reserve.debit(i, v.ledger, units, 0)
    log IGateway.CreditRedeemed(asset=_asset, receiver=_receiver, units=units, aid=_amount)
    self._burn_and_pay(_amount, _asset, _receiver, units)
    return units


@external
def credit_repay(
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
    self._check_desk(_units)
    i: uint256 = reserve.index_of(_asset)
    before: uint256 = tokens.held(_asset)
    extcall IPayingDesk(msg.sender).bring(_asset, _units, _payer)
    units: uint256 = tokens.held(_asset) - before
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    terms: uint256 = reserve.terms_at(i)
    if fresh and asset_terms.within(price, asset_terms.band(terms)) and not staticcall AID.paused():
        reserve.credit(i, reserve.ledger_at(i), units, 0)
        minted: uint256 = asset_terms.to_aid_down(units, asset_terms.scale(terms), price)
        log IGateway.CreditRepaid(asset=_asset, beneficiary=_beneficiary, units=units, aid=minted)
        self._issue(_beneficiary, minted)
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
    assert held.units != 0, "unknown escrow"
    i: uint256 = reserve.index_of(held.asset)
    price: uint256 = 0
    fresh: bool = False
    price, fresh = reserve.price_at(i)
    terms: uint256 = reserve.terms_at(i)
    self._check_price(terms, price, fresh)
    minted: uint256 = asset_terms.to_aid_down(held.units, asset_terms.scale(terms), price)

    self._escrows[_id].units = 0
    self._escrows[_id].aid = minted
    reserve.reserved[held.asset] -= held.units
    reserve.credit(i, reserve.ledger_at(i), held.units, 0)
    log IGateway.EscrowConverted(id=_id, aid=minted)
    self._issue(held.beneficiary, minted)
    return minted


# Keepers


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
    staked: IStakedAID = self.staked_aid
    extcall staked.sync()
    v: reserve.Valuation = self._assess()
    self._check_mint_open(v.policy, v.terms)
    minted: uint256 = self._surplus(v)
    assert minted != 0, "nothing to harvest"

    reserve.roll_books()
    log IGateway.Harvested(minted=minted, backing=v.backing, supply=v.supply)
    self._issue(staked.address, minted)
    extcall staked.on_harvest(minted)
    return minted


@external
def allocate(_vault: address, _units: uint256) -> uint256:
    """
    @notice Move units of a coin into a vault.
    @param _vault A listed vault over the coin.
    @param _units Units to deposit.
    @return Shares received.
    @custom:access TREASURER.
    @custom:reverts "not treasurer", "zero amount", "winding down", "unknown vault", "insufficient
                    units", "vault cap", "liquid floor", "allocation loss" if it
                    costs more than one unit or takes B_par below the supply.
    """
    self._check_treasurer(_units)
    self._check_not_winding_down(reserve.policy)
    i: uint256 = positions.index_of(_vault)
    before: reserve.Valuation = reserve.valuation(positions.coin_of(i), self._supply())
    shares: uint256 = reserve.allocate(i, _units)
    assert reserve.is_liquid(self._check_no_loss(i, before)), "liquid floor"
    log IGateway.Allocated(vault=_vault, units=_units, shares=shares)
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
    i: uint256 = positions.index_of(_vault)
    before: reserve.Valuation = reserve.valuation(positions.coin_of(i), self._supply())
    units: uint256 = reserve.deallocate(i, _shares)
    self._check_no_loss(i, before)
    log IGateway.Deallocated(vault=_vault, units=units, shares=_shares)
    return units


# Governed functions


@external
def set_staked_aid(_staked_aid: address):
    """
    @notice Name the vault that receives harvests and whose portfolio uses the credit lane, once and
            for good.
    @param _staked_aid The vault.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "staked aid set".
    """
    self._only_governor()
    assert self.staked_aid.address == empty(address), "staked aid set"
    self.staked_aid = IStakedAID(_staked_aid)
    log IGateway.StakedAIDSet(staked_aid=_staked_aid)


@external
def write_policy(_policy: uint256):
    """
    @notice Store the settings of the reserve as a whole; the counts in the word are ignored.
    @param _policy Packed as in policy.vy.
    @custom:access Configurator.
    @custom:reverts "not configurator".
    """
    self._only_configurator()
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
    self._only_configurator()
    reserve.write_asset(_asset, _terms, _cap, _flow)


@external
def delist_asset(_asset: address):
    """
    @notice Forget a coin; the last one takes its place in `assets()`.
    @param _asset The coin.
    @custom:access Configurator.
    @custom:reverts "not configurator", "unknown asset", "asset in use".
    """
    self._only_configurator()
    reserve.delist_asset(_asset)


@external
def write_vault(_vault: address, _asset: address, _cap: uint256):
    """
    @notice Store the cap of a vault and list it if it is new.
    @param _vault The vault.
    @param _asset Its coin, which must be accepted.
    @param _cap Whole tokens of the coin.
    @custom:access Configurator.
    @custom:reverts "not configurator", "unknown asset".
    """
    self._only_configurator()
    reserve.write_vault(_vault, _asset, _cap)


@external
def delist_vault(_vault: address):
    """
    @notice Forget a vault; the last one takes its place in `vaults()`.
    @param _vault The vault.
    @custom:access Configurator.
    @custom:reverts "not configurator", "unknown vault", "vault in use".
    """
    self._only_configurator()
    reserve.delist_vault(_vault)


# Views


@external
@view
def configurator() -> address:
    """
    @notice Who checks and writes the settings.
    """
    return CONFIGURATOR


@external
@view
def aid() -> address:
    """
    @notice The dollar.
    """
    return AID.address


@external
@view
def backing() -> IGateway.Backing:
    """
    @notice The reserve against the supply, and the mode that follows from it.
    @return 18 decimals; a price that is stale counts as it was last seen, and a vault that cannot
            be read as nothing.
    """
    v: reserve.Valuation = self._assess()
    return IGateway.Backing(
        backing=v.backing, backing_par=v.par, supply=v.supply, deficit=v.deficit, stale=v.stale
    )


@external
@view
def surplus() -> uint256:
    """
    @notice What there is to harvest.
    @return AID, 0 in deficit mode; coins without a fresh price and vaults that cannot be read count
            as nothing.
    """
    return self._surplus(self._assess())


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
def quote_mint(_asset: address, _amount: uint256) -> uint256:
    """
    @notice What `mint` gives now.
    @param _asset The coin.
    @param _amount Units that arrive.
    @return AID, to the wei.
    @custom:reverts As `mint`, but for KYC, deny list, caps and limits.
    """
    v: reserve.Valuation = self._mintable(reserve.index_of(_asset))
    return self._mint_out(v, _amount)[0]


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
    @notice What `redeem_basket` pays now, whether it is open or not.
    @param _amount AID.
    @return Amounts of the legs in the order of `assets()`, then `vaults()`.
    """
    return reserve.basket(_amount, self._assess())


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
def escrow(_id: uint256) -> (address, uint256, address, uint256, uint256):
    """
    @notice A repayment that waits for a price, or has waited.
    @param _id From `credit_repay`.
    @return Coin, units (0 once converted), beneficiary, time of payment, AID minted (0 until
            converted); zeros if there is none.
    """
    held: Escrow = self._escrows[_id]
    return held.asset, held.units, held.beneficiary, held.paid_at, held.aid


@external
@view
def policy() -> uint256:
    """
    @notice The settings of the reserve as a whole, packed as in policy.vy.
    """
    return reserve.policy


@external
@view
def vault_words(_vault: address) -> (uint256, uint256):
    """
    @notice The packed words of a vault.
    @param _vault The vault.
    @return Terms and holding, as in positions.vy; zeros for a vault that is not listed.
    """
    return positions.words_of(_vault)


@external
@view
def asset_words(_asset: address) -> (uint256, uint256, uint256):
    """
    @notice The packed words of a coin.
    @param _asset The coin.
    @return Terms, ledger, flow; zeros for a coin that is not accepted.
    """
    return reserve.words_of(_asset)


# Internals: the state


@internal
@view
def _supply() -> uint256:
    return staticcall AID.totalSupply()


@internal
@view
def _assess() -> reserve.Valuation:
    return reserve.valuation(reserve.NO_FOCUS, self._supply())


@internal
@view
def _mintable(_i: uint256) -> reserve.Valuation:
    """
    @dev The state with coin `_i` in focus, if that coin mints now.
    """
    v: reserve.Valuation = reserve.valuation(_i, self._supply())
    self._check_mint_open(v.policy, v.terms)
    self._check_price(v.terms, v.price, v.fresh)
    self._check_normal(v.deficit)
    return v


@internal
@view
def _redeemable(_i: uint256) -> reserve.Valuation:
    """
    @dev The state with coin `_i` in focus, if that coin is open to normal redemption now.
    """
    v: reserve.Valuation = reserve.valuation(_i, self._supply())
    self._check_not_ending(self._wound_down(v.policy))
    self._check_redeem_open(v.policy, v.terms)
    self._check_normal(v.deficit)
    self._check_fresh(v.fresh)
    return v


@internal
@pure
def _mint_out(_v: reserve.Valuation, _units: uint256) -> (uint256, uint256):
    """
    @return AID for `_units`, rounded down, and the units kept as fee, rounded up.
    """
    fee: uint256 = asset_terms.mint_fee_up(_v.terms, _units)
    return asset_terms.to_aid_down(_units - fee, _v.scale, _v.price), fee


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
@view
def _wound_down(_policy: uint256) -> bool:
    at: uint256 = policy_word.wind_down_at(_policy)
    return at != 0 and block.timestamp >= at


# Internals: requirements


@internal
@view
def _check_call(_amount: uint256, _deadline: uint256):
    assert block.timestamp <= _deadline, "deadline passed"
    self._check_amount(_amount)


@internal
@pure
def _check_amount(_amount: uint256):
    assert _amount != 0, "zero amount"


@internal
@pure
def _check_out(_out: uint256, _min_out: uint256):
    self._check_amount(_out)
    self._check_min_out(_out, _min_out)


@internal
@pure
def _check_min_out(_out: uint256, _min_out: uint256):
    assert _out >= _min_out, "min out"


@internal
@view
def _check_kyc(_account: address):
    assert staticcall ALLOWLIST.is_allowed(_account), "kyc required"


@internal
@view
def _check_not_denied(_account: address):
    assert not staticcall AID.is_denied(_account), "denied"


@internal
@view
def _check_leaver(_receiver: address, _everyone: bool):
    """
    @dev Caller and receiver may take coins out. That the caller is not denied is checked where its
         AID is burned.
    """
    if not _everyone:
        self._check_kyc(msg.sender)
    if _receiver != msg.sender:
        if not _everyone:
            self._check_kyc(_receiver)
        self._check_not_denied(_receiver)


@internal
@pure
def _check_not_winding_down(_policy: uint256):
    self._check_not_ending(policy_word.wind_down_at(_policy) != 0)


@internal
@pure
def _check_not_ending(_ending: bool):
    assert not _ending, "winding down"


@internal
@pure
def _check_normal(_deficit: bool):
    assert not _deficit, "deficit"


@internal
@pure
def _check_mint_open(_policy: uint256, _terms: uint256):
    self._check_not_winding_down(_policy)
    self._check_not_paused(policy_word.mint_paused(_policy), _terms)


@internal
@pure
def _check_not_paused(_paused: bool, _terms: uint256):
    assert not (_paused or asset_terms.has(_terms, asset_terms.MINT_PAUSED)), "mint paused"


@internal
@view
def _check_redeem_open(_policy: uint256, _terms: uint256):
    assert (
        block.timestamp >= policy_word.redeem_paused_until(_policy)
        and not asset_terms.has(_terms, asset_terms.REDEEM_PAUSED)
    ), "redeem paused"


@internal
@pure
def _check_price(_terms: uint256, _price: uint256, _fresh: bool):
    self._check_fresh(_fresh)
    self._check_band(_price, asset_terms.band(_terms))


@internal
@pure
def _check_fresh(_fresh: bool):
    assert _fresh, "stale price"


@internal
@pure
def _check_band(_price: uint256, _band_bps: uint256):
    assert asset_terms.within(_price, _band_bps), "price out of band"


@internal
@view
def _check_treasurer(_amount: uint256):
    assert staticcall ROLES.hasRole(TREASURER, msg.sender), "not treasurer"
    self._check_amount(_amount)


@internal
@view
def _check_no_loss(_i: uint256, _before: reserve.Valuation) -> reserve.Valuation:
    """
    @dev A move into or out of vault `_i` may cost one unit of its coin, and none that the supply
         needs.
    """
    v: reserve.Valuation = reserve.valuation(positions.coin_of(_i), _before.supply)
    assert (
        v.par + _before.scale >= _before.par and v.par >= min(_before.par, _before.supply)
    ), "allocation loss"
    return v


@internal
@view
def _check_desk(_amount: uint256):
    self._check_amount(_amount)
    assert msg.sender == staticcall self.staked_aid.portfolio(), "not credit desk"


@internal
@view
def _only_governor():
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"


@internal
@view
def _only_configurator():
    assert msg.sender == CONFIGURATOR, "not configurator"


# Internals: effects


@internal
def _mint(
    _asset: address, _amount: uint256, _min_out: uint256, _receiver: address, _deadline: uint256
) -> uint256:
    self._check_call(_amount, _deadline)
    self._check_kyc(msg.sender)
    if _receiver != msg.sender:
        self._check_not_denied(msg.sender)  # AID looks at the receiver itself
    i: uint256 = reserve.index_of(_asset)
    v: reserve.Valuation = self._mintable(i)

    units: uint256 = tokens.pull(_asset, msg.sender, _amount)
    out: uint256 = 0
    fee: uint256 = 0
    out, fee = self._mint_out(v, units)
    self._check_out(out, _min_out)
    assert v.position + units <= reserve.cap(v.ledger, v.scale), "asset cap"
    assert v.supply + out <= policy_word.total_cap(v.policy) * WAD, "total cap"

    reserve.credit(i, v.ledger, units, fee)
    reserve.flow_in(i, out)
    log IGateway.Minted(
        caller=msg.sender, receiver=_receiver, asset=_asset, units=units, aid=out, fee=fee
    )
    self._issue(_receiver, out)
    return out


@internal
def _pull(_i: uint256, _asset: address, _amount: uint256) -> uint256:
    """
    @dev Take units from the caller into the reserve; returns what arrived.
    """
    units: uint256 = tokens.pull(_asset, msg.sender, _amount)
    reserve.credit(_i, reserve.ledger_at(_i), units, 0)
    return units


@internal
def _burn_and_pay(_amount: uint256, _asset: address, _receiver: address, _units: uint256):
    self._burn(_amount)
    tokens.push(_asset, _receiver, _units)


@internal
def _burn(_amount: uint256):
    extcall AID.burn_from(msg.sender, _amount)


@internal
def _issue(_to: address, _amount: uint256):
    extcall AID.mint(_to, _amount)
