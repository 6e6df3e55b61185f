# pragma version 0.4.3
# pragma optimize gas
"""
@title Deals: what was agreed, and whether it may be funded
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice A borrower proposes a deal on a compute receipt, the committee approves or cancels it, and the
        desk funds it if it passes every gate on that day. Terms never change afterwards, but for a
        deal that a hosting partner takes over.

        The ERC-721 token of a deal is the title to its payments. The funder, the staking vault or an
        offering, has it from approval until the end, and cannot pass it on: whoever funds is whom
        the desk pays.
@dev Assembled from modules: `agreements` packs what was agreed, `standards` holds what new deals must
     meet, `gates` asks whether a deal may be funded, `title` is the token. Amounts in AID wei, rates in bps a year, days Unix
     days.
"""

from . import agreements
from . import deal_terms
from . import desk_seam
from . import gates
from . import standards
from . import title
from ..interfaces import IDeals
from ..interfaces import IRoles

implements: IDeals
initializes: agreements
initializes: standards
initializes: gates[agreements := agreements, standards := standards]
initializes: title

exports: (
    gates.__interface__,
    title.__interface__,
)


interface Receipts:
    def ownerOf(_id: uint256) -> address: view


event Proposed:
    deal: indexed(uint256)
    borrower: indexed(address)
    receipt: indexed(uint256)
    proposal: Proposal


event Approved:
    deal: indexed(uint256)
    funder: indexed(address)
    until: uint256


event Cancelled:
    deal: indexed(uint256)


event Opened:
    deal: indexed(uint256)


event Restructured:
    deal: indexed(uint256)
    share_cost: uint256
    share_instalments: uint256
    share_interval: uint256


event Closed:
    deal: indexed(uint256)


event DeskSet:
    desk: indexed(address)
    ledger: indexed(address)


# What a borrower asks for; standards make it complete.
struct Proposal:
    principal: uint256  # of the debt leg, wei; 0 for none
    rate_bps: uint256
    instalments: uint256
    interval: uint256  # days
    amortising: bool
    share_cost: uint256  # of the revenue share, wei; 0 for none
    share_minimum: uint256  # wei an interval
    share_instalments: uint256
    share_interval: uint256  # days
    default_bps: uint256  # a year, of what is overdue of the debt
    share_default_bps: uint256  # a year, of minimums that are missing
    reserve: uint256  # of what is funded, held back at the desk, wei
    first_loss: uint256  # that the borrower adds at funding, wei
    receipt: uint256  # of the GPUs that secure the deal
    coin: address  # in which the borrower is paid


GOVERNOR: constant(bytes32) = empty(bytes32)
GUARDIAN: constant(bytes32) = keccak256("GUARDIAN")
CREDIT: constant(bytes32) = keccak256("CREDIT")
MAX_RECEIPT: constant(uint256) = 2**64 - 1

ROLES: public(immutable(IRoles))
RECEIPTS: public(immutable(address))

desk: public(address)
ledger: public(address)
# deals that were ever proposed
count: public(uint256)


@deploy
def __init__(_roles: IRoles, _attestor: address, _receipts: address, _vault: address):
    """
    @notice Start without deals and without a desk.
    @param _roles Where roles are held.
    @param _attestor Where appraisals, coverage and telemetry are reported.
    @param _receipts The compute receipts.
    @param _vault The staking vault; all revert without code ("no code").
    """
    assert (
        _roles.address.is_contract
        and _attestor.is_contract
        and _receipts.is_contract
        and _vault.is_contract
    ), "no code"
    ROLES = _roles
    RECEIPTS = _receipts
    standards.__init__()
    gates.__init__(_attestor, _vault)
    title.__init__()


# Borrower


@external
def propose(_proposal: Proposal) -> uint256:
    """
    @notice Ask for a deal under the present standards.
    @param _proposal Amounts in AID wei, rates in bps a year, intervals in days.
    @return The deal, counted from 1.
    @custom:access The owner of the receipt.
    @custom:reverts "not receipt owner", "receipt out of bounds", "zero coin", "reserve out of bounds"
                    (above half of the funding), "first loss out of bounds" (above the funding), and
                    for terms the bound they miss: "no leg", "principal out of bounds", "rate out of
                    bounds", "interval out of bounds", "term out of bounds", "share minimum", "default rate" (of a debt
                    below rate² / net rate, which makes delay pay; of a share below 1 %; above 100 %).
    """
    assert (
        staticcall Receipts(RECEIPTS).ownerOf(_proposal.receipt) == msg.sender
    ), "not receipt owner"
    assert _proposal.receipt <= MAX_RECEIPT, "receipt out of bounds"
    assert _proposal.coin != empty(address), "zero coin"
    s: standards.Standards = standards._load_standards()
    terms: deal_terms.Terms = deal_terms.Terms(
        principal=_proposal.principal,
        rate_bps=_proposal.rate_bps,
        instalments=_proposal.instalments,
        interval=_proposal.interval,
        amortising=_proposal.amortising,
        share_cost=_proposal.share_cost,
        share_minimum=_proposal.share_minimum,
        share_instalments=_proposal.share_instalments,
        share_interval=_proposal.share_interval,
        grace=s.grace,
        cure=s.cure,
        management_bps=s.management_bps,
        performance_bps=s.performance_bps,
        schedule=standards._schedule(),
        default_bps=_proposal.default_bps,
        share_default_bps=_proposal.share_default_bps,
    )
    # zero the fields of an absent leg
    if terms.principal == 0:
        terms.rate_bps = 0
        terms.instalments = 0
        terms.interval = 0
        terms.amortising = False
        terms.default_bps = 0
    if terms.share_cost == 0:
        terms.share_minimum = 0
        terms.share_instalments = 0
        terms.share_interval = 0
        terms.share_default_bps = 0
    deal_terms._check(terms)
    funding: uint256 = terms.principal + terms.share_cost
    assert _proposal.reserve <= funding // 2, "reserve out of bounds"
    assert _proposal.first_loss <= funding, "first loss out of bounds"

    deal: uint256 = self.count + 1
    self.count = deal
    agreements._store_terms(deal, terms, _proposal.reserve)
    agreements._store_parties(
        deal,
        agreements.Parties(
            borrower=msg.sender,
            receipt=_proposal.receipt,
            stage=IDeals.Stage.PROPOSED,
            coin=_proposal.coin,
            reserve=_proposal.reserve,
            first_loss=_proposal.first_loss,
            funder=empty(address),
            approved_until=0,
            minimum_bps=s.minimum_bps,
            yearly_bps=s.yearly_bps,
        ),
    )
    log Proposed(deal=deal, borrower=msg.sender, receipt=_proposal.receipt, proposal=_proposal)
    return deal


# Committee


@external
def approve_deal(_deal: uint256, _funder: address):
    """
    @notice Approve a deal, or prolong an approval; the funder gets the title.
    @param _funder The staking vault, or the offering that sells the deal.
    @custom:access CREDIT.
    @custom:reverts "not credit", "not proposed", "no code", "other funder".
    """
    self._check_credit()
    parties: agreements.Parties = agreements._parties(_deal)
    if parties.stage == IDeals.Stage.PROPOSED:
        assert _funder.is_contract, "no code"
        agreements._set_stage(_deal, IDeals.Stage.APPROVED)
        parties.funder = _funder
        title._mint(_funder, _deal)
    else:
        assert parties.stage == IDeals.Stage.APPROVED, "not proposed"
        assert parties.funder == _funder, "other funder"
    until: uint256 = block.timestamp + standards._load_standards().approval_days * 86400
    parties.approved_until = until
    agreements._store_title(_deal, parties)
    log Approved(deal=_deal, funder=_funder, until=until)


@external
def cancel(_deal: uint256):
    """
    @notice Drop a deal that is not funded.
    @custom:access CREDIT, the borrower.
    @custom:reverts "not credit", "not proposed".
    """
    if agreements._borrower(_deal) != msg.sender:
        self._check_credit()
    stage: IDeals.Stage = agreements._stage(_deal)
    assert stage in (IDeals.Stage.PROPOSED | IDeals.Stage.APPROVED), "not proposed"
    if stage == IDeals.Stage.APPROVED:
        title._burn(_deal)
    agreements._set_stage(_deal, IDeals.Stage.CANCELLED)
    log Cancelled(deal=_deal)


# Desk


@external
def open(_deal: uint256) -> desk_seam.Opening:
    """
    @notice Mark a deal as funded, if it passes every gate.
    @return What the desk is to pay and to keep.
    @custom:access The desk.
    @custom:reverts "not desk", and as `check_funding`.
    """
    self._check_desk()
    parties: agreements.Parties = gates._gated(_deal)
    agreements._set_stage(_deal, IDeals.Stage.FUNDED)
    gates._count_opened(_deal)
    log Opened(deal=_deal)
    return desk_seam.Opening(
        borrower=parties.borrower,
        receipt=parties.receipt,
        coin=parties.coin,
        funder=parties.funder,
        amount=agreements._funding(_deal),
        fee=deal_terms._tokenisation_fee_up(
            agreements._terms(_deal), parties.minimum_bps, parties.yearly_bps
        ),
        reserve=parties.reserve,
        first_loss=parties.first_loss,
    )


@external
def restructure(
    _deal: uint256, _cost: uint256, _instalments: uint256, _interval: uint256
) -> deal_terms.Terms:
    """
    @notice Replace the legs of a funded deal by one revenue share, whose minimums bring its cost back.
            Grace, fees and the ramp stay; missing minimums bear the higher of the default rates.
    @param _cost AID wei.
    @param _instalments Number of minimums.
    @param _interval Days between them.
    @return The new terms.
    @custom:access The ledger.
    @custom:reverts "not ledger", and the bounds of a share's terms as in `propose`.
    """
    assert msg.sender == self.ledger, "not ledger"
    terms: deal_terms.Terms = agreements._terms(_deal)
    funded: uint256 = terms.principal + terms.share_cost
    terms.share_default_bps = max(terms.share_default_bps, terms.default_bps)
    terms.principal = 0
    terms.share_cost = _cost
    terms.share_instalments = _instalments
    terms.share_interval = _interval
    terms.share_minimum = (_cost + max(_instalments, 1) - 1) // max(_instalments, 1)
    deal_terms._check(terms)
    agreements._store_terms(_deal, terms, 0)
    gates._count_restructured(_deal, funded)
    log Restructured(
        deal=_deal,
        share_cost=_cost,
        share_instalments=_instalments,
        share_interval=_interval,
    )
    return terms


@external
def close(_deal: uint256):
    """
    @notice End a deal; its title is burned.
    @custom:access The desk.
    @custom:reverts "not desk".
    """
    self._check_desk()
    agreements._set_stage(_deal, IDeals.Stage.CLOSED)
    gates._count_closed(_deal)
    title._burn(_deal)
    log Closed(deal=_deal)


# Governed functions


@external
def set_standards(_standards: standards.Standards):
    """
    @notice Set what deals proposed from now on have in common.
    @param _standards Grace and cure in days (0 to 30, 1 to 30), management at most 50 bps a year,
           performance at most 3,000 bps, tokenisation at most 500 bps each, approvals of 1 to 180
           days, a ramp that does not flatten.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "grace out of bounds", "cure out of bounds", "fees out of bounds",
                    "approval out of bounds", "schedule days", "schedule bps", "schedule flattens".
    """
    self._check_governor()
    standards._set_standards(_standards)


@external
def set_limits(_limits: standards.Limits):
    """
    @notice Set what a deal must meet when it is funded.
    @param _limits LTV at most 7,500 bps, coverage 13,500 to 60,000 bps, caps at most 5,000 bps of the
           vault's exit assets.
    @custom:access GOVERNOR; GUARDIAN may only tighten.
    @custom:reverts "not guardian", "guardian may only tighten", "ltv out of bounds", "coverage out of
                    bounds", "caps out of bounds".
    """
    if not staticcall ROLES.hasRole(GOVERNOR, msg.sender):
        assert staticcall ROLES.hasRole(GUARDIAN, msg.sender), "not guardian"
        assert not standards._loosens(
            standards._load_limits(), _limits
        ), "guardian may only tighten"
    standards._set_limits(_limits)


@external
def set_desk(_desk: address, _ledger: address):
    """
    @notice Name the credit desk and its ledger, once and for all.
    @custom:access GOVERNOR.
    @custom:reverts "not governor", "no code", "desk set".
    """
    self._check_governor()
    assert _desk.is_contract and _ledger.is_contract, "no code"
    assert self.desk == empty(address), "desk set"
    self.desk = _desk
    self.ledger = _ledger
    log DeskSet(desk=_desk, ledger=_ledger)


# Views: what was agreed


@external
@view
def terms(_deal: uint256) -> deal_terms.Terms:
    """
    @notice The terms of a deal; empty for a number that was never proposed.
    """
    return agreements._terms(_deal)


@external
@view
def parties(_deal: uint256) -> agreements.Parties:
    """
    @notice The rest of what was agreed.
    """
    return agreements._parties(_deal)


@external
@view
def stage(_deal: uint256) -> IDeals.Stage:
    """
    @notice How far a deal has come.
    """
    return agreements._stage(_deal)


@external
@view
def funding_of(_deal: uint256) -> uint256:
    """
    @notice What the funder brings: principal and price of the revenue share, AID wei; of a deal that
            was taken over, what it was carried at then.
    """
    return agreements._funding(_deal)


@external
@view
def borrower_of(_deal: uint256) -> address:
    """
    @notice Who proposed the deal, and is paid.
    """
    return agreements._borrower(_deal)


@external
@view
def funder_of(_deal: uint256) -> address:
    """
    @notice Who funds the deal; the zero address before approval.
    """
    return agreements._funder(_deal)


@external
@view
def receipt_of(_deal: uint256) -> uint256:
    """
    @notice The compute receipt that secures the deal.
    """
    return agreements._receipt(_deal)


@external
@view
def approved_until(_deal: uint256) -> uint256:
    """
    @notice Last second in which an approved deal can be funded; 0 before approval.
    """
    return agreements._parties(_deal).approved_until


@external
@view
def standards_now() -> standards.Standards:
    """
    @notice What deals proposed now have in common.
    """
    return standards._load_standards()


@external
@view
def limits() -> standards.Limits:
    """
    @notice What a deal must meet when it is funded.
    """
    return standards._load_limits()


# Internals


@internal
@view
def _check_desk():
    assert msg.sender == self.desk, "not desk"


@internal
@view
def _check_credit():
    assert staticcall ROLES.hasRole(CREDIT, msg.sender), "not credit"


@internal
@view
def _check_governor():
    assert staticcall ROLES.hasRole(GOVERNOR, msg.sender), "not governor"
