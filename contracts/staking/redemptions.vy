# pragma version 0.4.3
"""
@title Redemptions of the staking vault
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice The asynchronous half of the vault: ERC-7540 requests that are settled at
        the end of a withdrawal cycle, cancelled or claimed, with operators.
"""

from ethereum.ercs import IERC4626
from snekmate.tokens import erc20

from . import cycle_terms
from . import cycles
from . import vault
from ..interfaces import IAID

uses: erc20
uses: cycle_terms
uses: cycles
uses: vault


event RedeemRequest:
    controller: indexed(address)
    owner: indexed(address)
    requestId: indexed(uint256)
    sender: address
    shares: uint256


event RequestCancelled:
    controller: indexed(address)
    receiver: indexed(address)
    shares: uint256
    fee: uint256


event OperatorSet:
    controller: indexed(address)
    operator: indexed(address)
    approved: bool


# Part of cancelled shares that is burned. A cancellation of the whole supply lifts the exit price by
# less than 10 bp.
CANCEL_BPS: constant(uint256) = 9


@external
@nonreentrant
def requestRedeem(_shares: uint256, _controller: address, _owner: address) -> uint256:
    """
    @notice Puts shares in line to leave: with the open cycle inside its request window, else
            with the next one. They bear profit and loss until settled.
    @param _shares Share wei, at least the minimum, or all that the owner has.
    @param _controller Who controls the request: the caller, or one whose operator it is; under
                       allowance also the owner.
    @param _owner Whose shares: the caller's, those of one whose operator it is, or under allowance.
    @return Always 0: a controller's requests merge.
    @custom:reverts "below minimum", "not operator", "denied", and the token's reasons.
    """
    state: vault.State = vault._synced()
    queue: cycles.Queue = state.queue
    allowed: bool = _owner != msg.sender and not vault.isOperator[_owner][msg.sender]
    # who may take the shares may as well put them in line for their owner
    if not (allowed and _controller == _owner):
        vault._check_operator(_controller)
    vault._check_denied(msg.sender, _owner, _controller)
    assert _shares != 0 and (
        _shares >= cycle_terms._terms_of(queue.cycle).minimum or _shares == erc20.balanceOf[_owner]
    ), "below minimum"
    if allowed:
        erc20._spend_allowance(_owner, msg.sender, _shares)

    position: cycles.Position = self._crystallise(_controller, queue.cycle)
    price: uint256 = vault._coarse_price(state)
    if position.price == 0 or price < position.price:
        position.price = price
    if self._in_window(queue.cycle):
        position.active += _shares
        queue.active += _shares
    else:
        position.upcoming += _shares
        queue.upcoming += _shares
    cycles._store_position(_controller, position)
    cycles._store_queue(queue)
    erc20._transfer(_owner, self, _shares)
    log RedeemRequest(
        controller=_controller,
        owner=_owner,
        requestId=vault.REQUEST_ID,
        sender=msg.sender,
        shares=_shares,
    )
    return vault.REQUEST_ID


@external
@nonreentrant
def cancel_request(_controller: address, _receiver: address) -> uint256:
    """
    @notice Take shares out of the line: those of the open cycle inside its request window, and
            those that wait for the next cycle at any time. What was filled stays claimable. While
            they waited, what they are due was not lent: 9 bp of them are burned, for those who
            stay, unless the exit price is below that at the request.
    @param _controller Whose request: the caller's, or of one whose operator it is.
    @param _receiver Who gets the shares back.
    @return Shares returned, share wei; the burned part is rounded down.
    @custom:reverts "not operator", "receiver is vault", "denied", "nothing to cancel".
    """
    state: vault.State = vault._synced()
    queue: cycles.Queue = state.queue
    vault._check_operator(_controller)
    vault._check_denied(msg.sender, _controller, _receiver)
    position: cycles.Position = self._crystallise(_controller, queue.cycle)
    shares: uint256 = position.upcoming
    queue.upcoming -= position.upcoming
    position.upcoming = 0
    if self._in_window(queue.cycle):
        shares += position.active
        queue.active -= position.active
        position.active = 0
    assert shares != 0, "nothing to cancel"
    cycles._store_position(_controller, position)
    cycles._store_queue(queue)
    fee: uint256 = 0
    if vault._coarse_price(state) >= position.price:
        fee = shares * CANCEL_BPS // vault.BPS
        erc20._burn(self, fee)
    shares -= fee
    erc20._transfer(self, _receiver, shares)
    log RequestCancelled(controller=_controller, receiver=_receiver, shares=shares, fee=fee)
    return shares


@external
@nonreentrant
def redeem(_shares: uint256, _receiver: address, _controller: address) -> uint256:
    """
    @notice Claims settled redemptions, by shares.
    @param _shares Of the claimable shares, share wei.
    @param _receiver Who gets the AID.
    @param _controller Whose claim: the caller's, or of one whose operator it is.
    @return AID paid, rounded down.
    @custom:reverts "zero amount", "exceeds claimable", "not operator", "denied".
    """
    position: cycles.Position = self._open_claim(_controller, _receiver)
    self._check_claim(_shares, position.claim_shares)
    assets_down: uint256 = _shares * position.claim_assets // position.claim_shares
    self._pay(position, _shares, assets_down, _receiver, _controller)
    return assets_down


@external
@nonreentrant
def withdraw(_assets: uint256, _receiver: address, _controller: address) -> uint256:
    """
    @notice Claims settled redemptions, by assets.
    @param _assets Of the claimable assets, AID wei.
    @param _receiver Who gets the AID.
    @param _controller Whose claim: the caller's, or of one whose operator it is.
    @return Claimable shares used, rounded up.
    @custom:reverts "zero amount", "exceeds claimable", "not operator", "denied".
    """
    position: cycles.Position = self._open_claim(_controller, _receiver)
    self._check_claim(_assets, position.claim_assets)
    shares_up: uint256 = vault._mul_div_up(_assets, position.claim_shares, position.claim_assets)
    self._pay(position, shares_up, _assets, _receiver, _controller)
    return shares_up


@external
@nonreentrant
def claim(_receiver: address, _controller: address) -> uint256:
    """
    @notice Claims all that is settled for a controller.
    @param _receiver Who gets the AID.
    @param _controller Whose claim: the caller's, or of one whose operator it is.
    @return AID paid, AID wei.
    @custom:reverts "nothing to claim", "not operator", "denied".
    """
    position: cycles.Position = self._open_claim(_controller, _receiver)
    assets: uint256 = position.claim_assets
    assert assets != 0, "nothing to claim"
    self._pay(position, position.claim_shares, assets, _receiver, _controller)
    return assets


@external
def setOperator(_operator: address, _approved: bool) -> bool:
    """
    @notice Lets an operator request, cancel and claim for the caller, or stops it.
    @return Always true.
    """
    vault.isOperator[msg.sender][_operator] = _approved
    log OperatorSet(controller=msg.sender, operator=_operator, approved=_approved)
    return True


@external
@view
def previewRedeem(_shares: uint256) -> uint256:  # natrix: NTX10
    """
    @notice Always reverts, as ERC-7540 requires: the price is known at the end of the cycle.
    @custom:reverts "async redemption".
    """
    raise "async redemption"


@external
@view
def previewWithdraw(_assets: uint256) -> uint256:  # natrix: NTX10
    """
    @notice Always reverts, as ERC-7540 requires: the price is known at the end of the cycle.
    @custom:reverts "async redemption".
    """
    raise "async redemption"


@external
@view
def maxRedeem(_controller: address) -> uint256:
    """
    @notice Shares that `_controller` can claim now, share wei.
    """
    return self._claimable(_controller).claim_shares


@external
@view
def maxWithdraw(_controller: address) -> uint256:
    """
    @notice AID that `_controller` can claim now, AID wei.
    """
    return self._claimable(_controller).claim_assets


@external
@view
def pendingRedeemRequest(_id: uint256, _controller: address) -> uint256:
    """
    @notice Shares of `_controller` that wait to be filled, share wei; zero for an id other than 0.
    """
    if _id != vault.REQUEST_ID:
        return 0
    position: cycles.Position = vault._position(_controller)
    return position.active + position.upcoming


@external
@view
def claimableRedeemRequest(_id: uint256, _controller: address) -> uint256:
    """
    @notice Shares of `_controller` that were filled and not claimed, share wei; zero for an id
            other than 0.
    """
    if _id != vault.REQUEST_ID:
        return 0
    return vault._position(_controller).claim_shares


@external
@view
def position(_controller: address) -> cycles.Position:
    """
    @notice Everything a controller has in line or to claim, due settlements included.
    """
    return vault._position(_controller)


@internal
@view
def _in_window(_cycle: uint256) -> bool:
    """
    @notice Whether requests join `_cycle`, the running one, and active shares may leave its line.
    """
    return block.timestamp < cycles._cycle_start(_cycle) + cycle_terms._terms_of(_cycle).window


@internal
def _crystallise(_controller: address, _cycle: uint256) -> cycles.Position:
    """
    @notice Books what a position has earned; the caller stores what stays in line.
    """
    position: cycles.Position = cycles._position(_controller, _cycle, [])
    cycles._store_claims(_controller, position)
    return position


@internal
def _open_claim(_controller: address, _receiver: address) -> cycles.Position:
    queue: cycles.Queue = vault._sync()
    vault._check_operator(_controller)
    if msg.sender != _receiver or _controller != _receiver:
        # AID checks the receiver
        vault._check_denied(msg.sender, _controller, empty(address))
    return cycles._position(_controller, queue.cycle, [])


@internal
@pure
def _check_claim(_amount: uint256, _claimable: uint256):
    assert _amount != 0, "zero amount"
    assert _amount <= _claimable, "exceeds claimable"


@internal
def _pay(
    _position: cycles.Position,
    _shares: uint256,
    _assets: uint256,
    _receiver: address,
    _controller: address,
):
    """
    @notice The common end of the claims: claimable AID has left `idle` already.
    """
    position: cycles.Position = _position
    position.claim_shares -= _shares
    position.claim_assets -= _assets
    cycles._store_position(_controller, position)
    cycles._store_claims(_controller, position)
    cash: uint256 = vault._cash
    vault._store_cash(cash & vault.MASK_128, (cash >> 128) - _assets)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=_receiver, owner=_controller, assets=_assets, shares=_shares
    )
    extcall IAID(vault.AID).transfer(_receiver, _assets)


@internal
@view
def _claimable(_controller: address) -> cycles.Position:
    """
    @notice The position, or an empty one while its owner cannot claim.
    """
    if vault._blocked(_controller):
        return empty(cycles.Position)
    return vault._position(_controller)
