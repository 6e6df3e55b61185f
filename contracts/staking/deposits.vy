# pragma version 0.4.3
"""
@title Deposits of the staking vault
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The synchronous half of the vault: ERC-4626 deposits and its accounting
        views. Depositors pay the deposit price, which carries the book before
        impairment and all that still vests; everything else speaks of the exit
        price. Towards ERC-4626 the difference acts as an entry fee, which goes
        to those who are in already.
"""

from ethereum.ercs import IERC4626
from snekmate.tokens import erc20

from . import cycles
from . import vault
from ..interfaces import IAID

uses: erc20
uses: vault


@external
@nonreentrant
def deposit(
    _assets: uint256,
    _receiver: address,
    _min_shares: uint256 = 0,
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Deposits AID for shares at the deposit price.
    @param _assets AID wei, pulled from the caller under its allowance.
    @param _receiver Who gets the shares.
    @param _min_shares Least shares to accept, share wei.
    @param _deadline Last second at which to execute.
    @return Shares minted, rounded down.
    @custom:reverts "deadline passed", "min out", "deposits paused", "wound down", "vault impaired",
                    "zero shares", "deposit cap", "share limit", "receiver is vault", "denied", and AID's reasons.
    """
    return self._deposit_down(_assets, _receiver, _min_shares, _deadline)


@external
@nonreentrant
def deposit_with_permit(
    _assets: uint256,
    _receiver: address,
    _min_shares: uint256,
    _deadline: uint256,
    _v: uint8,
    _r: bytes32,
    _s: bytes32,
) -> uint256:
    """
    @notice `deposit`, after an EIP-2612 permit of `_assets` with the same deadline.
    @dev A permit that somebody else has already submitted does not matter: the allowance decides.
    @return Shares minted, rounded down.
    @custom:reverts As `deposit`.
    """
    permitted: bool = raw_call(  # natrix: NTX8
        vault.AID,
        abi_encode(
            msg.sender,
            self,
            _assets,
            _deadline,
            _v,
            _r,
            _s,
            method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
        ),
        revert_on_failure=False,
    )
    return self._deposit_down(_assets, _receiver, _min_shares, _deadline)


@external
@nonreentrant
def mint(
    _shares: uint256,
    _receiver: address,
    _max_assets: uint256 = max_value(uint256),
    _deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Mints an exact number of shares at the deposit price.
    @param _shares Share wei.
    @param _receiver Who gets the shares.
    @param _max_assets Most AID to pay, AID wei.
    @param _deadline Last second at which to execute.
    @return AID paid, rounded up.
    @custom:reverts As `deposit`, with "max in" for "min out".
    """
    state: vault.State = empty(vault.State)
    priced: uint256 = 0
    sound: bool = False
    state, priced, sound = self._opened(_deadline)
    assets_up: uint256 = vault._mul_div_up(
        _shares, priced + vault.VIRTUAL, state.supply + vault.VIRTUAL
    )
    assert assets_up <= _max_assets, "max in"
    self._take_in(state, priced, sound, assets_up, _shares, _receiver)
    return assets_up


@external
@view
def asset() -> address:
    """
    @notice The AID token.
    """
    return vault.AID


@external
@view
def totalAssets() -> uint256:
    """
    @notice Exit assets: what all shares together are worth to those who leave, AID wei, down.
    """
    return vault._exit_assets(vault._current())


@external
@view
def convertToShares(_assets: uint256) -> uint256:
    """
    @notice Shares worth `_assets` at the exit price, down.
    """
    state: vault.State = vault._current()
    return _assets * (state.supply + vault.VIRTUAL) // (vault._exit_assets(state) + vault.VIRTUAL)


@external
@view
def convertToAssets(_shares: uint256) -> uint256:
    """
    @notice AID that `_shares` are worth at the exit price, down.
    """
    state: vault.State = vault._current()
    return _shares * (vault._exit_assets(state) + vault.VIRTUAL) // (state.supply + vault.VIRTUAL)


@external
@view
def previewDeposit(_assets: uint256) -> uint256:
    """
    @notice Shares that a deposit mints now, down.
    @dev At the deposit price, before impairment and with all that still vests: towards
         `convertToShares` the difference acts as an entry fee.
    """
    state: vault.State = vault._current()
    return _assets * (state.supply + vault.VIRTUAL) // (
        vault._deposit_assets(state)[0] + vault.VIRTUAL
    )


@external
@view
def previewMint(_shares: uint256) -> uint256:
    """
    @notice AID that minting `_shares` costs now, up.
    """
    state: vault.State = vault._current()
    return vault._mul_div_up(
        _shares, vault._deposit_assets(state)[0] + vault.VIRTUAL, state.supply + vault.VIRTUAL
    )


@external
@view
def maxDeposit(_receiver: address) -> uint256:
    """
    @notice Most AID that `_receiver` can be deposited for now, AID wei; 0 if it buys no share wei.
    """
    return self._room(_receiver)[0]


@external
@view
def maxMint(_receiver: address) -> uint256:
    """
    @notice Most shares that can be minted to `_receiver` now, share wei.
    """
    return self._room(_receiver)[1]


@internal
def _deposit_down(
    _assets: uint256, _receiver: address, _min_shares: uint256, _deadline: uint256
) -> uint256:
    state: vault.State = empty(vault.State)
    priced: uint256 = 0
    sound: bool = False
    state, priced, sound = self._opened(_deadline)
    shares_down: uint256 = _assets * (state.supply + vault.VIRTUAL) // (priced + vault.VIRTUAL)
    assert shares_down >= _min_shares, "min out"
    self._take_in(state, priced, sound, _assets, shares_down, _receiver)
    return shares_down


@internal
def _opened(_deadline: uint256) -> (vault.State, uint256, bool):
    """
    @notice The common beginning of `deposit` and `mint`: the vault settled, its deposit assets, and
            whether shares can be sold for them.
    """
    assert block.timestamp <= _deadline, "deadline passed"
    state: vault.State = vault._synced()
    deposit_assets: uint256 = 0
    sound: bool = False
    deposit_assets, sound = self._priced(state)
    return state, deposit_assets, sound


@internal
def _take_in(
    _state: vault.State,
    _deposit_assets: uint256,
    _sound: bool,
    _assets: uint256,
    _shares: uint256,
    _receiver: address,
):
    """
    @notice The common end of `deposit` and `mint`.
    """
    config: uint256 = vault._config
    assert config & vault.PAUSED == 0, "deposits paused"
    assert not vault._wound_down(), "wound down"
    assert _sound, "vault impaired"
    assert _shares != 0, "zero shares"
    assert _deposit_assets + _assets <= ((config >> 160) & vault.MASK_48) * vault.WAD, "deposit cap"
    assert _state.supply + _shares <= vault.MAX_SHARES, "share limit"
    vault._check_denied(msg.sender, empty(address), _receiver)
    vault._store_cash(_state.idle + _assets, _state.claimable)
    erc20._mint(_receiver, _shares)
    log IERC4626.Deposit(sender=msg.sender, owner=_receiver, assets=_assets, shares=_shares)
    extcall IAID(vault.AID).transferFrom(msg.sender, self, _assets)


@internal
@view
def _priced(_state: vault.State) -> (uint256, bool):
    """
    @notice Deposit assets, and whether shares can be sold for them: not below a price of 1e-6 (the
            virtual assets count, or a dust of shares left after a loss would close deposits), not
            while impairment exceeds half of deposit assets (what vests is no reason: it comes), and
            a first share only next to an empty book, whose recoveries are the
            InsuranceFund's.
    """
    deposit_assets: uint256 = 0
    impairment: uint256 = 0
    deposit_assets, impairment = vault._deposit_assets(_state)
    if _state.supply == 0:
        return deposit_assets, deposit_assets == 0
    return deposit_assets, (
        deposit_assets + vault.VIRTUAL >= _state.supply // 10**6
        and 2 * impairment <= deposit_assets
    )


@internal
@view
def _room(_receiver: address) -> (uint256, uint256):
    """
    @notice Most AID that can be deposited for `_receiver` now, and the shares that it buys, down;
            zeros if it does not buy one share wei.
    """
    state: vault.State = vault._current()
    priced: uint256 = 0
    sound: bool = False
    priced, sound = self._priced(state)
    config: uint256 = vault._config
    if (
        config & vault.PAUSED != 0
        or not sound
        or vault._wound_down()
        or _receiver in [empty(address), self]
        or vault._blocked(_receiver)
    ):
        return 0, 0
    cap: uint256 = ((config >> 160) & vault.MASK_48) * vault.WAD
    by_shares: uint256 = (
        (vault.MAX_SHARES - state.supply)
        * (priced + vault.VIRTUAL) // (state.supply + vault.VIRTUAL)
    )
    assets: uint256 = min(cap - min(cap, priced), by_shares)
    shares: uint256 = assets * (state.supply + vault.VIRTUAL) // (priced + vault.VIRTUAL)
    return assets if shares != 0 else 0, shares
