"""Which mechanisms make an effect: exact Shapley values over families of mechanisms, all coalitions on the same seeds.

A coalition takes the fields of its families from the policy and all others from the control; empty it is the control
and full it is the policy, bit for bit. Families in which policy and control agree drop out.

Source: Shapley, L. S. (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.comparison import EARLY_YEAR, LATE_YEARS, LEVEL, OUTCOMES, Arm, Phases, Study, content_hash, phases_of
from experiments.jobs import Job
from experiments.statistics import center, student
from model.attributes import Attributes, active_families, compile_policy, mixed
from model.chance import key as chance_key
from model.codes import Family
from model.compilation import source_hash
from model.measures import yearly_measures
from model.parameters import Parameters
from model.sets import baseline_quality, reference_sets
from model.simulation import burn_in, simulate
from model.world import World

Floats = NDArray[np.float64]
REPLICATES = 16
STEPS = 2**50
HORIZONS = {"": slice(-LATE_YEARS, None), "_year3": slice(EARLY_YEAR - 1, EARLY_YEAR)}


class Coalitions(NamedTuple):
    """The picklable argument of one job: a policy, its control, and the families in which they differ."""

    world: World
    control: Attributes
    phases: Phases
    families: tuple[Family, ...]
    parameters: Parameters
    seed: int
    replicate: int
    years: int
    burn_in: int


def run_coalitions(point: Coalitions) -> dict[str, Floats]:
    """Run one replicate under every coalition; return ``coalition/outcome`` → value by year.

    Coalitions are numbered by bits: family k of `families` takes part where bit k is set.
    """
    base = chance_key(point.seed, point.replicate)
    start = burn_in(point.world, point.control, point.parameters, base, point.burn_in)
    sets = reference_sets(point.world, baseline_quality(start.record))
    rows: dict[str, Floats] = {}
    for coalition in range(2 ** len(point.families)):
        chosen = {family for k, family in enumerate(point.families) if coalition >> k & 1}
        phases = [(year, mixed(point.control, attributes, chosen)) for year, attributes in point.phases]
        _, record = simulate(start.world, phases, point.parameters, base, point.years)
        measures = yearly_measures(point.world, record, sets)
        rows |= {f"{coalition}/{name}": measures[name] for name in OUTCOMES if name in measures}
    return rows


def shapley(values: Floats) -> Floats:
    """Return the Shapley value of each player, shape (…, players).

    Parameters
    ----------
    values
        Worth of each coalition on the last axis, numbered by bits, shape (…, 2^players).
    """
    players = int(values.shape[-1]).bit_length() - 1
    out = np.zeros((*values.shape[:-1], players))
    for coalition in range(2**players):
        weight = 1.0 / (players * comb(players - 1, coalition.bit_count())) if coalition.bit_count() < players else 0.0
        for k in range(players):
            if not coalition >> k & 1:
                out[..., k] += weight * (values[..., coalition | 1 << k] - values[..., coalition])
    return out


def summing(parts: Sequence[float], total: float) -> tuple[list[float], float]:
    """Return parts and total in whole steps of 2⁻⁵⁰ (10⁻¹⁵): in any order the parts then add up to the total exactly.

    What rounding leaves goes to the largest part.

    Raises
    ------
    ValueError
        If they are further from the total than rounding explains.
    """
    steps, whole = [round(part * STEPS) for part in parts], round(total * STEPS)
    left = whole - sum(steps)
    if abs(left) > 1e-9 * STEPS:
        raise ValueError(f"parts add up to {sum(parts)!r}, not to {total!r}")
    if steps:
        steps[max(range(len(steps)), key=lambda k: abs(steps[k]))] += left
    return [step / STEPS for step in steps], whole / STEPS


class Attribution:
    """Why a policy does what it does: its coalitions on the seeds of the comparison."""

    def __init__(self, study: Study, arm: Arm, replicates: int = REPLICATES) -> None:
        self.study, self.arm, self.replicates = study, arm, replicates
        self.control = compile_policy(study.control.policy, study.world)
        self.phases = phases_of(arm, self.control, study.world)
        active = set().union(*(active_families(self.control, attributes) for _, attributes in self.phases))
        self.families = tuple(family for family in Family if family in active)
        self._fixed = content_hash(
            study.world, self.control, self.phases, tuple(study.parameters), source_hash(), "coalitions"
        )

    def jobs(self) -> Iterator[Job]:
        """Give one job a replicate."""
        study = self.study
        for replicate in range(self.replicates):
            numbers = (study.seed, replicate, study.years, study.burn_in)
            point = Coalitions(study.world, self.control, self.phases, self.families, study.parameters, *numbers)
            yield Job(content_hash(self._fixed, numbers), run_coalitions, point)

    def document(self, runs: Sequence[Mapping[str, Floats]]) -> dict[str, Any]:
        """Return ``d_peak``, ``d_valley`` and ``d_mean`` (mean of the last two years), and the same in year 3.

        Each has the `total` effect (σ/year), `low` and `high` of its 95 % interval, and under `mechanisms` family →
        value; the values, added in any order, give the total exactly. Their 95 % intervals are in `intervals`.
        """
        found: dict[str, Any] = {"replicates": len(runs)}
        for name in OUTCOMES:
            for suffix, years in HORIZONS.items():
                found[f"d_{name}{suffix}"] = self._outcome(np.array([_worths(rows, name, years) for rows in runs]))
        return found

    def _outcome(self, worths: Floats) -> dict[str, Any]:
        totals, parts = worths[:, -1] - worths[:, 0], shapley(worths)
        total, (means, halves) = float(center(totals)), student(parts, 1.0 - LEVEL)
        half = float(student(totals, 1.0 - LEVEL)[1])
        values, total = summing([float(value) for value in means], total)
        names = [family.value for family in self.families]
        intervals = {
            name: {"low": value - float(wide), "high": value + float(wide)}
            for name, value, wide in zip(names, values, halves, strict=True)
        }
        mechanisms = dict(zip(names, values, strict=True))
        return {"total": total, "low": total - half, "high": total + half, "mechanisms": mechanisms} | {
            "intervals": intervals
        }


def _worths(rows: Mapping[str, Floats], name: str, years: slice) -> Floats:
    """Return the worth of every coalition in one replicate, less that of none: exact zeros where nothing differs."""
    count = len({path.split("/")[0] for path in rows})
    return np.array([float((rows[f"{n}/{name}"] - rows[f"0/{name}"])[years].mean()) for n in range(count)])
