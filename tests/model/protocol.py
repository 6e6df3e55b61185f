"""The whole protocol: Gateway, staked AID and a credit desk that joins them."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from tests.model.gateway import Gateway
from tests.model.numbers import DAY, require
from tests.model.staking import Staking
from tests.model.tokens import Dollar

ACCOUNTS = ("alice", "bob", "carol", "dave", "mallory", "gateway", "vault", "insurance", "desk")
USERS = ACCOUNTS[:5]
#: Over which the mock desk releases what a resolution lifts.
RELEASE_PERIOD = 10 * DAY


@dataclass
class Protocol:
    """Accounts are names. An action at the time of its block takes effect or raises `RefusedError`."""

    aid: Dollar
    gateway: Gateway
    staking: Staking

    def copy(self) -> Protocol:
        # pickling is several times faster than copy.deepcopy
        clone: Protocol = pickle.loads(pickle.dumps(self, pickle.HIGHEST_PROTOCOL))
        return clone

    def settled(self, now: int) -> Protocol:
        """As it is once everything due has been settled."""
        clone = self.copy()
        clone.staking.sync(now)
        return clone

    def harvest(self, now: int) -> int:
        return self.gateway.harvest(
            now,
            sync=lambda: self.staking.sync(now),
            book=lambda minted: self.staking.receive(now, minted, minted),
        )

    # the credit desk

    def fund(self, now: int, amount: int, slope: int) -> None:
        """Lend and keep the AID at the desk."""
        self.staking.fund(now, amount)
        book = self.staking.book
        book.settle(now)
        book.gross += amount
        book.slope_gross += slope

    def lend(self, now: int, amount: int, slope: int, coin: str, borrower: str) -> None:
        """Lend, and pay the borrower in a coin."""
        self.fund(now, amount, slope)
        self.gateway.credit_redeem(now, coin, amount, borrower)

    def repay(self, now: int, payer: str, coin: str, units: int, principal: int, gain: int) -> None:
        self.staking.sync(now)
        minted = self.gateway.credit_repay(now, coin, payer, units)
        if minted is not None:
            self._collect(now, minted, principal, gain)

    def repay_aid(self, now: int, payer: str, amount: int, principal: int, gain: int) -> None:
        self.staking.sync(now)
        self.aid.transfer(payer, "desk", amount, spender="desk")
        self._collect(now, amount, principal, gain)

    def repay_held(self, now: int, amount: int, principal: int, gain: int) -> None:
        self.staking.sync(now)
        self._collect(now, amount, principal, gain)

    def collect_unannounced(self, now: int, amount: int, gain: int, release: int, period: int) -> None:
        self.staking.sync(now)
        self.staking.collect(now, amount, gain, release, period)

    def recover(self, now: int, amount: int, insured: int) -> None:
        self.staking.sync(now)
        self.staking.recover(now, amount, insured)

    def set_slope(self, now: int, slope: int) -> None:
        self.staking.sync(now)
        self.staking.book.settle(now)
        self.staking.book.slope_gross = slope

    def set_impairment(self, now: int, amount: int, slope: int) -> None:
        self.staking.sync(now)
        book = self.staking.book
        book.settle(now)
        require(amount <= book.gross, "book")
        book.impairment, book.slope_impairment = amount, slope

    def resolve(
        self, now: int, payer: str, carrying: int, impairment: int, recovered: int, gain: int, loss: int
    ) -> tuple[int, int, int, int]:
        """Close deals of `carrying` value: the book drops them, the vault takes in what was recovered.

        What is recovered above the net value, but for the gain, was impaired: it is released.
        """
        self.staking.sync(now)
        book = self.staking.book
        book.settle(now)
        book.gross -= carrying
        book.impairment -= impairment
        require(book.impairment <= book.gross, "book")
        if book.gross == 0:
            book.slope_gross = book.slope_impairment = 0
        if recovered:
            self.aid.transfer(payer, "desk", recovered, spender="desk")
            release = max(0, recovered - gain - (carrying - impairment))
            self.staking.collect(now, recovered, gain, release, RELEASE_PERIOD)
            impairment = max(0, impairment - release)
        if not loss:
            return 0, 0, 0, 0
        return self.staking.realise_loss(now, loss, impairment, RELEASE_PERIOD)

    def _collect(self, now: int, amount: int, principal: int, gain: int) -> None:
        book = self.staking.book
        book.settle(now)
        require(principal <= book.gross, "")
        book.gross -= principal
        book.impairment = min(book.impairment, book.gross)
        self.staking.collect(now, amount, gain)
