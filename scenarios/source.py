"""Read a TOML file as text from anywhere, and collect what is wrong with it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scenarios import positions
from scenarios.problems import Problem, ScenarioError, Where, nearest, shown

MOST_TOLD = 200
LARGEST_FILE = 32 * 1024 * 1024
MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK": "ZIP/XLSX"}
TWICE = re.compile(r"overwrite|twice|immutable|Duplicate")
PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True)
class Source:
    """A TOML document, the name it is shown under, and its text."""

    name: str
    text: str
    data: Mapping[str, Any]

    @cached_property
    def lines(self) -> Mapping[positions.Path, int]:
        """Line of every key."""
        return positions.lines_of(self.text)

    def where(self, path: positions.Path) -> Where:
        """Return the place of a path such as ``("world", "schools", 2, "pupils")``; items are shown from 1."""
        table, name = _shown_path(path[:-1]), _shown_path(path[-1:])
        if path and isinstance(path[-1], int):
            table, name = _shown_path(path), ""
        return Where(self.name, table, name, positions.line_of(self.lines, path))


@dataclass
class Report:
    """Problems of one document, collected so that all are told at once, or as many as anyone would read."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    untold: int = 0

    def add(self, code: str, path: positions.Path, value: object = "", **remedy: object) -> None:
        """Note a problem at `path`."""
        if len(self.problems) >= MOST_TOLD:
            self.untold += 1
            return
        words = {name: str(what) for name, what in remedy.items()}
        problem = Problem(code, self.source.where(path), shown(value), words)
        if problem not in self.problems:
            self.problems.append(problem)

    def unknown(self, kind: str, path: positions.Path, value: str, names: Mapping[str, object]) -> bool:
        """Note a name that is not among `names`; True when it is unknown."""
        if value in names:
            return False
        # Looking for the nearest of many names takes time, and may not be told.
        self.add(
            f"unknown_{kind}", path, value, nearest=nearest(value, names) if len(self.problems) < MOST_TOLD else "–"
        )
        return True

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What forbids the use of the document, in the order of its lines."""
        errors = [problem for problem in self.problems if not problem.is_warning]
        rest = [Problem("more_faults", Where(self.source.name), str(self.untold))] if self.untold else []
        return (*sorted(errors, key=lambda problem: problem.where.line or 0), *rest)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is said and not refused."""
        return tuple(problem for problem in self.problems if problem.is_warning)

    def settle(self) -> None:
        """Raise everything noted so far that is more than a warning."""
        if self.errors:
            raise ScenarioError(self.errors)


def read(path: Path) -> Source:
    """Return the TOML document at `path`.

    Raises
    ------
    ScenarioError
        If it cannot be read, is not UTF-8 or is not TOML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or "–"
        raise _refused("unreadable_scenario", Where(str(path)), reason) from None
    if len(content) > LARGEST_FILE:
        raise _refused("file_too_large", Where(str(path)), limit=f"{LARGEST_FILE // 1024**2} MB")
    return parse(str(path), _decoded(str(path), content))


def parse(name: str, text: str) -> Source:
    """Return the TOML document in `text`, shown under `name`.

    Raises
    ------
    ScenarioError
        If it is not TOML, with line and column.
    """
    try:
        return Source(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise _broken(name, text, str(fault)) from None
    except (ValueError, RecursionError):
        # Python refuses whole numbers of thousands of digits, and tables nested a thousand deep.
        raise _refused("broken_toml", Where(name)) from None


def _decoded(name: str, content: bytes) -> str:
    mark = next((encoding for start, encoding in MARKS.items() if content.startswith(start)), None)
    if mark is None:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            mark = "GBK" if _is_gbk(content) else "?"
    raise _refused("not_utf8", Where(name), encoding=mark)


def _is_gbk(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _broken(name: str, text: str, message: str) -> ScenarioError:
    """Return the error of a text that is not TOML, with the place that `tomllib` names in its message."""
    lines = text.replace("\r\n", "\n").split("\n")
    place = PLACE.search(message)
    line = int(place.group(1)) if place else max(1, len(text.rstrip().split("\n")))
    column = int(place.group(2)) if place else len(lines[line - 1]) + 1
    code = "duplicate_key" if TWICE.search(message) else "broken_toml"
    return _refused(code, Where(name, line=line, column=column), lines[line - 1].strip())


def _refused(code: str, where: Where, value: object = "", **remedy: str) -> ScenarioError:
    return ScenarioError([Problem(code, where, shown(value), remedy)])


def _shown_path(path: positions.Path) -> str:
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
