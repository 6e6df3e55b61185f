"""An independent model of deals: schedules as tables, values by definition."""

from .legs import Cure, DebtLeg, Leg, Schedule, ShareLeg, cured
from .terms import Applied, Debt, Earnings, Instalment, Terms, table

__all__ = [
    "Applied",
    "Cure",
    "Debt",
    "DebtLeg",
    "Earnings",
    "Instalment",
    "Leg",
    "Schedule",
    "ShareLeg",
    "Terms",
    "cured",
    "table",
]
