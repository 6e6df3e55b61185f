"""Deals that tests of the credit side have in common."""

from __future__ import annotations

from integrations.credit_model import Terms
from integrations.protocol.reports import kind
from tests.conftest import WAD

MILLION = 10**6 * WAD
FOREVER = 2**256 - 1
APPRAISAL, COVERAGE, TELEMETRY = kind("APPRAISAL"), kind("DSCR"), kind("TELEMETRY")

#: An amortising loan of a year at 15 %, in twelve instalments of 30 days.
LOAN = Terms(principal=MILLION, rate_bps=1_500, instalments=12, interval=30, amortising=True)
#: A loan of 180 days at 12 %, principal at the end.
BULLET = Terms(principal=MILLION, rate_bps=1_200, instalments=6, interval=30)
#: A revenue share of 300 days that must bring its cost back.
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
