"""The dilution verdict: which region the effects of a policy lie in, decided by simultaneous confidence boxes.

Codes only; a higher room names them. Unit everywhere: σ (student-achievement SD of learning per school year).
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import product
from math import inf, isfinite, isinf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from experiments.statistics import LOOKS, Floats, Interval, center, error_of, finite, look_levels, student, t_quantile

Triple = tuple[float, float, float]
COORDINATES = 3
FIRST_LOOK = 8


class Verdict(StrEnum):
    """Codes of the six regions and of *undecided*."""

    LIFT = "lift"
    FILL = "fill"
    PEAK_SHAVING = "peak_shaving"
    DILUTION = "dilution"
    WIDENING = "widening"
    INERT = "inert"
    UNDECIDED = "undecided"


REGIONS = tuple(verdict for verdict in Verdict if verdict is not Verdict.UNDECIDED)

# (band of ΔValley, band of ΔPeak): -1 below -δ, 0 within ±δ, 1 above δ.
_CELLS = {
    (1, -1): Verdict.PEAK_SHAVING,
    (1, 0): Verdict.FILL,
    (1, 1): Verdict.LIFT,
    (0, -1): Verdict.DILUTION,
    (0, 0): Verdict.INERT,
    (0, 1): Verdict.WIDENING,
    (-1, -1): Verdict.DILUTION,
    (-1, 0): Verdict.WIDENING,
    (-1, 1): Verdict.WIDENING,
}
# Cells that hold only while the total does: with ΔMean below -δ_mean they are dilution.
_STARRED = frozenset({(1, -1), (1, 0), (1, 1), (0, 0), (-1, 0)})
# The same as tables, bands counting from the end where they are negative.
_BANDS = (0, 1, -1)
_CELL_TABLE = np.array([[REGIONS.index(_CELLS[valley, peak]) for peak in _BANDS] for valley in _BANDS])
_STARRED_TABLE = np.array([[(valley, peak) in _STARRED for peak in _BANDS] for valley in _BANDS])


class Box(NamedTuple):
    """A closed box of (ΔPeak, ΔValley, ΔMean): lower ends, means, upper ends; ends may be infinite."""

    low: Triple
    mean: Triple
    high: Triple

    def intervals(self) -> tuple[Interval, Interval, Interval]:
        """Give the intervals of peak, valley and mean, with None where the box has no end or no mean."""
        peak, valley, mean = (
            Interval(None if isnan(middle) else middle, None if isinf(low) else low, None if isinf(high) else high)
            for low, middle, high in zip(*self, strict=True)
        )
        return peak, valley, mean


class Plan(NamedTuple):
    """Error probability of all verdicts together, and the numbers of replicates at which they may be reached."""

    alpha: float = 0.05
    looks: tuple[int, ...] = LOOKS


PLAN = Plan()


class Decision(NamedTuple):
    """A verdict, the regions its box touches (more than one when undecided), the box, and the replicates in it."""

    verdict: Verdict
    regions: tuple[Verdict, ...]
    box: Box
    replicates: int


def _margins(delta: float, delta_mean: float | None) -> tuple[float, float]:
    """Check the margins and fill in δ_mean = δ/2."""
    total = delta / 2 if delta_mean is None else delta_mean
    if not (isfinite(delta) and delta > 0 and isfinite(total) and total >= 0):
        message = f"delta {delta} must be above 0 and delta_mean {total} at least 0, both finite: try 0.02 and 0.01"
        raise ValueError(message)
    return delta, total


def region(d_peak: float, d_valley: float, d_mean: float, delta: float, delta_mean: float | None = None) -> Verdict:
    """Region in which known effects lie.

    Parameters
    ----------
    d_peak, d_valley, d_mean : float
        Effects, σ/year.
    delta : float
        Margin δ of peak and valley, σ/year.
    delta_mean : float, optional
        Margin of the total; δ/2 if not given.

    Returns
    -------
    Verdict
        One of the six regions. Borders belong to the middle: an effect of exactly ±δ is within ±δ, a total of exactly
        -δ_mean has not shrunk.

    Raises
    ------
    ValueError
        If an effect is not finite or a margin has the wrong sign.
    """
    delta, delta_mean = _margins(delta, delta_mean)
    if not (isfinite(d_peak) and isfinite(d_valley) and isfinite(d_mean)):
        message = f"effects {(d_peak, d_valley, d_mean)} must be finite: leave failed runs out before taking means"
        raise ValueError(message)
    cell = ((d_valley > delta) - (d_valley < -delta), (d_peak > delta) - (d_peak < -delta))
    return Verdict.DILUTION if cell in _STARRED and d_mean < -delta_mean else _CELLS[cell]


def regions(effects: ArrayLike, delta: float, delta_mean: float | None = None) -> NDArray[np.int64]:
    """Index into `REGIONS` of each row of known effects (peak, valley, mean), (n, 3); as `region` has it.

    Raises
    ------
    ValueError
        If an effect is not finite or a margin has the wrong sign.
    """
    delta, delta_mean = _margins(delta, delta_mean)
    peak, valley, total = finite(effects, 2).T
    cells = [(valley > delta).astype(int) - (valley < -delta), (peak > delta).astype(int) - (peak < -delta)]
    shrunk = _STARRED_TABLE[cells[0], cells[1]] & (total < -delta_mean)
    return np.where(shrunk, REGIONS.index(Verdict.DILUTION), _CELL_TABLE[cells[0], cells[1]])


def _bands(low: float, high: float, delta: float) -> tuple[int, ...]:
    """Bands below, within and above ±δ that the closed interval meets."""
    meets = {-1: low < -delta, 0: low <= delta and high >= -delta, 1: high > delta}
    return tuple(band for band, met in meets.items() if met)


def depth(effects: Triple, verdict: Verdict, delta: float, delta_mean: float | None = None) -> float:
    """How far known effects (peak, valley, mean) lie inside a region: the distance to its border, negative outside it.

    Distance is the largest change of one effect, all changing at once.
    """
    delta, delta_mean = _margins(delta, delta_mean)
    inside, outside = inf, inf
    for found, box in _boxes(delta, delta_mean):
        away = max(max(low - value, value - high, 0.0) for value, (low, high) in zip(effects, box, strict=True))
        inside, outside = (min(inside, away), outside) if found is not verdict else (inside, min(outside, away))
    return inside if outside == 0.0 else -outside


def _boxes(delta: float, delta_mean: float) -> list[tuple[Verdict, tuple[tuple[float, float], ...]]]:
    """Boxes (peak, valley, mean) that make up the regions."""
    bands = {-1: (-inf, -delta), 0: (-delta, delta), 1: (delta, inf)}
    out: list[tuple[Verdict, tuple[tuple[float, float], ...]]] = []
    for (valley, peak), kept in _CELLS.items():
        starred = (valley, peak) in _STARRED
        out.append((kept, (bands[peak], bands[valley], (-delta_mean if starred else -inf, inf))))
        if starred:
            out.append((Verdict.DILUTION, (bands[peak], bands[valley], (-inf, -delta_mean))))
    return out


def regions_touched(box: Box, delta: float, delta_mean: float | None = None) -> tuple[Verdict, ...]:
    """Regions that a closed box meets, exactly those, in the order of `Verdict`.

    Every cell of the table is a product of intervals, and the rule of the total cuts a starred cell by an interval of
    ΔMean; so the box meets a part of a cell just when its three intervals meet the part's three. A box without width
    is a point and meets one region.

    Raises
    ------
    ValueError
        If an end is NaN or a lower end exceeds its upper one, or a margin has the wrong sign.
    """
    delta, delta_mean = _margins(delta, delta_mean)
    if not all(low <= high for low, high in zip(box.low, box.high, strict=True)):
        message = f"box from {box.low} to {box.high} is not a box: every lower end must be at most its upper end"
        raise ValueError(message)
    peak, valley = (_bands(box.low[i], box.high[i], delta) for i in (0, 1))
    kept, shrunk = box.high[2] >= -delta_mean, box.low[2] < -delta_mean
    cells = set(product(valley, peak))
    found = {_CELLS[cell] for cell in cells if kept or cell not in _STARRED}
    if shrunk and cells & _STARRED:
        found.add(Verdict.DILUTION)
    return tuple(verdict for verdict in REGIONS if verdict in found)


def _rows(differences: ArrayLike) -> Floats:
    """Check paired differences: (n, 3), finite; n may be 0."""
    rows = finite(differences, 2)
    if rows.shape[1] != COORDINATES:
        message = f"expected columns peak, valley, mean, got shape {rows.shape}"
        raise ValueError(message)
    return rows


def _triple(values: Floats) -> Triple:
    peak, valley, mean = values.tolist()
    return peak, valley, mean


def _unbounded(rows: Floats) -> Box:
    """Give the box that says nothing, around the mean so far."""
    return Box((-inf, -inf, -inf), _triple(center(rows)), (inf, inf, inf))


def _box(rows: Floats, error: float) -> Box:
    """Bonferroni box: each coordinate takes a third of the error."""
    if len(rows) <= 1:
        return _unbounded(rows)
    mean, half = student(rows, error / COORDINATES)
    return Box(_triple(mean - half), _triple(mean), _triple(mean + half))


def confidence_box(differences: ArrayLike, level: float) -> Box:
    """Simultaneous confidence box of the mean effects from paired replicates.

    Student-t intervals, each at error (1 - level)/3, hold together with probability at least `level` whatever
    the dependence of the three (Bonferroni).

    Parameters
    ----------
    differences : (n, 3) array
        ΔPeak, ΔValley, ΔMean of each replicate.
    level : float
        Confidence level of the whole box.

    Returns
    -------
    Box
        Infinite below two replicates; a coordinate that does not vary has zero width, exactly.

    Raises
    ------
    ValueError
        If a value is not finite, the shape is wrong, or `level` is not a confidence level.
    """
    return _box(_rows(differences), error_of(level))


def decide(
    differences_by_policy: Sequence[ArrayLike],
    delta: float,
    look: int,
    delta_mean: float | None = None,
    plan: Plan = PLAN,
) -> list[Decision]:
    """Verdicts of the policies compared, after the given look.

    At each look so far, the first n replicates of each policy give a box at error
    ``look_levels(plan.alpha, plan.looks)[look] / policies``. A policy is decided at the first look whose box meets one
    region only; that verdict and box stand, and its later rows are not read. Looks that a policy has too few rows for
    are not taken: rows beyond the last look taken wait, so that watching results come in costs no error.

    Why the size holds: a verdict is wrong only if its box misses the true effects. The boxes of all coordinates,
    policies and looks together miss with probability at most Σ error = `plan.alpha` (Bonferroni, any dependence),
    whether or not they are all looked at; so stopping early, for any reason, cannot add to it.

    Why not Holm over policies: Holm gains because a rejected hypothesis leaves the family. Here the hypotheses are "the
    effects of policy p lie in region r", one of them is true of every policy, and deciding p rightly rejects only
    the others. All policies keep a true hypothesis to the end, the closed test spends alpha/policies on each,
    and nothing can be handed on. The boxes published, moreover, must hold together.

    Parameters
    ----------
    differences_by_policy : sequence of (n, 3) arrays
        ΔPeak, ΔValley, ΔMean by replicate, in the order in which the replicates were planned.
    delta : float
        Margin δ, σ/year.
    look : int
        Index into `plan.looks` of the latest look, from 0.
    delta_mean : float, optional
        Margin of the total; δ/2 if not given.
    plan : Plan
        Fixed before the first look; for a fixed number of replicates N, ``Plan(looks=(N,))``.

    Returns
    -------
    list of Decision
        One for each policy, in order. Before its first look a policy is undecided with an infinite box. Effects
        without any variance (the control against itself) are decided by a box of zero width.

    Raises
    ------
    ValueError
        If a value is not finite, a shape or margin is wrong, the look is not in the plan, or the plan's first look has
        fewer than 8 replicates, too few for a t box to be trusted.

    Notes
    -----
    The t box is exact for normal differences only. Measured at alpha 0.05, every policy on its worst corner with
    independent noise, wrong families in 1,000: normal, 8 policies 15; gamma of skewness 1, 8 policies 37 and 20
    policies 44; exponential (skewness 2), one policy 50, two 64, eight 108, eight with one look at 256 46. So for
    more than two policies whose differences are as skewed as that, plan one look, late.
    """
    sizes = plan.looks[: look + 1]
    if not 0 <= look < len(plan.looks) or plan.looks[0] < FIRST_LOOK:
        message = f"look {look} of looks {plan.looks}: count looks from 0 and plan the first at {FIRST_LOOK} or more"
        raise ValueError(message)
    margins = _margins(delta, delta_mean)
    errors = look_levels(plan.alpha, plan.looks) / max(len(differences_by_policy), 1)
    steps = list(zip(sizes, errors[: look + 1].tolist(), strict=True))
    return [_decision(_rows(differences), steps, margins) for differences in differences_by_policy]


def _decision(rows: Floats, steps: list[tuple[int, float]], margins: tuple[float, float]) -> Decision:
    """Take the looks in order until one decides or the rows run out."""
    decision = Decision(Verdict.UNDECIDED, REGIONS, _unbounded(rows), len(rows))
    for size, error in steps:
        if len(rows) < size:
            break
        box = _box(rows[:size], error)
        touched = regions_touched(box, *margins)
        decision = Decision(touched[0] if len(touched) == 1 else Verdict.UNDECIDED, touched, box, size)
        if len(touched) == 1:
            break
    return decision


def power_at(margins: ArrayLike, deviations: ArrayLike, look: int, policies: int = 1, plan: Plan = PLAN) -> float:
    """Power that a look guarantees: a lower bound of the probability that a policy has been decided by then.

    One minus the sum, over the borders that the box must clear, of the noncentral-t probability of not clearing it.
    Exact for one border and normal differences; with several a bound, whatever their dependence. Looks before only
    add to it.

    Parameters
    ----------
    margins : (k,) array
        Distance of the true effects from each border around their region, σ/year, positive: an effect held
        within ±δ has two.
    deviations : (k,) array or float
        Standard deviation over replicates of the effect that each border bounds, σ/year, positive.
    look : int
        Index into `plan.looks`.
    policies : int
        Number of policies compared.
    plan : Plan
        As for `decide`.

    Raises
    ------
    ValueError
        If a margin or deviation is not positive.
    """
    distances, spread = np.broadcast_arrays(finite(np.atleast_1d(margins), 1), finite(np.atleast_1d(deviations), 1))
    if not ((distances > 0).all() and (spread > 0).all()):
        message = "margins and deviations must be positive: give distances to the borders and SDs over replicates"
        raise ValueError(message)
    count = plan.looks[look]
    bound = t_quantile(float(look_levels(plan.alpha, plan.looks)[look]) / policies / COORDINATES, count - 1)
    # sf, not cdf: SciPy's cdf returns NaN for some noncentralities around 40 (scipy issue 25470)
    cleared = stats.nct.sf(bound, count - 1, distances / spread * np.sqrt(count))
    return max(0.0, 1.0 - float((1.0 - cleared).sum()))


def power_design(
    margins: ArrayLike, deviations: ArrayLike, power: float = 0.8, policies: int = 1, plan: Plan = PLAN
) -> int | None:
    """Replicates at the first look that guarantees `power` (see `power_at`); None if the last does not.

    This is the point at which that power is claimed. With the default plan, one policy and one border, 80 % power is
    claimed at 256 replicates for a distance of 0.21 standard deviations, at 64 for 0.55.
    """
    for look, count in enumerate(plan.looks):
        if power_at(margins, deviations, look, policies, plan) >= power:
            return count
    return None
