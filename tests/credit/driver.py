"""Drives a book at chosen seconds, and holds it against the model."""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from integrations.credit_model.legs import DAY, DebtLeg, Leg, Schedule, ShareLeg

SCALE = 2**40
WAD = 10**18
PAGE = 256
EMPTY = (0,) * 11


def pack(schedule: Schedule) -> int:
    """The packed form of a ramp: three days of 10 bits, two of 14."""
    (a, b, c), (x, y) = schedule.days, schedule.bps
    return a | b << 10 | c << 20 | x << 30 | y << 44


def scaled(amount: Fraction) -> int:
    return int(amount * SCALE)


def to_chain(leg: Leg, now: int) -> tuple[int, ...]:
    """A leg of the model as curve.Leg at `now`; without a cure."""
    value, slope, turn = scaled(leg.gross(now)), 0, leg.stop
    if isinstance(leg, DebtLeg) and now < leg.stop * DAY:
        slope = scaled(leg.accrual)
    if isinstance(leg, ShareLeg):
        turn = leg.end
        if now < leg.end * DAY:
            slope = -(value // (leg.end * DAY - now))
    return (
        value,
        slope,
        now,
        turn,
        leg.stop,
        0,
        0,
        leg.floor_bps,
        leg.reserve,
        leg.first_loss,
        pack(leg.schedule),
    )


class BookDriver:
    """A book with its own clock; `now` is the second of the last transaction."""

    def __init__(self, contract: Any, node: Any, sender: str) -> None:
        self.contract, self.node, self.sender = contract, node, sender
        page = node.time // DAY // PAGE + 1
        self.now = (page * PAGE + 3) * DAY + DAY // 2

    @contextmanager
    def isolated(self) -> Any:
        """Undo what happens meanwhile."""
        snapshot, now = self.node.rpc("evm_snapshot"), self.now
        try:
            yield self
        finally:
            self.node.rpc("evm_revert", snapshot)
            self.now = now

    def send(self, call: Any, at: int) -> None:
        reason = self.node.send(self.sender, call, at)
        assert reason is None, f"refused: {reason}"
        self.now = at

    def refusal(self, call: Any) -> str:
        """The reason for which a call fails in the next second."""
        try:
            self.node.rpc("eth_call", {"to": call.to, "data": call.data}, "latest")
        except RuntimeError as error:
            return str(error).partition("execution reverted: ")[2].split(",")[0].strip("\"'")
        return ""

    def set(self, legs: dict[int, Leg | None], at: int) -> None:
        """Put legs of the model into the book; None removes."""
        entries = [(i, to_chain(leg, at) if leg else EMPTY) for i, leg in legs.items()]
        self.send(self.contract.set_legs(entries), at)

    def values(self, times: list[int]) -> list[tuple[Fraction, Fraction]]:
        """Gross value and impairment of the book at each time, wei."""
        return [_wei(value) for value in self.node.view(self.contract.values_at(times))]

    def leg_values(self, number: int, times: list[int]) -> list[tuple[Fraction, Fraction]]:
        """The same of one leg, computed from its own words."""
        return [_wei(value) for value in self.node.view(self.contract.leg_at(number, times))]

    def leg(self, number: int) -> Any:
        return self.node.view(self.contract.leg(number))

    def reconciled(self, numbers: list[int], t: int) -> tuple[Any, Any]:
        """The book at `t` and the sum of its legs."""
        found = self.node.view(self.contract.reconcile(sorted(numbers)), t)
        return vars(found.book), vars(found.legs)

    def words(self) -> tuple[Any, list[int], list[int]]:
        """All that the book stores but legs and the past: totals, the days to come, their marks."""
        day = self.now // DAY
        first, *pages = self.node.view(self.contract.pages(day // PAGE, 7))
        return (
            vars(self.node.view(self.contract.words())),
            self.node.view(self.contract.days(day + 1, 1_400)),
            [first >> day % PAGE + 1, *pages],
        )

    def gas(self, call: Any, at: int) -> int:
        """Execution gas of a call as a transaction at `at`: without 21,000 and calldata."""
        transaction = {"from": self.sender, "to": call.to, "data": call.data, "gas": hex(20_000_000)}
        sent = self.node.rpc("eth_sendTransaction", transaction)
        self.node.mine(at)
        receipt = self.node.rpc("eth_getTransactionReceipt", sent)
        assert receipt["status"] == "0x1"
        self.now = at
        data = bytes.fromhex(call.data[2:])
        return int(receipt["gasUsed"], 16) - 21_000 - sum(16 if byte else 4 for byte in data)


def _wei(value: Any) -> tuple[Fraction, Fraction]:
    return Fraction(value.gross, SCALE), Fraction(value.impairment, SCALE)
