"""Change fields of a scenario's file by path before it is read, so that a changed world meets every check.

A path is the field's place in the file, such as ``world.levels.0.groups.0.members``: items of lists count from 0, and
``*`` stands for all of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scenarios import schema
from scenarios.problems import nearest
from scenarios.source import Report, Source
from scenarios.validation import checked

ROOTS = ("world", "baseline", "run")
EVERY = "*"


def is_field(path: str) -> bool:
    """Whether a path names a field of the file, not a parameter or a field of a policy."""
    return path.partition(".")[0] in ROOTS


def changed(source: Source, values: Mapping[str, object]) -> Source:
    """Return a scenario's document with fields set by path; the fields themselves are checked when it is read.

    Raises
    ------
    ScenarioError
        If a list has no such item.
    """
    report, data = Report(source), source.data
    for path, value in values.items():
        data = _with(data, tuple(path.split(".")), value, (), report)
    report.settle()
    return replace(source, data=data)


def value_at(source: Source, path: str) -> object:
    """Return the value in force at a field's path, the first of several; None where the file leaves it open.

    Raises
    ------
    ScenarioError
        If there is no such field, or the document is not sound.
    """
    report = Report(source)
    node: Any = checked(schema.ScenarioTable, source.data, report)
    report.settle()
    done: tuple[int | str, ...] = ()
    for part in path.split("."):
        if isinstance(node, list):
            row = _rows(node, part, done, report)
            report.settle()
            node, done = node[row[0]], (*done, row[0])
        else:
            names = node if isinstance(node, Mapping) else vars(node) if hasattr(node, "__dict__") else {}
            if part not in names:
                report.add("unknown_field", (*done, part), nearest=nearest(part, names))
                report.settle()
            node, done = names[part], (*done, part)
    return node


def _with(node: Any, path: tuple[str, ...], value: object, done: tuple[int | str, ...], report: Report) -> Any:  # noqa: ANN401
    """Return a copy of a node along the path, the rest shared."""
    if not path:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    head, rest = path[0], path[1:]
    if isinstance(node, list):
        rows = _rows(node, head, done, report)
        return [_with(n, rest, value, (*done, row), report) if row in rows else n for row, n in enumerate(node)]
    table = node if isinstance(node, Mapping) else {}
    return {**table, head: _with(table.get(head), rest, value, (*done, head), report)}


def _rows(node: list[Any], part: str, done: tuple[int | str, ...], report: Report) -> list[int]:
    """Return the items that a part of a path names."""
    rows = list(range(len(node)))
    chosen = rows if part == EVERY else [row for row in rows if str(row) == part]
    if not chosen:
        report.add("unknown_field", (*done, part), nearest=", ".join(map(str, [*rows, EVERY])))
    return chosen
