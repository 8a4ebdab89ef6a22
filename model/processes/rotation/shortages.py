"""Qualified teachers go where a subject lacks them."""

import numpy as np

from model.chance import Stream, uniform
from model.codes import Employment
from model.columns import Positions
from model.compilation import helper
from model.processes.rotation.case import Case, Draw, has_room
from model.processes.rotation.choice import is_eligible
from model.processes.rotation.moves import send
from model.processes.rotation.places import may_go
from model.staff import is_free


@helper
def _shortest(c: Case, schools: Positions, least: float) -> tuple[int, int]:
    """Return the school and subject with the largest untried shortage of qualified lessons, at least `least`."""
    school, subject, worst = -1, -1, least
    for j in schools:
        for k in range(c.lacking.shape[1]):
            larger = c.lacking[j, k] > worst or (school < 0 and c.lacking[j, k] >= least)
            if c.opened[j] and c.rules[j].receives and not c.tried[j, k] and larger:
                school, subject, worst = j, k, c.lacking[j, k]
    return school, subject


@helper
def _helper(c: Case, schools: Positions, to: int, subject: int) -> int:
    """Return a qualified free teacher of the subject, from the school with most of them and no own shortage."""
    donor = -1
    for j in schools:
        own = c.lacking[j, subject] <= 0.0 and c.qualified[j, subject] > 1.0
        share = min(1.0, c.rules[j].time_share)
        able = j != to and c.opened[j] and c.rules[j].sends and own and c.cap[j] >= share and has_room(c, j, share)
        if able and (donor < 0 or c.qualified[j, subject] > c.qualified[donor, subject]):
            donor = j
    if donor < 0:
        return -1
    best, best_key = -1, np.inf
    for i in c.order[c.start[donor] : c.start[donor + 1]]:
        able = c.f.code[i].qualified and c.f.code[i].subject == subject and c.f.amount[i].experience > 0.0
        draw = uniform(c.key, c.f.id[i], c.year, Stream.ROTATION, Draw.RACE) if able else np.inf
        if draw < best_key and is_eligible(c, i) and may_go(c, i, to):
            best, best_key = i, draw
    return best


@helper
def _unqualified_partner(c: Case, school: int, subject: int, to: int) -> int:
    """Return a free teacher of `school` who teaches the subject unqualified and may go to `to`; −1 for nobody."""
    for j in c.order[c.start[school] : c.start[school + 1]]:
        able = is_free(c.f, j) and c.f.code[j].employment == Employment.ESTABLISHED and not c.f.code[j].qualified
        if able and c.f.code[j].subject == subject and may_go(c, j, to):
            return j
    return -1


@helper
def cover_shortages(c: Case, schools: Positions) -> None:
    """Send qualified teachers where a subject lacks them, the largest shortage first."""
    for j in schools:
        c.tried[j] = False
    while True:
        to, subject = _shortest(c, schools, 0.5)
        if to < 0:
            return
        i = _helper(c, schools, to, subject)
        full = i >= 0 and c.rules[c.f.code[i].home].time_share >= 1.0
        partner = _unqualified_partner(c, to, subject, c.f.code[i].home) if full else -1
        if i < 0 or (full and (partner < 0 or not has_room(c, to, 1.0))):
            c.tried[to, subject] = True
            continue
        c.cap[c.f.code[i].home] -= min(1.0, c.rules[c.f.code[i].home].time_share)
        send(c, i, to, partner)
