"""SY: what goes in and out, at which rate, and what a hostile world can do to it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ape import reverts

from tests.conftest import DAY, WAD
from tests.split.conftest import EACH, SEED, K
from tests.support.permit import sign_permit
from tests.venues import reference

ZERO = "0x" + "00" * 20
VIRTUAL = 10**6
FOREVER = 2**256 - 1


def price(assets, supply):
    """AID wei for 1e18 share wei, down."""
    return WAD * (assets + VIRTUAL) // (supply + VIRTUAL)


# what it says of itself


def test_names__are_those_that_pendle_strips(sy):
    assert (sy.name(), sy.symbol(), sy.decimals()) == ("SY Staked AID", "SY-sAID", 18)


def test_tokens__are_aid_and_shares__never_a_stablecoin(sy, aid, vault, usdc):
    assert sy.yieldToken() == vault.address
    assert sy.assetInfo() == (0, aid.address, 18)
    assert sy.getTokensIn() == sy.getTokensOut() == [aid.address, vault.address]
    for token, valid in ((aid, True), (vault, True), (usdc, False), (sy, False)):
        assert sy.isValidTokenIn(token) is sy.isValidTokenOut(token) is valid


def test_rewards__are_none_in_every_form(sy, alice):
    assert sy.getRewardTokens() == sy.rewardIndexesStored() == sy.accruedRewards(alice) == []
    assert sy.claimRewards.call(alice) == sy.rewardIndexesCurrent.call() == []


def test_deploying__over_a_pool_of_other_coins__is_refused(protocol, project, mallory, vault):
    other = protocol.contract("pool.AID-USDC")

    with reverts("wrong pool"):
        mallory.deploy(project.StandardizedYield, vault, other)


def test_nobody_can_mint_by_role(sy):
    names = {method.name for method in sy.contract_type.mutable_methods}

    assert not names & {"mint", "burn", "burn_from", "set_minter", "transfer_ownership"}


# in and out


def test_deposit__of_shares__is_one_to_one(stage, sy, vault, alice, bob):
    before = vault.balanceOf(alice)

    tx = sy.deposit(bob, vault, 7 * K + 3, 7 * K + 3, sender=alice)

    assert tx.return_value == sy.balanceOf(bob) == sy.totalSupply() == 7 * K + 3
    assert before - vault.balanceOf(alice) == vault.balanceOf(sy) == 7 * K + 3
    assert (
        sy.Deposit(
            caller=alice, receiver=bob, token_in=vault, amount_deposited=7 * K + 3, amount_sy_out=7 * K + 3
        )
        in tx.events
    )


def test_deposit__of_aid__buys_shares_at_the_deposit_price(grown, sy, aid, vault, bob):
    grown.impair(50 * K)
    supply = 2 * EACH + SEED
    deposit_assets = supply + 20 * K // DAY * DAY
    expected = (9 * K + 1) * (supply + VIRTUAL) // (deposit_assets + VIRTUAL)
    before = aid.balanceOf(bob)

    assert sy.previewDeposit(aid, 9 * K + 1) == expected
    tx = sy.deposit(bob, aid, 9 * K + 1, expected, sender=bob)

    assert tx.return_value == sy.balanceOf(bob) == expected
    assert before - aid.balanceOf(bob) == 9 * K + 1
    assert vault.balanceOf(sy) == sy.totalSupply() == 50 * K + expected
    assert aid.balanceOf(sy) == 0


def test_redeem__in_shares__is_one_to_one(wrapped, sy, vault, alice, bob):
    before = vault.balanceOf(bob)

    tx = sy.redeem(bob, 20 * K, vault, 20 * K, False, sender=alice)

    assert tx.return_value == vault.balanceOf(bob) - before == 20 * K
    assert sy.balanceOf(alice) == sy.totalSupply() == vault.balanceOf(sy) == 30 * K
    assert (
        sy.Redeem(
            caller=alice,
            receiver=bob,
            token_out=vault,
            amount_sy_to_redeem=20 * K,
            amount_token_out=20 * K,
        )
        in tx.events
    )


def test_redeem__in_aid__pays_what_the_pool_pays(wrapped, protocol, sy, pool, aid, vault, alice, bob):
    terms = protocol.config.exit_pool
    expected = reference.bought(
        Decimal(SEED) / WAD,
        Decimal(SEED) / WAD,
        Decimal(30_000),
        terms.amplification,
        Decimal(terms.fee) / 10**10,
        Decimal(terms.offpeg_fee_multiplier) / 10**10,
    )
    before, quoted = aid.balanceOf(bob), sy.previewRedeem(aid, 30 * K)

    tx = sy.redeem(bob, 30 * K, aid, quoted, False, sender=alice)

    assert tx.return_value == aid.balanceOf(bob) - before == quoted
    # the fee's rate has ten digits
    assert abs(Decimal(quoted) / WAD - expected) < Decimal("0.0001")
    assert vault.balanceOf(sy) == sy.totalSupply() == 20 * K
    assert vault.allowance(sy, pool) == 0


def test_redeem__of_what_was_sent_here__is_anybodys(wrapped, sy, vault, alice, mallory):
    sy.transfer(sy, 5 * K, sender=alice)

    sy.redeem(mallory, 5 * K, vault, 0, True, sender=mallory)

    assert vault.balanceOf(mallory) == 5 * K
    assert sy.totalSupply() == vault.balanceOf(sy) == 45 * K


def test_redeem__of_more_than_was_sent_here__is_refused(wrapped, sy, vault, alice, mallory):
    sy.transfer(sy, 5 * K, sender=alice)

    refusal = wrapped.refusal(mallory, sy.redeem, mallory, 5 * K + 1, vault, 0, True)
    assert refusal == "erc20: burn amount exceeds balance"


def test_min_out__is_kept_for_every_token(wrapped, sy, aid, vault, alice, bob):
    shares = sy.previewDeposit(aid, K)
    paid = sy.previewRedeem(aid, K)

    for token, least in ((aid, shares), (vault, K)):
        assert wrapped.refusal(bob, sy.deposit, bob, token, K, least + 1) == "min out"
        assert wrapped.refusal(bob, sy.deposit, bob, token, K, least) == ""
    for token, least in ((aid, paid), (vault, K)):
        assert wrapped.refusal(alice, sy.redeem, alice, K, token, least + 1, False) == "min out"
        assert wrapped.refusal(alice, sy.redeem, alice, K, token, least, False) == ""


def test_zero_amounts__are_refused(wrapped, sy, aid, vault, alice):
    for token in (aid, vault):
        assert wrapped.refusal(alice, sy.deposit, alice, token, 0, 0) == "zero amount"
        assert wrapped.refusal(alice, sy.redeem, alice, 0, token, 0, False) == "zero amount"


def test_stablecoins__are_refused_everywhere(wrapped, sy, usdc, alice):
    assert wrapped.refusal(alice, sy.deposit, alice, usdc, K, 0) == "wrong token"
    assert wrapped.refusal(alice, sy.redeem, alice, K, usdc, 0, False) == "wrong token"
    assert wrapped.refusal(alice, sy.previewDeposit, usdc, K) == "wrong token"
    assert wrapped.refusal(alice, sy.previewRedeem, usdc, K) == "wrong token"


def test_ether__is_refused(wrapped, sy, vault, alice):
    with reverts():
        sy.deposit(alice, vault, K, 0, sender=alice, value=1)


# the rate


def test_rate__is_the_exit_price(grown, sy):
    supply = 2 * EACH + SEED

    assert sy.exchangeRate() == price(supply + 20 * K // DAY * DAY, supply)
    # 1.05, but for what a slope in wei a second leaves
    assert abs(sy.exchangeRate() - 105 * WAD // 100) < 10**6


def test_rate__falls_with_a_loss_at_once(grown, sy):
    supply = 2 * EACH + SEED
    grown.impair(84 * K)

    assert sy.exchangeRate() == price(supply + 20 * K // DAY * DAY - 84 * K, supply)
    assert sy.exchangeRate() < 85 * WAD // 100


def test_donations__change_neither_rate_nor_shares(grown, sy, aid, vault, alice, bob, mallory):
    rate, supply = sy.exchangeRate(), sy.totalSupply()
    preview = sy.previewDeposit(aid, K)

    for token, target in ((aid, sy), (aid, vault), (vault, sy)):
        token.transfer(target, 10 * K, sender=bob)

    assert (sy.exchangeRate(), sy.totalSupply(), sy.previewDeposit(aid, K)) == (rate, supply, preview)
    # nor can anybody take them out
    assert vault.balanceOf(sy) == supply + 10 * K
    refusal = grown.refusal(mallory, sy.redeem, mallory, 1, vault, 0, True)
    assert refusal == "erc20: burn amount exceeds balance"
    tx = sy.deposit(bob, vault, K, 0, sender=bob)
    assert tx.return_value == K


# what others may stop


def test_vault_paused__stakes_no_aid__but_shares_go_in_and_out(
    wrapped, protocol, sy, aid, vault, guardian, alice
):
    vault.set_deposit_limits(vault.deposit_limits()[0], True, sender=guardian)

    assert wrapped.refusal(alice, sy.deposit, alice, aid, K, 0) == "deposits paused"
    assert wrapped.refusal(alice, sy.deposit, alice, vault, K, 0) == ""
    for token in (aid, vault):
        assert wrapped.refusal(alice, sy.redeem, alice, K, token, 0, False) == ""


def test_aid_paused__shares_go_in_and_out(wrapped, sy, aid, vault, guardian, alice):
    aid.pause(sender=guardian)

    assert wrapped.refusal(alice, sy.deposit, alice, aid, K, 0) == "paused"
    assert wrapped.refusal(alice, sy.redeem, alice, K, aid, 0, False) == "paused"
    assert wrapped.refusal(alice, sy.deposit, alice, vault, K, 0) == ""
    assert wrapped.refusal(alice, sy.redeem, alice, K, vault, 0, False) == ""


@pytest.mark.parametrize("by_hand", [True, False], ids=["its own", "what was sent here"])
def test_denied__cannot_redeem_even_to_another(wrapped, sy, vault, aid, compliance, alice, bob, by_hand):
    if not by_hand:
        sy.transfer(sy, K, sender=alice)
    aid.deny(alice, sender=compliance)

    for token in (aid, vault):
        assert wrapped.refusal(alice, sy.redeem, bob, K, token, 0, not by_hand) == "denied"


def test_denied__can_neither_send_nor_spend_nor_receive(
    wrapped, sy, vault, aid, compliance, alice, bob, mallory
):
    sy.transfer(mallory, K, sender=alice)
    for owner in (alice, mallory):
        for spender in (bob, mallory):
            sy.approve(spender, K, sender=owner)
    aid.deny(mallory, sender=compliance)

    assert wrapped.refusal(mallory, sy.transfer, bob, 1) == "denied"
    assert wrapped.refusal(alice, sy.transfer, mallory, 1) == "denied"
    assert wrapped.refusal(bob, sy.transferFrom, mallory, bob, 1) == "denied"
    assert wrapped.refusal(mallory, sy.transferFrom, alice, bob, 1) == "denied"
    assert wrapped.refusal(bob, sy.transferFrom, alice, mallory, 1) == "denied"
    assert wrapped.refusal(bob, sy.transferFrom, alice, bob, 1) == ""
    assert wrapped.refusal(alice, sy.deposit, mallory, vault, 1, 0) == "denied"
    assert wrapped.refusal(alice, sy.redeem, mallory, 1, vault, 0, False) == "denied"


def test_everybodys_shares__cannot_be_denied_together(stage, sy, aid, compliance):
    with reverts("cannot deny"):
        aid.deny(sy, sender=compliance)


# re-entrancy


@pytest.fixture
def hostile(project, mallory):
    """SY over a vault, a dollar and a pool that call back."""
    dollar = mallory.deploy(project.HostileVault, ZERO)
    vault = mallory.deploy(project.HostileVault, dollar)
    return mallory.deploy(project.StandardizedYield, vault, vault), vault, dollar


@pytest.mark.parametrize("inner", ["deposit", "redeem"])
@pytest.mark.parametrize("outer", ["deposit shares", "deposit AID", "redeem shares", "redeem AID"])
def test_re_entering__is_refused(hostile, mallory, outer, inner):
    sy, vault, dollar = hostile
    sy.deposit(mallory, vault, 10 * WAD, 0, sender=mallory)
    sy.transfer(sy, WAD, sender=mallory)
    payload = (
        sy.deposit.encode_input(mallory, vault, WAD, 0)
        if inner == "deposit"
        else sy.redeem.encode_input(mallory, WAD, vault, 0, True)
    )
    action, token = outer.split()
    token = vault if token == "shares" else dollar
    arguments = (mallory, token, WAD, 0) if action == "deposit" else (mallory, WAD, token, 0, False)
    vault.arm(sy, payload, sender=mallory)

    with reverts():
        getattr(sy, action)(*arguments, sender=mallory)

    # the same without the call back in, to anything else
    vault.arm(dollar, dollar.approve.encode_input(mallory, 0), sender=mallory)
    getattr(sy, action)(*arguments, sender=mallory)
    assert vault.called_back()


# the token


def test_permit__approves_by_signature(wrapped, sy, alice, bob):
    signed = sign_permit(sy, alice, bob, 5 * K, FOREVER)

    sy.permit(alice, bob, 5 * K, FOREVER, *signed, sender=bob)
    sy.transferFrom(alice, bob, 5 * K, sender=bob)

    assert sy.balanceOf(bob) == 5 * K
    assert (sy.allowance(alice, bob), sy.nonces(alice)) == (0, 1)


def test_supply__is_backed_share_by_share_through_everything(grown, sy, aid, vault, alice, bob):
    for who, token, amount in (
        (bob, aid, 3 * K + 1),
        (alice, vault, 7),
        (bob, vault, 2 * K),
        (alice, aid, 5),
    ):
        sy.deposit(who, token, amount, 0, sender=who)
        assert vault.balanceOf(sy) == sy.totalSupply()
    grown.impair(120 * K)
    for who, token, amount in ((alice, aid, 11 * K), (bob, vault, 1), (alice, vault, 13 * K), (bob, aid, K)):
        sy.redeem(who, amount, token, 0, False, sender=who)
        assert vault.balanceOf(sy) == sy.totalSupply()
    for who in (alice, bob):
        sy.redeem(who, sy.balanceOf(who), vault, 0, False, sender=who)
    assert vault.balanceOf(sy) == sy.totalSupply() == 0
