"""InsuranceFund: what comes in, and the one way out."""

import pytest
from ape import reverts

from .staking_model import WAD

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
    assert writes == {"contribute", "cover", "set_vault"}
