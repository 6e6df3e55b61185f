"""Who ends with what: whole lives of deals of all structures, to the last day.

`make test` plays two hundred, always the same; `make fuzz` (AID_FUZZ=long) plays five thousand at random.
"""

import os
import time

import pytest

from tests.conftest import LONG
from tests.economics.lives import Life
from tests.economics.world import WAD

#: Of each sort: structures, what the committee makes of a default, and how many of two hundred.
SORTS = {
    "debts": (("level", "level", "bullet"), ("sell", "sell", "wait"), 200),
}
TIMES = 25 if LONG else 1


@pytest.fixture
def stage(world):
    """Everybody has what a life may ask of him."""
    world.slow_feeds()
    for who in ("borrower", "buyer"):
        world.give(who, "usdc", 20_000_000)
    world.mint("friend", 22_000_000)
    for who in ("borrower", "buyer"):
        world.act("friend", world.aid.transfer(world.addresses[who], 7_000_000 * WAD))
    world.fees_before = world.balance("treasurer")
    return world


@pytest.mark.parametrize("sort", SORTS)
def test_lives__whatever_happens__losses_fall_in_their_order_and_nothing_is_left_over(stage, sort):
    structures, manners, count = SORTS[sort]
    seed = int(os.environ.get("AID_FUZZ_SEED", time.time_ns() % 10**9 if LONG else 1))
    failed = []
    for number in range(seed, seed + count * TIMES):
        snapshot = stage.node.rpc("evm_snapshot")
        world = stage.fresh()
        world.fees_before = stage.fees_before
        try:
            Life(world, number, structures, manners).run()
        except AssertionError as error:
            failed.append(str(error))
        finally:
            assert stage.node.rpc("evm_revert", snapshot)
    heads = "\n".join(text.partition("\n")[0] for text in failed)
    assert not failed, f"{len(failed)} lives:\n{heads}\n\n" + "\n\n".join(failed[:3])
