# pragma version 0.4.3
# pragma optimize gas
"""
@title A credit desk with one linear book: drives the vault's and the Gateway's seams as the real desk does
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Anyone may do anything here. Whoever books must say what it is: the real desk derives it.
"""

from ethereum.ercs import IERC20

from ..interfaces import IGateway
from ..interfaces import IPayingDesk
from ..interfaces import IPortfolio

implements: IPayingDesk
implements: IPortfolio


interface Vault:
    def asset() -> address: view
    def sync(): nonpayable
    def fund(_amount: uint256): nonpayable
    def collect(_amount: uint256, _gain: uint256, _release: uint256, _period: uint256): nonpayable
    def realise_loss(_loss: uint256, _impaired: uint256, _period: uint256) -> (
        uint256, uint256, uint256, uint256
    ): nonpayable
    def recover(_amount: uint256, _insured: uint256): nonpayable


struct Book:
    gross: uint256
    impairment: uint256
    slope_gross: int256
    slope_impairment: int256


RELEASE_PERIOD: constant(uint256) = 10 * 86400  # over which a resolution's releases vest
MASK_128: constant(uint256) = 2**128 - 1
MASK_96: constant(uint256) = 2**96 - 1
SIGN_96: constant(uint256) = 2**95

VAULT: immutable(Vault)
GATEWAY: immutable(IGateway)
AID: immutable(IERC20)

# gross 128 | impairment 128, AID wei, as of `last`
_values: uint256
# slope of gross 96 | slope of impairment 96 | last change 64; slopes in AID wei a second, signed
_slopes: uint256


@deploy
def __init__(_vault: address, _gateway: address):
    VAULT = Vault(_vault)
    GATEWAY = IGateway(_gateway)
    AID = IERC20(staticcall Vault(_vault).asset())
    self._slopes = block.timestamp << 192
    assert extcall AID.approve(_vault, max_value(uint256))


@external
def fund(_amount: uint256, _slope: int256):
    """
    @notice Take `_amount` of the vault's idle AID and book it at cost, accruing `_slope` AID wei a
            second from now on. The AID stays here.
    """
    self._fund(_amount, _slope)


@external
def fund_and_redeem(
    _amount: uint256, _slope: int256, _asset: address, _borrower: address
) -> uint256:
    """
    @notice `fund`, and pay the borrower in a coin out of the reserve.
    @return Units of `_asset` paid.
    """
    self._fund(_amount, _slope)
    return extcall GATEWAY.credit_redeem(_asset, _amount, _borrower)


@external
def pay(
    _asset: address, _units: uint256, _principal: uint256, _gain: uint256
) -> (uint256, uint256):
    """
    @notice Repay in a coin of the caller. What the Gateway mints goes to the vault; if it escrows
            the coin, nothing is booked until `pay_held`.
    @param _principal Carrying value that the payment discharges, AID wei.
    @param _gain Part of the AID that is to vest.
    @return AID minted; id of the escrow, 0 for none.
    """
    extcall VAULT.sync()
    minted: uint256 = 0
    escrow_id: uint256 = 0
    minted, escrow_id = extcall GATEWAY.credit_repay_or_wait(_asset, _units, msg.sender, self)
    if escrow_id == 0:
        self._collect(minted, _principal, _gain)
    return minted, escrow_id


@external
def repay(_asset: address, _most: uint256, _owed: uint256, _extra: uint256) -> (uint256, uint256):
    """
    @notice Repay in a coin of the caller, at most what is owed and `_extra`; the vault books all of it
            as a gain.
    @return Units that the Gateway has taken, AID minted.
    """
    extcall VAULT.sync()
    units: uint256 = 0
    minted: uint256 = 0
    units, minted = extcall GATEWAY.credit_repay(_asset, _most, _owed, _extra, msg.sender, self)
    self._collect(minted, 0, minted)
    return units, minted


@external
def bring(_asset: address, _units: uint256, _payer: address):
    """
    @notice See IPayingDesk.
    """
    assert msg.sender == GATEWAY.address, "not gateway"
    assert extcall IERC20(_asset).transferFrom(
        _payer, msg.sender, _units, default_return_value=True
    ), "transfer failed"


@external
def pay_held(_amount: uint256, _principal: uint256, _gain: uint256):
    """
    @notice Repay with AID that is here already, e.g. out of a converted escrow.
    """
    extcall VAULT.sync()
    self._collect(_amount, _principal, _gain)


@external
def pay_aid(_amount: uint256, _principal: uint256, _gain: uint256):
    """
    @notice Repay in AID of the caller.
    """
    extcall VAULT.sync()
    assert extcall AID.transferFrom(msg.sender, self, _amount)
    self._collect(_amount, _principal, _gain)


@external
def pay_releasing(
    _amount: uint256, _principal: uint256, _gain: uint256, _release: uint256, _period: uint256
):
    """
    @notice Repay in AID of the caller, which lifts `_release` of impairment over `_period` seconds.
    """
    extcall VAULT.sync()
    assert extcall AID.transferFrom(msg.sender, self, _amount)
    book: Book = self._book(block.timestamp)
    book.gross -= _principal
    book.impairment -= _release
    self._store(book)
    extcall VAULT.collect(_amount, _gain, _release, _period)


@external
def recover(_amount: uint256, _insured: uint256):
    """
    @notice Bring late money of the caller for a loss that was realised.
    """
    assert extcall AID.transferFrom(msg.sender, self, _amount)
    extcall VAULT.recover(_amount, _insured)


@external
def set_slope(_slope: int256):
    """
    @notice Let gross value change by `_slope` AID wei a second from now on.
    """
    extcall VAULT.sync()
    book: Book = self._book(block.timestamp)
    book.slope_gross = _slope
    self._store(book)


@external
def set_impairment(_amount: uint256, _slope: int256):
    """
    @notice Set impairment to `_amount` AID wei, ramping by `_slope` a second from now on.
    """
    extcall VAULT.sync()
    book: Book = self._book(block.timestamp)
    book.impairment = _amount
    book.slope_impairment = _slope
    self._store(book)


@external
def default_and_resolve(_recovered: uint256) -> (uint256, uint256, uint256, uint256):
    """
    @notice Resolve the whole book as one deal of carrying value C and impairment I, with a recovery
            R in AID of the caller: max(0, R - C) is a gain, max(0, min(R, C) - (C - I)) a release,
            max(0, C - R) the realised loss.
    @return What unvested profit, releases, insurance and NAV bore of the loss.
    """
    extcall VAULT.sync()
    book: Book = self._book(block.timestamp)
    gain: uint256 = _recovered - book.gross if _recovered > book.gross else 0
    loss: uint256 = book.gross - _recovered if book.gross > _recovered else 0
    return self._resolve(book.gross, book.impairment, _recovered, gain, loss)


@external
def resolve(
    _carrying: uint256, _impairment: uint256, _recovered: uint256, _gain: uint256, _loss: uint256
) -> (uint256, uint256, uint256, uint256):
    """
    @notice Resolve a part of the book in one step: idle += R, G -= C, I -= I_d; `_recovered` is AID
            of the caller. What it brings above the net value is released, but for the gain.
    @return What unvested profit, releases, insurance and NAV bore of `_loss`.
    """
    extcall VAULT.sync()
    return self._resolve(_carrying, _impairment, _recovered, _gain, _loss)


@external
@view
def value_at(_t: uint256) -> (uint256, uint256):
    """
    @notice Value of the book at `_t`, which is not before its last change.
    @return Gross value and impairment, AID wei.
    """
    book: Book = self._book(_t)
    return book.gross, book.impairment


@external
@view
def open_deals() -> uint256:
    """
    @notice One while the book has any value.
    """
    return min(self._book(block.timestamp).gross, 1)


@external
@view
def book() -> Book:
    """
    @notice Values now and slopes, AID wei and AID wei a second.
    """
    return self._book(block.timestamp)


@internal
def _fund(_amount: uint256, _slope: int256):
    extcall VAULT.sync()
    extcall VAULT.fund(_amount)
    book: Book = self._book(block.timestamp)
    book.gross += _amount
    book.slope_gross += _slope
    self._store(book)


@internal
def _collect(_amount: uint256, _principal: uint256, _gain: uint256):
    book: Book = self._book(block.timestamp)
    book.gross -= _principal
    book.impairment = min(book.impairment, book.gross)
    self._store(book)
    extcall VAULT.collect(_amount, _gain, 0, 0)


@internal
def _resolve(
    _carrying: uint256, _impairment: uint256, _recovered: uint256, _gain: uint256, _loss: uint256
) -> (uint256, uint256, uint256, uint256):
    book: Book = self._book(block.timestamp)
    book.gross -= _carrying
    book.impairment -= _impairment
    if book.gross == 0:
        book.slope_gross = 0
        book.slope_impairment = 0
    self._store(book)

    net: uint256 = _carrying - _impairment
    release: uint256 = _recovered - _gain - min(_recovered - _gain, net)
    if _recovered != 0:
        assert extcall AID.transferFrom(msg.sender, self, _recovered)
        extcall VAULT.collect(_recovered, _gain, release, RELEASE_PERIOD)
    if _loss == 0:
        return 0, 0, 0, 0
    return extcall VAULT.realise_loss(
        _loss, _impairment - min(_impairment, release), RELEASE_PERIOD
    )


@internal
def _store(_book: Book):
    """
    @dev Everything below is as of now; who stores has just read the book as of now.
    """
    assert _book.gross <= MASK_128 and _book.impairment <= _book.gross, "book"
    self._values = _book.gross | (_book.impairment << 128)
    self._slopes = (
        self._to_96(_book.slope_gross)
        | (self._to_96(_book.slope_impairment) << 96)
        | (block.timestamp << 192)
    )


@internal
@view
def _book(_t: uint256) -> Book:
    values: uint256 = self._values
    slopes: uint256 = self._slopes
    last: uint256 = slopes >> 192
    assert _t >= last, "before last change"

    book: Book = Book(
        gross=0,
        impairment=0,
        slope_gross=self._from_96(slopes & MASK_96),
        slope_impairment=self._from_96((slopes >> 96) & MASK_96),
    )
    elapsed: int256 = convert(_t - last, int256)
    gross: int256 = convert(values & MASK_128, int256) + book.slope_gross * elapsed
    book.gross = convert(max(gross, 0), uint256)
    impairment: int256 = convert(values >> 128, int256) + book.slope_impairment * elapsed
    book.impairment = min(convert(max(impairment, 0), uint256), book.gross)
    return book


@internal
@pure
def _to_96(_slope: int256) -> uint256:
    """
    @dev Two's complement in 96 bits.
    """
    assert abs(_slope) < convert(SIGN_96, int256), "slope"
    return convert(convert(_slope, bytes32), uint256) & MASK_96


@internal
@pure
def _from_96(_bits: uint256) -> int256:
    return convert(_bits ^ SIGN_96, int256) - convert(SIGN_96, int256)
