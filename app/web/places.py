"""Places a planner can choose: the bundled ones, the one the page was started with, and the planner's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from app.console import BadInputError
from figures.naming import of_group
from figures.text import LANGUAGES, text
from scenarios import reader
from scenarios.catalogue import summaries, worlds
from scenarios.problems import nearest
from scenarios.regrouping import own_name
from scenarios.scenario import Scenario

KEPT = 32
"""So many scenarios are kept in memory."""
Names = Mapping[str, Mapping[str, str]]
"""Id of a school or group → language → name."""


@dataclass(frozen=True)
class Place:
    """A place by name.

    Attributes
    ----------
    name, called
        Its name here, and what the command calls it.
    path
        Its scenario file, which the server chose; never one that a planner names.
    title, levels, synthetic
        As the scenario says.
    folder
        What removes the file when nobody needs the place any more; None where it stays.
    """

    name: str
    called: str
    path: Path
    title: Mapping[str, str]
    levels: tuple[str, ...]
    synthetic: bool
    folder: object = None

    def scenario(self, settings: Mapping[str, object] | None = None) -> Scenario:
        """Return its scenario with numbers set.

        Raises
        ------
        ScenarioError
            If the file or a setting is wrong.
        """
        return reader.load(self.path, settings) if settings else _as_written(self.path, self.path.stat().st_mtime_ns)

    @property
    def files(self) -> list[Path]:
        """Return the scenario file, and where it has a folder of its own the tables that belong to it."""
        return (
            [self.path] if self.folder is None else sorted(one for one in self.path.parent.iterdir() if one.is_file())
        )


@dataclass(frozen=True)
class Places:
    """Places by name. A name from outside is only ever looked up here, never taken for a path."""

    known: Mapping[str, Place] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Place:
        """Return a place.

        Raises
        ------
        BadInputError
            If there is none of that name.
        """
        if name not in self.known:
            raise BadInputError("unknown_place", value=name, nearest=nearest(name, self.known))
        return self.known[name]

    def added(self, place: Place) -> Places:
        """Return these places and one more, in the place of its namesake if there is one."""
        return replace(self, known={**self.known, place.name: place})


@lru_cache(maxsize=KEPT)
def _as_written(path: Path, _: int) -> Scenario:
    """Return the scenario of a file that was written at a time; all tabs share it."""
    return reader.load(path)


def bundled() -> Places:
    """Return the bundled places; benchmarks are none."""
    files = worlds()
    found = [summary for summary in summaries() if not summary.benchmark]
    return Places({s.name: Place(s.name, s.name, files[s.name], s.title, s.levels, s.synthetic) for s in found})


def of_file(path: Path, called: str, folder: object = None) -> Place:
    """Return the place of a scenario file, after reading all of it.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it.
    """
    scenario = reader.load(path)
    return Place(scenario.name, called, path, scenario.title, scenario.levels, scenario.synthetic, folder)


def names_of(scenario: Scenario) -> Names:
    """Return what schools and groups are called."""
    return {**_groups(scenario), **scenario.school_names}


def _groups(scenario: Scenario) -> Names:
    found: dict[str, dict[str, str]] = {}
    for group in scenario.roster.groups:
        own, lead = own_name(group), scenario.school_names[group.lead]
        found[group.id] = {one: of_group(own.get(one, ""), lead[one], text(one)) for one in LANGUAGES}
    return found
