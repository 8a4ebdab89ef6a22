"""Synthetic paired differences with known means, for the tests of the statistics."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Shape = tuple[int, ...]

# Every law has mean 0 and variance 1; the skewness is 0, 1 and 2.
LAWS: dict[str, Callable[[np.random.Generator, Shape], Floats]] = {
    "normal": lambda chance, shape: chance.normal(size=shape),
    "gamma": lambda chance, shape: chance.gamma(4.0, size=shape) / 2 - 2,
    "exponential": lambda chance, shape: chance.exponential(size=shape) - 1,
}


def replicates(
    chance: np.random.Generator, law: str, shape: Shape, effects: ArrayLike, deviations: ArrayLike
) -> Floats:
    """Differences of shape (…, 3) with independent columns of the given means and standard deviations."""
    return np.asarray(effects) + np.asarray(deviations) * LAWS[law](chance, (*shape, 3))


def tied(chance: np.random.Generator, law: str, shape: Shape, effects: ArrayLike, deviations: ArrayLike) -> Floats:
    """Like `replicates`, with columns correlated by one half: each shares one of its two equal parts."""
    parts = LAWS[law](chance, (*shape, 3)) + LAWS[law](chance, (*shape, 1))
    return np.asarray(np.asarray(effects) + np.asarray(deviations) * parts / np.sqrt(2))
