"""An independent model of deals: schedules as tables, values by definition."""

from .deal import Deal, Flow, Resolution, SteppedIn
from .legs import Cure, DebtLeg, Leg, Schedule, ShareLeg, cured
from .takings import OnTime, Takings
from .terms import Applied, Debt, Earnings, Instalment, Terms, table

__all__ = [
    "Applied",
    "Cure",
    "Deal",
    "Debt",
    "DebtLeg",
    "Earnings",
    "Flow",
    "Instalment",
    "Leg",
    "OnTime",
    "Resolution",
    "Schedule",
    "ShareLeg",
    "SteppedIn",
    "Takings",
    "Terms",
    "cured",
    "table",
]
