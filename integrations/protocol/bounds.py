"""Bounds of what a configuration may say: one table, which a test holds to the contracts by probing them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field
from pydantic.fields import FieldInfo

DAY = 86_400


@dataclass(frozen=True)
class Bound:
    """Least and most that a contract takes, both included."""

    least: int
    most: int
    unit: str


#: By the setting's place in a configuration. Units are those of the contracts, but for days.
BOUNDS: dict[str, Bound] = {
    "stablecoins.decimals": Bound(0, 18, ""),
    "stablecoins.max_age": Bound(1, 7 * DAY, "seconds"),
    "stablecoins.mint_fee_bps": Bound(0, 100, "bps"),
    "stablecoins.redeem_fee_bps": Bound(0, 100, "bps"),
    "stablecoins.deviation_bps": Bound(0, 500, "bps"),
    "stablecoins.band_bps": Bound(0, 500, "bps"),
    "stablecoins.cap": Bound(0, 2**48 - 1, "whole tokens"),
    "stablecoins.mint_capacity": Bound(0, 2**44 - 1, "whole AID"),
    "stablecoins.redeem_capacity": Bound(0, 2**44 - 1, "whole AID"),
    "vaults.cap": Bound(0, 2**48 - 1, "whole tokens"),
    "reserve.total_cap": Bound(0, 2**48 - 1, "whole AID"),
    "reserve.deficit_delta_bps": Bound(25, 50, "bps"),
    "reserve.buffer_bps": Bound(0, 1_000, "bps"),
    "reserve.max_growth_bps": Bound(0, 2_000, "bps a year"),
    "reserve.liquid_floor_bps": Bound(0, 10_000, "bps"),
    "staking.deposit_cap": Bound(0, 2**48 - 1, "whole AID"),
    "staking.vesting_days": Bound(1, 90, "days"),
    "pools.amplification": Bound(1, 10**6, ""),
    "pools.fee": Bound(0, 10**8, "of 1e10"),
    "pools.offpeg_fee_multiplier": Bound(0, 2**40 - 1, "of 1e10"),
    "pools.ma_seconds": Bound(1, 2**20 - 1, "seconds"),
    "oracles.period": Bound(3_600, 30 * DAY, "seconds"),
    "oracles.max_rise_bps": Bound(1, 1_000, "bps"),
    "credit.attestor_threshold": Bound(1, 16, "signatures"),
    "credit.gates.max_ltv_bps": Bound(0, 7_500, "bps"),
    "credit.gates.min_coverage_bps": Bound(13_500, 60_000, "bps"),
    "credit.gates.deal_cap_bps": Bound(0, 5_000, "bps"),
    "credit.gates.borrower_cap_bps": Bound(0, 5_000, "bps"),
    "credit.reports.max_age_days": Bound(1, 400, "days"),
    "credit.reports.max_rise_bps": Bound(0, 2**32 - 1, "bps"),
    "credit.reports.max_fall_bps": Bound(0, 10_000, "bps"),
    "governance.min_delay": Bound(0, 30 * DAY, "seconds"),
}

#: Of lists: how many a contract takes.
MOST = {"stablecoins": 8, "vaults": 4, "governance.proposers": 16, "governance.cancellers": 16}

#: What a live network needs beside what the contracts take.
LIVE_MIN_DELAY = 2 * DAY
LIVE_MEMBERS = 2


def within(name: str) -> FieldInfo:
    """The bounds of a setting as pydantic checks them."""
    bound = BOUNDS[name]
    info: FieldInfo = Field(ge=bound.least, le=bound.most)
    return info
