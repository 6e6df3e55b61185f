# pragma version 0.4.3
# pragma optimize gas
"""
@title Deals and their desk in one, as auctions and offerings see them, with faults on demand
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Anyone may do anything here. It can be the vault's portfolio, so that the Gateway takes its coins.
"""

from ethereum.ercs import IERC20

from ..interfaces import ICollateralAuction
from ..interfaces import IDealDesk
from ..interfaces import IDeals
from ..interfaces import IGateway
from ..interfaces import IOffering
from ..interfaces import IPayingDesk

implements: IDealDesk
implements: IDeals
implements: IPayingDesk


interface Receipts:
    def lock(_id: uint256, _owner: address): nonpayable
    def ownerOf(_id: uint256) -> address: view
    def seize(_id: uint256, _to: address): nonpayable


event Resolved:
    deal: indexed(uint256)
    coin: indexed(address)
    units: uint256
    aid: uint256


event Recovered:
    deal: indexed(uint256)
    coin: indexed(address)
    units: uint256
    aid: uint256


GATEWAY: immutable(IGateway)
AID: immutable(IERC20)
RECEIPTS: immutable(Receipts)

stage: public(HashMap[uint256, IDeals.Stage])
funder_of: public(HashMap[uint256, address])
funding_of: public(HashMap[uint256, uint256])
# what the next calls of fund_offering and resolve take too little, AID wei
shortfall: public(uint256)
# called once in the next fund_offering or resolve, after the money has come in; a failure reverts
target: address
payload: Bytes[1_024]


@deploy
def __init__(_gateway: IGateway, _aid: IERC20, _receipts: address):
    GATEWAY = _gateway
    AID = _aid
    RECEIPTS = Receipts(_receipts)


@external
def set_deal(_deal: uint256, _stage: IDeals.Stage, _funder: address, _funding: uint256):
    """
    @notice Say what was agreed about a deal; `_funding` in AID wei.
    """
    self.stage[_deal] = _stage
    self.funder_of[_deal] = _funder
    self.funding_of[_deal] = _funding


@external
def set_shortfall(_amount: uint256):
    """
    @notice Take `_amount` AID wei too little from now on.
    """
    self.shortfall = _amount


@external
def arm(_target: address, _payload: Bytes[1_024]):
    """
    @notice Call `_target` in the middle of the next fund_offering or resolve.
    """
    self.target = _target
    self.payload = _payload


@external
def start(_auction: ICollateralAuction, _deal: uint256, _receipt: uint256, _owed: uint256):
    """
    @notice Lock a receipt, move it to an auction, and have that begin; `_owed` in AID wei.
    """
    extcall RECEIPTS.lock(_receipt, staticcall RECEIPTS.ownerOf(_receipt))
    extcall RECEIPTS.seize(_receipt, _auction.address)
    extcall _auction.start(_deal, _receipt, _owed)


@external
def forward(_target: address, _payload: Bytes[1_024]):
    """
    @notice Call what is asked for, as the desk.
    """
    raw_call(_target, _payload)


@external
def pay(_offering: IOffering, _deal: uint256, _amount: uint256):
    """
    @notice Pay `_amount` AID wei of the caller to the holders of an offering.
    """
    assert extcall AID.transferFrom(msg.sender, _offering.address, _amount)
    extcall _offering.on_payment(_deal, _amount)


@external
def fund_offering(_deal: uint256):
    """
    @notice Take the deal's funding from its offering.
    """
    assert extcall AID.transferFrom(msg.sender, self, self.funding_of[_deal] - self.shortfall)
    self._interrupt()


@external
def resolve(_deal: uint256, _coin: address, _amount: uint256) -> uint256:
    """
    @notice Take what collateral has brought, and convert it at the Gateway.
    @return AID wei.
    """
    aid: uint256 = self._take(_coin, _amount)
    log Resolved(deal=_deal, coin=_coin, units=_amount, aid=aid)
    return aid - self.shortfall


@external
def recover(_deal: uint256, _coin: address, _amount: uint256) -> uint256:
    """
    @notice The same, of a deal that is over.
    @return AID wei.
    """
    aid: uint256 = self._take(_coin, _amount)
    log Recovered(deal=_deal, coin=_coin, units=_amount, aid=aid)
    return aid - self.shortfall


@internal
def _take(_coin: address, _amount: uint256) -> uint256:
    aid: uint256 = 0
    if _amount != 0:
        if _coin == AID.address:
            assert extcall AID.transferFrom(msg.sender, self, _amount)
            aid = _amount
        else:
            escrow: uint256 = 0
            aid, escrow = extcall GATEWAY.credit_repay_or_wait(_coin, _amount, msg.sender, self)
            assert escrow == 0, "coin not converted"
    self._interrupt()
    return aid


@external
def bring(_asset: address, _units: uint256, _payer: address):
    """
    @notice See IPayingDesk.
    """
    assert msg.sender == GATEWAY.address, "not gateway"
    assert extcall IERC20(_asset).transferFrom(
        _payer, msg.sender, _units, default_return_value=True
    )


@external
@view
def value_at(_t: uint256) -> (uint256, uint256):  # natrix: NTX10
    """
    @notice The book of a vault's portfolio; always empty.
    """
    return 0, 0


@external
@view
def status(_deal: uint256) -> IDealDesk.Status:  # natrix: NTX10
    return IDealDesk.Status.LIQUIDATING


@external
@view
def owed(_deal: uint256) -> uint256:
    return self.funding_of[_deal]


@external
@view
def borrower_of(_deal: uint256) -> address:  # natrix: NTX10
    return empty(address)


@external
@view
def receipt_of(_deal: uint256) -> uint256:  # natrix: NTX10
    return 0


@external
@view
def approved_until(_deal: uint256) -> uint256:  # natrix: NTX10
    return max_value(uint256)


@internal
def _interrupt():
    target: address = self.target
    if target != empty(address):
        self.target = empty(address)
        raw_call(target, self.payload)
