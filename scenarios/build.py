"""Turn a roster of schools and groups into a `World`, with ties by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.assembly import Table, assemble, complete_ties, joined
from model.chance import stable_ids
from model.columns import EMPLOYMENTS, LEVELS, OWNERSHIPS, ROLES, SETTINGS
from model.world import World
from scenarios.roster import Group, Roster, School, codes, subject_need, subjects_of


@dataclass(frozen=True)
class Labels:
    """Ids in row order, to name rows in reports; the model never sees them."""

    schools: tuple[str, ...]
    groups: tuple[str, ...]


def build(roster: Roster, modes: Sequence[str] = ()) -> tuple[World, Labels]:
    """Return the world of a roster and the ids of its rows. `modes` numbers the modes assigned to groups.

    Raises
    ------
    ValueError
        If two ids are the same, or there is no school.
    """
    schools, groups = _schools(roster), _groups(roster, modes)
    names = dict(zip(schools["id"].tolist(), (school.id for school in roster.schools), strict=True))
    group_names = dict(zip(groups["id"].tolist(), (group.id for group in roster.groups), strict=True))
    world = assemble(_teachers(roster.schools), schools, _ties(roster), groups)
    labels = Labels(
        tuple(names[ident] for ident in world.schools.id.tolist()),
        tuple(group_names[ident] for ident in world.groups.id.tolist()),
    )
    return world, labels


def _rows(items: Sequence[School | Group]) -> dict[str, int]:
    return {item.id: row for row, item in enumerate(items)}


def _counties(roster: Roster) -> list[str]:
    return sorted({school.county for school in roster.schools})


def _schools(roster: Roster) -> Table:
    schools, counties = roster.schools, _counties(roster)
    row, group = _rows(schools), _rows(roster.groups)
    return {
        "id": stable_ids([s.id for s in schools]),
        "county": np.array([counties.index(s.county) for s in schools]),
        "group": np.array([group.get(s.group, -1) for s in schools]),
        "role": np.array(codes([s.role for s in schools], ROLES)),
        "level": np.array(codes([s.level for s in schools], LEVELS)),
        "setting": np.array(codes([s.setting for s in schools], SETTINGS)),
        "ownership": np.array(codes([s.ownership for s in schools], OWNERSHIPS)),
        "seeded_by": np.array([row.get(s.seeded_by, -1) for s in schools]),
        "subject_need": np.array([subject_need(s.level) for s in schools]),
    } | {
        name: np.array([getattr(s, name) for s in schools], dtype=np.float64)
        for name in ("x", "y", "pupils", "opens", "standing", "reliability")
    }


def _groups(roster: Roster, modes: Sequence[str]) -> Table:
    groups, counties, row = roster.groups, _counties(roster), _rows(roster.schools)
    return {
        "id": stable_ids([g.id for g in groups]),
        "county": np.array([counties.index(g.county) for g in groups], dtype=np.int32),
        "lead": np.array([row[g.lead] for g in groups], dtype=np.int32),
        "zone_head": np.array([row.get(roster.zone_heads.get(g.zone, ""), -1) for g in groups], dtype=np.int32),
        "assigned": np.array([modes.index(g.mode) if g.mode else -1 for g in groups], dtype=np.int8),
    }


def _teachers(schools: Sequence[School]) -> Table:
    ids, home, subject, employment = [], [], [], []
    for row, school in enumerate(schools):
        taught = subjects_of(school.posts, school.level)
        ids += [f"{school.id}/{n}" for n in range(len(taught))]
        home += [row] * len(taught)
        subject += taught
        kind = "established" if school.ownership == "public" else "private"
        employment += [EMPLOYMENTS.index(kind)] * len(taught)
    return {
        "id": stable_ids(ids),
        "home": np.array(home, dtype=np.int32),
        "subject": np.array(subject),
        "employment": np.array(employment),
    }


def _clusters(keys: Sequence[str]) -> dict[str, list[int]]:
    """Return key → rows, leaving out empty keys."""
    found: dict[str, list[int]] = {}
    for row, name in enumerate(keys):
        if name:
            found.setdefault(name, []).append(row)
    return found


def _ties(roster: Roster) -> Table:
    """Ties of all layers: groups whole, zone head ↔ leads, prior pairs, and research districts by zone."""
    row = _rows(roster.schools)
    lead = {group.id: row[group.lead] for group in roster.groups}
    head = {zone: row[school] for zone, school in roster.zone_heads.items()}
    groups = _clusters([school.group for school in roster.schools])
    districts = _clusters([school.zone for school in roster.schools])
    tiers = [(head[g.zone], lead[g.id]) for g in roster.groups if g.zone in head and head[g.zone] != lead[g.id]]
    pairs = [(row[helper], row[school.id]) for school in roster.schools for helper in school.pairs]
    return joined(
        [
            complete_ties(list(groups.values()), [lead[group] for group in groups], "group"),
            complete_ties([list(tier) for tier in tiers], [above for above, _ in tiers], "zone"),
            complete_ties([list(pair) for pair in pairs], [helper for helper, _ in pairs], "pair"),
            complete_ties(list(districts.values()), [head[zone] for zone in districts], "district"),
        ]
    )
