"""Everything a comparison found, as one document: each estimand with its interval, for each policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.comparison import (
    D_EFFECTS,
    EARLY_YEAR,
    LATE_YEARS,
    LEVEL,
    Arm,
    Comparison,
    Floats,
    Study,
    content_hash,
)
from experiments.manifest import inputs_sha256
from experiments.statistics import Interval, dip, look_levels, peak_cost_ratio, student
from experiments.verdict import Box, Decision, Plan, Verdict, confidence_box, regions_touched
from model.attributes import compile_policy
from model.balance import INDICATORS, UNITS
from model.columns import COST_LINES, LEVELS
from model.parameters import Parameter, Parameters, declared, get
from scenarios.known import Known

SETS = ("peak", "valley", "middle", "mean")
BESIDE = ("middle", "ungrouped", "leads", "top_tenth", "lead_worst_team")
# The standard for a county: variation between schools at most this (standard2017).
LIMITS = {"primary": 0.50, "junior": 0.45}
# Values at the start that an indicator is counted from; what comes after is simulated.
RESTS_ON = {
    "backbone": ("honour", "pupils"),
    "qualified": ("qualified", "posts", "pupils"),
    "staff_home": ("posts", "pupils"),
    "staff_post": ("posts", "pupils"),
}
OUTCOMES = (
    "coverage", "gap_90_10", "gap_urban_rural", "gini", "theil", "quality_cv", "diversity", "choice_pressure",
    "satisfaction", "morale", "unqualified", "newcomers", "away_per_school", "leavers_per_school",
    "mid_titles_per_school", "senior_titles_per_school",
)  # fmt: skip
HUNDREDTH = 0.01
NO_RATIO = Interval(None, None, None)
"""What is told for each unit of a gain that may be none."""


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: None if value is None else float(value) for name, value in interval._asdict().items()}


def _student_interval(values: Floats) -> dict[str, float | None]:
    mean, half = student(values, 1.0 - LEVEL)
    return {"mean": float(mean), "low": float(mean - half), "high": float(mean + half)}


def _box(box: Box, names: Sequence[str]) -> dict[str, Any]:
    return {name: _interval(interval) for name, interval in zip(names, box.intervals(), strict=True)}


def _trajectory(comparison: Comparison, arm: Arm) -> dict[str, Any]:
    out = {}
    for name in filter(comparison.has, SETS):
        mean, half = student(comparison.differences(arm, name), 1.0 - LEVEL)
        out[name] = {"mean": mean.tolist(), "low": (mean - half).tolist(), "high": (mean + half).tolist()}
    return out


def _correlations(comparison: Comparison, arm: Arm) -> list[float | None]:
    """Return the correlation of treated and control mean quality of the valley, by year."""
    rows = comparison.replicates(arm)
    treated = np.array([r[f"{arm.name}/valley"] for r in rows])
    control = np.array([r[f"{comparison.against(arm)}/valley"] for r in rows])
    flat = (treated.std(axis=0) == 0.0) | (control.std(axis=0) == 0.0)
    pairs = zip(treated.T, control.T, flat, strict=True)
    return [None if constant else float(np.corrcoef(a, b)[0, 1]) for a, b, constant in pairs]


def _early_box(effects: Floats, study: Study, plan: Plan) -> tuple[Box, tuple[Verdict, ...]]:
    """Return the box of year 3 at the error of the last look taken, and the regions it touches."""
    error = float(look_levels(plan.alpha, plan.looks)[-1]) / len(study.arms)
    box = confidence_box(effects, 1.0 - error)
    return box, regions_touched(box, study.delta)


def _late_mean(comparison: Comparison, arm: Arm, measure: str, name: str | None = None) -> float:
    """Return the mean of the last two years under a policy, or in its pairs under the control of that name."""
    rows = comparison.replicates(arm)
    return float(np.array([r[f"{name or arm.name}/{measure}"][-LATE_YEARS:].mean() for r in rows]).mean())


def _beside(comparison: Comparison, arm: Arm, name: str) -> dict[str, float | None] | None:
    """Return the interval of a difference that no verdict rests on; None where there are no such schools."""
    if not comparison.has(name):
        return None
    return _student_interval(comparison.differences(arm, name)[:, -LATE_YEARS:].mean(axis=1))


def _outcome(comparison: Comparison, arm: Arm, name: str) -> dict[str, float | None]:
    """Return a measure before and after, and its difference from the control with its interval."""
    difference = _student_interval(comparison.differences(arm, name)[:, -LATE_YEARS:].mean(axis=1))
    return {**_before_after(comparison, arm, name), **{f"d_{part}": value for part, value in difference.items()}}


def _official(comparison: Comparison, arm: Arm) -> list[dict[str, Any]]:
    """Return the official balance indicators, over all schools: one entry for each indicator, unit and level."""
    found = []
    for level in (name for name in LEVELS if comparison.has(f"cv_backbone_campus_{name}")):
        for indicator in INDICATORS:
            for unit in UNITS:
                values = _before_after(comparison, arm, f"cv_{indicator}_{unit}_{level}")
                control = _late_mean(comparison, arm, f"cv_{indicator}_{unit}_{level}", "control")
                names = {"indicator": indicator, "unit": unit, "level": level, "limit": LIMITS.get(level)}
                found.append(names | values | {"control": control})
    return found


def is_clear(gain: Interval) -> bool:
    """Whether an effect is clearly above nothing: only then can anything be told for each unit of it."""
    return gain.low is not None and gain.low > 0.0


def _official_basis(study: Study) -> list[dict[str, Any]]:
    """Return by level and indicator over how many schools it is, what it rests on, and how much of that is known."""
    known = {(one.level, one.value): one for one in study.known}
    return [
        {"level": level, "indicator": indicator, "schools": known[level, "pupils"].of}
        | {"rests_on": [_known(known[level, value]) for value in RESTS_ON[indicator]]}
        for level in LEVELS
        if (level, "pupils") in known
        for indicator in INDICATORS
    ]


def _known(one: Known) -> dict[str, Any]:
    return {"value": one.value, "known": one.known, "of": one.of}


def _costs(comparison: Comparison, arm: Arm, gains: Mapping[str, Interval]) -> dict[str, Any]:
    """Return yuan a pupil and year by account line and by payer, beyond the control, and per 0.01 σ gained.

    Payers are the schools where the money is spent, leads apart. Per 0.01 σ is money beyond what the control costs, for
    each pupil of the grouped schools; None where nothing is clearly gained (`gains` of the valley and of the mean).
    """
    lines = {line: _late_mean(comparison, arm, f"cost_{line}") for line in COST_LINES}
    control = {line: _late_mean(comparison, arm, f"cost_{line}", "control") for line in COST_LINES}
    total = _late_mean(comparison, arm, "cost")
    beyond = total - _late_mean(comparison, arm, "cost", "control")
    leads = _late_mean(comparison, arm, "cost_leads") if comparison.schools else None
    payers = {} if leads is None else {"leads": leads, "others": total - leads}
    each = {
        f"per_hundredth_sigma_{name}": beyond / (gain.mean / HUNDREDTH) if gain.mean and is_clear(gain) else None
        for name, gain in gains.items()
    }
    return {"by_line": lines, "by_line_control": control, "by_payer": payers, "beyond_control": beyond, **each}


def _verdicts(horizon: str, regions: Sequence[Verdict]) -> dict[str, Any]:
    """Return the verdict at the declared numbers, told as such; the verdict itself is the same until draws decide."""
    point = (regions[0] if len(regions) == 1 else Verdict.UNDECIDED).value
    return {
        f"verdict{horizon}": point,
        f"point_verdict{horizon}": point,
        f"point_regions{horizon}": [region.value for region in regions],
    }


def policy_document(comparison: Comparison, arm: Arm, decision: Decision) -> dict[str, Any]:
    """Return one entry of `policies` in comparison.json."""
    study = comparison.study
    late = comparison.effects(arm, slice(-LATE_YEARS, None))
    used = late[: decision.replicates]
    early_box, early = _early_box(comparison.effects(arm, slice(EARLY_YEAR - 1, EARLY_YEAR)), study, comparison.plan)
    _, valley, mean = decision.box.intervals()
    fall = dip(comparison.differences(arm, "peak").mean(axis=0))
    return (
        {"mode": arm.mode, "rotation": arm.rotation, "support": arm.support, "title": arm.title}
        | {"ends": list(arm.ends)}
        | _verdicts("", decision.regions)
        | {"replicates": decision.replicates}
        | _box(decision.box, D_EFFECTS)
        | {f"d_{name}": _beside(comparison, arm, name) for name in BESIDE}
        | _box(early_box, tuple(f"{name}_year{EARLY_YEAR}" for name in D_EFFECTS))
        | _verdicts("_year3", early)
        | {"peak_cost_ratio": _interval(peak_cost_ratio(used, LEVEL) if is_clear(valley) else NO_RATIO)}
        | {"dip_depth": float(fall.depth), "recovery_year": fall.recovery_year}
        | {"left_of_gain": _left_of_gain(comparison, arm)}
        | {"cost_per_pupil": _late_mean(comparison, arm, "cost")}
        | {"costs": _costs(comparison, arm, {"valley": valley, "mean": mean})}
        | {name: _before_after(comparison, arm, name) for name in ("backbone_cv", "backbone_cv_legal_person")}
        | {"official": _official(comparison, arm)}
        | {"outcomes": {name: _outcome(comparison, arm, name) for name in OUTCOMES}}
        | {"trajectory": _trajectory(comparison, arm)}
        | {"replicate_effects": late.tolist(), "correlation": _correlations(comparison, arm)}
        | {"certainty": None, "attribution": None}
    )


def _left_of_gain(comparison: Comparison, arm: Arm) -> float | None:
    """Return what is left in the last year of the valley's gain at the end of a policy that ends.

    None of a policy that does not end, or at whose end nothing is clearly gained.
    """
    end = arm.ends_in_year
    if end is None or not 1 <= end < comparison.study.years:
        return None
    mean, half = student(comparison.differences(arm, "valley"), 1.0 - LEVEL)
    return float(mean[-1] / mean[end - 1]) if mean[end - 1] > half[end - 1] else None


def _before_after(comparison: Comparison, arm: Arm, measure: str) -> dict[str, float]:
    before = np.array([r[f"baseline/{measure}"].mean() for r in comparison.replicates(arm)])
    return {"before": float(before.mean()), "after": _late_mean(comparison, arm, measure)}


def _control_document(comparison: Comparison) -> dict[str, Any]:
    levels = {
        name: np.array([r[f"control/{name}"] for r in comparison.rows]).mean(axis=0).tolist()
        for name in filter(comparison.has, SETS)
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
        "format": 2,
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
        "official_basis": _official_basis(study),
        "grounds": list(study.grounds),
        "changed": list(study.changed),
        "results_dir": results_dir,
    }


def _parameter(parameters: Parameters, name: str, said: Parameter) -> dict[str, Any]:
    ends = {"low": said.low, "high": said.high}
    return {"value": get(parameters, name), **ends, "unit": said.unit, "kind": said.kind, "source": said.source}


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
        "same_money": study.same_money,
    } | study.inputs
