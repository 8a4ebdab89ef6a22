from itertools import product
from math import inf, nan, nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics import LOOKS, Interval, look_levels
from experiments.verdict import (
    REGIONS,
    Box,
    Plan,
    Verdict,
    confidence_box,
    decide,
    region,
    regions_touched,
)
from tests.experiments.samples import Floats, tied

DELTA = 0.02
ONE_LOOK = Plan(looks=(8,))
SIGNS = np.array([1.0, -1.0] * 4)[:, None]


def chance(number: int) -> np.random.Generator:
    return np.random.default_rng([20_240_601, number])


# --- regions ---

# Each cell of the table: ΔPeak, ΔValley, the region while the total holds, the region when it shrank.
TABLE = [
    (-0.05, 0.05, "peak_shaving", "dilution"),
    (0.0, 0.05, "fill", "dilution"),
    (0.05, 0.05, "lift", "dilution"),
    (-0.05, 0.0, "dilution", "dilution"),
    (0.0, 0.0, "inert", "dilution"),
    (0.05, 0.0, "widening", "widening"),
    (-0.05, -0.05, "dilution", "dilution"),
    (0.0, -0.05, "widening", "dilution"),
    (0.05, -0.05, "widening", "widening"),
]


@pytest.mark.parametrize(("peak", "valley", "kept", "shrunk"), TABLE)
def test_every_cell_of_the_table(peak: float, valley: float, kept: str, shrunk: str) -> None:
    assert region(peak, valley, 0.0, DELTA) == kept
    assert region(peak, valley, -0.011, DELTA) == shrunk


def test_borders_belong_to_the_middle() -> None:
    below, above = nextafter(-DELTA, -1), nextafter(DELTA, 1)
    assert region(-DELTA, DELTA, 0.0, DELTA) == Verdict.INERT
    assert region(DELTA, -DELTA, 0.0, DELTA) == Verdict.INERT
    assert region(below, 0.0, 0.0, DELTA) == Verdict.DILUTION
    assert region(above, 0.0, 0.0, DELTA) == Verdict.WIDENING
    assert region(0.0, above, 0.0, DELTA) == Verdict.FILL
    assert region(0.0, below, 0.0, DELTA) == Verdict.WIDENING
    assert region(0.0, 0.0, -DELTA / 2, DELTA) == Verdict.INERT
    assert region(0.0, 0.0, nextafter(-DELTA / 2, -1), DELTA) == Verdict.DILUTION


def test_the_margin_of_the_total_is_half_delta_unless_given() -> None:
    assert region(0.0, 0.0, -0.03, 0.02) == Verdict.DILUTION
    assert region(0.0, 0.0, -0.03, 0.02, 0.04) == Verdict.INERT
    assert region(0.0, 0.0, -0.03, 0.08) == Verdict.INERT
    assert region(0.0, 0.0, -1e-9, 0.02, 0.0) == Verdict.DILUTION


ENDS = [0.0, 0.01, 0.02, nextafter(0.02, 1), nextafter(0.02, 0), nextafter(0.01, 1), nextafter(0.01, 0), 0.05, 0.3]
effects = st.sampled_from([*ENDS, *(-end for end in ENDS)]) | st.floats(-0.1, 0.1)


@given(effects, effects, effects)
def test_regions_are_exhaustive_and_exclusive(peak: float, valley: float, mean: float) -> None:
    down, up, shrank = peak < -0.02, peak > 0.02, mean < -0.01
    gained, lost = valley > 0.02, valley < -0.02
    diluted = (down and not gained) or (shrank and (gained or not up))
    claims = {
        "lift": gained and up and not shrank,
        "fill": gained and not up and not down and not shrank,
        "peak_shaving": gained and down and not shrank,
        "dilution": diluted,
        "widening": not gained and not down and (up or lost) and not diluted,
        "inert": not (gained or lost or up or down or shrank),
    }
    assert [name for name, claimed in claims.items() if claimed] == [region(peak, valley, mean, 0.02)]


@pytest.mark.parametrize("margins", [(0.0, None), (-0.02, None), (nan, None), (inf, None), (0.02, -0.01), (0.02, nan)])
def test_margins_of_the_wrong_sign_are_refused(margins: tuple[float, float | None]) -> None:
    with pytest.raises(ValueError, match=r"must be above 0.*try"):
        region(0.0, 0.0, 0.0, margins[0], margins[1])


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_effects_that_are_not_finite_have_no_region(place: int, value: float) -> None:
    with pytest.raises(ValueError, match="leave failed runs out"):
        region(*(value if i == place else 0.0 for i in range(3)), delta=DELTA)  # type: ignore[misc]


# --- regions a box touches ---


def box_of(*ends: tuple[float, float]) -> Box:
    low, high = zip(*ends, strict=True)
    return Box(low, tuple((a + b) / 2 for a, b in ends), high)  # type: ignore[arg-type]


def test_boxes_by_hand() -> None:
    assert regions_touched(box_of((-0.01, 0.03), (0.03, 0.04), (0.0, 0.1)), DELTA) == ("lift", "fill")
    assert regions_touched(box_of((-0.03, 0.0), (0.03, 0.04), (0.0, 0.1)), DELTA) == ("fill", "peak_shaving")
    assert regions_touched(box_of((-0.03, 0.0), (-0.01, 0.01), (0.0, 0.1)), DELTA) == ("dilution", "inert")
    assert regions_touched(box_of((0.03, 0.04), (-0.05, 0.0), (-0.9, 0.9)), DELTA) == ("widening",)
    assert regions_touched(box_of((0.03, 0.04), (0.03, 0.04), (-0.02, 0.0)), DELTA) == ("lift", "dilution")
    assert regions_touched(box_of((-0.01, 0.01), (-0.9, 0.9), (-0.9, -0.02)), DELTA) == ("dilution",)
    assert regions_touched(box_of((-0.9, -0.03), (-0.9, 0.02), (-0.9, 0.9)), DELTA) == ("dilution",)
    assert regions_touched(box_of(*[(-inf, inf)] * 3), DELTA) == REGIONS


def test_a_closed_box_that_ends_on_a_border_stays_inside() -> None:
    assert regions_touched(box_of((-0.02, 0.02), (-0.02, 0.02), (-0.01, 0.0)), DELTA) == ("inert",)
    assert regions_touched(box_of((0.02, 0.04), (0.03, 0.04), (0.0, 0.1)), DELTA) == ("lift", "fill")
    assert regions_touched(box_of((0.0, 0.0), (0.03, 0.04), (-0.02, -0.01)), DELTA) == ("fill", "dilution")


def grid(low: float, high: float, borders: tuple[float, ...]) -> list[float]:
    """The ends, points between, and every border inside with its neighbours: all that a closed interval can meet."""
    low, high = max(low, -1.0), min(high, 1.0)
    marks = [near for border in borders for near in (nextafter(border, -1), border, nextafter(border, 1))]
    return [low, high, *(mark for mark in marks if low <= mark <= high), *np.linspace(low, high, 5).tolist()]


intervals = st.tuples(effects | st.just(-inf), effects | st.just(inf)).map(lambda ends: (min(ends), max(ends)))


@given(intervals, intervals, intervals)
def test_a_box_touches_exactly_the_regions_of_its_points(
    peak: tuple[float, float], valley: tuple[float, float], mean: tuple[float, float]
) -> None:
    points = product(grid(*peak, (-0.02, 0.02)), grid(*valley, (-0.02, 0.02)), grid(*mean, (-0.01,)))
    found = {region(*point, DELTA) for point in points}
    assert set(regions_touched(box_of(peak, valley, mean), DELTA)) == found


@given(effects, effects, effects)
def test_a_point_touches_its_region_only(peak: float, valley: float, mean: float) -> None:
    point = (peak, valley, mean)
    assert regions_touched(Box(point, point, point), DELTA) == (region(*point, DELTA),)


@pytest.mark.parametrize("ends", [(1.0, 0.0), (nan, 0.0), (0.0, nan)])
def test_what_is_not_a_box_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="lower end must be at most"):
        regions_touched(box_of((0.0, 0.0), ends, (0.0, 0.0)), DELTA)


# --- the box ---


def test_box_by_hand() -> None:
    # 1, 2, 3, 4 have mean 2.5 and standard error √(5/3)/2; t with 3 degrees of freedom exceeds 3.18245 in 2.5 %.
    column = np.arange(1.0, 5.0)
    box = confidence_box(np.column_stack([column, -2 * column, column * 0 + 7]), 0.85)
    half = 3.182446305284263 * (5 / 3) ** 0.5 / 2
    assert box.mean == pytest.approx((2.5, -5.0, 7.0), rel=1e-12)
    assert box.low == pytest.approx((2.5 - half, -5 - 2 * half, 7.0), rel=1e-9)
    assert box.high == pytest.approx((2.5 + half, -5 + 2 * half, 7.0), rel=1e-9)


@given(st.integers(2, 40), st.tuples(effects, effects, effects))
def test_effects_without_variance_have_a_box_of_exactly_no_width(count: int, effect: tuple[float, ...]) -> None:
    assert confidence_box([effect] * count, 0.95) == Box(effect, effect, effect)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_replicates_bound_nothing(count: int) -> None:
    box = confidence_box(np.full((count, 3), 0.5), 0.95)
    assert (box.low, box.high) == ((-inf,) * 3, (inf,) * 3)
    assert box.intervals() == (Interval(0.5 if count else None, None, None),) * 3


def test_intervals_name_the_ends_of_the_box() -> None:
    box = Box((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0))
    assert box.intervals() == (Interval(4.0, 1.0, 7.0), Interval(5.0, 2.0, 8.0), Interval(6.0, 3.0, 9.0))


@pytest.mark.parametrize("shape", [(8, 2), (8, 4), (8,), (2, 8, 3)])
def test_rows_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="got shape"):
        confidence_box(np.zeros(shape), 0.95)


@pytest.mark.parametrize("level", [0.05, 0.0, 1.0, nan])
def test_an_error_is_not_taken_for_a_level(level: float) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.95"):
        confidence_box(np.zeros((8, 3)), level)


# --- decisions ---


def eight(peak: float, valley: float, mean: float, spread: float = 0.01) -> Floats:
    """Eight replicates, half a spread above and half below: one look has half-width 3.1276·spread/√7 = 1.182·spread."""
    return np.array([peak, valley, mean]) + spread * SIGNS


WORKED = [
    ((0.04, 0.04, 0.02), "lift", ("lift",)),
    ((0.0, 0.04, 0.02), "fill", ("fill",)),
    ((-0.04, 0.04, 0.01), "peak_shaving", ("peak_shaving",)),
    ((-0.04, 0.0, 0.0), "dilution", ("dilution",)),
    ((0.0, 0.04, -0.03), "dilution", ("dilution",)),
    ((0.04, 0.0, -0.03), "widening", ("widening",)),
    ((0.0, -0.04, 0.01), "widening", ("widening",)),
    ((0.0, 0.0, 0.01), "inert", ("inert",)),
    ((0.02, 0.04, 0.02), "undecided", ("lift", "fill")),
    ((0.0, 0.02, 0.02), "undecided", ("fill", "inert")),
    ((0.0, 0.04, 0.0), "undecided", ("fill", "dilution")),
    ((0.02, 0.02, 0.02), "undecided", ("lift", "fill", "widening", "inert")),
    # within a hundredth of the half-width 0.01182 of the border at 0.02, from either side
    ((0.03195, 0.04, 0.02), "lift", ("lift",)),
    ((0.03170, 0.04, 0.02), "undecided", ("lift", "fill")),
]


@pytest.mark.parametrize(("effect", "verdict", "regions"), WORKED)
def test_decisions_by_hand(effect: tuple[float, float, float], verdict: str, regions: tuple[str, ...]) -> None:
    (decision,) = decide([eight(*effect)], DELTA, 0, plan=ONE_LOOK)
    assert (decision.verdict, decision.regions, decision.replicates) == (verdict, regions, 8)
    assert decision.box.mean == pytest.approx(effect, abs=1e-15)
    assert decision.box.high[0] - effect[0] == pytest.approx(0.01 * 3.1276 / 7**0.5, rel=1e-4)


def test_a_decision_carries_the_error_of_its_look_and_the_number_of_policies() -> None:
    rows = tied(chance(1), "normal", (64,), (DELTA, 0.0, 0.0), 0.02)
    for look, (count, error) in enumerate(zip(LOOKS[:4], look_levels(0.05), strict=False)):
        decision = decide([rows] * 5, DELTA, look)[3]
        assert decision.verdict == Verdict.UNDECIDED
        assert decision.replicates == count
        assert np.allclose(decision.box, confidence_box(rows[:count], 1 - error / 5), rtol=1e-9, atol=0)


def test_more_policies_need_more_evidence() -> None:
    rows = eight(0.036, 0.05, 0.05)  # half-widths 0.0118 alone and 0.0187 of ten leave 0.0242 and 0.0173
    assert decide([rows], DELTA, 0, plan=ONE_LOOK)[0].verdict == Verdict.LIFT
    company = decide([rows] * 10, DELTA, 0, plan=ONE_LOOK)
    assert {decision.verdict for decision in company} == {Verdict.UNDECIDED}
    assert {decision.regions for decision in company} == {("lift", "fill")}


def test_a_decision_stands_whatever_comes_later() -> None:
    early = eight(0.0, 0.1, 0.1, spread=0.001)
    against = np.concatenate([early, eight(0.0, -0.1, -0.1, spread=0.001)])
    for look, rows in product((0, 1), (early, against)):
        (decision,) = decide([rows], DELTA, look)
        assert (decision.verdict, decision.replicates) == (Verdict.FILL, 8)
        assert decision == decide([early], DELTA, 0)[0]


def test_a_policy_still_open_is_decided_at_a_later_look() -> None:
    wide, narrow = eight(0.0, 0.04, 0.04, spread=0.02), eight(0.0, 0.04, 0.04, spread=0.0001)
    rows = np.concatenate([wide, *[narrow] * 7])
    opened, _ = decide([rows, narrow], DELTA, 1)
    later, done = decide([rows, narrow], DELTA, 5)
    # the peak's half-width is t·0.02·√(8/15)/4 = 0.0219 at 16 replicates and t·0.02·√(8/31)/√32 = 0.0080 at 32
    assert (opened.verdict, opened.replicates) == (Verdict.UNDECIDED, 16)
    assert (later.verdict, later.replicates) == (Verdict.FILL, 32)
    assert (done.verdict, done.replicates) == (Verdict.FILL, 8)


def test_rows_beyond_the_look_asked_for_wait() -> None:
    rows = np.concatenate([eight(DELTA, 0.1, 0.1), eight(0.9, 0.1, 0.1)])
    assert decide([rows], DELTA, 0) == decide([rows[:8]], DELTA, 0)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_before_the_first_look_everything_is_left(count: int) -> None:
    (decision,) = decide([np.full((count, 3), 0.5)], DELTA, 5)
    assert (decision.verdict, decision.regions, decision.replicates) == (Verdict.UNDECIDED, REGIONS, count)
    assert (decision.box.low, decision.box.high) == ((-inf,) * 3, (inf,) * 3)


def test_a_look_with_rows_missing_is_not_taken() -> None:
    rows = tied(chance(2), "normal", (31,), (DELTA, 0.0, 0.0), 0.02)
    assert decide([rows], DELTA, 5) == decide([rows[:16]], DELTA, 1)


def test_the_control_against_itself_is_inert() -> None:
    (decision,) = decide([np.zeros((8, 3))], DELTA, 0)
    assert decision.verdict == Verdict.INERT
    assert decision.box == Box((0.0,) * 3, (0.0,) * 3, (0.0,) * 3)


def test_what_is_left_at_the_last_look_is_named() -> None:
    rows = tied(chance(3), "normal", (256,), (DELTA, 0.1, 0.1), 0.02)
    (decision,) = decide([rows], DELTA, 5)
    assert (decision.verdict, decision.regions) == (Verdict.UNDECIDED, ("lift", "fill"))
    assert decision.replicates == 256


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_a_failed_run_is_refused_even_beyond_the_look(bad: float) -> None:
    rows = np.zeros((9, 3))
    rows[8, 1] = bad
    with pytest.raises(ValueError, match=r"row 8 .*run it again"):
        decide([np.zeros((9, 3)), rows], DELTA, 0)


@pytest.mark.parametrize(("look", "plan"), [(6, Plan()), (-1, Plan()), (0, Plan(looks=(7, 16))), (0, Plan(looks=()))])
def test_looks_outside_the_plan_are_refused(look: int, plan: Plan) -> None:
    with pytest.raises(ValueError, match="plan the first at 8 or more"):
        decide([np.zeros((8, 3))], DELTA, look, plan=plan)


def test_no_policies_give_no_decisions() -> None:
    assert decide([], DELTA, 0) == []
