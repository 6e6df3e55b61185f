"""Workout: who decides what follows a default, from when anybody may, and what no mark may take."""

import pytest
from ape import reverts

from tests.conftest import DAY, WAD
from tests.credit.stage import APPRAISAL, build
from tests.support.deal_terms import LOAN, MILLION

DEFAULTED, LIQUIDATING, PERFORMING = 2, 4, 1
RESERVE, FIRST_LOSS = 50_000 * WAD, 100_000 * WAD
WORTH = 2 * MILLION


@pytest.fixture(scope="module")
def stage(protocol, project, people, usdc, usdc_feed, usdt_feed):
    """The credit side with the real Workout and the real auction."""
    return build(project, protocol, people, usdc, [usdc_feed, usdt_feed], auctions=True, rules=True)


@pytest.fixture(scope="module")
def workout(stage):
    return stage.workout


@pytest.fixture(scope="module")
def late(stage):
    """A deal of a million, of which nothing was ever paid, at the second its grace is over."""
    deal = stage.funded(LOAN, reserve=RESERVE, first_loss=FIRST_LOSS, worth=WORTH)
    stage.at((stage.state(deal).start + 40) * DAY + 5)
    return deal


@pytest.fixture
def default_at(stage, late, people):
    """The deal in default: the second of it."""
    return stage.desk.declare_default(late, sender=people.mallory).timestamp


def fresh(stage, worth=WORTH):
    """Have the lot of the first deal appraised."""
    stage.attest(APPRAISAL, 1, worth)


def announced(stage, deal, instalments=12, interval=30):
    """Announce a step-in; the second from which it can be carried out."""
    tx = stage.workout.announce_step_in(deal, instalments, interval, sender=stage.people.carol)
    return tx.timestamp + 7 * DAY


# the sale


def test_liquidate__by_the_committee__works_from_the_default_on(stage, workout, late, carol, mallory):
    with reverts("not in default"):
        workout.liquidate(late, sender=carol)
    stage.desk.declare_default(late, sender=mallory)
    workout.liquidate(late, sender=carol)
    assert stage.desk.status(late) == LIQUIDATING


def test_rd5__a_silent_committee__leaves_the_sale_to_anyone_after_14_days(
    stage, workout, late, default_at, mallory
):
    assert workout.sale_from(late) == default_at + 14 * DAY
    stage.at(default_at + 14 * DAY - 1)
    with reverts("not credit"):
        workout.liquidate(late, sender=mallory)
    stage.to(default_at + 14 * DAY)
    # no appraisal is younger than 30 days
    workout.liquidate(late, sender=mallory)
    assert stage.desk.status(late) == LIQUIDATING
    assert workout.sale_from(late) == 0


def test_rd5__a_default_that_was_cured__starts_the_days_anew(
    stage, workout, late, default_at, alice, mallory
):
    stage.at(default_at + 13 * DAY)
    stage.desk.pay_aid(late, 200_000 * WAD, sender=alice)
    assert stage.desk.status(late) == PERFORMING
    assert workout.sale_from(late) == 0
    stage.at(default_at + 120 * DAY)
    again = stage.desk.declare_default(late, sender=mallory).timestamp
    assert workout.sale_from(late) == again + 14 * DAY
    stage.to(again + 14 * DAY - 1)
    with reverts("not credit"):
        workout.liquidate(late, sender=mallory)


def test_rd5__a_pause_of_aid__takes_no_day_of_anyone(
    stage, workout, late, default_at, aid, guardian, governor, mallory
):
    """Whoever wants to pay what is due in AID cannot, so that the sale comes no nearer."""
    stage.to(default_at + 14 * DAY - 60)
    aid.pause(sender=guardian)
    assert workout.sale_from(late) == default_at + 28 * DAY
    stage.to(default_at + 28 * DAY - 61)
    with reverts("not credit"):
        workout.liquidate(late, sender=mallory)
    stage.to(default_at + 28 * DAY)
    workout.liquidate(late, sender=mallory)


def test_enforcement__by_others_than_the_workout__reverts(stage, late, default_at, carol, governor):
    desk = stage.desk
    for who in (carol, governor):
        for call in (
            lambda who: desk.liquidate(late, sender=who),
            lambda who: desk.step_in(late, 12, 30, sender=who),
            lambda who: desk.mark(late, 1_000, False, sender=who),
        ):
            with reverts("not workout"):
                call(who)
    with reverts("workout set"):
        desk.set_workout(stage.receipts, sender=governor)
    with reverts("not governor"):
        desk.set_workout(stage.receipts, sender=carol)


# step-ins


def test_rc2__step_in__is_announced_and_waits_for_seven_days(stage, workout, late, default_at, carol):
    with reverts("nothing announced"):
        workout.step_in(late, sender=carol)
    from_time = announced(stage, late)
    assert tuple(workout.announcement_of(late)) == (12, 30, from_time, from_time + 7 * DAY)
    fresh(stage)
    stage.at(from_time - 1)
    with reverts("too early"):
        workout.step_in(late, sender=carol)
    stage.to(from_time)
    workout.step_in(late, sender=carol)
    terms = stage.deals.terms(late)
    assert (terms.principal, terms.share_instalments, terms.share_interval) == (0, 12, 30)
    assert stage.desk.status(late) == PERFORMING
    assert tuple(workout.announcement_of(late)) == (0, 0, 0, 0)


def test_rc2__step_in__after_its_window_or_on_an_old_appraisal__reverts(
    stage, workout, late, default_at, carol
):
    from_time = announced(stage, late)
    stage.at(from_time)
    with reverts("appraisal stale"):
        workout.step_in(late, sender=carol)
    fresh(stage)
    stage.at(from_time + 7 * DAY)
    with reverts("too late"):
        workout.step_in(late, sender=carol)


def test_rc2__an_announcement__suspends_the_sale_once_a_default(
    stage, workout, late, default_at, carol, mallory
):
    stage.at(default_at + 13 * DAY)
    from_time = announced(stage, late)
    assert workout.sale_from(late) == from_time + 7 * DAY
    stage.at(from_time + 7 * DAY - 9)
    for who in (carol, mallory):
        with reverts("step-in pending"):
            workout.liquidate(late, sender=who)
    with reverts("announced before"):
        workout.announce_step_in(late, 12, 30, sender=carol)
    stage.to(from_time + 7 * DAY)
    workout.liquidate(late, sender=mallory)


@pytest.mark.parametrize("role", ["committee", "guardian"])
def test_rc2__guardian_stops_a_step_in__which_releases_neither_collateral_nor_debt(
    stage, workout, late, default_at, people, mallory, role
):
    who = {"committee": people.carol, "guardian": people.guardian}[role]
    stage.at(default_at + 2 * DAY)
    announced(stage, late)
    owed, receipt = stage.desk.owed(late), stage.deals.receipt_of(late)
    with reverts("not credit or guardian"):
        workout.withdraw_step_in(late, sender=mallory)
    workout.withdraw_step_in(late, sender=who)
    assert stage.desk.status(late) == DEFAULTED
    assert stage.receipts.is_locked(receipt)
    assert stage.desk.owed(late) >= owed
    with reverts("nothing announced"):
        workout.withdraw_step_in(late, sender=who)
    with reverts("nothing announced"):
        workout.step_in(late, sender=people.carol)
    with reverts("announced before"):
        workout.announce_step_in(late, 24, 30, sender=people.carol)
    # the sale has its old date
    assert workout.sale_from(late) == default_at + 14 * DAY


def test_rc2__a_step_in_that_was_announced_in_an_earlier_default__is_void(
    stage, workout, late, default_at, alice, carol, mallory
):
    from_time = announced(stage, late)
    stage.desk.pay_aid(late, 400_000 * WAD, sender=alice)
    stage.at(default_at + 200 * DAY)
    stage.desk.declare_default(late, sender=mallory)
    fresh(stage)
    assert from_time < stage.now
    with reverts("nothing announced"):
        workout.step_in(late, sender=carol)
    announced(stage, late)


def test_rc2__a_second_step_in_of_a_deal__reverts(stage, workout, late, default_at, carol, mallory):
    """A partner and a committee that collude put off the sale once, and not for ever."""
    stage.at(announced(stage, late))
    fresh(stage)
    workout.step_in(late, sender=carol)
    stage.at(stage.now + 60 * DAY)
    again = stage.desk.declare_default(late, sender=mallory).timestamp
    with reverts("stepped in before"):
        workout.announce_step_in(late, 12, 30, sender=carol)
    stage.at(again + 14 * DAY)
    workout.liquidate(late, sender=mallory)


def test_rd5__a_pause_around_the_last_step__takes_no_day_of_the_window(
    stage, workout, late, default_at, aid, guardian, carol
):
    from_time = announced(stage, late)
    stage.to(from_time - 60)
    aid.pause(sender=guardian)
    assert workout.announcement_of(late)[2] == from_time + 14 * DAY
    stage.at(from_time + 14 * DAY - 1)
    with reverts("too early"):
        workout.step_in(late, sender=carol)
    fresh(stage)
    stage.at(from_time + 21 * DAY - 1)
    workout.step_in(late, sender=carol)


def test_announce__by_others_or_without_terms_or_default__reverts(
    stage, workout, late, carol, alice, mallory
):
    with reverts("not in default"):
        workout.announce_step_in(late, 12, 30, sender=carol)
    stage.desk.declare_default(late, sender=mallory)
    with reverts("not credit"):
        workout.announce_step_in(late, 12, 30, sender=alice)
    for terms in ((0, 30), (1_096, 30), (12, 0), (12, 32)):
        with reverts("terms out of bounds"):
            workout.announce_step_in(late, *terms, sender=carol)


# marks


def test_rc2__mark_and_step_in_in_the_second_after_grace__are_refused(
    stage, workout, late, default_at, carol
):
    """It gave a deal of 1,000,000 whose lot was worth 2,000,000 back for 1,000."""
    fresh(stage)
    assert workout.most_impaired(late) == 0
    with reverts("below appraisal"):
        workout.mark(late, 9_990, sender=carol)
    with reverts("nothing announced"):
        workout.step_in(late, sender=carol)


@pytest.mark.parametrize("worth", [200_000, 500_000, 800_000])
def test_rc2__no_mark_leads_below_what_the_lot_is_worth(stage, workout, late, carol, worth):
    """To appraisal less 20 % + reserve + first loss, to a basis point of gross value."""
    fresh(stage, worth * WAD)
    gross = stage.state(late).gross
    lacks = gross - (worth * 8 // 10 * WAD + RESERVE + FIRST_LOSS)
    assert workout.most_impaired(late) == lacks
    most = lacks * 10_000 // gross
    with reverts("below appraisal"):
        workout.mark(late, most + 1, sender=carol)
    workout.mark(late, most, sender=carol)
    state = stage.state(late)
    assert 0 <= lacks - state.impairment <= gross // 10_000 + WAD
    assert state.mark_bps == most


def test_rc2__a_mark_on_an_old_appraisal__leads_nowhere(stage, workout, late, carol):
    assert workout.most_impaired(late) == 0
    with reverts("below appraisal"):
        workout.mark(late, 100, sender=carol)


def test_mark__within_what_the_ramp_says_anyway__needs_no_appraisal(stage, workout, late, default_at, carol):
    stage.at(default_at + 60 * DAY)
    state = stage.state(late)
    ramp = state.impairment * 10_000 // state.gross
    assert ramp > 1_000
    with reverts("below appraisal"):
        workout.mark(late, ramp + 10, sender=carol)
    workout.mark(late, ramp - 500, sender=carol)
    # some seconds of the ramp, and what less the reserve would retire of principal by now
    assert 0 <= stage.state(late).impairment - state.impairment < state.gross // 500


def test_mark__by_others_or_beyond_bounds__reverts(stage, workout, late, carol, alice):
    fresh(stage, 250_000 * WAD)
    for call in (workout.mark, workout.propose_mark_up):
        with reverts("not credit"):
            call(late, 1_000, sender=alice)
    with reverts("not credit"):
        workout.mark_up(late, sender=alice)
    with reverts("mark out of bounds"):
        workout.mark(late, 10_001, sender=carol)
    workout.mark(late, 3_000, sender=carol)
    with reverts("not a markdown"):
        workout.mark(late, 3_000, sender=carol)
    with reverts("not a mark-up"):
        workout.propose_mark_up(late, 3_000, sender=carol)


def test_mark_up__waits_for_three_days__and_is_taken_back_by_a_markdown(stage, workout, carol, people, late):
    deal = stage.funded(LOAN, worth=WORTH)
    stage.attest(APPRAISAL, stage.issued, 250_000 * WAD)
    workout.mark(deal, 3_000, sender=carol)
    with reverts("nothing proposed"):
        workout.mark_up(deal, sender=carol)
    proposed = workout.propose_mark_up(deal, 1_000, sender=carol).timestamp
    assert tuple(workout.mark_up_of(deal)) == (1_000, proposed + 3 * DAY)
    workout.mark(deal, 4_000, sender=carol)
    assert tuple(workout.mark_up_of(deal)) == (0, 0)
    proposed = workout.propose_mark_up(deal, 1_000, sender=carol).timestamp
    stage.at(proposed + 3 * DAY - 1)
    with reverts("too early"):
        workout.mark_up(deal, sender=carol)
    stage.to(proposed + 3 * DAY)
    before = stage.state(deal).impairment
    workout.mark_up(deal, sender=carol)
    # nothing at once: it goes back over the days of a cure
    assert abs(stage.state(deal).impairment - before) < WAD
    stage.travel(9 * DAY)
    state = stage.state(deal)
    assert state.mark_bps == 1_000
    assert abs(state.impairment - state.gross // 10) <= 2


def test_step_in__of_a_mark_that_a_later_appraisal_refutes__reverts(stage, workout, late, default_at, carol):
    """The lot was appraised low, the deal marked down; by the time of the step-in it is worth its debt."""
    fresh(stage, 200_000 * WAD)
    workout.mark(late, 6_000, sender=carol)
    from_time = announced(stage, late)
    stage.at(from_time)
    fresh(stage, 3 * MILLION // 5)
    with reverts("below appraisal"):
        workout.step_in(late, sender=carol)
    # and as low as it was, it goes on
    fresh(stage, 200_000 * WAD)
    workout.step_in(late, sender=carol)


# installing


def test_deploy__without_code__reverts(project, protocol, stage, governor, alice):
    places = [
        protocol.roles.address,
        protocol.aid.address,
        stage.deals.address,
        stage.ledger.address,
        stage.desk.address,
        stage.attestor.address,
    ]
    for i in range(6):
        with reverts("no code"):
            governor.deploy(project.Workout, *places[:i], alice.address, *places[i + 1 :])
