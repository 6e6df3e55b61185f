# pragma version 0.4.3
"""
@title Marks, default, and what follows: liquidation or a hosting partner
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Anyone may declare a default once grace is over. The committee may then have the collateral sold,
        or let a hosting partner keep it earning. It marks a deal down at once, up only after a delay.
"""

from . import book
from . import curve
from . import desk_seam
from . import till
from ..interfaces import ICollateralAuction

uses: book
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


event MarkUpProposed:
    deal: indexed(uint256)
    bps: uint256
    from_time: uint256


event AuctionSet:
    auction: indexed(address)


BPS: constant(uint256) = 10**4
MARK_UP_DELAY: public(constant(uint256)) = 3 * 86400
MASK_14: constant(uint256) = 2**14 - 1

# where collateral is sold
auction: public(address)
# bps 14 | from time 40, by deal; 0 for none
_mark_ups: HashMap[uint256, uint256]


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
    log Defaulted(deal=_deal)
    extcall till.LEDGER.declare_default(_deal)


# Committee


@external
@nonreentrant
def mark(_deal: uint256, _bps: uint256):
    """
    @notice Mark a deal down: at least `_bps` of its gross value are impaired from now on.
    @param _bps Above the present mark, at most 10,000.
    @custom:access CREDIT.
    @custom:reverts "not credit", "mark out of bounds", "not a markdown", "not open".
    """
    till._check_credit()
    assert _bps <= BPS, "mark out of bounds"
    assert _bps > self._mark_of(_deal), "not a markdown"
    self._set_mark(_deal, _bps, False)


@external
def propose_mark_up(_deal: uint256, _bps: uint256):
    """
    @notice Announce that a mark will be lowered; a markdown meanwhile takes this back.
    @param _bps Below the present mark.
    @custom:access CREDIT.
    @custom:reverts "not credit", "not a mark-up".
    """
    till._check_credit()
    assert _bps < self._mark_of(_deal), "not a mark-up"
    from_time: uint256 = block.timestamp + MARK_UP_DELAY
    self._mark_ups[_deal] = _bps | (from_time << 14)
    log MarkUpProposed(deal=_deal, bps=_bps, from_time=from_time)


@external
@nonreentrant
def mark_up(_deal: uint256):
    """
    @notice Lower a mark as announced; the impairment goes back over the days of a cure. Not while grace
            of a leg is over that lacks more than is held for it.
    @custom:access CREDIT.
    @custom:reverts "not credit", "nothing proposed", "too early", "deal late", "not open".
    """
    till._check_credit()
    proposal: uint256 = self._mark_ups[_deal]
    assert proposal != 0, "nothing proposed"
    assert block.timestamp >= proposal >> 14, "too early"
    self._set_mark(_deal, proposal & MASK_14, True)


@external
@nonreentrant
def liquidate(_deal: uint256):
    """
    @notice Have the collateral of a deal in default sold.
    @custom:access CREDIT.
    @custom:reverts "not credit", "no auction", "not in default".
    """
    till._check_credit()
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
    @param _instalments Number of minimums.
    @param _interval Days between them.
    @custom:access CREDIT.
    @custom:reverts "not credit", "not in default", "no leg" and "principal out of bounds" if less than
                    1,000 AID would be carried, and the bounds of a share's terms as in
                    `Deals.propose`.
    """
    till._check_credit()
    self._mark_ups[_deal] = 0
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
def set_auction(_auction: address):
    """
    @notice Name the contract that sells collateral, once and for all.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "auction set".
    """
    till._check_governor()
    assert _auction.is_contract, "no code"
    assert self.auction == empty(address), "auction set"
    self.auction = _auction
    log AuctionSet(auction=_auction)


@external
@view
def mark_up_of(_deal: uint256) -> (uint256, uint256):
    """
    @notice The mark-up that is announced.
    @return The mark, bps, and from when it can be set, Unix seconds; zeros if none is.
    """
    proposal: uint256 = self._mark_ups[_deal]
    return proposal & MASK_14, proposal >> 14


# Internals


@internal
def _set_mark(_deal: uint256, _bps: uint256, _up: bool):
    self._mark_ups[_deal] = 0
    log Marked(deal=_deal, bps=_bps)
    till._carry_out(_deal, extcall till.LEDGER.mark(_deal, _bps, _up))


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
def _mark_of(_deal: uint256) -> uint256:
    return max(book._load_leg(2 * _deal).floor_bps, book._load_leg(2 * _deal + 1).floor_bps)
