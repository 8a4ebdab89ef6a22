"""Any value of any type in the place of anything in a document: what must come of it is a sound reading or a fault."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from app.wording import scenario_problems
from figures.text import LANGUAGES
from scenarios.positions import Path
from scenarios.problems import ScenarioError
from scenarios.source import Source

WRONG = (
    [], {}, "", -1, 1e308, float("nan"), True, datetime.date(2024, 9, 1), [[1]], 10**400, [{}], {"x": {}},
    {"default": []},
)  # fmt: skip
"""Values that are wrong nearly everywhere."""
ODD = (
    *WRONG, "x", "none", "+", "a\x00b", "长" * 300, 0, 1, 2, 0.5, -1e308, 5e-324, float("inf"), False,
    datetime.datetime(2024, 9, 1, 8), datetime.time(8), [[]], [1, 2], [True], ["a", "a"], {"x": 1}, {"": {}},
    {"a.b": 1}, {"default": 1e308}, {"en": 1}, {"en": "a", "zh": "b"}, 10**18, -(10**18), "fusion",
    "as_planned", "policy",
)  # fmt: skip
"""Those, and values that are right in some place."""


def places(node: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every table, list, item and value below a node."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, Mapping):
        items = node.items()
    elif isinstance(node, list):
        items = enumerate(node)
    for part, inner in items:
        yield (*path, part)
        yield from places(inner, (*path, part))


def declared(schema: type[BaseModel], node: Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401 - a node of a file
    """Yield the path of every field that a document's tables could have, one table deep where it has none."""
    for name, field in schema.model_fields.items():
        yield (*path, name)
        inner, below = node.get(name) if isinstance(node, Mapping) else None, _table(field.annotation)
        if below is None:
            continue
        many = inner.items() if isinstance(inner, Mapping) and get_origin(field.annotation) is dict else ()
        many = enumerate(inner) if isinstance(inner, list) else many
        for part, item in many:
            yield from declared(below, item, (*path, name, part))
        if isinstance(inner, Mapping) and not many:
            yield from declared(below, inner, (*path, name))


def _table(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _table(part))), None)


def unlike(paths: Iterable[Path]) -> list[Path]:
    """Return of paths that differ only by the number of an item the last."""
    by_name = {tuple(part for part in path if isinstance(part, str)): path for path in sorted(paths, key=str)}
    return list(by_name.values())


def put(node: Any, path: Path, value: object) -> Any:  # noqa: ANN401 - a node of a file
    """Return a copy of a node with a value at a path."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, list):
        return [put(item, rest, value) if number == head else item for number, item in enumerate(node)]
    table = node if isinstance(node, Mapping) else {}
    return {**table, head: put(table.get(head), rest, value)}


def read_all(
    source: Source, paths: Iterable[Path], values: Sequence[object], read: Callable[[Source], object]
) -> tuple[int, int]:
    """Read a document with each value at each path; return how many were sound, and how many refused in words.

    Raises
    ------
    AssertionError
        At the first that ends otherwise, or that is told twice.
    """
    sound = refused = 0
    for path in sorted(set(paths), key=str):
        for value in values:
            try:
                # Without the text nobody has to look for lines, which takes most of the time.
                read(replace(source, text="", data=put(source.data, path, value)))
                sound += 1
            except ScenarioError as error:
                refused += 1
                _check_told(error, f"{path} = {value!r}")
            except Exception as fault:
                raise AssertionError(f"{path} = {value!r}") from fault
    return sound, refused


def _check_told(error: ScenarioError, what: str) -> None:
    """A fault says where, and is there in every language; nothing is said twice of one place."""
    assert all(problem.where.file for problem in error.problems), what
    said = [(str(problem.where), problem.code) for problem in error.problems]
    assert len(set(said)) == len(said), (what, str(error))
    for language in LANGUAGES:
        assert "{" not in scenario_problems(error, language).replace("{…}", ""), what
