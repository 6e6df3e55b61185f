"""What a deal asks for over its life: due days and amounts of both legs, and what comes out of it.

Amounts are AID wei, days Unix days. The schedule is that of docs/credit.md, from integrations/credit_model: a
line's part is what cash must have come in by then, less what was due before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from integrations.credit_model import Terms, table
from integrations.credit_model.terms import tokenisation_fee

EPOCH = date(1970, 1, 1)
YEAR = 365


@dataclass(frozen=True)
class CashFlow:
    """What is due on one day.

    Attributes:
        day: Unix day.
        interest: On the debt, wei, rounded up over all days so far.
        principal: Of the debt, wei.
        share: Least revenue, wei.
        outstanding: Principal left afterwards, wei, rounded up.
    """

    day: int
    interest: int
    principal: int
    share: int
    outstanding: int

    @property
    def due(self) -> int:
        """All of it, wei."""
        return self.interest + self.principal + self.share

    @property
    def date(self) -> date:
        """The day as a date (UTC)."""
        return EPOCH + timedelta(days=self.day)


def cash_flows(terms: Terms, start: int) -> list[CashFlow]:
    """All due days of a deal, in order.

    Args:
        terms: Of the deal.
        start: Unix day from which due days count: the first midnight not before funding.
    """
    debts: dict[int, tuple[int, int, int]] = {}
    due = repaid = 0
    for line in table(terms):
        principal = int(terms.principal - line.outstanding)
        debts[line.day] = (
            line.due - due - (principal - repaid),
            principal - repaid,
            terms.principal - principal,
        )
        due, repaid = line.due, principal
    shares = {k * terms.share_interval for k in range(1, terms.share_instalments + 1)}
    flows: list[CashFlow] = []
    outstanding = terms.principal
    for day in sorted(debts.keys() | shares):
        interest, principal, outstanding = debts.get(day, (0, 0, outstanding))
        minimum = terms.share_minimum if day in shares else 0
        flows.append(CashFlow(start + day, interest, principal, minimum, outstanding))
    return flows


@dataclass(frozen=True)
class Summary:
    """A deal as a whole, wei.

    Attributes:
        funding: What the funder brings.
        fee: For tokenisation, kept from it.
        reserve: Held back from it.
        to_borrower: The rest.
        due: All that is due by schedule.
        interest: Of it, interest.
        life: Days after which a unit of principal is back on average; 0 without debt.
        net_rate: What a debt accrues a year for its funder, a part of principal.
    """

    funding: int
    fee: int
    reserve: int
    to_borrower: int
    due: int
    interest: int
    life: Fraction
    net_rate: Fraction


def summary(terms: Terms, reserve: int = 0) -> Summary:
    """What comes out of a deal if everybody pays on its due day.

    Args:
        terms: Of the deal.
        reserve: Held back at funding, wei.
    """
    flows = cash_flows(terms, 0)
    funding, fee = terms.principal + terms.share_cost, tokenisation_fee(terms)
    life = Fraction(0)
    if terms.principal:
        life = Fraction(sum(flow.day * flow.principal for flow in flows), terms.principal)
    return Summary(
        funding=funding,
        fee=fee,
        reserve=reserve,
        to_borrower=funding - fee - reserve,
        due=sum(flow.due for flow in flows),
        interest=sum(flow.interest for flow in flows),
        life=life,
        net_rate=terms.net_rate if terms.principal else Fraction(0),
    )
