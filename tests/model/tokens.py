"""Tokens as books of balances; who may spend whose is no concern here."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.model.numbers import BPS, RefusedError, require


@dataclass
class Token:
    """Balances by holder. The supply is their sum, by construction."""

    balances: dict[str, int] = field(default_factory=dict)
    shortage: str = "erc20: transfer amount exceeds balance"  # its reason; the plain mock has none

    @property
    def supply(self) -> int:
        return sum(self.balances.values())

    def of(self, holder: str) -> int:
        return self.balances.get(holder, 0)

    def add(self, holder: str, amount: int) -> None:
        self.balances[holder] = self.of(holder) + amount

    def take(self, holder: str, amount: int, reason: str = "erc20: burn amount exceeds balance") -> None:
        require(self.of(holder) >= amount, reason)
        self.balances[holder] = self.of(holder) - amount

    def arriving(self, amount: int) -> int:
        """What arrives of `amount`."""
        return amount

    def move(self, sender: str, receiver: str, amount: int) -> int:
        """Move `amount` and return what arrives."""
        self.take(sender, amount, self.shortage)
        self.add(receiver, self.arriving(amount))
        return self.arriving(amount)


@dataclass
class Tether(Token):
    """A coin that can take a fee and blacklist."""

    fee_bps: int = 0
    blacklist: set[str] = field(default_factory=set)

    def arriving(self, amount: int) -> int:
        return amount - amount * self.fee_bps // BPS

    def move(self, sender: str, receiver: str, amount: int) -> int:
        require(not {sender, receiver} & self.blacklist, "blacklisted")
        return super().move(sender, receiver, amount)


@dataclass
class Dollar(Token):
    """AID: denied accounts neither send, nor receive, nor spend."""

    denied: set[str] = field(default_factory=set)

    def check(self, *accounts: str) -> None:
        require(not set(accounts) & self.denied, "denied")

    def mint(self, to: str, amount: int) -> None:
        self.check(to)
        self.add(to, amount)

    def burn(self, owner: str, amount: int) -> None:
        self.check(owner)
        self.take(owner, amount)

    def transfer(self, sender: str, to: str, amount: int, spender: str | None = None) -> None:
        self.check(sender, to, spender or sender)
        self.move(sender, to, amount)


def pulled(token: Token, sender: str, receiver: str, amount: int) -> int:
    """What arrives of a coin that the Gateway moves: to it all failures look the same."""
    try:
        return token.move(sender, receiver, amount)
    except RefusedError:
        raise RefusedError("transfer failed") from None
