"""Verdict quadrant: what a policy does to the weakest (across) and to the strongest schools (up)."""

import math
from itertools import product

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import Bbox

from figures import labels, style
from figures.results import Results
from figures.text import Text, text

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


def data(results: Results) -> pd.DataFrame:
    """Return one row per policy: effects on valley and peak with simultaneous limits, σ per school year."""
    limits = [f"d_{end}_{name}" for end in ("valley", "peak") for name in LIMITS]
    return pd.DataFrame(
        [
            {"policy": number, "mode": policy.mode, "rotation": policy.rotation, "support": policy.support}
            | {"verdict": policy.verdict}
            | {f"d_valley_{name}": value for name, value in policy.d_valley.model_dump().items()}
            | {f"d_peak_{name}": value for name, value in policy.d_peak.model_dump().items()}
            for number, policy in enumerate(results.comparison.policies, 1)
        ]
    ).astype(dict.fromkeys(limits, float))


@style.applied()
def draw(results: Results, language: str) -> Figure:
    """Return the verdict quadrant with its δ cross in `language`."""
    t, rows, delta = text(language), data(results), results.comparison.delta
    titles = [policy.title[language] for policy in results.comparison.policies]
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
        numbered = [f"{number}  {title}" for number, title in enumerate(titles, 1)]
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


def _box(axes: Axes, row: dict[str, float]) -> tuple[tuple[float, float], float, float]:
    """Return corner, width and height of the confidence box; an unbounded side goes to the frame."""
    sides = {}
    for end, edges in {"valley": axes.get_xlim(), "peak": axes.get_ylim()}.items():
        limits = [row[f"d_{end}_{name}"] for name in LIMITS]
        sides[end] = [e if math.isnan(limit) else limit for limit, e in zip(limits, edges, strict=True)]
    (left, right), (bottom, top) = sides["valley"], sides["peak"]
    return (left, bottom), right - left, top - bottom


def _regions(axes: Axes, delta: float, t: Text) -> list[Bbox]:
    """Tint and name the nine cells; return what labels should keep clear of: the names and the δ cross."""
    across, up = ((low, -delta, delta, high) for low, high in (axes.get_xlim(), axes.get_ylim()))
    occupied = []
    for valley, peak in product(range(3), range(3)):
        (left, right), (bottom, top) = across[valley : valley + 2], up[peak : peak + 2]
        code = REGIONS[valley][peak]
        tint = Rectangle((left, bottom), right - left, top - bottom, facecolor=style.VERDICTS[code], alpha=0.16)
        tint.set(linewidth=0, zorder=0)
        axes.add_patch(tint)
        name = t(f"verdict.name.{code}") + ("*" if (valley, peak) in MIXED else "")
        note = axes.annotate(name, (right, top), (-2, -2), textcoords="offset points", ha="right", va="top")
        note.set(color=style.SOFT, fontsize="small")
        occupied.append(note.get_window_extent())
    for line in (-delta, delta):
        for stroke in (axes.axvline(line), axes.axhline(line)):
            stroke.set(color=style.SOFT, linewidth=0.6, linestyle=(0, (4, 2)), zorder=1)
            occupied.append(stroke.get_window_extent().padded(2))
    return occupied
