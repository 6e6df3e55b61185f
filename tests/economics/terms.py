"""What deals of these tests agree, and what it costs to keep it, from docs/credit.md alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WAD = 10**18
MILLION = 10**6 * WAD
DAY, YEAR_DAYS, BPS = 86_400, 365, 10_000
#: The shipped standards: fees and the ramp.
MANAGEMENT_BPS, PERFORMANCE_BPS = 25, 1_500


@dataclass(frozen=True)
class Terms:
    """A proposal. Amounts in wei, rates in bps a year, intervals in days; zeros where there is no such
    leg.
    """

    principal: int = 0
    rate_bps: int = 0
    instalments: int = 0
    interval: int = 0
    amortising: bool = False
    share_cost: int = 0
    share_minimum: int = 0
    share_instalments: int = 0
    share_interval: int = 0
    reserve: int = 0
    first_loss: int = 0

    @property
    def funding(self) -> int:
        """What the vault pays."""
        return self.principal + self.share_cost

    @property
    def default_bps(self) -> int:
        """Least rate on overdue money: rate² / net rate, up to the next bp."""
        if not self.principal:
            return 0
        net = self.rate_bps * (BPS - PERFORMANCE_BPS) - MANAGEMENT_BPS * BPS
        return -(-self.rate_bps * self.rate_bps * BPS // net)

    @property
    def share_default_bps(self) -> int:
        return 2_000 if self.share_cost else 0

    def asked(self, fields: Sequence[str], **others: Any) -> tuple[Any, ...]:
        """The proposal as the contract of the day wants it: what it does not know yet is left out."""
        return tuple(others[name] if name in others else getattr(self, name) for name in fields)

    # what is due, docs/credit.md "Schedule, cash, anchor"

    def due(self, k: int) -> int:
        """Cash on the debt by due day `k`, in all, wei, rounded up."""
        n = self.instalments
        paid_back = self.principal * k // n if self.amortising else self.principal * (k == n)
        periods = 2 * n * k - (k * (k - 1) if self.amortising else 0)
        year = 2 * n * BPS * YEAR_DAYS
        return paid_back - (-self.principal * self.rate_bps * self.interval * periods // year)

    def instalment(self, k: int) -> int:
        """Of the debt, the k-th, from 1."""
        return self.due(k) - (self.due(k - 1) if k > 1 else 0)


#: A loan of a year at 15 %, in twelve instalments of 30 days.
LOAN = Terms(principal=MILLION, rate_bps=1_500, instalments=12, interval=30, amortising=True)
#: Three years at 30 %, principal at the end.
BULLET = Terms(principal=MILLION, rate_bps=3_000, instalments=36, interval=30)
#: A share of 300 days that must bring its cost back.
SHARE = Terms(share_cost=600_000 * WAD, share_minimum=60_000 * WAD, share_instalments=10, share_interval=30)
#: Both in one deal.
HYBRID = Terms(
    principal=MILLION,
    rate_bps=1_200,
    instalments=12,
    interval=30,
    share_cost=300_000 * WAD,
    share_minimum=30_000 * WAD,
    share_instalments=10,
    share_interval=30,
)
