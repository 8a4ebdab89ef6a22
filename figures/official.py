"""The national balance indicators before and after, by campus and by legal person, with what a county is allowed."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from figures import style
from figures.panels import folded
from figures.results import Results
from figures.text import Text, text
from figures.wording import late_years

UNITS = {"campus": ("o", style.BLUE, -0.17), "legal_person": ("D", style.VERMILLION, 0.17)}
ROW, FRAME = 0.3, 0.62
LEGEND = 0.45
LETTERS = 13
"""Letters of the name of a level that fit into the height of a policy."""


def data(results: Results) -> pd.DataFrame:
    """Return one row a policy, indicator, unit and level: coefficient of variation before, after, in the control."""
    policies = results.comparison.policies
    rows = [{"policy": policy.name} | one.model_dump() for policy in policies for one in policy.official]
    columns = ("policy", "indicator", "unit", "level", "limit", "before", "after", "control")
    return pd.DataFrame(rows, columns=list(columns))


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return one row of panels a level and one panel an indicator, policies from top to bottom, in `language`."""
    t, table = text(language), data(results)
    late = late_years(results.comparison)
    policies = [policy for policy in results.comparison.policies if policy.official]
    levels, indicators = list(dict.fromkeys(table["level"])), list(dict.fromkeys(table["indicator"]))
    size = style.DOUBLE, len(levels) * (ROW * len(policies) + FRAME) + LEGEND
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(levels), len(indicators), squeeze=False, sharex="col", sharey=True)
    order = {policy.name: row for row, policy in enumerate(policies)}
    for line, level in zip(grid, levels, strict=True):
        for axes, indicator in zip(line, indicators, strict=True):
            part = table[(table["level"] == level) & (table["indicator"] == indicator)]
            _panel(axes, part, order)
            axes.set_title(folded(t(f"indicator.{indicator}"), 26), fontsize="small")
        line[0].set_yticks(range(len(policies)), [folded(policy.title[language], 28) for policy in policies])
        line[0].set_ylabel(folded(t(f"level.{level}"), LETTERS * len(policies)), color=style.SOFT)
    grid[0, 0].set_ylim(len(policies) - 0.5, -0.5)
    for axes in grid[0]:
        # Only now: a limit that is set holds for all levels, and keeps what comes later from widening it.
        axes.margins(x=0.12)
        axes.set_xlim(left=0.0)
    figure.supxlabel(t("figure.official.x"), fontsize="medium")
    figure.legend(handles=_key(t, late), loc="outside upper center", ncols=5)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, order: dict[str, int]) -> None:
    axes.tick_params(axis="y", length=0)
    limits = rows["limit"].dropna()
    if len(limits):
        axes.axvline(limits.iloc[0], color=style.BLACK, linewidth=0.8, linestyle=(0, (4, 2)))
    for row in rows.to_dict("records"):
        marker, colour, shift = UNITS[row["unit"]]
        place = order[row["policy"]] + shift
        axes.plot([row["before"], row["after"]], [place, place], color=colour, linewidth=1.0, zorder=2)
        axes.scatter(row["before"], place, s=12, marker=marker, facecolors="white", edgecolors=colour, zorder=3)
        axes.scatter(row["after"], place, s=12, marker=marker, c=colour, linewidths=0, zorder=3)


def _key(t: Text, late: Mapping[str, int]) -> list[Line2D]:
    units = [
        Line2D([], [], color=colour, marker=marker, markersize=3.5, linewidth=1, label=t(f"figure.official.{unit}"))
        for unit, (marker, colour, _) in UNITS.items()
    ]
    hollow = Line2D([], [], linestyle="", marker="o", markersize=3.5, markerfacecolor="white", color=style.SOFT)
    full = Line2D([], [], linestyle="", marker="o", markersize=3.5, color=style.SOFT)
    limit = Line2D([], [], color=style.BLACK, linewidth=0.8, linestyle=(0, (4, 2)), label=t("figure.official.limit"))
    hollow.set_label(t("figure.official.before"))
    full.set_label(t("figure.official.after", **late))
    return [*units, hollow, full, limit]
