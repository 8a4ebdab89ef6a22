"""The first pair of runs in shares, one for each worker, so that a first answer waits for all of them and not for one.

Every share has burn-in and control of its own, so that its numbers are those of the undivided run.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import chain, islice

from experiments.comparison import Point
from experiments.jobs import Done, Failed, Job, Outcome


class Shared:
    """Jobs of which the first is divided by its policies; what comes back is joined again.

    Parameters
    ----------
    jobs
        Jobs; the first, if it is a pair of runs, is done in shares.
    count
        Shares at most.
    """

    def __init__(self, jobs: Iterator[Job], count: int) -> None:
        first = list(islice(jobs, 1))
        self._key, self._shares = "", first
        if first and count > 1 and isinstance(first[0].argument, Point):
            self._key, self._shares = first[0].key, _shares(first[0], first[0].argument, count)
        self.jobs = chain(self._shares, jobs)

    def joined(self, outcomes: Iterator[Outcome]) -> Generator[Outcome, None, None]:
        """Give outcomes as they come, the shares' as one once all are there."""
        parts = {share.key for share in self._shares} if self._key else set()
        there: list[Outcome] = []
        for outcome in outcomes:
            if outcome.key not in parts:
                yield outcome
                continue
            there.append(outcome)
            if len(there) == len(parts):
                yield _whole(self._key, there)


def _shares(job: Job, point: Point, count: int) -> list[Job]:
    """Return jobs, each with some of the policies of a pair of runs."""
    count = max(1, min(count, len(point.policies)))
    # In turns, since the policies of a document often take longer towards its end.
    parts = [point.policies[n::count] for n in range(count)]
    return [Job(f"{job.key}/{n}", job.function, point._replace(policies=part)) for n, part in enumerate(parts)]


def _whole(key: str, outcomes: list[Outcome]) -> Outcome:
    """Return the outcome of the undivided job."""
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            return Failed(key, outcome.error)
    return Done(key, {name: row for one in outcomes if isinstance(one, Done) for name, row in one.rows.items()})
