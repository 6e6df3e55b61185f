"""Attacks S9–S13 and S15–S17 of the catalogue: settlement, claims, the last holder, and losses."""

from fractions import Fraction

import pytest
from ape import reverts

from tests.staking.driver import Stage, Twin
from tests.staking.staking_model import DAY, VIRTUAL, WAD, WINDOW, fill

USDC = 10**6
K = 1_000 * WAD
# of the 30,000 paid for 80,000 in line
ALICES = 22_500 * WAD
BOBS = 7_500 * WAD


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
def lent(staked):
    """70,000 of their 100,000 are lent out."""
    staked.fund(70 * K)
    return staked


@pytest.fixture
def rationed(lent, alice, bob):
    """alice and bob have asked for all of theirs, 80,000, with 30,000 of liquidity; the cycle is over."""
    lent.request(alice, 60 * K)
    lent.request(bob, 20 * K)
    lent.next_cycle(3_600)
    return lent


# S9: pro rata


def test_s9__more_asked_than_there_is__pays_each_his_part_and_all_of_it(rationed, alice, bob):
    stage = rationed
    assert stage.position(alice) == (37_500 * WAD, stage.cycle, 0, stage.cycle + 1, ALICES, ALICES)
    assert stage.position(bob) == (12_500 * WAD, stage.cycle, 0, stage.cycle + 1, BOBS, BOBS)
    assert stage.summary()[:3] == (0, 30 * K, 70 * K)


@pytest.mark.parametrize("first", ["alice", "bob"])
def test_s9__order_of_claims__changes_nobodys_amount(rationed, alice, bob, first, people):
    stage = rationed
    before = {who: stage.balance(who) for who in (alice, bob)}
    stage.claim(getattr(people, first))
    stage.claim(bob if first == "alice" else alice)
    assert stage.balance(alice) - before[alice] == ALICES
    assert stage.balance(bob) - before[bob] == BOBS
    assert stage.summary().claimable == 0


def test_s9__odd_amounts__leave_dust_with_the_vault_never_with_the_claimants(stage, alice, bob, carol):
    stage.next_cycle(3_600)
    parts = {alice: 33_333 * WAD + 1, bob: 22_222 * WAD + 7, carol: 11_111 * WAD + 3}
    for who, amount in parts.items():
        stage.deposit(who, amount)
    supply = sum(parts.values())
    stage.fund(supply * 7 // 10 - 1)
    for who, amount in parts.items():
        stage.request(who, amount)
    stage.next_cycle()
    filled, paid = fill(supply, supply - supply * 7 // 10 + 1, supply, supply)
    due = {who: Fraction(amount * paid, supply) for who, amount in parts.items()}
    found = {who: stage.position(who).claim_assets for who in parts}
    for who in parts:
        assert due[who] - 3 <= found[who] <= due[who]
    assert paid - 9 <= sum(found.values()) <= paid
    assert stage.summary().claimable == paid
    assert stage.summary().supply == supply - filled


@pytest.mark.parametrize("each_cycle", [True, False])
def test_s9__a_year_of_part_fills__pays_the_same_claimed_each_time_or_once(stage, alice, bob, each_cycle):
    twin = Twin(stage)
    twin.next_cycle(3_600)
    twin.deposit("alice", 60 * K)
    twin.deposit("bob", 40 * K)
    twin.fund(70 * K)
    twin.request("alice", 60 * K)
    twin.request("bob", 39 * K)
    for _ in range(12):
        twin.next_cycle(DAY)
        if each_cycle:
            twin.claim("alice")
        twin.repay_held(3 * K + 1, 3 * K + 1, 0)
    twin.next_cycle()
    twin.check()
    twin.claim("alice")
    # 30,000 at once and 12 times 3,000, of which alice owns 60 of 99
    due = Fraction(60, 99) * (66 * K + 12)
    assert due - 30 <= twin.claimed["alice"] <= due


def test_s9__full_fill__starts_a_new_era_in_which_nothing_old_is_earned(lent, alice, bob, carol):
    stage = lent
    stage.request(alice, 20 * K)
    stage.next_cycle(3_600)
    stage.request(bob, 20 * K)
    stage.repay_held(40 * K, 40 * K, 0)
    stage.next_cycle(3_600)
    assert stage.position(alice)[4:] == (20 * K, 20 * K)
    assert stage.position(bob)[4:] == (20 * K, 20 * K)
    assert stage.position(carol) == (0, stage.cycle, 0, stage.cycle + 1, 0, 0)
    assert stage.summary().active == 0


def test_s9__who_joins_later__shares_only_in_later_fills(rationed, alice, bob, carol):
    stage = rationed
    stage.request(carol, 10 * K)
    stage.repay_held(30 * K, 30 * K, 0)
    stage.next_cycle()
    # 60,000 in line, 30,000 paid: half of what each had left
    assert stage.position(alice)[4:] == (41_250 * WAD, 41_250 * WAD)
    assert stage.position(bob)[4:] == (13_750 * WAD, 13_750 * WAD)
    assert stage.position(carol)[4:] == (5 * K, 5 * K)


# S10–S13: between settlement and claim, other people's slots, denial, parameters


def test_s10__liquidity_between_settlement_and_claim__is_for_the_next_settlement(rationed, alice, bob):
    stage = rationed
    stage.repay_held(60 * K, 60 * K, 0)
    stage.claim(alice)
    assert stage.balance(alice) == 899_550 * WAD - 60 * K + ALICES
    assert stage.position(alice).active == 37_500 * WAD
    stage.next_cycle()
    assert stage.position(alice)[4:] == (37_500 * WAD, 37_500 * WAD)
    assert stage.position(bob)[4:] == (20 * K, 20 * K)


def test_s11__dust_requests__cost_nobody_anything(staked, alice, bob, carol, mallory, people):
    stage = staked
    stage.request(alice, 60 * K)
    for who in (mallory, people.dave, people.treasurer, people.guardian):
        stage.send(carol, stage.vault.transfer, who, 1)
        stage.request(who, 1)
    with reverts("below minimum"):
        stage.vault.requestRedeem(WAD - 1, carol, carol, sender=carol)
    stage.go(stage.start(stage.cycle + 1))
    crowded = stage.vault.sync(sender=mallory)
    assert stage.position(alice)[4:] == (60 * K, 60 * K)
    # one request in line costs as much to settle
    stage.request(bob, 20 * K)
    stage.go(stage.start(stage.cycle + 1))
    assert abs(crowded.gas_used - stage.vault.sync(sender=mallory).gas_used) < 30_000


def test_s11__a_strangers_request__cannot_enter_anybodys_slot_nor_take_anybodys_shares(staked, alice, carol):
    stage, vault = staked, staked.vault
    with reverts("not operator"):
        vault.requestRedeem(WAD, alice, carol, sender=carol)
    with reverts("erc20: insufficient allowance"):
        vault.requestRedeem(WAD, carol, alice, sender=carol)
    for act in (vault.cancel_request, vault.claim):
        with reverts("not operator"):
            act(carol, alice, sender=carol) if act == vault.claim else act(alice, carol, sender=carol)
    assert stage.position(alice) == (0, stage.cycle, 0, stage.cycle + 1, 0, 0)
    assert stage.shares(alice) == 60 * K


def test_s11__operator__has_the_controllers_rights_until_revoked(staked, alice, bob, mallory):
    stage, vault = staked, staked.vault
    stage.send(alice, vault.setOperator, mallory, True)
    stage.send(mallory, vault.requestRedeem, 50 * K, alice, alice)
    stage.send(mallory, vault.cancel_request, alice, alice)
    stage.send(mallory, vault.requestRedeem, 50 * K, alice, alice)
    stage.next_cycle()
    stage.send(mallory, vault.redeem, 20 * K, bob, alice)
    # of the 50,000 that were cancelled 45 are gone, for all who stay
    paid = 20 * K * (100 * K + VIRTUAL) // (99_955 * WAD + VIRTUAL)
    assert stage.balance(bob) == pytest.approx(899_550 * WAD - 20 * K + paid, abs=2)
    stage.send(alice, vault.setOperator, mallory, False)
    with reverts("not operator"):
        vault.redeem(1, mallory, alice, sender=mallory)
    shares, assets = stage.position(alice)[4:]
    assert shares == 30 * K
    assert assets == pytest.approx(paid * 3 // 2, abs=2)


def test_rd7__denied_holder_of_pool_shares__has_nothing_himself_and_may_pass_them_on(
    staked, protocol, alice, bob, compliance
):
    """Decided: denial reaches AID and sAID, not the shares of pools (docs/decisions.md)."""
    stage = staked
    pool = protocol.contract(f"pool.{protocol.config.exit_pool.name}")
    for token in (stage.aid, stage.vault):
        stage.send(alice, token.approve, pool, 2**256 - 1)
    pool.add_liquidity([10 * K, 10 * K], 0, sender=alice)
    shares = pool.balanceOf(alice)
    stage.send(compliance, stage.aid.deny, alice)
    with reverts():
        pool.remove_liquidity(shares // 4, [0, 0], sender=alice)
    before = stage.balance(bob)
    pool.remove_liquidity(shares // 4, [0, 0], bob, sender=alice)
    assert stage.balance(bob) > before
    pool.transfer(bob, shares // 4, sender=alice)
    pool.remove_liquidity(shares // 4, [0, 0], sender=bob)
    # the account that receives can be denied as well
    stage.send(compliance, stage.aid.deny, bob)
    with reverts():
        pool.remove_liquidity(shares // 4, [0, 0], bob, sender=alice)


def test_s12__denied_in_a_cycle__is_settled_like_all_and_paid_once_allowed(
    lent, alice, bob, mallory, compliance
):
    stage, vault = lent, lent.vault
    stage.request(alice, 60 * K)
    stage.request(bob, 20 * K)
    stage.send(alice, vault.setOperator, mallory, True)
    stage.send(compliance, stage.aid.deny, alice)
    stage.next_cycle()
    assert vault.maxRedeem(alice) == vault.maxWithdraw(alice) == 0
    for sender, receiver in ((alice, alice), (alice, bob), (mallory, mallory)):
        with reverts("denied"):
            vault.claim(receiver, alice, sender=sender)
    with reverts("denied"):
        vault.cancel_request(alice, mallory, sender=mallory)
    stage.claim(bob)  # nobody else waits for her
    assert stage.balance(bob) == 899_550 * WAD - 20 * K + BOBS
    assert stage.position(alice).claim_assets == stage.summary().claimable == ALICES
    stage.send(compliance, stage.aid.allow, alice)
    stage.claim(alice)
    assert stage.balance(alice) == 899_550 * WAD - 60 * K + ALICES


def test_s13__terms_changed_in_a_cycle__bind_two_cycles_later(staked, alice, governor):
    stage = staked
    cycle = stage.cycle
    stage.send(governor, stage.vault.schedule_parameters, DAY, 500 * WAD, 9_000)
    for later, joins in ((0, True), (1, True), (2, False)):
        stage.request(alice, 10 * K, at=stage.start(cycle + later) + 6 * DAY)
        position = stage.position(alice)
        assert (position.active, position.upcoming) == ((10 * K, 0) if joins else (0, 10 * K))
    with reverts("below minimum"):
        stage.vault.requestRedeem(499 * WAD, alice, alice, sender=alice)


def test_s13__reserve_floor_raised_in_a_cycle__does_not_stop_what_was_promised(staked, governor, dave):
    stage = staked
    stage.send(governor, stage.vault.schedule_parameters, WINDOW, WAD, 9_000)
    stage.fund(35 * K)
    stage.next_cycle()
    stage.fund(35 * K)
    stage.next_cycle()
    assert stage.refusal(dave, stage.portfolio.fund, 1, 0) == "reserve floor"


# S15: the last holder


def leave(stage, people, names="alice bob carol"):
    for name in names.split():
        who = getattr(people, name)
        stage.request(who, stage.shares(who))
    stage.next_cycle(3_600)
    stage.sync()


def claim_all(stage, people):
    for name in ("alice", "bob", "carol"):
        stage.claim(getattr(people, name))


def test_s15__last_holders_leave__with_everything_and_the_next_price_is_1(staked, people, alice):
    stage = staked
    leave(stage, people)
    assert stage.summary()[:6] == (0, 100 * K, 0, 0, 0, 0)
    claim_all(stage, people)
    assert stage.balance(stage.vault) == 0
    stage.deposit(alice, 5 * K)
    assert stage.shares(alice) == 5 * K


@pytest.mark.parametrize("lost", [1, 30, 60, 69])
def test_s15__last_holders_leave_after_a_loss__with_all_that_is_left(lent, people, alice, mallory, lost):
    stage = lent
    stage.repay_held(70 * K - lost * K, 70 * K - lost * K, 0)
    stage.send(mallory, stage.portfolio.default_and_resolve, 0)
    left = 100 * K - lost * K
    assert stage.summary().exit_assets == left
    leave(stage, people)
    # not a wei of shares is stranded by the virtual assets
    assert stage.summary()[:6] == (0, left, 0, 0, 0, 0)
    claim_all(stage, people)
    assert stage.balance(stage.vault) <= 3
    stage.deposit(alice, 5 * K)
    assert stage.shares(alice) == 5 * K


def test_s15__a_dust_holder_stays_after_a_heavy_loss__deposits_stay_open(lent, people, alice, mallory):
    stage = lent
    stage.send(mallory, stage.portfolio.default_and_resolve, 0)
    stage.send(people.carol, stage.vault.transfer, mallory, 2 * VIRTUAL)
    leave(stage, people)
    assert stage.summary()[:4] == (0, 30 * K, 2 * VIRTUAL, 0)
    # 1e6 virtual assets against 3e6 shares: a third each
    assert stage.vault.maxDeposit(alice) > 0
    stage.deposit(alice, 6 * K)
    assert stage.shares(alice) == 18 * K
    assert 6 * K - 1 <= stage.worth(18 * K) <= 6 * K


def test_s15__profit_still_vesting_when_the_last_leave__insures_who_comes_later(
    staked, people, mallory, alice
):
    stage = staked
    end = stage.start(stage.cycle + 1)
    leavers = [getattr(people, name) for name in ("alice", "bob", "carol")]
    for who in leavers:
        stage.request(who, stage.shares(who))
    stage.repay(alice, 7 * K, 0, 7 * K, at=end - 3 * DAY)
    stage.sync(at=end + DAY)  # the stream would run three days more
    # three of seven days have vested; rounding and the virtual shares leave wei behind, no more
    assert 3 * K - VIRTUAL < sum(stage.position(who).claim_assets for who in leavers) - 100 * K <= 3 * K
    assert stage.insurance.available() + stage.summary().claimable == 107 * K
    assert stage.summary()[:6] == (0, stage.summary().claimable, 0, 0, 0, 0)
    stage.deposit(alice, 5 * K)
    assert (stage.shares(alice), stage.worth(5 * K)) == (5 * K, 5 * K)


def test_s15__gain_arriving_when_nobody_holds__is_the_insurances(staked, people, alice):
    stage = staked
    leave(stage, people)
    stage.repay(alice, 9 * K, 0, 4 * K)
    assert stage.insurance.available() == 9 * K
    assert stage.summary()[:6] == (0, 100 * K, 0, 0, 0, 0)


def test_s15__written_off_deal_outlives_the_holders__nobody_buys_its_recovery(lent, people, alice, mallory):
    stage = lent
    stage.impair(70 * K)
    leave(stage, people)
    assert stage.summary()[:6] == (0, 30 * K, 0, 70 * K, 0, 0)
    assert stage.vault.maxDeposit(mallory) == 0
    with reverts("vault impaired"):
        stage.vault.deposit(WAD, alice, sender=alice)
    stage.send(alice, stage.portfolio.default_and_resolve, 25 * K)
    assert stage.insurance.available() == 25 * K
    stage.deposit(alice, 5 * K)
    assert stage.shares(alice) == 5 * K


# S16, S17


def test_s16__loss_beyond_every_buffer__takes_them_in_order_and_the_rest_from_the_price(
    lent, people, alice, mallory
):
    stage = lent
    stage.send(alice, stage.insurance.contribute, 2 * K)
    t = stage.start(stage.cycle) + DAY
    stage.repay(alice, 7 * K, 0, 7 * K, at=t)
    stage.at(t + 2 * DAY)
    tx = stage.portfolio.default_and_resolve(10 * K, sender=alice)
    # 60,000 lost: 5,000 still vesting, 2,000 insured
    assert list(stage.vault.LossRealised.from_receipt(tx)) == [
        stage.vault.LossRealised(loss=60 * K, from_vesting=5 * K, from_insurance=2 * K, from_nav=53 * K)
    ]
    assert stage.insurance.available() == 0
    # 30,000 idle, 7,000 paid in, 10,000 recovered, 2,000 insured
    assert stage.summary() == (49 * K, 0, 100 * K, 49 * K, 49 * K, 0, stage.cycle, 0, 0, 0)
    leave(stage, people)
    assert stage.position(alice).claim_assets == 49 * K * 6 // 10


def test_s16__everything_lost__nothing_is_filled_and_claims_are_still_paid(rationed, people, alice, bob):
    stage = rationed
    stage.send(people.mallory, stage.portfolio.default_and_resolve, 0)
    assert stage.summary()[:6] == (0, 30 * K, 70 * K, 0, 0, 0)
    stage.next_cycle(3_600)
    assert stage.position(alice) == (37_500 * WAD, stage.cycle, 0, stage.cycle + 1, ALICES, ALICES)
    stage.claim(alice)
    stage.claim(bob)
    assert stage.balance(alice) == 899_550 * WAD - 60 * K + ALICES
    # whoever wants his shares back has them
    stage.cancel(alice)
    assert stage.shares(alice) == 37_500 * WAD
    # a late recovery is the holders'
    stage.repay(bob, 14 * K, 0, 0)
    assert 12 * K <= stage.worth(60 * K) < 12 * K + VIRTUAL


def test_s17__interest_owed_to_the_protocol__is_never_in_the_price(lent, alice):
    stage = lent
    # 12 % a year on 70,000, of which 15 % of the interest and 0.25 % of the principal are fees
    net = (12 * 85 - 25) * 70 * K // 100_00 // (365 * DAY)
    start = stage.send(alice, stage.portfolio.set_slope, net)
    t = start + 20 * DAY
    stage.go(t - 1)
    before = stage.summary()
    accrued = net * 20 * DAY
    assert before.exit_assets == 100 * K + accrued - net
    # the borrower pays the whole coupon; the vault's part of it discharges what was accrued
    coupon = 12 * 70 * K * 20 * DAY // 100 // (365 * DAY)
    assert coupon > accrued
    stage.repay(alice, accrued, accrued, 0, at=t)
    assert stage.summary().exit_assets == before.exit_assets + net
    assert stage.summary().idle == 30 * K + accrued
    assert stage.summary().unvested == 0


def test_s17__claimable_aid__is_owed_and_not_the_holders(rationed, carol):
    stage = rationed
    assert stage.balance(stage.vault) == 30 * K
    assert stage.vault.totalAssets() == 70 * K
    # 70,000 of loans behind 70,000 shares: nothing to lend, nothing to leave with
    assert stage.worth(20 * K) == 20 * K
    assert stage.refusal(carol, stage.portfolio.fund, 1, 0) == "reserve floor"


def test_s17__payment_said_to_be_more_gain_than_it_is__is_refused(lent, alice):
    assert lent.refusal(alice, lent.portfolio.pay_aid, K, 0, K + 1) == "gain above amount"
