"""Worker processes, one pipe each, that may be killed at any moment.

A pool of the standard library shares one result pipe and keeps its writing end open in the parent: a worker killed
while it writes leaves the reader waiting for ever, and any death loses every job in flight. Here each worker has its
own pipe, whose far end only the worker holds, so a death is an end of file and costs only the job the worker was doing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Pipe, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from experiments.errors import WorkersError
from experiments.jobs import Failed, Fault, Job, Outcome, attempt

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_PULSE = 1.0
_STILLBORN_LIMIT = 3
_READY = "ready"


@dataclass(frozen=True, slots=True)
class Task:
    """A job and how many workers it has lost so far."""

    job: Job
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """A job whose worker died before it answered."""

    reason: str


Settled = tuple[Task, Outcome | Lost]


class Worker:
    """One process, the near end of its pipe, and what it is busy with."""

    def __init__(self, initialiser: str | None) -> None:
        self.pipe, far = Pipe()
        self.process = SpawnProcess(target=serve, args=(far, initialiser), daemon=True)
        try:
            self.process.start()
        finally:
            far.close()
        self.ready = False
        self.task: Task | None = None
        self.payload = b""
        self.deadline: float | None = None

    def end(self, patience: float = 0.0) -> int | None:
        """Kill the process if it is not gone within `patience` seconds; give its exit code."""
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        return self.process.exitcode


class Workers:
    """A backend of `experiments.runner`: up to `count` processes, started when first needed."""

    def __init__(self, count: int, initialiser: str | None, timeout: float | None) -> None:
        self._count = count
        self._initialiser = initialiser
        self._timeout = timeout
        self._workers: list[Worker] = []
        self._unsent: list[Settled] = []
        self._stillborn = 0

    def free(self) -> int:
        """Count the tasks that can be started now."""
        return self._count - len(self._unsent) - sum(worker.task is not None for worker in self._workers)

    def start(self, task: Task) -> None:
        """Give a task to an idle worker, or to a new one."""
        try:
            # Protocol 5 keeps arrays read-only; for others, kernels would be compiled again.
            payload = pickle.dumps((task.job.key, pickle.dumps(task.job, protocol=5)), protocol=5)
        except Exception as error:
            self._unsent.append((task, Failed(task.job.key, Fault.of(error))))
            return
        self._assign(self._idle() or self._hire(), task, payload)

    def finished(self) -> list[Settled]:
        """Wait until at least one task is settled and give all that are."""
        settled, self._unsent = self._unsent, []
        while not settled:
            busy = [worker for worker in self._workers if worker.task is not None]
            ready = wait([worker.pipe for worker in busy], self._patience())
            for worker in busy:
                settled += self._hear(worker) if worker.pipe in ready else self._check(worker)
        return settled

    def close(self) -> None:
        """Kill every worker; returns when they are gone."""
        for worker in self._workers:
            worker.process.kill()
        while self._workers:
            self._workers.pop().end()

    def _idle(self) -> Worker | None:
        for worker in [worker for worker in self._workers if worker.task is None]:
            if worker.process.is_alive():
                return worker
            self._dismiss(worker)
        return None

    def _hire(self) -> Worker:
        self._workers.append(Worker(self._initialiser))
        return self._workers[-1]

    def _assign(self, worker: Worker, task: Task, payload: bytes) -> None:
        worker.task, worker.payload = task, payload
        if worker.ready:
            self._send(worker)

    def _send(self, worker: Worker) -> None:
        worker.deadline = time.monotonic() + self._timeout if self._timeout else None
        with contextlib.suppress(OSError):  # a death is heard later, as an end of file
            worker.pipe.send_bytes(worker.payload)

    def _patience(self) -> float:
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        return min([_PULSE, *(max(0.0, deadline - time.monotonic()) for deadline in deadlines)])

    def _hear(self, worker: Worker) -> list[Settled]:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._bury(worker)
        if message == _READY:
            worker.ready, self._stillborn = True, 0
            self._send(worker)
            return []
        if isinstance(message, Fault):
            raise WorkersError("worker_setup", str(self._initialiser), f"a worker cannot be set up: {message.message}")
        return self._release(worker, message)

    def _check(self, worker: Worker) -> list[Settled]:
        if worker.deadline is not None and time.monotonic() >= worker.deadline:
            self._dismiss(worker)
            fault = Fault("TimeoutError", f"stopped after the limit of {self._timeout} s")
            return [(task, Failed(task.job.key, fault)) for task in [worker.task] if task]
        # A process that the job left behind can hold the pipe open after the worker's death.
        if not worker.process.is_alive() and not worker.pipe.poll():
            return self._bury(worker)
        return []

    def _bury(self, worker: Worker) -> list[Settled]:
        code = self._dismiss(worker, _PULSE)
        if worker.task is None or worker.ready:
            return self._release(worker, Lost(f"exit code {code}"))
        self._stillborn += 1
        if self._stillborn > _STILLBORN_LIMIT:
            remedy = "worker processes die before they take a job; see what they printed"
            raise WorkersError("workers_do_not_start", f"exit code {code}", remedy)
        self._assign(self._hire(), worker.task, worker.payload)
        return []

    def _dismiss(self, worker: Worker, patience: float = 0.0) -> int | None:
        self._workers.remove(worker)
        return worker.end(patience)

    def _release(self, worker: Worker, result: Outcome | Lost) -> list[Settled]:
        task, worker.task, worker.payload, worker.deadline = worker.task, None, b"", None
        return [(task, result)] if task else []


def serve(pipe: Connection, initialiser: str | None) -> None:
    """Live as a worker: set up once, then answer each job until the pipe or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # standard output belongs to the parent's one document
    try:
        call_by_path(initialiser)
    except (Exception, SystemExit) as error:
        pipe.send(Fault.of(error))
        return
    pipe.send(_READY)
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(pipe.recv_bytes()))


def call_by_path(path: str | None) -> None:
    """Call a function named ``package.module:function`` without arguments; nothing for None."""
    if path is not None:
        module, _, name = path.partition(":")
        getattr(import_module(module), name)()


def die_with_parent() -> None:
    """Make this process end as soon as its parent does, however the parent ended.

    On Linux the kernel signals the end of the parent's pipe, so even compiled code that never yields is stopped;
    elsewhere a thread sees it as soon as it may run.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    if sys.platform == "linux":
        _signal_at_end_of(sentinel)
    if wait([sentinel], 0):
        os._exit(1)  # it ended while this process was starting
    threading.Thread(target=_exit_at_end_of, args=(sentinel,), daemon=True).start()


def _exit_at_end_of(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _signal_at_end_of(descriptor: int) -> None:
    import fcntl

    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)


def _answer(data: bytes) -> Outcome:
    key, payload = pickle.loads(data)
    try:
        job: Job = pickle.loads(payload)
    except Exception as error:
        return Failed(key, Fault.of(error))
    return attempt(job)
