"""The verdict told is never one that another region beats among the draws."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from experiments.certainty import spread, without_unsure_ratios
from experiments.headline import headline
from experiments.verdict import REGIONS, Verdict

FILL, SHAVING, LIFT = Verdict.FILL, Verdict.PEAK_SHAVING, Verdict.LIFT


def test_most_draws_decide_and_the_point_estimate_does_not() -> None:
    """37 of 64 draws shave, 14 fill, 13 lift: shaving is told with 57.8 %, then fill, though the point is fill."""
    found = headline([SHAVING] * 37 + [FILL] * 14 + [LIFT] * 13, FILL)
    assert (found.verdict, found.share) == (SHAVING, 37 / 64)
    assert (found.runner_up, found.runner_up_share) == (FILL, 14 / 64)
    assert list(found.regions.items()) == [(SHAVING, 37), (FILL, 14), (LIFT, 13)]


@pytest.mark.parametrize("point", REGIONS)
def test_of_equally_frequent_regions_the_point_estimate_comes_first(point: Verdict) -> None:
    found = headline([SHAVING, LIFT, SHAVING, LIFT], point)
    assert found.verdict is (point if point in (SHAVING, LIFT) else LIFT)
    assert found.runner_up in {SHAVING, LIFT} - {found.verdict}
    assert found.share == found.runner_up_share == 0.5


def test_draws_that_all_agree_leave_no_runner_up() -> None:
    found = headline([FILL] * 3, LIFT)
    assert (found.verdict, found.share, found.runner_up, found.runner_up_share) == (FILL, 1.0, None, 0.0)
    assert found.document() == {"share": 1.0, "runner_up": None, "runner_up_share": 0.0, "regions": {"fill": 3}}


def test_no_region_beats_the_one_told_whatever_the_draws() -> None:
    chance = np.random.default_rng(5)
    for size, point in product((1, 2, 3, 7, 64), REGIONS):
        drawn = [REGIONS[n] for n in chance.integers(0, len(REGIONS), size)]
        found, counts = headline(drawn, point), Counter(drawn)
        assert counts[found.verdict] == max(counts.values())
        assert found.runner_up is None or counts[found.runner_up] == sorted(counts.values())[-2]
        assert sum(found.regions.values()) == size


def test_the_spread_of_draws_is_median_and_the_middle_nine_tenths() -> None:
    """0, 1, … 20 hundredths: median 10, 5 % at 1, 95 % at 19."""
    rows = np.arange(21)[:, None] * np.array([0.01, 0.02, -0.01])
    found = spread(rows)
    assert found["d_peak"] == pytest.approx({"median": 0.10, "low": 0.01, "high": 0.19})
    assert found["d_valley"] == pytest.approx({"median": 0.20, "low": 0.02, "high": 0.38})
    assert found["d_mean"] == pytest.approx({"median": -0.10, "low": -0.19, "high": -0.01})


RATIO = {"mean": 0.4, "low": 0.2, "high": 0.7}
COSTS = {"per_hundredth_sigma_valley": 12.0, "per_hundredth_sigma_mean": 30.0, "beyond_control": 5.0}


@pytest.mark.parametrize(("gaining", "is_told"), [(20, True), (19, True), (18, False), (0, False)])
def test_nothing_is_told_per_unit_of_a_gain_that_draws_make_unsure(gaining: int, is_told: bool) -> None:
    """Of 20 draws 19 must gain, which are 95 %: for the valley and, apart from it, for the mean."""
    gains = np.where(np.arange(20) < gaining, 0.03, -0.01)
    sure = np.full(20, 0.02)
    policy = {"peak_cost_ratio": RATIO, "costs": COSTS}
    valley = policy | without_unsure_ratios(policy, np.stack([-sure, gains, sure], axis=1))
    assert (valley["peak_cost_ratio"] == RATIO) == is_told
    assert is_told or valley["peak_cost_ratio"] == {"mean": None, "low": None, "high": None}
    assert (valley["costs"]["per_hundredth_sigma_valley"] is not None) == is_told
    assert valley["costs"]["per_hundredth_sigma_mean"] == 30.0
    mean = policy | without_unsure_ratios(policy, np.stack([-sure, sure, gains], axis=1))
    assert mean["peak_cost_ratio"] == RATIO
    assert (mean["costs"]["per_hundredth_sigma_mean"] is not None) == is_told
    assert policy == {"peak_cost_ratio": RATIO, "costs": COSTS}
