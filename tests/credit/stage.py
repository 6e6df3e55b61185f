"""A credit desk in an installation: proposals, reports, funding, and what a deal looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ape

from integrations.credit_model import Terms
from integrations.protocol.deal_state import proposal_of
from integrations.protocol.reports import Report, sign_report
from integrations.protocol.roles import Role
from tests.conftest import DAY
from tests.support.deal_terms import APPRAISAL, COVERAGE, FOREVER, LOAN, MILLION, TELEMETRY

#: Tests of gas take theirs from here.
__all__ = ["FOREVER", "LOAN", "Stage", "build"]


@dataclass
class Stage:
    """Contracts and people of the credit side, and the steps that tests begin with."""

    protocol: Any
    people: Any
    deals: Any
    ledger: Any
    desk: Any
    workout: Any
    receipts: Any
    attestor: Any
    counterparty: Any
    coin: Any
    feeds: list[Any]

    @property
    def issued(self) -> int:
        """The last receipt."""
        return int(self.receipts.totalSupply())

    @property
    def now(self) -> int:
        """Second of the last block."""
        return int(ape.chain.blocks.head.timestamp)

    def at(self, timestamp: int) -> None:
        """Let the next transaction be mined at a second, with fresh prices."""
        self.to(timestamp - len(self.feeds))
        for feed in self.feeds:
            feed.set_price(10 ** feed.decimals(), sender=self.people.governor)
        ape.chain.pending_timestamp = timestamp

    @staticmethod
    def to(timestamp: int) -> None:
        """Let the next transaction be mined at a second; feeds keep the time of their last answer."""
        ape.chain.pending_timestamp = timestamp

    def travel(self, seconds: int) -> None:
        """Let time pass, for views too."""
        ape.chain.pending_timestamp += seconds
        ape.chain.mine()

    def attest(self, name: bytes, subject: int, value: int) -> None:
        """Bring a report of one attestor, observed a second later than anything before."""
        now = ape.chain.pending_timestamp + 1
        report = Report(name, subject, value, now, self.attestor.epoch(), now + DAY)
        signed = sign_report(self.attestor.address, ape.chain.chain_id, report, [self.people.dave])
        ape.chain.pending_timestamp = now
        self.attestor.submit(signed.report, signed.signers, signed.signatures, sender=self.people.dave)

    def receipt(self, owner: Any, worth: int = 2 * MILLION) -> int:
        """Issue a receipt of a lot that is worth something, to `owner`."""
        lot = ("H100 SXM 80GB", 512, "Oslo 2, hall B", (self.issued + 1).to_bytes(32, "big"))
        self.receipts.issue(owner, lot, sender=self.people.dave)
        self.attest(APPRAISAL, self.issued, worth)
        self.attest(TELEMETRY, self.issued, 9_950)
        return self.issued

    def proposal(self, terms: Terms, receipt: int, reserve: int = 0, first_loss: int = 0) -> tuple[Any, ...]:
        """A `Deals.Proposal`."""
        return proposal_of(terms, reserve, first_loss, receipt, self.coin.address)

    def proposed(self, terms: Terms, reserve: int = 0, first_loss: int = 0, worth: int = 2 * MILLION) -> int:
        """Bob proposes a deal on a receipt of his."""
        receipt = self.receipt(self.people.bob, worth)
        proposal = self.proposal(terms, receipt, reserve, first_loss)
        self.deals.propose(proposal, sender=self.people.bob)
        return int(self.deals.count())

    def approved(self, terms: Terms, funder: Any = None, **kwargs: int) -> int:
        """A deal that could be funded now."""
        deal = self.proposed(terms, **kwargs)
        self.deals.approve_deal(deal, funder or self.protocol.staked_aid, sender=self.people.carol)
        self.attest(COVERAGE, deal, 14_000)
        return deal

    def funded(self, terms: Terms, at: int | None = None, **kwargs: int) -> int:
        """A deal of the vault, funded at a second."""
        deal = self.approved(terms, **kwargs)
        if at is not None:
            self.at(at)
        self.desk.fund(deal, sender=self.people.carol)
        return deal

    def offered(self, terms: Terms, **kwargs: int) -> int:
        """A deal that the counterparty has funded as an offering."""
        deal = self.approved(terms, funder=self.counterparty, **kwargs)
        amount = self.deals.funding_of(deal)
        aid = self.protocol.aid
        aid.transfer(self.counterparty, amount, sender=self.people.alice)
        self.counterparty.fund(self.desk, deal, aid, amount, sender=self.people.alice)
        return deal

    def state(self, deal: int) -> Any:
        """`DealLedger.deal`."""
        return self.ledger.deal(deal)

    def held(self) -> int:
        """AID of the desk that has an owner: reserves and first losses of all deals, fees, claims of bob."""
        states = [self.state(deal + 1) for deal in range(self.deals.count())]
        of_deals = sum(state.reserve + state.first_loss for state in states)
        return int(of_deals + self.desk.fees() + self.desk.claimable(self.people.bob))

    def open_legs(self) -> list[int]:
        """Legs of the vault's deals, ascending."""
        ids = []
        for deal in range(1, self.deals.count() + 1):
            if not self.state(deal).ring_fenced:
                ids += [leg for leg in (2 * deal, 2 * deal + 1) if self.desk.leg(leg).since]
        return ids

    def check(self) -> None:
        """The book is the sum of its legs, and the desk has what it owes."""
        book, legs = self.desk.reconcile(self.open_legs())
        assert book == legs
        assert self.protocol.aid.balanceOf(self.desk) == self.held()


def build(
    project: Any,
    protocol: Any,
    people: Any,
    usdc: Any,
    feeds: list[Any],
    *,
    auctions: bool = False,
    rules: bool = False,
) -> Stage:
    """Install the credit side: carol is the committee, dave servicer and attestor, bob borrows.

    Args:
        auctions: Whether collateral is sold in real auctions, and not by the counterparty.
        rules: Whether what the committee does waits and is bounded as the Workout says.
    """
    governor = people.governor
    for role, who in (
        (Role.CREDIT, people.carol),
        (Role.SERVICER, people.dave),
        (Role.ATTESTOR, people.dave),
    ):
        protocol.roles.grantRole(role.value, who, sender=governor)
    attestor = governor.deploy(project.Attestor, protocol.roles, 1)
    for name in (APPRAISAL, COVERAGE, TELEMETRY):
        attestor.set_kind(name, 30 * DAY, 20_000, 9_000, sender=governor)
    receipts = governor.deploy(project.ComputeReceipt, protocol.roles, attestor)
    vault = protocol.staked_aid
    deals = governor.deploy(project.Deals, protocol.roles, attestor, receipts, vault)
    deal_math = governor.deploy(project.DealMath)
    ledger = governor.deploy(project.DealLedger, protocol.roles, deals, deal_math)
    desk = governor.deploy(project.DealDesk, protocol.roles, deals, ledger, receipts, vault)
    counterparty = governor.deploy(project.DealCounterparty)
    deals.set_desk(desk, ledger, sender=governor)
    ledger.set_desk(desk, sender=governor)
    receipts.set_desk(desk, sender=governor)
    house = counterparty
    if auctions:
        house = governor.deploy(
            project.CollateralAuction, protocol.roles, protocol.aid, protocol.gateway, receipts
        )
        protocol.aid.set_protected(house, True, sender=governor)
    desk.set_auction(house, sender=governor)
    workout = (
        governor.deploy(project.Workout, protocol.roles, protocol.aid, deals, ledger, desk, attestor)
        if rules
        else governor.deploy(project.OpenWorkout, protocol.roles, desk)
    )
    desk.set_workout(workout, sender=governor)
    desk.set_fee_receiver(people.treasurer, sender=governor)
    protocol.aid.set_protected(desk, True, sender=governor)
    vault.set_portfolio(desk, sender=governor)
    stage = Stage(
        protocol, people, deals, ledger, desk, workout, receipts, attestor, counterparty, usdc, feeds
    )
    _fill(stage)
    return stage


def _fill(stage: Stage) -> None:
    """Alice stakes twenty million and keeps ten; bob has ten million of the coin, and two of AID."""
    people, protocol = stage.people, stage.protocol
    for who in (people.alice, people.bob):
        stage.coin.mint(who, 40 * 10**12, sender=who)
        stage.coin.approve(protocol.gateway, FOREVER, sender=who)
        stage.coin.approve(stage.desk, FOREVER, sender=who)
        protocol.aid.approve(stage.desk, FOREVER, sender=who)
    protocol.gateway.mint(stage.coin, 31 * 10**12, 0, sender=people.alice)
    protocol.gateway.mint(stage.coin, 2 * 10**12 + 10**10, 0, sender=people.bob)
    protocol.aid.approve(protocol.staked_aid, FOREVER, sender=people.alice)
    protocol.staked_aid.deposit(20 * MILLION, people.alice, sender=people.alice)
