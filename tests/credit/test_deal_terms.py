"""deal_terms: schedules against tables, payments against exact fractions."""

from dataclasses import astuple, replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.credit_model import terms as model
from integrations.credit_model.overdue import debt_at, due_days, share_at
from integrations.credit_model.terms import YEAR, Debt, Earnings, Terms
from tests.conftest import LONG

from .driver import SCALE, WAD, pack

EXAMPLES = 500 if LONG else 60
START = 20_000
MILLION = 10**6 * WAD

BULLET = Terms(principal=1_200_000 * WAD, rate_bps=1_200, instalments=12, interval=30)
AMORTISING = replace(BULLET, amortising=True)
SHARE = Terms(
    share_cost=1_200_000 * WAD, share_minimum=110_000 * WAD, share_instalments=12, share_interval=30
)
HYBRID = replace(BULLET, **{name: getattr(SHARE, name) for name in vars(SHARE) if name.startswith("share")})


def chain(terms):
    """Terms as deal_terms.Terms."""
    values = {name: getattr(terms, name) for name in vars(terms)}
    return tuple({**values, "schedule": pack(terms.schedule)}.values())


def debt_on_chain(debt):
    return debt.principal, int(debt.accrued * SCALE), debt.late, debt.paid, debt.charged, debt.running


@pytest.fixture
def refusal(deployed_terms, node):
    def refusal(terms):
        call = deployed_terms.check(chain(terms))
        try:
            node.rpc("eth_call", {"to": call.to, "data": call.data}, "latest")
        except RuntimeError as error:
            return str(error).partition("execution reverted: ")[2].split(",")[0].strip("\"'")
        return ""

    return refusal


# schedules


def test_table__of_a_bullet__is_interest_and_then_everything(terms):
    monthly = 1_200_000 * WAD * 12 * 30 // 36_500
    due = terms.table(chain(BULLET))
    assert due[0] == monthly + 1
    assert due[10] == 11 * 1_200_000 * WAD * 12 * 30 // 36_500 + 1
    assert due[11] == 1_200_000 * WAD + 12 * 1_200_000 * WAD * 12 * 30 // 36_500 + 1


def test_table__of_level_principal__pays_a_twelfth_each_time_and_less_interest(terms):
    due = [0, *terms.table(chain(AMORTISING))]
    payments = [after - before for before, after in pairwise(due)]
    falls = [before - after for before, after in pairwise(payments)]
    # interest on 100,000 for 30 days
    assert all(abs(fall - 100_000 * WAD * 12 * 30 // 36_500) <= 1 for fall in falls)
    assert due[12] - 1_200_000 * WAD == -(-1_200_000 * WAD * 12 * 30 * 13 // (2 * 36_500))


@st.composite
def debts(draw):
    interval = draw(st.integers(7, 92))
    instalments = draw(st.integers(-(-90 // interval), 1_095 // interval))
    return Terms(
        principal=draw(
            st.one_of(st.integers(1_000, 10**9).map(lambda n: n * WAD), st.integers(10**21, 10**27))
        ),
        rate_bps=draw(st.integers(100, 5_000)),
        instalments=instalments,
        interval=interval,
        amortising=draw(st.booleans()),
        management_bps=draw(st.sampled_from([0, 25, 50])),
        performance_bps=draw(st.sampled_from([0, 1_500, 3_000])),
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(debts())
def test_table__of_any_debt__is_the_sum_of_its_intervals(terms, deal):
    assert terms.table(chain(deal)) == [line.due for line in model.table(deal)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(debts(), st.data())
def test_debt_anchor__of_any_cash__is_the_first_instalment_not_covered(terms, deal, data):
    due = [line.due for line in model.table(deal)]
    covered = [0, *due, *(d - 1 for d in due if d), due[-1] * 2]
    covered += data.draw(st.lists(st.integers(0, due[-1]), max_size=5))
    covered = covered[:160]
    found = terms.debt_anchors(chain(deal), START, covered)
    assert found == [model.debt_anchor(deal, START, c) for c in covered]


def test_debt_anchor__a_wei_short__does_not_move(terms):
    due = terms.table(chain(BULLET))
    covered = [0, due[0] - 1, due[0], due[1] - 1, due[10], due[11]]
    days = [30, 30, 60, 60, 360, 360]
    assert terms.debt_anchors(chain(BULLET), START, covered) == [START + day for day in days]


def test_share_anchor__moves_with_each_whole_minimum(terms):
    covered = [0, 110_000 * WAD - 1, 110_000 * WAD, 5 * 110_000 * WAD, 12 * 110_000 * WAD, 10**30]
    days = [30, 30, 60, 180, 360, 360]
    found = terms.share_anchors(chain(SHARE), START, covered)
    assert found == [START + day for day in days]
    assert found == [model.share_anchor(SHARE, START, c) for c in covered]


# interest


@settings(max_examples=EXAMPLES, deadline=None)
@given(debts(), st.data())
def test_rates__of_any_debt__round_accrual_down_and_what_is_owed_up(terms, deal, data):
    principal = data.draw(st.integers(1, deal.principal))
    accrued = data.draw(st.integers(0, deal.principal)) * SCALE // 3
    accrual, interest = terms.rates(chain(deal), principal, accrued)
    exact = principal * deal.net_rate * SCALE / YEAR
    assert exact - 1 < accrual <= exact
    exact = Fraction(accrued, SCALE) / deal.net_part
    assert exact <= interest < exact + 1


def test_accrual__at_12_percent__is_9_95_net_of_fees(terms):
    accrual, _ = terms.rates(chain(BULLET), MILLION, 0)
    assert abs(Fraction(accrual * YEAR, SCALE) - MILLION * 995 // 10_000) < WAD // 10**6


# payments


@settings(max_examples=EXAMPLES, deadline=None)
@given(debts(), st.data())
def test_apply__any_payments__keep_every_wei_and_close_the_debt(terms, deal, data):
    accrued = Fraction(data.draw(st.integers(0, deal.principal * SCALE)), SCALE)
    debt = Debt(deal.principal, accrued, data.draw(st.sampled_from([0, 1, 77 * WAD])), 5)
    for _ in range(data.draw(st.integers(1, 4))):
        owed = model.owed(deal, debt)
        amount = data.draw(st.one_of(st.integers(0, owed + WAD), st.integers(0, 1_000), st.just(owed)))
        undue = data.draw(st.one_of(st.just(0), st.integers(0, debt.principal)))
        found = terms.apply(chain(deal), debt_on_chain(debt), amount, undue)
        applied, after = model.apply(deal, debt, amount, undue)
        assert tuple(vars(found.applied).values()) == astuple(applied)
        assert tuple(vars(found.debt).values()) == debt_on_chain(after)
        assert applied.used == min(amount, owed)
        assert applied.used == applied.fee + applied.interest + applied.principal + applied.gain
        # the vault gets what the book loses, but for the last fraction of a wei
        lost = debt.principal - after.principal + debt.accrued - after.accrued
        assert 0 <= lost - applied.interest - applied.principal < 1
        debt = after
    whole, retired = terms.owed_and_retired(chain(deal), debt_on_chain(debt), deal.principal // 20)
    assert whole == model.owed(deal, debt)
    part = model.apply(deal, debt, deal.principal // 20)[0]
    assert retired == part.interest + part.principal
    closed = model.apply(deal, debt, whole)[1]
    assert (closed.principal, closed.accrued, closed.late) == (0, 0, 0)


def test_apply__order__is_interest_then_principal_due_then_late_interest_then_principal_to_come(terms):
    debt = Debt(MILLION, Fraction(995 * WAD), 240 * WAD, 0)
    # 995 net are 1,200 gross; of the late interest 82.9 % are net
    for amount, undue, parts in (
        (600 * WAD, 0, (600, 102.5, 497.5, 0, 0)),
        (1_200 * WAD, 0, (1_200, 205, 995, 0, 0)),
        (1_300 * WAD, 0, (1_300, 205, 995, 100, 0)),
        (1_300 * WAD, 999_940 * WAD, (1_300, "211.833333333333333334", 995, 60, "33.166666666666666666")),
        (1_600 * WAD, 999_940 * WAD, (1_600, 246, 995, 160, 199)),
        (2_000_000 * WAD, 0, (1_001_440, 246, 995, 1_000_000, 199)),
    ):
        found = terms.apply(chain(BULLET), debt_on_chain(debt), amount, undue).applied
        exact = tuple(int(Fraction(str(part)) * WAD) for part in parts)
        assert tuple(vars(found).values()) == exact


# what is overdue


@settings(max_examples=EXAMPLES, deadline=None)
@given(debts(), st.data())
def test_overdue__of_any_debt__is_what_the_walk_through_its_due_days_says(terms, deal, data):
    last = (START + deal.term) * 86_400
    since = data.draw(st.integers(START * 86_400 - 5, last + YEAR))
    days = [(START + line.day) * 86_400 for line in model.table(deal)]
    to = max(since, data.draw(st.one_of(st.sampled_from(days), st.integers(since, last + 2 * YEAR))))
    before = Fraction(data.draw(st.integers(0, deal.principal // 3)) * SCALE // 7, SCALE)
    debt = Debt(
        data.draw(st.integers(1, deal.principal)),
        before + data.draw(st.integers(0, deal.principal // 9)),
        data.draw(st.sampled_from([0, 0, 77 * WAD])),
        data.draw(st.integers(0, 2 * deal.principal)),
        data.draw(st.sampled_from([0, 0, 33 * WAD])),
        data.draw(st.sampled_from([0, 0, 5 * WAD])),
    )
    waiting = data.draw(st.sampled_from([0, 0, deal.principal // 5]))
    found = terms.debt_at(chain(deal), START, debt_on_chain(debt), int(before * SCALE), waiting, since, to)
    assert tuple(vars(found).values()) == debt_on_chain(
        debt_at(deal, START, debt, before, waiting, since, to)
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_overdue__of_any_share__is_what_the_walk_through_its_due_days_says(terms, data):
    since = data.draw(st.integers(START * 86_400, (START + 500) * 86_400))
    to = data.draw(st.integers(since, (START + 900) * 86_400))
    charged = data.draw(st.sampled_from([0, 0, 33 * WAD]))
    cash = data.draw(st.integers(0, 13 * SHARE.share_minimum))
    if charged == 0 and cash < model_due(since):
        since = 0
    found = terms.share_at(chain(SHARE), START, charged, 0, cash, since, to)
    assert tuple(found) == share_at(SHARE, START, charged, 0, cash, max(since, START * 86_400), to)


def model_due(t):
    return due_days(START, 30, 12, t) * SHARE.share_minimum


def test_overdue__by_hand__a_missed_minimum_bears_a_fifth_a_year_compounded_on_due_days(terms):
    second = (START + 30) * 86_400
    month = Fraction(20 * 30, 100 * 365)
    # the first is missing from day 30, the second from day 60
    x1 = -(-110_000 * WAD * 20 * 30 // 36_500)
    x2 = -(-(220_000 * WAD + x1) * 20 * 15 // 36_500)
    assert terms.share_at(chain(SHARE), START, 0, 0, 0, 0, second) == (0, 0)
    assert tuple(terms.share_at(chain(SHARE), START, 0, 0, 0, 0, second + 45 * 86_400)) == (x1, x2)
    assert abs(x1 - 110_000 * WAD * month) < 1


@pytest.mark.parametrize(
    ("rate", "performance", "management"), [(1_200, 1_500, 25), (5_000, 3_000, 50), (100, 0, 0)]
)
def test_default_rate__is_at_least_the_rate_squared_by_the_net_rate(refusal, rate, performance, management):
    deal = replace(BULLET, rate_bps=rate, performance_bps=performance, management_bps=management)
    least = model.least_default(rate, deal.net_rate)
    assert refusal(replace(deal, default_bps=least)) == ""
    assert refusal(replace(deal, default_bps=least - 1)) == "default rate"
    # the funder's part of default interest is no less than the deal's rate
    assert Fraction(least, 10_000) * deal.net_part >= Fraction(rate, 10_000)


def test_default_rate__of_a_share_or_above_100_percent__has_bounds(refusal):
    assert refusal(replace(SHARE, share_default_bps=99)) == "default rate"
    assert refusal(replace(SHARE, share_default_bps=100)) == ""
    for bad in (replace(SHARE, share_default_bps=10_001), replace(BULLET, default_bps=10_001)):
        assert refusal(bad) == "default rate"


# revenue shares


def test_depreciation__of_any_share__leaves_less_than_a_wei_at_the_end(terms):
    for funded in (START * 86_400, START * 86_400 - 86_399):
        slope = terms.depreciation(chain(SHARE), funded, START)
        lost = slope * ((START + 360) * 86_400 - funded)
        assert 0 <= SHARE.share_cost * SCALE - lost < SCALE // 1_000


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**24), st.integers(0, 10**24), st.integers(0, YEAR)), max_size=6))
def test_share_fee__of_any_receipts__is_on_earnings_above_the_high_water_mark(terms, receipts):
    earnings, fees = Earnings(), 0
    for amount, depreciation, seconds in receipts:
        earnings = replace(earnings, depreciated=earnings.depreciated + depreciation)
        found = terms.share_fee_up(chain(SHARE), astuple(earnings), amount, MILLION, seconds)
        fee, settled, earnings = model.share_fee(SHARE, earnings, amount, MILLION, seconds)
        assert found.fee == fee <= amount
        assert found.settled == settled <= seconds
        assert tuple(vars(found.earnings).values()) == astuple(earnings)
        fees += fee
    above = max(earnings.high_water, 0)
    management = sum(MILLION * 25 * seconds // (10_000 * YEAR) for *_, seconds in receipts)
    assert fees <= above * 15 // 100 + management + 2 * len(receipts)


def test_share_fee__after_a_write_down__waits_until_it_is_earned_back(terms):
    before = Earnings(received=300 * WAD, depreciated=100 * WAD, high_water=200 * WAD)
    down = replace(before, depreciated=400 * WAD)
    found = terms.share_fee_up(chain(SHARE), astuple(down), 290 * WAD, 0, 0)
    assert (found.fee, found.earnings.high_water) == (0, 200 * WAD)
    found = terms.share_fee_up(chain(SHARE), astuple(down), 310 * WAD, 0, 0)
    assert (found.fee, found.earnings.high_water) == (10 * WAD * 15 // 100, 210 * WAD)


@pytest.mark.parametrize(
    ("receipt", "fee", "settled"),
    [
        (0, 0, 0),
        (1, 1, 0),
        (WAD, WAD, 12_614),
        (125 * WAD, 125 * WAD, YEAR // 20),
        (250 * WAD, 250 * WAD, YEAR // 10),
        (999 * WAD, 250 * WAD, YEAR // 10),
    ],
)
def test_share_fee__that_a_receipt_is_too_small_for__stays_due_for_the_rest_of_the_time(
    terms, receipt, fee, settled
):
    # a million at 25 bps for a tenth of a year: 250, and 1 for 12,614.4 seconds
    nothing_earned = Earnings(depreciated=MILLION)
    found = terms.share_fee_up(chain(SHARE), astuple(nothing_earned), receipt, MILLION, YEAR // 10)
    assert (found.fee, found.settled) == (fee, settled)


@given(st.integers(0, 10**25), st.integers(0, 10**24))
def test_depreciated__of_any_receipts__is_what_time_took_or_what_they_were_to_bring_back(
    terms, received, value
):
    basis = SHARE.share_cost + 7 * WAD
    value = min(value, SHARE.share_cost)
    found = terms.depreciated(chain(SHARE), basis, value, received)
    assert found == model.depreciated(SHARE, basis, value, received)
    assert basis - value <= found <= basis


# fees and bounds


@pytest.mark.parametrize(
    ("deal", "bps"),
    [(replace(BULLET, instalments=3), Fraction(100 * 90, 365)), (BULLET, Fraction(100 * 360, 365))],
)
def test_tokenisation_fee__is_a_percent_a_year_but_a_quarter_at_least(terms, deal, bps):
    fee = terms.tokenisation_fee_up(chain(deal), 25, 100)
    assert fee == model.tokenisation_fee(deal)
    assert 0 <= fee - deal.principal * max(bps, 25) / 10_000 < 1


def test_tokenisation_fee__of_a_hybrid__is_on_both_legs(terms):
    assert terms.tokenisation_fee_up(chain(HYBRID), 25, 100) == -(-2_400_000 * WAD * 360 // 36_500)


@pytest.mark.parametrize(
    ("deal", "reason"),
    [
        (BULLET, ""),
        (AMORTISING, ""),
        (SHARE, ""),
        (HYBRID, ""),
        (Terms(), "no leg"),
        (replace(BULLET, principal=1_000 * WAD - 1), "principal out of bounds"),
        (replace(BULLET, principal=10**27 + 1), "principal out of bounds"),
        (replace(BULLET, principal=10**27), ""),
        (replace(SHARE, share_cost=1), "principal out of bounds"),
        (replace(BULLET, rate_bps=99), "rate out of bounds"),
        (replace(BULLET, rate_bps=5_001), "rate out of bounds"),
        (replace(BULLET, interval=6), "interval out of bounds"),
        (replace(BULLET, interval=93), "interval out of bounds"),
        (replace(SHARE, share_interval=32), "interval out of bounds"),
        (replace(BULLET, instalments=0), "term out of bounds"),
        (replace(BULLET, instalments=2, interval=44), "term out of bounds"),
        (replace(BULLET, instalments=2, interval=45), ""),
        (replace(BULLET, instalments=15, interval=73), ""),
        (replace(BULLET, instalments=16, interval=73), "term out of bounds"),
        (replace(BULLET, instalments=2**255, interval=8), "term out of bounds"),
        (replace(SHARE, share_minimum=100_000 * WAD), ""),
        (replace(SHARE, share_minimum=100_000 * WAD - 1), "share minimum"),
        (replace(SHARE, share_minimum=2**255), "share minimum"),
        (replace(BULLET, grace=31), "grace out of bounds"),
        (replace(BULLET, cure=0), "cure out of bounds"),
        (replace(BULLET, cure=31), "cure out of bounds"),
        (replace(BULLET, management_bps=51), "fees out of bounds"),
        (replace(BULLET, performance_bps=3_001), "fees out of bounds"),
    ],
)
def test_check__of_terms__says_what_is_wrong(refusal, deal, reason):
    assert refusal(deal) == reason


def test_net_rate__at_the_least_interest_and_the_highest_fees__is_positive(terms):
    deal = replace(BULLET, rate_bps=100, management_bps=50, performance_bps=3_000)
    accrual, _ = terms.rates(chain(deal), MILLION, 0)
    assert abs(Fraction(accrual * YEAR, SCALE) - MILLION * 20 // 10_000) < WAD // 10**6
