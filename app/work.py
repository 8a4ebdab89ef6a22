"""The runs of one command: into which results directory, through which place, and how far they have come."""

from __future__ import annotations

import functools
import shlex
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from app.console import Language
from app.where import INITIALISER, Executor, Where
from experiments.comparison import Comparison
from experiments.errors import PointError
from experiments.jobs import Job, Outcome
from experiments.progress import Tally, clock_time
from experiments.results import Manifest, Results, compute, open_results
from experiments.runner import run
from experiments.sweep import Sweep
from experiments.warming import warm_up

Run = Callable[[Iterator[Job]], Generator[Outcome, None, None]]
Tell = Callable[[str, Tally], None]


@contextmanager
def runs_at(where: Where) -> Iterator[Run]:
    """Find the place where runs go, with the model compiled; give what does jobs there."""
    with where.place() as (place, count):
        given = functools.partial(run, workers=count, executor=place, initialiser=INITIALISER)
        if where.executor is Executor.PROCESS:
            warm_up(given)
        yield given


def _nothing() -> None:
    """Save nothing."""


class Work:
    """Where jobs of one command go: a results directory, and workers that stay between its parts."""

    def __init__(self, results: Results, run: Run, tell: Tell | None = None) -> None:
        self.results, self.run, self._tell = results, run, tell or _Line().tell

    @classmethod
    @contextmanager
    def open(cls, directory: Path, manifest: Manifest, where: Where, *, resume: bool = False) -> Iterator[Work]:
        """Find the place and open the directory, in this order; workers and directory are let go with the context.

        With `resume`, runs recorded as failed are done again.
        """
        with runs_at(where) as given, open_results(directory, manifest, resume=resume) as results:
            yield cls(results, given)
        if sys.stderr.isatty():
            sys.stderr.write("\n")

    def compare(self, comparison: Comparison, language: Language) -> None:
        """Compute look by look, until every policy is decided; tell what each look says."""
        told = 0
        with closing(comparison.run(self.results, self.run)) as steps:
            for tally, planned in steps:
                if len(comparison.rows) > told and sys.stderr.isatty():
                    told = len(comparison.rows)
                    _tell_verdicts(comparison, language)
                self._tell(f"look {planned}", tally)

    def compute(self, label: str, jobs: Iterable[Job], total: int) -> Tally:
        """Compute jobs that are not in the ledger."""
        return self._follow(label, compute(self.results, jobs, self.run, total))

    def sweep(self, label: str, sweep: Sweep, save: Callable[[], object] = _nothing) -> Tally:
        """Compute the runs of a design that are not in the ledger; then `save`, even when it is interrupted.

        Of a design with a fault of input nothing is saved: mended, it is another one.
        """
        try:
            return self._follow(label, sweep.run(self.results, self.run))
        except PointError:
            save = _nothing
            raise
        finally:
            save()

    def rows(self, job: Job) -> Mapping[str, Any]:
        """Return what a job left in the ledger."""
        return self.results.rows(job.key)

    def _follow(self, label: str, tallies: Generator[Tally, None, None]) -> Tally:
        tally = Tally()
        with closing(tallies):
            for tally in tallies:
                self._tell(label, tally)
        return tally


class _Line:
    """One line on standard error, where that is a terminal, that says how far the work is."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def tell(self, label: str, tally: Tally) -> None:
        if sys.stderr.isatty():
            left = "" if tally.eta is None else f" · {clock_time(tally.eta)} left"
            counts = f"{tally.done} done · {tally.failed} failed · {tally.reused} reused · {tally.rate:.1f}/s"
            elapsed = clock_time(time.monotonic() - self.began)
            sys.stderr.write(f"\r\x1b[K{label}: {counts} · {elapsed}{left}")
            sys.stderr.flush()


def _tell_verdicts(comparison: Comparison, language: Language) -> None:
    """Write the verdicts of the last look on standard error."""
    from app.wording import first_verdicts

    found = comparison.decisions(comparison.look())
    titles = [arm.title[language.value] for arm in comparison.study.arms]
    sys.stderr.write(f"\r\x1b[K{first_verdicts(titles, found, len(comparison.rows), language.value)}\n")


def command() -> str:
    """Return the command as it was typed."""
    return shlex.join(["yangfeng", *sys.argv[1:]])
