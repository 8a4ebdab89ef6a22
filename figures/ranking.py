"""Who gains and who loses: every school's change under each policy, from the largest gain to the largest loss."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from figures import style
from figures.panels import panels
from figures.results import Results
from figures.text import Text, text

ROLES = {"zone_head": ("*", style.VERMILLION), "lead": ("s", style.VERMILLION), "member": ("o", style.BLUE)}
ROLES |= {"none": ("v", style.SOFT)}
NAMED = 24
"""Up to so many schools are named."""
NAMED_ROW, TALL, LEGEND = 0.15, 1.9, 0.75
MANY = 500
"""Beyond so many schools, marks are stored as pixels."""


def data(results: Results) -> pd.DataFrame:
    """Return one row a policy and school, ranked: role, group, change with its interval, σ per school year."""
    who = results.schools.set_index("id")[["name", "role", "group"]]
    table = results.tables["effects"].join(who, on="school", how="inner")
    order = {policy.name: number for number, policy in enumerate(results.comparison.policies, 1)}
    table = table.assign(number=table["policy"].map(order)).dropna(subset=["number"])
    table = table.sort_values(["number", "d_quality", "school"], ascending=[True, False, True])
    rank = table.groupby("number").cumcount() + 1
    columns = ["policy", "rank", "school", "name", "role", "group", "d_quality", "low", "high"]
    return table.assign(rank=rank)[columns].reset_index(drop=True)


def counts(rows: pd.DataFrame, delta: float) -> dict[str, int]:
    """Return how many schools gain, hold (within ±δ) and lose."""
    change = rows["d_quality"].to_numpy()
    found = {"gain": change > delta, "hold": abs(change) <= delta, "lose": change < -delta}
    return {name: int(flags.sum()) for name, flags in found.items()}


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return one panel per policy, schools ranked from top to bottom, in `language`."""
    t, comparison, table = text(language), results.comparison, data(results)
    there = [policy for policy in comparison.policies if policy.name in set(table["policy"])]
    most = int(table.groupby("policy").size().max())
    named = most <= NAMED
    height = max(NAMED_ROW * most + 0.4, 0.8) if named else TALL
    titles = [policy.title[language] for policy in there]
    figure, grid = panels(titles, height, LEGEND, across=2 if named else 3, sharex=True)
    for axes, policy in zip(grid, there, strict=True):
        rows = table[table["policy"] == policy.name]
        _panel(axes, rows, comparison.delta)
        axes.set_title(f"{axes.get_title(loc='left')}\n{t('figure.ranking.counts', **counts(rows, comparison.delta))}")
        axes.set_yticks(rows["rank"] if named else [], rows["name"] if named else [])
    figure.supxlabel(t("figure.ranking.x"), fontsize="medium")
    if not named:
        figure.supylabel(t("figure.ranking.y"), fontsize="medium")
    figure.legend(handles=_key(table, comparison.delta, t), loc="outside upper center", ncols=5)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, delta: float) -> None:
    pixels = len(rows) > MANY
    axes.axvspan(-delta, delta, color=style.FAINT, alpha=0.45, linewidth=0)
    axes.axvline(0, color=style.SOFT, linewidth=0.5)
    width = float(np.clip(60 / len(rows), 0.25, 1.0))
    axes.hlines(
        rows["rank"], rows["low"], rows["high"], color=style.SOFT, linewidth=width, alpha=0.6, rasterized=pixels
    )
    for role, (marker, colour) in ROLES.items():
        part = rows[rows["role"] == role]
        size = np.clip(700 / math.sqrt(len(rows)) / 8, 3, 16) * (2 if marker == "*" else 1)
        axes.scatter(
            part["d_quality"], part["rank"], s=size, c=colour, marker=marker, linewidths=0, zorder=3, rasterized=pixels
        )
    axes.set_ylim(len(rows) + 0.7, 0.3)


def _key(table: pd.DataFrame, delta: float, t: Text) -> list[Line2D | Patch]:
    present = [role for role in ROLES if role in set(table["role"])]
    marks: list[Line2D | Patch] = [
        Line2D([], [], linestyle="", marker=ROLES[role][0], color=ROLES[role][1], markersize=4, label=t(f"role.{role}"))
        for role in present
    ]
    return [*marks, Patch(facecolor=style.FAINT, alpha=0.45, label=t("figure.trajectories.delta", delta=f"{delta:g}"))]
