"""What a sensitivity analysis explains: outcomes of runs, and what the runs of a point say together.

A run's outcome is any of `experiments.outcomes`. Of a point: ``peak_cost_ratio``, −ΔPeak / ΔValley of mean effects, the
peak given up per unit of valley filled, which is not defined where no valley is filled; ``peak_cost_angle``, the same
as an angle, which always is: 0° only the valley gains, 45° the peak gives up as much as the valley gains, 90° the peak
falls for nothing; ``probability_REGION`` that the expected effects lie in a region of the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from experiments.comparison import D_EFFECTS
from experiments.design import DesignError, Floats
from experiments.noise import Statistic, pseudo_values
from experiments.points import Row, probabilities
from experiments.verdict import REGIONS
from scenarios.problems import nearest

RATIO, ANGLE, PROBABILITY = "peak_cost_ratio", "peak_cost_angle", "probability_"
OF_POINTS = (RATIO, ANGLE, *(f"{PROBABILITY}{region.value}" for region in REGIONS))
USUAL = (*D_EFFECTS, "probability_peak_shaving")
MOST_NAMED = 10
FEWEST = 3
"""Replicates that a probability and its noise need."""


def needed(names: Sequence[str]) -> tuple[str, ...]:
    """Return the outcomes of runs that responses are made of, the effects that a verdict needs among them.

    Raises
    ------
    DesignError
        If a region is unknown.
    """
    wrong = [name for name in names if name.startswith(PROBABILITY) and name not in OF_POINTS]
    if wrong:
        close = nearest(wrong[0], OF_POINTS)
        raise DesignError("unknown_outcome", wrong[0], f"no run measures it; nearest: {close}", nearest=close)
    return tuple(dict.fromkeys([*D_EFFECTS, *(name for name in names if name not in OF_POINTS)]))


def response(points: Sequence[Sequence[Row]], name: str, delta: float) -> Floats:
    """Return one value for each point and replicate, whose mean over replicates is the point's response.

    Parameters
    ----------
    points
        Runs of each point (`experiments.points.run_rows`).
    name
        An outcome of runs, or of points; of these the values are pseudo-values.
    delta
        Margin of the verdict, σ a year.

    Raises
    ------
    DesignError
        If a run is missing or failed, or a point has no finite number there; the points are named.
    """
    statistic = _statistic(name, delta)
    _refuse_few(name, len(points[0]))
    parts = D_EFFECTS if statistic else (name,)
    _refuse_holes(points, parts)
    runs = np.array([[[run[part] for part in parts] for run in found] for found in points], dtype=np.float64)
    values = runs[:, :, 0] if statistic is None else np.array([_of_point(found, statistic) for found in runs])
    undefined = _some(np.flatnonzero(~np.isfinite(values).all(axis=1)).tolist())
    if undefined:
        remedy = f"not defined at point {undefined}, where no valley is filled; ask for {ANGLE} instead"
        raise DesignError("undefined_outcome", name, remedy, points=undefined, other=ANGLE)
    return values


def _of_point(runs: Floats, statistic: Statistic) -> Floats:
    with np.errstate(invalid="ignore"):
        return pseudo_values(runs, statistic)


def _refuse_few(name: str, replicates: int) -> None:
    """Refuse a probability whose chance cannot be told: without one of its runs there must be two left."""
    if name.startswith(PROBABILITY) and replicates < FEWEST:
        remedy = f"give at least {FEWEST} replicates; the probability of a verdict and its noise need so many"
        raise DesignError("too_few_replicates", name, remedy, least=FEWEST)


def _refuse_holes(points: Sequence[Sequence[Row]], parts: Sequence[str]) -> None:
    done = [run for found in points for run in found if run["status"] == "done"]
    absent = [part for part in parts if done and all(run[part] is None for run in done)]
    if absent:
        raise DesignError("not_measured", absent[0], "there are no schools here that it speaks of")
    holes = [
        found[0]["point"]
        for found in points
        if any(run["status"] != "done" or any(run[part] is None for part in parts) for run in found)
    ]
    if holes:
        named = _some(holes)
        remedy = f"no number at point {named}; finish or mend these runs first"
        raise DesignError("missing_outcome", parts[0], remedy, points=named)


def _some(points: Sequence[int]) -> str:
    more = f" and {len(points) - MOST_NAMED} more" if len(points) > MOST_NAMED else ""
    return ", ".join(map(str, points[:MOST_NAMED])) + more


def _statistic(name: str, delta: float) -> Statistic | None:
    """Return the statistic of a point's effects (peak, valley, mean), (r, 3); None where each run has its own."""
    if name.startswith(PROBABILITY):
        index = [region.value for region in REGIONS].index(name.removeprefix(PROBABILITY))
        return partial(_probability, index=index, delta=delta)
    return {RATIO: _ratio, ANGLE: _angle}.get(name)


def _probability(effects: Floats, index: int, delta: float) -> float:
    return float(probabilities(effects, delta)[index])


def _ratio(effects: Floats) -> float:
    peak, valley = effects[:, :2].mean(axis=0).tolist()
    return -peak / valley if valley > 0.0 else np.nan


def _angle(effects: Floats) -> float:
    peak, valley = effects[:, :2].mean(axis=0).tolist()
    return float(np.degrees(np.arctan2(-peak, valley)))
