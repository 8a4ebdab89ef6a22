"""Repeat published studies on the model: paired replicates, an estimate with its interval, and where its target lies.

Parameters stay at their declared defaults; a rival structure is a set of parameters outside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from experiments.comparison import content_hash
from experiments.fact import Fact, Words
from experiments.facts import experiments
from experiments.files import write_json_atomic, write_table_atomic
from experiments.jobs import Job
from experiments.statistics import Interval, fieller, paired_interval
from experiments.trials import Trial
from model.compilation import source_hash, tree_hash
from model.parameters import Parameters

LEVEL = 0.95
REPLICATES, FEWEST = 192, 24
MODEL = "model"
HERE = Path(__file__).parent

Within = Literal["inside", "outside", "straddles"]


@dataclass(frozen=True)
class Variant:
    """A model to hold against the facts: its own parameters, or a rival's."""

    id: str
    title: Words
    why: Words
    parameters: Parameters


class Task(NamedTuple):
    """The picklable argument of one job: an experiment, whose parameters, and which replicate."""

    experiment: str
    parameters: Parameters
    seed: int
    replicate: int


def run_task(task: Task) -> dict[str, Any]:
    """Carry out one replicate of one experiment: fact → number, or numerator and denominator."""
    experiment = experiments()[task.experiment]
    return dict(experiment.measure(Trial.of(experiment.place(), task.parameters, task.seed, task.replicate)))


def within(interval: Interval, fact: Fact) -> Within:
    """Return whether an interval lies inside the target, outside it, or across one of its ends."""
    low, high = (end if end is not None else sign * np.inf for end, sign in ((fact.low, -1), (fact.high, 1)))
    lower = -np.inf if interval.low is None else interval.low
    upper = np.inf if interval.high is None else interval.high
    if low < lower and upper < high:
        return "inside"
    return "outside" if upper <= low or lower >= high else "straddles"


def usual_replicates(variants: int) -> int:
    """Return how many replicates each variant gets where nothing is asked, so that the work stays about the same."""
    return max(FEWEST, REPLICATES // variants)


def code_sha256() -> str:
    """Hash everything that the numbers come from: the model, the experiments, and the scenarios with their files."""
    rooms = (HERE, HERE.parent / "scenarios")
    tables = [path.read_bytes() for room in rooms for path in sorted(room.rglob("*.toml"))]
    return content_hash(source_hash(), *map(tree_hash, rooms), *tables)


class Validation:
    """Facts held against variants of the model, `replicates` trials each, the same seeds for all."""

    def __init__(self, facts: Sequence[str], variants: Sequence[Variant], seed: int, replicates: int) -> None:
        self.variants, self.seed, self.replicates = variants, seed, replicates
        self.facts = [
            (name, fact) for name, experiment in experiments().items() for fact in experiment.facts if fact.id in facts
        ]
        self.code = code_sha256()
        self._rows: dict[tuple[str, str], list[Any]] = {}

    def jobs(self, variant: Variant) -> list[Job]:
        """Return the jobs of a variant, in order of experiment and replicate."""
        names = dict.fromkeys(name for name, _ in self.facts)
        tasks = [Task(name, variant.parameters, self.seed, n) for name in names for n in range(self.replicates)]
        return [Job(content_hash(self.code, tuple(task)), run_task, task) for task in tasks]

    def collect(self, rows: Callable[[Job], Mapping[str, Any]]) -> None:
        """Take what every job gave."""
        for variant in self.variants:
            for job in self.jobs(variant):
                assert isinstance(job.argument, Task)
                self._rows.setdefault((variant.id, job.argument.experiment), []).append(rows(job))

    def estimate(self, variant: str, experiment: str, fact: str) -> Interval:
        """Return a fact's number under a variant: mean of the trials, or quotient of means, with its interval."""
        values = np.array([rows[fact] for rows in self._rows[variant, experiment]])
        if values.shape[1] == 1:
            return paired_interval(values[:, 0], LEVEL)
        return fieller(values[:, 0], values[:, 1], LEVEL)


def _found(validation: Validation, variant: Variant, name: str, fact: Fact) -> dict[str, Any]:
    interval = validation.estimate(variant.id, name, fact.id)
    return {"model": interval.mean, "low": interval.low, "high": interval.high, "within": within(interval, fact)}


def document(validation: Validation, version: str, results_dir: str) -> dict[str, Any]:
    """Return validation.json: every fact with its target and the model's number, and the same for every rival."""
    own, *rivals = validation.variants
    facts = []
    for name, fact in validation.facts:
        said = {key: value for key, value in asdict(fact).items() if key not in ("low", "high")}
        target = {"target": {"low": fact.low, "high": fact.high}}
        facts.append({"experiment": name} | said | target | _found(validation, own, name, fact))
    return {
        "format": 1,
        "version": version,
        "seed": validation.seed,
        "replicates": validation.replicates,
        "level": LEVEL,
        "facts": facts,
        "rivals": [
            {"id": rival.id, "title": rival.title, "why": rival.why}
            | {"facts": [{"id": f.id} | _found(validation, rival, name, f) for name, f in validation.facts]}
            for rival in rivals
        ],
        "results_dir": results_dir,
    }


def save(found: dict[str, Any], directory: Path) -> None:
    """Write validation.json and validation.csv, one row a variant and fact."""
    rows = [{"variant": MODEL} | _flat(fact) | _numbers(fact) for fact in found["facts"]]
    for rival in found["rivals"]:
        pairs = zip(found["facts"], rival["facts"], strict=True)
        rows += [{"variant": rival["id"]} | _flat(fact) | _numbers(own) for fact, own in pairs]
    write_table_atomic(directory / "validation.csv", pd.DataFrame(rows))
    write_json_atomic(directory / "validation.json", found)


def _flat(fact: dict[str, Any]) -> dict[str, Any]:
    named = {name: fact[name] for name in ("id", "experiment", "source", "unit")}
    return named | {f"target_{end}": value for end, value in fact["target"].items()}


def _numbers(fact: dict[str, Any]) -> dict[str, Any]:
    return {name: fact[name] for name in ("model", "low", "high", "within")}
