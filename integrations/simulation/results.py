"""What operations on a pool return."""

from __future__ import annotations

from typing import NamedTuple


class Exchange(NamedTuple):
    """A swap that has happened.

    Attributes:
        i: Coin sold.
        dx: Amount sold.
        dy: Amount bought.
        fee: The whole fee, a value (18 decimals) in the coin bought.
        protocol_fee: The protocol's part, token units.
    """

    i: int
    dx: int
    dy: int
    fee: int
    protocol_fee: int


class Deposit(NamedTuple):
    """A deposit that has happened.

    Attributes:
        minted: LP wei for the depositor.
        coin: That paid the fee.
        fee: The whole fee, a value in that coin.
        protocol_fee: The protocol's part, token units.
        invariant: D after the amounts have moved, before fees.
    """

    minted: int
    coin: int
    fee: int
    protocol_fee: int
    invariant: int


class Withdrawal(NamedTuple):
    """A withdrawal in one coin, or of unequal amounts, that has happened.

    Attributes:
        burned: LP wei.
        amounts: Paid, token units.
        coin: That paid the fee.
        fee: The whole fee, a value in that coin.
        protocol_fee: The protocol's part, token units.
        invariant: D after the withdrawal; of unequal amounts, before fees.
    """

    burned: int
    amounts: tuple[int, int]
    coin: int
    fee: int
    protocol_fee: int
    invariant: int
