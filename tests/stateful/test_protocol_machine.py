"""Anything anybody may do, in any order, against the model.

`make test` runs a short, repeatable selection. `make fuzz` (AID_FUZZ=long) searches at random for long, and
prints the AID_FUZZ_SEED that repeats it.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.model.numbers import WAD
from tests.model.protocol import USERS
from tests.stateful.credit_rules import CreditRules
from tests.stateful.driver import Driver
from tests.stateful.gateway_rules import GatewayRules
from tests.stateful.machine import COIN, PARTS, PAUSE, USER, action, steps
from tests.stateful.staking_rules import StakingRules
from tests.stateful.world_rules import GIFTS

LONG = os.environ.get("AID_FUZZ") == "long"
STEPS, LENGTH = (20_000, 150) if LONG else (1_200, 60)
RUNS = 6  # a batch

ACTIONS = {
    *("mint", "redeem", "redeem_basket", "claim_owed", "recapitalise", "harvest", "allocate", "deallocate"),
    *("deposit", "mint_shares", "request", "cancel", "claim", "claim_by_shares", "claim_by_assets"),
    *("settle", "insure", "set_operator"),
    *("lend", "lend_and_hold", "repay", "repay_in_aid", "repay_what_is_held", "convert_escrow"),
    "collect_unannounced",
    *("mark", "set_accrual", "write_off"),
    *("transfer", "deny", "allow", "set_kyc", "pause_coin", "wait"),
    *("move_price", "kill_feed", "publish_prices", "take_fee", "blacklist"),
    *(f"give {token} to {receiver}" for token, receiver in GIFTS),
    *("set_vault_rate", "lose_in_vault", "overstate_vault", "break_vault"),
}
#: What must have happened on the way for the run to mean something.
EVENTS = {"full fill", "partial fill", "repayment escrowed", "leg kept", "loss borne by insurance"}
EVENTS |= {"last holder left", "loss borne by shares", "loss borne by unvested profit"}

LOST = st.sampled_from([1, 1, 500, 1_000])


class Scenarios(GatewayRules, StakingRules, CreditRules):
    """What happens by chance too seldom."""

    @action(2, of=PARTS, pause=PAUSE)
    def crowded_exit(self, of, pause):
        """All that may be is lent, everybody wants to leave, and the cycle ends."""
        self.relief(pause=pause)
        self.lend_and_hold(of=1_000, apr_bps=1_500, who="alice", pause=0)
        for who in filter(self.model.staking.shares.of, USERS):
            self.request(who=who, of=of, controller=None, owner=None, pause=0)
        self.wait_for_cycle(ahead=1, window=False, off=0)

    @action(1, lost=LOST, income=st.booleans(), dust=st.sampled_from([0, 0, 1, 10**6, WAD // 2]))
    def everybody_leaves(self, lost, income, dust):
        """All deals end, with income or a loss, and everybody leaves, one perhaps with all but a few wei."""
        self.relief(pause=0)
        for whom in sorted(self.model.aid.denied):
            self.allow(whom=whom, pause=0)
        self.lend_and_hold(of=lost, apr_bps=0, who="alice", pause=0)
        if income:
            richest = max(USERS, key=self.model.aid.of)
            self.repay_in_aid(who=richest, of=100, income=1_000, pause=0)
        self.write_off(of=1_000, recovered=0, who="alice", pause=0)
        holders = [who for who in USERS if self.model.staking.shares.of(who)]
        for who in holders:
            self.request(who=who, of=1_000, controller=None, owner=None, pause=0, less=dust)
            dust = 0
        self.wait_for_cycle(ahead=1, window=True, off=0)
        self.settle(who="alice", pause=0)
        self.wait_for_cycle(ahead=1, window=False, off=0)
        self.settle(who="alice", pause=0)

    @action(1, who=USER, of=PARTS, pause=PAUSE)
    def undeliverable(self, who, of, pause):
        """Somebody whom a coin has blacklisted redeems a basket; what it left behind is claimed later."""
        self.misfortune(what=("blacklist", 0), coin="USDT", whom=who, pause=pause)
        self.redeem_basket(who=who, choice=None, of=of, to=None, depeg="DAI", pause=0)
        self.claim_owed(who=who, choice=None, name="USDT", to=None, pause=0)
        self.relief(pause=0)
        self.claim_owed(who=who, choice=None, name="USDT", to=None, pause=0)

    @action(2, coin=COIN, who=USER, of=PARTS, pause=PAUSE)
    def repay_off_the_peg(self, coin, who, of, pause):
        """A repayment comes while the coin has no price to convert it at, and waits for one."""
        self.move_price(coin=coin, price=98_000_000, pause=pause)
        self.repay(who=who, coin=coin, of=of, income=0, pause=0)
        self.convert_escrow(who=who, repeg=True, pause=pause)


TROUBLES = ("misfortune", "move_price", "deny", "set_kyc", "pause_coin", "mark", "write_off", "wait")


class ProtocolMachine(Scenarios):
    """All rules together; a run is spared some troubles, for not everything thrives among all of them."""

    @initialize(calm=st.sets(st.sampled_from(TROUBLES)))
    def choose_troubles(self, calm):
        self.calm = frozenset(calm)

    @rule(step=steps(Scenarios))
    def do(self, step):
        name, arguments = step
        if name != "pass" and name not in self.calm:
            getattr(self, name)(**arguments)


def run_batch(number: int) -> None:
    """One search of a few runs. Hypothesis spends five of six runs on variations of earlier ones once it has
    made ten, and here a variation of a run is the same run for most of its length.
    """
    run_state_machine_as_test(
        seed(number)(ProtocolMachine),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def unseen(driver: Driver) -> set[str]:
    return (ACTIONS - set(driver.calls)) | (EVENTS - set(+driver.events))


def test_protocol__whatever_is_done_in_whatever_order__equals_the_model(driver, capsys):
    ProtocolMachine.start = driver
    batch = int(os.environ.get("AID_FUZZ_SEED", time.time_ns() % 10**9 if LONG else 1))
    with capsys.disabled() if LONG else nullcontext():
        print(f"\nAID_FUZZ_SEED={batch}")
        while driver.steps < STEPS or (unseen(driver) and driver.steps < 3 * STEPS):
            run_batch(batch)
            batch += 1
        print(driver.report())
    assert driver.steps >= STEPS
    assert not unseen(driver), "never took effect, or never happened"
