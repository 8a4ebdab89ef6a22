from math import fsum, inf, nan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experiments.statistics import (
    LOOKS,
    Interval,
    dip,
    fieller,
    look_levels,
    paired_interval,
    peak_cost_ratio,
    student,
    t_quantile,
)
from tests.experiments.samples import LAWS, Floats

values_of_use = st.floats(-3, 3).map(lambda value: round(value, 6))
samples = st.lists(st.tuples(values_of_use, values_of_use), min_size=3, max_size=30).map(np.array)


def chance(number: int) -> np.random.Generator:
    return np.random.default_rng([20_240_602, number])


# --- Student t ---


def test_paired_interval_by_hand() -> None:
    # mean 3, variance 2.5, standard error √0.5; t with 4 degrees of freedom exceeds 2.77645 in 2.5 %
    interval = paired_interval([1, 2, 3, 4, 5], 0.95)
    assert interval == pytest.approx((3.0, 3 - 2.7764451051977987 * 0.5**0.5, 3 + 2.7764451051977987 * 0.5**0.5))


def test_trajectories_are_taken_year_by_year() -> None:
    paths = chance(1).normal(size=(12, 5))
    mean, half = student(paths, 0.05)
    for year in range(5):
        assert paired_interval(paths[:, year], 0.95) == pytest.approx(
            (mean[year], mean[year] - half[year], mean[year] + half[year]), rel=1e-12
        )


@given(st.floats(-1e6, 1e6), st.integers(2, 50))
def test_values_that_do_not_vary_are_known_exactly(value: float, count: int) -> None:
    assert paired_interval([value] * count, 0.95) == Interval(value, value, value)


def test_fewer_than_two_values_have_no_ends() -> None:
    assert paired_interval([], 0.95) == Interval(None, None, None)
    assert paired_interval([2.0], 0.95) == Interval(2.0, None, None)


@pytest.mark.parametrize("values", [[1.0, nan], [inf, 1.0], [1.0, 2.0, -inf]])
def test_values_that_are_not_finite_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="NaN or an infinite value: run it again"):
        paired_interval(values, 0.95)
    with pytest.raises(ValueError, match="NaN or an infinite value: run it again"):
        fieller(values, [1.0] * len(values), 0.95)
    with pytest.raises(ValueError, match="NaN or an infinite value: run it again"):
        fieller([1.0] * len(values), values, 0.95)


@pytest.mark.parametrize("level", [0.05, 0.49, 1.0, 95.0, nan])
def test_a_level_is_a_confidence(level: float) -> None:
    with pytest.raises(ValueError, match="not a confidence level"):
        paired_interval([1.0, 2.0], level)


@pytest.mark.parametrize("error", [0.95, 0.0, -0.1, nan])
def test_an_error_is_not_a_confidence(error: float) -> None:
    with pytest.raises(ValueError, match="not an error probability"):
        t_quantile(error, 7)


@pytest.mark.parametrize(("law", "count", "number"), [("normal", 8, 10), ("normal", 64, 11), ("gamma", 64, 12)])
def test_intervals_cover_as_often_as_they_say(law: str, count: int, number: int) -> None:
    sets = 0.3 + LAWS[law](chance(number), (1000, count))
    intervals = [paired_interval(values, 0.95) for values in sets]
    assert 926 <= sum(contains(interval, 0.3) for interval in intervals) <= 971


# --- Fieller ---


def contains(interval: Interval, value: float) -> bool:
    """Whether an interval holds the value; a missing end bounds nothing."""
    return (interval.low is None or interval.low <= value) and (interval.high is None or value <= interval.high)


def test_fieller_by_hand() -> None:
    # Means 2 and 4, both with variance 1 and covariance 0 over 4 replicates, so each mean has variance 1/4 and t² = q.
    # (2 - 4ρ)² = q(1 + ρ²)/4 has the roots (8 ± √(64 - (16 - q/4)(4 - q/4)))/(16 - q/4).
    unit = np.sqrt(3) / 2
    above, below = 2 + unit * np.array([1, 1, -1, -1]), 4 + unit * np.array([1, -1, 1, -1])
    q = 3.182446305284263**2
    root = np.sqrt(64 - (16 - q / 4) * (4 - q / 4))
    low, high = (8 - root) / (16 - q / 4), (8 + root) / (16 - q / 4)
    assert fieller(above, below, 0.95) == pytest.approx((0.5, low, high), rel=1e-9)


@given(samples)
def test_the_ends_are_the_ratios_just_not_rejected(pairs: Floats) -> None:
    above, below = pairs.T
    assume(np.ptp(above) > 1e-3 and np.ptp(below) > 1e-3)
    interval, bottom = fieller(above, below, 0.9), paired_interval(below, 0.9)
    assert bottom.low is not None
    assert bottom.high is not None
    distance = max(bottom.low, -bottom.high) / (bottom.high - bottom.low)
    assume(abs(distance) > 1e-3)
    assert (interval.low is not None) == (interval.high is not None) == (distance > 0)
    for end in (interval.low, interval.high):
        if end is not None:
            mean, half = student(above - end * below, 0.1)
            assert abs(mean) == pytest.approx(half, rel=1e-5, abs=1e-7 * max(1.0, abs(end)))


@given(samples)
def test_the_ratio_lies_between_its_ends(pairs: Floats) -> None:
    interval = fieller(pairs[:, 0], pairs[:, 1], 0.95)
    if interval.low is not None and interval.high is not None and interval.mean is not None:
        room = 1e-9 * max(1.0, abs(interval.mean))
        assert interval.low - room <= interval.mean <= interval.high + room


def test_a_denominator_like_zero_leaves_the_ratio_unbounded() -> None:
    interval = fieller([1.0, 1.1, 0.9, 1.0], [0.5, -0.4, 0.3, -0.2], 0.95)
    assert interval.mean == pytest.approx(20.0)
    assert interval[1:] == (None, None)


def test_ratios_without_variance() -> None:
    assert fieller([1.0] * 9, [3.0] * 9, 0.95) == Interval(1 / 3, 1 / 3, 1 / 3)
    assert fieller([0.0] * 9, [3.0] * 9, 0.95) == Interval(0.0, 0.0, 0.0)
    assert fieller([0.0] * 9, [0.0] * 9, 0.95) == Interval(None, None, None)
    assert fieller([1.0, -1.0], [0.0, 0.0], 0.95) == Interval(None, None, None)
    constant = fieller([1.0, 2.0, 3.0], [2.0] * 3, 0.95)
    assert constant == pytest.approx(np.array(paired_interval([0.5, 1.0, 1.5], 0.95), dtype=float))


def test_few_or_unequal_pairs() -> None:
    assert fieller([], [], 0.95) == Interval(None, None, None)
    assert fieller([1.0], [4.0], 0.95) == Interval(0.25, None, None)
    with pytest.raises(ValueError, match="one pair per replicate"):
        fieller([1.0, 2.0], [1.0], 0.95)


def test_the_cost_of_a_valley_filled_at_the_peaks_expense_is_positive() -> None:
    rows = np.array([[-1.0, 2.0, 9.0], [-1.2, 2.1, 9.0], [-0.8, 1.9, 9.0]])
    interval = peak_cost_ratio(rows, 0.95)
    assert interval.mean == pytest.approx(0.5)
    assert interval == fieller([1.0, 1.2, 0.8], [2.0, 2.1, 1.9], 0.95)


@pytest.mark.parametrize(("law", "number"), [("normal", 20), ("gamma", 21)])
def test_fieller_covers_as_often_as_it_says(law: str, number: int) -> None:
    noise = LAWS[law](chance(number), (2, 1000, 64))
    above, below = 0.4 + noise[0], 1.0 + (noise[0] + noise[1]) / 2
    covered = sum(contains(fieller(a, b, 0.95), 0.4) for a, b in zip(above, below, strict=True))
    assert 926 <= covered <= 971


# --- error spent over the looks ---


def test_the_looks_spend_the_squares() -> None:
    levels = look_levels(0.05)
    assert np.cumsum(levels) == pytest.approx(0.05 * np.array([1, 4, 16, 64, 256, 1024]) / 1024, rel=1e-14)
    assert sum(levels) == 0.05


@given(st.floats(1e-6, 0.5), st.lists(st.integers(1, 10**6), min_size=1, max_size=12, unique=True).map(sorted))
def test_every_plan_spends_all_of_alpha_and_no_more(alpha: float, looks: list[int]) -> None:
    levels = look_levels(alpha, looks)
    assert len(levels) == len(looks)
    assert (levels > 0).all()
    assert fsum(levels) == pytest.approx(alpha, rel=1e-15)


def test_one_look_spends_everything() -> None:
    assert look_levels(0.05, (100,)).tolist() == [0.05]


@pytest.mark.parametrize("looks", [(), (0, 8), (-8, 8), (8, 8), (16, 8), ((8, 16),)])
def test_looks_that_do_not_rise_are_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rising numbers of replicates"):
        look_levels(0.05, looks)


@pytest.mark.parametrize("alpha", [0.0, -0.05, 0.95, nan])
def test_an_alpha_that_is_no_error_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="not an error probability"):
        look_levels(alpha, LOOKS)


# --- the dip ---


@pytest.mark.parametrize(
    ("trajectory", "depth", "year"),
    [
        ([-0.01, -0.03, -0.01, 0.0, 0.02], 0.03, 4),
        ([-0.03, -0.002, 0.02], 0.03, 2),  # -tolerance is back at zero
        ([-0.03, -0.0021, 0.02], 0.03, 3),
        ([0.01, -0.02, -0.03, -0.04], 0.04, None),
        ([-0.03, 0.01, -0.04, -0.01], 0.04, None),  # the deepest point counts, though an earlier one was made good
        ([-0.03, 0.01, -0.03, 0.01], 0.03, 2),  # of equals the first
        ([0.0, 0.01, 0.02], 0.0, None),
        ([-0.002, 0.01], 0.0, None),
        ([-0.0021, 0.01], 0.0021, 2),
        ([-0.05], 0.05, None),
        ([], 0.0, None),
    ],
)
def test_dips_by_hand(trajectory: list[float], depth: float, year: int | None) -> None:
    assert dip(trajectory) == (depth, year)


def test_the_tolerance_of_a_dip_can_be_set() -> None:
    assert dip([-0.03, -0.001], tolerance=0.0) == (0.03, None)
    assert dip([-0.03, 0.0], tolerance=0.0) == (0.03, 2)
    assert dip([-0.03, -0.02], tolerance=0.02) == (0.03, 2)
    with pytest.raises(ValueError, match="must not be negative"):
        dip([0.0], tolerance=-0.1)


def test_a_dip_refuses_years_that_are_missing() -> None:
    with pytest.raises(ValueError, match="NaN"):
        dip([0.0, nan])
