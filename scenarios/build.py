"""Turn a roster of schools and groups into a `World`, with ties by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from model.assembly import Table, assemble, complete_ties, joined
from model.chance import IdArray, stable_ids
from model.codes import Rank, TieLayer
from model.columns import CHANNELS, HONOURS, LEVELS, OWNERSHIPS, ROLES, SETTINGS
from model.world import World
from scenarios.roster import (
    Group,
    Roster,
    School,
    Teacher,
    codes,
    employments_of,
    known_and_left,
    subject_need,
    subjects_of,
)

APART = "\x1f"
"""Stands between school and teacher in the id of a known teacher's post; no id of a teacher holds it."""
TEACHER_RELIABILITY = 0.4
"""Judged: share of the variance of talent within a school that one measure of value added explains."""


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
    world = assemble(_teachers(roster), schools, _ties(roster), groups)
    labels = Labels(
        tuple(names[ident] for ident in world.schools.id.tolist()),
        tuple(group_names[ident] for ident in world.groups.id.tolist()),
    )
    return world, labels


def _rows(items: Sequence[School | Group]) -> dict[str, int]:
    return {item.id: row for row, item in enumerate(items)}


def _counties(roster: Roster) -> dict[str, int]:
    return {county: row for row, county in enumerate(sorted({school.county for school in roster.schools}))}


def _schools(roster: Roster) -> Table:
    schools, counties = roster.schools, _counties(roster)
    row, group = _rows(schools), _rows(roster.groups)
    return {
        "id": stable_ids([s.id for s in schools]),
        "county": np.array([counties[s.county] for s in schools]),
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
        "county": np.array([counties[g.county] for g in groups], dtype=np.int32),
        "lead": np.array([row[g.lead] for g in groups], dtype=np.int32),
        "zone_head": np.array([row.get(roster.zone_heads.get(g.zone, ""), -1) for g in groups], dtype=np.int32),
        "assigned": np.array([modes.index(g.mode) if g.mode else -1 for g in groups], dtype=np.int8),
    }


def _teachers(roster: Roster) -> Table:
    """Return posts school by school, as arrays: lists would not hold those of a whole country."""
    schools, known = roster.schools, roster.staff.schools if roster.staff else {}
    if known:
        return _with_known(schools, known)
    posts = [school.posts for school in schools]
    return {
        "id": post_ids([school.id for school in schools], posts),
        "home": np.repeat(np.arange(len(schools), dtype=np.int32), posts),
        "subject": np.concatenate([np.array(subjects_of(s.posts, s.level), dtype=np.int8) for s in schools]),
        "employment": np.concatenate([np.array(employments_of(s), dtype=np.int8) for s in schools]),
    }


def _with_known(schools: Sequence[School], known: Mapping[str, Sequence[Teacher]]) -> Table:
    """Return posts with the teachers known to be in them; posts beyond those are drawn, but for their honours."""
    listed = [known.get(school.id, ()) for school in schools]
    others = [school.posts - len(teachers) for school, teachers in zip(schools, listed, strict=True)]
    people = [teacher for teachers in listed for teacher in teachers]
    ids = [f"{s.id}{APART}{t.id}" for s, teachers in zip(schools, listed, strict=True) for t in teachers]
    rows, posts = np.arange(len(schools), dtype=np.int32), len(people) + sum(others)
    subjects, employments = zip(*map(known_and_left, schools, listed), strict=True)
    own: Mapping[str, Sequence[float]] = {
        "known_hired": [_hired(teacher) for teacher in people],
        "known_qualified": [_shifted(teacher.qualified) for teacher in people],
        "known_title": [_shifted(teacher.title) for teacher in people],
        "known_honour": [_shifted(teacher.honour) for teacher in people] + _honours_beyond(listed, others),
        "standing": [teacher.standing or 0.0 for teacher in people],
        "reliability": [0.0 if teacher.standing is None else TEACHER_RELIABILITY for teacher in people],
    }
    return {
        "id": np.concatenate([stable_ids(ids), post_ids([school.id for school in schools], others)]),
        "home": np.concatenate([np.repeat(rows, [len(t) for t in listed]), np.repeat(rows, others)]),
        "subject": _listed_first(subjects),
        "employment": _listed_first(employments),
    } | {name: np.pad(np.array(values), (0, posts - len(values))) for name, values in own.items()}


def _honours_beyond(listed: Sequence[Sequence[Teacher]], others: Sequence[int]) -> list[int]:
    """Return what is known of honours in posts beyond those listed: where a school's list tells them, it tells all."""
    tells = any(teacher.honour is not None for teachers in listed for teacher in teachers)
    none = _shifted(HONOURS.index("none"))
    return [none if tells and teachers else 0 for teachers, n in zip(listed, others, strict=True) for _ in range(n)]


def _listed_first(columns: Sequence[tuple[Sequence[int], Sequence[int]]]) -> NDArray[np.int8]:
    """Return the values of the teachers listed, school by school, and then those of the other posts."""
    return np.array([value for part in (0, 1) for column in columns for value in column[part]], dtype=np.int8)


def _hired(teacher: Teacher) -> int:
    """Return the year in which a teacher came into service; 1 where only that somebody is in post is known."""
    return 1 if teacher.experience is None else -1 - int(teacher.experience)


def _shifted(code: int | None) -> int:
    """Return a code as the model keeps what is known: 0 for nothing."""
    return 0 if code is None else int(code) + 1


def post_ids(schools: Sequence[str], posts: Sequence[int]) -> IdArray:
    """Return the 64-bit numbers of the ids ``SCHOOL/0``, ``SCHOOL/1`` and so on, as `stable_ids` does, but faster.

    Raises
    ------
    ValueError
        If two of them are the same; the message names them.
    """
    digests = (
        blake2b(b"%s/%d" % (school, n), digest_size=8).digest()
        for school, count in zip((school.encode() for school in schools), posts, strict=True)
        for n in range(count)
    )
    ids = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
    ordered = np.sort(ids)
    if np.any(ordered[1:] == ordered[:-1]):
        stable_ids([f"{school}/{n}" for school, count in zip(schools, posts, strict=True) for n in range(count)])
    return ids


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
    ties = joined(
        [
            complete_ties(list(groups.values()), [lead[group] for group in groups], "group"),
            complete_ties([list(tier) for tier in tiers], [above for above, _ in tiers], "zone"),
            complete_ties([list(pair) for pair in pairs], [helper for helper, _ in pairs], "pair"),
            complete_ties(list(districts.values()), [head[zone] for zone in districts], "district"),
        ]
    )
    return ties | {"hub": _hub(roster, ties)}


def _hub(roster: Roster, ties: Table) -> NDArray[np.bool_]:
    """Return (tie, channel) → whether the source is the channel's centre: in a group who it says, else the lead."""
    row, (source, in_group) = _rows(roster.schools), (ties["source"], ties["layer"] == TieLayer.GROUP)
    hubs = {group.id: {channel: row[school] for channel, school in group.hubs.items()} for group in roster.groups}
    own = [hubs[school.group] if school.group else {} for school in roster.schools]
    out = np.repeat(ties["rank"][:, None] == Rank.SOURCE_LEADS, len(CHANNELS), axis=1)
    for k, channel in enumerate(CHANNELS):
        named = np.array([hub.get(channel, -1) for hub in own])[source]
        out[:, k] = np.where(in_group & (named >= 0), named == source, out[:, k])
    return out
