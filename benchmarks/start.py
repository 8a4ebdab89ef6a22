"""What every benchmark starts from: a world in its standing state, one autumn into a policy, in copies as wanted.

A copy is a county of its own: rows are shifted and ids hashed anew, so that its people draw other numbers.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from model.attributes import Attributes, compile_policy
from model.chance import Key, key, pair_id
from model.columns import Floats, columns
from model.compilation import compiled
from model.parameters import Parameters
from model.policy import Policy
from model.process import Moment, Process
from model.processes.attention import attention
from model.processes.culture import culture
from model.processes.learning import learning
from model.processes.practice import practice
from model.processes.teaching import teaching
from model.simulation import TERMS_PER_YEAR, burn_in, moment, term
from model.world import TABLES, Pool, World, freeze
from scenarios import reader
from scenarios.build import build
from scenarios.roster import Roster

SCENARIO = "yuyao_2020"
CORE: tuple[Process, ...] = (attention, learning, practice, culture, teaching)
IDS = "id"
ROWS_BY_UNIT = {
    "school row": "schools",
    "teacher row": "teachers",
    "position": "teachers",
    "group row": "groups",
    "region row": "regions",
    "tie row": "ties",
}


class Start(NamedTuple):
    """A world after burn-in and one autumn term under a policy, with all that the next term needs."""

    world: World
    policy: Policy
    attributes: Attributes
    parameters: Parameters
    key: Key

    @property
    def teachers(self) -> int:
        """Number of posts."""
        return len(self.world.teachers.id)


class Peer(Protocol):
    """One way to run the core of a term: attention, learning, practice, culture and teaching."""

    def advance(self, now: Moment) -> None:
        """Run the core of one term."""

    def columns(self) -> Mapping[str, Floats]:
        """Return `table.column` → values for everything the core writes."""


def written() -> tuple[str, ...]:
    """Return the columns that the core writes outside burn-in."""
    paths = dict.fromkeys(path for process in CORE for path in process.writes)
    return tuple(path for path in paths if not path.startswith("regions.") and not path.endswith("_anchor"))


class Kernels:
    """The model's own compiled kernels."""

    def __init__(self, start: Start) -> None:
        self.start, self.world, self.pool = start, start.world, Pool()

    def advance(self, now: Moment) -> None:
        """Run the core of one term."""
        self.world = term(self.world, self.start.attributes, self.start.parameters, now, self.pool, CORE)

    def columns(self) -> Mapping[str, Floats]:
        """Return `table.column` → values for everything the core writes."""
        return {path: getattr(getattr(self.world, path.split(".")[0]), path.split(".")[1]) for path in written()}


def term_of(start: Start, number: int) -> Moment:
    """Return the moment of a term after the start, which is term 0."""
    return moment(start.key, number, TERMS_PER_YEAR, burn_in=False)


def whole_groups(roster: Roster, posts: int) -> Roster:
    """Return the first groups of a roster, as many as it takes to reach `posts`."""
    taken: list[str] = []
    staff = {group.id: sum(s.posts for s in roster.schools if s.group == group.id) for group in roster.groups}
    for group in roster.groups:
        if sum(staff[name] for name in taken) < posts:
            taken.append(group.id)
    groups = tuple(group for group in roster.groups if group.id in taken)
    schools = tuple(school for school in roster.schools if school.group in taken)
    leads = {group.lead for group in groups}
    return Roster(schools, groups, {zone: head for zone, head in roster.zone_heads.items() if head in leads})


@functools.cache
def county(
    mode: str = "fusion", rotation: str = "national_rule", support: str = "none", posts: int | None = None
) -> Start:
    """Return the bundled county, or its first groups up to `posts`, one autumn into a policy."""
    scenario = reader.load(SCENARIO)
    policy = reader.policy_for(scenario, mode, rotation, support)
    world = scenario.world if posts is None else build(whole_groups(scenario.roster, posts), scenario.assigned)[0]
    base = key(0, 0)
    snapshot = burn_in(world, compile_policy(reader.control(scenario), world), scenario.parameters, base)
    attributes = compile_policy(policy, world)
    first = moment(base, 0, TERMS_PER_YEAR, burn_in=False)
    after = term(snapshot.world, attributes, scenario.parameters, first, Pool())
    return Start(after, policy, attributes, scenario.parameters, base)


@compiled
def _rehashed(ids: NDArray[np.uint64], copy: int, out: NDArray[np.uint64]) -> None:
    for row in range(len(ids)):
        out[row] = pair_id(ids[row], np.uint64(copy))


def _shifted(array: NDArray[Any], step: int, copies: int, is_start: bool) -> NDArray[Any]:
    """Return `copies` of row numbers, each `step` further on; −1 stays. Starts of runs overlap at the seams."""
    body = array[:-1] if is_start else array
    shifts = (np.arange(copies, dtype=array.dtype) * step).reshape(-1, *[1] * body.ndim)
    out = np.where(body < 0, body, body + shifts).reshape(-1, *body.shape[1:])
    return np.concatenate([out, [array[-1] + (copies - 1) * step]]).astype(array.dtype) if is_start else out


def _column(world: World, table: str, name: str, copies: int) -> NDArray[Any]:
    array, unit = getattr(getattr(world, table), name), columns(TABLES[table])[name].unit
    if name == IDS:
        out = np.empty((copies, len(array)), dtype=array.dtype)
        for copy in range(copies):
            _rehashed(array, copy, out[copy])
        return out.reshape(-1)
    if unit == "county":
        return _shifted(array, int(world.schools.county.max()) + 1, copies, is_start=False)
    if unit in ROWS_BY_UNIT:
        step = len(getattr(world, ROWS_BY_UNIT[unit])[0])
        return _shifted(array, step, copies, is_start=name.endswith("_start"))
    return np.tile(array, (copies, *[1] * (array.ndim - 1)))


def tiled(start: Start, copies: int) -> Start:
    """Return `copies` counties like the one of `start` side by side, under the same policy."""
    world = start.world
    if world.index.team_start[-1] != len(world.teachers.id):
        raise ValueError("every school must be open before a world can be copied")
    tables = {
        table: kind(**{name: _column(world, table, name, copies) for name in kind._fields})  # type: ignore[attr-defined]
        for table, kind in TABLES.items()
    }
    many = freeze(World(**tables))
    return start._replace(world=many, attributes=compile_policy(start.policy, many))


def greatest_difference(one: Peer, other: Peer, names: Sequence[str] | None = None) -> tuple[float, str]:
    """Return the greatest absolute difference in the columns that the core writes, and the column it is in."""
    a, b = one.columns(), other.columns()
    gaps = {name: float(np.max(np.abs(a[name] - b[name]), initial=0.0)) for name in names or written()}
    worst = max(gaps, key=lambda name: gaps[name])
    return gaps[worst], worst
