"""Titles go to the most able eligible within each home school's quota; the bureau confers honours over the county.

Titles (职称) are granted where the post belongs (documents H3, Z8); backbone and master teachers are named by the
bureau, on skill as it is judged, with error. Neither is taken away before its holder leaves.
"""

from typing import Annotated, NamedTuple

import numpy as np

from model.arithmetic import nth_smallest
from model.attributes import Attributes
from model.chance import Key, Stream, normal, person_id
from model.codes import Employment, Honour, Title
from model.columns import Codes, Flags, Floats, Ids, Rows
from model.compilation import compiled, helper, maker
from model.parameters import Parameters
from model.parameters import Staffing as Rules
from model.process import Moment, Process, columns_of, gather, reads_of
from model.teams import is_open, rows_by_home
from model.world import Changes, Pool, World

MID_YEARS, SENIOR_YEARS = 5.0, 12.0
CREDITED_YEARS = 3.0


class People(NamedTuple):
    """What promotion knows of teachers."""

    id: Annotated[Ids, "teachers.id"]
    home: Annotated[Rows, "teachers.home"]
    hired: Annotated[Rows, "teachers.hired"]
    experience: Annotated[Floats, "teachers.experience"]
    years_away: Annotated[Floats, "teachers.years_away"]
    title: Annotated[Codes, "teachers.title"]
    honour: Annotated[Codes, "teachers.honour"]
    employment: Annotated[Codes, "teachers.employment"]
    skill: Annotated[Floats, "teachers.skill"]
    match: Annotated[Floats, "teachers.match"]
    known_hired: Annotated[Rows, "teachers.known_hired"]
    known_title: Annotated[Codes, "teachers.known_title"]
    known_honour: Annotated[Codes, "teachers.known_honour"]
    opens: Annotated[Floats, "schools.opens"]
    county_start: Annotated[Rows, "index.county_start"]


@compiled
def judged_merit(t: People, noise: float, key: Key) -> Floats:
    """Return skill as schools and the bureau see it (σ), shape (N,): the same error for a person every year."""
    merit = np.empty(len(t.id))
    for i in range(len(t.id)):
        merit[i] = t.skill[i] - t.match[i] + noise * normal(key, person_id(t.id[i], t.hired[i]), 0, Stream.PROMOTION, 0)
    return merit


@helper
def _grant(rows: np.ndarray, merit: Floats, level: int, holders: int, places: int, title: Codes, ready: Flags) -> None:
    """Give `level` to the most able of `rows` who are ready, while places last."""
    while holders < places:
        best = -1
        for i in rows:
            if ready[i] and title[i] == level - 1 and (best < 0 or merit[i] > merit[best]):
                best = i
        if best < 0:
            return
        title[best] = level
        holders += 1


@compiled
def grant_titles(
    t: People, merit: Floats, free: Flags, credit: Floats, quota: float, senior: float, title: Codes
) -> None:
    """Fill each home school's title quotas, shares of its established posts, which alone have titles.

    `free` is who may get one, and `credit` what a year on rotation counts for (σ), per school.
    """
    order, start = rows_by_home(t.home, len(credit))
    mid_ready, senior_ready = (t.experience >= MID_YEARS) & free, (t.experience >= SENIOR_YEARS) & free
    for s in range(len(credit)):
        rows = order[start[s] : start[s + 1]]
        mid, top, established = 0, 0, 0
        for i in rows:
            established += t.employment[i] == Employment.ESTABLISHED
            merit[i] += credit[s] * min(t.years_away[i], CREDITED_YEARS)
            mid += title[i] >= Title.MID
            top += title[i] >= Title.SENIOR
        _grant(rows, merit, Title.MID, mid, int(quota * established + 0.5), title, mid_ready)
        _grant(rows, merit, Title.SENIOR, top, int(senior * established + 0.5), title, senior_ready)


@maker
def _confer(
    merit: Floats, ready: Flags, free: Flags, rank: int, first: int, end: int, wanted: int, honour: Codes
) -> None:
    """Confer `rank` on the best of rows first:end who are ready and one rank below, up to `wanted` free holders."""
    values = np.empty(end - first)
    holders, count = 0, 0
    for i in range(first, end):
        holders += free[i] and honour[i] >= rank
        if ready[i] and honour[i] == rank - 1:
            values[count] = merit[i]
            count += 1
    places = min(count, wanted - holders)
    if places <= 0:
        return
    bar = nth_smallest(values[:count], count - places)
    equal = places
    for n in range(count):
        equal -= values[n] > bar
    for i in range(first, end):
        if ready[i] and honour[i] == rank - 1 and merit[i] >= bar and (merit[i] > bar or equal > 0):
            equal -= merit[i] == bar
            honour[i] = rank


@compiled
def confer_honours(
    t: People, merit: Floats, free: Flags, opened: Flags, backbone: float, master: float, years: float, honour: Codes
) -> None:
    """Name backbone and master teachers county by county until their shares of those who are `free` are reached."""
    ready = np.empty(len(t.id), dtype=np.bool_)
    for i in range(len(t.id)):
        ready[i] = t.experience[i] >= years and opened[t.home[i]] and free[i]
    for c in range(len(t.county_start) - 1):
        first, end = t.county_start[c], t.county_start[c + 1]
        staff = 0
        for i in range(first, end):
            staff += opened[t.home[i]] and free[i]
        _confer(merit, ready, free, Honour.BACKBONE, first, end, int(backbone * staff + 0.5), honour)
        _confer(merit, ready, free, Honour.MASTER, first, end, int(master * staff + 0.5), honour)


def _as_known(t: People, year: int, known: Codes, column: Codes) -> Flags:
    """Set what is known of those in post at year 0, up to then; return of whom nothing is fixed, shape (N,).

    Of a post in which nobody is known it is known of whoever holds it.
    """
    fixed = ((t.hired == t.known_hired) | (t.known_hired == 0)) & (known > 0) & (year < 0)
    column[fixed] = known[fixed] - 1
    return ~fixed


def promote(t: People, credit: Floats, parameters: Parameters, key: Key, year: int) -> tuple[Codes, Codes]:
    """Return titles and honours after this year's round; `t.title` and `t.honour` are left as they are."""
    rules: Rules = parameters.staffing
    title, honour = t.title.copy(), t.honour.copy()
    merit = judged_merit(t, rules.merit_noise, key)
    opened = is_open(t.opens, year)
    untitled = _as_known(t, year, t.known_title, title) & (t.employment == Employment.ESTABLISHED)
    unhonoured = _as_known(t, year, t.known_honour, honour)
    shares = parameters.schools
    confer_honours(t, merit, unhonoured, opened, shares.backbone_share, shares.master_share, rules.honour_years, honour)
    grant_titles(t, merit, untitled, credit * rules.rotation_credit, rules.title_quota, rules.senior_quota, title)
    return title, honour


def _step(world: World, attributes: Attributes, parameters: Parameters, moment: Moment, pool: Pool) -> Changes:
    people = gather(People, world, attributes)
    title, honour = promote(people, attributes.title_credit, parameters, moment.key, moment.year)
    return {"teachers": {"title": title, "honour": honour}}


promotion = Process(
    "promotion",
    Stream.PROMOTION,
    annual=True,
    reads=reads_of(People),
    writes=columns_of("teachers", "title", "honour"),
    step=_step,
)
