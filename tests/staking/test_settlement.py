"""Settlements against the model: part fills, scales, eras, skipped cycles, and that nobody's call matters."""

import os
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.isolation import isolated

from .driver import Twin
from .staking_model import CYCLE, DAY, VIRTUAL, WAD, WINDOW, div_up

K = 1_000 * WAD
NAMES = ("alice", "bob", "carol")
EXAMPLES = 300 if os.environ.get("AID_FUZZ") == "long" else 12


@pytest.fixture
def lent(twin):
    """alice and bob have staked 60,000 and 40,000 odd; 70,000 are lent at 10 % a year."""
    twin.next_cycle(3_600)
    twin.deposit("alice", 60 * K + 123_456_789)
    twin.deposit("bob", 40 * K + 987_654_321)
    twin.fund(70 * K, 7 * K // (365 * DAY))
    return twin


@pytest.fixture
def illiquid(twin, governor):
    """No reserve floor: alice, bob and carol have staked 200,000 each, and all of it is lent."""
    vault = twin.stage.vault
    vault.schedule_parameters(WINDOW, WAD, 0, sender=governor)
    twin.go(twin.stage.start(2) + 3_600)
    for name in NAMES:
        twin.deposit(name, 200 * K)
    twin.fund(600 * K)
    return twin


def fill_all_but_a_billionth(twin):
    """Bring in a wei less than the line is due, and let the cycle end."""
    model = twin.model
    price = Fraction(model.exit_assets(twin.stage.now) + 10**6, model.supply + 10**6)
    due = int(model.active * price)
    twin.repay_held(due - 1 - model.idle, due - 1 - model.idle, 0)
    before = model.active
    twin.next_cycle(3_600)
    assert model.active == div_up(before, 10**9)


def test_part_fills__with_an_accruing_book__are_the_models(lent):
    lent.request("alice", 50 * K + 7)
    lent.request("bob", 33 * K + 1)
    lent.next_cycle(DAY)
    lent.check()
    for step in range(5):
        lent.repay_held(5 * K + step, 5 * K + step, 0)
        lent.check()
        lent.next_cycle(DAY)
        lent.check()
    lent.claim("bob")
    lent.next_cycle(DAY)
    lent.check()


def test_settlement__tells_each_cycle_it_settled(lent, vault, mallory):
    lent.request("alice", 10 * K)
    lent.request("bob", 5 * K, at=lent.stage.start(lent.stage.cycle) + WINDOW)
    first = lent.stage.cycle
    lent.go(lent.stage.start(first + 4))
    tx = vault.sync(sender=mallory)
    settled = [event for event in tx.events if event.event_name == "CycleSettled"]
    assert [(event.cycle, event.pending, event.filled) for event in settled] == [
        (first, 10 * K, 10 * K),
        (first + 1, 5 * K, 5 * K),
    ]
    assert sum(event.paid for event in settled) == lent.model.claimable
    assert vault.Transfer(sender=vault, receiver="0x" + "00" * 20, value=15 * K) in list(tx.events)


@pytest.mark.parametrize("skipped", [1, 2, 3, 4, 40])
def test_views__over_skipped_cycles__are_what_a_sync_leaves(lent, skipped):
    stage = lent.stage
    lent.request("alice", 50 * K)
    lent.request("bob", 30 * K, at=stage.start(stage.cycle) + WINDOW + DAY)
    lent.repay_held(9 * K, 9 * K, K)
    lent.go(stage.start(stage.cycle + skipped) + 2 * DAY)
    lent.check()
    before = stage.state(*NAMES)
    lent.sync(at=stage.now)
    assert stage.state(*NAMES) == before
    lent.check()


def test_settlement__while_a_gain_vests__moves_neither_the_stream_nor_total_assets(lent, vault):
    """A sync takes out what the line is paid, and nothing else: five of seven days have still to vest."""
    stage = lent.stage
    lent.request("alice", 10 * K)
    came = stage.start(stage.cycle + 1) - 2 * DAY
    lent.repay_held(7 * K, 0, 7 * K, at=came)
    lent.go(came + 2 * DAY + 3_600)
    left = div_up(7 * K * (5 * DAY - 3_600), 7 * DAY)
    before, assets = stage.summary(), vault.totalAssets()
    assert before.unvested == left
    assert before.claimable > 10 * K
    lent.sync(at=stage.now)
    assert stage.summary() == before
    assert vault.totalAssets() == assets
    lent.check()


def test_full_fill__with_a_request_that_joins_later__is_a_new_era(lent):
    stage = lent.stage
    lent.request("alice", 20 * K)
    lent.request("bob", 40 * K, at=stage.start(stage.cycle) + WINDOW)
    lent.next_cycle(DAY)
    lent.check()
    assert lent.model.kept == 1
    assert stage.position(lent.who("bob")).active == 40 * K
    lent.next_cycle(DAY)
    lent.check()
    assert 0 < stage.position(lent.who("bob")).claim_shares < 40 * K
    assert stage.position(lent.who("alice")).active == 0


def test_eras__position_that_nobody_touches__is_paid_once(lent):
    lent.request("alice", 20 * K)
    for _ in range(3):
        lent.request("bob", 3 * K)
        lent.next_cycle(DAY)
        lent.repay_held(3 * K, 3 * K, 0)
        lent.check()
    assert lent.stage.position(lent.who("alice")).claim_shares == 20 * K
    lent.claim("alice")
    lent.check()


def test_scales__fills_that_leave_a_billionth_again_and_again__lose_no_digits(illiquid):
    illiquid.request("alice", 150 * K + 1)
    for step in range(7):
        illiquid.request(("bob", "carol")[step % 2], 20 * K + step)
        fill_all_but_a_billionth(illiquid)
        illiquid.check()
    # 10^-63 of what alice had is left, in whole wei nothing
    assert illiquid.stage.position(illiquid.who("alice")).active == 0
    for name in NAMES:
        illiquid.claim(name)
    illiquid.check()


def test_scales__joined_just_before_the_scale_rises__earns_from_both(illiquid):
    illiquid.request("alice", 50 * K)
    for _ in range(2):
        fill_all_but_a_billionth(illiquid)
        illiquid.request("alice", 10 * K)
    illiquid.request("bob", 100 * K + 3)  # the product is 1e18, the least
    for _ in range(2):
        fill_all_but_a_billionth(illiquid)
        illiquid.check()
        illiquid.request("carol", 10 * K)
    illiquid.next_cycle()
    illiquid.check()
    position = illiquid.stage.position(illiquid.who("bob"))
    assert 100 * K - 10**6 <= position.claim_shares <= 100 * K + 3


def test_scales__then_a_full_fill__empties_the_line(illiquid):
    illiquid.request("alice", 50 * K)
    for _ in range(3):
        fill_all_but_a_billionth(illiquid)
        illiquid.request("alice", 10 * K)
    illiquid.repay_held(100 * K, 100 * K, 0)
    illiquid.next_cycle()
    illiquid.check()
    illiquid.claim("alice")
    illiquid.check()
    assert illiquid.stage.summary()[6:9] == (illiquid.stage.cycle, 0, 0)
    # with a product of 18 digits a share is known to 1e-18: 1e4 wei of 10,000 shares
    assert 80 * K - 10**5 <= illiquid.claimed["alice"] <= 80 * K


def test_cancel__in_every_window__returns_what_is_left(lent):
    lent.request("alice", 60 * K)
    lent.request("bob", 40 * K)
    for _ in range(3):
        lent.next_cycle(DAY)
        lent.cancel("alice")
        lent.check()
        left = lent.stage.shares(lent.who("alice"))
        lent.repay_held(7 * K, 7 * K, 0)
        lent.request("alice", left)
    lent.next_cycle(DAY)
    lent.check()


def run(twin, plan, poked):
    """Play a plan at its seconds, poking every cycle in between or never."""
    stage = twin.stage
    for at, name, *arguments in plan:
        while poked and stage.start(stage.cycle + 1) < at:
            stage.sync(at=stage.start(stage.cycle + 1) + 12_345)
        getattr(stage, name)(*(getattr(stage.people, a) if a in NAMES else a for a in arguments), at=at)
    end = plan[-1][0] + 7 * CYCLE
    while poked and stage.start(stage.cycle + 1) < end:
        stage.sync(at=stage.start(stage.cycle + 1) + 54_321)
    stage.go(end)
    return stage.state(*NAMES)


@pytest.mark.parametrize("liquid", [3, 55, 400])
def test_settlement__poked_in_every_cycle_or_never__leaves_the_same_to_the_wei(chain, twin, liquid):
    start = twin.stage.start(twin.stage.cycle + 1)
    plan = [
        (start + DAY, "deposit", "alice", 60 * K + 1),
        (start + DAY + 9, "deposit", "bob", 40 * K + 3),
        (start + DAY + 99, "fund", 70 * K, 10**14),
        (start + 3 * DAY, "request", "alice", 33 * K),
        (start + 9 * DAY, "request", "bob", 40 * K),
        (start + 11 * DAY, "impair", 0, 2 * 10**14),
        (start + CYCLE * 5, "repay_held", liquid * 100 * WAD, liquid * 100 * WAD, liquid * 30 * WAD),
        (start + CYCLE * 6 + DAY, "request", "alice", 10 * K),
        (start + CYCLE * 9 + 2 * DAY, "claim", "bob"),
        (start + CYCLE * 9 + 3 * DAY, "cancel", "alice"),
        (start + CYCLE * 9 + 4 * DAY, "request", "alice", 5 * K),
    ]
    if liquid == 400:  # all of alice's has been filled by then
        plan.pop(-2)
    with isolated():
        never = run(twin, plan, poked=False)
    assert run(twin, plan, poked=True) == never


amounts = st.one_of(st.integers(1, 100), st.integers(WAD, 90 * K), st.sampled_from([WAD, 90 * K]))
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["request", "request", "cancel", "claim", "deposit", "fund", "impair", "repay_held", "wait"]
        ),
        st.sampled_from(NAMES),
        amounts,
        st.sampled_from([1, DAY, 6 * DAY, 8 * DAY, 20 * DAY, CYCLE, 3 * CYCLE]),
    ),
    min_size=4,
    max_size=14,
)


def play(twin, act, name, amount):
    """One step, if it is possible; amounts beyond what there is become all there is."""
    stage, model = twin.stage, twin.model
    who, t = twin.who(name), stage.now + 1
    model.sync(t)
    if act == "deposit":
        assets = model.deposit_assets(t)
        mints = amount * (model.supply + VIRTUAL) // (assets + VIRTUAL)
        open_ = 2 * model.book.at(t)[1] <= assets
        if mints and open_ and assets >= model.supply // 10**6 and stage.balance(who) >= amount:
            twin.deposit(name, amount, at=t)
    elif act == "request":
        amount = min(max(amount, WAD), stage.shares(who))
        if amount:
            twin.request(name, amount, at=t)
    elif act == "cancel":
        position = stage.position(who)
        if position.upcoming or (position.active and model.in_window(t)):
            twin.cancel(name, at=t)
    elif act == "claim" and stage.position(who).claim_assets:
        twin.claim(name, at=t)
    elif act == "fund" and model.supply:
        price = Fraction(model.exit_assets(t) + 10**6, model.supply + 10**6)
        kept = div_up(model.exit_assets(t) * 3_000, 10_000) + 2
        free = model.idle - kept - int((model.active + model.upcoming) * price) - 1
        if free > 0:
            twin.fund(min(amount, free), amount // (400 * DAY), at=t)
    elif act == "impair":
        gross = model.book.at(t)[0]
        twin.impair(min(amount, gross) // 2, amount // (200 * DAY), at=t)
    elif act == "repay_held":
        held = min(amount, stage.balance(stage.portfolio), model.book.at(t)[0])
        if held:
            twin.repay_held(held, held - held // 9, held // 9, at=t)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_settlement__any_requests_cancellations_and_claims__are_the_models(chain, stage, sequence):
    with isolated():
        twin = Twin(stage)
        twin.next_cycle(3_600)
        for name, amount in (("alice", 60 * K + 1), ("bob", 30 * K + 7), ("carol", 10 * K)):
            twin.deposit(name, amount)
        twin.fund(65 * K, 10**14)
        for act, name, amount, wait in sequence:
            play(twin, act, name, amount)
            twin.go(stage.now + wait)
            twin.check()
        # everybody can claim what he has
        for name in NAMES:
            if stage.position(twin.who(name)).claim_assets:
                twin.claim(name)
        twin.check()
