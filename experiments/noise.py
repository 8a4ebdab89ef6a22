"""How much of the variance of an outcome over a design is chance: replicates at the same point tell.

One-way variance components: between points, and between replicates within a point. Where all points meet the same
chance events, part of the latter is the same everywhere and cancels in differences between points; what is left of it
is told beside.
Source: Searle, Casella & McCulloch (1992), Variance Components.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import numpy as np

from experiments.design import Floats

Statistic = Callable[[Floats], float]


class Noise(NamedTuple):
    """Shares of variance due to seeds.

    Parameters
    ----------
    share
        Of the variance over points of means over replicates.
    single
        Of the variance of single runs.
    uncommon
        As `share`, without what is the same at every point; it alone disturbs a comparison between points.
    """

    share: float
    single: float
    uncommon: float


def noise(values: Floats) -> Noise | None:
    """Return the shares of variance due to seeds, of values by point and replicate, (n, r); None below two of each.

    Without any variance all shares are 0.
    """
    points, replicates = values.shape
    if min(points, replicates) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    within, between = float(values.var(axis=1, ddof=1).mean()), float(replicates * values.mean(axis=1).var(ddof=1))
    if between == 0.0:
        return Noise(*(float(within > 0.0),) * 3)
    of_points = max(between - within, 0.0) / replicates
    rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    left = float((rest**2).sum() / ((points - 1) * (replicates - 1)))
    single = within / (of_points + within) if within > 0.0 else 0.0
    return Noise(min(1.0, within / between), single, min(1.0, left / between))


def replicates_for(values: Floats, target: float) -> float:
    """Return the fewest replicates whose means have at most the `target` share of variance due to seeds.

    Infinite where points do not differ by more than chance; 1 where there is no chance.

    Parameters
    ----------
    values
        Of a pilot by point and replicate, (n, r), two or more of each.
    target
        In (0, 1).
    """
    replicates = values.shape[1]
    within, between = float(values.var(axis=1, ddof=1).mean()), float(values.mean(axis=1).var(ddof=1))
    if within == 0.0:
        return 1.0
    of_points = between - within / replicates
    return float(ceil(within * (1.0 - target) / (target * of_points))) if of_points > 0.0 else np.inf


def pseudo_values(runs: Floats, statistic: Statistic) -> Floats:
    """Return the jackknife's pseudo-values of a statistic of a point's runs, shifted to have its value as mean.

    They stand for runs of their own, so that the chance in a ratio or a probability is told like that in a mean.
    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap.

    Parameters
    ----------
    runs
        One row a run, (r, …).
    statistic
        Of runs.
    """
    count, whole = len(runs), statistic(runs)
    if count == 1:
        return np.array([whole])
    without = np.array([statistic(np.delete(runs, n, axis=0)) for n in range(count)])
    return np.asarray(whole + (count - 1) * (without.mean() - without), dtype=np.float64)
