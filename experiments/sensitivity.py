"""Global sensitivity of an outcome with its noise: indices, their intervals, and what part of the variance is chance.

Two things make an index uncertain. Points could have been others: they are resampled, in the blocks that a design needs
whole. And chance events could have been others: replicates are resampled too, the same at every point where all points
share them. ``…_conf`` is the half-width of the interval from both, ``…_mc`` from the second alone (Monte Carlo error).
Source: Archer, Saltelli & Sobol (1997), Journal of Statistical Computation and Simulation 58, for resampling indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from experiments import pawn
from experiments.design import Design, Floats
from experiments.factors import group_names
from experiments.indices import LEVEL, Indices, indices
from experiments.methods import METHODS
from experiments.noise import noise
from experiments.sampling import generator

OAT = "oat"
ALL_METHODS = (OAT, *METHODS)
LEADING = {OAT: "swing"} | {name: method.leading for name, method in METHODS.items()}
FEWEST = 2
QUANTILE = float(stats.norm.ppf(0.5 + LEVEL / 2.0))
PRECISION = 0.1
"""Largest share of variance due to seeds that is not warned of."""
MOST_TOTAL, MOST_FIRST = 1.5, 1.1
RANKS = 3
"""So many first ranks are to be told apart."""


class Warned(NamedTuple):
    """Something to know before an index is believed: a code, and what its sentence mentions."""

    code: str
    values: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"code": self.code, **self.values}


def analysed(
    design: Design, method: str, values: Floats, *, independent: bool = False, precision: float = PRECISION
) -> dict[str, Any]:
    """Return the sensitivity of one outcome as plain values.

    Parameters
    ----------
    design
        Drawn for the method.
    method
        A name of `ALL_METHODS`.
    values
        Outcome by point and replicate (`experiments.responses.response`), (points, replicates).
    independent
        Whether every point has seeds of its own.
    precision
        Share of variance due to seeds above which a warning stands.

    Returns
    -------
    dict
        ``parameters``: factors or groups; under each index one number for each, with ``…_conf`` and ``…_mc``;
        ``noise_share`` and its kin (`experiments.noise.Noise`); ``runs``, ``replicates``, ``warnings``.

    Raises
    ------
    DesignError
        As `experiments.indices.indices`.
    """
    chance = noise(values, common=not independent)
    found = (
        one_at_a_time(design, values, independent=independent)
        if method == OAT
        else _global(design, method, values, independent)
    )
    shares = (None, None, None) if chance is None else chance
    names = ("noise_share", "noise_share_single", "noise_share_one_way")
    counts = {"runs": int(values.size), "replicates": values.shape[1]}
    warned = [one.document() for one in warnings(found, method, shares[0], precision)]
    return found | dict(zip(names, shares, strict=True)) | counts | {"warnings": warned}


def _global(design: Design, method: str, values: Floats, independent: bool) -> dict[str, Any]:
    names = [f.name for f in design.factors] if not METHODS[method].groups else group_names(design.factors)
    found = with_intervals(design, method, values, independent=independent)
    if method == "pawn":
        found["dummy"] = np.full(len(names), pawn.dummy(values.mean(axis=1), design.seed))
    return {"parameters": names} | {name: _plain(value) for name, value in found.items()}


def _plain(value: Floats) -> list[Any]:
    """Return numbers as lists, with None where there is none."""
    return [_plain(row) if np.ndim(row) else (float(row) if np.isfinite(row) else None) for row in value]


def with_intervals(design: Design, method: str, values: Floats, *, independent: bool) -> Indices:
    """Return indices with the half-widths of their 95 % intervals."""
    resamples, block = METHODS[method].resamples, _block(design, method)
    whole = values.mean(axis=1)
    found = indices(design, whole, design.seed, method=method, resamples=FEWEST if block else resamples)
    names = [name for name in found if not name.endswith("_conf")]
    own = {name: found[f"{name}_conf"] for name in names if not block and f"{name}_conf" in found}
    out = {name: found[name] for name in names}
    draw = _Draws(design, method, values, independent)
    luck = draw.deviations(METHODS[method].luck if values.shape[1] > 1 else 0, 0)
    both = draw.deviations(resamples, block) if block else {n: np.hypot(own[n], luck.get(n, 0.0)) for n in own}
    out |= {f"{name}_conf": value for name, value in both.items() if name in names}
    return out | {f"{name}_mc": value for name, value in luck.items() if name in names}


def _block(design: Design, method: str) -> int:
    """Return how many points in a row are resampled together; 0 where points cannot be."""
    size = METHODS[method].block
    if size is None:
        return 0
    count = len(group_names(design.factors))
    return 2 * count + 2 if design.options.get("second_order") else size(count)


class _Draws:
    """Resamples of one outcome over a design."""

    def __init__(self, design: Design, method: str, values: Floats, independent: bool) -> None:
        assert design.shares is not None
        self.design, self.method, self.values, self.independent = design, method, values, independent
        self.shares: Floats = design.shares
        self.chance = generator(design.seed)

    def deviations(self, count: int, block: int) -> Indices:
        """Return half-widths from `count` resamples, of points too where they come in blocks."""
        drawn = [self._one(block) for _ in range(count)]
        if not drawn:
            return {}
        names = [name for name in drawn[0] if not name.endswith("_conf")]
        return {name: QUANTILE * np.std([one[name] for one in drawn], axis=0, ddof=1) for name in names}

    def _one(self, block: int) -> Indices:
        rows = self._rows(block) if block else np.arange(len(self.values))
        outcome = self._means()[rows]
        if np.ptp(outcome) == 0.0:
            return self._one(block)
        return indices(
            self.design, outcome, self.design.seed, method=self.method, shares=self.shares[rows], resamples=FEWEST
        )

    def _rows(self, block: int) -> np.ndarray:
        blocks = len(self.values) // block
        chosen = self.chance.integers(blocks, size=blocks)
        return np.asarray((chosen[:, None] * block + np.arange(block)).ravel())

    def _means(self) -> Floats:
        """Return means over resampled replicates, as far from the means as new ones would be."""
        points, replicates = self.values.shape
        means: Floats = self.values.mean(axis=1)
        if replicates == 1:
            return means
        shape = (points, replicates) if self.independent else (1, replicates)
        chosen = np.broadcast_to(self.chance.integers(replicates, size=shape), (points, replicates))
        drawn: Floats = np.take_along_axis(self.values, chosen, axis=1).mean(axis=1)
        return np.asarray(means + np.sqrt(replicates / (replicates - 1.0)) * (drawn - means))


def one_at_a_time(design: Design, values: Floats, *, independent: bool) -> dict[str, Any]:
    """Return for each factor how the outcome differs from that at the defaults at the ends of its range, and its swing.

    The interval of a difference is Student's, of paired replicates where all points share their seeds.
    Source: ten Broeke, van Voorn & Ligtenberg (2016), Journal of Artificial Societies and Social Simulation 19(1).

    Parameters
    ----------
    design
        `experiments.sampling.one_at_a_time`; its first point has all defaults.
    values
        Outcome by point and replicate.
    """
    usual, found = design.codes[0], []
    for k in range(len(design.factors)):
        rows = np.flatnonzero(np.delete(design.codes != usual, k, axis=1).sum(axis=1) == 0)
        found.append(_swing(design.codes[rows, k], values[rows], independent))
    columns = ("low", "high", "swing", "swing_conf", "low_conf", "high_conf")
    listed = {name: [one[n] for one in found] for n, name in enumerate(columns)}
    names = [factor.name for factor in design.factors]
    return {"parameters": names, "default": float(values[0].mean())} | listed


def _swing(codes: Floats, values: Floats, independent: bool) -> tuple[float | None, ...]:
    """Return differences at both ends from the first row, the largest difference of all, and their half-widths."""
    order = np.argsort(codes, kind="stable")
    means = values.mean(axis=1)
    most, least = int(np.argmax(means)), int(np.argmin(means))
    pairs = [(int(order[0]), 0), (int(order[-1]), 0), (most, least)]
    low, high, swing = (float(means[a] - means[b]) for a, b in pairs)
    widths = [_half_width(values[a], values[b], independent) for a, b in pairs]
    return low, high, swing, widths[2], widths[0], widths[1]


def _half_width(one: Floats, other: Floats, independent: bool) -> float | None:
    count = len(one)
    if count < FEWEST:
        return None
    variance = one.var(ddof=1) + other.var(ddof=1) if independent else (one - other).var(ddof=1)
    return float(stats.t.ppf(0.5 + LEVEL / 2.0, count - 1) * np.sqrt(variance / count))


def warnings(found: Mapping[str, Any], method: str, share: float | None, precision: float) -> list[Warned]:
    """Return what to know before the indices are believed."""
    out = []
    if share is None:
        out.append(Warned("noise_unknown", {}))
    elif share > precision:
        out.append(Warned("noise", {"share": share, "precision": precision}))
    close = _close(found, LEADING[method])
    if close:
        out.append(Warned("overlap", {"pairs": close}))
    for name, most in (("ST", MOST_TOTAL), ("S1", MOST_FIRST)):
        whole = sum(value or 0.0 for value in found.get(name, ()))
        if whole > most:
            out.append(Warned("sum_of_totals" if name == "ST" else "sum_of_firsts", {"sum": whole}))
    return out


def _close(found: Mapping[str, Any], leading: str) -> list[list[str]]:
    """Return neighbours in rank, among the first, whose intervals overlap."""
    widths = found.get(f"{leading}_conf")
    if widths is None or None in widths:
        return []
    order = sorted(range(len(widths)), key=lambda n: -abs(found[leading][n] or 0.0))[: RANKS + 1]
    pairs = pairwise(order)
    size = [abs(value or 0.0) for value in found[leading]]
    return [
        [found["parameters"][a], found["parameters"][b]]
        for a, b in pairs
        if size[a] > 0.0 and size[a] - widths[a] < size[b] + widths[b]
    ]
