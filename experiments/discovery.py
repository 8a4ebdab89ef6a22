"""Where in the space of a sweep's factors something is likely: a PRIM box and a tree, from saved points."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments import absence, prim, tree
from experiments.design import DesignError, Factor, Floats
from experiments.errors import ResultsError
from experiments.verdict import REGIONS
from scenarios.cells import plain
from scenarios.problems import nearest
from scenarios.variation import DECLARED

SWEEP, POINTS = "sweep.json", "points.csv"
FEWEST_POINTS, FEWEST_REPLICATES = 20, 2
MOST_NAMED = 10


class Points(NamedTuple):
    """The points of a saved sweep: its document, factors, codes (n, k), and the table with probabilities."""

    document: dict[str, Any]
    factors: list[Factor]
    codes: Floats
    table: pd.DataFrame


def read(directory: Path) -> Points:
    """Return the points of a sweep saved in a directory.

    Raises
    ------
    ResultsError
        If there is none, or it cannot be read.
    """
    try:
        document = json.loads((directory / SWEEP).read_bytes())
        factors = [_factor(told) for told in document["design"]["factors"]]
        named = {f.name: str for f in factors if any(isinstance(value, str) for value in f.values)}
        table = pd.read_csv(directory / POINTS, dtype=named).map(plain)
        columns = [[factor.encoded(value) for value in table[factor.name].tolist()] for factor in factors]
    except OSError:
        raise ResultsError(
            "no_sweep", str(directory), "this directory holds no sweep; run yangfeng sweep first"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(
            "bad_sweep", str(directory), f"the sweep saved here cannot be read: {error!r}", fault=repr(error)
        ) from error
    return Points(document, factors, np.array(columns, dtype=np.float64).T, table)


def _factor(told: dict[str, Any]) -> Factor:
    if "values" in told:
        return Factor(told["name"], values=tuple(told["values"]))
    return Factor(told["name"], float(told["low"]), float(told["high"]), whole=bool(told["whole"]))


def chance_of(points: Points, sought: Sequence[str]) -> Floats:
    """Return at each point the probability that expected effects lie in one of the regions sought.

    Raises
    ------
    DesignError
        If a region is unknown, there are too few points, or a point has no probability; those points are named.
    """
    known = [region.value for region in REGIONS]
    for name in sought:
        if name not in known:
            close = nearest(name, known)
            raise DesignError("unknown_region", name, f"there is no such verdict; nearest: {close}", nearest=close)
    if len(points.table) < FEWEST_POINTS:
        raise DesignError(
            "too_few_points", str(len(points.table)), f"give at least {FEWEST_POINTS}", least=FEWEST_POINTS
        )
    if points.document["replicates"] < FEWEST_REPLICATES:
        least = FEWEST_REPLICATES
        raise DesignError("too_few_replicates", "sweep", f"give at least {least} replicates", least=least)
    found = points.table[[f"probability_{name}" for name in sought]].to_numpy(dtype=np.float64).sum(axis=1)
    holes = ", ".join(map(str, np.flatnonzero(~np.isfinite(found)).tolist()[:MOST_NAMED]))
    if holes:
        remedy = f"no verdict at point {holes}; finish or mend these runs first"
        raise DesignError("missing_outcome", "probability", remedy, points=holes)
    return np.asarray(found)


def discovered(points: Points, sought: Sequence[str], boxes: int = 1, step: int | None = None) -> dict[str, Any]:
    """Return boxes and a tree as plain values; each further box is sought among the points outside those before.

    Raises
    ------
    DesignError
        As `chance_of`; or ``nothing_to_find`` where the probability is the same everywhere.
    """
    chance = chance_of(points, sought)
    if np.ptp(chance) == 0.0:
        share = f"{chance[0]:g}"
        remedy = f"its probability is {share} at every one of {len(chance)} points; there is no border to find"
        raise DesignError("nothing_to_find", ", ".join(sought), remedy, share=share, points=len(chance))
    boxes_found, stopped = _boxes(points, chance, boxes, step)
    grown = tree.grown(points.factors, points.codes, chance)
    names = [factor.name for factor in points.factors]
    return {
        "of": list(sought),
        "base": float(chance.mean()),
        "boxes": boxes_found,
        "stopped": stopped,
        "tree": grown | {"absence": absence.of_tree(grown["root"], grown["explained"], chance)},
        "meanings": {name: DECLARED[name].meaning for name in names if name in DECLARED},
        "moves": list(points.document.get("moves", [])),
        "units": {name: DECLARED[name].unit for name in names if name in DECLARED},
    }


def _boxes(points: Points, chance: Floats, count: int, step: int | None) -> tuple[list[dict[str, Any]], Any]:
    """Return boxes, the last with why there is none if it has no limits; and why no further one was sought, or None."""
    found: list[dict[str, Any]] = []
    left = np.ones(len(chance), dtype=bool)
    for _ in range(count):
        if stopped := absence.of_rest(chance[left], len(chance), FEWEST_POINTS):
            return found, stopped
        box, told = prim.discovered(points.factors, points.codes[left], chance[left], step)
        found.append(told | {"absence": None if told["limits"] else _absence(points, chance, left, step)})
        if not told["limits"]:
            break
        left &= ~box.contains(points.codes)
    return found, None


def _absence(points: Points, chance: Floats, left: prim.Mask, step: int | None) -> absence.Absence:
    codes, own = points.codes[left], chance[left]
    peeled = absence.Peeled(codes, own, prim.peeled(points.factors, codes, own))
    return absence.of_box(peeled, step, len(chance))
