"""PRIM: peel a box around the points of a design where something is likely, and say what the box is worth.

Source: Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing 9; significance of a
restriction by the quasi-p test of Bryant & Lempert (2010), Technological Forecasting and Social Change 77.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from experiments.design import Factor, Floats

Mask = NDArray[np.bool_]
PEEL = 0.05
"""Share of the points of a box that one peeling takes."""
LEAST_MASS, LEAST_POINTS = 0.05, 10
SIGNIFICANT = 0.05


@dataclass(frozen=True, eq=False)
class Box:
    """Limits by factor, on codes: the lower and upper end of a range, or which listed values are kept."""

    low: Floats
    high: Floats
    kept: tuple[frozenset[int] | None, ...]

    def contains(self, codes: Floats) -> Mask:
        """Return which points lie inside."""
        inside = ((codes >= self.low) & (codes <= self.high)).all(axis=1)
        for column, kept in enumerate(self.kept):
            if kept is not None:
                inside &= np.isin(codes[:, column], list(kept))
        return np.asarray(inside)

    def restricted(self, whole: Box) -> list[int]:
        """Return the factors with tighter limits than the whole has."""
        pairs = zip(self.kept, whole.kept, strict=True)
        numbers = (self.low > whole.low) | (self.high < whole.high)
        return [n for n, (kept, all_kept) in enumerate(pairs) if numbers[n] or kept != all_kept]

    def freed(self, column: int, whole: Box) -> Box:
        """Return the box without its limits on a factor."""
        low, high, kept = self.low.copy(), self.high.copy(), list(self.kept)
        low[column], high[column], kept[column] = whole.low[column], whole.high[column], whole.kept[column]
        return Box(low, high, tuple(kept))


def whole_box(factors: Sequence[Factor], codes: Floats) -> Box:
    """Return the box that holds every point."""
    kept = tuple(frozenset(range(len(factor.values))) if factor.values else None for factor in factors)
    ends = [(-np.inf, np.inf) if f.values else (f.low, f.high) for f in factors]
    low, high = np.array(ends, dtype=np.float64).T
    return Box(np.minimum(low, codes.min(axis=0)), np.maximum(high, codes.max(axis=0)), kept)


def peeled(factors: Sequence[Factor], codes: Floats, chance: Floats) -> list[Box]:
    """Return the peeling trajectory, from the whole to the smallest box in which the mean still rises.

    Parameters
    ----------
    factors
        What differs.
    codes
        Points, (points, factors).
    chance
        Probability of the thing sought at each point, (points,).
    """
    boxes = [whole_box(factors, codes)]
    least = max(LEAST_POINTS, round(LEAST_MASS * len(codes)))
    while True:
        box, inside = boxes[-1], boxes[-1].contains(codes)
        found = [(_gain(one, inside, codes, chance, least), n, one) for n, one in enumerate(_peels(box, codes[inside]))]
        best = max(found, key=lambda item: (item[0], -item[1]), default=(0.0, 0, box))
        if best[0] <= 0.0:
            return boxes
        boxes.append(best[2])


def _gain(box: Box, before: Mask, codes: Floats, chance: Floats, least: int) -> float:
    """Return by how much a peeling raises the mean, for each share of points it takes."""
    inside = before & box.contains(codes)
    left, taken = int(inside.sum()), int(before.sum()) - int(inside.sum())
    if left < least or taken == 0:
        return 0.0
    return float((chance[inside].mean() - chance[before].mean()) / taken)


def _peels(box: Box, codes: Floats) -> Iterator[Box]:
    """Give every box that one peeling can leave."""
    take = max(1, int(PEEL * len(codes)))
    for column, kept in enumerate(box.kept):
        if kept is not None:
            for value in sorted(kept) if len(kept) > 1 else ():
                yield replace(box, kept=(*box.kept[:column], kept - {value}, *box.kept[column + 1 :]))
            continue
        for end, cut in zip(("low", "high"), _cuts(np.sort(codes[:, column]), take), strict=True):
            if cut is not None:
                limits = getattr(box, end).copy()
                limits[column] = cut
                yield replace(box, **{end: limits})


def _cuts(places: Floats, take: int) -> tuple[float | None, float | None]:
    """Return limits, half-way between two points, that take at least `take` points from below and from above."""
    above, below = places[places > places[take - 1]], places[places < places[-take]]
    low = None if not len(above) else float(above[0] + places[places < above[0]][-1]) / 2.0
    high = None if not len(below) else float(below[-1] + places[places > below[-1]][0]) / 2.0
    return low, high


def pasted(box: Box, whole: Box, codes: Floats, chance: Floats) -> Box:
    """Return the box with its limits moved outwards again where that does not lower the mean."""
    while True:
        mean = chance[box.contains(codes)].mean()
        wider = [one for one in _pastes(box, whole, codes) if chance[one.contains(codes)].mean() >= mean]
        if not wider:
            return box
        box = max(wider, key=lambda one: int(one.contains(codes).sum()))


def _pastes(box: Box, whole: Box, codes: Floats) -> Iterator[Box]:
    take = max(1, int(PEEL * box.contains(codes).sum()))
    for column in box.restricted(whole):
        places = np.sort(codes[box.freed(column, whole).contains(codes), column])
        kept, all_kept = box.kept[column], whole.kept[column]
        if kept is not None and all_kept is not None:
            for value in sorted(all_kept - kept):
                yield replace(box, kept=(*box.kept[:column], kept | {value}, *box.kept[column + 1 :]))
            continue
        under, over = places[places < box.low[column]], places[places > box.high[column]]
        for end, rest, limit in (("low", under[::-1], whole.low[column]), ("high", over, whole.high[column])):
            if len(rest):
                limits = getattr(box, end).copy()
                limits[column] = limit if len(rest) <= take else float(rest[take - 1] + rest[take]) / 2.0
                yield replace(box, **{end: limits})


def worth(box: Box, codes: Floats, chance: Floats) -> dict[str, float]:
    """Return coverage (share of what is sought that is inside), density (its mean inside), and mass (points inside)."""
    inside = box.contains(codes)
    total, here = float(chance.sum()), float(chance[inside].sum())
    return {
        "coverage": here / total if total > 0.0 else 0.0,
        "density": float(chance[inside].mean()) if inside.any() else 0.0,
        "mass": float(inside.mean()),
        "points": int(inside.sum()),
    }


def quasi_p(box: Box, whole: Box, codes: Floats, chance: Floats) -> dict[int, float]:
    """Return for each restricted factor how likely so high a mean inside is if its restriction did nothing.

    The points inside are held against as many drawn from the box without the restriction: a binomial tail where every
    point has the thing or has not, and its normal counterpart, with the spread found there, where points have
    probabilities of it.
    """
    inside, out = box.contains(codes), {}
    certain = bool(np.isin(chance, (0.0, 1.0)).all())
    for column in box.restricted(whole):
        without = chance[box.freed(column, whole).contains(codes)]
        out[column] = _tail(chance[inside], without, certain)
    return out


def _tail(inside: Floats, without: Floats, certain: bool) -> float:
    count, mean, spread = len(inside), float(without.mean()), float(without.std())
    if certain:
        return float(stats.binom.sf(int(inside.sum()) - 1, count, mean))
    if spread == 0.0:
        return 1.0
    return float(stats.norm.sf((float(inside.mean()) - mean) / spread * np.sqrt(count)))


def chosen(boxes: Sequence[Box], codes: Floats, chance: Floats) -> int:
    """Return which box has the largest harmonic mean of coverage and density, of equals the one with fewest limits."""
    values = [worth(box, codes, chance) for box in boxes]
    scores = [2.0 * v["coverage"] * v["density"] / max(v["coverage"] + v["density"], 1e-300) for v in values]
    return int(np.argmax(scores))


def simplified(box: Box, whole: Box, codes: Floats, chance: Floats) -> Box:
    """Return the box without the limits that chance could explain, the least significant first."""
    while True:
        found = quasi_p(box, whole, codes, chance)
        worst = max(found, key=lambda column: found[column], default=None)
        if worst is None or found[worst] <= SIGNIFICANT:
            return box
        box = box.freed(worst, whole)


def settled(box: Box, whole: Box, codes: Floats, chance: Floats) -> Box:
    """Return what becomes of a box of the trajectory when it is chosen: pasted and simplified."""
    return simplified(pasted(box, whole, codes, chance), whole, codes, chance)


def discovered(
    factors: Sequence[Factor], codes: Floats, chance: Floats, step: int | None = None
) -> tuple[Box, dict[str, Any]]:
    """Return the chosen box pasted and simplified, and as plain values with its trajectory; `step` chooses another."""
    boxes = peeled(factors, codes, chance)
    whole, number = boxes[0], chosen(boxes, codes, chance) if step is None else min(step, len(boxes) - 1)
    box = settled(boxes[number], whole, codes, chance)
    found = quasi_p(box, whole, codes, chance)
    limits = [_limits(factors[n], box, n) | {"quasi_p": found[n]} for n in sorted(found, key=lambda n: found[n])]
    trajectory = [worth(one, codes, chance) | {"restricted": len(one.restricted(whole))} for one in boxes]
    told = {"trajectory": trajectory, "step": number, "limits": limits, "base": float(chance.mean())}
    return box, told | worth(box, codes, chance)


def _limits(factor: Factor, box: Box, column: int) -> dict[str, Any]:
    kept = box.kept[column]
    if kept is not None:
        return {"name": factor.name, "values": [factor.values[n] for n in sorted(kept)], "of": list(factor.values)}
    ends = {"low": float(box.low[column]), "high": float(box.high[column])}
    return {"name": factor.name} | ends | {"first": factor.low, "last": factor.high}
