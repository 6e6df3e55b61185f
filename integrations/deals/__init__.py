"""Deal files: what a borrower asks for as YAML, checked line by line, and what follows from it as tables.

deal = load_deal("deals/h100-debt.yaml")
rows = cash_flows(deal.terms, day_of(deal.start))
"""

from .loader import DealFileError, LoadedDeal, load_deal, parse_deal
from .model import DealFile
from .schedule import CashFlow, Summary, cash_flows, summary

__all__ = [
    "CashFlow",
    "DealFile",
    "DealFileError",
    "LoadedDeal",
    "Summary",
    "cash_flows",
    "load_deal",
    "parse_deal",
    "summary",
]
