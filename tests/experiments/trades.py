"""Problems with known Pareto sets, as jobs, so that they go the whole way that runs of the model go."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from experiments.comparison import content_hash
from experiments.design import Value
from experiments.sweep import Prepared
from model.chance import Stream, stable_id, uniform
from model.chance import key as chance_key

Items = tuple[tuple[str, Value], ...]


class Trial(NamedTuple):
    """The argument of one job: path → value, the seed and the replicate."""

    values: Items
    seed: int
    replicate: int


def answer(valley: float, cost: float, peak: float = 0.0) -> dict[str, list[float]]:
    """Return rows such as a run of the model leaves them: three years of the policy and of its control."""
    treated = {"peak": peak, "valley": valley, "mean": (peak + valley) / 2.0, "cost": cost}
    rows = {f"policy/{name}": [value] * 3 for name, value in treated.items()}
    return rows | {f"control/{name}": [0.0] * 3 for name in treated}


def zdt1(trial: Trial) -> dict[str, list[float]]:
    """Zitzler, Deb & Thiele (2000), first problem, turned: front cost = 1 − √(−valley); a bad mode is never on it."""
    values = dict(trial.values)
    first, *rest = (float(values[name]) for name in ("x0", "x1", "x2"))
    g = 1.0 + 9.0 * float(np.mean(rest)) + (values["mode"] == "bad")
    return answer(-first, g * (1.0 - np.sqrt(first / g)))


TABLE = {"a": (0.03, 50.0, 0.0), "b": (0.05, 90.0, -0.01), "c": (0.02, 60.0, 0.0), "d": (0.09, 99.0, -0.05)}
EXTRA = {
    "none": (0.0, 0.0, 0.0),
    "more": (0.01, 30.0, 0.002),
    "less": (-0.005, -10.0, 0.0),
    "waste": (0.0, 5.0, -0.001),
}


def listed(trial: Trial) -> dict[str, list[float]]:
    """Sums of a table over mode and support; what is uncertain shifts everything, and half of it the mode b again."""
    values = dict(trial.values)
    if values["mode"] == "broken":
        raise ArithmeticError("no such world")
    one, other = TABLE[str(values["mode"])], EXTRA[str(values["support"])]
    shift = 0.02 * (float(values.get("u", 0.5)) - 0.5)
    shift *= 1.5 if values["mode"] == "b" else 1.0
    return answer(one[0] + other[0] + shift, one[1] + other[1], one[2] + other[2] + shift)


def chance(trial: Trial) -> dict[str, list[float]]:
    """Nothing but the chance of each candidate, seed and replicate."""
    names = stable_id(repr(trial.values))
    return answer(uniform(chance_key(trial.seed, trial.replicate), names, 0, int(Stream.DESIGN), 0) - 0.5, 1.0)


Function = Callable[[Trial], dict[str, list[float]]]


def prepared(function: Function, seed: int) -> Callable[[Mapping[str, Value]], Prepared]:
    """Return how a point of a function becomes runs at a seed."""
    return partial(_prepare, function, seed)


def _prepare(function: Function, seed: int, values: Mapping[str, Value]) -> Prepared:
    items = tuple(sorted(values.items()))
    return Prepared(content_hash(function.__name__, items, seed), function, partial(Trial, items, seed))
