"""Weighted moments and quantiles over chosen rows, added in row order so that bytes are the same everywhere."""

import numpy as np

from model.columns import Flags, Floats
from model.compilation import compiled


@compiled
def weighted_mean(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the weighted mean over the chosen rows, added in order; 0 when nothing is chosen."""
    total, weight = 0.0, 0.0
    for j in range(len(values)):
        if chosen[j]:
            total += weights[j] * values[j]
            weight += weights[j]
    return total / weight if weight > 0.0 else 0.0


@compiled
def weighted_sd(values: Floats, weights: Floats, chosen: Flags) -> float:
    """Return the weighted standard deviation over the chosen rows."""
    mean = weighted_mean(values, weights, chosen)
    squares = (values - mean) * (values - mean)
    return np.sqrt(weighted_mean(squares, weights, chosen))


@compiled
def weighted_quantile(values: Floats, weights: Floats, chosen: Flags, share: float) -> float:
    """Return the value below which `share` of the weight of the chosen rows lies."""
    order = np.argsort(values, kind="mergesort")
    total, sofar, last = 0.0, 0.0, 0.0
    for j in range(len(values)):
        total += weights[j] if chosen[j] else 0.0
    for j in order:
        if chosen[j]:
            sofar += weights[j]
            last = values[j]
            if sofar >= share * total:
                return last
    return last
