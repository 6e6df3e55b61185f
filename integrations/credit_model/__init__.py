"""An independent model of deals: schedules as tables, values by definition."""

from .deal import Deal, Outcome, Status
from .legs import Cure, DebtLeg, Leg, Schedule, ShareLeg, cured
from .terms import Applied, Debt, Earnings, Instalment, Terms, table

__all__ = [
    "Applied",
    "Cure",
    "Deal",
    "Debt",
    "DebtLeg",
    "Earnings",
    "Instalment",
    "Leg",
    "Outcome",
    "Schedule",
    "ShareLeg",
    "Status",
    "Terms",
    "cured",
    "table",
]
