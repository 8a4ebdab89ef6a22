"""Worker processes shared by everyone on the page, one job after the other, each asker in turn.

Every worker has a thread that hands it jobs. Whoever asks holds a `Ticket`; a free worker takes the next in turn,
so that nobody waits for another's whole run.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator

from experiments.jobs import Failed, Fault, Job, Outcome
from experiments.runner import Limits, Place, kept_workers, run

LOG = logging.getLogger("yangfeng.web")
JOB_SECONDS = 900.0
QUEUED_PER_WORKER = 2
PATIENCE = 5.0


class CancelledError(Exception):
    """The one who asked does not want it any more."""


class BusyError(Exception):
    """As many people as this machine serves at once are being served."""


class Ticket:
    """One asker: the jobs that wait, and the outcomes that came back."""

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self.cancelled = False

    def take(self) -> Outcome:
        """Wait for the next outcome.

        Raises
        ------
        CancelledError
            If the ticket was given back meanwhile.
        """
        outcome = self.outcomes.get()
        if outcome is None or self.cancelled:
            raise CancelledError
        return outcome


class Pool:
    """A number of workers and the tickets they serve, at most so many at once; `warm` of them are ready.

    Parameters
    ----------
    workers
        Worker processes.
    most
        Tickets at once; more are refused.
    initialiser
        As for `experiments.runner.run`.
    warming
        What every worker does before its first turn, one after the other: the first compiles, the others load that.
    place
        Makes the place of one worker; worker processes unless told otherwise.
    """

    def __init__(
        self,
        workers: int,
        most: int,
        initialiser: str | None = None,
        warming: Job | None = None,
        place: Callable[[], contextlib.AbstractContextManager[Place]] | None = None,
    ) -> None:
        self.workers, self.most = workers, most
        self._place = place or (lambda: kept_workers(1, initialiser, Limits(timeout=JOB_SECONDS)))
        self._turn = threading.Condition()
        self._tickets: deque[Ticket] = deque()
        self._warming, self._one = warming, threading.Lock()
        self.warm = 0 if warming else workers
        self._open = True
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    @contextlib.contextmanager
    def ticket(self) -> Iterator[Ticket]:
        """Join the queue; leave it with the context.

        Raises
        ------
        BusyError
            If it is full.
        """
        ticket = Ticket()
        with self._turn:
            if len(self._tickets) >= self.most:
                raise BusyError
            self._tickets.append(ticket)
        try:
            yield ticket
        finally:
            self._leave(ticket)

    def cancel(self, ticket: Ticket) -> None:
        """Give up what waits, and tell whoever waits for it."""
        with self._turn:
            ticket.cancelled = True
            ticket.waiting.clear()
        ticket.outcomes.put(None)

    def run(self, ticket: Ticket, jobs: Iterator[Job]) -> Generator[Outcome, None, None]:
        """Do jobs in the ticket's turns and give their outcomes as they finish; few wait at a time."""
        under_way = 0
        for job in jobs:
            self._put(ticket, job)
            under_way += 1
            if under_way >= self.workers * QUEUED_PER_WORKER:
                yield ticket.take()
                under_way -= 1
        for _ in range(under_way):
            yield ticket.take()

    def close(self) -> None:
        """End the workers; whoever still waits is told."""
        with self._turn:
            self._open = False
            waiting = list(self._tickets)
            self._turn.notify_all()
        for ticket in waiting:
            self.cancel(ticket)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _put(self, ticket: Ticket, job: Job) -> None:
        with self._turn:
            if ticket.cancelled or not self._open:
                raise CancelledError
            ticket.waiting.append(job)
            self._turn.notify()

    def _leave(self, ticket: Ticket) -> None:
        with self._turn:
            ticket.cancelled = True
            ticket.waiting.clear()
            self._tickets.remove(ticket)

    def _next(self) -> tuple[Ticket, Job] | None:
        """Wait for a turn; None once the pool is closed."""
        with self._turn:
            while self._open:
                for _ in range(len(self._tickets)):
                    ticket = self._tickets[0]
                    self._tickets.rotate(-1)
                    if ticket.waiting:
                        return ticket, ticket.waiting.popleft()
                self._turn.wait()
        return None

    def _serve(self) -> None:
        """Do jobs in turn; without a worker every one fails, so that whoever asks is told."""
        try:
            with self._place() as place:
                self._work(place)
        except BaseException as error:
            LOG.exception("a worker cannot be had")
            while turn := self._next():
                ticket, job = turn
                ticket.outcomes.put(Failed(job.key, Fault.of(error)))

    def _work(self, place: Place) -> None:
        if self._warming:
            with self._one:
                _attempted(self._warming, place)
            self.warm += 1
        while turn := self._next():
            ticket, job = turn
            for outcome in _attempted(job, place):
                ticket.outcomes.put(outcome)


def _attempted(job: Job, place: Place) -> list[Outcome]:
    """Do one job; whatever goes wrong with its worker makes it failed."""
    try:
        return list(run(iter([job]), workers=1, executor=place))
    except BaseException as error:
        LOG.exception("a worker could not do its job")
        return [Failed(job.key, Fault.of(error))]
