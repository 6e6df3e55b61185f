"""The deals of a scenario, each reckoned by itself from what events say: what the contracts are held against.

The values are `integrations.credit_model`'s. Amounts are AID wei, times Unix seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from ..credit_model import Deal
from ..credit_model.serviced import Flow, Resolution, ServicedDeal, SteppedIn
from ..credit_model.takings import OnTime, Takings
from .credit import LossBorne, Participation
from .deals import DealTerms, wei
from .model import Scenario
from .units import DAY


@dataclass(frozen=True)
class LossRecord:
    """A realised loss, from what was carried down to what the share price has borne."""

    deal: str
    time: int
    how: str
    carried: int
    recovered: int
    reserve: int
    first_loss: int
    unvested: int
    insurance: int
    nav: int

    @property
    def missing(self) -> int:
        """What nobody has borne; below zero if more was borne than lost."""
        covered = self.recovered + self.reserve + self.first_loss
        return self.carried - covered - self.unvested - self.insurance - self.nav


@dataclass
class Entry:
    """A deal that was funded. `epoch` changes when its schedule does, `touched` with each event on it."""

    name: str
    terms: DealTerms
    model: ServicedDeal
    funded: ServicedDeal
    takings: Takings
    epoch: int = 0
    touched: int = 1
    late_since: int | None = None
    cost: int = 0
    overpaid: int = 0
    ended: str = ""
    seen: list[int] = field(default_factory=list)

    def net(self, t: int) -> int:
        """Carrying value less impairment."""
        return int(self.model.gross(t) - self.model.impairment(t))

    def notice(self, t: int) -> None:
        """Note since when an instalment has been missed, whether or not it was made good since."""
        if self.late_since is None and self.model.status != "closed":
            day = t // DAY - 1
            share = self.model.share_leg is not None and self.model.due(day * DAY, to_share=True)
            if share or self.model.due(day * DAY):
                self.late_since = t


class DealBook:
    """All funded deals of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.entries: dict[str, Entry] = {}
        self.losses: list[LossRecord] = []
        self._claimed: Counter[str] = Counter()
        self._covers = Takings(scenario.staking.vesting)
        self._times: list[int] = []
        self._covered: list[int] = []

    # -- what events tell

    def fund(self, name: str, t: int) -> Entry:
        """A deal was funded."""
        terms = self._scenario.deals[name]

        def made() -> ServicedDeal:
            sold = terms.offering is not None
            life = Deal(terms.terms(), t, wei(terms.reserve), wei(terms.first_loss))
            return ServicedDeal(life, ring_fenced=sold)

        deal = made()
        entry = Entry(name, terms, deal, made(), Takings(self._scenario.staking.vesting), cost=deal.amount)
        entry.seen = [0] * len(self._times)
        self.entries[name] = entry
        return entry

    def pay(self, name: str, t: int, amount: int, *, to_share: bool = False) -> Flow:
        """A payment was credited; what it did not need is the borrower's to take back."""
        entry = self._at(name, t)
        flow = entry.model.pay(t, amount, to_share=to_share)
        entry.overpaid += flow.unused
        entry.takings.add(t, flow.to_funder, flow.gain)
        return flow

    def draw(self, name: str, t: int) -> Flow:
        """The reserve has paid."""
        entry = self._at(name, t)
        flow = entry.model.draw(t)
        entry.takings.add(t, flow.to_funder, flow.gain)
        return flow

    def declare_default(self, name: str, t: int) -> None:
        """A default was declared. Raises ValueError if the model sees none."""
        self._at(name, t).model.declare_default(t)

    def mark(self, name: str, t: int, bps: int) -> None:
        """The committee has marked a deal down."""
        self._at(name, t).model.mark(t, bps)

    def liquidate(self, name: str, t: int) -> None:
        """The collateral is up for auction."""
        entry = self._at(name, t)
        entry.epoch += 1
        entry.model.liquidate()

    def resolve(self, name: str, t: int, brought: int, borne: LossBorne) -> Resolution:
        """The collateral was sold."""
        entry = self._at(name, t)
        end = entry.model.resolve(t, brought)
        entry.takings.add(t, end.to_funder, end.gain)
        recovered = min(end.brought, end.carried)
        reserve = min(end.reserve, end.carried - recovered)
        self._lose(entry, t, "auction", end.carried, recovered, reserve, end.first_loss, borne)
        return end

    def step_in(self, name: str, t: int, instalments: int, interval: int, borne: LossBorne) -> SteppedIn:
        """A hosting partner has taken over."""
        entry = self._at(name, t)
        entry.epoch += 1
        carried = int(entry.model.gross(t))
        end = entry.model.step_in(t, instalments, interval)
        drawn = end.drawn.to_funder - end.drawn.gain
        entry.takings.add(t, end.drawn.to_funder, end.drawn.gain)
        self._lose(entry, t, "step-in", carried, end.carried, drawn, 0, borne)
        return end

    def take_back(self, who: str, aid: int) -> None:
        """A borrower has taken what is left of its deals."""
        self._claimed[who] += aid

    def look(self, t: int) -> None:
        """Remember what everything is worth, for the comparison with everybody paying on time."""
        self._times.append(t)
        self._covered.append(self._covers.vested(t))
        for entry in self.entries.values():
            entry.notice(t)
            entry.seen.append(entry.net(t) + entry.takings.vested(t))

    # -- what it comes to

    def of_the_vault(self) -> Iterator[Entry]:
        """Entries that are part of the vault's book: all but those that were sold in shares."""
        return (entry for entry in self.entries.values() if not entry.model.ring_fenced)

    @property
    def tolerance(self) -> int:
        """A wei for each deal and each event of one."""
        return sum(1 + entry.touched for entry in self.entries.values())

    def value(self, t: int) -> tuple[int, int]:
        """Return gross value and impairment of the vault's book."""
        gross = sum(entry.model.gross(t) for entry in self.of_the_vault())
        impairment = sum(entry.model.impairment(t) for entry in self.of_the_vault())
        return int(gross), int(impairment)

    def aged(self, since: int, until: int) -> int:
        """Return by how much revenue shares have worn down."""
        legs = (entry.model.share_leg for entry in self.of_the_vault())
        worn = (leg.gross(max(since, leg.start)) - leg.gross(until) for leg in legs if leg is not None)
        return -int(-sum(worn))

    def claimable(self, who: str) -> int:
        """Return what a borrower may take back."""
        mine = (entry for entry in self.entries.values() if entry.terms.borrower == who)
        return sum(entry.model.to_borrower + entry.overpaid for entry in mine) - self._claimed[who]

    @property
    def fees(self) -> int:
        """All fees of all deals."""
        return sum(entry.model.fees for entry in self.entries.values())

    def debt(self, who: str, t: int) -> int:
        """Return what a borrower's deals carry, less what is held of its own."""
        mine = [entry.model for entry in self.entries.values() if entry.terms.borrower == who]
        held = sum(deal.reserve + deal.first_loss for deal in mine)
        return int(sum(deal.gross(t) for deal in mine)) - held - self.claimable(who)

    def shares_of(self, held: Mapping[str, Participation], t: int) -> int:
        """Return what participations are worth: their part of what the deal carries, and what waits."""
        total = 0
        for name, part in held.items():
            entry = self.entries.get(name)
            worth = part.tokens if entry is None else entry.net(t) * part.tokens // entry.cost
            total += worth + part.claimable
        return total

    def income(self, t: int) -> int:
        """Return what the vault's deals have earned, less what they have lost and are impaired by."""
        return sum(entry.net(t) + entry.takings.cash - entry.cost for entry in self.of_the_vault())

    def differences(self) -> Mapping[int, int]:
        """Return how much more the vault would have at each look, had everybody paid on time.

        A deal that never missed an instalment is left as it was. What losses took of unvested profit and
        insurance is given back.
        """
        late = [deepcopy(entry) for entry in self.of_the_vault() if entry.late_since is not None]
        promised = [
            OnTime(
                entry.funded,
                Takings(entry.takings.vesting),
                wei(entry.terms.share.receipt) if entry.terms.share else 0,
            )
            for entry in late
        ]
        found: dict[int, int] = {}
        for at, t in enumerate(self._times):
            more = -self._covered[at]
            for entry, deal in zip(late, promised, strict=True):
                if entry.late_since is not None and t >= entry.late_since:
                    more += deal.value(t) + deal.takings.vested(t) - entry.seen[at]
            found[t] = more
        return found

    def _at(self, name: str, t: int) -> Entry:
        entry = self.entries[name]
        entry.notice(t)
        entry.touched += 1
        return entry

    def _lose(
        self,
        entry: Entry,
        t: int,
        how: str,
        carried: int,
        recovered: int,
        reserve: int,
        first_loss: int,
        borne: LossBorne,
    ) -> None:
        entry.ended = how
        if entry.model.ring_fenced:
            return
        self._covers.add(t, borne.insurance, -borne.unvested)
        parts = (carried, recovered, reserve, first_loss, borne.unvested, borne.insurance, borne.nav)
        self.losses.append(LossRecord(entry.name, t, how, *parts))
