"""School map: where the schools are, how strong they were before the policy, and who is tied to whom in each layer."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from figures import labels, style, wording
from figures.results import CHANNELS, Results
from figures.text import Text, text

ROLES = {"none": "v", "member": "o", "lead": "s", "zone_head": "*"}
"""Marks by role, in drawing order."""
LAYERS = {
    "group": style.BLUE,
    "zone": style.VERMILLION,
    "pair": style.PURPLE,
    "district": style.GREEN,
    "platform": style.BLACK,
}
STAR = 2.2
"""A star needs this much more area to look as large as a square."""
LARGEST = 60
"""Area of the largest school's mark, points²."""
ACROSS = 3
NAMED = 12
"""Up to so many schools are named on the map."""
MANY = 2000
"""Beyond so many schools or ties, marks are stored as pixels, or files would not open."""
MARGIN = 0.6
AIR = 1.12
FLATTEST, STEEPEST = 0.45, 1.1
KEY_HEIGHT = 1.3


def data(results: Results) -> pd.DataFrame:
    """Return schools and ties in one table: ``kind`` says which; places in km, quality in σ, weights in [0, 1]."""
    schools = results.schools.assign(kind="school")
    places = results.schools.set_index("id")[["x_km", "y_km"]]
    source, target = (places.loc[results.ties[end]].to_numpy() for end in ("source", "target"))
    ties = results.ties.assign(
        kind="tie",
        weight=results.ties[list(CHANNELS)].to_numpy().sum(axis=1) / len(CHANNELS),
        x_km=source[:, 0],
        y_km=source[:, 1],
        x_km_target=target[:, 0],
        y_km_target=target[:, 1],
    )
    table = pd.concat([schools, ties], ignore_index=True)
    return table[["kind", *(column for column in table if column != "kind")]]


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return the school map with one panel per layer in `language`."""
    t, table = text(language), data(results)
    schools, ties = table[table["kind"] == "school"], table[table["kind"] == "tie"]
    layers: list[str | None] = [layer for layer in LAYERS if layer in set(ties["layer"])]
    layers = layers or [None]
    figure, panels = _panels(schools, len(layers), t)
    scale = _scale(schools["baseline_quality"])
    for axes, layer in zip(panels, layers, strict=True):
        part = ties[ties["layer"] == layer]
        _ties(axes, part, LAYERS.get(layer or "", style.SOFT))
        _schools(axes, schools, set(part["source"]) | set(part["target"]), scale)
        title = t("figure.network.panel", layer=t(f"layer.{layer}"), ties=len(part)) if layer else None
        axes.set_title(title or t("figure.network.no_ties"))
    bar = figure.colorbar(ScalarMappable(scale), ax=panels, location="bottom", shrink=0.5, aspect=40, pad=0.06)
    bar.set_label(t("figure.network.colour"))
    bar.outline.set_visible(False)
    figure.legend(handles=_key(schools, t), loc="outside upper center", ncols=7, handletextpad=0.4)
    if len(schools) <= NAMED:
        _names(panels, schools)
    return figure


def _panels(schools: pd.DataFrame, count: int, t: Text) -> tuple[Figure, list[Axes]]:
    across = ACROSS if count % ACROSS == 0 else min(count, 2)
    down = math.ceil(count / across)
    east, north = frame(schools)
    width = style.MIDDLE if across == 1 else style.DOUBLE
    shape = (north[1] - north[0]) / (east[1] - east[0])
    figure = Figure(figsize=(width, down * shape * (width - MARGIN) / across + KEY_HEIGHT), layout="compressed")
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    grid[0, 0].set(xlim=east, ylim=north)
    for axes in grid.flat:
        axes.set_aspect("equal")
        axes.label_outer()
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel(t("figure.network.x"))
    for axes in grid[:, 0]:
        axes.set_ylabel(t("figure.network.y"))
    return figure, list(grid.flat[:count])


def frame(schools: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the limits of the map, km: all schools with air around them, neither too flat nor too steep."""
    low, high = (schools[["x_km", "y_km"]].agg(end).to_numpy(float) for end in ("min", "max"))
    middle, span = (low + high) / 2, (high - low) * AIR + 1
    width, height = max(span[0], span[1] / STEEPEST), max(span[1], span[0] * FLATTEST)
    return (middle[0] - width / 2, middle[0] + width / 2), (middle[1] - height / 2, middle[1] + height / 2)


def _scale(quality: pd.Series) -> Normalize:
    middle, reach = quality.median(), max(float((quality - quality.median()).abs().max()), 0.01)
    return Normalize(middle - reach, middle + reach)


def _ties(axes: Axes, ties: pd.DataFrame, colour: str) -> None:
    ends = ties[["x_km", "y_km", "x_km_target", "y_km_target"]].to_numpy(float).reshape(-1, 2, 2)
    widths = 0.25 + 1.5 * ties["weight"].to_numpy(float)
    lines = LineCollection(list(ends), linewidths=widths, colors=colour, alpha=0.55, rasterized=len(ties) > MANY)
    axes.add_collection(lines)


def _schools(axes: Axes, schools: pd.DataFrame, tied: set[str], scale: Normalize) -> None:
    areas = _areas(schools["pupils"], schools)
    for role, marker in ROLES.items():
        for inside in (False, True):
            part = schools[(schools["role"] == role) & (schools["id"].isin(tied) == inside)]
            axes.scatter(
                part["x_km"],
                part["y_km"],
                s=areas[part.index] * (STAR if marker == "*" else 1),
                c=part["baseline_quality"],
                marker=marker,
                norm=scale,
                alpha=1 if inside else 0.3,
                edgecolors=style.INK if inside else style.SOFT,
                linewidths=0.4,
                zorder=3 if inside else 2,
                rasterized=len(schools) > MANY,
            )


def _areas(pupils: pd.Series, schools: pd.DataFrame) -> pd.Series:
    return np.maximum(LARGEST * pupils / max(schools["pupils"].max(), 1), 2)


def _key(schools: pd.DataFrame, t: Text) -> list[Line2D]:
    present = [role for role in reversed(ROLES) if role in set(schools["role"])]
    sizes = _round_sizes(float(schools["pupils"].max()))
    roles = [_mark(ROLES[role], 6 if ROLES[role] == "*" else 4.5, t(f"role.{role}")) for role in present]
    areas = _areas(pd.Series(sizes), schools)
    return roles + [
        _mark("o", area**0.5, t("figure.network.pupils", pupils=wording.whole(size)), style.FAINT)
        for size, area in zip(sizes, areas, strict=True)
    ]


def _mark(marker: str, size: float, label: str, colour: str = style.SOFT) -> Line2D:
    line = Line2D([], [], linestyle="", marker=marker, markersize=size, color=colour, label=label)
    line.set(markeredgecolor=style.INK, markeredgewidth=0.4)
    return line


def _round_sizes(largest: float) -> list[float]:
    top = 10 ** math.floor(math.log10(max(largest, 1)))
    return [top / 2, top]


def _names(panels: list[Axes], schools: pd.DataFrame) -> None:
    labels.settle(panels[0])
    spots = list(zip(schools["x_km"], schools["y_km"], strict=True))
    for axes in panels:
        strokes = [
            path for lines in axes.collections if isinstance(lines, LineCollection) for path in lines.get_paths()
        ]
        labels.place(axes, spots, list(schools["name"]), labels.along(axes, [path.vertices for path in strokes]))
