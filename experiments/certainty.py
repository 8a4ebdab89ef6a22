"""How sure a verdict is: draws of everything uncertain, the share that agrees, and what the verdict hinges on.

More replicates make anything decided at judged parameters; this asks instead what becomes of a verdict when all
uncertain parameters and weights are drawn from their declared ranges. A draw's effects are few paired replicates; what
chance does to these same seeds at the defaults is known from the comparison and taken off (a control variate).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.comparison import EARLY_YEAR, LATE_YEARS, OUTCOMES, Comparison, Study
from experiments.headline import Headline, headline
from experiments.jobs import Job
from experiments.verdict import FIRST_LOOK, Plan, Verdict, depth, region
from model.chance import Key, Stream, stable_id, uniform
from model.chance import key as chance_key
from scenarios.bounds import along

Floats = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float, float]]
StudyAt = Callable[[Mapping[str, float]], Study]
Rows = Sequence[Mapping[str, Floats]]
Runs = Callable[[Job], Mapping[str, Floats]]

DRAWS = 64
REPLICATES = 4
MOST_HINGES = 3
LEVEL = 0.05
NOTICED = 0.5
"""A rank correlation that draws should be enough to notice (judged); with fewer, no hinge says little."""
GRID = 4
STREAM = int(Stream.DESIGN)
LATE = slice(-LATE_YEARS, None)
EARLY = slice(EARLY_YEAR - 1, EARLY_YEAR)
SURE_GAIN = 0.95
"""Share of draws in which something must be gained before anything is told for each unit of the gain."""
SPREAD = (0.05, 0.5, 0.95)
"""Shares of draws below the ends and the middle of what is told of their effects."""


class Hinge(NamedTuple):
    """A number that a verdict hinges on.

    `path` names it; `correlation` is that of its rank with how far the effects lie inside the verdict's region; `flips`
    are the nearest values below and above the default at which the verdict changes, all else at defaults, with the
    verdict beyond.
    """

    path: str
    correlation: float
    flips: tuple[tuple[float, Verdict], ...]


def latin_hypercube(ranges: Ranges, count: int, seed: int) -> list[dict[str, float]]:
    """Return `count` draws, every number once in each of `count` equal slices of its range.

    Keyed by path, so a number's draws do not change when others join.
    """
    base = chance_key(seed, 0)
    columns = {path: _slices(base, path, count) for path in ranges}
    return [
        {path: along(low, high, float(columns[path][n])) for path, (low, _, high) in ranges.items()}
        for n in range(count)
    ]


def _slices(base: Key, path: str, count: int) -> Floats:
    ident = np.uint64(stable_id(path))
    order = np.argsort([uniform(base, ident, n, STREAM, 0) for n in range(count)], kind="stable")
    return np.asarray((order + np.array([uniform(base, ident, n, STREAM, 1) for n in range(count)])) / count)


class Sample:
    """The comparison of some policies repeated at one setting of numbers, with few replicates."""

    def __init__(self, study: Study, names: Sequence[str], replicates: int = REPLICATES) -> None:
        comparison = Comparison(study, Plan(looks=(max(FIRST_LOOK, replicates),)), schools=False)
        self.jobs = [comparison.job(replicate, names) for replicate in range(replicates)]


def effects(rows: Rows, name: str, control: str, years: slice = LATE) -> Floats:
    """Return ΔPeak, ΔValley and ΔMean by replicate, mean of some years, (n, 3); if not told of the last two."""
    return np.stack(
        [[(r[f"{name}/{measure}"] - r[f"{control}/{measure}"])[years].mean() for measure in OUTCOMES] for r in rows]
    )


def adjusted(few: Floats, usual: Floats) -> Floats:
    """Return mean effects (3,) from a few replicates, less what these same seeds do at the default parameters.

    Parameters
    ----------
    few
        Effects of replicates 0 … n − 1 at other numbers, (n, 3).
    usual
        Effects of replicates 0 … m − 1 at the defaults, m ≥ n, (m, 3).
    """
    chance = usual[: len(few)].mean(axis=0) - usual.mean(axis=0)
    return np.asarray(few.mean(axis=0) - chance, dtype=np.float64)


def spread(by_draw: Floats) -> dict[str, dict[str, float]]:
    """Return the median and the 5 and 95 % quantiles over draws of ΔPeak, ΔValley and ΔMean, (draws, 3)."""
    low, median, high = np.quantile(by_draw, SPREAD, axis=0)
    return {
        f"d_{name}": {"median": float(median[n]), "low": float(low[n]), "high": float(high[n])}
        for n, name in enumerate(OUTCOMES)
    }


def _triple(effect: ArrayLike) -> tuple[float, float, float]:
    peak, valley, mean = np.asarray(effect, dtype=np.float64).tolist()
    return peak, valley, mean


def region_of(effect: ArrayLike, delta: float) -> Verdict:
    """Return the region of mean effects (3,)."""
    return region(*_triple(effect), delta)


def hinges_of(draws: Sequence[Mapping[str, float]], depths: Floats) -> list[tuple[str, float]]:
    """Return up to three paths whose ranks correlate most with `depths`, beyond what chance gives among so many.

    A correlation counts where a t test of it, with the error shared among all paths, rejects none.
    """
    if len(depths) < 3 or np.ptp(depths) == 0.0:  # noqa: PLR2004 - a correlation needs three
        return []
    rank = np.argsort(np.argsort(depths, kind="stable"), kind="stable").astype(np.float64)
    found = []
    for path in draws[0]:
        values = np.argsort(np.argsort([draw[path] for draw in draws], kind="stable"), kind="stable")
        found.append((path, float(np.corrcoef(values, rank)[0, 1])))
    least = least_correlation(len(depths), LEVEL / len(found))
    strong = [(path, r) for path, r in sorted(found, key=lambda item: (-abs(item[1]), item[0])) if abs(r) >= least]
    return strong[:MOST_HINGES]


def least_correlation(count: int, error: float) -> float:
    """Return the correlation of `count` pairs that chance exceeds, up or down, with probability `error`."""
    freedom = count - 2
    t = float(special.stdtrit(freedom, 1.0 - error / 2.0))
    return float(t / np.sqrt(freedom + t * t))


def draws_for(correlation: float, numbers: int, most: int = 1 << 16) -> int:
    """Return the fewest draws of so many numbers in which a correlation of that size counts."""
    enough = (n for n in range(3, most) if least_correlation(n, LEVEL / max(numbers, 1)) <= correlation)
    return next(enough, most)


def grid(low: float, default: float, high: float) -> list[float]:
    """Return values from low to high, as many on each side of the default as there is room for, default left out."""
    below = [along(low, default, n / GRID) for n in range(GRID)] if default > low else []
    above = [along(default, high, (n + 1) / GRID) for n in range(GRID)] if high > default else []
    return below + above


def flips(points: Sequence[tuple[float, Floats]], default: float, delta: float) -> tuple[tuple[float, Verdict], ...]:
    """Return the nearest values below and above the default at which the region changes, with the region beyond.

    Parameters
    ----------
    points
        (value, effects) at rising values, the default's among them; between them effects are taken to be straight.
    """
    at = next(n for n, (value, _) in enumerate(points) if value == default)
    down, up = list(reversed(points[: at + 1])), list(points[at:])
    return tuple(flip for flip in (_first_flip(side, delta) for side in (down, up)) if flip is not None)


def _first_flip(points: Sequence[tuple[float, Floats]], delta: float) -> tuple[float, Verdict] | None:
    usual = region_of(points[0][1], delta)
    for (a, one), (b, other) in pairwise(points):
        if region_of(other, delta) is not usual:
            low, high = 0.0, 1.0
            for _ in range(40):
                middle = 0.5 * (low + high)
                between = one + middle * (other - one)
                low, high = (middle, high) if region_of(between, delta) is usual else (low, middle)
            beyond = one + high * (other - one)
            return a + high * (b - a), region_of(beyond, delta)
    return None


def without_unsure_ratios(policy: Mapping[str, Any], by_draw: ArrayLike) -> dict[str, Any]:
    """Return what an entry of comparison.json tells for each unit of a gain, less what draws make unsure.

    A ratio is told only where at least 95 % of the draws have the gain that it is a ratio to.
    """
    gained = (np.asarray(by_draw, dtype=np.float64) > 0.0).mean(axis=0) >= SURE_GAIN
    valley, mean = bool(gained[OUTCOMES.index("valley")]), bool(gained[OUTCOMES.index("mean")])
    costs = dict(policy["costs"])
    costs |= {} if valley else {"per_hundredth_sigma_valley": None}
    costs |= {} if mean else {"per_hundredth_sigma_mean": None}
    return {"costs": costs} | ({} if valley else {"peak_cost_ratio": dict.fromkeys(policy["peak_cost_ratio"])})


class Certainty:
    """The draws of a comparison, and then its hinges one at a time."""

    def __init__(self, comparison: Comparison, study_at: StudyAt, ranges: Ranges, count: int = DRAWS) -> None:
        self.comparison, self.study_at, self.ranges = comparison, study_at, ranges
        self.replicates = REPLICATES
        self.draws = latin_hypercube(ranges, count, comparison.study.seed)
        self.samples: list[Sample] = []
        self.names = [arm.name for arm in comparison.study.arms]

    def jobs(self) -> Iterator[Job]:
        """Give the jobs of all draws, preparing each draw as it is wanted."""
        for draw in self.draws[len(self.samples) :]:
            self.samples.append(Sample(self.study_at(draw), self.names, self.replicates))
            yield from self.samples[-1].jobs

    def points(self, years: slice = LATE) -> dict[str, Verdict]:
        """Return by policy the region of its mean effects at the declared numbers."""
        comparison, delta = self.comparison, self.comparison.study.delta
        return {
            arm.name: region_of(comparison.effects(arm, years).mean(axis=0), delta) for arm in comparison.study.arms
        }

    def headlines(self, runs: Runs, years: slice = LATE) -> dict[str, Headline]:
        """Return by policy the region that most draws lie in."""
        delta = self.comparison.study.delta
        return {
            name: headline((region_of(effect, delta) for effect in self.by_draw(runs, name, years)), point)
            for name, point in self.points(years).items()
        }

    def by_draw(self, runs: Runs, name: str, years: slice = LATE) -> Floats:
        """Return the mean effects of a policy by draw, (draws, 3), in σ a year."""
        usual = self._effects(self.comparison.rows[: self._shared(name)], name, years)
        few = ([runs(job) for job in sample.jobs] for sample in self.samples)
        return np.array([adjusted(self._effects(rows, name, years), usual) for rows in few])

    def _effects(self, rows: Rows, name: str, years: slice = LATE) -> Floats:
        control = f"{name}@same_money" if self.comparison.study.same_money else "control"
        return effects(rows, name, control, years)

    def _shared(self, name: str) -> int:
        return sum(f"{name}/peak" in rows for rows in self.comparison.rows)

    def candidates(self, runs: Runs) -> dict[str, list[tuple[str, float]]]:
        """Return by policy the paths its verdict may hinge on, with their correlations."""
        delta, out = self.comparison.study.delta, {}
        for name, found in self.headlines(runs).items():
            depths = np.array([depth(_triple(e), found.verdict, delta) for e in self.by_draw(runs, name)])
            out[name] = hinges_of(self.draws, depths)
        return out

    def paths(self, candidates: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, dict[float, Sample]]:
        """Return path → value → the policies that may hinge on it, compared with this one number changed."""
        out = {}
        for path in dict.fromkeys(path for found in candidates.values() for path, _ in found):
            names = [name for name in self.names if path in dict(candidates[name])]
            studies = {value: self.study_at({path: value}) for value in grid(*self.ranges[path])}
            out[path] = {value: Sample(study, names, self.replicates) for value, study in studies.items()}
        return out

    def document(
        self,
        runs: Runs,
        candidates: Mapping[str, Sequence[tuple[str, float]]],
        alone: Mapping[str, Mapping[float, Sample]],
    ) -> dict[str, dict[str, Any]]:
        """Return by policy what its entry in comparison.json says once numbers were drawn.

        That is the verdicts told, of the long run and of year 3, and `certainty`: how many draws lie in which region,
        the effects by draw with their spread, and the `hinges`.
        """
        late, early = self.headlines(runs), self.headlines(runs, EARLY)
        out = {}
        for name, point in self.points().items():
            by_draw = self.by_draw(runs, name)
            certainty = late[name].document() | {
                "draws": len(self.draws),
                "replicates": self.replicates,
                "point": point.value,
                "year3": early[name].document(),
                "effects": spread(by_draw),
                "by_draw": by_draw.tolist(),
                "draws_for_hinges": draws_for(NOTICED, len(self.ranges)),
                "hinges": [
                    _hinge_document(self._hinge(runs, name, path, r, alone[path]), self.ranges)
                    for path, r in candidates[name]
                ],
            }
            told = {"verdict": late[name].verdict.value, "verdict_year3": early[name].verdict.value}
            out[name] = told | {"certainty": certainty}
        return out

    def _hinge(
        self,
        runs: Runs,
        name: str,
        path: str,
        correlation: float,
        alone: Mapping[float, Sample],
    ) -> Hinge:
        usual = self._effects(self.comparison.rows[: self._shared(name)], name)
        points = [
            (value, adjusted(self._effects([runs(job) for job in sample.jobs], name), usual))
            for value, sample in alone.items()
        ]
        default = self.ranges[path][1]
        points = sorted([*points, (default, usual.mean(axis=0))], key=lambda point: point[0])
        return Hinge(path, correlation, flips(points, default, self.comparison.study.delta))


def _hinge_document(hinge: Hinge, ranges: Ranges) -> dict[str, Any]:
    low, default, high = ranges[hinge.path]
    places = [{"value": value, "verdict": verdict.value} for value, verdict in hinge.flips]
    return {
        "path": hinge.path,
        "correlation": hinge.correlation,
        "low": low,
        "default": default,
        "high": high,
        "flips": places,
    }
