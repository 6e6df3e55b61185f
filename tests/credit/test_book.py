"""The book and the curves of its legs, against the value of each leg by definition."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from integrations.credit_model.legs import DAY, Cure, DebtLeg, Schedule, ShareLeg, cured
from tests.conftest import LONG

from .driver import PAGE, SCALE, WAD, pack, to_chain

EXAMPLES = 400 if LONG else 40
MILLION = 10**6 * WAD
YEAR = 365 * DAY
#: Rounding of slopes towards zero, of one leg, wei.
DUST = Fraction(1, 1_000)


def debt(now, principal=MILLION, days=40, **terms):
    """Principal at 10 % net, whose grace ends at the `days`-th midnight from `now`."""
    return DebtLeg(now // DAY + days, Fraction(principal), Fraction(principal, 10 * YEAR), now, **terms)


def share(now, cost=MILLION, days=40, end=365, **terms):
    return ShareLeg(now // DAY + days, cost, now, now // DAY + end, **terms)


def check(book, leg, times, number=1):
    """The book with just this leg has its value, within a thousandth of a wei, at all times."""
    for t, found, alone in zip(times, book.values(times), book.leg_values(number, times), strict=True):
        assert found == alone
        for value, exact in zip(found, (leg.gross(t), leg.impairment(t)), strict=True):
            assert abs(value - exact) <= DUST, f"{float((t - book.now) / DAY):.3f} days on"


def midnights(leg, *days):
    return [(leg.stop + day) * DAY for day in days]


# one leg, by hand


def test_debt__until_grace_ends__accrues_and_then_stands_still(book):
    with book.isolated():
        leg = debt(book.now + 5)
        book.set({1: leg}, book.now + 5)
        stop = leg.stop * DAY
        full = MILLION + Fraction(MILLION * (stop - book.now), 10 * YEAR)
        for t, gross in ((book.now, MILLION), (stop, full), (stop + 1, full), (stop + 9 * YEAR, full)):
            assert abs(book.values([t])[0][0] - gross) <= DUST


def test_late_debt__ramps_through_25_50_and_100_percent_without_a_touch(book):
    with book.isolated():
        leg = replace(debt(book.now + 5), accrual=Fraction(0))
        book.set({1: leg}, book.now + 5)
        found = book.values(midnights(leg, 0, 15, 30, 45, 60, 75, 90, 900))
        parts = [0, 12.5, 25, 37.5, 50, 75, 100, 100]
        for (_, impairment), part in zip(found, parts, strict=True):
            assert abs(impairment - Fraction(part) * MILLION / 100) <= DUST


def test_late_debt__a_second_around_the_end_of_grace__has_no_jump(book):
    with book.isolated():
        leg = debt(book.now + 5)
        book.set({1: leg}, book.now + 5)
        stop = leg.stop * DAY
        before, at, after = (impairment for _, impairment in book.values([stop - 1, stop, stop + 1]))
        assert before == at == 0
        assert 0 < after <= Fraction(leg.gross(stop) * 25, 100 * 30 * DAY)


def test_first_loss__bends_the_ramp_inside_one_day_and_is_exact_at_every_midnight(book):
    with book.isolated():
        # 10 % is crossed 12 days after the stop; 10.4 % half a day later
        leg = replace(debt(book.now + 5, first_loss=104_167 * WAD), accrual=Fraction(0))
        book.set({1: leg}, book.now + 5)
        for day in range(91):
            part = Fraction(day, 120) if day <= 60 else Fraction(1, 2) + Fraction(day - 60, 60)
            exact = max(part * MILLION - 104_167 * WAD, 0)
            assert abs(book.values(midnights(leg, day))[0][1] - exact) <= DUST
        noon = (leg.stop + 12) * DAY + DAY // 2
        assert abs(book.values([noon])[0][1] - book.values(midnights(leg, 13))[0][1] / 2) <= DUST


def test_reserve__lowers_what_the_ramp_is_on(book):
    with book.isolated():
        leg = replace(debt(book.now + 5, reserve=50_000 * WAD), accrual=Fraction(0))
        book.set({1: leg}, book.now + 5)
        found = [impairment for _, impairment in book.values(midnights(leg, 30, 60, 90))]
        for impairment, exact in zip(found, (237_500, 475_000, 950_000), strict=True):
            assert abs(impairment - exact * WAD) <= DUST


def test_revenue_share__falls_to_zero_and_its_ramp_is_on_what_it_carries_that_day(book):
    with book.isolated():
        leg = replace(share(book.now, days=65, end=365), start=book.now)
        start = book.now = book.now // DAY * DAY + DAY
        leg = ShareLeg(start // DAY + 65, 365_000 * WAD, start, start // DAY + 365)
        book.set({1: leg}, start)
        for day, gross, impairment in (
            (0, 365_000, 0),
            (65, 300_000, 0),
            (95, 270_000, 67_500),
            (125, 240_000, 120_000),
            (155, 210_000, 210_000),
            (265, 100_000, 100_000),
            (365, 0, 0),
            (999, 0, 0),
        ):
            found = book.values([start + day * DAY])[0]
            assert abs(found[0] - gross * WAD) <= DUST
            assert abs(found[1] - impairment * WAD) <= DUST


def test_mark_of_the_committee__is_the_least_impairment(book):
    with book.isolated():
        leg = debt(book.now + 5, floor_bps=4_000)
        book.set({1: leg}, book.now + 5)
        check(book, leg, [book.now, book.now + 1, *midnights(leg, 0, 47, 48, 49, 60, 90, 400)])
        assert book.values([book.now])[0][1] == Fraction(MILLION * 4, 10)


# any leg


@st.composite
def schedules(draw):
    """Ramps that do not flatten before they are complete."""
    days = sorted(draw(st.sets(st.integers(1, 200), min_size=3, max_size=3)))
    slopes = sorted(draw(st.lists(st.integers(0, 100), min_size=3, max_size=3)))
    assume(slopes[2] > 0)
    spans = days[0], days[1] - days[0], days[2] - days[1]
    total = sum(slope * span for slope, span in zip(slopes, spans, strict=True))
    first = 10_000 * slopes[0] * spans[0] // total
    second = first + 10_000 * slopes[1] * spans[1] // total
    convex = (
        first * spans[1] <= (second - first) * spans[0]
        and (second - first) * spans[2] <= (10_000 - second) * spans[1]
    )
    return Schedule(tuple(days), (first, second)) if convex else Schedule()


amounts = st.one_of(st.integers(1_000, 10**9).map(lambda n: n * WAD), st.integers(10**21, 10**27))


@st.composite
def legs(draw, now):
    """A debt leg or a revenue share as of `now`."""
    amount = draw(amounts)
    stop = now // DAY + draw(st.integers(-400, 400))
    common = {
        "schedule": draw(st.one_of(st.just(Schedule()), schedules())),
        "first_loss": amount * draw(st.sampled_from([0, 0, 0, 3, 50, 104, 999])) // 1_000,
        "floor_bps": draw(st.sampled_from([0, 0, 0, 1, 2_500, 9_999, 10_000])),
    }
    if draw(st.booleans()):
        reserve = amount * draw(st.sampled_from([0, 50, 1_100])) // 1_000
        accrual = Fraction(amount * draw(st.integers(60, 4_000)) * SCALE // (10_000 * YEAR), SCALE)
        return DebtLeg(stop, Fraction(amount), accrual, now, reserve=reserve, **common)
    start = now - draw(st.integers(0, 300 * DAY))
    # no share has a shorter term than 90 days, which bounds its slope
    end = max(now // DAY + draw(st.integers(1, 1_095)), start // DAY + 91)
    return ShareLeg(max(stop, start // DAY + 1), amount, start, end, **common)


offsets = st.one_of(
    st.integers(0, 3 * DAY), st.integers(0, 6 * YEAR), st.integers(0, 500).map(lambda day: day * DAY)
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_leg__any_at_any_time__is_worth_what_the_definition_says(book, data):
    with book.isolated():
        now = book.now + data.draw(st.integers(1, 300 * DAY))
        leg = data.draw(legs(now))
        book.set({1: leg}, now)
        midnight = (now // DAY + 1) * DAY
        times = [now + d for d in data.draw(st.lists(offsets, min_size=1, max_size=12))]
        times += [midnight + d // DAY * DAY for d in data.draw(st.lists(offsets, max_size=12))]
        check(book, leg, times)
        for gross, impairment in book.values(times):
            assert gross >= 0
            assert -DUST <= impairment <= gross + DUST


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_cure__of_any_late_leg__ramps_back_and_never_exceeds_carrying_value(book, data):
    with book.isolated():
        bought = book.now + data.draw(st.integers(1, 2 * DAY))
        leg = data.draw(legs(bought))
        book.set({1: leg}, bought)
        now = bought + data.draw(st.integers(1, 200 * DAY))
        gross, mark = book.leg_values(1, [now])[0]
        kept = data.draw(st.integers(1, 10_000)) if isinstance(leg, DebtLeg) else 10_000
        days = data.draw(st.integers(1, 30))
        stop = data.draw(st.integers(leg.stop, leg.stop + 120))
        book.send(book.contract.cure(1, stop, kept, days), now)

        value = Fraction(int(gross * SCALE) * kept // 10_000, SCALE)
        after = replace(leg, stop=stop)
        if isinstance(leg, DebtLeg):
            after = replace(after, value=value, accrual=Fraction(0), since=now)
        after = cured(after, Fraction(int(max(mark, 0) * SCALE) * kept // 10_000, SCALE), now, days)
        check(book, after, [now, *(now + d for d in data.draw(st.lists(offsets, max_size=10)))])
        times = [now + hours * 3_600 for hours in range(0, 24 * 45, 5)]
        for gross, impairment in book.values(times):
            assert impairment <= gross + DUST


def test_cure__ramps_back_in_its_days_from_the_next_midnight(book):
    with book.isolated():
        leg = replace(debt(book.now + 5), accrual=Fraction(0))
        book.set({1: leg}, book.now + 5)
        now = (leg.stop + 30) * DAY - DAY // 2
        mark = book.values([now])[0][1]
        book.send(book.contract.cure(1, leg.stop + 365, 10_000, 10), now)
        end = (leg.stop + 40) * DAY
        for t in (now, now + 1, now + DAY, end - 1, end, end + YEAR // 2):
            exact = mark * max(end - t, 0) / (end - now)
            assert abs(book.values([t])[0][1] - exact) <= DUST


# the book


def test_value_at__before_the_last_change__reverts(book):
    with book.isolated():
        book.set({1: debt(book.now + 5)}, book.now + 5)
        assert book.refusal(book.contract.value_at(book.now - 1)) == "before last change"
        assert book.refusal(book.contract.value_at(book.now)) == ""


def test_value_at__rounds_down_and_never_shows_more_impairment_than_value(book):
    with book.isolated():
        book.set({1: debt(book.now + 5, floor_bps=10_000)}, book.now + 5)
        for t in (book.now, book.now + 1, book.now + 12_345_678):
            gross, impairment = book.values([t])[0]
            assert book.node.view(book.contract.value_at(t)) == (int(gross), min(int(impairment), int(gross)))


def test_value_at__a_century_later__does_not_revert(book):
    with book.isolated():
        leg = debt(book.now + 5)
        book.set({1: leg}, book.now + 5)
        t = book.now + 100 * YEAR
        assert all(abs(value - leg.gross(t)) <= DUST for value in book.values([t])[0])


def test_set_leg__out_of_bounds_or_not_current__reverts(book):
    now = book.now
    good = to_chain(debt(now), now)
    names = [entry["name"] for entry in book.contract.parameters("set_leg")[1]["components"]]
    for name, value in {
        "value": 2**132,
        "slope": 2**110,
        "stop": 2**16,
        "floor_bps": 10_001,
        "reserve": 2**96,
        "first_loss": 2**96,
        "schedule": 2**58,
    }.items():
        bad = tuple(value if field == name else old for field, old in zip(names, good, strict=True))
        call = book.contract.set_leg(1, bad)
        with book.isolated():
            assert book.node.send(book.sender, call, now) == "leg out of bounds", name
    with book.isolated():
        assert book.node.send(book.sender, book.contract.set_leg(1, good), now + 1) == "leg not current"


@pytest.mark.parametrize("slope", [2**110 - 1, 1 - 2**110], ids=["rising", "falling"])
@pytest.mark.parametrize("cover", [(2**96 - 1, 2**96 - 1), (0, 1), (1, 0), (0, 0)], ids=str)
def test_leg__at_its_bounds__is_read_as_it_was_written(book, slope, cover):
    now = book.now + 1
    words = {
        "value": 2**132 - 1,
        "slope": slope,
        "since": now,
        "turn": 2**16 - 1,
        # the ramp ends with the last day that there is
        "stop": 2**16 - 1_024,
        "cure_end": 2**16 - 1,
        "cure_slope": 2**115 - 1,
        "floor_bps": 10_000,
        "reserve": cover[0],
        "first_loss": cover[1],
        "schedule": pack(Schedule((1_021, 1_022, 1_023), (0, 0))) | 10_000 << 44,
    }
    with book.isolated():
        # what it replaces had all that it may lack
        book.send(book.contract.set_leg(1, tuple({**words, "reserve": 1, "first_loss": 2}.values())), now)
        book.send(book.contract.set_leg(1, tuple({**words, "since": now + 1}.values())), now + 1)
        assert vars(book.leg(1)) == {**words, "since": now + 1}
        book.send(book.contract.set_leg(1, tuple(dict.fromkeys(words, 0).values())), now + 2)
        assert set(vars(book.leg(1)).values()) == {0}
        assert book.words()[0]["impairment"] == 0


def test_pack_schedule__of_a_ramp_that_flattens_or_falls__reverts(book):
    view = book.contract.pack_schedule
    assert book.node.view(view([30, 60, 90], [2_500, 5_000])) == pack(Schedule())
    for days, bps, reason in (
        ([30, 30, 90], [2_500, 5_000], "schedule days"),
        ([0, 60, 90], [2_500, 5_000], "schedule days"),
        ([30, 60, 1_024], [2_500, 5_000], "schedule days"),
        ([30, 60, 90], [2_500, 2_499], "schedule bps"),
        ([30, 60, 90], [2_500, 10_001], "schedule bps"),
        ([30, 60, 90], [2_600, 5_000], "schedule flattens"),
        ([30, 60, 90], [3_300, 6_700], "schedule flattens"),
    ):
        assert book.refusal(view(days, bps)) == reason


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_add_then_remove__any_legs_in_any_order__restores_the_book_bit_for_bit(book, data):
    with book.isolated():
        now = book.now + data.draw(st.integers(1, 300 * DAY))
        kept = {i: data.draw(legs(now)) for i in range(1, data.draw(st.integers(1, 4)))}
        passing = {10 + i: data.draw(legs(now)) for i in range(data.draw(st.integers(1, 4)))}
        book.set(kept, now)
        book.send(book.contract.checkpoint(), now + 1)
        before = book.words()
        snapshot = book.node.rpc("evm_snapshot")
        # at the same second, and with others among them
        book.set(passing, now + 2)
        order = data.draw(st.permutations(sorted(passing)))
        later = now + 2 + data.draw(st.integers(0, 200 * DAY))
        book.set(dict.fromkeys(order), later)
        after = book.words()
        book.node.rpc("evm_revert", snapshot)
        book.send(book.contract.checkpoint(), later)
        undisturbed = book.words()
        assert after == undisturbed
        if later // DAY == now // DAY:
            assert after[1:] == before[1:]


@st.composite
def moves(draw):
    """What happens to the book, after how many seconds, and to which leg."""
    return (
        draw(st.sampled_from(["set", "set", "set", "remove", "cure", "checkpoint"])),
        draw(st.one_of(st.integers(1, 3 * DAY), st.integers(1, 200 * DAY))),
        draw(st.integers(1, 6)),
    )


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(data=st.data())
def test_book__any_history__is_the_sum_of_its_legs_by_definition(book, data):
    with book.isolated():
        model = {}
        for act, wait, number in data.draw(st.lists(moves(), min_size=1, max_size=12)):
            now = book.now + wait
            if act == "set":
                model[number] = data.draw(legs(now))
                book.set({number: model[number]}, now)
            elif act == "remove":
                model.pop(number, None)
                book.set({number: None}, now)
            elif act == "cure" and number in model and model[number].cure == Cure():
                leg = model[number]
                days = data.draw(st.integers(1, 30))
                stop = leg.stop + data.draw(st.integers(0, 90))
                gross, mark = (int(value * SCALE) for value in book.leg_values(number, [now])[0])
                book.send(book.contract.cure(number, stop, 10_000, days), now)
                after = replace(leg, stop=stop)
                if isinstance(leg, DebtLeg):
                    after = replace(after, value=Fraction(gross, SCALE), accrual=Fraction(0), since=now)
                model[number] = cured(after, Fraction(max(mark, 0), SCALE), now, days)
            else:
                book.send(book.contract.checkpoint(), now)
            times = [now, *(now + d for d in data.draw(st.lists(offsets, min_size=1, max_size=3)))]
            for t, found in zip(times, book.values(times), strict=True):
                exact = [sum(leg.gross(t) for leg in model.values())]
                exact.append(sum(leg.impairment(t) for leg in model.values()))
                for value, wanted in zip(found, exact, strict=True):
                    assert abs(value - wanted) <= DUST * len(model)
            whole, sums = book.reconciled(list(model), times[-1])
            assert whole == sums


def test_reconcile__with_a_leg_left_out_repeated_or_unknown__reverts(book):
    with book.isolated():
        now = book.now + 5
        book.set({i: debt(now) for i in (3, 5, 9)}, now)
        for numbers, reason in (
            ([3, 5], "ids incomplete"),
            ([3, 5, 5], "ids not ascending"),
            ([5, 3, 9], "ids not ascending"),
            ([3, 5, 8], "unknown leg"),
        ):
            assert book.refusal(book.contract.reconcile(numbers)) == reason
        whole, legs = book.reconciled([3, 5, 9], now + YEAR)
        assert whole == legs
        assert whole["gross"] == 3 * int(book.leg_values(3, [now + YEAR])[0][0] * SCALE)


def test_book__of_256_deals_of_a_billion__does_not_overflow(book):
    with book.isolated():
        now = book.now + 5
        billion = 10**9 * WAD
        # all at once in the steepest way: complete after three days
        steep = Schedule((1, 2, 3), (0, 0))
        model = {i: debt(now, billion, 40, schedule=steep) for i in range(1, 513)}
        numbers = sorted(model)
        for i in range(0, 512, 64):
            book.set({n: model[n] for n in numbers[i : i + 64]}, now + i)
        one_more = book.contract.set_leg(600, to_chain(debt(now), now + 600))
        assert book.node.send(book.sender, one_more, now + 600) == "book full"
        for t in midnights(model[1], 0, 1, 2, 3, 9_999):
            gross, impairment = book.values([t])[0]
            assert abs(gross - 512 * model[1].gross(t)) <= 512 * billion // 10**6
            assert abs(impairment - 512 * model[1].impairment(t)) <= 512 * billion // 10**6


def test_lowest_bit__of_every_position(book):
    view = book.contract.lowest_bit
    for bit in range(256):
        assert book.node.view(view(1 << bit)) == bit
        assert book.node.view(view((2**256 - 1) >> bit << bit)) == bit


def test_value_at__of_a_page_full_of_events__counts_each_day_once(book):
    with book.isolated():
        now = (book.now // DAY // PAGE + 1) * PAGE * DAY - 100
        # stops on 340 days in a row, from the first of a page on
        model = {i: debt(now, days=i) for i in range(1, 341)}
        numbers = sorted(model)
        for i in range(0, 340, 34):
            book.set({n: model[n] for n in numbers[i : i + 34]}, now)
            now += 1
        for days in (1, 100, 255, 256, 257, 300, 340, 700):
            t = (now // DAY + days) * DAY + 7
            exact = (
                sum(leg.gross(t) for leg in model.values()),
                sum(leg.impairment(t) for leg in model.values()),
            )
            for value, wanted in zip(book.values([t])[0], exact, strict=True):
                # they were added up to nine seconds later than the model thinks
                assert abs(value - wanted) <= 10 * 340 * MILLION // (10 * YEAR)


# gas


def thirty_deals(book):
    """30 deals whose grace ends on 30 days in a row, the book having been touched before."""
    start = book.now + 5
    book.set({i: debt(start, days=i + 1) for i in range(30)}, start)
    book.send(book.contract.checkpoint(), start + 1)


@pytest.mark.parametrize(("days", "most"), [(0, 8_000), (1, 12_000), (30, 80_000)])
def test_value_at__days_after_the_last_touch__costs_no_more_gas_than(book, days, most):
    with book.isolated():
        thirty_deals(book)
        t = book.now + days * DAY
        assert book.gas(book.contract.value_at(t), t) <= most


def test_value_at__with_120_deals_and_nothing_due__costs_what_it_costs_with_one(book):
    costs = []
    for count in (1, 120):
        with book.isolated():
            now = book.now + 5
            for i in range(0, count, 40):
                book.set({n: debt(now + i, days=40 + n) for n in range(i, min(count, i + 40))}, now + i)
            now = book.now
            costs.append(book.gas(book.contract.value_at(now + 60), now + 60))
    assert costs[0] == costs[1]


def test_value_at__years_after_the_last_event__costs_a_page_mark_for_256_days(book):
    with book.isolated():
        now = book.now + 5
        book.set({1: debt(now)}, now)
        costs = [book.gas(book.contract.value_at(now + 60), now + years * YEAR) for years in (1, 11)]
        later = [book.gas(book.contract.value_at(book.now + 60 + y * YEAR), book.now + 60) for y in (0, 10)]
        assert costs[0] == costs[1]
        assert later[1] - later[0] <= 15 * 2_500
