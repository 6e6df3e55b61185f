"""Attacks C3 to C6 of the catalogue: payments at every second and of every size, accrual, ramps and marks."""

import itertools
from fractions import Fraction

import pytest

from integrations.credit_model import Status
from integrations.credit_model.legs import BPS
from integrations.credit_model.terms import YEAR, table
from tests.conftest import DAY, WAD
from tests.support.credit_world import USDC
from tests.support.deal_terms import HYBRID, LOAN, MILLION, SHARE

#: Cash that the first instalment, and the first two, ask for.
FIRST, SECOND = (line.due for line in table(LOAN)[:2])
#: Days after the end of grace, and the part of carrying value impaired then.
RAMP = ((0, 0), (15, 1_250), (30, 2_500), (45, 3_750), (60, 5_000), (75, 7_500), (90, 10_000), (900, 10_000))
DELAY = 3 * DAY


@pytest.fixture
def loan(credit):
    """A million at 15 %, without reserve or first loss."""
    return credit.funded(LOAN)


def value(credit, t):
    """Gross value and impairment of the whole book."""
    gross, impairment = credit.view(credit.desk.value_at(t), t)
    return gross, impairment


# C3: payments


def test_c3__paid_weeks_early__saves_the_interest_and_moves_the_anchor(credit, loan):
    t = credit.midnight(3) + 5
    outcome = credit.pay(loan, FIRST, at=t)
    assert credit.stop(loan) == (credit.models[loan].start + 60 + 10) * DAY
    credit.check(loan, t)
    seconds = t - credit.models[loan].since
    interest = Fraction(MILLION * 1_500 * seconds, BPS * YEAR)
    assert abs(outcome.fee - interest * (Fraction(15, 100) + Fraction(25, 1_500))) <= 2
    assert abs(credit.state(loan).principal - (MILLION - FIRST + interest)) <= 2
    # what was not used to pay interest works from the first second
    later = t + 30 * DAY
    credit.check(loan, later)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_c3__paid_a_second_before_or_after_grace__is_in_time_or_late(credit, loan, off):
    t = credit.stop(loan) + off
    late = off >= 0
    assert credit.refusal("mallory", credit.desk.declare_default(loan), t) == ("" if late else "not late")
    credit.pay(loan, FIRST, at=t)
    credit.check(loan, t)
    assert credit.refusal("mallory", credit.desk.declare_default(loan), t) == "not late"
    # since the due day the instalment bears 18 % and what is not due 15 %; the book has 15 % until grace ends
    seconds = 10 * DAY + off
    charged = FIRST * 1_800 * seconds + (MILLION - MILLION // 12) * 1_500 * seconds
    booked = MILLION * 1_500 * min(seconds, 10 * DAY)
    assert abs(credit.models[loan].account.late - Fraction(charged - booked, BPS * YEAR)) <= 3
    credit.check(loan, t + 100 * DAY)


def test_c3__paid_a_wei_too_little__leaves_the_deal_late(credit, loan):
    t = credit.stop(loan)
    credit.pay(loan, FIRST - 1, at=t - 60)
    assert credit.models[loan].debt.stop * DAY == t
    credit.check(loan, t + 60)
    assert credit.refusal("mallory", credit.desk.declare_default(loan), t - 1) == "not late"
    credit.default(loan, t)
    credit.pay(loan, 1, at=t + 1)
    assert credit.models[loan].status is Status.PERFORMING
    credit.check(loan, t + 1)


@pytest.mark.parametrize("coin", [True, False])
def test_c3__overpaid__takes_what_is_owed_and_leaves_the_rest_to_the_borrower(credit, loan, coin):
    t = credit.midnight(20) + 4_321
    owed = credit.models[loan].owed(t)
    before = credit.balance("dave")
    credit.publish(t)
    if coin:
        credit.send("dave", credit.desk.pay(loan, credit.usdc.address, 3 * 10**6 * USDC), t)
        assert abs(credit.claimable("bob") - (3 * MILLION - owed)) <= 2
        assert credit.balance("dave") == before
    else:
        credit.send("dave", credit.desk.pay_aid(loan, 3 * MILLION), t)
        assert abs(before - credit.balance("dave") - owed) <= 2
        assert credit.claimable("bob") == 0
    # a stranger who pays too much has no claim
    assert credit.refusal("dave", credit.desk.claim(credit.addresses["dave"])) == "nothing to claim"
    assert credit.state(loan).status == Status.CLOSED.value
    assert credit.balance("desk") == credit.fees() + credit.claimable("bob")
    assert value(credit, t + 1) == (0, 0)


def test_c3__payment_of_a_stranger__is_the_borrowers_as_if_he_had_paid(credit, loan):
    t = credit.midnight(29)
    credit.pay(loan, FIRST, who="mallory", at=t)
    credit.check(loan, t)
    assert credit.claimable("mallory") == 0
    assert credit.refusal("mallory", credit.desk.claim(credit.addresses["mallory"])) == "nothing to claim"


def test_c3__payment_for_a_deal_in_liquidation_or_over__is_refused_and_takes_nothing(credit, loan):
    t = credit.stop(loan)
    credit.default(loan, t)
    sale = credit.liquidate(loan, 2 * MILLION)
    before = credit.balance("bob"), credit.balance("bob", "usdc")
    for call in (credit.desk.pay_aid(loan, FIRST), credit.desk.pay(loan, credit.usdc.address, USDC)):
        assert credit.attempt("bob", call) == "in liquidation"
    credit.bid(loan, sale, 3 * MILLION)
    for call in (credit.desk.pay_aid(loan, FIRST), credit.desk.pay(loan, credit.usdc.address, USDC)):
        assert credit.attempt("bob", call) == "deal closed"
    assert (credit.balance("bob"), credit.balance("bob", "usdc")) == before


def test_c3__instalment_paid_after_default__cures_it_and_the_committee_cannot_sell_any_more(credit, loan):
    t = credit.stop(loan) + 20 * DAY
    credit.default(loan, t)
    credit.pay(loan, FIRST, at=t + DAY)
    # the second instalment was due meanwhile: in grace still
    assert credit.models[loan].status is Status.PERFORMING
    credit.check(loan, t + DAY)
    assert credit.refusal("carol", credit.workout.liquidate(loan)) == "not in default"
    assert credit.refusal("carol", credit.workout.step_in(loan, 10, 30)) == "not in default"


def test_c3__hybrid_paid_on_one_leg_only__is_in_default_by_the_other(credit):
    deal = credit.funded(HYBRID)
    t = credit.stop(deal)
    credit.pay(deal, table(HYBRID)[0].due, at=t - DAY)
    credit.check(deal, t - DAY)
    credit.default(deal, t)
    credit.pay(deal, HYBRID.share_minimum, at=t + 60, to_share=True)
    assert credit.models[deal].status is Status.PERFORMING
    credit.check(deal, t + 60)
    credit.check(deal, t + 100 * DAY)


# C4: accrual


def test_c4__years_of_silence__accrue_nothing_after_grace_without_a_poke(credit, loan):
    t = credit.stop(loan)
    full = MILLION + MILLION * LOAN.net_rate * (t - credit.models[loan].since) / YEAR
    assert abs(value(credit, t)[0] - full) <= 1
    for later in (1, DAY, 90 * DAY, 5 * 365 * DAY):
        assert value(credit, t + later)[0] == value(credit, t)[0]


def test_c4__dust_paid_by_a_stranger_every_week__restarts_no_accrual(credit, loan):
    t = credit.stop(loan)
    gross = value(credit, t)[0]
    for week in range(6):
        credit.pay(loan, 1, who="mallory", at=t + week * 7 * DAY + 1)
        credit.send("mallory", credit.desk.checkpoint())
        assert gross - 6 <= value(credit, credit.now + DAY)[0] <= gross
        credit.check(loan, credit.now + 3 * DAY)
    # 35 days after grace: a month and a half at 18 % on what is overdue, at 15 % on what is not, less 10 days
    # at 15 % that the book has; the touches have compounded nothing
    first, second = (line.due for line in table(LOAN)[:2])
    rest = 15 * DAY + 1
    x = Fraction(first * 1_800 * 30 * DAY, BPS * YEAR)
    late = x + Fraction((second + x) * 1_800 * rest, BPS * YEAR)
    late += Fraction(MILLION * 1_500, BPS * YEAR) * (Fraction(30 * DAY * 11 + rest * 10, 12) - 10 * DAY)
    assert abs(credit.models[loan].account.late - late) < WAD // 1_000


def test_c4__late_interest__is_owed_and_vests_when_it_is_paid(credit, loan):
    t = credit.stop(loan) + 50 * DAY
    unvested = credit.summary(t).unvested
    outcome = credit.pay(loan, 2 * MILLION, at=t)
    # two months at 18 % on what is overdue, compounded, and at 15 % on the rest; the book has 10 days of it
    first, second = (line.due for line in table(LOAN)[:2])
    month = Fraction(30, 365)
    x = first * month * 18 / 100
    late = x + (second + x) * month * 18 / 100
    late += MILLION * Fraction(15, 100) * (month * Fraction(11 + 10, 12) - Fraction(10, 365))
    assert abs(outcome.gain - late * LOAN.net_part) <= 3
    assert abs(credit.summary().unvested - unvested - outcome.gain) <= 2
    assert credit.state(loan).status == Status.CLOSED.value


# C5: ramps


@pytest.mark.parametrize(("days", "bps"), RAMP)
def test_c5__untouched__is_impaired_by_time_alone(credit, loan, days, bps):
    t = credit.stop(loan) + days * DAY
    gross, impairment = value(credit, t)
    assert abs(impairment - gross * bps // BPS) <= 1


def test_c5__price_around_the_first_midnights__moves_by_a_seconds_part_only(credit, loan):
    t = credit.stop(loan)
    steepest = MILLION * 110 // 100 * 50 // 100 // (30 * DAY)  # half of it in 30 days
    for midnight in (t, t + DAY, t + 30 * DAY, t + 60 * DAY, t + 90 * DAY):
        worth = [credit.summary(midnight + off).exit_assets for off in (-1, 0, 1)]
        assert all(abs(b - a) <= steepest + 2 for a, b in itertools.pairwise(worth))


def test_c5__partial_payments__lower_the_impairment_in_proportion_and_reset_nothing(credit, loan):
    t = credit.stop(loan) + 45 * DAY
    stop = credit.stop(loan)
    gross, impairment = value(credit, t)
    for step in range(3):
        credit.pay(loan, FIRST // 4, at=t + step)
        after = value(credit, t + step)
        assert credit.stop(loan) == stop
        credit.check(loan, t + step, slack=8)
        assert after[0] < gross
        # a second of the ramp is a millionth of it
        assert Fraction(after[1], after[0]) == pytest.approx(Fraction(impairment, gross), rel=3e-6)
    credit.check(loan, t + 45 * DAY, slack=8)
    gross, impairment = value(credit, stop + 90 * DAY)
    assert gross - impairment <= 1


def test_c5__cure__ramps_back_in_a_week_and_no_price_jumps(credit, loan):
    t = credit.stop(loan) + 12 * DAY + 3_600
    before = credit.summary(t - 1).exit_assets
    credit.pay(loan, SECOND, at=t)
    after = credit.summary(t).exit_assets
    # the payment turns carrying value into cash: its part of the impairment (10 %) is recovered, no more
    assert 0 < after - before < SECOND // 10
    credit.check(loan, t)
    start, end = value(credit, t)[1], (t // DAY + 1 + 7) * DAY
    assert start > 8 * MILLION // 100
    for part in (Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)):
        second = t + int((end - t) * part)
        left = Fraction(end - second, end - t)
        assert abs(value(credit, second)[1] - start * left) <= 2
        credit.check(loan, second)
    assert value(credit, end)[1] == 0


def test_c5__late_again_while_a_cure_runs__has_both_and_never_more_than_it_carries(credit, loan):
    t = credit.stop(loan) + 80 * DAY
    # the first of three instalments that are due: the next one's grace is over too
    credit.pay(loan, FIRST, at=t)
    assert credit.stop(loan) < t
    for days in (0, 1, 3, 7, 8, 10, 30, 60):
        credit.check(loan, t + days * DAY)
        gross, impairment = value(credit, t + days * DAY)
        assert impairment <= gross


@pytest.mark.parametrize("terms", [LOAN, SHARE, HYBRID], ids=["loan", "share", "hybrid"])
def test_c5__reserve_drawn_by_a_stranger__changes_neither_anchor_nor_worth_but_for_fees(credit, terms):
    deal = credit.funded(terms, reserve=130_000 * WAD, first_loss=20_000 * WAD)
    model = credit.models[deal]
    leg = model.debt or model.share
    t = leg.stop * DAY + 5 * DAY
    stop, worth = leg.stop, credit.summary(t).deposit_assets
    fees = credit.fees()
    credit.send("mallory", credit.desk.draw_reserve(deal), t)
    outcome = model.draw(t)
    credit.check(deal, t)
    leg = model.debt or model.share
    assert leg.stop == stop
    assert abs(credit.fees() - fees - outcome.fee) <= 2
    # what the reserve brings beyond what was carried vests; it is in the deposit price at once
    after = credit.summary()
    assert abs(after.deposit_assets - after.unvested - worth) <= 2
    assert credit.refusal("mallory", credit.desk.draw_reserve(deal)) == "nothing to draw"


# C6: marks


@pytest.fixture
def marked(credit, loan):
    """The loan, marked down by 40 % at noon of its second day."""
    t = credit.midnight(2) + DAY // 2
    credit.send("carol", credit.workout.mark(loan, 4_000), t)
    credit.models[loan].mark(t, 4_000)
    return loan


def test_c6__markdown__counts_at_once_and_by_the_committee_only(credit, marked):
    gross, impairment = value(credit, credit.now)
    assert impairment == pytest.approx(Fraction(gross * 4_000, BPS), rel=1e-20)
    credit.check(marked, credit.now)
    for who in ("mallory", "bob", "governor", "guardian"):
        assert credit.refusal(who, credit.workout.mark(marked, 5_000)) == "not credit"
        assert credit.refusal(who, credit.workout.propose_mark_up(marked, 0)) == "not credit"


def test_c6__mark_up_a_second_before_the_delay_is_over__is_refused(credit, marked):
    for bps in (4_000, 5_000):
        assert credit.refusal("carol", credit.workout.propose_mark_up(marked, bps)) == "not a mark-up"
    assert credit.refusal("carol", credit.workout.mark(marked, 3_999)) == "not a markdown"
    t = credit.send("carol", credit.workout.propose_mark_up(marked, 0)) + DELAY
    assert credit.refusal("carol", credit.workout.mark_up(marked), t - 1) == "too early"
    credit.go(t - 1)
    before = credit.summary(t - 1).exit_assets
    credit.send("carol", credit.workout.mark_up(marked), t)
    credit.models[marked].mark(t, 0)
    # nothing jumps: a second of accrual, and of 400,000 going back in a week and a bit
    assert 0 <= credit.summary().exit_assets - before <= MILLION // (7 * DAY)
    start, end = value(credit, t)[1], (t // DAY + 1 + 7) * DAY
    assert abs(value(credit, (t + end) // 2)[1] - Fraction(start, 2)) <= start // (end - t)
    credit.check(marked, t + DAY)
    assert value(credit, end)[1] == 0


def test_c6__mark_up_kept_in_stock__is_void_after_the_next_markdown(credit, marked):
    t = credit.send("carol", credit.workout.propose_mark_up(marked, 0))
    credit.send("carol", credit.workout.mark(marked, 9_000), t + DELAY)
    assert credit.refusal("carol", credit.workout.mark_up(marked)) == "nothing proposed"


def test_c6__mark_up_of_a_late_deal__is_refused_until_it_is_current(credit, marked):
    t = credit.send("carol", credit.workout.propose_mark_up(marked, 0))
    stop = credit.stop(marked)
    assert stop > t + DELAY
    assert credit.refusal("carol", credit.workout.mark_up(marked), stop - 1) == ""
    assert credit.refusal("carol", credit.workout.mark_up(marked), stop) == "deal late"
    # the mark is the least: the ramp passes it on its own
    assert value(credit, stop + 30 * DAY)[1] == pytest.approx(value(credit, stop)[1], rel=1e-12)
    gross, impairment = value(credit, stop + 75 * DAY)
    assert abs(impairment - gross * 7_500 // BPS) <= 1


def test_c6__payment_of_a_marked_deal__neither_lifts_the_mark_nor_pays_it_back(credit, marked):
    t = credit.midnight(5)
    credit.pay(marked, FIRST, at=t)
    credit.check(marked, t)
    gross, impairment = value(credit, t)
    assert impairment >= gross * 4_000 // BPS - 1
    end = t + 9 * DAY
    gross, impairment = value(credit, end)
    assert abs(impairment - Fraction(gross * 4_000, BPS)) <= 2
