"""The runner: same outcomes anywhere, and nothing that a job or a signal can do stops the others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TypeVar

import pytest

from experiments.errors import WorkersError
from experiments.jobs import Done, Failed, Job, Outcome
from experiments.rows import rows_to_bytes
from experiments.runner import Limits, run
from tests.experiments import work

ROOT = Path(__file__).parents[2]
Answer = TypeVar("Answer")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")


def outcomes(jobs: list[Job], **options: object) -> dict[str, Outcome]:
    """Run the jobs and give what became of each."""
    found = list(run(jobs, **{"workers": 2, **options}))  # type: ignore[arg-type]
    assert len(found) == len(jobs)
    return {outcome.key: outcome for outcome in found}


def contents(found: dict[str, Outcome]) -> dict[str, bytes]:
    assert all(isinstance(outcome, Done) for outcome in found.values()), found
    return {key: rows_to_bytes(outcome.rows) for key, outcome in found.items() if isinstance(outcome, Done)}


def fault(outcome: Outcome) -> tuple[str, str]:
    assert isinstance(outcome, Failed)
    return outcome.error.kind, outcome.error.message


def children_of(pid: int) -> set[int]:
    """Give the processes below one, however deep."""
    below: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            below |= {child} | children_of(child)
    return below


def wait_until_gone(pids: set[int]) -> set[int]:
    """Give those that still run after a while; on a busy machine one killed at its birth takes seconds to notice."""
    end = time.monotonic() + 30
    left = pids
    while left and time.monotonic() < end:
        left = {pid for pid in left if runs(pid)}
        time.sleep(0.02)
    return left


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_every_place_gives_the_same_bytes() -> None:
    wanted = work.jobs(12)
    here = contents(outcomes(wanted, workers=1, executor="inline"))
    assert contents(outcomes(wanted, workers=1)) == here
    assert contents(outcomes(wanted[::-1], workers=2)) == here
    with ThreadPoolExecutor(2) as threads:
        assert contents(outcomes(wanted, executor=threads)) == here


def test_a_failing_job_is_told_and_the_others_finish() -> None:
    bad = [Job("raises", work.wrong, 7), Job("nan", work.not_a_number, 7), Job("exits", work.leaves, 4)]
    found = outcomes([*work.jobs(3), *bad, Job("local", lambda _: {"n": 1}, 0), *work.jobs(6)[3:]])
    raised = found["raises"]
    assert fault(raised) == ("ZeroDivisionError", "no school has 7 teachers")
    assert isinstance(raised, Failed) and "in wrong" in raised.error.trace
    assert fault(found["nan"]) == ("RowsError", "measure 'q_peak' is nan at position 1")
    assert fault(found["exits"]) == ("SystemExit", "4")
    assert "lambda" in fault(found["local"])[1]
    assert sum(isinstance(outcome, Done) for outcome in found.values()) == 6


@pytest.mark.parametrize("answer", [None, {}, {"a": [[1.0]]}, {"a": "text"}, {"a\tb": 1.0}, {"a": 2**53 + 1}, {1: 1.0}])
def test_an_answer_that_is_not_rows_fails(answer: object) -> None:
    [outcome] = run([Job("odd", lambda _: answer, 0)], workers=1, executor="inline")
    assert fault(outcome)[0] == "RowsError"


@pytest.mark.parametrize("job", [work.kills_its_first_worker, work.dies_while_it_answers, work.leaves_a_child_behind])
def test_a_job_whose_worker_died_is_done_again(job: object, tmp_path: Path) -> None:
    assert callable(job)
    found = outcomes([Job("unlucky", job, str(tmp_path / "died")), *work.jobs(20, work.slow_series)])
    assert len(contents(found)) == 21


def test_a_job_that_always_kills_its_worker_fails_after_three_more_tries() -> None:
    found = outcomes([Job("deadly", work.kills_its_worker, 0), *work.jobs(10)])
    assert fault(found.pop("deadly")) == ("WorkerLost", "each of 4 workers died at it; last: exit code -9")
    assert len(contents(found)) == 10


def test_workers_killed_at_any_moment_lose_nothing() -> None:
    wanted = work.jobs(30, work.slow_series)
    found: dict[str, Outcome] = {}
    for outcome in run(wanted, workers=2):
        found[outcome.key] = outcome
        if len(found) in {1, 9, 10}:
            time.sleep(0.013 * len(found) % 0.05)
            for child in active_children():
                os.kill(child.pid or 0, signal.SIGKILL)
    assert contents(found) == contents(outcomes(work.jobs(30), workers=1, executor="inline"))


def test_a_job_out_of_time_is_stopped_even_in_compiled_code() -> None:
    found = outcomes([Job("endless", work.never_yields, 0), *work.jobs(5)], limits=Limits(timeout=0.5))
    assert fault(found.pop("endless")) == ("TimeoutError", "stopped after the limit of 0.5 s")
    assert len(contents(found)) == 5


def test_jobs_are_drawn_only_as_they_are_done() -> None:
    drawn = given = most = 0

    def endless() -> Iterator[Job]:
        nonlocal drawn
        for number in range(10**9):
            drawn += 1
            yield Job(str(number), work.series, number)

    with ThreadPoolExecutor(2) as threads:
        places: list[tuple[Executor | str, int]] = [("process", 2), ("inline", 1), (threads, 4)]
        for place, window in places:
            drawn = given = most = 0
            with closing(run(endless(), workers=2, executor=place)) as found:  # type: ignore[arg-type]
                for _ in zip(range(200), found, strict=False):
                    given += 1
                    most = max(most, drawn - given)
            # Those under way, and those settled at once that wait to be handed on.
            assert most <= 2 * window


def test_closing_early_ends_the_workers_at_once() -> None:
    found = run([Job("quick", work.series, 1), Job("endless", work.never_yields, 0)], workers=2)
    assert next(found).key == "quick"
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 5
    assert not active_children()


def test_workers_are_set_up_once_each() -> None:
    found = outcomes(work.jobs(8, work.process_id), initialiser="tests.experiments.work:set_up")
    answers = [outcome.rows for outcome in found.values() if isinstance(outcome, Done)]
    assert [answer["ready"].tolist() for answer in answers] == [[1.0]] * 8
    assert len({int(answer["pid"][0]) for answer in answers} - {os.getpid()}) in {1, 2}


@pytest.mark.parametrize(
    ("initialiser", "code"), [("set_up_fails", "worker_setup"), ("set_up_dies", "workers_do_not_start")]
)
def test_workers_that_cannot_be_set_up_stop_the_run(initialiser: str, code: str) -> None:
    with pytest.raises(WorkersError) as caught:
        list(run(work.jobs(3), workers=2, initialiser=f"tests.experiments.work:{initialiser}"))
    assert caught.value.code == code
    assert not active_children()


def test_a_borrowed_executor_that_breaks_is_told() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(WorkersError) as caught:
        list(run([Job("deadly", work.kills_its_worker, 0)], workers=1, executor=pool))
    assert caught.value.code == "executor_lost"


class Blaming(ThreadPoolExecutor):
    """Like a cluster: when a worker dies at a deadly job, whatever else is under way is lost with it."""

    def __init__(self) -> None:
        super().__init__(4)
        self.under_way: set[str] = set()
        self.most_with_deadly = 0

    def submit(self, function: Callable[..., Answer], /, *arguments: object, **_: object) -> Future[Answer]:
        job = arguments[-1]
        assert isinstance(job, Job)
        self.under_way.add(job.key)
        return super().submit(self.do, function, arguments, job.key)

    def do(self, function: Callable[..., Answer], arguments: tuple[object, ...], key: str) -> Answer:
        time.sleep(0.01)
        deadly = "deadly" in self.under_way
        company = len(self.under_way)
        time.sleep(0.01)
        self.under_way.discard(key)
        if deadly:
            self.most_with_deadly = max(self.most_with_deadly, company)
            raise ConnectionError("a worker died")
        return function(*arguments)


def test_jobs_lost_near_a_deadly_one_are_cleared_by_trying_each_alone() -> None:
    with Blaming() as cluster:
        found = outcomes([*work.jobs(3), Job("deadly", work.series, 0), *work.jobs(12)[3:]], executor=cluster)
    assert fault(found.pop("deadly")) == (
        "WorkerLost",
        "each of 4 workers died at it; last: ConnectionError: a worker died",
    )
    assert len(contents(found)) == 12
    assert cluster.most_with_deadly > 1


def test_impossible_wishes_are_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        run([], workers=0)
    with pytest.raises(ValueError, match="time limit"):
        run([], workers=1, executor="inline", limits=Limits(timeout=1))


def test_jobs_cannot_write_on_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    contents(outcomes(work.jobs(2, work.speaks)))
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "nor this" in printed.err


def start_study(directory: Path, function: str, count: int, workers: int = 2) -> subprocess.Popen[str]:
    """Start a study and wait until it has opened its directory."""
    command = [sys.executable, "-m", "tests.experiments.study", str(directory), function, str(count), str(workers)]
    study = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert study.stdout is not None and study.stdout.readline() == "open\n"
    return study


@pytest.mark.parametrize(("one", "other"), [("runner", "store"), ("store", "runner")])
def test_runner_and_store_know_neither_each_other_nor_the_model(one: str, other: str) -> None:
    script = f"import sys, experiments.{one}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {f"experiments.{other}", "model", "scenarios", "mesa", "numba", "pandas"} & set(loaded.stdout.split())


@linux_only
@pytest.mark.parametrize("job", ["never_yields", "never_wakes"])
def test_no_worker_outlives_a_killed_parent(job: str, tmp_path: Path) -> None:
    with start_study(tmp_path, job, 20) as study:
        try:
            assert study.stderr is not None
            assert [study.stderr.readline() for _ in range(2)] == ["started\n"] * 2
            below = children_of(study.pid)
            assert len(below) >= 2
        finally:
            study.kill()  # or it would be waited for
    assert not wait_until_gone(below)


@linux_only
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_the_workers_and_passes_on(times: int, tmp_path: Path) -> None:
    with start_study(tmp_path, "slow_series", 2_000) as study:
        assert study.stdout is not None
        assert study.stdout.readline() == "1\n"
        below = children_of(study.pid)
        for _ in range(times):
            study.send_signal(signal.SIGINT)
            time.sleep(0.005)
        _, errors = study.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert study.returncode == -signal.SIGINT
    assert not wait_until_gone(below)
