"""What a move needs to know: people, one rule, tallies by school that moves keep up to date, the moment."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.attributes.rules import Rules
from model.chance import Key, Stream, uniform
from model.codes import Honour
from model.columns import Flags, Floats, Positions, Rows
from model.compilation import compiled, inlined
from model.parameters import Rotation as Numbers
from model.staff import Staff, ability

QUANTITIES = ("share", "backbone_share", "eligible_years", "time_share", "stay_years", "incentive")
WHOLE = tuple(name for name in Rules._fields if name not in QUANTITIES)
FIELDS = [*((name, np.float64) for name in QUANTITIES), *((name, np.int32) for name in WHOLE)]
RULE = np.dtype((np.record, np.dtype(FIELDS, align=True)))


def packed_rule(rules: Rules, number: int) -> NDArray[np.void]:
    """Return one rule by school with its fields packed by row, shape (S,)."""
    out = np.empty(rules.pool.shape[1], dtype=RULE)
    for name in Rules._fields:
        out[name] = getattr(rules, name)[number]
    return out


class Draw(IntEnum):
    """The frozen number of each draw under `Stream.ROTATION`."""

    EXCUSED = 0
    RACE = 1
    PARTNER = 2
    WILLING = 3
    PLACE = 4
    TURN = 5


class Tally(IntEnum):
    """What moves keep count of, by school."""

    POSTS = 0
    STAFF = 1
    ABILITY = 2
    AWAY = 3
    BACKBONE = 4


class Case(NamedTuple):
    """Everything a move needs: people, tallies that moves keep up to date, one rule by school, numbers, the moment.

    `order` and `start` list rows by home school; `tally` has the columns of `Tally`, `lacking` and `qualified` count
    unqualified and qualified teachers by subject; `place` is x, y (km) and character; `cap`, `worth` and `tried` are
    room by school that each pool fills for its own.
    """

    f: Staff
    order: Positions
    start: Rows
    opened: Flags
    place: Floats
    tally: Floats
    lacking: Floats
    qualified: Floats
    cap: Floats
    worth: Floats
    tried: Flags
    rules: NDArray[np.void]
    sends_best: Floats
    p: Numbers
    key: Key
    year: int


@inlined
def whole(c: Case, school: int, number: float) -> float:
    """Return a number of people made whole by chance, so that a tenth of three teachers go in three years of ten."""
    return np.floor(number + uniform(c.key, c.f.school_id[school], c.year, Stream.ROTATION, Draw.TURN))


@compiled
def tally_up(c: Case) -> None:
    """Fill the tallies from where everybody works."""
    f = c.f
    for i in range(len(f.code)):
        home, visiting = f.code[i].home, f.code[i].visiting
        if not c.opened[home]:
            continue
        c.tally[home, Tally.POSTS] += 1.0
        count_at(c, i, f.code[i].post, 1.0)
        if f.code[i].post != home:
            c.tally[home, Tally.AWAY] += 1.0
        if visiting >= 0:
            c.tally[home, Tally.AWAY] += f.amount[i].visit_share
            c.lacking[visiting, f.code[i].subject] -= f.amount[i].visit_share if f.code[i].qualified else 0.0


@inlined
def count_at(c: Case, i: int, school: int, sign: float) -> None:
    """Add (or take away) a teacher at a school."""
    f = c.f
    c.tally[school, Tally.STAFF] += sign
    c.tally[school, Tally.ABILITY] += sign * ability(f, i)
    c.tally[school, Tally.BACKBONE] += sign if f.code[i].honour != Honour.NONE else 0.0
    if f.code[i].qualified:
        c.qualified[school, f.code[i].subject] += sign
    else:
        c.lacking[school, f.code[i].subject] += sign


@inlined
def mean_ability(c: Case, school: int) -> float:
    """Return the mean ability (σ) of those who work at a school."""
    return c.tally[school, Tally.ABILITY] / max(1.0, c.tally[school, Tally.STAFF])


@inlined
def has_room(c: Case, school: int, more: float) -> bool:
    """Whether `more` of the school's own staff may still go away."""
    return c.tally[school, Tally.AWAY] + more <= c.p.most_away * c.tally[school, Tally.POSTS] + 1e-9
