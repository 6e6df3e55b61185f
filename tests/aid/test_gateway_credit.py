"""The Gateway's credit lane: funding, repayment, escrow."""

from fractions import Fraction
from math import ceil

import pytest
from ape import chain, project, reverts

from tests.aid import gateway_model as model
from tests.aid.gateway_model import DAY, WAD
from tests.aid.gateway_setup import (
    AFTER_THE_INSTALLATION,
    STAKE,
    SUPPLY,
    attach_desk,
    excess,
    list_coin,
    logged,
    quote,
    terms,
    travel,
)

pytestmark = AFTER_THE_INSTALLATION

LENT = 12_345_678_901_234_567_890_123  # AID wei
REPAID = 5_678_901_234  # 5,678.901234 USDC


@pytest.fixture(scope="module")
def desk(protocol, gateway, governor, usdc, usdt, alice, bob):
    """The desk of a vault with 50,000 AID of alice's; the reserve has 100,000 of each coin."""
    gateway.mint(usdc, STAKE, 0, sender=alice)
    gateway.mint(usdt, STAKE, 0, sender=bob)
    desk = attach_desk(protocol, governor, [alice], 50_000 * WAD)
    usdc.approve(desk, 2**256 - 1, sender=bob)
    return desk


@pytest.fixture
def tether(protocol, gateway, desk, governor, bob):
    """A coin that blacklists, of which the reserve has 100,000."""
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [bob])
    tether.approve(desk, 2**256 - 1, sender=bob)
    gateway.mint(tether, STAKE, 0, sender=bob)
    return tether


@pytest.fixture
def escrowed(gateway, desk, usdc, usdc_feed, bob):
    """A repayment of bob's in escrow 1, since USDC was at 0.95 when he paid; it still is."""
    quote(usdc_feed, 950)
    desk.pay(usdc, REPAID, 0, 0, sender=bob)
    return gateway


# funding


@pytest.mark.parametrize("millis", [1_000, 1_002.5, 997.5], ids=lambda price: f"at_{price}")
def test_credit_redeem__pays_the_borrower_without_fee_limit_or_kyc(
    protocol, gateway, aid, desk, usdc, usdc_feed, governor, dave, millis
):
    protocol.configurator.set_asset(usdc, terms(usdc_feed, redeem_capacity=1), sender=governor)
    quote(usdc_feed, millis)
    units = model.units_for(LENT, price=round(millis * 10**15))
    held, supply = usdc.balanceOf(dave), aid.totalSupply()

    tx = desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)

    assert logged(gateway, tx) == [gateway.CreditRedeemed(asset=usdc, receiver=dave, units=units, aid=LENT)]
    assert usdc.balanceOf(dave) == held + units
    assert gateway.units_of(usdc) == STAKE - units
    assert (aid.totalSupply(), aid.balanceOf(desk)) == (supply - LENT, 0)


def test_credit_redeem__never_lowers_backing_above_supply(gateway, desk, usdc, usdc_feed, governor, dave):
    quote(usdc_feed, 1_002.5)
    units = model.units_for(LENT, price=10_025 * 10**14)

    desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)

    expected = (2 * STAKE - units) * 10**12 - (SUPPLY - LENT)
    assert excess(gateway) == (expected, expected)
    assert expected > 100 * WAD


@pytest.mark.parametrize("millis", [1_002.501, 997.499])
def test_credit_redeem__off_a_dollar_by_more_than_25_bps__reverts(
    desk, usdc, usdc_feed, governor, dave, millis
):
    quote(usdc_feed, millis)

    with reverts("price out of band"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


def test_credit_redeem__by_anyone_else__reverts(gateway, desk, usdc, alice, governor):
    for caller in (alice, governor):
        with reverts("not credit desk"):
            gateway.credit_redeem(usdc, WAD, caller, sender=caller)


def test_credit_redeem__nothing__reverts(desk, usdc, governor, dave):
    with reverts("zero amount"):
        desk.fund_and_redeem(0, 0, usdc, dave, sender=governor)


def test_credit_redeem__unknown_coin__reverts(desk, tbill, governor, dave):
    with reverts("unknown asset"):
        desk.fund_and_redeem(LENT, 0, tbill, dave, sender=governor)


def test_credit_redeem__to_a_denied_borrower__reverts(desk, aid, usdc, compliance, governor, dave):
    aid.deny(dave, sender=compliance)

    with reverts("denied"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


def test_credit_redeem__in_deficit__reverts(desk, usdc, usdt_feed, governor, dave):
    quote(usdt_feed, 980)

    with reverts("deficit"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


def test_credit_redeem__once_a_wind_down_has_started__reverts(protocol, desk, usdc, governor, dave):
    protocol.configurator.start_wind_down(sender=governor)

    with reverts("winding down"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


def test_credit_redeem__more_than_there_is_of_the_coin__reverts(gateway, desk, usdc, governor, bob, dave):
    gateway.redeem(usdc, 90_000 * WAD, 0, sender=bob)
    assert gateway.units_of(usdc) == STAKE - model.redeem_out(90_000 * WAD)[0] < LENT // 10**12

    with reverts("insufficient units"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


@pytest.mark.parametrize("everything", [True, False])
def test_credit_redeem__while_redemption_is_paused__reverts(
    protocol, desk, usdc, guardian, governor, dave, everything
):
    if everything:
        protocol.configurator.pause_redeem(sender=guardian)
    else:
        protocol.configurator.pause_asset(usdc, False, True, sender=guardian)

    with reverts("redeem paused"):
        desk.fund_and_redeem(LENT, 0, usdc, dave, sender=governor)


def test_credit_redeem__to_who_cannot_receive__reverts(desk, tether, governor, dave):
    tether.set_blacklisted(dave, True, sender=dave)

    with reverts("transfer failed"):
        desk.fund_and_redeem(LENT, 0, tether, dave, sender=governor)


# repayment


@pytest.mark.parametrize("millis", [1_000, 1_010, 990.5], ids=lambda price: f"at_{price}")
def test_credit_repay__mints_the_worth_without_fee_limit_or_cap(
    protocol, gateway, aid, desk, vault, usdc, usdc_feed, governor, bob, millis
):
    protocol.configurator.set_asset(usdc, terms(usdc_feed, cap=1, mint_capacity=1), sender=governor)
    protocol.configurator.set_total_cap(1, sender=governor)
    quote(usdc_feed, millis)
    minted = model.mint_out(REPAID, price=round(millis * 10**15), fee_bps=0)[0]
    staked = aid.balanceOf(vault)

    tx = desk.pay(usdc, REPAID, 0, 0, sender=bob)

    assert logged(gateway, tx) == [
        gateway.CreditRepaid(asset=usdc, beneficiary=desk, units=REPAID, aid=minted)
    ]
    assert aid.balanceOf(vault) == staked + minted
    assert (gateway.units_of(usdc), aid.totalSupply()) == (STAKE + REPAID, SUPPLY + minted)
    assert usdc.allowance(desk, gateway) == 0


def test_credit_repay__in_deficit__leaves_the_shortfall_as_it_is(gateway, desk, usdc, usdt_feed, bob):
    quote(usdt_feed, 900)
    before = excess(gateway)
    assert before == (190_000 * WAD - SUPPLY, 200_000 * WAD - SUPPLY)

    desk.pay(usdc, REPAID, 0, 0, sender=bob)

    assert gateway.backing().deficit
    assert excess(gateway) == before


def test_credit_repay__winding_down_and_paused__is_taken(
    protocol, gateway, desk, usdc, governor, guardian, bob
):
    protocol.configurator.pause_mint(sender=guardian)
    protocol.configurator.pause_redeem(sender=guardian)
    protocol.configurator.pause_asset(usdc, True, True, sender=guardian)
    protocol.configurator.start_wind_down(sender=governor)

    desk.pay(usdc, REPAID, 0, 0, sender=bob)

    assert gateway.units_of(usdc) == STAKE + REPAID
    assert gateway.backing().supply == SUPPLY + REPAID * 10**12


def test_credit_repay__by_anyone_else__reverts(gateway, desk, usdc, bob):
    with reverts("not credit desk"):
        gateway.credit_repay_or_wait(usdc, REPAID, bob, bob, sender=bob)


def test_credit_repay__nothing_or_unknown__reverts(desk, governor, usdc, bob):
    with reverts("zero amount"):
        desk.pay(usdc, 0, 0, 0, sender=bob)
    unknown = governor.deploy(project.Stablecoin, "Odd", "ODD", 18)
    unknown.mint(bob, WAD, sender=bob)
    unknown.approve(desk, WAD, sender=bob)
    with reverts("unknown asset"):
        desk.pay(unknown, WAD, 0, 0, sender=bob)


def test_credit_repay__for_a_denied_desk__reverts(desk, aid, compliance, usdc, bob):
    aid.deny(desk, sender=compliance)

    with reverts("denied"):
        desk.pay(usdc, REPAID, 0, 0, sender=bob)


def test_credit_repay__that_cannot_be_pulled__reverts(gateway, desk, tether, bob):
    tether.set_blacklisted(gateway, True, sender=bob)

    with reverts("blacklisted"):
        desk.pay(tether, REPAID, 0, 0, sender=bob)


OWED = 1_234_567_890_123_456_789_012  # AID wei


@pytest.mark.parametrize("millis", [1_000, 1_010, 990.5], ids=lambda price: f"at_{price}")
def test_credit_repay__mints_what_is_owed_and_pulls_no_unit_more(
    protocol, gateway, aid, desk, usdc, usdc_feed, governor, bob, millis
):
    """RD1: a payer who approves 25 million and owes 1,234.57 pays 1,234.57, whatever caps and limits say."""
    protocol.configurator.set_asset(usdc, terms(usdc_feed, cap=1, mint_capacity=1), sender=governor)
    protocol.configurator.set_total_cap(1, sender=governor)
    quote(usdc_feed, millis)
    price = min(Fraction(round(millis * 1_000), 10**6), 1)
    units = ceil(OWED / price / 10**12)
    held = usdc.balanceOf(bob)

    tx = desk.repay(usdc, 500_000 * 10**6, OWED, 0, sender=bob)

    assert logged(gateway, tx) == [gateway.CreditRepaid(asset=usdc, beneficiary=desk, units=units, aid=OWED)]
    assert usdc.balanceOf(bob) == held - units
    assert (gateway.units_of(usdc), aid.totalSupply()) == (STAKE + units, SUPPLY + OWED)


def test_credit_repay__at_most_what_the_payer_said(gateway, aid, desk, usdc, bob):
    desk.repay(usdc, REPAID, 10 * REPAID * 10**12, 0, sender=bob)

    assert (gateway.units_of(usdc), aid.totalSupply()) == (STAKE + REPAID, SUPPLY + REPAID * 10**12)


def test_credit_repay__beyond_what_is_owed__obeys_cap_limit_and_pauses_as_a_mint_does(
    protocol, gateway, aid, desk, usdc, usdc_feed, usdt_feed, governor, bob
):
    configurator = protocol.configurator
    extra = 100 * WAD
    configurator.set_asset(usdc, terms(usdc_feed, mint_capacity=99), sender=governor)
    with reverts("mint limit"):
        desk.repay(usdc, REPAID, OWED, extra, sender=bob)
    configurator.set_asset(usdc, terms(usdc_feed, cap=STAKE // 10**6), sender=governor)
    with reverts("asset cap"):
        desk.repay(usdc, REPAID, OWED, extra, sender=bob)
    configurator.set_asset(usdc, terms(usdc_feed), sender=governor)
    configurator.set_total_cap(200_000, sender=governor)
    with reverts("total cap"):
        desk.repay(usdc, REPAID, OWED, extra, sender=bob)
    configurator.set_total_cap(10**9, sender=governor)
    quote(usdt_feed, 900)
    with reverts("deficit"):
        desk.repay(usdc, REPAID, OWED, extra, sender=bob)
    quote(usdt_feed, 1_000)
    configurator.set_asset(usdc, terms(usdc_feed, mint_capacity=101), sender=governor)
    travel(3_600)

    desk.repay(usdc, REPAID, OWED, extra, sender=bob)

    units = ceil((OWED + extra) / Fraction(10**12))
    assert (gateway.units_of(usdc), aid.totalSupply()) == (STAKE + units, SUPPLY + OWED + extra)
    # only what is beyond is counted by the limit
    assert WAD <= configurator.available(usdc)[0] < 2 * WAD


def test_credit_repay__winding_down__takes_what_is_owed_and_nothing_beyond(
    protocol, gateway, aid, desk, usdc, governor, bob
):
    protocol.configurator.start_wind_down(sender=governor)
    with reverts("winding down"):
        desk.repay(usdc, REPAID, OWED, 1, sender=bob)

    desk.repay(usdc, REPAID, OWED, 0, sender=bob)

    assert aid.totalSupply() == SUPPLY + OWED


CLOSED = ["stale", "below the band", "above the band", "AID paused", "minting paused", "coin paused"]


@pytest.mark.parametrize("cause", CLOSED)
def test_repayment_terms__say_when_a_coin_cannot_be_converted(
    protocol, gateway, aid, desk, usdc, usdc_feed, usdt_feed, guardian, bob, cause
):
    if cause == "stale":
        travel(26 * 3_600)
        quote(usdt_feed, 1_000)
    elif cause == "AID paused":
        aid.pause(sender=guardian)
    elif cause == "minting paused":
        protocol.configurator.pause_mint(sender=guardian)
    elif cause == "coin paused":
        protocol.configurator.pause_asset(usdc, True, False, sender=guardian)
    else:
        quote(usdc_feed, 989.999 if cause == "below the band" else 1_010.001)
    usable = cause not in ("stale", "below the band", "above the band")

    assert tuple(gateway.repayment_terms(usdc))[1:] == (usable, False)
    with reverts("not convertible"):
        desk.repay(usdc, REPAID, OWED, 0, sender=bob)


def test_repayment_terms__of_an_open_coin_and_of_none(gateway, usdc, usdc_feed, tbill):
    quote(usdc_feed, 990.5)

    assert tuple(gateway.repayment_terms(usdc)) == (9_905 * 10**14, True, True)
    with reverts("unknown asset"):
        gateway.repayment_terms(tbill)


def test_credit_repay__nothing_or_by_a_stranger__reverts(gateway, desk, usdc, bob):
    with reverts("zero amount"):
        desk.repay(usdc, 0, OWED, 0, sender=bob)
    with reverts("zero amount"):
        desk.repay(usdc, REPAID, 0, 0, sender=bob)
    with reverts("not credit desk"):
        gateway.credit_repay(usdc, REPAID, OWED, 0, bob, bob, sender=bob)


def test_credit_redeem__keeps_the_liquid_floor(
    gateway, treasury, treasurer, desk, usdc, tbill, governor, dave
):
    """RD2 (d): with 80,000 of 100,000 in T-bills a loan of 12,346 would leave 7,654 liquid, below a fifth."""
    treasury.allocate(tbill, 60_000 * 10**6, sender=treasurer)
    position = 100_000 * 10**6
    # 40,000 are liquid; x may leave while 40,000 - x >= 0.2 * (100,000 - x)
    most = (40_000 * 10**6 - position // 5) * 5 // 4

    with reverts("liquid floor"):
        desk.fund_and_redeem((most + 10**6) * 10**12, 0, usdc, dave, sender=governor)
    desk.fund_and_redeem((most - 10**6) * 10**12, 0, usdc, dave, sender=governor)

    assert gateway.units_of(usdc) == 40_000 * 10**6 - most + 10**6


# escrow


@pytest.mark.parametrize("cause", ["stale", "below the band", "above the band", "paused"])
def test_credit_repay__that_cannot_be_priced__waits_in_escrow(
    gateway, aid, desk, usdc, usdc_feed, guardian, bob, cause
):
    if cause == "stale":
        travel(26 * 3_600)
    elif cause == "paused":
        aid.pause(sender=guardian)
    else:
        quote(usdc_feed, 989.999 if cause == "below the band" else 1_010.001)
    before = excess(gateway)

    tx = desk.pay(usdc, REPAID, 0, 0, sender=bob)

    assert logged(gateway, tx) == [gateway.Escrowed(id=1, asset=usdc, beneficiary=desk, units=REPAID)]
    paid_at = chain.blocks.head.timestamp
    assert tuple(gateway.escrow(1)) == (usdc, REPAID, desk, paid_at, 0)
    assert (gateway.reserved(usdc), gateway.units_of(usdc)) == (REPAID, STAKE)
    assert usdc.balanceOf(gateway) == STAKE + REPAID
    assert (aid.totalSupply(), excess(gateway)) == (SUPPLY, before)


def test_convert_escrow__by_anyone__mints_to_the_beneficiary(escrowed, aid, desk, usdc, usdc_feed, mallory):
    paid_at = escrowed.escrow(1)[3]
    quote(usdc_feed, 993)
    minted = model.mint_out(REPAID, price=993 * 10**15, fee_bps=0)[0]
    before = excess(escrowed)

    tx = escrowed.convert_escrow(1, sender=mallory)

    assert logged(escrowed, tx) == [escrowed.EscrowConverted(id=1, aid=minted)]
    assert (aid.balanceOf(desk), aid.totalSupply()) == (minted, SUPPLY + minted)
    assert tuple(escrowed.escrow(1)) == (usdc, 0, desk, paid_at, minted)
    assert (escrowed.reserved(usdc), escrowed.units_of(usdc)) == (0, STAKE + REPAID)
    # B rises by what is minted; B_par by the discount too
    assert excess(escrowed) == (before[0], before[1] + REPAID * 10**12 - minted)


def test_convert_escrow__in_deficit_and_winding_down__works(
    protocol, escrowed, aid, desk, usdc_feed, usdt_feed, governor, mallory
):
    quote(usdc_feed, 1_000)
    quote(usdt_feed, 500)
    protocol.configurator.start_wind_down(sender=governor)

    escrowed.convert_escrow(1, sender=mallory)

    assert aid.balanceOf(desk) == REPAID * 10**12


def test_convert_escrow__unpriceable__reverts(escrowed, mallory):
    with reverts("price out of band"):
        escrowed.convert_escrow(1, sender=mallory)
    travel(26 * 3_600)
    with reverts("stale price"):
        escrowed.convert_escrow(1, sender=mallory)


def test_convert_escrow__twice_or_never_paid__reverts(escrowed, usdc_feed, mallory):
    quote(usdc_feed, 1_000)
    escrowed.convert_escrow(1, sender=mallory)

    for escrow_id in (0, 1, 2):
        with reverts("unknown escrow"):
            escrowed.convert_escrow(escrow_id, sender=mallory)


def test_convert_escrow__while_aid_cannot_move_to_the_desk__reverts_and_keeps_it(
    escrowed, aid, desk, usdc_feed, compliance, guardian, mallory
):
    quote(usdc_feed, 1_000)
    aid.deny(desk, sender=compliance)
    with reverts("denied"):
        escrowed.convert_escrow(1, sender=mallory)
    aid.allow(desk, sender=compliance)
    aid.pause(sender=guardian)
    with reverts("paused"):
        escrowed.convert_escrow(1, sender=mallory)
    chain.pending_timestamp = aid.paused_until()
    quote(usdc_feed, 1_000)

    escrowed.convert_escrow(1, sender=mallory)

    assert aid.balanceOf(desk) == REPAID * 10**12
    assert chain.blocks.head.timestamp - escrowed.escrow(1)[3] >= 14 * DAY


def test_escrow__of_another_payment__has_the_next_id(escrowed, desk, usdc, bob):
    desk.pay(usdc, 7, 0, 0, sender=bob)

    assert escrowed.escrow(2)[1] == 7
    assert escrowed.reserved(usdc) == REPAID + 7
    assert tuple(escrowed.escrow(3)) == ("0x" + "00" * 20, 0, "0x" + "00" * 20, 0, 0)
