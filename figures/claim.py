"""A claim as a figure: contrasts with intervals, draws and the claimed side; an outcome along a lever or by year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from figures import claim_words, style
from figures.claim_results import NAME, Cell, Contrast, Experiment, load
from figures.moves import sentences
from figures.panels import folded
from figures.text import LANGUAGES, Text, text

__all__ = ["NAME", "build", "caption", "data", "draw"]

ROW, GAP, FRAME, LOWER = 0.2, 0.14, 0.45, 2.1
LONGEST = 46
"""Letters a row's label has room for."""
BESIDE = 24
"""Letters a line's label has room for beside the lines."""
SIDE = "#DCEFE8"
ANSWERS = {"yes": style.GREEN, "no": style.VERMILLION, "open": style.ORANGE}


class Row(NamedTuple):
    """One row of the upper panel: its label and what it shows; a heading shows nothing."""

    label: str
    contrast: Contrast
    cell: Cell | None


def build(results_dir: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Draw a saved experiment in every language and return the paths written."""
    found, paths = load(results_dir), []
    for language in languages:
        name = "claim" if language == "en" else f"claim.{language}"
        folder = Path(results_dir) / "figures"
        paths += style.save(draw(found, language), folder, name, data(found), caption(found, text(language)))
    return paths


def caption(found: Experiment, t: Text) -> str:
    """Return title, caption, findings and provenance."""
    values = claim_words.facts(found, t)
    words = t("claim.caption", **values) + (t("claim.along") if found.figure.lines else "")
    said = [claim_words.finding(contrast, t) for contrast in found.contrasts]
    lines = [
        t("phrase.captioned", title=t("claim.figure", **values), told=words),
        *said,
        *sentences(found.moves, t),
        t("claim.provenance", **values),
    ]
    return "\n\n".join([*lines, t("figure.provenance.synthetic")] if found.synthetic else lines)


def data(found: Experiment) -> pd.DataFrame:
    """Return one row for each number drawn: the contrasts, then the points of the lines."""
    rows: list[dict[str, object]] = [
        {
            "what": contrast.title["en"], "at": cell.at, **cell.value.model_dump(), "draws_low": cell.draws.low,
            "draws_high": cell.draws.high, "share": cell.share, "answer": cell.answer, "unit": _unit(contrast),
        }
        for contrast in found.contrasts
        for cell in contrast.cells
    ]  # fmt: skip
    unit = found.figure.outcome.unit["en"] if found.figure.outcome and found.figure.outcome.unit else ""
    for line in found.figure.lines:
        points = zip(line.x, line.mean, line.low, line.high, line.draws_low, line.draws_high, strict=True)
        names = ("at", "mean", "low", "high", "draws_low", "draws_high")
        rows += [
            {
                "what": line.label["en"],
                **dict(zip(names, point, strict=True)),
                "share": None,
                "answer": "",
                "unit": unit,
            }
            for point in points
        ]
    return pd.DataFrame(rows)


def _unit(contrast: Contrast) -> str:
    return contrast.outcome.unit["en"] if contrast.outcome.unit else ""


@style.applied()
def draw(found: Experiment, language: str) -> Figure:
    """Return the figure in `language`."""
    t = text(language)
    panels = [list(part) for _, part in groupby(found.contrasts, key=_unit)]
    rows = [[row for contrast in panel for row in _rows(contrast, t)] for panel in panels]
    heights = [FRAME + sum(_height(row) for row in panel) for panel in rows]
    lower = [LOWER] if found.figure.lines else []
    size = style.MIDDLE, sum([*heights, *lower]) + 0.3
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(heights) + len(lower), 1, squeeze=False, height_ratios=[*heights, *lower])[:, 0]
    for axes, panel in zip(grid, rows, strict=False):
        _contrasts(axes, panel, t)
    if lower:
        _lines(grid[-1], found, t)
    figure.legend(handles=list(_key(t)), loc="outside upper center", ncols=5)
    return figure


def _rows(contrast: Contrast, t: Text) -> Iterator[Row]:
    title = contrast.title[t.language]
    title = t("claim.beside_mark", title=title) if contrast.beside else title
    if contrast.along is None:
        yield Row(folded(title, LONGEST), contrast, contrast.cells[0])
        return
    lever, unit = contrast.along.title[t.language], contrast.along.unit
    lever += f" ({unit[t.language]})" if unit else ""
    yield Row(folded(t("claim.heading_of", title=title, lever=lever), LONGEST), contrast, None)
    for cell in contrast.cells:
        value = cell.label[t.language] if cell.label else ""
        yield Row(folded(value, LONGEST), contrast, cell)


def _height(row: Row) -> float:
    return GAP * (row.label.count("\n") + 1) + (ROW - GAP)


def _contrasts(axes: Axes, rows: Sequence[Row], t: Text) -> None:
    """Draw rows from above: interval, draws behind it, and the claimed side."""
    places, at = [], 0.0
    for row in rows:
        half = _height(row) / 2.0
        places.append((at + half, half))
        at += 2.0 * half
    _side(axes, rows, places)
    for (y, _), row in zip(places, rows, strict=True):
        if row.cell is not None:
            _number(axes, y, row.cell)
    axes.axvline(0.0, color=style.SOFT, linewidth=0.5, zorder=0.5)
    axes.set_ylim(at, 0.0)
    axes.set_yticks([y for y, _ in places], [row.label for row in rows])
    axes.tick_params(axis="y", length=0)
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(style.SOFT if row.cell and row.contrast.along else style.INK)
    axes.set_xlabel(claim_words.unit(rows[0].contrast, t))


def _side(axes: Axes, rows: Sequence[Row], places: Sequence[tuple[float, float]]) -> None:
    """Shade the claimed side of each row, and set limits that show all numbers."""
    ends = [end for row in rows if row.cell for end in _ends(row)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    pad = 0.06 * (high - low or 1.0)
    low, high = low - pad, high + pad
    axes.set_xlim(low, high)
    for (y, half), row in zip(places, rows, strict=True):
        if row.cell is not None:
            margin = row.contrast.margin
            spans = {"above": (margin, high), "below": (low, -margin), "within": (-margin, margin)}
            left, right = spans[row.contrast.direction]
            axes.fill_between([left, right], y - half, y + half, color=SIDE, linewidth=0, zorder=0)


def _ends(row: Row) -> list[float]:
    assert row.cell is not None
    cell, margin = row.cell, row.contrast.margin
    own = [cell.value.low, cell.value.high, cell.draws.low, cell.draws.high]
    edges = {"above": [margin], "below": [-margin], "within": [-margin, margin]}
    return [end for end in own if end is not None] + edges[row.contrast.direction]


def _number(axes: Axes, y: float, cell: Cell) -> None:
    colour = ANSWERS[cell.answer]
    if cell.draws.low is not None and cell.draws.high is not None:
        axes.plot(
            [cell.draws.low, cell.draws.high], [y, y], color=style.FAINT, linewidth=5, solid_capstyle="butt", zorder=1
        )
    axes.plot([cell.value.low, cell.value.high], [y, y], color=colour, linewidth=1.2, zorder=2)
    face = colour if cell.judged else "white"
    axes.plot([cell.value.mean], [y], marker="o", markersize=4, color=colour, markerfacecolor=face, zorder=3)


def _lines(axes: Axes, found: Experiment, t: Text) -> None:
    """Draw an outcome along a lever or by year, a line with its band for each of some cells."""
    drawn = found.figure
    for n, line in enumerate(drawn.lines):
        colour, marker = style.CYCLE[n % len(style.CYCLE)], style.MARKERS[n % len(style.MARKERS)]
        label = folded(line.label[t.language], BESIDE)
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(line.x, line.mean, color=colour, marker=marker, markersize=3, label=label)
    axes.axhline(0.0, color=style.SOFT, linewidth=0.5, zorder=0)
    for value in _borders(found):
        axes.axvline(value, color=style.SOFT, linewidth=0.8, linestyle="--", zorder=0)
    _label(axes, found, t)
    if any(line.label[t.language] for line in drawn.lines):
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))


def _borders(found: Experiment) -> list[float]:
    """Return where along the lever of the figure the contrasts turn."""
    lever = found.figure.lever
    edges = [contrast.border for contrast in found.contrasts if contrast.border]
    return [value for edge in edges if lever is not None and edge.lever == lever.name for value in edge.values]


def _label(axes: Axes, found: Experiment, t: Text) -> None:
    drawn, language = found.figure, t.language
    assert drawn.outcome is not None  # there are lines
    unit = f", {drawn.outcome.unit[language]}" if drawn.outcome.unit else ""
    axes.set_ylabel(folded(drawn.outcome.title[language] + unit, LONGEST - 6))
    if drawn.lever is None:
        axes.set_xlabel(t("claim.year"))
        axes.set_xticks(drawn.lines[0].x)
        return
    axes.set_xlabel(drawn.lever.title[language] + (f", {drawn.lever.unit[language]}" if drawn.lever.unit else ""))
    if drawn.ticks is not None:
        axes.set_xticks(range(len(drawn.ticks)), [tick[language] for tick in drawn.ticks])
        axes.set_xlim(-0.3, len(drawn.ticks) - 0.7)


def _key(t: Text) -> Iterator[Line2D | Patch]:
    for name, colour in ANSWERS.items():
        yield Line2D([], [], color=colour, marker="o", markersize=4, label=t(f"claim.answer.{name}"))
    yield Line2D([], [], color=style.FAINT, linewidth=5, label=t("claim.draws_key"))
    yield Patch(color=SIDE, label=t("claim.side_key"))
