"""PAWN: how far the distribution of an outcome moves when a factor is held within a part of its range.

Source: Pianosi & Wagener (2018), Environmental Modelling & Software 108. The index of a factor that does nothing is
above zero in any finite sample; what chance gives it is found from factors that are only shuffled ranks.
"""

from __future__ import annotations

import numpy as np

from experiments.design import Floats
from experiments.sampling import generator

SLIDES = 10
LEAST_IN_SLIDE = 5
DUMMIES = 200
LEVEL = 0.95


def slides_for(points: int) -> int:
    """Return into how many equal parts a factor's range is cut."""
    return max(2, min(SLIDES, points // LEAST_IN_SLIDE))


def indices(shares: Floats, outcome: Floats) -> dict[str, Floats]:
    """Return median, mean and maximum over slides of the Kolmogorov–Smirnov distance, one number a factor.

    Parameters
    ----------
    shares
        Places of points along each factor; only their ranks matter, (points, factors).
    outcome
        One number a point, (points,).
    """
    distances = _distances(shares, outcome)
    return {"median": np.median(distances, axis=0), "mean": distances.mean(axis=0), "maximum": distances.max(axis=0)}


def dummy(outcome: Floats, seed: int = 0) -> float:
    """Return the median distance that a factor which does nothing exceeds in one sample of twenty."""
    shuffled = generator(seed).random((len(outcome), DUMMIES))
    return float(np.quantile(np.median(_distances(shuffled, outcome), axis=0), LEVEL))


def _distances(shares: Floats, outcome: Floats) -> Floats:
    """Return the distance in each slide, (slides, factors)."""
    count = len(outcome)
    slides = slides_for(count)
    ranks = np.argsort(np.argsort(shares, axis=0, kind="stable"), axis=0, kind="stable")
    order = np.argsort(outcome, kind="stable")
    parts = (ranks * slides // count)[order]
    last = np.append(np.diff(outcome[order]) > 0.0, True)
    everywhere = (np.arange(count) + 1.0)[last, None] / count
    found = []
    for slide in range(slides):
        inside = parts == slide
        within = np.cumsum(inside, axis=0)[last] / inside.sum(axis=0)
        found.append(np.abs(within - everywhere).max(axis=0))
    return np.array(found)
