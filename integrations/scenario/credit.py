"""The boundary between a scenario and the credit side: what can be done with deals, what the desk tells.

Deals are known by their names in the scenario. Amounts are AID wei unless they are said to be units of a
coin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Fact = Literal["appraisal", "coverage", "telemetry"]
"""What attestors report: AID wei of a lot, bps of debt service, bps of uptime."""


@dataclass(frozen=True)
class DealState:
    """A funded deal as the desk knows it."""

    principal: int
    gross: int
    impairment: int
    reserve: int
    first_loss: int
    paid: int
    received: int


@dataclass(frozen=True)
class DeskState:
    """The desk's own AID, and whose it is: reserves and first losses are the deals'."""

    aid: int
    fees: int
    claimable: int
    deals: Mapping[str, DealState]


@dataclass(frozen=True)
class LossBorne:
    """Who has borne a realised loss."""

    unvested: int = 0
    insurance: int = 0
    nav: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.unvested + self.insurance + self.nav


@dataclass(frozen=True)
class Sold:
    """A lot was sold: units of the bidder's coin, their worth in AID, and who bears what is missing."""

    units: int
    brought: int
    loss: LossBorne


@dataclass(frozen=True)
class Participation:
    """What somebody has of a deal that was sold in shares: tokens, and AID not claimed yet."""

    tokens: int
    claimable: int


class DealActions(Protocol):
    """What can be done with deals."""

    def propose(self, deal: str) -> None:
        """Have the servicer issue the lot's receipt to the borrower, who proposes the deal on it."""
        ...

    def attest(self, deal: str, fact: Fact, value: int) -> None:
        """Bring a report that enough attestors have signed, observed now."""
        ...

    def open_offering(self, deal: str) -> None:
        """Deploy the offering of a proposed deal, as any keeper."""
        ...

    def approve(self, deal: str) -> None:
        """Approve a deal, as the committee: for its offering if it has one, else for the vault."""
        ...

    def fund(self, deal: str) -> int:
        """Fund a deal, as the committee, or by closing its offering. Return coin units paid out."""
        ...

    def pay(self, who: str, deal: str, token: str, units: int, *, to_share: bool) -> int:
        """Pay for a deal in AID or a coin. Return AID credited: minted, or pulled."""
        ...

    def draw_reserve(self, deal: str) -> int:
        """Have the reserve pay what is late, as any keeper. Return AID used."""
        ...

    def declare_default(self, deal: str) -> None:
        """Declare a default, as any keeper."""
        ...

    def mark_down(self, deal: str, bps: int) -> None:
        """Impair a deal, as the committee."""
        ...

    def liquidate(self, deal: str) -> None:
        """Put the collateral up for auction, as the committee."""
        ...

    def auction_price(self, deal: str) -> int:
        """Return what the lot costs now."""
        ...

    def bid(self, who: str, deal: str, token: str, most: int) -> Sold:
        """Buy the lot at the present price, for at most `most` units of a coin or AID."""
        ...

    def announce_step_in(self, deal: str, instalments: int, interval: int) -> None:
        """Announce that a hosting partner will take over, as the committee."""
        ...

    def step_in(self, deal: str) -> LossBorne:
        """Let a hosting partner take over as announced, as the committee."""
        ...

    def take_back(self, who: str) -> int:
        """Pay a borrower what is left of its deals. Return AID."""
        ...

    def buy(self, who: str, deal: str, aid: int, least: int) -> int:
        """Buy participations. Return AID spent."""
        ...

    def collect(self, who: str, deal: str) -> int:
        """Take what a deal has paid on participations. Return AID."""
        ...

    def state(self) -> DeskState:
        """Return the desk's state (asked after events of deals, and at month ends)."""
        ...

    def participations(self, who: str) -> Mapping[str, Participation]:
        """Return what an actor has of each deal that was sold in shares."""
        ...
