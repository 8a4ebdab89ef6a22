"""What a sweep found, as tables that are streamed: one row a run, and one row a point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special
from scipy.stats import qmc

from experiments.comparison import D_EFFECTS, Floats
from experiments.design import DesignError, Value
from experiments.store import Ledger
from experiments.sweep import Sweep
from experiments.verdict import REGIONS, regions

DRAWS = 1024

Row = dict[str, Any]
Measure = Callable[[Mapping[str, Floats]], Mapping[str, float | None]]


def run_rows(sweep: Sweep, ledger: Ledger, measure: Measure) -> Iterator[list[Row]]:
    """Give for each point its runs: point, replicate, status, the factors, and the outcomes of those that are done.

    A run's `status` is ``done``, ``failed`` or ``missing``.
    """
    failed = {one.key for one in ledger.failed()}
    for point in range(len(sweep.design)):
        factors = sweep.design.point(point)
        yield [_run_row(point, n, key, factors, ledger, failed, measure) for n, key in enumerate(sweep.keys(point))]


def _run_row(  # noqa: PLR0913 - what a row is made of
    point: int,
    replicate: int,
    key: str,
    factors: Mapping[str, Value],
    ledger: Ledger,
    failed: set[str],
    measure: Measure,
) -> Row:
    rows = ledger.get(key)
    status = "done" if rows is not None else "failed" if key in failed else "missing"
    found = {} if rows is None else measure(rows)
    return {"point": point, "replicate": replicate, "status": status} | dict(factors) | dict(found)


def point_row(runs: Sequence[Row], factors: Sequence[str], outcomes: Sequence[str], delta: float | None) -> Row:
    """Return one point: its factors, how many runs are done, and mean and standard error of every outcome.

    With `delta`, the region that the mean effects lie in, and by region the probability that the expected effects lie
    there (None of a single run) and the share of single runs that do. An outcome that any run lacks is None.
    """
    done = [run for run in runs if run["status"] == "done"]
    row = {"point": runs[0]["point"]} | {name: runs[0][name] for name in factors}
    row |= {"done": len(done), "failed": sum(run["status"] == "failed" for run in runs)}
    for name in outcomes:
        values = [run[name] for run in done]
        row |= _mean_and_error(name, None if not values or None in values else np.array(values, dtype=np.float64))
    if delta is not None:
        row |= _verdict(done, delta)
    return row


def _mean_and_error(name: str, values: Floats | None) -> Row:
    if values is None:
        return {name: None, f"{name}_se": None}
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return {name: float(values.mean()), f"{name}_se": error}


def _verdict(done: Sequence[Row], delta: float) -> Row:
    columns = [f"{kind}_{region.value}" for kind in ("probability", "share") for region in REGIONS]
    if not done or any(run[name] is None for run in done for name in D_EFFECTS):
        return {"region": None} | dict.fromkeys(columns)
    effects = np.array([[run[name] for name in D_EFFECTS] for run in done], dtype=np.float64)
    found = REGIONS[int(regions(effects.mean(axis=0)[None], delta)[0])]
    likely = probabilities(effects, delta).tolist() if len(effects) > 1 else [None] * len(REGIONS)
    return {"region": found.value} | dict(zip(columns, [*likely, *_shares(effects, delta).tolist()], strict=True))


def _shares(effects: Floats, delta: float) -> Floats:
    return np.bincount(regions(effects, delta), minlength=len(REGIONS)) / len(effects)


def probabilities(effects: Floats, delta: float) -> Floats:
    """Return by region the probability that expected effects lie there, given those of a few replicates, (n, 3).

    Expected effects are taken as multivariate t around the mean, with n − 1 degrees of freedom, and the probability as
    the share of a fixed, even sample of it. It takes two replicates at least.
    """
    count = len(effects)
    values, vectors = np.linalg.eigh(np.cov(effects.T) / count)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return _shares(effects.mean(axis=0) + _even_t(count - 1) @ root.T, delta)


def _even_t(freedom: int) -> Floats:
    """Return an even sample of the spherical multivariate t in three dimensions, (DRAWS, 3)."""
    places = qmc.Sobol(4, scramble=False).random(DRAWS) + 0.5 / DRAWS
    scale = special.chdtri(freedom, places[:, 3]) / freedom
    return np.asarray(special.ndtri(places[:, :3]) / np.sqrt(scale)[:, None], dtype=np.float64)


def column(rows: Sequence[Row], name: str) -> Floats:
    """Return an outcome of points in order, for an analysis.

    Raises
    ------
    DesignError
        If a point has no finite number there, named; an analysis would take it for something it is not.
    """
    holes = [str(row["point"]) for row in rows if row[name] is None or not np.isfinite(row[name])]
    if holes:
        more = f" … ({len(holes)})" if len(holes) > 10 else ""  # noqa: PLR2004 - enough to find them
        points = ", ".join(holes[:10]) + more
        remedy = f"no number at point {points}; finish or mend these runs first"
        raise DesignError("missing_outcome", name, remedy, points=points)
    return np.array([row[name] for row in rows], dtype=np.float64)
