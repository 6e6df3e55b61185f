"""Deals sold in shares: offering one, buying in, and taking what it pays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from integrations.protocol.address_book import Entry
from integrations.protocol.errors import translated
from integrations.protocol.user import Outcome

if TYPE_CHECKING:
    from integrations.protocol.core import Protocol


class SaleStatus(Enum):
    """Where a sale stands; the values are those of Offering.Status."""

    SELLING = 1
    SOLD = 2
    FUNDED = 4
    FAILED = 8


@dataclass(frozen=True)
class OfferingState:
    """An offering as of now. Amounts are AID wei.

    Attributes:
        cap: What the deal needs.
        minimum: Less by the deadline, and the sale has failed.
        sold: Participations in existence.
        deadline: Unix second.
        received: All that the deal has paid.
        held: Participations of the account asked for.
        claimable: What that account can claim.
    """

    address: str
    deal: int
    status: SaleStatus
    cap: int
    minimum: int
    sold: int
    deadline: int
    received: int
    held: int
    claimable: int


class Offering:
    """One account's way to use the offering of a deal.

    Args:
        protocol: The installation, with its credit side.
        deal: The deal's number.
        account: Ape account that signs and pays; None to read only.

    Raises:
        NotDeployedError: The deal was not offered from this address book.
    """

    def __init__(self, protocol: Protocol, deal: int, account: Any = None) -> None:
        self.protocol = protocol
        self.account = account
        self.contract = protocol.contract(f"offering.{deal}")

    @classmethod
    def make(cls, protocol: Protocol, deal: int, minimum: int, days: int, account: Any) -> Offering:
        """Offer a proposed deal; it sells once the committee has approved the deal with it as funder.

        Args:
            protocol: The installation.
            deal: The deal's number.
            minimum: Least to sell by the deadline, AID wei.
            days: Until the deadline.
            account: Ape account that deploys.

        Raises:
            RevertedError: The numbers are out of bounds, or the deal was never proposed.
        """
        from ape import chain, project

        parts = [protocol.contract(name) for name in ("roles", "allowlist", "aid", "deals", "deal_desk")]
        deadline = int(chain.pending_timestamp) + days * 86_400
        with translated():
            contract = account.deploy(project.Offering, *parts, deal, minimum, deadline)
        protocol.book.record(
            f"offering.{deal}", Entry(str(contract.address), "Offering", str(contract.txn_hash))
        )
        return cls(protocol, deal, account)

    def state(self, account: str | None = None) -> OfferingState:
        """Everything about the sale, and what `account` has in it (by default the own one)."""
        offering = self.contract
        who = account or (str(self.account.address) if self.account is not None else "0x" + 40 * "0")
        return OfferingState(
            address=str(offering.address),
            deal=int(offering.DEAL()),
            status=SaleStatus(int(offering.status())),
            cap=int(offering.CAP()),
            minimum=int(offering.MINIMUM()),
            sold=int(offering.totalSupply()),
            deadline=int(offering.DEADLINE()),
            received=int(offering.received()),
            held=int(offering.balanceOf(who)),
            claimable=int(offering.claimable(who)),
        )

    def buy(self, most: int, least: int | None = None) -> Outcome:
        """Buy participations for AID.

        Args:
            most: AID wei.
            least: Fewer are not accepted, where others have bought first; `most` if absent.
        """
        aid = self.protocol.aid
        if aid.allowance(self.account, self.contract) < most:
            self._send(aid.approve, self.contract.address, most)
        before = int(self.contract.balanceOf(self.account))
        transaction = self._send(self.contract.buy, most, most if least is None else least)
        bought = int(self.contract.balanceOf(self.account)) - before
        return self._outcome("buy", bought, bought, transaction)

    def close(self) -> Outcome:
        """Fund the deal with what was sold, once that is all; anyone may."""
        return self._outcome("close", int(self.contract.CAP()), 0, self._send(self.contract.close))

    def cancel(self) -> Outcome:
        """Call the sale off; CREDIT and GUARDIAN may."""
        return self._outcome("cancel", 0, 0, self._send(self.contract.cancel))

    def refund(self) -> Outcome:
        """Give all participations back after a sale that failed, one AID each."""
        held = int(self.contract.balanceOf(self.account))
        return self._outcome("refund", held, held, self._send(self.contract.refund))

    def claim(self) -> Outcome:
        """Take what the deal has paid the account."""
        before = int(self.protocol.aid.balanceOf(self.account))
        transaction = self._send(self.contract.claim)
        return self._outcome("claim", 0, int(self.protocol.aid.balanceOf(self.account)) - before, transaction)

    def _send(self, method: Any, *arguments: Any) -> Any:
        with translated():
            return method(*arguments, sender=self.account)

    def _outcome(self, action: str, given: int, received: int, transaction: Any) -> Outcome:
        return Outcome(action, given, received, int(transaction.gas_used), transaction)
