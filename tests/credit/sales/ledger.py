"""Who is owed what of a deal's payments, in exact fractions: each is split when it is made."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction


class Ledger:
    """Participations and unclaimed payments by holder, wei."""

    def __init__(self) -> None:
        self.balances: defaultdict[str, int] = defaultdict(int)
        self.earned: defaultdict[str, Fraction] = defaultdict(Fraction)
        self.payments = 0
        self.received = 0
        self.claimed = 0

    def buy(self, who: str, amount: int) -> None:
        self.balances[who] += amount

    def transfer(self, sender: str, receiver: str, amount: int) -> None:
        assert self.balances[sender] >= amount
        self.balances[sender] -= amount
        self.balances[receiver] += amount

    def pay(self, amount: int) -> None:
        self.payments += 1
        self.received += amount
        for who, balance in self.balances.items():
            self.earned[who] += Fraction(amount * balance, sum(self.balances.values()))

    def owes(self, who: str, amount: int) -> bool:
        """Whether `amount` is what `who` may claim, but for dust either way: a wei, and with each payment
        the part that could not be divided at the payment before, below a 2^64th of a wei for each of the
        participations; it goes to who holds them a payment later.
        """
        late = Fraction(sum(self.balances.values()) * (self.payments + 1), 2**64)
        return abs(self.earned[who] - amount) <= 1 + late

    def claim(self, who: str, amount: int) -> None:
        self.earned[who] -= amount
        self.claimed += amount
