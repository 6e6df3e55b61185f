"""What every lending market promises where somebody owes, through the interface alone."""

from fractions import Fraction
from math import exp

import pytest

from integrations.protocol import RevertedError
from tests.conftest import DAY, MILLION, WAD
from tests.venues.lending_implementations import USD, both

#: 1 / (1 − 0.3·(1 − 0.86))
INCENTIVE = 1 / (1 - 0.3 * 0.14)


@pytest.fixture(scope="module")
def indebted(lending):
    """A million USDC lent; 100,000 sAID pledged, worth 105,000 dollars; 90,000 of a limit of 90,300 owed."""
    lending.venue.supply(lending.lender, MILLION * USD)
    lending.venue.supply_collateral(lending.borrower, 100_000 * WAD)
    lending.venue.borrow(lending.borrower, 90_000 * USD)
    return lending


def test_withdraw__of_what_is_lent_out__is_refused(indebted):
    with pytest.raises(RevertedError, match="insufficient liquidity"):
        indebted.venue.withdraw(indebted.lender, 910_001 * USD)
    fill = indebted.venue.withdraw(indebted.lender, 910_000 * USD)
    assert fill.received == {"USDC": 910_000 * USD}


def test_interest__is_what_was_predicted(indebted):
    venue = indebted.venue
    later = indebted.now() + 30 * DAY
    promised, position = venue.view(later), venue.position(indebted.borrower, later)
    rate = promised.borrow_rate
    # 9 % used: 32.5 % of the rate at target, which sinks from 4 % by e^-3.7; averaged over three points
    sinks = [exp(-50 * 0.9 * 30 / 365 * part) for part in (0, 0.5, 1)]
    average = 0.04 * 0.325 * (sinks[0] + 2 * sinks[1] + sinks[2]) / 4
    assert promised.borrow_apr / WAD == pytest.approx(average, rel=0.005)
    grown = 90_000 * exp(rate * 30 * DAY / WAD)
    assert promised.owed / USD == pytest.approx(grown, rel=1e-8)
    assert promised.supplied - MILLION * USD == promised.owed - 90_000 * USD
    indebted.schedule(later)
    venue.accrue(indebted.lender)
    assert indebted.now() == later
    now = venue.view(later)
    assert (now.supplied, now.owed) == (promised.supplied, promised.owed)
    assert venue.position(indebted.borrower, later).debt == position.debt


def test_repay__by_shares_after_months__leaves_no_debt_and_no_allowance(indebted):
    venue, borrower = indebted.venue, indebted.borrower
    indebted.travel(90 * DAY)
    shares = venue.position(borrower).debt_shares
    before = indebted.balance(borrower, "USDC")
    fill = venue.repay(borrower, shares=shares)
    assert 90_000 * USD < fill.given["USDC"] < 91_000 * USD
    assert before - indebted.balance(borrower, "USDC") == fill.given["USDC"]
    assert fill.shares == -shares
    position = venue.position(borrower)
    assert (position.debt, position.debt_shares) == (0, 0)
    back = venue.withdraw_collateral(borrower, 100_000 * WAD)
    assert back.received == {"sAID": 100_000 * WAD}
    # what the borrower has paid is the lender's
    paid = venue.withdraw(indebted.lender, shares=venue.position(indebted.lender).supply_shares)
    assert abs(paid.received["USDC"] - MILLION * USD - (fill.given["USDC"] - 90_000 * USD)) <= 2


def test_repay__of_an_amount__lowers_the_debt_by_it(indebted):
    venue, borrower = indebted.venue, indebted.borrower
    before = venue.position(borrower).debt
    fill = venue.repay(borrower, 40_000 * USD)
    assert fill.given == {"USDC": 40_000 * USD}
    at = indebted.now()
    assert abs(before - venue.position(borrower, at).debt - 40_000 * USD) < USD // 100


def test_repay__for_somebody_else__needs_no_authorisation(indebted):
    venue = indebted.venue
    fill = venue.repay(indebted.liquidator, 40_000 * USD, owner=indebted.borrower)
    assert fill.given == {"USDC": 40_000 * USD}
    assert venue.position(indebted.borrower).debt < 50_001 * USD
    assert venue.position(indebted.liquidator).debt == 0


def test_withdraw_collateral__that_covers_the_debt__is_refused(indebted):
    before = both(indebted, indebted.borrower)
    with pytest.raises(RevertedError, match="insufficient collateral"):
        indebted.venue.withdraw_collateral(indebted.borrower, 1_000 * WAD)
    assert both(indebted, indebted.borrower) == before


@pytest.mark.parametrize("act", ["withdraw", "borrow", "withdraw_collateral"])
def test_taking_from_another__without_his_word__is_refused(indebted, act):
    owner = indebted.lender if act == "withdraw" else indebted.borrower
    with pytest.raises(RevertedError, match="unauthorized"):
        getattr(indebted.venue, act)(indebted.liquidator, 10, owner=owner)


def test_authorise__lets_an_operator_act_until_it_is_taken_back(indebted):
    venue, owner, operator = indebted.venue, indebted.borrower, indebted.liquidator
    assert not venue.is_authorised(owner, operator)
    venue.authorise(owner, operator)
    assert venue.is_authorised(owner, operator)
    fill = venue.borrow(operator, 100 * USD, owner=owner)
    assert fill.received == {"USDC": 100 * USD}
    assert venue.position(owner).debt >= 90_100 * USD
    assert venue.position(operator).debt == 0
    venue.authorise(owner, operator, False)
    with pytest.raises(RevertedError, match="unauthorized"):
        venue.borrow(operator, 100 * USD, owner=owner)


def test_liquidation__of_a_healthy_position__is_refused(indebted):
    with pytest.raises(RevertedError, match="position is healthy"):
        indebted.venue.quote_liquidation(indebted.borrower)


def test_liquidation__of_all_debt__pays_the_incentive(indebted):
    venue, borrower, liquidator = indebted.venue, indebted.borrower, indebted.liquidator
    indebted.set_price(1.0)
    quote = venue.quote_liquidation(borrower)
    assert quote.by_shares
    assert quote.repaid / USD == pytest.approx(90_000, rel=1e-6)
    assert quote.seized / WAD == pytest.approx(90_000 * INCENTIVE, rel=1e-6)
    assert quote.bad_debt == 0
    before = both(indebted, liquidator)
    fill = venue.liquidate(liquidator, quote)
    after = both(indebted, liquidator)
    # seconds of interest apart
    assert 0 <= fill.given["USDC"] - quote.repaid <= USD // 100
    assert fill.received["sAID"] == pytest.approx(quote.seized, rel=1e-9)
    assert before["USDC"] - after["USDC"] == fill.given["USDC"]
    position = venue.position(borrower)
    assert (position.debt, position.collateral) == (0, 100_000 * WAD - fill.received["sAID"])


def test_liquidation__of_a_part__seizes_exactly_what_was_asked_for(indebted):
    venue, borrower = indebted.venue, indebted.borrower
    indebted.set_price(1.0)
    before = venue.position(borrower)
    quote = venue.quote_liquidation(borrower, 10_000 * WAD)
    fill = venue.liquidate(indebted.liquidator, quote)
    assert fill.received == {"sAID": 10_000 * WAD}
    assert quote.repaid == pytest.approx(10_000 / INCENTIVE * USD, rel=1e-6)
    # a unit more where a second's interest has moved the shares' price
    assert abs(fill.given["USDC"] - quote.repaid) <= 2
    after = venue.position(borrower)
    assert after.collateral == 90_000 * WAD
    assert before.debt - after.debt == pytest.approx(quote.repaid, abs=USD // 100)
    assert after.health > before.health


def test_liquidation__by_debt_shares__takes_the_collateral_that_they_are_worth(indebted):
    venue, borrower = indebted.venue, indebted.borrower
    indebted.set_price(1.0)
    shares = venue.position(borrower).debt_shares // 2
    quote = venue.quote_liquidation(borrower, shares=shares)
    fill = venue.liquidate(indebted.liquidator, quote)
    assert fill.shares == -shares
    assert fill.received["sAID"] / WAD == pytest.approx(45_000 * INCENTIVE, rel=1e-6)


def test_liquidation__under_water__leaves_the_loss_with_the_suppliers(indebted):
    venue, borrower = indebted.venue, indebted.borrower
    indebted.set_price(0.8)
    supplied = venue.view().supplied
    quote = venue.quote_liquidation(borrower)
    assert not quote.by_shares
    assert quote.seized == 100_000 * WAD
    assert quote.repaid / USD == pytest.approx(80_000 / INCENTIVE, rel=1e-6)
    lost = 90_000 - 80_000 / INCENTIVE
    assert quote.bad_debt / USD == pytest.approx(lost, rel=1e-6)
    venue.liquidate(indebted.liquidator, quote)
    assert (supplied - venue.view().supplied) / USD == pytest.approx(lost, rel=1e-4)
    position = venue.position(borrower)
    assert (position.debt, position.debt_shares, position.collateral) == (0, 0, 0)
    # the lender alone supplied
    assert venue.position(indebted.lender).supplied / USD == pytest.approx(MILLION - lost, rel=1e-6)


def test_liquidation__that_has_become_worse__is_refused(indebted):
    venue, borrower, liquidator = indebted.venue, indebted.borrower, indebted.liquidator
    indebted.set_price(1.0)
    part = venue.quote_liquidation(borrower, 10_000 * WAD)
    half = venue.quote_liquidation(borrower, shares=venue.position(borrower).debt_shares // 2)
    before = both(indebted, liquidator)
    # dearer collateral costs more to seize, and brings less for the same debt
    indebted.set_price(1.02)
    with pytest.raises(RevertedError, match="max in"):
        venue.liquidate(liquidator, part, slippage_bps=150)
    with pytest.raises(RevertedError, match="min out"):
        venue.liquidate(liquidator, half, slippage_bps=150)
    assert both(indebted, liquidator) == before
    assert venue.liquidate(liquidator, part, slippage_bps=250).received == {"sAID": 10_000 * WAD}


def test_any_action__after_its_deadline__is_refused(indebted):
    venue, past = indebted.venue, indebted.now() - 60
    indebted.set_price(1.0)
    quote = venue.quote_liquidation(indebted.borrower, WAD)
    before = both(indebted, indebted.lender)
    for act in (
        lambda: venue.supply(indebted.lender, 1, deadline=past),
        lambda: venue.withdraw(indebted.lender, 1, deadline=past),
        lambda: venue.supply_collateral(indebted.lender, 1, deadline=past),
        lambda: venue.withdraw_collateral(indebted.borrower, 1, deadline=past),
        lambda: venue.borrow(indebted.borrower, 1, deadline=past),
        lambda: venue.repay(indebted.borrower, 1, deadline=past),
        lambda: venue.liquidate(indebted.lender, quote, deadline=past),
    ):
        with pytest.raises(RevertedError, match="deadline passed"):
            act()
    assert both(indebted, indebted.lender) == before


def test_nothing__or_both_amounts__is_refused(indebted):
    venue = indebted.venue
    for act, account in (
        (venue.supply, indebted.lender),
        (venue.withdraw, indebted.lender),
        (venue.borrow, indebted.borrower),
        (venue.repay, indebted.borrower),
    ):
        with pytest.raises(RevertedError, match="inconsistent input"):
            act(account)
        with pytest.raises(RevertedError, match="inconsistent input"):
            act(account, 1, shares=1)
    with pytest.raises(RevertedError, match="zero assets"):
        venue.supply_collateral(indebted.borrower, 0)
    with pytest.raises(RevertedError, match="zero assets"):
        venue.withdraw_collateral(indebted.borrower, 0)


def test_a_long_history__keeps_every_share_worth_what_it_should_be(indebted):
    """Nothing but rounding separates what all suppliers could take from what is there and owed."""
    venue = indebted.venue
    venue.supply(indebted.signer, 333_333_333)
    for turn in range(3):
        indebted.travel(20 * DAY)
        venue.supply(indebted.liquidator, shares=10**12 * (turn + 1) + 7)
        venue.repay(indebted.borrower, 1_000 * USD + turn)
        venue.withdraw(indebted.signer, 11_111_111)
    at = indebted.now()
    view = venue.view(at)
    claims = sum(
        venue.position(who, at).supplied
        for who in (indebted.lender, indebted.liquidator, indebted.signer, indebted.borrower)
    )
    assert 0 <= view.supplied - claims <= 5
    assert view.liquidity == view.held
    owed = venue.position(indebted.borrower, at).debt
    assert 0 <= owed - view.owed <= 1
    assert Fraction(view.owed, 90_000 * USD) < 1
