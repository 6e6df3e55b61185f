# pragma version 0.4.3
# pragma optimize gas
"""
@title Offering: one deal, sold in shares
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Known users buy participations in an approved deal, one for one AID, until what the deal
        needs is together. If by the deadline less than the minimum is sold, the sale has failed; if
        more, it goes on for another EXTENSION, so that an underwriter can take the rest. Once all is
        sold, anyone closes the sale: the AID funds the deal. If nobody can in time, or if CREDIT or
        GUARDIAN calls it off, or the deal is cancelled, the sale has failed: then every holder takes
        back one AID for each participation.

        Participations are ERC-20 tokens that trade freely: only buying them here asks for KYC, and
        only AID's deny list stops a transfer. What the deal pays goes to those who hold them when it
        is paid, in proportion, and waits to be claimed. The deal's losses are theirs too: nothing
        else covers them.
@dev One contract a deal, deployed by anyone once the deal is proposed: CREDIT checks its code and
     terms before it approves the deal with this contract as funder, and the desk funds from no other.

     What a participation has been paid is one number that only grows, the index. An account's
     unclaimed payments are brought up to date before its balance changes, on both sides of a
     transfer, and kept to the 2^64th of a wei; what an index step cannot divide is carried to the
     next. So no payment is ever lost to rounding, and all claims together never exceed what came in.

     Bounds: at most 2^96 wei come in, shared by at least 2^69 wei of participations, so the index
     stays below 2^(96 + 64 - 69) = 2^91 and what an account has earned below 2^(96 + 64).
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from snekmate.auth import ownable
from snekmate.tokens import erc20
from snekmate.tokens.interfaces import IERC20Permit
from snekmate.utils.interfaces import IERC5267

from ..interfaces import IAID
from ..interfaces import IAllowlist
from ..interfaces import IDealDesk
from ..interfaces import IDeals
from ..interfaces import IOffering
from ..interfaces import IRoles

implements: IERC20
implements: IERC20Detailed
implements: IERC20Permit
implements: IERC5267
implements: IOffering

initializes: ownable
initializes: erc20[ownable := ownable]

exports: (
    erc20.DOMAIN_SEPARATOR,
    erc20.allowance,
    erc20.approve,
    erc20.balanceOf,
    erc20.decimals,
    erc20.eip712Domain,
    erc20.nonces,
    erc20.permit,
    erc20.totalSupply,
)


event Bought:
    buyer: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Refunded:
    owner: indexed(address)
    receiver: indexed(address)
    amount: uint256


event Closed:
    deal: indexed(uint256)
    amount: uint256


event Cancelled:
    by: indexed(address)


event Paid:
    deal: indexed(uint256)
    amount: uint256


event Claimed:
    owner: indexed(address)
    receiver: indexed(address)
    amount: uint256


flag Status:
    SELLING
    SOLD  # out, so that the deal can be funded
    FUNDED
    FAILED  # refunds are open
# From the deadline on, seconds in which a sale above its minimum may be completed and closed.
EXTENSION: public(constant(uint256)) = 14 * 86_400
MAX_DURATION: constant(uint256) = 90 * 86_400
MIN_CAP: constant(uint256) = 10**3 * 10**18
MAX_RECEIVED: constant(uint256) = 2**96 - 1

CREDIT: constant(bytes32) = keccak256("CREDIT")
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")

# of a wei in indices and earnings
SCALE: constant(uint256) = 64
INDEX_MASK: constant(uint256) = 2**96 - 1
EARNED_SHIFT: constant(uint256) = 96

ROLES: public(immutable(IRoles))
ALLOWLIST: public(immutable(IAllowlist))
AID: public(immutable(IAID))
DEALS: public(immutable(IDeals))
DESK: public(immutable(IDealDesk))
# the deal's number
DEAL: public(immutable(uint256))
# what the deal needs, AID wei
CAP: public(immutable(uint256))
# less by the deadline, and the sale has failed; AID wei
MINIMUM: public(immutable(uint256))
# last second of the sale, or of its first part
DEADLINE: public(immutable(uint256))

# whether CREDIT or GUARDIAN has called the sale off
cancelled: public(bool)
# when the deal was funded, Unix seconds; 0 before
closed_at: public(uint256)
# all that the deal has paid, AID wei
received: public(uint256)
# AID wei paid to one wei of participation so far, and what it could not divide yet; scaled 2^64
_index: uint256
_carry: uint256
# account -> index when it was last brought up to date 96 | unclaimed, scaled 160, from the lowest bit
_accounts: HashMap[address, uint256]


@deploy
def __init__(
    _roles: IRoles,
    _allowlist: IAllowlist,
    _aid: IAID,
    _deals: IDeals,
    _desk: IDealDesk,
    _deal: uint256,
    _minimum: uint256,
    _deadline: uint256,
):
    """
    @notice Offer a proposed deal; the sale opens when the deal is approved with this contract as its
            funder. The cap is what the deal needs.
    @param _roles Where roles are held.
    @param _allowlist Whose KYC is valid.
    @param _aid The dollar.
    @param _deals What was agreed about deals.
    @param _desk The credit desk; these five revert without code ("no code").
    @param _deal The deal's number; it needs at least 1e3 AID, else "cap out of bounds".
    @param _minimum Least that must be sold by the deadline, AID wei, above zero and at most the cap
                    ("minimum out of bounds").
    @param _deadline Unix second, at most 90 days ahead ("deadline out of bounds").
    """
    assert (
        _roles.address.is_contract
        and _allowlist.address.is_contract
        and _aid.address.is_contract
        and _deals.address.is_contract
        and _desk.address.is_contract
    ), "no code"
    cap: uint256 = staticcall _deals.funding_of(_deal)
    assert cap >= MIN_CAP, "cap out of bounds"
    assert _minimum != 0 and _minimum <= cap, "minimum out of bounds"
    assert (
        _deadline > block.timestamp and _deadline <= block.timestamp + MAX_DURATION
    ), "deadline out of bounds"
    ROLES = _roles
    ALLOWLIST = _allowlist
    AID = _aid
    DEALS = _deals
    DESK = _desk
    DEAL = _deal
    CAP = cap
    MINIMUM = _minimum
    DEADLINE = _deadline
    ownable.__init__()
    # the module's own name and symbol are too short for a number, and not exported
    erc20.__init__("", "", 18, "AID deal participation", "1")
    # nobody owns the token module: participations are sold and refunded by the rules below alone
    erc20.is_minter[msg.sender] = False
    log erc20.RoleMinterChanged(minter=msg.sender, status=False)
    ownable._transfer_ownership(empty(address))


# The sale


@external
@nonreentrant
def buy(_most: uint256, _least: uint256, _receiver: address = msg.sender) -> uint256:
    """
    @notice Buy participations, one for one AID: as many as there are left, up to `_most`.
    @param _most AID wei to spend at most; the caller has approved them.
    @param _least AID wei to spend at least: what others buy before may leave less than `_most`.
    @param _receiver Who gets the participations.
    @return AID wei spent, and wei of participation got.
    @custom:access Callers with valid KYC.
    @custom:reverts "not selling", "not approved", "kyc required", "zero amount", "sold out" if fewer
                    than `_least` are left, "receiver is offering", and AID's and the token's reasons.
    """
    assert self._status() == Status.SELLING, "not selling"
    assert (
        staticcall DEALS.stage(DEAL) == IDeals.Stage.APPROVED
        and staticcall DEALS.funder_of(DEAL) == self
    ), "not approved"
    assert staticcall ALLOWLIST.is_allowed(msg.sender), "kyc required"
    # selling: supply < CAP
    amount: uint256 = min(_most, unsafe_sub(CAP, erc20.totalSupply))
    assert amount >= _least, "sold out"
    assert amount != 0, "zero amount"
    self._check_parties(msg.sender, msg.sender, _receiver)

    erc20._mint(_receiver, amount)
    log Bought(buyer=msg.sender, receiver=_receiver, amount=amount)
    assert extcall AID.transferFrom(msg.sender, self, amount)
    return amount


@external
@nonreentrant
def refund(_receiver: address = msg.sender) -> uint256:
    """
    @notice Give back all participations of the caller for one AID each, after a sale that failed.
    @param _receiver Who gets the AID.
    @return AID wei.
    @custom:reverts "not failed", "nothing to refund", "denied" for the caller and the receiver, and
                    AID's reasons.
    """
    assert self._status() == Status.FAILED, "not failed"
    amount: uint256 = erc20.balanceOf[msg.sender]
    assert amount != 0, "nothing to refund"
    self._check_parties(msg.sender, msg.sender, _receiver)

    erc20._burn(msg.sender, amount)
    log Refunded(owner=msg.sender, receiver=_receiver, amount=amount)
    assert extcall AID.transfer(_receiver, amount)
    return amount


# Payments of the deal


@external
@nonreentrant
def claim(_receiver: address = msg.sender) -> uint256:
    """
    @notice Take what the deal has paid the caller and is not claimed yet. What is less than a wei
            stays for the next time.
    @param _receiver Who gets the AID.
    @return AID wei, rounded down.
    @custom:reverts "nothing to claim", "denied" for the caller and the receiver, "receiver is
                    offering", and AID's reasons.
    """
    earned: uint256 = self._earned(msg.sender)
    amount: uint256 = earned >> SCALE
    assert amount != 0, "nothing to claim"
    self._check_parties(msg.sender, msg.sender, _receiver)

    self._store(msg.sender, earned - (amount << SCALE))
    log Claimed(owner=msg.sender, receiver=_receiver, amount=amount)
    assert extcall AID.transfer(_receiver, amount)
    return amount


@external
@nonreentrant
def on_payment(_deal: uint256, _amount: uint256):
    """
    @notice Take in what the deal pays, for those who hold participations now.
    @param _deal The deal's number.
    @param _amount AID wei that the desk has transferred here in this transaction.
    @custom:access The desk.
    @custom:reverts "not desk", "wrong deal", "not funded", "payments out of bounds" beyond 2^96 wei in
                    all.
    """
    assert msg.sender == DESK.address, "not desk"
    assert _deal == DEAL, "wrong deal"
    assert self.closed_at != 0, "not funded"
    received: uint256 = self.received + _amount
    assert received <= MAX_RECEIVED, "payments out of bounds"

    self.received = received
    # all of CAP is sold, and nothing is burned any more
    share: uint256 = (_amount << SCALE) + self._carry
    self._index += share // CAP
    self._carry = share % CAP
    log Paid(deal=_deal, amount=_amount)


# The participation token


@external
def transfer(_to: address, _amount: uint256) -> bool:
    """
    @notice Send participations. What the deal has paid on them so far stays the sender's.
    @param _to Receiver, not zero and not this contract.
    @param _amount Wei of participation.
    @return True, always.
    @custom:reverts "receiver is offering", "denied" (caller, receiver), and as snekmate's ERC-20.
    """
    self._check_parties(msg.sender, msg.sender, _to)
    self._move(msg.sender, _to, _amount)
    return True


@external
def transferFrom(_owner: address, _to: address, _amount: uint256) -> bool:
    """
    @notice Send participations of an owner who has approved the caller. An allowance of 2^256 - 1 is
            endless. What the deal has paid on them so far stays the owner's.
    @param _owner Whose participations are sent.
    @param _to Receiver, not zero and not this contract.
    @param _amount Wei of participation.
    @return True, always.
    @custom:reverts "receiver is offering", "denied" (caller, owner, receiver), and as snekmate's
                    ERC-20.
    """
    self._check_parties(msg.sender, _owner, _to)
    erc20._spend_allowance(_owner, msg.sender, _amount)
    self._move(_owner, _to, _amount)
    return True


# Closing


@external
@nonreentrant
def close():
    """
    @notice Fund the deal, once everything is sold. The desk's own gates hold: appraisal, coverage,
            telemetry, first loss.
    @custom:access Anyone.
    @custom:reverts "not sold", "not taken" unless the desk takes all of it, and the desk's reasons.
    """
    assert self._status() == Status.SOLD, "not sold"

    self.closed_at = block.timestamp
    log Closed(deal=DEAL, amount=CAP)
    assert extcall AID.approve(DESK.address, CAP)
    extcall DESK.fund_offering(DEAL)
    assert staticcall AID.allowance(self, DESK.address) == 0, "not taken"


@external
def cancel():
    """
    @notice Call the sale off, for good: refunds open at once.
    @custom:access CREDIT, GUARDIAN; before the deal is funded.
    @custom:reverts "not credit or guardian", "not open" if it is funded or has failed.
    """
    assert (
        staticcall ROLES.hasRole(CREDIT, msg.sender)
        or staticcall ROLES.hasRole(GUARDIAN, msg.sender)
    ), "not credit or guardian"
    assert self._status() in (Status.SELLING | Status.SOLD), "not open"
    self.cancelled = True
    log Cancelled(by=msg.sender)


# Views


@external
@view
def name() -> String[101]:
    """
    @notice Name of the participation token, e.g. "AID deal 7 participation".
    """
    return concat("AID deal ", uint2str(DEAL), " participation")


@external
@view
def symbol() -> String[83]:
    """
    @notice Symbol of the participation token, e.g. "DEAL-7".
    """
    return concat("DEAL-", uint2str(DEAL))


@external
@view
def status() -> Status:
    """
    @notice Where the sale stands: 1 selling, 2 sold (waiting to be closed), 4 funded, 8 failed.
    """
    return self._status()


@external
@view
def available() -> uint256:
    """
    @notice What may be bought now.
    @return AID wei; 0 unless selling.
    """
    return CAP - erc20.totalSupply if self._status() == Status.SELLING else 0


@external
@view
def claimable(_account: address) -> uint256:
    """
    @notice What the deal has paid an account and is not claimed yet.
    @return AID wei, rounded down.
    """
    return self._earned(_account) >> SCALE


# Internals


@internal
@view
def _status() -> Status:
    if self.closed_at != 0:
        return Status.FUNDED
    # each of these stays true: refunds only lower the supply
    supply: uint256 = erc20.totalSupply
    if (
        self.cancelled
        or block.timestamp > DEADLINE + EXTENSION
        or (block.timestamp > DEADLINE and supply < MINIMUM)
        or staticcall DEALS.stage(DEAL) == IDeals.Stage.CANCELLED
    ):
        return Status.FAILED
    return Status.SOLD if supply == CAP else Status.SELLING


@internal
def _move(_owner: address, _to: address, _amount: uint256):
    self._store(_owner, self._earned(_owner))
    self._store(_to, self._earned(_to))
    erc20._transfer(_owner, _to, _amount)


@internal
@view
def _earned(_account: address) -> uint256:
    """
    @notice Unclaimed payments of an account as of the present index, scaled.
    """
    word: uint256 = self._accounts[_account]
    return (word >> EARNED_SHIFT) + erc20.balanceOf[_account] * (self._index - (word & INDEX_MASK))


@internal
def _store(_account: address, _earned: uint256):
    # the bounds in the contract's comment: neither runs into the other
    self._accounts[_account] = (_earned << EARNED_SHIFT) | self._index


@internal
@view
def _check_parties(_caller: address, _owner: address, _to: address):
    assert _to != self, "receiver is offering"
    assert not staticcall AID.any_denied(_caller, _owner, _to), "denied"
