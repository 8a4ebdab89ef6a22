"""What a process is: a record with a frozen number, what it reads and writes, and a step."""

import functools
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, get_type_hints

from model.attributes import Attributes
from model.chance import Key
from model.parameters import Parameters
from model.world import Changes, Pool, World


class Moment(NamedTuple):
    """When a step happens and under which seed.

    `term` counts terms from the start of the policy (burn-in is negative), `dt` is a term's length in years,
    `year` the school year it lies in, `autumn` the term in which staff decisions are taken. `standing` marks the
    last two years of burn-in, over which the baseline is measured.
    """

    key: Key
    term: int
    dt: float
    year: int
    autumn: bool
    burn_in: bool
    standing: float

    @property
    def time(self) -> float:
        """Start of the term in years."""
        return self.term * self.dt


Step = Callable[[World, Attributes, Parameters, Moment, Pool], Changes]


class Process(NamedTuple):
    """One process of the model. `reads` and `writes` are `table.column` names."""

    name: str
    number: int
    annual: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    step: Step


View = TypeVar("View")


def paths(view: type) -> dict[str, str]:
    """Return field → `table.column` for the fields of a view that say where they come from."""
    hints = get_type_hints(view, include_extras=True)
    return {
        name: next(m for m in hint.__metadata__ if isinstance(m, str))
        for name, hint in hints.items()
        if any(isinstance(m, str) for m in getattr(hint, "__metadata__", ()))
    }


def gather(view: type[View], world: World, attributes: Attributes, **given: Any) -> View:  # noqa: ANN401
    """Return the flat tuple of arrays a kernel takes; `given` fields (spare columns) go in as they are.

    Kernels take few arrays and no nested tuples: what the compiler handles grows with every array passed.
    """
    columns, values, fields, rules = _getters(view)  # type: ignore[arg-type]  # a class is hashable
    found = dict(zip(columns, values(world), strict=True)) | dict(zip(fields, rules(attributes), strict=True))
    return view(**found | given)


Getter = Callable[[object], tuple[Any, ...]]


@functools.cache
def _getters(view: type) -> tuple[tuple[str, ...], Getter, tuple[str, ...], Getter]:
    """Return the fields that come from the world and how to get them, and the same for attributes."""
    given = "attributes."
    ours = {name: path for name, path in paths(view).items() if not path.startswith(given)}
    rules = {name: path.removeprefix(given) for name, path in paths(view).items() if path.startswith(given)}
    return tuple(ours), _all_of(tuple(ours.values())), tuple(rules), _all_of(tuple(rules.values()))


def _all_of(names: tuple[str, ...]) -> Getter:
    """Return a function that gets attributes, dotted or not, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(attrgetter(name)(one) for name in names)


def reads_of(*views: type) -> tuple[str, ...]:
    """Return the world columns that views take."""
    found = {path: None for view in views for path in paths(view).values() if not path.startswith("attributes.")}
    return tuple(found)


def columns_of(table: str, *names: str) -> tuple[str, ...]:
    """Return `table.name` for each name."""
    return tuple(f"{table}.{name}" for name in names)
