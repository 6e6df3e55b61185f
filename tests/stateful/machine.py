"""What the rules of the state machine have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.model import Protocol
from tests.model.numbers import DAY
from tests.model.protocol import USERS
from tests.stateful.checks import Kind
from tests.stateful.driver import Driver, Prediction
from tests.support.fast import Call, Contract

COINS = ("USDC", "USDT", "DAI")

# A part of a whole: up to 1000 are thousandths, 1000 + n is n units more than all, -n is n units.
PARTS = st.one_of(
    st.integers(1, 1_000),
    st.sampled_from([1_000, 1_000, 999, 500, 0, 1_001, -1, -2, -10, -999_999, -(10**13)]),
)
# Those who have passed KYC are the busiest.
USER = st.sampled_from(USERS[:3] * 3 + USERS)
OTHER = st.sampled_from((None,) * 20 + USERS)
COIN = st.sampled_from(COINS)
# Most calls follow each other closely, some share a block.
PAUSE = st.one_of(st.integers(0, 60), st.sampled_from([0, 0, 1, 600, 3_600, DAY // 2]))
# How much more than what the model predicts is demanded; None demands nothing.
DEMAND = st.sampled_from([None] * 6 + [0, 0, 1])
# Which of those who have a reason to make a call makes it; None leaves it to anyone.
CHOICE = st.sampled_from([0, 0, 1, 1, 2, 3, None])


def part(whole: int, of: int) -> int:
    whole = max(0, whole)
    if of < 0:
        return -of
    return whole * of // 1_000 if of <= 1_000 else whole + of - 1_000


def chosen(candidates: list[str], choice: int | None, otherwise: str) -> str:
    return otherwise if choice is None or not candidates else candidates[choice % len(candidates)]


F = TypeVar("F", bound=Callable[..., None])


def action(weight: int, **arguments: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Mark a method as something a run may do, so often in comparison with others, with such arguments."""

    def mark(method: F) -> F:
        vars(method)["action"] = weight, arguments
        return method

    return mark


def steps(machine: type[Machine]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """What a run does next: an action and its arguments.

    Not one Hypothesis rule for each, for Hypothesis leaves out about half of the rules in a run, and little
    happens without all of mint, deposit, request, wait and claim.
    """
    methods: dict[str, tuple[int, dict[str, Any]]] = {"pass": (1, {})}  # the simplest run does nothing
    methods |= {name: f.action for name, f in inspect.getmembers(machine) if hasattr(f, "action")}
    names = [name for name, (weight, _) in methods.items() for _ in range(weight)]
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), st.fixed_dictionaries(methods[name][1]))
    )


class Machine(RuleBasedStateMachine):
    """Starts from a snapshot. An action is one call, valid or not: the model says which, and its effect."""

    start: ClassVar[Driver]
    calm: frozenset[str] = frozenset()  # what does not happen in this run

    def __init__(self) -> None:
        super().__init__()
        self.driver = self.start.restarted()
        self.node = self.driver.installed.node
        self.snapshot = self.node.rpc("evm_snapshot")

    def teardown(self) -> None:
        assert self.node.rpc("evm_revert", self.snapshot)

    @property
    def model(self) -> Protocol:
        return self.driver.model

    def contract(self, name: str) -> Contract:
        return self.driver.installed.contracts[name]

    def address(self, name: str) -> str:
        return self.driver.installed.addresses[name]

    def at(self, pause: int) -> int:
        return self.driver.now + pause

    def act(
        self, name: str, who: str, call: Call, predict: Prediction, now: int, kind: Kind = Kind.PLAIN
    ) -> Any:
        return self.driver.act(name, who, call, predict, now, kind)
