"""Attack S14 of the catalogue: what the vault says of itself in every state is what it then does."""

import pytest
from ape import reverts

from tests.staking.driver import Stage
from tests.staking.staking_model import DAY, WAD, WINDOW

USDC = 10**6
K = 1_000 * WAD
# of 30,000 paid for 80,000 in line
ALICES = 22_500 * WAD


@pytest.fixture(scope="module")
def stage(chain, project, protocol, people, governor, compliance, alice, bob, carol, dave, mallory):
    """Nobody has staked; alice, bob and carol each have 899,550 AID."""
    return Stage.build(chain, project, protocol, people, "alice bob carol", 900_000 * USDC)


@pytest.fixture
def staked(stage, alice, bob, carol):
    """alice, bob and carol hold 60,000, 20,000 and 20,000 shares at a price of 1, at the start of a cycle."""
    stage.next_cycle(3_600)
    for who, amount in ((alice, 60), (bob, 20), (carol, 20)):
        stage.deposit(who, amount * K)
    return stage


@pytest.fixture
def rationed(staked, alice, bob):
    """alice and bob have asked for all of theirs, 80,000, with 30,000 of liquidity; the cycle is over."""
    staked.fund(70 * K)
    staked.request(alice, 60 * K)
    staked.request(bob, 20 * K)
    staked.next_cycle(3_600)
    return staked


def capped(stage, people):
    stage.send(people.governor, stage.vault.set_deposit_limits, 100_500, False)


def paused(stage, people):
    stage.send(people.guardian, stage.vault.set_deposit_limits, 100_500, True)


def impaired(stage, people):
    capped(stage, people)
    stage.fund(70 * K, 10**14)
    stage.impair(20 * K, 10**15)


def vesting(stage, people):
    capped(stage, people)
    stage.repay(people.alice, 300 * WAD, 0, 300 * WAD)


def due(stage, people):
    impaired(stage, people)
    stage.send(people.governor, stage.vault.set_deposit_limits, 71_100, False)
    stage.request(people.alice, 60 * K)
    stage.request(people.bob, 20 * K, at=stage.start(stage.cycle) + WINDOW)
    stage.go(stage.start(stage.cycle + 3) + DAY)


def worthless(stage, people):
    stage.fund(70 * K)
    stage.request(people.alice, 60 * K)
    stage.request(people.bob, 20 * K)
    stage.request(people.carol, 20 * K)
    stage.next_cycle(3_600)
    stage.send(people.mallory, stage.portfolio.default_and_resolve, 0)


STATES = [capped, paused, impaired, vesting, due, worthless]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_s14__max_deposit_and_max_mint__are_accepted_and_one_more_is_not(staked, people, alice, state):
    stage, vault = staked, staked.vault
    state(stage, people)
    most, most_shares = vault.maxDeposit(alice), vault.maxMint(alice)
    if state in (paused, worthless):
        assert (most, most_shares) == (0, 0)
        with reverts("deposits paused" if state is paused else "vault impaired"):
            vault.deposit(WAD, alice, sender=alice)
        return
    # as of this very second: a call, not a transaction of the next
    assert vault.deposit.call(most, alice, sender=alice) == vault.previewDeposit(most)
    assert vault.mint.call(most_shares, alice, sender=alice) == vault.previewMint(most_shares) <= most
    one_more = WAD if state is due else 1  # a wei of shares costs more than a wei
    with reverts("deposit cap"):
        vault.deposit.call(most + 1, alice, sender=alice)
    with reverts("deposit cap"):
        vault.mint.call(most_shares + one_more, alice, sender=alice)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_s14__views_before_a_sync__are_what_it_leaves(staked, people, state):
    stage, vault = staked, staked.vault
    state(stage, people)
    reads = ("totalAssets", "summary")
    amounts = ("previewDeposit", "previewMint", "convertToShares", "convertToAssets")
    limits = ("maxDeposit", "maxMint", "maxRedeem", "maxWithdraw", "position")

    def everything():
        return (
            [stage.read(getattr(vault, name)) for name in reads],
            [stage.read(getattr(vault, name), 12_345 * WAD + 1) for name in amounts],
            [stage.read(getattr(vault, name), who) for name in limits for who in (people.alice, people.bob)],
        )

    stage.chain.mine()
    t = stage.now
    before = everything()
    stage.sync(at=t)  # in the same second
    assert everything() == before


def test_s14__max_redeem_and_max_withdraw__are_accepted_and_one_more_is_not(rationed, alice):
    vault = rationed.vault
    assert (vault.maxRedeem(alice), vault.maxWithdraw(alice)) == (ALICES, ALICES)
    for act in (vault.redeem, vault.withdraw):
        assert act.call(ALICES, alice, alice, sender=alice) == ALICES
        with reverts("exceeds claimable"):
            act.call(ALICES + 1, alice, alice, sender=alice)


@pytest.mark.parametrize("preview", ["previewRedeem", "previewWithdraw"])
def test_s14__previews_of_redemptions__revert_for_any_amount(rationed, preview):
    for amount in (0, 1, 20 * K):
        with reverts("async redemption"):
            getattr(rationed.vault, preview)(amount)
