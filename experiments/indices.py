"""Sensitivity indices of an outcome over a design, by the analysis of SALib that the design was drawn for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.design import Design, DesignError, Floats
from experiments.sampling import generator

RESAMPLES = 1000
LEVEL = 0.95
METHODS = ("sobol", "morris", "fast")

Indices = dict[str, Floats]


def indices(design: Design, outcome: Floats, seed: int = 0) -> Indices:
    """Return index → one number a factor (or group), with the half-widths of their intervals under ``…_conf``.

    Parameters
    ----------
    design
        Drawn by `experiments.sampling.sobol`, `morris` or `fast`.
    outcome
        One finite number a point, in order (`experiments.points.column` refuses holes), (points,).
    seed
        Of the bootstrap.

    Raises
    ------
    DesignError
        If the design was drawn for no such analysis, or a number is missing.
    """
    if not np.isfinite(outcome).all() or len(outcome) != len(design):
        raise DesignError("holes", design.kind, "an index needs one finite number at every point")
    more: dict[str, Any] = {"conf_level": LEVEL, "num_resamples": RESAMPLES, "seed": generator(seed)}
    found = _analysed(design, np.ascontiguousarray(outcome, dtype=np.float64), more)
    return {name: np.asarray(value, dtype=np.float64) for name, value in found.items() if name != "names"}


def _whole(chance: np.random.Generator) -> int:
    """Return a seed for analyses that take only a positive whole number."""
    return int(chance.integers(1, 2**31))


def _analysed(design: Design, outcome: Floats, more: dict[str, Any]) -> Mapping[str, Any]:
    told, options = design.problem(), design.options
    found: Mapping[str, Any]
    if design.kind == "sobol":
        from SALib.analyze import sobol

        found = sobol.analyze(told, outcome, calc_second_order=options["second_order"], **more)
    elif design.kind == "morris":
        from SALib.analyze import morris

        found = morris.analyze(told, design.shares, outcome, num_levels=options["levels"], **more)
    elif design.kind == "fast":
        from SALib.analyze import fast

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that the intervals are rough: our documentation says so
            found = fast.analyze(told, outcome, M=options["harmonics"], **more | {"seed": _whole(more["seed"])})
    else:
        allowed = ", ".join(METHODS)
        raise DesignError("no_analysis", design.kind, f"draw the design with {allowed}", allowed=allowed)
    return found
