"""Where runs go: one seam for this process, worker processes, or any executor such as a cluster's.

Neither the place nor the number of workers changes what a job returns; only the order of the outcomes is free.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from experiments.errors import WorkersError
from experiments.jobs import Done, Failed, Fault, Job, Outcome, attempt
from experiments.workers import Lost, Settled, Task, Workers, call_by_path

__all__ = ["Done", "Failed", "Fault", "Job", "Limits", "Outcome", "Place", "kept_workers", "run"]

_QUEUED_PER_WORKER = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient the runner is.

    Parameters
    ----------
    retries
        How often a job whose worker died is tried again before it is failed.
    timeout
        Seconds a job may take in a worker process before it is stopped and failed; None for no limit.
    """

    retries: int = 3
    timeout: float | None = None


class Backend(Protocol):
    """A place that does a bounded number of tasks at once."""

    def free(self) -> int:
        """Count the tasks that can be started now."""

    def start(self, task: Task) -> None:
        """Take on one task; only while `free` is positive."""

    def finished(self) -> list[Settled]:
        """Wait until at least one task is settled and give all that are."""

    def close(self) -> None:
        """Give up what is under way."""


def run(
    jobs: Iterable[Job],
    *,
    workers: int,
    executor: Place = "process",
    initialiser: str | None = None,
    limits: Limits = Limits(),
) -> Generator[Outcome, None, None]:
    """Do the jobs and give each one's outcome, in the order they finish.

    Jobs are drawn from `jobs` only as workers fall free. Closing the iterator, or an exception in its consumer's thread
    (Ctrl-C too), kills the workers.

    Parameters
    ----------
    jobs
        Any number of jobs; may be a generator.
    workers
        How many jobs are done at once.
    executor
        ``"process"``: worker processes of our own; ``"inline"``: here, one after the other; or an executor, which stays
        the caller's to shut down.
    initialiser
        ``package.module:function`` called once in each worker process (or here, if inline) before its first job.
    limits
        Retries after a worker's death, and time per job.

    Raises
    ------
    WorkersError
        Workers cannot be started or set up, or the given executor broke.
    ValueError
        A number of workers below one, or a time limit where it cannot be enforced.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; at least 1 is needed")
    if executor != "process" and limits.timeout is not None:
        raise ValueError("a time limit needs worker processes")
    return _outcomes(iter(jobs), lambda: _backend(executor, workers, initialiser, limits), limits.retries)


@contextlib.contextmanager
def kept_workers(count: int, initialiser: str | None = None, limits: Limits = Limits()) -> Iterator[Kept]:
    """Give worker processes that stay between calls of `run` (as its `executor`), and end with the context."""
    workers = Workers(count, initialiser, limits.timeout)
    try:
        yield Kept(workers, count)
    finally:
        workers.close()


def _backend(executor: Place, workers: int, initialiser: str | None, limits: Limits) -> Backend:
    if isinstance(executor, Kept):
        return executor
    if isinstance(executor, Executor):
        return _Borrowed(executor, workers * _QUEUED_PER_WORKER, initialiser)
    if executor == "inline":
        call_by_path(initialiser)
        return _Inline()
    return Workers(workers, initialiser, limits.timeout)


def _outcomes(jobs: Iterator[Job], place: Callable[[], Backend], retries: int) -> Generator[Outcome, None, None]:
    fresh = (Task(job) for job in jobs)
    again: deque[Task] = deque()
    backend = place()
    try:
        under_way = _fill(backend, again, fresh)
        while under_way:
            judged = [_judge(task, result, retries) for task, result in backend.finished()]
            again.extend(item for item in judged if isinstance(item, Task))
            # Workers are fed before the consumer is, so that they do not wait for it.
            under_way += _fill(backend, again, fresh) - len(judged)
            yield from (item for item in judged if not isinstance(item, Task))
    finally:
        backend.close()


def _fill(backend: Backend, again: deque[Task], fresh: Iterator[Task]) -> int:
    started = 0
    while backend.free() > 0:
        task = again.popleft() if again else next(fresh, None)
        if task is None:
            break
        backend.start(task)
        started += 1
    return started


def _judge(task: Task, result: Outcome | Lost, retries: int) -> Outcome | Task:
    if not isinstance(result, Lost):
        return result
    if task.losses < retries:
        return Task(task.job, task.losses + 1)
    return Failed(task.job.key, Fault("WorkerLost", f"each of {retries + 1} workers died at it; last: {result.reason}"))


class Kept:
    """Worker processes that outlive one run; only a run that is given up half-way kills them."""

    def __init__(self, workers: Workers, count: int) -> None:
        self._workers, self._count = workers, count

    def free(self) -> int:
        """Count the tasks that can be started now."""
        return self._workers.free()

    def start(self, task: Task) -> None:
        """Take on one task."""
        self._workers.start(task)

    def finished(self) -> list[Settled]:
        """Wait until at least one task is settled and give all that are."""
        return self._workers.finished()

    def close(self) -> None:
        """Leave idle workers for the next run; kill those that are busy with what nobody waits for."""
        if self._workers.free() < self._count:
            self._workers.close()


Place = Literal["process", "inline"] | Executor | Kept


class _Inline:
    """One task at a time, in this process."""

    def __init__(self) -> None:
        self._task: Task | None = None

    def free(self) -> int:
        return int(self._task is None)

    def start(self, task: Task) -> None:
        self._task = task

    def finished(self) -> list[Settled]:
        task, self._task = self._task, None
        return [(task, attempt(task.job))] if task else []

    def close(self) -> None:
        self._task = None


class _Borrowed:
    """An executor of the caller's, with a bounded number of tasks submitted.

    When a worker of such an executor dies, every task near it may be blamed; one that was lost is therefore tried again
    alone.
    """

    def __init__(self, executor: Executor, window: int, initialiser: str | None) -> None:
        self._executor = executor
        self._window = window
        self._initialiser = initialiser
        self._submitted: dict[Future[Outcome | Fault], Task] = {}
        self._suspects: deque[Task] = deque()

    def free(self) -> int:
        alone = any(task.losses for task in self._submitted.values())
        return 0 if self._suspects or alone else self._window - len(self._submitted)

    def start(self, task: Task) -> None:
        if task.losses:
            self._suspects.append(task)
        else:
            self._submit(task)

    def finished(self) -> list[Settled]:
        if not self._submitted:
            self._submit(self._suspects.popleft())
        settled, _ = wait(self._submitted, return_when=FIRST_COMPLETED)
        return [(self._submitted.pop(future), self._result(future)) for future in settled]

    def close(self) -> None:
        for future in self._submitted:
            future.cancel()

    def _submit(self, task: Task) -> None:
        try:
            future = self._executor.submit(_attempt_where_set_up, self._initialiser, task.job)
        except RuntimeError as error:
            raise _executor_lost(error) from error
        self._submitted[future] = task

    def _result(self, future: Future[Outcome | Fault]) -> Outcome | Lost:
        try:
            result = future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise _executor_lost(error) from error
        except Exception as error:
            return Lost(f"{type(error).__name__}: {error}")
        if isinstance(result, Fault):
            raise WorkersError("worker_setup", str(self._initialiser), f"a worker cannot be set up: {result.message}")
        return result


def _executor_lost(error: BaseException) -> WorkersError:
    remedy = "the executor takes no more work; what was recorded is kept, start again to do the rest"
    return WorkersError("executor_lost", f"{type(error).__name__}: {error}", remedy)


_set_up_once = cache(call_by_path)


def _attempt_where_set_up(initialiser: str | None, job: Job) -> Outcome | Fault:
    try:
        _set_up_once(initialiser)
    except (Exception, SystemExit) as error:
        return Fault.of(error)
    return attempt(job)
