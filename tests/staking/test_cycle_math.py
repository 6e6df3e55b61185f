"""cycle_math: one settlement's fill and fold, against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .staking_model import MOST_LEFT, VIRTUAL, WAD, div_up, fill

ONE = 10**36  # product at the start of an era
SHARES = 2**104 - 1
ASSETS = 2**112 - 1


@pytest.fixture(scope="module")
def maths(project, accounts):
    return accounts[0].deploy(project.CycleMathHarness)


def magnitude(most):
    """Any number up to `most`, small ones and large ones alike."""
    bits = most.bit_length()
    return st.integers(0, bits).flatmap(lambda b: st.integers(0, min(2**b, most)))


@st.composite
def vaults(draw):
    """(pending, idle, exit assets, supply) with pending within supply and idle as the vault allows."""
    supply = draw(magnitude(SHARES))
    return draw(magnitude(supply)), draw(magnitude(ASSETS)), draw(magnitude(ASSETS)), supply


@settings(max_examples=12, deadline=None)
@given(st.lists(vaults(), min_size=40, max_size=64))
def test_fill__any_vault__is_the_models_and_within_every_bound(maths, cases):
    for case, (filled, paid) in zip(cases, maths.fill(cases), strict=True):
        pending, idle, exit_assets, supply = case
        assert (filled, paid) == fill(*case)
        assert filled <= pending
        assert paid <= min(idle, exit_assets)
        # nobody is paid above the price, and a part fill leaves a part
        assert paid * (supply + VIRTUAL) <= filled * (exit_assets + VIRTUAL)
        if filled != pending:
            assert pending - filled >= div_up(pending, MOST_LEFT) or filled == 0
        # the price of those who stay does not fall
        left = Fraction(exit_assets - paid + VIRTUAL, supply - filled + VIRTUAL)
        assert (
            filled == supply
            or left >= Fraction(exit_assets + VIRTUAL, supply + VIRTUAL)
            or paid == exit_assets
        )


@pytest.mark.parametrize(
    ("case", "expected"),
    {
        "nobody waits": ((0, WAD, WAD, WAD), (0, 0)),
        "nothing idle": ((WAD, 0, WAD, WAD), (0, 0)),
        "price below 1e-6": ((WAD, WAD, 10**12 - 1, WAD), (0, 0)),
        "price of 1e-6": ((WAD, WAD, 10**12, WAD), (WAD, 10**12)),
        "in full at par": ((3 * WAD, 5 * WAD, 9 * WAD, 9 * WAD), (3 * WAD, 3 * WAD)),
        "all of them at a loss": ((9 * WAD, 3 * WAD, 3 * WAD, 9 * WAD), (9 * WAD, 3 * WAD)),
        "in part": ((8 * WAD, 2 * WAD, 9 * WAD, 9 * WAD), (2 * WAD, 2 * WAD)),
        "a wei short": ((WAD, WAD - 1, 2 * WAD, 2 * WAD), (WAD - 10**9, WAD - 10**9)),
        "one wei left in line": ((1, 1, 4 * WAD, WAD), (0, 0)),
        "worth less than a wei": ((1, 1, 10**6 - 1, 10**6), (0, 0)),
    }.values(),
)
def test_fill__at_the_edges(maths, case, expected):
    assert [tuple(found) for found in maths.fill([case])] == [expected]


def test_fill__at_the_documented_bounds__does_not_overflow(maths):
    case = (SHARES, ASSETS, ASSETS, SHARES)
    assert tuple(maths.fill([case])[0]) == fill(*case)


def fold_model(product, scale, pending, filled):
    """Product and scale after a part fill, as an exact fraction rounded down once."""
    left = Fraction(product * (pending - filled), pending)
    if left >= WAD:
        return int(left), scale
    return int(left * WAD), scale + 1


@st.composite
def part_fills(draw):
    """A line, and part fills of it that keep at least 1e-9 each time."""
    pending = left = draw(st.integers(10**9, SHARES))
    fills = []
    for _ in range(draw(st.integers(1, 12))):
        most = left - div_up(left, MOST_LEFT)
        if most == 0:
            break
        kept = draw(st.sampled_from([0, 1, most // 2, most]))
        fills.append(most - min(kept, most - 1))
        left -= fills[-1]
    return pending, fills


@settings(max_examples=30, deadline=None)
@given(part_fills())
def test_fold__part_fills_in_a_row__keep_18_digits_and_round_down_once(maths, line):
    pending, fills = line
    exact = Fraction(1)
    product, scale, left = ONE, 0, pending
    for filled, found in zip(fills, maths.fold((ONE, 7, 0), pending, fills), strict=True):
        exact *= Fraction(left - filled, left)
        product, scale = fold_model(product, scale, left, filled)
        left -= filled
        assert found == {"product": product, "era": 7, "scale": scale}
        assert WAD <= product <= ONE
    # what a holder of the whole line has left is never more than there is
    assert Fraction(product, ONE * WAD**scale) <= exact
    assert Fraction(product, ONE * WAD**scale) >= exact * (1 - Fraction(len(fills), WAD))


def test_fold__full_fill__starts_the_next_era_afresh(maths):
    start = (12_345 * WAD, 3, 2)
    assert maths.fold(start, 10, [10])[0] == {"product": ONE, "era": 4, "scale": 0}


def test_fold__nothing_filled__changes_nothing(maths):
    start = {"product": 12_345 * WAD, "era": 3, "scale": 2}
    assert maths.fold(start, 10, [0])[0] == start


def test_fold__product_of_exactly_1e18__is_not_scaled_and_a_wei_below_is(maths):
    assert maths.fold((2 * WAD, 0, 0), 10, [5])[0] == {"product": WAD, "era": 0, "scale": 0}
    scaled = maths.fold((2 * WAD - 1, 0, 0), 10, [5])[0]
    assert scaled == {"product": (2 * WAD - 1) * WAD // 2, "era": 0, "scale": 1}


@pytest.mark.parametrize("fold", [(ONE, 0, 0), (WAD, 1, 2), (2**128 - 1, 2**64 - 1, 2**64 - 1)])
def test_packing__returns_what_it_took(maths, fold):
    found = maths.repacked(fold)
    assert (found.product, found.era, found.scale) == fold


def test_key__era_and_scale__next_scale_is_the_next_number(maths):
    assert maths.key((0, 5, 6)) == 5 * 2**64 + 6
    assert maths.key((ONE, 5, 7)) == maths.key((0, 5, 6)) + 1
