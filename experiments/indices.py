"""Sensitivity indices of an outcome over a design, by an analysis that suits how the design was drawn."""

from __future__ import annotations

import warnings

import numpy as np

from experiments.design import Design, DesignError, Floats
from experiments.methods import METHODS, Given

RESAMPLES = 1000
LEVEL = 0.95

Indices = dict[str, Floats]


def indices(  # noqa: PLR0913 - what an analysis is made of
    design: Design,
    outcome: Floats,
    seed: int = 0,
    *,
    method: str | None = None,
    shares: Floats | None = None,
    resamples: int = RESAMPLES,
) -> Indices:
    """Return index → one number a factor (or group), with the half-widths of SALib's intervals under ``…_conf``.

    Parameters
    ----------
    design
        Drawn by the method's sampler.
    outcome
        One finite number a point, in order (`experiments.points.column` refuses holes), (points,).
    seed
        Of the bootstrap.
    method
        A name of `experiments.methods.METHODS`; by default the one that the design is named after.
    shares
        Places of the points where they are not the design's own, as in a resample, (points, factors).
    resamples
        How many of SALib's own.

    Raises
    ------
    DesignError
        If the design was drawn for no such analysis, a number is missing, all are the same, or the analysis fails.
    """
    name = design.kind if method is None else method
    places = design.shares if shares is None else shares
    if name not in METHODS or places is None:
        allowed = ", ".join(METHODS)
        raise DesignError("no_analysis", name, f"for indices draw the design with {allowed}", allowed=allowed)
    if len(outcome) != len(places) or not np.isfinite(outcome).all():
        raise DesignError("holes", name, "an index needs one finite number at every point")
    if np.ptp(outcome) == 0.0:
        raise DesignError("constant_outcome", name, "it is the same at every point; nothing is to be explained")
    given = Given(design, places, np.ascontiguousarray(outcome, dtype=np.float64), seed, resamples)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of rough intervals and empty parts of a range, which our notes speak of
        try:
            found = METHODS[name].analyse(given)
        except (ArithmeticError, RuntimeError, ValueError, MemoryError, np.linalg.LinAlgError) as error:
            # The runs are done and kept: another method or more samples can still use them.
            fault = f"{type(error).__name__}: {error}"
            remedy = f"the analysis failed ({fault}); give more samples or use another method, runs are kept"
            raise DesignError("analysis_failed", name, remedy, fault=fault) from error
    return {name: numbers for name, value in found.items() if (numbers := _numbers(value)) is not None}


def _numbers(value: object) -> Floats | None:
    """Return an index as numbers; None for names, notes and single numbers."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return found if found.ndim else None
