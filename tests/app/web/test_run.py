"""A run of the page: the numbers of the command, one stage at a time, files that can be taken away."""

import io
import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.importing import import_rosters
from app.web import files, groups, places
from app.web.pool import Pool
from app.web.run import Run
from app.web.runs import MOST_RUNS, Runs
from app.web.state import Grouping, State
from app.web.toml import with_settings
from experiments.comparison import Comparison
from scenarios.reader import Choice
from tests.app.web.samples import SMALL, inline, pool

POLICIES = (Choice("two_school_integration", "unified_deployment"), Choice("collaboration", "none", "cultivation"))
QUESTION = State(SMALL, POLICIES, {"practice.renewal": "0.4"}, years=4, seed=3, replicates="8")


def finished(run: Run, stage: str, policy: str = "") -> Run:
    assert run.start(stage, policy)  # type: ignore[arg-type]
    run.wait()
    assert run.status == "done", run.error
    return run


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = places.bundled()[SMALL]
    run = Run(place, QUESTION, pool(), tmp_path_factory.mktemp("page") / "run")
    return finished(run, "compare")


def test_the_numbers_are_those_of_the_command(done: Run, tmp_path: Path) -> None:
    words = done.state.command(SMALL).split()[1:]
    plain = ["--certainty", "0", "--explain", "none", "--no-figures", "--json", "--workers", "1"]
    told = CliRunner().invoke(app, [*words, *plain, "--out", str(tmp_path / "x")])
    assert told.exit_code == 0, told.output
    command = json.loads(told.stdout)["policies"]
    assert done.found is not None
    page = json.loads(json.dumps(done.found.document["policies"]))
    assert [policy["title"] for policy in page] == [policy["title"] for policy in command]
    for mine, theirs in zip(page, command, strict=True):
        drawn = {"certainty", "verdict", "verdict_year3", "peak_cost_ratio", "costs"}
        same = set(mine) & set(theirs) - {"moves", "attribution"} - drawn
        assert {"d_peak", "point_verdict", "trajectory", "official"} <= same
        assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}


def test_with_groups_put_right_by_hand_too_once_the_scenario_is_saved(tmp_path: Path) -> None:
    origin = places.bundled()[SMALL]
    (group,) = origin.scenario().roster.groups
    other = next(school.id for school in origin.scenario().roster.schools if school.id != group.lead)
    known = groups.with_groups(origin, Grouping("", {}, {group.id: other}))
    state = replace(QUESTION, policies=POLICIES[:1], grouping=known.wanted)
    run = finished(Run(known.place, state, pool(), tmp_path / "run"), "compare")
    saved = tmp_path / run.place.called
    saved.write_text(with_settings(run.place.path.read_text(encoding="utf-8"), state.settings), encoding="utf-8")
    words = run.state.command(str(saved)).split()[1:]
    plain = ["--certainty", "0", "--explain", "none", "--no-figures", "--json", "--workers", "1"]
    told = CliRunner().invoke(app, [*words, *plain, "--out", str(tmp_path / "x")])
    assert told.exit_code == 0, told.output
    assert run.found is not None
    (mine,), (theirs,) = run.found.document["policies"], json.loads(told.stdout)["policies"]
    assert json.loads(json.dumps(mine["trajectory"])) == theirs["trajectory"]
    as_before = finished(Run(origin, replace(state, grouping=Grouping()), pool(), tmp_path / "before"), "compare")
    assert as_before.found is not None
    assert mine["trajectory"] != as_before.found.document["policies"][0]["trajectory"]


def test_a_finished_run_says_so(done: Run) -> None:
    assert done.found is not None
    assert (done.found.final, done.found.first, done.found.pairs) == (True, False, 8)
    assert set(done.found.effects["school"]) == set(done.found.schools["id"])
    assert not done.is_active


def test_what_is_on_the_disk_is_not_kept_in_memory_too(done: Run) -> None:
    assert not [name for name, value in vars(done).items() if isinstance(value, Comparison)]
    assert len(done.__dict__["_keys"]) == 8
    assert not done.__dict__["_early"]


def test_why_is_found_for_the_policy_asked(done: Run) -> None:
    finished(done, "explain", "+".join(POLICIES[0]))
    assert done.found is not None
    first, second = done.found.document["policies"]
    parts = first["attribution"]["d_valley"]
    assert sum(parts["mechanisms"].values()) == pytest.approx(parts["total"], abs=1e-12)
    assert not second.get("attribution")


@pytest.mark.slow
def test_report_and_figures_are_made_by_a_worker(done: Run) -> None:
    assert not done.is_filed
    finished(done, "files")
    assert done.is_filed
    assert "削峰" in files.report(done.directory, "zh", "html").decode()
    assert "<html" in files.report(done.directory, "en", "html").decode()
    assert files.report(done.directory, "zh", "pdf").startswith(b"%PDF-")
    names = zipfile.ZipFile(io.BytesIO(files.figures(done.directory))).namelist()
    assert {name.rpartition(".")[2] for name in names} == {"pdf", "svg", "png", "csv", "md"}


@pytest.mark.parametrize(("language", "sheet_name"), [("en", "schools"), ("zh", "学校")])
def test_rosters_to_fill_in_are_those_of_the_command(language: str, sheet_name: str, tmp_path: Path) -> None:
    example = zipfile.ZipFile(io.BytesIO(files.rosters(language, demo=True)))
    example.extractall(tmp_path)
    assert sorted(example.namelist()) == ["schools.xlsx", "teachers.xlsx", "ties.xlsx"]
    assert len(import_rosters([tmp_path], tmp_path / "county.toml").county.schools) > 10
    empty = zipfile.ZipFile(io.BytesIO(files.rosters(language, demo=False)))
    assert empty.namelist() == example.namelist()
    assert sheet_name in {sheet.title for sheet in openpyxl.load_workbook(empty.open("schools.xlsx"))}


def test_one_stage_at_a_time(tmp_path: Path) -> None:
    run = Run(places.bundled()[SMALL], QUESTION, pool(), tmp_path / "run")
    assert run.start("compare")
    assert not run.start("files")
    run.cancel()
    run.wait()


def test_a_run_that_is_cancelled_stops_and_leaves_no_files(tmp_path: Path) -> None:
    runs = Runs(pool(), tmp_path, keep=False)
    token, run = runs.begin(places.bundled()[SMALL], replace(QUESTION, replicates="auto", years=30))
    deadline = time.monotonic() + 60
    while run.found is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run.found is not None and run.found.first
    assert all(policy["verdict"] == "undecided" for policy in run.found.document["policies"])
    run.cancel()
    run.wait()
    assert run.status == "cancelled"
    runs.drop(token)
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert runs.get(token) is None
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_no_room_is_told(tmp_path: Path) -> None:
    busy = Pool(1, 1, place=inline)
    with busy.ticket():
        run = Run(places.bundled()[SMALL], QUESTION, busy, tmp_path / "run")
        run.start("compare")
        run.wait()
    assert run.status == "busy"
    assert not run.directory.exists()


def test_runs_that_nobody_looks_at_are_given_up(tmp_path: Path) -> None:
    closed = pool()
    closed.close()
    runs = Runs(closed, tmp_path, keep=False)
    tokens = [runs.begin(places.bundled()[SMALL], QUESTION)[0] for _ in range(MOST_RUNS + 5)]
    assert len(runs) <= MOST_RUNS
    assert runs.get(tokens[0]) is None and runs.get(tokens[-1]) is not None
    assert len(set(tokens)) == len(tokens) and min(map(len, tokens)) > 20
