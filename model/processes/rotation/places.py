"""Where a teacher is sent, with whose consent, and in exchange for whom."""

import numpy as np

from model.arithmetic import logistic
from model.chance import Stream, pair_id, uniform
from model.codes import Backfill, Destination, Employment, Honour
from model.columns import Floats, Positions
from model.compilation import helper, inlined
from model.parameters import Rotation as Numbers
from model.processes.rotation.case import Case, Draw, has_room, mean_ability
from model.staff import is_free

KM = 10.0


@inlined
def _distance(place: Floats, a: int, b: int) -> float:
    dx, dy = place[a, 0] - place[b, 0], place[a, 1] - place[b, 1]
    return np.sqrt(dx * dx + dy * dy)


@inlined
def _is_better_place(c: Case, i: int, j: int, best: int) -> bool:
    """Whether school j comes before school `best` as a destination for teacher i."""
    home = c.f.code[i].home
    kind = c.rules[home].destination
    if kind == Destination.NEAREST:
        return _distance(c.place, home, j) < _distance(c.place, home, best)
    if kind == Destination.RANDOM:
        one = uniform(c.key, pair_id(c.f.id[i], c.f.school_id[j]), c.year, Stream.ROTATION, Draw.PLACE)
        return one < uniform(c.key, pair_id(c.f.id[i], c.f.school_id[best]), c.year, Stream.ROTATION, Draw.PLACE)
    one, other = mean_ability(c, j), mean_ability(c, best)
    if one == other:
        return c.lacking[j, c.f.code[i].subject] > c.lacking[best, c.f.code[i].subject]
    return one < other


@helper
def destination(c: Case, i: int, schools: Positions) -> int:
    """Return the school that teacher i is sent to, or −1."""
    home = c.f.code[i].home
    kind = c.rules[home].destination
    lead = c.rules[home].lead
    only_lead = kind == Destination.LEAD or (kind == Destination.PAIR and lead >= 0 and lead != home)
    best = -1
    for j in schools:
        if j == home or not c.rules[j].receives or not c.opened[j] or (only_lead and j != lead):
            continue
        swapped = c.rules[home].backfill == Backfill.SWAP and c.rules[home].time_share >= 1.0
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
def agrees(c: Case, i: int, to: int) -> bool:
    """Whether teacher i is willing to go to a school, by a draw."""
    home = c.f.code[i].home
    culture = abs(c.place[home, 2] - c.place[to, 2])
    chance = willingness(c.p, c.rules[home].incentive, _distance(c.place, home, to), culture)
    return uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.WILLING) < chance


@helper
def may_go(c: Case, i: int, to: int) -> bool:
    """Whether teacher i can be sent to a school: always where the policy is compulsory, else with consent."""
    return c.rules[c.f.code[i].home].compulsory != 0 or agrees(c, i, to)


@helper
def blind_partner(c: Case, i: int, school: int, honoured: bool) -> int:
    """Return a free teacher of `school`, of i's subject where possible, chosen blind; −1 if there is none."""
    best, best_same, best_key = -1, False, np.inf
    for j in c.order[c.start[school] : c.start[school + 1]]:
        same = c.f.code[j].subject == c.f.code[i].subject
        if best_same and not same:
            continue
        if not is_free(c.f, j) or c.f.code[j].employment != Employment.ESTABLISHED:
            continue
        if c.f.code[j].honour != Honour.NONE and not honoured:
            continue
        draw = uniform(c.key, c.f.id[j], c.year, Stream.ROTATION, Draw.PARTNER)
        if (same != best_same or draw < best_key) and may_go(c, j, c.f.code[i].home):
            best, best_same, best_key = j, same, draw
    return best
