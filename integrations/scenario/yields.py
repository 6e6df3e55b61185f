"""Where the yield of sAID comes from: deals, T-bills, fees; and what deals have lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from .deal_book import DealBook
from .events import Event, Outcome
from .report import YieldRecord
from .units import DAY, WAD
from .world import Backing, Snapshot

YEAR = 365 * DAY


class SourceBook:
    """Splits what the reserve pays out into fees and T-bills, by what its surplus was made of at the time.

    Fees are all that events other than harvests add to backing at par less supply (mint and redeem fees, what
    somebody gives to the reserve); what grows between events is T-bills.
    """

    def __init__(self) -> None:
        self._fees = 0  # in the reserve, not harvested yet
        self._harvested_fees = 0
        self._harvested = 0
        self._loans = 0
        self._written_off = 0

    def enter(self, event: Event, outcome: Outcome | None, before: Backing, after: Snapshot) -> None:
        """Book what an event did to the reserve's surplus, or what it paid out of it."""
        if outcome is None:
            return
        surplus = before.backing_par - before.supply
        harvest = outcome.flows.get("harvested", 0)
        if harvest:
            part = max(0, min(harvest, harvest * self._fees // surplus)) if surplus > 0 else 0
            self._fees -= part
            self._harvested_fees += part
            self._harvested += harvest
        elif not event.moves_prices:
            self._fees += after.backing.backing_par - after.backing.supply - surplus
        self._loans += outcome.flows.get("income", 0)
        self._written_off += outcome.flows.get("lost", 0)

    def records(self, deals: DealBook, samples: Sequence[Snapshot]) -> tuple[YieldRecord, ...]:
        """Return each source's part, losses below zero; their sum is what sAID has earned, vested or not."""
        staked = _average(samples)
        return tuple(
            YieldRecord(name, amount, WAD * amount // staked if staked else 0)
            for name, amount in self._parts(deals, samples)
            if amount
        )

    def _parts(self, deals: DealBook, samples: Sequence[Snapshot]) -> Iterator[tuple[str, int]]:
        insured = sum(loss.insurance for loss in deals.losses)
        if deals.entries:
            lost = sum(loss.unvested + loss.insurance + loss.nav for loss in deals.losses)
            now = samples[-1].time
            open_impairment = sum(int(one.model.impairment(now)) for one in deals.of_the_vault())
            yield "deals", deals.income(now) + lost + open_impairment
            yield "losses of deals", -lost - open_impairment
        else:
            yield "loans", self._loans
            yield "written off", -self._written_off
        yield "insurance", insured
        yield "T-bills", self._harvested - self._harvested_fees
        yield "fees", self._harvested_fees


def _average(samples: Sequence[Snapshot]) -> int:
    """Return staked assets on average over time, times the run's part of a year."""
    return sum(one.staking.exit_assets * (two.time - one.time) for one, two in pairwise(samples)) // YEAR
