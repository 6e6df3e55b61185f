# pragma version 0.4.3
"""
@title The reserve's positions in T-bill vaults
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A position is a number of ERC-4626 shares and a *book*, in units of the coin: what was paid for
        them, growing at a bounded yearly rate. Value now is what the vault reports, but never more than
        that:

            recognised = min(report, book grown),  report = convertToAssets(shares)
            book grown = book * (1 + growth * elapsed / year)

        so an overstated share price cannot hide a deficit, a loss counts at once, and what was too
        low for a while heals at once. The book only falls when the Treasury finds that all reports of
        a week lie below it, to the highest of them.

            terms    vault 160 | index of its coin 8 | book as of 40 | cap of the book 48
            holding  shares 128 | book 128                                         (low to high)
"""
from . import position_value
from . import refusals

MAX_VAULTS: constant(uint256) = 4

MASK_8: constant(uint256) = 2**8 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1
MASK_160: constant(uint256) = 2**160 - 1


struct Position:
    terms: uint256
    holding: uint256


_positions: Position[MAX_VAULTS]


# Value


@internal
@view
def reading(_i: uint256, _growth_bps: uint256) -> (uint256, uint256, uint256):
    """
    @notice What the vault reports for a position, 0 if it cannot be read, and its grown book, both in
            units of its coin, rounded down; the index of that coin. Never reverts.
    @dev An empty position costs one storage read, and its coin is not looked up.
    """
    holding: uint256 = self._positions[_i].holding
    if holding == 0:
        return 0, 0, 0
    terms: uint256 = self._positions[_i].terms
    report: uint256 = position_value.reported(
        convert(terms & MASK_160, address), holding & MASK_128
    )
    return report, position_value.grown(holding >> 128, terms, _growth_bps), (terms >> 160) & MASK_8


@internal
@view
def part_down(
    _i: uint256, _amount: uint256, _whole: uint256, _report: uint256, _book: uint256
) -> uint256:
    """
    @notice Shares for `_amount / _whole` of a position, but no more than that part of `_book` buys at
            the report.
    @dev convertToAssets floors, before and after: without holding back the shares of two units, the
         value that stays could fall by up to two units more than what was paid for.
    """
    shares: uint256 = self.shares_of(_i)
    part: uint256 = _amount * shares // _whole
    if _report != 0:
        if _report > _book:
            part = part * _book // _report
        part -= min(part, 2 * (shares // _report + 1))
    return part


# Movements


@internal
def grow(_i: uint256, _growth_bps: uint256):
    """
    @notice Store the grown book, from which it grows on.
    """
    terms: uint256 = self._positions[_i].terms
    self._set_book(_i, position_value.grown(self.book_of(_i), terms, _growth_bps))


@internal
def lower(_i: uint256, _book: uint256, _growth_bps: uint256):
    """
    @notice Let the book fall to `_book`, if that is less.
    """
    if _book < position_value.grown(self.book_of(_i), self._positions[_i].terms, _growth_bps):
        self._set_book(_i, _book)


@internal
def _set_book(_i: uint256, _book: uint256):
    self._set_holding(_i, self.shares_of(_i), _book)
    terms: uint256 = self._positions[_i].terms
    self._positions[_i].terms = (terms & ~(MASK_40 << 168)) | (block.timestamp << 168)


@internal
def add(_i: uint256, _shares: uint256, _units: uint256):
    """
    @notice Add shares that have arrived, and the units paid for them, to a position.
    """
    self._set_holding(_i, self.shares_of(_i) + _shares, self.book_of(_i) + _units)


@internal
def remove_shares(_i: uint256, _shares: uint256):
    """
    @notice Take shares and their part of the book, rounded down, out of a position.
    @dev What stays in the book may be a unit high: it is an upper bound, the vault's own word is
         the other.
    """
    shares: uint256 = self.shares_of(_i)
    refusals._require(_shares <= shares, refusals.INSUFFICIENT_SHARES)
    book: uint256 = self.book_of(_i)
    if _shares != 0:
        book -= book * _shares // shares
    self._set_holding(_i, unsafe_sub(shares, _shares), book)


# Register, as the Configurator keeps it


@internal
def write(_i: uint256, _terms: uint256):
    """
    @notice Take over the terms of position `_i`.
    """
    self._positions[_i].terms = _terms


@internal
def delist(_i: uint256, _last: uint256):
    """
    @notice Forget position `_i`, which must be empty; the last one takes its place.
    """
    refusals._require(self._positions[_i].holding == 0, refusals.VAULT_IN_USE)
    self._positions[_i] = self._positions[_last]
    self._positions[_last] = empty(Position)


# Views


@internal
@view
def words_at(_i: uint256) -> (uint256, uint256):
    """
    @notice Terms and holding of position `_i`.
    """
    return self._positions[_i].terms, self._positions[_i].holding


@internal
@view
def vault_at(_i: uint256) -> address:
    return convert(self._positions[_i].terms & MASK_160, address)


@internal
@view
def coin_of(_i: uint256) -> uint256:
    return (self._positions[_i].terms >> 160) & MASK_8


@internal
@view
def shares_of(_i: uint256) -> uint256:
    return self._positions[_i].holding & MASK_128


@internal
@view
def book_of(_i: uint256) -> uint256:
    return self._positions[_i].holding >> 128


@internal
def _set_holding(_i: uint256, _shares: uint256, _book: uint256):
    assert max(_shares, _book) <= MASK_128  # 3e20 whole shares or tokens of 18 decimals
    self._positions[_i].holding = _shares | (_book << 128)
