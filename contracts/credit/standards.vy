# pragma version 0.4.3
"""
@title Standards and limits of new deals
@license GNU Affero General Public License v3.0 only
@author AID protocol
@notice *Standards* are the same for all deals that are proposed while they hold, and each deal keeps
        those it was proposed under. *Limits* are asked when a deal is funded.
@dev _standards  schedule 58 | grace 5 | cure 5 | management bps 6 | performance bps 12
                 fee minimum bps 10 | fee a year bps 10 | approval days 8        (low to high)
     _limits     max ltv bps 14 | min coverage bps 16 | deal cap bps 14 | borrower cap bps 14 | paused 1
"""

from . import curve
from . import deal_terms


event StandardsSet:
    standards: Standards


event LimitsSet:
    limits: Limits


struct Standards:
    days: uint256[3]  # after the end of grace, at which impairment is
    impairment_bps: uint256[2]  # these parts of carrying value, and all of it
    grace: uint256  # days
    cure: uint256  # days
    management_bps: uint256  # a year
    performance_bps: uint256  # of earnings
    minimum_bps: uint256  # tokenisation fee, of all that is funded
    yearly_bps: uint256  # the same, a year of term
    approval_days: uint256  # in which an approved deal can be funded


struct Limits:
    max_ltv_bps: uint256  # funding to appraisal
    min_coverage_bps: uint256  # debt service coverage ratio
    deal_cap_bps: uint256  # a deal's part of the vault's exit assets
    borrower_cap_bps: uint256  # the same of all open deals of a borrower
    paused: bool  # nothing is funded


BPS: constant(uint256) = 10**4
MAX_LTV_BPS: constant(uint256) = 7_500
MIN_COVERAGE_BPS: constant(uint256) = 13_500
MAX_COVERAGE_BPS: constant(uint256) = 60_000
MAX_CAP_BPS: constant(uint256) = 5_000
MAX_FEE_BPS: constant(uint256) = 500
MAX_APPROVAL_DAYS: constant(uint256) = 180

MASK_58: constant(uint256) = 2**58 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_14: constant(uint256) = 2**14 - 1
MASK_12: constant(uint256) = 2**12 - 1
MASK_10: constant(uint256) = 2**10 - 1
MASK_6: constant(uint256) = 2**6 - 1
MASK_5: constant(uint256) = 2**5 - 1

_standards: uint256
_limits: uint256


@deploy
def __init__():
    """
    @notice Impairment of 25, 50 and 100 % after 30, 60 and 90 days; 10 days of grace, 7 of cure;
            0.25 % a year and 15 % of earnings; tokenisation max(0.25 %, 1 % a year); approvals hold
            for 60 days. LTV 75 %, coverage 1.35, 15 % of the vault a deal, 25 % a borrower.
    """
    self._set_standards(
        Standards(
            days=[30, 60, 90],
            impairment_bps=[2_500, 5_000],
            grace=10,
            cure=7,
            management_bps=25,
            performance_bps=1_500,
            minimum_bps=25,
            yearly_bps=100,
            approval_days=60,
        )
    )
    self._set_limits(
        Limits(
            max_ltv_bps=MAX_LTV_BPS,
            min_coverage_bps=MIN_COVERAGE_BPS,
            deal_cap_bps=1_500,
            borrower_cap_bps=2_500,
            paused=False,
        )
    )


@internal
def _set_standards(_standards: Standards):
    """
    @dev Reverts with "grace out of bounds", "cure out of bounds", "fees out of bounds", "approval out
         of bounds", and the reasons of `curve._pack_schedule`.
    """
    assert _standards.grace <= deal_terms.MAX_GRACE, "grace out of bounds"
    assert _standards.cure != 0 and _standards.cure <= deal_terms.MAX_CURE, "cure out of bounds"
    assert (
        _standards.management_bps <= deal_terms.MAX_MANAGEMENT
        and _standards.performance_bps <= deal_terms.MAX_PERFORMANCE
        and _standards.minimum_bps <= MAX_FEE_BPS
        and _standards.yearly_bps <= MAX_FEE_BPS
    ), "fees out of bounds"
    assert (
        _standards.approval_days != 0 and _standards.approval_days <= MAX_APPROVAL_DAYS
    ), "approval out of bounds"
    self._standards = (
        curve._pack_schedule(_standards.days, _standards.impairment_bps)
        | (_standards.grace << 58)
        | (_standards.cure << 63)
        | (_standards.management_bps << 68)
        | (_standards.performance_bps << 74)
        | (_standards.minimum_bps << 86)
        | (_standards.yearly_bps << 96)
        | (_standards.approval_days << 106)
    )
    log StandardsSet(standards=_standards)


@internal
def _set_limits(_limits: Limits):
    """
    @dev Reverts with "ltv out of bounds", "coverage out of bounds", "caps out of bounds".
    """
    assert _limits.max_ltv_bps <= MAX_LTV_BPS, "ltv out of bounds"
    assert (
        _limits.min_coverage_bps >= MIN_COVERAGE_BPS
        and _limits.min_coverage_bps <= MAX_COVERAGE_BPS
    ), "coverage out of bounds"
    assert (
        _limits.deal_cap_bps <= MAX_CAP_BPS and _limits.borrower_cap_bps <= MAX_CAP_BPS
    ), "caps out of bounds"
    self._limits = (
        _limits.max_ltv_bps
        | (_limits.min_coverage_bps << 14)
        | (_limits.deal_cap_bps << 30)
        | (_limits.borrower_cap_bps << 44)
        | (1 << 58 if _limits.paused else 0)
    )
    log LimitsSet(limits=_limits)


@internal
@view
def _load_limits() -> Limits:
    word: uint256 = self._limits
    return Limits(
        max_ltv_bps=word & MASK_14,
        min_coverage_bps=(word >> 14) & MASK_16,
        deal_cap_bps=(word >> 30) & MASK_14,
        borrower_cap_bps=(word >> 44) & MASK_14,
        paused=word >> 58 != 0,
    )


@internal
@pure
def _loosens(_old: Limits, _new: Limits) -> bool:
    """
    @notice Whether `_new` lets anything pass that `_old` refuses.
    """
    return (
        _new.max_ltv_bps > _old.max_ltv_bps
        or _new.min_coverage_bps < _old.min_coverage_bps
        or _new.deal_cap_bps > _old.deal_cap_bps
        or _new.borrower_cap_bps > _old.borrower_cap_bps
        or (_old.paused and not _new.paused)
    )


@internal
@view
def _load_standards() -> Standards:
    word: uint256 = self._standards
    return Standards(
        days=[word & MASK_10, (word >> 10) & MASK_10, (word >> 20) & MASK_10],
        impairment_bps=[(word >> 30) & MASK_14, (word >> 44) & MASK_14],
        grace=(word >> 58) & MASK_5,
        cure=(word >> 63) & MASK_5,
        management_bps=(word >> 68) & MASK_6,
        performance_bps=(word >> 74) & MASK_12,
        minimum_bps=(word >> 86) & MASK_10,
        yearly_bps=(word >> 96) & MASK_10,
        approval_days=word >> 106,
    )


@internal
@view
def _schedule() -> uint256:
    """
    @notice The ramp of new deals, packed by curve.vy.
    """
    return self._standards & MASK_58
