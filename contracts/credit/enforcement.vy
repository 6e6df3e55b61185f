# pragma version 0.4.3
"""
@title Marks, default, and what follows: liquidation or a hosting partner
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Anyone may declare a default once grace is over. What follows, a sale of the collateral or a hosting
        partner that keeps it earning, and marks, the Workout decides; the desk carries it out.
"""

from . import curve
from . import desk_seam
from . import till
from ..interfaces import ICollateralAuction

uses: till


event Defaulted:
    deal: indexed(uint256)


event Liquidated:
    deal: indexed(uint256)
    owed: uint256


event SteppedIn:
    deal: indexed(uint256)
    carried: uint256
    loss: uint256


event Resolved:
    deal: indexed(uint256)
    recovered: uint256
    to_funder: uint256
    loss: uint256
    to_borrower: uint256


event Marked:
    deal: indexed(uint256)
    bps: uint256


event AuctionSet:
    auction: indexed(address)


event WorkoutSet:
    workout: indexed(address)


BPS: constant(uint256) = 10**4

# where collateral is sold
auction: public(address)
# who decides what follows a default, and marks
workout: public(address)
# by deal: when its last default was declared, on AID's clock of unpaused seconds
defaulted_at: public(HashMap[uint256, uint256])


# Anyone


@external
@nonreentrant
def declare_default(_deal: uint256):
    """
    @notice Say that a deal is in default: grace of an instalment is over, and neither cash nor what is
            held for its leg covers it: escrowed payments, and the reserve, of a hybrid the debt's alone.
    @custom:access Anyone.
    @custom:reverts "not funded", "in liquidation", "deal closed", "in default", "not late".
    """
    self.defaulted_at[_deal] = staticcall till.AID.unpaused_seconds()
    log Defaulted(deal=_deal)
    extcall till.LEDGER.declare_default(_deal)


# Workout


@external
@nonreentrant
def mark(_deal: uint256, _bps: uint256, _up: bool):
    """
    @notice Impair at least a part of what a deal carries from now on.
    @param _deal The deal's number.
    @param _bps Of its gross value, at most 10,000.
    @param _up Whether that is less than before: then the impairment goes back over the days of a cure, and
           no leg may be late that lacks more than is held for it.
    @custom:access The Workout.
    @custom:reverts "not workout", "mark out of bounds", "not open", "deal late".
    """
    self._check_workout()
    assert _bps <= BPS, "mark out of bounds"
    log Marked(deal=_deal, bps=_bps)
    till._carry_out(_deal, extcall till.LEDGER.mark(_deal, _bps, _up))


@external
@nonreentrant
def liquidate(_deal: uint256):
    """
    @notice Have the collateral of a deal in default sold.
    @param _deal The deal's number.
    @custom:access The Workout.
    @custom:reverts "not workout", "no auction", "not in default".
    """
    self._check_workout()
    assert self.auction != empty(address), "no auction"
    owed: uint256 = extcall till.LEDGER.liquidate(_deal)
    log Liquidated(deal=_deal, owed=owed)
    receipt: uint256 = staticcall till.DEALS.receipt_of(_deal)
    extcall till.RECEIPTS.seize(receipt, self.auction)
    extcall ICollateralAuction(self.auction).start(_deal, receipt, owed)


@external
@nonreentrant
def step_in(_deal: uint256, _instalments: uint256, _interval: uint256):
    """
    @notice Let a hosting partner keep the collateral of a deal in default earning. The reserve pays what
            it can; then the deal goes on as one revenue share at its impaired value, whose minimums
            bring that back. The impairment is realised as a loss at once, interest that was not carried
            is forgiven, first loss and what is left of the reserve stand behind the share.
    @param _deal The deal's number.
    @param _instalments Number of minimums.
    @param _interval Days between them.
    @custom:access The Workout.
    @custom:reverts "not workout", "not in default", "no leg" and "principal out of bounds" if less than
                    1,000 AID would be carried, and the bounds of a share's terms as in
                    `Deals.propose`.
    """
    self._check_workout()
    outcome: desk_seam.Outcome = extcall till.LEDGER.step_in(_deal, _instalments, _interval)
    log SteppedIn(deal=_deal, carried=outcome.share.value >> curve.SCALE, loss=outcome.loss)
    till._carry_out(_deal, outcome)


# Auction


@external
@nonreentrant
def resolve(_deal: uint256, _coin: address, _amount: uint256) -> uint256:
    """
    @notice End a deal in liquidation with what its collateral has brought. The reserve joins it up to
            what is owed, the first loss up to what is carried. Of the sum the funder has its carrying
            value; what is owed beyond is earnings, of which the protocol has its part; the rest is the
            borrower's to claim. What is missing is a loss: of the vault and what insures it, or of the
            offering alone.
    @param _coin AID, or a stablecoin that the Gateway converts at once.
    @param _amount Units of it, pulled from the caller, who has approved them; 0 if nobody bid.
    @return What the collateral has brought, AID wei.
    @custom:access The auction.
    @custom:reverts "not auction", "not in liquidation", "not convertible", "transfer failed", and as the
                    Gateway's `credit_repay`.
    """
    assert msg.sender == self.auction, "not auction"
    brought: uint256 = 0
    if _amount != 0:
        brought = self._bring_aid(_coin, _amount)
    outcome: desk_seam.Outcome = extcall till.LEDGER.resolve(_deal, brought)
    log Resolved(
        deal=_deal,
        recovered=brought,
        to_funder=outcome.to_funder,
        loss=outcome.loss,
        to_borrower=outcome.to_borrower,
    )
    extcall till.DEALS.close(_deal)
    till._carry_out(_deal, outcome)
    return brought


@external
@nonreentrant
def recover(_deal: uint256, _coin: address, _amount: uint256) -> uint256:
    """
    @notice Take what the collateral of a deal that is over has brought after all: it makes good what the
            end has cost, and the rest is the borrower's to claim.
    @param _deal The deal's number.
    @param _coin AID, or a stablecoin that the Gateway converts at once.
    @param _amount Units of it, pulled from the caller, who has approved them.
    @return AID wei.
    @custom:access The auction.
    @custom:reverts "not auction", "not convertible", "transfer failed", and as the Gateway's
                    `credit_repay`.
    """
    assert msg.sender == self.auction, "not auction"
    brought: uint256 = self._bring_aid(_coin, _amount)
    outcome: desk_seam.Outcome = extcall till.LEDGER.settle(2 * _deal, brought, 0, 0)
    if outcome.unused != 0:
        till._owe(staticcall till.DEALS.borrower_of(_deal), outcome.unused)
    till._carry_out(_deal, outcome)
    return brought


@external
def set_auction(_auction: address):
    """
    @notice Name the contract that sells collateral, once and for all.
    @param _auction The auction.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "auction set".
    """
    till._check_governor()
    assert _auction.is_contract, "no code"
    assert self.auction == empty(address), "auction set"
    self.auction = _auction
    log AuctionSet(auction=_auction)


@external
def set_workout(_workout: address):
    """
    @notice Name the contract that decides what follows a default, once and for all.
    @param _workout The Workout.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "workout set".
    """
    till._check_governor()
    assert _workout.is_contract, "no code"
    assert self.workout == empty(address), "workout set"
    self.workout = _workout
    log WorkoutSet(workout=_workout)


# Internals


@internal
def _bring_aid(_coin: address, _amount: uint256) -> uint256:
    """
    @notice Takes a payment from the caller, now or not at all; returns AID wei.
    """
    if _coin == till.AID.address:
        extcall till.AID.transferFrom(msg.sender, self, _amount)
        return _amount
    minted: uint256 = 0
    id: uint256 = 0
    minted, id = extcall till.GATEWAY.credit_repay_or_wait(_coin, _amount, msg.sender, self)
    assert id == 0, "not convertible"
    return minted


@internal
@view
def _check_workout():
    assert msg.sender == self.workout, "not workout"
