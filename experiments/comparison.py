"""Compare policies with the control by paired runs: same seeds, differences by year, a verdict for each policy.

One job is one replicate: burn-in once, then control and every policy still undecided from the same standing state. So
a pair differs in nothing but the policy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.jobs import Job
from experiments.manifest import inputs_sha256
from experiments.progress import Tally
from experiments.results import Results, compute
from experiments.statistics import Interval, dip, look_levels, peak_cost_ratio, student
from experiments.verdict import Box, Decision, Plan, Verdict, confidence_box, decide, regions_touched
from model.attributes import Attributes, compile_policy
from model.chance import key as chance_key
from model.compilation import source_hash
from model.measures import baseline_quality, reference_sets, yearly_measures
from model.parameters import Parameter, Parameters, declared, get
from model.policy import Policy
from model.simulation import burn_in, simulate
from model.world import World

Floats = NDArray[np.float64]
OUTCOMES = ("peak", "valley", "mean")
LATE_YEARS = 2
EARLY_YEAR = 3
SHOWN = ("peak", "valley", "middle", "mean", "ungrouped", "leads", "top_tenth")
LEVEL = 0.95


@dataclass(frozen=True)
class Arm:
    """One policy to compare: names for the reader, the policy, and the year it ends (None: never)."""

    mode: str
    rotation: str
    support: str
    title: dict[str, str]
    policy: Policy
    ends_in_year: int | None = None

    @property
    def name(self) -> str:
        """Return mode+rotation+support."""
        return f"{self.mode}+{self.rotation}+{self.support}"


@dataclass(frozen=True)
class Study:
    """What is compared: a world, its control and the arms, with parameters, horizon, seed and margin."""

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
    inputs: dict[str, Any] = field(default_factory=dict)
    school_names: dict[str, str] = field(default_factory=dict)


class Point(NamedTuple):
    """The picklable argument of one job."""

    world: World
    control: Attributes
    policies: tuple[tuple[str, tuple[tuple[int, Attributes], ...]], ...]
    parameters: Parameters
    seed: int
    replicate: int
    years: int
    burn_in: int


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
    """Run one replicate and return `arm/measure` → value by year, arms being "control" and the policies' names."""
    base = chance_key(point.seed, point.replicate)
    snapshot = burn_in(point.world, point.control, point.parameters, base, point.burn_in)
    quality = baseline_quality(snapshot.record)
    sets = reference_sets(point.world, quality)
    rows: dict[str, Floats] = {"baseline/quality": quality}
    before = yearly_measures(point.world, snapshot.record, sets)
    rows |= {f"baseline/{name}": value[-LATE_YEARS:] for name, value in before.items()}
    runs = (("control", ((0, point.control),)), *point.policies)
    for name, phases in runs:
        _, record = simulate(snapshot.world, phases, point.parameters, base, point.years)
        measures = yearly_measures(point.world, record, sets, phases[0][1].legal_person)
        rows |= {f"{name}/{measure}": value for measure, value in measures.items()}
    return rows


def _phases(arm: Arm, control: Attributes, world: World) -> tuple[tuple[int, Attributes], ...]:
    attributes = compile_policy(arm.policy, world)
    ends = () if arm.ends_in_year is None else ((arm.ends_in_year, control),)
    return ((0, attributes), *ends)


class Comparison:
    """Paired runs of a study, look by look, until every policy is decided or the plan ends."""

    def __init__(self, study: Study, plan: Plan) -> None:
        self.study, self.plan = study, plan
        self.control = compile_policy(study.control.policy, study.world)
        self.phases = {arm.name: _phases(arm, self.control, study.world) for arm in study.arms}
        self._fixed = content_hash(study.world, self.control, tuple(study.parameters), source_hash())
        self._arms = {name: content_hash(phases) for name, phases in self.phases.items()}
        self.rows: list[dict[str, Floats]] = []

    def job(self, replicate: int, names: Sequence[str]) -> Job:
        """Return the job of one replicate for these arms; its key hashes everything that decides its numbers."""
        study = self.study
        chosen = tuple((name, self.phases[name]) for name in names)
        numbers = (study.seed, replicate, study.years, study.burn_in)
        key = content_hash(self._fixed, tuple((name, self._arms[name]) for name in names), numbers)
        return Job(key, run_point, Point(study.world, self.control, chosen, study.parameters, *numbers))

    def run(self, results: Results, run: Callable[[Iterator[Job]], Any]) -> Generator[tuple[Tally, int], None, None]:
        """Compute look by look; yields progress and the number of replicates planned so far."""
        names = [arm.name for arm in self.study.arms]
        for look, size in enumerate(self.plan.looks):
            jobs = [self.job(replicate, names) for replicate in range(len(self.rows), size)]
            for tally in compute(results, jobs, run, len(jobs)):
                yield tally, size
            self._collect(results, jobs)
            decided = {arm.name for arm, d in zip(self.study.arms, self.decisions(look), strict=True) if _is_decided(d)}
            names = [name for name in names if name not in decided]
            if not names:
                return

    def _collect(self, results: Results, jobs: Sequence[Job]) -> None:
        for job in jobs:
            rows = results.ledger.get(job.key)
            if rows is None:
                failed = {f.key: f.error for f in results.ledger.failed()}
                raise RuntimeError(f"a replicate failed: {failed[job.key].kind}: {failed[job.key].message}")
            self.rows.append(dict(rows))

    def replicates(self, arm: Arm) -> list[dict[str, Floats]]:
        """Return the replicates in which an arm ran."""
        return [rows for rows in self.rows if f"{arm.name}/peak" in rows]

    def differences(self, arm: Arm, measure: str) -> Floats:
        """Return treated − control by replicate and year."""
        rows = self.replicates(arm)
        return np.array([r[f"{arm.name}/{measure}"] - r[f"control/{measure}"] for r in rows])

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
        """Return the index of the last look taken."""
        return max(n for n, size in enumerate(self.plan.looks) if size <= len(self.rows))


def _is_decided(decision: Decision) -> bool:
    return decision.verdict is not Verdict.UNDECIDED


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: None if value is None else float(value) for name, value in interval._asdict().items()}


def _student_interval(values: Floats) -> dict[str, float | None]:
    mean, half = student(values, 1.0 - LEVEL)
    return {"mean": float(mean), "low": float(mean - half), "high": float(mean + half)}


def _box(box: Box, names: Sequence[str]) -> dict[str, Any]:
    return {name: _interval(interval) for name, interval in zip(names, box.intervals(), strict=True)}


def _trajectory(comparison: Comparison, arm: Arm) -> dict[str, Any]:
    out = {}
    for name in filter(comparison.has, SHOWN[:4]):
        mean, half = student(comparison.differences(arm, name), 1.0 - LEVEL)
        out[name] = {"mean": mean.tolist(), "low": (mean - half).tolist(), "high": (mean + half).tolist()}
    return out


def _correlations(comparison: Comparison, arm: Arm) -> list[float | None]:
    """Return the correlation of treated and control mean quality of the valley, by year."""
    rows = comparison.replicates(arm)
    treated = np.array([r[f"{arm.name}/valley"] for r in rows])
    control = np.array([r["control/valley"] for r in rows])
    flat = (treated.std(axis=0) == 0.0) | (control.std(axis=0) == 0.0)
    pairs = zip(treated.T, control.T, flat, strict=True)
    return [None if constant else float(np.corrcoef(a, b)[0, 1]) for a, b, constant in pairs]


def _early_box(effects: Floats, study: Study, plan: Plan) -> tuple[Box, tuple[Verdict, ...]]:
    """Return the box of year 3 at the error of the last look taken, and the regions it touches."""
    error = float(look_levels(plan.alpha, plan.looks)[-1]) / len(study.arms)
    box = confidence_box(effects, 1.0 - error)
    return box, regions_touched(box, study.delta)


def _late_mean(comparison: Comparison, arm: Arm, measure: str) -> Floats:
    return np.array([r[f"{arm.name}/{measure}"][-LATE_YEARS:].mean() for r in comparison.replicates(arm)])


def policy_document(comparison: Comparison, arm: Arm, decision: Decision) -> dict[str, Any]:
    """Return one entry of `policies` in comparison.json."""
    study = comparison.study
    late = comparison.effects(arm, slice(-LATE_YEARS, None))
    used = late[: decision.replicates]
    early_box, early = _early_box(comparison.effects(arm, slice(EARLY_YEAR - 1, EARLY_YEAR)), study, comparison.plan)
    fall = dip(comparison.differences(arm, "peak").mean(axis=0))
    others = {
        f"d_{name}": _student_interval(comparison.differences(arm, name)[:, -LATE_YEARS:].mean(axis=1))
        if comparison.has(name)
        else None
        for name in ("middle", "ungrouped", "leads", "top_tenth")
    }
    return (
        {"mode": arm.mode, "rotation": arm.rotation, "support": arm.support, "title": arm.title}
        | {"verdict": decision.verdict.value, "verdict_regions": [r.value for r in decision.regions]}
        | {"replicates": decision.replicates}
        | _box(decision.box, ("d_peak", "d_valley", "d_mean"))
        | others
        | _box(early_box, ("d_peak_year3", "d_valley_year3", "d_mean_year3"))
        | {"verdict_year3": early[0].value if len(early) == 1 else Verdict.UNDECIDED.value}
        | {"verdict_regions_year3": [r.value for r in early]}
        | {"peak_cost_ratio": _interval(peak_cost_ratio(used, LEVEL))}
        | {"dip_depth": float(fall.depth), "recovery_year": fall.recovery_year}
        | {"left_of_gain": _left_of_gain(comparison, arm)}
        | {"cost_per_pupil": float(_late_mean(comparison, arm, "cost").mean())}
        | {name: _before_after(comparison, arm, name) for name in ("backbone_cv", "backbone_cv_legal_person")}
        | {"trajectory": _trajectory(comparison, arm)}
        | {"replicate_effects": late.tolist(), "correlation": _correlations(comparison, arm)}
    )


def _left_of_gain(comparison: Comparison, arm: Arm) -> float | None:
    """Return what is left in the last year of the valley's gain at the end of a policy that ends; else None."""
    end = arm.ends_in_year
    if end is None or not 1 <= end < comparison.study.years:
        return None
    gains = comparison.differences(arm, "valley").mean(axis=0)
    return float(gains[-1] / gains[end - 1]) if gains[end - 1] > 0.0 else None


def _before_after(comparison: Comparison, arm: Arm, measure: str) -> dict[str, float]:
    before = np.array([r[f"baseline/{measure}"].mean() for r in comparison.replicates(arm)])
    return {"before": float(before.mean()), "after": float(_late_mean(comparison, arm, measure).mean())}


def _control_document(comparison: Comparison) -> dict[str, Any]:
    levels = {
        name: np.array([r[f"control/{name}"] for r in comparison.rows]).mean(axis=0).tolist()
        for name in filter(comparison.has, SHOWN[:4])
    }
    return {"name": comparison.study.control.mode, "title": comparison.study.control.title, "levels": levels}


def _world_document(comparison: Comparison) -> dict[str, Any]:
    study, world = comparison.study, comparison.study.world
    gap = np.array([r["baseline/peak"].mean() - r["baseline/valley"].mean() for r in comparison.rows]).mean()
    return {
        "schools": len(world.schools.id),
        "teachers": len(world.teachers.id),
        "pupils": int(world.schools.pupils.sum()),
        "groups": len(world.groups.id),
        "zones": len({int(z) for z in world.groups.zone_head if z >= 0}),
        "peak_minus_valley": float(gap),
        "no_peak_to_shave": bool(gap < 2.0 * study.delta),
    }


def document(comparison: Comparison, version: str, results_dir: str) -> dict[str, Any]:
    """Return comparison.json: every estimand with its interval, for each policy."""
    study = comparison.study
    decisions = comparison.decisions(comparison.look())
    return {
        "format": 1,
        "scenario": study.scenario,
        "title": study.title,
        "synthetic": study.synthetic,
        "level": list(study.levels),
        "delta": study.delta,
        "seed": study.seed,
        "years": study.years,
        "burn_in": study.burn_in,
        "version": version,
        "inputs_sha256": inputs_sha256(inputs(study)),
        "alpha": comparison.plan.alpha,
        "control": _control_document(comparison),
        "world": _world_document(comparison),
        "policies": [policy_document(comparison, a, d) for a, d in zip(study.arms, decisions, strict=True)],
        "results_dir": results_dir,
    }


def _parameter(parameters: Parameters, name: str, said: Parameter) -> dict[str, Any]:
    return {"value": get(parameters, name), "unit": said.unit, "kind": said.kind, "source": said.source}


def inputs(study: Study) -> dict[str, Any]:
    """Return everything that decides the results, as plain values for the manifest."""
    return {
        "scenario": study.scenario,
        "world_sha256": content_hash(study.world),
        "policies": {a.name: content_hash(compile_policy(a.policy, study.world), a.ends_in_year) for a in study.arms},
        "control": content_hash(compile_policy(study.control.policy, study.world)),
        "parameters": {name: _parameter(study.parameters, name, said) for name, said in declared().items()},
        "seed": study.seed,
        "years": study.years,
        "burn_in": study.burn_in,
        "delta": study.delta,
    } | study.inputs
