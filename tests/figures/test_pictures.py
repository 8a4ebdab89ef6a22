import copy
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from figures import labels, network, quadrant, style, trajectories
from figures.results import Results, load

Write = Callable[..., Path]


def _boxes(figure: Figure) -> dict[str, Bbox]:
    labels.settle(figure.axes[0])
    notes = [note for note in figure.axes[0].texts if isinstance(note, Annotation) and note.get_text()]
    return {f"{index} {note.get_text()}": note.get_window_extent() for index, note in enumerate(notes)}


def _crowd(comparison: dict[str, Any], count: int) -> dict[str, Any]:
    """Return `count` policies whose points lie within a hundredth of σ of each other."""
    chance, few = np.random.default_rng(1), comparison["policies"]
    comparison["policies"] = [copy.deepcopy(few[index % len(few)]) for index in range(count)]
    for policy in comparison["policies"]:
        for end in ("d_peak", "d_valley"):
            mean = float(chance.normal(0.01, 0.01))
            policy[end] = {"mean": mean, "low": mean - 0.004, "high": mean + 0.004}
    return comparison


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_in_the_quadrant_do_not_overlap(results: Results, language: str) -> None:
    figure = quadrant.draw(results, language)
    boxes, frame = _boxes(figure), figure.axes[0].get_window_extent()
    assert len(boxes) == 9 + 6
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 + 1 for box in boxes.values())


def test_names_do_not_overlap_in_a_crowd(write: Write, comparison: dict[str, Any]) -> None:
    boxes = _boxes(quadrant.draw(load(write(_crowd(comparison, quadrant.NAMED))), "en"))
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []


def test_many_policies_are_numbered_with_a_key(write: Write, comparison: dict[str, Any]) -> None:
    figure = quadrant.draw(load(write(_crowd(comparison, 20))), "zh")
    assert {str(number) for number in range(1, 21)} <= {note.get_text() for note in figure.axes[0].texts}
    assert len(figure.legends[0].get_texts()) == 20


@pytest.mark.parametrize(
    ("valley", "peak", "code"),
    [
        (0.1, 0.1, "lift"),
        (0.1, 0, "fill"),
        (0.1, -0.1, "peak_shaving"),
        (0, -0.1, "dilution"),
        (0, 0, "inert"),
        (0, 0.1, "widening"),
        (-0.1, -0.1, "dilution"),
        (-0.1, 0, "widening"),
        (-0.1, 0.1, "widening"),
    ],
)
def test_the_cells_of_the_quadrant_are_the_regions_of_the_verdict(valley: float, peak: float, code: str) -> None:
    cell = [int(np.digitize(change, [-0.02, 0.02])) for change in (valley, peak)]
    assert quadrant.REGIONS[cell[0]][cell[1]] == code


def test_the_quadrants_data_are_the_effects(results: Results) -> None:
    row = quadrant.data(results).iloc[1]
    assert row["verdict"] == "peak_shaving"
    assert row["d_peak_mean"] == results.comparison.policies[1].d_peak.mean
    assert (row["d_valley_low"], row["d_valley_high"]) == (0.097 - 0.005, 0.097 + 0.005)


def test_points_stand_where_the_effects_are(results: Results) -> None:
    points = [tuple(dots.get_offsets()[0]) for dots in quadrant.draw(results, "en").axes[0].collections]
    assert points == [(policy.d_valley.mean, policy.d_peak.mean) for policy in results.comparison.policies]


def test_trajectories_data_have_a_row_for_every_year(results: Results) -> None:
    table = trajectories.data(results)
    assert len(table) == 6 * 3 * 10
    part = table[(table["policy"] == 2) & (table["series"] == "valley")]
    assert part["mean"].tolist() == results.comparison.policies[1].trajectory.valley.mean
    assert part["year"].tolist() == list(range(1, 11))


def test_trajectories_show_each_policy_on_the_same_scale(results: Results) -> None:
    panels = trajectories.draw(results, "zh").axes
    assert [panel.get_title(loc="left") for panel in panels] == [p.title["zh"] for p in results.comparison.policies]
    assert len({panel.get_ylim() for panel in panels}) == 1
    lines = {line.get_linestyle(): line.get_ydata()[-1] for line in panels[1].lines if len(line.get_xdata()) == 10}
    assert lines == pytest.approx({"-": -0.034, "--": 0.097, ":": 0.031}, abs=1e-3)


def test_unbounded_intervals_are_drawn_to_the_frame(write: Write, comparison: dict[str, Any]) -> None:
    comparison["policies"] = comparison["policies"][:1]
    policy = comparison["policies"][0]
    policy["d_peak"] |= {"low": None, "high": None}
    for band in policy["trajectory"].values():
        band |= {"low": [None] * 10, "high": [None] * 10}
    odd = load(write(comparison))
    axes = quadrant.draw(odd, "en").axes[0]
    box = axes.patches[0].get_bbox()
    assert (box.y0, box.y1) == pytest.approx(axes.get_ylim())
    assert box.x1 == pytest.approx(policy["d_valley"]["high"])
    assert len(style.picture(trajectories.draw(odd, "zh"), "png")) > 10_000


def test_the_networks_data_hold_schools_and_ties_with_places(results: Results) -> None:
    table = network.data(results)
    assert table["kind"].value_counts().to_dict() == {"school": 90, "tie": 82}
    tie = table[(table["kind"] == "tie") & (table["target"] == "00001")].iloc[0]
    here, there = (results.schools.set_index("id").loc[school] for school in ("00000", "00001"))
    assert (tie["x_km"], tie["y_km_target"]) == (here["x_km"], there["y_km"])
    assert tie["weight"] == pytest.approx(0.8)


def test_the_network_has_a_panel_for_each_layer(results: Results) -> None:
    figure = network.draw(results, "en")
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == [
        "Groups: 60 ties",
        "Zones: 12 ties",
        "Pairs: 10 ties",
    ]


def test_all_schools_lie_on_the_map(results: Results) -> None:
    axes = network.draw(results, "zh").axes[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert results.schools["x_km"].between(left, right).all()
    assert results.schools["y_km"].between(bottom, top).all()


def test_a_few_schools_are_named_and_none_covers_another(results: Results) -> None:
    schools, ties = results.schools.head(10).reset_index(drop=True), results.ties.head(8)
    boxes = _boxes(network.draw(Results(results.comparison, schools, ties, {}), "zh"))
    assert len(boxes) == 10
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []


def test_a_network_without_ties_is_still_a_map(results: Results) -> None:
    lonely = Results(results.comparison, results.schools.head(1), results.ties.head(0), {})
    assert network.draw(lonely, "en").axes[0].get_title(loc="left") == "No ties"


def test_a_country_is_stored_as_pixels(results: Results) -> None:
    many = pd.concat([results.schools] * 30, ignore_index=True)
    many["id"] = [f"s{index}" for index in many.index]
    figure = network.draw(Results(results.comparison, many, results.ties.head(0), {}), "en")
    assert len(style.picture(figure, "svg")) < 2_000_000
