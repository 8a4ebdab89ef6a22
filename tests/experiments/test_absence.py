"""Why a search found nothing is told truly: too few points, nothing there, or something that was passed over."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.discovering import absent
from experiments import absence, border, discovery
from experiments.design import DesignError, Floats
from experiments.responses import response
from tests.experiments.test_discovery import places, saved


def found(tmp_path: Path, chance: Floats, boxes: int = 1, step: int | None = None) -> dict:
    return discovery.discovered(discovery.read(saved(tmp_path, chance)), ["dilution"], boxes, step)


def alike(count: int) -> Floats:
    """Return probabilities that depend on nothing."""
    return np.random.Generator(np.random.Philox(17)).random(count)


def needed_by_hand(chance: Floats) -> int:
    """Return the size of a sample for 15 points at 5 % and four in five, in a quarter of the points."""
    inside = ((1.6448536 + 0.8416212) * chance.std() / 0.15) ** 2
    return int(np.ceil(max(inside, 10.0) / 0.25))


@pytest.mark.parametrize("count", [20, 24, 40])
def test_of_few_points_it_is_said_how_many_there_are_and_how_many_it_takes(count: int, tmp_path: Path) -> None:
    told = found(tmp_path, alike(count))
    needs = needed_by_hand(alike(count))
    assert needs > count
    for why in (told["boxes"][0]["absence"], told["tree"]["absence"]):
        assert (why["code"], why["points"], why["needed"]) == ("too_few_points", count, needs)
        assert why["remedy"] == f"--samples {needs}"


def test_with_as_many_as_it_takes_it_is_not_said_again(tmp_path: Path) -> None:
    """Nothing is there: with enough points, that is what is said, not that more are wanted."""
    count = 400
    told = found(tmp_path, alike(count))
    assert needed_by_hand(alike(count)) < count
    box = told["boxes"][0]
    if not box["limits"]:
        assert box["absence"]["code"] in ("nowhere", "outweighed")
    assert told["tree"]["absence"]["code"] == "nowhere"
    assert told["tree"]["absence"]["points"] == count


def test_what_is_there_is_found_with_as_many_points_as_it_takes(tmp_path: Path) -> None:
    """A quarter of the ranges in which it is far more likely: seen with as many points as are asked for."""
    half = in_quarter(places(24))
    needs = absence.needed(half)
    told = found(tmp_path, in_quarter(places(needs)))
    assert {limit["name"] for limit in told["boxes"][0]["limits"]} == {"x0", "x1"}
    assert told["boxes"][0]["absence"] is None
    assert told["tree"]["absence"] is None


def in_quarter(codes: Floats) -> Floats:
    return np.where((codes[:, 0] > 0.5) & (codes[:, 1] > 0.5), 0.6, 0.1)


def test_a_smaller_box_that_was_passed_over_is_named_with_its_step(tmp_path: Path) -> None:
    """Likely nearly everywhere: all points together outweigh the part where it is certain."""
    codes = places(400)
    chance = np.where(codes[:, 0] > 0.3, 1.0, 0.8)
    told = found(tmp_path, chance)["boxes"][0]
    assert told["limits"] == []
    why = told["absence"]
    assert why["code"] == "outweighed"
    shown = found(tmp_path, chance, step=why["other"]["step"])["boxes"][0]
    assert [limit["name"] for limit in shown["limits"]] == ["x0"]
    assert shown["density"] == pytest.approx(why["other"]["density"])
    assert found(tmp_path, chance, step=0)["boxes"][0]["absence"]["code"] == "asked"


def test_why_no_further_box_is_sought_is_told(tmp_path: Path) -> None:
    few = found(tmp_path, in_quarter(places(60)), boxes=9)
    assert len(few["boxes"]) < 9
    codes = places(400)
    told = found(tmp_path, np.where(codes[:, 0] > 0.5, 0.9, 0.1), boxes=2)
    assert len(told["boxes"]) in (1, 2)
    if len(told["boxes"]) == 1:
        assert told["stopped"]["code"] == "same"
    rest = absence.of_rest(np.array([0.1] * 7 + [0.5] * 5), 60, 20)
    assert rest == {"code": "too_few_left", "points": 12, "least": 20, "needed": 100, "remedy": "--samples 100"}
    assert absence.of_rest(np.full(30, 0.2), 60, 20) == {"code": "same", "points": 30, "share": 0.2}
    assert absence.of_rest(alike(30), 60, 20) is None
    gone = absence.of_rest(np.zeros(0), 60, 20)
    assert gone is not None
    assert gone["needed"] is None


def test_of_what_boxes_left_the_points_needed_are_of_all() -> None:
    chance = alike(30)
    why = absence.of_points(chance, 120)
    assert why is not None
    assert why["needed"] == int(np.ceil(needed_by_hand(chance) * 120 / 30))
    assert why["points"] == 120


def searched(budget: int, verdict: str = "") -> border.Border:
    search = border.Border(budget)
    while wanted := search.wanted():
        inside = [(x - 60) ** 2 + (y - 50) ** 2 < 40**2 for x, y in wanted]
        found_there = [verdict or ("fill" if within else "inert") for within in inside]
        search.learn(dict(zip(wanted, found_there, strict=True)))
    return search


def test_a_border_of_which_the_points_ran_out_says_how_many_more_it_takes() -> None:
    search = searched(60)
    why = absent(search, [["fill", "inert"]])
    assert why is not None
    assert why["code"] == "too_few_points"
    assert why["points"] == len(search.known) <= 60
    assert why["needed"] > 60
    finer = searched(why["needed"]).unfinished()
    assert finer is None or finer[0] < why["step"]
    assert why["remedy"] == f"--budget {why['needed']}"
    short = searched(why["needed"] - 1).unfinished()
    assert short is not None
    assert short[0] == why["step"]


def test_a_plane_with_one_verdict_says_how_far_apart_its_points_are() -> None:
    why = absent(searched(400, "inert"), [["inert"]])
    assert why is not None
    assert (why["code"], why["points"], why["step"], why["needed"]) == ("no_border", 25, 0.25, 81)
    assert absent(searched(400, "inert"), []) is None
    assert absent(searched(20_000), [["fill", "inert"]]) is None


def test_an_outcome_of_schools_that_are_not_there_is_not_called_unfinished() -> None:
    run = {"point": 0, "status": "done", "d_peak": 0.1, "d_valley": 0.1, "d_mean": 0.1, "d_ungrouped": None}
    points = [[run, run], [run | {"point": 1}, run | {"point": 1}]]
    with pytest.raises(DesignError) as caught:
        response(points, "d_ungrouped", 0.02)
    assert caught.value.code == "not_measured"
    broken = [[run | {"status": "failed", "d_peak": None}, run], points[1]]
    with pytest.raises(DesignError) as caught:
        response(broken, "d_peak", 0.02)
    assert caught.value.code == "missing_outcome"


def test_nothing_to_find_tells_at_how_many_points(tmp_path: Path) -> None:
    with pytest.raises(DesignError) as caught:
        found(tmp_path, np.zeros(30))
    assert caught.value.values["points"] == 30
    assert json.loads((tmp_path / "sweep.json").read_text())["replicates"] == 4
