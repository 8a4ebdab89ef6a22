"""Set single numbers by path, over the parameters and over every field of a mode, rotation or support.

Paths are ``group.name`` for a parameter; ``modes.ID.field``, ``rotations.ID.field`` and ``supports.ID.field`` for one
record; ``mode.field``, ``rotation.field`` and ``support.field`` for all records of a kind. Parameters are the world's.
Fields are what a county decides: they move the policies compared, and the control keeps a copy of its own. Behind
``control.`` the same paths name that copy, behind ``both.`` either.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from model.parameters import Parameters, declared, get
from scenarios.bounds import within
from scenarios.catalogue import KINDS, Catalogue, Entry, entry
from scenarios.positions import Path
from scenarios.problems import nearest
from scenarios.source import Report
from scenarios.validation import checked

Values = Mapping[str, object]
PRICES, MOST_YUAN = "finance.", 1e10
"""Where prices stand, and more than any county could pay."""
DECLARED = declared()
CONTROL, BOTH = "control.", "both."
COPIES = {CONTROL: ("in_force",), BOTH: ("catalogue", "in_force")}
TABLES: tuple[Path, ...] = (("parameters",), ("policies", "set"))
"""Tables of a scenario's file in which numbers are set by path."""


class Numbers(NamedTuple):
    """What can be set by path.

    Parameters
    ----------
    parameters
        Numbers of the world.
    catalogue
        Records that the policies compared are put together from.
    in_force
        Copies of those that the control is made of.
    """

    parameters: Parameters
    catalogue: Catalogue
    in_force: Catalogue = Catalogue({}, {}, {})


def overridden(numbers: Numbers, values: Mapping[Path, object], report: Report) -> Numbers:
    """Return numbers with `values` in place; faults are noted in `report` at their paths.

    Parameters
    ----------
    numbers
        What is set.
    values
        Place in the report's document → value; the path proper is the place without the table it may stand in, which is
        ``parameters`` or ``policies.set``.
    report
        Takes unknown paths, wrong types and numbers out of bounds.
    """
    given: dict[str, float] = {}
    for place, value in values.items():
        path = ".".join(map(str, _proper(place)))
        if path in DECLARED:
            if _is_good(path, value, place, report):
                assert isinstance(value, int | float)
                given[path] = within(value, *bounds_of(path))
        else:
            numbers = _set_field(numbers, path, value, place, report)
    return numbers._replace(parameters=_with(numbers.parameters, given))


def _proper(place: Path) -> Path:
    """Return a place within the table of a scenario's file that it may stand in."""
    table = next((table for table in TABLES if place[: len(table)] == table), ())
    return place[len(table) :]


def _with(parameters: Parameters, numbers: Mapping[str, float]) -> Parameters:
    """Return parameters with checked numbers in place."""
    groups: dict[str, dict[str, float]] = {}
    for path, value in numbers.items():
        group, name = path.split(".")
        groups.setdefault(group, {})[name] = type(default_of(path))(value)
    changed = {group: getattr(parameters, group)._replace(**values) for group, values in groups.items()}
    return parameters._replace(**changed)


def read_value(text: str) -> object:
    """Return what a command line wrote after ``=``: a TOML value, or else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def uncertain(catalogue: Catalogue, kind: str, ident: str) -> dict[str, tuple[float, float, float]]:
    """Return path → (low, default, high) of the shares of one record that are read from words."""
    found = catalogue.of(kind)[ident]
    ranges = found.ranges.items()
    return {f"{kind}s.{ident}.{name}": (low, getattr(found.record, name), high) for name, (low, high) in ranges}


def _is_good(path: str, value: object, place: Path, report: Report) -> bool:
    """Whether a parameter's value is a number within its bounds, or beyond them by rounding alone."""
    low, high = bounds_of(path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("not_a_number", place, value)
    elif isinstance(value, float) and not math.isfinite(value):
        report.add("not_finite", place, value)
    elif not low <= within(value, low, high) <= min(high, MOST_YUAN):
        report.add("out_of_bounds", place, value, allowed=f"[{low:g}, {min(high, MOST_YUAN):g}]")
    elif isinstance(default_of(path), int) and value != int(value):
        report.add("not_whole", place, value)
    else:
        return True
    return False


def bounds_of(path: str) -> tuple[float, float]:
    """Return the lowest and the highest value that a parameter may have: its range; prices, any not negative."""
    if path.startswith(PRICES):
        return 0.0, math.inf
    return DECLARED[path].low, DECLARED[path].high


def default_of(path: str) -> float | int:
    """Return a parameter's declared default, an integer where only whole numbers make sense."""
    group, name = path.split(".")
    value: float | int = getattr(getattr(Parameters(), group), name)
    return value


def _set_field(numbers: Numbers, path: str, value: object, place: Path, report: Report) -> Numbers:
    """Return numbers with one field of one record, or of all records of a kind, set in the copies that a path names."""
    copies, own = copies_of(path)
    head, _, name = own.rpartition(".")
    for kind, (schema, _) in KINDS.items():
        chosen = {copy: _chosen(getattr(numbers, copy).of(kind), kind, head) for copy in copies}
        if not any(chosen.values()) or name not in field_names(kind):
            continue
        table = checked(schema, {name: value}, report, place[:-1])
        given = {} if table is None else {name: getattr(table, name)}
        for copy, old in chosen.items():
            numbers = numbers._replace(**{copy: _updated(getattr(numbers, copy), kind, old, given)})  # type: ignore[arg-type]
        return numbers
    report.add("unknown_parameter", place, path, nearest=nearest(path, paths(numbers.catalogue, numbers.in_force)))
    return numbers


def copies_of(path: str) -> tuple[tuple[str, ...], str]:
    """Return which copies of records a path names, as attributes of `Numbers`, and the path within them."""
    for head, copies in COPIES.items():
        if path.startswith(head):
            return copies, path.removeprefix(head)
    return ("catalogue",), path


def _updated(catalogue: Catalogue, kind: str, chosen: Mapping[str, Entry[Any]], given: Values) -> Catalogue:
    """Return a catalogue with fields of some records set."""
    changed = {ident: entry(kind, ident, old.table.model_copy(update=given)) for ident, old in chosen.items()}
    return replace(catalogue, **{f"{kind}s": {**catalogue.of(kind), **changed}})


def _chosen(entries: Mapping[str, Entry[Any]], kind: str, head: str) -> dict[str, Entry[Any]]:
    """Return the records that the beginning of a path names."""
    if head == kind:
        return dict(entries)
    ident = head.removeprefix(f"{kind}s.")
    return {ident: entries[ident]} if head.startswith(f"{kind}s.") and ident in entries else {}


def field_names(kind: str) -> list[str]:
    """Return the fields that a mode, rotation or support has."""
    return [field.name for field in fields(KINDS[kind][1]) if field.name != "name"]


def paths(catalogue: Catalogue, in_force: Catalogue | None = None) -> list[str]:
    """Return every path that can be set: parameters, fields of records, and of the control's own copies."""
    own = [] if in_force is None else [f"{CONTROL}{path}" for path in _fields(in_force)]
    return [*DECLARED, *_fields(catalogue), *own]


def _fields(catalogue: Catalogue) -> list[str]:
    out = []
    for kind in KINDS:
        heads = [kind, *(f"{kind}s.{ident}" for ident in catalogue.of(kind))] if catalogue.of(kind) else []
        out += [f"{head}.{name}" for head in heads for name in field_names(kind)]
    return out


def value_at(parameters: Parameters, catalogue: Catalogue, path: str) -> object:
    """Return the value at a path that names a parameter or a field of one record.

    Raises
    ------
    KeyError
        If there is no such path.
    """
    if path in DECLARED:
        return get(parameters, path)
    kind, ident, name = path.split(".")
    return getattr(catalogue.of(kind.removesuffix("s"))[ident].record, name)
