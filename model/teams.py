"""Teams: teachers of one subject at one school, who meet weekly.

Teachers who are alone in their subject form the school's mixed team (综合组), as small schools do.
"""

import numpy as np

from model.columns import TEAMS, Codes, Flags, Floats, Positions, Rows
from model.compilation import compiled, helper
from model.world import Changes, Pool, World, seen

MIXED = TEAMS - 1


def is_open(opens: Floats, year: int) -> Flags:
    """Return which schools are open in `year`, shape (S,)."""
    return opens <= year


@helper
def _count(post: Rows, subject: Codes, opened: Flags, counts: Rows) -> None:
    for i in range(len(post)):
        if opened[post[i]]:
            counts[post[i] * TEAMS + subject[i]] += 1


@helper
def _mixed_of_school(counts: Rows, school: int, team_of_subject: Codes) -> None:
    """Set `team_of_subject` for one school: lone teachers go to the mixed team, a last one to the largest."""
    alone = 0
    largest = -1
    for k in range(MIXED):
        team_of_subject[k] = k
        count = counts[school * TEAMS + k]
        alone += count == 1
        if count > 1 and (largest < 0 or count > counts[school * TEAMS + largest]):
            largest = k
    for k in range(MIXED):
        if counts[school * TEAMS + k] == 1:
            team_of_subject[k] = largest if alone == 1 and largest >= 0 else MIXED


@compiled
def _place(order: Rows, start: Rows, team_of: Codes, post: Rows, subject: Codes, opened: Flags) -> None:
    """Fill the index columns by counting."""
    schools = len(opened)
    counts = np.zeros(schools * TEAMS, dtype=np.int32)
    _count(post, subject, opened, counts)
    team_of_subject = np.zeros((schools, TEAMS), dtype=np.int8)
    for s in range(schools):
        _mixed_of_school(counts, s, team_of_subject[s])
    start[:] = 0
    for i in range(len(post)):
        team_of[i] = team_of_subject[post[i], subject[i]]
        if opened[post[i]]:
            start[post[i] * TEAMS + team_of[i] + 1] += 1
    for t in range(schools * TEAMS):
        start[t + 1] += start[t]
    cursor = start[:-1].copy()
    tail = start[schools * TEAMS]
    for i in range(len(post)):
        if opened[post[i]]:
            slot = post[i] * TEAMS + team_of[i]
            order[cursor[slot]] = i
            cursor[slot] += 1
        else:
            order[tail] = i
            tail += 1


def team_columns(world: World, post: Rows, subject: Codes, year: int, pool: Pool) -> Changes:
    """Return the index columns for teachers who work at `post`; schools not yet open have no team."""
    names = ("team_order", "team_start", "team_of")
    spare = {name: pool.like(getattr(world.index, name)) for name in names}
    order, start, team_of = (spare[name] for name in names)
    _place(order, start, team_of, seen(post), seen(subject), is_open(world.schools.opens, year))
    return {"index": dict(spare)}


@compiled
def rows_by_home(home: Rows, schools: int) -> tuple[Positions, Rows]:
    """Return rows ordered by home school, and where each school starts (S + 1)."""
    start = np.zeros(schools + 1, dtype=np.int32)
    for i in range(len(home)):
        start[home[i] + 1] += 1
    for s in range(schools):
        start[s + 1] += start[s]
    order = np.empty(len(home), dtype=np.int64)
    cursor = start[:-1].copy()
    for i in range(len(home)):
        order[cursor[home[i]]] = i
        cursor[home[i]] += 1
    return order, start
