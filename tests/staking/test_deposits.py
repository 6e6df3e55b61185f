"""Deposits: prices, limits, reasons, events, and the ERC-4626 views."""

import pytest
from ape import reverts

from tests.support.permit import sign_permit

from .staking_model import DAY, VIRTUAL, WAD, StakingModel, div_up

K = 1_000 * WAD
ZERO = "0x" + "00" * 20
FOREVER = 2**256 - 1


@pytest.fixture
def priced(stage, alice, bob):
    """100,000 shares with 60,000 lent, 20,000 of it impaired, and 7,000 still vesting."""
    stage.next_cycle(3_600)
    stage.deposit(alice, 60 * K)
    stage.deposit(bob, 40 * K)
    stage.fund(60 * K)
    stage.impair(20 * K)
    stage.repay(bob, 7 * K, 0, 7 * K)
    return stage


@pytest.fixture
def model(priced):
    """The model of `priced`, as of its last second."""
    model = StakingModel(priced.start(0), idle=47 * K, supply=100 * K)
    model.sync(priced.now)
    model.book.gross, model.book.impairment, model.book.since = 60 * K, 20 * K, priced.now
    model.stream.top_up(priced.now, 7 * K, 7 * DAY)
    return model


def test_deposit__first__is_one_to_one(stage, vault, aid, alice, bob):
    tx = vault.deposit(5 * K + 1, bob, sender=alice)
    assert vault.Deposit(sender=alice, owner=bob, assets=5 * K + 1, shares=5 * K + 1) in list(tx.events)
    assert vault.Transfer(sender=ZERO, receiver=bob, value=5 * K + 1) in list(tx.events)
    assert vault.balanceOf(bob) == vault.totalSupply() == 5 * K + 1
    assert aid.balanceOf(vault) == stage.summary().idle == 5 * K + 1


def test_deposit__pays_the_price_before_impairment_rounded_down(priced, model, carol):
    t = priced.deposit(carol, 1_234 * WAD + 5)
    assert priced.shares(carol) == model.deposit(t, 1_234 * WAD + 5)
    # 100,000 shares carry 100,000 and what has vested: fewer shares than AID, by a little
    assert priced.shares(carol) <= 1_234 * WAD + 5
    summary = priced.summary()
    assert (summary.deposit_assets, summary.exit_assets) == (model.deposit_assets(t), model.exit_assets(t))


def test_mint__pays_the_price_before_impairment_rounded_up(priced, model, carol, bob):
    priced.at(t := priced.now + DAY)
    before = priced.balance(carol)
    tx = priced.vault.mint(1_234 * WAD + 5, bob, sender=carol)
    assets = model.mint(t, 1_234 * WAD + 5)
    assert tx.return_value == assets == before - priced.balance(carol)
    assert priced.vault.Deposit(sender=carol, owner=bob, assets=assets, shares=1_234 * WAD + 5) in list(
        tx.events
    )


def test_views__speak_of_the_exit_price__previews_of_the_deposit_price(priced, model):
    priced.go(t := priced.now + DAY)
    vault, supply = priced.vault, 100 * K + VIRTUAL
    exit_assets, deposit_assets = model.exit_assets(t), model.deposit_assets(t)
    assert (exit_assets, deposit_assets) == (81 * K, 107 * K)
    assert vault.totalAssets() == exit_assets
    for amount in (1, WAD + 7, 55 * K):
        assert vault.convertToShares(amount) == amount * supply // (exit_assets + VIRTUAL)
        assert vault.convertToAssets(amount) == amount * (exit_assets + VIRTUAL) // supply
        assert vault.previewDeposit(amount) == amount * supply // (deposit_assets + VIRTUAL)
        assert vault.previewMint(amount) == div_up(amount * (deposit_assets + VIRTUAL), supply)


@pytest.mark.parametrize("settled", [True, False], ids=["nothing due", "settlement due"])
def test_previews__are_exact_in_the_same_second(priced, alice, bob, settled):
    vault = priced.vault
    if not settled:
        priced.request(bob, 40 * K)
        priced.next_cycle(DAY)
    for amount in (1_000, WAD + 7, 55 * K):
        assert vault.deposit.call(amount, alice, sender=alice) == vault.previewDeposit(amount) > 0
        assert vault.mint.call(amount, alice, sender=alice) == vault.previewMint(amount) >= amount * 99 // 100


def test_deposit__then_mint_of_the_same__never_costs_less(priced, alice):
    vault = priced.vault
    for amount in (10**6 + 1, 17 * WAD + 3):
        assert vault.previewMint(vault.previewDeposit(amount)) <= amount
        assert vault.previewDeposit(vault.previewMint(amount)) >= amount


@pytest.mark.parametrize(
    ("call", "reason"),
    {
        "deposit late": (lambda v, a: v.deposit(WAD, a, 0, 1, sender=a), "deadline passed"),
        "mint late": (lambda v, a: v.mint(WAD, a, FOREVER, 1, sender=a), "deadline passed"),
        "deposit below minimum": (lambda v, a: v.deposit(WAD, a, WAD + 1, sender=a), "min out"),
        "mint above maximum": (lambda v, a: v.mint(WAD, a, WAD - 1, sender=a), "max in"),
        "deposit of nothing": (lambda v, a: v.deposit(0, a, sender=a), "zero shares"),
        "mint of nothing": (lambda v, a: v.mint(0, a, sender=a), "zero shares"),
        "to nobody": (lambda v, a: v.deposit(WAD, ZERO, sender=a), "erc20: mint to the zero address"),
        "beyond the balance": (
            lambda v, a: v.deposit(900 * K, a, sender=a),
            "erc20: transfer amount exceeds balance",
        ),
    }.values(),
)
def test_deposit_or_mint__refused(stage, vault, alice, call, reason):
    with reverts(reason):
        call(vault, alice)


@pytest.mark.parametrize("act", ["deposit", "mint"])
def test_deposit_or_mint__on_the_deadline__is_accepted(stage, vault, alice, act):
    stage.at(deadline := stage.now + 60)
    limit = WAD
    getattr(vault, act)(WAD, alice, limit, deadline, sender=alice)
    assert vault.balanceOf(alice) == WAD


def test_deposit__without_allowance__reverts(stage, vault, aid, mallory, alice):
    stage.donate(alice, WAD, to=mallory)
    with reverts("erc20: insufficient allowance"):
        vault.deposit(WAD, mallory, sender=mallory)


def test_deposit__paused__reverts(vault, guardian, alice):
    vault.set_deposit_limits(1_000, True, sender=guardian)
    assert (vault.maxDeposit(alice), vault.maxMint(alice)) == (0, 0)
    for act in (vault.deposit, vault.mint):
        with reverts("deposits paused"):
            act(WAD, alice, sender=alice)


def test_deposit__to_the_cap__and_not_a_wei_more(stage, vault, guardian, alice, bob):
    vault.set_deposit_limits(1_000, False, sender=guardian)
    stage.deposit(bob, 400 * WAD)
    assert vault.maxDeposit(alice) == vault.maxMint(alice) == 600 * WAD
    with reverts("deposit cap"):
        vault.deposit(600 * WAD + 1, alice, sender=alice)
    vault.deposit(600 * WAD, alice, sender=alice)
    assert vault.maxDeposit(alice) == 0


@pytest.mark.parametrize("denied", ["alice", "bob"])
def test_deposit__by_or_for_a_denied_account__reverts(vault, aid, compliance, people, denied):
    aid.deny(getattr(people, denied), sender=compliance)
    with reverts("denied"):
        vault.deposit(WAD, people.bob, sender=people.alice)
    assert vault.maxDeposit(getattr(people, denied)) == vault.maxMint(getattr(people, denied)) == 0


def test_deposit__while_aid_is_paused__reverts_and_max_says_so(vault, aid, guardian, alice):
    aid.pause(sender=guardian)
    assert vault.maxDeposit(alice) == vault.maxMint(alice) == 0
    with reverts("paused"):
        vault.deposit(WAD, alice, sender=alice)


def test_deposit__into_a_worthless_vault__reverts_until_something_is_recovered(stage, vault, alice, mallory):
    stage.next_cycle(3_600)
    stage.deposit(alice, 100 * K)
    stage.fund(70 * K)
    stage.request(alice, 100 * K)
    stage.next_cycle(3_600)
    stage.send(mallory, stage.portfolio.default_and_resolve, 0)
    assert vault.maxDeposit(alice) == vault.maxMint(alice) == 0
    with reverts("vault impaired"):
        vault.deposit(WAD, alice, sender=alice)
    # 70,000 shares: a millionth of an AID each, less the virtual assets
    stage.repay(alice, 70 * WAD // 1_000 - VIRTUAL - 1, 0, 0)
    assert vault.maxDeposit(alice) == 0
    stage.repay(alice, 1, 0, 0)
    assert vault.maxDeposit(alice) > 0
    stage.deposit(alice, WAD)
    assert stage.summary().supply - 70 * K == WAD * (70 * K + VIRTUAL) // (70 * WAD // 1_000)


def test_deposit__while_impairment_exceeds_half_of_deposit_assets__reverts(stage, vault, alice, bob):
    stage.next_cycle(3_600)
    stage.deposit(alice, 100 * K)
    stage.fund(70 * K)
    stage.impair(50 * K + 1)
    assert vault.maxDeposit(bob) == vault.maxMint(bob) == 0
    for act in (vault.deposit, vault.mint):
        with reverts("vault impaired"):
            act(WAD, bob, sender=bob)

    stage.impair(50 * K)
    stage.deposit(bob, K)

    # a share costs 1 and is worth 1 - 50/101
    assert stage.worth(stage.shares(bob)) == K * (51 * K + VIRTUAL) // (101 * K + VIRTUAL)


def test_max_deposit__too_little_for_a_share_wei__is_zero(stage, vault, guardian, alice, bob):
    """A share costs two AID, and the cap leaves room for one wei."""
    stage.deposit(alice, 500 * WAD)
    stage.repay(alice, 500 * WAD, 0, 500 * WAD)
    stage.go(stage.now + 7 * DAY)
    vault.set_deposit_limits(1_001, False, sender=guardian)
    stage.deposit(bob, WAD - 1)
    assert stage.summary().deposit_assets == 1_001 * WAD - 1

    assert vault.maxDeposit(bob) == vault.maxMint(bob) == vault.previewDeposit(1) == 0
    with reverts("zero shares"):
        vault.deposit(1, bob, sender=bob)


def test_deposit__beyond_104_bits_of_shares__reverts(stage, vault, gateway, aid, governor, alice, accounts):
    vault.set_deposit_limits(2**48 - 1, False, sender=governor)
    stage.chain.provider.set_balance(gateway.address, WAD)
    aid.mint(alice, 2**104, sender=accounts[gateway.address])
    assert vault.maxDeposit(alice) == vault.maxMint(alice) == 2**104 - 1
    with reverts("share limit"):
        vault.deposit(2**104, alice, sender=alice)
    stage.deposit(alice, 2**104 - 1)
    # and all of it can leave
    stage.request(alice, 2**104 - 1)
    stage.next_cycle()
    stage.claim(alice)
    assert stage.summary()[:3] == (0, 0, 0)


# permits


@pytest.mark.parametrize("front_run", [False, True])
def test_deposit_with_permit__works_even_if_the_permit_was_submitted_before(
    stage, vault, aid, alice, mallory, chain, front_run
):
    stage.donate(alice, 5 * K, to=mallory)
    deadline = stage.now + DAY
    v, r, s = sign_permit(aid, mallory, vault, 5 * K, deadline)
    if front_run:
        aid.permit(mallory, vault, 5 * K, deadline, v, r, s, sender=alice)
    vault.deposit_with_permit(5 * K, mallory, 5 * K, deadline, v, r, s, sender=mallory)
    assert vault.balanceOf(mallory) == 5 * K
    assert aid.allowance(mallory, vault) == 0


def test_deposit_with_permit__of_somebody_else__does_not_spend_his_aid(
    stage, vault, aid, alice, mallory, chain
):
    deadline = stage.now + DAY
    v, r, s = sign_permit(aid, alice, vault, 5 * K, deadline)
    with reverts("erc20: insufficient allowance"):
        vault.deposit_with_permit(5 * K, mallory, 0, deadline, v, r, s, sender=mallory)


@pytest.mark.parametrize(("least", "late", "reason"), [(WAD + 1, 0, "min out"), (0, DAY, "deadline passed")])
def test_deposit_with_permit__refused(stage, vault, alice, least, late, reason):
    with reverts(reason):
        vault.deposit_with_permit(
            WAD, alice, least, stage.now + 60 - late, 27, b"\1" * 32, b"\1" * 32, sender=alice
        )


# shares are an ERC-20


def test_transfer__moves_shares_and_checks_the_deny_list(stage, vault, aid, compliance, alice, bob, carol):
    stage.deposit(alice, 5 * K)
    tx = vault.transfer(bob, K, sender=alice)
    assert tx.events == [vault.Transfer(sender=alice, receiver=bob, value=K)]
    vault.approve(bob, 2 * K, sender=alice)
    vault.transferFrom(alice, carol, 2 * K, sender=bob)
    assert [stage.shares(who) for who in (alice, bob, carol)] == [2 * K, K, 2 * K]
    with reverts("erc20: insufficient allowance"):
        vault.transferFrom(alice, carol, 1, sender=bob)
    aid.deny(bob, sender=compliance)
    for sender, act, arguments in (
        (alice, vault.transfer, (bob,)),
        (bob, vault.transfer, (alice,)),
        (bob, vault.transferFrom, (alice, carol)),
        (carol, vault.transferFrom, (bob, alice)),
        (carol, vault.transferFrom, (alice, bob)),
    ):
        with reverts("denied"):
            act(*arguments, 0, sender=sender)


def test_shares__never_go_to_the_vault_itself(stage, vault, alice, bob):
    stage.next_cycle(3_600)
    stage.deposit(alice, 5 * K)
    stage.request(alice, K)
    vault.approve(bob, K, sender=alice)
    for sender, act, arguments in (
        (alice, vault.transfer, (vault, 1)),
        (bob, vault.transferFrom, (alice, vault, 1)),
        (alice, vault.deposit, (WAD, vault)),
        (alice, vault.mint, (WAD, vault)),
        (alice, vault.cancel_request, (alice, vault)),
    ):
        with reverts("receiver is vault"):
            act(*arguments, sender=sender)
    assert vault.maxDeposit(vault) == vault.maxMint(vault) == 0
    assert stage.shares(vault) == K == stage.summary().active


def test_share_token__is_named_and_belongs_to_nobody(vault, aid, governor):
    assert (vault.name(), vault.symbol(), vault.decimals()) == ("Staked AID", "sAID", 18)
    assert vault.asset() == aid
    writes = {abi.name for abi in vault.contract_type.mutable_methods}
    assert writes.isdisjoint({"burn", "burn_from", "set_minter", "transfer_ownership", "renounce_ownership"})
