"""What happens to deals on a chain, and what the desk tells.

Off-chain parts (receipts, reports, making an offering) go through the package that users have; what a
contract may refuse is looked at before it is sent, like all that actors do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ...deals.model import Lot
from ...protocol import Protocol
from ...protocol.collateral import APPRAISAL, COVERAGE, TELEMETRY, issue
from ...protocol.credit import Credit
from ...protocol.deal_state import proposal_of
from ...protocol.errors import RevertedError
from ...protocol.offering import Offering
from ...protocol.reports import Report, kind, sign_report
from ..credit import DealState, DeskState, Fact, LossBorne, Participation, Sold
from ..deals import wei
from ..model import Scenario
from ..units import DAY
from ..world import AID, Reverted
from .installation import Installation
from .node import Node

KINDS: Mapping[Fact, str] = {"appraisal": APPRAISAL, "coverage": COVERAGE, "telemetry": TELEMETRY}

T = TypeVar("T")


class ChainDesk:
    """Implements `integrations.scenario.credit.DealActions` on the connected local chain."""

    def __init__(
        self, scenario: Scenario, node: Node, installation: Installation, tokens: Mapping[str, Any]
    ) -> None:
        self._scenario = scenario
        self._node = node
        self._at = installation
        self._tokens = tokens
        self._protocol: Protocol = installation.protocol
        credit = Credit(self._protocol)
        self._deals, self._desk, self._ledger = credit.deals, credit.desk, credit.ledger
        self._auctions, self._workout = credit.auctions, credit.workout
        self._numbers: dict[str, int] = {}
        self._receipts: dict[str, int] = {}
        self._offerings: dict[str, Any] = {}
        self._funded: list[str] = []

    # -- before funding

    def propose(self, deal: str) -> None:
        """See `DealActions`. A lot that has a receipt already keeps it."""
        terms, agreed = self._scenario.deals[deal], self._scenario.deals[deal].terms()
        borrower = self._at.actors[terms.borrower]
        lot = Lot(
            model=terms.collateral.model,
            units=terms.collateral.units,
            site=terms.collateral.site,
            serials=[f"{deal}/{number}" for number in (1, terms.collateral.units)],
        )
        if deal not in self._receipts:
            servicer = self._at.people.servicer
            self._receipts[deal] = self._do(lambda: issue(self._protocol, lot, borrower.address, servicer))
        coin = str(self._at.coins[terms.coin].address)
        receipt = self._receipts[deal]
        proposal = proposal_of(agreed, wei(terms.reserve), wei(terms.first_loss), receipt, coin)
        self._numbers[deal] = int(self._node.act(self._deals.propose, proposal, sender=borrower))

    def attest(self, deal: str, fact: Fact, value: int) -> None:
        """See `DealActions`."""
        subject = self._number(deal) if fact == "coverage" else self._receipts[deal]
        people, attestor = self._at.people, self._protocol.contract("attestor")
        now, epoch = self._node.time, self._node.call(attestor.epoch)
        told = Report(kind(KINDS[fact]), subject, value, now, int(epoch), now + DAY)
        signed = sign_report(str(attestor.address), self._node.chain_id, told, people.attestors)
        self._node.act(
            attestor.submit, signed.report, signed.signers, signed.signatures, sender=people.keeper
        )

    def open_offering(self, deal: str) -> None:
        """See `DealActions`."""
        terms = self._scenario.deals[deal].offering
        assert terms is not None
        days = -(-terms.open_for // DAY)
        minimum, keeper = wei(terms.minimum), self._at.people.keeper
        made = self._do(lambda: Offering.make(self._protocol, self._number(deal), minimum, days, keeper))
        self._offerings[deal] = made.contract
        for account in self._at.actors.values():
            self._node.send(self._protocol.aid.approve, made.contract.address, 2**256 - 1, sender=account)

    def approve(self, deal: str) -> None:
        """See `DealActions`."""
        sold = deal in self._offerings
        funder = self._offerings[deal].address if sold else self._protocol.staked_aid.address
        self._by_committee(self._deals.approve_deal, deal, funder)

    def fund(self, deal: str) -> int:
        """See `DealActions`."""
        terms = self._scenario.deals[deal]
        token = self._at.coins[terms.coin]
        borrower = self._at.actors[terms.borrower].address
        before = self._node.call(token.balanceOf, borrower)
        if deal in self._offerings:
            self._node.act(self._offerings[deal].close, sender=self._at.people.keeper)
        else:
            self._by_committee(self._desk.fund, deal)
        self._funded.append(deal)
        return int(self._node.call(token.balanceOf, borrower)) - int(before)

    # -- payments

    def pay(self, who: str, deal: str, token: str, units: int, *, to_share: bool) -> int:
        """See `DealActions`. Looked at before it is sent: a coin that would wait in escrow is refused."""
        desk, number, sender = self._desk, self._number(deal), self._at.actors[who]
        # a deal with one leg has no choice, and a deal with none refuses either way
        hybrid = self._scenario.deals[deal].structure == "hybrid"
        share = to_share and hybrid
        if token == AID:
            return int(self._node.act(desk.pay_aid, number, units, share, sender=sender))
        payment = (number, self._tokens[token].address, units, share)
        credited = int(self._node.call(desk.pay, *payment, sender=sender))
        if not credited:
            raise Reverted("would be escrowed")
        self._node.send(desk.pay, *payment, sender=sender)
        return credited

    def draw_reserve(self, deal: str) -> int:
        """See `DealActions`."""
        draw = self._desk.draw_reserve
        return int(self._node.act(draw, self._number(deal), sender=self._at.people.keeper))

    def take_back(self, who: str) -> int:
        """See `DealActions`."""
        me = self._at.actors[who]
        return int(self._node.act(self._desk.claim, me.address, sender=me))

    # -- trouble

    def declare_default(self, deal: str) -> None:
        """See `DealActions`."""
        self._node.act(self._desk.declare_default, self._number(deal), sender=self._at.people.keeper)

    def mark_down(self, deal: str, bps: int) -> None:
        """See `DealActions`."""
        self._by_committee(self._workout.mark, deal, bps)

    def liquidate(self, deal: str) -> None:
        """See `DealActions`."""
        self._by_committee(self._workout.liquidate, deal)

    def auction_price(self, deal: str) -> int:
        """See `DealActions`."""
        return int(self._node.call(self._auctions.price, self._number(deal)))

    def bid(self, who: str, deal: str, token: str, most: int) -> Sold:
        """See `DealActions`."""
        address, before = self._tokens[token].address, self._supply()
        number = self._number(deal)
        bid = self._auctions.bid
        units = int(self._node.act(bid, number, address, most, sender=self._at.actors[who]))
        brought = units if token == AID else self._supply() - before
        return Sold(units, brought, self._borne())

    def announce_step_in(self, deal: str, instalments: int, interval: int) -> None:
        """See `DealActions`."""
        self._by_committee(self._workout.announce_step_in, deal, instalments, interval)

    def step_in(self, deal: str) -> LossBorne:
        """See `DealActions`."""
        self._by_committee(self._workout.step_in, deal)
        return self._borne()

    # -- shares of a deal

    def buy(self, who: str, deal: str, aid: int, least: int) -> int:
        """See `DealActions`."""
        return int(self._node.act(self._offerings[deal].buy, aid, least, sender=self._at.actors[who]))

    def collect(self, who: str, deal: str) -> int:
        """See `DealActions`."""
        return int(self._node.act(self._offerings[deal].claim, sender=self._at.actors[who]))

    def participations(self, who: str) -> Mapping[str, Participation]:
        """See `DealActions`."""
        me = self._at.actors[who].address
        views = [
            view
            for offering in self._offerings.values()
            for view in ((offering.balanceOf, me), (offering.claimable, me))
        ]
        found = self._node.read(views) if views else []
        held = zip(self._offerings, found[::2], found[1::2], strict=True)
        return {deal: Participation(tokens, waiting) for deal, tokens, waiting in held if tokens}

    # -- reading

    def state(self) -> DeskState:
        """See `DealActions`: one message for all deals and borrowers."""
        desk, ledger = self._desk, self._ledger
        borrowers = sorted({self._scenario.deals[deal].borrower for deal in self._funded})
        aid, fees, *rest = self._node.read(
            [
                (self._protocol.aid.balanceOf, desk.address),
                (desk.fees,),
                *((desk.claimable, self._at.actors[who].address) for who in borrowers),
                *((ledger.deal, self._number(deal)) for deal in self._funded),
            ]
        )
        claims, states = rest[: len(borrowers)], rest[len(borrowers) :]
        return DeskState(
            aid=aid,
            fees=fees,
            claimable=sum(claims),
            deals={deal: _state(one) for deal, one in zip(self._funded, states, strict=True)},
        )

    def aid_holders(self) -> Mapping[str, int]:
        """Return AID at offerings, by `offering <deal>`."""
        views = [(self._protocol.aid.balanceOf, one.address) for one in self._offerings.values()]
        held = self._node.read(views) if views else []
        return {f"offering {deal}": aid for deal, aid in zip(self._offerings, held, strict=True)}

    # -- how

    def _number(self, deal: str) -> int:
        """Return a deal's number; one that was not proposed has none that the contracts know."""
        return self._numbers.get(deal, 2**64)

    def _by_committee(self, method: Any, deal: str, *arguments: Any) -> None:
        self._node.act(method, self._number(deal), *arguments, sender=self._at.people.committee)

    def _do(self, action: Callable[[], T]) -> T:
        """Do something through the users' package; a contract's refusal is the scenario's."""
        try:
            return action()
        except RevertedError as refusal:
            raise Reverted(refusal.reason) from None
        finally:
            self._node.version += 1

    def _supply(self) -> int:
        return int(self._node.call(self._protocol.aid.totalSupply))

    def _borne(self) -> LossBorne:
        """Return who bore what was lost in the latest block, as the vault tells."""
        vault = self._protocol.staked_aid
        logs: Sequence[tuple[list[int], list[int]]] = self._node.logs(
            vault.LossRealised, vault.address, self._node.block()
        )
        total = LossBorne()
        for _, (_, profit, releases, insurance, nav, _) in logs:
            unvested = total.unvested + profit + releases
            total = LossBorne(unvested, total.insurance + insurance, total.nav + nav)
        return total


def _state(one: Any) -> DealState:
    return DealState(
        principal=one.principal,
        gross=one.gross,
        impairment=one.impairment,
        reserve=one.reserve,
        first_loss=one.first_loss,
        paid=one.paid,
        received=one.received,
    )
