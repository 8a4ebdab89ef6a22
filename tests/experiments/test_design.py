"""Designs: which points, and what makes them impossible."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import sampling
from experiments.design import Design, DesignError, Factor

RANGE = Factor("practice.renewal", 0.2, 0.8, default=0.5)
WHOLE = Factor("world.levels.0.groups.0.members", 1.0, 4.0, default=2, whole=True)
MODE = Factor("mode", values=("fusion", "merger", "none"), default="merger")
ALL = [RANGE, WHOLE, MODE]


def points(design: Design) -> list[tuple[object, ...]]:
    return [tuple(design.point(row).values()) for row in range(len(design))]


def test_a_factorial_design_has_every_combination() -> None:
    assert points(sampling.factorial([RANGE, MODE], [2, 0])) == [
        (0.2, "fusion"), (0.2, "merger"), (0.2, "none"), (0.8, "fusion"), (0.8, "merger"), (0.8, "none"),
    ]  # fmt: skip
    assert points(sampling.factorial([WHOLE], 9)) == [(1,), (2,), (3,), (4,)]


def test_one_at_a_time_leaves_the_others_at_their_defaults() -> None:
    assert points(sampling.one_at_a_time(ALL, 3)) == [
        (0.5, 2, "merger"),
        (0.2, 2, "merger"), (0.8, 2, "merger"),
        (0.5, 1, "merger"), (0.5, 4, "merger"),
        (0.5, 2, "fusion"), (0.5, 2, "none"),
    ]  # fmt: skip
    with pytest.raises(DesignError, match="one at a time"):
        sampling.one_at_a_time([replace(RANGE, default=None)])


def test_a_latin_hypercube_has_one_point_a_slice_and_equal_parts_of_a_list() -> None:
    design = sampling.lhs(ALL, 12, seed=5)
    slices = np.floor((design.codes[:, 0] - 0.2) / 0.6 * 12)
    assert sorted(slices) == list(range(12))
    assert np.bincount(design.codes[:, 1].astype(int)).tolist() == [0, 3, 3, 3, 3]
    assert np.bincount(design.codes[:, 2].astype(int)).tolist() == [4, 4, 4]


@pytest.mark.parametrize(
    ("draw", "samples", "count"), [("lhs", 10, 10), ("sobol", 8, 40), ("morris", 5, 20), ("fast", 65, 195)]
)
def test_drawn_designs_have_their_size_and_depend_on_their_seed_alone(draw: str, samples: int, count: int) -> None:
    design = sampling.DRAWN[draw](ALL, samples, 0)
    np.random.random(3)  # noqa: NPY002 - the global generator must not matter
    again, other = sampling.DRAWN[draw](ALL, samples, 0), sampling.DRAWN[draw](ALL, samples, 1)
    assert len(design) == count
    assert design.codes.tobytes() == again.codes.tobytes() != other.codes.tobytes()
    assert {type(value) for row in points(design) for value in row} == {float, int, str}
    assert (design.codes[:, 0] >= 0.2).all()
    assert (design.codes[:, 0] <= 0.8).all()


def test_second_order_and_groups_change_the_size_of_a_sobol_design() -> None:
    assert len(sampling.sobol(ALL, 8, second_order=True)) == 8 * 8
    grouped = [replace(factor, group="prices") for factor in (RANGE, WHOLE)]
    assert len(sampling.sobol([*grouped, MODE], 8)) == 8 * 4
    assert sampling.sobol([*grouped, MODE], 8).problem()["groups"] == ["prices", "prices", "mode"]


def test_a_value_can_set_several_things_and_constants_hold_everywhere() -> None:
    settings = {
        "few": {"world.levels.0.groups.0.members": 2, "world.levels.0.groups.0.count": 15},
        "many": {"world.levels.0.groups.0.members": 30, "world.levels.0.groups.0.count": 1},
    }
    factor = Factor("span", values=("few", "many"), settings=settings)
    design = replace(sampling.factorial([factor]), constants={"mode": "fusion"})
    assert design.point(1) == {"span": "many"}
    assert design.values(1) == {"mode": "fusion", **settings["many"]}


def test_levers_and_uncertainties_are_told_apart() -> None:
    design = sampling.factorial([MODE, replace(RANGE, role="uncertainty")], 2)
    assert [factor.name for factor in design.levers] == ["mode"]
    assert [factor.name for factor in design.uncertainties] == ["practice.renewal"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_users_own_points_are_taken_as_they_stand(ending: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"practice.renewal": [0.3, 0.3, 0.7], "mode": ["fusion", "merger", "fusion"]})
    path = tmp_path / f"points.{ending}"
    _ = table.to_csv(path, index=False) if ending == "csv" else table.to_parquet(path)
    assert points(sampling.matrix(path)) == [(0.3, "fusion"), (0.3, "merger"), (0.7, "fusion")]


def test_a_matrix_with_a_hole_or_a_wrong_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("a,b\n1,2\n3,\n", encoding="utf-8")
    with pytest.raises(DesignError, match="row 2, column b"):
        sampling.matrix(path)
    path.write_text("practice.renewal\n0.9\n", encoding="utf-8")
    with pytest.raises(DesignError, match=r"never takes the value 0\.9"):
        sampling.matrix(path, [RANGE])
    with pytest.raises(DesignError, match="cannot be read"):
        sampling.matrix(tmp_path / "none.csv")
    with pytest.raises(DesignError, match=r"\.csv or \.parquet"):
        sampling.matrix(tmp_path / "points.xlsx")


def test_impossible_designs_are_refused() -> None:
    for make in (
        lambda: Factor("a", 0.5, 0.5),
        lambda: Factor("a", 0.0, float("nan")),
        lambda: Factor("a", values=("x", "x")),
        lambda: Factor("a", values=("x",), settings={"y": {}}),
        lambda: sampling.factorial([RANGE, RANGE], 2),
        lambda: sampling.factorial([]),
        lambda: replace(sampling.factorial([RANGE]), constants={"practice.renewal": 0.1}),
        lambda: sampling.sobol([RANGE], 6),
        lambda: sampling.fast([RANGE], 64),
        lambda: sampling.factorial([RANGE] * 3, 101),
    ):
        with pytest.raises(DesignError):
            make()
