"""Numbers made from a range stay in it, rounding at an end is forgiven, and what is outside is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import sampling
from experiments.candidates import Space
from experiments.certainty import grid, latin_hypercube
from experiments.claim_schema import LeverTable
from experiments.design import DesignError, Factor, from_shares
from scenarios import reader
from scenarios.bounds import along, within
from scenarios.problems import ScenarioError
from scenarios.schema import Title
from scenarios.uncertainty import varied
from scenarios.variation import DECLARED, PRICES, bounds_of, default_of

ENDS = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).filter(lambda ends: ends[0] < ends[1])
SHARES = st.floats(0.0, 1.0)


def rough() -> tuple[float, float]:
    """Return a declared range whose upper end is overshot by its own width."""
    found = next(
        said
        for path, said in DECLARED.items()
        if not path.startswith(PRICES) and said.low + (said.high - said.low) > said.high
    )
    return found.low, found.high


@settings(max_examples=300, deadline=None)
@given(ENDS, SHARES)
def test_a_place_in_a_range_is_never_beyond_its_ends(ends: tuple[float, float], share: float) -> None:
    low, high = ends
    assert low <= along(low, high, share) <= high
    assert along(low, high, 0.0) == low
    assert along(low, high, 1.0) == pytest.approx(high, rel=1e-12, abs=1e-9)
    factor = Factor("x", low, high)
    for place in (share, 1.0 + 1e-15, -1e-15):
        assert low <= factor.code(place) <= high
    middle = along(low, high, share)
    assert all(low <= value <= high for value in grid(low, middle, high))


@pytest.mark.parametrize("kind", ["factor", "design", "hypercube", "candidate", "grid"])
def test_no_way_to_make_a_number_overshoots_a_range_that_a_sum_overshoots(kind: str) -> None:
    low, high = rough()
    assert low + (high - low) > high
    factor = Factor("x", low, high)
    made = {
        "factor": lambda: [factor.code(1.0)],
        "design": lambda: from_shares("lhs", [factor], np.array([[1.0]]), 0, {}).codes.ravel().tolist(),
        "hypercube": lambda: [max(draw["x"] for draw in latin_hypercube({"x": (low, low, high)}, 4096, 0))],
        "candidate": lambda: list(Space((factor,)).candidate([low + (high - low)])),
        "grid": lambda: grid(low, low, high)[-1:],
    }[kind]()
    assert made == [high] if kind != "hypercube" else made[0] <= high


def test_steps_of_a_lever_are_rounded_but_not_out_of_its_range() -> None:
    low, high = 0.12345649, 0.98765432
    title = Title(en="lever", zh="杠杆")
    steps = LeverTable(title=title, low=low, high=high, steps=3, paths=["x"]).taken()
    assert steps == [low, 0.555555, 0.987654]
    down = LeverTable(title=title, low=0.9, high=0.1, steps=3, paths=["x"]).taken()
    assert down == [0.9, 0.5, 0.1]


def test_what_is_outside_by_more_than_rounding_is_refused() -> None:
    factor = Factor("x", 0.1, 0.9)
    assert factor.encoded(math.nextafter(0.9, 1.0)) == 0.9
    assert factor.encoded(math.nextafter(0.1, 0.0)) == 0.1
    for value in (0.9001, 0.0999, math.inf, math.nan):
        with pytest.raises(DesignError, match="never takes"):
            factor.encoded(value)
    for place in (1.001, -0.001, math.nan):
        for one in (factor, Factor("n", 1.0, 4.0, whole=True), Factor("m", values=("a", "b"))):
            with pytest.raises(DesignError, match="never takes"):
                one.code(place)


def test_whole_numbers_are_those_inside_the_ends_given() -> None:
    factor = Factor("n", 0.6, 3.4, whole=True)
    places = np.linspace(0.0, 1.0, 99).tolist()
    assert {factor.value(factor.code(place)) for place in places} == {1, 2, 3}
    assert factor.steps(9) == [1.0, 2.0, 3.0]
    assert factor.code(-1e-15) == 1.0
    with pytest.raises(DesignError, match="lower and a higher end"):
        Factor("n", 1.2, 1.8, whole=True)


def test_every_parameter_takes_its_ends_within_rounding_and_nothing_beyond() -> None:
    scenario = reader.load("shuangtaizi_two_schools")
    for path in DECLARED:
        low, high = bounds_of(path)
        if isinstance(default_of(path), int) or not math.isfinite(high):
            continue
        for end, out in ((low, -math.inf), (high, math.inf)):
            near = math.nextafter(end, out) if end else end
            group, name = path.split(".")
            assert getattr(getattr(varied(scenario, {path: near}).parameters, group), name) == end
            far = end + math.copysign(1e-6 * max(1.0, abs(end)), out)
            with pytest.raises(ScenarioError, match=rf"^{path}: out_of_bounds"):
                varied(scenario, {path: far})


def test_prices_are_not_negative_and_can_be_paid() -> None:
    scenario = reader.load("shuangtaizi_two_schools")
    path = next(path for path in DECLARED if path.startswith(PRICES))
    varied(scenario, {path: 1e9})
    for value in (-1e-9, 1e11):
        with pytest.raises(ScenarioError, match=rf"^{path}: out_of_bounds"):
            varied(scenario, {path: value})


def test_rounding_is_far_less_than_what_anybody_means() -> None:
    assert within(0.9 + 1e-9, 0.1, 0.9) == 0.9 + 1e-9
    assert within(0.5, 0.1, 0.9) == 0.5
    assert within(-1e-300, 0.0, math.inf) == -1e-300


def test_the_users_own_points_may_miss_an_end_by_rounding() -> None:
    low, high = rough()
    path = next(path for path, said in DECLARED.items() if (said.low, said.high) == (low, high))
    scenario = reader.load("shuangtaizi_two_schools")
    given = sampling.factorial([Factor(path, values=(low + (high - low), low))])
    assert high < given.values(0)[path]  # type: ignore[operator]
    group, name = path.split(".")
    assert getattr(getattr(varied(scenario, given.values(0)).parameters, group), name) == high
