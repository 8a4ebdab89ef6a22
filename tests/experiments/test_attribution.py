"""Attribution: Shapley values by hand, and coalitions that begin at the control and end at the policy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.attribution import Attribution, run_coalitions, shapley, summing
from experiments.comparison import Comparison
from experiments.verdict import Plan
from model.attributes import Family
from scenarios import reader
from scenarios.reader import Choice, Scenario
from tests.experiments.test_comparison import arm, compared, study

POLICY = ("two_school_integration", "unified_deployment")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return reader.load("shuangtaizi_two_schools")


def explained(scenario: Scenario, replicates: int = 2) -> Attribution:
    policy = reader.policy_for(scenario, Choice(*POLICY))
    return Attribution(study(scenario, arm("integration", policy)), arm("integration", policy), replicates)


def test_two_players_share_what_they_make_together() -> None:
    """v(∅) = 0, v(a) = 1, v(b) = 2, v(ab) = 5: a adds 1 or 3, b adds 2 or 4, each order as likely."""
    assert shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist() == [2.0, 3.0]


def test_the_glove_game() -> None:
    """One left glove, two right ones: a pair is worth 1. Left 2/3, right 1/6 each (Shapley's own example)."""
    worth = [float(bool(c & 1 and c & 0b110)) for c in range(8)]
    np.testing.assert_allclose(shapley(np.array(worth)), [2 / 3, 1 / 6, 1 / 6])


def test_a_player_who_adds_nothing_gets_nothing_and_equals_get_the_same() -> None:
    worth = np.array([float((c & 1) + (c >> 1 & 1)) ** 2 for c in range(8)])
    first, second, third = shapley(worth).tolist()
    assert (first, third) == (second, 0.0)


@given(st.lists(st.floats(-0.2, 0.2), min_size=64, max_size=64))
def test_values_add_up_to_the_total_exactly(worth: list[float]) -> None:
    values = np.array(worth)
    total = float(values[-1] - values[0])
    parts, found = summing(shapley(values).tolist(), total)
    assert sum(parts) == sum(reversed(parts)) == found
    assert abs(found - total) < 1e-15


def test_parts_that_are_far_from_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to"):
        summing([0.1, 0.2], 0.5)


def test_no_coalition_is_the_control_and_all_families_are_the_policy_bit_for_bit(scenario: Scenario) -> None:
    attribution = explained(scenario)
    rows = run_coalitions(next(iter(attribution.jobs())).argument)
    policy = reader.policy_for(scenario, Choice(*POLICY))
    made = study(scenario, arm("integration", policy))
    point = Comparison(made, Plan(looks=(8,))).job(0, [made.arms[0].name]).argument
    runs = compared_rows(point)
    full = 2 ** len(attribution.families) - 1
    for name in ("peak", "valley", "mean"):
        assert rows[f"0/{name}"].tobytes() == runs[f"control/{name}"].tobytes()
        assert rows[f"{full}/{name}"].tobytes() == runs[f"{made.arms[0].name}/{name}"].tobytes()


def compared_rows(point: Any) -> Any:  # noqa: ANN401
    from experiments.comparison import run_point

    return run_point(point)


def test_only_families_that_differ_take_part(scenario: Scenario) -> None:
    same = arm("same", scenario.baseline)
    assert Attribution(study(scenario, same), same).families == ()
    assert set(explained(scenario).families) <= set(Family)
    assert Family.PRACTICE in explained(scenario).families


def test_the_document_sums_and_agrees_with_the_comparison(scenario: Scenario, tmp_path: Path) -> None:
    attribution = explained(scenario, 8)
    found = attribution.document([run_coalitions(job.argument) for job in attribution.jobs()])
    comparison = compared(study(scenario, attribution.arm), tmp_path)
    for column, name in enumerate(("peak", "valley", "mean")):
        outcome = found[f"d_{name}"]
        assert sum(outcome["mechanisms"].values()) == outcome["total"]
        assert outcome["low"] <= outcome["total"] <= outcome["high"]
        for mechanism, value in outcome["mechanisms"].items():
            assert outcome["intervals"][mechanism]["low"] <= value <= outcome["intervals"][mechanism]["high"]
        wanted = comparison.effects(attribution.arm, slice(-2, None)).mean(axis=0)[column]
        assert outcome["total"] == pytest.approx(wanted, abs=1e-14)
