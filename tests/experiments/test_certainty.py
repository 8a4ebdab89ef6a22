"""Certainty: draws, control variates, what a verdict hinges on, and where it flips."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from experiments import certainty
from experiments.certainty import Certainty, adjusted, flips, grid, hinges_of, latin_hypercube, least_correlation
from experiments.comparison import Study
from experiments.verdict import Verdict, depth, region
from scenarios import reader
from scenarios.reader import Choice, Scenario
from scenarios.uncertainty import ranges_of, varied
from tests.experiments.test_comparison import arm, compared, study

RANGES = {"a": (0.0, 0.5, 1.0), "b": (-2.0, -2.0, 2.0)}


def test_every_slice_of_every_range_is_drawn_once() -> None:
    draws = latin_hypercube(RANGES, 64, 0)
    for path, (low, _, high) in RANGES.items():
        values = np.array([draw[path] for draw in draws])
        slices = np.floor((values - low) / (high - low) * 64)
        assert sorted(slices.tolist()) == list(range(64))


def test_a_numbers_draws_stay_when_others_join_and_change_with_the_seed() -> None:
    alone = [draw["a"] for draw in latin_hypercube({"a": RANGES["a"]}, 8, 0)]
    assert alone == [draw["a"] for draw in latin_hypercube(RANGES, 8, 0)]
    assert alone != [draw["a"] for draw in latin_hypercube(RANGES, 8, 1)]


def test_what_chance_does_to_few_seeds_is_taken_off() -> None:
    """The first two of four seeds run 0.3 above the mean of all; at other numbers too, where the effect is 1 more."""
    usual = np.array([[0.4], [0.4], [-0.2], [-0.2]]) @ np.ones((1, 3))
    assert adjusted(usual[:2] + 1.0, usual) == pytest.approx([1.1, 1.1, 1.1])


def test_depth_is_the_distance_to_the_nearest_border_of_a_region() -> None:
    """Fill: valley 0.01 above δ, peak 0.02 from either border, total 0.03 above −δ/2."""
    assert depth((0.0, 0.03, 0.02), Verdict.FILL, 0.02) == pytest.approx(0.01)
    assert depth((0.0, 0.0, 0.02), Verdict.FILL, 0.02) == pytest.approx(-0.02)
    # Dilution is two cells and more: from deep in it the border between them is none.
    assert depth((-0.1, 0.0, 0.0), Verdict.DILUTION, 0.02) == pytest.approx(0.02)
    assert depth((-0.1, 0.1, -0.5), Verdict.DILUTION, 0.02) == pytest.approx(0.12)  # to widening


def test_depth_is_positive_inside_its_region_only() -> None:
    random = np.random.default_rng(1)
    for peak, valley, mean in random.uniform(-0.06, 0.06, (500, 3)).tolist():
        found = region(peak, valley, mean, 0.02)
        assert depth((peak, valley, mean), found, 0.02) >= 0.0
        others = [v for v in Verdict if v not in (found, Verdict.UNDECIDED)]
        assert all(depth((peak, valley, mean), other, 0.02) <= 0.0 for other in others)


def test_a_verdict_hinges_on_what_moves_it_and_on_nothing_else() -> None:
    ranges = {f"p{n}": (0.0, 0.5, 1.0) for n in range(60)}
    draws = latin_hypercube(ranges, 64, 3)
    depths = np.array([draw["p7"] - 0.2 * draw["p8"] for draw in draws])
    (path, correlation), *_ = hinges_of(draws, depths)
    assert path == "p7"
    assert correlation > 0.9
    noise = np.array([draw["p7"] for draw in latin_hypercube(ranges, 64, 99)])
    assert hinges_of(draws, noise) == []
    assert hinges_of(draws, np.zeros(64)) == []


def test_chance_alone_names_a_hinge_in_five_of_a_hundred_at_most() -> None:
    """60 paths that do nothing, 200 times: at most 5 % + 4 standard errors name any."""
    ranges, found = {f"p{n}": (0.0, 0.5, 1.0) for n in range(60)}, 0
    for seed in range(200):
        depths = np.random.default_rng(seed).normal(size=64)
        found += bool(hinges_of(latin_hypercube(ranges, 64, seed), depths))
    assert found / 200 <= 0.05 + 4.0 * np.sqrt(0.05 * 0.95 / 200)


def test_least_correlation_is_that_of_the_t_table() -> None:
    """Ten pairs, two-sided 5 %: 0.632 (any table of the correlation coefficient)."""
    assert least_correlation(10, 0.05) == pytest.approx(0.632, abs=5e-4)


def test_the_nearest_flip_on_each_side_is_where_the_straight_line_crosses() -> None:
    """Peak falls by 0.02 a unit from 0: −δ = −0.02 is crossed at 1 above the default, never below."""
    points = [(v, np.array([-0.02 * v, 0.03, 0.0])) for v in (-2.0, 0.0, 0.5, 2.0)]
    ((value, verdict),) = flips(points, 0.0, 0.02)[-1:]
    assert verdict is Verdict.PEAK_SHAVING
    assert value == pytest.approx(1.0, abs=1e-9)
    below = flips(points, 0.0, 0.02)[0]
    assert below[1] is Verdict.LIFT
    assert below[0] == pytest.approx(-1.0, abs=1e-9)
    assert flips([(0.0, points[1][1]), (0.5, points[1][1])], 0.0, 0.02) == ()


def test_the_grid_leaves_the_default_out_and_reaches_both_ends() -> None:
    assert grid(0.0, 0.4, 1.0) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.55, 0.7, 0.85, 1.0])
    assert grid(0.0, 0.0, 1.0) == pytest.approx([0.25, 0.5, 0.75, 1.0])


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return reader.load("shuangtaizi_two_schools")


def made(scenario: Scenario) -> Study:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "none"))
    return study(scenario, arm("integration", policy))


def test_certainty_of_a_comparison_end_to_end(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Draws over one number only: the smallest difference that matters is met or not as that number says."""
    monkeypatch.setattr(certainty, "REPLICATES", 2)
    comparison = compared(made(scenario), tmp_path)
    ranges = {"practice.transfer_rate": ranges_of(scenario)["practice.transfer_rate"]}

    def study_at(values: Mapping[str, float]) -> Study:
        return made(varied(scenario, values))

    found = Certainty(comparison, study_at, ranges, 8)
    runs = {job.key: job.function(job.argument) for job in found.jobs()}
    candidates = found.candidates(lambda job: runs[job.key])
    alone = found.paths({"integration+none+none": [("practice.transfer_rate", 0.9)]})
    (values,) = alone.values()
    for sample in values.values():
        runs |= {job.key: job.function(job.argument) for job in sample.jobs}
    chosen = {name: [("practice.transfer_rate", 0.9)] for name in candidates}
    document = found.document(lambda job: runs[job.key], chosen, alone)
    (told,) = document.values()
    policy = told["certainty"]
    assert policy["draws"] == len(policy["by_draw"]) == 8
    assert [region(*effects, 0.02).value for effects in policy["by_draw"]].count(told["verdict"]) == 8 * policy["share"]
    assert told["verdict_year3"] in policy["year3"]["regions"]
    assert sum(policy["regions"].values()) == 8
    assert policy["share"] == policy["regions"][told["verdict"]] / 8 == max(policy["regions"].values()) / 8
    (hinge,) = policy["hinges"]
    assert hinge["path"] == "practice.transfer_rate"
    assert all(hinge["low"] <= flip["value"] <= hinge["high"] for flip in hinge["flips"])


def test_everything_uncertain_has_a_range_about_the_value_in_force(scenario: Scenario) -> None:
    ranges = ranges_of(scenario)
    assert all(low <= now <= high and low < high for low, now, high in ranges.values())
    assert "modes.two_school_integration.teaching" in ranges
    assert not any(path.startswith("finance.") for path in ranges)


def test_a_varied_scenario_has_the_new_numbers_in_policy_and_baseline() -> None:
    yuyao = reader.load("yuyao_2020")
    path = "modes.internet_pairing.online"
    changed = varied(yuyao, {path: 0.11, "learning.contacts": 2.6, "practice.renewal": 0.9})
    assert changed.parameters.practice.renewal == 0.9
    assert changed.parameters.learning.contacts == 3
    assert 0.11 in [layer.modes[0].online for layer in changed.baseline.layers]
    assert varied(yuyao, {}).baseline == yuyao.baseline
