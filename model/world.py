"""The world: read-only tables of teachers, schools, ties, groups and regions, and their row index."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.columns import Groups, Index, Regions, Schools, Teachers, Ties

Changes = dict[str, dict[str, NDArray[Any]]]


class World(NamedTuple):
    """All state of the model at one moment. Arrays are read-only; a new state is a new `World`."""

    teachers: Teachers
    schools: Schools
    ties: Ties
    groups: Groups
    regions: Regions
    index: Index  # type: ignore[assignment]  # a tuple's method of that name is not used


TABLES: dict[str, type] = {
    "teachers": Teachers,
    "schools": Schools,
    "ties": Ties,
    "groups": Groups,
    "regions": Regions,
    "index": Index,
}


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` marked read-only."""
    array.setflags(write=False)
    return array


def seen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of `array`, which may still change: kernels are compiled for read-only columns."""
    return frozen(array.view())


def freeze(world: World) -> World:
    """Mark every array of `world` read-only and return it."""
    for table in world:
        for array in table:
            frozen(array)
    return world


class Pool:
    """Spare columns: arrays that a run allocated itself and no longer needs.

    A process writes into spare arrays; `commit` swaps them in and takes the replaced ones back, so that a
    term copies nothing. What is written row by row from rows just read may go into the column itself (`own`).
    Arrays of a snapshot were not allocated here: they are never handed out and never written.
    """

    def __init__(self) -> None:
        self._free: defaultdict[tuple[str, tuple[int, ...]], list[NDArray[Any]]] = defaultdict(list)
        self._own: set[int] = set()

    def like(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a writeable array of the same type and shape, contents undefined."""
        return self.empty(array.shape, array.dtype)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return a writeable array of a shape and type, contents undefined."""
        free = self._free[dtype.char, shape]
        if free:
            spare = free.pop()
            spare.setflags(write=True)
            return spare
        spare = np.empty(shape, dtype)
        self._own.add(id(spare))
        return spare

    def own(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return `array` itself to write into where it was allocated here, else a spare, contents undefined."""
        if id(array) not in self._own:
            return self.like(array)
        array.setflags(write=True)
        return array

    def copy(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a writeable copy of `array`."""
        spare = self.like(array)
        spare[...] = array
        return spare

    def release(self, *arrays: NDArray[Any]) -> None:
        """Take back scratch arrays that were handed out and are no longer used."""
        for array in arrays:
            self._take_back(array)

    def commit(self, world: World, changes: Changes) -> World:
        """Return `world` with the changed columns in place of the old ones."""
        tables = {}
        for name, columns in changes.items():
            old = getattr(world, name)
            for column, array in columns.items():
                if getattr(old, column) is not array:
                    self._take_back(getattr(old, column))
                frozen(array)
            tables[name] = old._replace(**columns)
        return world._replace(**tables)

    def _take_back(self, array: NDArray[Any]) -> None:
        if id(array) in self._own:
            self._free[array.dtype.char, array.shape].append(array)
