"""Lending, collecting, losses and harvests: who may, how much, and who bears it."""

import pytest
from ape import reverts

from .staking_model import DAY, VIRTUAL, WAD, div_up

K = 1_000 * WAD
GAIN_PERIOD = 7 * DAY


@pytest.fixture
def staked(stage, alice, bob):
    """alice has 60,000 shares and bob 40,000, at a price of 1, at the start of a cycle."""
    stage.next_cycle(3_600)
    stage.deposit(alice, 60 * K)
    stage.deposit(bob, 40 * K)
    return stage


@pytest.fixture
def lent(staked):
    """50,000 of the 100,000 are lent."""
    staked.fund(50 * K)
    return staked


@pytest.fixture
def as_portfolio(stage, accounts):
    """The mock book itself as a sender."""
    stage.chain.provider.set_balance(stage.portfolio.address, WAD)
    return accounts[stage.portfolio.address]


@pytest.fixture
def as_gateway(stage, accounts):
    """The Gateway itself as a sender."""
    stage.chain.provider.set_balance(stage.gateway.address, WAD)
    return accounts[stage.gateway.address]


def test_fund__moves_idle_aid_to_the_book__and_no_value(staked, vault, aid, dave):
    tx = staked.portfolio.fund(50 * K, 0, sender=dave)
    assert list(vault.Funded.from_receipt(tx)) == [vault.Funded(amount=50 * K)]
    assert aid.balanceOf(staked.portfolio) == 50 * K
    assert staked.summary()[:5] == (50 * K, 0, 100 * K, 100 * K, 100 * K)


def test_fund__to_the_reserve_floor__and_not_a_wei_more(staked, dave):
    assert staked.refusal(dave, staked.portfolio.fund, 70 * K + 1, 0) == "reserve floor"
    staked.portfolio.fund(70 * K, 0, sender=dave)


@pytest.mark.parametrize("after_window", [False, True], ids=["active", "upcoming"])
def test_fund__keeps_what_the_line_is_due_at_the_exit_price(staked, alice, dave, after_window):
    staked.fund(10 * K)
    staked.impair(5 * K)
    at = staked.start(staked.cycle) + 8 * DAY if after_window else None
    staked.request(alice, 33 * K + 1, at=at)
    pending = div_up((33 * K + 1) * (95 * K + VIRTUAL), 100 * K + VIRTUAL)
    free = 90 * K - pending - div_up(95 * K * 3, 10)
    assert staked.refusal(dave, staked.portfolio.fund, free + 1, 0) == "reserve floor"
    staked.portfolio.fund(free, 0, sender=dave)


def test_collect__principal__changes_no_value(lent, vault, dave):
    tx = lent.portfolio.pay_held(20 * K, 20 * K, 0, sender=dave)
    assert list(vault.Collected.from_receipt(tx)) == [vault.Collected(amount=20 * K, gain=0)]
    assert lent.summary()[:6] == (70 * K, 0, 100 * K, 100 * K, 100 * K, 0)


def test_collect__gain__vests(lent, vault, alice):
    t = lent.start(lent.cycle) + DAY
    lent.repay(alice, 27 * K, 20 * K, 7 * K, at=t)
    assert lent.summary()[:6] == (77 * K, 0, 100 * K, 100 * K, 100 * K, 7 * K)
    lent.go(t + 3 * DAY)
    assert lent.summary()[3:6] == (103 * K, 103 * K, 4 * K)


def test_collect__gain_above_amount__reverts(vault, as_portfolio):
    with reverts("gain above amount"):
        vault.collect(5, 6, sender=as_portfolio)


def test_collect__more_than_the_book_has__reverts(lent, vault, as_portfolio):
    with reverts("erc20: transfer amount exceeds balance"):
        vault.collect(50 * K + 1, 0, sender=as_portfolio)


def test_collect__beyond_112_bits_of_cash__reverts(lent, vault, aid, as_portfolio, as_gateway):
    aid.mint(lent.portfolio, 2**112, sender=as_gateway)
    with reverts("cash limit"):
        vault.collect(2**112 - 50 * K, 0, sender=as_portfolio)
    vault.collect(2**112 - 50 * K - 1, 0, sender=as_portfolio)
    assert vault.summary().idle == 2**112 - 1


def test_collect__without_holders__is_the_insurances(stage, vault, insurance, aid, alice):
    stage.repay(alice, 5 * K, 0, 2 * K)
    assert insurance.available() == aid.balanceOf(insurance) == 5 * K
    assert stage.summary()[:6] == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("shares", "insured"), [(WAD - 1, 2 * K), (WAD, 0)])
def test_collect__next_to_less_than_one_share__insures_the_gain_and_keeps_the_rest(
    stage, insurance, alice, bob, shares, insured
):
    stage.deposit(bob, shares)
    stage.repay(alice, 5 * K, 0, 2 * K)
    assert insurance.available() == insured
    assert stage.summary().idle == shares + 5 * K - insured
    assert stage.summary().unvested == 2 * K - insured


LOSSES = {
    # loss: borne by unvested profit, insurance, price
    1 * K: (1 * K, 0, 0),
    4 * K: (4 * K, 0, 0),
    5 * K: (4 * K, 1 * K, 0),
    7 * K: (4 * K, 3 * K, 0),
    20 * K: (4 * K, 3 * K, 13 * K),
    50 * K: (4 * K, 3 * K, 43 * K),
}


@pytest.mark.parametrize(("loss", "borne"), LOSSES.items())
def test_realise_loss__is_borne_in_order(lent, vault, insurance, alice, dave, loss, borne):
    lent.send(alice, insurance.contribute, 3 * K)
    t = lent.start(lent.cycle) + DAY
    lent.repay(alice, 7 * K, 0, 7 * K, at=t)
    lent.at(t + 3 * DAY)  # 4,000 of 7,000 are unvested
    tx = lent.portfolio.resolve(loss, 0, 0, 0, loss, sender=dave)
    from_vesting, from_insurance, from_nav = borne
    assert list(vault.LossRealised.from_receipt(tx)) == [
        vault.LossRealised(
            loss=loss, from_vesting=from_vesting, from_insurance=from_insurance, from_nav=from_nav
        )
    ]
    assert tuple(tx.return_value) == borne
    assert insurance.available() == 3 * K - from_insurance
    summary = lent.summary()
    assert summary.idle == 57 * K + from_insurance
    assert summary.unvested == 4 * K - from_vesting
    assert summary.exit_assets == 103 * K - from_nav


def test_realise_loss__without_holders__costs_the_insurance_nothing(
    stage, vault, insurance, alice, as_portfolio
):
    stage.send(alice, insurance.contribute, 3 * K)
    tx = vault.realise_loss(5 * K, sender=as_portfolio)
    assert tuple(tx.return_value) == (0, 0, 5 * K)
    assert insurance.available() == 3 * K


def test_resolution__of_a_marked_deal__moves_the_exit_price_only_by_what_the_buffers_bear(
    lent, alice, insurance
):
    lent.send(alice, insurance.contribute, 3 * K)
    lent.impair(30 * K)
    assert lent.summary().exit_assets == 70 * K
    lent.send(alice, lent.portfolio.default_and_resolve, 20 * K)
    # carried at 20,000 net and recovered at 20,000: the loss of 30,000 was in the price; insurance pays 3,000
    assert lent.summary()[:5] == (73 * K, 0, 100 * K, 73 * K, 73 * K)


def test_on_harvest__vests(staked, vault, aid, as_gateway):
    aid.mint(vault, 7 * K, sender=as_gateway)
    tx = vault.on_harvest(7 * K, sender=as_gateway)
    assert tx.events == [vault.Harvested(amount=7 * K)]
    t = staked.now
    assert staked.summary()[:6] == (107 * K, 0, 100 * K, 100 * K, 100 * K, 7 * K)
    staked.go(t + GAIN_PERIOD)
    assert staked.summary().exit_assets == 107 * K


def test_on_harvest__without_holders__is_the_insurances(vault, aid, insurance, as_gateway):
    aid.mint(vault, 7 * K, sender=as_gateway)
    vault.on_harvest(7 * K, sender=as_gateway)
    assert insurance.available() == aid.balanceOf(insurance) == 7 * K


@pytest.mark.parametrize("act", ["fund", "collect", "realise_loss"])
@pytest.mark.parametrize("caller", ["governor", "mallory"])
def test_seam__by_anyone_but_the_portfolio__reverts(lent, vault, people, act, caller):
    arguments = (1, 0) if act == "collect" else (1,)
    with reverts("not portfolio"):
        getattr(vault, act)(*arguments, sender=getattr(people, caller))


def test_on_harvest__by_anyone_but_the_gateway__reverts(vault, governor, as_portfolio):
    for caller in (governor, as_portfolio):
        with reverts("not gateway"):
            vault.on_harvest(1, sender=caller)


def test_seam__settles_before_it_reads(lent, vault, alice, dave):
    """A settlement that is due has its claim on idle AID before a deal has."""
    lent.request(alice, 50 * K)
    lent.next_cycle()
    assert lent.refusal(dave, lent.portfolio.fund, 1, 0) == "reserve floor"
    lent.repay_held(20 * K, 20 * K, 0)
    assert lent.summary()[:3] == (20 * K, 50 * K, 50 * K)
    assert lent.position(alice).claim_assets == 50 * K


def test_set_portfolio__replaces_an_empty_book(project, stage, vault, protocol, governor):
    successor = governor.deploy(project.Portfolio, vault, protocol.gateway)
    tx = vault.set_portfolio(successor, sender=governor)
    assert list(vault.PortfolioSet.from_receipt(tx)) == [vault.PortfolioSet(portfolio=successor)]
    assert vault.portfolio() == successor
    assert tuple(vault.deposit_limits()) == (10**9, False)


def test_set_portfolio__while_a_book_has_value__reverts(project, lent, vault, protocol, governor):
    successor = governor.deploy(project.Portfolio, vault, protocol.gateway)
    with reverts("book not empty"):
        vault.set_portfolio(successor, sender=governor)
    lent.repay_held(50 * K, 50 * K, 0)
    vault.set_portfolio(successor, sender=governor)


def test_set_portfolio__to_a_book_that_has_value__reverts(project, stage, vault, protocol, governor, dave):
    successor = governor.deploy(project.Portfolio, vault, protocol.gateway)
    stage.send(dave, successor.set_slope, 1)
    stage.at(stage.now + 60)
    with reverts("book not empty"):
        vault.set_portfolio(successor, sender=governor)


def test_set_portfolio__to_an_account_or_by_anyone_else__reverts(vault, stage, governor, guardian, alice):
    with reverts("no code"):
        vault.set_portfolio(alice, sender=governor)
    with reverts("not governor"):
        vault.set_portfolio(stage.portfolio, sender=guardian)
