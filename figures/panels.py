"""Small multiples: one panel for each policy, all laid out alike."""

import math
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style

ACROSS = 3
LONGEST = 43
"""A title has room for so many letters, half as many Chinese characters."""
OPENING, CLOSING = "（《〈「『【“‘—", "，。；：、！？）》〉」』】”’…"


def panels(
    titles: Sequence[str],
    height: float,
    frame: float,
    across: int = ACROSS,
    width: float = style.DOUBLE,
    **shared: Any,  # noqa: ANN401
) -> tuple[Figure, list[Axes]]:
    """Return a figure and one panel for each title, row by row.

    Parameters
    ----------
    titles
        Policies, in the reader's words.
    height
        Of a panel, inches.
    frame
        What legend and labels need beside that, inches.
    across
        How many stand side by side at most.
    width
        Of the figure where panels stand side by side, inches.
    **shared
        `sharex` and `sharey` of ``Figure.subplots``.
    """
    columns = min(across, len(titles))
    rows = math.ceil(len(titles) / columns)
    size = style.MIDDLE if columns == 1 else width, rows * height + frame
    figure = Figure(figsize=size, layout="constrained")
    grid = list(figure.subplots(rows, columns, squeeze=False, **shared).flat)
    for axes, title in zip(grid, titles, strict=False):
        axes.set_title(folded(title, round(LONGEST * width / style.DOUBLE) * ACROSS // max(columns, 2)))
    for axes in grid[len(titles) :]:
        axes.set_visible(False)
    for axes in grid[: len(titles)][-columns:]:
        axes.xaxis.set_tick_params(labelbottom=True)
    return figure, grid[: len(titles)]


def folded(words: str, longest: int) -> str:
    """Return words on as many lines as they need, `longest` letters each; a Chinese character counts for two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in words)
    room = round(longest * len(words) / max(len(words) + wide, 1))
    return "\n".join(_unbroken(textwrap.wrap(words, max(room, 8), break_long_words=len(words) < 2 * wide))) or words


def _unbroken(lines: list[str]) -> list[str]:
    """Return lines of which none ends with an opening sign or half a dash, and none begins with a closing sign."""
    for n in range(len(lines) - 1):
        while len(lines[n]) > 1 and lines[n][-1] in OPENING:
            lines[n], lines[n + 1] = lines[n][:-1], lines[n][-1] + lines[n + 1]
        while lines[n + 1] and lines[n + 1][0] in CLOSING:
            lines[n], lines[n + 1] = lines[n] + lines[n + 1][0], lines[n + 1][1:]
    return [line for line in lines if line]
