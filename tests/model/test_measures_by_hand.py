"""One contract for every measure: on the schools of `measures.toml` it gives what was worked out there by hand."""

import ast
import functools
import math
import operator
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.composition import BY_KIND
from model.codes import CostLine, Level, Ownership, Setting
from model.measures import MEASURES, Measure, yearly_measures
from model.sets import Sets, baseline_quality, reference_sets
from model.simulation import Record
from model.world import World
from tests.model.hand import at
from tests.model.worlds import Site, built

HAND: dict[str, Any] = tomllib.loads(Path(__file__).with_name("measures.toml").read_text("utf-8"))
SCHOOLS: list[str] = HAND["schools"]
EVERY = {measure.name: measure for measure in (*MEASURES, *BY_KIND)}
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip


def worked_out(text: str, mean: float = math.nan) -> float:
    """Return the value of a sum as it is written: numbers, M for the mean before it, + − · / **, sqrt and log."""

    def value(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return float(OPERATORS[type(node.op)](value(node.left), value(node.right)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return float({"sqrt": math.sqrt, "log": math.log}[node.func.id](value(node.args[0])))
        if isinstance(node, ast.Name) and node.id == "M":
            return mean
        assert isinstance(node, ast.Constant), ast.dump(node)
        return float(node.value)

    return value(ast.parse(text, mode="eval").body)


def by_row(world: World, values: list[Any]) -> np.ndarray:
    """Return a column of the file in the order of the world's rows."""
    rows = [at(world, name) for name in SCHOOLS]
    return np.array(values)[np.argsort(rows)]


@functools.cache
def world() -> World:
    """Return the schools of the file."""
    own = HAND["structure"]
    sites = [
        Site(
            name, group=own["group"][n], role=own["role"][n], level=Level.of(own["level"][n]),
            setting=Setting.of(own["setting"][n]), ownership=Ownership.of(own["ownership"][n]), x=float(n),
            pupils=own["pupils"][n], opens=own["opens"][n],
        )
        for n, name in enumerate(SCHOOLS)
    ]  # fmt: skip
    return built(sites, pairs=False)


def recorded(years: list[np.ndarray]) -> np.ndarray:
    """Return terms whose means are these years: half of it in autumn, half as much again in spring."""
    return np.stack([share * year for year in years for share in (0.5, 1.5)])


@functools.cache
def record() -> Record:
    """Return the run of the file."""
    own, second = HAND["recorded"], HAND["second_year"]
    out = {
        name: recorded([by_row(world(), values), by_row(world(), second.get(name, [0.0] * len(values)))])
        for name, values in own.items()
        if name != "cost"
    }
    lines = np.stack([by_row(world(), own["cost"][line]) for line in CostLine.words()], axis=1)
    return Record(2, out | {"cost": recorded([lines, np.zeros_like(lines)])})


@functools.cache
def sets() -> Sets:
    """Return the sets that follow from the years before."""
    quality = by_row(world(), HAND["baseline"]["quality"])
    before = Record(2, {"quality": recorded([np.full(len(quality), 9.0), quality + 0.1, quality - 0.1])})
    return reference_sets(world(), baseline_quality(before))


@functools.cache
def measured() -> dict[str, np.ndarray]:
    """Return every measure of the run."""
    person = np.array([at(world(), name) for name in by_row(world(), HAND["structure"]["legal_person"])], np.int32)
    return yearly_measures(world(), record(), sets(), person, HAND["ordinary"], tuple(EVERY.values()))


@pytest.mark.parametrize("name", HAND["measures"])
def test_a_measure_is_what_was_worked_out_by_hand(name: str) -> None:
    said = HAND["measures"][name]
    first = worked_out(said["is"], worked_out(said.get("M", "0")))
    assert measured()[name].tolist() == pytest.approx(
        [first, worked_out(said.get("second", "0"))], rel=1e-12, abs=1e-15
    )
    assert first != 0.0


def test_every_measure_is_worked_out_but_those_of_levels_that_are_not_there() -> None:
    missing = set(EVERY) - set(HAND["measures"])
    assert missing == {name for name in EVERY if name.endswith(("_kindergarten", "_senior")) and name[:3] == "cv_"}
    assert not missing & set(measured())
    assert list(measured()) == [name for name in EVERY if name in HAND["measures"]]


@pytest.mark.parametrize("name", ["peak", "valley", "middle", "grouped", "ungrouped", "leads"])
def test_sets_are_those_of_the_file(name: str) -> None:
    found = np.flatnonzero(getattr(sets(), name)).tolist()
    assert found == sorted(at(world(), school) for school in HAND["baseline"][name])
    assert sets().good == HAND["baseline"]["good"]


@pytest.mark.parametrize("empty", ["peak", "valley", "middle", "grouped", "ungrouped", "leads", "standing"])
def test_a_measure_of_a_set_without_schools_has_no_entry(empty: str) -> None:
    of = HAND["of"] | {"grouped": set(HAND["measures"]) - {name for names in HAND["of"].values() for name in names}}
    gone = ("grouped", "ungrouped") if empty == "standing" else (empty,)
    emptied = sets()._replace(**{name: np.zeros(len(SCHOOLS), bool) for name in gone})
    left = yearly_measures(world(), record(), emptied, measures=tuple(EVERY.values()))
    lost = set(HAND["measures"]) - set(left)
    assert lost - {"load_urban"} == {name for one in {empty, *gone} for name in of[one]} - {"load_urban"}
    assert ("load_urban" in lost) == ("grouped" in gone)  # the only school outside groups is rural


def test_measures_are_named_once_and_say_what_they_are() -> None:
    assert len(EVERY) == len(MEASURES) + len(BY_KIND)
    for measure in EVERY.values():
        assert measure.meaning
        assert measure.unit
        assert hasattr(sets(), measure.of)


def test_without_legal_persons_every_campus_is_its_own() -> None:
    own = yearly_measures(world(), record(), sets())
    for level in ("primary", "junior"):
        assert own[f"cv_backbone_legal_person_{level}"].tolist() == own[f"cv_backbone_campus_{level}"].tolist()


def test_a_users_own_measure_is_measured_like_ours() -> None:
    own = Measure("double", "σ", "twice the quality", "valley", lambda run, chosen: 2.0 * run.quality[:, chosen].sum(1))
    assert yearly_measures(world(), record(), sets(), measures=[own])["double"].tolist() == pytest.approx([-0.4, 0.0])
