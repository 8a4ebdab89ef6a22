"""Outcomes by name, as single numbers of a run, and what the replicates of a point say together.

``peak`` is a measure of the policy's run, ``control_peak`` of its control's, ``d_peak`` their difference: means of the
last two years, or with ``_year3`` of that year alone. Measures are those of `model.measures.yearly_measures` and
`experiments.composition.by_kind`, all costs together being ``cost_per_pupil``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from experiments.certainty import LATE
from experiments.comparison import D_EFFECTS, EARLY_YEAR, Floats
from experiments.comparison import OUTCOMES as EFFECTS
from experiments.composition import BY_KIND
from experiments.design import DesignError
from experiments.sweep import ARM
from model.measures import MEASURES
from scenarios.problems import nearest

CONTROL, SAME_MONEY = "control", f"{ARM}@same_money"
ALIASES = {"cost_per_pupil": "cost"}
NAME = re.compile(r"(?P<kind>d_|control_)?(?P<measure>.+?)(?:_year(?P<year>[1-9]\d*))?")

OUTCOMES = (
    *D_EFFECTS, "d_middle", "d_ungrouped",
    *(f"{name}_year{EARLY_YEAR}" for name in D_EFFECTS),
    *EFFECTS, *(f"control_{name}" for name in EFFECTS),
    "cost_per_pupil", "d_cost_per_pupil", "choice_pressure", "d_choice_pressure", "satisfaction", "d_satisfaction",
    "peak_away", "mean_skill", "d_mean_skill", "gap_90_10", "d_gap_90_10", "diversity", "d_diversity", "backbone_cv",
    "d_backbone_cv",
)  # fmt: skip
"""What a sweep's table has unless told otherwise."""

MEASURED = frozenset(measure.name for measure in (*MEASURES, *BY_KIND))
"""Every measure of a run; a world without such schools does not have all of them."""

Rows = Mapping[str, Floats]


def check(names: Iterable[str], years: int) -> None:
    """Refuse outcomes that no run of so many years has.

    Raises
    ------
    DesignError
        With the nearest names.
    """
    for name in names:
        _, measure, year = _parts(name)
        if measure not in MEASURED:
            raise _unknown(name, measure, MEASURED)
        if year is not None and year > years:
            raise DesignError("no_such_year", name, f"runs have {years} years", years=years)


def outcome(rows: Rows, name: str) -> float | None:
    """Return an outcome of one run; None where there are no schools that it speaks of.

    Raises
    ------
    DesignError
        If no run has such a measure, or not so many years.
    """
    kind, measure, year = _parts(name)
    treated = rows.get(f"{ARM}/{measure}")
    if treated is None:
        if measure in MEASURED:
            return None
        raise _unknown(name, measure, [path.removeprefix(f"{ARM}/") for path in rows])
    against = rows.get(f"{SAME_MONEY}/{measure}", rows[f"{CONTROL}/{measure}"])
    series = {"": treated, "control_": against}.get(kind, treated - against)
    if year is None:
        return float(series[LATE].mean())
    if year > len(series):
        raise DesignError("no_such_year", name, f"runs have {len(series)} years", years=len(series))
    return float(series[year - 1])


def _parts(name: str) -> tuple[str, str, int | None]:
    """Return the kind, the measure and the year of an outcome's name."""
    parts = NAME.fullmatch(name)
    if parts is None:
        raise _unknown(name, name, MEASURED)
    year = None if parts["year"] is None else int(parts["year"])
    return parts["kind"] or "", ALIASES.get(parts["measure"], parts["measure"]), year


def _unknown(name: str, measure: str, known: Iterable[str]) -> DesignError:
    like = nearest(measure, sorted(known))
    return DesignError("unknown_outcome", name, f"no run measures it; nearest: {like}", nearest=like)


def outcomes(rows: Rows, names: tuple[str, ...] = OUTCOMES) -> dict[str, float | None]:
    """Return outcomes of one run by name."""
    return {name: outcome(rows, name) for name in names}
