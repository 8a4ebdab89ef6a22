"""Run the model: one term, a burn-in under the baseline, and years under a policy."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes
from model.chance import Key
from model.columns import RECORDED
from model.initial import initialise, standing_state
from model.parameters import Parameters
from model.process import Moment, Process
from model.schedule import TERM
from model.world import Pool, World

TERMS_PER_YEAR = 2
STANDING_YEARS = 2


class Record(NamedTuple):
    """School × term tables of one run: name → (terms, schools) or (terms, schools, width)."""

    terms_per_year: int
    columns: dict[str, NDArray[Any]]

    def yearly(self, name: str) -> NDArray[Any]:
        """Return the yearly means of a column, shape (years, schools[, width])."""
        table = self.columns[name]
        return np.stack(
            [_mean_of(table[y : y + self.terms_per_year]) for y in range(0, len(table), self.terms_per_year)]
        )


def _mean_of(terms: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean over terms, added in order so that bytes are the same everywhere."""
    total: NDArray[np.float64] = terms[0].astype(np.float64)
    for term in terms[1:]:
        total = total + term
    return np.asarray(total / len(terms), dtype=np.float64)


class Snapshot(NamedTuple):
    """The standing state that control and policies start from, and the record of the last two years of burn-in."""

    world: World
    record: Record


def moment(key: Key, term: int, terms_per_year: int, burn_in: bool) -> Moment:
    """Return the moment of a term; the last two years of burn-in are the standing ones."""
    standing = 0.0
    if burn_in and term >= -STANDING_YEARS * terms_per_year:
        standing = 1.0 / (STANDING_YEARS * terms_per_year)
    return Moment(
        key, term, 1.0 / terms_per_year, term // terms_per_year, term % terms_per_year == 0, burn_in, standing
    )  # fmt: skip


def term(
    world: World,
    attributes: Attributes,
    parameters: Parameters,
    now: Moment,
    pool: Pool,
    schedule: Sequence[Process] = TERM,
) -> World:
    """Return the world after one term."""
    for process in schedule:
        if process.annual and not now.autumn:
            continue
        changes = process.step(world, attributes, parameters, now, pool)
        if changes:
            world = pool.commit(world, changes)
    return world


def _empty_record(world: World, terms: int, terms_per_year: int, names: Sequence[str]) -> Record:
    columns = {}
    for name in names:
        array = getattr(world.schools, name)
        columns[name] = np.zeros((terms, *array.shape), dtype=np.float64)
    return Record(terms_per_year, columns)


def _note(record: Record, row: int, world: World) -> None:
    for name, table in record.columns.items():
        table[row] = getattr(world.schools, name)


def burn_in(
    structure: World,
    baseline: Attributes,
    parameters: Parameters,
    key: Key,
    years: int = 5,
    terms_per_year: int = TERMS_PER_YEAR,
    names: Sequence[str] = RECORDED,
) -> Snapshot:
    """Draw the world and run it under the baseline, so that a run starts from the standing state.

    Raises
    ------
    ValueError
        If `years` is less than two, over which the baseline is measured.
    """
    if years < STANDING_YEARS:
        raise ValueError(f"burn-in needs at least {STANDING_YEARS} years, over which the baseline is measured")
    world = initialise(structure, baseline, parameters, key, years)
    kept = STANDING_YEARS * terms_per_year
    record, pool = _empty_record(world, kept, terms_per_year, names), Pool()
    for number in range(-years * terms_per_year, 0):
        now = moment(key, number, terms_per_year, burn_in=True)
        world = term(world, baseline, parameters, now, pool)
        if number >= -kept:
            _note(record, number + kept, world)
    return Snapshot(standing_state(world), record)


def simulate(
    start: World,
    phases: Sequence[tuple[int, Attributes]],
    parameters: Parameters,
    key: Key,
    years: int = 10,
    terms_per_year: int = TERMS_PER_YEAR,
    names: Sequence[str] = RECORDED,
    first_year: int = 0,
) -> tuple[World, Record]:
    """Run `years` from `start` and return the last world and the record.

    Parameters
    ----------
    start
        The standing state, or any world saved at the start of `first_year`.
    phases
        (first year, attributes) in order; each holds until the next begins, the first from year 0.
    """
    world, pool = start, Pool()
    del start  # where the caller keeps it neither, its columns go as they are replaced
    record = _empty_record(world, years * terms_per_year, terms_per_year, names)
    for row in range(years * terms_per_year):
        now = moment(key, first_year * terms_per_year + row, terms_per_year, burn_in=False)
        attributes = [a for year, a in phases if year <= now.year][-1]
        world = term(world, attributes, parameters, now, pool)
        _note(record, row, world)
    return world, record
