"""Dozens of deals at once, in whatever order, against the model.

`make test` plays a short history, always the same. `make fuzz` (AID_FUZZ=long) plays long ones at random, and
prints the AID_FUZZ_SEED that repeats them.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext

import pytest

from tests.conftest import LONG, WAD
from tests.stateful.credit_history import ACTIONS, History
from tests.support.credit_world import USDC, build, opened
from tests.support.deal_terms import MILLION

# The node keeps every block in memory until the history that made it is undone: long ones cost gigabytes.
STEPS, LENGTH, DEALS = (5_000, 500, 36) if LONG else (260, 260, 30)


@pytest.fixture(scope="module")
def credit(project, protocol, people):
    """Twenty million staked, wide caps, an offering that pays at once, and nobody short of coins."""
    with opened(build(project, protocol, people)) as world:
        world.deploy("offering", project.DealCounterparty)
        limits = (7_500, 13_500, 5_000, 5_000, False)
        world.send("governor", world.deals.set_limits(limits))
        for who in ("alice", "bob", "dave", "mallory"):
            world.send(who, world.usdc.mint(world.addresses[who], 10**9 * USDC))
        for who in ("bob", "dave"):
            world.send("mallory", world.aid.transfer(world.addresses[who], MILLION + WAD))
        yield world


def test_deals__many_at_once_in_any_order__equal_the_model_after_every_step(credit, capsys):
    seed = int(os.environ.get("AID_FUZZ_SEED", time.time_ns() % 10**9 if LONG else 3))
    histories: list[History] = []
    with capsys.disabled() if LONG else nullcontext():
        while sum(sum(h.counts.values()) for h in histories) < STEPS:
            print(f"\nAID_FUZZ_SEED={seed}")
            snapshot = credit.node.rpc("evm_snapshot")
            history = History(credit.fresh(), seed, DEALS)
            histories.append(history)
            for _ in range(LENGTH):
                history.step()
            print(f"at most {history.most_open} open deals: {dict(history.counts)}")
            assert credit.node.rpc("evm_revert", snapshot)
            seed += 1
    assert max(history.most_open for history in histories) >= DEALS
    happened = sum((history.counts for history in histories), start=histories[0].counts.copy())
    assert not {name for name in ACTIONS if not happened[name]}, "never took effect"
