"""A results directory: resumed after any kill with the same bytes, and never with other inputs."""

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from experiments.errors import ResultsError
from experiments.jobs import Job
from experiments.progress import Progress, Tally, clock_time
from experiments.results import ChangedError, compute, inputs_sha256, open_results, read_manifest
from experiments.runner import run
from experiments.store import Ledger, canonical_sha256
from tests.experiments import work
from tests.experiments.study import MANIFEST
from tests.experiments.test_runner import children_of, linux_only, start_study, wait_until_gone

COUNT = 30


def finish(directory: Path, wanted: list[Job], **options: object) -> tuple[Progress, str]:
    """Do what is missing and give how that went, and the hash of everything recorded."""
    settings = {"workers": 1, "executor": "inline", **options}
    with open_results(directory, MANIFEST) as results:
        *_, tally = compute(results, wanted, partial(run, **settings), len(wanted))  # type: ignore[arg-type]
        return tally, canonical_sha256(results.ledger)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    return finish(tmp_path_factory.mktemp("undisturbed"), work.jobs(COUNT))[1]


def test_workers_and_order_do_not_change_the_export(undisturbed: str, tmp_path: Path) -> None:
    wanted = work.jobs(COUNT)
    shuffled = [wanted[(7 * place + 3) % COUNT] for place in range(COUNT)]
    assert finish(tmp_path / "1", wanted, workers=1, executor="process")[1] == undisturbed
    assert finish(tmp_path / "2", shuffled, workers=2, executor="process")[1] == undisturbed


def kill_after(directory: Path, recorded: int, pause: float) -> None:
    """Start the study, let it record so many runs, wait a moment more, kill it."""
    with start_study(directory, "slow_series", COUNT) as study:
        assert study.stdout is not None
        for _ in range(recorded):
            study.stdout.readline()
        time.sleep(pause)
        below = children_of(study.pid) if sys.platform == "linux" else set()
        study.kill()
    assert not wait_until_gone(below)


@pytest.mark.parametrize(("recorded", "pause"), [(0, 0.0), (0, 0.4), (1, 0.0), (12, 0.013)])
def test_a_killed_study_is_resumed_to_the_same_bytes(
    recorded: int, pause: float, undisturbed: str, tmp_path: Path
) -> None:
    kill_after(tmp_path, recorded, pause)
    assert read_manifest(tmp_path)["status"] == "running"
    tally, after = finish(tmp_path, work.jobs(COUNT))
    assert after == undisturbed
    assert tally.reused >= recorded
    assert tally.done == COUNT - tally.reused
    assert read_manifest(tmp_path)["status"] == "complete"


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(10))
def test_three_hundred_kills_anywhere_are_resumed_to_the_same_bytes(
    batch: int, undisturbed: str, tmp_path: Path
) -> None:
    for number in range(15):
        directory = tmp_path / str(number)
        kill_after(directory, number, 0.0007 * (15 * batch + number))
        kill_after(directory, 0, 0.007 * (15 * batch + number))
        assert finish(directory, work.jobs(COUNT))[1] == undisturbed


@linux_only
def test_a_study_whose_workers_are_killed_ends_with_the_same_bytes(undisturbed: str, tmp_path: Path) -> None:
    with start_study(tmp_path, "slow_series", COUNT) as study:
        assert study.stdout is not None
        for line in study.stdout:
            if line == "5\n":
                for worker in children_of(study.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
    assert study.returncode == 0
    with Ledger(tmp_path) as ledger:
        assert canonical_sha256(ledger) == undisturbed


def test_a_second_study_in_the_directory_is_refused_and_harms_nothing(undisturbed: str, tmp_path: Path) -> None:
    with start_study(tmp_path, "slow_series", COUNT) as study:
        with pytest.raises(ResultsError, match=f"process {study.pid} on host"):
            open_results(tmp_path, MANIFEST)
        study.communicate(timeout=60)
    assert study.returncode == 0
    tally, after = finish(tmp_path, work.jobs(COUNT))
    assert (tally.reused, tally.done, after) == (COUNT, 0, undisturbed)


def test_an_interrupt_is_noted_and_what_was_done_is_kept(undisturbed: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_results(tmp_path, MANIFEST) as results:
        for tally in compute(results, work.jobs(COUNT), partial(run, workers=1, executor="inline")):
            if tally.done == 4:
                raise KeyboardInterrupt
    assert read_manifest(tmp_path)["status"] == "interrupted"
    tally, after = finish(tmp_path, work.jobs(COUNT))
    assert (tally.reused, after) == (4, undisturbed)


def test_another_error_leaves_the_status_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_results(tmp_path, MANIFEST):
        raise ZeroDivisionError
    assert read_manifest(tmp_path)["status"] == "failed"


def test_failed_runs_are_tried_again_only_on_request(tmp_path: Path) -> None:
    wanted = [*work.jobs(3), Job("bad", work.wrong, 3)]
    tally, before = finish(tmp_path, wanted)
    assert (tally.done, tally.failed) == (3, 1)
    tally, after = finish(tmp_path, wanted)
    assert (tally.reused, tally.failed, after) == (4, 0, before)
    with open_results(tmp_path, MANIFEST, resume=True) as results:
        assert results.missing(job.key for job in wanted) == ["bad"]


def test_the_manifest_says_everything(tmp_path: Path) -> None:
    with open_results(tmp_path, MANIFEST):
        document = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert document["inputs"] == MANIFEST.inputs
    assert document["inputs_sha256"] == inputs_sha256(MANIFEST.inputs)
    assert (document["seeds"], document["source_sha256"]) == ({"study": 0}, "0" * 64)
    assert set(document["versions"]) == {"python", "numpy", "numba", "mesa", "scipy", "yangfeng"}
    assert document["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert document["status"] == "running"
    assert document["started"].endswith("+00:00")
    assert read_manifest(tmp_path)["finished"] >= document["started"]


def test_a_change_of_anything_is_refused_and_named(tmp_path: Path) -> None:
    open_results(tmp_path, MANIFEST).close("complete")
    before = (tmp_path / "manifest.json").read_bytes()
    now = replace(
        MANIFEST,
        inputs={"scenario": "yuyao_2020", "parameters": {"rotation": {"share": 0.2}}, "modes": ["fusion"]},
        source_sha256="1" * 64,
        versions={**MANIFEST.versions, "numpy": "1.0.0"},
    )
    with pytest.raises(ChangedError) as caught:
        open_results(tmp_path, now, resume=True)
    named = {change.path: (change.before, change.now) for change in caught.value.changes}
    assert named == {
        "inputs.parameters.rotation.share": (0.15, 0.2),
        "inputs.modes": (None, ["fusion"]),
        "source_sha256": ("0" * 64, "1" * 64),
        "versions.numpy": (MANIFEST.versions["numpy"], "1.0.0"),
    }
    assert "inputs.parameters.rotation.share: 0.15 → 0.2" in str(caught.value)
    assert (tmp_path / "manifest.json").read_bytes() == before
    open_results(tmp_path, MANIFEST).close("complete")


def test_times_decide_nothing(tmp_path: Path) -> None:
    open_results(tmp_path, replace(MANIFEST, inputs={"modes": ("fusion", "alliance")})).close("complete")
    path = tmp_path / "manifest.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"started": "2999-01-01T00:00:00+00:00"}))
    for file in tmp_path.iterdir():
        os.utime(file, (0, 0))
    open_results(tmp_path, replace(MANIFEST, inputs={"modes": ["fusion", "alliance"]})).close("complete")
    assert read_manifest(tmp_path)["started"] == "2999-01-01T00:00:00+00:00"


@pytest.mark.parametrize("damage", [b"", b'{"format": 1', b"\xff\xfe", b"[]", None])
def test_a_damaged_manifest_is_told(damage: bytes | None, tmp_path: Path) -> None:
    open_results(tmp_path, MANIFEST).close("complete")
    path = tmp_path / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"0.15", b"0.16") if damage is None else damage)
    with pytest.raises(ResultsError) as caught:
        open_results(tmp_path, MANIFEST)
    assert caught.value.code == "damaged_manifest"
    path.unlink()
    open_results(tmp_path, MANIFEST).close("complete")


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(ResultsError, match=r"thesis\.docx"):
        open_results(tmp_path, MANIFEST)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_leftovers_of_a_kill_are_swept(tmp_path: Path) -> None:
    open_results(tmp_path, MANIFEST).close("complete")
    (tmp_path / ".manifest.json.123-456.tmp").write_text("{")
    open_results(tmp_path, MANIFEST).close("complete")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.sqlite", "manifest.json", "run.lock"]


def test_jobs_are_looked_up_one_by_one(tmp_path: Path) -> None:
    drawn = 0

    def many() -> Iterator[Job]:
        nonlocal drawn
        for drawn in range(1, 10**9):
            yield Job(f"run-{drawn}", work.series, drawn)

    with (
        open_results(tmp_path, MANIFEST) as results,
        contextlib.closing(compute(results, many(), partial(run, workers=1, executor="inline"))) as steps,
    ):
        for _ in zip(range(5), steps, strict=False):
            assert drawn <= 7


def test_progress_tells_rate_and_time_left() -> None:
    tally = Tally(total=100, done=20, failed=5, reused=25, started=time.monotonic() - 10)
    assert tally.rate == pytest.approx(2.5, rel=0.01)
    assert tally.eta == pytest.approx(20, rel=0.01)
    assert Tally(total=None, done=5).eta is None
    assert Tally(total=10).eta is None
    assert [clock_time(seconds) for seconds in (0.4, 61, 3723)] == ["0:00", "1:01", "1:02:03"]
