"""Functions with known sensitivity indices, as jobs, so that they go the whole way that runs of the model go."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.comparison import content_hash
from experiments.design import Value
from experiments.sweep import Prepared
from model.chance import Stream, stable_id, uniform
from model.chance import key as chance_key

COEFFICIENTS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)


class Call(NamedTuple):
    """The argument of one job: coordinates in [0, 1], and the replicate."""

    x: tuple[float, ...]
    replicate: int


def ishigami(call: Call) -> dict[str, list[float]]:
    """Ishigami & Homma (1990), a = 7, b = 0.1, on [−π, π]³."""
    x = np.pi * (2.0 * np.array(call.x) - 1.0)
    y = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    return answer(y)


def slow_ishigami(call: Call) -> dict[str, list[float]]:
    time.sleep(0.02)
    return ishigami(call)


def g_function(call: Call) -> dict[str, list[float]]:
    """Sobol's G-function with eight factors."""
    a = np.array(COEFFICIENTS)
    return answer(np.prod((np.abs(4.0 * np.array(call.x) - 2.0) + a) / (1.0 + a)))


def noisy(call: Call) -> dict[str, list[float]]:
    """Three times the first coordinate, nothing of the others, and the chance of a replicate."""
    noise = uniform(chance_key(0, call.replicate), stable_id("noise"), 0, int(Stream.DESIGN), 0)
    return answer(3.0 * call.x[0] + 4.0 * noise)


def negative_refused(call: Call) -> dict[str, list[float]]:
    if call.x[0] < 0.25:
        raise ArithmeticError(f"no such world at {call.x[0]:g}")
    return answer(call.x[0])


def deadly_once(call: Call) -> dict[str, list[float]]:
    """Kill the worker at the first call with a coordinate near the middle."""
    marker = Path(os.environ["YANGFENG_TEST_MARKER"])
    if 0.4 < call.x[0] < 0.6 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ishigami(call)


def answer(y: float) -> dict[str, list[float]]:
    """Return rows such as a run of the model leaves them: three years of the policy and of its control."""
    return {f"policy/{name}": [y] * 3 for name in ("peak", "valley", "mean")} | {
        f"control/{name}": [0.0] * 3 for name in ("peak", "valley", "mean")
    }


Function = Callable[[Call], dict[str, list[float]]]


def prepared(function: Function) -> Callable[[Mapping[str, Value]], Prepared]:
    """Return how to make a point of a function ready."""
    return partial(_prepare, function)


def _prepare(function: Function, values: Mapping[str, Value]) -> Prepared:
    x = tuple(float(value) for value in values.values())
    return Prepared(content_hash(function.__name__, x), function, partial(Call, x))


def ishigami_indices() -> tuple[list[float], list[float]]:
    """Return first-order and total indices, worked out by hand."""
    a, b = 7.0, 0.1
    first = 0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2
    second, both = a**2 / 8.0, b**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = first + second + both
    return [first / whole, second / whole, 0.0], [(first + both) / whole, second / whole, both / whole]


def g_indices(a: Sequence[float] = COEFFICIENTS) -> tuple[list[float], list[float]]:
    """Return first-order and total indices, worked out by hand."""
    parts = [1.0 / (3.0 * (1.0 + one) ** 2) for one in a]
    whole = float(np.prod([1.0 + part for part in parts])) - 1.0
    totals = [
        part * float(np.prod([1.0 + other for k, other in enumerate(parts) if k != n])) for n, part in enumerate(parts)
    ]
    return [part / whole for part in parts], [total / whole for total in totals]
