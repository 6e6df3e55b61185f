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
    assert list(vault.Collected.from_receipt(tx)) == [vault.Collected(amount=20 * K, gain=0, release=0)]
    assert lent.summary()[:6] == (70 * K, 0, 100 * K, 100 * K, 100 * K, 0)


def test_collect__gain__vests(lent, vault, alice):
    t = lent.start(lent.cycle) + DAY
    lent.repay(alice, 27 * K, 20 * K, 7 * K, at=t)
    assert lent.summary()[:6] == (77 * K, 0, 100 * K, 107 * K, 100 * K, 7 * K)
    lent.go(t + 3 * DAY)
    assert lent.summary()[3:6] == (107 * K, 103 * K, 4 * K)


def test_collect__gain_above_amount__reverts(vault, as_portfolio):
    with reverts("gain above amount"):
        vault.collect(5, 6, 0, 0, sender=as_portfolio)


def test_collect__more_than_the_book_has__reverts(lent, vault, as_portfolio):
    with reverts("erc20: transfer amount exceeds balance"):
        vault.collect(50 * K + 1, 0, 0, 0, sender=as_portfolio)


def test_collect__beyond_112_bits_of_cash__reverts(lent, vault, aid, as_portfolio, as_gateway):
    aid.mint(lent.portfolio, 2**112, sender=as_gateway)
    with reverts("cash limit"):
        vault.collect(2**112 - 50 * K, 0, 0, 0, sender=as_portfolio)
    vault.collect(2**112 - 50 * K - 1, 0, 0, 0, sender=as_portfolio)
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
    borne = from_vesting, 0, from_insurance, from_nav
    assert list(vault.LossRealised.from_receipt(tx)) == [
        vault.LossRealised(
            loss=loss,
            from_vesting=from_vesting,
            from_release=0,
            from_insurance=from_insurance,
            from_nav=from_nav,
            release=0,
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
    tx = vault.realise_loss(5 * K, 0, 0, sender=as_portfolio)
    assert tuple(tx.return_value) == (0, 0, 0, 5 * K)
    assert insurance.available() == 3 * K


@pytest.mark.parametrize(("shares", "covered"), [(WAD - 1, 0), (WAD, 3 * K)])
def test_realise_loss__next_to_less_than_one_share__costs_the_insurance_nothing(
    stage, vault, insurance, alice, bob, as_portfolio, shares, covered
):
    stage.send(alice, insurance.contribute, 3 * K)
    stage.deposit(bob, shares)
    tx = vault.realise_loss(5 * K, 0, 0, sender=as_portfolio)
    assert tuple(tx.return_value) == (0, 0, covered, 5 * K - covered)
    assert insurance.available() == 3 * K - covered


def test_resolution__of_a_marked_deal__moves_the_exit_price_by_nothing(lent, alice, insurance):
    lent.send(alice, insurance.contribute, 3 * K)
    lent.impair(30 * K)
    assert lent.summary().exit_assets == 70 * K
    lent.send(alice, lent.portfolio.default_and_resolve, 20 * K)
    # carried at 20,000 net and recovered at 20,000: the loss of 30,000 was in the price; what insurance pays,
    # 3,000, comes into the exit price over ten days
    t = lent.now
    assert lent.summary()[:5] == (73 * K, 0, 100 * K, 73 * K, 70 * K)
    assert lent.summary().releasing == 3 * K
    lent.go(t + 4 * DAY)
    assert lent.summary().exit_assets == 71_200 * WAD
    lent.go(t + 10 * DAY)
    assert lent.summary()[3:5] == (73 * K, 73 * K)


def test_resolution__above_the_mark__is_released_not_earned(lent, alice):
    """Carried at 50,000, marked to 20,000, recovered at 45,000: 25,000 come back over ten days."""
    lent.impair(30 * K)
    lent.send(alice, lent.portfolio.default_and_resolve, 45 * K)
    t = lent.now
    assert lent.summary()[:6] == (95 * K, 0, 100 * K, 95 * K, 70 * K, 0)
    assert lent.summary().releasing == 25 * K
    lent.go(t + 5 * DAY)
    assert lent.summary().exit_assets == 82_500 * WAD


def test_collect__release__vests_over_its_own_period(lent, vault, alice):
    lent.impair(40 * K)
    t = lent.start(lent.cycle) + DAY
    lent.send(alice, lent.portfolio.pay_releasing, 10 * K, 10 * K, 0, 40 * K, 10 * DAY, at=t)
    assert lent.summary()[:6] == (60 * K, 0, 100 * K, 100 * K, 60 * K, 0)
    assert lent.summary().releasing == 40 * K
    lent.go(t + 4 * DAY)
    assert lent.summary().exit_assets == 84 * K - 8 * K
    lent.go(t + 10 * DAY)
    assert lent.summary()[3:5] == (100 * K, 100 * K)


def test_collect__release_without_holders__is_forgotten(stage, insurance, alice):
    stage.fund(0)
    stage.impair(0)
    stage.send(alice, stage.portfolio.pay_releasing, 5 * K, 0, 0, 0, DAY)
    assert insurance.available() == 5 * K
    assert stage.summary().releasing == 0


LOSSES_OF_A_MARKED_DEAL = {
    # loss, impaired, unvested, releasing, insured: borne by profit, releases, insurance, price; released
    (10, 10, 4, 5, 0): (4, 0, 0, 6, 4),
    (10, 10, 0, 5, 3): (0, 0, 3, 7, 3),
    (10, 4, 4, 5, 3): (4, 2, 3, 1, 3),
    (10, 0, 4, 5, 3): (4, 5, 1, 0, 0),
    (10, 8, 1, 5, 0): (1, 1, 0, 8, 0),
    (10, 12, 4, 5, 10): (4, 0, 6, 0, 10),
}


@pytest.mark.parametrize(("given", "borne"), LOSSES_OF_A_MARKED_DEAL.items())
def test_realise_loss__of_what_was_impaired__lifts_no_exit_price_at_once(
    staked, vault, insurance, alice, dave, given, borne
):
    """The price falls by what was not impaired and is not covered, and by nothing else."""
    loss, impaired, unvested, releasing, insured = (part * K for part in given)
    staked.fund(20 * K)
    if insured:
        staked.send(alice, insurance.contribute, insured)
    staked.impair(impaired + releasing)
    staked.send(alice, staked.portfolio.pay_releasing, unvested, 0, unvested, releasing, 10 * DAY)
    released = staked.summary().releasing
    before, t = staked.summary().exit_assets, staked.now
    tx = staked.portfolio.resolve(loss, min(impaired, loss), 0, 0, loss, sender=dave)
    after = staked.summary()
    passed = 10 * K * (staked.now - t) // DAY  # more than vests in that time
    profit, releases, insurance_paid, nav, lifted = (part * K for part in borne)
    got = tx.return_value
    assert [got[0], got[1], got[2], got[3]] == pytest.approx(
        [profit, releases, insurance_paid, nav], abs=passed
    )
    assert after.releasing == pytest.approx(released - releases + lifted, abs=passed)
    sudden = max(0, loss - impaired)
    uncovered = max(0, sudden - profit - releases - insurance_paid)
    assert after.exit_assets == pytest.approx(before - uncovered, abs=passed)


def test_recover__pays_the_insurance_first__and_vests_from_the_cycles_end(staked, vault, insurance, alice):
    end = staked.start(staked.cycle + 1)
    tx = staked.portfolio.recover(47 * K, 10 * K, sender=alice)
    assert list(vault.Recovered.from_receipt(tx)) == [vault.Recovered(amount=47 * K, insured=10 * K)]
    assert insurance.available() == 10 * K
    assert staked.summary()[:6] == (137 * K, 0, 100 * K, 137 * K, 100 * K, 0)
    staked.go(end)
    assert staked.summary().exit_assets == 100 * K
    staked.go(end + 10 * DAY)
    assert staked.summary().exit_assets == 110 * K
    staked.go(end + 37 * DAY)
    assert staked.summary().exit_assets == 137 * K


def test_recover__who_is_in_line__gets_none_of_it(staked, alice, bob):
    staked.request(bob, 40 * K)
    staked.send(alice, staked.portfolio.recover, 37 * K, 0)
    staked.next_cycle()
    assert staked.position(bob).claim_assets == 40 * K
    staked.go(staked.start(staked.cycle) + 37 * DAY)
    assert staked.summary().exit_assets == 97 * K


def test_recover__in_two_cycles__keeps_what_already_vests(staked, alice):
    first = staked.start(staked.cycle + 1)
    staked.send(alice, staked.portfolio.recover, 37 * K, 0)
    staked.send(alice, staked.portfolio.recover, 37 * K, 0)
    assert staked.summary().releasing == 74 * K
    staked.send(alice, staked.portfolio.recover, 37 * K, 0, at=first + 17 * DAY)
    assert staked.summary().releasing == (2 * 20 + 37) * K
    staked.go(first + 30 * DAY)
    assert staked.summary().releasing == (2 * 7 + 37) * K
    staked.go(first + 67 * DAY)
    assert staked.summary().releasing == 0


@pytest.mark.parametrize("shares", [0, WAD - 1])
def test_recover__with_less_than_one_share_in__is_the_insurances(stage, insurance, alice, bob, shares):
    if shares:
        stage.deposit(bob, shares)
    stage.send(alice, stage.portfolio.recover, 5 * K, K)
    assert insurance.available() == 5 * K
    assert stage.summary().idle == shares


def test_recover__more_insured_than_comes__reverts(vault, as_portfolio):
    with reverts("insured above amount"):
        vault.recover(5, 6, sender=as_portfolio)


def test_on_harvest__vests(staked, vault, aid, as_gateway):
    aid.mint(vault, 7 * K, sender=as_gateway)
    tx = vault.on_harvest(7 * K, sender=as_gateway)
    assert tx.events == [vault.Harvested(amount=7 * K)]
    t = staked.now
    assert staked.summary()[:6] == (107 * K, 0, 100 * K, 107 * K, 100 * K, 7 * K)
    staked.go(t + GAIN_PERIOD)
    assert staked.summary().exit_assets == 107 * K


def test_on_harvest__without_holders__is_the_insurances(vault, aid, insurance, as_gateway):
    aid.mint(vault, 7 * K, sender=as_gateway)
    vault.on_harvest(7 * K, sender=as_gateway)
    assert insurance.available() == aid.balanceOf(insurance) == 7 * K


@pytest.mark.parametrize("act", ["fund", "collect", "realise_loss", "recover"])
@pytest.mark.parametrize("caller", ["governor", "mallory"])
def test_seam__by_anyone_but_the_portfolio__reverts(lent, vault, people, act, caller):
    arguments = {"fund": (1,), "collect": (1, 0, 0, 0), "realise_loss": (1, 0, 0), "recover": (1, 0)}[act]
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
