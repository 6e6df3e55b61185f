# pragma version 0.4.3
# pragma optimize gas
"""
@title CollateralAuction: GPUs of a defaulted deal, sold at a falling price
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A Dutch auction of the receipt of a deal's collateral. It starts above what the lot was last
        appraised at and above what is owed, and falls by equal steps to a floor. The first who takes
        the present price, in AID or an accepted stablecoin, has the lot; there are no bids to outbid,
        to withdraw or to snipe. What it brings goes to the desk in the same transaction, which pays
        the deal's funder and gives the borrower what is above the debt. Without a buyer, CREDIT has
        some days to start another round; then anyone ends it, and the deal is resolved at nothing. From
        then on anyone may offer the lot a last time: from the last price down to nothing, where it stays
        until somebody takes it. What that brings makes good what the deal has cost, first of all.
@dev Prices are AID wei, fixed when a round starts: neither a later appraisal, a payment nor a change
     of the terms moves a running one. They follow AID's clock of unpaused seconds, see `falling_price`:
     while AID is paused nobody can bid, and nothing falls; AID is always a way to bid, so only its pause
     stops a price. The receipt moves by `transferFrom`: its receiver is not called, and so can neither
     refuse nor re-enter.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from . import falling_price
from ..interfaces import IAID
from ..interfaces import ICollateralAuction
from ..interfaces import IDealDesk
from ..interfaces import IGateway
from ..interfaces import IRoles

implements: ICollateralAuction


interface Receipts:
    def desk() -> address: view
    def ownerOf(_id: uint256) -> address: view
    def transferFrom(_owner: address, _to: address, _id: uint256): nonpayable
    def appraisal(_id: uint256) -> (uint256, uint256): view


event Started:
    deal: indexed(uint256)
    receipt: indexed(uint256)
    round: uint256
    start: uint256
    lowest: uint256
    ends_at: uint256


event Sold:
    deal: indexed(uint256)
    receipt: indexed(uint256)
    buyer: indexed(address)
    receiver: address
    price: uint256
    coin: address
    units: uint256


event Expired:
    deal: indexed(uint256)
    receipt: indexed(uint256)


event TermsSet:
    start_bps: uint256
    lowest_bps: uint256
    step: uint256
    steps: uint256


# A round of a deal's auction.
struct Auction:
    receipt: uint256
    round: uint256  # from 1; 0: there is none
    started_at: uint256  # Unix seconds
    ends_at: uint256  # after the last step's end, if AID is not paused again before
    step: uint256  # seconds
    start: uint256  # AID wei
    lowest: uint256  # AID wei


# From a round's end, unpaused seconds that CREDIT has before anyone may end the auction.
RESTART_WINDOW: public(constant(uint256)) = 3 * 86_400
MAX_ROUNDS: public(constant(uint256)) = 4
# the round of a lot that is offered again after the deal was resolved; it has no end
LAST_ROUND: public(constant(uint256)) = MAX_ROUNDS + 1
WAD: constant(uint256) = 10**18
# what a price is computed from is cut here, so that 3 * reference fits into 128 bits
MAX_REFERENCE: constant(uint256) = 2**126

GOVERNOR: constant(bytes32) = empty(bytes32)
CREDIT: constant(bytes32) = keccak256("CREDIT")

ROLES: public(immutable(IRoles))
AID: public(immutable(IAID))
GATEWAY: public(immutable(IGateway))
# ComputeReceipt; its desk is the one that starts auctions
RECEIPTS: public(immutable(address))

_terms: uint256
_rounds: HashMap[uint256, uint256]
_prices: HashMap[uint256, uint256]
# deal -> receipt that nobody has bought and that is not offered, 0 for none
unsold: public(HashMap[uint256, uint256])


@deploy
def __init__(_roles: IRoles, _aid: IAID, _gateway: IGateway, _receipts: address):
    """
    @notice Start with auctions from 130 % to 30 % in 336 steps of half an hour: a week.
    @param _roles Where roles are held.
    @param _aid The dollar.
    @param _gateway Knows the accepted coins and their prices.
    @param _receipts ComputeReceipt; each of the four reverts without code ("no code").
    """
    assert (
        _roles.address.is_contract
        and _aid.address.is_contract
        and _gateway.address.is_contract
        and _receipts.is_contract
    ), "no code"
    ROLES = _roles
    AID = _aid
    GATEWAY = _gateway
    RECEIPTS = _receipts
    self._set_terms(falling_price.Terms(start_bps=13_000, lowest_bps=3_000, step=1_800, steps=336))


# Buyers


@external
@nonreentrant
def bid(
    _deal: uint256,
    _coin: address,
    _most: uint256,
    _deadline: uint256 = max_value(uint256),
    _receiver: address = msg.sender,
) -> uint256:
    """
    @notice Buy a deal's collateral at the present price.
    @param _deal The deal's number.
    @param _coin AID, or a stablecoin that the Gateway takes now.
    @param _most Most units of it to pay; the caller has approved the price.
    @param _deadline Last second in which the call may be included.
    @param _receiver Who gets the receipt. It is not called.
    @return Units paid: the price, in a stablecoin at min(1, its price), rounded up.
    @custom:access Anyone whom AID does not deny.
    @custom:reverts "deadline passed", "no auction", "auction over", "max in", "denied" for the caller
                    and the receiver, "unknown asset", "stale price", "transfer failed", "short
                    payment" if the desk got less than the price for it, and the desk's and tokens'
                    reasons.
    """
    assert block.timestamp <= _deadline, "deadline passed"
    round: falling_price.Round = self._round_of(_deal)
    price: uint256 = self._price(round)
    units: uint256 = self._units_up(_coin, price)
    assert units <= _most, "max in"
    assert not staticcall AID.any_denied(msg.sender, _receiver, empty(address)), "denied"

    self._rounds[_deal] = 0
    self._prices[_deal] = 0
    log Sold(
        deal=_deal,
        receipt=round.receipt,
        buyer=msg.sender,
        receiver=_receiver,
        price=price,
        coin=_coin,
        units=units,
    )
    if units != 0:
        desk: address = self._desk()
        assert extcall IERC20(_coin).transferFrom(
            msg.sender, self, units, default_return_value=True
        ), "transfer failed"
        assert extcall IERC20(_coin).approve(
            desk, units, default_return_value=True
        ), "transfer failed"
        brought: uint256 = 0
        if round.number == LAST_ROUND:
            brought = extcall IDealDesk(desk).recover(_deal, _coin, units)
        else:
            brought = extcall IDealDesk(desk).resolve(_deal, _coin, units)
        assert brought >= price, "short payment"
    extcall Receipts(RECEIPTS).transferFrom(self, _receiver, round.receipt)
    return units


# Keepers


@external
@nonreentrant
def expire(_deal: uint256):
    """
    @notice End an auction that nobody has bought from: the deal is resolved at nothing, and its
            receipt can be offered again.
    @param _deal The deal's number.
    @custom:access Anyone, once RESTART_WINDOW of unpaused seconds has passed since the round's end.
    @custom:reverts "no auction", "auction not over", and the desk's reasons.
    """
    round: falling_price.Round = self._round_of(_deal)
    over: uint256 = round.step * round.steps + RESTART_WINDOW
    assert round.number != LAST_ROUND and self._elapsed(round) >= over, "auction not over"

    # the prices stay: the lot is offered again from the lowest
    self._rounds[_deal] = 0
    self.unsold[_deal] = round.receipt
    log Expired(deal=_deal, receipt=round.receipt)
    extcall IDealDesk(self._desk()).resolve(_deal, AID.address, 0)


@external
@nonreentrant
def offer_again(_deal: uint256):
    """
    @notice Offer a lot that nobody has bought a last time: from the last round's lowest price down to
            nothing by the steps of the present terms. At nothing it stays until somebody takes it.
    @param _deal The deal's number.
    @custom:access Anyone, once its auction was ended.
    @custom:reverts "nothing unsold".
    """
    receipt: uint256 = self.unsold[_deal]
    assert receipt != 0, "nothing unsold"

    self.unsold[_deal] = 0
    start: uint256 = falling_price._lowest(self._prices[_deal])
    terms: falling_price.Terms = falling_price._unpack_terms(self._terms)
    self._begin(_deal, receipt, LAST_ROUND, start, 0, terms)


# The desk and the credit committee


@external
@nonreentrant
def start(_deal: uint256, _receipt: uint256, _owed: uint256):
    """
    @notice Start the auction of a defaulted deal's collateral under the present terms. They apply to
            the greater of the last appraisal, however old, and the debt; prices are rounded up.
    @param _deal The deal's number.
    @param _receipt Its collateral, which is this contract's already.
    @param _owed What pays the deal off, AID wei.
    @custom:access The desk.
    @custom:reverts "not desk", "auction running", "receipt not here", "nothing owed".
    """
    assert msg.sender == self._desk(), "not desk"
    assert self._rounds[_deal] == 0, "auction running"
    assert staticcall Receipts(RECEIPTS).ownerOf(_receipt) == self, "receipt not here"
    reference: uint256 = max((staticcall Receipts(RECEIPTS).appraisal(_receipt))[0], _owed)
    reference = min(reference, MAX_REFERENCE)
    assert reference != 0, "nothing owed"

    terms: falling_price.Terms = falling_price._unpack_terms(self._terms)
    self._begin(
        _deal,
        _receipt,
        1,
        falling_price._part_up(reference, terms.start_bps),
        falling_price._part_up(reference, terms.lowest_bps),
        terms,
    )


@external
def restart(_deal: uint256, _start: uint256, _lowest: uint256):
    """
    @notice Start another round of an auction without a buyer, with the steps of the present terms.
    @dev It starts within the last one's prices, so that nobody gets the lot below them unseen.
    @param _deal The deal's number.
    @param _start First price, AID wei, from the last round's lowest to its start.
    @param _lowest Last price, AID wei, above 0, at most `_start`.
    @custom:access CREDIT.
    @custom:reverts "not credit", "no auction", "auction not over", "rounds used up", "price out of
                    bounds".
    """
    assert staticcall ROLES.hasRole(CREDIT, msg.sender), "not credit"
    round: falling_price.Round = self._round_of(_deal)
    assert self._elapsed(round) >= round.step * round.steps, "auction not over"
    assert round.number < MAX_ROUNDS, "rounds used up"
    assert _start >= round.lowest and _start <= round.start, "price out of bounds"
    assert _lowest != 0 and _lowest <= _start, "price out of bounds"

    self._begin(
        _deal,
        round.receipt,
        round.number + 1,
        _start,
        _lowest,
        falling_price._unpack_terms(self._terms),
    )


# Governance


@external
def set_terms(_terms: falling_price.Terms):
    """
    @notice Set how later rounds run.
    @param _terms Start 100 % to 300 %, lowest above 0 and not above the start; steps of 1 minute to
                  1 day, at least 2 and at most 10,000; 1 to 30 days in all.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "price out of bounds", "steps out of bounds".
    """
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
    self._set_terms(_terms)


# Views


@external
@view
def terms() -> falling_price.Terms:
    """
    @notice How later rounds run.
    """
    return falling_price._unpack_terms(self._terms)


@external
@view
def auction(_deal: uint256) -> Auction:
    """
    @notice The running round of a deal's auction, or the last one until it is restarted or ended.
    @param _deal The deal's number.
    @return All zero if there is none.
    """
    round: falling_price.Round = self._load(_deal)
    if round.number == 0:
        return empty(Auction)
    # what pauses have taken from the clock so far, the present one to its end
    pauses: uint256 = (
        max(block.timestamp, staticcall AID.paused_until()) - staticcall AID.unpaused_seconds()
    )
    return Auction(
        receipt=round.receipt,
        round=round.number,
        started_at=round.started_at,
        ends_at=round.begins + round.step * round.steps + pauses,
        step=round.step,
        start=round.start,
        lowest=round.lowest,
    )


@external
@view
def price(_deal: uint256) -> uint256:
    """
    @notice What a deal's collateral costs now; during a pause of AID, what it will cost when that ends.
    @param _deal The deal's number.
    @return AID wei.
    @custom:reverts "no auction", "auction over".
    """
    return self._price(self._round_of(_deal))


@external
@view
def quote(_deal: uint256, _coin: address) -> uint256:
    """
    @notice What a bid pays now.
    @param _deal The deal's number.
    @param _coin AID, or a stablecoin that the Gateway takes.
    @return Units of the coin, rounded up.
    @custom:reverts "no auction", "auction over", "unknown asset", "stale price".
    """
    return self._units_up(_coin, self._price(self._round_of(_deal)))


# Internals


@internal
def _begin(
    _deal: uint256,
    _receipt: uint256,
    _number: uint256,
    _start: uint256,
    _lowest: uint256,
    _terms: falling_price.Terms,
):
    round: falling_price.Round = falling_price.Round(
        receipt=_receipt,
        number=_number,
        started_at=block.timestamp,
        begins=staticcall AID.unpaused_seconds(),
        step=_terms.step,
        steps=_terms.steps,
        start=_start,
        lowest=_lowest,
    )
    self._rounds[_deal], self._prices[_deal] = falling_price._pack_round(round)
    log Started(
        deal=_deal,
        receipt=_receipt,
        round=_number,
        start=_start,
        lowest=_lowest,
        ends_at=(max(block.timestamp, staticcall AID.paused_until()) + _terms.step * _terms.steps),
    )


@internal
def _set_terms(_terms: falling_price.Terms):
    falling_price._check_terms(_terms)
    self._terms = falling_price._pack_terms(_terms)
    log TermsSet(
        start_bps=_terms.start_bps,
        lowest_bps=_terms.lowest_bps,
        step=_terms.step,
        steps=_terms.steps,
    )


@internal
@view
def _load(_deal: uint256) -> falling_price.Round:
    return falling_price._unpack_round(self._rounds[_deal], self._prices[_deal])


@internal
@view
def _round_of(_deal: uint256) -> falling_price.Round:
    round: falling_price.Round = self._load(_deal)
    assert round.number != 0, "no auction"
    return round


@internal
@view
def _elapsed(_round: falling_price.Round) -> uint256:
    """
    @notice Seconds of a round in which AID was not paused.
    """
    return staticcall AID.unpaused_seconds() - _round.begins


@internal
@view
def _price(_round: falling_price.Round) -> uint256:
    """
    @notice Present price of a round, AID wei, rounded up.
    """
    elapsed: uint256 = self._elapsed(_round)
    assert (elapsed < _round.step * _round.steps or _round.number == LAST_ROUND), "auction over"
    return falling_price._price(_round, elapsed)


@internal
@view
def _units_up(_coin: address, _price: uint256) -> uint256:
    """
    @notice Least units of a coin for which the Gateway mints `_price` of AID.
    """
    if _coin == AID.address:
        return _price
    quoted: uint256 = 0
    fresh: bool = False
    quoted, fresh = staticcall GATEWAY.price_of(_coin)
    assert fresh, "stale price"
    # the Gateway lists coins of at most 18 decimals, and a fresh price is above 0
    unit: uint256 = 10**convert(18 - staticcall IERC20Detailed(_coin).decimals(), uint256)
    worth: uint256 = unit * min(quoted, WAD)
    return (_price * WAD + (worth - 1)) // worth


@internal
@view
def _desk() -> address:
    return staticcall Receipts(RECEIPTS).desk()
