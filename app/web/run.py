"""One comparison asked for on the page, in a thread of its own that feeds the shared workers."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from app.comparing import add_certainty, attributed, free_ranges, name_hinges, plan_of, study_at, study_of
from app.console import brief
from app.web import files
from app.web.found import Found, Progress, Stage, Status, answer, first_answer
from app.web.places import Names, Place, names_of
from app.web.pool import BusyError, CancelledError, Pool, Ticket
from app.web.shares import Shared
from app.web.state import State
from app.work import Work
from experiments.certainty import Certainty
from experiments.comparison import Comparison
from experiments.jobs import Done, Job, Outcome
from experiments.progress import Tally
from experiments.results import Manifest, Results, open_results
from experiments.rows import Rows
from experiments.summary import inputs
from model.compilation import source_hash

LOG = logging.getLogger("yangfeng.web")
PUBLISHED_EVERY = 1.5
"""Seconds between first answers."""


class Run:
    """A comparison and what is asked about it afterwards; one stage at a time.

    Parameters
    ----------
    place, state
        What is asked.
    pool
        Where its jobs go.
    directory
        Its results directory, made by the server.
    """

    def __init__(self, place: Place, state: State, pool: Pool, directory: Path) -> None:
        self.place, self.state, self.pool, self.directory = place, state, pool, directory
        self.status: Status = "waiting"
        self.progress = Progress("compare")
        self.found: Found | None = None
        self.error: BaseException | None = None
        self.names: Names = {}
        self.seen = time.monotonic()
        self._ticket: Ticket | None = None
        self._early: list[Rows] = []
        self._published = 0.0
        self._filed = 0
        self._comparison: Comparison | None = None
        self._keys: list[str] = []
        self._alone = threading.Lock()

    @property
    def is_active(self) -> bool:
        """Whether something is being computed."""
        return self.status in ("waiting", "running")

    @property
    def is_filed(self) -> bool:
        """Whether what can be taken away says what is known now."""
        return self.found is not None and self._filed == self.found.number

    @property
    def failure(self) -> str:
        """Return what kind of error stopped it; the log says the rest."""
        return "" if self.error is None else brief(self.error)

    def start(self, stage: Stage, policy: str = "") -> bool:
        """Begin a stage, `explain` with the name of a policy; False while another is under way."""
        stages: dict[Stage, Callable[[Work], None]] = {
            "compare": self._answer,
            "certainty": self._make_certain,
            "explain": functools.partial(self._explain, policy),
            "files": self._file,
        }
        if not self._alone.acquire(blocking=False):
            return False
        self.status, self.error, self.progress = "waiting", None, Progress(stage)
        threading.Thread(target=self._guarded, args=(stages[stage],), daemon=True).start()
        return True

    def cancel(self) -> None:
        """Stop what is being computed; what was found stays."""
        if (ticket := self._ticket) is not None:
            self.pool.cancel(ticket)

    def wait(self) -> None:
        """Return when nothing is being computed any more."""
        with self._alone:
            return

    def _guarded(self, stage: Callable[[Work], None]) -> None:
        """Do a stage; whatever ends it is kept to be told."""
        try:
            with self.pool.ticket() as self._ticket:
                self._comparison = self._prepared()
                with self._results(self._comparison) as results:
                    self.status = "running"
                    self._comparison.recall(results, self._keys)
                    stage(Work(results, self._computed, self._hear))
            self.status = "done"
        except CancelledError:
            self.status = "cancelled"
        except BusyError:
            self.status = "busy"
        except BaseException as error:  # whatever it is, or whoever waits would wait for ever
            LOG.warning("a run ended with an error", exc_info=error)
            self.error, self.status = error, "failed"
        finally:
            self._ticket = None
            self._put_away()
            self._alone.release()

    def _put_away(self) -> None:
        """Let go of the numbers of single runs, which are on the disk: a tab may stay open for days."""
        self._early.clear()
        if self._comparison is not None:
            self._keys, self._comparison = self._comparison.keys or self._keys, None

    def _prepared(self) -> Comparison:
        wish = self.state.wish()
        scenario = self.place.scenario(self.state.settings)
        self.names = names_of(scenario)
        study = study_of(scenario, wish)
        return Comparison(study, plan_of(wish.replicates))

    def _results(self, comparison: Comparison) -> Results:
        study, command = comparison.study, self.state.command(self.place.called)
        return open_results(
            self.directory, Manifest(inputs(study), {"study": study.seed}, source_hash(), command=command)
        )

    def _computed(self, jobs: Iterator[Job]) -> Generator[Outcome, None, None]:
        """Do jobs in this run's turns; what comes before the first look is kept for a first answer."""
        assert self._ticket is not None  # a stage runs inside its ticket
        shared = Shared(jobs, self.pool.workers if self.found is None else 1)
        for outcome in shared.joined(self.pool.run(self._ticket, shared.jobs)):
            if isinstance(outcome, Done) and (self.found is None or self.found.first):
                self._early.append(outcome.rows)
            yield outcome

    def _hear(self, label: str, tally: Tally) -> None:
        planned = self.progress.planned
        self.progress = Progress(self.progress.stage, tally.done + tally.reused, tally.total, tally.eta, planned)

    def _answer(self, work: Work) -> None:
        """Compare, and then let draws of what is uncertain say the verdicts."""
        self._compare(work)
        self.progress = Progress("certainty")
        self._make_certain(work)

    def _compare(self, work: Work) -> None:
        comparison, told = self._known(), 0
        with closing(comparison.run(work.results, work.run)) as steps:
            for tally, planned in steps:
                self.progress = replace(self.progress, planned=planned)
                self._hear("", tally)
                if len(comparison.rows) > told:
                    told = len(comparison.rows)
                    self._publish(answer(comparison, str(self.directory), self._number))
                elif not told and self._early and time.monotonic() - self._published > PUBLISHED_EVERY:
                    self._publish(first_answer(comparison, self._early, str(self.directory), self._number))
        self._publish(answer(comparison, str(self.directory), self._number, final=True))

    def _make_certain(self, work: Work) -> None:
        found, comparison = self._answered(), self._known()
        scenario, wish = self.place.scenario(self.state.settings), self.state.wish()
        ranges = free_ranges(scenario, wish)
        said = dict(found.document) | {"policies": [dict(policy) for policy in found.document["policies"]]}
        add_certainty(said, work, Certainty(comparison, study_at(scenario, wish), ranges))
        name_hinges(said, scenario)
        self._publish(replace(found, document=said, number=self._number))

    def _explain(self, name: str, work: Work) -> None:
        found, comparison = self._answered(), self._known()
        policies = [
            dict(policy) | ({"attribution": attributed(work, comparison, arm)} if arm.name == name else {})
            for policy, arm in zip(found.document["policies"], comparison.study.arms, strict=True)
        ]
        self._publish(replace(found, document=dict(found.document) | {"policies": policies}, number=self._number))

    def _file(self, work: Work) -> None:
        found = self._answered()
        job = files.job(self._known(), found, self.directory)
        for outcome in self._computed(iter([job])):
            if not isinstance(outcome, Done):
                raise RuntimeError(outcome.error.message)
        self._filed = found.number

    @property
    def _number(self) -> int:
        return 1 if self.found is None else self.found.number + 1

    def _publish(self, found: Found) -> None:
        self.found, self._published = found, time.monotonic()

    def _known(self) -> Comparison:
        assert self._comparison is not None  # there as long as a stage is
        return self._comparison

    def _answered(self) -> Found:
        assert self.found is not None  # the page offers this once there is an answer
        return self.found
