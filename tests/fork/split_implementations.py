"""Every implementation of `SplitVenue`, set up alike: an empty market of sAID, half a year before its expiry.

A new venue joins the conformance suite by a line in `IMPLEMENTATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ape

from integrations.protocol import Protocol
from integrations.venues.pendle import PendleMarket
from integrations.venues.pendle_contracts import MarketTerms, Pendle
from integrations.venues.split import SplitVenue
from tests.conftest import DAY, MILLION, WAD

#: Staked AID of each user, in SY.
EACH = MILLION * WAD
LIFE = 180 * DAY
LOW_BPS, HIGH_BPS, FEE_BPS = 400, 2_400, 20
YEAR = 365 * DAY


@dataclass
class SplitSetting:
    """A venue with its users, and the vault behind it.

    Attributes:
        venue: The market, empty.
        users: Three accounts with a million SY each.
        terms: Of the market.
        reserve_percent: Of its fees, to its treasury.
        interest_fee: Of YT's interest, 1e18.
        desk: The vault's book, half of its assets.
        vault: sAID.
    """

    venue: SplitVenue
    users: list[Any]
    terms: MarketTerms
    reserve_percent: int
    interest_fee: int
    desk: Any
    vault: Any

    @property
    def now(self) -> int:
        """Time of the last block."""
        return int(ape.chain.blocks.head.timestamp)

    @property
    def rate(self) -> int:
        """AID for one sAID, by the vault."""
        return int(self.vault.convertToAssets(WAD))

    def go(self, time: int) -> None:
        """Let it be `time`."""
        ape.chain.pending_timestamp = time
        ape.chain.mine()

    def travel(self, seconds: int) -> None:
        """Let time pass."""
        self.go(self.now + seconds)

    def earn(self, yearly_bps: int, seconds: int) -> None:
        """Let the vault earn so much of its assets, for a time."""
        slope = int(self.vault.totalAssets()) * yearly_bps // 10_000 // YEAR
        sender = self.users[0]
        self.desk.set_slope(slope, sender=sender)
        self.travel(seconds)
        self.desk.set_slope(0, sender=sender)

    def impair(self, bps: int) -> None:
        """Mark the vault's assets down by so much; zero marks them up again."""
        gross = int(self.vault.totalAssets()) + int(self.desk.book().impairment)
        self.desk.set_impairment(gross * bps // 10_000, 0, sender=self.users[0])

    def balances(self, account: Any) -> Mapping[str, int]:
        """Units of an account by part."""
        return self.venue.position(account).balances


def stake(protocol: Protocol, people: Any) -> tuple[list[Any], Any]:
    """Have alice, bob and carol stake AID and wrap it, with half of it on a book: (them, the book)."""
    users = [people.alice, people.bob, people.carol]
    usdc, vault, gateway = protocol.coin("USDC").token, protocol.staked_aid, protocol.gateway
    until = ape.chain.pending_timestamp + 700 * DAY
    protocol.allowlist.set_kyc_many(users, until, sender=people.compliance)
    for user in users:
        usdc.mint(user, 2 * EACH // 10**12, sender=user)
        usdc.approve(gateway, 2 * EACH // 10**12, sender=user)
        gateway.mint(usdc, 2 * EACH // 10**12, 0, sender=user)
        protocol.aid.approve(vault, EACH, sender=user)
        vault.deposit(EACH, user, sender=user)
        vault.approve(protocol.sy, EACH, sender=user)
        protocol.sy.deposit(user, vault, EACH, 0, sender=user)
    desk = people.governor.deploy(ape.project.Portfolio, vault, gateway)
    vault.set_portfolio(desk, sender=people.governor)
    desk.fund(3 * EACH // 2, 0, sender=people.alice)
    return users, desk


def pendle(
    protocol: Protocol, addresses: Mapping[str, str], users: list[Any], desk: Any, life: int
) -> SplitSetting:
    """Pendle V2 on its real bytecode, with an expiry in so many seconds or a little later."""
    system = Pendle(addresses)
    now = int(ape.chain.pending_timestamp)
    expiry = system.expiry_after(now + life)
    pt, _ = system.create_tokens(users[0], str(protocol.sy.address), expiry)
    terms = MarketTerms.between(LOW_BPS, HIGH_BPS, FEE_BPS, expiry - now)
    venue = PendleMarket.at(system.create_market(users[0], pt, terms), system, terms)
    return SplitSetting(venue, users, terms, 80, 3 * 10**16, desk, protocol.staked_aid)


IMPLEMENTATIONS: list[Callable[..., SplitSetting]] = [pendle]
