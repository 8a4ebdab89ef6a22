"""Set single numbers by path, over the parameters and over every field of a mode, rotation or support.

Paths are ``group.name`` for a parameter; ``modes.ID.field``, ``rotations.ID.field`` and ``supports.ID.field`` for one
record; ``mode.field``, ``rotation.field`` and ``support.field`` for all records of a kind.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from model.parameters import Parameters, declared, get
from scenarios.catalogue import KINDS, Catalogue, Entry, entry
from scenarios.positions import Path
from scenarios.problems import nearest
from scenarios.source import Report
from scenarios.validation import checked

Values = Mapping[str, object]
PRICES, MOST_YUAN = "finance.", 1e10
DECLARED = declared()


def overridden(
    parameters: Parameters, catalogue: Catalogue, values: Mapping[Path, object], report: Report
) -> tuple[Parameters, Catalogue]:
    """Return parameters and catalogue with `values` in place; faults are noted in `report` at their paths.

    Parameters
    ----------
    parameters
        What is set where a path names a parameter.
    catalogue
        What is set where a path names a mode, rotation or support.
    values
        Place in the report's document → value; the path proper is the place without a leading ``parameters``.
    report
        Takes unknown paths, wrong types and numbers out of bounds.
    """
    numbers: dict[str, float] = {}
    for place, value in values.items():
        path = ".".join(map(str, place[1:] if place[0] == "parameters" else place))
        if path in DECLARED:
            if _is_good(path, value, place, report):
                assert isinstance(value, int | float)
                numbers[path] = value
        else:
            catalogue = _set_field(catalogue, path, value, place, report)
    return _with(parameters, numbers), catalogue


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
    """Whether a parameter's value is a number within its declared range; prices may be any that a county could pay."""
    parameter = DECLARED[path]
    low, high = (0.0, MOST_YUAN) if path.startswith(PRICES) else (parameter.low, parameter.high)
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add("not_a_number", place, value)
    elif isinstance(value, float) and not math.isfinite(value):
        report.add("not_finite", place, value)
    elif not low <= value <= high:
        report.add("out_of_bounds", place, value, allowed=f"[{low:g}, {high:g}]")
    elif isinstance(default_of(path), int) and value != int(value):
        report.add("not_whole", place, value)
    else:
        return True
    return False


def default_of(path: str) -> float | int:
    """Return a parameter's declared default, an integer where only whole numbers make sense."""
    group, name = path.split(".")
    value: float | int = getattr(getattr(Parameters(), group), name)
    return value


def _set_field(catalogue: Catalogue, path: str, value: object, place: Path, report: Report) -> Catalogue:
    """Return the catalogue with one field of one record, or of all records of a kind, set."""
    head, _, name = path.rpartition(".")
    for kind, (schema, _) in KINDS.items():
        chosen = _chosen(catalogue.of(kind), kind, head)
        if not chosen or name not in field_names(kind):
            continue
        table = checked(schema, {name: value}, report, place[:-1])
        given = {} if table is None else {name: getattr(table, name)}
        changed = {ident: entry(kind, ident, old.table.model_copy(update=given)) for ident, old in chosen.items()}
        return replace(catalogue, **{f"{kind}s": {**catalogue.of(kind), **changed}})
    report.add("unknown_parameter", place, path, nearest=nearest(path, paths(catalogue)))
    return catalogue


def _chosen(entries: Mapping[str, Entry[Any]], kind: str, head: str) -> dict[str, Entry[Any]]:
    """Return the records that the beginning of a path names."""
    if head == kind:
        return dict(entries)
    ident = head.removeprefix(f"{kind}s.")
    return {ident: entries[ident]} if head.startswith(f"{kind}s.") and ident in entries else {}


def field_names(kind: str) -> list[str]:
    """Return the fields that a mode, rotation or support has."""
    return [field.name for field in fields(KINDS[kind][1]) if field.name != "name"]


def paths(catalogue: Catalogue) -> list[str]:
    """Return every path that can be set."""
    out = list(DECLARED)
    for kind in KINDS:
        heads = [kind, *(f"{kind}s.{ident}" for ident in catalogue.of(kind))]
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
