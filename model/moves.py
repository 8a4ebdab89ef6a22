"""One move of one teacher: who may go, in which order they are asked, where to, with whose consent, and who covers.

A rotation rule is numbers; these functions know nothing else of it. Which teachers go is the sending school's decision
(xu2012 and jackson2013 on what moves with a teacher; the strategic choice is this model's assumption).
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.arithmetic import exp, log, logistic
from model.attributes import (
    COMPULSORY,
    COVER,
    DESTINATION,
    INCENTIVE,
    KIND,
    RECEIVES,
    RULE_LEAD,
    STAY,
    TIME_SHARE,
    YEARS,
)
from model.chance import Key, Stream, pair_id, uniform
from model.codes import MINOR_SUBJECTS, Backfill, Destination, Employment, Honour, Who
from model.columns import Flags, Floats, Positions, Rows
from model.compilation import compiled, helper, inlined, maker
from model.parameters import Rotation as Numbers
from model.staff import (
    AWAY_UNTIL,
    BACKFILL,
    EMPLOYMENT,
    HOME,
    HONOUR,
    MORALE,
    PARTNER,
    POST,
    QUALIFIED,
    SCHOOL_YEARS,
    SHOCK,
    SKILL,
    SUBJECT,
    TENURE,
    VISIT_SHARE,
    VISITING,
    Staff,
    ability,
    go_home,
    is_free,
    update_match,
)

KM = 10.0


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
    """Everything a move needs: people, tallies by school that moves keep up to date, one rule, numbers, the moment.

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
    rule_code: NDArray[np.int32]
    rule_amount: Floats
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
        home, visiting = f.code[i, HOME], f.code[i, VISITING]
        if not c.opened[home]:
            continue
        c.tally[home, Tally.POSTS] += 1.0
        count_at(c, i, f.code[i, POST], 1.0)
        if f.code[i, POST] != home:
            c.tally[home, Tally.AWAY] += 1.0
        if visiting >= 0:
            c.tally[home, Tally.AWAY] += f.amount[i, VISIT_SHARE]
            c.lacking[visiting, f.code[i, SUBJECT]] -= f.amount[i, VISIT_SHARE] if f.code[i, QUALIFIED] else 0.0


@inlined
def count_at(c: Case, i: int, school: int, sign: float) -> None:
    """Add (or take away) a teacher at a school."""
    f = c.f
    c.tally[school, Tally.STAFF] += sign
    c.tally[school, Tally.ABILITY] += sign * ability(f, i)
    c.tally[school, Tally.BACKBONE] += sign if f.code[i, HONOUR] != Honour.NONE else 0.0
    if f.code[i, QUALIFIED]:
        c.qualified[school, f.code[i, SUBJECT]] += sign
    else:
        c.lacking[school, f.code[i, SUBJECT]] += sign


@inlined
def mean_ability(c: Case, school: int) -> float:
    """Return the mean ability (σ) of those who work at a school."""
    return c.tally[school, Tally.ABILITY] / max(1.0, c.tally[school, Tally.STAFF])


@inlined
def has_room(c: Case, school: int, more: float) -> bool:
    """Whether `more` of the school's own staff may still go away."""
    return c.tally[school, Tally.AWAY] + more <= c.p.most_away * c.tally[school, Tally.POSTS] + 1e-9


@inlined
def _fits(f: Staff, i: int, kind: int) -> bool:
    """Whether a teacher is of the kind that the policy names."""
    if kind == Who.BACKBONE:
        return f.code[i, HONOUR] >= Honour.BACKBONE
    if kind == Who.MINOR_QUALIFIED:
        return f.code[i, QUALIFIED] and f.code[i, SUBJECT] in MINOR_SUBJECTS
    return kind != Who.MASTERS or f.code[i, HONOUR] >= Honour.MASTER


@inlined
def is_eligible(c: Case, i: int) -> bool:
    """Whether a teacher has the years at one school, is of the kind named and is not excused this year."""
    home = c.f.code[i, HOME]
    years = c.rule_amount[home, YEARS]
    years = c.p.eligible_years if np.isnan(years) else years
    if not is_free(c.f, i) or c.f.code[i, EMPLOYMENT] != Employment.ESTABLISHED or c.f.amount[i, SCHOOL_YEARS] < years:
        return False
    return (
        _fits(c.f, i, c.rule_code[home, KIND])
        and uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.EXCUSED) < c.p.eligible_share
    )


@maker
def eligible_rows(c: Case, school: int) -> Positions:
    """Return the eligible of a school, in row order."""
    rows = c.order[c.start[school] : c.start[school + 1]]
    keep = np.empty(len(rows), dtype=np.int64)
    count = 0
    for i in rows:
        if is_eligible(c, i):
            keep[count] = i
            count += 1
    return keep[:count]


@helper
def selection_strength(selection: float, sends_best: float) -> float:
    """Return s = s₀ · (2 · head_on_members − 1): below 0 the school sends whom it can spare, above 0 its best."""
    return selection * (2.0 * sends_best - 1.0)


@maker
def race_keys(f: Staff, rows: Positions, strength: float, key: Key, year: int) -> Floats:
    """Return −ln u / exp(s · z) for each row, z the standardised skill: the smallest keys go first."""
    mean, square = 0.0, 0.0
    for i in rows:
        mean += f.amount[i, SKILL]
    mean /= max(1, len(rows))
    for i in rows:
        square += (f.amount[i, SKILL] - mean) * (f.amount[i, SKILL] - mean)
    sd = np.sqrt(square / max(1, len(rows)))
    out = np.empty(len(rows))
    for n in range(len(rows)):
        z = (f.amount[rows[n], SKILL] - mean) / sd if sd > 0.0 else 0.0
        out[n] = -log(uniform(key, f.id[rows[n]], year, Stream.ROTATION, Draw.RACE)) * exp(-strength * z)
    return out


@maker
def chosen_order(f: Staff, rows: Positions, keys: Floats, wanted: int, backbone: int) -> Positions:
    """Return rows in the order in which they are asked: the backbone places first, then whoever comes next."""
    order = np.argsort(keys, kind="mergesort")
    first = np.zeros(len(rows), dtype=np.bool_)
    out = np.empty(len(rows), dtype=np.int64)
    count = 0
    for n in order:
        if count < min(backbone, wanted) and f.code[rows[n], HONOUR] >= Honour.BACKBONE:
            first[n] = True
            out[count] = rows[n]
            count += 1
    for n in order:
        if not first[n]:
            out[count] = rows[n]
            count += 1
    return out


@inlined
def _distance(place: Floats, a: int, b: int) -> float:
    dx, dy = place[a, 0] - place[b, 0], place[a, 1] - place[b, 1]
    return np.sqrt(dx * dx + dy * dy)


@inlined
def _is_better_place(c: Case, i: int, j: int, best: int) -> bool:
    """Whether school j comes before school `best` as a destination for teacher i."""
    home = c.f.code[i, HOME]
    kind = c.rule_code[home, DESTINATION]
    if kind == Destination.NEAREST:
        return _distance(c.place, home, j) < _distance(c.place, home, best)
    if kind == Destination.RANDOM:
        one = uniform(c.key, pair_id(c.f.id[i], c.f.school_id[j]), c.year, Stream.ROTATION, Draw.PLACE)
        return one < uniform(c.key, pair_id(c.f.id[i], c.f.school_id[best]), c.year, Stream.ROTATION, Draw.PLACE)
    one, other = mean_ability(c, j), mean_ability(c, best)
    if one == other:
        return c.lacking[j, c.f.code[i, SUBJECT]] > c.lacking[best, c.f.code[i, SUBJECT]]
    return one < other


@helper
def _destination(c: Case, i: int, schools: Positions) -> int:
    """Return the school that teacher i is sent to, or −1."""
    home = c.f.code[i, HOME]
    kind = c.rule_code[home, DESTINATION]
    lead = c.rule_code[home, RULE_LEAD]
    only_lead = kind == Destination.LEAD or (kind == Destination.PAIR and lead >= 0 and lead != home)
    best = -1
    for j in schools:
        if j == home or not c.rule_code[j, RECEIVES] or not c.opened[j] or (only_lead and j != lead):
            continue
        swapped = c.rule_code[home, COVER] == Backfill.SWAP and c.rule_amount[home, TIME_SHARE] >= 1.0
        if swapped and not has_room(c, j, 1.0):
            continue
        if best < 0 or _is_better_place(c, i, j, best):
            best = j
    return best


@helper
def willingness(p: Numbers, incentive: float, km: float, culture: float) -> float:
    """Return the probability that a teacher agrees to go."""
    logit = p.willing_base + p.willing_incentive * incentive
    return logistic(logit + p.willing_distance * km / KM + p.willing_culture * culture)


@helper
def _agrees(c: Case, i: int, to: int) -> bool:
    home = c.f.code[i, HOME]
    culture = abs(c.place[home, 2] - c.place[to, 2])
    chance = willingness(c.p, c.rule_amount[home, INCENTIVE], _distance(c.place, home, to), culture)
    return uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.WILLING) < chance


@helper
def may_go(c: Case, i: int, to: int) -> bool:
    """Whether teacher i can be sent to a school: always where the policy is compulsory, else with consent."""
    return c.rule_code[c.f.code[i, HOME], COMPULSORY] != 0 or _agrees(c, i, to)


@helper
def blind_partner(c: Case, i: int, school: int, honoured: bool) -> int:
    """Return a free teacher of `school`, of i's subject where possible, chosen blind; −1 if there is none."""
    best, best_same, best_key = -1, False, np.inf
    for j in c.order[c.start[school] : c.start[school + 1]]:
        same = c.f.code[j, SUBJECT] == c.f.code[i, SUBJECT]
        if best_same and not same:
            continue
        if not is_free(c.f, j) or c.f.code[j, EMPLOYMENT] != Employment.ESTABLISHED:
            continue
        if c.f.code[j, HONOUR] != Honour.NONE and not honoured:
            continue
        draw = uniform(c.key, c.f.id[j], c.year, Stream.ROTATION, Draw.PARTNER)
        if (same != best_same or draw < best_key) and may_go(c, j, c.f.code[i, HOME]):
            best, best_same, best_key = j, same, draw
    return best


@helper
def _arrive(c: Case, i: int, school: int, until: float) -> None:
    """Teacher i starts work at another school."""
    f = c.f
    count_at(c, i, f.code[i, POST], -1.0)
    f.code[i, POST] = school
    f.amount[i, TENURE], f.amount[i, SHOCK], f.amount[i, AWAY_UNTIL] = 0.0, 1.0, until
    update_match(f, i, school, c.key)
    count_at(c, i, school, 1.0)
    c.tally[f.code[i, HOME], Tally.AWAY] += 1.0


@helper
def _visit(c: Case, i: int, school: int, until: float) -> None:
    """Teacher i teaches part of the week at another school; home and post stay."""
    home = c.f.code[i, HOME]
    share = c.rule_amount[home, TIME_SHARE]
    c.f.code[i, VISITING], c.f.amount[i, VISIT_SHARE], c.f.amount[i, AWAY_UNTIL] = school, share, until
    c.f.code[i, BACKFILL] = c.rule_code[home, COVER]
    c.tally[home, Tally.AWAY] += share
    if c.f.code[i, QUALIFIED]:
        c.lacking[school, c.f.code[i, SUBJECT]] -= share


@helper
def _until(c: Case, school: int) -> float:
    years = c.rule_amount[school, STAY]
    return c.year + (c.p.stay_years if np.isnan(years) else years)


@helper
def _ask(c: Case, i: int, to: int) -> None:
    """Where the policy is compulsory, an unwilling teacher goes too, at a loss of morale."""
    if c.rule_code[c.f.code[i, HOME], COMPULSORY] and not _agrees(c, i, to):
        c.f.amount[i, MORALE] -= c.p.unwilling_cost


@helper
def send(c: Case, i: int, to: int, partner: int) -> None:
    """Carry out one move, with the counterpart of a swap."""
    home = c.f.code[i, HOME]
    _ask(c, i, to)
    until = _until(c, home)
    if c.rule_amount[home, TIME_SHARE] < 1.0:
        _visit(c, i, to, until)
        return
    c.f.code[i, BACKFILL] = c.rule_code[home, COVER]
    _arrive(c, i, to, until)
    if partner >= 0:
        _ask(c, partner, home)
        _arrive(c, partner, home, until)
        c.f.code[partner, BACKFILL] = Backfill.SWAP
        c.f.code[i, PARTNER], c.f.code[partner, PARTNER] = partner, i


@helper
def try_to_send(c: Case, i: int, schools: Positions) -> bool:
    """Send teacher i if there is a place, a cover where one is needed, and consent where it is asked."""
    home = c.f.code[i, HOME]
    share = min(1.0, c.rule_amount[home, TIME_SHARE])
    to = _destination(c, i, schools)
    if to < 0 or not has_room(c, home, share) or not is_free(c.f, i):
        return False
    if not may_go(c, i, to):
        return False
    partner = -1
    if c.rule_code[home, COVER] == Backfill.SWAP and share >= 1.0:
        partner = blind_partner(c, i, to, True)
        if partner < 0:
            return False
    send(c, i, to, partner)
    return True


@helper
def send_home(c: Case, i: int) -> None:
    """End a permanent redeployment, keeping the tallies."""
    count_at(c, i, c.f.code[i, POST], -1.0)
    go_home(c.f, i, c.key)
    count_at(c, i, c.f.code[i, HOME], 1.0)
    c.tally[c.f.code[i, HOME], Tally.AWAY] -= 1.0
