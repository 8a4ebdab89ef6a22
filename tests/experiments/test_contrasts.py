"""Contrasts judged by hand: holds, does not hold, depends, and on what."""

import numpy as np
import pytest

from experiments.contrasts import (
    Estimate,
    advantage,
    crossings,
    distance,
    judge,
    nearest_crossings,
    reasons,
    together,
    verdict,
)

SURE = np.array([[0.05, 0.06, 0.05, 0.06]])
NEAR = np.array([[0.00, 0.04, 0.01, 0.04]])
AGREE = 0.7


def draws(*values: float) -> np.ndarray:
    return np.array([values])


def test_a_contrast_beyond_its_margin_that_draws_confirm_says_yes() -> None:
    found = judge(SURE, draws(0.03, 0.05, 0.04, 0.01), "above", 0.02, AGREE)
    assert (found.answer, found.share) == ("yes", 0.75)
    assert found.value.mean == pytest.approx(0.055)
    # t(3) at 95 % is 3.1824; the standard error is 0.00577 / 2
    assert found.value.low == pytest.approx(0.055 - 3.18245 * 0.0057735 / 2, abs=1e-6)
    assert found.advantage.low == pytest.approx(found.value.low - 0.02)


def test_the_same_contrast_below_its_margin_says_no() -> None:
    assert judge(SURE, draws(0.05, 0.06), "below", 0.02, AGREE).answer == "no"


def test_draws_that_disagree_leave_it_open_on_the_parameters() -> None:
    found = judge(SURE, draws(0.05, 0.06, -0.01, 0.0), "above", 0.02, AGREE)
    assert (found.answer, found.share, reasons([found], AGREE)) == ("open", 0.5, ["parameters"])


def test_an_interval_over_the_margin_leaves_it_open_on_chance() -> None:
    found = judge(NEAR, draws(0.05, 0.06, 0.05, 0.01), "above", 0.02, AGREE)
    assert (found.answer, reasons([found], AGREE)) == ("open", ["chance"])


def test_without_draws_the_interval_decides() -> None:
    found = judge(SURE, np.zeros((1, 0)), "above", 0.02, AGREE)
    assert (found.answer, found.share) == ("yes", None)


def test_of_several_parts_the_least_counts() -> None:
    both = np.concatenate([SURE, SURE - 0.05])
    found = judge(both, np.array([[0.05, 0.05], [0.0, 0.03]]), "above", 0.02, AGREE)
    assert found.value.mean == pytest.approx(0.005)
    assert found.share == 0.5
    assert found.drawn.tolist() == [0.0, 0.03]
    assert found.answer == "open"


@pytest.mark.parametrize(
    ("value", "margin", "expected"),
    [
        (Estimate(0.01, 0.0, 0.015), 0.02, Estimate(0.01, 0.005, 0.02)),
        (Estimate(0.0, -0.01, 0.03), 0.02, Estimate(0.02, -0.01, 0.02)),
        (Estimate(-0.05, -0.06, -0.04), 0.02, Estimate(-0.03, -0.04, -0.02)),
    ],
)
def test_within_a_margin_both_sides_count(value: Estimate, margin: float, expected: Estimate) -> None:
    assert advantage(value, "within", margin) == pytest.approx(expected)


def test_a_negative_margin_asks_only_for_not_much_worse() -> None:
    assert distance(np.array([-0.01, -0.03]), "above", -0.02).tolist() == pytest.approx([0.01, -0.01])
    assert judge(-SURE / 10, draws(-0.005), "above", -0.02, AGREE).answer == "yes"


def test_every_cell_must_say_yes_or_one_is_enough() -> None:
    assert verdict(["yes", "yes"], some=False) == "holds"
    assert verdict(["yes", "no"], some=False) == "depends"
    assert verdict(["yes", "no"], some=True) == "holds"
    assert verdict(["no", "no"], some=True) == verdict(["no", "no"], some=False) == "does_not_hold"
    assert verdict(["open", "no"], some=True) == "depends"


def test_cells_of_opposite_answers_depend_on_the_lever() -> None:
    yes, no = (judge(values, draws(float(values.mean())), "above", 0.02, AGREE) for values in (SURE, -SURE))
    assert reasons([yes, no], AGREE) == ["lever"]


def test_a_claim_is_its_contrasts_together() -> None:
    assert together(["holds", "holds"]) == "holds"
    assert together(["does_not_hold"]) == "does_not_hold"
    assert together(["holds", "does_not_hold"]) == "depends"


def test_borders_are_where_straight_lines_cross_zero() -> None:
    assert crossings([0.0, 1.0, 2.0], [1.0, -1.0, -3.0]) == [0.5]
    assert crossings([0.0, 1.0], [1.0, 2.0]) == []
    assert nearest_crossings([0.0, 1.0, 3.0], [-1.0, 1.0, -1.0], 1.0) == (0.5, 2.0)
    assert nearest_crossings([0.0, 1.0, 3.0], [1.0, 1.0, 2.0], 1.0) == (None, None)
