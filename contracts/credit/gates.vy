# pragma version 0.4.3
"""
@title What a deal must pass to be funded
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice Facts that attestors report, and limits of the whole: open deals, and what the vault has lent to a
        borrower.
"""

from . import agreements
from . import standards
from ..interfaces import IDeals
from ..interfaces import IStakedAID

uses: agreements
uses: standards


interface Attestor:
    def is_fresh(_kind: bytes32, _subject: uint256) -> bool: view
    def fresh_value(_kind: bytes32, _subject: uint256) -> uint256: view


# AID wei of a receipt; bps of a deal; of a receipt, whatever it says
APPRAISAL: constant(bytes32) = keccak256("APPRAISAL")
COVERAGE: constant(bytes32) = keccak256("DSCR")
TELEMETRY: constant(bytes32) = keccak256("TELEMETRY")

BPS: constant(uint256) = 10**4
MAX_DEALS: public(constant(uint256)) = 256

ATTESTOR: public(immutable(address))
VAULT: public(immutable(address))

# deals that are funded and not closed
open_deals: public(uint256)
# what the vault has funded of a borrower's open deals, wei
exposure: public(HashMap[address, uint256])


@deploy
def __init__(_attestor: address, _vault: address):
    """
    @notice Start without open deals.
    @param _attestor Where appraisals, coverage and telemetry are reported.
    @param _vault The staking vault.
    """
    ATTESTOR = _attestor
    VAULT = _vault


@external
@view
def check_funding(_deal: uint256):
    """
    @notice Check whether a deal can be funded now, as far as terms and facts go; the vault's floor, the
            receipt's lock and the borrower's first loss are looked at by those who hold them.
    @param _deal The deal's number.
    @custom:reverts "not approved", "approval expired", "funding paused", "too many deals", "appraisal
                    stale", "ltv", "coverage stale", "coverage", "telemetry stale", and for a deal of
                    the vault "deal cap", "borrower cap".
    """
    self._gated(_deal)


@internal
def _count_opened(_deal: uint256):
    """
    @notice Count a deal that is funded now.
    @param _deal The deal's number.
    """
    self.open_deals += 1
    if agreements._funder(_deal) == VAULT:
        self.exposure[agreements._borrower(_deal)] += agreements._funding(_deal)


@internal
def _count_restructured(_deal: uint256, _before: uint256):
    """
    @notice Count what a deal that a hosting partner takes over is carried at now.
    @param _deal The deal's number.
    @param _before What it was counted at, AID wei.
    """
    if agreements._funder(_deal) == VAULT:
        borrower: address = agreements._borrower(_deal)
        self.exposure[borrower] = self.exposure[borrower] + agreements._funding(_deal) - _before


@internal
def _count_closed(_deal: uint256):
    """
    @notice Count a deal that ends now.
    @param _deal The deal's number.
    """
    self.open_deals -= 1
    if agreements._funder(_deal) == VAULT:
        self.exposure[agreements._borrower(_deal)] -= agreements._funding(_deal)


@internal
@view
def _gated(_deal: uint256) -> agreements.Parties:
    """
    @notice The parties of a deal that passes every gate.
    """
    parties: agreements.Parties = agreements._parties(_deal)
    assert parties.stage == IDeals.Stage.APPROVED, "not approved"
    assert block.timestamp <= parties.approved_until, "approval expired"
    limits: standards.Limits = standards._load_limits()
    assert not limits.paused, "funding paused"
    assert self.open_deals < MAX_DEALS, "too many deals"

    funding: uint256 = agreements._funding(_deal)
    assert self._is_fresh(APPRAISAL, parties.receipt), "appraisal stale"
    assert (funding * BPS <= self._value(APPRAISAL, parties.receipt) * limits.max_ltv_bps), "ltv"
    assert self._is_fresh(COVERAGE, _deal), "coverage stale"
    assert self._value(COVERAGE, _deal) >= limits.min_coverage_bps, "coverage"
    assert self._is_fresh(TELEMETRY, parties.receipt), "telemetry stale"
    if parties.funder == VAULT:
        assets: uint256 = staticcall IStakedAID(VAULT).totalAssets()
        assert funding * BPS <= assets * limits.deal_cap_bps, "deal cap"
        assert (
            (self.exposure[parties.borrower] + funding) * BPS <= assets * limits.borrower_cap_bps
        ), "borrower cap"
    return parties


@internal
@view
def _is_fresh(_kind: bytes32, _subject: uint256) -> bool:
    return staticcall Attestor(ATTESTOR).is_fresh(_kind, _subject)


@internal
@view
def _value(_kind: bytes32, _subject: uint256) -> uint256:
    return staticcall Attestor(ATTESTOR).fresh_value(_kind, _subject)
