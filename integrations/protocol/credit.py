"""Deals from proposal to end: what borrowers, the committee and anybody else do with the credit desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.protocol.deal_state import Deal, DealError, Sale, Stage, Status, proposal_of, terms_of
from integrations.protocol.errors import RevertedError, check_funds, translated
from integrations.protocol.user import PATIENCE, Outcome

if TYPE_CHECKING:
    from integrations.deals import DealFile
    from integrations.protocol.core import Protocol


class Credit:
    """One account's way to use the credit side. Every call raises `RevertedError` where a contract refuses.

    Args:
        protocol: The installation, with its credit side.
        account: Ape account that signs and pays; None to read only.

    Raises:
        NotDeployedError: The installation has no credit side.
    """

    def __init__(self, protocol: Protocol, account: Any = None) -> None:
        self.protocol = protocol
        self.account = account
        self.deals = protocol.contract("deals")
        self.ledger = protocol.contract("deal_ledger")
        self.desk = protocol.contract("deal_desk")
        self.receipts = protocol.contract("compute_receipt")
        self.attestor = protocol.contract("attestor")
        self.auctions = protocol.contract("collateral_auction")
        self.workout = protocol.contract("workout")

    # reading

    def deal(self, number: int) -> Deal:
        """A deal by its number.

        Raises:
            DealError: It was never proposed.
        """
        if not 1 <= number <= self.deals.count():
            raise DealError(f"there is no deal {number}", "`ape run deals list` shows all")
        parties, terms = self.deals.parties(number), self.deals.terms(number)
        stage, state = Stage(int(parties.stage)), self.ledger.deal(number)
        before = stage in {Stage.PROPOSED, Stage.APPROVED, Stage.CANCELLED}
        return Deal(
            number=number,
            stage=stage,
            status=Status(int(state.status)),
            borrower=str(parties.borrower),
            funder=str(parties.funder),
            receipt=int(parties.receipt),
            coin=str(parties.coin),
            terms=terms_of(terms),
            funding=int(self.deals.funding_of(number)),
            reserve=int(parties.reserve if before else state.reserve),
            first_loss=int(parties.first_loss if before else state.first_loss),
            approved_until=int(parties.approved_until),
            start=int(state.start),
            principal=int(state.principal),
            paid=int(state.paid),
            received=int(state.received),
            waiting=int(state.waiting),
            gross=int(state.gross),
            impairment=int(state.impairment),
            owed=int(self.desk.owed(number)) if stage is Stage.FUNDED else 0,
        )

    def all(self) -> list[Deal]:
        """Every deal that was ever proposed, in order."""
        return [self.deal(number) for number in range(1, int(self.deals.count()) + 1)]

    def refusal(self, number: int) -> str:
        """Why a deal could not be funded now: the first gate that it does not pass, empty if none.

        The vault's reserve floor, the receipt's lock and the borrower's first loss are looked at when it is
        funded.
        """
        try:
            with translated():
                self.deals.check_funding(number)
        except RevertedError as error:
            return error.reason
        return ""

    def offered(self, number: int) -> bool:
        """Whether the collateral of a deal is for sale, or was offered in a round that is over."""
        return bool(self.auctions.auction(number).round)

    def sale(self, number: int) -> Sale:
        """The auction of a deal's collateral.

        Raises:
            DealError: There is none.
        """
        from ape import chain

        found = self.auctions.auction(number)
        if not found.round:
            raise DealError(f"the collateral of deal {number} is not for sale", "see `ape run deals show`")
        last = int(found.round) == int(self.auctions.LAST_ROUND())
        over = not last and int(chain.blocks.head.timestamp) >= found.ends_at
        return Sale(
            receipt=int(found.receipt),
            round=int(found.round),
            started_at=int(found.started_at),
            ends_at=int(found.ends_at),
            start=int(found.start),
            lowest=int(found.lowest),
            price=None if over else int(self.auctions.price(number)),
        )

    # borrower

    def propose(self, deal: DealFile, receipt: int) -> tuple[int, Outcome]:
        """Ask for a deal on a receipt of the account's.

        Args:
            deal: What for.
            receipt: Number of the receipt of its collateral.

        Returns:
            The deal's number, and the transaction.
        """
        from integrations.deals.model import wei

        coin = str(self.protocol.coin(deal.coin).token.address)
        proposal = proposal_of(deal.terms, wei(deal.reserve), wei(deal.first_loss), receipt, coin)
        transaction = self._send(self.deals.propose, proposal)
        (event,) = transaction.decode_logs(self.deals.Proposed)
        return int(event.deal), self._outcome("propose", 0, 0, transaction)

    def stand_in(self, number: int) -> Outcome:
        """Let the desk pull the borrower's first loss at funding: an approval of exactly that much AID."""
        amount = self.deal(number).first_loss
        return self._outcome(
            "stand in", amount, 0, self._send(self.protocol.aid.approve, self.desk.address, amount)
        )

    def claim(self) -> Outcome:
        """Take what is left of the account's deals: overpayments, reserves, first losses, surplus."""
        before = self._aid()
        transaction = self._send(self.desk.claim, self.account.address)
        return self._outcome("claim", 0, self._aid() - before, transaction)

    # committee

    def approve(self, number: int, funder: str | None = None) -> Outcome:
        """Approve a deal for a funder, the staking vault if none is named."""
        vault = self.protocol.staked_aid.address
        transaction = self._send(self.deals.approve_deal, number, funder or vault)
        return self._outcome("approve", 0, 0, transaction)

    def cancel(self, number: int) -> Outcome:
        """Drop a deal that is not funded; the borrower may, too."""
        return self._outcome("cancel", 0, 0, self._send(self.deals.cancel, number))

    def fund(self, number: int) -> Outcome:
        """Fund a deal from the staking vault; `given` is what it brings, `received` the coin's units."""
        deal = self.deal(number)
        transaction = self._send(self.desk.fund, number)
        (event,) = transaction.decode_logs(self.desk.Funded)
        return self._outcome("fund", deal.funding, int(event.units), transaction)

    def mark(self, number: int, bps: int) -> Outcome:
        """Impair at least `bps` of a deal's carrying value, as far as a fresh appraisal allows."""
        return self._outcome("mark", 0, 0, self._send(self.workout.mark, number, bps))

    def propose_mark_up(self, number: int, bps: int) -> Outcome:
        """Announce that the mark of a deal will be lowered to `bps`, three days from now."""
        return self._outcome("propose mark-up", 0, 0, self._send(self.workout.propose_mark_up, number, bps))

    def mark_up(self, number: int) -> Outcome:
        """Lower the mark of a deal as announced."""
        return self._outcome("mark up", 0, 0, self._send(self.workout.mark_up, number))

    def announce_step_in(self, number: int, instalments: int, interval: int) -> Outcome:
        """Announce that a hosting partner will go on with a deal in default, as a revenue share.

        Args:
            number: Of the deal.
            instalments: Number of minimums.
            interval: Days between them.
        """
        transaction = self._send(self.workout.announce_step_in, number, instalments, interval)
        return self._outcome("announce step-in", 0, 0, transaction)

    def withdraw_step_in(self, number: int) -> Outcome:
        """Take an announced step-in back, as CREDIT, or stop it, as GUARDIAN."""
        return self._outcome("withdraw step-in", 0, 0, self._send(self.workout.withdraw_step_in, number))

    def step_in(self, number: int) -> Outcome:
        """Carry out a step-in as announced, in the seven days from the seventh after its announcement."""
        return self._outcome("step in", 0, 0, self._send(self.workout.step_in, number))

    def restart(self, number: int, start: int, lowest: int) -> Outcome:
        """Start another round of an auction that has ended without a buyer; prices in AID wei."""
        return self._outcome("restart", 0, 0, self._send(self.auctions.restart, number, start, lowest))

    # anyone

    def liquidate(self, number: int) -> Outcome:
        """Have the collateral of a deal in default auctioned; CREDIT at once, anyone 14 days later."""
        return self._outcome("liquidate", 0, 0, self._send(self.workout.liquidate, number))

    def pay(self, number: int, symbol: str, amount: int, to_share: bool = False) -> Outcome:
        """Pay for a deal in a stablecoin or in AID.

        Args:
            number: Of the deal.
            symbol: The coin, or `AID`.
            amount: Of it, in its units; of AID, no more than is owed is taken.
            to_share: For a hybrid: whether this is for its revenue share.

        Returns:
            `given` is what was taken, `received` the AID that it counts for, 0 while it waits in escrow.
        """
        if symbol.upper() == "AID":
            self._allow(self.protocol.aid, self.desk.address, amount)
            before = self._aid()
            transaction = self._send(self.desk.pay_aid, number, amount, to_share)
            used = before - self._aid()
            return self._outcome("pay", used, used, transaction)
        coin = self.protocol.coin(symbol)
        self._check_funds(symbol, amount)
        self._allow(coin.token, self.desk.address, amount)
        transaction = self._send(self.desk.pay, number, coin.token, amount, to_share)
        minted = [event.aid for event in transaction.decode_logs(self.protocol.gateway.CreditRepaid)]
        return self._outcome("pay", amount, int(sum(minted)), transaction)

    def escrow_of(self, outcome: Outcome) -> int | None:
        """Number of the escrow in which a payment waits for a price, None if it has counted at once."""
        found = list(outcome.receipt.decode_logs(self.desk.Escrowed))
        return int(found[0].id) if found else None

    def settle(self, escrow: int) -> tuple[int, Outcome]:
        """Use a payment that has waited, once its coin has a price.

        Returns:
            The deal's number, and the transaction; `received` is what the payment comes to, AID wei.
        """
        transaction = self._send(self.desk.settle_escrow, escrow)
        (event,) = transaction.decode_logs(self.desk.EscrowSettled)
        return int(event.deal), self._outcome("settle", 0, int(event.amount), transaction)

    def recount(self, escrow: int) -> tuple[int, Outcome]:
        """Let a payment that waits count for no more than its coin is worth by now.

        Returns:
            The deal's number, and the transaction; `received` is what the payment counts for, AID wei.
        """
        transaction = self._send(self.desk.recount, escrow)
        (event,) = transaction.decode_logs(self.desk.Recounted)
        return int(event.deal), self._outcome("recount", 0, int(event.counted), transaction)

    def draw_reserve(self, number: int) -> Outcome:
        """Have a deal's cash reserve pay instalments whose grace is over."""
        return self._outcome("draw reserve", 0, 0, self._send(self.desk.draw_reserve, number))

    def close(self, number: int) -> Outcome:
        """End a deal that owes nothing and whose revenue share has run out."""
        return self._outcome("close", 0, 0, self._send(self.desk.close, number))

    def declare_default(self, number: int) -> Outcome:
        """Say that an instalment of a deal is past its grace."""
        return self._outcome("default", 0, 0, self._send(self.desk.declare_default, number))

    def bid(self, number: int, symbol: str, most: int | None = None) -> Outcome:
        """Buy a deal's collateral at the present price.

        Args:
            number: Of the deal.
            symbol: The coin to pay in, or `AID`.
            most: Most units to pay; what the present price comes to if absent.

        Returns:
            `given` is the units paid, `received` the number of the receipt.
        """
        from ape import chain

        receipt = self.sale(number).receipt
        token = self.protocol.token(symbol)
        if most is None:
            with translated():
                most = int(self.auctions.quote(number, token))
        self._check_funds(symbol, most)
        self._allow(token, self.auctions.address, most)
        deadline = int(chain.pending_timestamp) + PATIENCE
        transaction = self._send(self.auctions.bid, number, token, most, deadline)
        (event,) = transaction.decode_logs(self.auctions.Sold)
        return self._outcome("bid", int(event.units), receipt, transaction)

    def expire(self, number: int) -> Outcome:
        """End an auction without a buyer: the deal is resolved at nothing."""
        return self._outcome("expire", 0, 0, self._send(self.auctions.expire, number))

    def offer_again(self, number: int) -> Outcome:
        """Offer a lot that nobody has bought a last time, from the last price down to nothing."""
        return self._outcome("offer again", 0, 0, self._send(self.auctions.offer_again, number))

    # internals

    def _send(self, method: Any, *arguments: Any) -> Any:
        sender = self._signer()
        with translated():
            return method(*arguments, sender=sender)

    def _check_funds(self, symbol: str, amount: int) -> None:
        token = self.protocol.token(symbol)
        held = int(token.balanceOf(self._signer().address))
        check_funds(symbol.upper(), int(token.decimals()), held, amount)

    def _signer(self) -> Any:
        if self.account is None:
            raise DealError("no account to send from", "make `Credit(protocol, account)`")
        return self.account

    def _allow(self, token: Any, spender: str, amount: int) -> None:
        if token.allowance(self.account.address, spender) < amount:
            self._send(token.approve, spender, amount)

    def _aid(self) -> int:
        return int(self.protocol.aid.balanceOf(self.account.address))

    def _outcome(self, action: str, given: int, received: int, transaction: Any) -> Outcome:
        return Outcome(action, given, received, int(transaction.gas_used), transaction)
