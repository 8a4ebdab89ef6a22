"""Which values of a place are known from its own lists, and which are drawn from the parameters, by level.

A scenario that is made up knows none. Listed schools bring pupils and posts, but for those that the import had to draw;
a table of teachers brings what its rows have of each person. Posts that no row describes are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scenarios.roster import Roster, School, Teacher
from scenarios.schema import Provenance, ScenarioTable

SIZES = ("pupils", "posts")
PERSONAL = ("honour", "qualified")
"""Fields of a teacher, known person by person; the sizes of schools are known school by school."""


class Known(NamedTuple):
    """How many values of a kind are known of a level: of so many schools, or posts."""

    level: str
    value: str
    known: int
    of: int


def known_values(table: ScenarioTable, roster: Roster) -> tuple[Known, ...]:
    """Return level by level how much is known of the pupils and posts of its schools and of who teaches there."""
    return tuple(
        found
        for level in dict.fromkeys(school.level for school in roster.schools)
        for found in _of_level(table, roster, level)
    )


def _of_level(table: ScenarioTable, roster: Roster, level: str) -> list[Known]:
    schools = [school for school in roster.schools if school.level == level]
    people, posts = _teachers(roster, schools), sum(school.posts for school in schools)
    sizes = [Known(level, name, _sized(table, name, level, len(schools)), len(schools)) for name in SIZES]
    told = {name: sum(getattr(teacher, name) is not None for teacher in people) for name in PERSONAL}
    return sizes + [Known(level, name, count, posts) for name, count in told.items()]


def _teachers(roster: Roster, schools: Sequence[School]) -> list[Teacher]:
    listed = roster.staff.schools if roster.staff else {}
    return [teacher for school in schools for teacher in listed.get(school.id, ())]


def _sized(table: ScenarioTable, name: str, level: str, schools: int) -> int:
    """Return of how many schools of a level the file knows pupils or posts."""
    ground = ground_of(table.provenance, f"world.schools.{name}")
    if ground is not None and ground.file is not None:
        return max(0, schools - (ground.drawn or {}).get(level, 0))
    is_own = bool(table.world.schools) and not table.synthetic
    return schools if is_own and (ground is None or ground.quotation is not None) else 0


def ground_of(provenance: Sequence[Provenance], path: str) -> Provenance | None:
    """Return where a field comes from: the ground that names it most closely, None where none does."""
    found = [(_closeness(field, path), n) for n, one in enumerate(provenance) for field in one.fields]
    closest, number = max(found, key=lambda item: (item[0], -item[1]), default=(-1, -1))
    return provenance[number] if closest >= 0 else None


def _closeness(field: str, path: str) -> int:
    """Return how closely a ground's field names a path, 0 for everything, −1 for not at all."""
    if field == "*":
        return 0
    return len(field) if path == field or path.startswith(f"{field}.") else -1
