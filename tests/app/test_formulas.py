"""No text in a table that a command leaves behind is taken for a formula, and all of it reads back as it was."""

import csv
import io
import zipfile
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from typer.testing import CliRunner

import figures.cells
import scenarios.cells
from app.cli import app
from app.web import files
from figures.results import load
from scenarios.catalogue import worlds

IDS = {"shiyan-group": "+group", "shiyan": "-1+1", "hubin": "=1+1", "Hubin Primary": "@SUM(A1)", "湖滨小学": "=湖滨"}
SHORT = ("--years", "4", "--no-figures", "--executor", "inline")


def called(*words: str) -> None:
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 0, found.output + repr(found.exception)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("formulas")
    text = worlds()["shuangtaizi_two_schools"].read_text(encoding="utf-8")
    for old, new in IDS.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    (place / "own.toml").write_text(text, encoding="utf-8")
    scenario = str(place / "own.toml")
    called("compare", scenario, "--replicates", "8", "--certainty", "0", *SHORT, "--out", str(place / "compare"))
    names = "world.schools.1.name==cmd,-b"
    called("sweep", scenario, "--vary", names, "--replicates", "2", *SHORT, "--out", str(place / "sweep"))
    called("group", scenario, "--size", "2:2", "-o", str(place / "group.toml"))
    return place


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def formulas(table: str) -> list[str]:
    cells = (cell for row in csv.reader(io.StringIO(table.removeprefix("\ufeff"))) for cell in row)
    return [cell for cell in cells if cell.startswith(scenarios.cells.FORMULA) and not is_number(cell)]


def test_no_table_holds_a_formula(folder: Path) -> None:
    tables = sorted(folder.rglob("*.csv"))
    assert {path.parent.name for path in tables} >= {"compare", "network", "sweep", "group"}
    for path in tables:
        assert formulas(path.read_text(encoding="utf-8")) == [], path
    assert "'=1+1" in (folder / "compare" / "network" / "schools.csv").read_text(encoding="utf-8")
    assert "'=cmd" in (folder / "sweep" / "points.csv").read_text(encoding="utf-8")


def test_what_is_read_back_has_no_mark(folder: Path, tmp_path: Path) -> None:
    results = load(folder / "compare")
    assert set(results.schools["id"]) == set(results.ties["source"]) == {"-1+1", "=1+1"}
    assert set(results.schools["group"]) == {"+group"}
    assert "=湖滨" in set(results.schools["name_zh"])
    target = tmp_path / "network.graphml"
    called("export", str(folder / "compare"), "--graphml", str(target))
    assert set(nx.read_graphml(target).nodes) == {"-1+1", "=1+1"}
    called("figures", str(folder / "sweep"))


def test_the_page_marks_what_it_gives_once(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(files.tables(folder / "compare"))) as archive:
        told = archive.read("network/schools.csv").decode("utf-8-sig")
    assert formulas(told) == []
    assert set(pd.read_csv(io.StringIO(told))["id"]) == {"'-1+1", "'=1+1"}


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", "\tx", "\rx", "a=", "'a", "", "'", 1, -1.5, None])
def test_both_rooms_mark_alike(value: object) -> None:
    marked = scenarios.cells.marked(value)
    assert marked == figures.cells.marked(value)
    assert scenarios.cells.plain(marked) == figures.cells.plain(marked) == value
