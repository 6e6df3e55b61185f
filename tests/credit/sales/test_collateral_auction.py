"""CollateralAuction: prices by the second, one buyer, and what happens without one."""

from dataclasses import astuple
from fractions import Fraction

import pytest
from ape import reverts

from integrations.credit_model.auction import AuctionTerms, Round, units_for
from tests.aid.gateway_setup import AFTER_THE_INSTALLATION, FOREVER, ZERO, list_coin, quote
from tests.conftest import DAY, WAD

from .clock import at, go_to

pytestmark = AFTER_THE_INSTALLATION

DEAL = 7
OTHER = 8  # has no auction yet; receipt 2 is its collateral
LOTS = (
    ("H100 SXM 80GB", 512, "Oslo 2, hall B", b"\x11" * 32),
    ("B200", 64, "Turin", b"\x22" * 32),
)
OWED = 123_456_789_012_345_678_901_234  # AID wei: 123,456.79 AID
TERMS = AuctionTerms()


@pytest.fixture(scope="module")
def house(protocol, project, governor, receipt, servicer, desk, rich, aid, gateway, usdc, dave):
    """An auction house without auctions; alice, bob and carol have approved it. dave has two lots."""
    for lot in LOTS:
        receipt.issue(dave, lot, sender=servicer)
    house = governor.deploy(project.CollateralAuction, protocol.roles, aid, gateway, receipt)
    for user in rich:
        aid.approve(house, FOREVER, sender=user)
        usdc.approve(house, FOREVER, sender=user)
    return house


@pytest.fixture(scope="module")
def running(house, desk, governor):
    """Receipt 1 for sale: the round that its auction is in, by the model."""
    tx = desk.start(house, DEAL, 1, OWED, sender=governor)
    return Round(tx.timestamp, *TERMS.bounds(0, OWED), TERMS)


# starting


def test_start__takes_130_to_30_percent_of_the_debt(house, running, chain):
    auction = house.auction(DEAL)
    assert (auction.receipt, auction.round, auction.step) == (1, 1, 1_800)
    assert (auction.start, auction.lowest) == (
        160_493_825_716_049_382_571_605,
        37_037_036_703_703_703_670_371,
    )
    assert (auction.started_at, auction.ends_at) == (running.started_at, running.started_at + 7 * DAY)
    assert house.price(DEAL) == auction.start


def test_start__of_a_lot_worth_more_than_the_debt__takes_its_appraisal(house, desk, governor, appraise):
    appraise(2, 3 * OWED)
    tx = desk.start(house, OTHER, 2, OWED, sender=governor)
    start, lowest = TERMS.bounds(3 * OWED, OWED)
    assert (
        house.Started(
            deal=OTHER, receipt=2, round=1, start=start, lowest=lowest, ends_at=tx.timestamp + 7 * DAY
        )
        in tx.events
    )


def test_start__of_a_lot_worth_less_than_the_debt__takes_the_debt(house, desk, governor, appraise):
    appraise(2, OWED // 3)
    desk.start(house, OTHER, 2, OWED, sender=governor)
    assert house.price(OTHER) == TERMS.bounds(OWED // 3, OWED)[0]


def test_start__of_an_appraisal_beyond_all_bounds__still_runs(house, desk, governor, appraise):
    appraise(2, 2**176 - 1)
    desk.start(house, OTHER, 2, OWED, sender=governor)
    assert house.price(OTHER) == TERMS.bounds(2**126, 0)[0]


def test_start__by_others__reverts(house, running, governor, committee):
    for who in (governor, committee):
        with reverts("not desk"):
            house.start(OTHER, 1, OWED, sender=who)


def test_start__without_the_receipt_or_twice_or_for_nothing__reverts(house, running, desk, governor):
    as_desk = lambda *args: desk.forward(house, house.start.encode_input(*args), sender=governor)  # noqa: E731
    with reverts("auction running"):
        as_desk(DEAL, 1, OWED)
    with reverts("receipt not here"):
        as_desk(OTHER, 2, OWED)
    with reverts("nothing owed"):
        desk.start(house, OTHER, 2, 0, sender=governor)


# prices


@pytest.mark.parametrize(
    "elapsed",
    [0, 1, 1_799, 1_800, 1_801, 3 * DAY + 12_345, 7 * DAY - 1_801, 7 * DAY - 1_800, 7 * DAY - 1],
)
def test_price__at_every_second__is_the_models(house, running, elapsed):
    second = running.started_at + elapsed
    if elapsed:
        go_to(second)
    assert house.price(DEAL) == running.price(second)
    assert house.quote(DEAL, house.AID()) == running.price(second)


def test_price__in_the_last_second__is_the_lowest_and_then_there_is_none(house, running, usdc, alice):
    go_to(running.ends_at - 1)
    assert house.price(DEAL) == running.lowest
    go_to(running.ends_at)
    for call in (lambda: house.price(DEAL), lambda: house.quote(DEAL, usdc)):
        with reverts("auction over"):
            call()
    with reverts("auction over"):
        house.bid(DEAL, usdc, FOREVER, sender=alice)


def test_price__after_the_terms_have_changed__is_that_of_the_old_ones(house, running, governor):
    house.set_terms((20_000, 1, 60, 1_440), sender=governor)
    second = running.started_at + 4 * DAY
    go_to(second)
    assert house.price(DEAL) == running.price(second)


@pytest.mark.parametrize("millis", [1_000, 997.1, 1_003])
def test_quote__in_a_coin__is_the_least_that_the_gateway_takes_for_the_price(
    house, running, usdc, usdc_feed, millis
):
    quote(usdc_feed, millis)
    second = running.started_at + DAY
    go_to(second)
    price = running.price(second)
    units = units_for(price, 6, Fraction(str(millis)) / 1_000)
    assert house.quote(DEAL, usdc) == units
    worth = lambda n: n * 10**12 * min(int(millis * 10**15), WAD) // WAD  # noqa: E731
    assert worth(units - 1) < price <= worth(units)


def test_quote__in_an_unknown_or_stale_coin__reverts(house, running, tbill, usdc, chain):
    with reverts("unknown asset"):
        house.quote(DEAL, tbill)
    go_to(running.started_at + 26 * 3_600)
    with reverts("stale price"):
        house.quote(DEAL, usdc)


# while AID is paused


def test_rc6__price__stands_still_during_a_pause_and_falls_on_from_there(
    house, running, aid, guardian, governor, alice
):
    paused = running.started_at + 2 * DAY + 100
    at(paused)
    aid.pause(sender=guardian)
    for second in (paused + 1, paused + 7 * DAY, paused + 14 * DAY - 1, paused + 14 * DAY):
        go_to(second)
        assert house.price(DEAL) == running.price(paused)
    assert house.auction(DEAL).ends_at == running.ends_at + 14 * DAY
    for later in (1_799, 1_800, 5 * DAY - 101):
        go_to(paused + 14 * DAY + later)
        assert house.price(DEAL) == running.price(paused + later)
    go_to(running.ends_at + 14 * DAY)
    with reverts("auction over"):
        house.price(DEAL)


def test_rc6__the_first_bid_after_a_pause__pays_the_price_of_before(house, running, aid, guardian, alice):
    paused = running.started_at + DAY
    at(paused)
    aid.pause(sender=guardian)
    at(paused + 14 * DAY)
    assert house.bid(DEAL, aid, FOREVER, sender=alice).return_value == running.price(paused)


def test_rc6__a_pause_that_ends_early__stops_the_price_for_so_long_only(
    house, running, aid, guardian, governor
):
    paused = running.started_at + DAY
    at(paused)
    aid.pause(sender=guardian)
    at(paused + 2 * DAY)
    aid.unpause(sender=governor)
    go_to(paused + 3 * DAY)
    assert house.price(DEAL) == running.price(paused + DAY)
    assert (house.auction(DEAL).started_at, house.auction(DEAL).ends_at) == (
        running.started_at,
        running.ends_at + 2 * DAY,
    )


def test_rc6__a_coin_that_nobody_can_pay_in__does_not_stop_the_price(house, running, usdc_feed):
    quote(usdc_feed, 900)
    go_to(running.started_at + 3 * DAY)
    assert house.price(DEAL) == running.price(running.started_at + 3 * DAY)


def test_rc6__pauses_of_the_windows_last_seconds__leave_three_days_in_which_aid_moves(
    house, running, aid, guardian, mallory
):
    paused = running.ends_at + 3 * DAY - 1
    at(paused)
    aid.pause(sender=guardian)
    at(paused + 14 * DAY)
    with reverts("auction not over"):
        house.expire(DEAL, sender=mallory)
    at(paused + 14 * DAY + 1)
    house.expire(DEAL, sender=mallory)


def test_start__during_a_pause__falls_from_its_end_on(house, desk, aid, guardian, governor):
    paused = aid.pause(sender=guardian).timestamp
    tx = desk.start(house, OTHER, 2, OWED, sender=governor)
    start, lowest = TERMS.bounds(0, OWED)
    ends_at = paused + 21 * DAY
    started = house.Started(deal=OTHER, receipt=2, round=1, start=start, lowest=lowest, ends_at=ends_at)
    assert started in tx.events
    assert house.auction(OTHER).ends_at == ends_at
    go_to(paused + 15 * DAY)
    assert house.price(OTHER) == Round(paused + 14 * DAY, start, lowest, TERMS).price(paused + 15 * DAY)


# buying


def test_bid__in_aid__pays_the_desk_and_takes_the_lot(house, running, desk, aid, receipt, alice, bob):
    second = running.started_at + 2 * DAY + 1
    price = running.price(second)
    before = aid.balanceOf(alice)
    at(second)
    tx = house.bid(DEAL, aid, price, second, bob, sender=alice)
    assert tx.return_value == price
    assert (aid.balanceOf(alice), aid.balanceOf(desk), aid.balanceOf(house)) == (before - price, price, 0)
    assert receipt.ownerOf(1) == bob
    sold = house.Sold(deal=DEAL, receipt=1, buyer=alice, receiver=bob, price=price, coin=aid, units=price)
    assert sold in tx.events
    assert desk.Resolved(deal=DEAL, coin=aid, units=price, aid=price) in tx.events
    assert house.auction(DEAL).round == 0


def test_bid__in_a_coin_below_a_dollar__makes_at_least_the_price(
    house, running, desk, aid, gateway, usdc, usdc_feed, receipt, alice
):
    second = running.started_at + 5 * DAY
    at(second - 1)
    quote(usdc_feed, 995)
    price = running.price(second)
    units = units_for(price, 6, Fraction(995, 1_000))
    before = usdc.balanceOf(alice)
    at(second)
    house.bid(DEAL, usdc, units, sender=alice)
    assert before - usdc.balanceOf(alice) == units
    assert aid.balanceOf(desk) == units * 10**12 * 995 // 1_000
    assert price <= aid.balanceOf(desk) < price + 10**12
    assert (usdc.balanceOf(house), usdc.allowance(house, desk)) == (0, 0)
    assert receipt.ownerOf(1) == alice


def test_bid__in_a_coin_that_returns_nothing__works(
    house, running, project, protocol, desk, aid, governor, alice
):
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [alice])
    tether.approve(house, FOREVER, sender=alice)
    second = running.started_at + 3_600
    at(second)
    units = units_for(running.price(second), 6)
    house.bid(DEAL, tether, units, sender=alice)
    assert aid.balanceOf(desk) == units * 10**12


def test_bid__in_a_coin_that_takes_a_fee__reverts(house, running, project, protocol, governor, alice):
    tether = governor.deploy(project.TetherLike)
    list_coin(protocol, governor, tether, [alice])
    tether.approve(house, FOREVER, sender=alice)
    tether.set_fee(10, sender=governor)
    with reverts("balance"):
        house.bid(DEAL, tether, FOREVER, sender=alice)


def test_bid__above_the_buyers_limit_or_after_the_deadline__reverts(house, running, aid, usdc, alice):
    second = running.started_at + DAY
    price = running.price(second)
    at(second)
    with reverts("max in"):
        house.bid(DEAL, aid, price - 1, sender=alice)
    at(second)
    with reverts("max in"):
        house.bid(DEAL, usdc, units_for(price, 6) - 1, sender=alice)
    at(second)
    with reverts("deadline passed"):
        house.bid(DEAL, aid, price, second - 1, sender=alice)
    at(second)
    house.bid(DEAL, aid, price, second, sender=alice)


def test_bid__by_or_for_the_denied__reverts(house, running, aid, usdc, compliance, alice, bob):
    aid.deny(bob, sender=compliance)
    for buyer, receiver in ((bob, alice), (alice, bob)):
        for coin in (aid, usdc):
            with reverts("denied"):
                house.bid(DEAL, coin, FOREVER, FOREVER, receiver, sender=buyer)


def test_bid__of_which_the_desk_gets_less__reverts(house, running, desk, aid, governor, alice):
    desk.set_shortfall(1, sender=governor)
    with reverts("short payment"):
        house.bid(DEAL, aid, FOREVER, sender=alice)


def test_bid__while_the_coin_cannot_be_converted__reverts_and_aid_still_works(
    house, running, aid, usdc, usdc_feed, alice
):
    quote(usdc_feed, 950)
    with reverts("coin not converted"):
        house.bid(DEAL, usdc, FOREVER, sender=alice)
    house.bid(DEAL, aid, FOREVER, sender=alice)


def test_bid__for_what_is_not_for_sale__reverts(house, running, aid, alice):
    with reverts("no auction"):
        house.bid(DEAL + 1, aid, FOREVER, sender=alice)
    house.bid(DEAL, aid, FOREVER, sender=alice)
    with reverts("no auction"):
        house.bid(DEAL, aid, FOREVER, sender=alice)


# without a buyer


def test_expire__three_days_after_the_end__resolves_at_nothing_and_keeps_the_lot(
    house, running, desk, aid, receipt, mallory
):
    at(running.ends_at + 3 * DAY - 1)
    with reverts("auction not over"):
        house.expire(DEAL, sender=mallory)
    at(running.ends_at + 3 * DAY)
    tx = house.expire(DEAL, sender=mallory)
    assert desk.Resolved(deal=DEAL, coin=aid, units=0, aid=0) in tx.events
    assert house.Expired(deal=DEAL, receipt=1) in tx.events
    assert (house.unsold(DEAL), receipt.ownerOf(1)) == (1, house)
    with reverts("no auction"):
        house.expire(DEAL, sender=mallory)


@pytest.fixture
def unsold(house, running, mallory):
    """The lot after a round without a buyer and the days to restart it."""
    at(running.ends_at + 3 * DAY)
    house.expire(DEAL, sender=mallory)


def test_rd5__an_unsold_lot__is_offered_by_anyone_from_the_last_price_down_to_nothing(
    house, running, unsold, desk, aid, receipt, alice, mallory
):
    tx = house.offer_again(DEAL, sender=mallory)
    again = Round(tx.timestamp, running.lowest, 0, TERMS)
    assert (house.auction(DEAL).round, house.unsold(DEAL)) == (5, 0)
    for elapsed in (0, 1_800, 3 * DAY):
        go_to(tx.timestamp + elapsed + 1)
        assert house.price(DEAL) == again.price(tx.timestamp + elapsed + 1)
    # a stranger pays the price; the desk has it for what the deal has cost
    second = tx.timestamp + 7 * DAY - 1_801
    at(second)
    price = again.price(second)
    assert price == -(-running.lowest // 335)
    tx = house.bid(DEAL, aid, FOREVER, sender=alice)
    assert tx.return_value == price
    assert desk.Recovered(deal=DEAL, coin=aid, units=price, aid=price) in tx.events
    assert receipt.ownerOf(1) == alice


def test_rd5__a_lot_that_nobody_wants__costs_nothing_for_ever(
    house, running, unsold, desk, usdc, receipt, alice, mallory
):
    begun = house.offer_again(DEAL, sender=mallory).timestamp
    for days in (7, 8, 400):
        go_to(begun + days * DAY)
        assert house.price(DEAL) == 0
    with reverts("auction not over"):
        house.expire(DEAL, sender=mallory)
    tx = house.bid(DEAL, house.AID(), 0, sender=alice)
    assert (tx.return_value, receipt.ownerOf(1)) == (0, alice)
    assert [log.event_name for log in tx.events] == ["Sold", "Transfer"]


def test_rd5__the_last_round__is_neither_restarted_nor_repeated(house, running, unsold, committee, mallory):
    begun = house.offer_again(DEAL, sender=mallory).timestamp
    with reverts("nothing unsold"):
        house.offer_again(DEAL, sender=mallory)
    go_to(begun + 8 * DAY)
    with reverts("rounds used up"):
        house.restart(DEAL, running.lowest, 1, sender=committee)


def test_offer_again__of_what_is_for_sale_or_sold__reverts(house, running, aid, alice, mallory):
    with reverts("nothing unsold"):
        house.offer_again(DEAL, sender=mallory)
    house.bid(DEAL, aid, FOREVER, sender=alice)
    with reverts("nothing unsold"):
        house.offer_again(DEAL, sender=mallory)


def test_restart__after_the_end__falls_from_within_the_old_prices(house, running, committee, aid, alice):
    second = running.ends_at + 3 * DAY
    at(second)
    house.restart(DEAL, running.lowest, 1, sender=committee)
    again = Round(second, running.lowest, 1, TERMS)
    assert house.auction(DEAL).round == 2
    assert house.price(DEAL) == running.lowest
    at(second + 6 * DAY)
    assert house.bid(DEAL, aid, FOREVER, sender=alice).return_value == again.price(second + 6 * DAY)


def test_restart__beyond_its_bounds__reverts(house, running, committee, governor):
    with reverts("auction not over"):
        house.restart(DEAL, running.start, running.lowest, sender=committee)
    go_to(running.ends_at)
    for start, lowest in (
        (running.start + 1, running.lowest),
        (running.lowest - 1, 1),
        (running.start, 0),
        (running.lowest, running.lowest + 1),
    ):
        with reverts("price out of bounds"):
            house.restart(DEAL, start, lowest, sender=committee)
    with reverts("not credit"):
        house.restart(DEAL, running.start, running.lowest, sender=governor)
    with reverts("no auction"):
        house.restart(DEAL + 1, running.start, running.lowest, sender=committee)


def test_restart__three_times__and_not_a_fourth(house, running, committee, mallory):
    for round_ in (2, 3, 4):
        go_to(house.auction(DEAL).ends_at)
        house.restart(DEAL, running.lowest, running.lowest, sender=committee)
        assert house.auction(DEAL).round == round_
    go_to(house.auction(DEAL).ends_at)
    with reverts("rounds used up"):
        house.restart(DEAL, running.lowest, running.lowest, sender=committee)


# terms


def test_terms__at_first__are_the_documented_ones(house):
    assert tuple(house.terms()) == astuple(TERMS) == (13_000, 3_000, 1_800, 336)


@pytest.mark.parametrize(
    "terms",
    [
        (10_000, 1, 60, 1_440),
        (30_000, 30_000, 86_400, 30),
        (13_000, 3_000, 43_200, 2),
        (10_000, 1, 259, 10_000),
    ],
)
def test_set_terms__within_bounds__rules_the_next_auction(house, desk, governor, terms):
    tx = house.set_terms(terms, sender=governor)
    fields = dict(zip(("start_bps", "lowest_bps", "step", "steps"), terms, strict=True))
    assert tx.events == [house.TermsSet(**fields)]
    started = desk.start(house, OTHER, 2, OWED, sender=governor).timestamp
    model = AuctionTerms(*terms)
    round_ = Round(started, *model.bounds(0, OWED), model)
    for second in (started + model.duration // 3, started + model.duration - 1):
        go_to(second)
        assert house.price(OTHER) == round_.price(second)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ((9_999, 1, 1_800, 336), "price out of bounds"),
        ((30_001, 1, 1_800, 336), "price out of bounds"),
        ((13_000, 0, 1_800, 336), "price out of bounds"),
        ((13_000, 13_001, 1_800, 336), "price out of bounds"),
        ((13_000, 3_000, 59, 2_000), "steps out of bounds"),
        ((13_000, 3_000, 86_401, 2), "steps out of bounds"),
        ((13_000, 3_000, 86_400, 1), "steps out of bounds"),
        ((13_000, 3_000, 60, 10_001), "steps out of bounds"),
        ((13_000, 3_000, 60, 1_439), "steps out of bounds"),
        ((13_000, 3_000, 86_400, 31), "steps out of bounds"),
    ],
)
def test_set_terms__beyond_bounds__reverts(house, governor, terms, reason):
    with reverts(reason):
        house.set_terms(terms, sender=governor)


def test_set_terms__by_others__reverts(house, committee):
    with reverts("not governor"):
        house.set_terms(astuple(TERMS), sender=committee)


def test_deploy__without_code__reverts(project, protocol, governor, aid, gateway, receipt, alice):
    places = [protocol.roles.address, aid.address, gateway.address, receipt.address]
    for i in range(4):
        with reverts("no code"):
            governor.deploy(project.CollateralAuction, *places[:i], alice.address, *places[i + 1 :])


# attacks C7


def test_c7__bidding_again_in_the_middle_of_a_sale__does_not_sell_twice(
    house, running, desk, aid, governor, alice
):
    for call in (
        house.bid.encode_input(DEAL, aid.address, FOREVER),
        house.expire.encode_input(DEAL),
        house.start.encode_input(DEAL, 1, OWED),
    ):
        desk.arm(house, call, sender=governor)
        with reverts():
            house.bid(DEAL, aid, FOREVER, sender=alice)
    assert house.auction(DEAL).round == 1


def test_c7__restarting_in_the_middle_of_a_sale__finds_no_auction(
    house, running, desk, aid, protocol, governor, alice
):
    protocol.roles.grantRole(protocol.roles.CREDIT(), desk, sender=governor)
    desk.arm(house, house.restart.encode_input(DEAL, running.start, 1), sender=governor)
    with reverts("no auction"):
        house.bid(DEAL, aid, FOREVER, sender=alice)


def test_c7__a_coin_that_calls_back__cannot_reenter(house, running, project, protocol, aid, governor, alice):
    hostile = governor.deploy(project.HostileToken, 18)
    list_coin(protocol, governor, hostile, [alice])
    hostile.approve(house, FOREVER, sender=alice)
    hostile.arm(house, house.bid.encode_input(DEAL, hostile.address, FOREVER), False, sender=governor)
    house.bid(DEAL, hostile, FOREVER, sender=alice)
    assert (hostile.call_count(), hostile.last_call_ok()) == (1, False)


def test_c7__a_coin_that_moves_nothing__buys_nothing(
    house, running, project, protocol, receipt, governor, alice
):
    hostile = governor.deploy(project.HostileToken, 18)
    list_coin(protocol, governor, hostile, [alice])
    hostile.approve(house, FOREVER, sender=alice)
    hostile.set_returns_false(True, sender=governor)
    with reverts("transfer failed"):
        house.bid(DEAL, hostile, FOREVER, sender=alice)
    assert receipt.ownerOf(1) == house


def test_c7__a_buyer_that_refuses_tokens__gets_the_lot_all_the_same(
    house, running, project, receipt, aid, governor, alice
):
    refuser = governor.deploy(project.Stablecoin, "no receiver", "NONE", 18)
    house.bid(DEAL, aid, FOREVER, FOREVER, refuser, sender=alice)
    assert receipt.ownerOf(1) == refuser


def test_c7__sniping_a_restart__costs_the_restarts_own_price(house, running, committee, aid, alice):
    """Whoever is first after a restart pays its start, which is never below what nobody paid before."""
    second = running.ends_at + DAY
    at(second)
    house.restart(DEAL, running.lowest, 1, sender=committee)
    at(second + 1_799)
    assert house.bid(DEAL, aid, FOREVER, sender=alice).return_value == running.lowest


def test_c7__of_two_bids__the_second_pays_nothing(house, running, aid, alice, bob):
    before = aid.balanceOf(bob)
    house.bid(DEAL, aid, FOREVER, sender=alice)
    with reverts("no auction"):
        house.bid(DEAL, aid, FOREVER, sender=bob)
    assert aid.balanceOf(bob) == before


def test_c7__a_receipt_for_nobody__reverts(house, running, aid, alice):
    with reverts("erc721: transfer to the zero address"):
        house.bid(DEAL, aid, FOREVER, FOREVER, ZERO, sender=alice)
