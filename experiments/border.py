"""Find the border where a verdict flips over two levers: points are asked for where the border may run, not elsewhere.

Cells of a coarse grid are cut in four where points of them, corners and those on their sides, have different verdicts,
and again, down to a finest grid or until the budget is spent. Places are whole steps of the finest grid, so that the
same place is always the same point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from experiments.design import Floats
from experiments.verdict import REGIONS, regions

COARSE, DEPTH = 4, 5
SIDE = COARSE * 2**DEPTH
"""Steps along a side of the finest grid."""
RASTER = 121
Place = tuple[int, int]


class Cell(NamedTuple):
    """A square: its lower left corner and its side, in steps."""

    x: int
    y: int
    side: int

    def corners(self) -> list[Place]:
        """Return its four corners."""
        return [(self.x + dx, self.y + dy) for dx in (0, self.side) for dy in (0, self.side)]

    def quarters(self) -> list[Cell]:
        """Return the four cells it can be cut in."""
        half = self.side // 2
        return [Cell(self.x + dx, self.y + dy, half) for dx in (0, half) for dy in (0, half)]


class Border:
    """A search, in rounds: `wanted` places are computed and `learn` is told their verdicts.

    Parameters
    ----------
    budget
        The most places that may be asked for.
    """

    def __init__(self, budget: int) -> None:
        step = SIDE // COARSE
        self.cells = [Cell(x, y, step) for x in range(0, SIDE, step) for y in range(0, SIDE, step)]
        self.budget = budget
        self.known: dict[Place, str] = {}

    def wanted(self) -> list[Place]:
        """Return the places to compute next; none when the border is as fine as it gets or the budget is spent."""
        asked = sorted({corner for cell in self.cells for corner in cell.corners()} - self.known.keys())
        while not asked:
            mixed = [cell for cell in self.cells if cell.side > 1 and self._is_mixed(cell)]
            if not mixed:
                return []
            widest = max(cell.side for cell in mixed)
            cut = {cell for cell in mixed if cell.side == widest}
            room = self.budget - len(self.known)
            quarters: list[Cell] = []
            new: set[Place] = set()
            for cell in sorted(cut):
                more = {place for q in cell.quarters() for place in q.corners()} - self.known.keys()
                if len(new | more) > room:
                    cut.discard(cell)
                    continue
                new |= more
                quarters += cell.quarters()
            if not cut:
                return []
            self.cells = [cell for cell in self.cells if cell not in cut] + quarters
            asked = sorted(new)
        return asked[: max(0, self.budget - len(self.known))]

    def learn(self, verdicts: Mapping[Place, str]) -> None:
        """Take in what was found."""
        self.known |= verdicts

    def unfinished(self) -> tuple[float, int] | None:
        """Return how wide, as a share of a lever's range, the border still is, and the points one step finer takes.

        None where it is as fine as it gets, or nothing is mixed.
        """
        mixed = [cell for cell in self.cells if cell.side > 1 and self._is_mixed(cell)]
        if not mixed:
            return None
        widest = max(cell.side for cell in mixed)
        cut = [quarter for cell in mixed if cell.side == widest for quarter in cell.quarters()]
        more = {corner for quarter in cut for corner in quarter.corners()}
        return widest / SIDE, len(self.known.keys() | more)

    def _is_mixed(self, cell: Cell) -> bool:
        found = {
            verdict
            for (x, y), verdict in self.known.items()
            if cell.x <= x <= cell.x + cell.side and cell.y <= y <= cell.y + cell.side
        }
        return len(found) > 1


def shares(places: list[Place]) -> Floats:
    """Return places as shares of the range of both levers, (places, 2)."""
    return np.asarray(np.array(places, dtype=np.float64) / SIDE)


def raster(places: Floats, effects: Floats, delta: float) -> list[list[str]]:
    """Return the verdict over an even grid, from effects taken as straight between the points computed.

    Parameters
    ----------
    places
        Points as shares, all four corners of the plane among them, (n, 2).
    effects
        Mean effects (peak, valley, mean) there, (n, 3).
    delta
        Margin of the verdict.

    Returns
    -------
    list of list of str
        Rows from the bottom up, each from left to right.
    """
    ticks = np.linspace(0.0, 1.0, RASTER)
    across, up = np.meshgrid(ticks, ticks)
    found = LinearNDInterpolator(places, effects)(across.ravel(), up.ravel())
    codes = regions(found, delta).reshape(RASTER, RASTER)
    return [[REGIONS[code].value for code in row] for row in codes.tolist()]
