"""Outcomes by name, as single numbers of a run, and what the replicates of a point say together.

``peak`` is a measure of the policy's run, ``control_peak`` of its control's, ``d_peak`` their difference: means of the
last two years, or with ``_year3`` of that year alone. Measures are those of `model.measures.yearly_measures`, all costs
together being ``cost_per_pupil``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from experiments.certainty import LATE
from experiments.comparison import EARLY_YEAR, Floats
from experiments.comparison import OUTCOMES as EFFECTS
from experiments.design import DesignError
from experiments.sweep import ARM
from scenarios.problems import nearest

CONTROL, SAME_MONEY = "control", f"{ARM}@same_money"
MEASURES = {"cost_per_pupil": "cost"}
NAME = re.compile(r"(?P<kind>d_|control_)?(?P<measure>.+?)(?:_year(?P<year>[1-9]\d*))?")

OUTCOMES = (
    "d_peak", "d_valley", "d_mean", "d_middle", "d_ungrouped",
    *(f"d_{name}_year{EARLY_YEAR}" for name in EFFECTS),
    "peak", "valley", "mean", "control_peak", "control_valley", "control_mean",
    "cost_per_pupil", "d_cost_per_pupil", "choice_pressure", "d_choice_pressure", "satisfaction", "d_satisfaction",
    "peak_away", "mean_skill", "d_mean_skill", "gap_90_10", "d_gap_90_10", "diversity", "d_diversity", "backbone_cv",
    "d_backbone_cv",
)  # fmt: skip
"""What a sweep's table has unless told otherwise."""

SOMETIMES = ("peak", "valley", "middle", "mean", "ungrouped", "leads", "cv_")
"""How measures begin that a world without such schools does not have."""

Rows = Mapping[str, Floats]


def outcome(rows: Rows, name: str) -> float | None:
    """Return an outcome of one run; None where there are no schools that it speaks of.

    Raises
    ------
    DesignError
        If no run has such a measure, or not so many years.
    """
    parts = NAME.fullmatch(name)
    assert parts is not None  # any name has the form of a measure's
    measure = MEASURES.get(parts["measure"], parts["measure"])
    against = SAME_MONEY if f"{SAME_MONEY}/{measure}" in rows else CONTROL
    if f"{ARM}/{measure}" not in rows:
        if measure.startswith(SOMETIMES):
            return None
        known = [path.removeprefix(f"{ARM}/") for path in rows if path.startswith(f"{ARM}/")]
        raise DesignError("unknown_outcome", name, f"no run measures it; nearest: {nearest(measure, known)}")
    if parts["kind"] == "control_":
        series = rows[f"{against}/{measure}"]
    elif parts["kind"] == "d_":
        series = rows[f"{ARM}/{measure}"] - rows[f"{against}/{measure}"]
    else:
        series = rows[f"{ARM}/{measure}"]
    if parts["year"] is None:
        return float(series[LATE].mean())
    year = int(parts["year"])
    if year > len(series):
        raise DesignError("no_such_year", name, f"runs have {len(series)} years")
    return float(series[year - 1])


def outcomes(rows: Rows, names: tuple[str, ...] = OUTCOMES) -> dict[str, float | None]:
    """Return outcomes of one run by name."""
    return {name: outcome(rows, name) for name in names}
