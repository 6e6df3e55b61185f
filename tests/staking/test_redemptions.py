"""Requests, cancellations, claims and operators, and the standards that the vault says it follows."""

from functools import reduce

import pytest
from ape import reverts
from eth_utils import keccak

from .staking_model import CYCLE, DAY, WAD, WINDOW, div_up

K = 1_000 * WAD
ZERO = "0x" + "00" * 20


@pytest.fixture
def staked(stage, alice, bob):
    """alice has 60,000 shares and bob 40,000, at a price of 1, at the start of a cycle."""
    stage.next_cycle(3_600)
    stage.deposit(alice, 60 * K)
    stage.deposit(bob, 40 * K)
    return stage


@pytest.fixture
def claimable(staked, alice, carol):
    """alice can claim 10,000 shares for 12,000 AID."""
    staked.repay(carol, 20 * K, 0, 20 * K)
    staked.request(alice, 10 * K)
    staked.next_cycle(3_600)
    staked.sync()
    return staked


def test_request__inside_the_window__joins_this_cycle(staked, vault, alice):
    tx = vault.requestRedeem(10 * K, alice, alice, sender=alice)
    assert tx.return_value == 0
    assert tx.events == [
        vault.Transfer(sender=alice, receiver=vault, value=10 * K),
        vault.RedeemRequest(controller=alice, owner=alice, requestId=0, sender=alice, shares=10 * K),
    ]
    assert vault.pendingRedeemRequest(0, alice) == 10 * K
    assert vault.pendingRedeemRequest(1, alice) == vault.claimableRedeemRequest(1, alice) == 0
    assert vault.claimableRedeemRequest(0, alice) == 0
    assert staked.summary()[6:9] == (staked.cycle, 10 * K, 0)
    assert vault.totalSupply() == 100 * K


def test_request__merges_with_earlier_ones(staked, alice):
    staked.request(alice, 10 * K)
    staked.request(alice, 5 * K)
    staked.request(alice, 2 * K, at=staked.start(staked.cycle) + WINDOW)
    assert staked.position(alice)[:4] == (15 * K, staked.cycle, 2 * K, staked.cycle + 1)
    assert staked.vault.pendingRedeemRequest(0, alice) == 17 * K


def test_request__for_another_who_made_one_operator__is_his(staked, vault, alice, carol):
    vault.setOperator(alice, True, sender=carol)
    tx = vault.requestRedeem(10 * K, carol, alice, sender=alice)
    assert vault.RedeemRequest(
        controller=carol, owner=alice, requestId=0, sender=alice, shares=10 * K
    ) in list(tx.events)
    assert (staked.position(carol).active, staked.position(alice).active) == (10 * K, 0)
    staked.next_cycle()
    with reverts("not operator"):
        vault.claim(alice, carol, sender=staked.people.bob)
    staked.send(carol, vault.claim, carol, carol)
    assert staked.balance(carol) == 799_600 * WAD + 10 * K


def test_request__of_anothers_shares__takes_his_allowance_or_his_operator(staked, vault, alice, bob):
    with reverts("erc20: insufficient allowance"):
        vault.requestRedeem(K, bob, alice, sender=bob)
    vault.approve(bob, 3 * K, sender=alice)
    vault.requestRedeem(2 * K, bob, alice, sender=bob)
    assert vault.allowance(alice, bob) == K
    vault.setOperator(bob, True, sender=alice)
    vault.requestRedeem(7 * K, bob, alice, sender=bob)
    assert vault.allowance(alice, bob) == K
    assert staked.position(bob).active == 9 * K
    assert staked.shares(alice) == 51 * K


def test_request__by_allowance__may_stay_the_owners(staked, vault, alice, bob, carol):
    """ERC-7540: whom the owner lets take shares may put them in line for the owner, not for a third."""
    vault.approve(bob, 3 * K, sender=alice)
    with reverts("not operator"):
        vault.requestRedeem(2 * K, carol, alice, sender=bob)
    vault.requestRedeem(2 * K, alice, alice, sender=bob)
    assert (vault.allowance(alice, bob), staked.position(alice).active) == (K, 2 * K)
    with reverts("erc20: insufficient allowance"):
        vault.requestRedeem(2 * K, alice, alice, sender=bob)


def test_supply__between_a_cycles_end_and_the_next_call__is_what_a_sync_leaves(staked, vault, alice):
    staked.fund(70 * K)
    staked.request(alice, 60 * K)
    staked.next_cycle()
    shown = vault.totalSupply(), vault.balanceOf(vault), vault.totalAssets(), vault.balanceOf(alice)
    assert shown == (70 * K, 30 * K, 70 * K, 0)
    staked.sync()
    assert (vault.totalSupply(), vault.balanceOf(vault), vault.totalAssets(), vault.balanceOf(alice)) == shown


@pytest.mark.parametrize("amount", [0, WAD - 1])
def test_request__below_the_minimum__reverts(staked, vault, alice, amount):
    with reverts("below minimum"):
        vault.requestRedeem(amount, alice, alice, sender=alice)


def test_request__of_nothing_by_one_who_has_nothing__reverts(staked, vault, carol):
    with reverts("below minimum"):
        vault.requestRedeem(0, carol, carol, sender=carol)


def test_request__of_a_small_remainder__is_accepted_when_it_is_all(staked, vault, alice, carol):
    staked.send(alice, vault.transfer, carol, 7)
    vault.requestRedeem(7, carol, carol, sender=carol)
    assert staked.position(carol).active == 7


def test_request__of_more_than_one_has__reverts(staked, vault, alice):
    with reverts("erc20: transfer amount exceeds balance"):
        vault.requestRedeem(60 * K + 1, alice, alice, sender=alice)


@pytest.mark.parametrize("denied", ["alice", "bob", "carol"])
def test_request__with_a_denied_party__reverts(staked, vault, aid, compliance, people, denied):
    # carol acts for bob, the controller, with alice's shares
    staked.send(people.bob, vault.setOperator, people.carol, True)
    staked.send(people.alice, vault.setOperator, people.carol, True)
    staked.send(compliance, aid.deny, getattr(people, denied))
    with reverts("denied"):
        vault.requestRedeem(K, people.bob, people.alice, sender=people.carol)


# cancellations


def test_cancel__inside_the_window__returns_both_slots(staked, vault, alice, carol):
    staked.request(alice, 10 * K, at=staked.start(staked.cycle) + WINDOW)
    staked.next_cycle(60)
    staked.request(alice, 5 * K)
    tx = vault.cancel_request(alice, carol, sender=alice)
    fee = 15 * K * 9 // 10_000
    assert tx.return_value == 15 * K - fee
    cancelled = vault.RequestCancelled(controller=alice, receiver=carol, shares=15 * K - fee, fee=fee)
    assert cancelled in list(tx.events)
    assert (staked.shares(alice), staked.shares(carol)) == (45 * K, 15 * K - fee)
    assert staked.summary().supply == 100 * K - fee
    assert staked.summary()[7:9] == (0, 0)


def test_cancel__after_the_window__returns_what_waits_for_the_next_cycle(staked, alice):
    staked.request(alice, 10 * K)
    staked.request(alice, 5 * K, at=staked.start(staked.cycle) + WINDOW)
    staked.cancel(alice, at=staked.start(staked.cycle) + CYCLE - 1)
    assert staked.position(alice)[:3] == (10 * K, staked.cycle, 0)
    assert staked.summary()[7:9] == (10 * K, 0)
    assert staked.shares(alice) == 45 * K + 5 * K - 5 * K * 9 // 10_000


def test_cancel__below_the_price_of_the_request__is_free(staked, vault, alice):
    staked.fund(50 * K)
    staked.request(alice, 10 * K)
    staked.impair(WAD)  # a tenth of a bp
    assert vault.cancel_request(alice, alice, sender=alice).return_value == 10 * K
    assert staked.summary().supply == 100 * K


def test_cancel__fall_of_less_than_a_coarse_step__is_none(staked, vault, alice):
    """A price is remembered to 2^-17, so that nobody makes his cancellation free with dust."""
    staked.fund(50 * K)
    staked.request(alice, 10 * K)
    staked.impair(K // 10_000_000)
    assert vault.cancel_request(alice, alice, sender=alice).return_value == 10 * K - 9 * WAD


def test_cancel__lowest_price_of_all_requests_in_line__counts(staked, vault, alice):
    staked.fund(50 * K)
    staked.request(alice, 10 * K)
    staked.impair(10 * K)
    staked.request(alice, 10 * K)  # at 0.9
    staked.impair(5 * K)
    assert vault.cancel_request(alice, alice, sender=alice).return_value == 20 * K - 18 * WAD
    # an empty line remembers nothing
    staked.impair(0)
    staked.request(alice, 10 * K)
    staked.impair(5 * K)
    assert vault.cancel_request(alice, alice, sender=alice).return_value == 10 * K


def test_cancel__of_half_the_vault__lifts_the_price_by_less_than_10_bp(staked, alice, bob):
    staked.send(bob, staked.vault.transfer, alice, 39 * K)
    staked.request(alice, 99 * K)
    staked.cancel(alice)
    assert K * 10_008 // 10_000 < staked.worth(K) < K * 10_009 // 10_000


def test_cancel__dust__is_free_and_leaves(staked, vault, alice, carol):
    staked.send(alice, vault.transfer, carol, 7)
    staked.request(carol, 7)
    assert vault.cancel_request(carol, carol, sender=carol).return_value == 7


def test_cancel__what_was_filled__stays_claimable(staked, alice, bob):
    staked.fund(70 * K)
    staked.request(alice, 60 * K)
    staked.next_cycle(60)
    staked.cancel(alice)
    assert staked.position(alice) == (0, staked.cycle, 0, staked.cycle + 1, 30 * K, 30 * K)
    assert staked.shares(alice) == 30 * K - 27 * WAD
    # and earns nothing more
    staked.repay_held(70 * K, 70 * K, 0)
    staked.next_cycle()
    assert staked.position(alice)[4:] == (30 * K, 30 * K)


def test_cancel__nothing__reverts(staked, vault, alice):
    with reverts("nothing to cancel"):
        vault.cancel_request(alice, alice, sender=alice)
    staked.request(alice, K)
    staked.go(staked.start(staked.cycle) + WINDOW)
    with reverts("nothing to cancel"):
        vault.cancel_request(alice, alice, sender=alice)


def test_cancel__by_a_stranger_or_to_nobody__reverts(staked, vault, alice, bob):
    staked.request(alice, K)
    with reverts("not operator"):
        vault.cancel_request(alice, bob, sender=bob)
    with reverts("erc20: transfer to the zero address"):
        vault.cancel_request(alice, ZERO, sender=alice)


@pytest.mark.parametrize("denied", ["alice", "bob", "carol"])
def test_cancel__with_a_denied_party__reverts(staked, vault, aid, compliance, people, denied):
    staked.request(people.alice, K)
    staked.send(people.alice, vault.setOperator, people.bob, True)
    staked.send(compliance, aid.deny, getattr(people, denied))
    with reverts("denied"):
        vault.cancel_request(people.alice, people.carol, sender=people.bob)


# claims: 10,000 shares for 12,000 AID, but for what the virtual shares have of the gain


def due(stage):
    return 10 * K * (120 * K + 10**6) // (100 * K + 10**6)


def test_redeem__by_shares__rounds_assets_down(claimable, vault, alice, carol):
    before = claimable.balance(carol)
    tx = vault.redeem(7 * WAD + 1, carol, alice, sender=alice)
    assets = (7 * WAD + 1) * due(claimable) // (10 * K)
    assert tx.return_value == assets == claimable.balance(carol) - before
    assert vault.Withdraw(
        sender=alice, receiver=carol, owner=alice, assets=assets, shares=7 * WAD + 1
    ) in list(tx.events)
    assert claimable.position(alice)[4:] == (10 * K - 7 * WAD - 1, due(claimable) - assets)
    assert claimable.summary().claimable == due(claimable) - assets


def test_withdraw__by_assets__rounds_shares_up(claimable, vault, alice):
    tx = vault.withdraw(7 * WAD + 1, alice, alice, sender=alice)
    shares = div_up((7 * WAD + 1) * 10 * K, due(claimable))
    assert tx.return_value == shares
    assert vault.Withdraw(
        sender=alice, receiver=alice, owner=alice, assets=7 * WAD + 1, shares=shares
    ) in list(tx.events)
    assert claimable.position(alice)[4:] == (10 * K - shares, due(claimable) - 7 * WAD - 1)


def test_claim__takes_all(claimable, vault, alice, aid):
    tx = vault.claim(alice, alice, sender=alice)
    assert tx.return_value == due(claimable)
    assert vault.Withdraw(
        sender=alice, receiver=alice, owner=alice, assets=due(claimable), shares=10 * K
    ) in list(tx.events)
    assert claimable.position(alice)[4:] == (0, 0)
    assert claimable.summary().claimable == 0
    with reverts("nothing to claim"):
        vault.claim(alice, alice, sender=alice)


def test_claims__in_any_slices__pay_all_and_not_a_wei_more(claimable, vault, alice):
    before = claimable.balance(alice)
    for shares in (1, 3, 10**17 + 7, 4 * K):
        claimable.send(alice, vault.redeem, shares, alice, alice)
    for assets in (1, 5, 10**17 + 3, K):
        claimable.send(alice, vault.withdraw, assets, alice, alice)
    claimable.send(alice, vault.redeem, vault.maxRedeem(alice), alice, alice)
    left = claimable.position(alice)
    assert left.claim_shares == 0
    if left.claim_assets:
        claimable.claim(alice)
    assert claimable.balance(alice) - before == due(claimable)
    assert claimable.summary().claimable == 0


def test_withdraw__of_wei_by_wei__never_strands_the_last(claimable, vault, alice):
    """A claim of one share wei for more than one wei: the last wei have no shares left, and are paid."""
    claimable.send(alice, vault.redeem, 10 * K - 5, alice, alice)
    shares, assets = claimable.position(alice)[4:]
    assert (shares, assets) == (5, due(claimable) - (10 * K - 5) * due(claimable) // (10 * K))
    for _ in range(assets):
        claimable.send(alice, vault.withdraw, 1, alice, alice)
    assert claimable.position(alice)[4:] == (0, 0)


@pytest.mark.parametrize("act", ["redeem", "withdraw"])
def test_claim__of_nothing_or_too_much__reverts(claimable, vault, alice, bob, act):
    most = {"redeem": 10 * K, "withdraw": due(claimable)}[act]
    with reverts("zero amount"):
        getattr(vault, act)(0, alice, alice, sender=alice)
    with reverts("exceeds claimable"):
        getattr(vault, act)(most + 1, alice, alice, sender=alice)
    with reverts("exceeds claimable"):
        getattr(vault, act)(1, bob, bob, sender=bob)


@pytest.mark.parametrize("act", ["redeem", "withdraw", "claim"])
def test_claim__by_a_stranger__reverts(claimable, vault, alice, bob, act):
    amount = () if act == "claim" else (1,)
    with reverts("not operator"):
        getattr(vault, act)(*amount, bob, alice, sender=bob)


@pytest.mark.parametrize("act", ["redeem", "withdraw", "claim"])
@pytest.mark.parametrize("denied", ["alice", "bob", "carol"])
def test_claim__with_a_denied_party__reverts(claimable, vault, aid, compliance, people, act, denied):
    claimable.send(people.alice, vault.setOperator, people.bob, True)
    claimable.send(compliance, aid.deny, getattr(people, denied))
    amount = () if act == "claim" else (1,)
    with reverts("denied"):
        getattr(vault, act)(*amount, people.carol, people.alice, sender=people.bob)


def test_claim__while_aid_is_paused__waits(claimable, vault, aid, guardian, alice):
    aid.pause(sender=guardian)
    assert vault.maxRedeem(alice) == vault.maxWithdraw(alice) == 0
    with reverts("paused"):
        vault.claim(alice, alice, sender=alice)
    claimable.go(claimable.now + 14 * DAY + 1)
    claimable.claim(alice)
    assert claimable.position(alice)[4:] == (0, 0)


def test_claim__needs_no_sync_first(staked, vault, alice):
    staked.request(alice, 10 * K)
    staked.next_cycle()
    assert vault.claimableRedeemRequest(0, alice) == vault.maxRedeem(alice) == 10 * K
    tx = vault.redeem(10 * K, alice, alice, sender=alice)
    assert vault.CycleSettled(cycle=staked.cycle - 1, pending=10 * K, filled=10 * K, paid=10 * K) in list(
        tx.events
    )
    assert tx.return_value == 10 * K


# operators and standards


def test_set_operator__records_and_tells(vault, alice, bob):
    tx = vault.setOperator(bob, True, sender=alice)
    assert tx.return_value is True
    assert tx.events == [vault.OperatorSet(controller=alice, operator=bob, approved=True)]
    assert vault.isOperator(alice, bob)
    assert not vault.isOperator(bob, alice)
    vault.setOperator(bob, False, sender=alice)
    assert not vault.isOperator(alice, bob)


INTERFACES = {
    "ERC-165": ["supportsInterface(bytes4)"],
    "ERC-7540 operators": ["setOperator(address,bool)", "isOperator(address,address)"],
    "ERC-7540 redemptions": [
        "requestRedeem(uint256,address,address)",
        "pendingRedeemRequest(uint256,address)",
        "claimableRedeemRequest(uint256,address)",
    ],
    "ERC-7575": [
        "asset()",
        "share()",
        "convertToShares(uint256)",
        "convertToAssets(uint256)",
        "totalAssets()",
        "maxDeposit(address)",
        "previewDeposit(uint256)",
        "deposit(uint256,address)",
        "maxMint(address)",
        "previewMint(uint256)",
        "mint(uint256,address)",
        "maxWithdraw(address)",
        "previewWithdraw(uint256)",
        "withdraw(uint256,address,address)",
        "maxRedeem(address)",
        "previewRedeem(uint256)",
        "redeem(uint256,address,address)",
    ],
}


@pytest.mark.parametrize("standard", INTERFACES)
def test_supports_interface__ids_are_those_of_functions_that_exist(vault, standard):
    selectors = [keccak(text=signature)[:4] for signature in INTERFACES[standard]]
    interface_id = reduce(lambda a, b: bytes(x ^ y for x, y in zip(a, b, strict=True)), selectors)
    assert vault.supportsInterface(interface_id)
    known = {abi.selector for abi in vault.contract_type.methods}
    assert set(INTERFACES[standard]) <= known


# asynchronous deposits, ERC-20, ERC-721, the invalid id
@pytest.mark.parametrize("interface_id", ["0xce3bbe50", "0x36372b07", "0x80ac58cd", "0xffffffff"])
def test_supports_interface__nothing_else(vault, interface_id):
    assert not vault.supportsInterface(interface_id)


def test_share__is_the_vault_itself(vault):
    assert vault.share() == vault


@pytest.mark.parametrize("name", ["previewRedeem", "previewWithdraw"])
def test_preview_of_a_redemption__reverts(vault, name):
    with reverts("async redemption"):
        getattr(vault, name)(WAD)
