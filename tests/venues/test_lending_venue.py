"""What every lending market promises to lenders and new borrowers, through the interface alone."""

from dataclasses import replace

import pytest

from integrations.protocol import RevertedError
from integrations.venues.lending import NO_DEBT
from tests.conftest import MILLION, WAD
from tests.venues.lending_implementations import LLTV, PRICE, USD, both, scaled


@pytest.fixture
def funded(lending):
    """A million USDC lent out to nobody."""
    lending.venue.supply(lending.lender, MILLION * USD)
    return lending


def test_terms__say_what_the_market_is(lending):
    terms = lending.venue.terms
    assert (terms.loan.symbol, terms.loan.decimals) == ("USDC", 6)
    assert (terms.collateral.symbol, terms.collateral.decimals) == ("sAID", 18)
    assert terms.lltv == LLTV


def test_view__of_an_empty_market__is_empty(lending):
    view = lending.venue.view()
    assert (view.supplied, view.owed, view.held, view.utilisation, view.borrow_rate > 0) == (0, 0, 0, 0, True)
    assert view.price == scaled(PRICE)


def test_supply__moves_the_coins_and_counts_them(lending):
    venue, lender = lending.venue, lending.lender
    fill = venue.supply(lender, 1_000 * USD)
    assert (fill.given, fill.received) == ({"USDC": 1_000 * USD}, {})
    position = venue.position(lender)
    assert position.supplied == 1_000 * USD
    assert position.supply_shares == fill.shares > 0
    assert (position.debt, position.health) == (0, NO_DEBT)
    view = venue.view()
    assert (view.supplied, view.held, view.liquidity) == (1_000 * USD,) * 3


def test_withdraw__of_all_shares__pays_all_but_a_unit(funded):
    venue, lender = funded.venue, funded.lender
    before = funded.balance(lender, "USDC")
    shares = venue.position(lender).supply_shares
    fill = venue.withdraw(lender, shares=shares)
    assert MILLION * USD - 1 <= fill.received["USDC"] <= MILLION * USD
    assert fill.shares == -shares
    assert funded.balance(lender, "USDC") == before + fill.received["USDC"]
    assert venue.position(lender).supply_shares == 0


def test_borrow__within_the_limit__pays_out_and_owes(funded):
    venue, borrower = funded.venue, funded.borrower
    pledge = venue.supply_collateral(borrower, 100_000 * WAD)
    assert pledge.given == {"sAID": 100_000 * WAD}
    assert venue.position(borrower).limit == round(100_000 * PRICE * 0.86 * USD)
    fill = venue.borrow(borrower, 50_000 * USD)
    assert fill.received == {"USDC": 50_000 * USD}
    position = venue.position(borrower, funded.now())
    assert 50_000 * USD <= position.debt <= 50_000 * USD + 1
    assert position.health == pytest.approx(100_000 * PRICE * 0.86 / 50_000 * WAD, rel=1e-9)
    assert position.ltv == pytest.approx(50_000 / 105_000 * WAD, rel=1e-9)
    assert venue.view().liquidity == 950_000 * USD


def test_borrow__beyond_the_limit__is_refused(funded):
    venue, borrower = funded.venue, funded.borrower
    venue.supply_collateral(borrower, 100_000 * WAD)
    room = venue.position(borrower).room
    before = both(funded, borrower)
    with pytest.raises(RevertedError, match="insufficient collateral"):
        venue.borrow(borrower, room + 1)
    assert both(funded, borrower) == before
    # rounding is against the borrower, by a unit
    venue.borrow(borrower, room - 1)
    assert venue.position(borrower, funded.now()).health >= WAD


def test_borrow__of_more_than_is_there__is_refused(funded):
    venue, borrower = funded.venue, funded.borrower
    venue.withdraw(funded.lender, 999_000 * USD)
    venue.supply_collateral(borrower, 100_000 * WAD)
    with pytest.raises(RevertedError, match="insufficient liquidity"):
        venue.borrow(borrower, 1_001 * USD)


def test_authorise_signed__counts_once_and_in_time(lending):
    venue, owner, operator = lending.venue, lending.signer, lending.liquidator
    signed = venue.sign_authorisation(owner, operator)
    venue.authorise_signed(operator, signed)
    assert venue.is_authorised(owner, operator)
    with pytest.raises(RevertedError, match="invalid nonce"):
        venue.authorise_signed(operator, signed)
    late = venue.sign_authorisation(owner, operator, False, deadline=lending.now() + 60)
    lending.travel(120)
    with pytest.raises(RevertedError, match="signature expired"):
        venue.authorise_signed(operator, late)
    assert venue.is_authorised(owner, operator)


def test_authorise_signed__by_somebody_else__is_refused(lending):
    venue = lending.venue
    signed = venue.sign_authorisation(lending.signer, lending.liquidator)
    forged = replace(signed, owner=lending.borrower.address)
    with pytest.raises(RevertedError, match="invalid signature"):
        venue.authorise_signed(lending.liquidator, forged)
    assert not venue.is_authorised(lending.borrower, lending.liquidator)
