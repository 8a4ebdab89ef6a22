"""Verdict quadrant: what a policy does to the weakest (across) and to the strongest schools (up)."""

import math
from collections.abc import Hashable, Iterator
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

from figures import labels, style, wording
from figures.panels import panels
from figures.records import Comparison, Policy
from figures.results import Results
from figures.text import Text, text
from figures.wording import percent, told

REGIONS = (
    ("dilution", "widening", "widening"),
    ("dilution", "inert", "widening"),
    ("peak_shaving", "fill", "lift"),
)
"""Verdict by change of the valley (rows: falls, holds, rises) and of the peak (columns: falls, holds, rises)."""
MIXED = {(0, 1), (1, 1), (2, 0), (2, 1), (2, 2)}
"""Cells that turn into dilution when the mean falls by more than δ/2."""
LIMITS = ("low", "high")
LEAST_REACH = 2.6
"""The plot reaches at least this many δ from zero, so that every region can be read."""
NAMED = 8
"""Up to so many policies are named in the plot; more are numbered, with a key."""
HEIGHT = 3
PANELS = 12
"""Up to so many policies have a panel each with their draws."""
TICKS = (1, 4, 12)
"""Where the axes of panels are marked, in δ."""
PANEL, KEY = 1.3, 0.7
"""Height of a row of panels, and of the key under them, inches."""
SETS = ("valley", "peak", "mean")


def data(results: Results) -> pd.DataFrame:
    """Return point estimates and draws, one row each: effects in σ per school year, and the region they lie in.

    A row of `kind` ``point`` has simultaneous limits, and the verdict told of the policy with its share of the draws.
    """
    comparison = results.comparison
    rows: list[dict[str, object]] = []
    for number, policy in enumerate(comparison.policies, 1):
        names = {"policy": number, "mode": policy.mode, "rotation": policy.rotation, "support": policy.support}
        rows.append(names | _point(policy))
        for draw, effects in enumerate(policy.certainty.by_draw if policy.certainty else (), 1):
            means = {f"d_{name}_mean": value for name, value in zip(("peak", "valley", "mean"), effects, strict=True)}
            rows.append(names | {"kind": "draw", "draw": draw} | means)
    table = pd.DataFrame(rows)
    limits = [f"d_{end}_{name}" for end in SETS for name in LIMITS]
    return table.astype(dict.fromkeys(limits, float)).astype({"draw": "Int64"})


def _point(policy: Policy) -> dict[str, object]:
    shares = policy.late.shares
    told = {"kind": "point", "draw": None, "verdict": policy.verdict, "share": None if shares is None else shares.share}
    return told | {f"d_{e}_{n}": v for e in SETS for n, v in getattr(policy, f"d_{e}").model_dump().items()}


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return the quadrant in `language`: a panel a policy with its draws; without draws all point estimates in one."""
    rows, policies = data(results), results.comparison.policies
    if len(policies) <= PANELS and all(policy.certainty for policy in policies):
        return _panels(rows, results.comparison, text(language))
    return _together(rows[rows["kind"] == "point"], results.comparison, text(language))


def _panels(rows: pd.DataFrame, comparison: Comparison, t: Text) -> Figure:
    policies, delta = comparison.policies, comparison.delta
    titles = [policy.title[t.language] for policy in policies]
    figure, frames = panels(titles, PANEL, KEY, width=style.MIDDLE, sharex=True, sharey=True)
    ends = {name: _reach(rows, name, delta) for name in ("d_valley", "d_peak")}
    for row, (policy, axes) in enumerate(zip(policies, frames, strict=True), 1):
        axes.set_title("\n".join([axes.get_title(loc="left"), told(policy.late, t)]))
        axes.set(xlim=ends["d_valley"], ylim=ends["d_peak"])
        _stretch(axes, delta)
        own = rows[rows["policy"] == row]
        _cells(axes, delta)
        _cross(axes, delta)
        _draws(axes, own[own["kind"] == "draw"], delta)
        _estimate(axes, own[own["kind"] == "point"].iloc[0].to_dict())
    figure.supxlabel(t("figure.quadrant.x"), fontsize="medium")
    figure.supylabel(t("figure.quadrant.y"), fontsize="medium")
    figure.legend(handles=_key(comparison, t), loc="outside upper center", ncols=4)
    return figure


def _stretch(axes: Axes, delta: float) -> None:
    """Give the middle room: draws spread over many δ, and what matters is on which side of ±δ they lie."""
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        getattr(axes, f"set_{name}scale")("asinh", linear_width=delta)
        axis.set_major_locator(FixedLocator([sign * tick * delta for tick in TICKS for sign in (-1, 1)]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: wording.number(value, 2)))
        axis.set_minor_locator(NullLocator())


def _cells(axes: Axes, delta: float) -> None:
    """Tint the nine cells."""
    for (left, right, bottom, top), (valley, peak) in _places(axes, delta):
        tint = Rectangle((left, bottom), right - left, top - bottom, facecolor=style.VERDICTS[REGIONS[valley][peak]])
        tint.set(alpha=0.16, linewidth=0, zorder=0)
        axes.add_patch(tint)


def _places(axes: Axes, delta: float) -> Iterator[tuple[tuple[float, float, float, float], tuple[int, int]]]:
    """Give the nine cells: left, right, bottom and top, and the row and column of `REGIONS`."""
    across, up = ((low, -delta, delta, high) for low, high in (axes.get_xlim(), axes.get_ylim()))
    for valley, peak in product(range(3), range(3)):
        yield (across[valley], across[valley + 1], up[peak], up[peak + 1]), (valley, peak)


def _draws(axes: Axes, rows: pd.DataFrame, delta: float) -> None:
    """Draw a dot a draw in the colour of its region, and write the share of the draws into each cell."""
    valley, peak, mean = (rows[f"d_{name}_mean"].to_numpy(dtype=np.float64) for name in SETS)
    cells = [np.digitize(values, (-delta, delta)) for values in (valley, peak)]
    shrunk = mean < -delta / 2
    codes = [
        "dilution" if shrunk[n] and (row, column) in MIXED else REGIONS[row][column]
        for n, (row, column) in enumerate(zip(*cells, strict=True))
    ]
    axes.scatter(valley, peak, s=5, c=[style.VERDICTS[code] for code in codes], edgecolors=style.INK, linewidths=0.25)
    for (_, right, bottom, top), (row, column) in _places(axes, delta):
        count = int(((cells[0] == row) & (cells[1] == column)).sum())
        if count:
            spot = (right, top) if column else (right, bottom)
            note = axes.annotate(
                f"{percent(round(count / len(rows), 2))} %", spot, (-2, -2 if column else 2),
                textcoords="offset points", ha="right", va="top" if column else "bottom",
            )  # fmt: skip
            note.set(color=style.INK, zorder=6, path_effects=[withStroke(linewidth=2, foreground="white")])


def _estimate(axes: Axes, row: dict[Hashable, float]) -> None:
    """Draw the point estimate with its box."""
    axes.add_patch(Rectangle(*_box(axes, row), facecolor="none", edgecolor=style.INK, linewidth=0.8, zorder=4))
    spot = row["d_valley_mean"], row["d_peak_mean"]
    axes.scatter(*spot, s=16, marker="D", c="white", edgecolors=style.INK, linewidths=0.8, zorder=5)


def _key(comparison: Comparison, t: Text) -> list[Patch | Line2D]:
    """Return what colours and marks stand for."""
    found = {code for policy in comparison.policies if policy.certainty for code in policy.certainty.regions}
    patches: list[Patch | Line2D] = [
        Patch(color=style.VERDICTS[code], label=t(f"verdict.name.{code}")) for code in style.VERDICTS if code in found
    ]
    return [
        *patches,
        _mark("o", 3, style.FAINT, t("figure.quadrant.draw")),
        _mark("D", 4.5, "white", t("figure.quadrant.point")),
    ]


def _mark(sign: str, size: float, colour: str, words: str) -> Line2D:
    mark = Line2D([], [], linestyle="", marker=sign, markersize=size, color=colour, label=words)
    mark.set_markeredgecolor(style.INK)
    return mark


def _together(rows: pd.DataFrame, comparison: Comparison, t: Text) -> Figure:
    """Return all point estimates in one plot."""
    delta, titles = comparison.delta, [policy.title[t.language] for policy in comparison.policies]
    named = len(titles) <= NAMED
    figure = Figure(figsize=(style.MIDDLE if named else style.DOUBLE, HEIGHT), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=t("figure.quadrant.x"), ylabel=t("figure.quadrant.y"))
    axes.set_xlim(_reach(rows, "d_valley", delta))
    axes.set_ylim(_reach(rows, "d_peak", delta))
    note = t("figure.quadrant.note", delta=f"{delta:g}")
    axes.set_title(note, loc="right", fontsize="small", color=style.SOFT)
    boxes = _points(axes, rows)
    if not named:
        numbered = [
            f"{number}  {title} · {told(policy.late, t)}"
            for number, (title, policy) in enumerate(zip(titles, comparison.policies, strict=True), 1)
        ]
        figure.legend(axes.collections[-len(titles) :], numbered, loc="outside right upper", fontsize="x-small")
        titles = [str(number) for number in range(1, len(titles) + 1)]
    labels.settle(axes)
    occupied = _regions(axes, delta, t) + [patch.get_window_extent() for patch in boxes]
    spots = list(zip(rows["d_valley_mean"], rows["d_peak_mean"], strict=True))
    labels.place(axes, spots, titles, occupied)
    return figure


def _reach(rows: pd.DataFrame, effect: str, delta: float) -> tuple[float, float]:
    values = rows[[f"{effect}_{name}" for name in ("mean", *LIMITS)]]
    low, high = min(values.min(axis=None), -LEAST_REACH * delta), max(values.max(axis=None), LEAST_REACH * delta)
    edge = 0.04 * (high - low)
    return low - edge, high + edge


def _points(axes: Axes, rows: pd.DataFrame) -> list[Patch]:
    """Draw points and confidence boxes; return the boxes."""
    modes, rotations = list(dict.fromkeys(rows["mode"])), list(dict.fromkeys(rows["rotation"]))
    for row in rows.to_dict("records"):
        colour = style.CYCLE[modes.index(row["mode"]) % len(style.CYCLE)]
        marker = style.MARKERS[rotations.index(row["rotation"]) % len(style.MARKERS)]
        box = _box(axes, row)
        axes.add_patch(Rectangle(*box, facecolor="white", alpha=0.45, zorder=2))
        axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=colour, linewidth=0.9, zorder=3))
        spot = row["d_valley_mean"], row["d_peak_mean"]
        axes.scatter(*spot, s=26, c=colour, marker=marker, edgecolors="white", zorder=4)
    return list(axes.patches)


def _box(axes: Axes, row: dict[Hashable, float]) -> tuple[tuple[float, float], float, float]:
    """Return corner, width and height of the confidence box; an unbounded side goes to the frame."""
    sides = {}
    for end, edges in {"valley": axes.get_xlim(), "peak": axes.get_ylim()}.items():
        limits = [row[f"d_{end}_{name}"] for name in LIMITS]
        sides[end] = [e if math.isnan(limit) else limit for limit, e in zip(limits, edges, strict=True)]
    (left, right), (bottom, top) = sides["valley"], sides["peak"]
    return (left, bottom), right - left, top - bottom


def _regions(axes: Axes, delta: float, t: Text) -> list[Bbox]:
    """Tint and name the nine cells; return what labels should keep clear of: the names and the δ cross."""
    _cells(axes, delta)
    occupied = []
    for (_, right, _, top), (valley, peak) in _places(axes, delta):
        name = t(f"verdict.name.{REGIONS[valley][peak]}") + ("*" if (valley, peak) in MIXED else "")
        note = axes.annotate(name, (right, top), (-2, -2), textcoords="offset points", ha="right", va="top")
        note.set(color=style.SOFT, fontsize="small")
        occupied.append(note.get_window_extent())
    return occupied + [stroke.get_window_extent().padded(2) for stroke in _cross(axes, delta)]


def _cross(axes: Axes, delta: float) -> list[Line2D]:
    """Draw the lines at ±δ."""
    strokes = [draw(line) for line in (-delta, delta) for draw in (axes.axvline, axes.axhline)]
    for stroke in strokes:
        stroke.set(color=style.SOFT, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
    return strokes
