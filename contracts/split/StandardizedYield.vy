# pragma version 0.4.3
# pragma optimize gas
"""
@title StandardizedYield
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Staked AID in the form that yield splitters take (ERC-5115): one SY is one share of the
        vault, worth `exchangeRate` AID. `deposit` is Pendle's and takes four arguments, not
        ERC-5115's as published, which takes five.

            in     AID, staked on the way, or shares of the vault
            out    shares, or AID that the sAID/AID pool pays for them

        Stablecoins are never taken. The Gateway asks who its caller is, so this contract would
        have to hold the KYC, and any router would carry anybody past it.
@dev Nothing here is governed. The vault and the pool are fixed: who could change the pool could
     sell the shares of everybody who leaves without a minimum. If the pool dries up, shares still
     leave.

     What has value is the supply, never a balance: every SY was minted for a share that arrived,
     and shares or AID that are merely sent here stay here. SY that is sent here belongs to whoever
     redeems it first with `_burn_from_internal_balance`: routers send and redeem in one
     transaction.

     `exchangeRate` is the exit price. It falls at once when the vault loses, while the index of a
     yield token is the highest rate it has seen: until the rate is back there, a principal token
     pays rate/index of its face, and a yield token earns nothing.

     AID's deny list binds SY too. A denied account can neither send, receive, spend nor redeem it.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626
from snekmate.auth import ownable
from snekmate.tokens import erc20
from snekmate.tokens.interfaces import IERC20Permit
from snekmate.utils.interfaces import IERC5267

from ..interfaces import IAID
from ..interfaces import IStableSwap
from ..interfaces import IStandardizedYield

implements: IERC20
implements: IERC20Detailed
implements: IERC20Permit
implements: IERC5267
implements: IStandardizedYield

initializes: ownable
initializes: erc20[ownable := ownable]
exports: (
    erc20.DOMAIN_SEPARATOR,
    erc20.allowance,
    erc20.approve,
    erc20.balanceOf,
    erc20.decimals,
    erc20.eip712Domain,
    erc20.name,
    erc20.nonces,
    erc20.permit,
    erc20.totalSupply,
)


interface Named:
    def name() -> String[22]: view
    def symbol() -> String[13]: view


WAD: constant(uint256) = 10**18
ASSET_IS_TOKEN: constant(uint8) = 0

VAULT: public(immutable(address))
AID: public(immutable(address))
# where shares are sold for AID
POOL: public(immutable(address))
# coins of the pool
SHARE_AT: immutable(int128)
AID_AT: immutable(int128)
# snekmate's has five letters at most
symbol: public(immutable(String[16]))


@deploy
def __init__(_vault: address, _pool: address):
    """
    @notice Start with no supply.
    @param _vault The ERC-4626 vault whose shares are wrapped; its asset is AID.
    @param _pool A pool of its shares and AID, else "wrong pool".
    """
    aid: address = staticcall IERC4626(_vault).asset()
    first: address = staticcall IStableSwap(_pool).coins(0)
    second: address = staticcall IStableSwap(_pool).coins(1)
    share_first: bool = first == _vault
    assert (second == aid if share_first else first == aid and second == _vault), "wrong pool"
    VAULT = _vault
    AID = aid
    POOL = _pool
    SHARE_AT = 0 if share_first else 1
    AID_AT = 1 if share_first else 0

    full_name: String[25] = concat("SY ", staticcall Named(_vault).name())
    symbol = concat("SY-", staticcall Named(_vault).symbol())
    ownable.__init__()
    erc20.__init__(full_name, "SY", 18, full_name, "1")
    # nobody owns the token module or mints by role; no function that asks for either is exported
    erc20.is_minter[msg.sender] = False
    log erc20.RoleMinterChanged(minter=msg.sender, status=False)
    ownable._transfer_ownership(empty(address))

    # for deposits, which take from their caller only; nobody's AID is here between transactions
    assert extcall IAID(aid).approve(_vault, max_value(uint256))


@external
@nonreentrant
def deposit(
    _receiver: address, _token_in: address, _amount: uint256, _min_shares: uint256
) -> uint256:
    """
    @notice Mint SY for AID, which is staked at the vault's deposit price, or for shares one to one.
    @param _receiver Who gets the SY; this contract, if a router redeems it in the same transaction.
    @param _token_in AID or the vault.
    @param _amount Wei of it, taken from the caller under its allowance.
    @param _min_shares Least SY to accept, wei.
    @return SY minted, wei, rounded down by the vault.
    @custom:reverts "zero amount", "wrong token", "denied" (caller, receiver), "min out", and for
                    AID as the vault's `deposit`.
    """
    assert _amount != 0, "zero amount"
    self._check_denied(msg.sender, empty(address), _receiver)
    shares: uint256 = _amount
    if _token_in == VAULT:
        assert extcall IERC20(VAULT).transferFrom(msg.sender, self, _amount)
    else:
        assert _token_in == AID, "wrong token"
        assert extcall IERC20(AID).transferFrom(msg.sender, self, _amount)
        shares = extcall IERC4626(VAULT).deposit(_amount, self)
    assert shares >= _min_shares, "min out"

    erc20._mint(_receiver, shares)
    log IStandardizedYield.Deposit(
        caller=msg.sender,
        receiver=_receiver,
        token_in=_token_in,
        amount_deposited=_amount,
        amount_sy_out=shares,
    )
    return shares


@external
@nonreentrant
def redeem(
    _receiver: address,
    _shares: uint256,
    _token_out: address,
    _min_out: uint256,
    _burn_from_internal_balance: bool,
) -> uint256:
    """
    @notice Burn SY for shares one to one, or for the AID that the pool pays for them.
    @param _receiver Who gets the token.
    @param _shares SY wei.
    @param _token_out AID or the vault.
    @param _min_out Least of it to accept, wei. The pool may pay far less than `exchangeRate`.
    @param _burn_from_internal_balance Whether to burn what has been sent to this contract instead
           of the caller's own.
    @return Wei of the token paid.
    @custom:reverts "zero amount", "wrong token", "denied" (caller, receiver), "min out",
                    "erc20: burn amount exceeds balance", and for AID as the pool's
                    `exchange_received`.
    """
    assert _shares != 0, "zero amount"
    self._check_denied(msg.sender, empty(address), _receiver)
    erc20._burn(self if _burn_from_internal_balance else msg.sender, _shares)

    out: uint256 = _shares
    if _token_out == VAULT:
        assert _shares >= _min_out, "min out"
        assert extcall IERC20(VAULT).transfer(_receiver, _shares)
    else:
        assert _token_out == AID, "wrong token"
        # sent beforehand, so that the pool needs no allowance
        assert extcall IERC20(VAULT).transfer(POOL, _shares)
        out = extcall IStableSwap(POOL).exchange_received(
            SHARE_AT, AID_AT, _shares, _min_out, _receiver
        )
    log IStandardizedYield.Redeem(
        caller=msg.sender,
        receiver=_receiver,
        token_out=_token_out,
        amount_sy_to_redeem=_shares,
        amount_token_out=out,
    )
    return out


@external
def transfer(_to: address, _amount: uint256) -> bool:
    """
    @notice Send SY.
    @param _to Receiver, not zero.
    @param _amount SY wei.
    @return True, always.
    @custom:reverts "denied" (caller, receiver), and as snekmate's ERC-20.
    """
    self._check_denied(msg.sender, empty(address), _to)
    erc20._transfer(msg.sender, _to, _amount)
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Send SY of an owner who has approved the caller. An allowance of 2^256 - 1 is endless.
    @param _owner Whose SY is sent.
    @param _to Receiver, not zero.
    @param _amount SY wei.
    @return True, always.
    @custom:reverts "denied" (caller, owner, receiver), and as snekmate's ERC-20.
    """
    self._check_denied(msg.sender, _owner, _to)
    erc20._spend_allowance(_owner, msg.sender, _amount)
    erc20._transfer(_owner, _to, _amount)
    return True


@external
def claimRewards(_user: address) -> DynArray[uint256, 1]:  # natrix: NTX10
    """
    @notice Claim nothing: the yield is in the rate. Splitters call it all the same.
    @param _user Anybody.
    @return No amounts.
    """
    return []


@external
def rewardIndexesCurrent() -> DynArray[uint256, 1]:
    """
    @notice Return nothing: there are no reward tokens.
    @return No indexes.
    """
    return []


@external
@view
def rewardIndexesStored() -> DynArray[uint256, 1]:
    """
    @notice Return nothing: there are no reward tokens.
    @return No indexes.
    """
    return []


@external
@view
def accruedRewards(_user: address) -> DynArray[uint256, 1]:  # natrix: NTX10
    """
    @notice Return nothing: there are no reward tokens.
    @param _user Anybody.
    @return No amounts.
    """
    return []


@external
@view
def getRewardTokens() -> DynArray[address, 1]:
    """
    @notice Return nothing: the yield is in the rate.
    @return No tokens.
    """
    return []


@external
@view
def exchangeRate() -> uint256:
    """
    @notice Return what one SY is worth: AID that a share has at the vault's exit price. Falls with a
            loss.
    @return AID wei for 1e18 wei of SY, rounded down.
    """
    return staticcall IERC4626(VAULT).convertToAssets(WAD)


@external
@view
def previewDeposit(_token_in: address, _amount: uint256) -> uint256:
    """
    @notice Quote what `deposit` would mint now; the vault's caps and pauses are not looked at.
    @param _token_in AID or the vault.
    @param _amount Wei of it.
    @return SY wei, rounded down.
    @custom:reverts "wrong token".
    """
    if _token_in == VAULT:
        return _amount
    assert _token_in == AID, "wrong token"
    return staticcall IERC4626(VAULT).previewDeposit(_amount)


@external
@view
def previewRedeem(_token_out: address, _shares: uint256) -> uint256:
    """
    @notice Quote what `redeem` would pay now.
    @param _token_out AID or the vault.
    @param _shares SY wei.
    @return Wei of the token, rounded down.
    @custom:reverts "wrong token", and for AID as the pool's `get_dy`.
    """
    if _token_out == VAULT:
        return _shares
    assert _token_out == AID, "wrong token"
    return staticcall IStableSwap(POOL).get_dy(SHARE_AT, AID_AT, _shares)


@external
@view
def yieldToken() -> address:
    """
    @notice Return what is wrapped.
    @return The vault.
    """
    return VAULT


@external
@view
def assetInfo() -> (uint8, address, uint8):
    """
    @notice Return in what `exchangeRate` speaks.
    @return Kind (0: a token), AID, its decimals.
    """
    return ASSET_IS_TOKEN, AID, 18


@external
@view
def getTokensIn() -> DynArray[address, 2]:
    """
    @notice Return what `deposit` takes.
    @return AID and the vault.
    """
    return [AID, VAULT]


@external
@view
def getTokensOut() -> DynArray[address, 2]:
    """
    @notice Return what `redeem` pays.
    @return AID and the vault.
    """
    return [AID, VAULT]


@external
@view
def isValidTokenIn(_token: address) -> bool:
    """
    @notice Tell whether `deposit` takes a token.
    @param _token The token.
    @return True for AID and the vault.
    """
    return _token in [AID, VAULT]


@external
@view
def isValidTokenOut(_token: address) -> bool:
    """
    @notice Tell whether `redeem` pays a token.
    @param _token The token.
    @return True for AID and the vault.
    """
    return _token in [AID, VAULT]


@internal
@view
def _check_denied(_a: address, _b: address, _receiver: address):
    """
    @notice Refuse whoever is on AID's deny list.
    @param _a An account, or zero.
    @param _b An account, or zero.
    @param _receiver An account, or zero.
    @custom:reverts "denied".
    """
    assert not staticcall IAID(AID).any_denied(_a, _b, _receiver), "denied"
