"""The runs of a claim: its cells at the declared values, in draws of what is uncertain, and along what may decide."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.certainty import latin_hypercube
from experiments.claim import CONTROL, SCENARIO, Cell, Claim, Setting, applied, ranges_at, setting_of, values_of
from experiments.design import Design, Factor, Value
from experiments.errors import ExperimentError
from experiments.outcomes import outcome
from experiments.store import Ledger
from experiments.sweep import Sweep, paired
from scenarios.fields import is_field
from scenarios.uncertainty import Ranges
from scenarios.variation import DECLARED, copies_of

Floats = NDArray[np.float64]
Values = dict[Cell, dict[str, Floats]]
"""Cell → measure → values by replicate."""


@dataclass(frozen=True)
class Budget:
    """Paired runs of each cell; draws; paired runs of each cell in each draw."""

    replicates: int
    draws: int
    draw_replicates: int


class Trial:
    """A claim about to be tried.

    Attributes
    ----------
    claim, budget, seed
        What is tried, how often, and from which seed.
    setting
        Where.
    cells
        Every cell that a contrast or the figure asks for, those of one world side by side.
    ranges
        Path → (low, value in force, high) of what is uncertain.
    draws
        Path → value of each draw.
    """

    def __init__(self, claim: Claim, budget: Budget, seed: int) -> None:
        self.claim, self.budget, self.seed = claim, budget, seed
        base = setting_of(claim, seed)
        self.ranges: Ranges = ranges_at(claim, base)
        self.setting: Setting = replace(base, drawn=frozenset(self.ranges))
        self.cells = sorted(set(_cells(claim)), key=lambda cell: (_world_of(claim, cell), _order(claim, cell)))
        self.draws = latin_hypercube(self.ranges, budget.draws, seed) if budget.draws else []
        self.measures = sorted(
            {name for one in claim.table.outcomes for part in claim.measures(one) for name, _ in part}
        )

    def declared(self) -> Sweep:
        """Return the runs of every cell at the declared values."""
        return self._sweep(self.cells, [{}], self.budget.replicates)

    def drawn(self) -> Sweep | None:
        """Return the runs of every cell in every draw; None without draws."""
        return self._sweep(self.cells, self.draws, self.budget.draw_replicates) if self.draws else None

    def alone(self, path: str, cells: Sequence[Cell]) -> tuple[list[float], Sweep]:
        """Return values through the range of one number, and the runs of cells there with all else as declared."""
        values = _ends_and_middles(*self.ranges[path])
        chosen = [cell for cell in self.cells if cell in cells]
        return values, self._sweep(chosen, [{path: value} for value in values], self.budget.draw_replicates)

    def _sweep(self, cells: Sequence[Cell], draws: Sequence[Mapping[str, float]], replicates: int) -> Sweep:
        uncertain = [Factor(path, *_ends(self.ranges[path]), role="uncertainty") for path in draws[0]]
        factors = self.claim.factors
        codes = [
            [*(f.encoded(value) for f, (_, value) in zip(factors, cell, strict=True)), *draw.values()]
            for world in _worlds(self.claim, cells)
            for draw in draws
            for cell in world
        ]
        constants: dict[str, Any] = dict(self.claim.table.constants)
        design = Design("matrix", (*factors, *uncertain), np.array(codes, dtype=np.float64), constants=constants)
        return Sweep(design, paired(self.setting.study), replicates, whole=True)

    def read(self, sweep: Sweep, ledger: Ledger) -> list[Values]:
        """Return what the runs of a sweep measured, by draw.

        Raises
        ------
        ExperimentError
            If a run failed or is missing, or has no such schools.
        """
        found: dict[tuple[float, ...], Values] = {}
        levers = len(self.claim.factors)
        for point in range(len(sweep.design)):
            draw = tuple(sweep.design.codes[point, levers:].tolist())
            cell = tuple(sweep.design.point(point).items())[:levers]
            found.setdefault(draw, {})[cell] = self._measured(sweep, point, ledger)
        return list(found.values())

    def _measured(self, sweep: Sweep, point: int, ledger: Ledger) -> dict[str, Floats]:
        runs = [_rows(ledger, key) for key in sweep.keys(point)]
        table = {name: [outcome(rows, name) for rows in runs] for name in self.measures}
        for name, values in table.items():
            if None in values:
                raise ExperimentError("no_such_schools", name, "the scenario has no schools that it speaks of")
        return {name: np.array(values, dtype=np.float64) for name, values in table.items()}

    def by_year(self, sweep: Sweep, ledger: Ledger, cell: Cell, measure: str) -> Floats:
        """Return a measure of a cell by replicate and year."""
        point = next(n for n in range(len(sweep.design)) if tuple(sweep.design.point(n).items()) == cell)
        years = range(1, self.claim.table.years + 1)
        runs = [_rows(ledger, key) for key in sweep.keys(point)]
        return np.array([[outcome(rows, f"{measure}_year{year}") for year in years] for rows in runs], dtype=np.float64)


def _rows(ledger: Ledger, key: str) -> Mapping[str, Floats]:
    rows = ledger.get(key)
    if rows is None:
        said = next(
            (f"{failed.error.kind}: {failed.error.message}" for failed in ledger.failed() if failed.key == key), None
        )
        raise ExperimentError("run_failed", key[:12], "a run failed; --resume does it again", fault=said or "–")
    return rows


def _ends_and_middles(low: float, default: float, high: float) -> list[float]:
    """Return the ends of a range and, on each side of the default, the middle."""
    below = [low, 0.5 * (low + default)] if default > low else []
    return below + ([0.5 * (default + high), high] if high > default else [])


def _ends(ends: tuple[float, float, float]) -> tuple[float, float]:
    return ends[0], ends[2]


def _cells(claim: Claim) -> Iterator[Cell]:
    for contrast in claim.table.contrasts:
        for one, other in pairs(claim, contrast.along, contrast.of, contrast.against):
            yield one
            if other is not None:
                yield other
    figure = claim.table.figure
    for line in figure.lines or [{}]:
        if figure.kind == "along" and figure.lever:
            yield from (claim.cell({**line, figure.lever: value}) for value in claim.values(figure.lever))
        elif figure.kind == "years":
            yield claim.cell(line)


def pairs(
    claim: Claim, along: str | None, of: Mapping[str, Value], against: Mapping[str, Value] | None
) -> list[tuple[Cell, Cell | None]]:
    """Return the two cells of a contrast at each value of its lever; the second None where there is none.

    A lever that a side names keeps the value named there; only where `of` names the lever of `along` it goes through
    all values nevertheless, and the value named is the one judged.
    """
    if along is None:
        return [(claim.cell(of), None if against is None else claim.cell(against))]
    fixed = along in (against or {})
    return [
        (
            claim.cell({**of, along: value}),
            None if against is None else claim.cell(against if fixed else {**against, along: value}),
        )
        for value in claim.values(along)
    ]


def _order(claim: Claim, cell: Cell) -> tuple[int, ...]:
    return tuple(int(factor.encoded(value)) for factor, (_, value) in zip(claim.factors, cell, strict=True))


def _world_of(claim: Claim, cell: Cell) -> str:
    """Return what of a cell is set before the run: cells alike in it share burn-in and control."""
    before = {
        p: v
        for p, v in applied(values_of(claim, cell)).items()
        if is_field(p) or p in (SCENARIO, CONTROL) or p in DECLARED or "in_force" in copies_of(p)[0]
    }
    return repr(sorted(before.items(), key=lambda item: item[0]))


def _worlds(claim: Claim, cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return cells by what is set before the run."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(_world_of(claim, cell), []).append(cell)
    return list(found.values())


Combine = Callable[[Values, Cell], Floats]


def combined(claim: Claim, outcome_name: str) -> Combine:
    """Return how an outcome is read in a cell: its parts by replicate, (parts, n)."""
    parts = claim.measures(outcome_name)

    def read(values: Values, cell: Cell) -> Floats:
        return np.array([functools.reduce(np.add, [f * values[cell][name] for name, f in part]) for part in parts])

    return read
