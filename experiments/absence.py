"""Why a search found nothing: too few points to tell it from chance, or nothing there that would count.

A part of the ranges counts where it holds a quarter of them and the thing sought is `CLEAR` more likely there (judged).
Points are enough where a one-sided test at 5 % would notice such a part four times in five: by the usual size of a
sample, n = ((z₀.₉₅ + z₀.₈₀) · s / `CLEAR`)² inside it, s being the SD of the probability over the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from experiments.design import Floats
from experiments.prim import LEAST_POINTS, SIGNIFICANT, Box, settled, worth

CLEAR, PART, POWER = 0.15, 0.25, 0.8
SURE = float(stats.norm.isf(SIGNIFICANT) + stats.norm.ppf(POWER))

Absence = dict[str, Any]


class Peeled(NamedTuple):
    """Points searched – codes (n, k), probabilities (n,) – and the trajectory of boxes, the whole first."""

    codes: Floats
    chance: Floats
    boxes: Sequence[Box]


def needed(chance: Floats) -> int:
    """Return how many points it takes to notice a part that counts."""
    inside = max(float(LEAST_POINTS), (SURE * float(chance.std()) / CLEAR) ** 2)
    return ceil(inside / PART)


def of_points(chance: Floats, all_points: int | None = None) -> Absence | None:
    """Return that the points are too few, with how many there are and how many it takes; None where they are enough.

    `all_points` is how many there are in all where only a part of them, `chance`, is searched.
    """
    least = needed(chance)
    if len(chance) >= least:
        return None
    whole = len(chance) if all_points is None else all_points
    total = ceil(least * whole / len(chance))
    return {"code": "too_few_points", "points": whole, "needed": total, "remedy": f"--samples {total}"} | _counting()


def _counting() -> Absence:
    return {"clear": CLEAR, "part": PART}


def of_box(found: Peeled, step: int | None, all_points: int) -> Absence:
    """Return why no box is left: asked for none, smaller ones weigh less, points are too few, or none is there.

    Parameters
    ----------
    found
        The points searched, and the trajectory.
    step
        Which box of the trajectory was asked for; None where it was chosen.
    all_points
        How many points there are, of which those searched may be what other boxes left.
    """
    if step == 0:
        return {"code": "asked"}
    other = _clearest(found)
    passed_over = {"code": "outweighed" if step is None else "other_step"} if other else None
    why = of_points(found.chance, all_points) or passed_over or _nowhere(found.chance)
    return why | {"other": other}


def _clearest(found: Peeled) -> Absence | None:
    """Return the worthiest box of the trajectory with a limit that chance does not explain; None where there is none.

    It has limits and was not chosen: all points together outweigh it, or another step was asked for.
    """
    codes, chance, boxes = found
    whole, out = boxes[0], []
    for step, box in enumerate(boxes[1:], 1):
        own = settled(box, whole, codes, chance)
        if own.restricted(whole):
            out.append({"step": step} | worth(own, codes, chance))
    return max(out, key=_weight, default=None)


def _nowhere(chance: Floats) -> Absence:
    return {"code": "nowhere", "points": len(chance)} | _counting()


def _weight(found: dict[str, float]) -> float:
    return found["coverage"] * found["density"] / max(found["coverage"] + found["density"], 1e-300)


def of_tree(root: dict[str, Any], explained: float, chance: Floats) -> Absence | None:
    """Return why a tree tells nothing: too few points, or nothing that it could tell apart; None where it does."""
    if "yes" in root and explained > 0.0:
        return None
    return of_points(chance) or _nowhere(chance)


def of_rest(chance: Floats, all_points: int, fewest: int) -> Absence | None:
    """Return why no box is sought among the points that boxes leave; None where one can be."""
    if len(chance) >= fewest:
        same = np.ptp(chance) == 0.0
        return {"code": "same", "points": len(chance), "share": float(chance[0])} if same else None
    total = ceil(fewest * all_points / len(chance)) if len(chance) else None
    remedy = None if total is None else f"--samples {total}"
    return {"code": "too_few_left", "points": len(chance), "least": fewest, "needed": total, "remedy": remedy}
