# pragma version 0.4.3
"""
@title Payments, as the desk takes them
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Anyone may pay for a deal, in a stablecoin or in AID. What is overpaid is the borrower's to claim.
"""

from . import desk_seam
from . import till

uses: till


interface Decimals:
    def decimals() -> uint8: view


event Escrowed:
    deal: indexed(uint256)
    leg: indexed(uint256)
    id: uint256
    counted: uint256


event Recounted:
    deal: indexed(uint256)
    leg: indexed(uint256)
    id: uint256
    counted: uint256


event EscrowSettled:
    deal: indexed(uint256)
    leg: indexed(uint256)
    id: uint256
    amount: uint256


event Claimed:
    account: indexed(address)
    receiver: indexed(address)
    amount: uint256


event FeesClaimed:
    receiver: indexed(address)
    amount: uint256


event FeeReceiverSet:
    receiver: indexed(address)


# A payment that waits in the Gateway's escrow.
struct Waiting:
    leg: uint256  # 0: none
    counted: uint256  # towards its anchor now, AID wei
    at_payment: uint256  # the same when it was paid


WAD: constant(uint256) = 10**18

# who receives the protocol's fees
fee_receiver: public(address)
# by the Gateway's id
waiting: public(HashMap[uint256, Waiting])


@external
@nonreentrant
def pay(_deal: uint256, _coin: address, _units: uint256, _to_share: bool = False) -> uint256:
    """
    @notice Pay for a deal in a stablecoin: accrued interest first, then principal, then late interest;
            a revenue share takes all as a receipt; for a deal that is closed it makes good what its end
            has cost. While the Gateway cannot price the coin the payment waits in escrow: it counts as
            paid in time, at the last answer of the coin's feed but at most one, unless somebody has it
            recounted. A coin whose feed gives no answer is refused: it would count for nothing.
    @param _coin A coin that the Gateway accepts.
    @param _units Units to pull from the caller, who has approved them.
    @param _to_share For a hybrid: whether this is for its revenue share.
    @return AID that the Gateway has minted for it, wei; 0 if the payment waits.
    @custom:access Anyone.
    @custom:reverts "not funded", "in liquidation", "deal closed", "no such leg", "transfer failed", "no
                    price", and as the Gateway's `credit_repay`.
    """
    minted: uint256 = 0
    id: uint256 = 0
    minted, id = extcall till.GATEWAY.credit_repay_or_wait(_coin, _units, msg.sender, self)
    if id != 0:
        price: uint256 = (staticcall till.GATEWAY.price_of(_coin))[0]
        assert price != 0, "no price"
        counted: uint256 = self._counted(_coin, (staticcall till.GATEWAY.escrow(id))[1], price)
        held: desk_seam.Outcome = extcall till.LEDGER.wait(_deal, _to_share, counted)
        self.waiting[id] = Waiting(leg=held.leg, counted=counted, at_payment=counted)
        log Escrowed(deal=_deal, leg=held.leg, id=id, counted=counted)
        till._carry_out(_deal, held)
        return 0
    self._use(_deal, extcall till.LEDGER.pay(_deal, _to_share, minted))
    return minted


@external
@nonreentrant
def pay_aid(_deal: uint256, _amount: uint256, _to_share: bool = False) -> uint256:
    """
    @notice Pay for a deal in AID, as `pay` does in coins, but never more than is owed.
    @param _amount Most AID wei to pull from the caller, who has approved them; for a revenue share, all
           of them.
    @param _to_share For a hybrid: whether this is for its revenue share.
    @return AID wei pulled.
    @custom:access Anyone.
    @custom:reverts "not funded", "in liquidation", "deal closed", "no such leg", "zero amount", and AID's
                    reasons.
    """
    outcome: desk_seam.Outcome = extcall till.LEDGER.pay(_deal, _to_share, _amount)
    assert outcome.used != 0, "zero amount"
    extcall till.AID.transferFrom(msg.sender, self, outcome.used)
    till._carry_out(_deal, outcome)
    return outcome.used


@external
@nonreentrant
def recount(_id: uint256) -> uint256:
    """
    @notice Let a payment that waits count for no more than its coin is worth by now, so that a coin
            that has failed keeps no deal from its ramp and from default.
    @param _id The Gateway's escrow.
    @return What it counts for from now on, AID wei.
    @custom:access Anyone.
    @custom:reverts "unknown escrow" (or converted, or settled), "stale price", "nothing to recount" unless
                    that is less than before, "unknown asset" if the Gateway has given the coin up.
    """
    waiting: Waiting = self.waiting[_id]
    coin: address = empty(address)
    units: uint256 = 0
    beneficiary: address = empty(address)
    paid_at: uint256 = 0
    minted: uint256 = 0
    coin, units, beneficiary, paid_at, minted = staticcall till.GATEWAY.escrow(_id)
    assert waiting.leg != 0 and units != 0, "unknown escrow"
    price: uint256 = 0
    fresh: bool = False
    price, fresh = staticcall till.GATEWAY.price_of(coin)
    assert fresh, "stale price"
    counted: uint256 = self._counted(coin, units, price)
    assert counted < waiting.counted, "nothing to recount"

    self.waiting[_id].counted = counted
    deal: uint256 = waiting.leg // 2
    log Recounted(deal=deal, leg=waiting.leg, id=_id, counted=counted)
    till._carry_out(deal, extcall till.LEDGER.settle(waiting.leg, 0, waiting.counted - counted, 0))
    return counted


@external
@nonreentrant
def settle_escrow(_id: uint256) -> uint256:
    """
    @notice Use a payment that has waited, as soon as the Gateway can price it or somebody has converted
            it there. If it comes to less than it counted for when it was paid, the schedule is not held
            against the borrower, and the difference stays owed. While its deal is in liquidation it joins
            the reserve; if the deal is closed it makes good what that has cost, and the rest is the
            borrower's.
    @param _id The Gateway's escrow.
    @return AID minted for it, wei.
    @custom:access Anyone.
    @custom:reverts "unknown escrow" (or settled), and as the Gateway's `convert_escrow`.
    """
    waiting: Waiting = self.waiting[_id]
    assert waiting.leg != 0, "unknown escrow"
    self.waiting[_id] = empty(Waiting)
    # units are zero once somebody has converted it
    if (staticcall till.GATEWAY.escrow(_id))[1] != 0:
        extcall till.GATEWAY.convert_escrow(_id)
    minted: uint256 = (staticcall till.GATEWAY.escrow(_id))[4]
    log EscrowSettled(deal=waiting.leg // 2, leg=waiting.leg, id=_id, amount=minted)
    excused: uint256 = waiting.at_payment - min(waiting.at_payment, minted)
    self._use(
        waiting.leg // 2,
        extcall till.LEDGER.settle(waiting.leg, minted, waiting.counted, excused),
    )
    return minted


@external
@nonreentrant
def draw_reserve(_deal: uint256) -> uint256:
    """
    @notice Use the cash reserve for instalments whose grace is over: of the debt, or of the revenue
            share of a deal without one.
    @return AID wei used.
    @custom:access Anyone.
    @custom:reverts "not funded", "in liquidation", "deal closed", "nothing to draw".
    """
    outcome: desk_seam.Outcome = extcall till.LEDGER.draw(_deal)
    till._carry_out(_deal, outcome)
    return outcome.used


@external
@nonreentrant
def close(_deal: uint256):
    """
    @notice End a deal that owes nothing and whose revenue share has run out: the collateral is released,
            reserve and first loss are the borrower's to claim. A payment that is the last does so by
            itself.
    @custom:access Anyone.
    @custom:reverts "not funded", "in liquidation", "deal closed", "still open".
    """
    till._carry_out(_deal, extcall till.LEDGER.finish(_deal))


@external
@nonreentrant
def claim(_receiver: address) -> uint256:
    """
    @notice Pay the caller what is left of its deals: overpayments, reserves, first losses, surplus.
    @param _receiver Receives the AID.
    @return AID wei.
    @custom:access Whoever has something to claim.
    @custom:reverts "denied", "nothing to claim", and AID's reasons.
    """
    # AID looks at the receiver alone
    assert not staticcall till.AID.is_denied(msg.sender), "denied"
    amount: uint256 = till.claimable[msg.sender]
    assert amount != 0, "nothing to claim"
    till.claimable[msg.sender] = 0
    log Claimed(account=msg.sender, receiver=_receiver, amount=amount)
    extcall till.AID.transfer(_receiver, amount)
    return amount


@external
@nonreentrant
def claim_fees() -> uint256:
    """
    @notice Pay the protocol's fees to their receiver.
    @return AID wei.
    @custom:access Anyone.
    @custom:reverts "no fee receiver", "nothing to claim", and AID's reasons.
    """
    receiver: address = self.fee_receiver
    assert receiver != empty(address), "no fee receiver"
    amount: uint256 = till.fees
    assert amount != 0, "nothing to claim"
    till.fees = 0
    log FeesClaimed(receiver=receiver, amount=amount)
    extcall till.AID.transfer(receiver, amount)
    return amount


@external
def set_fee_receiver(_receiver: address):
    """
    @notice Name who receives the protocol's fees; the zero address keeps them at the desk.
    @custom:access GOVERNOR.
    @custom:reverts "not governor".
    """
    till._check_governor()
    self.fee_receiver = _receiver
    log FeeReceiverSet(receiver=_receiver)


@internal
def _use(_deal: uint256, _outcome: desk_seam.Outcome):
    """
    @notice Carries out a payment that is here already: what is too much is the borrower's.
    """
    if _outcome.unused != 0:
        till._owe(staticcall till.DEALS.borrower_of(_deal), _outcome.unused)
    till._carry_out(_deal, _outcome)


@internal
@view
def _counted(_coin: address, _units: uint256, _price: uint256) -> uint256:
    """
    @notice What an escrowed payment counts for, wei: its units at a price, at most one. At par, a coin
            that has failed would keep a deal from defaulting.
    """
    decimals: uint256 = convert(staticcall Decimals(_coin).decimals(), uint256)
    return _units * min(_price, WAD) // 10**decimals
