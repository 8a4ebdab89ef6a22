"""Rival structures: other ways to say how the world works, by parameters at or beyond the ends of their ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from model.parameters import Parameters, declared, replaced
from scenarios import schema
from scenarios.catalogue import ROOM
from scenarios.problems import Problem, ScenarioError, Where, nearest, shown
from scenarios.roster import Names
from scenarios.source import Report, read
from scenarios.validation import checked


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
    out = {}
    for path in sorted((ROOM / "rivals").glob("*.toml")):
        source = read(path)
        report = Report(source)
        table = checked(RivalTable, source.data, report)
        report.settle()
        assert table is not None  # settled: there was no fault
        values = {f"{group}.{name}": value for group, own in table.parameters.items() for name, value in own.items()}
        for name in values:
            report.unknown("parameter", ("parameters", *name.split(".")), name, declared())
        report.settle()
        out[path.stem] = Rival(path.stem, table.title.both(), table.why.both(), values)
    return out


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
