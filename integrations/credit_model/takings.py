"""What a funder has had of its deals, and what it would have had if everybody had paid on time.

Amounts are AID wei, times Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .legs import DAY
from .serviced import Flow, ServicedDeal
from .terms import table


@dataclass
class Takings:
    """Cash that has come in; gains count as they vest, each in a straight line of its own.

    Args:
        vesting: Seconds that a gain takes.
    """

    vesting: int
    cash: int = 0
    _gains: list[tuple[int, int]] = field(default_factory=list)

    def add(self, t: int, amount: int, gain: int = 0) -> None:
        """Take in `amount`, of which `gain` vests from `t` on; unvested profit lost is a gain below zero."""
        self.cash += amount
        if gain:
            self._gains.append((t, gain))

    def vested(self, t: int) -> int:
        """What of it is there at `t`, not before the last addition."""
        left = sum(gain * max(0, self.vesting - (t - since)) // self.vesting for since, gain in self._gains)
        return self.cash - left


@dataclass
class OnTime:
    """A deal whose borrower pays every instalment on its due day, and `receipt` each interval of its share.

    Args:
        deal: As funded; this one is moved along.
        takings: Where the funder's part goes.
        receipt: What the revenue share brings an interval, at least its minimum.
    """

    deal: ServicedDeal
    takings: Takings
    receipt: int = 0
    _due: list[tuple[int, bool]] = field(init=False)

    def __post_init__(self) -> None:
        terms, start = self.deal.terms, self.deal.start
        days = [(start + line.day, False) for line in (table(terms) if terms.principal else ())]
        count = terms.share_instalments if terms.share_cost else 0
        days += [(start + k * terms.share_interval, True) for k in range(1, count + 1)]
        self._due = sorted(days, reverse=True)

    def value(self, t: int) -> int:
        """Net carrying value at `t`, rising from call to call; all that is due by then has been paid."""
        while self._due and self._due[-1][0] * DAY <= t:
            day, to_share = self._due.pop()
            self._pay(day * DAY, to_share)
        return int(self.deal.gross(t) - self.deal.impairment(t))

    def _pay(self, t: int, to_share: bool) -> None:
        amount = self.receipt if to_share else self.deal.due(t)
        if amount and self.deal.status != "closed":
            flow: Flow = self.deal.pay(t, amount, to_share=to_share)
            self.takings.add(t, flow.to_funder, flow.gain)
