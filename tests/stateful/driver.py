"""Drives an installation and its model with the same calls, and compares them after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from integrations.protocol.state import State, read_state
from tests.model import Protocol, RefusedError
from tests.model.cycles import Seen
from tests.model.protocol import ACCOUNTS
from tests.stateful.checks import Kind, Step, check
from tests.support.fast import Call, Contract, Node

Prediction = Callable[[Protocol, int], Any]


@dataclass
class Installation:
    """Contracts and addresses by the names that the model uses."""

    node: Node
    contracts: dict[str, Contract]
    addresses: dict[str, str]  # accounts and roles
    coins: list[SimpleNamespace]
    vaults: list[SimpleNamespace]

    def contract(self, name: str) -> Contract:
        return self.contracts[name]

    def state(self) -> State:
        """One call of the lens, with every account that can hold anything."""
        lens = SimpleNamespace(snapshot=lambda them: self.node.view(self.contract("lens").snapshot(them)))
        source: Any = SimpleNamespace(lens=lens, coins=lambda: self.coins, vaults=lambda: self.vaults)
        return read_state(source, [self.addresses[name] for name in ACCOUNTS])


class Driver:
    """One run: the model, the clock, and the last state seen.

    Args:
        installed: What is driven.
        model: What it must equal; as of the node's latest block.
    """

    def __init__(self, installed: Installation, model: Protocol) -> None:
        self.installed = installed
        self.model = model
        self.now = installed.node.time
        self.last = installed.state()
        self.lossy = False  # a vault has lost or hidden something: par may be below the supply
        self.calls: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.events: Counter[str] = Counter()

    def restarted(self) -> Driver:
        """The same run, to go on from here independently; it shares the counters."""
        clone = Driver.__new__(Driver)
        clone.__dict__.update(self.__dict__)
        clone.model = self.model.copy()
        return clone

    @property
    def steps(self) -> int:
        """Blocks compared so far, in all runs."""
        return self.calls.total() + self.refusals.total()

    def report(self) -> str:
        """What was done, what was refused, and what happened."""
        lines = [f"{self.steps:,} steps"]
        for title in ("calls", "refusals", "events"):
            counts = sorted(getattr(self, title).items())
            lines.append(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counts))
        return "\n".join(lines)

    def act(
        self,
        name: str,
        who: str,
        call: Call,
        predict: Prediction,
        now: int,
        kind: Kind = Kind.PLAIN,
    ) -> bool:
        """Send a call, which must do what the model does: take the same effect, or fail for the same reason.

        Returns:
            Whether it took effect.
        """
        after = self.model.copy()
        expected = None
        try:
            predict(after, now)
        except RefusedError as refusal:
            expected = refusal.reason
            after = self.model.copy()
        got = self.installed.node.send(self.installed.addresses[who], call, now)
        assert got == expected, f"{name}: got {got!r}, expected {expected!r}"
        if expected is None:
            self.calls[name] += 1
        else:
            self.refusals[f"{name}: {expected}"] += 1
        self._compare(name, after, now, kind if expected is None else Kind.PLAIN)
        return expected is None

    def pass_time(self, now: int) -> None:
        """Mine an empty block."""
        self.installed.node.mine(now)
        self.calls["wait"] += 1
        self._compare("wait", self.model, now, Kind.PLAIN)

    def seen(self, controller: str, now: int) -> Seen:
        """A controller's position as the vault will show it at `now`, settlements included."""
        view = self.installed.contract("vault").position(self.installed.addresses[controller])
        shown = self.installed.node.view(view, now)
        return Seen(shown.active, shown.upcoming, shown.claim_shares, shown.claim_assets)

    def _compare(self, name: str, after: Protocol, now: int, kind: Kind) -> None:
        state = self.installed.state()
        self.lossy = self.lossy or kind is Kind.VAULT_EVENT
        check(Step(name, kind, self.lossy, now, self.model, after, self.last, state))
        for part in ("gateway", "staking"):
            self.events.update(getattr(after, part).events - getattr(self.model, part).events)
        self.model, self.now, self.last = after, now, state
