"""Pair schools from before: members with their lead, or every rural or weak school with a better one of its level."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scenarios.plans import Paired
from scenarios.roster import School

WEAK_PART, BETTER_PART = 4, 2
"""The weakest quarter counts as weak, the better half can help."""


def with_pairs(schools: Sequence[School], paired: Mapping[str, Paired], leads: Mapping[str, str]) -> list[School]:
    """Return schools with the schools that help them from before; those that open later have none.

    Parameters
    ----------
    schools
        In any order, `standing` comparable within a county and level.
    paired
        School → which pairs its level has.
    leads
        Group → lead.
    """
    helpers = helpers_of_members([s for s in schools if paired[s.id] == "members"], leads)
    regions: dict[tuple[str, str], list[School]] = {}
    for school in schools:
        if paired[school.id] == "weak" and school.opens < 0.0:
            regions.setdefault((school.county, school.level), []).append(school)
    for own in regions.values():
        helpers |= helpers_of_weak(own)
    return [replace(s, pairs=(helpers[s.id],)) if s.id in helpers and s.opens < 0.0 else s for s in schools]


def helpers_of_members(schools: Sequence[School], leads: Mapping[str, str]) -> dict[str, str]:
    """Return every member → its lead, where that is of the same level."""
    levels = {school.id: school.level for school in schools}
    members = (school for school in schools if school.role == "member")
    return {school.id: lead for school in members if levels.get(lead := leads[school.group]) == school.level}


def helpers_of_weak(schools: Sequence[School]) -> dict[str, str]:
    """Return every rural or weak school → the school that helps it: a better one nearby that is neither.

    Weak is the weakest quarter. Helpers are of the better half, and share the weak schools out: none has a second more
    than it must. A school than which no helper is better goes without.
    """
    order = sorted(schools, key=lambda school: (school.standing, school.id))
    weakest = {school.id for school in order[: -(-len(order) // WEAK_PART)]}
    weak = sorted((s for s in order if s.setting == "rural" or s.id in weakest), key=lambda school: school.id)
    better = [s for s in order[len(order) // BETTER_PART :] if s.setting != "rural" and s.id not in weakest]
    most = -(-len(weak) // max(1, len(better)))
    load = dict.fromkeys((school.id for school in better), 0)
    found = {}
    for school in weak:
        able = [helper for helper in better if helper.standing > school.standing]
        if able:
            chosen = min(able, key=lambda helper: (load[helper.id] >= most, _apart(school, helper), helper.id))
            load[chosen.id] += 1
            found[school.id] = chosen.id
    return found


def _apart(one: School, other: School) -> float:
    """Return the squared distance of two schools (km²)."""
    dx, dy = one.x - other.x, one.y - other.y
    return dx * dx + dy * dy
