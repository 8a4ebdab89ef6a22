"""Put labels beside points so that no label covers another, a point or the frame.

Boxes are rows of left, bottom, right, top in display coordinates.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from figures.style import INK, SOFT

Floats = NDArray[np.float64]
DIRECTIONS = 24
DISTANCES = (5, 9, 14, 20, 28, 38, 50, 64)
"""Candidate distances from the point, printer's points."""
POINT = 8
"""Room for the mark of a point, printer's points."""
PADDING = 3
"""Air around a label, printer's points."""
LEADER = 7
"""Distance from which a label gets a line to its point, printer's points."""
DOTS = 6
"""A line to a point is kept clear at so many places."""
STROKE = 24
"""A line of the figure is kept clear at so many places."""
OUTSIDE = 4
"""How much worse it is to leave the frame than to cover something."""
CROSSED = 10
"""How much worse it is for a line to cross a label."""
ROUNDS = 3
"""Every label is placed so many times, each time around where the others are by then."""


class Room(NamedTuple):
    """What a label has to reckon with: fixed obstacles, the frame, other labels and the lines to them."""

    kept: Floats
    frame: Floats
    labels: Floats
    lines: Floats


def settle(axes: Axes) -> None:
    """Fix the layout of the figure of `axes`, so that places on it can be measured."""
    figure = axes.figure.get_figure(root=True)
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()


def along(axes: Axes, lines: Sequence[ArrayLike]) -> list[Bbox]:
    """Return small boxes along straight `lines` (two points each, data coordinates), to keep labels off them."""
    if not lines:
        return []
    ends = axes.transData.transform(np.asarray(lines, float).reshape(-1, 2)).reshape(-1, 2, 2)
    steps = np.linspace(0, 1, STROKE)[None, :, None]
    places = (ends[:, :1] + steps * (ends[:, 1:] - ends[:, :1])).reshape(-1, 2)
    return [Bbox.from_extents(*box) for box in _boxes(places, POINT / 2 * _scale(axes))]


def place(
    axes: Axes, points: Sequence[tuple[float, float]], names: Sequence[str], obstacles: Sequence[Bbox] = ()
) -> list[Bbox]:
    """Annotate each of `points` (data coordinates) with its name and return the labels' boxes.

    Parameters
    ----------
    axes
        Laid out already: call `settle` first.
    points, names
        Equal in number.
    obstacles
        Boxes to keep clear, display coordinates.
    """
    notes = [
        axes.annotate(name, point, (0, 0), textcoords="offset points", ha="center", va="center", color=INK)
        for name, point in zip(names, points, strict=True)
    ]
    for note in notes:
        note.set_fontsize("small")
    scale = _scale(axes)
    spots = axes.transData.transform(np.asarray(points, float).reshape(-1, 2))
    sizes = np.array([note.get_window_extent().size for note in notes]).reshape(-1, 2) + PADDING * scale
    kept = np.array([box.extents for box in obstacles]).reshape(-1, 4)
    kept = np.vstack([kept, _boxes(spots, POINT * scale)])
    chosen = _arranged(spots, sizes, (kept, np.array(axes.get_window_extent().extents)), scale)
    for note, spot, box in zip(notes, spots, chosen, strict=True):
        _move(axes, note, spot, box)
    return [Bbox.from_extents(*box) for box in chosen]


def _arranged(spots: Floats, sizes: Floats, room: tuple[Floats, Floats], scale: float) -> Floats:
    kept, frame = room
    chosen: dict[int, Floats] = {}
    for _ in range(ROUNDS):
        for index, spot in enumerate(spots):
            others = [number for number in chosen if number != index]
            boxes = np.array([chosen[number] for number in others]).reshape(-1, 4)
            lines = _leaders(spots[others], boxes, scale).reshape(-1, 4)
            chosen[index] = _best(spot, sizes[index], Room(kept, frame, boxes, lines), scale)
    return np.array(list(chosen.values())).reshape(-1, 4)


def _best(spot: Floats, size: Floats, room: Room, scale: float) -> Floats:
    distances, turns = (
        part.ravel() for part in np.meshgrid(DISTANCES, 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS, indexing="ij")
    )
    ways = np.column_stack([np.cos(turns), np.sin(turns)])
    boxes = _boxes(spot + ways * (distances[:, None] * scale + size / 2), size)
    leaders = _leaders(np.broadcast_to(spot, (len(boxes), 2)), boxes, scale)
    covered = _shared(boxes, np.vstack([room.kept, room.labels])).sum(axis=1)
    crossed = _shared(boxes, room.lines).sum(axis=1)
    crossed += _shared(leaders.reshape(-1, 4), room.labels).reshape(len(boxes), -1).sum(axis=1)
    outside = size.prod() - _shared(boxes, room.frame[None])[:, 0]
    badness = covered + CROSSED * crossed + OUTSIDE * outside + distances * scale**2
    best: Floats = boxes[np.argmin(badness.round(6))]
    return best


def _boxes(centres: Floats, size: Floats | float) -> Floats:
    return np.hstack([centres - np.asarray(size) / 2, centres + np.asarray(size) / 2])


def _leaders(spots: Floats, boxes: Floats, scale: float) -> Floats:
    """Return small boxes along the line from each spot to its label, shape (labels, places, 4)."""
    ends = np.clip(spots, boxes[:, :2], boxes[:, 2:])
    steps = np.arange(1, DOTS)[None, :, None] / DOTS
    return _boxes((spots[:, None] + steps * (ends - spots)[:, None]).reshape(-1, 2), 3 * scale).reshape(
        len(boxes), DOTS - 1, 4
    )


def _shared(boxes: Floats, others: Floats) -> Floats:
    """Return the area that each of `boxes` shares with each of `others`."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area: Floats = np.clip(high - low, 0, None).prod(axis=2)
    return area


def _move(axes: Axes, note: Annotation, spot: Floats, box: Floats) -> None:
    scale = _scale(axes)
    centre = ((box[:2] + box[2:]) / 2 - spot) / scale
    note.xyann = (float(centre[0]), float(centre[1]))
    near = (np.clip(spot, box[:2], box[2:]) - spot) / scale
    if np.hypot(*near) >= LEADER:
        line = {"arrowstyle": "-", "color": SOFT, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
        axes.annotate("", note.xy, (float(near[0]), float(near[1])), textcoords="offset points", arrowprops=line)


def _scale(axes: Axes) -> float:
    """Return dots per printer's point."""
    return float(axes.figure.get_figure(root=True).dpi) / 72
