"""How much of the variance of an outcome over a design is chance: replicates at the same point tell.

One-way variance components: between points, and between replicates within a point. Where all points meet the same
chance events, part of the latter is the same everywhere and cancels in differences between points, on which indices
rest: then components are two-way, and the noise is what seeds do differently at different points.
Source: Searle, Casella & McCulloch (1992), Variance Components.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

import numpy as np

from experiments.design import Floats

Statistic = Callable[[Floats], float]
TINY = 1e-12


class Noise(NamedTuple):
    """Shares of variance due to seeds.

    Parameters
    ----------
    share
        Of the variance over points of means over replicates: what disturbs a comparison between points.
    single
        The same of single runs.
    one_way
        As `share`, with what all points have in common counted too: how far the level of the outcome is chance.
    """

    share: float
    single: float
    one_way: float


def noise(values: Floats, *, common: bool) -> Noise | None:
    """Return the shares of variance due to seeds; None below two points or replicates.

    Parameters
    ----------
    values
        By point and replicate, (n, r).
    common
        Whether a replicate meets the same chance events at every point.
    """
    if min(values.shape) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    between, within = _between(values), _within(values, common)
    of_points = max(between - within, 0.0) / values.shape[1]
    single = within / (of_points + within) if within > 0.0 else 0.0
    return Noise(_share(within, between), single, _share(_within(values, common=False), between))


def _share(within: float, between: float) -> float:
    return min(1.0, within / between) if between > 0.0 else float(within > 0.0)


def _between(values: Floats) -> float:
    """Return the mean square between points."""
    return float(values.shape[1] * values.mean(axis=1).var(ddof=1))


def _within(values: Floats, common: bool) -> float:
    """Return the mean square between replicates of a point; of common ones, what is not the same at every point."""
    points, replicates = values.shape
    rest = values - values.mean(axis=1, keepdims=True)
    if common:
        rest = rest - rest.mean(axis=0)
        points -= 1
    return float((rest**2).sum() / (points * (replicates - 1)))


def replicates_for(values: Floats, target: float, *, common: bool) -> float:
    """Return the fewest replicates whose means have at most the `target` share of variance due to seeds.

    Infinite where points do not differ by more than chance; 1 where there is no chance.

    Parameters
    ----------
    values
        Of a pilot by point and replicate, (n, r), two or more of each.
    target
        In (0, 1).
    common
        As for `noise`.
    """
    within = _within(values, common)
    if within <= TINY * _between(values):
        return 1.0
    of_points = (_between(values) - within) / values.shape[1]
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
