# pragma version 0.4.3
"""
@title The reserve's positions in T-bill vaults
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A position is a number of ERC-4626 shares and a *book*: the value recognised so far, in
        units of the coin. Value now is what the vault says, but never more than the book grown at a
        bounded yearly rate:

            recognised = min(convertToAssets(shares), book * (1 + growth * elapsed / year))

        so an overstated share price can neither be harvested nor hide a deficit, while a loss
        counts at once.

            terms    vault 160 | index of its coin 8 | recognised at 40 | cap of the book 48
            holding  shares 128 | book 128                                         (low to high)
"""
MAX_VAULTS: constant(uint256) = 4
BPS: constant(uint256) = 10**4
YEAR: constant(uint256) = 365 * 86_400

# As for a price feed: too much to starve without starving the caller.
VAULT_GAS: constant(uint256) = 500_000

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
def recognised(_i: uint256, _growth_bps: uint256) -> (uint256, uint256, bool):
    """
    @notice Value of a position now in units of its coin, rounded down; the index of that coin;
            whether the vault could be read. Never reverts.
    @dev An empty position costs one storage read, and its coin is not looked up.
    """
    holding: uint256 = self._positions[_i].holding
    if holding == 0:
        return 0, 0, True
    terms: uint256 = self._positions[_i].terms
    coin: uint256 = (terms >> 160) & MASK_8
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        convert(terms & MASK_160, address),
        abi_encode(holding & MASK_128, method_id=method_id("convertToAssets(uint256)")),
        max_outsize=32,
        gas=VAULT_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not success or len(answer) != 32:
        return 0, coin, False
    book: uint256 = holding >> 128
    elapsed: uint256 = unsafe_sub(block.timestamp, (terms >> 168) & MASK_40)
    # 128 + 16 + 40 bits at most
    growth: uint256 = unsafe_mul(unsafe_mul(book, _growth_bps), elapsed) // (YEAR * BPS)
    return min(convert(answer, uint256), unsafe_add(book, growth)), coin, True


@internal
@view
def part_down(_i: uint256, _amount: uint256, _whole: uint256, _value: uint256) -> uint256:
    """
    @notice Shares for `_amount / _whole` of a position, given its recognised value.
    @dev convertToAssets floors, before and after: without holding back the shares of two units, the
         value that stays could fall by up to two units more than what was paid for.
    """
    shares: uint256 = self.shares_of(_i)
    part: uint256 = _amount * shares // _whole
    if _value != 0:
        part -= min(part, 2 * (shares // _value + 1))
    return part


# Movements


@internal
def roll(_i: uint256, _growth_bps: uint256):
    """
    @notice Make the recognised value the book. A vault that cannot be read is left as it is.
    """
    amount: uint256 = 0
    coin: uint256 = 0
    readable: bool = False
    amount, coin, readable = self.recognised(_i, _growth_bps)
    if readable:
        self._set_holding(_i, self.shares_of(_i), amount)
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
    assert _shares <= shares, "insufficient shares"
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
    assert self._positions[_i].holding == 0, "vault in use"
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
