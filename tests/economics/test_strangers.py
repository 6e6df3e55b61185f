"""A stranger harms nobody passive: random histories of an actor without a role, played again with a passive
twin.

`make test` plays some three hundred acts, always the same; `make fuzz` twenty thousand.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from tests.conftest import LONG
from tests.economics.town import DAYS, Act, Told, Town, Weather, settle_in
from tests.economics.world import DAY, WAD

ACTS = (
    "mint", "redeem", "basket", "give", "deposit", "request", "cancel", "claim", "sync", "harvest", "pay",
    "pay_coin",
    "settle", "recount", "declare", "draw", "close", "liquidate", "expire", "bid", "insure", "sell_shares",
    "buy_shares", "sell_aid", "buy_aid", "probe", "recover",
)  # fmt: skip
WEATHER = (
    "feed_low", "feed_high", "feed_false_high", "feed_false_low", "feed_silent", "report_low", "report_high",
    "mint_closed", "no_buyer",
)  # fmt: skip

#: Acts a history, and histories.
LENGTH = 30
HISTORIES = int(os.environ.get("AID_HISTORIES", 700 if LONG else 10))
#: RD4's bound on what a day of swaps may cost the reserve, and how many days a history has.
DAILY = 3_000 * WAD
#: δ of what the actor has, and rounding.
DELTA_BPS = 50
DUST = 10 * WAD

act = st.builds(
    Act,
    at=st.integers(0, DAYS * DAY),
    name=st.sampled_from(ACTS),
    known=st.sampled_from((True, True, False)),
    part=st.sampled_from((1, 10, 100, 300, 500, 1_000, 1_000)),
    which=st.integers(0, 5),
)
storm = st.builds(
    Weather,
    at=st.integers(2 * DAY, DAYS * DAY),
    name=st.sampled_from(WEATHER),
    seconds=st.sampled_from((60, 3_600, DAY, 5 * DAY)),
)


@pytest.fixture(scope="module")
def town(opened_reserve, protocol):
    from tests.support.fast import fast

    world = opened_reserve.fresh()
    for name, entry in (("market", "pool.AID-USDC"), ("exit_market", "pool.sAID-AID")):
        world.contracts[name] = fast(protocol.contract(entry))
        world.addresses[name] = world.contracts[name].address
    return world, settle_in(world)


def played(town, acts, weather) -> tuple[Told, Told]:
    world, start = town
    ends = []
    twin = None
    for _ in range(2):
        snapshot = world.node.rpc("evm_snapshot")
        try:
            there = Town(world.fresh(), start)
            ends.append(there.play(acts, weather, twin))
            twin = there.followed
        finally:
            assert world.node.rpc("evm_revert", snapshot)
    return ends[0], ends[1]


def judge(with_actor: Told, with_twin: Told) -> None:
    told = "\n".join(with_actor.log)
    assert not with_actor.stuck, f"{with_actor.stuck}\n{told}"
    # a mint raises the buffer that a harvest leaves: what shares have not got yet, the reserve has
    kept = max(0, with_actor.passive["reserve"] - with_twin.passive["reserve"])
    for who, had in with_twin.passive.items():
        lost = had - with_actor.passive[who]
        bound = DAILY if who == "reserve" else DUST + had // 100_000 + with_actor.paid // 10 + kept
        assert lost <= bound, f"{who} loses {lost / WAD:,.2f}, at most {bound / WAD:,.2f}\n{told}"
    makers = sum(with_twin.voluntary.values()) - sum(with_actor.voluntary.values())
    gain = with_actor.actor - with_twin.actor
    assert gain <= max(0, makers) + DAILY, (
        f"the actor gains {gain / WAD:,.2f}, of which {makers / WAD:,.2f} from makers and bidders\n{told}"
    )
    for name, bps in with_actor.moves:
        assert abs(bps) <= 10, f"{name} moves the exit price by {bps:,.2f} bps\n{told}"


def test_strangers__whatever_an_account_without_a_role_does__nobody_passive_ends_below(town):
    number = int(os.environ.get("AID_FUZZ_SEED", 0))

    @seed(number)
    @settings(
        max_examples=HISTORIES,
        derandomize=False,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(act, min_size=LENGTH, max_size=LENGTH), st.lists(storm, max_size=3))
    def play(acts, weather):
        ends = played(town, acts, weather)
        assume(not ends[1].missed)
        judge(*ends)

    play()
