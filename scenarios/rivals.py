"""Rival structures: other ways to say how the world works, by parameters at or beyond the ends of their ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from model.parameters import Parameters, replaced
from scenarios import schema
from scenarios.catalogue import ROOM
from scenarios.positions import Path
from scenarios.problems import Problem, ScenarioError, Where, nearest, shown
from scenarios.roster import Names
from scenarios.source import Report, Source, read
from scenarios.validation import checked
from scenarios.variation import DECLARED, default_of


class RivalTable(schema.Table):
    """A rival's file."""

    title: schema.Title
    why: schema.Title
    parameters: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Rival:
    """One rival structure: its name, why it is a rival, and its values by parameter."""

    id: str
    title: Names
    why: Names
    values: Mapping[str, float]

    def of(self, parameters: Parameters) -> Parameters:
        """Return `parameters` under this structure."""
        return replaced(parameters, dict(self.values))


@cache
def rivals() -> dict[str, Rival]:
    """Return every rival by name."""
    return {path.stem: rival_of(path.stem, read(path)) for path in sorted((ROOM / "rivals").glob("*.toml"))}


def rival_of(name: str, source: Source) -> Rival:
    """Return the rival that a document describes.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it.
    """
    report = Report(source)
    table = checked(RivalTable, source.data, report)
    report.settle()
    assert table is not None  # settled: there was no fault
    values: dict[str, float] = {}
    for group, own in table.parameters.items():
        for parameter, value in own.items():
            path, place = f"{group}.{parameter}", ("parameters", group, parameter)
            if not report.unknown("parameter", place, path, DECLARED):
                _check_whole(path, value, place, report)
                values[path] = value
    report.settle()
    return Rival(name, table.title.both(), table.why.both(), values)


def _check_whole(path: str, value: float, place: Path, report: Report) -> None:
    """Note a part of a whole where only whole numbers make sense."""
    if isinstance(default_of(path), int) and not value.is_integer():
        report.add("not_whole", place, value)


def rival(name: str) -> Rival:
    """Return the rival of a name.

    Raises
    ------
    ScenarioError
        If there is none; the nearest names are given.
    """
    if name not in rivals():
        remedy = {"nearest": nearest(name, rivals())}
        raise ScenarioError([Problem("unknown_rival", Where("--rival"), shown(name), remedy)])
    return rivals()[name]
