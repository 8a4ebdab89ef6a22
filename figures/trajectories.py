"""Trajectories: paired differences from the control at the strongest, the weakest and all schools, by year."""

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from figures import style, wording
from figures.panels import panels
from figures.results import HORIZON, Results
from figures.text import Text, text

LINES: dict[str, Literal["-", "--", ":"]] = {"peak": "-", "valley": "--", "mean": ":"}
"""Line styles, so that the three can be told apart in black and white."""
PANEL_HEIGHT = 1.55
LEGEND_HEIGHT = 0.75


def data(results: Results) -> pd.DataFrame:
    """Return one row per policy, series and year: mean difference with pointwise 95 % limits, σ per school year."""
    rows = [
        {
            "policy": number,
            "mode": policy.mode,
            "rotation": policy.rotation,
            "support": policy.support,
            "series": series,
            "year": year,
        }
        | {"mean": mean, "low": low, "high": high}
        for number, policy in enumerate(results.comparison.policies, 1)
        for series in LINES
        for band in [getattr(policy.trajectory, series)]
        for year, (mean, low, high) in enumerate(zip(band.mean, band.low, band.high, strict=True), 1)
    ]
    return pd.DataFrame(rows).astype({"low": float, "high": float})


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return one panel per policy, all on the same scale, in `language`."""
    t, comparison = text(language), results.comparison
    titles = [policy.title[language] for policy in comparison.policies]
    figure, grid = panels(titles, PANEL_HEIGHT, LEGEND_HEIGHT, sharex=True, sharey=True)
    for axes, (_, rows) in zip(grid, data(results).groupby("policy"), strict=True):
        _panel(axes, rows, results)
    figure.supxlabel(t("figure.trajectories.x"), fontsize="medium")
    figure.supylabel(t("figure.trajectories.y"), fontsize="medium")
    figure.legend(handles=_key(results, t), loc="outside upper center", ncols=3)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, results: Results) -> None:
    comparison = results.comparison
    late = wording.late_years(comparison)
    axes.axhspan(-comparison.delta, comparison.delta, color=style.FAINT, alpha=0.45, linewidth=0)
    axes.axvspan(late["first"] - 0.5, late["last"] + 0.5, color=style.YELLOW, alpha=0.28, linewidth=0)
    axes.axhline(0, color=style.SOFT, linewidth=0.5)
    if comparison.years > HORIZON:
        axes.axvline(HORIZON, color=style.SOFT, linewidth=0.8, linestyle=":")
    for series, line in LINES.items():
        part = rows[rows["series"] == series]
        axes.fill_between(part["year"], part["low"], part["high"], color=style.SERIES[series], alpha=0.18, linewidth=0)
        axes.plot(part["year"], part["mean"], color=style.SERIES[series], linestyle=line)
    axes.set_xlim(0.5, comparison.years + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def _key(results: Results, t: Text) -> list[Line2D | Patch]:
    comparison = results.comparison
    lines: list[Line2D | Patch] = [
        Line2D([], [], color=style.SERIES[series], linestyle=line, label=t(f"series.{series}"))
        for series, line in LINES.items()
    ]
    delta = t("figure.trajectories.delta", delta=f"{comparison.delta:g}")
    late = t("figure.trajectories.late", **wording.late_years(comparison))
    early = t("figure.trajectories.early", year=HORIZON)
    return [
        *lines,
        Patch(facecolor=style.FAINT, alpha=0.45, label=delta),
        Patch(facecolor=style.YELLOW, alpha=0.28, label=late),
        Line2D([], [], color=style.SOFT, linestyle=":", linewidth=0.8, label=early),
    ]
