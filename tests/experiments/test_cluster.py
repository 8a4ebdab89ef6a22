"""Runs on a real Dask cluster on this machine, and which schedulers are refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from experiments import cluster, sampling
from experiments.cluster import connected, refuse_open
from experiments.design import Factor
from experiments.errors import WorkersError
from experiments.results import Manifest, open_results
from experiments.runner import Place, run
from experiments.store import canonical_sha256
from experiments.studies import Options, Situation
from experiments.sweep import Sweep, paired
from scenarios.reader import Choice
from tests.experiments import work

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'yangfeng[cluster]'")
INITIALISER = "app.workers:prepare"
MANIFEST = Manifest({"scenario": "two"}, {"study": 0}, "0" * 64)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with distributed.LocalCluster(processes=True, silence_logs=50, **options) as local:
        yield local.scheduler_address


def swept(directory: Path, executor: Place, workers: int) -> str:
    situation = Situation("shuangtaizi_two_schools", Choice("fusion", "unified_deployment"), Options(years=3))
    modes = Factor("mode", values=("fusion", "co_construction"))
    sweep = Sweep(sampling.factorial([Factor("practice.renewal", 0.2, 0.8), modes], 2), paired(situation.study), 2)
    with open_results(directory, MANIFEST) as results:
        for _ in sweep.run(results, partial(run, workers=workers, executor=executor, initialiser=INITIALISER)):
            pass
        return canonical_sha256(results.ledger)


def test_a_cluster_gives_the_bytes_that_this_process_gives(address: str, tmp_path: Path) -> None:
    with connected(address) as place:
        assert place.size == 2
        there = swept(tmp_path / "dask", place, place.size)
    assert there == swept(tmp_path / "inline", "inline", 1)


def test_a_worker_with_other_code_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_code_here", lambda: {"model": "0" * 64})
    with connected(address) as place, pytest.raises(WorkersError, match="not 0000") as caught:
        list(run(work.jobs(3), workers=2, executor=place))
    assert caught.value.code == "worker_setup"


def test_a_scheduler_can_be_named_by_its_file(address: str, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": address}), encoding="utf-8")
    with connected(str(file)) as place:
        assert len(list(run(work.jobs(5), workers=2, executor=place))) == 5
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(WorkersError) as caught, connected(str(file)):
        pass
    assert caught.value.code == "bad_scheduler_file"


@pytest.mark.parametrize(
    "fine", ["tls://login1:8786", "tcp://127.0.0.1:8786", "127.0.0.1:1", "tcp://[::1]:8786", "localhost:2"]
)
def test_schedulers_here_or_behind_tls_are_taken(fine: str) -> None:
    refuse_open(fine)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("tcp://10.0.0.5:8786", "plain_scheduler"),
        ("login1:8786", "plain_scheduler"),
        ("127.0.0.1.evil.example:8786", "plain_scheduler"),
        ("tcp://127.0.0.1", "bad_scheduler"),
        ("http://127.0.0.1:80", "bad_scheduler"),
        ("tcp://127.0.0.1:99999999", "bad_scheduler"),
        ("", "bad_scheduler"),
    ],
)
def test_others_are_refused_unless_it_is_meant(address: str, code: str) -> None:
    with pytest.raises(WorkersError) as caught:
        refuse_open(address)
    assert caught.value.code == code
    if code == "plain_scheduler":
        refuse_open(address, plain=True)


def test_a_scheduler_that_is_not_there_is_told_soon() -> None:
    with pytest.raises(WorkersError) as caught, connected("tcp://127.0.0.1:9", patience=0.5):
        pass
    assert caught.value.code == "no_scheduler"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """Give the file of a scheduler in a process of its own with two workers, and the three processes."""
    file = tmp_path / "scheduler.json"
    tool = [sys.executable, "-m"]
    ends = ["--no-dashboard", "--scheduler-file", str(file)]
    started = [
        subprocess.Popen([*tool, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *ends]),
        *(
            subprocess.Popen([*tool, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *ends])
            for _ in range(2)
        ),
    ]
    yield file, started
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_lost_worker_costs_nothing_and_a_lost_scheduler_is_told(
    processes: tuple[Path, list[subprocess.Popen[bytes]]],
) -> None:
    file, started = processes
    for _ in range(300):
        if not file.exists():
            time.sleep(0.1)
    with connected(str(file)) as place:
        found = []
        for outcome in run(work.jobs(60, work.slow_series), workers=2, executor=place):
            found.append(outcome.key)
            if len(found) == 5:
                os.kill(started[1].pid, signal.SIGKILL)
        assert len(set(found)) == 60
        with pytest.raises(WorkersError) as caught:
            for n, _ in enumerate(run(work.jobs(200, work.slow_series), workers=2, executor=place)):
                if n == 5:
                    os.kill(started[0].pid, signal.SIGKILL)
    assert caught.value.code == "executor_lost"
