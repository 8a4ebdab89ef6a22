"""PRIM recovers a known box, the tree a known rule, and the border a known curve with fewer points than a grid."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import border, discovery, prim, tree
from experiments.design import DesignError, Factor, Floats
from experiments.errors import ResultsError
from experiments.verdict import REGIONS, region

FACTORS = [*(Factor(f"x{n}", 0.0, 1.0) for n in range(4)), Factor("mode", values=("u", "v", "w"))]
DELTA = 0.02


def places(count: int = 500, seed: int = 3) -> Floats:
    chance = np.random.Generator(np.random.Philox(seed))
    return np.column_stack([chance.random((count, 4)), chance.integers(0, 3, count)])


def in_box(codes: Floats) -> Floats:
    return np.where((codes[:, 0] > 0.6) & (codes[:, 1] < 0.5) & (codes[:, 4] != 1), 0.95, 0.05)


def test_a_known_box_is_recovered() -> None:
    codes = places()
    _, found = prim.discovered(FACTORS, codes, in_box(codes))
    limits = {limit["name"]: limit for limit in found["limits"]}
    assert set(limits) == {"x0", "x1", "mode"}
    assert limits["x0"]["low"] == pytest.approx(0.6, abs=0.03)
    assert limits["x0"]["high"] == 1.0
    assert limits["x1"]["high"] == pytest.approx(0.5, abs=0.03)
    assert limits["mode"]["values"] == ["u", "w"]
    assert found["density"] > 0.9
    assert found["coverage"] > 0.65
    assert all(limit["quasi_p"] < 1e-6 for limit in limits.values())
    assert found["trajectory"][0]["coverage"] == 1.0
    masses = [step["mass"] for step in found["trajectory"]]
    assert masses == sorted(masses, reverse=True)


def test_pure_chance_has_no_significant_limits() -> None:
    codes, chance = places(), np.random.Generator(np.random.Philox(9)).random(500)
    _, found = prim.discovered(FACTORS, codes, chance)
    assert all(limit["quasi_p"] <= prim.SIGNIFICANT for limit in found["limits"])
    assert len(found["limits"]) <= 2


def test_the_significance_of_a_limit_is_a_binomial_tail() -> None:
    codes = np.column_stack([np.arange(20) / 20.0])
    chance = (np.arange(20) >= 10).astype(float)
    whole = prim.whole_box([Factor("x", 0.0, 1.0)], codes)
    box = prim.Box(np.array([0.5]), np.array([1.0]), (None,))
    assert prim.quasi_p(box, whole, codes, chance)[0] == pytest.approx(0.5**10)
    assert prim.worth(box, codes, chance) == {"coverage": 1.0, "density": 1.0, "mass": 0.5, "points": 10}


def test_the_tree_finds_the_rule() -> None:
    codes = places()
    found = tree.grown(FACTORS, codes, in_box(codes))
    assert 0.5 < found["explained"] <= 1.0
    asked = set()
    nodes = [found["root"]]
    while nodes:
        node = nodes.pop()
        if "yes" in node:
            asked.add(node["factor"])
            nodes += [node["yes"], node["no"]]
    assert {"x0", "x1", "mode"} <= asked


def effects(shares: Floats) -> Floats:
    """Return effects whose valley gains inside a circle, and nothing else changes."""
    inside = 0.35**2 - ((shares - 0.45) ** 2).sum(axis=1)
    return np.column_stack([np.zeros(len(shares)), DELTA + 0.3 * inside, np.zeros(len(shares))])


def test_the_border_of_a_circle_is_found_with_far_fewer_points_than_a_grid() -> None:
    search = border.Border(400)
    while wanted := search.wanted():
        assert not set(wanted) & set(search.known)
        found = effects(border.shares(wanted))
        search.learn({place: region(*row, DELTA).value for place, row in zip(wanted, found.tolist(), strict=True)})
    assert len(search.known) <= 400
    finest = min(cell.side for cell in search.cells)
    assert finest <= 4
    assert (border.SIDE // finest + 1) ** 2 > 2.5 * len(search.known)
    shares = border.shares(list(search.known))
    plane = border.raster(shares, effects(shares), DELTA)
    ticks = np.linspace(0.0, 1.0, border.RASTER)
    across, up = np.meshgrid(ticks, ticks)
    truth = [region(*row, DELTA).value for row in effects(np.column_stack([across.ravel(), up.ravel()])).tolist()]
    assert np.mean([cell == told for cell, told in zip(chain(*plane), truth, strict=True)]) > 0.99


def test_a_plane_with_one_verdict_costs_the_coarse_grid_only() -> None:
    search = border.Border(400)
    while wanted := search.wanted():
        search.learn(dict.fromkeys(wanted, "inert"))
    assert len(search.known) == (border.COARSE + 1) ** 2


def saved(directory: Path, chance: Floats) -> Path:
    codes = places(len(chance))
    table = pd.DataFrame(codes[:, :4], columns=[f"x{n}" for n in range(4)])
    table["mode"] = [FACTORS[4].values[int(code)] for code in codes[:, 4]]
    for name in REGIONS:
        table[f"probability_{name.value}"] = chance if name.value == "dilution" else 0.0
    table.to_csv(directory / "points.csv", index=False)
    design = {"factors": [factor.document() for factor in FACTORS]}
    (directory / "sweep.json").write_text(json.dumps({"design": design, "replicates": 4}))
    return directory


def test_a_saved_sweep_is_read_and_what_cannot_be_is_refused(tmp_path: Path) -> None:
    points = discovery.read(saved(tmp_path, in_box(places(300))))
    found = discovery.discovered(points, ["dilution", "peak_shaving"], boxes=2)
    assert {limit["name"] for limit in found["boxes"][0]["limits"]} == {"x0", "x1", "mode"}
    with pytest.raises(DesignError, match="dilution"):
        discovery.discovered(points, ["dilutoin"])
    with pytest.raises(DesignError, match="no border to find"):
        discovery.discovered(points, ["lift"])
    holed = in_box(places(300))
    holed[[4, 7]] = np.nan
    with pytest.raises(DesignError, match="point 4, 7;"):
        discovery.discovered(discovery.read(saved(tmp_path, holed)), ["dilution"])
    with pytest.raises(ResultsError, match="no sweep"):
        discovery.read(tmp_path / "nowhere")
