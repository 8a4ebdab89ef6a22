"""How school quality is spread before a policy and in the last years under it."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from figures import style
from figures.panels import panels
from figures.results import Results
from figures.text import Text, text

FEW = 12
"""Up to so many schools each is drawn by itself; of more, how dense they lie."""
STEPS = 200
PANEL_HEIGHT, LEGEND = 1.3, 0.75
Floats = NDArray[np.float64]


def data(results: Results) -> pd.DataFrame:
    """Return one row a policy and standing school: quality before and in the last years under the policy (σ)."""
    standing = results.schools[results.schools["opens"] == ""]
    before = standing.set_index("id")[["name", "role", "baseline_quality"]].set_axis(["name", "role", "before"], axis=1)
    table = results.tables["effects"].join(before, on="school", how="inner")
    return table.rename(columns={"quality": "after"})[["policy", "school", "name", "role", "before", "after"]]


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return one panel per policy, all on the same scale, in `language`."""
    t, comparison, table = text(language), results.comparison, data(results)
    there = [policy for policy in comparison.policies if policy.name in set(table["policy"])]
    titles = [policy.title[language] for policy in there]
    figure, grid = panels(titles, PANEL_HEIGHT, LEGEND, sharex=True, sharey=True)
    few = int(table.groupby("policy").size().max()) <= FEW
    reach = _reach(table)
    for axes, policy in zip(grid, there, strict=True):
        rows = table[table["policy"] == policy.name].sort_values("before")
        if few:
            _each(axes, rows)
        else:
            _density(axes, rows, reach)
        axes.set_xlim(reach)
        axes.spines["left"].set_visible(few)
    figure.supxlabel(t("figure.distribution.x"), fontsize="medium")
    if not few:
        figure.supylabel(t("figure.distribution.y"), fontsize="medium")
    figure.legend(handles=_key(few, t), loc="outside upper center", ncols=2)
    return figure


def _reach(table: pd.DataFrame) -> tuple[float, float]:
    values = table[["before", "after"]].to_numpy(float)
    edge = 0.12 * max(float(np.ptp(values)), 0.02)
    return float(values.min()) - edge, float(values.max()) + edge


def _each(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw a line from before to after for each school."""
    places = range(len(rows))
    axes.hlines(places, rows["before"], rows["after"], color=style.BLUE, linewidth=1.2)
    axes.scatter(rows["before"], places, s=18, facecolors="white", edgecolors=style.SOFT, zorder=3)
    axes.scatter(rows["after"], places, s=18, c=style.BLUE, zorder=3)
    axes.set_yticks(places, rows["name"])
    axes.set_ylim(-0.7, len(rows) - 0.3)


def _density(axes: Axes, rows: pd.DataFrame, reach: tuple[float, float]) -> None:
    at = np.linspace(*reach, STEPS)
    width = _bandwidth(rows["before"].to_numpy(float))
    before, after = (smoothed(rows[when].to_numpy(float), at, width) for when in ("before", "after"))
    axes.fill_between(at, before, color=style.FAINT, alpha=0.8, linewidth=0)
    axes.plot(at, after, color=style.BLUE)
    top = max(before.max(), after.max())
    for when, place, colour in (("before", -0.06, style.SOFT), ("after", -0.14, style.BLUE)):
        axes.plot(rows[when], np.full(len(rows), place * top), "|", color=colour, markersize=3, markeredgewidth=0.4)
    axes.set_yticks([])


def _bandwidth(values: Floats) -> float:
    """Return Silverman's width for a kernel density."""
    low, high = np.quantile(values, [0.25, 0.75])
    spread = min(float(values.std()), float(high - low) / 1.34) or float(values.std())
    return max(0.9 * spread * math.exp(-0.2 * math.log(len(values))), 1e-3)


def smoothed(values: Floats, at: Floats, width: float) -> Floats:
    """Return the Gaussian kernel density of `values` at places `at`."""
    distances = (at[:, None] - values[None, :]) / width
    density: Floats = np.exp(-0.5 * distances**2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
    return density


def _key(few: bool, t: Text) -> list[Line2D | Patch]:
    if not few:
        line = Line2D([], [], color=style.BLUE, label=t("figure.distribution.after"))
        return [Patch(facecolor=style.FAINT, alpha=0.8, label=t("figure.distribution.before")), line]
    looks = {"before": ("white", style.SOFT), "after": (style.BLUE, style.BLUE)}
    return [
        Line2D(
            [], [], linestyle="", marker="o", markersize=4, markerfacecolor=face, markeredgecolor=edge,
            label=t(f"figure.distribution.{name}"),
        )
        for name, (face, edge) in looks.items()
    ]  # fmt: skip
