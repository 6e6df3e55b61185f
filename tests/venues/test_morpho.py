"""What only the adapter to Morpho Blue does: whom it trusts, what it approves, how it predicts fees."""

import ape
import pytest

from integrations.protocol import RevertedError
from integrations.venues import MorphoMarket, UnknownMarketError
from integrations.venues.lending_math import INITIAL, LendingState, Pot, incentive_of
from integrations.venues.morpho_terms import authorisation_document
from tests.conftest import DAY, MILLION, WAD
from tests.venues.lending_implementations import USD, coins_and_oracle, morpho

FEE = WAD // 10


@pytest.fixture(scope="module")
def bed(protocol, project, governor, alice, bob, carol, dave):
    return coins_and_oracle(project, governor, (alice, bob, carol, dave))


@pytest.fixture(scope="module")
def setting(mainnet, governor, alice, bob, carol, dave, bed):
    """A million lent, 100,000 sAID pledged by bob, who owes 80,000."""
    setting = morpho(mainnet.venues, governor, (alice, bob, carol, dave), bed)
    setting.venue.supply(alice, MILLION * USD)
    setting.venue.supply_collateral(bob, 100_000 * WAD)
    setting.venue.borrow(bob, 80_000 * USD)
    return setting


def test_at__an_id_that_morpho_does_not_know__is_refused(setting):
    with pytest.raises(UnknownMarketError, match="0x" + "ab" * 32):
        MorphoMarket.at(setting.venue.contract.address, b"\xab" * 32)


def test_at__a_rate_model_of_another_kind__is_refused(setting, governor, bed):
    venue = setting.venue
    venue.contract.enableIrm(bed.oracle, sender=governor)
    params = venue.params._replace(rate_model=bed.oracle.address)
    with ape.reverts():
        venue.contract.createMarket(tuple(params), sender=governor)
    venue.contract.enableIrm(governor, sender=governor)
    with pytest.raises(RevertedError):
        MorphoMarket.create(governor, venue.contract.address, params._replace(rate_model=governor.address))


def test_actions__leave_no_allowance(setting, bed):
    venue, bob, carol = setting.venue, setting.borrower, setting.liquidator
    setting.travel(30 * DAY)
    venue.repay(bob, shares=venue.position(bob).debt_shares // 2)
    venue.supply(carol, shares=10**12)
    venue.supply_collateral(carol, WAD)
    setting.set_price(0.4)
    venue.liquidate(carol, venue.quote_liquidation(bob), slippage_bps=100)
    for account in (bob, carol):
        for token in (bed.usdc, bed.said):
            assert token.allowance(account, venue.contract) == 0


def test_a_refused_action__leaves_no_allowance(setting, bed):
    with pytest.raises(RevertedError):
        setting.venue.supply(setting.lender, 2 * MILLION * USD)
    assert bed.usdc.allowance(setting.lender, setting.venue.contract) == 0


def test_fee__is_predicted_with_the_interest(setting, governor):
    venue = setting.venue
    venue.contract.setFee(tuple(venue.params), FEE, sender=governor)
    later = setting.now() + 365 * DAY
    promised = venue.view(later)
    assert promised.fee == FEE
    before = venue.view(setting.now())
    interest = promised.owed - before.owed
    setting.schedule(later)
    venue.accrue(governor)
    assert setting.now() == later
    now = venue.view(later)
    assert (now.supplied, now.supply_shares) == (promised.supplied, promised.supply_shares)
    # the recipient has a tenth of what suppliers have gained
    assert venue.position(governor, later).supplied == pytest.approx(interest // 10, abs=2)
    assert promised.supply_apr == pytest.approx(
        promised.borrow_apr * promised.owed / promised.supplied * 0.9, rel=1e-6
    )


def test_price__that_the_oracle_refuses__is_none(setting, bed, mallory):
    ape.chain.provider.set_code(bed.oracle.address, "0x5f5ffd")
    venue = setting.venue
    assert venue.view().price is None
    position = venue.position(setting.borrower)
    assert (position.limit, position.health) == (0, 0)
    with pytest.raises(RevertedError, match="no price"):
        venue.quote_liquidation(setting.borrower)
    # and who owes nothing leaves
    assert venue.withdraw(setting.lender, 1_000 * USD).received == {"USDC": 1_000 * USD}


def test_authorisation__is_the_document_that_morpho_hashes(setting, bob):
    from eth_account.messages import encode_typed_data

    venue = setting.venue
    document = authorisation_document(
        venue.contract.address, ape.chain.chain_id, bob.address, bob.address, True, 7, 9
    )
    assert encode_typed_data(full_message=document).header == venue.contract.DOMAIN_SEPARATOR()


def test_incentive__of_mainnets_thresholds__is_the_published_one():
    percent = {945: 1.0167, 915: 1.0262, 860: 1.0438, 770: 1.0741, 625: 1.1267, 385: 1.15}
    for lltv, factor in percent.items():
        assert incentive_of(lltv * WAD // 1_000) / WAD == pytest.approx(factor, abs=1e-4)


def test_state__without_anything_in_it__accrues_nothing():
    empty = LendingState(Pot(0, 0), Pot(0, 0), time=1_000, rate_at_target=INITIAL)
    later = empty.accrued(1_000 + 365 * DAY)
    assert (later.supply, later.debt) == (Pot(0, 0), Pot(0, 0))
    # nothing used: the rate at target sinks to its floor
    assert later.rate_at_target == WAD // 1_000 // (365 * DAY)
