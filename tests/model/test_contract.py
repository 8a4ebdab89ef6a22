"""One contract for every process of the schedule: what it may read and write, and that it is a function."""

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from model.attributes import Attributes
from model.chance import Stream, key
from model.columns import SUBJECTS, columns
from model.process import Moment, Process
from model.schedule import TERM
from model.simulation import moment
from model.world import TABLES, Changes, Pool, World
from tests.model import worlds
from tests.model.worlds import DEFAULT, POLICIES, Site

NUMBERS = {
    "staffing": 2, "promotion": 3, "rotation": 4, "attention": 5, "learning": 6, "practice": 7, "culture": 8,
    "teaching": 9, "families": 10, "finance": 11,
}  # fmt: skip
EVERY = [pytest.param(process, id=process.name) for process in TERM]
ENDLESS = {"teachers.away_until"}


class Case(NamedTuple):
    """A world just before a process acts."""

    policy: str
    world: World
    attributes: Attributes
    now: Moment


def seeded_world() -> World:
    """Return a group whose lead seeds a school that opens in year 1, beside a private school and an ungrouped one."""
    staff = worlds.STAFFED
    return worlds.built(
        [
            Site("a", staff * 2, "g", "lead", standing=1.0, reliability=0.8),
            Site("b", staff, "g", "member", setting=2, x=5.0, standing=-1.0, reliability=0.8),
            Site("c", staff, "g", "member", setting=1, x=9.0, standing=-0.5, reliability=0.8),
            Site("n", staff, "g", "member", setting=1, x=3.0, opens=1.0, seeded_by="a"),
            Site("u", staff, setting=2, x=12.0),
            Site("p", staff, x=2.0, ownership=2),
        ]
    )


@functools.cache
def cases(name: str) -> tuple[Case, ...]:
    """Return worlds before the named process: burn-in, and two years of every policy in two worlds."""
    return tuple(_cases(name))


def _cases(name: str) -> Iterator[Case]:
    for world in (worlds.county(), seeded_world()):
        start = worlds.snapshot(world).world
        for policy, burn_in in [("as_is", True), *((policy, False) for policy in POLICIES)]:
            if policy == "modes by group" and (world.groups.assigned < 0).any():
                continue
            yield from _term_by_term(name, policy, start, range(-3, 0) if burn_in else range(4))


def _term_by_term(name: str, policy: str, world: World, terms: range) -> Iterator[Case]:
    attributes = worlds.attributes(POLICIES[policy], world)
    for number in terms:
        now = moment(key(5, 0), number, 2, terms.start < 0)
        for process in TERM:
            if process.annual and not now.autumn:
                continue
            if process.name == name:
                yield Case(policy, world, attributes, now)
            # A pool of its own for each step: no array of a case is ever written again.
            pool = Pool()
            world = pool.commit(world, process.step(world, attributes, DEFAULT, now, pool))


def stepped(process: Process, case: Case, world: Any = None) -> Changes:  # noqa: ANN401 - a world or one that listens
    """Return what a process changes in a case."""
    return process.step(case.world if world is None else world, case.attributes, DEFAULT, case.now, Pool())


def flat(changes: Changes) -> dict[str, np.ndarray]:
    """Return `table.column` → array."""
    return {f"{table}.{column}": array for table, new in changes.items() for column, array in new.items()}


def same(one: Changes, other: Changes) -> bool:
    """Whether two changes hold the same bytes."""
    a, b = flat(one), flat(other)
    return a.keys() == b.keys() and all(a[n].tobytes() == b[n].tobytes() for n in a)


class Listening:
    """Stands for a world, or a table of it, and notes which columns are asked for."""

    def __init__(self, inner: Any, heard: set[str], table: str = "") -> None:  # noqa: ANN401
        self._inner, self._heard, self._table = inner, heard, table

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        value = getattr(self._inner, name)
        if not self._table:
            return Listening(value, self._heard, name)
        self._heard.add(f"{self._table}.{name}")
        return value


def perturbed(array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return other values of the same type, within the range of the old ones where they are whole numbers."""
    if array.dtype == bool:
        return ~array
    if array.dtype.kind == "f":
        return np.where(np.isfinite(array), array, 3.0) * 1.37 + random.uniform(0.1, 0.2, array.shape)
    return random.permutation(array.ravel())[::-1].reshape(array.shape).copy() if array.size > 1 else array + 1


@pytest.mark.parametrize("process", EVERY)
def test_it_writes_declared_columns_and_each_of_them_somewhere(process: Process) -> None:
    written = {column for case in cases(process.name) for column in flat(stepped(process, case))}
    assert written <= set(process.writes), "writes what it does not declare"
    assert written == set(process.writes), "declares what it never writes"


@pytest.mark.parametrize("process", EVERY)
def test_it_asks_for_declared_columns_and_each_of_them_somewhere(process: Process) -> None:
    """A column that is only replaced may be asked for its type and shape."""
    heard: set[str] = set()
    for case in cases(process.name):
        stepped(process, case, Listening(case.world, heard))
    assert heard <= set(process.reads) | set(process.writes), "asks for what it does not declare"
    assert set(process.reads) <= heard, "declares what it never asks for"


@pytest.mark.parametrize("process", EVERY)
def test_declared_columns_exist(process: Process) -> None:
    known = {f"{name}.{column}" for name, table in TABLES.items() for column in columns(table)}
    assert set(process.reads) | set(process.writes) <= known
    assert len(set(process.reads)) == len(process.reads)


@pytest.mark.parametrize("process", EVERY)
def test_its_result_depends_on_no_column_it_does_not_read(process: Process) -> None:
    random = np.random.Generator(np.random.Philox(1))
    undeclared = [n for n in worlds.arrays(cases(process.name)[0].world) if n not in process.reads]
    for case in cases(process.name):
        replaced: dict[str, dict[str, np.ndarray]] = {}
        for name in undeclared:
            table, column = name.split(".")
            replaced.setdefault(table, {})[column] = perturbed(worlds.arrays(case.world)[name], random)
        other = worlds.changed(case.world, **replaced)
        assert same(stepped(process, case), stepped(process, case, other)), case.policy


@pytest.mark.parametrize("process", EVERY)
def test_it_leaves_its_inputs_as_they_are(process: Process) -> None:
    for case in cases(process.name):
        given = worlds.arrays(case.world)
        assert not any(array.flags.writeable for array in given.values())
        before = {name: array.tobytes() for name, array in given.items()}
        results = flat(stepped(process, case))
        assert all(array.tobytes() == before[name] for name, array in given.items())
        assert not any(np.shares_memory(new, old) for new in results.values() for old in given.values())


@pytest.mark.parametrize("process", EVERY)
def test_the_same_input_gives_the_same_bytes(process: Process) -> None:
    for case in cases(process.name):
        assert same(stepped(process, case), stepped(process, case))


@pytest.mark.parametrize("process", EVERY)
def test_results_have_the_declared_type_and_shape_and_are_finite(process: Process) -> None:
    declared = {f"{n}.{c}": column for n, table in TABLES.items() for c, column in columns(table).items()}
    for case in cases(process.name):
        given = worlds.arrays(case.world)
        for name, array in flat(stepped(process, case)).items():
            assert array.dtype == np.dtype(declared[name].dtype), name
            assert array.shape == given[name].shape, name
            if name in ENDLESS:
                assert not np.isnan(array).any()
            else:
                assert np.isfinite(array.astype(float)).all(), name


def test_every_column_of_a_world_has_its_declared_type_and_width() -> None:
    for world in (worlds.county_snapshot().world, seeded_world(), *worlds.boundary_worlds().values()):
        for name, table in TABLES.items():
            for column, declared in columns(table).items():
                array = getattr(getattr(world, name), column)
                assert array.dtype == np.dtype(declared.dtype), f"{name}.{column}"
                assert array.shape[1:] == ((declared.width,) if declared.width > 1 else ()), f"{name}.{column}"


def test_codes_stay_within_their_lists() -> None:
    for case in cases("teaching"):
        t, schools = case.world.teachers, len(case.world.schools.id)
        assert ((t.subject >= 0) & (t.subject < len(SUBJECTS))).all()
        assert ((t.post >= 0) & (t.post < schools)).all()
        assert ((t.visiting >= -1) & (t.visiting < schools)).all()
        assert ((t.visit_share >= 0.0) & (t.visit_share <= 1.0)).all()
        assert (t.morale <= 0.0).all()


def test_numbers_are_unique_and_frozen() -> None:
    assert {process.name: process.number for process in TERM} == NUMBERS
    assert [process.name for process in TERM] == list(NUMBERS)
    numbers = [int(stream) for stream in Stream]
    assert len(set(numbers)) == len(numbers)
    others = {"initial": 1, "world": 12, "design": 13}
    assert {stream.name.lower(): int(stream) for stream in Stream} == NUMBERS | others


def test_staff_decisions_are_annual() -> None:
    """Rotation runs every term, because stays of half a year end in spring; it decides in autumn only."""
    assert {process.name for process in TERM if process.annual} == {"staffing", "promotion"}
    for case in cases("rotation"):
        if not case.now.autumn:
            process = next(p for p in TERM if p.name == "rotation")
            changes = flat(stepped(process, case))
            if changes:
                t = case.world.teachers
                moved = changes["teachers.post"] != t.post
                assert (changes["teachers.post"][moved] == t.home[moved]).all()
