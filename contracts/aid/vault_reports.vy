# pragma version 0.4.3
"""
@title What vaults have reported
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A report is a share's price at some time, stored when somebody asks for it: 10^24 times the units
        of the coin that a share is worth, rounded down, so that it outlives deposits and withdrawals.

        *Ripe*, for a harvest, is the lowest of two rolling words: the lowest report of this week, and of
        the week before it. A week begins with the first report after the last has lasted seven days. The
        price paid at the first deposit seeds both: so nothing above it ripens before a stored report is
        seven days old, and a price that was too high for one block ripens not at all.

        The *book* falls to the highest report of a run, once that has lasted seven days: of reports that
        all lay below the book, none more than two days after the one before. So no single low one can
        lower it, and one that is healthy again ends what it began.

            prices  lowest of this week 128 | lowest of the week before 128
            run     highest 128 | week began 40 | run began 40 | last report 40    (low to high)
"""

PRICE: constant(uint256) = 10**24
WEEK: constant(uint256) = 7 * 86_400
MAX_GAP: constant(uint256) = 2 * 86_400

MASK_40: constant(uint256) = 2**40 - 1
MASK_128: constant(uint256) = 2**128 - 1

_prices: HashMap[address, uint256]
_runs: HashMap[address, uint256]


@internal
def seed(_vault: address, _shares: uint256, _units: uint256):
    """
    @notice Begin anew with the price that was paid.
    """
    price: uint256 = self._price(_shares, _units)
    self._prices[_vault] = price | (price << 128)
    self._runs[_vault] = block.timestamp << 128


@internal
def remember(_vault: address, _shares: uint256, _report: uint256, _book: uint256) -> uint256:
    """
    @notice Store a report; returns what the book may be at most, in units.
    """
    price: uint256 = self._price(_shares, _report)
    words: uint256 = self._prices[_vault]
    run: uint256 = self._runs[_vault]
    highest: uint256 = run & MASK_128
    week: uint256 = (run >> 128) & MASK_40
    began: uint256 = (run >> 168) & MASK_40
    if block.timestamp >= week + WEEK:
        self._prices[_vault] = price | (words << 128)
        week = block.timestamp
    elif price < words & MASK_128:
        self._prices[_vault] = price | ((words >> 128) << 128)

    book: uint256 = _book
    if _report >= _book:
        began = 0
        highest = 0
    elif began == 0 or block.timestamp > (run >> 208) + MAX_GAP:
        began = block.timestamp
        highest = price
    else:
        highest = max(highest, price)
        if block.timestamp >= began + WEEK:
            # never below what is reported now, which the rounding of prices might be
            book = min(_book, max(highest * _shares // PRICE, _report))
            began = block.timestamp
            highest = price
    self._runs[_vault] = highest | (week << 128) | (began << 168) | (block.timestamp << 208)
    return book


@internal
@view
def ripe(_vault: address, _shares: uint256, _report: uint256) -> uint256:
    """
    @notice What shares count for a harvest, in units of the coin, rounded down.
    """
    words: uint256 = self._prices[_vault]
    price: uint256 = min(self._price(_shares, _report), words & MASK_128)
    if block.timestamp < ((self._runs[_vault] >> 128) & MASK_40) + WEEK:
        price = min(price, words >> 128)
    return price * _shares // PRICE


@internal
@view
def words_of(_vault: address) -> (uint256, uint256):
    return self._prices[_vault], self._runs[_vault]


@internal
@pure
def _price(_shares: uint256, _units: uint256) -> uint256:
    # 128 + 80 bits; a vault that says more than 2**128 units is taken at that
    return min(min(_units, MASK_128) * PRICE // _shares, MASK_128)
