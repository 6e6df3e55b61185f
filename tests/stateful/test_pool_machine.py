"""Anything anybody may do to a pool, in any order, against the model: `AID_FUZZ=long` for long."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.differential.operations import Operation, Refused, predict
from tests.differential.sequences import Sequence
from tests.support.pool_bench import PROVIDER, USERS, Bench, Reverted, said
from tests.support.pool_fixtures import pool_world, world  # noqa: F401

pytestmark = pytest.mark.usefixtures("pool_world")

LONG = os.environ.get("AID_FUZZ") == "long"
EXAMPLES, STEPS = (200, 100) if LONG else (18, 12)
#: What moves the virtual price by itself.
APART = ("ramp_A", "stop_ramp_A", "set_price")


class PoolMachine(RuleBasedStateMachine):
    """One pool of some kind; what happens is drawn by `Sequence`, which user does it by Hypothesis."""

    pools: ClassVar[dict[str, Bench]]
    seen: ClassVar[Counter[str]]

    @initialize(kind=st.sampled_from(["18-18", "6-18", "no return-18", "6-share", "share-share"]))
    def start(self, kind):
        self.bench = self.pools[kind]
        self.snapshot = self.bench.node.rpc("evm_snapshot")
        self.given = [0, 0]
        for i, user in enumerate(("alice", "bob")):
            share = self.bench.held(PROVIDER)[2] // (3 + i)
            self.bench.do(PROVIDER, self.bench.pool.transfer(self.bench.people[user], share))

    def teardown(self):
        if hasattr(self, "snapshot"):
            self.bench.node.rpc("evm_revert", self.snapshot)

    @rule(
        number=st.integers(0, 2**32),
        who=st.sampled_from(USERS),
        pause=st.sampled_from([1, 12, 12, 600, 90_000]),
    )
    def act(self, number, who, pause):
        bench = self.bench
        twin = bench.twin(pause)
        operation = Sequence(random.Random(number), twin).next()
        for i, amount in enumerate(operation.arrives):
            if amount:
                bench.do("carol", bench.coins[i].transfer(bench.pool.address, amount), wait=0)
        before = said(twin.get_virtual_price)
        answer, outcome = self.perform(operation, who, pause, twin)
        self.given = outcome.unaccounted
        if isinstance(outcome.value, Refused):
            assert answer == Reverted(outcome.value.reason)
            self.seen["refused"] += 1
            return
        self.seen[operation.name] += 1
        assert answer == outcome.value
        self.check(twin, operation, before)

    def perform(self, operation: Operation, who, pause, twin):
        """Ask, predict and, if it is possible, send; a user who lacks the tokens gets them."""
        bench = self.bench
        lp_before = bench.held(PROVIDER)[2]
        who = "governor" if operation.sender == "governor" else who
        if operation.name.startswith("remove"):
            who = PROVIDER
            assert lp_before > 0
            for user in USERS:
                held = bench.held(user)[2]
                if user != PROVIDER and held:
                    bench.do(user, bench.pool.transfer(bench.people[PROVIDER], held), wait=0)
        if operation.name == "set_price":
            coin, price = operation.args
            call = bench.coins[coin].set_price(price)
        else:
            args = [bench.people[who] if arg is None else arg for arg in operation.args]
            call = getattr(bench.pool, operation.name)(*args)
        for i in (0, 1):
            bench.do("carol", bench.coins[i].mint(bench.people.get(who, who), 10**34), wait=0)
        twin.time = bench.node.time + pause
        (answer,) = bench.read(call, wait=pause, who=who)
        outcome = predict(operation, twin, self.given)
        if not isinstance(answer, Reverted):
            assert bench.send(who, call, pause)["status"] == "0x1"
        return answer, outcome

    def check(self, twin, operation: Operation, before):
        bench = self.bench
        assert bench.state() == twin.state
        assert bench.unaccounted() == tuple(self.given)
        after = said(twin.get_virtual_price)
        if operation.name not in APART and isinstance(before, int) and isinstance(after, int):
            assert after >= before
        self.everybody_could_leave()

    def everybody_could_leave(self):
        """A balanced withdrawal of all that one has, by each holder, pays the exact share."""
        bench, state = self.bench, self.bench.state()
        for who in USERS:
            lp = bench.held(who)[2]
            if lp:
                due = [balance * lp // state.supply for balance in state.balances]
                assert bench.read(bench.pool.remove_liquidity(lp, due), who=who) == [due]


def test_pool__whatever_is_done_in_whatever_order__equals_the_model(world):  # noqa: F811
    PoolMachine.pools, PoolMachine.seen = world.pools, Counter()
    run_state_machine_as_test(
        seed(1)(PoolMachine) if not LONG else PoolMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    seen = PoolMachine.seen
    assert sum(seen.values()) > EXAMPLES * STEPS // 4
    for name in ("exchange", "exchange_exact_out", "add_liquidity", "remove_liquidity_one_coin", "refused"):
        assert seen[name] > 0, f"never: {name} ({dict(seen)})"
