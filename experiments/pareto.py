"""Which of several candidates no other beats: objectives, how they are judged over draws, the front and its interval.

Inside, every objective is turned so that more is better: a cost counts negative. With a quantile q a candidate is
judged by the value that a share 1 − q of the draws reaches or betters, each outcome by itself; so a peak kept at
q = 0.1 is one kept in nine of ten draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.comparison import LEVEL, Floats
from experiments.statistics import Interval, paired_interval

SENSES = {
    "d_valley": 1, "d_peak": 1, "d_mean": 1, "d_satisfaction": 1, "d_gap_90_10": -1, "d_choice_pressure": -1,
    "cost_per_pupil": -1, "d_cost_per_pupil": -1,
}  # fmt: skip
"""Outcomes that can be objectives: 1 where more is better, −1 where less is."""
PEAK = "d_peak"


class Judge(NamedTuple):
    """How candidates are judged.

    Parameters
    ----------
    objectives
        Names in `SENSES`.
    floor
        Least ΔPeak that still counts as kept, σ a year; None where the peak is no condition.
    quantile
        Share of the draws, the worst, that is left aside; None for the mean over draws.
    """

    objectives: tuple[str, ...]
    floor: float | None
    quantile: float | None

    def value(self, name: str, draws: Floats) -> float:
        """Return what an outcome is judged by, from its values by draw, (n,)."""
        if self.quantile is None:
            return float(draws.mean())
        return SENSES[name] * float(np.quantile(SENSES[name] * draws, self.quantile, method="inverted_cdf"))

    def interval(self, name: str, draws: Floats) -> Interval:
        """Return the same with its 95 % interval: of order statistics for a quantile, Student's t for the mean.

        An end is None where so few draws bound nothing on that side.
        """
        if self.quantile is None:
            return paired_interval(draws, LEVEL)
        rising = np.sort(SENSES[name] * draws)
        below, above = stats.binom.ppf([(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], len(draws), self.quantile)
        low = float(rising[int(below) - 1]) if below >= 1 else None
        high = float(rising[int(above)]) if above < len(draws) else None
        turned = (low, high) if SENSES[name] > 0 else (_minus(high), _minus(low))
        return Interval(self.value(name, draws), *turned)

    def gains(self, values: Sequence[dict[str, float]]) -> Floats:
        """Return the objectives of candidates, more being better, (candidates, objectives)."""
        return np.array([[SENSES[name] * one[name] for name in self.objectives] for one in values], dtype=np.float64)

    def lacking(self, values: Sequence[dict[str, float]]) -> Floats:
        """Return how far each candidate's peak falls below the floor, σ; 0 where it is kept."""
        if self.floor is None:
            return np.zeros(len(values))
        return np.array([max(0.0, self.floor - one[PEAK]) for one in values])


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def dominated(gains: Floats) -> NDArray[np.bool_]:
    """Return of each row whether another is nowhere less and somewhere more, (n,)."""
    return np.array([bool(((gains >= row).all(axis=1) & (gains > row).any(axis=1)).any()) for row in gains], dtype=bool)


def front(gains: Floats, lacking: Floats) -> list[int]:
    """Return the rows that no other beats, of those that lack nothing.

    Where every one lacks something, lacking less is an objective too.
    """
    if (lacking > 0.0).all():
        return np.flatnonzero(~dominated(np.column_stack([gains, -lacking]))).tolist()
    kept = np.flatnonzero(lacking == 0.0)
    return [int(row) for row in kept[~dominated(gains[kept])]]


def spread(gains: Floats, most: int) -> list[int]:
    """Return up to so many rows that lie far apart: the best in each objective, then ever the one farthest off."""
    if len(gains) <= most:
        return list(range(len(gains)))
    width = np.ptp(gains, axis=0)
    places = (gains - gains.min(axis=0)) / np.where(width > 0.0, width, 1.0)
    chosen = list(dict.fromkeys(np.argmax(places, axis=0).tolist()))[:most]
    while len(chosen) < most:
        away = np.square(places[:, None] - places[chosen][None]).sum(axis=2).min(axis=1)
        chosen.append(int(np.argmax(away)))
    return sorted(chosen)
