"""Turn a roster of schools and groups into a `World`, with ties by layer."""

from dataclasses import dataclass

import numpy as np

from model.assembly import Table, assemble, complete_ties, joined
from model.chance import stable_ids
from model.columns import EMPLOYMENTS, LAYERS, LEVELS, OWNERSHIPS, ROLES, SETTINGS, SUBJECTS
from model.world import World
from scenarios.generate import Roster, School, codes, subject_need, subjects_of


@dataclass(frozen=True)
class Labels:
    """Ids in row order, to name rows in reports; the model never sees them."""

    schools: tuple[str, ...]
    groups: tuple[str, ...]


def _schools(roster: Roster, modes: tuple[str, ...]) -> tuple[Table, Table]:
    schools, groups = roster.schools, roster.groups
    counties = sorted({s.county for s in schools})
    row = {s.id: n for n, s in enumerate(schools)}
    group = {g.id: n for n, g in enumerate(groups)}
    table = {
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
    group_table = {
        "id": stable_ids([g.id for g in groups]) if groups else np.zeros(0, dtype=np.uint64),
        "county": np.array([counties.index(g.county) for g in groups], dtype=np.int32),
        "lead": np.array([row[g.lead] for g in groups], dtype=np.int32),
        "zone_head": np.array([row.get(roster.zone_heads.get(g.zone, ""), -1) for g in groups], dtype=np.int32),
        "assigned": np.array([modes.index(g.mode) if g.mode else -1 for g in groups], dtype=np.int8),
    }
    return table, group_table


def _teachers(schools: list[School]) -> Table:
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


def _clusters(keys: list[str]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for row, name in enumerate(keys):
        if name:
            found.setdefault(name, []).append(row)
    return list(found.values())


def _ties(roster: Roster) -> Table:
    """Ties of all layers: groups whole, zone head ↔ leads, prior pairs, and research districts by zone."""
    schools = roster.schools
    row = {s.id: n for n, s in enumerate(schools)}
    lead = {g.id: row[g.lead] for g in roster.groups}
    groups = _clusters([s.group for s in schools])
    tables = [complete_ties(groups, [lead[schools[rows[0]].group] for rows in groups], "group")]
    tables += [
        complete_ties([[row[head], row[g.lead]]], [row[head]], "zone")
        for zone, head in roster.zone_heads.items()
        for g in roster.groups
        if g.zone == zone and g.lead != head
    ]
    tables += [complete_ties([[row[s.pair], row[s.id]]], [row[s.pair]], "pair") for s in schools if s.pair]
    districts = _clusters([s.zone for s in schools])
    tables.append(complete_ties(districts, [row[roster.zone_heads[schools[rows[0]].zone]] for rows in districts], "district"))
    return joined(tables)


def build(roster: Roster, modes: tuple[str, ...] = ()) -> tuple[World, Labels]:
    """Return the world of a roster and the ids of its rows. `modes` numbers the modes assigned to groups."""
    schools, groups = _schools(roster, modes)
    names = {int(i): s.id for i, s in zip(schools["id"], roster.schools, strict=True)}
    group_names = {int(i): g.id for i, g in zip(groups["id"], roster.groups, strict=True)}
    world = assemble(_teachers(roster.schools), schools, _ties(roster), groups)
    labels = Labels(
        tuple(names[int(i)] for i in world.schools.id), tuple(group_names[int(i)] for i in world.groups.id)
    )  # fmt: skip
    return world, labels


__all__ = ["LAYERS", "SUBJECTS", "Labels", "build"]
