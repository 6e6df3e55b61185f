# pragma version 0.4.3
"""
@title What borrower and committee have agreed, packed
@license GNU Affero General Public License v3.0 only
@author AID protocol
@dev Five words a deal (low to high):

     money    principal 90 | share cost 90 | schedule 58 | management bps 6 | performance bps 12
     clocks   share minimum 90 | reserve 90 | rate bps 13 | instalments 11 | interval 7 | amortising 1
              share instalments 11 | share interval 5 | grace 5 | cure 5 | default bps 14
     parties  borrower 160 | receipt 64 | stage 8 | share default bps 14
     payout   coin 160 | first loss 90
     title    funder 160 | approved until 40 | fee minimum bps 10 | fee a year bps 10

     All fit: `deal_terms._check` bounds the terms, `Deals.propose` the rest.
"""

from . import deal_terms
from ..interfaces import IDeals


# A deal but for its terms.
struct Parties:
    borrower: address
    receipt: uint256
    stage: IDeals.Stage
    coin: address  # in which the borrower is paid
    reserve: uint256  # of what is funded, held back at the desk, wei
    first_loss: uint256  # that the borrower brings, wei
    funder: address
    approved_until: uint256
    minimum_bps: uint256  # tokenisation fee, of all that is funded
    yearly_bps: uint256  # the same, a year of term


struct Words:
    money: uint256
    clocks: uint256
    parties: uint256
    payout: uint256
    title: uint256


UPPER_24: constant(uint256) = max_value(uint256) - (2**232 - 1)
MASK_160: constant(uint256) = 2**160 - 1
MASK_90: constant(uint256) = 2**90 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_58: constant(uint256) = 2**58 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_14: constant(uint256) = 2**14 - 1
MASK_13: constant(uint256) = 2**13 - 1
MASK_11: constant(uint256) = 2**11 - 1
MASK_10: constant(uint256) = 2**10 - 1
MASK_8: constant(uint256) = 2**8 - 1
MASK_7: constant(uint256) = 2**7 - 1
MASK_6: constant(uint256) = 2**6 - 1
MASK_5: constant(uint256) = 2**5 - 1

_words: HashMap[uint256, Words]


@internal
@view
def _terms(_deal: uint256) -> deal_terms.Terms:
    money: uint256 = self._words[_deal].money
    clocks: uint256 = self._words[_deal].clocks
    share_default: uint256 = 0
    if (money >> 90) & MASK_90 != 0:
        share_default = self._words[_deal].parties >> 232
    return deal_terms.Terms(
        principal=money & MASK_90,
        rate_bps=(clocks >> 180) & MASK_13,
        instalments=(clocks >> 193) & MASK_11,
        interval=(clocks >> 204) & MASK_7,
        amortising=clocks & (1 << 211) != 0,
        share_cost=(money >> 90) & MASK_90,
        share_minimum=clocks & MASK_90,
        share_instalments=(clocks >> 212) & MASK_11,
        share_interval=(clocks >> 223) & MASK_5,
        grace=(clocks >> 228) & MASK_5,
        cure=(clocks >> 233) & MASK_5,
        management_bps=(money >> 238) & MASK_6,
        performance_bps=money >> 244,
        schedule=(money >> 180) & MASK_58,
        default_bps=(clocks >> 238) & MASK_14,
        share_default_bps=share_default,
    )


@internal
def _store_terms(_deal: uint256, _terms: deal_terms.Terms, _reserve: uint256):
    self._words[_deal].money = (
        _terms.principal
        | (_terms.share_cost << 90)
        | (_terms.schedule << 180)
        | (_terms.management_bps << 238)
        | (_terms.performance_bps << 244)
    )
    self._words[_deal].clocks = (
        _terms.share_minimum
        | (_reserve << 90)
        | (_terms.rate_bps << 180)
        | (_terms.instalments << 193)
        | (_terms.interval << 204)
        | (1 << 211 if _terms.amortising else 0)
        | (_terms.share_instalments << 212)
        | (_terms.share_interval << 223)
        | (_terms.grace << 228)
        | (_terms.cure << 233)
        | (_terms.default_bps << 238)
    )
    self._words[_deal].parties = (self._words[_deal].parties & (2**232 - 1)) | (
        _terms.share_default_bps << 232
    )


@internal
@view
def _parties(_deal: uint256) -> Parties:
    words: Words = self._words[_deal]
    return Parties(
        borrower=convert(words.parties & MASK_160, address),
        receipt=(words.parties >> 160) & MASK_64,
        stage=convert((words.parties >> 224) & MASK_8, IDeals.Stage),
        coin=convert(words.payout & MASK_160, address),
        reserve=(words.clocks >> 90) & MASK_90,
        first_loss=words.payout >> 160,
        funder=convert(words.title & MASK_160, address),
        approved_until=(words.title >> 160) & MASK_40,
        minimum_bps=(words.title >> 200) & MASK_10,
        yearly_bps=words.title >> 210,
    )


@internal
def _store_parties(_deal: uint256, _parties: Parties):
    """
    @dev All but the reserve, which lies with the terms; terms are stored before.
    """
    self._words[_deal].parties = (
        convert(_parties.borrower, uint256)
        | (_parties.receipt << 160)
        | (convert(_parties.stage, uint256) << 224)
        | (self._words[_deal].parties & UPPER_24)
    )
    self._words[_deal].payout = convert(_parties.coin, uint256) | (_parties.first_loss << 160)
    self._store_title(_deal, _parties)


@internal
def _store_title(_deal: uint256, _parties: Parties):
    self._words[_deal].title = (
        convert(_parties.funder, uint256)
        | (_parties.approved_until << 160)
        | (_parties.minimum_bps << 200)
        | (_parties.yearly_bps << 210)
    )


@internal
@view
def _stage(_deal: uint256) -> IDeals.Stage:
    return convert((self._words[_deal].parties >> 224) & MASK_8, IDeals.Stage)


@internal
def _set_stage(_deal: uint256, _stage: IDeals.Stage):
    word: uint256 = self._words[_deal].parties
    self._words[_deal].parties = (word & ~(MASK_8 << 224)) | (convert(_stage, uint256) << 224)


@internal
@view
def _borrower(_deal: uint256) -> address:
    return convert(self._words[_deal].parties & MASK_160, address)


@internal
@view
def _funder(_deal: uint256) -> address:
    return convert(self._words[_deal].title & MASK_160, address)


@internal
@view
def _receipt(_deal: uint256) -> uint256:
    return (self._words[_deal].parties >> 160) & MASK_64


@internal
@view
def _funding(_deal: uint256) -> uint256:
    """
    @notice Principal and price of the revenue share, wei.
    """
    money: uint256 = self._words[_deal].money
    return (money & MASK_90) + ((money >> 90) & MASK_90)
