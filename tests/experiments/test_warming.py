"""Compiling before the first job: a part in each worker, once per machine, and never a reason to fail."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from experiments import warming
from experiments.jobs import Done, Failed, Fault, Job, Outcome
from experiments.runner import run
from model.schedule import TERM

PROJECT = Path(__file__).resolve().parents[2]
AFTERWARDS = """
import numba.core.event as event
from experiments import warming
from experiments.runner import run
compiled = []
class Listener(event.Listener):
    def on_start(self, event):
        compiled.append(event.data["dispatcher"].py_func.__module__)
    def on_end(self, event):
        pass
event.register("numba:compile", Listener())
warming.warm_up(lambda jobs: run(jobs, workers=1, executor="inline"))
assert any(name.startswith("model.processes") for name in compiled), compiled
compiled.clear()
import pickle
from experiments.comparison import Comparison, run_point
from experiments.verdict import Plan
from scenarios import reader
from tests.experiments.test_comparison import arm, study
scenario = reader.load("yuyao_2020")
made = study(scenario, arm("fusion", reader.policy_for(scenario, "fusion", "national_rule")))
job = Comparison(made, Plan(looks=(8,))).job(0, ["fusion+none+none"])
run_point(pickle.loads(pickle.dumps(job, protocol=5)).argument)
print(sorted({name for name in compiled if name.startswith(("model.processes", "model.initial"))}))
"""


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))


def test_every_process_is_in_one_part_or_runs_at_the_start() -> None:
    named = [name for part in warming.PARTS for name in part if name not in (warming.START, warming.MEASURES)]
    assert sorted([*named, "learning", "promotion"]) == sorted(process.name for process in TERM)


def test_every_part_runs_on_a_world_not_drawn_yet() -> None:
    outcomes = list(run(warming.jobs(), workers=1, executor="inline"))
    assert [outcome for outcome in outcomes if not isinstance(outcome, Done)] == []


def test_it_is_done_once(tmp_path: Path) -> None:
    calls = []

    def note(jobs: Iterable[Job]) -> Iterable[Outcome]:
        calls.append([job.key for job in jobs])
        return [Done(key, {}) for key in calls[-1]]

    warming.warm_up(note)
    warming.warm_up(note)
    assert len(calls) == 1
    assert len(calls[0]) == len(warming.PARTS)
    assert [path.name.startswith("compiled-") for path in tmp_path.iterdir()] == [True]


def test_a_part_that_fails_is_left_to_the_job_that_needs_it(tmp_path: Path) -> None:
    warming.warm_up(lambda jobs: [Failed(job.key, Fault("OSError", "no space")) for job in jobs])
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "nowhere"))
    warming.warm_up(lambda jobs: [Done(job.key, {}) for job in jobs])


@pytest.mark.slow
def test_after_it_a_comparison_compiles_nothing_of_the_model(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", AFTERWARDS]
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
