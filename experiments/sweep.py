"""From a design to runs and back: one run is one policy and one replicate, at one point, beside its control.

A run's key hashes what decides its numbers (model source, world, policy, parameters, seed), so the same point in
another design is the same run. Runs that differ in nothing but the policy are sent out together and share burn-in and
control; that changes neither their numbers nor their keys.

A run that fails is recorded and the others go on. A fault of input is none of these: it would be met again wherever the
value stands, however often it is run, so it stops the sweep where it is first met.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.comparison import Floats, Point, Study, content_hash, phases_of, run_point
from experiments.design import POLICY, Design, Factor, Value
from experiments.errors import PointError
from experiments.jobs import Done, Failed, Job, Outcome
from experiments.progress import Tally
from experiments.results import Results, compute
from model.attributes import compile_policy
from model.compilation import source_hash
from scenarios.problems import ScenarioError

ARM = "policy"
BASELINE_TABLE = "baseline/quality"
MOST_TOGETHER = 8
SEEDS_A_POINT = 1 << 20

Run = Callable[[Iterator[Job]], Generator[Outcome, None, None]]


class Prepared(NamedTuple):
    """A point made ready to run.

    Parameters
    ----------
    digest
        Hash of everything that decides its numbers but the replicate.
    function, argument
        What a job does, and its picklable argument by replicate.
    base
        Runs of the same base and replicate can be done in one job; empty where none can.
    """

    digest: str
    function: Callable[..., object]
    argument: Callable[[int], Any]
    base: str = ""


class Wanted(NamedTuple):
    """A run to be done: its key, and its point and replicate in the design."""

    key: str
    point: int
    replicate: int


def paired(study_at: Callable[[Mapping[str, Value]], Study]) -> Callable[[Mapping[str, Value]], Prepared]:
    """Return how to make a point ready: the study there, its first policy beside its control."""

    def prepare(values: Mapping[str, Value]) -> Prepared:
        study = study_at(values)
        control = compile_policy(study.control.policy, study.world)
        phases = phases_of(study.arms[0], control, study.world)
        numbers = (study.seed, study.years, study.burn_in, study.same_money)
        base = content_hash(study.world, control, tuple(study.parameters), source_hash(), numbers, "sweep")

        def argument(replicate: int) -> Point:
            return Point(
                study.world, control, ((ARM, phases),), study.parameters, study.seed, replicate, study.years,
                study.burn_in, same_money=study.same_money,
            )  # fmt: skip

        return Prepared(content_hash(base, phases), run_paired, argument, base)

    return prepare


def run_paired(point: Point) -> dict[str, Floats]:
    """Run policies and their control; return ``baseline/…``, ``control/…`` and ``NAME/…`` → value by year."""
    rows = run_point(point)
    del rows[BASELINE_TABLE]
    return rows


def refuse(message: str) -> None:
    """Fail, as the run of a point that cannot be made.

    Raises
    ------
    ValueError
        Always, with the message.
    """
    raise ValueError(message)


def run_key(digest: str, replicate: int) -> str:
    """Return the key of a point's run in one replicate."""
    return content_hash(digest, replicate)


class Sweep:
    """The runs of a design.

    Parameters
    ----------
    design
        The points.
    prepare
        How to make a point ready, from path → value; `paired` for the model.
    replicates
        Runs at each point.
    independent
        Whether every point has seeds of its own; otherwise replicates meet the same chance events at every point, so
        that differences between points are not hidden by chance.
    whole
        Whether every point is needed, as for an index. Otherwise a point that only a combination of values makes
        impossible is a failed run, since its values can be elsewhere.
    """

    def __init__(
        self,
        design: Design,
        prepare: Callable[[Mapping[str, Value]], Prepared],
        replicates: int,
        *,
        independent: bool = False,
        whole: bool = False,
    ) -> None:
        self.design, self.replicates, self.independent, self.whole = design, replicates, independent, whole
        self._prepare = prepare
        self._digests: list[str | None] = [None] * len(design)
        self._faults: dict[int, ScenarioError] = {}
        self._last: tuple[int, Prepared] | None = None

    @property
    def total(self) -> int:
        """Runs wanted."""
        return len(self.design) * self.replicates

    def key(self, point: int, replicate: int) -> str:
        """Return the key of a run."""
        digest = self._digests[point] or self.prepared(point).digest
        return run_key(digest, self.seeded(point, replicate))

    def keys(self, point: int) -> list[str]:
        """Return the keys of a point's runs by replicate."""
        return [self.key(point, replicate) for replicate in range(self.replicates)]

    def job(self, wanted: Wanted) -> Job:
        """Return the job of one run by itself."""
        prepared = self.prepared(wanted.point)
        argument = prepared.argument(self.seeded(wanted.point, wanted.replicate))
        return Job(wanted.key, prepared.function, argument)

    def wanted(self) -> Iterator[Wanted]:
        """Give all runs, a replicate of every point before the next, points alike but for the policy side by side.

        Raises
        ------
        PointError
            At the first point with a fault of input.
        """
        order = self._order()
        for replicate in range(self.replicates):
            for point in order:
                key = self.key(point, replicate)
                self._stop_at_fault(point)
                yield Wanted(key, point, replicate)

    def _stop_at_fault(self, point: int) -> None:
        fault = self._faults.get(point)
        if fault is not None and (self.whole or self._is_alone(point)):
            raise PointError(point, fault) from fault

    def _is_alone(self, point: int) -> bool:
        """Whether one value of an impossible point cannot be with all others as in force either."""
        codes = zip(self.design.factors, self.design.codes[point].tolist(), strict=True)
        return any(self._is_impossible(factor, code) for factor, code in codes)

    def _is_impossible(self, factor: Factor, code: float) -> bool:
        try:
            self._prepare({**self.design.constants, **factor.sets(factor.value(code))})
        except ScenarioError:
            return True
        return False

    def run(self, results: Results, run: Run) -> Generator[Tally, None, None]:
        """Compute what is missing, telling how far it is after each run.

        Raises as `experiments.results.compute` and `wanted`.
        """
        return compute(results, self.wanted(), lambda wanted: _shared(self, wanted, run), self.total)

    def prepared(self, point: int) -> Prepared:
        """Make a point ready."""
        if self._last is None or self._last[0] != point:
            self._last = point, self._made(point)
            self._digests[point] = self._last[1].digest
        return self._last[1]

    def _made(self, point: int) -> Prepared:
        values = self.design.values(point)
        try:
            return self._prepare(values)
        except Exception as error:
            if isinstance(error, ScenarioError):
                self._faults[point] = error
            message = f"{type(error).__name__}: {error}"
            return Prepared(content_hash("refused", sorted(values.items()), message), refuse, lambda _: message)

    def seeded(self, point: int, replicate: int) -> int:
        """Return the replicate whose seeds a run has."""
        return replicate + SEEDS_A_POINT * (point + 1) if self.independent else replicate

    def _order(self) -> list[int]:
        inner = [factor.name in POLICY for factor in self.design.factors]
        outer = self.design.codes[:, ~np.array(inner)]
        first: dict[bytes, int] = {}
        places = [first.setdefault(row.tobytes(), n) for n, row in enumerate(outer)]
        return sorted(range(len(places)), key=lambda n: (places[n], n))


def _shared(sweep: Sweep, wanted: Iterator[Wanted], run: Run) -> Generator[Outcome, None, None]:
    """Do runs, those that can be together in one job; where such a job fails, each of its runs by itself."""
    bundles: dict[str, Sequence[Wanted]] = {}
    failed: list[Wanted] = []

    def jobs() -> Iterator[Job]:
        for group in _groups(sweep, wanted):
            job = _together(sweep, group)
            bundles[job.key] = group
            yield job

    with contextlib.closing(run(jobs())) as outcomes:
        for outcome in outcomes:
            group = bundles.pop(outcome.key)
            if isinstance(outcome, Failed) and len(group) > 1:
                failed += group
            else:
                yield from _apart(group, outcome)
    if failed:
        with contextlib.closing(run(map(sweep.job, failed))) as outcomes:
            yield from outcomes


def _groups(sweep: Sweep, wanted: Iterator[Wanted]) -> Iterator[list[Wanted]]:
    """Give consecutive runs of the same base and replicate together."""
    group: list[Wanted] = []
    mark: tuple[str, int] | None = None
    for one in wanted:
        here = sweep.prepared(one.point).base, sweep.seeded(one.point, one.replicate)
        if group and (not here[0] or here != mark or len(group) == MOST_TOGETHER):
            yield group
            group = []
        group.append(one)
        mark = here
    if group:
        yield group


def _together(sweep: Sweep, group: Sequence[Wanted]) -> Job:
    """Return one job for runs of the same base: its policies go by their runs' keys."""
    if len(group) == 1:
        return sweep.job(group[0])
    points = [sweep.job(one).argument for one in group]
    assert all(isinstance(point, Point) for point in points)
    policies = tuple((one.key, point.policies[0][1]) for one, point in zip(group, points, strict=True))  # type: ignore[attr-defined]
    return Job(content_hash(*(one.key for one in group)), run_paired, points[0]._replace(policies=policies))  # type: ignore[attr-defined]


def _apart(group: Sequence[Wanted], outcome: Outcome) -> Iterator[Outcome]:
    """Give what became of each run of a job."""
    if isinstance(outcome, Failed) or len(group) == 1:
        yield outcome
        return
    common = {name: row for name, row in outcome.rows.items() if name.startswith(("baseline/", "control/"))}
    for one in group:
        own = {ARM + name.removeprefix(one.key): row for name, row in outcome.rows.items() if name.startswith(one.key)}
        yield Done(one.key, common | own)
