"""Comparison by paired runs: what is paired with what, and what the document says of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from experiments.comparison import Arm, Comparison, Study, content_hash, run_point, worst_team
from experiments.results import Manifest, open_results
from experiments.runner import run
from experiments.summary import document
from experiments.verdict import Plan
from model.policy import Policy
from scenarios import reader
from scenarios.reader import Choice, Scenario
from tests.model import worlds

TITLE = {"en": "a", "zh": "甲"}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return reader.load("shuangtaizi_two_schools")


def arm(name: str, policy: Policy, ends: int | None = None) -> Arm:
    return Arm(name, "none", "none", TITLE, policy, ends)


def study(scenario: Scenario, *arms: Arm, seed: int = 0) -> Study:
    control = arm("as_is", scenario.baseline)
    return Study(
        scenario.name, TITLE, scenario.world, scenario.labels.schools, scenario.labels.groups, scenario.parameters,
        control, arms, seed=seed, years=5, burn_in=2,
    )  # fmt: skip


def compared(made: Study, directory: Path, looks: tuple[int, ...] = (8,)) -> Comparison:
    comparison = Comparison(made, Plan(looks=looks))
    manifest = Manifest({"study": content_hash(made.world)}, {"study": made.seed}, "source")
    with open_results(directory, manifest) as results:
        for _ in comparison.run(results, lambda jobs: run(jobs, workers=1, executor="inline")):
            pass
    return comparison


def test_the_control_against_itself_is_inert_and_exactly_zero(scenario: Scenario, tmp_path: Path) -> None:
    same = compared(study(scenario, arm("same", scenario.baseline)), tmp_path)
    found = document(same, "0", str(tmp_path))["policies"][0]
    assert found["verdict"] == "inert"
    assert found["replicates"] == 8
    assert [found[name]["high"] - found[name]["low"] for name in ("d_peak", "d_valley", "d_mean")] == [0.0, 0.0, 0.0]
    assert found["d_peak"]["mean"] == 0.0


def test_differences_are_treated_less_control_of_the_same_replicate(scenario: Scenario, tmp_path: Path) -> None:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "unified_deployment"))
    comparison = compared(study(scenario, arm("integration", policy)), tmp_path)
    (made,) = comparison.study.arms
    rows = run_point(comparison.job(3, [made.name]).argument)
    expected = rows[f"{made.name}/valley"] - rows["control/valley"]
    assert np.array_equal(comparison.differences(made, "valley")[3], expected)
    assert np.array_equal(comparison.effects(made, slice(-2, None))[3, 1], expected[-2:].mean())


def test_two_schools_are_one_peak_and_one_valley(scenario: Scenario, tmp_path: Path) -> None:
    comparison = compared(study(scenario, arm("same", scenario.baseline)), tmp_path)
    rows, world = comparison.rows[0], scenario.world
    quality = rows["baseline/quality"]
    assert rows["baseline/peak"].mean() == pytest.approx(quality.max(), abs=1e-12)
    assert rows["baseline/valley"].mean() == pytest.approx(quality.min(), abs=1e-12)
    assert "control/middle" not in rows
    assert "control/ungrouped" not in rows
    assert len(world.schools.id) == 2


def test_a_policy_that_ends_at_once_differs_by_nothing(scenario: Scenario, tmp_path: Path) -> None:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "unified_deployment"))
    comparison = compared(study(scenario, arm("short", policy, 0)), tmp_path)
    assert not comparison.differences(comparison.study.arms[0], "mean").any()


def test_what_is_left_of_a_gain_is_last_year_over_year_of_the_end(scenario: Scenario, tmp_path: Path) -> None:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "none"))
    comparison = compared(study(scenario, arm("two_years", policy, 2)), tmp_path)
    differences = comparison.differences(comparison.study.arms[0], "valley")
    gains, error = differences.mean(axis=0), differences.std(axis=0, ddof=1) / np.sqrt(len(differences))
    found = document(comparison, "0", "")["policies"][0]["left_of_gain"]
    clear = gains[1] > stats.t.ppf(0.975, len(differences) - 1) * error[1]
    assert found == pytest.approx(gains[4] / gains[1]) if clear else found is None


def test_a_job_is_known_by_what_decides_its_numbers(scenario: Scenario) -> None:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "none"))
    one = Comparison(study(scenario, arm("x", policy)), Plan(looks=(8,)))
    again = Comparison(study(scenario, arm("x", policy)), Plan(looks=(8,)))
    other_seed = Comparison(study(scenario, arm("x", policy), seed=1), Plan(looks=(8,)))
    name = one.study.arms[0].name
    assert one.job(0, [name]).key == again.job(0, [name]).key
    keys = {one.job(0, [name]).key, one.job(1, [name]).key, one.job(0, []).key, other_seed.job(0, [name]).key}
    assert len(keys) == 4


def test_a_second_comparison_computes_nothing_again(scenario: Scenario, tmp_path: Path) -> None:
    made = study(scenario, arm("same", scenario.baseline))
    first = compared(made, tmp_path)

    def refuse(jobs: object) -> object:
        return run((job for job in jobs if pytest.fail(f"computed again: {job.key}")), workers=1, executor="inline")

    comparison = Comparison(made, Plan(looks=(8,)))
    manifest = Manifest({"study": content_hash(made.world)}, {"study": made.seed}, "source")
    with open_results(tmp_path, manifest) as results:
        assert [tally.reused for tally, _ in comparison.run(results, refuse)] == [8]
    assert all(
        np.array_equal(first.rows[n][name], comparison.rows[n][name]) for n in range(8) for name in first.rows[n]
    )


def test_the_same_money_buys_training_and_costs_as_much(scenario: Scenario, tmp_path: Path) -> None:
    policy = reader.policy_for(scenario, Choice("two_school_integration", "unified_deployment"))
    made = replace(study(scenario, arm("integration", policy)), same_money=True)
    comparison = compared(made, tmp_path)
    name = made.arms[0].name
    for rows in comparison.rows:
        np.testing.assert_allclose(rows[f"{name}@same_money/cost"], rows[f"{name}/cost"], rtol=1e-9)
        assert rows[f"{name}@same_money/mean"][-1] >= rows["control/mean"][-1]
    expected = comparison.rows[0][f"{name}/peak"] - comparison.rows[0][f"{name}@same_money/peak"]
    assert comparison.differences(made.arms[0], "peak")[0].tolist() == expected.tolist()


def test_the_team_that_fares_worst_at_a_lead_is_the_one_that_counts() -> None:
    """Two leads of 100 and 300 pupils: teams change by −0.1 and +0.2, and by +0.3 alone: (−0.1 + 3 · 0.3)/4."""
    sites = [
        worlds.Site("a", (0, 0, 1), "g", "lead", pupils=100.0),
        worlds.Site("b", (2,), "h", "lead", pupils=300.0, x=1.0),
        worlds.Site("c", (0,), "h", "member", x=2.0),
    ]
    world = worlds.built(sites)
    leads = world.schools.role >= 2
    change = np.zeros(len(world.teachers.id))
    small = int(np.flatnonzero(world.schools.pupils == 100.0)[0])
    large = int(np.flatnonzero(world.schools.pupils == 300.0)[0])
    home, subject = world.teachers.home, world.teachers.subject
    change[(home == small) & (subject == 0)] = -0.1
    change[(home == small) & (subject == 1)] = 0.2
    change[home == large] = 0.3
    after = worlds.changed(world, teachers={"skill": world.teachers.skill + change})
    assert worst_team(after, world, leads).tolist() == pytest.approx([(-0.1 + 3.0 * 0.3) / 4.0])
