"""Rows of the teacher table packed by person, for the annual decisions that look at many facts of few people.

Large worlds are packed in blocks of counties, one after the other.

`code` holds whole numbers and `amount` quantities, one row a post; the names below are their fields.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chance import Key
from model.codes import Backfill
from model.columns import Floats, Ids
from model.compilation import helper, inlined
from model.person import match_draw
from model.world import World

CODES = (
    "home", "post", "visiting", "partner", "backfill", "hired", "subject", "qualified", "title", "honour", "employment",
)  # fmt: skip
AMOUNTS = (
    "visit_share", "away_until", "experience", "career", "tenure", "school_years", "years_away", "talent", "extra",
    "match", "skill", "morale", "shock",
)  # fmt: skip
FACTS = (*CODES, *AMOUNTS)
# Entries of arrays of these types have the names as attributes, in Python and in kernels.
CODE = np.dtype((np.record, [(name, np.int32) for name in CODES]))
AMOUNT = np.dtype((np.record, [(name, np.float64) for name in AMOUNTS]))
RETURN_SHOCK = 0.5
# Rows at a time: all columns of so many fit in the processor's cache.
PIECE = 4096
# Posts at a time: packed they take 30 MB.
PACKED = 200_000


class Block(NamedTuple):
    """Rows of the posts and schools of whole counties, which share neither with others."""

    posts: slice
    schools: slice


def blocks(world: World) -> list[Block]:
    """Return blocks of so many posts that a packed country needs little memory, in order."""
    county, first = world.index.county_start, world.index.area_start
    out, begin = [], 0
    for end in first[1:].tolist():
        if county[end] - county[begin] >= PACKED or end == first[-1]:
            schools = np.searchsorted(world.schools.county, (begin, end))
            out.append(Block(slice(int(county[begin]), int(county[end])), slice(*map(int, schools))))
            begin = end
    return out


class Staff(NamedTuple):
    """Posts of a block packed by row, with what a match needs: ids of posts and schools, SD of match by school.

    Schools are rows of the whole table, partners rows of the block.
    """

    id: Ids
    code: NDArray[np.void]
    amount: NDArray[np.void]
    school_id: Ids
    match_sd: Floats


def pack(world: World, posts: slice) -> Staff:
    """Return rows of the teacher table packed; changing that leaves the table as it is."""
    t, s, count = world.teachers, world.schools, posts.stop - posts.start
    staff = Staff(t.id[posts], np.empty(count, CODE), np.empty(count, AMOUNT), s.id, world.regions.match_sd[s.region])
    fields = [(field_of(staff, name), column) for name, column in zip(FACTS, attrgetter(*FACTS)(t), strict=True)]
    for rows, block in _pieces(posts):
        for field, column in fields:
            field[block] = column[rows]
    _shift(staff.code["partner"], -posts.start)
    return staff


def unpack(staff: Staff, columns: dict[str, NDArray[Any]], posts: slice) -> None:
    """Set these rows of teacher columns, of their own type, to what is packed."""
    _shift(staff.code["partner"], posts.start)
    fields = [(field_of(staff, name), column) for name, column in columns.items()]
    for rows, block in _pieces(posts):
        for field, column in fields:
            column[rows] = field[block]


def field_of(staff: Staff, name: str) -> NDArray[Any]:
    """Return one fact of everybody packed, a view."""
    return (staff.code if name in CODES else staff.amount)[name]


def _pieces(posts: slice) -> Iterator[tuple[slice, slice]]:
    """Yield rows of the table and rows of the block, few at a time."""
    for first in range(posts.start, posts.stop, PIECE):
        last = min(first + PIECE, posts.stop)
        yield slice(first, last), slice(first - posts.start, last - posts.start)


def _shift(partner: NDArray[np.int32], by: int) -> None:
    """Add to the row numbers of partners, leaving −1."""
    np.add(partner, by, out=partner, where=partner >= 0)


@inlined
def update_skill(f: Staff, i: int) -> None:
    """Set skill from its four parts."""
    f.amount[i].skill = f.amount[i].talent + f.amount[i].career + f.amount[i].extra + f.amount[i].match


@inlined
def ability(f: Staff, i: int) -> float:
    """Return skill without the match (σ): what a teacher takes along."""
    return f.amount[i].talent + f.amount[i].career + f.amount[i].extra


@helper
def update_match(f: Staff, i: int, school: int, key: Key) -> None:
    """Set match and skill for work at `school`."""
    f.amount[i].match = f.match_sd[school] * match_draw(key, f.id[i], f.code[i].hired, f.school_id[school])
    update_skill(f, i)


@helper
def go_home(f: Staff, i: int, key: Key) -> None:
    """End a stay: back to the home school, at half the cost of a new post; the clock of years restarts."""
    f.code[i].post = f.code[i].home
    f.code[i].partner = -1
    f.code[i].backfill = Backfill.NONE
    f.amount[i].away_until = -np.inf
    f.amount[i].tenure = 0.0
    f.amount[i].school_years = 0.0
    f.amount[i].shock = RETURN_SHOCK
    update_match(f, i, f.code[i].home, key)


@inlined
def end_visit(f: Staff, i: int) -> None:
    """End itinerant teaching at a second school."""
    f.code[i].visiting = -1
    f.code[i].backfill = Backfill.NONE
    f.amount[i].visit_share = 0.0
    f.amount[i].away_until = -np.inf


@inlined
def is_free(f: Staff, i: int) -> bool:
    """Whether a teacher works at home and nowhere else."""
    return f.code[i].post == f.code[i].home and f.code[i].visiting < 0
