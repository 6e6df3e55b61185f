"""Keeps count of what each actor has put into pools and taken out, for the comparison with having held it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .events import Liquidity
from .model import Scenario
from .report import LiquidityRecord, liquidity_value, worth
from .units import WAD
from .world import Snapshot


@dataclass
class _Account:
    since: int
    deposited: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    shares: int = 0
    entry_value: int = 0  # of the LP tokens still there, when they came (1e18 = one at the peg)


class LiquidityBook:
    """One account for each actor and pool."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._accounts: dict[tuple[str, str], _Account] = {}

    def enter(self, moved: Liquidity, snapshot: Snapshot) -> None:
        """Book a deposit or a withdrawal; `snapshot` is right after it."""
        account = self._accounts.setdefault((moved.who, moved.pool), _Account(snapshot.time))
        for token, units in moved.amounts.items():
            (account.deposited if units > 0 else account.withdrawn)[token] += abs(units)
        if moved.shares < 0:
            account.entry_value += account.entry_value * moved.shares // account.shares
        else:
            account.entry_value += moved.shares * snapshot.pools[moved.pool].share_value // WAD
        account.shares += moved.shares

    def records(self, last: Snapshot) -> tuple[LiquidityRecord, ...]:
        """Return what every account comes to at the end."""
        return tuple(self._record(who, pool, one, last) for (who, pool), one in self._accounts.items())

    def _record(self, who: str, pool: str, account: _Account, last: Snapshot) -> LiquidityRecord:
        held = sum(
            worth(last, self._scenario, token, account.deposited[token] - account.withdrawn[token])
            for token in account.deposited | account.withdrawn
        )
        value_now = account.shares * last.pools[pool].share_value // WAD
        return LiquidityRecord(
            who=who,
            pool=pool,
            since=account.since,
            deposited=dict(account.deposited),
            withdrawn=dict(account.withdrawn),
            shares=account.shares,
            value=liquidity_value(last, self._scenario, pool, account.shares),
            held=held,
            growth=value_now * WAD // account.entry_value - WAD if account.entry_value else 0,
        )
