# pragma version 0.4.3
"""
@title The reserve: which coins it takes, what it holds of them, what that is worth
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Every amount is counted when it moves; a token balance is never read as value, so donations
        change nothing.

            backing     = sum of (units + vault positions) * min(1, price)  rounded down once
            backing_par = sum of (units + vault positions)     exact: no coin has over 18 decimals

            policy  see policy.vy
            terms   see asset_terms.vy
            ledger  units 112 | fees among them 96 | cap in whole tokens 48            (low to high)
            flow    see buckets.vy
"""
from . import asset_terms
from . import buckets
from . import policy as policy_word
from . import positions
from . import price_feed
from . import tokens
from . import refusals

uses: positions

MAX_ASSETS: constant(uint256) = 8
MAX_VAULTS: constant(uint256) = 4
NO_FOCUS: constant(uint256) = max_value(uint256)

WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10**4

FROZEN: constant(uint256) = asset_terms.FROZEN << 248
UNFROZEN: constant(uint256) = max_value(uint256) - FROZEN
MASK_96: constant(uint256) = 2**96 - 1
MASK_112: constant(uint256) = 2**112 - 1


struct Coin:
    terms: uint256
    ledger: uint256
    flow: uint256
    asset: address


# The reserve at one moment, with one coin in focus.
struct Valuation:
    policy: uint256
    supply: uint256
    backing: uint256
    par: uint256
    whole: uint256  # what a basket is a part of
    sure: uint256  # the part of backing whose prices are fresh
    deficit: bool  # what has a fresh price is worth less than the supply but for the delta
    stale: bool  # a coin with a position has no fresh price, or a vault could not be read
    reports: uint256[MAX_VAULTS]  # of the vaults, 0 if it could not be read
    books: uint256[MAX_VAULTS]  # grown
    terms: uint256  # of the coin in focus, as what follows
    ledger: uint256
    scale: uint256  # wei of AID per unit
    position: uint256  # units and vault positions
    price: uint256
    fresh: bool


policy: uint256
_coins: Coin[MAX_ASSETS]
_index: HashMap[address, uint256]  # 1 + index, 0 = not accepted
owed: HashMap[
    address, HashMap[address, uint256]
]  # account, token: legs that could not be delivered
reserved: HashMap[address, uint256]  # token: owed or in escrow, no part of the reserve


# Value


@internal
@view
def valuation(_focus: uint256, _supply: uint256) -> Valuation:
    """
    @notice The reserve now, against a supply. Never reverts, whatever feeds and vaults do.
    @dev A coin without a position is not looked at, unless it is in focus: its dead feed is
         nobody's problem. A price that is not fresh still counts in `backing` as it was last seen,
         but nothing is decided by it: for the mode such a position is worth nothing, so that a
         gift of a dead coin changes the mode for nobody.

         A basket is a part of what the reserve owes, or has with each vault at its grown book,
         whichever is more: a report that is low or missing for a block hands nobody the stakers'
         surplus. While redemption is normal, coins above par count at their price, or a basket
         would swap any coin for them. Once a wind-down has started it is a part of the supply.
    """
    v: Valuation = empty(Valuation)
    word: uint256 = self.policy
    v.policy = word
    v.supply = _supply
    in_vaults: uint256[MAX_ASSETS] = empty(uint256[MAX_ASSETS])
    in_books: uint256[MAX_ASSETS] = empty(uint256[MAX_ASSETS])
    for i: uint256 in range(policy_word.vaults(word), bound=MAX_VAULTS):
        report: uint256 = 0
        book: uint256 = 0
        coin: uint256 = 0
        report, book, coin = positions.reading(i, policy_word.growth(word))
        v.reports[i] = report
        v.books[i] = book
        in_vaults[coin] += min(report, book)
        in_books[coin] += book
        if report == 0 and book != 0:
            v.stale = True
    weighted: uint256 = 0
    sure: uint256 = 0
    premium: uint256 = 0
    for i: uint256 in range(policy_word.coins(word), bound=MAX_ASSETS):
        ledger: uint256 = self._coins[i].ledger
        units: uint256 = ledger & MASK_112
        booked: uint256 = in_books[i] + units
        if booked == 0 and i != _focus:
            continue
        position: uint256 = in_vaults[i] + units
        terms: uint256 = self._coins[i].terms
        price: uint256 = 0
        fresh: bool = False
        price, fresh = self._price(terms)
        scale: uint256 = asset_terms.scale(terms)
        at_par: uint256 = position * scale
        v.par += at_par
        v.whole += booked * scale
        worth: uint256 = at_par * min(price, WAD)
        weighted += worth
        if fresh:
            sure += worth
            if price > WAD and not asset_terms.above(price, asset_terms.band(terms)):
                premium += booked * scale * (price - WAD)
        elif booked != 0:
            v.stale = True
        if i == _focus:
            v.terms = terms
            v.ledger = ledger
            v.scale = scale
            v.position = position
            v.price = price
            v.fresh = fresh
    v.backing = weighted // WAD
    v.sure = sure // WAD
    v.deficit = v.sure * BPS < _supply * (BPS - policy_word.deficit_delta(word))
    if policy_word.wind_down_at(word) != 0:
        v.whole = 0
    elif not v.deficit:
        v.whole += premium // WAD + 1
    v.whole = max(max(v.whole, _supply), 1)
    return v


@internal
@view
def price_at(_i: uint256) -> (uint256, bool):
    return self._price(self._coins[_i].terms)


@internal
@view
def _price(_terms: uint256) -> (uint256, bool):
    """
    @notice Price of a coin, and whether it may be relied on: fresh, and the coin can be delivered.
    """
    price: uint256 = 0
    fresh: bool = False
    price, fresh = price_feed.read(
        asset_terms.feed(_terms), asset_terms.feed_decimals(_terms), asset_terms.max_age(_terms)
    )
    return price, fresh and not asset_terms.has(_terms, asset_terms.FROZEN)


@internal
@view
def basket(_amount: uint256, _v: Valuation) -> DynArray[uint256, 12]:
    """
    @notice The part of every coin, then of every vault's shares, that `_amount` of AID stands for;
            rounded down.
    @dev While redemption is normal a fee stays, and a vault gives no more shares than its part of the
         book buys: what has grown beyond the book is the stakers'.
    """
    parts: DynArray[uint256, 12] = []
    normal: bool = not _v.deficit and policy_word.wind_down_at(_v.policy) == 0
    amount: uint256 = _amount
    if normal:
        amount -= asset_terms.fee_up(_amount, policy_word.basket_fee(_v.policy))
    for i: uint256 in range(policy_word.coins(_v.policy), bound=MAX_ASSETS):
        parts.append(amount * self.units_at(i) // _v.whole)
    for i: uint256 in range(policy_word.vaults(_v.policy), bound=MAX_VAULTS):
        book: uint256 = _v.books[i] if normal else max_value(uint256)
        parts.append(positions.part_down(i, amount, _v.whole, _v.reports[i], book))
    return parts


# Movements


@internal
def credit(_i: uint256, _ledger: uint256, _units: uint256, _fee: uint256):
    """
    @notice Count `_units` in, `_fee` of them fee income, on the ledger as read before.
    """
    units: uint256 = (_ledger & MASK_112) + _units
    assert units <= MASK_112  # 5e15 whole tokens of 18 decimals
    # The fee counter is informative: it saturates instead of blocking the coin.
    fees: uint256 = min(((_ledger >> 112) & MASK_96) + _fee, MASK_96)
    self._coins[_i].ledger = ((_ledger >> 208) << 208) | (fees << 112) | units


@internal
def debit(_i: uint256, _ledger: uint256, _units: uint256, _fee: uint256):
    """
    @notice Count `_units` out, on the ledger as read before; `_fee` units that stay have become fee
            income.
    """
    refusals._require(_units <= _ledger & MASK_112, refusals.INSUFFICIENT_UNITS)
    self.credit(_i, unsafe_sub(_ledger, _units), 0, _fee)


@internal
def debit_leg(_k: uint256, _part: uint256) -> address:
    """
    @notice Count leg `_k` of a basket out; returns its token.
    """
    coins: uint256 = policy_word.coins(self.policy)
    if _k < coins:
        self.debit(_k, self.ledger_at(_k), _part, 0)
        return self.asset_at(_k)
    positions.remove_shares(unsafe_sub(_k, coins), _part)
    return positions.vault_at(unsafe_sub(_k, coins))


@internal
def flow_in(_i: uint256, _aid: uint256, _limit: uint256):
    self._coins[_i].flow = buckets.after_mint(self._coins[_i].flow, _aid, _limit)


@internal
def flow_out(_i: uint256, _aid: uint256, _limit: uint256):
    self._coins[_i].flow = buckets.after_redeem(self._coins[_i].flow, _aid, _limit)


@internal
def set_frozen(_i: uint256, _frozen: bool):
    """
    @notice Remember whether a coin can be delivered.
    """
    terms: uint256 = self._coins[_i].terms & UNFROZEN
    if _frozen:
        terms |= FROZEN
    self._coins[_i].terms = terms


@internal
def keep(_account: address, _token: address, _amount: uint256):
    """
    @notice Owe `_account` a leg that could not be delivered.
    """
    self.owed[_account][_token] += _amount
    self.reserved[_token] += _amount


@internal
def take_owed(_account: address, _token: address) -> uint256:
    """
    @notice Settle what `_account` is owed in a token; returns the amount.
    """
    amount: uint256 = self.owed[_account][_token]
    refusals._require(amount != 0, refusals.NOTHING_OWED)
    self.owed[_account][_token] = 0
    self.reserved[_token] -= amount
    return amount


# Settings, as the Configurator has checked them: a list that is full or an unknown coin reverts
# without a reason


@internal
def write_policy(_policy: uint256):
    """
    @notice Take over a policy word; the counts in it stay the reserve's own.
    """
    growth: uint256 = policy_word.growth(self.policy)
    if growth != policy_word.growth(_policy):
        # Books have grown at the rate that was valid until now.
        for i: uint256 in range(policy_word.vaults(self.policy), bound=MAX_VAULTS):
            positions.grow(i, growth)
    self.policy = (_policy & ~policy_word.COUNTS_MASK) | (self.policy & policy_word.COUNTS_MASK)


@internal
def write_asset(_asset: address, _terms: uint256, _cap: uint256, _flow: uint256):
    """
    @notice Take over the words of a coin; a new one is listed at the end.
    """
    if self._index[_asset] == 0:
        self.policy += 1
        self._index[_asset] = policy_word.coins(self.policy)
    coin: Coin = self._coins[self.index_of(_asset)]
    # Whether it can be delivered is not the Configurator's to say.
    self._coins[self.index_of(_asset)] = Coin(
        terms=(_terms & UNFROZEN) | (coin.terms & FROZEN),
        ledger=(coin.ledger & (2**208 - 1)) | (_cap << 208),
        flow=_flow,
        asset=_asset,
    )


@internal
def delist_asset(_asset: address):
    """
    @notice Forget a coin that nothing is held of; the last one takes its place. What is owed of it
            stays owed.
    """
    i: uint256 = self.index_of(_asset)
    refusals._require(self.units_at(i) == 0, refusals.ASSET_IN_USE)
    self.policy -= 1
    last: uint256 = policy_word.coins(self.policy)
    self._coins[i] = self._coins[last]
    self._index[self.asset_at(i)] = i + 1
    self._index[_asset] = 0  # after the line above: it may be the last one itself
    self._coins[last] = empty(Coin)


@internal
def write_vault(_i: uint256, _terms: uint256):
    """
    @notice Take over the terms of position `_i`; the first free one is a new vault.
    """
    if _i == policy_word.vaults(self.policy):
        self.policy += 1 << policy_word.VAULTS
    positions.write(_i, _terms)


@internal
def delist_vault(_i: uint256):
    """
    @notice Forget a vault that no shares of are held; the last one takes its place. Shares that
            are owed stay owed.
    """
    self.policy -= 1 << policy_word.VAULTS
    positions.delist(_i, policy_word.vaults(self.policy))


# Views


@internal
@view
def index_of(_asset: address) -> uint256:
    index: uint256 = self._index[_asset]
    refusals._require(index != 0, refusals.UNKNOWN_ASSET)
    return unsafe_sub(index, 1)


@internal
@view
def is_listed(_asset: address) -> bool:
    return self._index[_asset] != 0


@internal
@view
def asset_at(_i: uint256) -> address:
    return self._coins[_i].asset


@internal
@view
def terms_at(_i: uint256) -> uint256:
    return self._coins[_i].terms


@internal
@view
def ledger_at(_i: uint256) -> uint256:
    return self._coins[_i].ledger


@internal
@view
def units_at(_i: uint256) -> uint256:
    return self._coins[_i].ledger & MASK_112


@internal
@view
def words_of(_asset: address) -> (uint256, uint256, uint256):
    """
    @notice Terms, ledger and flow of a coin; zeros if it is not accepted.
    """
    index: uint256 = self._index[_asset]
    if index == 0:
        return 0, 0, 0
    coin: Coin = self._coins[unsafe_sub(index, 1)]
    return coin.terms, coin.ledger, coin.flow


@internal
@view
def assets() -> DynArray[address, 8]:
    listed: DynArray[address, 8] = []
    for i: uint256 in range(policy_word.coins(self.policy), bound=MAX_ASSETS):
        listed.append(self.asset_at(i))
    return listed


@internal
@view
def vaults() -> DynArray[address, 4]:
    listed: DynArray[address, 4] = []
    for i: uint256 in range(policy_word.vaults(self.policy), bound=MAX_VAULTS):
        listed.append(positions.vault_at(i))
    return listed


@internal
@pure
def cap(_ledger: uint256, _scale: uint256) -> uint256:
    """
    @notice Most units that a coin may amount to, vault positions included.
    """
    # 48 bits times 10**18 at most; a scale is a power of ten
    return unsafe_mul(_ledger >> 208, unsafe_div(WAD, _scale))


@internal
@pure
def is_liquid(_v: Valuation, _units: uint256) -> bool:
    """
    @notice Whether enough of the coin in focus is outside vaults once `_units` of those have left.
    """
    liquid: uint256 = _v.ledger & MASK_112
    share: uint256 = policy_word.liquid_floor(_v.policy)
    return (liquid - _units) * BPS >= (_v.position - _units) * share
