"""Rows of the teacher table packed by person, for the annual decisions that look at many facts of few people.

`code` holds whole numbers and `amount` quantities, one row a post; the names below are their columns.
"""

from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chance import Key
from model.columns import Floats, Ids, Regions, Schools, Teachers
from model.compilation import helper, inlined
from model.person import match_draw
from model.world import Pool

CODES = (
    "home", "post", "visiting", "partner", "backfill", "hired", "subject", "qualified", "title", "honour", "employment",
)  # fmt: skip
AMOUNTS = (
    "visit_share", "away_until", "experience", "career", "tenure", "school_years", "years_away", "talent", "extra",
    "match", "skill", "morale", "shock",
)  # fmt: skip
HOME, POST, VISITING, PARTNER, BACKFILL, HIRED, SUBJECT, QUALIFIED, TITLE, HONOUR, EMPLOYMENT = range(len(CODES))
(
    VISIT_SHARE, AWAY_UNTIL, EXPERIENCE, CAREER, TENURE, SCHOOL_YEARS, YEARS_AWAY, TALENT, EXTRA, MATCH, SKILL, MORALE,
    SHOCK,
) = range(len(AMOUNTS))  # fmt: skip
RETURN_SHOCK = 0.5
# Rows at a time: all columns of so many fit in the processor's cache.
BLOCK = 4096


class Staff(NamedTuple):
    """Posts packed by row, with what a match needs: ids of posts and schools, SD of match by school."""

    id: Ids
    code: NDArray[np.int32]
    amount: Floats
    school_id: Ids
    match_sd: Floats


def pack(t: Teachers, s: Schools, r: Regions, pool: Pool) -> Staff:
    """Return the teacher table packed by row in spare arrays; changing it leaves the table as it is."""
    code = pool.empty((len(t.id), len(CODES)), np.dtype(np.int32))
    amount = pool.empty((len(t.id), len(AMOUNTS)), np.dtype(np.float64))
    sources: tuple[tuple[NDArray[Any], ...], ...] = attrgetter(*CODES)(t), attrgetter(*AMOUNTS)(t)
    for first in range(0, len(t.id), BLOCK):
        block = slice(first, first + BLOCK)
        for packed, columns in ((code, sources[0]), (amount, sources[1])):
            for number, column in enumerate(columns):
                packed[block, number] = column[block]
    return Staff(t.id, code, amount, s.id, r.match_sd[s.region])


def unpack(staff: Staff, t: Teachers, names: tuple[str, ...], pool: Pool) -> dict[str, NDArray[Any]]:
    """Return the named columns in spare arrays of their own type; the packed ones are given back."""
    out = {name: pool.like(getattr(t, name)) for name in names}
    places = [(spare, *_place_of(staff, name)) for name, spare in out.items()]
    for first in range(0, len(t.id), BLOCK):
        block = slice(first, first + BLOCK)
        for spare, packed, number in places:
            spare[block] = packed[block, number]
    pool.release(staff.code, staff.amount)
    return out


def _place_of(staff: Staff, name: str) -> tuple[NDArray[Any], int]:
    """Return which packed table holds a column, and where."""
    return (staff.code, CODES.index(name)) if name in CODES else (staff.amount, AMOUNTS.index(name))


@inlined
def update_skill(f: Staff, i: int) -> None:
    """Set skill from its four parts."""
    f.amount[i, SKILL] = f.amount[i, TALENT] + f.amount[i, CAREER] + f.amount[i, EXTRA] + f.amount[i, MATCH]


@inlined
def ability(f: Staff, i: int) -> float:
    """Return skill without the match (σ): what a teacher takes along."""
    return f.amount[i, TALENT] + f.amount[i, CAREER] + f.amount[i, EXTRA]


@helper
def update_match(f: Staff, i: int, school: int, key: Key) -> None:
    """Set match and skill for work at `school`."""
    f.amount[i, MATCH] = f.match_sd[school] * match_draw(key, f.id[i], f.code[i, HIRED], f.school_id[school])
    update_skill(f, i)


@helper
def go_home(f: Staff, i: int, key: Key) -> None:
    """End a stay: back to the home school, at half the cost of a new post; the clock of years restarts."""
    f.code[i, POST] = f.code[i, HOME]
    f.code[i, PARTNER] = -1
    f.code[i, BACKFILL] = 0
    f.amount[i, AWAY_UNTIL] = -np.inf
    f.amount[i, TENURE] = 0.0
    f.amount[i, SCHOOL_YEARS] = 0.0
    f.amount[i, SHOCK] = RETURN_SHOCK
    update_match(f, i, f.code[i, HOME], key)


@inlined
def end_visit(f: Staff, i: int) -> None:
    """End itinerant teaching at a second school."""
    f.code[i, VISITING] = -1
    f.code[i, BACKFILL] = 0
    f.amount[i, VISIT_SHARE] = 0.0
    f.amount[i, AWAY_UNTIL] = -np.inf


@inlined
def is_free(f: Staff, i: int) -> bool:
    """Whether a teacher works at home and nowhere else."""
    return f.code[i, POST] == f.code[i, HOME] and f.code[i, VISITING] < 0
