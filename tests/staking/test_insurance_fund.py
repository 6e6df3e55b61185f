"""InsuranceFund: what comes in, and the one way out."""

import pytest
from ape import reverts

from .staking_model import DAY, VIRTUAL, WAD

K = 1_000 * WAD
ZERO = "0x" + "00" * 20


@pytest.fixture
def insured_fund(stage, insurance, alice):
    """The fund with 5,000 AID of alice's."""
    stage.send(alice, insurance.contribute, 5 * K)
    return insurance


def test_contribute__anyone__counts_and_takes(insurance, aid, alice, stage):
    before = aid.balanceOf(alice)
    tx = insurance.contribute(5 * K, sender=alice)
    assert insurance.Contributed(contributor=alice, amount=5 * K) in list(tx.events)
    assert insurance.available() == aid.balanceOf(insurance) == 5 * K
    assert before - aid.balanceOf(alice) == 5 * K


def test_contribute__nothing__reverts(insurance, alice):
    with reverts("zero amount"):
        insurance.contribute(0, sender=alice)


def test_contribute__without_allowance__reverts(insurance, mallory, stage):
    with reverts("erc20: insufficient allowance"):
        insurance.contribute(1, sender=mallory)


@pytest.mark.parametrize(("loss", "paid"), [(2 * K, 2 * K), (5 * K, 5 * K), (9 * K, 5 * K), (0, 0)])
def test_cover__as_far_as_the_fund_goes(insured_fund, accounts, aid, vault, chain, loss, paid):
    chain.provider.set_balance(vault.address, WAD)
    tx = insured_fund.cover(loss, sender=accounts[vault.address])
    assert tx.return_value == paid
    assert insured_fund.available() == aid.balanceOf(insured_fund) == 5 * K - paid
    assert aid.balanceOf(vault) == paid
    covered = [event for event in tx.events if event.event_name == "Covered"]
    assert covered == ([insured_fund.Covered(amount=paid, left=5 * K - paid)] if paid else [])


def test_cover__ignores_what_was_merely_sent(insured_fund, stage, accounts, chain, vault, alice):
    stage.donate(alice, 50 * K, to=insured_fund)
    chain.provider.set_balance(vault.address, WAD)
    assert insured_fund.cover(9 * K, sender=accounts[vault.address]).return_value == 5 * K


@pytest.mark.parametrize("caller", ["governor", "alice"])
def test_cover__by_anyone_but_the_vault__reverts(insured_fund, people, caller):
    with reverts("not vault"):
        insured_fund.cover(1, sender=getattr(people, caller))


def test_set_vault__once__names_the_vault(project, protocol, governor, vault):
    fund = governor.deploy(project.InsuranceFund, protocol.roles, protocol.aid)
    with reverts("zero address"):
        fund.set_vault(ZERO, sender=governor)
    tx = fund.set_vault(vault, sender=governor)
    assert tx.events == [fund.VaultSet(vault=vault)]
    assert fund.vault() == vault
    with reverts("vault set"):
        fund.set_vault(vault, sender=governor)


def test_set_vault__by_anyone_else__reverts(project, protocol, governor, guardian, vault):
    fund = governor.deploy(project.InsuranceFund, protocol.roles, protocol.aid)
    with reverts("not governor"):
        fund.set_vault(vault, sender=guardian)


def test_insurance__has_no_other_way_out(insurance):
    writes = {abi.name for abi in insurance.contract_type.mutable_methods}
    assert writes == {"contribute", "cover", "release", "set_vault"}


# after a wind-down


@pytest.fixture
def wound_down(insured_fund, stage, protocol, governor, alice, bob):
    """AID is wound down; alice has 60,000 shares and bob 40,000, 50,000 of them lent; 5,000 are insured."""
    stage.next_cycle(3_600)
    stage.deposit(alice, 60 * K)
    stage.deposit(bob, 40 * K)
    stage.fund(50 * K)
    stage.send(governor, protocol.configurator.start_wind_down)
    stage.go(protocol.configurator.wind_down_at() + 1)
    assert protocol.gateway.wound_down()
    return stage


def test_release__before_a_wind_down__reverts(insured_fund, mallory):
    with reverts("not wound down"):
        insured_fund.release(sender=mallory)


def test_release__while_a_deal_is_open__reverts(wound_down, insurance, mallory):
    with reverts("deals open"):
        insurance.release(sender=mallory)


def test_release__after_the_last_deal__is_the_stakers_to_the_wei(
    wound_down, insurance, vault, aid, mallory, alice
):
    """What was merely sent goes along; who is in has it all after seven days."""
    stage = wound_down
    stage.repay_held(50 * K, 50 * K, 0)
    stage.donate(alice, K, to=insurance)
    tx = insurance.release(sender=mallory)
    assert tx.return_value == 6 * K
    assert insurance.Released(amount=6 * K, burned=False) in list(tx.events)
    assert insurance.available() == aid.balanceOf(insurance) == 0
    assert (stage.summary().exit_assets, stage.summary().unvested) == (100 * K, 6 * K)
    stage.go(stage.now + 7 * DAY)
    assert stage.summary().exit_assets == 106 * K
    with reverts("nothing to release"):
        insurance.release(sender=mallory)
    # and what comes later goes the same way
    stage.send(alice, insurance.contribute, K)
    assert insurance.release(sender=mallory).return_value == K


def test_release__nobody_comes_for_it(wound_down, insurance, vault, mallory, carol):
    """A deposit before the release would take a part of what those who were insured are due."""
    assert vault.maxDeposit(carol) == vault.maxMint(carol) == 0
    for act in (vault.deposit, vault.mint):
        with reverts("wound down"):
            act(K, carol, sender=carol)


def test_release__where_all_have_left__is_burned(wound_down, insurance, vault, aid, mallory, alice, bob):
    """What remains when the last share leaves is burned too: it is then the holders' of AID."""
    stage = wound_down
    stage.repay_held(50 * K, 50 * K, 0)
    stage.next_cycle(60)
    stage.request(alice, 60 * K)
    stage.request(bob, 40 * K)
    stage.repay(alice, 3 * K, 0, 3 * K, at=stage.start(stage.cycle + 1) - DAY)
    stage.next_cycle()
    supply = aid.totalSupply()
    assert insurance.release(sender=mallory).return_value == 5 * K  # due settlements count, made or not
    stage.sync()
    left = insurance.available()
    assert left == pytest.approx(3 * K * 6 // 7, abs=VIRTUAL)
    assert insurance.release(sender=mallory).return_value == left
    assert aid.totalSupply() == supply - 5 * K - left
    stage.claim(alice)
    stage.claim(bob)
    assert aid.balanceOf(vault) <= VIRTUAL


def test_on_release__by_anyone_but_the_fund__reverts(vault, people):
    for caller in (people.governor, people.mallory):
        with reverts("not insurance"):
            vault.on_release(1, sender=caller)
