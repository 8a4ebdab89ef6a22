"""What a sweep found: effects along one factor, or the verdict over two with the border where it flips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from pydantic import ValidationError
from scipy import stats

from figures import style
from figures.cells import plain
from figures.moves import Moved, sentences
from figures.problems import ResultsError
from figures.results import LATE_YEARS, Record, Title
from figures.text import LANGUAGES, Text, text

NAME, POINTS = "sweep.json", "points.csv"
EFFECTS = ("peak", "valley", "mean")
LEVEL = 0.95
SURE = 0.9
"""Probability below which the verdict of a point is marked as unsure."""
MOST_FACTORS = 2
MOST_TICKS = 9


class Factor(Record):
    """What of a factor is drawn."""

    name: str
    values: tuple[float | str, ...] = ()


class Design(Record):
    """What of a design is drawn and told."""

    kind: str
    points: int
    factors: list[Factor]


class Policy(Record):
    """The policy where no point names another."""

    title: Title


class Sweep(Record):
    """What of ``sweep.json`` is drawn and told."""

    scenario: str
    title: Title
    synthetic: bool
    policy: Policy
    control: Policy
    delta: float
    seed: int
    years: int
    replicates: int
    design: Design
    labels: dict[str, dict[str, Title]]
    runs: dict[str, int]
    regions: dict[str, int]
    moves: list[Moved] = []  # noqa: RUF012 - copied by pydantic
    version: str


def load(results_dir: str | Path) -> tuple[Sweep, pd.DataFrame]:
    """Return a saved sweep and its points, those without any finished run left out.

    Raises
    ------
    ResultsError
        If it is not there or holds something else.
    """
    path = Path(results_dir) / NAME
    try:
        found = Sweep.model_validate(json.loads(path.read_bytes()))
        path = Path(results_dir) / POINTS
        named = {factor.name: str for factor in found.design.factors if _is_named(factor)}
        points = pd.read_csv(path, dtype=named).map(plain)
    except OSError:
        raise ResultsError("missing_file", path=str(path)) from None
    except (ValueError, ValidationError) as fault:
        raise ResultsError("bad_file", path=str(path), fault=str(fault).splitlines()[0]) from None
    return found, points[points["done"] > 0].reset_index(drop=True)


def _is_named(factor: Factor) -> bool:
    return any(isinstance(value, str) for value in factor.values)


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw a sweep of one or two factors in every language and return the paths written; none for more factors."""
    found, points = load(results_dir)
    if not is_drawn(found, points):
        return []
    paths = []
    for language in languages:
        name = "sweep" if language == "en" else f"sweep.{language}"
        folder = Path(results_dir) / "figures"
        paths += style.save(
            draw(found, points, language), folder, name, data(found, points), caption(found, text(language))
        )
    return paths


def is_drawn(found: Sweep, points: pd.DataFrame) -> bool:
    """Whether there is a figure for so many factors."""
    return len(found.design.factors) <= MOST_FACTORS and not points.empty


def facts(found: Sweep, t: Text) -> dict[str, object]:
    """Return what captions and tables mention, by placeholder name."""
    return {
        "policy": found.policy.title[t.language],
        "control": found.control.title[t.language],
        "points": found.design.points,
        "design": found.design.kind,
        "replicates": found.replicates,
        "seed": found.seed,
        "first": max(found.years - LATE_YEARS + 1, 1),
        "last": found.years,
        "delta": f"{found.delta:g}",
        "level": f"{100 * LEVEL:g}",
        "sure": f"{100 * SURE:g}",
    }


def caption(found: Sweep, t: Text) -> str:
    """Return title, caption and provenance."""
    kind = "line" if len(found.design.factors) == 1 else "map"
    title, version = found.title[t.language], found.version
    provenance = t("sweep.provenance", scenario=title, id=found.scenario, seed=found.seed, version=version)
    lines = [t("phrase.captioned", title=t("sweep.title"), told=t(f"sweep.{kind}", **facts(found, t)))]
    lines += [*sentences(found.moves, t), provenance]
    return "\n\n".join([*lines, t("figure.provenance.synthetic")] if found.synthetic else lines)


def data(found: Sweep, points: pd.DataFrame) -> pd.DataFrame:
    """Return one row a point: factors, effects with standard errors, region and its probability."""
    names = [factor.name for factor in found.design.factors]
    effects = [f"d_{name}{end}" for name in EFFECTS for end in ("", "_se")]
    return points[[*names, "done", *effects, "region"]].assign(probability=_sureness(points))


def _sureness(points: pd.DataFrame) -> pd.Series[float]:
    """Return the probability of each point's own region; NaN of a single run."""
    pairs = points["region"].items()
    found = [points[f"probability_{region}"][row] for row, region in pairs]
    return pd.Series(found, index=points.index, dtype=float)


@style.applied()
def draw(found: Sweep, points: pd.DataFrame, language: str) -> Figure:
    """Return the figure in `language`: lines with bands for one factor, a map of verdicts for two."""
    t = text(language)
    if len(found.design.factors) == 1:
        return _line(found, points, t)
    return _map(found, points, t)


def _line(found: Sweep, points: pd.DataFrame, t: Text) -> Figure:
    figure = Figure(figsize=(style.MIDDLE, 0.62 * style.MIDDLE), layout="constrained")
    axes, factor = figure.subplots(), found.design.factors[0]
    places = _places(factor, points)
    order = np.argsort(places, kind="stable")
    for name in EFFECTS:
        mean = points[f"d_{name}"].to_numpy()[order]
        half = _half_width(points[f"d_{name}_se"].to_numpy()[order], points["done"].to_numpy()[order])
        colour, marker = style.SERIES[name], style.MARKERS[EFFECTS.index(name)]
        if factor.values:
            shift = 0.12 * (EFFECTS.index(name) - 1)
            axes.errorbar(
                places[order] + shift, mean, half, color=colour, fmt=marker, markersize=4, label=t(f"series.{name}")
            )
        else:
            axes.fill_between(places[order], mean - half, mean + half, color=colour, alpha=0.18, linewidth=0)
            axes.plot(places[order], mean, color=colour, marker=marker, markersize=3, label=t(f"series.{name}"))
    axes.axhspan(-found.delta, found.delta, color=style.FAINT, alpha=0.35, linewidth=0, zorder=0)
    axes.axhline(0.0, color=style.SOFT, linewidth=0.5, zorder=0)
    axes.set_ylabel(t("sweep.effect"))
    _label(axes.xaxis, found, factor, t)
    figure.legend(loc="outside upper center", ncols=len(EFFECTS))
    return figure


def _half_width(errors: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return half-widths of t intervals of means; none where there is one run."""
    quantile = stats.t.ppf(0.5 + LEVEL / 2, np.maximum(counts - 1, 1))
    return np.asarray(np.nan_to_num(errors * quantile))


def _places(factor: Factor, points: pd.DataFrame) -> np.ndarray:
    """Return where points lie along a factor: its numbers, or the index of a listed value."""
    column = points[factor.name]
    if not factor.values:
        return np.asarray(column, dtype=np.float64)
    index = {str(value): n for n, value in enumerate(factor.values)}
    keys = column if _is_named(factor) else column.map(lambda value: _written(value, factor.values))
    return np.asarray(keys.map(index), dtype=np.float64)


def _written(value: float, values: Sequence[float | str]) -> str:
    """Return a number of a table as it is listed."""
    return next(str(known) for known in values if known == value)


def _label(axis: Any, found: Sweep, factor: Factor, t: Text) -> None:  # noqa: ANN401 - either axis of a plot
    axis.set_label_text(t(f"sweep.factor.{factor.name}") if factor.name in found.labels else factor.name)
    if factor.values:
        words = found.labels.get(factor.name, {})
        names = [words[str(v)][t.language] if str(v) in words else f"{v}" for v in factor.values]
        axis.set_ticks(range(len(names)), names)


def _map(found: Sweep, points: pd.DataFrame, t: Text) -> Figure:
    figure = Figure(figsize=(style.MIDDLE, 0.8 * style.MIDDLE), layout="constrained")
    axes = figure.subplots()
    across, up = found.design.factors
    x, y = _places(across, points), _places(up, points)
    if _is_grid(x, y):
        _cells(axes, points, x, y)
    else:
        _cloud(axes, points, x, y)
    _label(axes.xaxis, found, across, t)
    _label(axes.yaxis, found, up, t)
    figure.legend(handles=_key(points, t), loc="outside upper center", ncols=3)
    return figure


def _is_grid(x: np.ndarray, y: np.ndarray) -> bool:
    return len(set(zip(x, y, strict=True))) == len(x) == len(set(x)) * len(set(y)) and min(len(set(x)), len(set(y))) > 1


def _cells(axes: Axes, points: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> None:
    """Draw a cell a point, in the colour of its verdict, and the border between verdicts."""
    columns, rows = np.unique(x), np.unique(y)
    left, low = _edges(columns), _edges(rows)
    regions = np.full((len(rows), len(columns)), "", dtype=object)
    regions[np.searchsorted(rows, y), np.searchsorted(columns, x)] = points["region"].to_numpy()
    for (row, column), region in np.ndenumerate(regions):
        axes.fill_between(left[column : column + 2], low[row], low[row + 1], color=style.VERDICTS[region], linewidth=0)
    border = [[(left[c + 1], low[r + n]) for n in (0, 1)] for r, c in np.argwhere(regions[:, 1:] != regions[:, :-1])]
    border += [[(left[c + n], low[r + 1]) for n in (0, 1)] for r, c in np.argwhere(regions[1:] != regions[:-1])]
    axes.add_collection(LineCollection(border, colors=style.BLACK, linewidths=1.4, capstyle="round"))
    unsure = ~_sureness(points).ge(SURE).to_numpy()
    axes.plot(
        x[unsure], y[unsure], linestyle="", marker="o", markersize=3.5, color="white", markeredgecolor=style.BLACK
    )
    axes.set(xlim=(left[0], left[-1]), ylim=(low[0], low[-1]))


def _edges(places: np.ndarray) -> np.ndarray:
    """Return the edges of cells around rising places, half-way between them."""
    middles = (places[1:] + places[:-1]) / 2.0
    return np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])


def _cloud(axes: Axes, points: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> None:
    """Draw a mark a point, hollow where its verdict is unsure."""
    unsure = ~_sureness(points).ge(SURE).to_numpy()
    for region in dict.fromkeys(points["region"]):
        colour, chosen = style.VERDICTS[region], (points["region"] == region).to_numpy()
        for mask, face in ((chosen & ~unsure, colour), (chosen & unsure, "white")):
            axes.scatter(x[mask], y[mask], s=22, facecolor=face, edgecolor=colour, linewidth=1.1)


def _key(points: pd.DataFrame, t: Text) -> list[Patch | Line2D]:
    found = [region for region in style.VERDICTS if region in set(points["region"])]
    patches: list[Patch | Line2D] = [
        Patch(color=style.VERDICTS[name], label=t(f"verdict.name.{name}")) for name in found
    ]
    unsure = Line2D([], [], linestyle="", marker="o", markersize=3.5, color="white", markeredgecolor=style.BLACK)
    unsure.set_label(t("sweep.unsure", sure=f"{100 * SURE:g}"))
    return patches if _sureness(points).ge(SURE).all() else [*patches, unsure]
