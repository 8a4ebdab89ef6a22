"""Compare policies with the control by paired runs: same seeds, differences by year, a verdict for each policy.

One job is one replicate: burn-in once, then control and every policy still undecided from the same standing state. So
a pair differs in nothing but the policy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.composition import by_kind
from experiments.jobs import Job
from experiments.progress import Tally
from experiments.results import Results, compute
from experiments.verdict import Decision, Plan, Verdict, decide
from model.arithmetic import ordered_sum
from model.attributes import Attributes, compile_policy
from model.chance import Key
from model.chance import key as chance_key
from model.columns import SUBJECTS
from model.compilation import source_hash
from model.measures import yearly_measures
from model.parameters import Parameters
from model.policy import Policy
from model.sets import Sets, baseline_quality, reference_sets
from model.simulation import Record, burn_in, simulate
from model.weighted import weighted_mean
from model.world import World, frozen
from scenarios.known import Known

Floats = NDArray[np.float64]
Phases = tuple[tuple[int, Attributes], ...]
OUTCOMES = ("peak", "valley", "mean")
D_EFFECTS = tuple(f"d_{name}" for name in OUTCOMES)
LATE_YEARS = 2
EARLY_YEAR = 3
LEVEL = 0.95
DETAILS = ("school_quality", "cost_leads", "lead_worst_team")


@dataclass(frozen=True)
class Arm:
    """One policy to compare: names for the reader, the policy, and the year it ends (None: never).

    `ends` are the rotations in force under the control, by name and title, that it ends and puts none in the place of.
    """

    mode: str
    rotation: str
    support: str
    title: dict[str, str]
    policy: Policy
    ends_in_year: int | None = None
    ends: Sequence[dict[str, Any]] = ()

    @property
    def name(self) -> str:
        """Return mode+rotation+support."""
        return f"{self.mode}+{self.rotation}+{self.support}"


@dataclass(frozen=True)
class Study:
    """What is compared: a world, its control and the arms, with parameters, horizon, seed and margin.

    With `same_money` an arm is held against its own control: what is in force before, and group training in all grouped
    schools for the money that the policy costs beyond it. `grounds` says where the fields of the world come from,
    `school_names` what schools are called by language, `groups` has one row a group, as the table that is saved,
    `changed` one entry a number that is not as declared, and `known` how many values are from lists of the place.
    """

    scenario: str
    title: dict[str, str]
    world: World
    school_ids: Sequence[str]
    group_ids: Sequence[str]
    parameters: Parameters
    control: Arm
    arms: Sequence[Arm]
    seed: int = 0
    years: int = 10
    burn_in: int = 5
    delta: float = 0.02
    synthetic: bool = True
    levels: Sequence[str] = ()
    same_money: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)
    school_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    grounds: Sequence[dict[str, Any]] = ()
    groups: Sequence[dict[str, str]] = ()
    changed: Sequence[dict[str, Any]] = ()
    known: Sequence[Known] = ()


class Point(NamedTuple):
    """The picklable argument of one job."""

    world: World
    control: Attributes
    policies: tuple[tuple[str, Phases], ...]
    parameters: Parameters
    seed: int
    replicate: int
    years: int
    burn_in: int
    schools: bool = False
    same_money: bool = False


def _hashed(digest: Any, value: Any) -> None:  # noqa: ANN401
    """Feed arrays, numbers and tuples of them to a hash, with their shapes and types."""
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple):
        digest.update(f"({len(value)}".encode())
        for item in value:
            _hashed(digest, item)
    else:
        digest.update(repr(value).encode())


def content_hash(*values: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of arrays, tuples and numbers; names of rows and files do not enter."""
    digest = hashlib.sha256()
    for value in values:
        _hashed(digest, value)
    return digest.hexdigest()


def run_point(point: Point) -> dict[str, Floats]:
    """Run one replicate and return `arm/measure` → value by year, arms being "control" and the policies' names.

    With `point.schools`, `arm/school_quality` is the mean quality of the last two years by school, `arm/cost_leads` by
    year what leads pay of the cost a pupil, and `arm/lead_worst_team` the change of mean skill in the last term of the
    subject team that fares worst at each lead.
    """
    base = chance_key(point.seed, point.replicate)
    start = burn_in(point.world, point.control, point.parameters, base, point.burn_in)
    quality = baseline_quality(start.record)
    runs = _Runs(point, base, start.world, reference_sets(point.world, quality))
    rows: dict[str, Floats] = {"baseline/quality": quality}
    rows |= {f"baseline/{name}": value[-LATE_YEARS:] for name, value in runs.measured(start.record, None).items()}
    control = runs.simulated(((0, point.control),))
    rows |= runs.rows("control", control, control, None)
    for name, phases in point.policies:
        treated = runs.simulated(phases)
        rows |= runs.rows(name, treated, control, phases[0][1].legal_person)
        if point.same_money:
            rows |= runs.rows(f"{name}@same_money", runs.with_money_of(treated[1], control[1]), control, None)
    return rows


Run = tuple[World, Record]


class _Runs(NamedTuple):
    """What all runs of one replicate share."""

    point: Point
    key: Key
    start: World
    sets: Sets

    def simulated(self, phases: Phases) -> Run:
        return simulate(self.start, phases, self.point.parameters, self.key, self.point.years)

    def measured(self, record: Record, legal_person: NDArray[np.int32] | None) -> dict[str, Floats]:
        ordinary = self.point.parameters.attention.teaching_value
        return yearly_measures(self.point.world, record, self.sets, legal_person, ordinary)

    def rows(self, name: str, run: Run, control: Run, person: NDArray[np.int32] | None) -> dict[str, Floats]:
        measures = self.measured(run[1], person) | by_kind(self.point.world, run[1], self.sets)
        rows = {f"{name}/{measure}": value for measure, value in measures.items()}
        if self.point.schools:
            rows[f"{name}/school_quality"] = run[1].yearly("quality")[-LATE_YEARS:].mean(axis=0)
            rows[f"{name}/cost_leads"] = self.paid_by_leads(run[1])
            rows[f"{name}/lead_worst_team"] = worst_team(run[0], control[0], self.sets.leads)
        return rows

    def paid_by_leads(self, record: Record) -> Floats:
        """Return what leads pay by year, yuan for each pupil of the grouped schools."""
        sets, cost = self.sets, record.yearly("cost")
        pupils = ordered_sum(np.where(sets.grouped, self.point.world.schools.pupils, 0.0))
        spent: Floats = np.where(sets.grouped & sets.leads, sum(cost[:, :, line] for line in range(cost.shape[2])), 0.0)
        return np.array([ordered_sum(year) / pupils if pupils > 0.0 else 0.0 for year in spent])

    def with_money_of(self, treated: Record, control: Record) -> Run:
        """Run the control with group training for what the policy costs beyond it, year by year."""
        staff = ordered_sum(np.where(self.sets.grouped, control.yearly("staff_home")[0], 0.0))
        price = self.point.parameters.finance.training * staff
        extra = treated.yearly("cost") - control.yearly("cost")
        money = [max(0.0, ordered_sum(np.ascontiguousarray(year).reshape(-1))) for year in extra]
        shares = [np.where(self.sets.grouped, sum_ / price if price > 0.0 else 0.0, 0.0) for sum_ in money]
        return self.simulated(
            tuple((year, self.point.control._replace(trained=frozen(share))) for year, share in enumerate(shares))
        )


def worst_team(world: World, control: World, leads: NDArray[np.bool_]) -> Floats:
    """Return the mean over leads, by pupils, of the lowest change of a subject team's mean skill (σ), shape (1,)."""
    changes = _team_skill(world) - _team_skill(control)
    worst = np.nanmin(np.where(np.isnan(changes).all(axis=1, keepdims=True), 0.0, changes), axis=1)
    return np.array([weighted_mean(worst, world.schools.pupils, leads)])


def _team_skill(world: World) -> Floats:
    """Return mean skill by school and subject of those who work there, NaN where nobody does."""
    cell = world.teachers.post * len(SUBJECTS) + world.teachers.subject
    size = len(world.schools.id) * len(SUBJECTS)
    count = np.bincount(cell, minlength=size).astype(np.float64)
    total = np.bincount(cell, world.teachers.skill, minlength=size)
    return np.where(count > 0.0, total / np.maximum(count, 1.0), np.nan).reshape(-1, len(SUBJECTS))


def phases_of(arm: Arm, control: Attributes, world: World) -> Phases:
    """Return (first year, attributes) of a policy, and of the control once it has ended."""
    attributes = compile_policy(arm.policy, world)
    ends = () if arm.ends_in_year is None else ((arm.ends_in_year, control),)
    return ((0, attributes), *ends)


class Comparison:
    """Paired runs of a study, look by look, until every policy is decided or the plan ends."""

    def __init__(self, study: Study, plan: Plan, schools: bool = True) -> None:
        self.study, self.plan, self.schools = study, plan, schools
        self.control = compile_policy(study.control.policy, study.world)
        self.phases = {arm.name: phases_of(arm, self.control, study.world) for arm in study.arms}
        self._fixed = content_hash(study.world, self.control, tuple(study.parameters), source_hash())
        self._arms = {name: content_hash(phases) for name, phases in self.phases.items()}
        self.rows: list[dict[str, Floats]] = []
        self.keys: list[str] = []

    def job(self, replicate: int, names: Sequence[str]) -> Job:
        """Return the job of one replicate for these arms; its key hashes everything that decides its numbers."""
        study = self.study
        chosen = tuple((name, self.phases[name]) for name in names)
        numbers = (study.seed, replicate, study.years, study.burn_in)
        more = (self.schools, study.same_money)
        measured = DETAILS if self.schools else ()
        key = content_hash(self._fixed, tuple((name, self._arms[name]) for name in names), numbers, more, measured)
        return Job(key, run_point, Point(study.world, self.control, chosen, study.parameters, *numbers, *more))

    def run(self, results: Results, run: Callable[[Iterator[Job]], Any]) -> Generator[tuple[Tally, int], None, None]:
        """Compute look by look; yields progress and the number of replicates planned so far."""
        names = [arm.name for arm in self.study.arms]
        for look, size in enumerate(self.plan.looks):
            jobs = [self.job(replicate, names) for replicate in range(len(self.rows), size)]
            for tally in compute(results, jobs, run, len(jobs)):
                yield tally, size
            self.recall(results, [job.key for job in jobs])
            decided = {arm.name for arm, d in zip(self.study.arms, self.decisions(look), strict=True) if _is_decided(d)}
            names = [name for name in names if name not in decided]
            if not names:
                return

    def recall(self, results: Results, keys: Sequence[str]) -> None:
        """Take in replicates that were recorded, by the keys of their jobs."""
        self.keys += keys
        self.rows += [dict(results.rows(key)) for key in keys]

    def replicates(self, arm: Arm) -> list[dict[str, Floats]]:
        """Return the replicates in which an arm ran."""
        return [rows for rows in self.rows if f"{arm.name}/peak" in rows]

    def against(self, arm: Arm) -> str:
        """Return the name of the control that an arm is held against."""
        return f"{arm.name}@same_money" if self.study.same_money else "control"

    def differences(self, arm: Arm, measure: str) -> Floats:
        """Return treated − control by replicate and year."""
        rows, control = self.replicates(arm), self.against(arm)
        return np.array([r[f"{arm.name}/{measure}"] - r[f"{control}/{measure}"] for r in rows])

    def has(self, measure: str) -> bool:
        """Return whether there are schools that a measure speaks of."""
        return f"control/{measure}" in self.rows[0]

    def effects(self, arm: Arm, years: slice) -> Floats:
        """Return ΔPeak, ΔValley, ΔMean averaged over the years, by replicate: shape (n, 3)."""
        return np.stack([self.differences(arm, name)[:, years].mean(axis=1) for name in OUTCOMES], axis=1)

    def decisions(self, look: int, years: slice = slice(-LATE_YEARS, None)) -> list[Decision]:
        """Return the verdict of every arm after a look."""
        return decide([self.effects(arm, years) for arm in self.study.arms], self.study.delta, look, plan=self.plan)

    def look(self) -> int:
        """Return the index of the last look taken; before the first, of that one."""
        return max((n for n, size in enumerate(self.plan.looks) if size <= len(self.rows)), default=0)


def _is_decided(decision: Decision) -> bool:
    return decision.verdict is not Verdict.UNDECIDED
