"""Ways to choose the points of a design; every one is a function of its arguments, the seed among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.certainty import latin_hypercube
from experiments.design import Design, DesignError, Factor, from_shares, problem
from model.chance import key as chance_key

STEPS = 5
MOST_POINTS = 1_000_000
MORRIS_LEVELS = 4
FAST_HARMONICS = 4
MATRIX_KINDS = {".csv": pd.read_csv, ".parquet": pd.read_parquet}


def factorial(factors: Sequence[Factor], steps: Sequence[int] | int = STEPS) -> Design:
    """Return every combination: of listed values, and of `steps` equal steps through each range."""
    counts = [steps] * len(factors) if isinstance(steps, int) else list(steps)
    levels = [factor.steps(count) for factor, count in zip(factors, counts, strict=True)]
    _refuse_many(prod(len(level) for level in levels))
    return Design("factorial", tuple(factors), np.array(list(product(*levels)), dtype=np.float64))


def one_at_a_time(factors: Sequence[Factor], steps: Sequence[int] | int = STEPS) -> Design:
    """Return the defaults, and then every factor through its range or list with the others at their defaults.

    Raises
    ------
    DesignError
        If a factor has no default.
    """
    counts = [steps] * len(factors) if isinstance(steps, int) else list(steps)
    usual = np.array([_default(factor) for factor in factors])
    rows = [usual]
    for k, (factor, count) in enumerate(zip(factors, counts, strict=True)):
        for code in factor.steps(count):
            if code != usual[k]:
                rows.append(np.where(np.arange(len(factors)) == k, code, usual))
    return Design("oat", tuple(factors), np.array(rows))


def _default(factor: Factor) -> float:
    if factor.default is None:
        raise DesignError("no_default", factor.name, "one at a time needs a value for when it is not varied")
    if factor.values:
        return factor.encoded(factor.default)
    return float(factor.default)


def lhs(factors: Sequence[Factor], samples: int, seed: int = 0) -> Design:
    """Return a Latin hypercube: every factor once in each of `samples` equal slices."""
    _refuse_many(samples)
    draws = latin_hypercube({factor.name: (0.0, 0.5, 1.0) for factor in factors}, samples, seed)
    shares = np.array([[draw[factor.name] for factor in factors] for draw in draws])
    return from_shares("lhs", factors, shares, seed, {"samples": samples})


def sobol(factors: Sequence[Factor], samples: int, seed: int = 0, second_order: bool = False) -> Design:
    """Return Saltelli's extension of a scrambled Sobol sequence: samples × (k + 2) points, 2k + 2 with second order.

    `samples` should be a power of two. Source: Saltelli (2002), Computer Physics Communications 145.
    """
    from SALib.sample.sobol import sample

    if samples < 1 or samples & (samples - 1):
        raise DesignError("not_a_power_of_two", str(samples), "a Sobol design needs 2, 4, 8, 16 … samples")
    told = problem(factors)
    _refuse_many(samples * (2 * len(factors) + 2))
    shares = sample(told, samples, calc_second_order=second_order, seed=generator(seed))
    return from_shares("sobol", factors, shares, seed, {"samples": samples, "second_order": second_order})


def morris(factors: Sequence[Factor], samples: int, seed: int = 0, levels: int = MORRIS_LEVELS) -> Design:
    """Return `samples` Morris trajectories: samples × (k + 1) points.

    Source: Morris (1991), Technometrics 33.
    """
    from SALib.sample.morris import sample

    _refuse_many(samples * (len(factors) + 1))
    shares = sample(problem(factors), samples, num_levels=levels, seed=generator(seed))
    return from_shares("morris", factors, shares, seed, {"samples": samples, "levels": levels})


def fewest_fast(harmonics: int = FAST_HARMONICS) -> int:
    """Return the least samples of a FAST design."""
    return 4 * harmonics**2 + 1


def fast(factors: Sequence[Factor], samples: int, seed: int = 0, harmonics: int = FAST_HARMONICS) -> Design:
    """Return an extended FAST design: samples × k points. Source: Saltelli et al. (1999), Technometrics 41."""
    from SALib.sample.fast_sampler import sample

    least = fewest_fast(harmonics)
    if samples < least:
        raise DesignError("too_few_samples", "fast", f"{samples} are too few; give at least {least}", least=least)
    _refuse_many(samples * len(factors))
    shares = sample(problem(factors), samples, M=harmonics, seed=generator(seed))
    return from_shares("fast", factors, shares, seed, {"samples": samples, "harmonics": harmonics})


def matrix(path: Path, factors: Sequence[Factor] = ()) -> Design:
    """Return the user's own points: a CSV or Parquet file with a column a factor and a row a point.

    Parameters
    ----------
    path
        The file; columns are paths, or the names of `factors`.
    factors
        Declarations of columns; the others become levers that take the values found.

    Raises
    ------
    DesignError
        If the file cannot be read, or a value is missing or not allowed.
    """
    reader = MATRIX_KINDS.get(path.suffix.lower())
    if reader is None:
        raise DesignError("bad_ending", str(path), "give a .csv or .parquet file")
    try:
        table = reader(path)
    except (OSError, ValueError) as error:
        raise DesignError("bad_matrix", str(path), f"it cannot be read as a table: {error}", fault=error) from error
    empty = [f"row {row + 1}, column {table.columns[k]}" for row, k in np.argwhere(table.isna().to_numpy())]
    if empty:
        cells = "; ".join(empty[:5])
        raise DesignError("empty_cell", str(path), f"no value in {cells}", cells=cells)
    _refuse_many(len(table))
    known = {factor.name: factor for factor in factors}
    chosen = [known.get(name) or _found(name, table[name]) for name in map(str, table.columns)]
    columns = [[factor.encoded(value) for value in table[factor.name].tolist()] for factor in chosen]
    return Design("matrix", tuple(chosen), np.array(columns, dtype=np.float64).T)


def _found(name: str, column: pd.Series) -> Factor:
    return Factor(name, values=tuple(dict.fromkeys(column.tolist())))


def generator(seed: int) -> np.random.Generator:
    """Return a generator that depends on the seed alone; a plain seed 0 would be no seed to SALib's analyses."""
    words = [int(word) for word in chance_key(seed, 0)]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(words)))


def _refuse_many(points: int) -> None:
    if points > MOST_POINTS:
        remedy = f"it would have {points} points; at most {MOST_POINTS} are allowed"
        raise DesignError("too_many_points", "design", remedy, points=points, most=MOST_POINTS)


DRAWN: dict[str, Callable[[Sequence[Factor], int, int], Design]] = {
    "lhs": lhs, "sobol": sobol, "morris": morris, "fast": fast,
}  # fmt: skip
"""Designs drawn with a number of samples and a seed."""
